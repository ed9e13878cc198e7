"""Languages and scripts of a text. Pure; language codes are BCP 47 everywhere.

Script ranges decide first, because langdetect knows no Lao, Khmer, Burmese or Amharic. A short
query stays unsure: its detected language may label, never filter.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from numpy.typing import NDArray

_SCRIPT_RANGES = {
    "th": (0x0E00, 0x0E7F),
    "lo": (0x0E80, 0x0EFF),
    "km": (0x1780, 0x17FF),
    "my": (0x1000, 0x109F),
    "am": (0x1200, 0x139F),
    "ko": (0xAC00, 0xD7AF),
    "ar": (0x0600, 0x06FF),
}
_FIRST_OTHER_SCRIPT = 0x0600
_KANA = (0x3040, 0x30FF)
_HAN = (0x4E00, 0x9FFF)
_LATIN_LANGUAGES = {"en", "vi", "fr", "id", "ms", "tl", "pt", "es", "sw"}
_VIETNAMESE_ONLY = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
_VIETNAMESE_SYLLABLE = re.compile(
    "(?:ngh?|[cgknpt]h|gi|tr|qu|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
"""As typed without accents; a word of Vietnamese is one syllable."""
_LONG_WORDED = {"tl", "id", "sw"}
"""Languages that unaccented Vietnamese is taken for; few of their words are one syllable."""
_MOST_WORDS = 0.75
"""The others may be names, typed small."""
_MORE_WORDS_THAN_NOT = 0.5
"""Likewise where the reader's language is Vietnamese anyhow."""
_WORDS_THAT_TELL = 3
_LIKELY_ENOUGH = 0.02
"""Probability from which a question is in the reader's language. Of 594 questions of three to six words
that readers ask in theirs, 563 are told instead of 519; of 3,628 in another language, 35 are taken for
the reader's instead of 10."""
# Letters and digits with the marks that stand on them: \w alone cuts Thai at its vowels.
_MARKS = "\u0300-\u036f\u0610-\u065f\u0900-\u109f\u0e00-\u0e3e\u0e40-\u0eff\u135d-\u135f\u1780-\u17d3\u17d7-\u17ff"
_WORD = re.compile(rf"[\w{_MARKS}]+")
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Scripts that write numbers and Latin names without a space beside them; Hangul is one of them."""
_UNSPACED_LETTER = re.compile(f"[{_UNSPACED}]")
_SCRIPT_EDGE = re.compile(f"(?<=[{_UNSPACED}])(?=[0-9A-Za-z])|(?<=[0-9A-Za-z])(?=[{_UNSPACED}])")
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_LONGEST_WORD = 24
_SHORTEST_BARE_NAME = 4
_TONE_ON_EITHER = re.compile("(?:[oòóỏõọ][aàáảãạeèéẻẽẹ]|(?<!q)[uùúủũụ][yỳýỷỹỵ])(?!\\w)")
"""Vietnamese that people spell in two ways: "hoá" and "hóa"."""
_HYPHENS = str.maketrans("-\u2010\u2011", "   ")
_LATIN_MARKS = re.compile("[\u0300-\u036f]+")
_LONGEST_GRAM = 3
_LATIN = " -\u024f\u1e00-\u1eff"
_LATIN_GRAM = re.compile(f"[{_LATIN}]+")
_OTHER_LETTER = re.compile(rf"[^\W{_LATIN}]")
_SMOOTHING = 0.5 / 10_000
"""What langdetect adds to the probability of each n-gram."""
_OTHER_SCRIPT = 0.3
"""Share of letters from which a text is in another script than Latin."""
_SURE = 0.80
_VIETNAMESE = 0.30
_VIETNAMESE_FOR_SURE = 0.45


def detect_language(text: str, *, declared: str | None = None) -> str | None:
    """Return the language of the text, or None when nothing can be said.

    The declared language wins unless the script contradicts it or the text clearly does.
    """
    text = unicodedata.normalize("NFC", text)
    by_script = _language_by_script(text)
    if by_script is not None:
        # Japanese may be written without kana, in a title or a list of names.
        return "ja" if (by_script, declared) == ("zh", "ja") else by_script
    if declared is not None and declared not in _LATIN_LANGUAGES and any(map(str.isalpha, text)):
        declared = None  # Latin letters under a declared Thai or Arabic: the script contradicts
    if declared is None and text == text.upper():
        return None  # OCOP, OTOP: names of programmes belong to no language
    vietnamese = _vietnamese_share(text)
    if vietnamese >= (_VIETNAMESE_FOR_SURE if declared else _VIETNAMESE):
        return "vi"
    guess, probability = _guess(text)
    if declared is not None:
        # langdetect has no Malay: what it calls Indonesian may be either.
        same = guess == declared or {guess, declared} == {"id", "ms"}
        return declared if same or probability < 0.99 or len(text) < 200 else guess
    return guess if probability >= _SURE else None


def language_of_question(text: str, *, preferred: Sequence[str] = ()) -> str | None:
    """Return the language that a question reads as, None when unsure.

    Names and numbers belong to no language, and one or two words are too few to tell: the reader's
    language wins then.

    Args:
        text: The question.
        preferred: The reader's languages. Who reads Japanese may write it in Chinese characters alone.
    """
    text = unicodedata.normalize("NFC", text)
    by_script = _language_by_script(text)
    if by_script is not None:
        return "ja" if by_script == "zh" and "ja" in preferred else by_script
    ordinary = [word for word in _WORD.findall(text) if word.isalpha() and not word[0].isupper()]
    said = " ".join(ordinary)
    if len(ordinary) < _WORDS_THAT_TELL:
        return "vi" if _vietnamese_share(said) >= _VIETNAMESE else None
    found = detect_language(said)
    if found == "vi":
        return found
    if found in _LONG_WORDED and _LONG_WORDED.isdisjoint(preferred):
        syllables = sum(_VIETNAMESE_SYLLABLE.fullmatch(word) is not None for word in ordinary)
        enough = _MORE_WORDS_THAN_NOT if "vi" in preferred else _MOST_WORDS
        if syllables >= enough * len(ordinary):
            return "vi"
    odds = _odds(said)
    return next((one for one in preferred if odds.get(one, 0.0) >= _LIKELY_ENOUGH), found)


def _vietnamese_share(text: str) -> float:
    """Return the share of words with a letter that only Vietnamese has; names have them too."""
    words = [word for word in text.split() if any(map(str.isalpha, word))]
    return sum(bool(_VIETNAMESE_ONLY.search(word)) for word in words) / max(len(words), 1)


def _language_by_script(text: str) -> str | None:
    letters = [ord(character) for character in text if character.isalpha()]
    if not letters or max(letters) < _FIRST_OTHER_SCRIPT:
        return None

    def share(low: int, high: int) -> float:
        return sum(low <= letter <= high for letter in letters) / len(letters)

    if share(*_KANA) > 0.05:
        return "ja"
    if share(*_HAN) > _OTHER_SCRIPT:
        return "zh"
    for language, (low, high) in _SCRIPT_RANGES.items():
        if share(low, high) > _OTHER_SCRIPT:
            return language
    return None


def _guess(text: str) -> tuple[str | None, float]:
    """Return the likeliest of the languages in Latin script, and its probability among all."""
    odds = _odds(text)
    best = max(odds, key=odds.__getitem__, default=None)
    return best, odds.get(best or "", 0.0)


def _odds(text: str) -> dict[str, float]:
    """Return language in Latin script → its probability among all; nothing of another script."""
    if len(_OTHER_LETTER.findall(text)) > _OTHER_SCRIPT * sum(map(str.isalpha, text)):
        return {}
    profiles = _profiles()
    detector = profiles.factory.create()
    detector.append(text)
    detector.cleaning_text()
    grams = [profiles.factory.word_lang_prob_map[gram] for gram in detector._extract_ngrams()]  # noqa: SLF001
    if not grams:
        return {}
    likelihood = profiles.logarithms[grams].sum(axis=0, dtype=np.float32)
    odds = np.exp(likelihood - likelihood.max())
    odds /= odds.sum()
    return {profiles.factory.langlist[column]: float(odds[column]) for column in profiles.latin}


class _Profiles(NamedTuple):
    factory: DetectorFactory
    """Its map leads from n-grams to rows here."""
    logarithms: NDArray[np.float16]
    """Log-probability of each n-gram in each language, shape (n-grams, languages)."""
    latin: list[int]


@cache
def _profiles() -> _Profiles:
    """Return langdetect's profiles as one matrix.

    langdetect draws n-grams at random until it is sure, seven times over: a search would wait for
    it longer than for its index. All n-grams at once give the same answer for less, and a matrix of
    those in Latin script, where alone it is asked, takes a tenth of the memory.
    """
    files = [path for path in sorted(Path(PROFILES_DIRECTORY).iterdir()) if path.is_file()]
    rows_of: dict[str, int] = {}
    cells: list[tuple[NDArray[np.int32], NDArray[np.float32]]] = []
    for path in files:
        profile = json.loads(path.read_text(encoding="utf-8"))
        grams = {
            gram: count
            for gram, count in profile["freq"].items()
            if len(gram) <= _LONGEST_GRAM and _LATIN_GRAM.fullmatch(gram)
        }
        rows = [rows_of.setdefault(gram, len(rows_of)) for gram in grams]
        of_length = np.array([profile["n_words"][len(gram) - 1] for gram in grams], np.float32)
        shares = np.fromiter(grams.values(), np.float32) / of_length
        cells.append((np.array(rows, np.int32), shares))
    logarithms = np.full((len(rows_of), len(files)), np.log(_SMOOTHING), dtype=np.float16)
    for column, (at, shares) in enumerate(cells):
        logarithms[at, column] = np.log(shares + _SMOOTHING)
    factory = DetectorFactory()
    factory.langlist = [path.name for path in files]
    factory.word_lang_prob_map = rows_of
    latin = [factory.langlist.index(code) for code in sorted(_LATIN_LANGUAGES - {"ms"})]
    return _Profiles(factory, logarithms, latin)


def normalize(text: str) -> str:
    """Return the text in NFKC, the form in which both sides of a search meet (Thai SARA AM)."""
    return unicodedata.normalize("NFKC", text)


def fold(text: str) -> str:
    """Return the text in lower case without Latin diacritics, đ as d.

    What a reader types without accents ("san pham") and what is written ("sản phẩm") become
    equal. Marks of other scripts are letters in their own right and stay.
    """
    if text.isascii():
        return text.lower()
    bare = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", normalize(text).casefold()))
    return unicodedata.normalize("NFC", bare.replace("đ", "d"))


def plain_digits(text: str) -> str:
    """Return the text in NFKC with the digits of all scripts as 0 to 9."""
    return _FOREIGN_DIGIT.sub(lambda match: str(unicodedata.digit(match[0])), normalize(text))


def apart(text: str) -> str:
    """Return the text with a space where letters of scripts without spaces meet others."""
    if _UNSPACED_LETTER.search(text) is None:  # as in most texts, and sooner found
        return text
    return _SCRIPT_EDGE.sub(" ", text)


def unspaced_letters(text: str) -> int:
    """Return how many letters are of scripts whose words stand side by side without a space."""
    return len(_UNSPACED_LETTER.findall(text))


def folded_runs(text: str) -> list[str]:
    """Return the runs of letters and digits of the text, folded.

    Digits are those of ASCII; numbers and Latin names stand apart from the letters of scripts
    that write no spaces: "第148号" has the run "148".
    """
    if not text.isascii():
        text = apart(plain_digits(text))
    return _WORD.findall(fold(text))


def folded_words(text: str) -> list[str]:
    """Return the words of the text, folded; long runs of scripts without spaces are left out."""
    return [run for run in folded_runs(text) if len(run) <= _LONGEST_WORD]


def is_unaccented(text: str) -> bool:
    """Return True if folding changes nothing but case: the text may be typed without accents."""
    return fold(text) == _accented(text)


def accents_tell(text: str) -> bool:
    """Return True if accents were typed that tell its words from others, however one spells them."""
    accented = _accented(text)
    return fold(text) != accented and _TONE_ON_EITHER.search(accented) is None


def as_compared(text: str) -> Callable[[str], str]:
    """Return how names are made comparable with a text that may contain them, the text itself too.

    Accents count when they were typed: "sản" (to produce) is not "sắn" (cassava). Hyphens do not.
    """
    return _bare_name if is_unaccented(text) else _accented_name


def _accented(text: str) -> str:
    return normalize(text).casefold()


def _bare_name(text: str) -> str:
    return fold(text).translate(_HYPHENS)


def _accented_name(text: str) -> str:
    return _accented(text).translate(_HYPHENS)


@lru_cache(maxsize=20_000)
def names_as_compared(names: tuple[str, ...], compared: Callable[[str], str]) -> tuple[str, ...]:
    """Return names made comparable by what `as_compared` returned, same order."""
    return tuple(compared(name) for name in names)


def names_to_find(
    names: tuple[str, ...], compared: Callable[[str], str], *, shortest: int
) -> list[str]:
    """Return those of the names that a text is searched for, made comparable, in order.

    In three letters, names without their accents are other words: "thé" (tea) is "the", "nấm"
    (mushrooms) is "năm" (year), and "Lào" (Laos) begins "lao động" (labour).

    Args:
        names: As written.
        compared: What `as_compared` returned.
        shortest: Letters that a name must have.
    """
    both = zip(names, names_as_compared(names, compared), strict=True)
    return [
        name
        for written, name in both
        if len(name) >= (shortest if name == _accented_name(written) else _SHORTEST_BARE_NAME)
    ]


class NamesByBeginning:
    """Names to look for in texts, found by the letters that they begin with.

    Args:
        names: Made comparable; empty ones are never found.
        letters: How many letters the shortest of the others has.
    """

    def __init__(self, names: Sequence[str], *, letters: int) -> None:
        self.names = names
        self._letters = letters
        self._by_beginning: dict[str, list[int]] = {}
        for number, name in enumerate(names):
            if name:
                self._by_beginning.setdefault(name[:letters], []).append(number)

    def inside(self, text: str) -> list[int]:
        """Return the numbers of the names that a text, made comparable likewise, holds."""
        beginnings = {text[at : at + self._letters] for at in range(len(text))}
        begun = beginnings & self._by_beginning.keys()
        return sorted(
            number
            for beginning in begun
            for number in self._by_beginning[beginning]
            if self.names[number] in text
        )
