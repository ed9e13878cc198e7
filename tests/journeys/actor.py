"""Editors as operating-system processes: `python -m tests.journeys.actor SOCKET`.

Each connection to the socket is served by a process of its own, forked from one that has loaded
Django and touched nothing else: no connection, no index. It can be watched, hurried and killed
like any other. A request is a line of JSON, `[deed, {arguments}]`; the answer is another.
"""

import contextlib
import json
import os
import random
import socketserver
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from wagtail.models import Page, PageViewRestriction, Site  # noqa: E402

from embeddings.models import DocumentChange, Passage  # noqa: E402
from embeddings.store import append_changes, lock_state  # noqa: E402
from embeddings.view import forget_view, get_view  # noqa: E402
from knowledge.alerts.digest import tell_due  # noqa: E402
from knowledge.mail.outbox import deliver, queue_mail  # noqa: E402
from knowledge.models import (  # noqa: E402
    CaseStudyPage,
    LessonPage,
    OutgoingMail,
    ProgrammePage,
    SavedSearch,
    Theme,
    ToldWork,
)
from knowledge.models.pending import PendingSync  # noqa: E402
from knowledge.rights import AnonymousReader  # noqa: E402
from knowledge.search.service import search_knowledge  # noqa: E402
from knowledge.sync import drain_pending  # noqa: E402
from tests.factories import home_page, index_page, work  # noqa: E402
from tests.journeys import people  # noqa: E402

MODELS = {"case_study": CaseStudyPage, "lesson": LessonPage}


def seed() -> None:
    """Make the page tree that works are published into, and one editor."""
    from django.contrib.auth.models import User

    User.objects.create_superuser("editor", "editor@example.org", "editor")
    for language in ("en", "vi"):
        home_page(language)
        for model in MODELS.values():
            index_page(model, language)


def publish(title: str, *, text: str = "Some text.", language: str = "en") -> int:
    return work(title=title, text=text, language=language, slug=_slug()).pk


def unpublish(page: int) -> None:
    Page.objects.get(pk=page).specific.unpublish()


def republish(page: int, *, title: str | None = None) -> None:
    instance = Page.objects.get(pk=page).specific
    instance.title = title or instance.title
    instance.save_revision().publish()


def move(page: int, *, under: str) -> None:
    """Move a work to the Vietnamese section of another kind."""
    target = index_page(MODELS[under], "vi")
    Page.objects.get(pk=page).specific.move(target, pos="last-child")


def restrict(page: int) -> None:
    PageViewRestriction.objects.create(page_id=page, restriction_type=PageViewRestriction.LOGIN)


def restrict_section(kind: str) -> None:
    restrict(index_page(MODELS[kind], "vi").pk)


def lift(page: int) -> None:
    PageViewRestriction.objects.filter(page_id=page).delete()


def reorder(page: int, *, before: int) -> None:
    """Put a page before its sibling, as the admin's sort view does."""
    Page.objects.get(pk=page).move(Page.objects.get(pk=before), pos="left")


def publish_programme(title: str) -> int:
    return work(ProgrammePage, title=title, text="A programme.", slug=_slug()).pk


def attach(page: int, *, programme: int) -> None:
    instance = CaseStudyPage.objects.get(pk=page)
    instance.programme_id = programme
    instance.save_revision().publish()


def tag(page: int, *, theme: str) -> None:
    instance = CaseStudyPage.objects.get(pk=page)
    instance.themes.set([Theme.objects.get_or_create(code=theme, defaults={"name": theme})[0]])
    instance.save_revision().publish()


def delete_theme(theme: str) -> None:
    Theme.objects.get(code=theme).delete()


def count_all(**filters: str) -> dict[str, Any]:
    """What a stranger can count without opening anything."""
    chosen = {name: [value] for name, value in filters.items()}
    answer = search_knowledge("", reader=AnonymousReader(), filters=chosen, limit=100)
    facets = {one.name: {v.value: v.count for v in one.values} for one in answer.facets}
    titles = sorted(card.title for card in answer.cards)
    return {"total": answer.total, "titles": titles, "facets": facets}


def delete(page: int) -> None:
    Page.objects.get(pk=page).specific.delete()


def find(question: str = "", *, limit: int = 1000) -> list[str]:
    """Search as an anonymous reader; an index that cannot be loaded raises."""
    answer = search_knowledge(question, reader=AnonymousReader(), limit=limit)
    return [card.title for card in answer.cards]


def live_titles() -> list[str]:
    """What the database says is published, without any index."""
    return list(CaseStudyPage.objects.live().order_by("pk").values_list("title", flat=True))


