"""Every place where something of a work could come to light, and what each hands to a reader."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

import pypdfium2
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from knowledge.alerts.digest import tell_due
from knowledge.mail.outbox import deliver
from knowledge.models import OutgoingMail, SavedBrief, SavedSearch
from tests.knowledge.matrix_world import Planted, World

Surface = Callable[[World, Client, Planted], str]


def body_of(response: Any) -> str:
    """Return the whole answer, headers included, in lower case."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    heads = "\n".join(f"{name}: {value}" for name, value in response.items())
    return f"{heads}\n{content.decode(errors='replace')}".lower()


def _where_it_leads(client: Client, response: Any) -> Any:
    """Return what stands where a browser is led to next; pages that lead on are followed once."""
    target = response.headers.get("Location", "")
    return client.get(target) if target.startswith("/") else HttpResponse()


class _Words(dict[str, object]):
    """What words in braces stand for; asked of the database only when one is met."""

    meanings: ClassVar[dict[str, Callable[[World, Planted], object]]] = {
        "page": lambda world, planted: planted.page_id,
        "file": lambda world, planted: planted.file_id,
        "key": lambda world, planted: planted.key,
        "name": lambda world, planted: planted.file.filename,
        "url": lambda world, planted: planted.page.get_url(),
        "workshop": lambda world, planted: world.workshop.pk,
        "hall": lambda world, planted: world.workshop.get_url(),
        "other": lambda world, planted: world.works["published"].page_id,
        "problem": lambda world, planted: world.open_problem.pk,
        "branch": lambda world, planted: world.works["draft"].page.get_parent().pk,
        "open": lambda world, planted: world.works["published"].page.get_url(),
    }

    def __init__(self, world: World, planted: Planted) -> None:
        super().__init__()
        self.things = (world, planted)

    def __missing__(self, word: str) -> object:
        return self.meanings[word](*self.things)


def at(address: str, **query: str) -> Surface:
    """Return what stands at an address; words in braces are of the work that is looked for."""

    def got(world: World, client: Client, planted: Planted) -> str:
        words = _Words(world, planted)
        asked = urlencode({name: value.format_map(words) for name, value in query.items()})
        response = client.get(f"{address.format_map(words)}?{asked}")
        return body_of(response) + body_of(_where_it_leads(client, response))

    return got


def page_itself(world: World, client: Client, planted: Planted) -> str:
    """Return what stands at the address of the page, but not the address, which was known."""
    address = planted.page.get_url()
    return at(address)(world, client, planted).replace(planted.page.slug.lower(), "")


def all_keys(world: World) -> str:
    return " ".join(["honey", *(planted.key for planted in world.works.values())])


def asked_for_all(address: str, **query: str) -> Surface:
    """Return what stands at an address when all works are asked for at once."""

    def got(world: World, client: Client, planted: Planted) -> str:
        return body_of(client.get(address, {"q": all_keys(world), **query}))

    return got


def misspelt(world: World, client: Client, planted: Planted) -> str:
    """Return what is said to words of each work with a letter too few."""
    words = " ".join(f"{one.secret}summar" for one in world.works.values())
    said = body_of(client.get("/search/", {"q": words}))
    # The question is shown again; what would be put in its place has the last letter.
    return "".join(re.findall(r"secret\w+summary", said))


def in_brief(world: World, client: Client, planted: Planted) -> str:
    """Gather all works and show the brief, then take it along as Word."""
    for one in world.works.values():
        client.post("/brief/add", {"page": one.page_id})
    shown = body_of(client.get("/brief/"))
    taken = client.get("/brief/brief.docx", {"whole": "1"})
    archive = zipfile.ZipFile(io.BytesIO(taken.content))
    return shown + archive.read("word/document.xml").decode().lower()


def in_printed_brief(world: World, client: Client, planted: Planted) -> str:
    """Take a brief along as PDF, of which somebody has put together the list by force."""
    client.get("/brief/")
    pages = [{"page": one.page_id} for one in world.works.values()]
    user = int(client.session["_auth_user_id"])
    SavedBrief.objects.update_or_create(
        user_id=user, defaults={"content": {"title": "", "items": pages}}
    )
    taken = client.get("/brief/brief.pdf", {"whole": "1"})
    document = pypdfium2.PdfDocument(taken.content)
    return "".join(page.get_textpage().get_text_range() for page in document).lower()


def in_a_digest(world: World, client: Client, planted: Planted) -> str:
    """Save a search for all, forget what it found already, and read the mail of the next round."""
    client.post("/alerts/save", {"q": all_keys(world), "cadence": "daily"})
    mine = SavedSearch.objects.get(user_id=client.session["_auth_user_id"], query__contains="honey")
    mine.told.all().delete()
    SavedSearch.objects.exclude(pk=mine.pk).update(told_at=timezone.now())
    SavedSearch.objects.filter(pk=mine.pk).update(told_at=None)
    OutgoingMail.objects.all().delete()
    mail.outbox.clear()
    assert tell_due() == 1
    deliver()
    return "\n".join(f"{one.subject}\n{one.body}" for one in mail.outbox).lower()


SEARCHES: dict[str, Surface] = {
    "search": asked_for_all("/search/"),
    "search by meaning": at("/search/", q="honey"),
    "search by word of all": at("/search/", q="wolfram"),
    "search without question": at("/search/", country="vn", kind="material"),
    "API search": asked_for_all("/api/search", limit="100"),
    "brief": in_brief,
}
"""Where all published works are found at once by whoever may open them."""

