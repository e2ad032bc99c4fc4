"""LG-4 and EX-7: who finds a ledger locked waits as long as was asked and says who has it; one claim at a time."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from tests.ledgers.invented import check_refusal, fill, new_file, open_at, person, week
from tests.ledgers.processes import (
    Other,
    can_write,
    claims,
    elsewhere,
    forks,
    forks_during,
    hold,
    keeps_claim,
    needs_forks,
    needs_linux,
    seconds,
)

import invitekit as ik
from invitekit.ledgers import _file

pytestmark = needs_forks


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A ledger with something in it."""
    return str(new_file(tmp_path / "outbox.db"))


@pytest.fixture
def holder(path: str) -> Iterator[Other]:
    """A process that has the whole file for itself."""
    with Other(hold, path) as other:
        other.hear()
        yield other


# ── Waiting ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("timeout", [0.3, 1.0])
def test_it_waits_as_long_as_was_asked(path: str, holder: Other, timeout: float) -> None:
    """Within a tenth. It never gives up early; late it may be when the machine is, so the best of five counts."""
    waits: list[float] = []
    while len(waits) < 5 and not (waits and min(waits) <= timeout * 1.1):
        waits.append(seconds(lambda: open_at(path, timeout=timeout)))

    assert all(wait >= timeout * 0.9 for wait in waits), waits
    assert min(waits) <= timeout * 1.1, waits


def test_so_does_one_that_is_open_already(path: str) -> None:
    with open_at(path, timeout=0.3) as ledger, Other(hold, path) as other:
        other.hear()
        waits = [seconds(lambda: ledger.record(week(3))), seconds(lambda: list(ledger.entries()))]

        assert all(wait >= 0.27 for wait in waits), waits


def test_without_patience_it_does_not_wait(path: str, holder: Other) -> None:
    assert min(seconds(lambda: open_at(path, timeout=0)) for _ in range(3)) < 0.1


@needs_linux
def test_the_error_names_who_has_it(path: str, holder: Other) -> None:
    with pytest.raises(ik.LedgerError) as caught:
        open_at(path, timeout=0)

    assert caught.value.holder == f"process {holder.pid}"
    assert caught.value.holder in str(caught.value)
    check_refusal(caught.value, "busy")


@needs_linux
def test_also_when_the_path_has_odd_characters_and_the_folder_was_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the error shows is not always where the file is."""
    monkeypatch.chdir(tmp_path)
    odd = "out\u202ebox.db"
    ledger = fill(open_at(odd, timeout=0))
    monkeypatch.chdir("/")
    with ledger, Other(hold, str(tmp_path / odd)) as other:
        other.hear()
        with pytest.raises(ik.LedgerError) as caught:
            ledger.record(week(3))

        assert caught.value.holder == f"process {other.pid}"
    assert caught.value.file == "out\\u202ebox.db"


def test_elsewhere_it_names_nobody(path: str, holder: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system does not tell, the error says no more than it knows."""
    monkeypatch.setattr(_file, "holder", lambda _: "")

    with pytest.raises(ik.LedgerError, match="somebody else holds it") as caught:
        open_at(path, timeout=0)

    assert caught.value.holder == ""
    check_refusal(caught.value, "busy")


@pytest.mark.parametrize(
    "lines",
    ["", "nonsense\n", "1: POSIX ADVISORY WRITE\n", "1: POSIX  ADVISORY  WRITE x 08:02:{inode} 0 EOF\n", "é\n"],
)
def test_a_system_that_tells_something_odd_is_no_error(
    path: str, monkeypatch: pytest.MonkeyPatch, lines: str
) -> None:
    told = lines.format(inode=Path(path).stat().st_ino)
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: told)

    assert _file.holder(path) == ""


