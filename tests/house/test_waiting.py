"""No test waits a fixed few seconds, or gives up after a few; see ``tests/support/waiting.py``."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import TESTS

LONGEST_SLEEP = 0.2
SHORTEST_CEILING = 30.0
LIMITS = {"timeout", "timeout_seconds", "connect_timeout"}
"""Keyword arguments that end a wait."""
WAITS = {"join", "settimeout", "wait"}
"""Methods whose number is a limit."""
SILENCE_IS_TESTED = {
    # what a server does that says nothing: our limit has to be reached
    "intake/mailbox/test_errors.py",
    "intake/oauth/test_oauth.py",
    "routing/smtp/test_smtp.py",
    "servers/test_servers.py",
    # the wait itself is tested: how it ends when its own time is over
    "intake/mailbox/test_wait.py",
    "intake/receive/test_mailbox.py",
}


def _number(node: ast.expr | None) -> float | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _waits(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and kind of each sleep that is too long, and of each limit that is too short."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = _number(node.args[0]) if node.args else None
            if name == "sleep" and first is not None and first > LONGEST_SLEEP:
                yield node.lineno, f"sleeps {first} s"
            if name in WAITS and first is not None and 0 < first < SHORTEST_CEILING:
                yield node.lineno, f"{name}({first})"
            for keyword in node.keywords:
                limit = _number(keyword.value)
                if keyword.arg in LIMITS and limit is not None and 0 < limit < SHORTEST_CEILING:
                    yield node.lineno, f"{keyword.arg}={limit}"
        elif isinstance(node, ast.Compare) and isinstance(node.left, ast.BinOp) and "monotonic" in ast.dump(node.left):
            bounds = [_number(right) for op, right in zip(node.ops, node.comparators, strict=True) if _is_upper(op)]
            if any(bound is not None and bound < SHORTEST_CEILING for bound in bounds):
                yield node.lineno, "asserts a short time"


def _is_upper(operator: ast.cmpop) -> bool:
    return isinstance(operator, ast.Lt | ast.LtE)


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=lambda path: str(path.relative_to(TESTS)))
def test_no_wait_is_fixed_and_no_limit_is_short(path: Path) -> None:
    if str(path.relative_to(TESTS)) in SILENCE_IS_TESTED:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [] == [f"{path.name}:{line} {kind}" for line, kind in _waits(tree)]


def test_every_exception_is_still_one() -> None:
    for name in SILENCE_IS_TESTED:
        assert list(_waits(ast.parse((TESTS / name).read_text(encoding="utf-8")))), name


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("time.sleep(1)", "sleeps 1.0 s"),
        ("process.wait(2)", "wait(2.0)"),
        ("thread.join(5)", "join(5.0)"),
        ("run(timeout=5)", "timeout=5.0"),
        ("assert time.monotonic() - began < 1", "asserts a short time"),
    ],
)
def test_each_kind_is_found(code: str, kind: str) -> None:
    assert [(1, kind)] == list(_waits(ast.parse(code)))


@pytest.mark.parametrize("code", ["time.sleep(0.01)", "run(timeout=CEILING)", "assert time.monotonic() - began >= 1"])
def test_what_is_well_is_left_alone(code: str) -> None:
    assert [] == list(_waits(ast.parse(code)))