PAGES: dict[str, Surface] = {
    "page": page_itself,
    "search for it alone": at("/api/search", q="{key}"),
    "suggestions": at("/search/suggest", q="{key}"),
    "API suggestions": at("/api/suggest", q="{key}"),
    "Markdown": at("/work/{page}.md"),
    "BibTeX": at("/cite/{page}.bib"),
    "CSL": at("/cite/{page}.json"),
}
"""Where one published work is found by whoever may open it."""

OPEN_LISTS: dict[str, Surface] = {
    "list of the country": at("/en/materials/vn/"),
    "list of materials": at("/en/materials/"),
    "country page": at("/countries/vn"),
    "theme page": at("/themes/grading"),
    "Atom": asked_for_all("/search/feed.atom"),
    "RSS without question": at("/search/feed.rss", country="vn"),
}
"""Lists where what everybody may open stands; a feed is always a stranger's."""

BESIDE: dict[str, Surface] = {
    "parallel": at("/parallel/{page}/{other}"),
    "parallel, turned": at("/parallel/{other}/{page}"),
    "calendar of a work": at("/workshops/{page}.ics"),
}
"""Addresses with the number of a work, which are for works of other kinds."""

OTHERS: dict[str, Surface] = {
    "home": at("/"),
    "home of a language": at("/en/"),
    "workshop": at("{hall}"),
    "materials of the workshop": at("{hall}materials/"),
    "similar to what is published": at("{open}"),
    "misspelt": misspelt,
    "calendar": at("/workshops/calendar.ics"),
    "calendar of a workshop": at("/workshops/{workshop}.ics"),
    "compare": at("/compare/"),
    "compare grading": at("/compare/grading"),
    "ask each programme": at("/compare/ask", q="honey"),
    "policies": at("/compare/policies"),
    "lineage": at("/compare/lineage"),
    "countries": at("/countries/"),
    "themes": at("/themes/"),
    "indicators": at("/indicators/"),
    "glossary": at("/glossary/"),
    "board": at("/board/"),
    "board, asking": at("/board/ask", question="honey wolfram"),
    "problem": at("/board/{problem}"),
    "OpenAPI": at("/api/openapi.json"),
    "sitemap": at("/sitemap.xml"),
    "sitemap, a part": at("/sitemap-1.xml"),
    "robots": at("/robots.txt"),
    "metrics": at("/metrics"),
    "health": at("/healthz"),
    "joining": at("/join/"),
    "not found": at("/en/materials/vn/nowhere/"),
}
"""Places that may show a work to whoever may open it, and must not to others."""

FILES: dict[str, Surface] = {
    "document address": at("/documents/{file}/{name}"),
    "file part": at("/file/{page}/{file}/1"),
    "file part, marked": at("/file/{page}/{file}/1", mark="honey"),
}

WORKSPACES: dict[str, Surface] = {
    "own list": at("/share/mine"),
    "own page": at("/account/"),
    "own data": at("/account/data.json"),
    "queue": at("/review/"),
}
WORKSPACE: dict[str, Surface] = {
    "first step": at("/share/{page}/"),
    "second step": at("/share/{page}/check"),
    "own files": at("/share/{page}/files"),
}
"""For who wrote it and who reviews it: all at once, and one by one."""

ADMIN: dict[str, Surface] = {
    "home": at("/admin/"),
    "explorer": at("/admin/pages/"),
    "documents": at("/admin/documents/"),
    "document chooser": at("/admin/documents/chooser/"),
    "images": at("/admin/images/"),
    "image chooser": at("/admin/images/chooser/"),
    "page chooser": at("/admin/choose-page/"),
    "page chooser, in the branch": at("/admin/choose-page/{branch}/"),
    "pages of the API": at("/admin/api/main/pages/", fields="*", limit="100"),
    "documents of the API": at("/admin/api/main/documents/", limit="100"),
    "site history": at("/admin/reports/site-history/"),
    "locked pages": at("/admin/reports/locked/"),
    "workflows": at("/admin/reports/workflow/"),
    "workflow tasks": at("/admin/reports/workflow_tasks/"),
    "ageing pages": at("/admin/reports/aging-pages/"),
    "translation status": at("/admin/desk/translation-status/"),
    "translation status, as a table": at("/admin/desk/translation-status/", export="csv"),
    "works without evidence": at("/admin/desk/works-without-evidence/"),
    "works in another language": at("/admin/desk/language-mismatch/"),
}
ADMIN_OF_ONE: dict[str, Surface] = {
    "search of pages": at("/admin/pages/search/", q="{key}"),
    "search of documents": at("/admin/documents/", q="{key}"),
    "document chooser, searched": at("/admin/documents/chooser/results/", q="{key}"),
    "document chosen": at("/admin/documents/chooser/chosen/{file}/"),
    "document": at("/admin/documents/edit/{file}/"),
    "usage of a document": at("/admin/documents/usage/{file}/"),
    "page chooser, searched": at("/admin/choose-page/search/", q="{key}"),
    "page of the API": at("/admin/api/main/pages/{page}/"),
    "edit": at("/admin/pages/{page}/edit/"),
    "draft": at("/admin/pages/{page}/view_draft/"),
    "history": at("/admin/pages/{page}/history/"),
    "usage": at("/admin/pages/{page}/usage/"),
    "copy": at("/admin/pages/{page}/copy/"),
    "move": at("/admin/pages/{page}/move/"),
    "delete": at("/admin/pages/{page}/delete/"),
}
"""The editors' admin, asked by somebody who edits for another country."""
