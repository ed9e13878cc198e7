"""What somebody may try to do. Each returns whether it came about, by what is stored afterwards."""

from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client
from wagtail.models import Page, PageViewRestriction

from knowledge.models import (
    Attempt,
    MaterialPage,
    Participation,
    Problem,
    SavedSearch,
    WorkshopPage,
)
from knowledge.sharing.stages import Stage, standing_of
from tests.knowledge.matrix_world import ADDRESS, LISTED_NAME, POINTS, World, live
from tests.knowledge.sharing.conftest import SECOND, table

Action = Callable[[World, Client], bool]
FOUND = 200


def opens(address: Callable[[World], str], holds: str = "") -> Action:
    """Return an action: open a page, which must show what it is for."""

    def try_it(world: World, client: Client) -> bool:
        response = client.get(address(world))
        if response.status_code != FOUND:
            return False
        content = b"".join(response.streaming_content) if response.streaming else response.content
        return holds.encode() in content

    return try_it


def stage_of(world: World, name: str) -> Stage | None:
    page = MaterialPage.objects.filter(pk=world.works[name].page_id).first()
    return standing_of(page).stage if page else None


def edit_draft(world: World, client: Client) -> bool:
    draft = world.works["draft"]
    client.post(f"/share/{draft.page_id}/", {"title": "Overwritten", "form": "report"})
    return bool(draft.page.title == "Overwritten")


def edit_summary(world: World, client: Client) -> bool:
    draft = world.works["draft"]
    client.post(f"/share/{draft.page_id}/check", {**SECOND, "action": "keep"})
    return bool(draft.page.summary == SECOND["summary"])


def add_file(world: World, client: Client) -> bool:
    draft = world.works["draft"]
    client.post(f"/share/{draft.page_id}/files", {"files": table()})
    return draft.page.files.count() > 1


def remove_file(world: World, client: Client) -> bool:
    draft = world.works["draft"]
    client.post(f"/share/{draft.page_id}/files/{draft.file_id}/remove")
    return draft.page.files.count() == 0


def send_draft(world: World, client: Client) -> bool:
    client.post(f"/share/{world.works['draft'].page_id}/check", {**SECOND, "action": "send"})
    return stage_of(world, "draft") == Stage.WAITING


def answer_reviewer(world: World, client: Client) -> bool:
    answered = {**SECOND, "action": "send", "answer": "Done."}
    client.post(f"/share/{world.works['changes'].page_id}/check", answered)
    return stage_of(world, "changes") == Stage.WAITING


def withdraw(world: World, client: Client) -> bool:
    client.post(f"/share/{world.works['review'].page_id}/withdraw")
    return stage_of(world, "review") == Stage.WITHDRAWN


def delete_draft(world: World, client: Client) -> bool:
    client.post(f"/share/{world.works['draft'].page_id}/delete")
    return stage_of(world, "draft") is None


def begin_draft(world: World, client: Client) -> bool:
    before = MaterialPage.objects.count()
    client.post("/share/", {"title": "My own", "form": "report", "country": "vn"})
    return MaterialPage.objects.count() > before


def hand_in_for_workshop(world: World, client: Client) -> bool:
    answers = {"title": "My slides", "form": "slides", "workshop": str(world.workshop.pk)}
    client.post("/share/", answers)
    page = MaterialPage.objects.filter(title="My slides").first()
    return page is not None and page.is_descendant_of(world.workshop)


def decide(name: str, action: str) -> Action:
    def try_it(world: World, client: Client) -> bool:
        page = world.works[name].page
        answers = {"action": action, "revision": page.latest_revision_id, "comment": "Say when."}
        client.post(f"/review/{world.task(name)}/decide", answers | dict.fromkeys(POINTS, "1"))
        wanted = Stage.PUBLISHED if action == "approve" else Stage.CHANGES
        return stage_of(world, name) == wanted

    return try_it


def decide_in_admin(world: World, client: Client) -> bool:
    page, task = world.works["review"].page_id, world.task("review")
    answers = {f"{point}": "on" for point in POINTS} | {"comment": ""}
    client.post(f"/admin/pages/workflow/action/{page}/approve/{task}/", answers)
    return live(page)


def publish_in_admin(world: World, client: Client) -> bool:
    page = world.works["review"].page_id
    client.post(f"/admin/bulk/wagtailcore/page/publish/?id={page}&next=/admin/", {})
    return live(page)


def unpublish_in_admin(world: World, client: Client) -> bool:
    page = world.works["published"].page_id
    client.post(f"/admin/pages/{page}/unpublish/")
    return not live(page)


def delete_in_admin(world: World, client: Client) -> bool:
    page = world.works["published"].page_id
    client.post(f"/admin/pages/{page}/delete/")
    return not Page.objects.filter(pk=page).exists()


