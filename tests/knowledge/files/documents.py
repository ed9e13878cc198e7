"""Documents as offices make them, in many languages, with what stands on each page."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import docx
import openpyxl
import pptx
import typst
from docx.enum.text import WD_BREAK
from pptx.util import Inches

SENTENCES = {
    "vi": [
        "Hợp tác xã Tân Triều đóng gói bưởi theo tiêu chuẩn năm sao và bán qua sàn thương mại điện tử.",
        "Hội đồng cấp tỉnh chấm điểm sản phẩm hai lần mỗi năm, mỗi lần kéo dài ba ngày.",
        "Phụ nữ dân tộc thiểu số giữ nghề dệt thổ cẩm và được vay vốn ưu đãi.",
        "Giấy chứng nhận có giá trị ba mươi sáu tháng kể từ ngày ban hành.",
    ],
    "th": [
        "กลุ่มแม่บ้านทำน้ำพริกจากสมุนไพรในหมู่บ้านและขายที่ตลาดนัดทุกวันเสาร์",
        "คณะกรรมการระดับจังหวัดคัดสรรผลิตภัณฑ์ปีละหนึ่งครั้งตามเกณฑ์ห้าดาว",
        "ผู้ผลิตต้องต่ออายุใบรับรองภายในกำหนดมิฉะนั้นจะขายในงานแสดงสินค้าไม่ได้",
        "ธนาคารให้กู้ดอกเบี้ยต่ำแก่วิสาหกิจชุมชนที่มีบัญชีครบถ้วน",
    ],
    "lo": [
        "ກຸ່ມແມ່ຍິງບ້ານໜອງບົວຕໍ່າແຜ່ນແພດ້ວຍມື ແລະ ຂາຍໃຫ້ນັກທ່ອງທ່ຽວ",
        "ຄະນະກຳມະການແຂວງໃຫ້ຄະແນນຜະລິດຕະພັນຕາມມາດຕະຖານແຫ່ງຊາດ",
        "ນ້ຳຕົ້ມຈາກໝາກໄມ້ເປັນສິນຄ້າໃໝ່ຂອງບ້ານ",
        "ໃບຢັ້ງຢືນມີອາຍຸສາມປີ ແລະ ຕ້ອງຕໍ່ໃໝ່",
    ],
    "fr": [
        "La coopérative des femmes vend son beurre de karité à l’étranger depuis l’année dernière.",
        "Le comité régional note chaque produit difficile à classer selon un barème officiel.",
        "Les artisans reçoivent une formation de cinq jours sur l’emballage et l’étiquetage.",
        "L’efficacité du programme a été mesurée auprès de quarante-deux villages.",
    ],
    "ar": [
        "تبيع التعاونية زيت الزيتون في الأسواق المحلية منذ ثلاث سنوات.",
        "تقيّم اللجنة الإقليمية كل منتج وفق معايير معلنة.",
        "حصلت النساء على قروض صغيرة لشراء معدات التعبئة.",
        "تنتهي صلاحية الشهادة بعد ستة وثلاثين شهرا.",
    ],
    "ja": [
        "大分県の村では柚子の加工品を作り、道の駅で販売している。",
        "審査会は年に二回開かれ、品質と物語の両方を評価する。",
        "女性グループが包装を改良し、売上げが三割増えた。",
        "認証の有効期間は三年で、更新の手続きが必要である。",
    ],
    "en": [
        "The village sells honey in jars of glass and bottles of clay.",
        "The provincial board grades every product twice a year in public.",
        "Members repay the revolving fund within eighteen months of the harvest.",
        "A certificate that has expired may no longer be shown on the packaging.",
    ],
}  # fmt: skip
FONTS = {
    "vi": "Noto Sans", "fr": "Noto Sans", "en": "Noto Sans", "th": "Noto Sans Thai",
    "lo": "Noto Sans Lao", "ar": "Noto Naskh Arabic", "ja": "Noto Sans CJK JP",
}  # fmt: skip
Pages = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Made:
    """A document, and what a reader of it would say stands on each page."""

    path: Path
    pages: Pages


def pages_in(language: str, count: int = 4) -> list[list[str]]:
    """Return pages of paragraphs, no two pages the same."""
    sentences = SENTENCES[language]
    return [
        [f"{100 * number + at + 211} {sentences[(number + at) % 4]}" for at in range(4)]
        for number in range(count)
    ]


def pdf(path: Path, language: str, *, running_head: str = "") -> Made:
    pages = pages_in(language, 8)
    direction = "rtl" if language == "ar" else "ltr"
    fonts = f'("{FONTS[language]}", "Noto Sans")'
    source = [f'#set text(font: {fonts}, lang: "{language}", dir: {direction}, size: 12pt)']
    source.append(
        f'#set page(header: [{running_head}], footer: context [#counter(page).display("1 / 1", both: true)])'
    )
    source.append("#set par(justify: true)")
    source.append("\n#pagebreak()\n".join("\n\n".join(page) for page in pages))
    path.write_bytes(typst.compile("\n".join(source).encode()))
    return Made(path, pages)


def word(path: Path, language: str) -> Made:
    pages = pages_in(language)
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "A head on every page"
    for at, page in enumerate(pages):
        for text in page[:-1]:
            document.add_paragraph(text)
        table = document.add_table(rows=1, cols=2)
        table.cell(0, 0).text, _space, table.cell(0, 1).text = page[-1].rpartition(" ")
        if at + 1 < len(pages):
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    document.save(str(path))
    return Made(path, pages)


def slides(path: Path, language: str, count: int = 8) -> Made:
    pages = pages_in(language, count)
    deck = pptx.Presentation()
    for page in pages:
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = page[0]
        group = slide.shapes.add_group_shape()
        box = group.shapes.add_textbox(Inches(1), Inches(2), Inches(6), Inches(1))
        box.text_frame.text = page[1]
        cells = slide.shapes.add_table(1, 2, Inches(1), Inches(4), Inches(6), Inches(1)).table
        cells.cell(0, 0).text = page[2]
        slide.notes_slide.notes_text_frame.text = page[3]
    deck.save(str(path))
    return Made(path, pages)


def sheets(path: Path, language: str) -> Made:
    pages = pages_in(language, 3)
    book = openpyxl.Workbook()
    for at, page in enumerate(pages):
        sheet = book.active if at == 0 else book.create_sheet()
        sheet.title = f"S{at + 1}"
        for row in page:
            sheet.append([row, 1200 + at, dt.date(2024, 3, 1 + at)])
    book.save(path)
    return Made(
        path, [[*page, str(1200 + at), f"2024-03-0{1 + at}"] for at, page in enumerate(pages)]
    )


def table(path: Path, language: str) -> Made:
    rows = pages_in(language, 1)[0]
    path.write_text("\n".join(f'"{row}",5' for row in rows), encoding="utf-8")
    return Made(path, [rows])


TEN: list[tuple[str, str, Callable[..., Made]]] = [
    ("vi", "pdf", pdf), ("th", "pdf", pdf), ("lo", "pdf", pdf), ("fr", "pdf", pdf),
    ("ar", "pdf", pdf), ("ja", "pdf", pdf), ("vi", "pptx", slides), ("th", "docx", word),
    ("ar", "docx", word), ("ja", "pptx", slides), ("fr", "xlsx", sheets), ("lo", "csv", table),
]  # fmt: skip
"""Language, ending, who makes it."""
