"""What is said of accounts, here and by the libraries.

django-allauth has no words in half of our languages, Django has few in some. What they say is named
here too, so that our catalogues have it; theirs is used where ours lacks it.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext_lazy

ADDRESS_TAKEN = _("There is an account with this e-mail address already.")

MESSAGES = {
    "account/messages/email_confirmed.txt": _("The e-mail address is confirmed."),
    "account/messages/email_confirmation_failed.txt": _("The e-mail address is in use already."),
    "account/messages/email_confirmation_sent.txt": _(
        "A mail with a link to confirm the address is on its way."
    ),
    "account/messages/password_changed.txt": _("The password is changed."),
    "account/messages/password_set.txt": _("The password is set."),
    "account/messages/logged_out.txt": _("You are signed out."),
    "mfa/messages/totp_activated.txt": _("Signing in now needs a code from your app too."),
    "mfa/messages/totp_deactivated.txt": _("Signing in needs no code any more."),
    "mfa/messages/recovery_codes_generated.txt": _(
        "There are new recovery codes; the old ones are void."
    ),
    "socialaccount/messages/account_connected.txt": _("The sign-in is connected."),
    "socialaccount/messages/account_connected_other.txt": _(
        "This sign-in belongs to another account."
    ),
    "socialaccount/messages/account_disconnected.txt": _("The sign-in is no longer connected."),
}
"""allauth's message → what a reader is told; others say nothing worth the reading."""

NOTICES = {
    "account/email/password_reset": _("The password of your account was set anew by a link."),
    "account/email/password_changed": _("The password of your account was changed."),
    "account/email/password_set": _("A password was set for your account."),
    "account/email/email_changed": _("The e-mail address of your account was changed."),
    "mfa/email/totp_activated": _("Signing in to your account now needs a code from an app too."),
    "mfa/email/totp_deactivated": _("Signing in to your account needs no code any more."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made for your account."),
    "socialaccount/email/account_connected": _(
        "A sign-in of another organisation was connected to your account."
    ),
    "socialaccount/email/account_disconnected": _(
        "A sign-in of another organisation was taken off your account."
    ),
}
"""allauth's notification → the sentence of the mail."""

OF_THE_LIBRARIES = (
    gettext_noop("Email"),
    gettext_noop("Password"),
    gettext_noop("Current Password"),
    gettext_noop("New Password"),
    gettext_noop("New Password (again)"),
    gettext_noop("Password (again)"),
    gettext_noop("Remember Me"),
    gettext_noop("Forgot your password?"),
    gettext_noop("Code"),
    gettext_noop("Authenticator code"),
    gettext_noop("Use your password"),
    gettext_noop("Use authenticator app or code"),
    gettext_noop("Send me a sign-in code"),
    gettext_noop("You must type the same password each time."),
    gettext_noop("This account is currently inactive."),
    gettext_noop("This field is required."),
    gettext_noop("Enter a valid email address."),
    gettext_noop("This password is too common."),
    gettext_noop("This password is entirely numeric."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        "min_length",
    ),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
    gettext_noop("Your password can’t be a commonly used password."),
    gettext_noop("Your password can’t be entirely numeric."),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
    gettext_noop("Enter a valid date."),
    gettext_noop("Select a valid choice. That choice is not one of the available choices."),
    gettext_noop("Select a valid choice. %(value)s is not one of the available choices."),
    gettext_noop("The password you have entered is not correct. Please try again."),
)
