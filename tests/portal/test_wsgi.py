"""What Django itself would break on, before any of its handlers."""

import io
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest

from portal import wsgi


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[WSGIRequest]:
    """Requests as Django's handler makes them of what reaches it."""
    requests: list[WSGIRequest] = []

    def handler(environ: dict[str, Any], start_response: object) -> list[bytes]:
        requests.append(WSGIRequest(environ))
        return [b""]

    monkeypatch.setattr(wsgi, "_django", handler)
    return requests


def send(**headers: str) -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": io.BytesIO(), **headers}
    wsgi.application(environ, lambda *_: None)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain; charset=hex", "text/plain; charset=nonsense", "a/b; charset=\x00", ";;;=", ""],
)
def test_no_content_type_breaks_a_request(received: list[WSGIRequest], content_type: str) -> None:
    send(CONTENT_TYPE=content_type)
    assert received[0].path == "/"


def test_an_ordinary_charset_arrives(received: list[WSGIRequest]) -> None:
    send(CONTENT_TYPE="text/plain; charset=windows-1258")
    assert received[0].encoding == "windows-1258"


def test_an_escaped_nul_in_a_cookie_is_dropped(received: list[WSGIRequest]) -> None:
    send(HTTP_COOKIE='sessionid="\\000aaaaaaaaaa"')
    send(HTTP_COOKIE="interface_language=fr")
    assert [request.COOKIES for request in received] == [{}, {"interface_language": "fr"}]
