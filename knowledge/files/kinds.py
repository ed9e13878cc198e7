"""The types of file that are taken. Pure."""

from dataclasses import dataclass

_OOXML = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type of file."""

    media_type: str
    label: str
    """Its name, the same in every language."""
    extensions: tuple[str, ...]
    """The one that is written first."""
    main_part: str = ""
    """Content type of the main part, where the file is an Office Open XML container."""


PDF = Kind(media_type="application/pdf", label="PDF", extensions=("pdf",))
DOCX = Kind(
    media_type=f"{_OOXML}wordprocessingml.document",
    label="Word",
    extensions=("docx",),
    main_part=f"{_OOXML}wordprocessingml.document.main+xml",
)
PPTX = Kind(
    media_type=f"{_OOXML}presentationml.presentation",
    label="PowerPoint",
    extensions=("pptx",),
    main_part=f"{_OOXML}presentationml.presentation.main+xml",
)
XLSX = Kind(
    media_type=f"{_OOXML}spreadsheetml.sheet",
    label="Excel",
    extensions=("xlsx",),
    main_part=f"{_OOXML}spreadsheetml.sheet.main+xml",
)
PNG = Kind(media_type="image/png", label="PNG", extensions=("png",))
JPEG = Kind(media_type="image/jpeg", label="JPEG", extensions=("jpg", "jpeg"))
WEBP = Kind(media_type="image/webp", label="WebP", extensions=("webp",))
CSV = Kind(media_type="text/csv", label="CSV", extensions=("csv",))

KINDS = (PDF, DOCX, PPTX, XLSX, PNG, JPEG, WEBP, CSV)
CONTAINERS = (DOCX, PPTX, XLSX)
PICTURES = (PNG, JPEG, WEBP)


def kind_of(media_type: str) -> Kind | None:
    """Return the kind with a media type, None for one that is not taken."""
    return next((kind for kind in KINDS if kind.media_type == media_type), None)


def kind_named(extension: str) -> Kind | None:
    """Return the kind whose files end so, None where none does."""
    return next((kind for kind in KINDS if extension in kind.extensions), None)
