"""Writing a file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkstemp

from invitekit.errors import DataError

__all__ = ["write_whole"]


def write_whole(path: str | os.PathLike[str], content: str) -> Path:
    """Write a text as UTF-8, so that the file holds either all of it or what it held before.

    The text goes to a new file beside it, readable by its owner only, which then takes its place.

    Raises:
        DataError: The folder is missing, or the system refuses.
    """
    target = Path(path)
    try:
        handle, name = mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)  # noqa: PTH105 - a Path would only hide that both are names in one folder
        except BaseException:
            os.unlink(name)  # noqa: PTH108
            raise
    except OSError as error:
        raise DataError(
            f"cannot be written ({error.strerror or type(error).__name__})",
            hint="Check that the folder exists and that you may write there",
            file=str(target),
        ) from None
    return target
