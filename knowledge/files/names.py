"""Names of files as people give them, made safe. Pure."""

import re
import unicodedata

_UNSAFE = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
"""Control characters, and marks that turn the direction: "report\u202efdp.exe"."""
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
_LONGEST = 150


def clean_name(given: str) -> tuple[str, str]:
    """Return (name without its ending, ending in lower case) of a file name from outside.

    Letters of all scripts stay; directories, control characters and marks of direction go.
    """
    name = given.replace("\\", "/").rpartition("/")[2]
    name = unicodedata.normalize("NFC", _UNSAFE.sub("", name))
    name = " ".join(_NOT_IN_NAMES.sub(" ", name).split())
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    stem = stem.strip(" .")[:_LONGEST].strip()
    return stem, ending.strip().lower()
