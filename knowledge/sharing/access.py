"""Who may hand in: contributors. Everybody else is told how to become one, and comes back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from knowledge.people import is_contributor
from knowledge.unsent import forget_unsent, keep_unsent

View = Callable[..., HttpResponse]


def wants_json(request: HttpRequest) -> bool:
    """Return True when the script of the page asks, not the browser itself."""
    return request.headers.get("Accept", "").startswith("application/json")


def contributors_only(view: View) -> View:
    """Show the way in to those who are no contributors yet; what they wrote waits for them."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        safe = request.method in {"GET", "HEAD"}
        if is_contributor(request.user):
            if not safe:
                forget_unsent(request)
            return view(request, *args, **kwargs)
        if wants_json(request):
            return JsonResponse({"error": "sign-in"}, status=403)
        back = request.get_full_path() if safe else _page_of_form(request)
        if back == request.path and not safe:
            keep_unsent(request, back)
        if request.user.is_authenticated or request.path == "/share/":
            context = {"back": back}
            return render(
                request, "knowledge/sharing/door.html", context, status=200 if safe else 403
            )
        return redirect_to_login(back)

    return guarded


def _page_of_form(request: HttpRequest) -> str:
    """Return the page that has the form which was sent."""
    match = request.resolver_match
    name = match.url_name if match else ""
    if match and name in {"share_files", "share_file_remove"}:
        return reverse("share_check", args=[match.kwargs["page_id"]])
    return (
        request.path if name in {"share", "share_draft", "share_check"} else reverse("share_mine")
    )


def person(request: HttpRequest) -> User:
    """Return who is signed in; only for views that nobody else reaches."""
    if not isinstance(request.user, User):
        raise TypeError
    return request.user
