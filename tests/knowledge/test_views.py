import errno
import io
import os
import tempfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext
from pytest_django import Settings

from knowledge.sync import drain_pending
from tests.factories import work

pytestmark = pytest.mark.django_db


def test_a_healthy_portal_says_so_and_tells_no_numbers(client: Client) -> None:
    work(text="Honey.")
    drain_pending()
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


def test_a_portal_without_its_encoder_is_not_healthy(client: Client, settings: Settings) -> None:
    settings.EMBEDDINGS = {
        "ENCODER": {
            "BACKEND": "embeddings.encoders.static.StaticEncoder",
            "OPTIONS": {"path": "/nowhere"},
        }
    }
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"status": "failing", "fault": "EncoderUnavailable"}


def test_a_portal_without_its_tables_is_not_healthy(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE embeddings_indexstate RENAME TO elsewhere")
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["status"] == "failing"
    assert response.json()["fault"] in {"OperationalError", "ProgrammingError"}


@pytest.mark.parametrize("place", ["file", "gone"])
def test_a_portal_that_cannot_write_says_so_in_a_sentence(
    client: Client, settings: Settings, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").touch()
    settings.VAR_DIR = tmp_path / place
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["fault"] == "DirectoryNotWritable"
    message = response.json()["message"]
    assert message.startswith("The portal cannot write into its directory PORTAL_VAR_DIR: N")
    assert str(tmp_path) not in message  # a stranger may ask


def test_a_disk_that_is_full_is_no_health(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["message"].endswith(": No space left on device.")


def test_asking_leaves_nothing_on_the_disk(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    assert client.get("/healthz").status_code == 200
    assert list(tmp_path.iterdir()) == []


def test_health_is_only_read(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


def test_a_search_without_the_encoder_answers_and_says_what_is_missing(
    client: Client, settings: Settings
) -> None:
    work(title="Kamwendo oil", text="Kamwendo presses oil.")
    client.get("/search/?q=Kamwendo")
    settings.EMBEDDINGS = {"ENCODER": {"BACKEND": "no.such.Encoder"}}
    response = client.get("/search/?q=Kamwendo")
    html = response.content.decode()
    assert response.status_code == 200
    assert "Kamwendo oil" in html
    assert "Search by meaning is not available right now" in html


def test_an_address_without_a_page_is_a_404_with_a_question_box(client: Client) -> None:
    work()
    response = client.get("/en/nothing/here/")
    assert response.status_code == 404
    assert 'name="q"' in response.content.decode()


@pytest.mark.parametrize("target", ["foo", "search", "//evil.example", "/\\evil.example", ""])
def test_a_target_that_is_no_address_of_ours_leads_home(client: Client, target: str) -> None:
    response = client.post("/language/", {"language": "fr", "next": target})
    assert (response.status_code, response.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("address", ["/board/ask", "/admin/account/", "/accounts/login/"])
def test_what_is_too_long_to_be_read_is_answered_in_the_readers_language(
    client: Client, address: str, settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    client.force_login(User.objects.create_superuser("admin"))
    headers = {"accept-language": "vi"}
    response = client.post(address, {"question": "x" * 2000}, headers=headers)
    assert response.status_code == 400
    with translation.override("vi"):
        assert gettext("What was sent could not be read") in response.content.decode()
        assert '<html lang="vi"' in response.content.decode()


def test_a_host_that_is_not_ours_is_told_nothing(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    response = client.get("/search/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()
