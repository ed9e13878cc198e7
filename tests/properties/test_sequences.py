"""Whatever editors do in whatever order: no process differs from one that starts anew, none leaks.

A machine publishes, edits, moves, restricts, expires and deletes real pages. After each step one
process is asked and its answer held against an oracle that reads pages only; now and then all
readers ask every process, and a new one, the same questions and must get the same answers.

`PORTAL_EXAMPLES` sets the number of sequences, `PORTAL_STEPS` their length; with either of them
set other sequences are tried at each run.
"""

import datetime as dt
import logging
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from wagtail.models import Page, PageViewRestriction

from content_seed.markdown import body_from_markdown
from embeddings import view as views
from embeddings.conf import get_config
from embeddings.service import compare_rows_with_view
from embeddings.switch import SwitchRefused, switch
from embeddings.view import IndexView, forget_view, get_view
from knowledge.models import (
    CaseStudyPage,
    Country,
    Fact,
    GlossaryTerm,
    LessonPage,
    ProgrammePage,
    Theme,
)
from knowledge.models.base import WorkPage
from knowledge.search.results import KnowledgeResults
from knowledge.search.service import search_knowledge
from knowledge.sync import drain_pending
from tests.factories import index_page, work
from tests.properties.oracle import MARK, MODELS, Oracle, Reader, marks_in

pytestmark = pytest.mark.long

LONG = "PORTAL_EXAMPLES" in os.environ or "PORTAL_STEPS" in os.environ
RUN = hypothesis_settings(
    max_examples=int(os.environ.get("PORTAL_EXAMPLES", "12")),
    stateful_step_count=int(os.environ.get("PORTAL_STEPS", "14")),
    deadline=None,
    derandomize=not LONG,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, *([Phase.shrink] if LONG else [])],
)

KINDS = (CaseStudyPage, LessonPage)
LANGUAGES = ("en", "vi")
SECTIONS = tuple((model, language) for model in (*KINDS, ProgrammePage) for language in LANGUAGES)
WORDS = ("honey", "water", "bamboo", "star", "nước", "kiln", "indigo", "lacquer")
THEMES, COUNTRIES, FACTS = ("grading", "finance"), ("vn", "th"), ("VN-1", "VN-2")
YEARS = ("", "2019", "2021-05", "2024-03-01")
QUESTIONS = ("honey", "kiln", "nước", "bamboo water", "star kiln indigo", "ocop", "lantern")
FILTERS: tuple[Mapping[str, Sequence[str]], ...] = (
    {},
    {"language": ["vi"]},
    {"kind": ["lesson", "programme"], "theme": ["grading"]},
    {"country": ["vn"], "year": ["2021", "2024"]},
    {"programme": ["p-1"]},
)
ALL = 1_000
OTHER_ENCODER = {"BACKEND": "embeddings.encoders.fake.FakeEncoder", "OPTIONS": {"dimensions": 32}}

which = st.integers(0, 11)
"""Chooses one of what there is: the number modulo how many there are."""
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)
hours = st.integers(1, 30)
profiles = st.fixed_dictionaries(
    {
        "dated": st.sampled_from(YEARS),
        "country": st.sampled_from(("", *COUNTRIES)),
        "themes": st.sets(st.sampled_from(THEMES)),
        "programme": st.booleans(),
    }
)


