"""The page of a workshop, for readers, participants and organisers."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.models import Country, FollowUp, WorkshopPage, WorkshopSession
from knowledge.workshops.agenda import agenda_of, zone_of
from knowledge.workshops.chain import chain_of
from knowledge.workshops.materials import open_to_all
from knowledge.workshops.participation import join
from tests.knowledge.workshops.conftest import hand_in, make_workshop, reader_of

pytestmark = pytest.mark.django_db


def shown(client: Client, page: WorkshopPage, language: str = "en") -> str:
    response = client.get(page.url, headers={"accept-language": language})
    assert response.status_code == 200
    return str(response.content.decode())


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("language", "days"),
    [
        ("en", "4 – 5 May 2026"),
        ("vi", "4 – 5 thg 5, 2026"),
        ("th", "4–5 พฤษภาคม 2026"),
        ("ja", "2026年5月4日～5日"),
        ("ar", "4–5 مايو 2026"),
        ("fr", "4–5 mai 2026"),
    ],
)
def test_days_are_told_in_the_readers_language(
    client: Client, workshop: WorkshopPage, language: str, days: str
) -> None:
    assert days in shown(client, workshop, language).replace("\u2009", " ").replace("\xa0", " ")


def test_place_agenda_and_follow_up_are_shown(client: Client, workshop: WorkshopPage) -> None:
    told = text(shown(client, workshop))
    assert "Hà Nội" in told
    assert "4 May 2026 GMT+07:00" in told
    assert re.search(r"09:00 – to 10:00 Hives Bee Keeper", told)
    assert told.index("Hives") < told.index("5 May 2026 GMT") < told.index("Jars")
    assert "Send the report Not reported as done yet Office" in told


def test_times_are_those_of_a_country_with_one_zone_else_the_servers(viet_nam: Country) -> None:
    assert str(zone_of(make_workshop(country=viet_nam))) == "Asia/Ho_Chi_Minh"
    many = Country.objects.create(code="id", name="Indonesia")
    assert str(zone_of(make_workshop(country=many))) == "UTC"
    assert str(zone_of(make_workshop())) == "UTC"


def test_a_late_session_stands_under_the_day_of_the_place(viet_nam: Country) -> None:
    late = dt.datetime(2026, 5, 4, 18, 0, tzinfo=dt.UTC)
    page = make_workshop(country=viet_nam, sessions=[WorkshopSession(title="A", starts_at=late)])
    assert [day.date for day in agenda_of(page, page, {})] == [dt.date(2026, 5, 5)]


def test_sessions_without_a_time_come_last_in_the_editors_order(workshop: WorkshopPage) -> None:
    page = WorkshopPage.objects.get(pk=workshop.pk)
    for number, title in enumerate(["Talk", "Lunch"]):
        page.sessions.add(WorkshopSession(title=title, sort_order=10 + number))
    days = agenda_of(page, page, {})
    assert [[item.title for item in day.items] for day in days] == [
        ["Hives"], ["Jars"], ["Talk", "Lunch"],
    ]  # fmt: skip


def test_materials_stand_with_their_session_for_those_who_may_read_them(
    client: Client, workshop: WorkshopPage, lan: User, signed_in: Callable[[User], Client]
) -> None:
    hand_in(workshop, "Jars", title="Slides on jars")
    hand_in(workshop, "A session that was renamed", title="Lost slides")
    hand_in(workshop, title="Report of all")
    told = text(shown(client, workshop))
    assert not re.search("Slides on jars|Lost slides|Report of all|Other materials", told)
    join(lan, workshop)
    told = text(shown(signed_in(lan), workshop))
    assert told.index("Jars") < told.index("Slides on jars") < told.index("Other materials", told.index("Slides on jars"))  # fmt: skip
    assert {"Lost slides", "Report of all"} <= set(re.findall("Lost slides|Report of all", told))
    open_to_all(workshop)
    assert "Slides on jars" in text(shown(client, workshop))


def test_a_translation_shows_materials_people_and_state_of_the_original(
    client: Client, workshop: WorkshopPage, lan: User, signed_in: Callable[[User], Client]
) -> None:
    translation = make_workshop(
        language="fr", translation_of=workshop, title="Réunion du miel", starts_on=None,
        sessions=[WorkshopSession(title="Ruches"), WorkshopSession(title="Bocaux", sort_order=1)],
        follow_ups=[FollowUp(action="Envoyer le rapport", sort_order=0), FollowUp(action="Planter", sort_order=1)],
    )  # fmt: skip
    hand_in(workshop, "Jars", title="Slides on jars")
    FollowUp.objects.filter(page=workshop, action="Send the report").update(is_done=True)
    join(lan, workshop, is_listed=True)
    told = text(shown(signed_in(lan), translation))
    assert told.index("Bocaux") < told.index("Slides on jars")
    assert "Envoyer le rapport Done Office" not in told
    assert "Envoyer le rapport Done" in told
    assert "Lan Nguyen" in told
    assert "4 – 5 May 2026" in told.replace("\u2009", " ")
    assert "Slides on jars" not in text(shown(client, translation))


def test_a_translation_without_all_sessions_shows_those_of_the_original(
    client: Client, workshop: WorkshopPage
) -> None:
    translation = make_workshop(
        language="fr", translation_of=workshop, title="Réunion",
        sessions=[WorkshopSession(title="Ruches")],
    )  # fmt: skip
    html = shown(client, translation)
    assert "Ruches" not in html
    assert re.search(r'lang="en" dir="ltr">\s*<p class="session">Hives', html)


def test_only_participants_see_names_and_only_names_that_are_listed(
    client: Client,
    workshop: WorkshopPage,
    organiser: User,
    lan: User,
    person: Callable[..., User],
    signed_in: Callable[[User], Client],
) -> None:
    join(lan, workshop, is_listed=True)
    hidden = person("Hidden Person")
    join(hidden, workshop)
    for reader in (client, signed_in(person("Out Sider"))):
        told = text(shown(reader, workshop))
        assert not re.search("Lan Nguyen|not listed", told)
        assert "Join with a code" in told
    for user in (lan, hidden, organiser):
        told = text(shown(signed_in(user), workshop))
        assert "Lan Nguyen and 1 person who is not listed" in told
        assert "Hidden Person" not in told
        assert "@example.org" not in told
        assert "Join with a code" not in told


def test_participants_hand_in_and_leave_and_organisers_organise(
    workshop: WorkshopPage, organiser: User, lan: User, signed_in: Callable[[User], Client]
) -> None:
    join(lan, workshop)
    hers, theirs = shown(signed_in(lan), workshop), shown(signed_in(organiser), workshop)
    for html in (hers, theirs):
        assert f'href="/share/?workshop={workshop.pk}"' in html
    assert f'action="/workshops/{workshop.pk}/leave"' in hers
    assert "/organise" not in hers
    assert f'href="/workshops/{workshop.pk}/organise"' in theirs
    assert f'action="/workshops/{workshop.pk}/leave"' not in theirs


def test_an_event_nobody_organises_here_offers_no_joining(
    client: Client, workshop: WorkshopPage
) -> None:
    assert "Join with a code" not in shown(client, workshop)


def test_the_code_is_on_no_page_that_readers_see(
    client: Client,
    workshop: WorkshopPage,
    organiser: User,
    lan: User,
    signed_in: Callable[[User], Client],
) -> None:
    join(lan, workshop)
    for reader in (client, signed_in(lan), signed_in(organiser)):
        assert workshop.join_code[:4] not in shown(reader, workshop)
    assert workshop.join_code[:4] not in client.get(f"/work/{workshop.pk}.md").content.decode()


# The chain of events.


@pytest.fixture
def chain(db: None) -> list[WorkshopPage]:
    """Three years, each naming the one before."""
    pages: list[WorkshopPage] = []
    for year in (2021, 2022, 2023):
        before = pages[-1] if pages else None
        pages.append(
            make_workshop(title=f"Meeting {year}", starts_on=dt.date(year, 5, 1), previous=before)
        )
    return pages


def names(workshop: WorkshopPage, user: User | None = None) -> list[str]:
    return [event.title for event in chain_of(workshop, reader_of(user))]


def test_every_event_shows_the_whole_chain_in_order(chain: list[WorkshopPage]) -> None:
    for page in chain:
        assert names(page) == ["Meeting 2021", "Meeting 2022", "Meeting 2023"]
    assert names(make_workshop(title="Alone")) == []


def test_the_page_leads_to_the_others_and_marks_itself(
    client: Client, chain: list[WorkshopPage]
) -> None:
    html = shown(client, chain[1])
    assert re.search(r'aria-current="true"[^>]*>Meeting 2022<', html)
    for other in (chain[0], chain[2]):
        assert f'href="{other.url}"' in html


def test_an_event_the_reader_may_not_open_is_passed_over(chain: list[WorkshopPage]) -> None:
    PageViewRestriction.objects.create(page=chain[1], restriction_type="groups")
    assert names(chain[0]) == ["Meeting 2021", "Meeting 2023"]
    chain[2].unpublish()
    assert names(chain[0]) == []


def test_a_draft_links_nothing(chain: list[WorkshopPage]) -> None:
    draft = make_workshop(title="Draft", publish=False, previous=chain[2])
    assert draft.title not in names(chain[0])


def test_a_chain_that_bites_its_tail_ends(chain: list[WorkshopPage]) -> None:
    WorkshopPage.objects.filter(pk=chain[0].pk).update(previous=chain[2])
    assert names(chain[1]) == ["Meeting 2021", "Meeting 2022", "Meeting 2023"]
    WorkshopPage.objects.filter(pk=chain[0].pk).update(previous=chain[0])
    assert names(chain[0]) == ["Meeting 2021", "Meeting 2022", "Meeting 2023"]


def test_a_translation_stands_in_the_chain_of_its_original(chain: list[WorkshopPage]) -> None:
    translation = make_workshop(language="fr", translation_of=chain[1], title="Réunion 2022")
    assert names(translation) == ["Meeting 2021", "Meeting 2022", "Meeting 2023"]


# Editing and finding.


@pytest.mark.parametrize("starts", [None, dt.date(2026, 5, 6)])
def test_an_end_needs_an_earlier_start(workshop: WorkshopPage, starts: dt.date | None) -> None:
    workshop.starts_on = starts
    with pytest.raises(ValidationError, match="before the first"):
        workshop.full_clean()


def test_the_date_of_the_work_is_the_first_day(workshop: WorkshopPage) -> None:
    assert WorkshopPage.objects.get(pk=workshop.pk).dated == "2026-05-04"


def test_agenda_place_and_follow_up_are_found(
    titles: Callable[..., list[str]], workshop: WorkshopPage
) -> None:
    make_workshop(title="Another", text="Nothing of the kind.")
    for question in ("Bee Keeper", "Plant trees", "Hives"):
        assert titles(question)[0] == "Honey meeting", question


def test_workshops_are_a_kind_to_narrow_by(client: Client, workshop: WorkshopPage) -> None:
    html = client.get("/search/?kind=workshop").content.decode()
    assert "Honey meeting" in html
    assert re.search(r"<span>\s*Workshop\s*</span>", html) or "Workshop" in text(html)


def test_my_workshops_are_those_i_joined_or_organise(
    workshop: WorkshopPage, organiser: User, lan: User
) -> None:
    other = make_workshop(title="Another", starts_on=dt.date(2027, 1, 1))
    make_workshop(title="Not mine")
    join(lan, workshop)
    join(lan, other)

    def fragment(user: User | AnonymousUser) -> str:
        request = reader_of()
        request.user = user
        return text(render_to_string("knowledge/includes/my_workshops.html", {"request": request}))

    told = fragment(lan)
    assert told.index("Another") < told.index("Honey meeting")
    assert "Not mine" not in told
    assert "Organise" not in told
    assert "Honey meeting 4" in fragment(organiser)
    assert "Organise" in fragment(organiser)
    assert "Honey meeting" not in fragment(AnonymousUser())
    workshop.unpublish()
    assert "Honey meeting" not in fragment(lan)


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_a_translation_says_nothing_of_an_original_that_the_reader_may_not_open(
    client: Client, viet_nam: Country, workshop: WorkshopPage, how: str
) -> None:
    WorkshopPage.objects.filter(pk=workshop.pk).update(link="https://meet.example.org/secret")
    other = make_workshop(
        language="fr", translation_of=workshop, title="Réunion du miel", starts_on=None
    )
    secrets = "Hives|Bee Keeper|Send the report|Office|secret"
    assert set(re.findall(secrets, shown(client, other))) == set(secrets.split("|"))
    if how == "draft":
        workshop.unpublish()
    else:
        PageViewRestriction.objects.create(page=workshop, restriction_type=how)
    assert re.findall(secrets, shown(client, other)) == []
    for address in (f"/workshops/{other.pk}.ics", "/workshops/calendar.ics"):
        assert re.findall(secrets, client.get(address).content.decode()) == []


def test_who_is_signed_in_and_not_inside_is_told_so_and_shown_the_way_in(
    workshop: WorkshopPage, lan: User, signed_in: Callable[[User], Client], client: Client
) -> None:
    page = hand_in(workshop)
    assert client.get(page.url).status_code == 302
    response = signed_in(lan).get(page.url, headers={"accept-language": "vi"})
    assert response.status_code == 403
    html = response.content.decode()
    assert 'href="/join/"' in html
    assert "Secret slides" not in html
    assert "hội thảo" in html
    join(lan, workshop)
    assert signed_in(lan).get(page.url).status_code == 200
