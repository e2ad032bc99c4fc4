"""LG-1: a ledger works with the settings it promises, and reads them back instead of hoping."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.ledgers.invented import check_refusal, fill, open_at, read, week

import invitekit as ik
from invitekit.ledgers import _file
from invitekit.ledgers._schema import APPLICATION_ID, SCHEMA

PROMISED = {
    "journal_mode": "delete",
    "synchronous": 3,
    "foreign_keys": 1,
    "secure_delete": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "temp_store": 2,
    "application_id": int.from_bytes(b"IKLG"),
    "user_version": SCHEMA.version,
}


def settings_of(ledger: ik.SqliteLedger, names: object = tuple(PROMISED)) -> dict[str, object]:
    """What the connection of a ledger says of itself."""
    return {name: ledger._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}


def test_every_setting_is_as_promised(tmp_path: Path) -> None:
    with open_at(tmp_path / "outbox.db") as ledger:
        assert settings_of(ledger) == PROMISED


def test_they_are_the_same_when_it_is_opened_again(tmp_path: Path) -> None:
    """Most settings belong to a connection, not to the file."""
    open_at(tmp_path / "outbox.db").close()

    with open_at(tmp_path / "outbox.db", create=False) as ledger:
        assert settings_of(ledger) == PROMISED


@pytest.mark.parametrize("timeout", [0, 0.25, 5.0, 60])
def test_the_timeout_is_the_one_that_was_asked_for(tmp_path: Path, timeout: float) -> None:
    with open_at(tmp_path / "outbox.db", timeout=timeout) as ledger:
        assert settings_of(ledger, ["busy_timeout"]) == {"busy_timeout": round(timeout * 1000)}


def test_a_file_says_in_its_header_whose_it_is(tmp_path: Path) -> None:
    """So that `file` and others can tell it from any other database: bytes 68 to 71 of an SQLite file."""
    open_at(tmp_path / "outbox.db").close()

    header = (tmp_path / "outbox.db").read_bytes()[:100]
    assert header[:16] == b"SQLite format 3\0"
    assert int.from_bytes(header[68:72]) == APPLICATION_ID
    assert header[68:72] == b"IKLG"


def test_a_ledger_that_somebody_switched_to_wal_is_switched_back(tmp_path: Path) -> None:
    """Releases of SQLite that Pythons ship can lose commits in that mode. What was in the log is kept."""
    path = tmp_path / "outbox.db"
    with open_at(path) as ledger:
        expected = list(fill(ledger).entries())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode = wal").fetchone() == ("wal",)

    with open_at(path) as ledger:
        assert settings_of(ledger) == PROMISED
        assert list(ledger.entries()) == expected
    assert [one.name for one in tmp_path.iterdir()] == ["outbox.db"]


@pytest.mark.parametrize("setting", [("no_such_setting", 1), ("cell_size_check", 7), ("journal_mode", "wal2")])
def test_an_sqlite_without_a_setting_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: tuple[str, object]
) -> None:
    """Nothing is set in the hope that it worked: SQLite says nothing when it does not know a setting."""
    open_at(tmp_path / "outbox.db").close()
    monkeypatch.setitem(_file._SETTINGS, *setting)

    with pytest.raises(ik.LedgerError, match="cannot be used safely") as caught:
        open_at(tmp_path / "outbox.db")

    check_refusal(caught.value, "failed")
    assert setting[0] in caught.value.message
    assert sqlite3.sqlite_version in caught.value.message


def test_a_write_has_its_lock_from_the_start(tmp_path: Path) -> None:
    """A transaction that reads first and then wants to write can fail at once, whatever the timeout."""
    said: list[str] = []
    with open_at(tmp_path / "outbox.db") as ledger:
        ledger._connection.set_trace_callback(said.append)
        ledger.record(week(1))
        ledger._connection.set_trace_callback(None)

    begins = [one for one in said if one.startswith("BEGIN")]
    assert begins == ["BEGIN IMMEDIATE"]
    assert sum(one == "COMMIT" for one in said) == 1


def test_one_in_memory_leaves_nothing_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with open_at(":memory:") as ledger:
        fill(ledger)
        with ledger.claim():
            assert ledger.verify().ok
        assert ledger.backups() == ()
        assert settings_of(ledger, ["foreign_keys"]) == {"foreign_keys": 1}

    assert list(tmp_path.iterdir()) == []


def test_two_in_memory_are_two() -> None:
    with open_at(":memory:") as one, open_at(":memory:") as other:
        one.record(week(1))

        assert list(other.entries()) == []
        with one.claim(), other.claim():
            pass


def test_closed_it_says_so(tmp_path: Path) -> None:
    ledger = fill(open_at(tmp_path / "outbox.db"))
    ledger.close()
    ledger.close()

    for use in (ledger.history, ledger.verify, lambda: list(ledger.entries()), lambda: ledger.record(week(3))):
        with pytest.raises(ik.LedgerError, match="is closed") as caught:
            use()
        check_refusal(caught.value, "closed")
    with pytest.raises(ik.LedgerError, match="is closed"), ledger.claim():
        pass
    assert read(tmp_path / "outbox.db")
