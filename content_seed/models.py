"""What was loaded, so that a second run knows what is new and what an editor has touched."""

from collections.abc import Collection

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


class LoadedEntry(models.Model):
    """An entry of vocabulary or ledger that was loaded once: if it is gone, an editor deleted it."""

    kind = models.CharField(max_length=40)
    """Name of its model."""
    key = models.CharField(max_length=255)
    loaded_as = models.CharField(max_length=255, blank=True)
    """The name it was loaded with, where that may change; another one means an editor was here.

    Empty: unknown.
    """

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="one_note_per_loaded_entry")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @classmethod
    def note(cls, model: type[models.Model], key: str) -> bool:
        """Note that an entry is being loaded; return False if it was loaded before."""
        return bool(cls.note_all(model, [key]))

    @classmethod
    def note_all(cls, model: type[models.Model], keys: Collection[str]) -> set[str]:
        """Note that entries are being loaded; return those that were not loaded before."""
        kind = model.__name__
        noted = cls.objects.filter(kind=kind, key__in=keys).values_list("key", flat=True)
        new = set(keys) - set(noted)
        notes = [LoadedEntry(kind=kind, key=key) for key in sorted(new)]
        LoadedEntry.objects.bulk_create(notes, ignore_conflicts=True)
        return new
