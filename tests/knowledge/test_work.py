import signal
import threading
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string

from knowledge.mail.outbox import queue_mail
from knowledge.models import OutgoingMail, WorkerPulse
from knowledge.work import JOBS, Job, Worker, is_working, seconds_since_beat
from tests.factories import home_page

pytestmark = pytest.mark.django_db

calls: list[str] = []
answers: dict[str, list[int]] = {}


def one() -> int:
    calls.append("one")
    return answers["one"].pop(0) if answers["one"] else 0


def two() -> int:
    calls.append("two")
    return answers["two"].pop(0) if answers["two"] else 0


def broken() -> int:
    raise RuntimeError("no disk")


def job(name: str, **fields: Any) -> Job:
    return Job(name=name, task=f"{__name__}.{name}", **{"every": timedelta(seconds=60)} | fields)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    calls.clear()
    answers.update(one=[], two=[])


@pytest.mark.parametrize("name", [job.task for job in JOBS])
def test_each_job_is_there_and_has_nothing_to_do_on_an_empty_portal(name: str) -> None:
    assert import_string(name)() == 0


def test_once_does_all_there_is_and_ends() -> None:
    answers["one"] = [2, 1]
    Worker([job("one"), job("two")]).work_once()
    assert calls == ["one", "one", "one", "two"]


def test_a_job_that_breaks_is_logged_and_the_others_go_on(caplog: Any) -> None:
    Worker([job("broken"), job("one")]).work_once()
    assert calls == ["one"]
    assert "no disk" in caplog.text


def test_a_job_that_found_work_is_done_again_at_once_else_after_its_pause() -> None:
    answers["one"] = [1]
    worker = Worker([job("one")])
    assert worker.work_a_round() == 1
    assert worker.work_a_round() == 0
    assert worker.work_a_round() == 0
    assert calls == ["one", "one"]


def test_told_to_stop_it_ends_the_job_and_begins_no_other() -> None:
    worker = Worker([job("stopping"), job("one")])
    globals()["stopping"] = lambda: worker.stop() or 1
    worker.work()
    assert calls == []


def test_it_ends_with_the_process_beside_it() -> None:
    Worker([job("one")]).work(goes_on=lambda: len(calls) < 1, pause=0)
    assert calls == ["one"]


def test_a_signal_stops_the_command_and_its_handlers_are_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    main = threading.main_thread().ident
    assert main is not None
    threading.Timer(0.3, lambda: signal.pthread_kill(main, signal.SIGTERM)).start()
    began = time.monotonic()
    monkeypatch.setattr(Worker.__init__, "__defaults__", ((),))
    call_command("work")
    assert time.monotonic() - began < 10
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_command_delivers_once(mailoutbox: list[Any]) -> None:
    queue_mail(key="k", recipient="a@example.org", subject="S", body="B")
    call_command("work", "--once")
    assert [mail.subject for mail in mailoutbox] == ["S"]


def test_the_command_for_cron_fails_with_the_names_of_the_jobs_that_did(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jobs = [job("broken"), job("one")]
    monkeypatch.setattr(Worker.__init__, "__defaults__", (jobs,))
    with pytest.raises(CommandError, match="Failed: broken") as caught:
        call_command("work", "--once")
    assert caught.value.returncode == 1
    assert calls == ["one"]


def test_a_worker_shows_that_it_runs() -> None:
    assert seconds_since_beat() is None
    assert not is_working()
    Worker([job("one")]).work_a_round()
    assert is_working()
    WorkerPulse.objects.update(beat_at=timezone.now() - timedelta(minutes=11))
    assert not is_working()
    Worker([job("one")]).work_a_round()
    assert is_working()
    assert WorkerPulse.objects.count() == 1


def in_doubt(key: str) -> None:
    queue_mail(key=key, recipient="a@example.org", subject="S", body="B")
    claimed = timezone.now() - timedelta(hours=1)
    OutgoingMail.objects.filter(key=key).update(claimed_at=claimed, attempts=1)


def test_metrics_tell_of_the_worker_and_of_mails(client: Client) -> None:
    def figures() -> str:
        return client.get("/metrics", headers={"host": "127.0.0.1:8000"}).content.decode()

    assert "portal_worker_age_seconds" not in figures()
    in_doubt("k")
    Worker([]).work_once()
    WorkerPulse.objects.create(beat_at=timezone.now() - timedelta(minutes=20))
    shown = figures()
    age = next(line for line in shown.splitlines() if line.startswith("portal_worker_age_seconds"))
    assert 1190 < float(age.split()[1]) < 1300
    assert "portal_mails_in_doubt 1.0" in shown
    assert "portal_mails_due 0.0" in shown


def test_the_home_of_the_admin_warns_until_a_worker_runs() -> None:
    home_page()
    client = Client()
    client.force_login(User.objects.create_superuser("admin", "admin@example.org", "x"))
    words = "No worker has run for 10 minutes"
    in_doubt("k")
    shown = client.get("/admin/").content.decode()
    assert words in shown
    assert "1 mail may have been sent or not" in shown
    OutgoingMail.objects.all().delete()
    WorkerPulse.objects.create(beat_at=timezone.now())
    shown = client.get("/admin/").content.decode()
    assert words not in shown
    assert "Work that stands still" not in shown


def status(*arguments: str) -> str:
    out = StringIO()
    call_command("mail_status", *arguments, stdout=out)
    return out.getvalue()


def test_mail_status_names_what_needs_a_person_but_no_address(mailoutbox: list[Any]) -> None:
    in_doubt("doubtful/1")
    queue_mail(key="fine", recipient="a@example.org", subject="S", body="B")
    shown = status()
    assert "doubtful/1" in shown
    assert "fine" not in shown
    assert "not sent: 2, of these due now: 1" in shown
    assert "last seen: never" in shown
    assert "a@example.org" not in shown
    with pytest.raises(CommandError, match="No mail with the key fine"):
        status("--resend", "fine")
    assert "will be sent" in status("--resend", "doubtful/1")
    call_command("work", "--once")
    assert len(mailoutbox) == 2


def test_mail_status_and_metrics_tell_of_a_server_that_is_not_reached(client: Client) -> None:
    queue_mail(key="put-off", recipient="a@example.org", subject="S", body="B")
    OutgoingMail.objects.update(
        claimed_at=timezone.now(), attempts=1, error="ConnectionRefusedError: nobody listens"
    )
    shown = status()
    assert "put off and tried again: 1" in shown
    assert "nobody listens" in shown
    figures = client.get("/metrics", headers={"host": "127.0.0.1:8000"}).content.decode()
    assert "portal_mails_due 0.0" in figures
    assert "portal_mails_unsent 1.0" in figures


def test_two_workers_deliver_each_mail_once(mailoutbox: list[Any]) -> None:
    for number in range(5):
        queue_mail(key=str(number), recipient="a@example.org", subject=str(number), body="B")
    first, second = Worker(), Worker()
    while first.work_a_round() + second.work_a_round():
        pass
    assert sorted(mail.subject for mail in mailoutbox) == ["0", "1", "2", "3", "4"]
