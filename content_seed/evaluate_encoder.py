"""The needs of the collection, asked of an encoder alone: which works' passages are nearest.

Source: `content_seed/relevance/` and the passages in the database. A work is as near as its nearest
passage; words, glossary, evidence and score floor, which the search adds, have no part in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import DatabaseError

from content_seed.evaluate import Evaluation, Need, evaluate, read_needs, relevance_files, scored
from embeddings.conf import get_encoder
from embeddings.encoders.base import Encoder, Vectors
from embeddings.errors import EncoderUnavailable
from embeddings.evaluation.measures import DEPTH, MEASURES
from embeddings.evaluation.progress import Progress, encoded, silent
from embeddings.evaluation.tables import table
from embeddings.language import normalize
from embeddings.models import Passage
from embeddings.store import passage_for_encoding
from knowledge.documents import document_key
from knowledge.listing import full_pages
from knowledge.rights import AnonymousReader, readable_pages


class CollectionNotLoadedError(Exception):
    """The database holds no passage of the collection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPassages:
    """The passages of the collection's public works."""

    works: Sequence[str]
    """Passage → slug of its work."""
    texts: Sequence[str]
    """Passage → the text whose vector stands for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsReport:
    """How well the needs are answered, by relevance file."""

    works: int
    passages: int
    dense: dict[str, Evaluation]
    """By this encoder alone."""
    hybrid: dict[str, Evaluation] | None
    """By the search of the portal; None when the portal runs another encoder."""

    def to_markdown(self) -> str:
        """Return one table per relevance file."""
        heading = (
            f"### Needs of the collection\n\n{self.works} works, {self.passages} passages. Source: "
            "content_seed/relevance. *Same*: some relevant work has a version in the language of the "
            "need; *cross*: none has. *Dense*: the encoder alone; *hybrid*: the portal's search."
        )
        tables = [
            table(
                [name, "n", *_header("dense"), *(_header("hybrid") if self.hybrid else [])],
                _rows(dense, self.hybrid[name] if self.hybrid else None),
            )
            for name, dense in self.dense.items()
        ]
        return "\n\n".join([heading, *tables])


def needs_report(encoder: Encoder, *, progress: Progress = silent) -> NeedsReport:
    """Ask every need of every relevance file.

    Raises:
        CollectionNotLoadedError: There is nothing to search in.
    """
    loaded = loaded_passages()
    vectors = encoded(encoder.encode_passages, loaded.texts, name="Collection", progress=progress)
    needs = {name: read_needs(name) for name in relevance_files()}
    hybrid = None
    if is_configured(encoder):
        hybrid = {
            name: evaluate(asked, lambda some: progress(list(some), "Search"))
            for name, asked in needs.items()
        }
    return NeedsReport(
        works=len(set(loaded.works)),
        passages=len(loaded.texts),
        dense={
            name: scored(asked, _nearest_works(asked, encoder, vectors, loaded.works))
            for name, asked in needs.items()
        },
        hybrid=hybrid,
    )


def loaded_passages() -> LoadedPassages:
    """Return the passages that anyone may read of works of the collection, in a fixed order.

    Raises:
        CollectionNotLoadedError: There are none, or there is no database.
    """
    try:
        pages = full_pages(readable_pages(AnonymousReader()).values_list("pk", flat=True))
        slugs = {document_key(page.pk): page.collection_slug for page in pages}
        rows = [
            row
            for row in Passage.objects.order_by("document_key", "position").only(
                "document_key", "title", "heading", "text"
            )
            if slugs.get(row.document_key)
        ]
    except DatabaseError as error:
        raise CollectionNotLoadedError(
            f"There is no prepared database ({error}): run manage.py prepare."
        ) from error
    if not rows:
        raise CollectionNotLoadedError(
            "The collection is not loaded: run manage.py load_collection, then rebuild_index."
        )
    return LoadedPassages(
        works=[slugs[row.document_key] for row in rows],
        texts=[
            passage_for_encoding(title=row.title, heading=row.heading, text=row.text)
            for row in rows
        ],
    )


def is_configured(encoder: Encoder) -> bool:
    """Return whether the portal itself searches with this encoder."""
    try:
        return get_encoder().encoder_id == encoder.encoder_id
    except EncoderUnavailable:
        return False


def _nearest_works(
    needs: Sequence[Need],
    encoder: Encoder,
    vectors: Vectors,
    works: Sequence[str],
) -> dict[str, list[str]]:
    """Return need id → slugs of the nearest works; a question without direction finds none."""
    queries = encoder.encode_queries([normalize(need.query) for need in needs])
    found: dict[str, list[str]] = {}
    for need, query in zip(needs, queries, strict=True):
        if np.any(query):
            order = np.argsort(-(vectors @ query), kind="stable")
            found[need.id] = list(dict.fromkeys(works[index] for index in order))[:DEPTH]
    return found


def _header(kind: str) -> list[str]:
    return [f"{kind} {name}" for name in MEASURES]


def _rows(dense: Evaluation, hybrid: Evaluation | None) -> list[list[object]]:
    """Return overall, then the directions, then the languages."""
    sides = [_lines(one) for one in (dense, hybrid) if one is not None]
    counts = {"overall": dense.overall, **dense.by_direction, **dense.by_language}
    return [
        [name, counts[name].needs, *(cell for side in sides for cell in side[name])]
        for name in counts
    ]


def _lines(found: Evaluation) -> dict[str, list[str]]:
    """Return group → formatted values."""
    groups = {"overall": found.overall, **found.by_direction, **found.by_language}
    return {
        name: [f"{scores.values[measure]:.3f}" for measure in MEASURES]
        for name, scores in groups.items()
    }
