"""Statistics from what a ledger remembers: listings that begin late, withdrawals, closings known within limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import attrs
import pytest

import invitekit as ik
from invitekit.insight import AcceptanceStats, ChanceSource, Family, Latency
from invitekit.model import Connection, Evidence, Interval

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OWNER = ik.Member(slug="owner-example-1")
LATENCY = Latency(Family.LOG_LOGISTIC, 6.0, 1.2)
"""Slower than in life, so that listings see most of it."""


@attrs.frozen
class Life:
    """One invitation as it really went: days after the start."""

    number: int
    sent: float
    accepted: float | None
    closed: float | None
    withdrawn: float | None = None

    @property
    def member(self) -> ik.Member:
        return ik.Member(slug=f"person-example-{self.number}")

    @property
    def end(self) -> float:
        return min((day for day in (self.accepted, self.closed, self.withdrawn) if day is not None), default=1e9)


def lives(
    count: int,
    days: int,
    *,
    rate: float = 0.3,
    closing: float = 0.0,
    withdraw_at: float | None = None,
    seed: int = 5,
) -> list[Life]:
    random = Random(seed)
    found = []
    for number in range(count):
        sent = random.random() * days
        kind = random.random()
        after = LATENCY.quantile(0.999 * random.random())
        accepted = sent + after if kind < rate else None
        closed = sent + 2 + 20 * random.random() if rate <= kind < rate + closing else None
        withdrawn = sent + withdraw_at if withdraw_at is not None else None
        if withdrawn is not None and min(accepted or 1e9, closed or 1e9) < withdrawn:
            withdrawn = None
        found.append(Life(number, sent, accepted, closed, withdrawn))
    return found


def listing(world: list[Life], day: float) -> ik.Snapshot:
    """What a service shows: who is pending, and all connections with their instants."""
    at = START + day * DAY
    return ik.Snapshot(
        account=OWNER,
        taken_at=at,
        source="service",
        invitations=[
            ik.Invitation(
                id=f"in-{life.number}",
                member=life.member,
                direction=ik.Direction.SENT,
                sent_at=ik.SentAt.at(START + life.sent * DAY),
                status=ik.Status.PENDING,
                evidence=Evidence.LISTED,
                as_of=at,
            )
            for life in world
            if life.sent <= day < life.end
        ],
        connections=[
            Connection(member=life.member, connected_at=Interval.at(START + life.accepted * DAY))
            for life in world
            if life.accepted is not None and life.accepted <= day and life.end == life.accepted
        ],
        completeness=ik.Completeness.COMPLETE,
    )


def export(world: list[Life], day: float) -> ik.Snapshot:
    """What an export tells: all that was sent within its reach, and of the accepted that they are."""
    at = START + day * DAY
    shown = [life for life in world if 0 <= day - life.sent < 180]

    def accepted(life: Life) -> bool:
        return life.accepted is not None and life.accepted <= day and life.end == life.accepted

    return ik.Snapshot(
        account=OWNER,
        taken_at=at,
        source="export",
        invitations=[
            ik.Invitation(
                id=f"x-{life.number}",
                member=life.member,
                direction=ik.Direction.SENT,
                sent_at=ik.SentAt.minute(START + life.sent * DAY),
                status=ik.Status.ACCEPTED if accepted(life) else ik.Status.PRESUMED_PENDING,
                evidence=Evidence.CONNECTED if accepted(life) else Evidence.NOT_CONNECTED,
                as_of=at,
                known_at=Interval.day((START + (life.accepted or 0) * DAY).date())
                if accepted(life)
                else Interval.at(at),
            )
            for life in shown
        ],
        connections=[
            Connection(member=life.member, connected_at=Interval.day((START + (life.accepted or 0) * DAY).date()))
            for life in world
            if accepted(life)
        ],
        completeness=ik.Completeness.LOG,
    )


def watched(world: list[Life], days: list[float]) -> AcceptanceStats:
    with ik.SqliteLedger(":memory:") as ledger:
        for day in days:
            ledger.record(listing(world, day))
            for life in world:
                if life.withdrawn is not None and day - 1 < life.withdrawn <= day and life.end == life.withdrawn:
                    outcome = ik.Outcome(
                        invitation_id=f"in-{life.number}",
                        member=life.member,
                        result=ik.Result.WITHDRAWN,
                        at=START + life.withdrawn * DAY,
                    )
                    ledger.record([outcome], at=START + day * DAY)
        return AcceptanceStats.from_history(ledger.history())


@pytest.fixture(scope="module")
def late() -> tuple[list[Life], AcceptanceStats]:
    """Sent over sixty days; looked at daily from day thirty on."""
    world = lives(900, 60)
    return world, watched(world, [float(day) for day in range(30, 76)])


class TestListingsThatBeginLate:
    def test_what_counted_is_far_off_and_the_curve_is_not(self, late: tuple[list[Life], AcceptanceStats]) -> None:
        """Of those pending on the first day only the slow were left; of the others the fast were never seen."""
        _, stats = late

        chance = stats.chance(7, horizon=28)

        truth = 0.3 * (LATENCY.daily(28) - LATENCY.daily(7)) / (1 - 0.3 * LATENCY.daily(7))
        assert chance.source is ChanceSource.OWN_DATA
        assert chance.lower < truth < chance.upper
        eventual = 0.3
        assert stats.raw_rate.upper < eventual

    def test_the_curve_from_the_sending_on_is_not_known(self, late: tuple[list[Life], AcceptanceStats]) -> None:
        _, stats = late

        first, last = stats.identified
        assert first == 1
        assert last > 30
        assert not stats.acceptance_by(20).is_known
        assert any("pending at day 1" in caveat for caveat in stats.caveats)
        assert stats.latency() is ik.UNKNOWN

    def test_the_fitted_curve_makes_up_for_what_was_never_seen(
        self, late: tuple[list[Life], AcceptanceStats]
    ) -> None:
        _, stats = late

        found = stats.fit.chance_estimate(7, 28)
        truth = 0.3 * (LATENCY.daily(28) - LATENCY.daily(7)) / (1 - 0.3 * LATENCY.daily(7))
        assert found.lower < truth < found.upper


class TestWithdrawals:
    def test_they_end_the_watching_and_are_an_end_of_their_own(self) -> None:
        """What recipients do is the same; what happened depends on the policy."""
        world = lives(600, 40, withdraw_at=15.0)
        stats = watched(world, [float(day) for day in range(61)])

        assert stats.withdrawn > 200
        assert stats.identified[1] <= 16
        chance = stats.chance(1, horizon=14)
        truth = 0.3 * (LATENCY.daily(14) - LATENCY.daily(1)) / (1 - 0.3 * LATENCY.daily(1))
        assert chance.lower < truth < chance.upper
        assert not stats.explain_age_rule(21).observed.is_known


class TestClosings:
    def test_those_between_two_looks_are_known_within_limits(self) -> None:
        """Weekly looks; a fifth is declined. Intervals come from drawing the weeks again."""
        world = lives(500, 50, closing=0.2)
        everybody = watched(world, [7.0 * week for week in range(13)])

        assert everybody.closed > 40
        assert not everybody.curve.exact
        chance = everybody.chance(7, horizon=28)
        pending = 1 - 0.3 * LATENCY.daily(7) - 0.2 * min(max(7 - 2, 0) / 20, 1)
        truth = 0.3 * (LATENCY.daily(28) - LATENCY.daily(7)) / pending
        assert chance.value == pytest.approx(truth, abs=0.06)
        assert everybody.fit.closed_fraction is not ik.UNKNOWN


@pytest.mark.parametrize("exports", [(100.5,), (0.5, 30.5, 60.5, 90.5, 100.5)])
def test_an_export_beside_listings_follows_everybody_from_the_sending_on(exports: tuple[float, ...]) -> None:
    """Else the fast ones would be known from their sending on and the slow ones from a later day: far too many."""
    world = lives(700, 90, closing=0.1)
    days = sorted([*(7.0 * week for week in range(15)), *exports])
    with ik.SqliteLedger(":memory:") as ledger:
        for day in days:
            ledger.record(export(world, day) if day in exports else listing(world, day))
        history = ledger.history()
    stats = AcceptanceStats.from_history(history)

    for by in (1, 7, 28):
        truth = sum(life.accepted is not None and life.accepted - life.sent < by + 0.5 for life in world) / len(
            world
        )
        assert stats.acceptance_by(by).value == pytest.approx(truth, abs=0.03)
    assert stats.identified[0] == 0
    assert all(one.followed for one in history)


def test_a_ledger_gives_them_with_the_context() -> None:
    """On request, since it takes a while; as they were known at the moment asked about."""
    world = lives(60, 20)
    with ik.SqliteLedger(":memory:") as ledger:
        for day in range(0, 31, 2):
            ledger.record(listing(world, float(day)))
        now, then = ledger.context(stats=True, slot_price=0.001), ledger.context(stats=True, at=START + 9 * DAY)

        assert now.stats == AcceptanceStats.from_history(ledger.history())
        assert then.stats == AcceptanceStats.from_history(ledger.history(at=START + 9 * DAY))
        assert (now.slot_price, ledger.context().stats) == (0.001, None)


def test_only_a_history_is_read() -> None:
    with pytest.raises(ik.DataError, match=r"expected a History.*ledger.history\(\)"):
        AcceptanceStats.from_history([])  # type: ignore[arg-type]


def test_an_empty_ledger_knows_nothing() -> None:
    with ik.SqliteLedger(":memory:") as ledger:
        stats = AcceptanceStats.from_history(ledger.history())

    assert (stats.sent, stats.identified) == (0, (ik.UNKNOWN, ik.UNKNOWN))
    assert not stats.raw_rate.is_known
    assert stats.chance(30).source is ChanceSource.PRIOR
    assert "unknown" in repr(stats)
