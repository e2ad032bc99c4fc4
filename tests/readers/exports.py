"""Small invented exports as zips, and hostile ones by hand."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime

from tests.dialects.csvs import connections, contact, invitations, row

WHEN = (2024, 7, 1, 12, 0, 0)
INVITATIONS = invitations(row(), row("Bo Example", "bo-77", direction="INCOMING"), row("Cy Example", "cy-77"))
CONNECTIONS = connections(contact(), contact("Dee", "Example", "dee-77", "01 May 2020"))
BOTH = (("Connections.csv", CONNECTIONS), ("Invitations.csv", INVITATIONS))


def zipped(
    members: Iterable[tuple[str, str | bytes]] = BOTH,
    *,
    when: tuple[int, ...] = WHEN,
    method: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """A zip with these members, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, when), content, method)  # type: ignore[arg-type]
    return out.getvalue()


def member(
    name: bytes,
    content: bytes = b"",
    *,
    offset: int = 0,
    size: int | None = None,
    packed: bytes | None = None,
    packed_size: int | None = None,
    method: int = 8,
    flags: int = 0,
    crc: int | None = None,
) -> tuple[bytes, bytes]:
    """The local part and the directory entry of one member, with whatever lies are asked for."""
    if packed is None:
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = squeeze.compress(content) + squeeze.flush() if method == 8 else content
    facts = struct.pack(
        "<HHHHHLLLHH",
        20,
        flags,
        method,
        0x6000,
        (2024 - 1980) << 9 | 7 << 5 | 1,
        zlib.crc32(content) if crc is None else crc,
        len(packed) if packed_size is None else packed_size,
        len(content) if size is None else size,
        len(name),
        0,
    )
    local = b"PK\x03\x04" + facts + name + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + facts + struct.pack("<HHHLL", 0, 0, 0, 0, offset) + name
    return local, entry


def directory(body: bytes, entries: Iterable[bytes], count: int | None = None) -> bytes:
    """A zip from a body and the entries of its directory."""
    entries = list(entries)
    listed = b"".join(entries)
    count = min(len(entries), 0xFFFF) if count is None else count
    return body + listed + b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, count, count, len(listed), len(body), 0)


def built(*members: tuple[bytes, bytes]) -> bytes:
    """A zip of members one after the other; their entries must name the right offsets."""
    return directory(b"".join(local for local, _ in members), (entry for _, entry in members))


def utc(*digits: int) -> datetime:
    return datetime(*digits, tzinfo=UTC)
