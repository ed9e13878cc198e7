"""The reviewers' pages: the queue, one submission, the decision."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.models import TaskState

from knowledge.models import MaterialPage
from knowledge.models.review import ChangesForm, ChecklistForm
from knowledge.rights import readable_pages
from knowledge.sharing.access import person
from knowledge.sharing.drafts import session_of, workshop_of
from knowledge.sharing.errors import Changed, Decided
from knowledge.sharing.hints import files_of, hints_for
from knowledge.sharing.review import decide, is_editor, queue_of, under_review
from knowledge.sharing.stages import conversation, reviewer_name

_LONGEST_TEXT = 6000
"""Letters of a file that the page shows; the rest is a link away."""
_FORMS: dict[str, type[forms.Form]] = {"approve": ChecklistForm, "reject": ChangesForm}
View = Callable[..., HttpResponse]


def editors_only(view: View) -> View:
    """Ask visitors to sign in; for all others who review nothing the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            # A decision is sent to an address that has no page: the submission has the form.
            return redirect_to_login(request.get_full_path().removesuffix("decide"))
        if not is_editor(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@editors_only
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """List what waits for this editor."""
    context = {"queue": queue_of(request.user)}
    return render(request, "knowledge/sharing/queue.html", context)


@editors_only
@require_safe
def review_page(request: HttpRequest, number: int) -> HttpResponse:
    """Show one submission with everything a reviewer has to look at."""
    state, page = under_review(request.user, number)
    if state.status != TaskState.STATUS_IN_PROGRESS:
        return _told_decided(request, state)
    return _shown(request, state, page, {})


@editors_only
@require_POST
def review_decide(request: HttpRequest, number: int) -> HttpResponse:
    """Publish it or ask for changes."""
    state, page = under_review(request.user, number)
    action = request.POST.get("action", "")
    form = _FORMS[action](request.POST) if action in _FORMS else None
    if form is None:
        raise Http404
    if not form.is_valid() and state.status == TaskState.STATUS_IN_PROGRESS:
        return _shown(request, state, page, {action: form})
    read = request.POST.get("revision", "")
    revision = int(read) if read.isdecimal() and len(read) < 18 else 0
    try:
        page = decide(person(request), number, action, form.cleaned_data, revision=revision)
    except Decided:
        return _told_decided(request, TaskState.objects.get(pk=state.pk))
    except Changed:
        messages.error(
            request, _("The text was changed after you opened it. Please read it again.")
        )
        return HttpResponseRedirect(reverse("review_page", args=[number]))
    title = {"title": page.draft_title or page.title}
    words = (
        _("“%(title)s” is published.")
        if action == "approve"
        else _("You asked for changes in “%(title)s”.")
    )
    messages.success(request, words % title)
    return HttpResponseRedirect(reverse("review"))


def _told_decided(request: HttpRequest, state: TaskState) -> HttpResponse:
    """Tell the second of two editors what happened."""
    if state.status == TaskState.STATUS_APPROVED:
        words = _("%(name)s has approved it already.")
    elif state.status == TaskState.STATUS_REJECTED:
        words = _("%(name)s has asked for changes already.")
    else:
        words = _("It was withdrawn, or published in another way.")
    messages.error(request, words % {"name": reviewer_name(state.finished_by)})
    return HttpResponseRedirect(reverse("review"))


def _shown(
    request: HttpRequest, state: TaskState, page: MaterialPage, filled: dict[str, forms.Form]
) -> HttpResponse:
    # What approval would publish: with the corrections that an editor may have made since.
    copy: MaterialPage = page.get_latest_revision_as_object()
    linked = None
    if not copy.is_original:
        versions = readable_pages(request).filter(translation_key=copy.translation_key)
        linked = versions.exclude(pk=copy.pk).select_related("locale").first()
    context = {
        "task_state": state,
        "page": page,
        "copy": copy,
        "files": [(stored, _text_of(stored)) for stored in files_of(copy)],
        "hints": hints_for(copy, request),
        "linked": linked,
        "workshop": workshop_of(page),
        "session": session_of(page),
        "remarks": conversation(page),
        "checklist": filled.get("approve") or ChecklistForm(),
        "changes": filled.get("reject") or ChangesForm(),
    }
    return render(request, "knowledge/sharing/review.html", context)


def _text_of(stored: Any) -> list[tuple[Any, str]]:
    """Return the parts of a file with their text, up to a length that a page can hold."""
    left, shown = _LONGEST_TEXT, []
    for part in stored.parts.all():
        if left <= 0:
            break
        if text := part.text[:left]:
            shown.append((part, text))
        left -= len(part.text)
    return shown
