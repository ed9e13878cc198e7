"""`kill -9` while files arrive or are read, and while a review goes on, loses and doubles nothing."""

import contextlib
import os
import random
import re
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.journeys.conftest import Editor, Portal, Server, wait_for
from tests.journeys.papers import MEGABYTE, SLIDES, report
from tests.journeys.test_worker_kills import let_it_end

pytestmark = pytest.mark.long

LONGEST_LIFE = 0.9
BOUNDARY = "----------------kills"


@dataclass
class Upload:
    """A file on its way to a draft."""

    server: Server
    draft: dict[str, Any]
    content: bytes
    name: str = "report.pdf"

    def head_and_body(self) -> tuple[bytes, bytes]:
        """Return what a browser sends; the form is asked for its token first."""
        session = f"sessionid={self.draft['session']}"
        _head, page = self._said(f"GET /share/{self.draft['id']}/ HTTP/1.1", session, b"")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        cookie = re.search(r"csrftoken=(\w+)", _head)
        assert token
        assert cookie
        fields = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"'
            f'\r\n\r\n{token[1]}\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="files";'
            f' filename="{self.name}"\r\nContent-Type: application/pdf\r\n\r\n'
        )
        body = fields.encode() + self.content + f"\r\n--{BOUNDARY}--\r\n".encode()
        head = self._head(
            f"POST /share/{self.draft['id']}/files HTTP/1.1",
            f"{session}; csrftoken={cookie[1]}",
            body,
        )
        return head, body

    def send(self) -> int:
        """Send it whole and return the status of the answer."""
        head, body = self.head_and_body()
        with self.connection() as connection:
            connection.sendall(head + body)
            return int(connection.makefile("rb").readline().split()[1])

    def connection(self) -> socket.socket:
        """Open a connection to the server."""
        where = urlsplit(self.server.url)
        return socket.create_connection((where.hostname, where.port), timeout=60)

    def _head(self, line: str, cookies: str, body: bytes) -> bytes:
        where = urlsplit(self.server.url)
        return (
            f"{line}\r\nHost: {where.netloc}\r\nConnection: close\r\nAccept: application/json\r\n"
            f"Cookie: {cookies}\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
        ).encode()

    def _said(self, line: str, cookies: str, body: bytes) -> tuple[str, str]:
        head = self._head(line, cookies, body).replace(b"application/json", b"text/html")
        with self.connection() as connection:
            connection.sendall(head + body)
            answer = connection.makefile("rb").read().decode(errors="replace")
        first, _gap, rest = answer.partition("\r\n\r\n")
        return first, rest


def kill_server(server: Server) -> None:
    """Kill the workers of a server and what started them, none of them asked."""
    tasks = Path(f"/proc/{server.pid}/task").glob("*/children")
    children = [int(one) for task in tasks for one in task.read_text().split()]
    for pid in (server.pid, *children):
        os.kill(pid, signal.SIGKILL)


def test_a_server_killed_while_a_file_arrives_keeps_the_draft_and_takes_it_once_more(
    branched_portal: Portal, tmp_path: Path
) -> None:
    people = branched_portal.editor()
    draft = people.do("begin_draft", "Honey")
    assert len(people.do("stored_files")) == 1
    content = report(tmp_path / "report.pdf", megabytes=12).read_bytes()
    assert len(content) >= 12 * MEGABYTE

    server = branched_portal.serve()
    upload = Upload(server, draft, content)
    head, body = upload.head_and_body()
    with upload.connection() as connection:
        connection.sendall(head + body[: len(body) // 2])  # the phone is in a tunnel
        incoming = Path(branched_portal.directory) / "incoming"
        wait_for(lambda: any(incoming.glob("*.upload")), what="the first half is there")
        kill_server(server)
    assert len(people.do("stored_files")) == 1  # what was kept before, and no half of a file

    chance = random.Random(4)
    told = []
    for _ in range(3):
        server = branched_portal.serve()
        upload = Upload(server, draft, content)
        head, body = upload.head_and_body()
        with upload.connection() as connection:
            connection.sendall(head + body)
            time.sleep(chance.uniform(0.02, LONGEST_LIFE))
            kill_server(server)
            with contextlib.suppress(ConnectionResetError):  # it had not read all of the file
                told.append(connection.makefile("rb").readline()[9:12] == b"200")
        let_it_end()
        assert len(people.do("stored_files")) in ((2,) if any(told) else (1, 2))

    # The page's script sends it again until it is heard.
    assert Upload(branched_portal.serve(), draft, content).send() == 200
    assert len(people.do("stored_files")) == 2
    (shown,) = people.do("submissions")
    assert len(shown["files"]) == 2
    branched_portal.manage("work", "--once")
    (shown,) = people.do("submissions")
    assert [one["state"] for one in shown["files"]] == ["read", "read"]


def test_readers_killed_in_the_middle_leave_files_that_the_next_one_reads_once(
    branched_portal: Portal,
) -> None:
    chance = random.Random(6)
    people = branched_portal.editor()
    files = people.do("hand_in_files", 6)
    assert len(files) == len(set(files)) == 6
    for _ in range(5):
        worker = branched_portal.editor()
        worker.start("read_forever")
        time.sleep(chance.uniform(0.05, LONGEST_LIFE))
        worker.kill()
        worker.close()
        let_it_end()
        assert set(people.do("readings")) <= {"pending", "read"}
    people.do("void_claims")
    branched_portal.manage("work", "--once")
    assert people.do("readings") == {"read": [len(SLIDES)] * 6}


def killed_at_work(portal: Portal, deed: str, *values: str, seconds: float) -> list[int]:
    """Let a process do something for a while, kill it, and return what it had said."""
    worker: Editor = portal.editor()
    worker.start(deed, *values)
    time.sleep(seconds)
    worker.kill()
    said = []
    try:
        while True:
            said.append(worker.next_word())
    except EOFError:
        pass
    worker.close()
    let_it_end()
    return said


def test_killed_while_it_is_sent_or_published_a_material_and_its_mails_stay_together(
    branched_portal: Portal,
) -> None:
    chance = random.Random(8)
    people = branched_portal.editor()
    sent: list[int] = []
    for number in range(5):
        seconds = chance.uniform(0.4, 1.6)
        sent += killed_at_work(
            branched_portal, "hand_in_forever", f"Round {number}", seconds=seconds
        )
        state = people.do("review_state")
        assert set(sent) <= set(state["waiting"])
        assert state["tasks"] == state["told editors"]  # one mail for each, never one without
    people.do("hand_in_some", 3)
    state = people.do("review_state")
    assert len(state["waiting"]) >= 3

    published: list[int] = []
    for _ in range(5):
        published += killed_at_work(
            branched_portal, "approve_forever", seconds=chance.uniform(0.3, 1.0)
        )
        state = people.do("review_state")
        assert set(published) <= set(state["live"])
        assert state["told contributor"] == state["approved"]
        assert len(state["live"]) == len(state["approved"])
        assert not set(state["live"]) & set(state["waiting"])
    people.do("approve_rest")
    state = people.do("review_state")
    assert not state["waiting"]
    assert len(state["live"]) == len(state["told contributor"]) == len(state["told editors"])
    branched_portal.once(
        "find"
    )  # whoever searches next catches up with what was killed before it did
    assert branched_portal.once("pending") == 0
    branched_portal.once("check")
