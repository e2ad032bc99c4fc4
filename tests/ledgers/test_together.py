"""LG-10: many read while one writes, and two who write at once lose nothing and record nothing twice."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.history.builders import day
from tests.ledgers.invented import crowd, filled_entries, new_file, open_at, person, read, week
from tests.ledgers.processes import Other, needs_forks, reads, records, writes

import invitekit as ik
from invitekit.history import Kind
from invitekit.ledgers import _sqlite

ROUNDS = 300 if os.environ.get("INVITEKIT_HYPOTHESIS_PROFILE") == "long" else 25


# ── Processes ────────────────────────────────────────────────────────────────────────────────────────────────────


@needs_forks
def test_four_read_while_one_writes(tmp_path: Path) -> None:
    """No reader waits longer than its patience, none sees half a change or a shorter history; no write fails."""
    path = new_file(tmp_path / "outbox.db")
    with ExitStack() as stack:
        readers = [stack.enter_context(Other(reads, str(path))) for _ in range(4)]
        writer = stack.enter_context(Other(writes, str(path), ROUNDS))
        for other in (*readers, writer):
            other.hear()
        writer.tell()
        wrong = writer.hear()
        for reader in readers:
            reader.tell()
        told = [reader.hear() for reader in readers]

    assert wrong == []
    assert [one["wrong"] for one in told] == [[]] * 4
    assert max(one["longest"] for one in told) < 5
    assert min(one["rounds"] for one in told) >= 3
    with open_at(path) as ledger:
        assert ledger.verify()
        assert sum(entry.kind == Kind.FORGOTTEN for entry in ledger.entries()) == ROUNDS + 1


@needs_forks
def test_two_who_record_the_same_record_it_once(tmp_path: Path) -> None:
    """Two terminals, or a cell run twice: whoever comes second finds that there is nothing to add."""
    expected = new_file(tmp_path / "expected.db")
    with open_at(expected) as ledger:
        added = ledger.record(week(3)).entries
    for attempt in range(5):
        path = new_file(tmp_path / f"{attempt}.db")
        with ExitStack() as stack:
            others = [stack.enter_context(Other(records, str(path), 3)) for _ in range(3)]
            for other in others:
                other.hear()
            for other in others:
                other.tell()
            told = sorted(other.hear() for other in others)

        assert told == [0, 0, added]
        assert read(path) == read(expected)


@needs_forks
def test_two_who_record_different_things_record_both(tmp_path: Path) -> None:
    path = new_file(tmp_path / "outbox.db")
    with Other(writes, str(path), 8) as one, Other(records, str(path), 3) as two:
        one.hear()
        two.hear()
        one.tell()
        two.tell()
        assert one.hear() == []
        assert two.hear() > 0

    with open_at(path) as ledger:
        assert ledger.verify()
        assert ledger.record(week(3)).entries == 0
        # Nobody is new but those who were forgotten meanwhile.
        assert [len(ledger.record(crowd(number, 20)).new) for number in range(8)] == [1] * 8


# ── One after the other, in the worst order ──────────────────────────────────────────────────────────────────────


def test_somebody_writes_between_two_looks_of_a_reader(tmp_path: Path) -> None:
    """Whatever lies between two statements of a reader: what it reads is whole, as it was at some moment."""
    path = new_file(tmp_path / "outbox.db")
    written = [len(filled_entries())]
    with open_at(path) as reader, open_at(path) as writer:

        def write(_: str) -> None:
            number = len(written) + 2
            writer.record(week(number))
            writer.forget(person(number + 10))
            written.append(len(list(writer.entries())))

        reader._connection.set_trace_callback(write)
        looks = [len(list(reader.entries())), reader.verify(), len(list(reader.entries(after=written[0])))]
        reader._connection.set_trace_callback(None)

        assert looks[0] in written
        assert looks[1]
        assert looks[1].entries in written
        assert looks[2] + written[0] in written
        assert len(written) >= 8
        assert list(reader.entries()) == list(writer.entries())


def test_somebody_is_forgotten_while_another_reads_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing in the pieces that come later was erased, and is no damage."""
    monkeypatch.setattr(_sqlite, "_CHUNK", 5)
    path = new_file(tmp_path / "outbox.db")
    with open_at(path) as reader, open_at(path) as writer:
        begun = reader.entries()
        first = next(begun)
        assert writer.forget(person(11)).entries > 0
        rest = list(begun)

        assert [entry.seq for entry in (first, *rest)] == list(range(1, len(filled_entries()) + 1))
        assert "" in [entry.personal for entry in rest]
        assert reader.history(person(11)) == writer.history(person(11))
        assert len(reader.history(person(11))) == 0
        assert reader.verify()


