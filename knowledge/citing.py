"""How a work of the portal is cited: CSL-JSON, and what reference managers and writers take.

The author is who is named as the maker of a material; else the portal, which wrote the text. The
sources of its figures are on the page.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import Page, Site

_BIBTEX_SPECIAL = re.compile(r"[\\{}%&#_$~^]")
_BIBTEX_NAMED = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One language version of a work, as it was read."""

    key: str
    """Letters and digits; names it in a bibliography."""
    title: str
    author: str
    publisher: str
    language: str
    """BCP 47 code of the text."""
    url: str
    published: dt.date | None
    """Day of the version that was read, None where it is not known."""
    accessed: dt.date


def address_of(page: Page, request: HttpRequest) -> str:
    """Return the whole address of a page where the reader is, whatever name the site was given."""
    return request.build_absolute_uri(page.get_url(request))


def reference_to(page: Page, request: HttpRequest) -> Reference:
    """Return how a page is cited that is read now."""
    site = Site.find_for_request(request)
    published = page.last_published_at or page.first_published_at
    publisher = (site.site_name if site else "") or "Village Knowledge Portal"
    return Reference(
        key=f"village{page.pk}",
        title=page.title,
        author=getattr(page.specific, "credit", "") or publisher,
        publisher=publisher,
        language=page.locale.language_code,
        url=address_of(page, request),
        published=published.date() if published else None,
        accessed=timezone.now().date(),
    )


def csl_json(reference: Reference) -> list[dict[str, Any]]:
    """Return the reference as CSL-JSON (citation-style-language/schema, csl-data.json, 1.0.2)."""
    item: dict[str, Any] = {
        "id": reference.key,
        "type": "webpage",
        "title": reference.title,
        "author": [{"literal": reference.author}],
        "container-title": reference.publisher,
        "language": reference.language,
        "URL": reference.url,
        "accessed": _date_parts(reference.accessed),
    }
    if reference.published is not None:
        item["issued"] = _date_parts(reference.published)
    return [item]


def _date_parts(day: dt.date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[day.year, day.month, day.day]]}


def bibtex(reference: Reference) -> str:
    """Return the reference as an entry of biblatex, in UTF-8."""
    fields = {
        "title": _bibtex_text(reference.title),
        "author": f"{{{_bibtex_text(reference.author)}}}",
        "organization": _bibtex_text(_site(reference)),
        "date": reference.published.isoformat() if reference.published else "",
        "langid": reference.language,
        "url": reference.url,
        "urldate": reference.accessed.isoformat(),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{reference.key},", *lines, "}", ""])


def _bibtex_text(text: str) -> str:
    def escaped(match: re.Match[str]) -> str:
        return _BIBTEX_NAMED.get(match[0], f"\\{match[0]}")

    return _BIBTEX_SPECIAL.sub(escaped, " ".join(text.split()))


def ris(reference: Reference) -> str:
    """Return the reference in the tagged format RIS, lines ended as its definition wants them."""
    tags = [("TY", "ELEC"), ("TI", reference.title), ("AU", reference.author)]
    tags += [("PB", site)] if (site := _site(reference)) else []
    if reference.published is not None:
        tags += [("PY", f"{reference.published:%Y}"), ("DA", f"{reference.published:%Y/%m/%d}")]
    tags += [("LA", reference.language), ("UR", reference.url)]
    tags += [("Y2", f"{reference.accessed:%Y/%m/%d}"), ("ER", "")]
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in tags)


def apa(reference: Reference) -> str:
    """Return the reference in the style of the APA (7th edition, a web page that may change).

    The style is English whatever the language of the text.
    """
    published = "n.d." if reference.published is None else _american(reference.published, year=True)
    accessed = _american(reference.accessed)
    title = reference.title.rstrip(".")
    parts = [reference.author.rstrip("."), f"({published})", title, _site(reference)]
    told = ". ".join(filter(None, parts))
    return f"{told}. Retrieved {accessed}, from {reference.url}"


def _site(reference: Reference) -> str:
    """Return the portal's name where it is not the author, as the APA and others want it."""
    return reference.publisher if reference.publisher != reference.author else ""


def _american(day: dt.date, *, year: bool = False) -> str:
    months = (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    )  # fmt: skip
    month = f"{months[day.month - 1]} {day.day}"
    return f"{day.year}, {month}" if year else f"{month}, {day.year}"
