"""A ledger as a file of JSON lines and back: equal, or refused with the line that is wrong, and nothing left."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledgers.invented import (
    CLOCK,
    NOTE,
    SURNAME,
    check_refusal,
    check_secretive,
    crowd,
    fill,
    filled_entries,
    new_file,
    open_at,
    person,
)

import invitekit as ik
from invitekit.history import Entry, Kind
from invitekit.ledgers import SqliteLedger
from invitekit.ledgers._lines import read_lines, write_lines

EXPORT = "outbox.jsonl"


@pytest.fixture
def lines(tmp_path: Path) -> list[str]:
    """The lines of an export; the file is there as well."""
    with open_at(new_file(tmp_path / "source.db")) as ledger:
        path = ledger.export(tmp_path / EXPORT)
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def imported(tmp_path: Path, content: str | bytes) -> ik.SqliteLedger:
    """Import such a file."""
    path = tmp_path / "changed.jsonl"
    path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    return SqliteLedger.from_export(path, tmp_path / "new.db", clock=CLOCK)


def refused(tmp_path: Path, content: str | bytes) -> ik.DocumentError:
    """Import such a file, which must fail, with nothing made."""
    before = sorted(one.name for one in tmp_path.iterdir() if one.name != "changed.jsonl")
    with pytest.raises(ik.DocumentError) as caught:
        imported(tmp_path, content)
    assert sorted(one.name for one in tmp_path.iterdir() if one.name != "changed.jsonl") == before
    assert caught.value.file == str(tmp_path / "changed.jsonl")
    assert caught.value.hint
    check_secretive(caught.value)
    return caught.value


# ── There and back ───────────────────────────────────────────────────────────────────────────────────────────────


def test_there_and_back(tmp_path: Path, lines: list[str]) -> None:
    """All of it is equal: entries, answers, forgotten people; what is made of it is a whole, private ledger."""
    with imported(tmp_path, "".join(lines)) as new, open_at(tmp_path / "source.db") as old:
        assert tuple(new.entries()) == filled_entries()
        assert new.verify()
        assert new.history() == old.history()
        assert new.snapshot() == old.snapshot()
        assert new.context() == old.context()
        assert new.marks() == old.marks()
        assert new.export(tmp_path / "again.jsonl").read_text(encoding="utf-8") == "".join(lines)
        assert new.record(crowd(1)) == old.record(crowd(1))
        assert list(new.entries()) == list(old.entries())
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def test_who_was_forgotten_stays_forgotten(tmp_path: Path, lines: list[str]) -> None:
    assert person(9).slug not in "".join(lines)

    with imported(tmp_path, "".join(lines)) as ledger:
        assert len(ledger.history(person(9))) == 0
        assert [entry.member for entry in ledger.entries() if entry.personal == ""] == [
            entry.member for entry in filled_entries() if entry.personal == ""
        ]


def test_into_memory(tmp_path: Path, lines: list[str]) -> None:
    with SqliteLedger.from_export(tmp_path / EXPORT, ":memory:", clock=CLOCK) as ledger:
        assert tuple(ledger.entries()) == filled_entries()


def test_an_empty_ledger(tmp_path: Path) -> None:
    with open_at(":memory:") as ledger:
        path = ledger.export(tmp_path / EXPORT)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2

    with SqliteLedger.from_export(path, tmp_path / "new.db") as ledger:
        assert list(ledger.entries()) == []
        assert ledger.verify()


def test_the_settings_are_handed_on(tmp_path: Path, lines: list[str]) -> None:
    with SqliteLedger.from_export(tmp_path / EXPORT, tmp_path / "new.db", timeout=0.25) as ledger:
        assert ledger._connection.execute("PRAGMA busy_timeout").fetchone() == (250,)


def test_what_the_lines_say(lines: list[str]) -> None:
    """Plain enough for any other program: times as ISO 8601 with their zone, the rest as JSON."""
    head, *entries, end = map(json.loads, lines)

    assert head == {"invitekit": 1, "kind": "ledger"}
    assert [one["seq"] for one in entries] == list(range(1, len(filled_entries()) + 1))
    assert {one["kind"] for one in entries} <= {kind.value for kind in Kind}
    assert all(one["at"].endswith("+00:00") for one in entries)
    assert all(isinstance(one["facts"], dict) for one in entries)
    assert end.keys() == {"end", "digest"}
    assert end["end"] == len(entries)
    assert sum("personal" in one and one["personal"] is None for one in entries) > 0


text = st.text(st.characters(), max_size=20)
flat = st.dictionaries(
    text, st.one_of(text, st.integers(-(2**53), 2**53), st.booleans(), st.floats(allow_nan=False))
)


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Kind)),
            st.integers(-(10**15), 4 * 10**15),
            st.integers(0, 9),
            flat,
            st.one_of(st.none(), st.just(""), flat),
        ),
        max_size=6,
    )
)
def test_any_entries_come_back(tmp_path_factory: pytest.TempPathFactory, drawn: list[Any]) -> None:
    """Whatever is in them: odd characters, half characters, large numbers."""
    entries = [
        Entry(
            seq,
            kind.value,
            at,
            min(key, seq),
            min(key, seq),
            0,
            compact(facts),
            said if isinstance(said, str) or said is None else compact(said),
        )
        for seq, (kind, at, key, facts, said) in enumerate(drawn, start=1)
    ]
    path = write_lines(entries, tmp_path_factory.getbasetemp() / "any.jsonl")

    assert read_lines(path) == entries


# ── Changed by somebody ──────────────────────────────────────────────────────────────────────────────────────────


def test_each_line_missing(tmp_path: Path, lines: list[str]) -> None:
    for place in range(len(lines)):
        error = refused(tmp_path, "".join(lines[:place] + lines[place + 1 :]))
        # The last one was the end; without it nothing says where the file should have ended.
        assert error.line == (None if place == len(lines) - 1 else place + 1), place


def test_each_line_twice(tmp_path: Path, lines: list[str]) -> None:
    for place in range(len(lines)):
        assert refused(tmp_path, "".join(lines[: place + 1] + lines[place:])).line == place + 2


def test_each_two_lines_swapped(tmp_path: Path, lines: list[str]) -> None:
    for place in range(len(lines) - 1):
        swapped = [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]
        assert refused(tmp_path, "".join(swapped)).line == place + 1


def test_each_line_cut_short(tmp_path: Path, lines: list[str]) -> None:
    """In its middle, with and without what follows."""
    for place, line in enumerate(lines):
        half = line[: len(line) // 2]
        assert refused(tmp_path, "".join([*lines[:place], half])).line == place + 1
        assert refused(tmp_path, "".join([*lines[:place], half + "\n", *lines[place + 1 :]])).line == place + 1


def test_cut_after_each_line(tmp_path: Path, lines: list[str]) -> None:
    for place in range(len(lines)):
        assert "cut short" in refused(tmp_path, "".join(lines[:place])).message


def test_every_line_changed_somewhere(tmp_path: Path, lines: list[str]) -> None:
    """Six characters in each line, personal or not: the line itself is wrong, or the hash in the last says so."""
    random = Random(4)
    last = len(lines)
    for place, line in enumerate(lines):
        for _ in range(6):
            at = random.randrange(len(line) - 1)
            character = random.choice([one for one in 'aZ05{}[]":,- \\é\0' if one != line[at]])
            changed = line[:at] + character + line[at + 1 :]
            content = "".join([*lines[:place], changed, *lines[place + 1 :]])
            path = tmp_path / "changed.jsonl"
            path.write_text(content, encoding="utf-8")
            try:
                # A space where JSON allows one, an upper-case letter in an escape: it says the same.
                assert tuple(read_lines(path)) == filled_entries(), changed
            except ik.DocumentError as error:
                refusal = error
            else:
                continue
            check_secretive(refusal)
            assert refusal.line in (place + 1, last), (place, changed)


@pytest.mark.parametrize(
    "what", [SURNAME, NOTE, '"facts":{"', '"company":"', "vesk-"], ids=["name", "note", "facts", "company", "slug"]
)
def test_a_word_changed(tmp_path: Path, lines: list[str], what: str) -> None:
    """What is personal is covered as well, although a ledger's own hashes leave it out."""
    content = "".join(lines)
    place = content.index(what) + len(what) - 1
    changed = content[:place] + chr(ord(content[place]) ^ 1) + content[place + 1 :]

    assert refused(tmp_path, changed).line is not None


