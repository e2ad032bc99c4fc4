"""LG-11, and paths: any that the system has, private to its user, refused kindly where there can be no ledger."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.ledgers.invented import (
    check_refusal,
    fill,
    filled_entries,
    filled_file,
    first_export,
    new_file,
    open_at,
    person,
    read,
    refused,
    week,
)
from tests.ledgers.processes import Here, elsewhere, needs_forks, without_privileges
from tests.ledgers.released import Newest

import invitekit as ik
from invitekit.ledgers import SqliteLedger

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")

NAMES = [
    "out box.db",
    "50%.db",
    "%41%00.db",
    "a?mode=memory",
    "a#b.db",
    "a&b=c;d.db",
    "file:x.db",
    "-outbox.db",
    "'; DROP TABLE entries; --",
    'quo"te.db',
    "Zoë 山田 \N{PARTY POPPER}.db",
    "cafe\u0301.db",
    "right\u202eto left.db",
    "new\nline.db",
    "no ending",
    ".hidden",
    " ",
    "a" * 200,
    ":memory:.db",
    "back\\slash.db",
]


@pytest.mark.skipif(os.name == "nt", reason="Windows has fewer names")
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_any_name(tmp_path: Path, name: str) -> None:
    """Made, claimed, opened again, exported, imported: at just that name, with nothing beside it but the lock."""
    path = tmp_path / name
    with open_at(path) as ledger, ledger.claim():
        fill(ledger)
        assert not ledger.where().count("\n")
    assert read(path) == list(filled_entries())
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([name, f"{name}-lock"])

    with open_at(path) as ledger:
        ledger.export(tmp_path / "outbox.jsonl")
        with SqliteLedger.from_export(tmp_path / "outbox.jsonl", f"{path}2") as again:
            assert tuple(again.entries()) == filled_entries()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    """A file that came from another system may have bytes in its name that are no UTF-8."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.db"))
    with open_at(path) as ledger:
        ledger.record(first_export())
        with ledger.claim():
            pass
        ledger.where().encode()

    assert read(path)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_is_a_text_or_a_path(tmp_path: Path, kind: type) -> None:
    open_at(kind(tmp_path / "outbox.db")).close()

    assert (tmp_path / "outbox.db").is_file()


def test_it_shows_where_it_is_and_nothing_else(tmp_path: Path) -> None:
    with open_at(new_file(tmp_path / "outbox.db")) as ledger:
        ledger.history()

        assert repr(ledger) == f"SqliteLedger({str(tmp_path / 'outbox.db')!r})"
        assert str(ledger) == repr(ledger)


def test_a_relative_path_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that changes its folder does not change its ledger, its lock, or its copies."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    new_file(tmp_path / "one" / "outbox.db")
    monkeypatch.chdir(tmp_path / "one")
    with Newest("outbox.db") as ledger:
        monkeypatch.chdir(tmp_path / "two")
        with ledger.claim():
            ledger.record(week(3))
        assert ledger.where() == "outbox.db"
        assert [one.parent.name for one in ledger.backups()] == ["one"]

    assert list((tmp_path / "two").iterdir()) == []
    assert "outbox.db-lock" in [one.name for one in (tmp_path / "one").iterdir()]


def test_a_link_leads_to_the_file(tmp_path: Path) -> None:
    """What belongs to it stands beside the file, and the link stays a link."""
    (tmp_path / "real").mkdir()
    new_file(tmp_path / "real" / "outbox.db")
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "real" / "outbox.db")

    with Newest(link) as ledger, ledger.claim():
        assert tuple(ledger.entries()) == filled_entries()
        assert ledger.backups()
    assert link.is_symlink()
    assert [one.name for one in tmp_path.iterdir() if one != tmp_path / "real"] == ["link.db"]
    assert len(list((tmp_path / "real").iterdir())) == 3


def test_a_link_to_where_a_ledger_will_be(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "real" / "outbox.db")

    open_at(tmp_path / "link.db").close()

    assert (tmp_path / "real" / "outbox.db").is_file()
    assert (tmp_path / "link.db").is_symlink()


