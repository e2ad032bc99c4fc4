"""The same facts give the same plan in every process: whatever the hash seed, the zone and the locale."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product
from pathlib import Path

from tests.population import CONTEXT, POLICIES, SNAPSHOT

ROOT = Path(__file__).parents[2]

PROGRAM = """
import contextlib, locale, sys, time
with contextlib.suppress(locale.Error):  # Not every machine has every locale.
    locale.setlocale(locale.LC_ALL, "")
from tests.population import CONTEXT, POLICIES, SNAPSHOT
for name in ("default", "either or", "only these"):
    plan = POLICIES[name].plan(SNAPSHOT, context=CONTEXT)
    print(name, plan.digest, repr(plan), plan.why("ada-example-15"), plan.summary(), sep="\\n")
print(time.tzname[0], *{"a", "b", "c", "d", "e"}, locale.localeconv()["decimal_point"], file=sys.stderr)
"""

SEEDS = ["0", "1", "4242", "random"]
ZONES = [
    "UTC",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Kiritimati",
    "America/Los_Angeles",
    "Australia/Lord_Howe",
]
LOCALES = ["C", "C.UTF-8", "POSIX", "en_US.UTF-8"]


def start(seed: str, zone: str, language: str) -> subprocess.Popen[bytes]:
    """Start the program in surroundings of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    environment |= {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language, "PYTHONIOENCODING": "utf-8"}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment
    )


def answer(process: subprocess.Popen[bytes]) -> tuple[str, str]:
    """What it printed about the plans, and about its own surroundings."""
    plans, own = process.communicate()
    assert process.returncode == 0, own.decode()
    return plans.decode(), own.decode()


def test_plans_are_the_same_byte_for_byte_in_24_processes() -> None:
    """Each of six zones with four hash seeds; the locale goes round."""
    surroundings = [(seed, zone, LOCALES[place % 4]) for place, (zone, seed) in enumerate(product(ZONES, SEEDS))]
    assert len(surroundings) == 24

    found = []
    for first in range(0, 24, 3):  # A few at a time: starting takes longer than planning.
        found += map(answer, [start(*one) for one in surroundings[first : first + 3]])

    assert len({plans for plans, _ in found}) == 1
    assert POLICIES["default"].plan(SNAPSHOT, context=CONTEXT).digest in found[0][0]
    assert len({own for _, own in found}) > 6, "the surroundings did not vary, so nothing was shown"
