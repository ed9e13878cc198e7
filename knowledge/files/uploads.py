"""Uploads on their way in: to disk at once, and never more of them than may be kept."""

import tempfile
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from knowledge.files.conf import incoming_directory, limits


class LimitedUploadHandler(FileUploadHandler):
    """Writes a file to disk up to the limit and counts on without writing.

    A form then sees the true size and can say so; a broken connection leaves nothing.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = _Upload(self.file_name or "", self.content_type or "", self.charset)
        self.room = limits().largest

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= self.room:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()


class _Upload(TemporaryUploadedFile):
    """A temporary file in the portal's own directory, known by its ending."""

    def __init__(self, name: str, content_type: str, charset: str | None) -> None:
        opened = tempfile.NamedTemporaryFile(dir=incoming_directory(), suffix=".upload")  # noqa: SIM115
        UploadedFile.__init__(self, opened, name, content_type, 0, charset)
