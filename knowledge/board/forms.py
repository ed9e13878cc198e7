"""What is written on the board, and what its list is narrowed by."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from embeddings.language import detect_language
from knowledge.fields import Words
from knowledge.models import Attempt, Country, Problem, Theme


class _Labelled(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.label)


class _LabelledMany(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def clean(self, value: Any) -> Any:
        # PostgreSQL refuses to look for what Django's field would answer with a message.
        return super().clean([one for one in value or () if "\0" not in one])

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.label)


class ProblemForm(forms.ModelForm):  # type: ignore[type-arg]
    """A problem; its language is found out unless it is corrected."""

    question = Words(
        label=_("Your question"),
        max_length=200,
        help_text=_("One sentence, as you would ask a colleague, in your own language."),
    )
    situation = Words(
        label=_("Your situation"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What you do now, what you tried, and where it stops."),
    )
    country = _Labelled(
        Country.objects.none(),
        label=_("Country"),
        to_field_name="code",
        required=False,
        empty_label=_("no single country"),
    )
    themes = _LabelledMany(
        Theme.objects.none(),
        label=_("Themes"),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(label=_("Language of your text"), required=False)

    class Meta:
        model = Problem
        fields: ClassVar[list[str]] = ["question", "situation", "country", "themes", "language"]

    def __init__(self, *args: Any, reader_language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reader_language = reader_language
        self.fields["country"].queryset = Country.objects.prefetch_related("names")  # type: ignore[attr-defined]
        self.fields["themes"].queryset = Theme.objects.prefetch_related("names")  # type: ignore[attr-defined]
        language: Any = self.fields["language"]
        language.choices = [("", _("find out from the text")), *settings.LANGUAGES]
        for name in ("question", "situation"):
            self.fields[name].widget.attrs["dir"] = "auto"
        self.fields["question"].widget.attrs |= {
            "hx-get": reverse("board_ask"),
            "hx-trigger": "change",
            "hx-target": "#found",
        }

    def clean_question(self) -> str:
        """Refuse what has no word."""
        question: str = self.cleaned_data["question"]
        if not any(map(str.isalpha, question)):
            raise forms.ValidationError(_("Write your question in words."))
        return question

    def clean(self) -> dict[str, Any]:
        """Find out the language where it was left open."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "language" in cleaned and not cleaned["language"]:
            text = f"{cleaned.get('question', '')}\n{cleaned.get('situation', '')}"
            cleaned["language"] = language_of_text(text, otherwise=self._reader_language)
        return cleaned


class AttemptForm(forms.ModelForm):  # type: ignore[type-arg]
    """What was tried and what came of it."""

    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        choices=[
            (Attempt.Outcome.WORKED, _("It worked")),
            (Attempt.Outcome.PARTLY, _("It worked in part")),
            (Attempt.Outcome.FAILED, _("It failed")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say what came of it.")},
    )
    comment = Words(
        label=_("What did you do?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text=_("Where, with whom, and what you would do otherwise."),
    )

    class Meta:
        model = Attempt
        fields: ClassVar[list[str]] = ["outcome", "comment"]


def language_of_text(text: str, *, otherwise: str) -> str:
    """Return the language of a text if it is one of ours and clear, else the other one."""
    found = detect_language(text)
    return found if found in dict(settings.LANGUAGES) else otherwise
