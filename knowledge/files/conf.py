"""The settings of files: `KNOWLEDGE["FILES"]`."""

from pathlib import Path

from django.conf import settings

from knowledge.files.limits import Limits


def limits() -> Limits:
    """Return the limits in force: the defaults, changed by `KNOWLEDGE["FILES"]["LIMITS"]`."""
    return Limits(**settings.KNOWLEDGE.get("FILES", {}).get("LIMITS", {}))


def pictures_directory() -> Path:
    """Return where drawn pages are kept; anything in it may be deleted at any time."""
    return Path(settings.KNOWLEDGE["FILES"]["PICTURES_DIR"])


def incoming_directory() -> Path:
    """Return where uploads lie until they are kept or refused; made on first use."""
    directory = Path(str(settings.FILE_UPLOAD_TEMP_DIR))
    directory.mkdir(parents=True, exist_ok=True)
    return directory
