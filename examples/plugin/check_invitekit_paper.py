"""Try whether the backend keeps its promises: `python check_invitekit_paper.py`, or a test that calls `check`."""

from __future__ import annotations

import csv
import tempfile
from itertools import count
from pathlib import Path

from invitekit_paper import COLUMNS, PaperBackend, paper

from invitekit.testing import FakeClock, ServiceCase, check_backend


def write(case: ServiceCase, path: Path) -> None:
    """Write down what a case says: the file is the service."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for one in (*case.sent, *case.received):
            at = one.sent_at.earliest.isoformat()
            rows.writerow([one.direction.value, one.id, one.member.slug, one.member.name, at, one.note])
        for other in case.connections:
            at = other.connected_at.earliest.isoformat()
            rows.writerow(["connections", "", other.member.slug, other.member.name, at, ""])


def check() -> tuple[str, ...]:
    """Give the names of the promises that it keeps."""
    with tempfile.TemporaryDirectory() as folder:
        paths = (Path(folder, f"{number}.csv") for number in count())

        def make(case: ServiceCase) -> PaperBackend:
            path = next(paths)
            write(case, path)
            return paper(path, clock=FakeClock())

        return check_backend(make)


if __name__ == "__main__":
    print(*check(), sep="\n")