def test_erased_without_being_forgotten_is_damage_also_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The leniency above is for those who were forgotten, not for everybody whenever somebody is."""
    monkeypatch.setattr(_sqlite, "_CHUNK", 5)
    path = new_file(tmp_path / "outbox.db")
    with open_at(path) as reader, open_at(path) as writer:
        begun = reader.entries()
        next(begun)
        writer.forget(person(11))
        writer._connection.execute("DELETE FROM personal WHERE entry = 20")
        with pytest.raises(ik.LedgerError, match="entry 20: its personal part is missing"):
            list(begun)


def test_somebody_else_writes_between_reading_and_writing(tmp_path: Path) -> None:
    """What was worked out is worked out again, as often as it takes."""
    path = new_file(tmp_path / "outbox.db")
    with open_at(path) as one, open_at(path) as other:
        interruptions = 0
        append = one.append

        def late(*rest: object, **more: object) -> None:
            nonlocal interruptions
            if interruptions < 3:
                other.tag(person(12 + interruptions), "in-between")
                interruptions += 1
            append(*rest, **more)  # type: ignore[arg-type]

        one.append = late  # type: ignore[method-assign]
        changes = one.record(week(3))

        assert interruptions == 3
        assert changes.entries > 0
        assert one.verify()
        assert list(one.entries()) == list(other.entries())
        assert len(other.marks()) == len(one.marks()) >= 3
        assert other.record(week(3)).entries == 0


def test_an_append_at_the_wrong_place_is_a_conflict(tmp_path: Path) -> None:
    path = new_file(tmp_path / "outbox.db")
    with open_at(path) as ledger:
        last = filled_entries()[-1]
        for place in (1, last.seq, last.seq + 2):
            with pytest.raises(ik.LedgerError, match="somebody else") as caught:
                ledger.append([last._replace(seq=place)])
            assert caught.value.code == "conflict"
        assert tuple(ledger.entries()) == filled_entries()

        ledger.append([])
        assert tuple(ledger.entries()) == filled_entries()


# ── Threads ──────────────────────────────────────────────────────────────────────────────────────────────────────


def all_at_once(*calls: Callable[[], object]) -> list[BaseException]:
    """Do things in as many threads, started together; the errors."""
    start, errors = threading.Barrier(len(calls)), list[BaseException]()

    def run(call: Callable[[], object]) -> None:
        start.wait(30)
        try:
            call()
        except BaseException as error:  # noqa: BLE001  it is the test's to look at
            errors.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.mark.parametrize("shared", [True, False], ids=["one object", "eight objects"])
def test_eight_threads(tmp_path: Path, shared: bool) -> None:
    """They record, mark, forget, ask and verify; all of it arrives, and all is as if one had done it."""
    path = new_file(tmp_path / "outbox.db")
    ledgers = [open_at(path, timeout=30) for _ in range(1 if shared else 8)]

    def work(ledger: ik.SqliteLedger, number: int) -> None:
        for turn in range(3):
            ledger.record(crowd(10 * number + turn, 5))
            ledger.tag(person(10_000 * number), f"turn-{turn}")
            ledger.forget(person(1000 * (10 * number + turn) + 4))
            assert len(ledger.history(person(10_000 * number))) >= 1
            assert ledger.verify()
            assert ledger.record(crowd(10 * number + turn, 5)).entries <= 2

    try:
        errors = all_at_once(*(lambda n=n: work(ledgers[n % len(ledgers)], n) for n in range(8)))
        assert errors == []
        contents = {tuple(ledger.entries()) for ledger in ledgers}
        assert len(contents) == 1
        first = ledgers[0]
        assert first.verify()
        marks = {(mark.member.slug, mark.tag) for mark in first.marks() if mark.tag.startswith("turn-")}
        assert marks == {(person(10_000 * n).slug, f"turn-{turn}") for n in range(8) for turn in range(3)}
        with open_at(path) as fresh:
            assert fresh.history() == first.history()
            assert sum(entry.kind == Kind.FORGOTTEN for entry in fresh.entries()) == 8 * 3 + 1
    finally:
        for ledger in ledgers:
            ledger.close()


def test_eight_threads_that_record_the_same(tmp_path: Path) -> None:
    path = new_file(tmp_path / "outbox.db")
    counts: list[int] = []
    with open_at(path) as ledger:
        assert all_at_once(*[lambda: counts.append(ledger.record(week(3)).entries)] * 8) == []

    assert sorted(counts)[:7] == [0] * 7
    assert sorted(counts)[7] > 0


def test_eight_threads_that_make_the_file(tmp_path: Path) -> None:
    """One makes it, the others find it, whole."""
    path = tmp_path / "outbox.db"

    def make() -> None:
        with open_at(path, timeout=30) as ledger:
            ledger.record(week(1))

    assert all_at_once(*[make] * 8) == []
    assert [one.name for one in tmp_path.iterdir()] == ["outbox.db"]
    with open_at(path) as ledger, open_at(":memory:") as expected:
        expected.record(week(1))
        assert list(ledger.entries()) == list(expected.entries())


def test_closed_by_one_thread_while_others_use_it(tmp_path: Path) -> None:
    """They are told so; nothing else happens."""
    path = new_file(tmp_path / "outbox.db")
    ledger = open_at(path)

    def use() -> None:
        for number in range(100):
            ledger.tag(person(number), "x", why=f"{day(number)}")
            list(ledger.entries())

    errors = all_at_once(use, use, use, lambda: (ledger.history(), ledger.close()))

    assert {(type(error), getattr(error, "code", "")) for error in errors} == {(ik.LedgerError, "closed")}
    with open_at(path) as again:
        assert again.verify()
