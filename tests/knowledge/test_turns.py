import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import pytest

from knowledge.turns import Turns


def test_threads_are_let_in_one_at_a_time_in_the_order_they_came() -> None:
    turns, order, inside = Turns(), [], threading.Semaphore()
    begun: list[Future[None]] = []

    def enter(number: int) -> None:
        with turns.take():
            assert inside.acquire(blocking=False)
            order.append(number)
            inside.release()

    with ThreadPoolExecutor(8) as pool:
        with turns.take():
            for number in range(8):
                begun.append(pool.submit(enter, number))
                while turns._given <= number + 1:  # it has asked for its turn
                    pass
            assert order == []
        for one in begun:
            one.result(timeout=60)
    assert order == list(range(8))


def test_a_turn_that_ends_in_an_error_is_given_up() -> None:
    turns = Turns()
    with suppress(ZeroDivisionError), turns.take():
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), turns.take():
        raise ZeroDivisionError
    with ThreadPoolExecutor(1) as pool:
        pool.submit(turns.take().__enter__).result(timeout=60)
