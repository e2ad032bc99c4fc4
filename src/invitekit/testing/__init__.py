"""For tests and try-outs: synthetic data exports with the truth about them, a sample, `check_ledger`, and fakes.

Everybody here is invented, and the exports are made without a clock, a network or anything beyond the standard
library. The fakes stand in for what is outside: `FakeClock`, `FakeUnipile` over a `ServiceWorld`, with what can go
wrong in `invitekit.testing.faults`, and `FaultServer`, with its steps in `invitekit.testing.steps`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._sample import sample_export
from ._synthetic import DEFAULT_TAKEN_AT, synthetic_export
from ._truth import Era, SyntheticInvitation, SyntheticOutcome, SyntheticTruth, WireDirection

if TYPE_CHECKING:
    from ._check_ledger import check_ledger as check_ledger
    from ._fake_clock import FakeClock as FakeClock
    from ._fake_unipile import FakeUnipile as FakeUnipile
    from ._fault_server import FaultServer as FaultServer
    from ._service_world import ServiceWorld as ServiceWorld

__all__ = [
    "DEFAULT_TAKEN_AT",
    "Era",
    "FakeClock",
    "FakeUnipile",
    "FaultServer",
    "ServiceWorld",
    "SyntheticInvitation",
    "SyntheticOutcome",
    "SyntheticTruth",
    "WireDirection",
    "check_ledger",
    "sample_export",
    "synthetic_export",
]

_LATE = {
    "FakeClock": "_fake_clock",
    "FakeUnipile": "_fake_unipile",
    "FaultServer": "_fault_server",
    "ServiceWorld": "_service_world",
    "check_ledger": "_check_ledger",
}


def __getattr__(name: str) -> object:
    # Late, since they need the ledger or a network, and a synthetic export needs neither.
    if name in _LATE:
        return getattr(import_module(f".{_LATE[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
