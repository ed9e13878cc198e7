"""Briefs: what a visitor gathers, what of it is true, and the documents that are made of it."""

import io
import re
from typing import Any

import docx
import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from docx.oxml.ns import qn
from docx.table import Table
from wagtail.models import PageViewRestriction, Site

from knowledge.briefs.basket import LONGEST_NOTE, LONGEST_TITLE, MOST_ITEMS, Basket, Item
from knowledge.models import CaseStudyPage, Fact, PolicyPage, SavedBrief, Source
from knowledge.models.base import WorkPage
from tests.factories import home_page, index_page, work

pytestmark = pytest.mark.django_db


def add(client: Client, page: WorkPage | int, passage: str = "", **fields: str) -> str:
    """Gather a work or a passage, and return where the visitor is led."""
    number = page if isinstance(page, int) else page.pk
    response = client.post("/brief/add", {"page": number, "passage": passage, **fields})
    assert response.status_code == 302
    return response.headers["Location"]


def keys(client: Client) -> list[str]:
    """Return what names the items on the page, in their order."""
    return re.findall(r'<textarea id="note-([^"]*)"', shown(client))


def change(client: Client, action: str, number: int | str = "", **fields: str) -> None:
    """Press a button of an item, beside which perhaps a comment was typed."""
    key = keys(client)[number] if isinstance(number, int) else number
    if "note" in fields:
        fields[f"note-{key}"] = fields.pop("note")
    response = client.post("/brief/change", {"action": f"{action} {key}".strip(), **fields})
    assert (response.status_code, response.headers["Location"]) == (302, "/brief/")


def shown(client: Client, language: str = "en") -> str:
    response = client.get("/brief/", headers={"accept-language": language})
    assert response.status_code == 200
    return str(response.content.decode())


def titles(client: Client) -> list[str]:
    return re.findall(r"<h2 [^>]*><a [^>]*>(.*?)</a></h2>", shown(client))


def passages(client: Client) -> list[str]:
    return re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", shown(client), re.DOTALL)


def taken(client: Client, form: str, **asked: str) -> bytes:
    response = client.get(f"/brief/brief.{form}", asked)
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == f'attachment; filename="brief.{form}"'
    return bytes(response.content)


def word_file(client: Client, **asked: str) -> Any:
    return docx.Document(io.BytesIO(taken(client, "docx", **asked)))


def lines(file: Any) -> list[str]:
    """Return the text of a Word document, that of its tables last."""
    cells = [cell for table in file.tables for row in table.rows for cell in row.cells]
    return [one.text for place in (file, *cells) for one in place.paragraphs]


def columns(file: Any, work: int = 0) -> list[str]:
    """Return the title of each language of a work in a Word document.

    One language alone has its title as the heading.
    """
    content = list(file.iter_inner_content())
    headings = [place for place, one in enumerate(content) if one.style.name == "Heading 1"]
    first = headings[work]
    if isinstance(content[first + 1], Table):
        return [cell.paragraphs[0].text for cell in content[first + 1].rows[0].cells]
    return [content[first].text.partition(". ")[2]]


def pdf_text(client: Client, **asked: str) -> str:
    reader = pytest.importorskip("pypdfium2")
    pages = reader.PdfDocument(taken(client, "pdf", **asked))
    text = " ".join(page.get_textpage().get_text_bounded() for page in pages)
    return " ".join(text.split())


def hide(page: WorkPage, how: str) -> None:
    if how == "draft":
        page.unpublish()
    else:
        PageViewRestriction.objects.create(page=page, restriction_type=how)


# Gathering.


def test_works_are_gathered_in_the_order_of_adding_each_once(client: Client) -> None:
    hives, jars = work(title="Hives"), work(title="Jars", summary="All of glass.")
    for page in (jars, hives, jars):
        add(client, page)
    assert titles(client) == ["Jars", "Hives"]
    assert "All of glass." in shown(client)


def test_a_work_offers_itself_for_the_brief(client: Client) -> None:
    page = work()
    html = client.get(page.url).content.decode()
    assert 'action="/brief/add"' in html
    assert f'name="page" value="{page.pk}"' in html