def rewritten(lines: list[str], number: int, **changes: Any) -> str:
    """The file with other values in one line."""
    data = {**json.loads(lines[number]), **changes}
    return "".join(
        [
            *lines[:number],
            compact({key: one for key, one in data.items() if one is not ...}) + "\n",
            *lines[number + 1 :],
        ]
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": 6},
        {"seq": "5"},
        {"seq": True},
        {"seq": 5.0},
        {"seq": None},
        {"kind": "celebrated"},
        {"kind": 1},
        {"at": "2026-03-01T12:00:00"},
        {"at": "yesterday"},
        {"at": 0},
        {"at": None},
        {"account": -1},
        {"account": 6},
        {"member": 2**70},
        {"member": "1"},
        {"member": [1]},
        {"invitation": 1.5},
        {"facts": []},
        {"facts": None},
        {"facts": "{}"},
        {"personal": 1},
        {"personal": []},
        {"personal": "{}"},
        *({key: ...} for key in ("seq", "kind", "at", "account", "member", "invitation", "facts")),
    ],
    ids=str,
)
def test_a_value_that_cannot_be(tmp_path: Path, lines: list[str], changes: dict[str, Any]) -> None:
    assert refused(tmp_path, rewritten(lines, 5, **changes)).line == 6


@pytest.mark.parametrize(
    ("number", "line", "said"),
    [
        (0, '{"invitekit": 2, "kind": "ledger"}', "is of version 2, and this invitekit reads 1"),
        (0, '{"invitekit": 1, "kind": "ledger", "more": 1}', "is of version 1"),
        (0, '{"invitekit": 1, "kind": "plan"}', "is no export of a ledger"),
        (0, '{"invitekit": {"a": [1]}, "kind": "ledger"}', "is of version"),
        (0, "[]", "is no line of an export"),
        (0, "SQLite format 3", "is no line of an export"),
        (3, "null", "is no line of an export"),
        (3, "17", "is no line of an export"),
        (3, "[" * 100_000, "is no line of an export"),
        (3, "9" * 5000, "is no line of an export"),
        (3, "{}", "is no entry"),
        (3, "", "is no line of an export"),
        (3, '{"end": 2, "digest": ""}', "something before it was changed or is missing"),
        (-1, '{"end": 0, "digest": ""}', "something before it was changed or is missing"),
        (-1, '{"end": true}', "something before it was changed or is missing"),
    ],
)
def test_another_line(tmp_path: Path, lines: list[str], number: int, line: str, said: str) -> None:
    changed = lines.copy()
    changed[number] = line + "\n"
    error = refused(tmp_path, "".join(changed))

    assert said in error.message
    assert error.line == (number if number >= 0 else len(lines) + number) + 1


