"""Portals of their own for the journeys: a database, servers and editors as separate processes.

Nothing here runs inside pytest's process but the questions. Each test gets a copy of a prepared
database: a file under its own PORTAL_VAR_DIR or, where DATABASE_URL names PostgreSQL, a database
created next to the named one and dropped at the end.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

import psycopg
import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from tests import prepared

ROOT = Path(__file__).resolve().parents[2]
POSTGRES = os.environ.get("DATABASE_URL", "").startswith(("postgres://", "postgresql://"))
MOST_SECONDS = 60
"""After which something is thought never to happen, on however slow a machine."""
CHROMIUM_FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--no-proxy-server",
]  # fmt: skip
DESKTOP = (1280, 900)
PHONE = (390, 844)


Answer = TypeVar("Answer")


def wait_for(ask: Callable[[], Answer], *, what: str = "") -> Answer:
    """Ask until the answer is true; a page being left or not there yet is no answer.

    Chromium has several faults for that, and some of them no class of their own.
    """
    until = time.monotonic() + MOST_SECONDS
    while True:
        with contextlib.suppress(WebDriverException):
            if answer := ask():
                return answer
        if time.monotonic() > until:
            pytest.fail(f"Not within {MOST_SECONDS} s: {what or ask}")
        time.sleep(0.05)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Editor:
    """A process of its own that does what editors and readers do, one deed at a time."""

    def __init__(self, address: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(address))
        self._stream = self._socket.makefile("rw", encoding="utf-8")
        self.pid: int = self._answer()

    def start(self, deed: str, *values: Any, **arguments: Any) -> None:
        """Begin a deed without waiting for its end."""
        print(json.dumps([deed, values, arguments]), file=self._stream, flush=True)

    def end(self, *, seconds: float = 60) -> Any:
        """Wait for the deed that was begun; what it raised is raised here."""
        self._socket.settimeout(seconds)
        return self._answer()

    def do(self, deed: str, *values: Any, **arguments: Any) -> Any:
        """Do something and return the answer."""
        self.start(deed, *values, **arguments)
        return self.end()

    def next_word(self) -> Any:
        """Return what the process said next; what a killed one had said can still be heard.

        Raises:
            EOFError: It is gone and said no more.
        """
        return self._answer()

    def is_busy_after(self, seconds: float) -> bool:
        """Return True if the deed that was begun has no answer yet."""
        self._socket.settimeout(seconds)
        try:
            return not self._socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True

    def kill(self) -> None:
        """End the process at once: no handler of its own runs."""
        os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.close()
        self._socket.close()

    def _answer(self) -> Any:
        try:
            line = self._stream.readline()
        except ConnectionError as error:
            raise EOFError from error
        if not line:
            raise EOFError
        answer = json.loads(line)
        if "fault" in answer:
            raise AssertionError(f"In process {getattr(self, 'pid', '?')}:\n{answer['fault']}")
        return answer["answer"]


@dataclass(frozen=True)
class Server:
    """A web server process."""

    url: str
    pid: int

    def get(self, path: str, **query: Any) -> tuple[int, str]:
        """Return status and text of an address, as a stranger without cookies."""
        address = f"{self.url}{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        request = urllib.request.Request(address, headers={"Accept-Language": "en"})  # noqa: S310
        try:
            with opener.open(request, timeout=60) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")

    def find(self, question: str = "", **query: Any) -> list[str]:
        """Return the titles that a search finds."""
        return [hit["title"] for hit in self.answer(question, **query)["results"]]

    def answer(self, question: str = "", **query: Any) -> dict[str, Any]:
        """Return the answer of the API."""
        status, text = self.get("/api/search", q=question, **{"limit": 50} | query)
        assert status == 200, text
        answer: dict[str, Any] = json.loads(text)
        return answer


@dataclass
class Portal:
    """An installation: its environment, and the processes that run in it."""

    directory: Path
    database_url: str = ""
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _editors: list[Editor] = field(default_factory=list)
    _forge: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "portal.settings.test",
            "PORTAL_VAR_DIR": str(self.directory),
            "DATABASE_URL": self.database_url or f"sqlite:///{self.directory / 'portal.sqlite3'}",
            "PYTHONUNBUFFERED": "1",
            "OMP_NUM_THREADS": "1",
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def serve(self, port: int = 0) -> Server:
        """Start one more server process, on a free port unless one is given."""
        port = port or free_port()
        process = self._start(
            "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1",
            "--threads", "4", "--timeout", "90", "--no-control-socket", name=f"server-{port}",
        )  # fmt: skip
        server = Server(url=f"http://127.0.0.1:{port}", pid=process.pid)

        def answers() -> bool:
            assert process.poll() is None, self.logs()
            with contextlib.suppress(OSError):
                return server.get("/healthz")[0] == 200
            return False

        wait_for(answers, what="the server answers")
        return server

    def editor(self) -> Editor:
        """Return a fresh process that has Django loaded and nothing else."""
        if self._forge is None:
            self._forge = self.directory / "forge"
            process = self._start("tests.journeys.actor", str(self._forge), name="editors")

            def is_open() -> bool:
                assert process.poll() is None, self.logs()
                with socket.socket(socket.AF_UNIX) as caller:  # the file is there before it listens
                    return caller.connect_ex(str(self._forge)) == 0

            wait_for(is_open, what="the editors are there")
        editor = Editor(self._forge)
        self._editors.append(editor)
        return editor

    def once(self, deed: str, *values: Any, **arguments: Any) -> Any:
        """Do something in a fresh process that ends afterwards."""
        editor = self.editor()
        try:
            return editor.do(deed, *values, **arguments)
        finally:
            self._editors.remove(editor)
            editor.close()

    def logs(self) -> str:
        """Return what all processes wrote."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')}"
            for path in sorted(self.directory.glob("*.log"))
        )

    def stop(self) -> None:
        for editor in self._editors:
            with contextlib.suppress(ProcessLookupError):
                editor.kill()
            editor.close()
        for process in self._running:  # a shell's background job would not hear an interrupt
            process.terminate()
        for process in self._running:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, module: str, *arguments: str, name: str) -> subprocess.Popen[bytes]:
        with (self.directory / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self._running.append(process)
        return process


class Databases:
    """Creates, copies and drops portals; the same on SQLite and PostgreSQL."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._made: list[str] = []

    def create(self, *, like: Portal | None = None) -> Portal:
        """Return a portal with a database of its own, a copy of the given one's."""
        name = f"journey_{uuid.uuid4().hex[:12]}"
        directory = self._directory / name
        directory.mkdir()
        if like is not None and (like.directory / "static").exists():
            (directory / "static").symlink_to(like.directory / "static")
        if not POSTGRES:
            if like is not None:
                source = sqlite3.connect(like.directory / "portal.sqlite3")
                source.backup(sqlite3.connect(directory / "portal.sqlite3"))
            return Portal(directory)
        template = urlsplit(like.database_url).path[1:] if like is not None else "template1"
        wait_for(lambda: self._is_copied(name, template), what="the template is free")
        self._made.append(name)
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}")
        return Portal(directory, urlunsplit(address))

    def drop_all(self) -> None:
        for name in self._made:
            self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _is_copied(self, name: str, template: str) -> bool:
        with contextlib.suppress(psycopg.errors.ObjectInUse):  # a process is just leaving it
            self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
            return True
        return False

    def _run(self, statement: str) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("portals"))
    yield made
    made.drop_all()


