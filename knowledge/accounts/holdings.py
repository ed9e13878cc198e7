"""What the portal keeps of a person, part by part.

A new column that leads to an account is declared here, or by `hold` in the part that has it.
"""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from wagtail.models import ModelLogEntry, PageLogEntry

from knowledge.files.strays import delete_unused
from knowledge.models import MaterialPage, OutgoingMail, StoredFile
from knowledge.people import language_of
from knowledge.personal_data import AtEnd, Holding, Special, hold
from knowledge.sharing.drafts import back_to_published


def account_of(user: Any) -> dict[str, Any]:
    """Return what the account itself says."""
    return {
        "email": user.email,
        "name": user.get_full_name(),
        "language": language_of(user),
        "groups": [group.name for group in user.groups.all()],
        "joined": user.date_joined,
        "last_signed_in": user.last_login,
    }


def mails_to(user: Any) -> list[dict[str, Any]]:
    """Return which mails were written to somebody; what stood in them is in their mailbox."""
    mails = OutgoingMail.objects.filter(recipient__iexact=user.email) if user.email else ()
    return [{"about": one.key, "written": one.written_at, "sent": one.sent_at} for one in mails]


def forget_mails(user: Any) -> None:
    """Delete the mails to somebody, also those that were not sent."""
    if user.email:
        OutgoingMail.objects.filter(recipient__iexact=user.email).delete()


def forget_unpublished(user: AbstractBaseUser) -> None:
    """Delete somebody's materials that are not published, and files that nothing shows."""
    materials = MaterialPage.objects.filter(owner=user)
    for page in materials.filter(live=False):
        delete_traceless(page)
    for page in materials.filter(has_unpublished_changes=True, latest_revision__user=user):
        _forget_new_version(page, user)
    delete_unused(StoredFile.objects.filter(uploaded_by_user=user))


def delete_traceless(page: MaterialPage) -> None:
    """Delete a page, and what the log of the admin would keep of it."""
    number = page.pk
    page.delete()
    PageLogEntry.objects.filter(page_id=number).delete()


def _forget_new_version(page: MaterialPage, user: AbstractBaseUser) -> None:
    """Go back to the published version of a material; its author's newer one is gone."""
    published = page.live_revision
    if published is None:
        return
    if page.current_workflow_state is not None:
        page.current_workflow_state.cancel()
    back_to_published(page)
    page.revisions.filter(user=user, created_at__gt=published.created_at).delete()


def forget_log_of(user: AbstractBaseUser) -> None:
    """Delete what the log of the admin says about the account itself."""
    kind = ContentType.objects.get_for_model(type(user))
    ModelLogEntry.objects.filter(content_type=kind, object_id=str(user.pk)).delete()


def _detached(part: str, field: str, *shows: str) -> Holding:
    return Holding(part=part, field=field, shows=shows, at_end=AtEnd.DETACH)


def _deleted(part: str, field: str, *shows: str) -> Holding:
    return Holding(part=part, field=field, shows=shows, at_end=AtEnd.DELETE)


hold(
    Special(part="account", export=account_of, forget=forget_log_of),
    Special(part="mails", export=mails_to, forget=forget_mails),
    Special(part="unpublished", forget=forget_unpublished),
    _deleted("addresses", "account.EmailAddress.user", "email", "verified", "primary"),
    _deleted("second_factors", "mfa.Authenticator.user", "type", "created_at", "last_used_at"),
    _deleted(
        "connected_sign_ins", "socialaccount.SocialAccount.user",
        "provider", "uid", "extra_data", "date_joined", "last_login",
    ),
    _deleted("groups", "auth.User_groups.user", "group__name"),
    _deleted("permissions", "auth.User_user_permissions.user", "permission__codename"),
    _deleted("brief", "knowledge.SavedBrief.user", "content", "changed_at"),
    _deleted(
        "alerts", "knowledge.SavedSearch.user",
        "query", "filters", "language", "cadence", "made_at", "told_at",
    ),
    _deleted(
        "workshops", "knowledge.Participation.user", "workshop_id", "is_listed", "joined_at"
    ),
    _deleted("workshops_to_join", "knowledge.Newcomer.user", "workshop_id", "came_at"),
    _deleted("organised_workshops", "knowledge.WorkshopPage_organisers.user", "workshoppage_id"),
    _detached(
        "works", "wagtailcore.Page.owner", "title", "live", "first_published_at", "last_published_at"
    ),
    _detached("files", "knowledge.StoredFile.uploaded_by_user", "title", "created_at", "file_size"),
    _detached("answers_to_reviewers", "knowledge.ReviewMessage.author", "text", "written_at"),
    _detached("problems", "knowledge.Problem.author", "question", "situation", "asked_at"),
    _detached(
        "attempts", "knowledge.Attempt.author",
        "problem_id", "outcome", "comment", "written_at",
    ),
    _detached("submissions", "wagtailcore.WorkflowState.requested_by", "created_at", "status"),
    _detached("reviews", "wagtailcore.TaskState.finished_by", "finished_at", "status", "comment"),
    _detached("versions", "wagtailcore.Revision.user", "object_str", "created_at"),
    _detached("log_of_pages", "wagtailcore.PageLogEntry.user", "label", "action", "timestamp"),
    _detached("log_of_others", "wagtailcore.ModelLogEntry.user", "label", "action", "timestamp"),
    _detached("locks", "wagtailcore.Page.locked_by", "title", "locked_at"),
    _deleted("comments", "wagtailcore.Comment.user", "page_id", "text", "created_at"),
    _detached("comments_resolved", "wagtailcore.Comment.resolved_by"),
    _deleted("comment_replies", "wagtailcore.CommentReply.user", "text", "created_at"),
    _deleted("subscriptions", "wagtailcore.PageSubscription.user", "page_id"),
    _deleted("keys_of_programs", "wagtailcore.APIToken.user"),
    _detached("uploads", "wagtailcore.UploadedFile.uploaded_by_user"),
    _deleted("editing", "wagtailadmin.EditingSession.user", "last_seen_at"),
    _deleted("unsaved_forms", "wagtailadmin.FormState.user"),
    _deleted("preferences", "wagtailusers.UserProfile.user", "preferred_language", "current_time_zone"),
    _detached("documents", "wagtaildocs.Document.uploaded_by_user", "title", "created_at"),
    _detached("images", "wagtailimages.Image.uploaded_by_user", "title", "created_at"),
    _detached("translations", "wagtail_localize.StringTranslation.last_translated_by", "data"),
    _detached("overrides", "wagtail_localize.SegmentOverride.last_translated_by"),
)  # fmt: skip