def test_a_newer_version_says_what_to_do(tmp_path: Path, lines: list[str]) -> None:
    lines[0] = '{"invitekit": 2, "kind": "ledger"}\n'

    assert "pip install --upgrade invitekit" in refused(tmp_path, "".join(lines)).hint


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xff\xfe",
        "é".encode("utf-16"),
        b"\0" * 500,
        b"PK\x03\x04",
        b'{"invitekit": 1, "kind": "ledger"}',
    ],
)
def test_another_kind_of_file(tmp_path: Path, content: bytes) -> None:
    refused(tmp_path, content)


def test_a_line_that_is_not_utf_8(tmp_path: Path, lines: list[str]) -> None:
    raw = "".join(lines).encode()
    place = raw.index(SURNAME.encode(), len(raw) // 2)

    assert refused(tmp_path, raw[:place] + b"\xff" + raw[place:]).line == raw[:place].count(b"\n") + 1


def test_other_line_ends_are_no_change(tmp_path: Path, lines: list[str]) -> None:
    """A program for Windows, or a mail, may have put them there."""
    with imported(tmp_path, "".join(lines).replace("\n", "\r\n")) as ledger:
        assert tuple(ledger.entries()) == filled_entries()


@pytest.mark.parametrize("name", ["nowhere.jsonl", ".", "a\0b"])
def test_there_is_no_such_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ik.DocumentError, match="cannot be read") as caught:
        SqliteLedger.from_export(f"{tmp_path}/{name}", tmp_path / "new.db")

    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


