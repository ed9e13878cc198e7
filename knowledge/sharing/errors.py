"""What can stand in the way of handing in or reviewing."""

from collections.abc import Mapping


class SharingError(Exception):
    """Root of this package's errors."""


class NotEditable(SharingError):  # noqa: N818 – named for what happened
    """The submission is under review; it can be withdrawn, not changed."""


class TooMany(SharingError):  # noqa: N818 – named for what happened
    """The contributor has more unfinished drafts than anyone needs, or the material more files."""


class Incomplete(SharingError):  # noqa: N818 – named for what happened
    """Something is missing; `problems` says what, by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(*problems)
        self.problems = problems


class Decided(SharingError):  # noqa: N818 – named for what happened
    """Someone has decided it already, or it was withdrawn."""


class Changed(SharingError):  # noqa: N818 – named for what happened
    """It is not the text that the reviewer has read."""
