"""Workshops of the collection: days, place, agenda, follow-up and the event before.

`workshop:` in work.yaml holds `starts_on`, `ends_on`, `place`, `previous` (a slug), `sessions` and
`follow_ups`; words are given by language, for every version of the work.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from content_seed.parse import CollectionError, VersionFile, WorkFile, optional_date
from knowledge.models import FollowUp, WorkshopPage, WorkshopSession

_KEYS = {"starts_on", "ends_on", "place", "previous", "sessions", "follow_ups"}
_ACTION_KEYS = {"action", "responsible", "due_on", "is_done"}


def workshop_fields(work: WorkFile) -> dict[str, Any]:
    """Return the fields that do not depend on the language."""
    before = WorkshopPage.objects.filter(collection_slug=work.workshop.get("previous", "-"))
    return {
        "starts_on": optional_date(work.workshop.get("starts_on")),
        "ends_on": optional_date(work.workshop.get("ends_on")),
        "previous": before.order_by("-is_original", "pk").first(),
    }


def fill_workshop(page: WorkshopPage, work: WorkFile, version: VersionFile) -> None:
    """Set place, agenda and follow-up in the language of a version."""

    def said(words: Mapping[str, str] | None) -> str:
        return (words or {}).get(version.language, "")

    page.place = said(work.workshop.get("place"))
    page.sessions = [
        WorkshopSession(page=page, sort_order=number, title=said(words))
        for number, words in enumerate(work.workshop.get("sessions") or ())
    ]
    page.follow_ups = [
        FollowUp(
            page=page,
            sort_order=number,
            action=said(entry["action"]),
            responsible=said(entry.get("responsible")),
            due_on=optional_date(entry.get("due_on")),
            is_done=bool(entry.get("is_done", False)),
        )
        for number, entry in enumerate(work.workshop.get("follow_ups") or ())
    ]


def check_workshops(works: Sequence[WorkFile]) -> None:
    """Raise CollectionError when an event names one before it that no file describes."""
    for fault in workshop_faults(works):
        raise CollectionError(fault)


def workshop_faults(works: Sequence[WorkFile]) -> Iterator[str]:
    """Find workshops that lack a day or words, or follow an event that is missing or later."""
    events = {work.slug: work for work in works if work.kind == WorkshopPage.kind}
    for work in works:
        if work.workshop and work.slug not in events:
            yield f"{work.slug}: a {work.kind} is no workshop"
    for work in events.values():
        yield from _faults_of(work)
        before = events.get(work.workshop.get("previous", ""))
        if before is None and "previous" in work.workshop:
            yield f"{work.slug}: no workshop {work.workshop['previous']!r} in the collection"
        if before is not None and before.dated >= work.dated:
            yield f"{work.slug}: not after {before.slug}"


def _faults_of(work: WorkFile) -> Iterator[str]:
    if unknown := set(work.workshop) - _KEYS:
        yield f"{work.slug}: unknown keys of a workshop: {', '.join(sorted(unknown))}"
    if str(work.workshop.get("starts_on", "")) != work.dated or not work.dated:
        yield f"{work.slug}: the first day is not the date of the work"
    for entry in work.workshop.get("follow_ups") or ():
        if unknown := set(entry) - _ACTION_KEYS:
            yield f"{work.slug}: unknown keys of an action: {', '.join(sorted(unknown))}"
    for words in _words(work):
        if set(words) != set(work.versions):
            yield f"{work.slug}: not in the languages of its versions: {' / '.join(map(str, words.values()))}"


def _words(work: WorkFile) -> Iterator[Mapping[str, str]]:
    if "place" in work.workshop:
        yield work.workshop["place"]
    yield from work.workshop.get("sessions") or ()
    for entry in work.workshop.get("follow_ups") or ():
        yield from (entry[name] for name in ("action", "responsible") if name in entry)
