"""Threads beside their owner's: what is done in order, what fails, and what is left when it does."""

import threading
from collections.abc import Iterator

import pytest

from intake.base import background

SECONDS = 60.0  # until a test takes what never happens for a failure


def names() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


def test_an_item_is_worked_on_while_the_next_one_is_made_and_no_more_than_two_are_there() -> None:
    made, begun = [], threading.Semaphore(0)

    def items() -> Iterator[int]:
        for number in range(4):
            if number:
                assert begun.acquire(timeout=SECONDS), "the item before is not worked on"
            made.append(number)
            yield number

    def work(number: int) -> int:
        assert len(made) <= number + 2
        begun.release()
        return number * 10

    assert [0, 10, 20, 30] == list(background.pipelined(work, items(), name="beside"))


def test_none_is_a_result_too_and_nothing_of_nothing_is_nothing() -> None:
    assert [None, None] == list(background.pipelined(lambda _: None, [1, 2], name="beside"))
    assert [] == list(background.pipelined(lambda _: None, [], name="beside"))


def test_a_failure_is_raised_after_what_went_well_and_nothing_after_it_is_done() -> None:
    done = []

    def work(number: int) -> int:
        if number == 2:
            raise ValueError(number)
        done.append(number)
        return number

    results = background.pipelined(work, range(9), name="beside")
    assert 0 == next(results)
    assert 1 == next(results)
    with pytest.raises(ValueError, match="2"):
        next(results)
    assert [0, 1] == done
    assert "beside" not in names()


def test_whoever_leaves_early_waits_for_what_was_begun() -> None:
    begun, free, ended = threading.Event(), threading.Event(), []

    def work(number: int) -> None:
        begun.set()
        assert free.wait(SECONDS)
        ended.append(number)

    def items() -> Iterator[int]:
        yield 1
        assert begun.wait(SECONDS)
        threading.Timer(0.05, free.set).start()
        raise ConnectionError

    with pytest.raises(ConnectionError):
        list(background.pipelined(work, items(), name="beside"))
    assert [1] == ended
    assert "beside" not in names()


def test_who_waits_is_called_again_and_again_and_may_end_the_wait() -> None:
    free, calls = threading.Event(), []

    def waiting() -> None:
        calls.append(1)
        if len(calls) == 3:
            free.set()
            raise ConnectionError

    with pytest.raises(ConnectionError):
        list(background.pipelined(lambda _: free.wait(SECONDS), [1], name="beside", while_waiting=waiting))
    assert 3 == len(calls)
    assert "beside" not in names()


def test_where_no_thread_can_be_started_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_room)
    assert [1, 2] == list(background.pipelined(lambda number: number, [1, 2], name="beside"))


def test_repeated_work_is_done_at_the_start_when_woken_and_at_the_end() -> None:
    order: list[str] = []
    done = threading.Semaphore(0)

    def work() -> None:
        order.append("work")
        done.release()

    with background.Repeated(work, name="beside", first=lambda: order.append("first")) as repeated:
        assert done.acquire(timeout=SECONDS)
        repeated.wake()
        assert done.acquire(timeout=SECONDS)
    assert ["first", "work", "work", "work", "work"][: len(order)] == order
    assert 4 <= len(order) <= 5


def test_a_failure_of_repeated_work_is_raised_at_the_end_unless_something_else_failed() -> None:
    def fail() -> None:
        raise ValueError

    def woken(*, also: bool) -> None:
        with background.Repeated(fail, name="beside") as repeated:
            repeated.wake()
            if also:
                raise ConnectionError

    with pytest.raises(ValueError):  # noqa: PT011  (there is no text)
        woken(also=False)
    with pytest.raises(ConnectionError):
        woken(also=True)
    assert "beside" not in names()