# ── Refused ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [b"outbox.db", None, 7, "", "a\0b", ["outbox.db"], Path],
    ids=["bytes", "none", "int", "empty", "nul", "list", "type"],
)
def test_what_is_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: object) -> None:
    monkeypatch.chdir(tmp_path)
    for make in (SqliteLedger, lambda path: SqliteLedger.from_export(new_export(tmp_path), path)):
        with pytest.raises(ik.LedgerError, match="needs the path of a file") as caught:
            make(path)  # type: ignore[arg-type]
        check_refusal(caught.value, "failed")
    assert [one.name for one in tmp_path.iterdir()] == ["outbox.jsonl"]


def new_export(folder: Path) -> Path:
    """An export, and nothing else."""
    with open_at(":memory:") as ledger:
        return ledger.export(folder / "outbox.jsonl")


def test_a_file_that_is_missing_is_made_unless_told_not_to(tmp_path: Path) -> None:
    error = refused(tmp_path / "outbox.db", "missing", create=False)

    assert "does not exist" in error.message
    assert list(tmp_path.iterdir()) == []
    open_at(tmp_path / "outbox.db", create=True).close()
    open_at(tmp_path / "outbox.db", create=False).close()


@pytest.mark.parametrize("create", [True, False])
def test_a_folder_that_is_missing(tmp_path: Path, create: bool) -> None:
    error = refused(tmp_path / "nowhere" / "outbox.db", "missing", create=create)

    assert error.file == str(tmp_path / "nowhere" / "outbox.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [".", "folder", "folder/"])
def test_a_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()

    error = refused(f"{tmp_path}/{name}", "not-ours")

    assert "is no file" in error.message
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    new_file(tmp_path / "outbox.db")

    refused(tmp_path / "outbox.db" / "inside.db", "missing")


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    refused(tmp_path / ("a" * 300), "failed")

    assert list(tmp_path.iterdir()) == []


@posix
def test_a_link_that_leads_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").symlink_to("outbox.db")

    refused(tmp_path / "outbox.db", "not-ours", "failed", "missing")


@posix
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_no_file(tmp_path: Path, kind: str) -> None:
    """It is not opened: that would wait for ever, or do whatever the device does."""
    path = tmp_path / "pipe" if kind == "pipe" else Path(os.devnull)
    if kind == "pipe":
        os.mkfifo(path)

    refused(path, "not-ours")


def test_a_folder_that_was_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one in which the program stands, where a relative path begins."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    try:
        (tmp_path / "gone").rmdir()
    except OSError as error:
        pytest.skip(f"the system keeps it: {errno.errorcode.get(error.errno or 0)}")

    refused("outbox.db", "failed", "missing")


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as that of most memory sticks: refused, and nothing half-made is left."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    refused(tmp_path / "outbox.db", "failed")

    assert list(tmp_path.iterdir()) == []


def reading_only(here: Here, folder: str) -> dict[str, object]:
    """What somebody can do who may read the folder and the file, and write neither."""
    told: dict[str, object] = {}
    with without_privileges(), open_at(Path(folder) / "outbox.db") as ledger:
        told["read"] = tuple(ledger.entries()) == filled_entries() and bool(ledger.verify())
        for name, use in (
            ("record", lambda: ledger.record(week(3))),
            ("forget", lambda: ledger.forget(person(11))),
            ("claim", lambda: ledger.claim().__enter__()),
            ("export", lambda: ledger.export(Path(folder) / "outbox.jsonl")),
            ("make", lambda: open_at(Path(folder) / "new.db")),
            ("upgrade", lambda: Newest(Path(folder) / "outbox.db")),
            ("look", lambda: open_at(Path(folder) / "secret.db")),
        ):
            try:
                use()
            except ik.LedgerError as error:
                told[name] = error.code
                check_refusal(error, error.code)
            except ik.DataError:
                told[name] = "data"
            else:
                told[name] = "done"
    return told


@posix
@needs_forks
def test_what_may_only_be_read(tmp_path: Path) -> None:
    """Reading works; whatever would write says so, and that it is a matter of permissions."""
    with shared_folder(tmp_path) as folder:
        new_file(folder / "outbox.db").chmod(0o444)
        new_file(folder / "secret.db").chmod(0o000)
        folder.chmod(0o555)
        told = elsewhere(reading_only, str(folder))
        folder.chmod(0o755)

        assert told == {
            "read": True,
            "record": "read-only",
            "forget": "read-only",
            "claim": "failed",
            "export": "data",
            "make": "failed",
            "upgrade": "failed",
            "look": "missing",
        }
        assert sorted(one.name for one in folder.iterdir()) == ["outbox.db", "secret.db"]
        assert (folder / "outbox.db").read_bytes() == filled_file()


@contextmanager
def shared_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that others can get to, too: the temporary folders of a test belong to one user alone."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


# ── Private ──────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def open_to_all() -> Iterator[None]:
    """With an umask under which new files are for everybody, unless somebody takes care."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


@posix
def test_only_its_user_can_read_it(tmp_path: Path) -> None:
    """The ledger, its journal, the lock, the copy before an upgrade, the export, and what is made on the way."""
    modes: dict[str, int] = {}

    def look(_: object = None) -> None:
        for one in tmp_path.iterdir():
            modes[one.name] = stat.S_IMODE(one.stat().st_mode)

    link = os.link

    def look_and_link(source: object, target: object) -> None:
        look()
        link(source, target)  # type: ignore[arg-type]

    with open_to_all(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "link", look_and_link)
        with open_at(tmp_path / "outbox.db") as ledger:
            ledger._connection.set_trace_callback(look)
            fill(ledger)
            ledger._connection.set_trace_callback(None)
            with ledger.claim():
                ledger.export(tmp_path / "outbox.jsonl")
        with Newest(tmp_path / "outbox.db"):
            pass
        SqliteLedger.from_export(tmp_path / "outbox.jsonl", tmp_path / "new.db").close()
        look()

    drafts = {name for name in modes if name.startswith(".")}
    assert {name for name, mode in modes.items() if mode != 0o600} == set()
    assert modes.keys() - drafts == {
        "outbox.db",
        "outbox.db-journal",
        "outbox.db-lock",
        f"outbox.db.before-v{Newest._schema.version}",
        "outbox.jsonl",
        "new.db",
    }
    assert len(drafts) >= 4


@posix
def test_a_user_who_opened_it_to_others_keeps_it_so(tmp_path: Path) -> None:
    """Somebody shares a ledger with a colleague on purpose: its mode is theirs."""
    path = new_file(tmp_path / "outbox.db")
    path.chmod(0o640)
    with open_at(path) as ledger:
        ledger.record(week(3))
        ledger.forget(person(11))

    assert stat.S_IMODE(path.stat().st_mode) == 0o640


# ── Who opens files ──────────────────────────────────────────────────────────────────────────────────────────────


def everything_watched(here: Here, folder: str) -> dict[str, list[str]]:
    """Do all there is to do, and note every file that Python itself opens: SQLite's are not among them."""
    opened: list[str] = []
    watching = True

    def note(event: str, args: tuple[object, ...]) -> None:
        if watching and event == "open" and isinstance(args[0], str):
            opened.append(args[0])

    path = Path(folder) / "outbox.db"
    new_file(path)
    sys.addaudithook(note)
    with Newest(path) as ledger, Newest(path) as other, ledger.claim():
        for use in (
            lambda: ledger.record(week(3)),
            ledger.verify,
            ledger.history,
            ledger.backups,
            lambda: ledger.forget(person(11)),
            lambda: ledger.export(Path(folder) / "outbox.jsonl"),
            lambda: ledger.export(path),
            lambda: other.claim().__enter__(),
            lambda: SqliteLedger(path),
            lambda: Newest.from_export(Path(folder) / "outbox.jsonl", path),
            lambda: Newest.from_export(Path(folder) / "outbox.jsonl", Path(folder) / "new.db").close(),
        ):
            try:
                use()
            except ik.LedgerError:
                continue
    watching = False
    names = sorted({Path(one).name for one in opened if Path(one).parent == Path(folder)})
    return {"names": names}


@needs_forks
def test_no_ledger_and_no_lock_is_ever_opened_but_by_sqlite(tmp_path: Path) -> None:
    """H21: closing any other descriptor of the file would drop the locks of the whole process."""
    names = elsewhere(everything_watched, str(tmp_path))["names"]

    assert "outbox.jsonl" in names
    assert [one for one in names if not one.startswith(".")] == ["outbox.jsonl"]