def test_what_is_in_the_brief_already_says_so_where_it_was_added(client: Client) -> None:
    page = work(text="Bees make honey.")
    for passage, offer in (("", "Add to brief"), ("Bees make honey.", "Add passage to brief")):
        address = page.url if not passage else "/search/?q=honey"
        assert offer in client.get(address).content.decode()
        add(client, page, passage, next=address)
        html = client.get(address).content.decode()
        assert html.count("It is in your brief.") == 2  # once beside the message
        assert f'id="work-{page.pk}"' in html
        assert offer not in html


def test_who_adds_to_a_full_brief_is_told(client: Client) -> None:
    session = client.session
    session["brief"] = {"items": [{"page": -number} for number in range(MOST_ITEMS)]}
    session.save()
    client.cookies["sessionid"] = session.session_key
    add(client, work())
    assert "Your brief is full." in shown(client)


def test_an_empty_brief_says_how_to_begin_and_leaves_no_session(client: Client) -> None:
    assert "There is nothing in your brief yet." in shown(client)
    assert "sessionid" not in client.cookies
    add(client, work())
    assert "sessionid" in client.cookies


def test_a_brief_belongs_to_one_visitor(client: Client) -> None:
    add(client, work(title="Hives"))
    assert titles(Client()) == []


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_what_the_visitor_may_not_open_cannot_be_gathered(client: Client, how: str) -> None:
    page = work(title="Secret")
    hide(page, how)
    assert client.post("/brief/add", {"page": page.pk}).status_code == 404
    assert "Secret" not in shown(client)


@pytest.mark.parametrize("number", ["", "0", "999999", "-1", "1.0", "x", "²", "9" * 18, "9" * 400])
def test_what_is_no_work_cannot_be_gathered(client: Client, number: str) -> None:
    work()
    assert client.post("/brief/add", {"page": number}).status_code == 404


def test_a_page_that_is_no_work_cannot_be_gathered(client: Client) -> None:
    work()
    for page in (home_page(), index_page(CaseStudyPage)):
        assert client.post("/brief/add", {"page": page.pk}).status_code == 404
    assert client.post("/brief/add").status_code == 404


@pytest.mark.parametrize(
    ("address", "back"),
    [
        ("/search/?q=honey&page=2", "/search/?q=honey&page=2"),
        ("/search/?q=honey#found", "/search/?q=honey"),
        ("", "/brief/"),
        ("search", "/brief/"),
        ("https://evil.example/", "/brief/"),
        ("//evil.example", "/brief/"),
        ("/\\evil.example", "/brief/"),
        ("javascript:alert(1)", "/brief/"),
    ],
)
def test_after_adding_the_visitor_is_led_back_but_never_elsewhere(
    client: Client, address: str, back: str
) -> None:
    page = work()
    at_hit = "" if back == "/brief/" else f"#work-{page.pk}"
    assert add(client, page, next=address) == back + at_hit


# Passages.


@pytest.fixture
def quoted() -> WorkPage:
    for number in (1, 2):
        Fact.objects.create(code=f"VN-{number}", statement=f"Statement {number}.")
    return work(
        title="Hives",
        summary="Of hives.",
        text="Bees make honey [@VN-1].\n\n## Jars\n\nGlass keeps it [@VN-2].",
    )


@pytest.mark.parametrize("passage", ["Bees make honey.", "  Bees\n make \t honey. ", "Of hives."])
def test_a_passage_that_stands_in_the_work_is_quoted(
    client: Client, quoted: WorkPage, passage: str
) -> None:
    add(client, quoted, passage)
    assert passages(client) == [" ".join(passage.split())]


@pytest.mark.parametrize(
    "passage",
    [
        "Bees make gold.",
        "Bees make honey",
        "bees make honey.",
        "Bees make honey. Glass keeps it.",
        "Bees make honey [@VN-1].",
        "honey",
        "<script>alert(1)</script>",
        "x" * 100_000,
        " ",
    ],
)
def test_words_that_do_not_stand_in_the_work_are_not_quoted(
    client: Client, quoted: WorkPage, passage: str
) -> None:
    add(client, quoted, passage)
    assert titles(client) == ["Hives"]
    assert passages(client) == []


def test_a_passage_of_another_work_is_not_quoted(client: Client, quoted: WorkPage) -> None:
    add(client, work(title="Jars", text="Other words."), "Bees make honey.")
    assert passages(client) == []


