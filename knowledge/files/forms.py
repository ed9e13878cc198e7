"""Documents that editors add in Wagtail's admin pass the same checks as everybody's."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from wagtail.documents.forms import BaseDocumentForm

from knowledge.files.keeping import FileRefused, inspected, media_extension, random_name
from knowledge.models.files import ReadingState


class StoredFileForm(BaseDocumentForm):
    """Wagtail's document form with our checks; a new file is read anew."""

    def clean_file(self) -> Any:
        """Refuse a file as `keep_file` would."""
        given = self.cleaned_data["file"]
        if not isinstance(given, UploadedFile):
            return given
        try:
            with inspected(given) as (_path, media_type):
                self.instance.media_type = media_type
        except FileRefused as refused:
            raise ValidationError(str(refused), code=refused.code) from refused
        given.seek(0)
        given.name = random_name(media_extension(given))
        self.instance.reading = ReadingState.PENDING
        self.instance.problem, self.instance.tries, self.instance.claimed_at = "", 0, None
        return given
