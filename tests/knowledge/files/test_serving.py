"""A file, its text, its pictures and what the index knows of it: for those who may open its page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    PageViewRestriction,
)

from knowledge.files.texts import read_pending
from knowledge.models import (
    CountryMaterialsPage,
    MaterialFile,
    MaterialIndexPage,
    MaterialPage,
    StoredFile,
)
from tests.factories import home_page
from tests.knowledge.files import documents, hostile

pytestmark = pytest.mark.django_db
Kept = Callable[..., StoredFile]


def branch() -> Page:
    existing = CountryMaterialsPage.objects.first()
    if existing is not None:
        return existing
    home = home_page("en")
    index = home.add_child(
        instance=MaterialIndexPage(title="Materials", slug="materials", locale=home.locale)
    )
    return index.add_child(
        instance=CountryMaterialsPage(title="Malawi", slug="mw", locale=home.locale)
    )


def material(*files: StoredFile, owner: User | None = None, publish: bool = True) -> MaterialPage:
    page = MaterialPage(
        title="Grading honey", slug=f"m-{Page.objects.count()}", owner=owner, live=False,
        locale=Locale.objects.get(language_code="en") if Locale.objects.exists() else None,
    )  # fmt: skip
    page.files = [MaterialFile(file=stored) for stored in files]
    branch().add_child(instance=page)
    revision = page.save_revision()
    if publish:
        revision.publish()
    page.refresh_from_db()
    return page


@pytest.fixture
def deck(kept: Kept, tmp_path: Path) -> StoredFile:
    home_page("en")
    stored = kept(documents.slides(tmp_path / "Bài trình bày.pptx", "vi").path)
    read_pending()
    stored.refresh_from_db()
    return stored


def addresses(page: MaterialPage, stored: StoredFile) -> list[str]:
    return [
        stored.url,
        reverse("file_part", args=[page.pk, stored.pk, 1]),
        reverse("part_picture", args=[page.pk, stored.pk, 1]),
    ]


def statuses(client: Client, page: MaterialPage, stored: StoredFile) -> list[int]:
    return [client.get(address).status_code for address in addresses(page, stored)]


def test_a_file_is_sent_to_be_saved_and_never_to_be_run(client: Client, deck: StoredFile) -> None:
    material(deck)
    response = client.get(deck.url)
    assert b"".join(response.streaming_content) == Path(deck.file.path).read_bytes()
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''B%C3%A0i%20tr%C3%ACnh%20b%C3%A0y.pptx"
    )
    assert response["Content-Type"] == deck.media_type
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "private" in response["Cache-Control"]
    assert client.get(deck.url, headers={"if-none-match": response["ETag"]}).status_code == 304


def test_a_title_with_line_breaks_and_quotes_makes_no_header(
    client: Client, deck: StoredFile
) -> None:
    material(deck)
    StoredFile.objects.filter(pk=deck.pk).update(title='a"\r\nSet-Cookie: x=1/../b')
    response = client.get(deck.url)
    assert response.status_code == 200
    assert "Set-Cookie" not in response
    assert "\n" not in response["Content-Disposition"]


def test_a_draft_s_file_is_for_its_owner_and_its_reviewers_only(
    client: Client, kept: Kept, user: User
) -> None:
    home_page("en")
    stored = kept(hostile.pdf("secretword"), "a.pdf")
    read_pending()
    page = material(stored, owner=user, publish=False)
    assert statuses(client, page, stored) == [404, 404, 404]
    other = Client()
    other.force_login(User.objects.create_user("other"))
    assert statuses(other, page, stored) == [404, 404, 404]
    own = Client()
    own.force_login(user)
    assert statuses(own, page, stored) == [200, 200, 200]
    editor = User.objects.create_user("editor")
    group = Group.objects.create(name="Editors: MW")
    editor.groups.add(group)
    for codename in ("change_page", "publish_page"):
        permission = Permission.objects.get(codename=codename)
        GroupPagePermission.objects.create(group=group, page=branch(), permission=permission)
    reviewing = Client()
    reviewing.force_login(editor)
    assert statuses(reviewing, page, stored) == [200, 200, 200]


def test_editors_of_another_country_get_nothing(client: Client, kept: Kept, user: User) -> None:
    home_page("en")
    collection = Collection.get_first_root_node().add_child(name="MW")
    stored = kept(hostile.pdf(), "a.pdf", collection=collection)
    read_pending()
    page = material(stored, owner=user, publish=False)
    group = Group.objects.create(name="Editors: VN")
    editor = User.objects.create_user("editor")
    editor.groups.add(group)
    elsewhere = Collection.get_first_root_node().add_child(name="VN")
    permission = Permission.objects.get(codename="change_document")
    granted = GroupCollectionPermission.objects.create(
        group=group, collection=elsewhere, permission=permission
    )
    client.force_login(editor)
    assert statuses(client, page, stored) == [404, 404, 404]
    granted.delete()
    GroupCollectionPermission.objects.create(
        group=group, collection=collection, permission=permission
    )
    assert client.get(stored.url).status_code == 200


def test_what_is_published_is_for_all_and_gone_when_it_is_taken_back(
    client: Client, kept: Kept
) -> None:
    home_page("en")
    stored = kept(hostile.pdf(), "a.pdf")
    read_pending()
    page = material(stored)
    assert statuses(client, page, stored) == [200, 200, 200]
    page.unpublish()
    assert statuses(client, page, stored) == [404, 404, 404]


def test_a_restriction_holds_for_the_files_below_it(client: Client, kept: Kept) -> None:
    home_page("en")
    stored = kept(hostile.pdf(), "a.pdf")
    read_pending()
    page = material(stored)
    PageViewRestriction.objects.create(page=branch(), restriction_type="login")
    assert statuses(client, page, stored) == [404, 404, 404]
    client.force_login(User.objects.create_user("anyone"))
    assert statuses(client, page, stored) == [200, 200, 200]


def test_a_file_is_not_shown_by_a_page_that_does_not_have_it(
    client: Client, kept: Kept, deck: StoredFile
) -> None:
    page = material(deck)
    hidden = kept(hostile.pdf(), "b.pdf")
    read_pending()
    material(hidden, publish=False)
    assert client.get(reverse("file_part", args=[page.pk, hidden.pk, 1])).status_code == 404
    assert client.get(reverse("part_picture", args=[page.pk, hidden.pk, 1])).status_code == 404


def test_a_new_file_of_a_published_page_waits_for_its_review(
    client: Client, kept: Kept, deck: StoredFile, user: User
) -> None:
    page = material(deck, owner=user)
    added = kept(hostile.pdf(), "b.pdf")
    read_pending()
    page.files.add(MaterialFile(file=added))
    page.save_revision()
    assert statuses(client, page, added) == [404, 404, 404]
    client.force_login(user)
    assert statuses(client, page, added) == [200, 200, 200]


@pytest.mark.parametrize(
    "address",
    ["0/0/0", "1/1/1", "99999999999999999999/1/1", "1/99999999999999999999/1", "1/1/4294967296"],
)
def test_addresses_that_mean_nothing_are_not_found(client: Client, address: str) -> None:
    home_page("en")
    for ending in ("", ".webp"):
        assert client.get(f"/file/{address}{ending}").status_code == 404


def test_the_text_of_a_slide_is_shown_with_its_neighbours_and_the_sentence_marked(
    client: Client, deck: StoredFile
) -> None:
    page = material(deck)
    address = reverse("file_part", args=[page.pk, deck.pk, 7])
    sentence = "Hội đồng cấp tỉnh chấm điểm sản phẩm hai lần mỗi năm, mỗi lần kéo dài ba ngày."
    html = client.get(address, {"mark": sentence}).content.decode()
    assert "Slide 7 of 8" in html
    assert f'<mark id="mark">{sentence}</mark>' in html
    assert f'href="/file/{page.pk}/{deck.pk}/6"' in html
    assert f'href="/file/{page.pk}/{deck.pk}/8"' in html
    assert "PowerPoint" in html
    assert "KB" in html
    assert (
        'rel="next"'
        not in client.get(reverse("file_part", args=[page.pk, deck.pk, 8])).content.decode()
    )


def test_the_marked_sentence_and_the_text_are_escaped(client: Client, kept: Kept) -> None:
    home_page("en")
    stored = kept(
        hostile.in_document("<w:p><w:r><w:t>&lt;script>alert(1)&lt;/script></w:t></w:r></w:p>"),
        "a.docx",
    )
    read_pending()
    page = material(stored)
    html = client.get(
        reverse("file_part", args=[page.pk, stored.pk, 1]), {"mark": "<script>alert(1)</script>"}
    ).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_a_sentence_over_several_cells_is_marked_in_each(client: Client, kept: Kept) -> None:
    home_page("en")
    stored = kept(b"name,price,place\nhoney,5,Zomba\n", "a.csv")
    read_pending()
    page = material(stored)
    address = reverse("file_part", args=[page.pk, stored.pk, 1])
    html = client.get(address, {"mark": "price place honey"}).content.decode()
    assert '<td>name</td><td><mark id="mark">price</mark></td><td><mark>place</mark></td>' in html
    assert "<td><mark>honey</mark></td><td>5</td>" in html


def test_a_long_part_is_cut_around_the_sentence(client: Client, kept: Kept) -> None:
    home_page("en")
    rows = "\n".join(f"row {number},value" for number in range(9_000))
    stored = kept(f"name,value\n{rows}\n".encode(), "a.csv")
    read_pending()
    page = material(stored)
    response = client.get(reverse("file_part", args=[page.pk, stored.pk, 1]), {"mark": "row 8500"})
    html = response.content.decode()
    assert '<mark id="mark">row 8500</mark>' in html
    assert "row 100<" not in html
    assert "The text goes on in the file." in html


def test_a_page_is_drawn_once_and_small_enough(
    client: Client, kept: Kept, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home_page("en")
    stored = kept(hostile.pdf(), "a.pdf")
    read_pending()
    page = material(stored)
    address = reverse("part_picture", args=[page.pk, stored.pk, 1])
    first = client.get(address)
    assert first["Content-Type"] == "image/webp"
    assert first["X-Content-Type-Options"] == "nosniff"
    import io

    from PIL import Image

    assert Image.open(io.BytesIO(first.content)).width == 900
    monkeypatch.setattr("knowledge.files.page_pictures.picture_of", lambda *_: b"")
    assert client.get(address).content == first.content
    assert (
        f'src="{address}" loading="lazy"'
        in client.get(address.removesuffix(".webp")).content.decode()
    )


# Search.


def test_a_search_leads_to_the_slide_that_answers(
    client: Client, kept: Kept, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    home_page("en")
    import pptx

    deck = pptx.Presentation()
    for number in range(1, 9):
        title = (
            "The village sells honey in jars of glass." if number == 7 else f"Grading star {number}"
        )
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = title
    deck.save(str(tmp_path / "Results.pptx"))
    stored = kept(tmp_path / "Results.pptx")
    page = material(stored)
    assert ask("honey in jars").cards == [] or not ask("honey in jars").cards[0].place_url
    read_pending()
    card = ask("honey in jars").cards[0]
    assert (card.page, card.place_label, card.file_title) == (page.pk, "Slide 7", "Results")
    assert card.place_url.startswith(f"/file/{page.pk}/{stored.pk}/7?mark=The+village")
    assert client.get(card.place_url).status_code == 200
    assert "<mark" in client.get(card.place_url).content.decode()
    html = client.get("/search/", {"q": "honey in jars"}).content.decode()
    assert ">Slide 7</a>" in html
    assert "Trang chiếu" not in html
    answer = client.get("/api/search", {"q": "honey in jars"}).json()["results"][0]
    assert (answer["place_label"], answer["place_url"]) == ("Slide 7", card.place_url)


def test_the_text_of_a_draft_s_file_is_found_by_nobody(
    kept: Kept, titles: Callable[..., list[str]]
) -> None:
    home_page("en")
    stored = kept(hostile.pdf("Honey in jars of bamboo"), "a.pdf")
    read_pending()
    page = material(stored, publish=False)
    assert titles("honey bamboo") == []
    page.save_revision().publish()
    page.refresh_from_db()
    assert titles("honey bamboo") == ["Grading honey"]
    page.unpublish()
    assert titles("honey bamboo") == []