def test_a_work_and_its_passages_are_gathered_side_by_side(
    client: Client, quoted: WorkPage
) -> None:
    for passage in ("", "Glass keeps it.", "Bees make honey.", "Glass keeps it."):
        add(client, quoted, passage)
    assert titles(client) == ["Hives"] * 3
    assert passages(client) == ["Glass keeps it.", "Bees make honey."]


def test_a_passage_is_taken_along_with_the_evidence_of_its_own_figures(
    client: Client, quoted: WorkPage
) -> None:
    add(client, quoted, "Glass keeps it.")
    file = word_file(client)
    assert "[VN-2] Statement 2. (sourced) " in lines(file)
    assert not any("Statement 1." in line for line in lines(file))


def test_a_passage_keeps_its_language_and_is_no_markup(client: Client) -> None:
    page = work(title="عسل", text="العسل <b>جيد</b>.", language="ar")
    add(client, page, "العسل <b>جيد</b>.")
    html = shown(client)
    assert '<blockquote lang="ar" dir="rtl">العسل &lt;b&gt;جيد&lt;/b&gt;.</blockquote>' in html


# Order, comments, title.


@pytest.mark.parametrize(
    ("number", "by", "order"),
    [
        (0, 1, [2, 1, 3]),
        (2, -1, [1, 3, 2]),
        (0, -1, [1, 2, 3]),
        (2, 1, [1, 2, 3]),
        (-1, 1, [1, 2, 3]),
        (3, -1, [1, 2, 3]),
    ],
)
def test_an_item_moves_by_one_place_and_never_over_the_edge(
    number: int, by: int, order: list[int]
) -> None:
    basket = Basket(items=[Item(page=page) for page in (1, 2, 3)])
    basket.move(number, by)
    assert [one.page for one in basket.items] == order


def test_a_full_brief_takes_nothing_more() -> None:
    basket = Basket()
    assert all(basket.add(page) for page in range(MOST_ITEMS))
    assert not basket.add(MOST_ITEMS)
    basket.remove(0)
    assert basket.add(MOST_ITEMS)


@pytest.fixture
def three(client: Client) -> list[WorkPage]:
    pages = [work(title=title) for title in ("One", "Two", "Three")]
    for page in pages:
        add(client, page)
    return pages


@pytest.mark.parametrize(
    ("action", "number", "left"),
    [
        ("up", 1, ["Two", "One", "Three"]),
        ("down", 1, ["One", "Three", "Two"]),
        ("remove", 1, ["One", "Three"]),
    ],
)
@pytest.mark.usefixtures("three")
def test_the_visitor_orders_and_removes(
    client: Client, action: str, number: int | str, left: list[str]
) -> None:
    change(client, action, number)
    assert titles(client) == left


def test_a_brief_is_emptied_only_after_a_question(client: Client, three: list[WorkPage]) -> None:
    fields = {"action": "empty", "title": "Mine", f"note-{three[0].pk}": "On one."}
    response = client.post("/brief/change", fields)
    assert response.headers["Location"] == "/brief/empty"
    assert 'action="/brief/empty"' in client.get("/brief/empty").content.decode()
    assert "On one." in shown(client)  # who thinks better of it has lost nothing
    assert client.post("/brief/empty").headers["Location"] == "/brief/"
    assert titles(client) == []


@pytest.mark.parametrize("number", ["", "-1", "3", "99999", "1.5", "x", "9" * 400, "²"])
@pytest.mark.parametrize("action", ["up", "down", "remove", "save"])
@pytest.mark.usefixtures("three")
def test_a_place_that_is_none_changes_nothing(client: Client, action: str, number: str) -> None:
    change(client, action, number, note="Nowhere to stand.")
    assert titles(client) == ["One", "Two", "Three"]
    assert "Nowhere to stand." not in shown(client)


@pytest.mark.parametrize("action", ["save", "up", "down", "remove"])
def test_every_button_keeps_the_title_and_all_comments_that_were_typed(
    client: Client, three: list[WorkPage], action: str
) -> None:
    notes = {f"note-{page.pk}": f"On {page.title}." for page in three}
    change(client, action, 1, title="For the minister", **notes)
    html = shown(client)
    assert "<h1>For the minister</h1>" in html
    for title in titles(client):
        assert html.index(f">{title}</a>") < html.index(f">On {title}.</textarea>")


