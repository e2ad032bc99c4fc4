"""LG-7: a ledger is only added to. Triggers refuse the rest; where somebody gets around them, it is found out."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import pytest
from tests.ledgers.invented import check_refusal, fill, filled_entries, new_file, open_at, person, week

import invitekit as ik
from invitekit.history import Entry
from invitekit.ledgers._schema import SCHEMA

TIMES = 4 if os.environ.get("INVITEKIT_HYPOTHESIS_PROFILE") == "long" else 1
"""4,000 edits in the long run, 1,000 in every other."""

COLUMNS = ("seq", "kind", "at", "account", "member", "invitation", "facts", "has_personal", "digest")
TRIGGERS = tuple(sql for sql in SCHEMA.statements if "CREATE TRIGGER" in sql)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[ik.SqliteLedger]:
    """A ledger with a bit of everything in it."""
    with open_at(new_file(tmp_path / "outbox.db")) as ledger:
        yield ledger


# ── The triggers ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET at = at + 1",
        "UPDATE entries SET facts = '{}' WHERE seq = 3",
        "UPDATE entries SET digest = x'00' WHERE seq = 3",
        "DELETE FROM entries",
        "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)",
        "UPDATE appends SET digest = x'00'",
        "DELETE FROM appends",
        "UPDATE personal SET body = '{}'",
        "UPDATE personal SET member = 0",
        "UPDATE OR REPLACE entries SET seq = 3 WHERE seq = 4",
        "INSERT INTO entries SELECT * FROM entries WHERE seq = 3",
        "INSERT INTO entries (seq) VALUES (3) ON CONFLICT (seq) DO UPDATE SET at = 1",
    ],
)
def test_nothing_is_changed_or_deleted(ledger: ik.SqliteLedger, statement: str) -> None:
    """Also not by another program, since the triggers stand in the file."""
    with pytest.raises(sqlite3.IntegrityError):
        ledger._connection.execute(statement)

    assert tuple(ledger.entries()) == filled_entries()
    assert ledger.verify()


def test_what_is_personal_can_be_erased_and_nothing_else(ledger: ik.SqliteLedger) -> None:
    """Forgetting somebody changes no open part, and the ledger stays whole."""
    before = list(ledger.entries())
    forgotten = ledger.forget(person(11))

    after = list(ledger.entries())
    assert forgotten.entries > 0
    assert [entry[:7] for entry in after[: len(before)]] == [entry[:7] for entry in before]
    assert sum(old.personal != new.personal for old, new in zip(before, after, strict=False)) == forgotten.entries
    assert ledger.verify()
    assert ledger.verify().entries == len(after)


# ── What verify finds ────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def edited(ledger: ik.SqliteLedger) -> Iterator[Callable[..., sqlite3.Cursor]]:
    """The file as somebody leaves it who drops the triggers, edits, and puts them back; restored afterwards."""
    execute = ledger._connection.execute
    execute("PRAGMA foreign_keys = OFF")
    execute("BEGIN")
    for trigger in TRIGGERS:
        execute(f"DROP TRIGGER {trigger.split()[2]}")
    try:
        yield execute
    finally:
        execute("ROLLBACK")


def other(random: Random, value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, int):
        return value + random.choice([-1, 1, 1000, -(10**6), 2**40])
    text = value if isinstance(value, str) else value.hex()
    place = random.randrange(len(text) + 1)
    changed = random.choice(
        [
            text[:place] + random.choice("abc 1") + text[place:],
            text[:place] + text[place + 1 :],
            text[:place].swapcase() + text[place:],
            "",
            text + text,
        ]
    )
    changed = changed if changed != text else text + "0"
    return changed if isinstance(value, str) else changed.encode()


class Edits:
    """What somebody may do to a ledger. Each edit gives the place at which it is found out, None for anywhere."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self.last = len(entries)
        self.with_body = [entry.seq for entry in entries if entry.personal]
        self.without = [entry.seq for entry in entries if entry.personal is None]
        self.erased = [entry for entry in entries if entry.personal == ""]

    def a_value(self, execute: Callable[..., Any], random: Random) -> int:
        """Change one value of one entry."""
        seq, column = random.randint(1, self.last), random.choice(COLUMNS[1:])
        (value,) = execute(f"SELECT {column} FROM entries WHERE seq = ?", (seq,)).fetchone()
        new = 1 - value if column == "has_personal" else other(random, value)
        execute(f"UPDATE entries SET {column} = ? WHERE seq = ?", (new, seq))
        return seq

    def a_value_and_its_hash(self, execute: Callable[..., Any], random: Random) -> None:
        """Change one, and work out the hash of the entry anew."""
        entry = random.choice(self.entries)
        field = random.choice(["at", "member", "invitation", "facts", "kind"])
        forged = entry._replace(**{field: other(random, getattr(entry, field))})
        execute(
            f"UPDATE entries SET {field} = ?, digest = ? WHERE seq = ?",
            (getattr(forged, field), forged.digest, entry.seq),
        )

    def a_deletion(self, execute: Callable[..., Any], random: Random) -> int:
        """Delete an entry, or some."""
        first = random.randint(1, self.last)
        until = random.choice([first, min(first + 3, self.last)])
        execute("DELETE FROM entries WHERE seq BETWEEN ? AND ?", (first, until))
        return first

    def a_deletion_and_the_rest_moved_up(self, execute: Callable[..., Any], random: Random) -> int:
        """Delete an entry and close the gap."""
        seq = random.randint(1, self.last - 1)
        execute("DELETE FROM entries WHERE seq = ?", (seq,))
        for later in range(seq + 1, self.last + 1):
            execute("UPDATE entries SET seq = ? WHERE seq = ?", (later - 1, later))
        return seq

    def an_insertion(self, execute: Callable[..., Any], random: Random) -> int:
        """Put an entry behind the last, or before the first, with a hash of its own."""
        place = random.choice([self.last + 1, 0, -5])
        forged = random.choice(self.entries)._replace(seq=place)
        row = (*forged[:7], 0, forged._replace(personal=None).digest)
        execute(f"INSERT INTO entries VALUES ({', '.join('?' * 9)})", row)
        return place

    def a_replacement(self, execute: Callable[..., Any], random: Random) -> None:
        """Put another entry in the place of one: no trigger sees that."""
        seq = random.randint(1, self.last)
        forged = random.choice([one for one in self.entries if one[1:] != self.entries[seq - 1][1:]])
        forged = forged._replace(seq=seq, at=forged.at + 1)
        row = (*forged[:7], forged.personal is not None, forged.digest)
        execute(f"INSERT OR REPLACE INTO entries VALUES ({', '.join('?' * 9)})", row)

    def two_swapped(self, execute: Callable[..., Any], random: Random) -> None:
        """Swap the places of two entries."""
        one, two = random.sample(range(1, self.last + 1), 2)
        for old, new in ((one, 10**6), (two, one), (10**6, two)):
            execute("UPDATE entries SET seq = ? WHERE seq = ?", (new, old))

    def the_end_cut_off(self, execute: Callable[..., Any], random: Random) -> int:
        """Delete the last entries, with or without what is personal about them."""
        seq = random.randint(1, self.last)
        execute("DELETE FROM entries WHERE seq >= ?", (seq,))
        if random.random() < 0.5:
            execute("DELETE FROM personal WHERE entry >= ?", (seq,))
        return seq

    def the_end_cut_off_within_an_append(self, execute: Callable[..., Any], random: Random) -> None:
        """Delete the last entries, all that is personal about them, and say that an append ended there."""
        ends = {last for (last,) in execute("SELECT last FROM appends")}
        seq = random.choice([one for one in range(2, self.last) if one not in ends])
        for table, column in (("entries", "seq"), ("personal", "entry")):
            execute(f"DELETE FROM {table} WHERE {column} > ?", (seq,))
        (digest,) = execute("SELECT digest FROM appends ORDER BY last DESC").fetchone()
        execute("DELETE FROM appends WHERE last > ?", (seq,))
        execute("INSERT INTO appends VALUES (?, ?)", (seq, digest))

    def an_append_changed(self, execute: Callable[..., Any], random: Random) -> None:
        """Change, delete or invent where an append ended, or the hash over it."""
        rows = execute("SELECT last, digest FROM appends").fetchall()
        last, digest = random.choice(rows)
        act = random.randrange(4)
        if act == 0:
            execute("UPDATE appends SET digest = ? WHERE last = ?", (other(random, digest), last))
        elif act == 1:
            execute("DELETE FROM appends WHERE last = ?", (last,))
        elif act == 2:
            execute("UPDATE OR REPLACE appends SET last = ? WHERE last = ?", (other(random, last), last))
        else:
            place = random.choice(
                [one for one in range(-3, self.last + 5) if (one,) not in [row[:1] for row in rows]]
            )
            execute("INSERT INTO appends VALUES (?, ?)", (place, digest))

    def a_personal_part(self, execute: Callable[..., Any], random: Random) -> int:
        """Change what is said about somebody, or about whom it is said."""
        seq = random.choice(self.with_body)
        column = random.choice(["body", "body", "member", "crc"])
        (value,) = execute(f"SELECT {column} FROM personal WHERE entry = ?", (seq,)).fetchone()
        execute(f"UPDATE personal SET {column} = ? WHERE entry = ?", (other(random, value), seq))
        return seq

    def a_personal_part_deleted(self, execute: Callable[..., Any], random: Random) -> int | None:
        """Delete some of it, although nobody was forgotten."""
        lost = random.sample(self.with_body, random.randint(1, 3))
        for seq in lost:
            execute("DELETE FROM personal WHERE entry = ?", (seq,))
        return min(lost)

    def a_personal_part_moved(self, execute: Callable[..., Any], random: Random) -> None:
        """Say of one what was said of another."""
        one, two = random.sample(self.with_body, 2)
        for old, new in ((one, 10**6), (two, one), (10**6, two)):
            execute("UPDATE personal SET entry = ? WHERE entry = ?", (new, old))

    def a_personal_part_invented(self, execute: Callable[..., Any], random: Random) -> int:
        """Add one where there was none, or that belongs to no entry."""
        seq = random.choice([*self.without, self.last + 7, 0, -1])
        member = self.entries[seq - 1].member if 1 <= seq <= self.last else 1
        body = '{"name":"Invented Example"}'
        execute("INSERT INTO personal VALUES (?, ?, ?, ?)", (seq, member, body, crc32(body.encode())))
        return seq

    def a_personal_part_put_back(self, execute: Callable[..., Any], random: Random) -> int:
        """Put back what was erased of somebody, for instance from a copy."""
        entry = random.choice(self.erased)
        body = '{"name":"Invented Example"}'
        execute("INSERT INTO personal VALUES (?, ?, ?, ?)", (entry.seq, entry.member, body, crc32(body.encode())))
        return entry.seq


