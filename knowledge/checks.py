"""System checks: every page type says whether it is a work; a server that others reach sends its mails."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning
from wagtail.models import get_page_models

from knowledge.mail.files import FILES_BACKEND
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


@register("knowledge", deploy=True)
def check_mail(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Return a warning where mails do not leave the machine."""
    if settings.MAIL_DELIVERY_BACKEND != FILES_BACKEND:
        return []
    return [
        CheckWarning(
            f"Mails are not sent: they are written to files in {settings.EMAIL_FILE_PATH}.",
            hint="Set EMAIL_HOST; nobody can confirm an address else.",
            id="knowledge.W001",
        )
    ]