@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_what_was_typed_is_in_the_file_that_is_taken_along_at_once(
    client: Client, three: list[WorkPage], form: str
) -> None:
    fields = {"action": form, "first": "en", "whole": "1", f"note-{three[0].pk}": "On one."}
    response = client.post("/brief/change", fields)
    address = response.headers["Location"]
    assert address == f"/brief/brief.{form}?first=en&second=&whole=1"
    assert client.get(address).status_code == 200
    assert "On one." in shown(client)


def test_a_button_means_the_item_beside_it_though_another_window_has_moved_it(
    client: Client, three: list[WorkPage]
) -> None:
    stale = keys(client)
    change(client, "remove", 0)
    client.post("/brief/change", {"action": f"remove {stale[1]}", f"note-{stale[2]}": "On three."})
    assert titles(client) == ["Three"]
    assert "On three.</textarea>" in shown(client)


@pytest.mark.parametrize("action", ["", "explode", "UP"])
@pytest.mark.usefixtures("three")
def test_an_action_that_nobody_knows_changes_nothing(client: Client, action: str) -> None:
    change(client, action, 1)
    assert titles(client) == ["One", "Two", "Three"]


@pytest.mark.usefixtures("three")
def test_a_comment_goes_with_its_work_wherever_it_moves(client: Client) -> None:
    change(client, "save", 2, note="  Read this\nfirst.  ")
    change(client, "up", 2)
    change(client, "up", 1)
    assert re.findall(r'id="note-([^"]+)"[^>]*>([^<]+)</textarea>', shown(client)) == [
        (keys(client)[0], "Read this\nfirst.")
    ]
    assert [one.text for one in word_file(client).paragraphs][2:4] == [
        "1. Three",
        "Read this\nfirst.",
    ]
    change(client, "save", 0, note="")
    assert "first." not in shown(client)


@pytest.mark.usefixtures("three")
def test_the_brief_bears_the_title_that_the_visitor_gave_it(client: Client) -> None:
    assert "<h1>Your brief</h1>" in shown(client)
    assert lines(word_file(client))[0] == "Brief"
    change(client, "save", title="  For the \n minister ")
    assert "<h1>For the minister</h1>" in shown(client)
    assert lines(word_file(client))[0] == "For the minister"
    client.post("/brief/empty")
    assert "minister" not in shown(client)


@pytest.mark.usefixtures("three")
def test_title_and_comment_have_an_end(client: Client) -> None:
    change(client, "save", title="t" * 5000)
    change(client, "save", 0, note="n" * 50_000)
    html = shown(client)
    assert re.findall("t{100,}", html) == ["t" * LONGEST_TITLE] * 2
    assert re.findall("n{100,}", html) == ["n" * LONGEST_NOTE]


@pytest.mark.usefixtures("three")
def test_title_and_comment_are_no_markup(client: Client) -> None:
    change(client, "save", title='"><script>alert(1)</script>')
    change(client, "save", 0, note="</textarea><script>alert(2)</script>")
    html = shown(client)
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(1)") == 2
    assert "&lt;/textarea&gt;&lt;script&gt;alert(2)" in html


# Rights and accounts.


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_what_the_visitor_may_no_longer_open_is_left_out_everywhere(
    client: Client, three: list[WorkPage], how: str
) -> None:
    change(client, "save", 2, note="On three.")
    hide(three[1], how)
    assert titles(client) == ["One", "Three"]
    assert not any("Two" in line for line in lines(word_file(client)))
    change(client, "save", 1, note="Still on three.")
    html = shown(client)
    assert html.index("Still on three.") > html.index(">Three</a>")


def test_a_pdf_leaves_out_what_the_visitor_may_no_longer_open(
    client: Client, three: list[WorkPage]
) -> None:
    assert "2. Two" in pdf_text(client)
    hide(three[1], "login")
    text = pdf_text(client)
    assert "Two" not in text
    assert "2. Three" in text


