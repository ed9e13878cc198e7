"""Files of tests lie in a directory of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from knowledge.files.keeping import keep_file
from knowledge.models import StoredFile


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> Path:
    """Media, uploads and pictures in a temporary directory; returned is the first."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "incoming")
    settings.KNOWLEDGE = settings.KNOWLEDGE | {
        "FILES": {"LIMITS": {}, "PICTURES_DIR": tmp_path / "pictures"}
    }
    return tmp_path / "media"


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("contributor", "c@example.org", "x")


@pytest.fixture
def kept(user: User) -> Callable[..., StoredFile]:
    """Keep a file from a path or bytes."""

    def keep(source: Path | bytes, name: str = "", **options: Any) -> StoredFile:
        content = source if isinstance(source, bytes) else source.read_bytes()
        given = name or (source.name if isinstance(source, Path) else "")
        return keep_file(SimpleUploadedFile(given, content), **{"user": user, **options})

    return keep


def everything_in(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()] if directory.exists() else []
