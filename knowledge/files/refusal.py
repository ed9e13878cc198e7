"""Why a file is not taken. Pure: codes only, `problems` has the words."""

from enum import StrEnum


class Problem(StrEnum):
    """What is wrong with a file."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN_TYPE = "unknown_type"
    WRONG_TYPE = "wrong_type"
    """The content is of another type than the name says."""
    ENCRYPTED = "encrypted"
    MACROS = "macros"
    EXTERNAL = "external"
    """It fetches something from elsewhere when it is opened."""
    EMBEDDED = "embedded"
    ACTIVE = "active"
    """Scripts, or actions that start something."""
    MARKUP = "markup"
    """A document type definition or entities in an XML part."""
    BOMB = "bomb"
    PATHS = "paths"
    POLYGLOT = "polyglot"
    BROKEN = "broken"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_UNICODE = "not_unicode"
    TOO_HARD = "too_hard"
    """It could not be worked through within the limits of time and memory."""


class FilesError(Exception):
    """Root of what can go wrong with files."""


class Refused(FilesError):  # noqa: N818 – named for what happened
    """The file is not taken."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem
