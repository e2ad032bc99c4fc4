"""Other processes, and what they do to a ledger.

They are forked from a process that has imported everything and does nothing else, so that one costs a few
milliseconds and inherits no thread, lock or connection of the tests.
"""

from __future__ import annotations

import functools
import gc
import itertools
import json
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

import pytest
from tests.ledgers.invented import crowd, first_export, open_at, person, week

import invitekit as ik

needs_forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked and killed as POSIX has it")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells everybody who holds a lock")

PATIENCE = 60
"""How long a test waits for another process before it fails, in seconds."""

Task = Callable[..., Any]


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes, be it with an error of the ledger."""
    start = time.perf_counter()  # noqa: TID251  what is measured is how long somebody really waits
    with suppress(ik.LedgerError):
        call()
    return time.perf_counter() - start  # noqa: TID251


@functools.cache
def _forks() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["invitekit.ledgers", "invitekit.testing", __name__])
    return context


class Other:
    """Another process that does one of the tasks below, and can be talked to; killed when the context is left."""

    def __init__(self, task: Task, *args: object) -> None:
        self.pipe, theirs = _forks().Pipe()
        self.process = _forks().Process(target=_do, args=(theirs, task, args), daemon=False)
        self.process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """The number by which errors name it."""
        return int(self.process.pid)

    def hear(self) -> Any:
        """Wait for the next thing it says."""
        if not self.pipe.poll(PATIENCE):
            pytest.fail("the other process says nothing")
        what, value = self.pipe.recv()
        if what == "error":
            pytest.fail(f"the other process failed:\n{value}")
        return value

    def tell(self, value: object = None) -> None:
        """Say something to it."""
        self.pipe.send(value)

    def kill(self) -> None:
        """Kill it on the spot, and wait until it is gone."""
        self.process.kill()
        self.process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.process.close()
        self.pipe.close()


def elsewhere(task: Task, *args: object) -> Any:
    """Do a task in another process, and give what it returns."""
    with Other(task, *args) as other:
        return other.hear()


class Here:
    """The other end: what a task says and hears."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe

    def say(self, value: object = None) -> None:
        """Say something to the test."""
        self.pipe.send(("said", value))

    def hear(self) -> Any:
        """Wait for what the test says."""
        return self.pipe.recv()


def _do(pipe: Connection, task: Task, args: tuple[object, ...]) -> None:
    try:
        pipe.send(("said", task(Here(pipe), *args)))
    except EOFError:
        pass  # The test is over.
    except BaseException:  # noqa: BLE001  the test is to hear of it
        pipe.send(("error", traceback.format_exc()))


# ── Locks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def hold(here: Here, path: str, seconds: float | None = None) -> None:
    """Hold the whole file as a writer does while it commits: until told to let go, or for some time."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    here.say()
    if seconds is None:
        here.hear()
    else:
        time.sleep(seconds)  # noqa: TID251  in a process of its own
    connection.execute("ROLLBACK")
    connection.close()


def claims(here: Here, path: str) -> str:
    """Try to claim a ledger: who has it, or nothing if nobody had."""
    with open_at(path) as ledger, ExitStack() as stack:
        try:
            stack.enter_context(ledger.claim())
        except ik.LedgerError as error:
            if error.code != "busy":
                raise
            return error.holder or "somebody"
        return ""


def keeps_claim(here: Here, path: str) -> None:
    """Claim a ledger until told to let go."""
    with open_at(path) as ledger, ledger.claim():
        here.say()
        here.hear()


def can_write(here: Here, path: str) -> bool:
    """Whether a ledger can be written at this moment."""
    with open_at(path, timeout=0) as ledger:
        try:
            ledger.tag(person(6), f"seen-by-{os.getpid()}")
        except ik.LedgerError as error:
            if error.code != "busy":
                raise
            return False
        return True


# ── Deaths ───────────────────────────────────────────────────────────────────────────────────────────────────────


def dies_while_it_writes(here: Here, path: str) -> None:
    """Be killed when half of what is written has reached the file, and the journal holds what was there."""
    ledger = open_at(path)
    ledger._connection.execute("PRAGMA cache_size = 1")  # Whatever is changed goes to the file at once.

    def die(statement: str) -> None:
        if statement.startswith("INSERT INTO appends"):
            os.kill(os.getpid(), signal.SIGKILL)

    ledger._connection.set_trace_callback(die)
    ledger.record(week(3))


# ── Full disks ───────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def allowed_again(which: int, limit: int) -> Generator[None]:
    """Set a limit of the system's for this process, and lift it afterwards."""
    import resource

    before = resource.getrlimit(which)
    resource.setrlimit(which, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(which, before)


def fills_a_small_disk(folder: str) -> None:
    """Record until the disk is full; print what came of it, and of reading, and of the next try with more room."""
    path, ballast = Path(folder) / "outbox.db", Path(folder) / "ballast"
    ballast.write_bytes(bytes(200_000))
    told: dict[str, object] = {}
    with open_at(path) as ledger:
        ledger.record(first_export())
        for number in itertools.count(1):
            before = list(ledger.entries())
            try:
                ledger.record(crowd(number))
            except ik.LedgerError as error:
                told["error"], told["hint"] = error.code, error.hint
                told["intact"] = list(ledger.entries()) == before and bool(ledger.verify())
                break
        try:
            ledger.export(Path(folder) / "outbox.jsonl")
        except ik.DataError as error:
            told["export"] = str(error)
        told["exported"] = (Path(folder) / "outbox.jsonl").exists()
    with open_at(path) as ledger:
        told["opens"] = list(ledger.entries()) == before and bool(ledger.verify())
        told["files"] = sorted(one.name for one in Path(folder).iterdir())
        ballast.unlink()
        told["recovers"] = ledger.record(crowd(number)).entries > 0 and bool(ledger.verify())
    print(json.dumps(told))  # noqa: T201  to the process that started this one


# ── Forks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def forks(here: Here, path: str, claimed: bool) -> dict[str, object]:
    """Fork with an open ledger, use it in the child, and go on in the parent.

    Args:
        here: The test.
        path: The ledger.
        claimed: Whether it is claimed at the moment of the fork.
    """
    with open_at(path) as ledger, ExitStack() as stack:
        if claimed:
            stack.enter_context(ledger.claim())
        said = _ask_child(lambda: _in_child(ledger, path))
        claimed_still = _locked_for_others(path)
        ledger.record(week(3))
        return {"child": said, "claimed": claimed_still, "ok": bool(ledger.verify())}


def forks_during(here: Here, path: str, moment: str) -> dict[str, object]:
    """Fork while another thread is in the middle of something.

    Args:
        here: The test.
        path: The ledger.
        moment: ``write`` for a transaction; ``turn`` for the time before it, when it is worked out what to write.
    """
    reached, go_on = threading.Event(), threading.Event()

    def pause(statement: str) -> None:
        if statement.startswith("INSERT INTO appends"):
            reached.set()
            go_on.wait(0.3)

    def work() -> None:
        if moment == "write":
            ledger._connection.set_trace_callback(pause)
            ledger.record(week(3))
        else:
            with ledger._turn:
                reached.set()
                go_on.wait(PATIENCE)

    with open_at(path) as ledger:
        thread = threading.Thread(target=work)
        thread.start()
        reached.wait(PATIENCE)
        said = _ask_child(lambda: [ledger._connection.in_transaction, *_in_child(ledger, path)])
        go_on.set()
        thread.join()
        return {"child": said, "ok": bool(ledger.verify()), "entries": len(list(ledger.entries()))}


def _ask_child(question: Callable[[], object]) -> object:
    """Fork, and ask the child; it ends as a program does, with everything tidied up that can be."""
    into, out = os.pipe()
    child = os.fork()
    if child == 0:
        answer = question()
        del question
        gc.collect()
        os.write(out, json.dumps(answer).encode())
        os._exit(0)
    os.close(out)
    with os.fdopen(into) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return json.loads(said)


def _locked_for_others(path: str) -> bool:
    """Whether the lock keeps out a program that has nothing to do with this one."""
    script = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)\n"
        "try: connection.execute('BEGIN EXCLUSIVE')\n"
        "except sqlite3.OperationalError: sys.exit(9)\n"
    )
    return subprocess.run([sys.executable, "-ISc", script, f"{path}-lock"], check=False).returncode == 9


def _in_child(ledger: ik.SqliteLedger, path: str) -> list[str]:
    codes: list[str] = []
    for use in (
        lambda: list(ledger.entries()),
        lambda: ledger.record(week(3)),
        lambda: ledger.tag(person(6), "child"),
        ledger.history,
        ledger.verify,
        lambda: ledger.claim().__enter__(),
        lambda: ledger.export(f"{path}.jsonl"),
    ):
        try:
            use()
        except ik.LedgerError as error:
            codes.append(error.code)
        else:
            codes.append("no error")
    ledger.close()
    # What it opens itself is its own.
    with open_at(path) as own:
        codes.append("own" if own.verify() else "broken")
        own.tag(person(6), "child")
    return codes


# ── Together ─────────────────────────────────────────────────────────────────────────────────────────────────────


def records(here: Here, path: str, number: int) -> int:
    """Record what a service lists in a week as soon as told to; how many entries that added."""
    with open_at(path) as ledger:
        here.say()
        here.hear()
        return ledger.record(week(number)).entries


def reads(here: Here, path: str) -> dict[str, object]:
    """Read, in several ways, until told to stop: how often, how long it took at most, and what was wrong."""
    rounds, longest, seen = 0, 0.0, 0
    wrong: list[str] = []
    with open_at(path) as kept:
        here.say()
        while not here.pipe.poll():
            start = time.perf_counter()  # noqa: TID251  see above
            try:
                with open_at(path) as ledger:
                    entries = list(ledger.entries())
                    if not ledger.verify():
                        wrong.append(f"not whole: {ledger.verify()}")
                again = list(kept.entries())
                kept.history()
            except ik.LedgerError as error:
                wrong.append(str(error))
                continue
            if not seen <= len(entries) <= len(again):
                wrong.append(f"read {seen}, {len(entries)} and {len(again)} entries, in that order")
            seen = len(again)
            longest = max(longest, time.perf_counter() - start)  # noqa: TID251
            rounds += 1
    return {"rounds": rounds, "longest": longest, "wrong": wrong[:5]}


def writes(here: Here, path: str, rounds: int) -> list[str]:
    """Record, mark and forget; what went wrong."""
    wrong: list[str] = []
    with open_at(path) as ledger:
        here.say()
        here.hear()
        for number in range(rounds):
            try:
                ledger.record(crowd(number, 20))
                ledger.tag(person(1000 * number), f"round-{number}")
                ledger.forget(person(1000 * number + 1))
            except ik.LedgerError as error:
                wrong.append(str(error))
    return wrong


# ── Privileges ───────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def without_privileges() -> Generator[None]:
    """Be nobody for a while, where this process is root: root may do everything, whatever a mode says."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