def copy_in_admin(world: World, client: Client) -> bool:
    """Copy a draft to where one may add pages oneself."""
    draft = world.works["draft"]
    target = Page.objects.get(slug="mw", locale__language_code="en")
    answers = {"new_title": "Copied", "new_slug": "copied", "new_parent_page": target.pk}
    client.post(f"/admin/pages/{draft.page_id}/copy/", answers)
    return Page.objects.filter(slug="copied").exists()


def move_in_admin(world: World, client: Client) -> bool:
    draft = world.works["draft"].page_id
    target = Page.objects.get(slug="mw", locale__language_code="en")
    client.post(f"/admin/pages/{draft}/move/{target.pk}/confirm/")
    return bool(Page.objects.get(pk=draft).get_parent().pk == target.pk)


def restrict_in_admin(world: World, client: Client) -> bool:
    page = world.works["closed"].page.get_parent().pk
    client.post(f"/admin/pages/{page}/privacy/", {"restriction_type": "none"})
    return not PageViewRestriction.objects.filter(page_id=page).exists()


def change_workshop(action: str, came_about: Callable[[World], bool], **more: Any) -> Action:
    def try_it(world: World, client: Client) -> bool:
        answers = {"action": action, "number": world.participation.pk, **more}
        client.post(f"/workshops/{world.workshop.pk}/change", answers)
        return came_about(world)

    return try_it


def _is_open(world: World) -> bool:
    folder = world.works["closed"].page.get_parent()
    return not PageViewRestriction.objects.filter(page_id=folder.pk).exists()


def close_materials(world: World, client: Client) -> bool:
    folder = world.works["closed"].page.get_parent()
    PageViewRestriction.objects.filter(page_id=folder.pk).delete()
    client.post(f"/workshops/{world.workshop.pk}/change", {"action": "close"})
    return not _is_open(world)


def _is_removed(world: World) -> bool:
    return not Participation.objects.filter(pk=world.participation.pk).exists()


def _has_new_code(world: World) -> bool:
    return bool(
        WorkshopPage.objects.get(pk=world.workshop.pk).join_code != world.workshop.join_code
    )


def confirm_account(world: World, client: Client) -> bool:
    newcomer = world.people["newcomer"]
    answers = {"address": newcomer.email, "sure": "on"}
    client.post(f"/workshops/{world.workshop.pk}/confirm", answers)
    return EmailAddress.objects.filter(user=newcomer, verified=True).exists()


def _has_action(world: World) -> bool:
    return WorkshopPage.objects.get(pk=world.workshop.pk).follow_ups.filter(action="New").exists()


def leave(world: World, client: Client) -> bool:
    before = Participation.objects.count()
    client.post(f"/workshops/{world.workshop.pk}/leave")
    return Participation.objects.count() < before


def join(world: World, client: Client) -> bool:
    client.post(f"/join/{world.workshop.join_code}")
    user = client.session.get("_auth_user_id")
    return bool(user) and Participation.objects.filter(user_id=user).exists()


def change_problem(which: str, action: str, came_about: Callable[[Problem | None], bool]) -> Action:
    def try_it(world: World, client: Client) -> bool:
        problem: Problem = getattr(world, which)
        answers = {"action": action, "workshop": str(world.workshop.pk)}
        client.post(f"/board/{problem.pk}/change", answers)
        return came_about(Problem.objects.filter(pk=problem.pk).first())

    return try_it


def ask_board(world: World, client: Client) -> bool:
    client.post("/board/ask", {"question": "How now?", "language": "en", "action": "post"})
    return Problem.objects.filter(question="How now?").exists()


def answer_problem(world: World, client: Client) -> bool:
    answers = {"outcome": "worked", "comment": "It did."}
    client.post(f"/board/{world.open_problem.pk}/answer", answers)
    return Attempt.objects.exists()


def answer_with_closed(world: World, client: Client) -> bool:
    """Attach a closed material to an answer."""
    closed = world.works["closed"].page
    answers = {"outcome": "worked", "comment": "It did.", "work": str(closed.pk)}
    client.post(f"/board/{world.open_problem.pk}/answer", answers)
    return Attempt.objects.filter(work=closed.translation_key).exists()


def change_attempt(action: str) -> Action:
    """Hide or delete what a contributor answered to a problem of Viet Nam."""

    def try_it(world: World, client: Client) -> bool:
        attempt = Attempt.objects.create(
            problem=world.open_problem, author=world.people["contributor"], outcome="worked",
            language="en",
        )  # fmt: skip
        address = f"/board/{world.open_problem.pk}/{attempt.pk}/change"
        client.post(address, {"action": action})
        return not Attempt.objects.filter(pk=attempt.pk, is_hidden=False).exists()

    return try_it


