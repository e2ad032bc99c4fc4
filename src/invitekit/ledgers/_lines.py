"""A ledger as a file of JSON lines, so that nobody is locked in.

The first line says what it is, each further one is an entry, and the last one holds how many there were and a hash
over them, so that a file that was cut short is found out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from invitekit._files import write_whole
from invitekit._text import plain
from invitekit.errors import DocumentError
from invitekit.history import Entry, Kind, instant, micros

__all__ = ["read_lines", "write_lines"]

VERSION: Final = 1
_HEAD: Final = {"invitekit": VERSION, "kind": "ledger"}
_NUMBERS: Final = ("seq", "account", "member", "invitation")


def write_lines(entries: Iterable[Entry], path: str | os.PathLike[str]) -> Path:
    """Write entries into a file, whole or not at all, readable by its user only.

    Raises:
        DataError: The file cannot be written.
        LedgerError: The entries cannot be read.
    """

    def lines() -> Iterator[str]:
        yield json.dumps(_HEAD) + "\n"
        digest, count = sha256(), 0
        for entry in entries:
            _take_up(digest, entry)
            count += 1
            yield _spell(entry)
        yield json.dumps({"end": count, "digest": digest.hexdigest()}) + "\n"

    return write_whole(path, lines())


def _take_up(digest: Any, entry: Entry) -> None:
    """Carry the hash on. The entry's own leaves out the personal part, which can be erased in a ledger."""
    digest.update(entry.digest)
    digest.update((entry.personal or "").encode("utf-8", "surrogatepass"))


def _spell(entry: Entry) -> str:
    said = "" if entry.personal is None else f',"personal":{entry.personal or "null"}'
    return (
        f'{{"seq":{entry.seq},"kind":"{entry.kind}","at":"{instant(entry.at).isoformat()}",'
        f'"account":{entry.account},"member":{entry.member},"invitation":{entry.invitation},'
        f'"facts":{entry.facts}{said}}}\n'
    )


def read_lines(path: str | os.PathLike[str]) -> list[Entry]:
    """Read what `write_lines` wrote.

    Raises:
        DocumentError: The file cannot be read, is something else, or was changed or cut short. Says which line.
    """
    try:
        file = plain(os.fspath(Path(path)))
    except TypeError:
        raise DocumentError(
            f"an export is read from a path, got {type(path).__name__}", hint="For instance 'ledger.jsonl'"
        ) from None
    try:
        with Path(path).open("rb") as handle:
            return list(_entries(handle, file))
    except DocumentError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path.
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(f"cannot be read ({reason})", hint="Give the path of an export", file=file) from None


def _parsed(line: bytes) -> Any:
    """Parse a line; None where it is none. The error would hold the whole line, and nobody shall find it there."""
    try:
        return json.loads(line.decode())
    except (ValueError, RecursionError):
        return None


def _entries(lines: Iterable[bytes], file: str) -> Iterator[Entry]:
    digest, seq, ended = sha256(), 0, False
    for number, line in enumerate(lines, start=1):

        def wrong(message: str, hint: str = _AGAIN, line: int = number) -> DocumentError:
            return DocumentError(message, hint=hint, file=file, line=line)

        data: dict[str, Any] = _parsed(line)
        if not _is_table(data):
            raise wrong("is no line of an export")
        if number == 1:
            if data.get("kind") != "ledger":
                raise wrong("is no export of a ledger", "Give a file that ledger.export wrote")
            if data != _HEAD:
                raise wrong(
                    f"is of version {data.get('invitekit')!r:.20}, and this invitekit reads {VERSION}",
                    "Upgrade invitekit: pip install --upgrade invitekit",
                )
        elif ended:
            raise wrong("stands after the end")
        elif "end" in data:
            ended = True
            if data != {"end": seq, "digest": digest.hexdigest()}:
                raise wrong("something before it was changed or is missing")
        else:
            seq += 1
            entry = _parse(data, seq)
            if entry is None:
                raise wrong("is no entry, or not the next one")
            _take_up(digest, entry)
            yield entry
    if not ended:
        raise DocumentError("ends before its last line: it was cut short", hint=_AGAIN, file=file)


_AGAIN: Final = "Export the ledger again; an export is not edited by hand"


def _is_table(data: object) -> bool:
    return isinstance(data, dict)


def _parse(data: dict[str, Any], seq: int) -> Entry | None:
    """Read one entry; None where it is none, or not the one that comes next."""
    try:
        numbers = [data[key] for key in _NUMBERS]
        kind, at, facts = Kind(data["kind"]), datetime.fromisoformat(data["at"]), data["facts"]
    except (KeyError, TypeError, ValueError):
        return None
    personal: dict[str, Any] | None = data.get("personal", {})
    if (
        # Each is the place of an entry that introduced somebody or something, at the latest this one.
        any(type(number) is not int or not 0 <= number <= seq for number in numbers)
        or numbers[0] != seq
        or at.utcoffset() is None
        or not _is_table(facts)
        or not (personal is None or _is_table(personal))
    ):
        return None
    said = "" if personal is None else _compact(personal) if "personal" in data else None
    _, account, member, invitation = numbers
    return Entry(seq, kind.value, micros(at), account, member, invitation, _compact(facts), said)


def _compact(data: dict[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"))