KINDS = sorted(name for name in vars(Edits) if not name.startswith("_"))


@pytest.mark.parametrize("kind", KINDS)
def test_any_edit_is_found(ledger: ik.SqliteLedger, kind: str) -> None:
    """Over 1,000 in all; the first broken entry is named where the edit is about one."""
    edits = Edits(filled_entries())
    for seed in range(TIMES * (1 + 1000 // len(KINDS))):
        random = Random(f"{kind} {seed}")
        with edited(ledger) as execute:
            place = getattr(edits, kind)(execute, random)
            for trigger in TRIGGERS:
                execute(trigger)
            found = ledger.verify()

        assert not found, (kind, seed)
        assert found.problem
        assert not found.ok
        if place is not None:
            assert found.broken == place, (kind, seed, found)
            assert f"entry {place:,}" in str(found)
    # It was the edit that was found, and nothing else.
    assert ledger.verify()


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"an_append_changed"}))
def test_reading_finds_what_would_give_a_wrong_answer(ledger: ik.SqliteLedger, kind: str) -> None:
    """Without anybody asking for `verify`: an error, or just what was written."""
    edits = Edits(filled_entries())
    found = 0
    for seed in range(30):
        with edited(ledger) as execute:
            getattr(edits, kind)(execute, Random(f"{kind} {seed}"))
            try:
                read = tuple(ledger.entries())
            except ik.LedgerError as error:
                check_refusal(error, "corrupt")
                found += 1
                continue
            if kind in ("a_value_and_its_hash", "a_replacement"):
                # Who works out hashes can deceive a reader; the hash over the order is what `verify` is for.
                assert len(read) == len(filled_entries())
            elif kind == "the_end_cut_off_within_an_append":
                assert read == filled_entries()[: len(read)]
            else:
                assert read == filled_entries(), (kind, seed)
    assert found or kind in ("a_value_and_its_hash", "a_replacement", "the_end_cut_off_within_an_append")


