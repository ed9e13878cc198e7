"""What every template may use about the reader."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_info


def reader(request: HttpRequest) -> dict[str, Any]:
    """Return the interface language, its direction and the languages to switch to."""
    language = getattr(request, "reader_language", settings.LANGUAGE_CODE)
    names = dict(settings.LANGUAGES)
    return {
        "interface_language": language,
        "interface_direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
        "interface_languages": [
            (code, names[code]) for code in settings.KNOWLEDGE["INTERFACE_LANGUAGES"]
        ],
    }
