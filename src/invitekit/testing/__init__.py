"""For tests and try-outs: synthetic data exports with the truth about them, a sample, and `check_ledger`.

Everybody here is invented, and the exports are made without a clock, a network or anything beyond the standard
library.
"""

from __future__ import annotations

from ._check_ledger import check_ledger
from ._sample import sample_export
from ._synthetic import DEFAULT_TAKEN_AT, synthetic_export
from ._truth import Era, SyntheticInvitation, SyntheticOutcome, SyntheticTruth, WireDirection

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


def __dir__() -> list[str]:
    return list(__all__)
