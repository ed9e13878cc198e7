"""Briefs that visitors with an account keep."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedBrief(models.Model):
    """What one user has gathered; `knowledge.briefs.basket` says in which form."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.CASCADE,
        related_name="+",
    )  # fmt: skip
    content = models.JSONField(_("content"))
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("saved brief")
        verbose_name_plural = _("saved briefs")

    def __str__(self) -> str:
        return str(self.user)
