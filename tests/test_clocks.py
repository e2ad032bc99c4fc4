"""Time is an argument: no line of the package but the one driver reads a clock or the zone of the machine."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import invitekit

PACKAGE = Path(invitekit.__file__).parent
EDGE = "_drive.py"

CLOCK_MODULES = {"time", "timeit", "sched", "calendar"}
CLOCK_CALLS = {
    *("utcnow", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"),
    *(
        "process_time",
        "localtime",
        "gmtime",
        "sleep",
        "get_clock_info",
        "uuid1",
        "getmtime",
        "getctime",
        "st_mtime",
    ),
}
# A modified time of a file is a clock that somebody else reads; the reader of exports may not ask for it either.

HAND_ON = {
    "__init__.py": {"now"},
    "ledgers/_records.py": {"now"},
    "ledgers/_sqlite.py": {"now"},
    # Deadlines of single requests; nothing is concluded from them, and a test may not wait for an injected one.
    "backends/_deadline.py": {"monotonic"},
    # To let others run; no time passes.
    "testing/_fake_clock.py": {"sleep"},
}
INJECTED = {"clock", "_clock", "world", "_world", "_happenings", "self"}
"""What a clock is called that somebody handed in (`invitekit.ports.Clock`), and what asks one."""


def injected(receiver: ast.expr) -> bool:
    """Whether it is a clock that somebody handed in."""
    match receiver:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in INJECTED
    return False


def clocks(source: str) -> Iterator[tuple[int, str]]:
    """Each place where a source reads a clock, or would take the machine's zone: line and what is there."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names if name.name in CLOCK_MODULES)
            case ast.ImportFrom(module=module, names=names):
                if module in CLOCK_MODULES:
                    yield node.lineno, str(module)
                yield from ((node.lineno, name.name) for name in names if name.name in {*CLOCK_CALLS, "now"})
            case ast.Attribute(attr=name) if name in CLOCK_CALLS:
                yield node.lineno, name
            # A value may have a field `now`; nothing but a clock has a method of that name.
            case ast.Call(func=ast.Attribute(value=value, attr="now" | "today" as name)) if not injected(value):
                yield node.lineno, name
            case ast.Attribute(value=ast.Name(id="datetime" | "date"), attr="now" | "today" as name):
                yield node.lineno, name
            case ast.Call(func=ast.Attribute(attr="astimezone"), args=[], keywords=[]):
                yield node.lineno, "astimezone()"
            case ast.Call(func=ast.Attribute(attr="fromtimestamp"), args=[_], keywords=[]):
                yield node.lineno, "fromtimestamp() without a zone"
            case ast.Call(func=ast.Name(id="__import__")):
                yield node.lineno, "__import__"


SOURCES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("name", [name for name in SOURCES if name != EDGE])
def test_no_module_reads_a_clock(name: str) -> None:
    found = [
        (line, what)
        for line, what in clocks((PACKAGE / name).read_text(encoding="utf-8"))
        # These hand on what the driver has by name, where a caller brings no clock.
        if what not in HAND_ON.get(name, ())
    ]

    assert found == []


def test_the_driver_is_the_one_that_does() -> None:
    assert "now" in [what for _, what in clocks((PACKAGE / EDGE).read_text(encoding="utf-8"))]
    assert len(SOURCES) > 40


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import time", "time"),
        ("from time import monotonic", "time"),
        ("from datetime import datetime as d\nd.now()", "now"),
        ("import datetime\ndatetime.datetime.utcnow()", "utcnow"),
        ("from datetime import date\ndate.today()", "today"),
        ("x = datetime.now", "now"),
        ("value.astimezone()", "astimezone()"),
        ("datetime.fromtimestamp(5)", "fromtimestamp() without a zone"),
        ("import uuid\nuuid.uuid1()", "uuid1"),
        ("__import__('time').time()", "__import__"),
        ("self.time.now()", "now"),
        ("def f():\n    def g():\n        return [lambda: d.now()]", "now"),
    ],
)
def test_the_search_can_see(source: str, what: str) -> None:
    assert what in [found for _, found in clocks(source)]


def test_the_driver_gives_this_moment_in_utc() -> None:
    before = datetime.now(UTC)  # noqa: TID251  what is tested is the clock
    moment = invitekit.now()

    assert before <= moment <= datetime.now(UTC)  # noqa: TID251
    assert moment.utcoffset() == timedelta(0)
