import importlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.checks import run_checks
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


def test_production_takes_its_secret_from_the_environment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    monkeypatch.delitem(sys.modules, "portal.settings.production", raising=False)
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(KeyError, match="SECRET_KEY"):
        importlib.import_module("portal.settings.production")


def test_production_is_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.delitem(sys.modules, "portal.settings.production", raising=False)
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example,b.example")
    monkeypatch.delenv("PORTAL_PLAIN_HTTP", raising=False)
    production = importlib.import_module("portal.settings.production")
    monkeypatch.delitem(sys.modules, "portal.settings.production")
    assert production.DEBUG is False
    assert production.ALLOWED_HOSTS == ["a.example", "b.example"]
    assert production.CSRF_TRUSTED_ORIGINS == ["https://a.example", "https://b.example"]
    assert production.SECURE_SSL_REDIRECT is production.SESSION_COOKIE_SECURE is True
    assert production.SECURE_HSTS_SECONDS > 0


def test_no_settings_module_is_in_debug_mode() -> None:
    for path in (settings.BASE_DIR / "portal" / "settings").glob("*.py"):
        assert not re.search(r"^DEBUG = True", path.read_text(encoding="utf-8"), re.MULTILINE), path
