"""What importing costs: whole processes, against the same interpreter with nothing to do."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

ROUNDS = 15


def start(program: str) -> None:
    subprocess.run([sys.executable, "-I", "-c", program], check=True)


@pytest.mark.measure("import invitekit", base=True, wall=True)
def test_bare_interpreter(run: Any) -> None:
    run(start, "pass", rounds=ROUNDS)


@pytest.mark.measure("import invitekit", at_most=1.15, wall=True)
def test_import_invitekit(run: Any) -> None:
    run(start, "import invitekit", rounds=ROUNDS)


@pytest.mark.measure("the first value", base=True, wall=True)
def test_import_attrs(run: Any) -> None:
    run(start, "import attrs", rounds=ROUNDS)


@pytest.mark.measure("the first value", at_most=1.6, wall=True)
def test_first_model_touched(run: Any) -> None:
    run(start, "import invitekit; invitekit.Invitation", rounds=ROUNDS)


@pytest.mark.measure("the statistics on top of the model and the history", base=True, wall=True)
def test_import_history(run: Any) -> None:
    run(start, "import invitekit.model, invitekit.history", rounds=ROUNDS)


@pytest.mark.measure("the statistics on top of the model and the history", wall=True)
def test_import_statistics(run: Any) -> None:
    run(
        start,
        "import invitekit.model, invitekit.history, sys; from invitekit import AcceptanceStats\n"
        "assert 'numpy' not in sys.modules and 'statistics' not in sys.modules",
        rounds=ROUNDS,
    )
