"""The second step: what the portal noticed, and sending."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from wagtail.models import Locale, Page

from knowledge.models import MaterialPage
from knowledge.models.base import LICENCES
from knowledge.rights import readable_pages
from knowledge.sharing.access import contributors_only, person
from knowledge.sharing.branches import open_languages
from knowledge.sharing.drafts import (
    handed_in_for,
    keep,
    moved_to,
    own_material,
    session_of,
    taking_turns,
    working_copy,
    workshop_of,
)
from knowledge.sharing.errors import Incomplete, NotEditable
from knowledge.sharing.forms import CheckForm
from knowledge.sharing.hints import files_of, files_read_as, hints_for, original_for, read_as
from knowledge.sharing.licences import PLAIN_WORDS
from knowledge.sharing.stages import Stage, conversation, standing_of
from knowledge.sharing.submitting import send
from knowledge.templatetags.knowledge_tags import language_for_reader
from knowledge.unsent import unsent


@contributors_only
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show what was noticed, keep what is said about the material, and send it when asked to."""
    user = person(request)
    page = own_material(user, page_id)
    if not standing_of(page).is_editable:
        messages.error(
            request, _("It is under review. Withdraw it first if you want to change it.")
        )
        return HttpResponseRedirect(reverse("share_mine"))
    if request.method != "POST":
        form = CheckForm(unsent(request), initial=_first_values(request, page))
        return _shown(request, page, form)
    form = CheckForm(request.POST)
    form.is_valid()
    try:
        _keep_answers(request, page_id, form)
        sends = request.POST.get("action") == "send"
        if sends:
            _ask_language(request, own_material(user, page_id), form)
        if not sends or form.errors:
            return _shown(request, own_material(user, page_id), form)
        send(
            user,
            page_id,
            consents=form.cleaned_data["consent"],
            answer=form.cleaned_data.get("answer", ""),
        )
    except Incomplete as incomplete:
        for field, words in incomplete.problems.items():
            form.add_error(field if field in form.fields else None, words)
        return _shown(request, own_material(user, page_id), form)
    except NotEditable:
        messages.error(request, _("It is under review, or published as it is."))
        return HttpResponseRedirect(reverse("share_mine"))
    messages.success(request, _("Sent. The editors of the country have been told."))
    return HttpResponseRedirect(reverse("share_mine") + "?sent=" + str(page_id))


def _first_values(request: HttpRequest, page: MaterialPage) -> dict[str, Any]:
    """Return what the form shows; before it was filled in once, what the portal guesses."""
    copy = working_copy(page)
    filled_in = _is_filled_in(copy)
    return {
        "language": copy.language if filled_in else read_as(copy) or copy.language,
        "summary": copy.summary,
        "credit": copy.credit or ("" if filled_in else person(request).get_full_name()),
        "licence": copy.licence,
        "translation_of": _linked_id(copy, request),
    }


def _is_filled_in(copy: MaterialPage) -> bool:
    return bool(copy.summary or copy.licence or copy.credit)


def _keep_answers(request: HttpRequest, page_id: int, form: CheckForm) -> None:
    user, given = person(request), form.cleaned_data
    with taking_turns(user, page_id) as (page, standing):
        if not standing.is_editable:
            raise NotEditable
        language = given.get("language") or page.language
        placed = page
        if not page.live and language != page.language:
            _make_room(page, language)
            placed = moved_to(
                user,
                page,
                country=page.country,
                language=language,
                workshop=workshop_of(page),
                session=session_of(page),
            )
        copy = working_copy(placed)
        for name in ("summary", "credit", "licence"):
            if name in given:
                setattr(copy, name, given[name])
        if not copy.live and "translation_of" in request.POST:
            _link(copy, request, form)
        keep(copy, user)


def _ask_language(request: HttpRequest, page: MaterialPage, form: CheckForm) -> None:
    """Ask once whether the language is right, where the text was read after the page was shown."""
    copy = working_copy(page)
    found = "" if page.live else files_read_as(copy)
    if found and found not in {copy.language, request.POST.get("read_as", "")}:
        words = _("It reads as %(name)s. Correct it if that is wrong.")
        form.add_error("language", words % {"name": language_for_reader(found)})


def _make_room(page: MaterialPage, language: str) -> None:
    """Make a draft a work of its own where another version is in its new language already."""
    versions = Page.objects.filter(translation_key=page.translation_key).exclude(pk=page.pk)
    if versions.filter(locale__language_code=language).exists():
        page.translation_key, page.is_original = uuid.uuid4(), True
        page.save()


def _link(copy: MaterialPage, request: HttpRequest, form: CheckForm) -> None:
    """Make a draft the translation of another material, or a work of its own again."""
    chosen = form.cleaned_data.get("translation_of")
    if chosen == _linked_id(copy, request):
        return
    if not chosen:
        if not copy.is_original:
            copy.translation_key, copy.is_original = uuid.uuid4(), True
        return
    original = original_for(copy, request, chosen)
    if original is None:
        form.add_error("translation_of", _("That work already has a version in this language."))
        return
    copy.translation_key, copy.is_original = original.translation_key, False


def _linked_id(copy: MaterialPage, request: HttpRequest) -> int | None:
    linked = _linked(copy, request)
    return linked.pk if linked else None


def _linked(copy: MaterialPage, request: HttpRequest) -> Page | None:
    """Return the work that a draft is given as a translation of."""
    if copy.is_original:
        return None
    versions = readable_pages(request).filter(translation_key=copy.translation_key)
    page: Page | None = versions.exclude(pk=copy.pk).select_related("locale").first()
    return page


def _shown(request: HttpRequest, page: MaterialPage, form: CheckForm) -> HttpResponse:
    copy, standing = working_copy(page), standing_of(page)
    if not page.live and form["language"].value() in open_languages():
        # What is compared is the text in the language that the form shows.
        copy.locale = Locale.objects.get(language_code=form["language"].value())
    names = dict(LICENCES)
    context = {
        "form": form,
        "copy": copy,
        "standing": standing,
        "filled_in": _is_filled_in(copy),
        "files": files_of(copy),
        "hints": hints_for(copy, request),
        "linked": _linked(copy, request),
        **handed_in_for(page, request),
        "licences": [(code, names[code], words) for code, words in PLAIN_WORDS.items()],
        "remarks": conversation(page),
        "asks_answer": standing.stage == Stage.CHANGES,
    }
    return render(request, "knowledge/sharing/check.html", context)
