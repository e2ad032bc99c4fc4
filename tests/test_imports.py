"""`import invitekit` costs next to nothing: what is not used is not loaded.

Each test asks a fresh interpreter, for this one has long loaded everything.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ["attrs", "attr", "cattrs", "httpx", "tenacity", "sqlite3", "asyncio", "typing_extensions"]


def modules_added_by(statement: str) -> list[str]:
    """The names that running `statement` adds to `sys.modules` of a fresh interpreter, in order."""
    program = (
        "import sys; before = set(sys.modules); "
        f"{statement}; "
        "print(*(name for name in sys.modules if name not in before))"
    )
    answer = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()


def test_import_adds_at_most_five_modules() -> None:
    added = modules_added_by("import invitekit")

    assert "invitekit" in added
    assert len(added) <= 5, added


@pytest.mark.parametrize("heavy", HEAVY)
def test_import_loads_nothing_heavy(heavy: str) -> None:
    assert heavy not in modules_added_by("import invitekit")


def test_the_check_can_see() -> None:
    """A statement that does load something heavy is noticed, so the tests above can fail."""
    assert "attr" in modules_added_by("import invitekit, attrs")


@pytest.mark.parametrize("look", ["dir(invitekit)", "invitekit.__all__", "repr(invitekit)"])
def test_looking_around_loads_nothing(look: str) -> None:
    """Listing what is there, as an editor or a notebook does, is not using it."""
    assert modules_added_by(f"import invitekit; {look}") == modules_added_by("import invitekit")


def test_reading_an_export_loads_no_network_and_no_event_loop() -> None:
    """The first job of the library is done offline, so nothing that could reach a network is even loaded."""
    statement = "import invitekit; invitekit.read_export; invitekit.Policy; invitekit.rules"
    added = modules_added_by(statement)

    assert "invitekit.model" in added
    assert not {"httpx", "tenacity", "asyncio", "sqlite3", "cattrs"}.intersection(added)
