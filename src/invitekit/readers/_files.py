"""What an export is read from: its one or two CSV files, whatever they lie in, each read in bounded pieces."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO, Final
from zipfile import BadZipFile

import attrs

from invitekit._text import clip, plain
from invitekit.errors import ArchiveError

__all__ = [
    "ENTRY_LIMIT",
    "FILE_LIMIT",
    "ROW_LIMIT",
    "Budget",
    "Source",
    "SourceFile",
    "check_places",
    "is_wanted",
    "no_files",
    "place",
    "reading",
    "shown",
]

FILE_LIMIT: Final = 256 * 2**20
"""How many bytes one file may have; the invitations of a million people take 200 million."""

TOTAL_LIMIT: Final = 2**30
"""How many bytes are read from one export, all files together; reading one again does not count."""

ROW_LIMIT: Final = 2_000_000
"""How many rows one file may have. Twice what the largest account could collect, and what still fits into some
gigabytes of memory; a small zip can hold many millions."""

ENTRY_LIMIT: Final = 5_000
"""How many entries a zip or a folder may have; a complete export has some dozens."""

_CHUNK: Final = 2**16

_numbered: Final = re.compile(r"\([0-9]{1,3}\)\.csv$")

_WANTED: Final = frozenset({"invitations.csv", "connections.csv"})

DOWNLOAD: Final = "Download a fresh export and pass the zip as it comes"


def shown(name: str) -> str:
    """A file name from outside, made fit for an error or a finding."""
    return clip(plain(name), 80)


def is_wanted(parts: Sequence[str]) -> bool:
    """Whether the file at this place, given as folders and name, may be one of the two.

    It lies at the top, or in one folder, since people unpack an export and zip the folder again. Nothing else is
    ever opened.
    """
    *folders, name = parts
    # A browser that finds the name taken writes "Invitations (1).csv".
    plain_name = _numbered.sub(".csv", name.casefold().replace("_", "").replace(" ", ""))
    wanted = name == name.strip() and plain_name in _WANTED
    return wanted and len(folders) <= 1 and all(map(_is_harmless, folders))


def _is_harmless(folder: str) -> bool:
    # A macOS archive repeats every file under __MACOSX, with other content.
    usual = folder == folder.strip() and folder.isprintable() and not any(char in folder for char in ":\\")
    return usual and folder != "" and not folder.startswith(".") and folder != "__MACOSX"


def check_places(places: Sequence[str]) -> None:
    """See that the wanted files are those of one export.

    Raises:
        ArchiveError: One stands there twice, or they lie in several folders.
    """
    twice = next((place for place in places if places.count(place) > 1), None)
    if twice is not None:
        raise ArchiveError(f"holds {shown(twice)!r} twice", hint="Leave one in it")
    if len({place.rpartition("/")[0] for place in places}) > 1:
        listed = " and ".join(repr(shown(place)) for place in places[:4])
        raise ArchiveError(f"holds files of more than one export: {listed}", hint="Pass each export by itself")


class Budget:
    """How much may still be read."""

    def __init__(self) -> None:
        self._left = TOTAL_LIMIT
        self._read: dict[str, int] = {}

    def take(self, file: str, size: int) -> None:
        """Count the bytes of a file up to here, as far as an earlier reading has not counted them.

        Raises:
            ArchiveError: It is too much.
        """
        fresh = size - self._read.get(file, 0)
        if fresh <= 0:
            return
        self._read[file] = size
        self._left -= fresh
        if self._left < 0:
            raise ArchiveError(f"holds more than {TOTAL_LIMIT:,} bytes, which no export does", hint=DOWNLOAD)


@attrs.frozen
class SourceFile:
    """One CSV file.

    Args:
        label: What findings call it: its name, in a zip or a folder with the folder it lies in.
        open: Opens it for reading bytes.
        written: When it was written, where a zip says so: digits without a zone, taken as UTC.
    """

    label: str
    open: Callable[[], BinaryIO]
    written: datetime | None = None

    def chunks(self, budget: Budget) -> Generator[bytes]:
        """Read it piece by piece.

        Raises:
            ArchiveError: It is too large, damaged, or not to be read.
        """
        size = 0
        with reading(self.label), self.open() as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > FILE_LIMIT:
                    raise ArchiveError(
                        f"has more than {FILE_LIMIT:,} bytes, which no file of an export does", hint=DOWNLOAD
                    )
                budget.take(self.label, size)
                yield chunk


@attrs.frozen
class Source:
    """What the user passed, opened.

    Args:
        name: What errors call it; empty where there is no name, as for bytes.
        files: The files in it that may be those of an export.
        names: Names that may carry the date of the export, nearest first.
    """

    name: str
    files: Sequence[SourceFile]
    names: Sequence[str] = ()


def place(source: str, file: str) -> str:
    """What an error calls a file in a source; either may be empty."""
    return f"{source}/{file}" if source and file and file != source else file or source


@contextmanager
def reading(file: str) -> Generator[None]:
    """Turn what can go wrong while a file is opened or read into `ArchiveError`."""
    try:
        yield
    except ArchiveError as error:
        error.file = error.file or file
        raise
    except FileNotFoundError:
        raise ArchiveError("there is no such file or folder", hint="Check the path", file=file) from None
    except PermissionError:
        raise ArchiveError("may not be read", hint="Check who may read it", file=file) from None
    except OSError as error:
        message = f"cannot be read: {error.strerror or type(error).__name__}"
        raise ArchiveError(message, hint="Copy it to a local folder and try again", file=file) from None
    # What zipfile was seen to raise for ten thousand damaged archives, and zlib and struct beneath it.
    except (
        BadZipFile,
        zlib.error,
        struct.error,
        ValueError,
        OverflowError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        message = f"is damaged ({type(error).__name__})"
        raise ArchiveError(message, hint=DOWNLOAD, file=file) from None


def no_files(name: str, found: Sequence[str]) -> ArchiveError:
    """Say that neither file is there, and what is."""
    listed = ", ".join(map(shown, found[:8])) + (f" and {len(found) - 8:,} more" if len(found) > 8 else "")
    if any(entry.casefold().endswith(".zip") for entry in found):
        hint = "There is a zip in it: pass that one"
    elif any(entry.casefold().endswith((".xlsx", ".xls", "xl/workbook.xml")) for entry in found):
        hint = "It is a spreadsheet: pass the zip of the export, or save the sheet as CSV"
    else:
        hint = "Request a copy of your data with the categories Invitations and Connections, and pass its zip"
    return ArchiveError(
        f"neither Invitations.csv nor Connections.csv is there; found {listed or 'nothing'}", hint=hint, file=name
    )
