"""The README names every command, every setting and every environment variable."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
README = ROOT / "README.md"
OURS = ("portal", "content_seed", "knowledge", "embeddings")
_VARIABLE = re.compile(r"environ(?:\.get\(|\[|ment\.\w+\()\"([A-Z_]+)\"|\$\{([A-Z_]+):-")
_OWN_PLUMBING = {"DJANGO_SETTINGS_MODULE"}


def variables() -> list[str]:
    files = [*(ROOT / "portal" / "settings").glob("*.py"), *(ROOT / "script").glob("*")]
    found: set[str] = {"PORTAL_WORKERS"}  # read by portal/gunicorn.conf.py
    for path in files:
        if path.is_file():
            for match in _VARIABLE.finditer(path.read_text(encoding="utf-8")):
                found.add(match.group(1) or match.group(2))
    return sorted(found - _OWN_PLUMBING)


def embeddings_keys() -> list[str]:
    text = (ROOT / "embeddings" / "conf.py").read_text(encoding="utf-8")
    keys = set(re.findall(r"\"([A-Z_]{4,})\"", text)) - {"EMBEDDINGS"}
    assert {"ENCODER", "BACKEND", "OPTIONS"} <= keys
    return sorted(keys)


def is_named(word: str) -> bool:
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


@pytest.mark.parametrize(
    "command", sorted(name for name, app in get_commands().items() if app in OURS)
)
def test_every_command_is_named_in_the_readme(command: str) -> None:
    assert is_named(command)


@pytest.mark.parametrize("key", ["EMBEDDINGS", *embeddings_keys()])
def test_every_key_of_the_embeddings_setting_is_named_in_the_readme(key: str) -> None:
    assert is_named(key)


@pytest.mark.parametrize("key", ["KNOWLEDGE", *settings.KNOWLEDGE])
def test_every_key_of_the_knowledge_setting_is_named_in_the_readme(key: str) -> None:
    assert is_named(key)


@pytest.mark.parametrize("variable", variables())
def test_every_environment_variable_is_named_in_the_readme(variable: str) -> None:
    assert is_named(variable)


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "script").iterdir() if path.is_file() and "." not in path.name))  # fmt: skip
def test_every_script_is_named_in_the_readme(script: str) -> None:
    assert is_named(f"script/{script}")