def test_a_brief_of_which_nothing_may_be_opened_any_more_is_an_empty_one(client: Client) -> None:
    page = work(title="Secret")
    add(client, page)
    hide(page, "login")
    assert "There is nothing in your brief yet." in shown(client)
    response = client.get("/brief/brief.docx")
    assert (response.status_code, response.headers["Location"]) == (302, "/brief/")


def test_a_work_of_a_group_is_in_the_brief_while_the_visitor_belongs_to_it(
    client: Client,
) -> None:
    page, group = work(title="Secret"), Group.objects.create(name="Partners")
    PageViewRestriction.objects.create(page=page, restriction_type="groups").groups.add(group)
    user = User.objects.create_user("partner")
    user.groups.add(group)
    client.force_login(user)
    add(client, page)
    assert titles(client) == ["Secret"]
    user.groups.clear()
    assert titles(client) == []


def test_a_deleted_work_leaves_the_brief_in_order(client: Client, three: list[WorkPage]) -> None:
    three[0].delete()
    assert titles(client) == ["Two", "Three"]
    assert columns(word_file(client)) == ["Two"]


def test_a_brief_of_an_account_is_there_on_another_machine_and_for_nobody_else(
    client: Client,
) -> None:
    user, other = (User.objects.create_user(name) for name in ("reader", "other"))
    client.force_login(user)
    add(client, work(title="Hives"))
    change(client, "save", title="Mine")
    elsewhere = Client()
    elsewhere.force_login(user)
    assert titles(elsewhere) == ["Hives"]
    assert "<h1>Mine</h1>" in shown(elsewhere)
    elsewhere.force_login(other)
    assert titles(elsewhere) == []
    elsewhere.logout()
    assert titles(elsewhere) == []


def test_what_was_gathered_before_the_first_log_in_stays_gathered(client: Client) -> None:
    add(client, work(title="Before"))
    client.force_login(User.objects.create_user("reader"))
    assert titles(client) == ["Before"]
    add(client, work(title="After"))
    assert titles(client) == ["Before", "After"]
    assert "brief" not in client.session  # one place only, or the two would part
    client.logout()
    assert titles(client) == []


def test_the_brief_of_a_deleted_account_is_deleted(client: Client) -> None:
    user = User.objects.create_user("reader")
    client.force_login(user)
    add(client, work())
    assert SavedBrief.objects.count() == 1
    user.delete()
    assert SavedBrief.objects.count() == 0


@pytest.mark.parametrize("address", ["/brief/add", "/brief/change"])
def test_nobody_else_can_change_a_brief(address: str) -> None:
    page = work(title="Hives")
    client = Client(enforce_csrf_checks=True)
    assert client.post(address, {"page": page.pk, "action": "empty"}).status_code == 403
    assert titles(client) == []
    client.cookies.clear()
    assert client.get(address, {"page": page.pk, "action": "empty"}).status_code == 405


