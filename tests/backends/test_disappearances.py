"""From a list that shifts to a ledger that concludes: nobody who is still invited is ever said to be gone."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.backends.unipile import ACCOUNT, vendor_at

import invitekit as ik
from invitekit.model import Status
from invitekit.testing import FakeUnipile, ServiceWorld, faults

LOST = [
    None,
    faults.SilentThrottle(),
    faults.SilentThrottle(from_page=2),
    faults.ShortPages(),
    faults.EmptyPage(),
    faults.CursorCycle(),
]
looks = st.lists(
    st.tuples(st.integers(0, 10), st.integers(0, 10), st.sampled_from(LOST), st.integers(10, 40)),
    min_size=2,
    max_size=4,
)


@given(looks=looks, pending=st.integers(20, 70))
@settings(max_examples=40)
def test_nobody_who_is_still_invited_is_gone(
    looks: list[tuple[int, int, faults.Edit | None, int]], pending: int
) -> None:
    world = ServiceWorld.invent(pending=pending, connections=5, received=0)
    fake = FakeUnipile(world, account_id=ACCOUNT)
    with (
        ik.SqliteLedger(":memory:") as ledger,
        vendor_at("https://fake.example/api/v1").open(client=fake, clock=world.clock) as backend,
    ):
        for removals, insertions, fault, size in looks:
            fake.heal()
            if removals or insertions:
                fake.on("sent", faults.Shift(removals=removals, insertions=insertions))
            if fault is not None:
                fake.on("sent", fault)
            ledger.record(backend.sent(size=size).read())
            world.clock.advance(timedelta(days=7))  # type: ignore[attr-defined]
        still = {one.id for one in world.pending}
        gone = {one.id for one in ledger.snapshot().invitations if one.status is Status.GONE}

    assert gone.isdisjoint(still)


def test_and_those_who_are_gone_are_found() -> None:
    """Otherwise the test above would hold for a ledger that concludes nothing."""
    world = ServiceWorld.invent(pending=30, connections=5, received=0)
    fake = FakeUnipile(world, account_id=ACCOUNT)
    left = world.pending[3]
    with (
        ik.SqliteLedger(":memory:") as ledger,
        vendor_at("https://fake.example/api/v1").open(client=fake, clock=world.clock) as backend,
    ):
        for week in range(3):
            ledger.record(backend.snapshot())
            if week == 0:
                world.ignore(left)
            world.clock.advance(timedelta(days=7))  # type: ignore[attr-defined]
        gone = [one.id for one in ledger.snapshot().invitations if one.status is Status.GONE]

    assert gone == [left.id]
