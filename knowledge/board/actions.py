"""What is done to posts: answer, mark, take up, hide, delete. Plain forms that lead back."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from knowledge.board.agenda import organised_by
from knowledge.board.forms import AttemptForm, language_of_text
from knowledge.board.posting import may_post, post_attempt, problem_of_token
from knowledge.board.reading import attempts_for
from knowledge.board.rights import is_author, is_editor, may_mark_solved, person_of
from knowledge.board.views import for_contributors, problem_or_404, problem_page
from knowledge.board.works import work_of
from knowledge.models import Attempt, Problem, WorkshopPage
from knowledge.unsent import unsent


@require_http_methods(["GET", "HEAD", "POST"])
@for_contributors
def answer(request: HttpRequest, problem_id: int) -> HttpResponse:
    """Keep what somebody tried, and lead to it."""
    problem, form = problem_or_404(request, problem_id), AttemptForm(request.POST)
    if request.method != "POST":
        return _taken_up(request, problem)
    if problem.is_hidden:
        raise Http404
    if request.POST.get("action") == "find":
        return problem_page(request, problem, AttemptForm(initial=request.POST.dict()))
    chosen = request.POST.get("work", "")
    work = work_of(chosen, request)
    if form.is_valid() and chosen and work is None:
        form.add_error(None, _("That work cannot be opened. Choose another, or none."))
    if not form.is_valid():
        return problem_page(request, problem, form, status=400)
    if not may_post(request.user):
        form.add_error(None, _("You have written as much as one may in a day. Go on tomorrow."))
        return problem_page(request, problem, form, status=429)
    attempt: Attempt = form.save(commit=False)
    attempt.problem, attempt.author, attempt.work = problem, person_of(request), work
    attempt.language = language_of_text(
        attempt.comment,
        otherwise=request.reader_language,  # type: ignore[attr-defined]
    )
    post_attempt(attempt)
    messages.success(request, _("Your answer is on the board."))
    return _to(problem, f"attempt-{attempt.pk}")


def _taken_up(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Show what was written before signing in, else the problem.

    Another language was chosen there, or the address was opened again.
    """
    kept = None if problem.is_hidden else unsent(request)
    if kept is None:
        return _to(problem)
    return problem_page(request, problem, AttemptForm(kept), written=kept)


@require_POST
def change_problem(request: HttpRequest, problem_id: int) -> HttpResponse:
    """Do to a problem what its author, an editor or an organiser asked for."""
    problem = problem_or_404(request, problem_id)
    change = _CHANGES.get(request.POST.get("action", ""))
    if change is None:
        raise Http404
    return change(request, problem)


def _set_solved(*, solved: bool) -> Callable[[HttpRequest, Problem], HttpResponse]:
    def set_solved(request: HttpRequest, problem: Problem) -> HttpResponse:
        if not may_mark_solved(person_of(request), problem):
            raise Http404
        Problem.objects.filter(pk=problem.pk).update(is_solved=solved)
        return _to(problem)

    return set_solved


def _set_hidden(*, hidden: bool) -> Callable[[HttpRequest, Problem], HttpResponse]:
    def set_hidden(request: HttpRequest, problem: Problem) -> HttpResponse:
        if not is_editor(person_of(request), problem.country):
            raise Http404
        Problem.objects.filter(pk=problem.pk).update(is_hidden=hidden)
        return _to(problem)

    return set_hidden


def _set_mails(*, wanted: bool) -> Callable[[HttpRequest, Problem], HttpResponse]:
    def set_mails(request: HttpRequest, problem: Problem) -> HttpResponse:
        if not is_author(person_of(request), problem):
            raise Http404
        Problem.objects.filter(pk=problem.pk).update(tells_author=wanted)
        return _to(problem)

    return set_mails


def _delete(request: HttpRequest, problem: Problem) -> HttpResponse:
    if not is_author(person_of(request), problem):
        raise Http404
    problem.delete()
    messages.success(request, _("Your question is deleted."))
    return HttpResponseRedirect(reverse("board"))


def _take(request: HttpRequest, problem: Problem) -> HttpResponse:
    workshop = _organised(request)
    if problem.is_solved or problem.is_hidden:
        raise Http404
    problem.workshops.add(workshop)
    messages.success(request, _("The question is in the agenda of the workshop."))
    return _to(problem)


def _drop(request: HttpRequest, problem: Problem) -> HttpResponse:
    problem.workshops.remove(_organised(request))
    return _to(problem)


def _organised(request: HttpRequest) -> WorkshopPage:
    """Return the workshop that is meant, if the reader organises it; Http404 otherwise."""
    given = request.POST.get("workshop", "")
    for workshop in organised_by(request):
        if str(workshop.pk) == given:
            return workshop
    raise Http404


_CHANGES: Mapping[str, Callable[[HttpRequest, Problem], HttpResponse]] = {
    "solved": _set_solved(solved=True),
    "open": _set_solved(solved=False),
    "hide": _set_hidden(hidden=True),
    "show": _set_hidden(hidden=False),
    "mails": _set_mails(wanted=True),
    "no-mails": _set_mails(wanted=False),
    "delete": _delete,
    "take": _take,
    "drop": _drop,
}


@require_POST
def change_attempt(request: HttpRequest, problem_id: int, attempt_id: int) -> HttpResponse:
    """Hide, show or delete an attempt that the reader may see."""
    problem = problem_or_404(request, problem_id)
    shown = [one.attempt for one in attempts_for(problem, request)]
    attempt = next((one for one in shown if one.pk == attempt_id), None)
    action, user = request.POST.get("action", ""), person_of(request)
    if attempt is None:
        raise Http404
    if action == "delete" and is_author(user, attempt):
        attempt.delete()
        messages.success(request, _("Your answer is deleted."))
    elif action in {"hide", "show"} and is_editor(user, problem.country):
        Attempt.objects.filter(pk=attempt.pk).update(is_hidden=action == "hide")
    else:
        raise Http404
    return _to(problem, "attempts")


@csrf_exempt  # mail programmes post without cookies (RFC 8058); the token says who may
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether mails about a problem should stop, and stop them."""
    problem = problem_of_token(token)
    if problem is None:
        raise Http404
    stopped = request.method == "POST"
    if stopped:
        Problem.objects.filter(pk=problem.pk).update(tells_author=False)
    return render(request, "knowledge/board/stop.html", {"problem": problem, "stopped": stopped})


def _to(problem: Problem, anchor: str = "") -> HttpResponse:
    address = reverse("problem", args=[problem.pk])
    return HttpResponseRedirect(f"{address}#{anchor}" if anchor else address)
