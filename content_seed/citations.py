"""What in the portal cites a fact, whether it came with the collection or an editor wrote it."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from embeddings.passages import cited_codes
from knowledge.eligibility import work_types
from knowledge.models import AmbiguousNameText, PolicyCell, ProgrammeCell, TransferText

_TEXTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (ProgrammeCell, ("text",)),
    (PolicyCell, ("text",)),
    (TransferText, ("taken", "changed", "result")),
    (AmbiguousNameText, ("explanation",)),
)
"""Beside the bodies of works. Values of indicators keep their facts from being deleted."""


def codes_cited_still(codes: Collection[str]) -> set[str]:
    """Return those of some codes that a page, published or not, or an entry of the ledger cites."""
    if not codes:
        return set()
    return {*codes} & {code for text in _texts() for code in cited_codes(text)}


def _texts() -> Iterator[str]:
    for model, fields in (*((one, ("body",)) for one in work_types()), *_TEXTS):
        for field in fields:
            as_text: Cast = Cast(field, TextField())
            yield from model.objects.values_list(as_text, flat=True).iterator()
