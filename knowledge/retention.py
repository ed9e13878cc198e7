"""Forgetting: what is kept no longer than `KNOWLEDGE["KEEP_…_DAYS"]`; never what was handed in."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.utils import timezone
from wagtail.models import Page, WorkflowState

from knowledge.accounts.holdings import delete_traceless
from knowledge.files.strays import delete_unused
from knowledge.mail.files import delete_mail_files
from knowledge.models import MaterialPage, OutgoingMail, StoredFile
from knowledge.personal_data import forget


def forget_old() -> int:
    """Delete what is older than the settings say; return how many things that were."""
    return (
        forget_drafts(_before("KEEP_DRAFTS_DAYS"))
        + forget_mails(_before("KEEP_MAILS_DAYS"))
        + forget_unconfirmed(_before("KEEP_UNCONFIRMED_ACCOUNTS_DAYS"))
        + Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]
    )


def forget_drafts(before: datetime) -> int:
    """Delete materials that were begun, never handed in and not touched since, with their files."""
    kind = ContentType.objects.get_for_model(Page)
    handed_in = WorkflowState.objects.filter(
        base_content_type=kind, object_id=Cast(OuterRef("pk"), CharField())
    )
    drafts = MaterialPage.objects.filter(
        ~Exists(handed_in), live=False, first_published_at=None, changed_at__lt=before
    )
    count = 0
    for page in drafts:
        with transaction.atomic():
            files = list(StoredFile.objects.filter(shown_on__page=page))
            delete_traceless(page)
            delete_unused(files)
        count += 1
    return count


def forget_mails(before: datetime) -> int:
    """Delete mails: delivered, given up or in doubt, nobody waits for them any more."""
    return OutgoingMail.objects.filter(written_at__lt=before).delete()[0] + delete_mail_files(
        before
    )


def forget_unconfirmed(before: datetime) -> int:
    """Delete accounts that somebody signed up for without ever confirming the address."""
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))
    accounts = User.objects.filter(
        Exists(addresses), ~Exists(addresses.filter(verified=True)),
        date_joined__lt=before, last_login=None, groups=None, is_superuser=False,
    )  # fmt: skip
    count = 0
    for user in accounts:
        forget(user)
        count += 1
    return count


def _before(setting: str) -> datetime:
    return timezone.now() - timedelta(days=settings.KNOWLEDGE[setting])
