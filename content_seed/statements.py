"""The statements of the ledger in other languages: files, and what they promise."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from django.conf import settings

from content_seed.parse import ROOT, read_table

_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
_UNIT = re.compile(r"\bm[23]\b")
_SMALL = 12
"""Up to which a translation may write in digits what English writes in words: months, counts."""


def languages() -> list[str]:
    """Return the languages that there are translations in."""
    return sorted(path.stem for path in (ROOT / "statements").glob("*.tsv"))


def read_statements(language: str) -> list[tuple[str, str]]:
    """Return (code, statement) of each translation into a language."""
    return [(row["code"], row["statement"]) for row in read_table(f"statements/{language}.tsv")]


def all_faults(facts: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield what is wrong with the translations of a ledger; each language has all statements."""
    for language in sorted({*settings.KNOWLEDGE["INTERFACE_LANGUAGES"]} - {"en", *languages()}):
        yield f"statements: none in {language}"
    english = {code: row["fact"] for code, row in facts.items()}
    for language in languages():
        for fault in faults(read_statements(language), english):
            yield f"statements/{language}: {fault}"


def faults(statements: Iterable[tuple[str, str]], english: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the translations into one language.

    Args:
        statements: (code, statement) of each.
        english: Code → statement of each fact.
    """
    found = Counter[str]()
    for code, statement in statements:
        found[code] += 1
        if code not in english:
            yield f"{code}: no such fact"
            continue
        wanted, told = numbers_in(english[code]), numbers_in(statement)
        more = {one for one in told if one not in wanted and int(one) > _SMALL}
        if wrong := sorted(set(wanted - told) | more):
            yield f"{code}: not the same numbers: {', '.join(wrong)}"
    yield from (f"{code}: twice" for code, times in found.items() if times > 1)
    yield from (f"{code}: missing" for code in english if code not in found)


def numbers_in(text: str) -> Counter[str]:
    """Return the digits of each number, without separators and the zeros at its ends.

    1.2 million, 1,2 triệu and 120万 are the same then. So are 10 and 100: a wrong magnitude is not
    found here.
    """
    western = "".join(
        str(unicodedata.digit(letter)) if unicodedata.category(letter) == "Nd" else letter
        for letter in _UNIT.sub("", text)
    )
    return Counter(re.sub(r"\D", "", one).strip("0") or "0" for one in _NUMBER.findall(western))
