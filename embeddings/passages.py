"""Documents into passages, passages into sentences, in every script. Pure.

A passage is about 60 to 160 tokens, ends at a sentence where it can and keeps its heading path.
Sizes are estimated from characters and script, so that boundaries do not move when the encoder
does.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from semantic_text_splitter import TextSplitter

from embeddings.types import Section

TARGET_TOKENS = 60
MAXIMUM_TOKENS = 160

_CHARACTERS_PER_TOKEN = 4.2
_CHARACTERS_PER_TOKEN_UNSPACED = 3.0
_CHARACTERS_PER_TOKEN_HAN = 1.6
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u1200-\u139f]")
# Latin, CJK, Khmer, Burmese, Ethiopic, Arabic sentence ends; a digit may follow a Latin full stop.
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»')\]]*\s+|(?<=[。！？。።។၊။؟])\s*|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:No|Nos|Mr|Ms|Mrs|Dr|St|art|vol|p|pp|TP|Tp|Th|GS|TS|B\.E|พ\.ศ|ค\.ศ)|\b\w)\.$"
)
_SHORTEST_CLAUSE = 40
_SHORTEST_SENTENCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageText:
    """One passage of a document."""

    position: int
    heading: str
    text: str


def estimate_tokens(text: str) -> int:
    """Return about how many subword tokens the text has."""
    unspaced = len(_UNSPACED.findall(text))
    han = len(_HAN.findall(text))
    rest = len(text) - unspaced - han
    return round(
        rest / _CHARACTERS_PER_TOKEN
        + unspaced / _CHARACTERS_PER_TOKEN_UNSPACED
        + han / _CHARACTERS_PER_TOKEN_HAN
    )


_SPLITTER = TextSplitter.from_callback(estimate_tokens, (TARGET_TOKENS, MAXIMUM_TOKENS))


def split_into_passages(sections: Sequence[Section]) -> list[PassageText]:
    """Return the passages of a document in reading order; empty sections give none."""
    passages: list[PassageText] = []
    for section in sections:
        for text in _SPLITTER.chunks(section.text.strip()):
            passages.append(PassageText(position=len(passages), heading=section.heading, text=text))
    return passages


def split_into_sentences(text: str) -> list[str]:
    """Return the sentences of a passage; in Thai and Lao, whose spaces end clauses, clauses."""
    clauses = [clause for sentence in _full_stops(text) for clause in _clauses(sentence)]
    sentences: list[str] = []
    for clause in clauses:
        # "5 sao." alone says nothing; it belongs to what comes before it.
        if sentences and len(clause) < _SHORTEST_SENTENCE and f"{sentences[-1]} {clause}" in text:
            sentences[-1] += " " + clause
        else:
            sentences.append(clause)
    return sentences


def _full_stops(text: str) -> Iterator[str]:
    start = 0
    for match in _SENTENCE_END.finditer(text):
        sentence = text[start : match.end()]
        if _ABBREVIATION.search(sentence.rstrip()) and "\n" not in match.group():
            continue
        if sentence.strip():
            yield sentence.strip()
        start = match.end()
    if text[start:].strip():
        yield text[start:].strip()


def _clauses(sentence: str) -> list[str]:
    if len(_UNSPACED.findall(sentence)) < len(sentence) / 2:
        return [sentence]
    clauses: list[str] = []
    for piece in sentence.split(" "):
        if clauses and len(clauses[-1]) < _SHORTEST_CLAUSE:
            clauses[-1] += " " + piece
        else:
            clauses.append(piece)
    if len(clauses) > 1 and len(clauses[-1]) < _SHORTEST_CLAUSE:
        last = clauses.pop()
        clauses[-1] += " " + last
    return clauses
