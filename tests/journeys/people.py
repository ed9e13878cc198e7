"""Deeds of those who take part, beside the works and searches of `tests.journeys.actor`.

What contributors and editors do goes through the addresses that their browsers would ask.
"""

import datetime as dt
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from wagtail.models import TaskState

from knowledge.files.texts import read_pending
from knowledge.models import (
    Attempt,
    Country,
    FilePart,
    FollowUp,
    MaterialFile,
    MaterialPage,
    OutgoingMail,
    Problem,
    StoredFile,
    WorkshopPage,
    WorkshopSession,
)
from knowledge.people import keep_language, make_contributor
from knowledge.sharing.branches import editors_group
from knowledge.workshops.materials import materials_folder
from knowledge.workshops.participation import join
from tests.factories import work
from tests.journeys.papers import deck, report
from tests.knowledge.sharing.conftest import approve as approve_as
from tests.knowledge.sharing.conftest import (
    ask_changes,
    begun,
    country,
    materials_index,
    sent,
    table,
)

PASSWORD = "a long enough secret"


def make_person(
    name: str, *, language: str = "en", contributes: bool = True, edits: str = ""
) -> User:
    """Make an account whose address is confirmed; `edits` names a country."""
    address = f"{name}@example.org"
    user = User.objects.create_user(name, address, PASSWORD, first_name=name.title())
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    keep_language(user, language)
    if contributes:
        make_contributor(user)
    if edits:
        user.groups.add(editors_group(Country.objects.get(code=edits)))
    return user


def account(name: str, **options: Any) -> str:
    """Make an account and return its address."""
    return make_person(name, **options).email


def workshop(title: str, *, organiser: str, language: str = "vi") -> dict[str, Any]:
    """Hold a workshop in Viet Nam; return its id, address and code."""
    page = work(
        WorkshopPage,
        title=title,
        text="Các bản gặp nhau và kể về mùa vụ." if language == "vi" else "Villages meet.",
        language=language,
        country=Country.objects.get(code="vn"),
        place="Hà Giang",
        starts_on=dt.date(2026, 9, 14),
        sessions=[WorkshopSession(title="Chế biến và bảo quản", sort_order=0)],
        follow_ups=[FollowUp(action="Gửi báo cáo", responsible="Hợp tác xã", sort_order=0)],
    )
    copy = page.get_latest_revision_as_object()
    copy.organisers = [User.objects.get(username=organiser)]
    copy.save_revision().publish()
    materials_folder(page)
    page = WorkshopPage.objects.get(pk=page.pk)
    return {"id": page.pk, "path": page.get_url(), "code": page.join_code}


def submissions() -> list[dict[str, Any]]:
    """Return what was handed in: title, language, whether it is live, files with their parts."""
    return [
        {
            "id": page.pk,
            "title": page.title,
            "language": page.language,
            "live": page.live,
            "files": [
                {"title": one.file.title, "state": one.file.reading, "parts": one.file.parts.count()}
                for one in MaterialFile.objects.filter(page=page).select_related("file")
            ],
        }
        for page in MaterialPage.objects.order_by("pk")
    ]  # fmt: skip


def take_part() -> dict[str, Any]:
    """Do a little of everything; return addresses by name, and the session of who may see them.

    She is a contributor, an editor of Viet Nam and organises a workshop. He has handed in.
    """
    mai, lan = make_person("mai", edits="vn"), make_person("lan")
    held = workshop("Honey meeting", organiser="mai", language="en")
    join(lan, WorkshopPage.objects.get(pk=held["id"]), is_listed=True)
    hers, his = Client(), _signed_in(lan)
    hers.post(settings.LOGIN_URL, {"login": mai.email, "password": PASSWORD})
    with tempfile.TemporaryDirectory() as directory:
        paper = report(Path(directory) / "report.pdf", megabytes=3).read_bytes()
        slides = deck(Path(directory) / "slides.pptx").read_bytes()
    published = begun(
        his, title="Tiếng Việt của báo cáo", files=SimpleUploadedFile("báo cáo.pdf", paper)
    )
    read_pending()
    sent(his, published, language="vi", summary="Báo cáo của tổ hợp tác về mùa măng ở bản.")
    approve_as(hers, MaterialPage.objects.get(pk=published.pk))
    published = MaterialPage.objects.get(pk=published.pk)
    assert published.live
    waiting = begun(his, title="Slides of the dryer", files=SimpleUploadedFile("d.pptx", slides))
    read_pending()
    sent(his, waiting, language="vi")
    returned = sent(hers, title="Prices of honey")
    boss = User.objects.create_superuser("boss", "boss@example.org", PASSWORD)
    ask_changes(_signed_in(boss), returned)
    draft = begun(hers, title="Prices of bamboo")
    task = MaterialPage.objects.get(pk=waiting.pk).current_workflow_state.current_task_state
    return {
        "session": hers.cookies[settings.SESSION_COOKIE_NAME].value,
        "open": _open_pages(published, held) | {"problem": f"/board/{_problem(lan, mai).pk}"},
        "own": _own_pages(draft, returned, task, held),
    }


def _open_pages(published: MaterialPage, held: dict[str, Any]) -> dict[str, str]:
    stored = MaterialFile.objects.get(page=published).file
    return {
        "sign in": f"{settings.LOGIN_URL}?next=/share/",
        "sign up": "/accounts/signup/",
        "new password": "/accounts/password/reset/",
        "door": "/share/",
        "join": "/join/",
        "join with code": f"/join/{held['code']}",
        "workshop": held["path"],
        "workshops": WorkshopPage.objects.get(pk=held["id"]).get_parent().get_url(),
        "materials": published.get_parent().get_parent().get_url(),
        "branch": published.get_parent().get_url(),
        "material": published.get_url(),
        "file part": f"/file/{published.pk}/{stored.pk}/2",
        "board": "/board/",
    }


