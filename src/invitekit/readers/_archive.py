"""Zip archives, which may come from anybody.

Nothing is extracted: the wanted members are read in memory, piece by piece. What is checked before a byte of them
is decompressed does not depend on which Python, and so which fixes to `zipfile`, is at work.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, BinaryIO, Final, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from invitekit.errors import ArchiveError
from invitekit.readers._files import (
    DOWNLOAD,
    ENTRY_LIMIT,
    FILE_LIMIT,
    Source,
    SourceFile,
    check_places,
    is_wanted,
    no_files,
    place,
    reading,
    shown,
)

__all__ = ["is_archive", "open_archive"]

_RATION: Final = 2 * 2**20
"""The most that is handed out at once. A directory of 5,000 entries with names of 300 characters fits."""

_RATIO: Final = 200
_RATIO_FROM: Final = 2**20
"""How far a member may shrink when it is compressed, from which size on. Deflate reaches 1000 to 1 on nothing but
repetition; an export reaches about 10."""

_LOCAL_HEADER: Final = 30
"""How many bytes stand before a member's content at least."""

_ENCRYPTED: Final = 0x1 | 0x40


def is_archive(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a zip."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


@contextmanager
def open_archive(stream: BinaryIO, name: str, names: Sequence[str]) -> Generator[Source]:
    """Open a zip.

    Args:
        stream: The zip.
        name: What errors call it.
        names: Names that may carry the date of the export.

    Raises:
        ArchiveError: It is damaged, hostile, too large, or holds no export.
    """
    with reading(name):
        archive = ZipFile(cast("Any", _Rationed(stream)))
    with archive:
        with reading(name):
            entries = archive.infolist()
            _check_directory(entries, archive.start_dir)
            wanted = [entry for entry in entries if is_wanted(entry.orig_filename.split("/"))]
            if not wanted:
                raise no_files(name, [entry.orig_filename for entry in entries])
            check_places([entry.orig_filename for entry in wanted])
            for entry in wanted:
                _check_member(entry, name)
        folders = [entry.orig_filename.rpartition("/")[0] for entry in wanted]
        yield Source(name, [_member(archive, entry) for entry in wanted], [*names, *folders])


class _Rationed:
    """A file that never hands out much at once.

    `ZipFile` reads its directory in one go, as long as the archive says it is, and keeps an object for each entry.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        if 0 <= size <= _RATION:
            return self._stream.read(size)
        data = self._stream.read(_RATION + 1)
        if len(data) > _RATION:
            raise ArchiveError("its list of members is larger than that of any export", hint=DOWNLOAD)
        return data

    def close(self) -> None:
        """Leave the file open; whoever opened it closes it."""


def _check_directory(entries: Sequence[ZipInfo], end: int) -> None:
    if len(entries) > ENTRY_LIMIT:
        raise ArchiveError(f"has {len(entries):,} members; an export has some dozens", hint=DOWNLOAD)
    # Members that share their bytes are how a small file becomes petabytes.
    for entry in sorted(entries, key=lambda entry: entry.header_offset, reverse=True):
        if not 0 <= entry.header_offset <= end - _LOCAL_HEADER - entry.compress_size:
            raise ArchiveError(
                f"its members overlap, or lie outside of it, at {shown(entry.orig_filename)!r}", hint=DOWNLOAD
            )
        end = entry.header_offset


def _check_member(entry: ZipInfo, archive: str) -> None:
    problem = hint = ""
    if entry.flag_bits & _ENCRYPTED:
        problem, hint = "is encrypted", "Unpack it with its password and pass the folder"
    elif entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        problem = f"is compressed in a way that is not read here (method {entry.compress_type})"
        hint = "Unpack it and pass the folder"
    elif entry.file_size > FILE_LIMIT:
        problem, hint = f"has {entry.file_size:,} bytes; no file of an export is so large", DOWNLOAD
    elif entry.file_size > max(_RATIO_FROM, _RATIO * entry.compress_size):
        problem, hint = f"would grow more than {_RATIO} times; no file of an export does", DOWNLOAD
    if problem:
        raise ArchiveError(problem, hint=hint, file=place(archive, shown(entry.orig_filename)))


def _member(archive: ZipFile, entry: ZipInfo) -> SourceFile:
    try:
        written = datetime(*entry.date_time, tzinfo=UTC)
    except ValueError:
        written = None  # a zip can hold the 31st of February
    return SourceFile(shown(entry.orig_filename), cast("Any", partial(archive.open, entry)), written)
