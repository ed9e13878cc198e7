"""What was loaded, so that a second run knows what is new and what an editor has touched."""

from django.db import models


class LoadedPage(models.Model):
    """One language version of a work of the collection, as it was last loaded."""

    slug = models.SlugField(max_length=100)
    language = models.CharField(max_length=16)
    fingerprint = models.CharField(max_length=64)
    """Hash of the files it was loaded from."""
    page = models.ForeignKey(
        "wagtailcore.Page", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    revision_id = models.PositiveBigIntegerField(null=True)
    """The revision the loader published; another latest one means an editor was here."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "language"], name="one_load_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.slug}.{self.language}"
