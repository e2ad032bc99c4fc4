"""For tests and try-outs: synthetic data exports with the truth about them, a sample, checks, and fakes.

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
    from ._backend_case import ServiceCase as ServiceCase
    from ._check_backend import check_async_backend as check_async_backend
    from ._check_backend import check_backend as check_backend
    from ._check_ledger import check_ledger as check_ledger
    from ._fake_clock import FakeClock as FakeClock
    from ._fake_unipile import FakeUnipile as FakeUnipile
    from ._fake_unipile import LoggedRequest as LoggedRequest
    from ._fault_server import FaultServer as FaultServer
    from ._service_world import ServiceWorld as ServiceWorld
    from ._world_values import ServiceConnection as ServiceConnection
    from ._world_values import ServiceInvitation as ServiceInvitation
    from ._world_values import ServicePerson as ServicePerson
    from ._world_values import ServicePlace as ServicePlace

__all__ = [
    "DEFAULT_TAKEN_AT",
    "Era",
    "FakeClock",
    "FakeUnipile",
    "FaultServer",
    "LoggedRequest",
    "ServiceCase",
    "ServiceConnection",
    "ServiceInvitation",
    "ServicePerson",
    "ServicePlace",
    "ServiceWorld",
    "SyntheticInvitation",
    "SyntheticOutcome",
    "SyntheticTruth",
    "WireDirection",
    "check_async_backend",
    "check_backend",
    "check_ledger",
    "sample_export",
    "synthetic_export",
]

# Late, since these need what they try, or a network, and a synthetic export needs neither.
_LATE = {
    "FakeClock": "_fake_clock",
    "FakeUnipile": "_fake_unipile",
    "FaultServer": "_fault_server",
    "LoggedRequest": "_fake_unipile",
    "ServiceCase": "_backend_case",
    "ServiceConnection": "_world_values",
    "ServiceInvitation": "_world_values",
    "ServicePerson": "_world_values",
    "ServicePlace": "_world_values",
    "ServiceWorld": "_service_world",
    "check_async_backend": "_check_backend",
    "check_backend": "_check_backend",
    "check_ledger": "_check_ledger",
}


def __getattr__(name: str) -> object:
    if name in _LATE:
        return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
