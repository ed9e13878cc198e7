"""Template tags of the forms of accounts."""

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def plain(field: BoundField) -> SafeString:
    """Return a form field without its placeholder, which would only repeat the label."""
    return field.as_widget(attrs={"placeholder": False})


@register.simple_tag
def mail_leaves() -> bool:
    """Return False where mails become files on the machine, for want of a mail server."""
    return not settings.MAIL_DELIVERY_BACKEND.endswith(".filebased.EmailBackend")


@register.filter
def is_choice(field: BoundField) -> bool:
    """Return True for a box to tick, whose label stands behind it."""
    return isinstance(field.field.widget, CheckboxInput)
