"""Reading an export: against the csv module alone, against the usual way, and in seconds and megabytes."""

from __future__ import annotations

import csv
import gc
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from invitekit.dialects.export import InvitationLog, read_invitations, text_lines
from invitekit.model import UNKNOWN, Direction, Evidence, Interval, Invitation, Member, SentAt, Status
from invitekit.model._invitation import trusted_invitation
from invitekit.model._member import slug_key, trusted_member
from invitekit.readers import read_export
from invitekit.testing import DEFAULT_TAKEN_AT, synthetic_export

ROWS = 1_000_000
SOME = 100_000
STREAMED = "1M rows of Invitations.csv, streamed"
WHOLE = "read_export of 30,000 connections and 50,000 invitations"


def invitations_csv(folder: Path, rows: int) -> Path:
    """The file of an export of that size, unpacked."""
    synthetic_export(folder / "export.zip", seed=2, invitations=rows)
    with zipfile.ZipFile(folder / "export.zip") as archive:
        return Path(archive.extract("Invitations.csv", folder))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return invitations_csv(tmp_path_factory.mktemp("large"), ROWS)


@pytest.fixture(scope="module")
def medium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return invitations_csv(tmp_path_factory.mktemp("medium"), SOME)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "export.zip"
    synthetic_export(path, seed=2, invitations=50_000, connections=30_000)
    return path


def count(path: Path) -> int:
    with path.open(newline="", encoding="utf-8") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def ours(path: Path) -> Iterator[Invitation]:
    with path.open("rb") as file:
        log = InvitationLog()
        lines = text_lines(iter(lambda: file.read(2**16), b""), log)
        yield from read_invitations(lines, taken_at=DEFAULT_TAKEN_AT, log=log)


def usual(path: Path) -> Iterator[Invitation]:
    """As one would write it, into the same classes by the same shortcut, so that only the reading differs."""
    zone, now = ZoneInfo("America/Los_Angeles"), Interval.at(DEFAULT_TAKEN_AT)
    minute = timedelta(minutes=1) - timedelta(microseconds=1)
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file)):
            sent = row["Direction"] == "OUTGOING"
            wall = datetime.strptime(row["Sent At"], "%m/%d/%y, %I:%M %p").replace(tzinfo=zone)
            instant = wall.astimezone(UTC)
            yield trusted_invitation(
                f"x-{number}",
                trusted_member(
                    row["To" if sent else "From"],
                    slug_key(row["inviteeProfileUrl" if sent else "inviterProfileUrl"]),
                ),
                Direction.SENT if sent else Direction.RECEIVED,
                SentAt(instant, instant + minute, row["Sent At"]),
                row["Message"],
                Status.PRESUMED_PENDING,
                Evidence.NO_CONNECTIONS,
                DEFAULT_TAKEN_AT,
                now,
                UNKNOWN,
                UNKNOWN,
                UNKNOWN,
                UNKNOWN,
            )


def consume(read: Callable[[Path], Iterator[Invitation]], path: Path) -> int:
    return sum(1 for _ in read(path))


@pytest.mark.measure(STREAMED, base=True)
def test_csv_reader_counting_the_rows(run: Any, large: Path) -> None:
    assert run(count, large) == ROWS


@pytest.mark.measure(STREAMED, at_most=5, ours=True)
def test_read_invitations(run: Any, large: Path) -> None:
    assert run(consume, ours, large, rounds=3) == ROWS


@pytest.mark.measure(STREAMED, ours_at_most=0.5)
def test_dictreader_and_strptime(run: Any, large: Path) -> None:
    assert run(consume, usual, large, rounds=2) == ROWS


def test_both_ways_read_the_same(medium: Path) -> None:
    for mine, theirs in zip(ours(medium), usual(medium), strict=True):
        assert (mine.member, mine.direction, mine.note) == (theirs.member, theirs.direction, theirs.note)
        assert mine.sent_at.earliest <= theirs.sent_at.earliest <= mine.sent_at.latest


@pytest.mark.measure(WHOLE)
def test_read_export(run: Any, export: Path, capsys: pytest.CaptureFixture[str], benchmark: Any) -> None:
    snapshot = run(read_export, export)
    assert (len(snapshot.invitations), snapshot.files[0].rows) == (50_000, 30_000)
    say(capsys, WHOLE, f"{benchmark.stats.stats.median:.2f} s", "at most 2 s")


GROWTH = """
import sys
from invitekit.readers import read_export

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

read_export(sys.argv[1])
before = peak()
snapshot = read_export(sys.argv[2])
print(f"{peak() - before:.0f}")
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak of a process there")
def test_memory_of_read_export(export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The peak of a process of its own, above what reading a small export took."""
    synthetic_export(tmp_path / "small.zip", seed=3, invitations=10)
    command = [sys.executable, "-c", GROWTH, tmp_path / "small.zip", export]
    grown = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    say(capsys, WHOLE, f"{grown} MB at the peak", "at most 150 MB")
    assert grown > 0


def test_bytes_of_an_invitation(medium: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its member and all its texts, against the rows as dicts."""

    def held(read: Callable[[], list[Any]]) -> float:
        gc.collect()
        tracemalloc.start()
        kept = read()
        size = tracemalloc.get_traced_memory()[0] / len(kept)
        tracemalloc.stop()
        return size

    def dicts() -> list[Any]:
        with medium.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    mine, theirs = held(lambda: list(ours(medium))), held(dicts)
    say(
        capsys,
        "bytes held for a row",
        f"{mine:.0f} against {theirs:.0f} as a dict, {mine / theirs:.2f} x",
        "at most 0.8 x",
    )


def test_a_member_is_shared_with_its_connection(export: Path) -> None:
    snapshot = read_export(export)
    known = {id(item.member) for item in snapshot.connections}
    assert any(id(item.member) in known for item in snapshot.invitations)
    assert isinstance(snapshot.invitations[0].member, Member)


def say(capsys: pytest.CaptureFixture[str], what: str, found: str, bound: str) -> None:
    with capsys.disabled():
        print(f"\n{what}: {found}   ({bound})")
