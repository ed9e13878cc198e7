"""Fields of readers' forms."""

import re
from typing import Any

from django import forms

from knowledge.export import without_controls

_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Controls that turn the direction of what follows (Unicode, UAX 9); marks for one character stay."""


class Words(forms.CharField):
    """Text without control characters; on one line where the widget has one."""

    def to_python(self, value: Any) -> str:
        """Return the text cleaned of what no page shows."""
        text = _REORDERING.sub("", without_controls(super().to_python(value) or ""))
        if isinstance(self.widget, forms.Textarea):
            return text.replace("\r\n", "\n").replace("\r", "\n").strip()
        return " ".join(text.split())