@pytest.mark.parametrize("address", ["/brief/", "/brief/brief.docx", "/brief/brief.pdf"])
@pytest.mark.usefixtures("three")
def test_pages_and_files_are_only_read(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200


# Documents.


@pytest.mark.parametrize("form", ["exe", "DOCX", "docx.exe", "pdf%00", "html"])
@pytest.mark.usefixtures("three")
def test_a_form_that_is_not_offered_is_a_404(client: Client, form: str) -> None:
    assert client.get(f"/brief/brief.{form}").status_code == 404


@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_an_empty_brief_is_no_file(client: Client, form: str) -> None:
    assert client.get(f"/brief/brief.{form}").headers["Location"] == "/brief/"


def test_a_word_document_tells_the_works_in_order_with_reference_and_evidence(
    client: Client, quoted: WorkPage
) -> None:
    add(client, work(title="Jars", summary="Of jars."))
    add(client, quoted)
    text = lines(word_file(client))
    assert [line for line in text if re.match(r"\d\. ", line)] == ["1. Jars", "2. Hives"]
    assert "Of hives." in text
    assert "[VN-1] Statement 1. (sourced) " in text
    assert any(f"http://testserver{quoted.url}" in line for line in text)
    assert not any("Bees make honey" in line for line in text)


def test_whole_texts_come_along_where_they_are_asked_for(client: Client, quoted: WorkPage) -> None:
    add(client, quoted)
    text = lines(word_file(client, whole="1"))
    assert text.index("Bees make honey [VN-1].") < text.index("Jars")
    assert "Glass keeps it [VN-2]." in text


def test_whole_texts_come_along_in_a_pdf_too(client: Client, quoted: WorkPage) -> None:
    add(client, quoted)
    assert "Bees make honey" not in pdf_text(client)
    told = pdf_text(client, whole="1")
    assert told.index("Bees make honey [VN-1].") < told.index("Glass keeps it [VN-2].")


def test_a_pdf_holds_title_comment_quotation_and_evidence(client: Client, quoted: WorkPage) -> None:
    add(client, quoted, "Glass keeps it.")
    change(client, "save", title="Mật ong bạc hà")
    change(client, "save", 0, note="Một lời bình.")
    assert taken(client, "pdf").startswith(b"%PDF-")
    text = pdf_text(client)
    for told in ("Mật ong bạc hà", "1. Hives", "Một lời bình.", "Glass keeps it.", "Statement 2."):
        assert told in text
    assert "Statement 1." not in text


def test_no_word_of_a_visitor_is_read_as_the_language_of_the_typesetter(client: Client) -> None:
    hostile = '#read("/etc/passwd") *b* $x^2$ \\ @ref <label> // "q"'
    add(client, work(title="#panic() [x]", text="#{1} $a$."))
    change(client, "save", title=hostile)
    change(client, "save", 0, note=hostile)
    text = pdf_text(client, whole="1")
    assert text.count('#read("/etc/passwd") *b* $x^2$ \\ @ref <label> // "q"') == 2
    assert "#panic() [x]" in text
    assert "#{1} $a$." in text


@pytest.fixture
def pair(client: Client) -> tuple[WorkPage, WorkPage]:
    original = work(title="Tổ ong", summary="Về ong.", text="Mật ong.", language="vi")
    arabic = work(
        title="عسل", summary="ملخص.", text="العسل.", language="ar", translation_of=original
    )
    add(client, original)
    return original, arabic


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, ["Tổ ong"]),
        ({"first": "ar"}, ["عسل"]),
        ({"second": "ar"}, ["عسل"]),
        ({"first": "vi", "second": "ar"}, ["Tổ ong", "عسل"]),
        ({"first": "ar", "second": "vi"}, ["عسل", "Tổ ong"]),
        ({"first": "ar", "second": "ar"}, ["عسل"]),
        ({"first": "fr", "second": "ar"}, ["عسل"]),
        ({"first": "fr", "second": "th"}, ["Tổ ong"]),
        ({"first": "<b>", "second": "a" * 5000}, ["Tổ ong"]),
    ],
)
@pytest.mark.usefixtures("pair")
def test_a_document_has_the_languages_that_were_chosen_beside_one_another(
    client: Client, asked: dict[str, str], told: list[str]
) -> None:
    assert columns(word_file(client, **asked)) == told


@pytest.mark.usefixtures("pair")
def test_a_work_that_the_language_lacks_is_told_as_it_was_gathered(client: Client) -> None:
    add(client, work(title="Jars"))
    file = word_file(client, first="ar", second="vi")
    assert columns(file, 0) == ["عسل", "Tổ ong"]
    assert columns(file, 1) == ["Jars"]


@pytest.mark.usefixtures("pair")
def test_only_languages_that_can_be_had_are_offered(client: Client) -> None:
    html = shown(client)
    offered = re.findall(r'<option value="(\w+)"', html.partition('id="second"')[0])
    assert offered == ["ar", "vi"]


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_a_version_that_the_visitor_may_not_open_is_neither_offered_nor_taken_along(
    client: Client, pair: tuple[WorkPage, WorkPage], how: str
) -> None:
    hide(pair[1], how)
    assert '<option value="ar"' not in shown(client)
    file = word_file(client, first="ar", second="vi", whole="1")
    assert columns(file) == ["Tổ ong"]
    assert not any("عسل" in line for line in lines(file))