class Clock:
    """The time of day, which a rule can move on."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._time, self._now = time.time, timezone.now

    def time(self) -> float:
        return self._time() + self.ahead

    def now(self) -> dt.datetime:
        return self._now() + dt.timedelta(seconds=self.ahead)


class Portal(RuleBasedStateMachine):
    """Pages, their editors, four readers and the processes that answer them."""

    def __init__(self) -> None:
        super().__init__()
        self.exit = ExitStack()
        self.clock = Clock()
        self.exit.enter_context(mock.patch("time.time", self.clock.time))
        self.exit.enter_context(mock.patch("django.utils.timezone.now", self.clock.now))
        self.exit.enter_context(undone_at_the_end())
        self.start()
        cache.clear()
        self.number = 0
        self.steps = self.compared_at = 0
        self.is_sound = False
        self.marks: set[str] = set()
        self.group = Group.objects.create(name="Workshop")
        member = User.objects.create_user("member")
        member.groups.add(self.group)
        self.readers = [
            Reader("anonymous"),
            Reader("user", user=User.objects.create_user("user"), reader_language="vi"),
            Reader("member", user=member),
            Reader("guest", session={"passed_page_view_restrictions": []}),
        ]
        self.steady, self.idle = IndexView(), IndexView()

    def start(self) -> None:
        """Clear away what an earlier sequence left outside the database."""

    def teardown(self) -> None:
        try:
            if self.is_sound:
                self.compare_processes()
                self.pages_show_what_the_oracle_says()
        finally:
            self.exit.close()
            forget_view()
            cache.clear()

    # What there is

    def mark(self) -> str:
        self.number += 1
        mark = f"zq{self.number:05d}"
        self.marks.add(mark)
        return mark

    def works(self, *models: type[WorkPage]) -> list[WorkPage]:
        return [
            page
            for model in models or MODELS
            for page in model.objects.filter(alias_of=None).order_by("pk")
        ]

    def sections(self) -> list[Page]:
        return [
            section
            for model, language in SECTIONS
            for section in type(index_page(model, language)).objects.order_by("pk")
            if section.locale.language_code == language
        ]

    def some_work(self, number: int, *models: type[WorkPage]) -> WorkPage | None:
        found = self.works(*models)
        return found[number % len(found)] if found else None

    def some_section(self, number: int) -> Page:
        found = self.sections()
        return found[number % len(found)]

    def some_page(self, number: int, *, is_section: bool) -> Page | None:
        return self.some_section(number) if is_section else self.some_work(number)

    # What editors do

    def write(self, page: WorkPage, words: Sequence[str]) -> None:
        """Give a page another text, with a mark in each part of it."""
        mark = self.mark()
        cited = f" [@{FACTS[len(words) % 2]}]" if "kiln" in words else ""
        page.title = f"{words[0].capitalize()} {mark}"
        page.summary = f"About {' and '.join(words)}. {mark}."
        text = f"{mark} {' '.join(words)}{cited}.\n\n## Part\n\n{mark} of {words[-1]}. " * 3
        page.body = page._meta.get_field("body").to_python(body_from_markdown(text, name=mark))

    def make(
        self,
        model: type[WorkPage],
        language: str,
        words: Sequence[str],
        *,
        publish: bool = True,
        **fields: Any,
    ) -> WorkPage:
        slug = f"w-{self.number + 1}"
        title = f"Unwritten {self.mark()}"
        page = work(model, title=title, language=language, publish=False, slug=slug, **fields)
        self.write(page, words)
        revision = page.save_revision()
        if publish:
            revision.publish()
        return page

    @initialize(
        words=texts,
        others=st.lists(st.tuples(which, texts, profiles), min_size=1, max_size=3),
        restricted=st.booleans(),
    )
    def begin(
        self,
        words: list[str],
        others: list[tuple[int, list[str], dict[str, Any]]],
        restricted: bool,
    ) -> None:
        """Begin with a programme, which may be private, and a few works."""
        self.publish_programme(words, False, "p-1")
        for number, theirs, profile in others:
            self.publish(number, number % 3 == 0, theirs, profile)
        if restricted:
            programme = ProgrammePage.objects.get()
            PageViewRestriction.objects.create(page=programme, restriction_type="login")

    @rule(kind=which, vietnamese=st.booleans(), words=texts, profile=profiles)
    def publish(
        self, kind: int, vietnamese: bool, words: list[str], profile: dict[str, Any]
    ) -> None:
        page = self.make(KINDS[kind % 2], LANGUAGES[vietnamese], words)
        self.file_under(page, profile)

    def file_under(self, page: WorkPage, profile: dict[str, Any]) -> None:
        page = page.get_latest_revision_as_object()
        page.dated = profile["dated"]
        page.country = Country.objects.filter(code=profile["country"]).first()
        page.themes.set(Theme.objects.filter(code__in=profile["themes"]))
        if not isinstance(page, ProgrammePage):
            page.programme = ProgrammePage.objects.first() if profile["programme"] else None
        page.save_revision().publish()

    @rule(kind=which, vietnamese=st.booleans(), words=texts, later=st.booleans())
    def draft(self, kind: int, vietnamese: bool, words: list[str], later: bool) -> None:
        go_live = {"go_live_at": self.clock.now() + dt.timedelta(hours=5)} if later else {}
        self.make(KINDS[kind % 2], LANGUAGES[vietnamese], words, publish=later, **go_live)

    @rule(words=texts, vietnamese=st.booleans(), code=st.sampled_from(["p-1", "p-2"]))
    def publish_programme(self, words: list[str], vietnamese: bool, code: str) -> None:
        names = f"OCOP {self.mark()}\n{words[0]}"
        self.make(ProgrammePage, LANGUAGES[vietnamese], words, code=code, other_names=names)

    @rule(number=which, words=texts, publish=st.booleans())
    def edit(self, number: int, words: list[str], publish: bool) -> None:
        if (page := self.some_work(number)) is not None:
            page = page.get_latest_revision_as_object()
            self.write(page, words)
            revision = page.save_revision()
            if publish:
                revision.publish()

    @rule(number=which)
    def publish_again(self, number: int) -> None:
        if (page := self.some_work(number)) is not None:
            page.save_revision().publish()

    @rule(number=which, words=texts)
    def translate(self, number: int, words: list[str]) -> None:
        page = self.some_work(number, *KINDS)
        if page is None:
            return
        others = {"en", "vi"} - {one.language for one in page.get_translations(inclusive=True)}
        if others:
            self.make(type(page), others.pop(), words, translation_of=page)

    @rule(number=which)
    def copy_as_alias(self, number: int) -> None:
        if (page := self.some_work(number)) is not None:
            page.create_alias(parent=self.some_section(number), update_slug=f"a-{self.mark()}")

    @rule(number=which, profile=profiles)
    def retag(self, number: int, profile: dict[str, Any]) -> None:
        if (page := self.some_work(number)) is not None:
            self.file_under(page, profile)

    @rule(code=st.sampled_from(THEMES), delete=st.booleans())
    def change_theme(self, code: str, delete: bool) -> None:
        theme = Theme.objects.filter(code=code).first()
        if theme is None:
            Theme.objects.create(code=code, name=code)
        elif delete:
            theme.delete()
        else:
            theme.name = f"Theme {self.mark()}"
            self.marks.discard(f"zq{self.number:05d}")  # vocabulary is public
            theme.save()

    @rule(code=st.sampled_from(COUNTRIES), new=st.sampled_from(["vn", "th", "la"]))
    def change_country(self, code: str, new: str) -> None:
        if not Country.objects.filter(code=new).exists():
            for country in Country.objects.filter(code=code):
                country.code = new
                country.save()

    @rule(code=st.sampled_from(FACTS), word=st.sampled_from(WORDS))
    def state(self, code: str, word: str) -> None:
        fact = Fact.objects.get(code=code)
        fact.statement = f"It takes {word} for 36 months."
        fact.save()

    @rule(number=which, section=which, first=st.booleans())
    def move(self, number: int, section: int, first: bool) -> None:
        if (page := self.some_work(number)) is not None:
            page.move(self.some_section(section), pos="first-child" if first else "last-child")

    @rule(number=which, section=which)
    def move_section(self, number: int, section: int) -> None:
        moved, under = self.some_section(number), self.some_section(section)
        has_namesake = under.get_children().filter(slug=moved.slug).exists()
        if not under.path.startswith(moved.path) and not has_namesake:
            moved.move(under, pos="last-child")

    @rule(number=which)
    def sort(self, number: int) -> None:
        page = self.some_work(number)
        if page is not None and (before := page.get_prev_siblings().last()) is not None:
            page.move(before, pos="left")

    @rule(
        number=which,
        is_section=st.booleans(),
        kind=st.sampled_from(["login", "groups", "password"]),
    )
    def restrict(self, number: int, is_section: bool, kind: str) -> None:
        page = self.some_page(number, is_section=is_section)
        if page is None or page.view_restrictions.exists():
            return
        restriction = PageViewRestriction.objects.create(
            page=page, restriction_type=kind, password="secret"
        )
        if kind == "groups":
            restriction.groups.add(self.group)

    @rule(number=which)
    def lift(self, number: int) -> None:
        restrictions = list(PageViewRestriction.objects.order_by("pk"))
        if restrictions:
            restrictions[number % len(restrictions)].delete()

    @rule(number=which)
    def give_password(self, number: int) -> None:
        found = list(PageViewRestriction.objects.filter(restriction_type="password").order_by("pk"))
        if found:
            passed = self.readers[3].session["passed_page_view_restrictions"]
            passed.append(found[number % len(found)].pk)

    @rule(join=st.booleans())
    def join_or_leave(self, join: bool) -> None:
        change = self.group.user_set.add if join else self.group.user_set.remove
        change(self.readers[2].user)

    @rule(number=which, is_section=st.booleans())
    def unpublish(self, number: int, is_section: bool) -> None:
        page = self.some_page(number, is_section=is_section)
        if page is not None:
            page.specific.unpublish()
            if is_section:  # as the admin does when asked to take the pages below along
                for below in page.get_descendants().live().specific():
                    below.unpublish()

    @rule(number=which)
    def delete(self, number: int) -> None:
        if (page := self.some_work(number)) is not None:
            page.delete()

    @rule(number=which)
    def delete_section(self, number: int) -> None:
        self.some_section(number).delete()

    @rule(number=which, after=hours)
    def let_expire(self, number: int, after: int) -> None:
        if (page := self.some_work(number)) is not None:
            page.expire_at = self.clock.now() + dt.timedelta(hours=after - 6)
            page.save_revision().publish()

    @rule(after=hours)
    def wait(self, after: int) -> None:
        self.clock.ahead += 3600.0 * after

    @rule()
    def run_scheduled_job(self) -> None:
        call_command("publish_scheduled")

    @rule(number=which, words=texts)
    def publish_in_vain(self, number: int, words: list[str]) -> None:
        """Publish and index in a transaction that comes to nothing."""
        with undone_at_the_end():
            self.edit(number, words, publish=True)
            self.make(CaseStudyPage, "en", words)
            drain_pending()

    # What processes do

    @rule()
    def drain(self) -> None:
        """Index at the commit, as the process does that published; else the next search does."""
        drain_pending()

    @rule(is_idle=st.booleans())
    def compact(self, is_idle: bool) -> None:
        """Give a process a new base, as it gets by itself when many passages are new or dead."""
        view = self.idle if is_idle else self.steady
        with is_this_process(view):
            view.compact()

    @rule(other=st.booleans())
    def switch_encoder(self, other: bool) -> None:
        """Go over to an encoder whose vectors have another length, or back."""
        with suppress(SwitchRefused):  # it is in force already
            switch(OTHER_ENCODER if other else {})

    # What must hold

    def ask(self, view: IndexView, *options: Any) -> list[KnowledgeResults]:
        """Ask a process; each option is (reader, question, filters)."""
        with is_this_process(view):
            return [
                search_knowledge(question, reader=reader, filters=filters, limit=ALL)
                for reader, question, filters in options
            ]

    @invariant()
    def one_reader_sees_what_the_database_says(self) -> None:
        self.steps += 1
        self.is_sound = False
        reader = self.readers[self.steps % len(self.readers)]
        question = QUESTIONS[self.steps % len(QUESTIONS)]
        options = [(reader, "", {}), (reader, question, {})]
        oracle = Oracle()
        for option, answer in zip(options, self.ask(self.steady, *options), strict=True):
            self.hold_against(oracle, answer, *option)
        self.is_sound = True

    def hold_against(
        self, oracle: Oracle, answer: KnowledgeResults, reader: Reader, question: str, filters: Any
    ) -> None:
        oracle.check(answer, reader=reader, question=question, filters=filters, marks=self.marks)

    def some_questions(self) -> list[tuple[Reader, str, Mapping[str, Sequence[str]]]]:
        """Return what is asked of all processes; other questions at each time."""
        turn = self.steps
        last = f"zq{max(self.number - turn % 4, 1):05d}"
        asked = []
        for reader in self.readers:
            turn += 1
            question, filters = QUESTIONS[turn % len(QUESTIONS)], FILTERS[turn % len(FILTERS)]
            asked += [(reader, "", {}), (reader, "", filters)]
            asked += [(reader, question, filters if turn % 2 else {}), (reader, last, {})]
        return asked

    @precondition(lambda self: self.steps > self.compared_at + 4)
    @rule()
    def compare_processes(self) -> None:
        """Ask everything of all processes: they, a new one and the database agree."""
        self.compared_at = self.steps
        options = self.some_questions()
        steady = self.ask(self.steady, *options)
        oracle = Oracle()
        for option, answer in zip(options, steady, strict=True):
            self.hold_against(oracle, answer, *option)
        for view in (self.idle, IndexView()):
            assert self.ask(view, *options) == steady
            with is_this_process(view):
                assert compare_rows_with_view().is_consistent

    def pages_show_what_the_oracle_says(self) -> None:
        """Hold the oracle itself against what the site serves to a stranger."""
        oracle = Oracle()
        open_pages = {version.page for version in oracle.open_to(self.readers[0])}
        client = Client()
        for version in oracle.versions:
            page = Page.objects.get(pk=version.page)
            if page.alias_of_id is None and page.url is not None:
                response = client.get(page.url)
                is_shown = MARK.findall(version.title)[0] in response.content.decode()
                assert is_shown == (version.page in open_pages)
                assert version.is_out or response.status_code == 404
        hidden = self.marks - marks_in(version.text for version in oracle.open_to(self.readers[0]))
        for address in ("/", "/search/?q=honey", "/api/search?q=honey"):
            assert not hidden & marks_in([client.get(address).content.decode()])


@contextmanager
def undone_at_the_end() -> Iterator[None]:
    """Give each sequence the database as it was before the first."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def is_this_process(view: IndexView) -> Iterator[None]:
    """Let all code meet this view as the one of its process."""
    forget_view()
    with mock.patch.object(views, "IndexView", return_value=view):
        assert get_view() is view
    try:
        yield
    finally:
        forget_view()


