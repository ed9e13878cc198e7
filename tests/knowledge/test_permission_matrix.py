"""Who may do and see what: one table each, every cell tried through the front door.

The columns of all tables are the roles in the order of `ROLES`; "+" may, "." may not. What is done
is in `matrix_actions`, where things may come to light in `matrix_surfaces`, who and what there is in
`matrix_world`. Everything belongs to Viet Nam; "foreign" edits for Malawi.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import transaction
from django.test import TestCase, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from embeddings.view import forget_view
from knowledge.models import ReviewTask
from tests.knowledge.matrix_actions import ACTIONS
from tests.knowledge.matrix_surfaces import (
    ADMIN,
    ADMIN_OF_ONE,
    BESIDE,
    FILES,
    OPEN_LISTS,
    OTHERS,
    PAGES,
    SEARCHES,
    WORKSPACE,
    WORKSPACES,
    Surface,
    body_of,
    in_a_digest,
    in_printed_brief,
)
from tests.knowledge.matrix_world import World, built

ROLES = (
    "anonymous", "unconfirmed", "author", "contributor", "participant", "organiser", "editor",
    "foreign", "admin",
)  # fmt: skip

ACTS = """
                            an un au co pa or ed fo ad
begin a draft                .  .  +  +  +  +  +  +  +
edit a draft                 .  .  +  .  .  .  .  .  .
edit its summary             .  .  +  .  .  .  .  .  .
add a file to a draft        .  .  +  .  .  .  .  .  .
remove a file of a draft     .  .  +  .  .  .  .  .  .
send a draft                 .  .  +  .  .  .  .  .  .
answer the reviewer          .  .  +  .  .  .  .  .  .
withdraw from review         .  .  +  .  .  .  .  .  .
delete a draft               .  .  +  .  .  .  .  .  .
hand in for the workshop     .  .  .  .  +  +  .  .  .
see picture of draft's file  .  .  +  .  .  .  +  .  +
see picture of closed file   .  .  .  .  +  +  +  .  +
open the review queue        .  .  .  .  .  .  +  +  +
find it in the review queue  .  .  .  .  .  .  +  .  +
open the review              .  .  .  .  .  .  +  .  +
open review of handed in     .  .  .  .  .  .  +  .  +
approve                      .  .  .  .  .  .  +  .  +
ask for changes              .  .  .  .  .  .  +  .  +
approve what was handed in   .  .  .  .  .  .  +  .  +
enter the admin              .  .  .  .  .  .  +  +  +
approve in the admin         .  .  .  .  .  .  +  .  +
publish in the admin         .  .  .  .  .  .  +  .  +
unpublish in the admin       .  .  .  .  .  .  +  .  +
delete in the admin          .  .  .  .  .  .  +  .  +
copy a draft in the admin    .  .  .  .  .  .  .  .  +
move a draft in the admin    .  .  .  .  .  .  .  .  +
lift the restriction         .  .  .  .  .  .  +  .  +
see desk: not found          .  .  .  .  .  .  +  +  +
see desk: translations       .  .  .  .  .  .  +  +  +
see desk: evidence           .  .  .  .  .  .  +  +  +
see desk: languages          .  .  .  .  .  .  +  +  +
see listed participants      .  .  .  .  +  +  .  .  +
see anybody's address        .  .  .  .  .  .  .  .  .
open the organiser's page    .  .  .  .  .  +  .  .  +
open the poster              .  .  .  .  .  +  .  .  +
export participants          .  .  .  .  .  +  .  .  +
open the materials           .  .  .  .  .  +  .  .  +
close the materials          .  .  .  .  .  +  .  .  +
renew the code               .  .  .  .  .  +  .  .  +
remove a participant         .  .  .  .  .  +  .  .  +
confirm an account           .  .  .  .  .  +  .  .  +
add a follow-up              .  .  .  .  .  +  .  .  +
join with the code           .  +  +  +  +  +  +  +  +
leave the workshop           .  .  .  .  +  .  .  .  .
ask the board                .  .  +  +  +  +  +  +  +
answer a problem             .  .  +  +  +  +  +  +  +
answer with a closed work    .  .  .  .  +  +  +  .  +
read a hidden problem        .  .  +  .  .  .  +  .  +
find it on the board         .  .  +  .  .  .  +  .  +
hide a problem               .  .  .  .  .  .  +  .  +
show a hidden problem        .  .  .  .  .  .  +  .  +
mark a problem solved        .  .  +  .  .  .  +  .  +
delete a problem             .  .  +  .  .  .  .  .  .
take it into the workshop    .  .  .  .  .  +  .  .  +
hide an answer               .  .  .  .  .  .  +  .  +
delete an answer             .  .  .  +  .  .  .  .  .
see another's alert          .  .  +  .  .  .  .  .  .
stop another's alert         .  .  +  .  .  .  .  .  .
open one's own page          .  +  +  +  +  +  +  +  +
"""
"""The alert and both problems are the author's own; the answer on the board is the contributor's."""

READS = """
                            an un au co pa or ed fo ad
