"""Unipile keeps every promise of a backend, in both colours: the kit that is there for others, used on our own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from tests.backends.unipile import ACCOUNT, vendor_at

from invitekit.backends import in_thread
from invitekit.testing import (
    FakeClock,
    FakeUnipile,
    ServiceCase,
    ServiceWorld,
    check_async_backend,
    check_backend,
)

AFTERWARDS = datetime(2026, 4, 1, tzinfo=UTC)


def settings(case: ServiceCase) -> dict[str, Any]:
    """A fake service that holds a case, in the place of a client."""
    world = ServiceWorld.holding(
        account=case.account,
        sent=case.sent,
        received=case.received,
        connections=case.connections,
        clock=FakeClock(AFTERWARDS),
    )
    return {"client": FakeUnipile(world, account_id=ACCOUNT, api_key=case.secret), "clock": world.clock}


def test_sync() -> None:
    kept = check_backend(
        lambda case: vendor_at("https://fake.example/api/v1", key=case.secret).open(**settings(case))
    )

    assert len(kept) >= 19


def test_async() -> None:
    kept = asyncio.run(
        check_async_backend(
            lambda case: vendor_at("https://fake.example/api/v1", key=case.secret).aopen(**settings(case))
        )
    )

    assert len(kept) >= 19


def test_lent_from_one_colour_to_the_other() -> None:
    def make(case: ServiceCase) -> Any:
        return in_thread(vendor_at("https://fake.example/api/v1", key=case.secret).open(**settings(case)))

    assert len(asyncio.run(check_async_backend(make))) >= 19
