"""Hashes that decide whether a passage must be encoded again. Pure."""

import hashlib
from collections.abc import Mapping

PASSAGE_RULES_VERSION = 3
"""Bump on any change that can alter passage text, order, boundaries or headings."""


def content_hash(
    *, language: str, heading: str, text: str, title: str, notes: Mapping[str, str]
) -> str:
    """Return the hash of all that enters a passage's vector, per document, never across."""
    material = "\x1f".join(
        [str(PASSAGE_RULES_VERSION), language, title, heading, text, *map("=".join, notes.items())]
    )
    return hashlib.sha256(material.encode()).hexdigest()
