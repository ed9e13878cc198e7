"""A second start does again what the first one did not do for these settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.utils.functional import empty

from portal.management.commands import prepare

pytestmark = pytest.mark.django_db
MANIFEST = "whitenoise.storage.CompressedManifestStaticFilesStorage"


@pytest.fixture
def steps(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], list[str]]:
    """Prepare; return which commands that took."""
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, str(tmp_path / "static")
    called: list[str] = []

    def call(name: str, **_: Any) -> None:
        called.append(name)
        if name == "collectstatic":
            (tmp_path / "static").mkdir(exist_ok=True)
            if manifest := getattr(staticfiles_storage, "manifest_name", None):
                (tmp_path / "static" / manifest).touch()

    monkeypatch.setattr(prepare, "call_command", call)

    def run() -> list[str]:
        called.clear()
        call_command("prepare")
        return list(called)

    return run


def use_manifest(settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": MANIFEST}}
    staticfiles_storage._wrapped = empty


@pytest.fixture(autouse=True)
def _own_storage() -> Any:
    yield
    staticfiles_storage._wrapped = empty


def test_what_is_done_is_not_done_again(steps: Callable[[], list[str]]) -> None:
    assert "collectstatic" in steps()
    assert steps() == []


def test_other_settings_of_static_files_are_prepared_for(
    steps: Callable[[], list[str]], settings: Any
) -> None:
    steps()
    use_manifest(settings)
    assert "collectstatic" in steps()
    assert steps() == []


def test_static_files_that_were_deleted_are_collected_again(
    steps: Callable[[], list[str]], settings: Any, tmp_path: Path
) -> None:
    steps()
    (tmp_path / "static").rmdir()
    assert "collectstatic" in steps()
    use_manifest(settings)
    steps()
    (tmp_path / "static" / "staticfiles.json").unlink()
    assert "collectstatic" in steps()
