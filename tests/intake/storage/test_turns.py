"""Whose turn it is to write to an SQLite file: one at a time, and who asks to be first is next."""

import fcntl
import os
import threading
from pathlib import Path

import pytest

from intake.storage.engine import file_locks
from tests.support.waiting import until


def wait_for_turn(path: Path, order: list[str], name: str, *, first: bool) -> threading.Thread:
    def run() -> None:
        handle = file_locks.take_turn(path, 60, first=first)
        order.append(name)
        os.close(handle)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def is_asked(path: Path) -> bool:
    """Whether somebody waits to be first."""
    handle = os.open(f"{path}-first", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def test_who_asks_to_be_first_is_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_locks, "YIELDED", 60.0)
    path, order = tmp_path / "turn", list[str]()
    held = file_locks.take_turn(path, 1)
    waiting = [wait_for_turn(path, order, f"ordinary {number}", first=False) for number in range(5)]
    waiting.append(wait_for_turn(path, order, "urgent", first=True))
    until(lambda: is_asked(path), "the urgent one waits")

    os.close(held)
    for thread in waiting:
        thread.join()

    assert order[0] == "urgent"
    assert len(order) == 6
    assert not is_asked(path)


def test_one_that_asks_and_hangs_holds_up_the_others_for_a_moment_only(tmp_path: Path) -> None:
    path = tmp_path / "turn"
    hangs = os.open(f"{path}-first", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(hangs, fcntl.LOCK_SH)  # as a stopped process does

    os.close(file_locks.take_turn(path, 60))

    os.close(hangs)


def test_a_turn_that_does_not_end_is_waited_for_so_long_only(tmp_path: Path) -> None:
    held = file_locks.take_turn(tmp_path / "turn", 1)

    for first in (False, True):
        with pytest.raises(TimeoutError, match="no turn to write"):
            file_locks.take_turn(tmp_path / "turn", 0.05, first=first)

    os.close(held)
