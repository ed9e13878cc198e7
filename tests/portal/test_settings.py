import importlib
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import get_language_info

from portal.settings.languages import (
    COMPLETE_INTERFACE_LANGUAGES,
    CONTENT_LANGUAGES,
    INTERFACE_LANGUAGES,
    RIGHT_TO_LEFT,
)

CODES = [code for code, _ in CONTENT_LANGUAGES]


def test_there_are_the_eighteen_content_languages() -> None:
    assert CODES == [
        "en",
        "vi",
        "th",
        "ja",
        "fr",
        "lo",
        "km",
        "id",
        "ms",
        "my",
        "tl",
        "zh",
        "ko",
        "pt",
        "es",
        "sw",
        "ar",
        "am",
    ]
    assert settings.WAGTAIL_CONTENT_LANGUAGES == settings.LANGUAGES == CONTENT_LANGUAGES


@pytest.mark.parametrize("code", CODES)
def test_django_knows_every_content_language(code: str) -> None:
    info = get_language_info(code)
    assert code in LANG_INFO
    assert info["name_local"]
    assert info["bidi"] is (code in RIGHT_TO_LEFT)
    assert info["name"]
    assert info["name_translated"]


def test_interface_languages_are_content_languages_and_english_comes_first() -> None:
    assert set(COMPLETE_INTERFACE_LANGUAGES) <= set(INTERFACE_LANGUAGES) <= set(CODES)
    assert INTERFACE_LANGUAGES[0] == settings.LANGUAGE_CODE == "en"
    assert settings.KNOWLEDGE["INTERFACE_LANGUAGES"] == INTERFACE_LANGUAGES


@pytest.mark.django_db
def test_the_configuration_passes_every_check() -> None:
    assert run_checks() == []


def test_the_shipped_encoder_is_where_the_default_settings_say() -> None:
    base = importlib.import_module("portal.settings.base")
    path = Path(base.EMBEDDINGS["ENCODER"]["OPTIONS"]["path"])
    assert path.parent == settings.BASE_DIR / "embeddings" / "models"
    files = {file.name for file in path.rglob("*") if file.is_file()}
    assert {"model.safetensors", "tokenizer.json"} <= files
    assert sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) <= 40 * 2**20


@pytest.fixture
def under(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a module of settings as it is under some environment variables; it is not in force."""

    def load(name: str = "production", **variables: str) -> Any:
        required = {"SECRET_KEY": "secret" * 10, "ALLOWED_HOSTS": "a.example, b.example,"}
        monkeypatch.delenv("PORTAL_PLAIN_HTTP", raising=False)
        for variable, value in (required | variables).items():
            monkeypatch.setenv(variable, value)
        path = settings.BASE_DIR / "portal" / "settings" / f"{name}.py"
        return SimpleNamespace(**runpy.run_path(str(path)))

    return load


@pytest.mark.parametrize(
    ("module", "variable", "value"),
    [
        ("production", "SECRET_KEY", ""),
        ("production", "SECRET_KEY", "short"),
        ("production", "SECRET_KEY", "x" * 60),
        ("production", "ALLOWED_HOSTS", " , "),
        ("production", "PORTAL_PROXIES", "one"),
        ("production", "PORTAL_PROXIES", "-1"),
        ("base", "EMAIL_SECURITY", "tls"),
        ("base", "EMAIL_PORT", "smtp"),
        ("base", "EMAIL_PORT", "0"),
        ("base", "DATABASE_URL", "portal:secret@host"),
        ("base", "DATABASE_URL", "nonsense://portal:secret@host/name"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    under: Callable[..., Any], module: str, variable: str, value: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{variable} .*[.']$") as caught:
        under(module, **{variable: value})
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize(
    ("security", "port", "tls", "ssl"),
    [("", 587, True, False), ("SSL", 465, False, True), ("None", 25, False, False)],
)
def test_the_security_of_mail_is_read_in_any_letter_case(
    under: Callable[..., Any], security: str, port: int, tls: bool, ssl: bool
) -> None:
    base = under("base", EMAIL_SECURITY=security, EMAIL_PORT="")
    assert (port, tls, ssl) == (base.EMAIL_PORT, base.EMAIL_USE_TLS, base.EMAIL_USE_SSL)


@pytest.mark.parametrize("command", ["prepare", "migrate"])
def test_a_command_under_faulty_settings_says_that_sentence(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings.dev", "EMAIL_PORT": "x"},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "EMAIL_PORT is 'x'; it must be a number from 1 to 65535.\n"


def test_production_is_strict(under: Callable[..., Any]) -> None:
    production = under()
    assert production.DEBUG is False
    assert production.ALLOWED_HOSTS == ["a.example", "b.example"]
    assert production.CSRF_TRUSTED_ORIGINS == ["https://a.example", "https://b.example"]
    assert production.SECURE_SSL_REDIRECT is production.SESSION_COOKIE_SECURE is True
    assert production.SECURE_HSTS_SECONDS > 0


def test_no_settings_module_is_in_debug_mode() -> None:
    for path in (settings.BASE_DIR / "portal" / "settings").glob("*.py"):
        assert not re.search(r"^DEBUG = True", path.read_text(encoding="utf-8"), re.MULTILINE), path
