"""Files as they are sent: to those who may have them, as something to save, never to be run."""

from typing import TypeVar

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from knowledge.files.kinds import kind_of
from knowledge.models.files import StoredFile

Response = TypeVar("Response", bound=HttpResponseBase)
SANDBOX = "sandbox; default-src 'none'; style-src 'none'; frame-ancestors 'none'"


def serve_file(stored: StoredFile, request: HttpRequest) -> HttpResponse | FileResponse:
    """Send a file as an attachment under the name it was handed in with.

    Raises Http404 where its bytes are gone.
    """
    tag = f'"{stored.file_hash}"'
    if stored.file_hash and tag in request.headers.get("If-None-Match", ""):
        return guarded(HttpResponseNotModified(), tag)
    kind = kind_of(stored.media_type)
    try:
        opened = stored.file.storage.open(stored.file.name, "rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        opened,
        as_attachment=True,
        filename=download_name(stored),
        content_type=kind.media_type if kind else "application/octet-stream",
    )
    return guarded(response, tag)


def download_name(stored: StoredFile) -> str:
    """Return the name under which a file is saved: its title, with the ending of its type."""
    title = stored.title.replace("/", "-").replace("\\", "-")
    return f"{title}.{stored.file_extension}"


def guarded(response: Response, tag: str) -> Response:
    """Return a response that no browser opens in the portal's name and no cache shares."""
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = tag
    patch_vary_headers(response, ("Cookie",))
    return response
