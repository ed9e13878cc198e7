"""What the environment says, or one sentence about why it cannot be used."""

import os
from collections.abc import Collection

from django.core.exceptions import ImproperlyConfigured


def number(name: str, default: int, *, least: int = 0, most: int = 65_535) -> int:
    """Return a whole number; the default where the variable is missing or empty."""
    given = os.environ.get(name) or str(default)
    if not (given.isascii() and given.isdigit() and least <= int(given) <= most):
        raise ImproperlyConfigured(
            f"{name} is {given!r}; it must be a number from {least} to {most}."
        )
    return int(given)


def choice(name: str, choices: Collection[str]) -> str:
    """Return one of some words, whatever its letter case; the first where the variable is missing or empty."""
    given = (os.environ.get(name) or next(iter(choices))).lower()
    if given not in choices:
        raise ImproperlyConfigured(f"{name} is {given!r}; it must be one of {', '.join(choices)}.")
    return given


def words(name: str) -> list[str]:
    """Return what commas separate; at least one word."""
    found = [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]
    if not found:
        raise ImproperlyConfigured(f"{name} is not set; name at least one, separated by commas.")
    return found


def secret(name: str) -> str:
    """Return a secret that is long and mixed enough for Django's own check (security.W009)."""
    given = os.environ.get(name, "")
    if len(given) < 50 or len(set(given)) < 5:
        raise ImproperlyConfigured(
            f"{name} needs at least 50 characters that nobody can guess. Make one with: "
            "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    return given
