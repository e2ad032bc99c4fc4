"""Planning is pure: it changes nothing it was given, and touches no file, no socket and no clock.

A fresh interpreter watches itself: the audit hook sees every file, socket and process, the profiler every call of
a clock. Both stay on for a thousand generated policies, looked at from all sides.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PREAMBLE = """
import random, sys
from tests.strategies import CASE_BYTES, case_from

seen = []
watching = False

def look(case, whole=True):
    context = case.context
    plan = case.policy.plan(case.snapshot, context=context)
    plan.summary(), plan.withdrawals
    if whole:
        plan.digest, repr(plan), plan._repr_html_(), plan.to_records(), plan.diff(plan)
        for decision in plan.decisions[:2]:
            str(plan.why(decision.invitation.id))
    return case.policy, case.snapshot, context

def cases(seed, count):
    source = random.Random(seed)
    return [source.randbytes(CASE_BYTES) for _ in range(count)]

for drawn in cases(0, 20):
    look(case_from(drawn))  # What is loaded when it is first needed is loaded now.
"""

AUDITED = """
# Generated code is compiled and run, which is neither input nor output.
harmless = {"compile", "exec", "object.__getattr__", "object.__setattr__", "sys._getframe", "builtins.id"}

def watch(event, arguments):
    if watching and event not in harmless:
        seen.append((event, str(arguments)[:80]))

sys.addaudithook(watch)
"""

TIMED = """
clocks = {
    "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "localtime",
    "gmtime", "sleep", "ctime", "strftime", "now", "utcnow", "today",
}

def watch(frame, event, function):
    if watching and event == "c_call" and function.__name__ in clocks:
        if function.__name__ != "strftime" or function.__module__ == "time":
            seen.append((function.__qualname__, frame.f_code.co_filename))

sys.setprofile(watch)
"""

PLANNING = """
for place, drawn in enumerate(cases(1, {count})):
    case = case_from(drawn)
    watching = True
    policy, snapshot, context = look(case, whole=place % 5 == 0)
    watching = False
    again = case_from(drawn)
    assert (policy, snapshot, context) == (again.policy, again.snapshot, again.context), drawn
print(seen)
"""


def run(*parts: str) -> str:
    """What a fresh interpreter prints that runs these parts."""
    answer = subprocess.run(
        [sys.executable, "-c", "".join(parts)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def test_a_thousand_plans_touch_nothing_and_change_nothing() -> None:
    assert run(PREAMBLE, AUDITED, PLANNING.format(count=1_000)) == "[]"


def test_no_plan_reads_a_clock() -> None:
    assert run(PREAMBLE, TIMED, PLANNING.format(count=80)) == "[]"


@pytest.mark.parametrize(
    ("watch", "act", "named"),
    [
        (AUDITED, "open('pyproject.toml').close()", "open"),
        (AUDITED, "import socket; socket.socket().close()", "socket"),
        (AUDITED, "import os; os.listdir('.')", "os.listdir"),
        (TIMED, "import time; time.time()", "time"),
        (TIMED, "import datetime; datetime.datetime.now()", "datetime.now"),
        (TIMED, "import datetime; datetime.date.today()", "today"),
    ],
    ids=["file", "socket", "folder", "time", "now", "today"],
)
def test_the_watch_can_see(watch: str, act: str, named: str) -> None:
    """An act that is not pure is seen, so the tests above can fail."""
    assert named in run(
        "import sys\nseen = []\nwatching = False\n", watch, f"\nwatching = True\n{act}\nprint(seen)"
    )
