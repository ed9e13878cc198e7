"""Languages and scripts of a text. Pure; language codes are BCP 47 everywhere.

Script ranges decide first, because langdetect knows no Lao, Khmer, Burmese or Amharic; it is
seeded, so the same text always gets the same answer. A short query stays unsure: its detected
language may label, never filter.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from langdetect import DetectorFactory, LangDetectException, detect_langs

DetectorFactory.seed = 0

_SCRIPT_RANGES = {
    "th": (0x0E00, 0x0E7F),
    "lo": (0x0E80, 0x0EFF),
    "km": (0x1780, 0x17FF),
    "my": (0x1000, 0x109F),
    "am": (0x1200, 0x139F),
    "ko": (0xAC00, 0xD7AF),
    "ar": (0x0600, 0x06FF),
}
_KANA = (0x3040, 0x30FF)
_HAN = (0x4E00, 0x9FFF)
_LATIN_LANGUAGES = {"en", "vi", "fr", "id", "ms", "tl", "pt", "es", "sw"}
_VIETNAMESE_ONLY = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
_SURE = 0.80
_VIETNAMESE = 0.30
_VIETNAMESE_FOR_SURE = 0.45


def _share(text: str, low: int, high: int) -> float:
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return 0.0
    return sum(low <= ord(character) <= high for character in letters) / len(letters)


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


def _vietnamese_share(text: str) -> float:
    """Return the share of words with a letter that only Vietnamese has; names have them too."""
    words = [word for word in text.split() if any(map(str.isalpha, word))]
    return sum(bool(_VIETNAMESE_ONLY.search(word)) for word in words) / max(len(words), 1)


def _language_by_script(text: str) -> str | None:
    if _share(text, *_KANA) > 0.05:
        return "ja"
    if _share(text, *_HAN) > 0.3:
        return "zh"
    for language, (low, high) in _SCRIPT_RANGES.items():
        if _share(text, low, high) > 0.3:
            return language
    return None


def _guess(text: str) -> tuple[str | None, float]:
    try:
        candidates = detect_langs(text)
    except LangDetectException:
        return None, 0.0
    for candidate in candidates:
        if candidate.lang in _LATIN_LANGUAGES:
            return candidate.lang, candidate.prob
    return None, 0.0


def normalize(text: str) -> str:
    """Return the text in NFKC, the form in which both sides of a search meet (Thai SARA AM)."""
    return unicodedata.normalize("NFKC", text)


def fold(text: str) -> str:
    """Return the text in lower case without Latin diacritics, đ as d.

    What a reader types without accents ("san pham") and what is written ("sản phẩm") become
    equal. Marks of other scripts are letters in their own right and stay.
    """
    folded = []
    for character in unicodedata.normalize("NFD", normalize(text).casefold()):
        if "̀" <= character <= "ͯ":
            continue
        folded.append("d" if character == "đ" else character)
    return unicodedata.normalize("NFC", "".join(folded))


def is_unaccented(text: str) -> bool:
    """Return True if folding changes nothing but case: the text may be typed without accents."""
    return fold(text) == _accented(text)


def as_compared(text: str) -> Callable[[str], str]:
    """Return how names are made comparable with a text that may contain them, the text itself too.

    Accents count when they were typed: "sản" (to produce) is not "sắn" (cassava).
    """
    return fold if is_unaccented(text) else _accented


def _accented(text: str) -> str:
    return normalize(text).casefold()


@lru_cache(maxsize=20_000)
def names_as_compared(names: tuple[str, ...], compared: Callable[[str], str]) -> tuple[str, ...]:
    """Return names made comparable by what `as_compared` returned, same order."""
    return tuple(compared(name) for name in names)
