"""Documents into passages, passages into sentences, in every script. Pure.

A passage is about 60 to 160 tokens, ends at a sentence where it can and keeps its heading path.
Sizes are estimated from characters and script, so that boundaries do not move when the encoder
does. Citation marks are taken out of the text; which passage they stood in is kept.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from semantic_text_splitter import TextSplitter

from embeddings.types import Section

CITATION = re.compile(r"[ \u00a0]?\[@([A-Z0-9]+-\d+(?:; ?@[A-Z0-9]+-\d+)*)\]")
"""A citation mark in running text: [@VN-21] or [@VN-21; @VN-25]."""
_MEANT_TO_CITE = re.compile(r"\[ ?@[^\[\]\n]{0,60}\]?")

TARGET_TOKENS = 60
MAXIMUM_TOKENS = 160

_CHARACTERS_PER_TOKEN = 4.2
_CHARACTERS_PER_TOKEN_UNSPACED = 3.0
_CHARACTERS_PER_TOKEN_HAN = 1.6
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u1200-\u139f]")
# Latin, CJK, Khmer, Burmese, Ethiopic, Arabic sentence ends; a digit may follow a Latin full stop.
_SENTENCE_END = re.compile(r"[.!?…][\"”»')\]]*\s+|[。！？。።។၊။؟]\s*|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:No|Nos|Mr|Ms|Mrs|Dr|St|art|vol|p|pp|TP|Tp|Th|GS|TS|B\.E|พ\.ศ|ค\.ศ)|\b\w)\.$"
)
_LONGEST_ABBREVIATION = 8
"""With the character before it."""
_SHORTEST_CLAUSE = 40
_GOES_ON = re.compile(r"(?:\d|[%,(]|[พค]\.ศ\.)$")
"""How a clause does not end: a unit follows its figure, a year its era."""
_GOES_WITH_WHAT_STANDS_BEFORE = re.compile(r"[\d)%]")
_SHORTEST_SENTENCE = 16
_SENTENCE_MARK = re.compile("[។။]")
_CLAUSE = re.compile(r"\S+\s*|\s+")
_FIRST_PLACEHOLDER = 0xE000
_PLACEHOLDERS = 0x1900
_ERA = re.compile(r"[พค]\.ศ\.")
_DOT = "\U000f0000"
"""A private character in place of the full stop of an abbreviation."""
_PLACEHOLDER = re.compile("[\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageText:
    """One passage of a document."""

    position: int
    heading: str
    text: str
    place: str = ""
    cited: tuple[str, ...] = ()
    """Codes that the passage cites, in the order of first mention."""


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
        text, marks = _with_placeholders(section.text.strip())
        for chunk in map(_with_full_stops, _chunks(_without_full_stops(text))):
            shown = _PLACEHOLDER.sub("", chunk).strip()
            if not shown:
                continue
            cited = [code for mark in _PLACEHOLDER.findall(chunk) for code in marks[mark]]
            passages.append(
                PassageText(
                    position=len(passages),
                    heading=without_citations(section.heading),
                    text=shown,
                    place=section.place,
                    cited=tuple(dict.fromkeys(cited)),
                )
            )
    return passages


def _chunks(text: str) -> Iterator[str]:
    """Yield pieces of passage size.

    Thai and Lao put spaces between clauses and no mark after sentences; the splitter does not know
    that a space is the place to cut.
    """
    if not _is_unspaced(text) or _SENTENCE_MARK.search(text):
        yield from _SPLITTER.chunks(text)
        return
    pending = ""
    for clause in _CLAUSE.findall(text):
        if pending and estimate_tokens(pending + clause) > MAXIMUM_TOKENS:
            yield from _SPLITTER.chunks(pending)
            pending = ""
        pending += clause
        if clause.endswith("\n") and estimate_tokens(pending) >= TARGET_TOKENS:
            yield from _SPLITTER.chunks(pending)
            pending = ""
    yield from _SPLITTER.chunks(pending)


def _without_full_stops(text: str) -> str:
    """Return the text with the eras of Thai years as letters no splitter cuts: "พ.ศ." ends nothing."""
    return _ERA.sub(lambda match: match[0].replace(".", _DOT), text)


def _with_full_stops(text: str) -> str:
    """Undo `_without_full_stops`."""
    return text.replace(_DOT, ".")


def _is_unspaced(text: str) -> bool:
    return _UNSPACED.search(text) is not None and len(_UNSPACED.findall(text)) > len(text) / 2


def _with_placeholders(text: str) -> tuple[str, dict[str, list[str]]]:
    """Return the text with each mark as one private character, which no splitter cuts."""
    marks: dict[str, list[str]] = {}

    def replace(match: re.Match[str]) -> str:
        placeholder = chr(_FIRST_PLACEHOLDER + len(marks) % _PLACEHOLDERS)
        marks.setdefault(placeholder, []).extend(_codes(match))
        return placeholder

    return CITATION.sub(replace, _PLACEHOLDER.sub("", text)), marks


def _codes(match: re.Match[str]) -> list[str]:
    return [code.strip().removeprefix("@") for code in match.group(1).split(";")]


def cited_codes(text: str) -> list[str]:
    """Return the codes that a text cites, in the order of first mention."""
    codes = [code for match in CITATION.finditer(text) for code in _codes(match)]
    return list(dict.fromkeys(codes))


def failed_citations(text: str) -> list[str]:
    """Return the marks that cite nothing by the way they are written, such as [@vn-21]."""
    return list(dict.fromkeys(_MEANT_TO_CITE.findall(without_citations(text))))


def without_citations(text: str) -> str:
    """Return the text without its citation marks."""
    return CITATION.sub("", text)


def coded_citations(text: str) -> str:
    """Return the text with each mark as the codes in brackets: " [VN-21; VN-25]"."""
    return CITATION.sub(lambda match: f" [{'; '.join(_codes(match))}]", text)


def split_into_sentences(text: str) -> list[str]:
    """Return the sentences of a passage; in Thai and Lao, whose spaces end clauses, clauses."""
    return list(sentences_of(text))


def sentences_of(text: str) -> Iterator[str]:
    """Yield what `split_into_sentences` returns; none is looked for that is not asked for."""
    sentence = ""
    for clause in (clause for one in _full_stops(text) for clause in _clauses(one)):
        # "5 sao." alone says nothing; it belongs to what comes before it, and "Laos." that begins
        # a paragraph to what comes after.
        shorter = min(len(clause), len(sentence))
        if sentence and shorter < _SHORTEST_SENTENCE and f"{sentence} {clause}" in text:
            sentence += " " + clause
            continue
        if sentence:
            yield sentence
        sentence = clause
    if sentence:
        yield sentence


def _full_stops(text: str) -> Iterator[str]:
    start = 0
    for match in _SENTENCE_END.finditer(text):
        sentence = text[start : match.end()]
        if (
            _ABBREVIATION.search(sentence.rstrip()[-_LONGEST_ABBREVIATION:])
            and "\n" not in match.group()
        ):
            continue
        if sentence.strip():
            yield sentence.strip()
        start = match.end()
    if text[start:].strip():
        yield text[start:].strip()


def _clauses(sentence: str) -> list[str]:
    if not _is_unspaced(sentence):
        return [sentence]
    clauses: list[str] = []
    for piece in sentence.split(" "):
        if clauses and (len(clauses[-1]) < _SHORTEST_CLAUSE or _go_together(clauses[-1], piece)):
            clauses[-1] += " " + piece
        else:
            clauses.append(piece)
    if len(clauses) > 1 and len(clauses[-1]) < _SHORTEST_CLAUSE:
        last = clauses.pop()
        clauses[-1] += " " + last
    return clauses


def _go_together(clause: str, piece: str) -> bool:
    """Return True where a space ends no clause: beside a figure, in brackets, in a foreign name."""
    return (
        _GOES_ON.search(clause) is not None
        or _GOES_WITH_WHAT_STANDS_BEFORE.match(piece) is not None
        or clause.count("(") > clause.count(")")
        or (clause[-1:].isascii() and piece[:1].isascii())
    )
