"""The contributor's pages. Whole without JavaScript; `share.js` sends each file by itself."""

import re
import uuid
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from embeddings.language import detect_language
from knowledge.dates import language_only
from knowledge.export import without_controls
from knowledge.models import MaterialPage
from knowledge.sharing.access import contributors_only, person, wants_json
from knowledge.sharing.branches import open_languages
from knowledge.sharing.drafts import (
    begin,
    detach,
    keep,
    moved_to,
    own_material,
    taking_turns,
    working_copy,
)
from knowledge.sharing.errors import NotEditable, TooMany
from knowledge.sharing.forms import MaterialForm, first_values, workshops_of
from knowledge.sharing.hints import files_of, files_read_as
from knowledge.sharing.stages import conversation, standing_of
from knowledge.sharing.submitting import delete, withdraw
from knowledge.sharing.uploads import keep_uploads
from knowledge.unsent import unsent

_PAGE_SIZE = 20
_CODE = re.compile(r"[A-Za-z0-9-]{4,20}")
_KEPT = re.compile(r"[a-z0-9]{1,32}")


@contributors_only
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest) -> HttpResponse:
    """Show the first step, or begin a draft with whatever has been given."""
    if request.method != "POST":
        asked = request.GET.get("workshop", "")
        workshop = _workshop_asked(request, asked)
        if not workshop and not asked.isdecimal() and _CODE.fullmatch(asked):
            return HttpResponseRedirect(reverse("join_with_code", args=[asked]))
        form = MaterialForm(
            unsent(request), initial={"workshop": workshop, "form": "slides"}, request=request
        )
        return _first_step(request, form)
    form = MaterialForm(request.POST, request=request)
    form.is_valid()
    uploads = _uploads(request)
    title = form.cleaned_data.get("title") or _title_from(uploads)
    if not title:
        form.add_error("title", _("Give it a title, or add a file."))
        return _first_step(request, form)
    try:
        page = begin(
            person(request),
            title=title,
            language=_first_language(title),
            key=_key(request.POST.get("key", "")),
            country=form.cleaned_data["country"],
        )
    except TooMany:
        form.add_error(None, _("You have many drafts that were never sent. Delete some first."))
        return _first_step(request, form)
    return _keep_first_step(request, page.pk, form, uploads)


