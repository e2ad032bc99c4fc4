"""Writing a file whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkstemp

from invitekit.errors import DataError, InvitekitError

__all__ = ["write_whole"]


def write_whole(path: str | os.PathLike[str], content: str | Iterable[str]) -> Path:
    """Write a text as UTF-8, so that the file holds either all of it or what it held before.

    The text goes to a new file beside it, readable by its owner only, which then takes its place. Of a large one,
    the pieces are enough, one after the other.

    Raises:
        DataError: The folder is missing, or the system refuses.
    """
    try:
        target = Path(path)
        os.fsencode(target)
    except (TypeError, ValueError):
        raise DataError(f"a path is needed, got {type(path).__name__}", hint="For instance 'plan.json'") from None
    pieces = (content,) if isinstance(content, str) else content
    try:
        handle, name = mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    file.write(piece.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)  # noqa: PTH105 - a Path would only hide that both are names in one folder
        except BaseException:
            os.unlink(name)  # noqa: PTH108
            raise
    except UnicodeEncodeError:
        raise DataError(
            "cannot be written (it holds half a character, which no file can hold)",
            hint="Look for names or notes with a lone surrogate, such as '\\ud800', and correct them",
            file=str(target),
        ) from None
    except InvitekitError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path.
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise DataError(
            f"cannot be written ({reason or type(error).__name__})",
            hint="Check that the folder exists and that you may write there",
            file=str(target),
        ) from None
    return target
