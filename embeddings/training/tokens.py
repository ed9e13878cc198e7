"""Texts as token ids in flat arrays, so that a batch is gathered without touching Python strings.

`Corpus` holds the parallel rows and the retrieval rows of a training directory, tokenised once and
cached in a file; a million sentences take a few hundred megabytes.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tqdm import tqdm

from embeddings.training.config import TrainingConfig
from embeddings.training.data import (
    measured_texts,
    parallel_rows,
    source_name,
    training_retrieval,
)
from embeddings.training.sources import training_files
from embeddings.training.tokenizer import fold, silent_ids

NONE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Token ids of all training texts and how they belong together.

    Texts are numbered. The parallel texts come first, sorted by row; folded copies and retrieval
    texts follow.
    """

    tokens: NDArray[np.uint32]
    """All token ids, text after text."""
    starts: NDArray[np.int64]
    """Text t owns tokens[starts[t]:starts[t + 1]]."""
    language: NDArray[np.uint8]
    """Position of each text's language in the recipe's list."""
    folded: NDArray[np.int32]
    """The copy of a text without diacritics, or -1."""
    row_starts: NDArray[np.int32]
    """Row r owns the parallel texts row_starts[r]:row_starts[r + 1]."""
    row_source: NDArray[np.uint8]
    """Position of each row's source in `sources`."""
    queries: NDArray[np.int32]
    """Text numbers of the retrieval questions."""
    passages: NDArray[np.int32]
    """Text numbers of their passages, same order; equal passages share a number."""
    sources: NDArray[np.str_]
    """Names of the parallel sources."""

    def save(self, path: Path) -> None:
        """Write the corpus; an interrupted write leaves no file under the final name."""
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, **{item.name: getattr(self, item.name) for item in fields(self)})
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a corpus written by `save`."""
        with np.load(path) as arrays:
            return cls(**{item.name: arrays[item.name] for item in fields(cls)})

    def gather(
        self, texts: NDArray[np.int64], *, keep: float, limit: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the token ids of texts, one after another, and how many each text has.

        Args:
            texts: Text numbers, shape (n,).
            keep: Probability that a token stays; a text always keeps at least one.
            limit: At most so many tokens of a text.
            rng: Source of the drop-out.
        """
        counts = np.minimum(self.starts[texts + 1] - self.starts[texts], limit)
        first = np.cumsum(counts) - counts
        within = np.arange(counts.sum()) - np.repeat(first, counts)
        ids = self.tokens[np.repeat(self.starts[texts], counts) + within].astype(np.int64)
        if keep >= 1.0:
            return ids, counts
        kept = rng.random(len(ids)) < keep
        occupied = first[counts > 0]
        kept[occupied] |= ~np.logical_or.reduceat(kept, occupied)
        owner = np.repeat(np.arange(len(texts)), counts)
        return ids[kept], np.bincount(owner[kept], minlength=len(texts))


class _CorpusBuilder:
    """Collects texts in order and tokenises them in blocks."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._silent = sorted(silent_ids(tokenizer))
        self._pending: list[str] = []
        self._blocks: list[NDArray[np.uint32]] = []
        self._counts: list[NDArray[np.int64]] = []
        self.languages: list[int] = []

    def add(self, text: str, *, language: int) -> int:
        """Take one text and return its number."""
        self._pending.append(text)
        self.languages.append(language)
        if len(self._pending) >= 20_000:
            self.flush()
        return len(self.languages) - 1

    def flush(self) -> None:
        """Tokenise what is pending."""
        encodings = self._tokenizer.encode_batch_fast(self._pending, add_special_tokens=False)
        ids = np.array([id_ for encoding in encodings for id_ in encoding.ids], dtype=np.uint32)
        counts = np.array([len(encoding) for encoding in encodings], dtype=np.int64)
        owner = np.repeat(np.arange(len(encodings)), counts)
        heard = ~np.isin(ids, self._silent)
        self._blocks.append(ids[heard])
        self._counts.append(np.bincount(owner[heard], minlength=len(encodings)))
        self._pending = []

    def arrays(self) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return all tokens and the start of each text, with the end as last element."""
        self.flush()
        starts = np.concatenate([[0], np.cumsum(np.concatenate(self._counts))]).astype(np.int64)
        return np.concatenate(self._blocks), starts


def build_corpus(data_dir: Path, *, tokenizer: Tokenizer, config: TrainingConfig) -> Corpus:
    """Tokenise every parallel row and every retrieval row that may be trained on."""
    builder = _CorpusBuilder(tokenizer)
    positions = {code: index for index, code in enumerate(config.languages)}
    row_starts, row_source, to_fold = [0], [], []
    paths = training_files(data_dir, "parallel", config=config)
    for source, path in enumerate(tqdm(paths, desc="tokenise", unit="file")):
        for row in parallel_rows(path, languages=config.languages):
            for code, text in row.items():
                number = builder.add(text, language=positions[code])
                if code in config.tokenizer.folded_share:
                    to_fold.append((number, fold(text)))
            row_starts.append(len(builder.languages))
            row_source.append(source)
    queries, passages = _add_retrieval(builder, data_dir, config=config, positions=positions)
    copies = [
        (number, builder.add(text, language=builder.languages[number])) for number, text in to_fold
    ]
    tokens, starts = builder.arrays()
    folded = np.full(len(builder.languages), NONE, dtype=np.int32)
    for number, copy in copies:
        folded[number] = copy
    return Corpus(
        tokens=tokens,
        starts=starts,
        language=np.array(builder.languages, dtype=np.uint8),
        folded=folded,
        row_starts=np.array(row_starts, dtype=np.int32),
        row_source=np.array(row_source, dtype=np.uint8),
        queries=np.array(queries, dtype=np.int32),
        passages=np.array(passages, dtype=np.int32),
        sources=np.array([source_name(path) for path in paths]),
    )


def _add_retrieval(
    builder: _CorpusBuilder,
    data_dir: Path,
    *,
    config: TrainingConfig,
    positions: dict[str, int],
) -> tuple[list[int], list[int]]:
    """Add the questions and passages and return their text numbers, pair by pair."""
    queries: list[int] = []
    passages: list[int] = []
    known: dict[str, int] = {}
    measured = measured_texts(data_dir)
    for path in training_files(data_dir, "retrieval", config=config):
        for row in training_retrieval(path, languages=config.languages, measured=measured):
            if row.passage not in known:
                known[row.passage] = builder.add(
                    row.passage, language=positions[row.passage_language]
                )
            passages.append(known[row.passage])
            queries.append(builder.add(row.query, language=positions[row.query_language]))
    return queries, passages
