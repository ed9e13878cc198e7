"""How django-allauth behaves here: its mails go into the outbox, its messages are our words."""

import secrets
import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from knowledge.accounts.confirming import with_destination
from knowledge.accounts.words import ADDRESS_TAKEN, MESSAGES, NOTICES
from knowledge.mail.outbox import compose_template, queue_mail
from knowledge.people import chosen_language, keep_language, language_of
from knowledge.views import remember_language
from knowledge.workshops.newcomers import expect

WRONG_CODE = gettext_lazy("The code is not right. Codes change every half minute.")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Two steps to sign in."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_CODE}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up, sign-in and their mails."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy(
            "The e-mail address or the password is not right. Please check both."
        ),
        "too_many_login_attempts": gettext_lazy(
            "Too many attempts. Please wait some minutes and try again."
        ),
        "rate_limited": gettext_lazy("Too many attempts. Please wait some minutes and try again."),
        "incorrect_code": WRONG_CODE,
        "incorrect_password": gettext_lazy("The password is not right."),
        "enter_current_password": gettext_lazy("The password is not right."),
        "email_taken": ADDRESS_TAKEN,
        "duplicate_email": gettext_lazy("This is the address of your account already."),
        "same_as_current": gettext_lazy("This is the address of your account already."),
    }

    def populate_username(self, request: HttpRequest, user: Any) -> None:  # noqa: ARG002
        """Give a name that says nothing; nobody is asked for one, and none is made of an address."""
        user.username = f"u{secrets.token_hex(8)}"

    def save_user(
        self, request: HttpRequest, user: Any, form: Any, commit: bool = True
    ) -> AbstractBaseUser:
        """Keep the language that somebody signed up in; mails come in it."""
        saved: AbstractBaseUser = super().save_user(request, user, form, commit)
        if commit:
            keep_language(saved, getattr(request, "reader_language", settings.LANGUAGE_CODE))
        return saved

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:
        """Show the portal in the person's language on a machine that knows of no choice.

        Who has none yet gets mails in the language of the page.
        """
        response: HttpResponse = super().post_login(request, user, **options)
        language = chosen_language(user)
        if not language:  # an administrator made the account
            keep_language(user, getattr(request, "reader_language", settings.LANGUAGE_CODE))
        elif settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            remember_language(response, language)
        return response

    def respond_email_verification_sent(self, request: HttpRequest, user: Any) -> HttpResponseBase:
        """Remember the workshop, if the way led to one: its organisers may confirm the account."""
        if user is not None:  # None: the address has another account, which nobody is to learn
            expect(user, request)
        sent: HttpResponseBase = super().respond_email_verification_sent(request, user)
        return sent

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Return the link of a mail, which leads on to where its reader wanted to go."""
        link: str = super().get_email_confirmation_url(request, emailconfirmation)
        return with_destination(link, key=emailconfirmation.key, request=request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put a mail into the outbox, in the language its reader chose, else in the page's."""
        request: Any = self.request
        name = template_prefix.rpartition("/")[2].removesuffix("_signup")
        user: Any = context.get("user")
        language = language_of(user) if user else getattr(request, "reader_language", "en")
        with override(language):
            why = _("You get this mail because this address was given at the portal.")
            values = {**context, "email": email, "why": context.get("why") or why}
            subject, body = compose_template(
                f"account_{name}", values, user=user, language=language
            )
        queue_mail(key=f"account/{uuid.uuid4()}", recipient=email, subject=subject, body=body)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,  # noqa: ARG002
        email: str | None = None,
    ) -> None:
        """Tell somebody of a change to their account; no machine's address goes with it."""
        notice = NOTICES.get(template_prefix)
        recipient = email or user.email
        if notice is not None and recipient:
            self.send_mail("account/email/notice", recipient, {"user": user, "notice": notice})

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,  # noqa: ARG002
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say what happened, where saying it helps."""
        words = message or MESSAGES.get(message_template or "")
        if words:
            messages.add_message(request, level, str(words), extra_tags=extra_tags)
