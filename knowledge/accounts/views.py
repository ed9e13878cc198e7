"""A reader's own page: name, language, security, data, farewell. Works with plain forms."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.ratelimit import consume
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from requests import RequestException

from knowledge.accounts.forms import AboutForm, LeaveForm
from knowledge.people import chosen_language, is_contributor, keep_language
from knowledge.personal_data import exported, forget
from knowledge.views import remember_language


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show somebody's own page; take the name and language they want."""
    user: Any = request.user
    language = chosen_language(user) or request.reader_language  # type: ignore[attr-defined]
    about = {"name": user.get_full_name(), "language": language}
    form = AboutForm(request.POST or None, initial=about)
    if request.method == "POST" and form.is_valid():
        return _described(request, form)
    context = {
        "form": form,
        "is_contributor": is_contributor(user),
        "has_two_factors": get_mfa_adapter().is_mfa_enabled(user),
        "has_other_sign_in": bool(get_social_adapter().list_apps(request)),
    }
    return render(request, "knowledge/accounts/account.html", context)


def _described(request: HttpRequest, form: AboutForm) -> HttpResponse:
    user: Any = request.user
    language = form.cleaned_data["language"]
    user.first_name, user.last_name = form.cleaned_data["name"], ""
    user.save(update_fields=["first_name", "last_name"])
    keep_language(user, language)
    with override(language):
        messages.success(request, _("Saved."))
    response = HttpResponseRedirect(reverse("account"))
    remember_language(response, language)
    return response


@login_required
@never_cache
@require_safe
def take_data(request: HttpRequest) -> HttpResponse:
    """Return everything that the portal keeps of somebody, as JSON."""
    data = exported(request.user)  # type: ignore[arg-type]
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = (
        f'attachment; filename="my-data-{timezone.localdate():%Y-%m-%d}.json"'
    )
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Delete somebody's account, once they have proved that it is theirs."""
    user: Any = request.user
    form = LeaveForm(request.POST or None, has_password=user.has_usable_password())
    last = _is_last_administrator(user)
    if request.method == "POST" and not last and form.is_valid():
        if _is_proved(request, form):
            leaver = User.objects.get(pk=user.pk)
            logout(request)
            forget(leaver)
            messages.success(request, _("Your account is deleted."))
            return HttpResponseRedirect(reverse("home"))
        form.add_error("password", get_adapter().error_messages["incorrect_password"])
    context = {"form": form, "last_administrator": last}
    return render(request, "knowledge/accounts/leave.html", context)


def _is_proved(request: HttpRequest, form: LeaveForm) -> bool:
    user: Any = request.user
    if "password" not in form.fields:
        return True
    allowed = consume(request, action="reauthenticate", user=user)
    return bool(allowed and user.check_password(form.cleaned_data["password"]))


def _is_last_administrator(user: Any) -> bool:
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    return bool(user.is_superuser) and not others.exists()


@never_cache
@require_safe
def editors_entrance(request: HttpRequest) -> HttpResponse:
    """Lead editors to the one sign-in page, which knows of the second factor."""
    if not request.user.is_authenticated:
        target = request.GET.get("next") or reverse("wagtailadmin_home")
        return redirect_to_login(target, settings.LOGIN_URL)
    if not request.user.has_perm("wagtailadmin.access_admin"):
        list(messages.get_messages(request))  # Wagtail's own words for it, in another language
        raise PermissionDenied
    return HttpResponseRedirect(reverse("wagtailadmin_home"))


@never_cache
def sign_in_elsewhere(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to the organisation's sign-in by way of a page.

    Our forms may lead nowhere else (Content Security Policy), and browsers hold that against
    redirects after them too.
    """
    try:
        response: HttpResponse = openid_connect.login(request, provider_id)
    except RequestException:
        return render(request, "socialaccount/authentication_error.html", status=502)
    if request.method == "POST" and isinstance(response, HttpResponseRedirect):
        return render(request, "knowledge/accounts/leaving.html", {"address": response.url})
    return response