@pytest.fixture(scope="session")
def bare_portal(databases: Databases) -> Portal:
    """A database with its tables; never changed, only copied."""
    portal = databases.create()
    if POSTGRES:
        portal.manage("migrate", "--noinput", "--verbosity=0")
    else:
        prepared.copy(prepared.with_tables(), portal.directory)
    portal.manage("collectstatic", "--noinput", "--verbosity=0")
    return portal


@pytest.fixture(scope="session")
def small_portal(bare_portal: Portal, databases: Databases) -> Portal:
    """A page tree, an editor and no works; only copied."""
    portal = databases.create(like=bare_portal)
    try:
        portal.once("seed")
    finally:
        portal.stop()
    return portal


@pytest.fixture(scope="session")
def loaded_portal(bare_portal: Portal, databases: Databases) -> Portal:
    """The starter collection; never changed, only copied."""
    portal = databases.create(like=bare_portal)
    if POSTGRES:
        portal.manage("load_collection")
    else:
        prepared.copy(prepared.with_collection("portal.settings.test"), portal.directory)
    return portal


@pytest.fixture(scope="session")
def full_portal(loaded_portal: Portal, databases: Databases) -> Iterator[Portal]:
    """The starter collection; for tests that only read."""
    portal = databases.create(like=loaded_portal)
    yield portal
    portal.stop()


@pytest.fixture
def portal(small_portal: Portal, databases: Databases) -> Iterator[Portal]:
    """A portal of this test's own; no process of it may have logged an error."""
    portal = databases.create(like=small_portal)
    yield portal
    portal.stop()
    faults = [
        line for line in portal.logs().splitlines() if "Traceback" in line or " ERROR " in line
    ]
    assert not faults, portal.logs()


@pytest.fixture
def branched_portal(small_portal: Portal, databases: Databases) -> Iterator[Portal]:
    """A portal with branches to hand materials in to; its logs may speak of what was killed."""
    portal = databases.create(like=small_portal)
    portal.once("branches")
    yield portal
    portal.stop()


@pytest.fixture(scope="session")
def full_server(full_portal: Portal) -> Server:
    """One server over the starter collection."""
    return full_portal.serve()


@dataclass(frozen=True)
class Company:
    """What people have made of a portal: its pages, and the session of somebody among them."""

    server: Server
    session: str
    open: dict[str, str]
    own: dict[str, str]

    def sign_in(self, browser: Chrome) -> None:
        """Let a browser be hers. She contributes, edits and organises."""
        browser.get(f"{self.server.url}/")
        browser.add_cookie({"name": "sessionid", "value": self.session, "path": "/"})


@pytest.fixture(scope="session")
def company(loaded_portal: Portal, databases: Databases) -> Iterator[Company]:
    """The starter collection with people: materials, a workshop, a review, problems. Only read."""
    portal = databases.create(like=loaded_portal)
    made = portal.once("take_part")
    yield Company(server=portal.serve(), **made)
    portal.stop()


Browser = Callable[..., Chrome]


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """Open a browser of a size and language, with a fresh profile: `browser(language="fr")`."""
    opened: list[Chrome] = []

    def open_browser(
        *, language: str = "en", size: tuple[int, int] = DESKTOP, javascript: bool = True
    ) -> Chrome:
        options = ChromeOptions()
        options.binary_location = shutil.which("chromium") or "chromium"
        for flag in CHROMIUM_FLAGS:
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={tmp_path / f'profile-{len(opened)}'}")
        preferences: dict[str, Any] = {"intl.accept_languages": language}
        if not javascript:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        if size == PHONE:
            width, height = size
            metrics = {"width": width, "height": height, "pixelRatio": 2.0, "mobile": True}
            metrics["touch"] = False  # ChromeDriver waits for ever for a tap without scripts
            options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = Chrome(options, ChromeService(shutil.which("chromedriver")))
        opened.append(driver)
        driver.set_page_load_timeout(60)
        if size != PHONE:
            width, height = size
            driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
            )
        return driver

    yield open_browser
    for driver in opened:
        driver.quit()