published                    +  +  +  +  +  +  +  +  +
revised                      +  +  +  +  +  +  +  +  +
closed                       .  .  .  .  +  +  +  .  +
draft                        .  .  .  .  .  .  .  .  .
review                       .  .  .  .  .  .  .  .  .
changes                      .  .  .  .  .  .  .  .  .
down                         .  .  .  .  .  .  .  .  .
expired                      .  .  .  .  .  .  .  .  .
revision                     .  .  .  .  .  .  .  .  .
handedin                     .  .  .  .  .  .  .  .  .
"""
"""Who reads a work in the places for readers. "revised" has a new version that is not approved,
whose words are those of "revision"; "handedin" waits for review in the closed folder."""

HOLDS = """
                            an un au co pa or ed fo ad
published                    +  +  +  +  +  +  +  +  +
revised                      +  +  +  +  +  +  +  +  +
closed                       .  .  .  .  +  +  +  .  +
draft                        .  .  +  .  .  .  +  .  +
review                       .  .  +  .  .  .  +  .  +
changes                      .  .  +  .  .  .  +  .  +
down                         .  .  +  .  .  .  +  .  +
expired                      .  .  +  .  .  .  +  .  +
revision                     .  .  +  .  .  .  +  .  +
handedin                     .  .  .  .  .  .  +  .  +
"""
"""Who gets the file of a work by its own address, and its text page by page."""


def table(text: str) -> dict[str, dict[str, bool]]:
    """Return row → role → whether it may."""
    rows = {}
    for line in text.strip("\n").splitlines()[1:]:
        name, cells = line[:28].strip(), line[28:].split()
        assert set(cells) <= {"+", "."}, line
        rows[name] = {role: cell == "+" for role, cell in zip(ROLES, cells, strict=True)}
    return rows


@contextmanager
def undone() -> Iterator[None]:
    """Undo afterwards what was done; nothing in the process remembers it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    forget_view()
    cache.clear()


def test_the_table_of_actions_is_whole() -> None:
    assert list(table(ACTS)) == list(ACTIONS)


def shown(surfaces: Mapping[str, Surface], world: World, role: str, name: str) -> set[str]:
    """Return the places where somebody meets a word of one work."""
    planted, client = world.works[name], world.clients[role]
    return {
        place for place, got in surfaces.items() if planted.secret in got(world, client, planted)
    }


def all_shown(surfaces: Mapping[str, Surface], world: World, role: str) -> dict[str, set[str]]:
    """Return work → places where somebody meets a word of it."""
    one = world.works["published"]
    bodies = {place: got(world, world.clients[role], one) for place, got in surfaces.items()}
    return {
        name: {place for place, body in bodies.items() if planted.secret in body}
        for name, planted in world.works.items()
    }


PUBLIC_PATTERNS = """
home search suggestions search_feed compare compare_grading compare_ask policies_in_force lineage
countries country themes theme indicators indicator glossary term brief brief_add brief_take join
join_with_code workshops_calendar workshop_calendar board board_ask problem markdown parallel cite
health metrics robots sitemap sitemap_part openapi-json search suggest_texts wagtail_serve file_part part_picture
wagtaildocs_serve
"""
"""Addresses at which the tables of works and files are tried."""

OWN_PATTERNS = """
share share_mine share_draft share_files share_file_remove share_check share_withdraw share_delete
review review_page review_decide leave_workshop organise_workshop change_workshop workshop_poster
workshop_participants confirm_account answer problem_change attempt_change alerts alert_save alert_change account
account_data
"""
"""Addresses at which the table of actions is tried."""

ELSEWHERE = """
alert_stop board_stop account_leave brief_change brief_empty choose_language openapi-view api-root
wagtailcore_authenticate_with_password wagtaildocs_authenticate_with_password
"""
"""Addresses that show no work: a token or a password says who may, or they are one's own."""

OF_ACCOUNTS = ("accounts/", "en/_util/login/", "documents/<int:file_id>/<str:name>")
"""Signing in is tested in tests/knowledge/accounts; the last is "document address" below."""

