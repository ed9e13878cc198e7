"""One after the other, in the order of coming: pages that keep a processor busy.

Threads that compute at once share one interpreter: each takes as many times longer as there are
others, a heavy question above all. In turn the mean is the same, and nobody waits for much more
than those before him.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class Turns:
    """Lets threads in one at a time. A lock would let in whoever happens to be quickest."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._given = self._served = 0

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for one's turn, and give it up at the end."""
        with self._changed:
            ticket, self._given = self._given, self._given + 1
            self._changed.wait_for(lambda: self._served == ticket)
        try:
            yield
        finally:
            with self._changed:
                self._served += 1
                self._changed.notify_all()


_pages = Turns()


def in_turn(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Let a view answer one request of this process after the other."""

    @wraps(view)
    def answer(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        with _pages.take():
            return view(*args, **kwargs)

    return answer
