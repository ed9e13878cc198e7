"""Workshops: an agenda, people, and materials that are closed until the organiser opens them."""

import secrets
from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, Panel
from wagtail.models import Orderable, Page

from embeddings.types import Section
from knowledge.models.base import ProgrammeWorkPage

_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that look alike on a projector."""
_CODE_LENGTH = 8


def new_join_code() -> str:
    """Return a code that nobody guesses: 40 bits, 8 letters and digits."""
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))


class WorkshopPage(ProgrammeWorkPage):
    """One event of the network. What belongs to the event hangs on its original version."""

    kind = "workshop"
    kind_label = _("Workshop")

    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link"), blank=True, help_text=_("Where to follow it from afar."))
    previous = models.ForeignKey(
        "self", verbose_name=_("event before this one"), null=True, blank=True,
        on_delete=models.SET_NULL, related_name="next_events",
    )  # fmt: skip
    join_code = models.CharField(
        max_length=16, default=new_join_code, editable=False, db_index=True
    )
    """Of the original version; those of translations are never asked for."""
    organisers = ParentalManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("organisers"), blank=True, related_name="+",
        help_text=_("They open the materials, see who takes part and write the follow-up."),
    )  # fmt: skip
    participants_group = models.OneToOneField(
        Group, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    """Who may read the materials while they are closed."""

    content_panels: ClassVar[list[Panel]] = [
        *ProgrammeWorkPage.content_panels[:3],
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
                FieldPanel("place"),
                FieldPanel("link"),
                FieldPanel("previous"),
                FieldPanel("organisers"),
            ],
            heading=_("Event"),
        ),
        InlinePanel("sessions", label=_("Session")),
        InlinePanel("follow_ups", label=_("Follow-up")),
        *ProgrammeWorkPage.content_panels[3:],
    ]
    parent_page_types: ClassVar[list[str]] = ["knowledge.WorkshopIndexPage"]
    subpage_types: ClassVar[list[str]] = ["knowledge.WorkshopMaterialsPage"]
    exclude_fields_in_copy: ClassVar[list[str]] = [
        *ProgrammeWorkPage.exclude_fields_in_copy, "join_code", "participants_group",
    ]  # fmt: skip
    template = "knowledge/workshop_page.html"

    class Meta:
        verbose_name = _("workshop")

    def clean(self) -> None:
        """Refuse an end before the start, and take the date of the work from the first day."""
        super().clean()
        if self.ends_on and (self.starts_on is None or self.ends_on < self.starts_on):
            raise ValidationError({"ends_on": _("The last day is before the first.")})
        if self.starts_on:
            self.dated = self.starts_on.isoformat()

    def with_content_json(self, content: dict[str, Any]) -> "WorkshopPage":
        """Return the page as a revision has it; who may join and read is no part of revisions."""
        page: WorkshopPage = super().with_content_json(content)
        page.join_code = self.join_code
        page.participants_group_id = self.participants_group_id
        return page

    @property
    def lead_text(self) -> str:
        return self.place

    def sections(self) -> Iterator[Section]:
        """Yield what every work has, then agenda and follow-up."""
        yield from super().sections()
        with translation.override(self.language):
            agenda, follow_up = gettext("Agenda"), pgettext("after an event", "Follow-up")
        sessions = [
            "\n".join(filter(None, (one.title, one.speakers, one.description)))
            for one in self.sessions.all()
        ]
        actions = [
            "\n".join(filter(None, (one.action, one.responsible))) for one in self.follow_ups.all()
        ]
        for heading, texts in ((agenda, sessions), (follow_up, actions)):
            if texts:
                yield Section(heading=heading, text="\n\n".join(texts))

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add agenda, materials, people and the chain of events, as this reader may see them."""
        from knowledge.workshops.context import context_of

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | context_of(self, request)


class WorkshopMaterialsPage(Page):
    """What is handed in for a workshop. A view restriction on it keeps it closed."""

    max_count_per_parent = 1
    parent_page_types: ClassVar[list[str]] = ["knowledge.WorkshopPage"]
    subpage_types: ClassVar[list[str]] = ["knowledge.MaterialPage"]
    preview_modes: ClassVar[list[tuple[str, str]]] = []

    class Meta:
        verbose_name = _("materials of a workshop")

    def serve(
        self,
        request: HttpRequest,
        *args: Any,  # noqa: ARG002 – Wagtail's signature
        **kwargs: Any,  # noqa: ARG002 – likewise
    ) -> HttpResponse:
        """Lead to the workshop, which lists its materials by session."""
        return HttpResponseRedirect(f"{self.get_parent().get_url(request)}#materials")


class WorkshopSession(Orderable):
    """One item of the agenda."""

    page = ParentalKey(WorkshopPage, on_delete=models.CASCADE, related_name="sessions")
    title = models.CharField(_("title"), max_length=200)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    speakers = models.CharField(_("speakers"), max_length=300, blank=True)
    description = models.TextField(_("description"), blank=True)

    panels: ClassVar[list[Panel]] = [
        FieldPanel("title"),
        FieldRowPanel(
            [FieldPanel("starts_at"), FieldPanel("ends_at")],
            help_text=_("In the time zone of your account; readers see that of the country."),
        ),
        FieldPanel("speakers"),
        FieldPanel("description"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("session")

    def __str__(self) -> str:
        return self.title


class SessionMaterial(models.Model):
    """Which session a material was handed in for."""

    workshop = models.ForeignKey(WorkshopPage, on_delete=models.CASCADE, related_name="+")
    session_title = models.CharField(max_length=200)
    """By title: sessions get new keys whenever the page is published."""
    material = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.session_title}: {self.material_id}"


class FollowUp(Orderable):
    """What was agreed, and by whom it is to be done."""

    page = ParentalKey(WorkshopPage, on_delete=models.CASCADE, related_name="follow_ups")
    action = models.CharField(_("action"), max_length=300)
    responsible = models.CharField(_("responsible"), max_length=200, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    is_done = models.BooleanField(_("done"), default=False)

    class Meta(Orderable.Meta):
        verbose_name = _("follow-up")

    def __str__(self) -> str:
        return self.action


class Participation(models.Model):
    """Who joined a workshop."""

    workshop = models.ForeignKey(
        WorkshopPage, on_delete=models.CASCADE, related_name="participations"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="participations"
    )
    is_listed = models.BooleanField(_("show my name to the other participants"), default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["workshop", "user"], name="joined_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.workshop_id}"


class Newcomer(models.Model):
    """Who made an account to join a workshop, as long as the account is not confirmed."""

    workshop = models.ForeignKey(WorkshopPage, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    came_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["workshop", "user"], name="came_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} before {self.workshop_id}"
