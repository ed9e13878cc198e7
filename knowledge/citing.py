"""How a work of the portal is cited: CSL-JSON, and what reference managers and writers take.

The author is who is named as the maker of a material; else the portal, which wrote the text. The
sources of its figures are on the page.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import Page, Site

_BIBTEX_SPECIAL = re.compile(r"[\\{}%&#_$~^]")
_BIBTEX_NAMED = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
"""Braces by name: BibTeX counts those that are written, escaped or not."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One language version of a work, as it was read."""

    key: str
    """Letters, digits and hyphens; names it in a bibliography."""
    title: str
    authors: Sequence[str]
    publisher: str
    language: str
    """BCP 47 code of the text."""
    url: str
    published: str
    """Day of the version that was read, or the date of a material: "2023", "2023-02", "2023-02-24";
    empty where it is not known."""
    accessed: dt.date

    @property
    def published_slashed(self) -> str:
        """As RIS and the head of a page write it: "2023/02/24"."""
        return self.published.replace("-", "/")


def address_of(page: Page, request: HttpRequest) -> str:
    """Return the whole address of a page, whatever name the site was given."""
    return whole_address(page.get_url(request), request)


def whole_address(address: str, request: HttpRequest) -> str:
    """Return an address of the portal as it is given to others.

    Where the operator says under which name the portal is reached, that counts and not the host by
    which the reader came: a citation outlives the visit.
    """
    if base := settings.PUBLIC_BASE_URL:
        return urljoin(base, address)
    return request.build_absolute_uri(address)


def publisher_for(request: HttpRequest) -> str:
    """Return the name under which the portal is known."""
    site = Site.find_for_request(request)
    return (site.site_name if site else "") or "Village Knowledge Portal"


def reference_to(page: Page, request: HttpRequest) -> Reference:
    """Return how a page is cited that is read now."""
    work, publisher = page.specific, publisher_for(request)
    language = page.locale.language_code
    slug = work.collection_slug
    return Reference(
        # Of the starter collection the same on every installation, which numbers pages its own way.
        key=f"village-{slug}-{language}" if slug else f"village{page.pk}",
        title=page.title,
        authors=work.makers or [publisher],
        publisher=publisher,
        language=language,
        url=address_of(page, request),
        published=work.published_when,
        accessed=timezone.now().date(),
    )


def csl_json(reference: Reference) -> list[dict[str, Any]]:
    """Return the reference as CSL-JSON (citation-style-language/schema, csl-data.json, 1.0.2)."""
    item: dict[str, Any] = {
        "id": reference.key,
        "type": "webpage",
        "title": reference.title,
        "author": [{"literal": name} for name in reference.authors],
        "container-title": reference.publisher,
        "language": reference.language,
        "URL": reference.url,
        "accessed": _date_parts(reference.accessed.isoformat()),
    }
    if reference.published:
        item["issued"] = _date_parts(reference.published)
    return [item]


def _date_parts(date: str) -> dict[str, list[list[int]]]:
    return {"date-parts": [[int(part) for part in date.split("-")]]}


def bibtex(reference: Reference) -> str:
    """Return the reference as an entry of biblatex, in UTF-8.

    Title and names in braces of their own: a style must neither lower nor invert them. Year and month
    are for BibTeX, which knows no date.
    """
    fields = {
        "title": f"{{{_bibtex_text(reference.title)}}}",
        "author": " and ".join(f"{{{_bibtex_text(name)}}}" for name in reference.authors),
        "organization": _bibtex_text(_site(reference)),
        "date": reference.published,
        "year": reference.published[:4],
        "langid": reference.language,
        "url": reference.url,
        "urldate": reference.accessed.isoformat(),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    if month := reference.published[5:7]:
        lines.append(f"  month = {_MONTHS[int(month) - 1][:3].lower()},")
    return "\n".join([f"@online{{{reference.key},", *lines, "}", ""])


def _bibtex_text(text: str) -> str:
    def escaped(match: re.Match[str]) -> str:
        return _BIBTEX_NAMED.get(match[0], f"\\{match[0]}")

    return _BIBTEX_SPECIAL.sub(escaped, " ".join(text.split()))


def ris(reference: Reference) -> str:
    """Return the reference in the tagged format RIS, lines ended as its definition wants them."""
    tags = [("TY", "ELEC"), ("TI", reference.title)]
    tags += [("AU", name) for name in reference.authors]
    tags += [("PB", site)] if (site := _site(reference)) else []
    if date := reference.published:
        tags += [("PY", date[:4]), ("DA", reference.published_slashed)]
    tags += [("LA", reference.language), ("UR", reference.url)]
    tags += [("Y2", f"{reference.accessed:%Y/%m/%d}"), ("ER", "")]
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in tags)


def apa(reference: Reference) -> str:
    """Return the reference in the style of the APA (7th edition, a web page that may change).

    The style is English whatever the language of the text.
    """
    year, _sep, day = reference.published.partition("-")
    published = ", ".join(filter(None, (year, _american(day)))) or "n.d."
    accessed = reference.accessed
    title = reference.title.rstrip(".")
    parts = [_named(reference.authors).rstrip("."), f"({published})", title, _site(reference)]
    told = ". ".join(filter(None, parts))
    retrieved = f"{_american(f'{accessed:%m-%d}')}, {accessed.year}"
    return f"{told}. Retrieved {retrieved}, from {reference.url}"


def _named(authors: Sequence[str]) -> str:
    *others, last = authors
    return f"{', '.join(others)}, & {last}" if others else last


def _site(reference: Reference) -> str:
    """Return the portal's name where it is not the author, as the APA and others want it."""
    return "" if reference.publisher in reference.authors else reference.publisher


def _american(day: str) -> str:
    """Return "February 24" for "02-24", "February" for "02", nothing for nothing."""
    month, _sep, number = day.partition("-")
    named = _MONTHS[int(month) - 1] if month else ""
    return f"{named} {int(number)}" if number else named
