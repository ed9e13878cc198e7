"""Pages of the problem board. Whole without JavaScript; htmx shows passages while one asks."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from knowledge.board.agenda import organised_by, workshops_of
from knowledge.board.alike import problems_alike
from knowledge.board.forms import AttemptForm, ProblemForm
from knowledge.board.listing import board_for
from knowledge.board.posting import may_post, post_problem
from knowledge.board.reading import attempts_for, entries_for, outcomes_of, with_names
from knowledge.board.rights import (
    is_author,
    is_editor,
    may_mark_solved,
    person_of,
    visible_problems,
)
from knowledge.board.works import works_found, works_to_choose
from knowledge.compare.asking import ask_each, programmes_for
from knowledge.models import Problem
from knowledge.models.evidence import facts_cited
from knowledge.people import is_contributor
from knowledge.unsent import forget_unsent, keep_unsent, unsent

PAGE_SIZE = 20
_LONGEST_SEARCH = 300
View = Callable[..., HttpResponse]


def for_contributors(view: View) -> View:
    """Let contributors in; lead others to the door, or say what is missing."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = person_of(request)
        if not user.is_authenticated:
            if request.headers.get("HX-Request") == "true":
                return HttpResponse(status=401)
            if request.method == "POST":
                keep_unsent(request, request.path)
            return redirect_to_login(request.get_full_path())
        if not is_contributor(user):
            return render(request, "knowledge/board/not_yet.html", status=403)
        if request.method == "POST":
            forget_unsent(request)
        return view(request, *args, **kwargs)

    return guarded


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """List the problems, open ones first."""
    found = board_for(request.GET, person_of(request))
    page = Paginator(with_names(found.problems), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "board": found,
        "page_obj": page,
        "entries": entries_for(page.object_list, request),
    }
    return render(request, "knowledge/board/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_contributors
def ask(request: HttpRequest) -> HttpResponse:
    """Take a question; before it is kept, show what the portal and the board know already."""
    asks = request.method == "POST"
    language = request.reader_language  # type: ignore[attr-defined]
    initial = {"question": request.GET.get("question", "").replace("\0", "")}
    form = ProblemForm(request.POST if asks else None, reader_language=language, initial=initial)
    if request.headers.get("HX-Request") == "true":
        text = " ".join(initial["question"].split())[:_LONGEST_SEARCH]
        return render(request, "knowledge/board/found.html", _known(text, request))
    if not asks:
        if (kept := unsent(request)) is not None:
            form = ProblemForm(kept, reader_language=language)
        return render(request, "knowledge/board/ask.html", {"form": form})
    if not form.is_valid():
        return render(request, "knowledge/board/ask.html", {"form": form}, status=400)
    if request.POST.get("action") != "post":
        return _preview(request, form)
    if not may_post(request.user):
        form.add_error(None, _("You have written as much as one may in a day. Go on tomorrow."))
        return render(request, "knowledge/board/ask.html", {"form": form}, status=429)
    problem = post_problem(form, request.user)
    messages.success(request, _("Your question is on the board."))
    return HttpResponseRedirect(reverse("problem", args=[problem.pk]))


def _preview(request: HttpRequest, form: ProblemForm) -> HttpResponse:
    """Show the form again, its language filled in, with what is known already."""
    data = request.POST.copy()
    detected = not data.get("language")
    data["language"] = form.cleaned_data["language"]
    language = request.reader_language  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "form": ProblemForm(data, reader_language=language),
        "previewed": True,
        "detected": detected,
    }
    context |= _known(form.cleaned_data["question"], request)
    return render(request, "knowledge/board/ask.html", context)


def _known(text: str, request: HttpRequest, *, but: int = 0) -> dict[str, Any]:
    """Return what every programme and the board have to a question."""
    if not any(map(str.isalnum, text)):
        return {"question": "", "answers": [], "answered": 0, "facts": [], "alike": []}
    answers = ask_each(text, programmes_for(request), reader=request)
    return {
        "question": text,
        "answers": answers,
        "answered": sum(answer.answers for answer in answers),
        "facts": facts_cited(cell.text for answer in answers for cell in answer.cells),
        "alike": problems_alike(text, person_of(request), but=but),
    }


@require_safe
def problem(request: HttpRequest, problem_id: int) -> HttpResponse:
    """Show a problem, what the works say to it now, and what others tried."""
    return problem_page(request, problem_or_404(request, problem_id), AttemptForm())


def problem_or_404(request: HttpRequest, problem_id: int) -> Problem:
    """Return a problem that the reader may see."""
    found: Problem = get_object_or_404(
        with_names(visible_problems(person_of(request))), pk=problem_id
    )
    return found


def problem_page(
    request: HttpRequest,
    shown: Problem,
    form: AttemptForm,
    *,
    written: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page of a problem.

    Args:
        request: Whose rights and language count.
        shown: The problem.
        form: What is being answered.
        written: The fields of that answer where they were not sent just now.
        status: Other than 200 where the answer was refused.
    """
    user = person_of(request)
    known = _known(shown.question, request, but=shown.pk)
    written = request.POST if written is None else written
    find = " ".join(written.get("find", "").split())[:_LONGEST_SEARCH]
    found, chosen = works_found(find, request), written.get("work", "")
    attempts = attempts_for(shown, request)
    taken = workshops_of(shown, request)
    edits = is_editor(user, shown.country)
    organised = list(organised_by(request))
    works_organised = {one.translation_key for one in organised}
    works_taken = {one.translation_key for one in taken}
    if shown.is_solved or shown.is_hidden:
        organised = []
    context = known | {
        "problem": shown,
        "attempts": attempts,
        "outcomes": outcomes_of(attempts),
        "form": form,
        "find": find,
        "found": found,
        "choices": works_to_choose(found, known["answers"], request, chosen),
        "chosen": chosen,
        "contributes": is_contributor(user),
        "owns": is_author(user, shown),
        "edits": edits,
        "marks": may_mark_solved(user, shown),
        "workshops": [(one, one.translation_key in works_organised) for one in taken],
        "organised": [one for one in organised if one.translation_key not in works_taken],
    }
    return render(request, "knowledge/board/problem.html", context, status=status)