def check() -> str:
    """Run `rebuild_index --check`; a difference is an error."""
    call_command("rebuild_index", check=True, stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    return "ok"


def pending() -> int:
    return PendingSync.objects.count()


def open_section(language: str) -> int:
    """Make the case-study section of a language; return its page."""
    return index_page(CaseStudyPage, language).pk


def publish_many(name: str, *, language: str, works: int) -> list[str]:
    """Publish so many works, change and withdraw some of them; say what should be live."""
    live = []
    for number in range(1, works + 1):
        text = f"## Water\n\nHoney {name} {number} and bamboo."
        pk = publish(f"{name} {number}", text=text, language=language)
        live.append((pk, f"{name} {number}"))
        if number % 3 == 0:
            pk, _ = live.pop(random.randrange(len(live)))
            random.choice((unpublish, delete))(pk)
        if number % 4 == 0:
            pk, title = live.pop(0)
            republish(pk, title=f"{title} again")
            live.append((pk, f"{title} again"))
    return [title for _, title in live]


def publish_forever(name: str) -> Iterator[str]:
    """Publish until killed; say each title right after its publication returned."""
    for number in count(1):
        title = f"{name}, work {number}"
        publish(title, text="## Water\n\nHoney and bamboo.")
        yield title


def live_pages() -> list[tuple[int, str]]:
    """What the database says is published, by page."""
    return list(CaseStudyPage.objects.live().order_by("pk").values_list("pk", "title"))


def change_forever(name: str, *, most: int = 12) -> Iterator[tuple[int, str | None, bool]]:
    """Publish, rename, withdraw and delete, search and compact, until killed.

    Yields (page, title or None, whether it is done): a change of a page that is there already is
    told before it begins and after it is committed, a new page only then. Touches only works
    whose titles begin with the name, and keeps at most so many of them.
    """
    view = get_view()
    for number in count(1):
        mine = [page for page, title in live_pages() if title.startswith(name)]
        deeds = ["publish"] * 2 * (len(mine) < most) + ["rename", "unpublish", "delete"]
        deed = random.choice(deeds) if mine else "publish"
        title = None if deed in ("unpublish", "delete") else f"{name} {os.getpid()}-{number}"
        if deed == "publish":
            page = publish(title, text="## Water\n\nHoney and bamboo.")
        else:
            page = random.choice(mine)
            yield page, title, False
            if deed == "rename":
                republish(page, title=title)
            else:
                (unpublish if deed == "unpublish" else delete)(page)
        yield page, title, True
        if number % 3 == 0:
            find("honey")
        if number % 5 == 0:
            view.compact()


def compact() -> None:
    """Make a new base; where snapshots are kept, write one."""
    get_view().compact()


_held = contextlib.ExitStack()


def publish_and_hold(title: str, *, language: str = "en") -> int:
    """Publish and index in a transaction that stays open: its log position is taken."""
    _held.enter_context(transaction.atomic())
    page = publish(title, text="Honey.", language=language)
    drain_pending()
    return page


def commit_held() -> None:
    _held.close()


def compact_forever() -> Iterator[int]:
    """Build a new base again and again beside whoever writes."""
    find()
    for number in count(1):
        get_view().compact()
        yield number


def write_snapshots_forever() -> Iterator[int]:
    """Do what the process does that a worn view starts."""
    for number in count(1):
        call_command("write_snapshot", stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115
        yield number


def start_forever() -> Iterator[int]:
    """Load the index as a process does that just began, again and again."""
    while True:
        forget_view()
        yield len(find())


def find_twice_listed() -> list[str]:
    """Search with and without a question; a work must never be listed twice."""
    listed = []
    for question in ("honey", ""):
        found = search_knowledge(question, reader=AnonymousReader(), limit=1000)
        listed += [
            work for work, times in Counter(c.work for c in found.cards).items() if times > 1
        ]
    return listed


def edit_many(page: int, *, times: int) -> None:
    """Publish one page again and again with another text; it is live all the time."""
    for number in range(times):
        instance = Page.objects.get(pk=page).specific
        instance.summary = f"Mật ong, edition {number}."
        instance.save_revision().publish()


def mark_without_draining(titles: list[str]) -> list[int]:
    """Publish as a process that dies right after each commit would."""
    from knowledge import sync

    kept, sync.drain_pending = sync.drain_pending, lambda: 0
    try:
        return [publish(title, text=f"Honey of {title}.") for title in titles]
    finally:
        sync.drain_pending = kept


def hold_snapshot() -> int:
    """Open a transaction, read, and keep it open: a report that takes long."""
    with connection.cursor() as cursor:
        isolation = "" if connection.vendor == "sqlite" else " ISOLATION LEVEL REPEATABLE READ"
        cursor.execute(f"BEGIN{isolation}")
    return Passage.objects.count()


def count_passages() -> int:
    return Passage.objects.count()


def write_and_hold() -> None:
    """Write and take long to commit, as a big import does: until `commit_held`.

    SQLite lets nobody else write meanwhile; PostgreSQL nobody who needs the writers' lock.
    """
    _held.enter_context(transaction.atomic())
    Site.objects.update(port=80)
    lock_state()


def release() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK")


def begin() -> None:
    transaction.set_autocommit(False)


def append_to_log(key: str) -> int:
    """Write one change as a synchronisation does, leaving the transaction open."""
    state = lock_state()
    append_changes(state, [key])
    return state.position


def commit() -> None:
    transaction.commit()
    transaction.set_autocommit(True)


def backend_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def is_waiting_for_lock(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", [pid])
        return bool(cursor.fetchone()[0])


def cut_other_connections() -> None:
    """End every connection to this database but one's own, as a restart does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid != pg_backend_pid()"
        )


def view_position() -> int:
    """Catch up as a search does; return the position."""
    view = get_view()
    with view.lock:
        view.catch_up()
        return view.position


def log() -> list[tuple[int, str]]:
    return list(DocumentChange.objects.order_by("position").values_list("position", "document_key"))


def queue_mails(name: str, *, count: int) -> list[str]:
    """Queue mails to as many recipients; return these."""
    recipients = [f"{name}{number}@example.org" for number in range(count)]
    for one in recipients:
        queue_mail(key=one, recipient=one, subject=name, body="Body")
    return recipients


def save_searches(*, count: int) -> list[str]:
    """Let as many readers ask to be told of honey every day, the last time a week ago."""
    from django.contrib.auth.models import User

    addresses = [f"reader{number}@example.org" for number in range(count)]
    for one in addresses:
        SavedSearch.objects.create(
            user=User.objects.create_user(one, one), query="honey", language="en",
            cadence="daily", told_at=timezone.now() - timedelta(days=7),
        )  # fmt: skip
    return addresses


def mail_states() -> dict[str, str]:
    """Return recipient → what became of the mail to them."""
    rows = OutgoingMail.objects.values_list("recipient", "claimed_at", "sent_at", "error")
    return {
        recipient: "sent" if sent else "fault" if error else "claimed" if claimed else "waiting"
        for recipient, claimed, sent, error in rows
    }


def age_claims(*, minutes: int) -> None:
    """Let claims of mails be older than they are."""
    for one in OutgoingMail.objects.exclude(claimed_at=None):
        OutgoingMail.objects.filter(pk=one.pk).update(
            claimed_at=one.claimed_at - timedelta(minutes=minutes)
        )


def told_and_mails() -> tuple[int, int]:
    """Return how many works were noted as told, and how many mails there are."""
    return ToldWork.objects.count(), OutgoingMail.objects.count()


def deliver_forever() -> Iterator[int]:
    """Deliver until killed, as a worker does."""
    while True:
        yield deliver(limit=1)


def tell_forever() -> Iterator[int]:
    """Make digests until killed, as a worker does."""
    while True:
        yield tell_due(limit=1)


def _slug() -> str:
    return f"w-{os.getpid()}-{time.monotonic_ns()}"


class Processes(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    """A process for each connection."""

    max_children = 100


class Deeds(socketserver.StreamRequestHandler):
    """Answers the requests of one connection until it ends or the process is killed."""

    def handle(self) -> None:
        # The test is over, or a caller only looked whether somebody listens.
        with contextlib.suppress(ConnectionError):
            self._serve()
        connections.close_all()

    def _serve(self) -> None:
        self._send({"answer": os.getpid()})
        for line in self.rfile:
            name, values, arguments = json.loads(line)
            deed: Callable[..., Any] = globals().get(name) or getattr(people, name)
            try:
                answer = deed(*values, **arguments)
                for word in answer if isinstance(answer, Iterator) else [answer]:
                    self._send({"answer": word})
            except Exception:  # noqa: BLE001 – told to the test
                self._send({"fault": traceback.format_exc()})

    def _send(self, answer: dict[str, Any]) -> None:
        self.wfile.write(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt), Processes(sys.argv[1], Deeds) as processes:
        processes.serve_forever(poll_interval=0.05)
