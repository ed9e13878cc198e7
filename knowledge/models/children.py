"""Rows that belong to one other and are saved with it, each by itself."""

from collections.abc import Callable
from typing import Any

from django.db import transaction


def save_with_children(
    save: Callable[..., Any], children: Any, field: str, *args: Any, **kwargs: Any
) -> Any:
    """Save one with children that may have exchanged what each of them alone may have.

    A database looks at one row at a time: two translations whose languages an editor has exchanged
    would be refused at the first. Those that change get a value that nobody has before.

    Args:
        save: Saves all of them, unless `update_fields` names what else is saved.
        children: The manager of the relation.
        field: Of text, at least 16 characters of it.
    """
    with transaction.atomic():
        if children.instance.pk and kwargs.get("update_fields") is None:
            _make_room(children, field)
        return save(*args, **kwargs)


def _make_room(children: Any, field: str) -> None:
    changed = {one.pk: getattr(one, field) for one in children.all() if one.pk}
    stored = children.model._base_manager.filter(pk__in=changed)  # noqa: SLF001
    for pk, value in list(stored.values_list("pk", field)):
        if value != changed[pk]:
            stored.filter(pk=pk).update(**{field: f"~{pk}"})
