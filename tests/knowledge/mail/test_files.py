"""Mails without a mail server: files for whoever runs the portal, kept as long as other mails."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.utils import timezone

from knowledge.mail.files import FILES_BACKEND
from knowledge.mail.outbox import deliver, queue_mail
from knowledge.retention import forget_mails

pytestmark = pytest.mark.django_db


@pytest.fixture
def directory(settings: Any, tmp_path: Path) -> Path:
    settings.MAIL_DELIVERY_BACKEND = FILES_BACKEND
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def test_nobody_else_reads_a_mail_in_a_file(directory: Path) -> None:
    queue_mail(key="k", recipient="a@example.org", subject="Subject", body="Body")
    assert deliver() == 1
    (file,) = directory.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "Subject: Subject" in file.read_text()


def test_old_files_are_forgotten_and_others_kept(directory: Path) -> None:
    directory.mkdir()
    for name, days in (("old.log", 31), ("young.log", 29), ("notes.txt", 99)):
        (directory / name).touch()
        os.utime(directory / name, (time.time() - days * 24 * 3600,) * 2)
    assert forget_mails(timezone.now() - timedelta(days=30)) == 1
    assert {path.name for path in directory.iterdir()} == {"young.log", "notes.txt"}


def test_a_check_before_others_reach_the_portal_says_that_no_mail_is_sent(
    directory: Path, settings: Any
) -> None:
    def found() -> list[str]:
        return [one.msg for one in run_checks(tags=["knowledge"], include_deployment_checks=True)]

    assert len(found()) == 1
    assert str(directory) in found()[0]
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert found() == []
