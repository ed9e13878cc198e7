"""The portal as it is served, told apart by worker: for benchmarks only."""

import os
from collections.abc import Callable
from typing import Any

from portal.settings.dev import *  # noqa: F403

MIDDLEWARE = ["benchmarks.settings.name_the_worker", *MIDDLEWARE]  # noqa: F405


def name_the_worker(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Say in a header which process answered."""

    def answer(request: Any) -> Any:
        response = get_response(request)
        response.headers["X-Worker"] = str(os.getpid())
        return response

    return answer