# ── Where it goes ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("there", ["a ledger", "something else", "a folder", "a link to nothing"])
def test_nothing_that_is_there_is_touched(tmp_path: Path, lines: list[str], there: str) -> None:
    target = tmp_path / "there.db"
    if there == "a ledger":
        fill(open_at(target)).close()
    elif there == "something else":
        target.write_bytes(b"precious")
    elif there == "a folder":
        target.mkdir()
    else:
        target.symlink_to(tmp_path / "there.db")
    before = target.read_bytes() if target.is_file() else b""
    with pytest.raises(ik.LedgerError) as caught:
        SqliteLedger.from_export(tmp_path / EXPORT, target)

    check_refusal(caught.value, "exists")
    assert (target.read_bytes() if target.is_file() else b"") == before
    assert sorted(one.name for one in tmp_path.iterdir()) == [EXPORT, "source.db", "there.db"]


def test_into_a_folder_that_is_missing(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(ik.LedgerError, match="its folder does not exist") as caught:
        SqliteLedger.from_export(tmp_path / EXPORT, tmp_path / "nowhere" / "new.db")

    check_refusal(caught.value, "missing")


def test_made_by_somebody_else_meanwhile(
    tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the making: theirs stays, and is not mixed with ours."""
    link = os.link

    def late(source: Any, target: Any, **more: Any) -> None:
        if Path(target).name == "new.db" and not Path(target).exists():
            Path(target).write_bytes(b"theirs")
        link(source, target, **more)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(ik.LedgerError) as caught:
        SqliteLedger.from_export(tmp_path / EXPORT, tmp_path / "new.db")

    check_refusal(caught.value, "exists")
    assert (tmp_path / "new.db").read_bytes() == b"theirs"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["new.db", EXPORT, "source.db"]


def test_an_import_that_fails_leaves_nothing(
    tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even an empty ledger, which the next program would take for the history."""

    class Full(sqlite3.Connection):
        def executemany(self, *_: Any) -> Any:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *rest, **more: connect(*rest, factory=Full, **more))
    with pytest.raises(ik.LedgerError) as caught:
        SqliteLedger.from_export(tmp_path / EXPORT, tmp_path / "new.db")

    check_refusal(caught.value, "full")
    assert sorted(one.name for one in tmp_path.iterdir()) == [EXPORT, "source.db"]


# ── Exporting ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name", ["outbox.db", "outbox.db-lock", "outbox.db-journal", "link.db", "sub/../outbox.db"]
)
def test_never_onto_the_ledger_itself(tmp_path: Path, name: str) -> None:
    """Nor onto what belongs to it, whatever way leads there."""
    path = new_file(tmp_path / "outbox.db")
    (tmp_path / "link.db").symlink_to(path)
    (tmp_path / "sub").mkdir()
    with open_at(path) as ledger, ledger.claim():
        with pytest.raises(ik.LedgerError, match="the ledger itself") as caught:
            ledger.export(tmp_path / name)
        check_refusal(caught.value, "exists")

        assert tuple(ledger.entries()) == filled_entries()
    assert (tmp_path / "link.db").is_symlink()


def test_a_damaged_ledger_is_not_exported(tmp_path: Path) -> None:
    """And an earlier export at that place stays."""
    (tmp_path / EXPORT).write_text("earlier")
    with open_at(new_file(tmp_path / "outbox.db")) as ledger:
        ledger._connection.execute("DELETE FROM personal WHERE entry = 20")
        with pytest.raises(ik.LedgerError) as caught:
            ledger.export(tmp_path / EXPORT)

    check_refusal(caught.value, "corrupt")
    assert (tmp_path / EXPORT).read_text() == "earlier"
    assert len(list(tmp_path.iterdir())) == 2


def test_an_export_that_cannot_be_written(tmp_path: Path) -> None:
    with open_at(new_file(tmp_path / "outbox.db")) as ledger:
        with pytest.raises(ik.DataError, match="cannot be written") as caught:
            ledger.export(tmp_path / "nowhere" / EXPORT)
        check_secretive(caught.value)
