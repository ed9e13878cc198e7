"""How much of anything a file may ask for. Pure; handed to the child process as JSON."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of what is taken and of what reading it may cost."""

    largest: int = 50 * 1024 * 1024
    """Bytes of a file."""
    entries: int = 10_000
    """Entries of a zip container, those of containers inside it counted too."""
    unpacked: int = 500 * 1024 * 1024
    """Bytes of all entries together."""
    ratio: int = 100
    """Unpacked bytes for each packed byte, of whole containers; small ones may have more."""
    pages: int = 2_000
    pixels: int = 100_000_000
    text: int = 20_000_000
    """Characters of text that are kept of a file."""
    memory: int = 1024 * 1024 * 1024
    """Bytes of address space of the process that looks into a file."""
    seconds: int = 60
    """Time that checking a file or drawing a page may take, in all and of the processor."""
    reading_seconds: int = 900
    """The same for reading its text, which may have to be recognised in pictures."""
    answer: int = 100 * 1024 * 1024
    """Bytes that it may answer with."""

    def as_json(self) -> str:
        """Return the limits as a JSON object."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Limits":
        """Return the limits that `as_json` wrote."""
        return cls(**json.loads(text))
