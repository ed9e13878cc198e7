"""A brief as PDF (Typst, which shapes and breaks all our scripts). Text goes in as data, not source."""

import json
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import get_language, gettext

from knowledge.briefs.document import BriefDocument, Entry, Version
from knowledge.dates import direction, show_day

_TEMPLATE = Path(__file__).with_name("brief.typ")


def pdf_of(brief: BriefDocument, *, day: Any) -> bytes:
    """Return the file. Fonts are those of the machine; Noto covers every content language."""
    data = {
        "title": brief.title or gettext("Brief"),
        "publisher": brief.publisher,
        "date": show_day(day),
        "language": (get_language() or "en").split("-")[0],
        "entries": [_entry(one) for one in brief.entries],
        "words": {"sources": gettext("Sources"), "note": gettext("Note")},
    }
    made = typst.compile(_TEMPLATE, sys_inputs={"data": json.dumps(data, ensure_ascii=False)})
    if not isinstance(made, bytes):
        raise TypeError("typst made several files of one document")
    return made


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "title": entry.versions[0].title,
        "title_language": entry.versions[0].language,
        "title_direction": direction(entry.versions[0].language),
        "language": entry.page.language,
        "direction": direction(entry.page.language),
        "note": entry.item.note,
        "passage": entry.item.passage,
        "versions": [_version(one) for one in entry.versions],
        "notices": list(entry.notices),
        "reference": entry.reference,
        "licence": entry.licence,
        "facts": [
            {
                "code": fact.code,
                "statement": fact.told,
                "language": fact.told_language,
                "direction": direction(fact.told_language),
                "status": str(fact.get_status_display()),
                "sources": [
                    {"name": str(source), "address": source.address}
                    for source in fact.sources.all()
                ],
            }
            for fact in entry.facts
        ],
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "language": version.language,
        "direction": direction(version.language),
        "title": version.title,
        "summary": version.summary,
        "parts": [
            {
                "kind": part.kind,
                "text": part.text,
                "number": part.number,
                "rows": [list(row) for row in part.rows],
            }
            for part in version.parts
        ],
    }
