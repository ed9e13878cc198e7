"""What Django itself would break on, before any of its handlers."""

import io
from typing import Any

import pytest

from portal import wsgi


def answer(**headers: str) -> str:
    status = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/nothing/here",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
        **headers,
    }
    list(wsgi.application(environ, lambda line, headers, *rest: status.append(line)))
    return status[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content_type",
    ["text/plain; charset=hex", "text/plain; charset=nonsense", "a/b; charset=\x00", ";;;=", ""],
)
def test_no_content_type_breaks_a_request(content_type: str) -> None:
    assert answer(CONTENT_TYPE=content_type) == "404 Not Found"


@pytest.mark.django_db
def test_an_escaped_nul_in_a_cookie_is_dropped() -> None:
    environ = {"HTTP_COOKIE": 'sessionid="\\000aaaaaaaaaa"', "PATH_INFO": "/admin/"}
    assert answer(**environ) == "302 Found"