@pytest.mark.usefixtures("pair")
def test_arabic_runs_from_the_right_in_a_word_document_and_vietnamese_does_not(
    client: Client,
) -> None:
    file = word_file(client, first="ar", second="vi", whole="1")
    arabic, vietnamese = (cell.paragraphs for cell in file.tables[0].rows[0].cells)
    assert [one.text for one in arabic] == ["عسل", "ملخص.", "العسل."]
    assert all(one._p.pPr.find(qn("w:bidi")) is not None for one in arabic)
    assert all(run._r.rPr.find(qn("w:rtl")) is not None for one in arabic for run in one.runs)
    assert not any(one._p.findall(".//" + qn("w:bidi")) for one in vietnamese)
    (language,) = vietnamese[0]._p.findall(".//" + qn("w:lang"))
    assert language.get(qn("w:val")) == "vi"
    assert file.tables[0]._tbl.tblPr.find(qn("w:bidiVisual")) is not None
    other = word_file(client, first="vi", second="ar")
    assert other.tables[0]._tbl.tblPr.find(qn("w:bidiVisual")) is None


def test_for_an_arabic_reader_the_words_around_the_works_run_from_the_right_too(
    client: Client,
) -> None:
    Fact.objects.create(code="VN-1", statement="So it is.")
    add(client, work(text="Honey. [@VN-1]", licence="CC-BY-4.0"))
    change(client, "save", title="نحل", note="مهم.")
    file = word_file(client, interface="ar")
    directed = [one for one in file.paragraphs if one._p.findall(".//" + qn("w:bidi"))]
    assert {"نحل", "المصادر"} <= {one.text for one in directed}
    (licence,) = (one for one in directed if "creativecommons" in one.text)
    words, address = licence.runs
    assert words._r.rPr.find(qn("w:rtl")) is not None
    assert address.text == "https://creativecommons.org/licenses/by/4.0/"
    assert address._r.rPr.find(qn("w:rtl")) is None, "its last slash would come first"


def test_an_address_among_arabic_words_keeps_its_last_slash_at_its_end(client: Client) -> None:
    reader = pytest.importorskip("pypdfium2")
    add(client, work(text="Honey.", licence="CC-BY-4.0"))
    (page,) = reader.PdfDocument(taken(client, "pdf", interface="ar"))
    text = page.get_textpage()
    signs = [text.get_charbox(place, loose=True) for place in range(text.count_chars())]
    from_the_left = sorted(range(len(signs)), key=lambda place: (signs[place][1], signs[place][0]))
    seen = "".join(text.get_text_range(place, 1) for place in from_the_left)
    assert "/licenses/by/4.0/" in seen


@pytest.mark.usefixtures("pair")
def test_a_pdf_has_both_languages(client: Client) -> None:
    content = taken(client, "pdf", first="ar", second="vi", whole="1")
    assert content.startswith(b"%PDF-")
    text = pdf_text(client, first="ar", second="vi", whole="1")
    for told in ("Tổ ong", "Về ong.", "Mật ong."):
        assert told in text


def test_tables_and_lists_of_a_text_come_along(client: Client) -> None:
    page = work(text="- one\n- two\n\n| Part | Points |\n|---|---|\n| A | 35 |\n| B | |")
    add(client, page)
    file = word_file(client, whole="1")
    assert "one" in lines(file)
    (table,) = file.tables
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows == [["Part", "Points"], ["A", "35"], ["B", ""]]
    assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
    assert table._tbl.tblPr.find(qn("w:bidiVisual")) is None


def test_numbered_items_are_numbered_by_the_program_each_list_from_its_beginning(
    client: Client,
) -> None:
    add(client, work(text="1. first\n2. second\n\nText.\n\n1. third\n\n- fourth"))
    file = word_file(client, whole="1")
    items = [one for one in file.paragraphs if one.style.name == "List Number"]
    assert [one.text for one in items] == ["first", "second", "third"]
    lists = [one._p.pPr.numPr.numId.val for one in items]
    assert lists[0] == lists[1] != lists[2]
    numbering = file.part.numbering_part.element
    starts = [
        numbering.num_having_numId(one).find(f".//{qn('w:startOverride')}").get(qn("w:val"))
        for one in lists
    ]
    assert starts == ["1", "1", "1"]
    text = pdf_text(client, whole="1")
    assert "1. first 2. second Text. 1. third" in text


