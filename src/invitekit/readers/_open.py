"""What a user may pass as an export: a zip, a folder, one CSV, each as a path or as bytes."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from invitekit._text import clip, plain
from invitekit.errors import ArchiveError, DataError
from invitekit.readers._archive import is_archive, open_archive
from invitekit.readers._files import (
    DOWNLOAD,
    ENTRY_LIMIT,
    Source,
    SourceFile,
    check_places,
    is_wanted,
    no_files,
    reading,
    shown,
)

__all__ = ["open_source"]

_BYTES = "<bytes>"


@contextmanager
def open_source(source: str | os.PathLike[str] | bytes) -> Generator[Source]:
    """Open an export.

    Raises:
        ArchiveError: It is not there, not to be read, or no export.
        DataError: `source` is neither a path nor bytes.
    """
    if isinstance(source, bytes):
        with _file(partial(io.BytesIO, source), _BYTES, []) as opened:
            yield opened
        return
    path = _path(source)
    name = shown(path.name or str(path))
    with reading(name):
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError, ValueError):  # the last: a NUL in the path
            raise _missing(source, path) from None
    if stat.S_ISDIR(mode):
        yield _folder(path, name)
    elif stat.S_ISREG(mode):
        with _file(_opener(path), name, [path.name, path.absolute().parent.name]) as opened:
            yield opened
    else:
        raise ArchiveError("is neither a file nor a folder", hint=DOWNLOAD, file=name)


def _missing(source: object, path: Path) -> ArchiveError:
    given = clip(plain(os.fspath(source)), 300)  # type: ignore[call-overload]
    hint = "Check the path"
    if not path.is_absolute():
        with suppress(OSError):
            hint += f"; looked in {plain(Path.cwd())}"
    return ArchiveError("there is no such file or folder", hint=hint, file=given)


def _path(source: object) -> Path:
    try:
        path = os.fspath(source)  # type: ignore[call-overload]
    except TypeError:
        path = None
    if not path or not isinstance(path, str):
        given = "an empty path" if path == "" else type(source).__name__
        raise DataError(
            f"an export is read from a path or from bytes, not from {given}",
            hint="Pass the zip that LinkedIn sent, for instance 'Basic_LinkedInDataExport_11-22-2026.zip'",
        )
    if "\n" in path:
        # The text itself stays out of the error: it is somebody's data.
        raise DataError("a path is expected, and this is a text", hint="Pass the content of a file as bytes")
    with suppress(RuntimeError):  # there may be no home
        return Path(path).expanduser()
    return Path(path)


@contextmanager
def _file(opener: Callable[[], BinaryIO], name: str, names: Sequence[str]) -> Generator[Source]:
    with reading(name), opener() as stream:
        head = stream.read(4)
    if is_archive(head):
        with reading(name):
            stream = opener()
        with stream, open_archive(stream, name, names) as opened:
            yield opened
    elif not head:
        raise ArchiveError("is empty", hint=DOWNLOAD, file=name)
    elif name.casefold().endswith(".zip"):
        raise ArchiveError(
            "is called zip and is none",
            hint="Perhaps the download broke off, or it is the page that offers it; download it again",
            file=name,
        )
    else:
        yield Source(name, [SourceFile(name, opener)], names)


def _opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def _folder(path: Path, name: str) -> Source:
    """Find the files of an export in a folder, or in one folder in it."""
    with reading(name):
        found: dict[str, Path] = {}
        for entry in _entries(path):
            if entry.is_dir(follow_symlinks=False):
                found.update((f"{entry.name}/{inner.name}", Path(inner)) for inner in _entries(Path(entry)))
            else:
                found[entry.name] = Path(entry)
            if len(found) > ENTRY_LIMIT:
                raise ArchiveError(
                    f"holds more than {ENTRY_LIMIT:,} files", hint="Pass the folder of the export itself"
                )
        wanted = [place for place in sorted(found) if is_wanted(place.split("/")) and found[place].is_file()]
        if not wanted:
            raise no_files(name, sorted(found))
        check_places(wanted)
    files = [SourceFile(shown(place), _opener(found[place])) for place in wanted]
    return Source(name, files, [path.absolute().name, *{place.rpartition("/")[0] for place in wanted}])


def _entries(path: Path) -> Iterator[os.DirEntry[str]]:
    with suppress(PermissionError), os.scandir(path) as entries:
        yield from entries
