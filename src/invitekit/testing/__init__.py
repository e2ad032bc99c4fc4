"""For tests and try-outs: synthetic data exports with the truth about them, a sample, and `check_ledger`.

Everybody here is invented, and the exports are made without a clock, a network or anything beyond the standard
library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._sample import sample_export
from ._synthetic import DEFAULT_TAKEN_AT, synthetic_export
from ._truth import Era, SyntheticInvitation, SyntheticOutcome, SyntheticTruth, WireDirection

if TYPE_CHECKING:
    from ._check_ledger import check_ledger as check_ledger

__all__ = [
    "DEFAULT_TAKEN_AT",
    "Era",
    "SyntheticInvitation",
    "SyntheticOutcome",
    "SyntheticTruth",
    "WireDirection",
    "check_ledger",
    "sample_export",
    "synthetic_export",
]


def __getattr__(name: str) -> object:
    # Late, since it needs the ledger, and a synthetic export needs none of what it may be compared with.
    if name == "check_ledger":
        from ._check_ledger import check_ledger

        return check_ledger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
