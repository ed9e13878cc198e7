"""The languages of the portal: one table, read by settings, templates and Django's own registry.

Two lists, kept apart on purpose: a *content* language is one a page may be written in; an
*interface* language is one the menus and buttons are translated into.
"""

from django.conf.locale import LANG_INFO

CONTENT_LANGUAGES = [
    ("en", "English"),
    ("vi", "Tiếng Việt"),
    ("th", "ไทย"),
    ("ja", "日本語"),
    ("fr", "Français"),
    ("lo", "ລາວ"),
    ("km", "ខ្មែរ"),
    ("id", "Bahasa Indonesia"),
    ("ms", "Bahasa Melayu"),
    ("my", "မြန်မာ"),
    ("tl", "Filipino"),
    ("zh", "中文"),
    ("ko", "한국어"),
    ("pt", "Português"),
    ("es", "Español"),
    ("sw", "Kiswahili"),
    ("ar", "العربية"),
    ("am", "አማርኛ"),
]
"""The 18 content languages, each under its own name."""

INTERFACE_LANGUAGES = ["en", "vi", "th", "ja", "fr", "pt", "lo", "km", "id", "sw", "ar"]
"""Languages the interface is translated into, in the order of the switcher."""

COMPLETE_INTERFACE_LANGUAGES = ["en", "vi", "th", "ja", "fr"]
"""Interface languages that must be complete; the build fails on a missing string in one of them."""

RIGHT_TO_LEFT = frozenset({"ar"})

_UNKNOWN_TO_DJANGO = {"lo": "Lao", "am": "Amharic", "tl": "Filipino", "zh": "Chinese"}


def register_language_names() -> None:
    """Tell Django of languages it has no entry for, so that `get_language_info` answers."""
    own_names = dict(CONTENT_LANGUAGES)
    for code, english_name in _UNKNOWN_TO_DJANGO.items():
        LANG_INFO.setdefault(
            code,
            {"bidi": False, "code": code, "name": english_name, "name_local": own_names[code]},
        )
