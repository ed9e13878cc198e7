"""System checks: every page type says whether it is a work."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from wagtail.models import get_page_models

from knowledge.models.base import WorkPage


@register("knowledge")
def check_work_types(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Return an error for a work type without a kind and a label."""
    return [
        Error(
            f"{model.__name__} is a work and needs `kind` and `kind_label`.",
            obj=model,
            id="knowledge.E001",
        )
        for model in get_page_models()
        if issubclass(model, WorkPage)
        and not (hasattr(model, "kind") and hasattr(model, "kind_label"))
    ]