def test_only_who_holds_this_file_is_named(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not who holds another file, waits for this one, or has a lock that SQLite does not look at."""
    told = (
        f"1: POSIX  ADVISORY  WRITE {os.getpid()} 08:02:{Path(path).stat().st_ino} 1073741824 1073741825\n"
        f"2: POSIX  ADVISORY  READ 4001 08:02:{Path(path).stat().st_ino} 1073741826 1073742335\n"
        f"2: POSIX  ADVISORY  READ 4001 08:02:{Path(path).stat().st_ino} 120 120\n"
        f"3: POSIX  ADVISORY  WRITE 4002 08:02:1{Path(path).stat().st_ino} 0 EOF\n"
        f"4: FLOCK  ADVISORY  WRITE 4003 08:02:{Path(path).stat().st_ino} 0 EOF\n"
        f"4: -> POSIX  ADVISORY  WRITE 4004 08:02:{Path(path).stat().st_ino} 0 EOF\n"
        f"5: OFDLCK ADVISORY  WRITE -1 08:02:{Path(path).stat().st_ino} 0 EOF\n"
    )
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: told)

    assert sorted(_file.holder(path).split(" and ")) == ["process 4001", "this process"]


def test_a_lock_released_in_time_is_no_error(path: str) -> None:
    """Another writer's commit takes milliseconds: patience is what makes that invisible."""
    with open_at(path, timeout=20) as ledger, Other(hold, path, 0.3) as other:
        other.hear()
        changes = ledger.record(week(3))

        assert changes.entries > 0
        other.hear()


def test_a_reader_does_not_keep_out_a_writer_for_good(path: str) -> None:
    """Who reads in pieces, and stops in the middle, holds nothing meanwhile."""
    with open_at(path) as reader:
        begun = reader.entries()
        next(begun)

        assert elsewhere(can_write, path)
        assert len(list(begun)) > 1


def test_while_it_is_locked_nothing_is_made_beside_it(path: str, holder: Other) -> None:
    before = sorted(one.name for one in Path(path).parent.iterdir())
    with pytest.raises(ik.LedgerError):
        open_at(path, timeout=0)

    assert sorted(one.name for one in Path(path).parent.iterdir()) == before


# ── The claim ────────────────────────────────────────────────────────────────────────────────────────────────────


def claim_is_refused(ledger: ik.SqliteLedger, holder: str | None) -> None:
    """Trying to claim fails at once, naming the holder (None: not looked at)."""
    errors: list[ik.LedgerError] = []

    def attempt() -> None:
        with pytest.raises(ik.LedgerError) as caught, ledger.claim():
            pass
        errors.append(caught.value)

    assert min(seconds(attempt) for _ in range(3)) < 0.5
    check_refusal(errors[0], "busy")
    assert "carrying out a plan" in str(errors[0])
    if holder is not None and sys.platform == "linux":
        assert errors[0].holder == holder


def test_a_second_claim_is_refused_in_the_same_thread(path: str) -> None:
    """A notebook cell that is run twice."""
    with open_at(path) as ledger, ledger.claim():
        claim_is_refused(ledger, "this process")


def test_the_refused_second_claim_leaves_the_first(path: str) -> None:
    with open_at(path) as ledger, ledger.claim():
        claim_is_refused(ledger, "this process")

        assert elsewhere(claims, path)


def test_a_second_object_of_the_same_file_is_refused(path: str) -> None:
    with open_at(path) as ledger, open_at(path) as again, ledger.claim():
        claim_is_refused(again, "this process")


def test_another_thread_is_refused(path: str) -> None:
    failures: list[BaseException] = []

    def attempt() -> None:
        try:
            claim_is_refused(ledger, "this process")
        except BaseException as error:  # noqa: BLE001  raised again below
            failures.append(error)

    with open_at(path) as ledger, ledger.claim():
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()

    assert failures == []


def test_of_eight_threads_one_gets_it(path: str) -> None:
    """On one object, and on eight objects of one file."""
    for shared in (True, False):
        ledgers = [open_at(path) for _ in range(1 if shared else 8)]
        start, hold_on = threading.Barrier(8), threading.Barrier(8)
        results: list[str] = []

        def attempt(
            ledger: ik.SqliteLedger, start: threading.Barrier, hold_on: threading.Barrier, results: list[str]
        ) -> None:
            start.wait(30)
            try:
                with ledger.claim():
                    results.append("claimed")
                    hold_on.wait(30)
            except ik.LedgerError as error:
                results.append(error.code)
                hold_on.wait(30)

        threads = [
            threading.Thread(target=attempt, args=(ledgers[one % len(ledgers)], start, hold_on, results))
            for one in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for ledger in ledgers:
            ledger.close()

        assert sorted(results) == ["busy"] * 7 + ["claimed"]


def test_another_process_is_refused(path: str) -> None:
    with Other(keeps_claim, path) as other, open_at(path) as ledger:
        other.hear()
        claim_is_refused(ledger, f"process {other.pid}")

        other.tell()
        other.hear()
        with ledger.claim():
            pass


def test_after_kill_9_of_its_owner_it_is_free_at_once(path: str) -> None:
    """No lease has to run out, and no file has to be deleted."""
    with Other(keeps_claim, path) as other, open_at(path) as ledger:
        other.hear()
        other.kill()

        with ledger.claim():
            assert elsewhere(claims, path)


def test_it_is_free_after_the_context_is_left_with_an_error(path: str) -> None:
    with open_at(path) as ledger:
        with pytest.raises(RuntimeError), ledger.claim():
            raise RuntimeError

        assert elsewhere(claims, path) == ""


def test_who_claims_it_does_not_lock_the_ledger(path: str) -> None:
    """Others read and write while a plan is carried out: a snapshot can be recorded meanwhile."""
    with open_at(path) as ledger, ledger.claim():
        assert elsewhere(can_write, path)


def test_two_ways_to_one_file_lead_to_one_claim(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link, a relative path, a folder that was left since: the lock stands beside the file itself."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "link.db").symlink_to(path)
    monkeypatch.chdir(tmp_path)
    relative = open_at("outbox.db")
    monkeypatch.chdir("/")

    with relative, open_at(tmp_path / "elsewhere" / "link.db") as linked:
        with relative.claim():
            claim_is_refused(linked, "this process")
            assert elsewhere(claims, path)
        with linked.claim():
            claim_is_refused(relative, "this process")
            assert elsewhere(claims, path)
    assert [one.name for one in (tmp_path / "elsewhere").iterdir()] == ["link.db"]


def test_in_memory_it_is_claimed_once_as_well() -> None:
    with open_at(":memory:") as ledger:
        with ledger.claim():
            claim_is_refused(ledger, "this process")
        with ledger.claim():
            pass


@pytest.mark.parametrize("content", [b"", b"no lock at all", b"SQLite format 3\0" + b"\xff" * 200])
def test_a_lock_file_that_is_none(path: str, content: bytes) -> None:
    """It is either used as it is (an empty file can be locked, too), or named, and the ledger is not blamed."""
    Path(f"{path}-lock").write_bytes(content)

    with open_at(path) as ledger:
        if not content:
            with ledger.claim():
                assert elsewhere(claims, path)
        else:
            with pytest.raises(ik.LedgerError) as caught, ledger.claim():
                pass
            check_refusal(caught.value, "corrupt")
            assert caught.value.file == f"{path}-lock"
            assert "Delete the lock" in caught.value.hint
        assert ledger.verify()
    assert Path(f"{path}-lock").read_bytes() == content


# ── What must not drop a lock ────────────────────────────────────────────────────────────────────────────────────


def opened(ledger: ik.SqliteLedger, path: str) -> None:
    with open_at(path) as again:
        assert list(again.entries())


def opened_in_vain(ledger: ik.SqliteLedger, path: str) -> None:
    class Older(ik.SqliteLedger):
        _schema = _file.Schema(0, ())

    with pytest.raises(ik.LedgerError, match="newer"):
        Older(path)


def in_vain(use: Callable[[ik.SqliteLedger, str], object]) -> Callable[[ik.SqliteLedger, str], object]:
    """Something that is refused."""

    def attempt(ledger: ik.SqliteLedger, path: str) -> None:
        with pytest.raises(ik.LedgerError):
            use(ledger, path)

    return attempt


USES: dict[str, Callable[[ik.SqliteLedger, str], object]] = {
    "another object is opened, read and closed": opened,
    "another object is opened in vain": opened_in_vain,
    "verify": lambda ledger, path: ledger.verify(),
    "export": lambda ledger, path: ledger.export(f"{path}.jsonl"),
    "export onto itself": in_vain(lambda ledger, path: ledger.export(path)),
    "export onto the lock": in_vain(lambda ledger, path: ledger.export(f"{path}-lock")),
    "import onto it": in_vain(lambda ledger, path: type(ledger).from_export(ledger.export(f"{path}.jsonl"), path)),
    "backups": lambda ledger, path: ledger.backups(),
    "record": lambda ledger, path: ledger.record(week(3)),
    "history": lambda ledger, path: ledger.history(),
    "forget": lambda ledger, path: ledger.forget(person(11)),
    "a claim is refused": lambda ledger, path: claim_is_refused(ledger, "this process"),
    "who holds it": lambda ledger, path: (_file.holder(path), _file.holder(f"{path}-lock")),
    "close": lambda ledger, path: ledger.close(),
}
OTHER_USES = {name: use for name, use in USES.items() if name != "a claim is refused"} | {
    "it is claimed": lambda ledger, path: ledger.claim().__enter__()
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_claim_survives_whatever_else_is_done(path: str, use: Callable[[ik.SqliteLedger, str], object]) -> None:
    """H21: a plain open and close of the lock, in the process that holds it, would drop it for all others."""
    with open_at(path) as ledger:
        with ledger.claim():
            use(ledger, path)

            assert elsewhere(claims, path)
        assert elsewhere(claims, path) == ""


@pytest.mark.parametrize("use", OTHER_USES.values(), ids=OTHER_USES)
def test_so_does_a_lock_on_the_ledger_itself(path: str, use: Callable[[ik.SqliteLedger, str], object]) -> None:
    """Somebody in this process is in the middle of a write when another part of it looks at the same file."""
    with open_at(path, timeout=0) as ledger, closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with suppress(ik.LedgerError):  # It is busy, after all.
            use(ledger, path)

        assert not elsewhere(can_write, path)
        writer.execute("ROLLBACK")
        assert elsewhere(can_write, path)


def test_that_would_be_seen(path: str) -> None:
    """The two tests above can fail: a plain open is enough."""
    with open_at(path) as ledger, ledger.claim():
        Path(f"{path}-lock").open("rb").close()

        assert elsewhere(claims, path) == ""


# ── Forks ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("claimed", [True, False])
def test_a_forked_child_opens_its_own(path: str, claimed: bool) -> None:
    """What the child inherits raises, whatever the use; the parent's lock and connection work on."""
    told = elsewhere(forks, path, claimed)

    assert told == {"child": REFUSED, "claimed": claimed, "ok": True}


REFUSED = ["forked"] * 7 + ["own"]


def test_a_fork_waits_for_a_write_to_end(path: str) -> None:
    """Else the child would take SQLite's locks for its own, and tidy up what its parent is writing."""
    told = elsewhere(forks_during, path, "write")

    assert told["child"] == [False, *REFUSED]
    assert told["ok"]


def test_a_child_does_not_wait_for_a_thread_that_it_has_not(path: str) -> None:
    """Another thread of the parent was working out what to write."""
    told = elsewhere(forks_during, path, "turn")

    assert told["child"] == [False, *REFUSED]
    assert told["ok"]


def test_it_is_not_pickled(path: str) -> None:
    """For instance by multiprocessing, to hand it to another process."""
    import copy
    import pickle

    with open_at(path) as ledger:
        for use in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="open the file again"):
                use(ledger)
