"""What a contributor hands in: a report too heavy for a mail, and a deck of slides."""

import io
import random
from pathlib import Path

import pptx
import typst
from PIL import Image

MEGABYTE = 1024 * 1024
SENTENCE = (
    "Nhờ lò sấy năng lượng mặt trời, bản Nà Hồ giảm lượng măng khô bị mốc từ ba phần mười"
    " xuống còn một phần hai mươi."
)
"""Of the seventh slide: solar dryers, and how much less of the dried bamboo shoots goes mouldy."""
SLIDES = [
    ("Măng khô bản Nà Hồ", "Mười hai hộ cùng làm trong hai mùa mưa."),
    ("Trước khi bắt đầu", "Mỗi hộ phơi riêng trên sân, gặp mưa là hỏng."),
    ("Ai tham gia", "Tổ phụ nữ giữ sổ chung và chia lịch dùng lò."),
    ("Chi phí", "Khung tre, tấm nhựa trong và một quạt nhỏ cho mỗi lò."),
    ("Bán hàng", "Hợp tác xã gom hàng và bán ở chợ phiên mỗi tuần."),
    ("Khó khăn", "Quạt hỏng trong tháng đầu, phải thay loại bền hơn."),
    ("Kết quả", SENTENCE),
    ("Việc cần làm tiếp", "Đóng gói nhỏ hơn và ghi ngày sấy trên nhãn."),
    ("Câu hỏi", "Bản khác có thể mượn bản vẽ lò ở ủy ban xã."),
]
PAGES = [
    "Báo cáo của tổ hợp tác về mùa măng. Chúng tôi ghi lại việc hái, luộc và phơi theo từng tuần.",
    "Các hộ họp vào tối thứ hai để chia việc. Biên bản do kế toán của hợp tác xã lưu giữ.",
    "Nước luộc măng được lọc qua cát trước khi xả, vì suối này cũng dùng cho ruộng bậc thang.",
    "Người mua ở thành phố hỏi về nguồn gốc, nên mỗi bao có tên của hộ và tên của đồi.",
]


def deck(path: Path, *, place: str = "") -> Path:
    """Write slides in Vietnamese; those of another place are another file."""
    made = pptx.Presentation()
    for title, text in SLIDES:
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = f"{title} {place}".strip()
        slide.placeholders[1].text = text
    made.save(str(path))
    return path


def report(path: Path, *, megabytes: int = 12) -> Path:
    """Write a Vietnamese PDF of at least so many megabytes: text, and photographs of noise."""
    chance = random.Random(5)
    pictures, weight = [], 0
    while weight < megabytes * MEGABYTE:
        picture = path.with_name(f"{path.stem}-{len(pictures)}.jpg")
        noise = Image.frombytes("RGB", (1400, 1000), chance.randbytes(1400 * 1000 * 3))
        content = io.BytesIO()
        noise.save(content, "JPEG", quality=90)
        picture.write_bytes(content.getvalue())
        weight += len(content.getvalue())
        pictures.append(picture)
    pages = [
        f'{PAGES[at % len(PAGES)]}\n\n#image("{picture.name}", width: 60%)'
        for at, picture in enumerate(pictures)
    ]
    source = path.with_suffix(".typ")
    head = '#set text(font: "Noto Sans", lang: "vi")\n#set document(title: "Báo cáo")\n'
    source.write_text(head + "\n#pagebreak()\n".join(pages), encoding="utf-8")
    typst.compile(str(source), output=str(path), root=str(path.parent))
    assert path.stat().st_size >= megabytes * MEGABYTE
    return path