def test_what_nobody_can_know(ledger: ik.SqliteLedger) -> None:
    """Cut back to the end of an append, with everything, it is the ledger of an earlier day, as a backup is."""
    with edited(ledger) as execute:
        ends = [last for (last,) in execute("SELECT last FROM appends ORDER BY last")]
        for table, column in (("entries", "seq"), ("personal", "entry"), ("appends", "last")):
            execute(f"DELETE FROM {table} WHERE {column} > ?", (ends[1],))

        assert ledger.verify().entries == ends[1]


# ── What it says ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_whole_one_says_so(ledger: ik.SqliteLedger) -> None:
    found = ledger.verify()

    assert found.ok
    assert bool(found)
    assert (found.entries, found.broken, found.problem) == (len(filled_entries()), None, "")
    assert str(found) == f"{len(filled_entries())} entries, all as they were written"


def test_an_empty_one_is_whole() -> None:
    with open_at(":memory:") as ledger:
        assert ledger.verify()
        assert ledger.verify().entries == 0


def test_it_stays_whole_whatever_is_recorded() -> None:
    with fill(open_at(":memory:")) as ledger:
        for number in range(3, 7):
            ledger.record(week(number))
            ledger.forget(person(number + 10))
            ledger.tag(person(number + 11), "client")
            assert ledger.verify()