@pytest.fixture
def tree(db: None) -> None:
    """The page tree and the vocabulary that every sequence begins with."""
    for model, language in SECTIONS:
        index_page(model, language)
    for code in THEMES:
        Theme.objects.create(code=code, name=code)
    for code in COUNTRIES:
        Country.objects.create(code=code, name=code)
    for code in FACTS:
        Fact.objects.create(code=code, statement="It takes 36 months.")
    term = GlossaryTerm.objects.create(code="bamboo", name="bamboo")
    term.names.create(language="vi", name="tre")


class PortalWithSnapshots(Portal):
    """The same where processes begin with a snapshot, which anything may befall."""

    @rule(number=which, how=st.sampled_from(["cut", "flip", "delete"]))
    def damage_snapshot(self, number: int, how: str) -> None:
        """Damage a file. The old one stays as it was for those who have it mapped."""
        files = sorted(path for path in self.index_dir.rglob("*") if path.is_file())
        if not files:
            return
        path = files[number % len(files)]
        content = bytearray(path.read_bytes())
        path.unlink()
        if how == "flip" and content:
            content[len(content) // 2] ^= 1
        if how != "delete":
            path.write_bytes(content[:-1] if how == "cut" else content)

    @rule()
    def write_snapshot(self) -> None:
        call_command("write_snapshot", stdout=StringIO())

    @property
    def index_dir(self) -> Path:
        index_dir = get_config().index_dir
        assert index_dir is not None
        return index_dir

    def start(self) -> None:
        shutil.rmtree(self.index_dir, ignore_errors=True)


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep what the processes log out of the report of a failure."""
    caplog.set_level(logging.CRITICAL, logger="embeddings")


@pytest.mark.parametrize("machine", [Portal, PortalWithSnapshots])
def test_no_sequence_of_changes_makes_processes_differ_or_leak(
    machine: type[Portal], tree: None, quiet: None, tmp_path: Path, settings: Any
) -> None:
    own = (
        {"INDEX_DIR": tmp_path / "index", "SNAPSHOT_FROM": 1}
        if machine is PortalWithSnapshots
        else {"TAIL_LIMIT": 8}
    )
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, **own}
    run_state_machine_as_test(machine, settings=RUN)