def _own_pages(
    draft: MaterialPage, returned: MaterialPage, task: TaskState, held: dict[str, Any]
) -> dict[str, str]:
    return {
        "share": f"/share/?workshop={held['id']}",
        "share again": f"/share/{draft.pk}/",
        "check": f"/share/{draft.pk}/check",
        "answer": f"/share/{returned.pk}/check",
        "mine": "/share/mine",
        "queue": "/review/",
        "review": f"/review/{task.pk}/",
        "organised workshop": held["path"],
        "organise": f"/workshops/{held['id']}/organise",
        "poster": f"/workshops/{held['id']}/poster",
        "account": "/account/",
        "leave": "/account/delete",
        "alerts": "/account/alerts",
        "second factor": "/accounts/2fa/",
        "e-mail address": "/accounts/email/",
        "new password": "/accounts/password/change/",
        "is it you": "/accounts/reauthenticate/",
        "board as contributor": f"/board/{Problem.objects.latest('pk').pk}",
        "ask the board": "/board/ask?question=How+do+we+keep+honey+from+the+rain%3F",
    }


def _problem(author: User, helper: User) -> Problem:
    problem = Problem.objects.create(
        author=author, question="How do we grade honey?", situation="It rains.", language="en"
    )
    Attempt.objects.create(
        problem=problem, author=helper, outcome=Attempt.Outcome.values[0], comment="With stars.",
        language="en",
    )  # fmt: skip
    return problem


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# What is killed in the middle ---------------------------------------------------------------------


def branches() -> None:
    """Make what a small portal lacks for handing in: lists of materials, a country, people."""
    for language in ("en", "vi"):
        materials_index(language)
    country("vn", "Viet Nam")
    make_person("mai", edits="vn")
    make_person("lan")


def begin_draft(title: str) -> dict[str, Any]:
    """Begin a draft with one file; return its id and the session of its contributor."""
    client = _signed_in(User.objects.get(username="lan"))
    page = begun(client, title=title)
    return {"id": page.pk, "session": client.cookies[settings.SESSION_COOKIE_NAME].value}


def stored_files() -> list[str]:
    """Return the titles of all files that have a row, each with its bytes on disk."""
    rows = list(StoredFile.objects.order_by("pk"))
    assert all(Path(one.file.path).stat().st_size == one.file_size for one in rows)
    return [one.title for one in rows]


def hand_in_files(number: int) -> list[int]:
    """Let drafts with decks wait to be read; return the ids of the files."""
    client = _signed_in(User.objects.get(username="lan"))
    made = []
    with tempfile.TemporaryDirectory() as directory:
        for at in range(number):
            path = deck(Path(directory) / f"deck {at}.pptx", place=f"bản {at}")
            upload = SimpleUploadedFile(path.name, path.read_bytes())
            page = begun(client, title=f"Deck {at}", files=upload)
            made.append(MaterialFile.objects.get(page=page).file_id)
    return made


def read_forever() -> Iterator[int]:
    """Read files until killed, as a worker does."""
    while True:
        yield read_pending(limit=1)


def void_claims() -> None:
    """Let the claims of files be older than any reader lives."""
    long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    StoredFile.objects.exclude(claimed_at=None).update(claimed_at=long_ago)


def readings() -> dict[str, list[int]]:
    """Return state → numbers of parts of the files in it."""
    found: dict[str, list[int]] = {}
    for one in StoredFile.objects.order_by("pk"):
        found.setdefault(one.reading, []).append(FilePart.objects.filter(file=one).count())
    return found


def hand_in_forever(name: str) -> Iterator[int]:
    """Hand in one material after the other until killed; say each that was sent."""
    client = _signed_in(User.objects.get(username="lan"))
    for number in count(1):
        text = f"Product,Price\nHoney,{number}\n{name},1\n"
        page = begun(client, title=f"{name} {number}", files=table(text=text))
        sent(client, page)
        yield page.pk


def approve_forever() -> Iterator[int]:
    """Publish what waits for review until killed; say each that was published."""
    client = _signed_in(User.objects.get(username="mai"))
    for page in MaterialPage.objects.filter(live=False).order_by("pk"):
        if page.current_workflow_state is not None:
            assert approve_as(client, page).status_code == 302
            yield page.pk


def hand_in_some(number: int) -> int:
    """Hand in a few, undisturbed."""
    return [page for _, page in zip(range(number), hand_in_forever("Calm"), strict=False)][-1]


def approve_rest() -> int:
    """Publish what still waits, undisturbed."""
    return len(list(approve_forever()))


def review_state() -> dict[str, Any]:
    """Return what waits, what is live, and the keys of the mails about it."""
    mails = list(OutgoingMail.objects.values_list("key", flat=True))
    tasks = TaskState.objects.select_related("workflow_state")
    return {
        "waiting": [one.pk for one in MaterialPage.objects.all() if one.current_workflow_state],
        "live": list(MaterialPage.objects.live().values_list("pk", flat=True)),
        "tasks": sorted(f"review/{one.pk}" for one in tasks),
        "told editors": sorted(key.rpartition("/")[0] for key in mails if key[:7] == "review/"),
        "told contributor": sorted(key for key in mails if key[:10] == "published/"),
        "approved": sorted(
            f"published/{one.workflow_state_id}" for one in tasks if one.status == "approved"
        ),
        "files": [MaterialFile.objects.filter(page=one).count() for one in MaterialPage.objects.all()],
    }  # fmt: skip