ADMIN_SECTIONS = """
account api block-preview bulk choose-anchor-link choose-email-link choose-external-link choose-page
choose-phone-link collections desk dismissibles documents editing-sessions embeds failwhale groups
images jsi18n locales localize login logout pages password_reset redirects reports sites snippets
sprite tag-autocomplete test404 users workflows
"""


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address of the portal with its pattern."""
    for one in resolver.url_patterns:
        route = before + str(one.pattern).lstrip("^")
        if isinstance(one, URLResolver):
            yield from patterns(one, route)
        else:
            yield route, one


def test_every_address_is_in_a_table() -> None:
    known = set((PUBLIC_PATTERNS + OWN_PATTERNS + ELSEWHERE).split())
    sections = {"", ".*", *ADMIN_SECTIONS.split()}
    named, unknown = set(), []
    for route, pattern in patterns(get_resolver()):
        if route.startswith("admin/"):
            if route.split("/")[1].strip("^$") not in sections:
                unknown.append(route)
        elif route.startswith(OF_ACCOUNTS):
            continue
        else:
            named.add(str(pattern.name))
            if pattern.name not in known:
                unknown.append(route)
    assert not unknown, "Say in a table who may use: " + ", ".join(unknown)
    assert not known - named, known - named


def addresses_of_admin(world: World, name: str) -> list[str]:
    """Return every address of the admin, each number in it being that of what belongs to a draft."""
    planted = world.works[name]
    page = planted.page
    state = page.current_workflow_state
    given = {
        "revision_id": page.latest_revision_id or 0, "task_state_id": world.task("review"),
        "task_id": ReviewTask.objects.get(groups__name="Editors: VN").pk,
        "workflow_state_id": state.pk if state else 0, "document_id": planted.file_id,
        "app_label": "wagtailcore", "model_name": "page", "content_type_app_name": "knowledge",
        "content_type_model_name": "materialpage", "action": "publish", "action_name": "approve",
        "parent_page_id": page.get_parent().pk, "revision_id_a": "earliest",
        "revision_id_b": "latest", "alias": "x", "language_code": "en",
    }  # fmt: skip
    made = [
        f"/admin/choose-page/{page.pk}/",
        f"/admin/choose-page/chosen-multiple/?id={page.pk}",
        f"/admin/documents/chooser/chosen-multiple/?id={planted.file_id}",
        f"/admin/pages/{page.pk}/move/{page.pk}/confirm/",
        f"/admin/pages/{page.pk}/revisions/compare/earliest...latest/",
        f"/admin/snippets/knowledge/country/usage/{page.country_id}/",
        *(
            f"/admin/bulk/wagtailcore/page/{act}/?id={given}"
            for act in ("publish", "unpublish", "delete", "move")
            for given in (page.pk, "all", f"all&childOf={page.get_parent().pk}")
        ),
        *(
            f"/admin/bulk/wagtailcore/page/delete/?id=all&childOf={above.pk}&q={planted.key}"
            for above in page.get_ancestors()
        ),
        *(
            f"/admin/bulk/knowledge/storedfile/{act}/?id={given}"
            for act in ("delete", "add_tags", "add_to_collection")
            for given in (planted.file_id, "all")
        ),
    ]
    for route, _pattern in patterns(get_resolver()):
        if route.startswith("admin/") and "(" not in route and not LEAVES.search(route):
            number = planted.file_id if "documents/" in route else planted.page_id
            made.append("/" + HOLE.sub(lambda hole: str(given.get(hole[1], number)), route))  # noqa: B023
    return made


HOLE = re.compile(r"<(?:\w+:)?(\w+)>")
LEAVES = re.compile(r"admin/(logout|test404|failwhale|jsi18n|sprite|snippets|localize/static)")


class Matrix(TestCase):
    """One world for all tables; whatever a test does to it is undone."""

    world: World
    place: Path

    @classmethod
    def setUpClass(cls) -> None:
        """Keep files and pictures out of the way."""
        cls.place = place = Path(cls.enterClassContext(TemporaryDirectory()))
        files = {"LIMITS": {}, "PICTURES_DIR": place / "pictures"}
        knowledge = settings.KNOWLEDGE | {"FILES": files}
        cls.enterClassContext(
            override_settings(MEDIA_ROOT=str(place / "media"), KNOWLEDGE=knowledge)
        )
        super().setUpClass()

    def setUp(self) -> None:
        """Keep the files that were made with the world: other tests have a place of their own."""
        self.enterContext(override_settings(MEDIA_ROOT=str(self.place / "media")))

    @classmethod
    def setUpTestData(cls) -> None:
        """Make people and works."""
        cls.world = built()

    def test_everybody_can_do_what_the_table_says_and_nothing_else(self) -> None:
        world, wrong = self.world, []
        for name, cells in table(ACTS).items():
            for role, may in cells.items():
                with undone():
                    if ACTIONS[name](world, world.clients[role]) != may:
                        wrong.append(f"{role} {'may not' if may else 'may'}: {name}")
        assert not wrong, "\n".join(wrong)

    def test_works_are_found_and_opened_by_those_of_the_table_only(self) -> None:
        wrong = []
        for role in ROLES:
            lists = all_shown(OPEN_LISTS | OTHERS, self.world, role)
            searches = all_shown(SEARCHES, self.world, role)
            for name, cells in table(READS).items():
                found = searches[name] | shown(PAGES, self.world, role, name)
                wanted = set(SEARCHES | PAGES) if cells[role] else set()
                if name in {"published", "revised"}:
                    wanted |= set(OPEN_LISTS)
                    found |= lists[name] & set(OPEN_LISTS)
                elif not cells[role]:
                    found |= lists[name]
                    if role in {"anonymous", "author", "foreign"}:
                        found |= shown(BESIDE, self.world, role, name)
                if found != wanted:
                    wrong.append(f"{role}: {name}: {sorted(found ^ wanted)}")
        assert not wrong, "\n".join(wrong)

    def test_files_are_fetched_by_those_of_the_table_only(self) -> None:
        wrong = []
        for name, cells in table(HOLDS).items():
            for role, may in cells.items():
                found = shown(FILES, self.world, role, name)
                if found != (set(FILES) if may else set()):
                    wrong.append(f"{role}: {name}: {sorted(found)}")
        assert not wrong, "\n".join(wrong)

    def test_nobody_else_meets_a_work_where_it_is_written_reviewed_or_edited(self) -> None:
        wrong = []
        for role in ROLES:
            at_once = all_shown(WORKSPACES | ADMIN, self.world, role)
            enters = role in {"anonymous", "author", "foreign"}
            one_by_one = WORKSPACE | (ADMIN_OF_ONE if enters else {})
            for name, cells in table(HOLDS).items():
                if not cells[role]:
                    found = at_once[name] | shown(one_by_one, self.world, role, name)
                    wrong += [f"{role}: {name}: {place}" for place in sorted(found)]
        assert not wrong, "\n".join(wrong)

    def test_those_who_may_meet_it_there(self) -> None:
        """So that the test before this one looks where there is something to be seen."""
        mine = all_shown(WORKSPACES, self.world, "author")
        assert {"own list", "own data"} <= mine["draft"]
        assert "queue" in all_shown(WORKSPACES, self.world, "editor")["review"]
        assert shown(WORKSPACE, self.world, "author", "draft") >= {"first step", "second step"}
        seen = all_shown(ADMIN, self.world, "admin")["draft"]
        assert seen >= {"documents", "document chooser", "translation status"}
        own = shown(ADMIN_OF_ONE, self.world, "editor", "draft")
        assert own == set(ADMIN_OF_ONE), set(ADMIN_OF_ONE) - own
        abroad = shown(ADMIN_OF_ONE, self.world, "foreign", "published")
        assert "page chooser, searched" in abroad

    def test_a_digest_and_a_printed_brief_hold_what_may_be_read(self) -> None:
        taken = {"digest": in_a_digest, "PDF": in_printed_brief}
        for role in ("contributor", "foreign", "participant"):
            found = all_shown(taken, self.world, role)
            for name, cells in table(READS).items():
                assert found[name] == (set(taken) if cells[role] else set()), (role, name)

    def test_no_address_of_the_admin_shows_it_to_a_foreign_editor(self) -> None:
        client, found = self.world.clients["foreign"], []
        for name in ("review", "revision", "closed"):
            planted = self.world.works[name]
            for address in addresses_of_admin(self.world, name):
                try:
                    asked = None if "?" in address else {"q": planted.key}
                    response = client.get(address, asked)
                except (LookupError, ValueError, AttributeError, TypeError, NotImplementedError):
                    continue  # an address that no form of the admin leads to
                # What a refusal says is told on the next page.
                told = " ".join(str(one) for one in get_messages(response.wsgi_request))
                client.cookies.pop("messages", None)
                if planted.secret in f"{body_of(response)} {told}".lower():
                    found.append(f"{name}: {address}")
        assert not found, "\n".join(found)