def test_a_word_document_says_what_it_is_and_has_headings_without_a_jump(
    client: Client, quoted: WorkPage
) -> None:
    Site.objects.update(site_name="OVOP & friends")
    add(client, quoted)
    change(client, "title", title="Of bees")
    file = word_file(client, whole="1")
    about = file.core_properties
    assert (about.title, about.author, about.language) == ("Of bees", "OVOP & friends", "en")
    assert about.comments == ""
    assert about.created.year > 2020
    styles = [one.style.name for one in file.paragraphs]
    outline = [one for one in styles if one.startswith(("Heading", "Title"))]
    assert outline == ["Title", "Heading 1", "Heading 2", "Heading 2"]
    assert [one.text for one in file.paragraphs if one.style.name == "Heading 2"][-1] == "Sources"


def test_a_source_in_a_word_document_is_a_link(client: Client) -> None:
    fact = Fact.objects.create(code="VN-1", statement="So it is.")
    fact.sources.add(Source.objects.create(title="Gazette", address="https://example.org/?a=1&b=2"))
    fact.sources.add(Source.objects.create(publisher="P", title="Paper", document="Paper, p. 7"))
    add(client, work(text="Bees [@VN-1]."))
    file = word_file(client)
    (told,) = [one for one in file.paragraphs if one.text.startswith("[VN-1]")]
    assert told.text == (
        "[VN-1] So it is. (sourced) Gazette – https://example.org/?a=1&b=2; Paper, p. 7"
    )
    (link,) = told.hyperlinks
    assert link.address == "https://example.org/?a=1&b=2"


@pytest.mark.parametrize("language", ["ja", "zh", "ko"])
def test_east_asian_text_is_marked_where_word_looks_for_it(client: Client, language: str) -> None:
    add(client, work(title="蜂", language=language))
    (heading,) = [one for one in word_file(client).paragraphs if one.style.name == "Heading 1"]
    (mark,) = heading._p.findall(".//" + qn("w:lang"))
    assert mark.get(qn("w:eastAsia")) == language


def outline_of(content: bytes) -> list[tuple[int, str]]:
    reader = pytest.importorskip("pypdfium2")
    return [(one.level, one.get_title()) for one in reader.PdfDocument(content).get_toc()]


def test_a_pdf_has_an_outline(client: Client, quoted: WorkPage) -> None:
    add(client, quoted)
    assert outline_of(taken(client, "pdf", whole="1")) == [
        (0, "1. Hives"),
        (1, "Jars"),
        (1, "Sources"),
    ]


def test_a_policy_that_binds_no_longer_says_so_in_every_document(client: Client) -> None:
    old = work(PolicyPage, title="Old", number="1048", issuer="Minister", licence="CC-BY-4.0")
    new = work(PolicyPage, title="New", number="148", replaces=[old])
    hide(work(PolicyPage, title="Secret", replaces=[old]), "login")
    add(client, old)
    told = f"This policy has been replaced. In its place: New · 148 (http://testserver{new.url})"
    text = lines(word_file(client))
    assert told in text
    assert "Number: 1048 · Issued by: Minister" in text
    assert "Licence: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/" in text
    assert not any("Secret" in line for line in text)
    printed = pdf_text(client)
    assert "This policy has been replaced. In its place: New · 148" in printed
    assert "Number: 1048 · Issued by: Minister" in printed
    assert "Licence: CC BY 4.0" in printed


def test_a_table_of_a_text_comes_along_in_a_pdf(client: Client) -> None:
    add(client, work(text="| Part | Points |\n|---|---|\n| A | 35 |\n| B | |"))
    assert "Part Points A 35 B" in pdf_text(client, whole="1")


@pytest.mark.usefixtures("pair")
def test_the_frame_of_a_document_is_in_the_language_of_the_interface(client: Client) -> None:
    client.cookies["interface_language"] = "fr"
    french = lines(word_file(client))[:2]
    client.cookies["interface_language"] = "en"
    assert french != lines(word_file(client))[:2]


@pytest.mark.usefixtures("pair")
def test_a_brief_on_a_page_from_right_to_left_keeps_the_direction_of_each_work(
    client: Client,
) -> None:
    html = shown(client, "ar")
    assert '<html lang="ar" dir="rtl">' in html
    assert '<h2 lang="vi" dir="ltr">' in html


def test_search_engines_keep_away_from_briefs(client: Client) -> None:
    assert '<meta name="robots" content="noindex">' in shown(client)
