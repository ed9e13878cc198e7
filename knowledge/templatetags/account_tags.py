"""Template tags of the forms of accounts."""

from django import template
from django.forms import BoundField, CheckboxInput
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def plain(field: BoundField) -> SafeString:
    """Return a form field without its placeholder, which would only repeat the label."""
    return field.as_widget(attrs={"placeholder": False})


@register.filter
def is_choice(field: BoundField) -> bool:
    """Return True for a box to tick, whose label stands behind it."""
    return isinstance(field.field.widget, CheckboxInput)
