"""What of a question must be matched to the letter: quoted words, document numbers, dates. Pure.

A long question in natural language has no such part. Where one is named, only texts that hold it
can be what is meant: "QĐ 148" is one decision among hundreds that read alike. The rules:

- What stands in quotation marks is a phrase.
- A kind of document with a number is a code, and so is a number joined to letters ("A/RES/70/1")
  or next to a word in capitals ("ISO 22000"). Years and counts are not: "OCOP 2023", "5 products".
- A date written in digits, or as Vietnamese, Chinese, Japanese and Korean have it, is a date; "3/5" or "24/7" is none, for it has no year.
- A question of two to six words with a digit or a word in capitals and nothing of the above is a
  phrase as a whole: "OCOP 5 sao".

Words are compared folded. A phrase in a script without spaces has none; look for its text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from embeddings.language import apart, fold, folded_words, plain_digits, unspaced_letters

Words = tuple[str, ...]

_QUOTED = re.compile(
    "|".join(
        [
            '"([^"]+)"',
            "[“„]([^“”„]+)[”“]",
            "«([^»]+)»",
            "‹([^›]+)›",
            "「([^」]+)」",
            "『([^』]+)』",
            "《([^》]+)》",
            "〈([^〉]+)〉",
            r"(?<!\w)‘(.+?)’(?!\w)",  # an apostrophe has a letter on both sides
        ]
    )
)

_KINDS: tuple[tuple[Words, ...], ...] = tuple(
    tuple(tuple(name.split()) for name in kind.split(","))
    for kind in (
        "qd, quyet dinh, decision, keputusan, decisao, uamuzi, قرار",
        "nq, nghi quyet, resolution, resolusi, resolucao, resolucion",
        "nd, nghi dinh, decree, decret, decreto, مرسوم",
        "tt, thong tu, circular, circulaire",
        "ct, chi thi, directive, instruction, instruksi",
        "luat, law, act, loi, lei, ley, undang undang, sheria, قانون",
        "peraturan, regulation, reglement, regulamento, kanuni",
    )
)
"""Kinds of numbered documents, each under the names that texts in different languages give it."""
_BEFORE_NUMBER = {"qd", "nq", "nd", "tt", "ct"}
"""Abbreviations that also follow the number: "148/QĐ"."""
_NUMBER_SIGNS = {
    *("no", "nos", "n", "nr", "num", "number", "numero", "so", "nomor", "nombor", "bilangan"),
    *("namba", "رقم", "ቁጥር", "제"),
}
NUMBERING_WORDS = frozenset(_NUMBER_SIGNS).union(
    word for kind in _KINDS for name in kind for word in name
)
"""What names a numbered document. None of it is a misspelling of another word."""
_UNSPACED_NUMBER_SIGNS = tuple(
    fold("เลขที่ ฉบับที่ คำสั่ง คำสั่งที่ ເລກທີ ຂໍ້ຕົກລົງ លេខ សេចក្ដីសម្រេច សេចក្តីសម្រេច အမှတ် 第 決定 决定").split()
)
"""What stands before a number, a kind of document too; each ends a word, whatever goes before."""
_SIGNS_AFTER_NUMBER = ("号", "號", "호")
_ARABIC_ARTICLE = "ال"
_ENOUGH_DIGITS_ALONE = 3
_DIGITS_OF_NO_COUNT = 5
"""A count of so many is written with separators. After an abbreviation that is no kind of document
known here such a number is enough: "RA 11960" is Republic Act 11960."""
_YEARS = range(1900, 2100)
_BUDDHIST_YEARS = range(2443, 2643)
_BUDDHIST_ERA = 543
_JOINED = re.compile(r"[^\W_]+(?:[/-][^\W_]+)+")
_GLUED = re.compile(r"\b([A-Za-zĐđ]{1,8})(\d{3,7})\b")
_CAPITALS_AND_NUMBER = re.compile(r"\b([A-ZĐ]{2,})\s+(\d{2,7})\b(?![.,]\d)")

_NOT_BEFORE = r"(?<![\w/.-])"
_NOT_AFTER = r"(?![\w/-]|\.\d)"
_DATES = (
    re.compile(rf"{_NOT_BEFORE}(?P<year>\d{{4}})[-/](?P<month>\d\d?)(?P<day>){_NOT_AFTER}"),
    re.compile(
        rf"{_NOT_BEFORE}(?P<year>\d{{4}})([-/.])(?P<month>\d\d?)\2(?P<day>\d\d?){_NOT_AFTER}"
    ),
    re.compile(rf"{_NOT_BEFORE}(?P<day>)(?P<month>\d\d?)[-/](?P<year>\d{{4}}){_NOT_AFTER}"),
    re.compile(
        rf"{_NOT_BEFORE}(?P<day>\d\d?)([-/.])(?P<month>\d\d?)\2(?P<year>\d{{4}}){_NOT_AFTER}"
    ),
    re.compile(r"(?P<year>\d{4})\s*年\s*(?P<month>\d\d?)\s*月(?:\s*(?P<day>\d\d?)\s*日)?"),
    re.compile(r"(?P<year>\d{4})\s*년\s*(?P<month>\d\d?)\s*월(?:\s*(?P<day>\d\d?)\s*일)?"),
    re.compile(
        r"(?:\b(?P<day>\d\d?)\s+)?\bth[áa]ng\s+(?P<month>\d\d?)\s+n[ăa]m\s+(?P<year>\d{4})\b",
        re.IGNORECASE,
    ),
)
_MONTHS = 12

_WORDS_OF_A_PHRASE = range(2, 7)
_UNSPACED_LETTERS_OF_A_PHRASE = 12
"""About as much as three words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """What must be written exactly so, case and accents aside."""

    text: str
    words: Words
    """Folded, to stand in a row; empty where a script without spaces hides where words end."""

    def matches(self, text: str) -> bool:
        """Return True if a text holds the phrase."""
        if self.words:
            return _in_a_row(self.words, _words(text))
        return _squeezed(self.text) in _squeezed(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A document number, under each of the spellings that texts may give it."""

    spellings: tuple[frozenset[str], ...]
    """Words that must stand together in any order; one spelling is enough. The reader's first."""

    def matches(self, text: str) -> bool:
        """Return True if a text holds all words of a spelling, at most one other among them."""
        words = _words(text)
        return any(_close_together(spelling, words) for spelling in self.spellings)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactDate:
    """A day or a month."""

    iso: str
    """YYYY-MM-DD or YYYY-MM."""
    rows: tuple[Words, ...]
    """The words under which texts write it in digits; one of them in a row is enough."""

    def matches(self, text: str) -> bool:
        """Return True if a text writes the date in digits."""
        words = _words(text)
        return any(_in_a_row(row, words) for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactParts:
    """The parts of a question that must be matched to the letter."""

    phrases: tuple[Phrase, ...] = ()
    codes: tuple[Code, ...] = ()
    dates: tuple[ExactDate, ...] = ()
    is_asked_for: bool = False
    """Whether the reader wrote a number, a date or a quotation. A short question may be the words of
    some text as it stands, without being meant so."""

    def __bool__(self) -> bool:
        return bool(self.phrases or self.codes or self.dates)

    def matches(self, text: str) -> bool:
        """Return True if a text holds every part."""
        parts: tuple[Phrase | Code | ExactDate, ...] = (*self.phrases, *self.codes, *self.dates)
        return all(part.matches(text) for part in parts)


def exact_parts(text: str) -> ExactParts:
    """Return what of a question must be matched to the letter; empty for most questions."""
    plain = plain_digits(text)
    phrases = tuple(_quoted(plain))
    rest = apart(_QUOTED.sub(" ", plain))
    dates = tuple(dict.fromkeys(_dates(rest)))
    codes = tuple(_codes(rest))
    is_asked_for = bool(phrases or codes or dates)
    if not is_asked_for:
        phrases = tuple(_whole(plain))
    return ExactParts(phrases=phrases, codes=codes, dates=dates, is_asked_for=is_asked_for)


def _words(text: str) -> Words:
    return tuple(folded_words(text))


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", "", fold(plain_digits(text)))


def _in_a_row(wanted: Words, words: Sequence[str]) -> bool:
    size = len(wanted)
    return any(tuple(words[at : at + size]) == wanted for at in range(len(words) - size + 1))


def _close_together(wanted: frozenset[str], words: Sequence[str]) -> bool:
    size = len(wanted) + 1
    last = max(len(words) - size, 0)
    return any(wanted <= set(words[at : at + size]) for at in range(last + 1))


def _quoted(text: str) -> Iterator[Phrase]:
    for match in _QUOTED.finditer(text):
        inner = next(group for group in match.groups() if group is not None).strip()
        if any(map(str.isalnum, inner)):
            yield _phrase(inner)


def _phrase(text: str) -> Phrase:
    is_spaced = not unspaced_letters(text)
    return Phrase(text=text, words=_words(text) if is_spaced else ())


def _whole(text: str) -> Iterator[Phrase]:
    words = _words(text)
    is_short = (
        len(words) in _WORDS_OF_A_PHRASE and unspaced_letters(text) <= _UNSPACED_LETTERS_OF_A_PHRASE
    )
    if is_short and (any(map(str.isdigit, text)) or any(map(_is_in_capitals, text.split()))):
        yield _phrase(text.strip())


def _is_in_capitals(word: str) -> bool:
    return word.isupper() and sum(map(str.isalpha, word)) > 1


def _codes(text: str) -> Iterator[Code]:
    """Yield one code per number, with all spellings found for it."""
    spellings: dict[str, list[Words]] = {}
    for number, spelling in (*_joined_codes(text), *_numbered_documents(_words(text))):
        spellings.setdefault(number, []).append(spelling)
    for number, found in spellings.items():
        kinds = [name for spelling in found for name in _other_names(spelling)]
        sets = [frozenset(spelling) for spelling in found]
        if not kinds and len(number) >= _DIGITS_OF_NO_COUNT:
            kinds.append(())
        yield Code(
            spellings=tuple(dict.fromkeys([*sets, *(frozenset([*name, number]) for name in kinds)]))
        )


def _joined_codes(text: str) -> Iterator[tuple[str, Words]]:
    """Yield (number, words) of codes that their own shape gives away."""
    for match in _JOINED.finditer(text):
        words = _words(match[0])
        numbers = [word for word in words if word.isdecimal()]
        if numbers and (_has_capitals(match[0]) or not _BEFORE_NUMBER.isdisjoint(words)):
            yield numbers[0], words
    for match in _CAPITALS_AND_NUMBER.finditer(text):
        if not _is_year(match[2]):
            yield match[2], _words(match[0])
    for match in _GLUED.finditer(text):
        yield match[2], _words(match[0])
        yield match[2], _words(f"{match[1]} {match[2]}")


def _has_capitals(joined: str) -> bool:
    """Return True for "148/QĐ-TTg" and "COVID-19", not for "5-star" or "100/day"."""
    return sum(map(str.isupper, joined)) > 1


def _numbered_documents(words: Words) -> Iterator[tuple[str, Words]]:
    """Yield (number, words) of kinds of documents with a number, and of numbers with a sign."""
    if len(words) == 1 and _is_distinctive(words[0]):
        yield words[0], words
    for at, word in enumerate(words):
        if word.isdecimal() and (spelling := _document_number(words[:at], word)):
            yield word, spelling
    for word, following in pairwise(words):
        if word.isdecimal() and following in _BEFORE_NUMBER:
            yield word, (following, word)
        if _is_distinctive(word) and following.startswith(_SIGNS_AFTER_NUMBER):
            yield word, (word,)


def _document_number(before: Words, number: str) -> Words:
    """Return the words that belong together when a number with this before it is a document's."""
    has_sign = bool(before) and before[-1] in _NUMBER_SIGNS
    if has_sign:
        before = before[:-1]
    kind = _kind_at_the_end(before)
    if kind and (has_sign or not _is_year(number)):
        return (*kind, number)
    if has_sign and before and not _is_year(number):
        return (before[-1], number)
    if _is_distinctive(number) and (has_sign or _ends_in_sign(before)):
        return (number,)
    return ()


def _is_year(number: str) -> bool:
    return int(number) in _YEARS


def _is_distinctive(word: str) -> bool:
    return word.isdecimal() and len(word) >= _ENOUGH_DIGITS_ALONE and not _is_year(word)


def _ends_in_sign(words: Words) -> bool:
    return bool(words) and words[-1].endswith(_UNSPACED_NUMBER_SIGNS)


def _kind_at_the_end(words: Words) -> Words:
    bare = tuple(word.removeprefix(_ARABIC_ARTICLE) for word in words)
    names = (name for kind in _KINDS for name in kind if bare[-len(name) :] == name)
    return next(names, ())


def _other_names(spelling: Words) -> Iterable[Words]:
    """Return all names of the kind of document that a spelling names."""
    return next((kind for kind in _KINDS if any(set(name) <= set(spelling) for name in kind)), ())


def _dates(text: str) -> Iterator[ExactDate]:
    for match in (match for pattern in _DATES for match in pattern.finditer(text)):
        year, month, day = (int(match[part] or 0) for part in ("year", "month", "day"))
        if year in _BUDDHIST_YEARS:
            year -= _BUDDHIST_ERA
        if month > _MONTHS:
            month, day = day, month  # 12/31/2025, as Americans write it
        try:
            iso = date(year, month, day or 1).isoformat()
        except ValueError:
            continue
        rows = (_words(match[0]), *_numeric_rows(year, month, day))
        yield ExactDate(iso=iso if day else iso[:7], rows=tuple(dict.fromkeys(rows)))


def _numeric_rows(year: int, month: int, day: int) -> list[Words]:
    """Return the words of a date written in digits; `day` 0 is a whole month."""
    if not day:
        return [
            *((f"{year}", f"{month:{pad}}") for pad in ("02", "")),
            *((f"{month:{pad}}", f"{year}") for pad in ("02", "")),
            ("thang", f"{month}", "nam", f"{year}"),
            (f"{year}", "年", f"{month}"),
        ]
    return [
        *((f"{year}", f"{month:{pad}}", f"{day:{pad}}") for pad in ("02", "")),
        *((f"{day:{pad}}", f"{month:{pad}}", f"{year}") for pad in ("02", "")),
        (f"{day}", "thang", f"{month}", "nam", f"{year}"),
        (f"{year}", "年", f"{month}", "月", f"{day}"),
    ]