@contributors_only
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show the first step of a draft, or keep what was changed in it."""
    page = own_material(person(request), page_id)
    if not standing_of(page).is_editable:
        return _under_review(request)
    copy = working_copy(page)
    if request.method != "POST":
        form = MaterialForm(unsent(request), initial=first_values(copy), request=request)
        return _first_step(request, form, copy)
    form = MaterialForm(request.POST, request=request)
    form.is_valid()
    return _keep_first_step(request, page_id, form, _uploads(request))


def _first_step(
    request: HttpRequest, form: MaterialForm, copy: MaterialPage | None = None
) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"problems": _problems(form)}, status=422)
    context = {
        "form": form,
        "copy": copy,
        "files": files_of(copy) if copy else [],
        "key": _key(request.POST.get("key", "")),
    }
    return render(request, "knowledge/sharing/start.html", context)


def _keep_first_step(
    request: HttpRequest, page_id: int, form: MaterialForm, uploads: "Sequence[UploadedFile[Any]]"
) -> HttpResponse:
    user, given = person(request), form.cleaned_data
    try:
        with taking_turns(user, page_id) as (page, standing):
            if not standing.is_editable:
                return _under_review(request)
            placed = page
            if not page.live:
                placed = moved_to(
                    user,
                    page,
                    country=given["country"],
                    language=page.language,
                    workshop=given["workshop"],
                    session=given["session"],
                )
            copy = working_copy(placed)
            copy.title = given.get("title") or copy.title
            copy.form = given.get("form") or copy.form
            copy.programme = given["programme"]
            keep(copy, user)
        problems = [*_problems(form), *keep_uploads(user, copy, uploads)]
    except NotEditable:
        return _under_review(request)
    next_step = "share_draft" if problems else "share_check"
    if wants_json(request):
        return JsonResponse(
            {
                "next": _address(request, next_step, page_id),
                "files": reverse("share_files", args=[page_id]),
                "problems": problems,
            }
        )
    for problem in problems:
        messages.error(request, problem)
    return HttpResponseRedirect(_address(request, next_step, page_id))


@contributors_only
@require_http_methods(["GET", "HEAD", "POST"])
def files(request: HttpRequest, page_id: int) -> HttpResponse:
    """Keep files of a draft, or say how far they have been read."""
    user = person(request)
    page = own_material(user, page_id)
    problems: list[str] = []
    if request.method == "POST":
        uploads = _uploads(request)
        try:
            problems = keep_uploads(user, page, uploads)
        except NotEditable:
            return _under_review(request)
        if not uploads:
            problems = [_("No file has arrived. Choose one and try again.")]
    if wants_json(request):
        copy = working_copy(own_material(user, page_id))
        states = [
            {"id": one.pk, "title": one.title, "state": one.reading, "label": state_of(one)}
            for one in files_of(copy)
        ]
        return JsonResponse(
            {"files": states, "problems": problems, "read_as": files_read_as(copy)},
            status=422 if problems else 200,
        )
    for problem in problems:
        messages.error(request, problem)
    return HttpResponseRedirect(reverse("share_check", args=[page_id]))


@contributors_only
@require_POST
def remove_file(request: HttpRequest, page_id: int, file_id: int) -> HttpResponse:
    """Take a file off a draft."""
    try:
        detach(person(request), page_id, file_id)
    except NotEditable:
        return _under_review(request)
    return HttpResponseRedirect(reverse("share_check", args=[page_id]))


@contributors_only
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List the contributor's submissions with their state, the newest first."""
    pages = MaterialPage.objects.filter(owner=person(request)).select_related("locale")
    shown = Paginator(pages.order_by("-pk"), _PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [
        {"page": page, "standing": standing_of(page), "remarks": conversation(page)}
        for page in shown
    ]
    return render(request, "knowledge/sharing/mine.html", {"rows": rows, "page_obj": shown})


@contributors_only
@require_POST
def take_back(request: HttpRequest, page_id: int) -> HttpResponse:
    """Withdraw a submission from review."""
    try:
        withdraw(person(request), page_id)
        messages.success(request, _("It is withdrawn. Nobody will review it until you send it."))
    except NotEditable:
        messages.error(request, _("It is not under review any more."))
    return HttpResponseRedirect(reverse("share_mine"))


@contributors_only
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, page_id: int) -> HttpResponse:
    """Ask whether to delete a draft or the new version of what is published, and delete it."""
    if request.method != "POST":
        page = own_material(person(request), page_id)
        context = {"page": page, "standing": standing_of(page)}
        return render(request, "knowledge/sharing/delete.html", context)
    try:
        delete(person(request), page_id)
        messages.success(request, _("It is deleted."))
    except NotEditable:
        messages.error(request, _("What is under review or published cannot be deleted here."))
    return HttpResponseRedirect(reverse("share_mine"))


def _under_review(request: HttpRequest) -> HttpResponse:
    words = _("It is under review. Withdraw it first if you want to change it.")
    if wants_json(request):
        return JsonResponse({"problems": [words]}, status=409)
    messages.error(request, words)
    return HttpResponseRedirect(reverse("share_mine"))


def _problems(form: MaterialForm) -> list[str]:
    return [str(words) for errors in form.errors.values() for words in errors]


def _uploads(request: HttpRequest) -> "list[UploadedFile[Any]]":
    return list(request.FILES.getlist("files"))


def _title_from(uploads: "Sequence[UploadedFile[Any]]") -> str:
    """Return a title made of the first file's name."""
    name = PurePath(uploads[0].name or "").stem if uploads else ""
    return " ".join(without_controls(name).replace("_", " ").split())[:255]


def _first_language(title: str) -> str:
    """Return a guess until the files have been read: of the title, else the reader's own."""
    known = open_languages()
    guesses = (detect_language(title), language_only(get_language()), *known)
    return next(code for code in guesses if code in known)


def _key(written: str) -> uuid.UUID:
    try:
        return uuid.UUID(written)
    except ValueError:
        return uuid.uuid4()


def _workshop_asked(request: HttpRequest, asked: str) -> str:
    """Return the id of a workshop of the contributor's that is named by its id or its code."""
    code = asked.upper().replace("-", "")
    for number, page in workshops_of(request).items():
        if asked == number or (code and code == page.join_code):
            return number
    return ""


def _address(request: HttpRequest, name: str, page_id: int) -> str:
    """Return where to go on; it tells the script which text it need not keep any longer."""
    kept = request.POST.get("kept", "")
    return reverse(name, args=[page_id]) + (f"?kept={kept}" if _KEPT.fullmatch(kept) else "")


def state_of(stored: Any) -> str:
    """Return in words how far a file has been read."""
    return str(stored.get_reading_display())
