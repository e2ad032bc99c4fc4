"""A ledger with a bit of everything in it, about invented people, and what no error may ever say of them."""

from __future__ import annotations

import functools
import pickle
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.history.builders import Clock, connected, day, export, listing, logged, outcome, sent

import invitekit as ik
from invitekit.history import Entry
from invitekit.ledgers import SqliteLedger

SURNAME = "Quillonby"
NOTE = "Periwinkle"
SECRETS = (SURNAME, SURNAME.lower(), NOTE)
"""In every name, slug and note of the invented people; in no path and no word of the package."""

CLOCK = Clock(day(20))


def person(number: int) -> ik.Member:
    """One of the invented people."""
    return ik.Member(name=f"Vesk-{number} {SURNAME}", slug=f"vesk-{SURNAME.lower()}-example-{number}")


def first_export() -> ik.Snapshot:
    """Thirty invitations, of which six are accepted."""
    return export(
        0,
        *(logged(person(number), -number, note=f"{NOTE} for {number}") for number in range(30)),
        connections=[
            connected(person(number), 1 - number, company="Murrowdale Example", position="Beekeeper")
            for number in range(0, 30, 5)
        ],
    )


def week(number: int) -> ik.Snapshot:
    """What a service lists after so many weeks: each week one of the thirty is missing, and three are new."""
    old = [sent(person(one), -one) for one in range(number, 30) if one % 5]
    new = [sent(person(30 + one), one / 3, note=f"{NOTE} again") for one in range(3 * number)]
    return listing(7 * number, *old, *new)


def crowd(number: int, size: int = 100) -> ik.Snapshot:
    """What a service lists when many were invited at once: so many people whom nobody else here knows."""
    start = 1000 * number
    return listing(
        30 + number,
        *(sent(person(one), 29 + number, note=f"{NOTE} {'x' * 500}") for one in range(start, start + size)),
    )


def fill(ledger: SqliteLedger) -> SqliteLedger:
    """Record some weeks, marks, outcomes; forget somebody."""
    ledger.record(first_export())
    ledger.record(week(1))
    ledger.tag(person(6), "client", by=f"Ada {SURNAME}", why=f"{NOTE}, as agreed")
    ledger.keep(person(7), why=f"{NOTE}, too")
    ledger.record([outcome(sent(person(8), -8), at=day(8))], at=day(8))
    ledger.record(week(2))
    ledger.note_refusal(at=day(9), why="limit-reached")
    ledger.forget(person(9))
    return ledger


@functools.cache
def filled_file() -> bytes:
    """The bytes of a file that holds just that: quicker than filling one each time."""
    with tempfile.TemporaryDirectory() as folder:
        fill(open_at(Path(folder) / "outbox.db")).close()
        return (Path(folder) / "outbox.db").read_bytes()


@functools.cache
def filled_entries() -> tuple[Entry, ...]:
    """What is in it."""
    with tempfile.TemporaryDirectory() as folder:
        return tuple(read(new_file(Path(folder) / "outbox.db")))


def new_file(path: Path) -> Path:
    """Put such a file somewhere."""
    path.write_bytes(filled_file())
    return path


def open_at(path: str | Path, **settings: object) -> SqliteLedger:
    """Open a ledger whose clock stands still."""
    return SqliteLedger(path, **{"clock": CLOCK, **settings})  # type: ignore[arg-type]


def read(path: str | Path) -> list[Entry]:
    """All that a ledger holds."""
    with open_at(path, create=False) as ledger:
        return list(ledger.entries())


def error_chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and all that it was raised from or while handling."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def check_secretive(error: BaseException) -> None:
    """No name, no slug and no note stands in an error, in what it came from, in its traceback, or in a pickle."""
    said = [
        "".join(traceback.format_exception(error)),
        repr(pickle.dumps(error)),
        *(f"{one!r} {one!s} {one.args!r} {vars(one)!r}" for one in error_chain(error)),
    ]
    assert [secret for secret in SECRETS for text in said if secret in text] == []


def check_refusal(error: ik.LedgerError, *codes: str) -> None:
    """An error of a ledger says what to do, keeps its secrets, and survives a pickle."""
    assert error.code in codes, error
    assert error.hint, error
    check_secretive(error)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def refused(path: str | Path, *codes: str, **settings: object) -> ik.LedgerError:
    """Try to open a ledger and read it, which must be refused."""
    with pytest.raises(ik.LedgerError) as caught, open_at(path, **settings) as ledger:
        list(ledger.entries())
    check_refusal(caught.value, *codes)
    return caught.value
