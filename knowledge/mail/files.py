"""Mails as files, where no mail server is set: for whoever runs the portal, and not for ever."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.filebased import EmailBackend

FILES_BACKEND = "knowledge.mail.files.FilesBackend"


class FilesBackend(EmailBackend):
    """Django's, with files that nobody else on the machine reads: links to sign up are in them."""

    stream: Any
    _get_filename: Callable[[], str]  # Django's, of which its types say nothing

    def open(self) -> bool:
        """Begin a file; return True if it was not begun yet."""
        if self.stream is not None:
            return False
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        name = self._get_filename()
        self.stream = os.fdopen(os.open(name, flags, 0o600), "ab")
        return True


def delete_mail_files(before: datetime) -> int:
    """Delete mails that were written as files; return how many."""
    old = [
        path
        for path in Path(settings.EMAIL_FILE_PATH).glob("*.log")
        if path.stat().st_mtime < before.timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
