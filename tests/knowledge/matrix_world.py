"""The people and works of the permission matrix: one of everything, each with words of its own.

Every work holds two words of its own in title, summary, text, credit, the text of its file and the
file's name: `key…`, by which it is asked for, and `secret…`, which is looked for in what comes
back. A question is shown again on a page of results, so what was asked must not be what is
looked for.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from wagtail.models import Page

from content_seed.markdown import body_from_markdown
from knowledge.models import (
    Country,
    FilePart,
    MaterialPage,
    Newcomer,
    Participation,
    Problem,
    SavedSearch,
    StoredFile,
    Theme,
    UnansweredQuestion,
    WorkshopPage,
)
from knowledge.models.files import ReadingState
from knowledge.people import make_contributor
from knowledge.sharing.branches import editors_group, ensure_branch, materials_collection
from knowledge.sharing.drafts import attach, begin, keep, moved_to, working_copy
from knowledge.sharing.review import decide
from knowledge.sharing.submitting import send
from knowledge.workshops.participation import join
from tests.factories import work
from tests.knowledge.sharing.conftest import country, materials_index

POINTS = dict.fromkeys(("source", "licence", "language", "personal_data"), True)
LISTED_NAME = "Listed Speakername"
ADDRESS = "speaker-address@example.org"


def pdf_of(text: str) -> bytes:
    """Return a PDF of one page whose text stands in it as it is."""
    stream = f"BT /F1 18 Tf 40 700 Td ({text}) Tj ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        "/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    written, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{content}\nendobj\n"
    start = len(written)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    written += (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R>>\n"
        f"startxref\n{start}\n%%EOF\n"
    )
    return written.encode()


@dataclass(kw_only=True)
class Planted:
    """A material with its words."""

    name: str
    page_id: int = 0
    file_id: int = 0

    @property
    def key(self) -> str:
        return f"key{self.name}"

    @property
    def secret(self) -> str:
        return f"secret{self.name}"

    @property
    def page(self) -> MaterialPage:
        return MaterialPage.objects.get(pk=self.page_id)

    @property
    def file(self) -> StoredFile:
        return StoredFile.objects.get(pk=self.file_id)

    def words(self, place: str) -> str:
        """Return what stands in one place of the material; honey is what all are about."""
        return f"{self.key} {self.secret}{place} wolfram honey"


@dataclass(kw_only=True)
class World:
    """What there is, and a browser for each role."""

    clients: dict[str, Client]
    people: dict[str, User]
    works: dict[str, Planted]
    workshop: WorkshopPage
    participation: Participation
    hidden: Problem
    open_problem: Problem
    alert: SavedSearch
    extra: dict[str, Any] = field(default_factory=dict)

    def task(self, name: str) -> int:
        """Return the number of the step of a review that waits."""
        return int(self.works[name].page.current_workflow_state.current_task_state.pk)


def file_of(planted: Planted, owner: User, place: str = "file") -> StoredFile:
    """Return a stored file, its text read."""
    text = planted.words(place)
    stored = StoredFile(
        title=planted.words("name"), uploaded_by_user=owner, media_type="application/pdf",
        reading=ReadingState.READ, collection=materials_collection(Country.objects.get(code="vn")),
    )  # fmt: skip
    stored.file.save(f"{uuid.uuid4().hex}.pdf", ContentFile(pdf_of(text)), save=False)
    stored.file_size = stored.file.size
    stored.file_hash = uuid.uuid4().hex
    stored.save()
    FilePart.objects.create(file=stored, number=1, kind="page", text=text)
    return stored


def material(name: str, owner: User, *, workshop: WorkshopPage | None = None) -> Planted:
    """Return a draft, complete enough to be sent."""
    planted, viet_nam = Planted(name=name), Country.objects.get(code="vn")
    page = begin(
        owner, title=planted.words("title"), language="en", key=uuid.uuid4(), country=viet_nam
    )
    if workshop is not None:
        page = moved_to(owner, page, country=viet_nam, language="en", workshop=workshop, session="")
    planted.page_id, planted.file_id = page.pk, file_of(planted, owner).pk
    copy = working_copy(page)
    write(copy, planted)
    copy.themes.set([Theme.objects.get(code="grading")])
    copy.licence = "CC-BY-4.0"
    keep(copy, owner)
    attach(owner, page.pk, planted.file)
    return planted


def write(copy: MaterialPage, planted: Planted) -> None:
    """Plant the words in all that is written by hand."""
    copy.title = planted.words("title")
    copy.summary, copy.credit = planted.words("summary"), planted.words("credit")
    body = body_from_markdown(planted.words("body"), name=planted.name)
    copy.body = copy._meta.get_field("body").to_python(body)


def sent(planted: Planted) -> Planted:
    """Send a draft to review."""
    send(planted.page.owner, planted.page_id, consents=True)
    return planted


def decided(planted: Planted, editor: User, action: str = "approve") -> Planted:
    """Decide on what waits for review."""
    state = planted.page.current_workflow_state.current_task_state
    answers = POINTS if action == "approve" else {"comment": planted.words("remark")}
    decide(editor, state.pk, action, answers, revision=planted.page.latest_revision_id)
    return planted


def person(name: str, *, contributes: bool = True, **fields: Any) -> User:
    """Return an account; its address is confirmed if it contributes."""
    address = fields.pop("address", f"{name}@example.org")
    user = User.objects.create_user(name, address, "pass", **fields)
    EmailAddress.objects.create(user=user, email=address, verified=contributes, primary=True)
    if contributes:
        make_contributor(user)
    return user


def people_of() -> dict[str, User]:
    """Return who plays the roles."""
    people = {
        **{name: person(name, contributes=False) for name in ("unconfirmed", "newcomer")},
        **{name: person(name) for name in ("author", "contributor", "participant")},
        **{name: person(name) for name in ("organiser", "editor", "foreign")},
        "admin": User.objects.create_superuser("admin", "admin@example.org", "pass"),
        "speaker": person("speaker", address=ADDRESS, first_name=LISTED_NAME),
    }
    for name, code in (("editor", "vn"), ("foreign", "mw")):
        land = Country.objects.get(code=code)
        ensure_branch(land, "en")
        people[name].groups.add(editors_group(land))
    return people


def workshop_of(people: dict[str, User]) -> WorkshopPage:
    """Return a workshop with participants, one of whom is listed."""
    page = work(
        WorkshopPage, title="Forum of wolfram", country=Country.objects.get(code="vn"),
        starts_on=dt.date(2026, 5, 4),
    )  # fmt: skip
    assert isinstance(page, WorkshopPage)
    draft = page.get_latest_revision_as_object()
    draft.organisers = [people["organiser"]]
    draft.save_revision().publish()
    join(people["participant"], page)
    join(people["speaker"], page, is_listed=True)
    Newcomer.objects.create(workshop=page, user=people["newcomer"])
    return WorkshopPage.objects.get(pk=page.pk)


def works_of(people: dict[str, User], workshop: WorkshopPage) -> dict[str, Planted]:
    """Return a material in every state."""
    author, speaker, editor = people["author"], people["speaker"], people["editor"]
    new: dict[str, Planted] = {
        name: material(name, author)
        for name in ("draft", "review", "changes", "published", "down", "expired", "revised")
    }
    new |= {name: material(name, speaker, workshop=workshop) for name in ("closed", "handedin")}
    for name in set(new) - {"draft"}:
        sent(new[name])
    for name in ("published", "down", "expired", "revised", "closed"):
        decided(new[name], editor)
    decided(new["changes"], editor, "reject")
    new["down"].page.unpublish()
    long_ago = timezone.now() - dt.timedelta(days=1)
    expired = new["expired"].page
    expired.expire_at = long_ago
    expired.save()
    new["revision"] = Planted(name="revision", page_id=new["revised"].page_id)
    copy = new["revised"].page.get_latest_revision_as_object()
    write(copy, new["revision"])
    keep(copy, author)
    new["revision"].file_id = file_of(new["revision"], author).pk
    attach(author, copy.pk, new["revision"].file)
    return new


def problems_of(people: dict[str, User], workshop: WorkshopPage) -> dict[str, Problem]:
    """Return a problem that an editor hid, and an open one."""
    common = {"author": people["author"], "language": "en", "country_id": workshop.country_id}
    return {
        "hidden": Problem.objects.create(
            question="Why wolfram secretproblem honey?", is_hidden=True, **common
        ),
        "open_problem": Problem.objects.create(question="Why openproblem?", **common),
    }


def client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def built() -> World:
    """Return the world."""
    for language in ("en", "fr"):
        materials_index(language)
    country("vn", "Viet Nam")
    country("mw", "Malawi")
    Theme.objects.get_or_create(code="grading", defaults={"name": "Grading"})
    people = people_of()
    workshop = workshop_of(people)
    works = works_of(people, workshop)
    problems = problems_of(people, workshop)
    alert = SavedSearch.objects.create(
        user=people["author"], query="keyalert secretalert", language="en", told_at=timezone.now()
    )
    UnansweredQuestion.objects.create(
        question="secretquestion", month=dt.date(2026, 5, 1), times=99, language="en"
    )
    return World(
        clients={"anonymous": client_of(None)} | {n: client_of(u) for n, u in people.items()},
        people=people,
        works=works,
        workshop=workshop,
        participation=Participation.objects.get(user=people["speaker"]),
        alert=alert,
        **problems,
    )


def live(page_id: int) -> bool:
    """Return True if a page is there and published."""
    return Page.objects.filter(pk=page_id, live=True).exists()


Action = Callable[[World, str], bool]
