"""Application set-up."""

from django.apps import AppConfig


class ContentSeedConfig(AppConfig):
    """The starter collection."""

    name = "content_seed"
