"""The sample export that comes with the package."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ._synthetic import synthetic_export

if TYPE_CHECKING:
    import os

    from ._truth import SyntheticTruth

__all__ = ["sample_export", "write_sample"]

_SAMPLE = Path(__file__).parent / "data" / "sample-export.zip"


def sample_export() -> Path:
    """The path of a small data export to try things on: 420 invitations of an invented member, taken 2026-11-22.

    It is a synthetic export of the era ``"url"``, and holds every peculiarity of real ones that
    `synthetic_export` knows. Do not write to it: it is part of the installed package.
    """
    return _SAMPLE


def write_sample(path: str | os.PathLike[str]) -> SyntheticTruth:
    """Make the sample again; `sample_export` is the result of ``write_sample(sample_export())``."""
    return synthetic_export(
        path,
        seed=153,
        invitations=420,
        era="url",
        taken_at=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
    )