def stop_alert(world: World, client: Client) -> bool:
    client.post(f"/account/alerts/{world.alert.pk}", {"action": "stop"})
    return not SavedSearch.objects.filter(pk=world.alert.pk).exists()


def _at(address: str) -> Callable[[World], str]:
    return lambda world: address.format(
        workshop=world.workshop.pk, hall=world.workshop.get_url(), hidden=world.hidden.pk,
        task=world.task("review"), handed=world.task("handedin"),
        picture="/file/{0.page_id}/{0.file_id}/1.webp".format(world.works["draft"]),
        closed="/file/{0.page_id}/{0.file_id}/1.webp".format(world.works["closed"]),
    )  # fmt: skip


def shows_address(world: World, client: Client) -> bool:
    """Look for the e-mail address of a participant wherever people are named."""
    places = ("{hall}", "/workshops/{workshop}/organise", "/workshops/{workshop}/participants.csv",
              "/board/", "/review/{task}/", "/review/{handed}/")  # fmt: skip
    return any(opens(_at(place), ADDRESS)(world, client) for place in places)


ACTIONS: dict[str, Action] = {
    "begin a draft": begin_draft,
    "edit a draft": edit_draft,
    "edit its summary": edit_summary,
    "add a file to a draft": add_file,
    "remove a file of a draft": remove_file,
    "send a draft": send_draft,
    "answer the reviewer": answer_reviewer,
    "withdraw from review": withdraw,
    "delete a draft": delete_draft,
    "hand in for the workshop": hand_in_for_workshop,
    "see picture of draft's file": opens(_at("{picture}")),
    "see picture of closed file": opens(_at("{closed}")),
    "open the review queue": opens(_at("/review/")),
    "find it in the review queue": opens(_at("/review/"), "secretreview"),
    "open the review": opens(_at("/review/{task}/"), "secretreviewtitle"),
    "open review of handed in": opens(_at("/review/{handed}/"), "secrethandedintitle"),
    "approve": decide("review", "approve"),
    "ask for changes": decide("review", "reject"),
    "approve what was handed in": decide("handedin", "approve"),
    "enter the admin": opens(_at("/admin/")),
    "approve in the admin": decide_in_admin,
    "publish in the admin": publish_in_admin,
    "unpublish in the admin": unpublish_in_admin,
    "delete in the admin": delete_in_admin,
    "copy a draft in the admin": copy_in_admin,
    "move a draft in the admin": move_in_admin,
    "lift the restriction": restrict_in_admin,
    "see desk: not found": opens(_at("/admin/desk/asked-not-found/"), "secretquestion"),
    "see desk: translations": opens(_at("/admin/desk/translation-status/")),
    "see desk: evidence": opens(_at("/admin/desk/works-without-evidence/")),
    "see desk: languages": opens(_at("/admin/desk/language-mismatch/")),
    "see listed participants": opens(_at("{hall}"), LISTED_NAME),
    "see anybody's address": shows_address,
    "open the organiser's page": opens(_at("/workshops/{workshop}/organise"), LISTED_NAME),
    "open the poster": opens(_at("/workshops/{workshop}/poster")),
    "export participants": opens(_at("/workshops/{workshop}/participants.csv"), LISTED_NAME),
    "open the materials": change_workshop("open", _is_open),
    "close the materials": close_materials,
    "renew the code": change_workshop("renew", _has_new_code),
    "remove a participant": change_workshop("remove", _is_removed),
    "confirm an account": confirm_account,
    "add a follow-up": change_workshop("add", _has_action, text="New"),
    "join with the code": join,
    "leave the workshop": leave,
    "ask the board": ask_board,
    "answer a problem": answer_problem,
    "answer with a closed work": answer_with_closed,
    "read a hidden problem": opens(_at("/board/{hidden}"), "secretproblem"),
    "find it on the board": opens(_at("/board/"), "secretproblem"),
    "hide a problem": change_problem(
        "open_problem", "hide", lambda one: one is not None and one.is_hidden
    ),
    "show a hidden problem": change_problem(
        "hidden", "show", lambda one: one is not None and not one.is_hidden
    ),
    "mark a problem solved": change_problem(
        "open_problem", "solved", lambda one: one is not None and one.is_solved
    ),
    "delete a problem": change_problem("open_problem", "delete", lambda one: one is None),
    "take it into the workshop": change_problem(
        "open_problem", "take", lambda one: one is not None and one.workshops.exists()
    ),
    "hide an answer": change_attempt("hide"),
    "delete an answer": change_attempt("delete"),
    "see another's alert": opens(_at("/account/alerts"), "secretalert"),
    "stop another's alert": stop_alert,
    "open one's own page": opens(_at("/account/")),
}
