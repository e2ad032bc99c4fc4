"""Ages at the edge: wherever and whenever it was sent, what may not be old enough is never withdrawn.

An invitation whose zone nobody knows was sent at one of the instants that its wall time names anywhere on earth.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.population import NAIVE, invitation, snapshot

from invitekit import rules as r
from invitekit.errors import DataError, PolicyError
from invitekit.model import SentAt, Snapshot
from invitekit.policy import Context, Limits, Policy, Verdict

ZONES = [
    "America/Los_Angeles",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "America/Havana",
    "Atlantic/Azores",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Tehran",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
]

WALLS = {
    "spring forward in New York": datetime.fromisoformat("2026-03-08T02:30"),
    "fall back in New York": datetime.fromisoformat("2026-11-01T01:30"),
    "spring forward in Berlin": datetime.fromisoformat("2026-03-29T02:30"),
    "fall back in Berlin": datetime.fromisoformat("2026-10-25T02:30"),
    "half an hour back on Lord Howe": datetime.fromisoformat("2026-04-05T01:45"),
    "leap day": datetime.fromisoformat("2028-02-29T23:59"),
    "the day after a leap day": datetime.fromisoformat("2028-03-01T00:00"),
    "the end of a year": datetime.fromisoformat("2026-12-31T23:59"),
    "the start of a year": datetime.fromisoformat("2027-01-01T00:00"),
}

FIRST_WALL = datetime.fromisoformat("2026-01-01T00:00")

EARLIEST_ZONE, LATEST_ZONE = timedelta(hours=14), timedelta(hours=12)
"""How far the zones of the earth go: UTC+14 on Kiritimati, UTC-12 on Baker Island (tz database)."""

MONTH = timedelta(days=30)
POLICY = Policy(name="month", withdraw=r.older_than(days=30), limits=Limits(per_run=5))


def anywhere(wall: datetime) -> SentAt:
    """When something may have been sent that only a wall time is known of, to the minute."""
    wall = wall.replace(tzinfo=UTC)
    return SentAt(wall - EARLIEST_ZONE, wall + LATEST_ZONE + timedelta(seconds=59))


def somewhere(wall: datetime, zone: str) -> SentAt:
    """When something was sent by the clocks of a zone, both times where the hour came twice."""
    twice = [wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]
    return SentAt(min(twice), max(twice) + timedelta(seconds=59))


def verdicts(times: list[SentAt], now: datetime, policy: Policy = POLICY) -> list[Verdict]:
    """What is decided about invitations sent at these times."""
    rows = [invitation(number, sent_at=sent_at, as_of=now) for number, sent_at in enumerate(times)]
    decided = policy.plan(Snapshot(taken_at=now, invitations=rows)).decisions.verdicts()
    return [decided[row.id] for row in rows]


def verdict(sent_at: SentAt, now: datetime, policy: Policy = POLICY) -> Verdict:
    """What is decided about one invitation sent then."""
    return verdicts([sent_at], now, policy)[0]


@pytest.mark.parametrize("zone", ZONES)
class TestEveryZoneAndDate:
    """Each of 24 zones on each of the dates above."""

    @pytest.mark.parametrize("name", WALLS)
    def test_near_the_threshold_an_unknown_zone_is_undecided(self, zone: str, name: str) -> None:
        """Judged when it is 30 days old by the clocks of the zone, give or take: never withdrawn."""
        sent_at, true = anywhere(WALLS[name]), somewhere(WALLS[name], zone)
        assert sent_at.earliest <= true.earliest <= true.latest <= sent_at.latest

        for off in (timedelta(0), timedelta(seconds=1), timedelta(minutes=-1)):
            assert verdict(sent_at, true.earliest + MONTH + off) is not Verdict.WITHDRAW
        middle = WALLS[name].replace(tzinfo=UTC) + MONTH
        for off in map(timedelta, (-0.5, 0.49)):
            assert verdict(sent_at, middle + off) is Verdict.UNDECIDED

    def test_whatever_is_decided_is_right_in_that_zone(self, zone: str) -> None:
        """From two days before to two days after: WITHDRAW only if truly older, KEEP only if truly not."""
        for wall in WALLS.values():
            true = somewhere(wall, zone)
            found = set()
            for hours in (-48, -26, -13, -7, 0, 5, 11, 15, 48):
                now = wall.replace(tzinfo=UTC) + MONTH + timedelta(hours=hours)
                for decided in verdicts([anywhere(wall), true], now):
                    found.add(decided)
                    if decided is Verdict.WITHDRAW:
                        assert now - true.latest > MONTH
                    if decided is Verdict.KEEP:
                        assert now - true.earliest <= MONTH
            assert {Verdict.WITHDRAW, Verdict.KEEP, Verdict.UNDECIDED} == found

    def test_the_machines_own_zone_does_not_matter(self, zone: str) -> None:
        """The tests run in Asia/Kathmandu; the same instant, spelled in any zone, is the same age."""
        for wall in WALLS.values():
            sent = somewhere(wall, zone).earliest
            now = sent + MONTH + timedelta(days=3)
            for policy in (POLICY, Policy.default()):
                assert verdict(SentAt.at(sent), now, policy) is Verdict.WITHDRAW
                local = SentAt.at(sent.astimezone(ZoneInfo(zone)))
                assert verdict(local, now.astimezone(ZoneInfo(zone)), policy) is Verdict.WITHDRAW


@settings(max_examples=max(300, settings().max_examples))
@given(
    st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: FIRST_WALL + timedelta(minutes=minutes)),
    st.sampled_from(ZONES),
    st.timedeltas(timedelta(days=-3), timedelta(days=3)),
    st.integers(1, 60),
)
def test_any_threshold_at_any_time(wall: datetime, zone: str, off: timedelta, days: int) -> None:
    """The same for generated times: a verdict is given only where it holds in every zone."""
    policy = Policy(
        name="t", withdraw=r.older_than(days=days), limits=Limits(per_run=5), min_age=timedelta(days=days)
    )
    true = somewhere(wall, zone)
    now = wall.replace(tzinfo=UTC) + timedelta(days=days) + off

    decided = verdict(anywhere(wall), now, policy)

    if decided is Verdict.WITHDRAW:
        assert now - true.latest > timedelta(days=days)
    if decided is Verdict.KEEP:
        assert now - true.earliest <= timedelta(days=days)
    if abs(off) < LATEST_ZONE:
        assert decided is Verdict.UNDECIDED


class TestElapsedTime:
    def test_a_day_is_24_hours_whatever_the_clocks_do(self) -> None:
        """Sent at noon before the clocks go back in New York: at noon the day after it is 25 hours old."""
        zone = ZoneInfo("America/New_York")
        sent, next_noon = (datetime(2026, month, day, 12, tzinfo=zone) for month, day in [(10, 31), (11, 1)])
        day = Policy(
            name="day", withdraw=r.older_than(days=1), limits=Limits(per_run=5), min_age=timedelta(minutes=1)
        )

        assert verdict(SentAt.at(sent), next_noon, day) is Verdict.WITHDRAW
        assert verdict(SentAt.at(sent), next_noon - timedelta(hours=1), day) is Verdict.KEEP

    def test_min_age_is_as_careful_as_a_rule(self) -> None:
        policy = Policy(name="t", withdraw=r.status_is("presumed-pending"), limits=Limits(per_run=5))
        wall = WALLS["leap day"]

        fortnight = wall.replace(tzinfo=UTC) + timedelta(days=14)
        assert verdict(anywhere(wall), fortnight, policy) is Verdict.UNDECIDED
        assert verdict(anywhere(wall), fortnight + timedelta(days=1), policy) is Verdict.WITHDRAW
        assert verdict(anywhere(wall), fortnight - timedelta(days=1), policy) is Verdict.KEEP

    def test_exactly_as_old_is_not_older(self) -> None:
        sent = datetime(2026, 6, 1, tzinfo=UTC)

        assert verdict(SentAt.at(sent), sent + MONTH) is Verdict.KEEP
        assert verdict(SentAt.at(sent), sent + MONTH + timedelta(microseconds=1)) is Verdict.WITHDRAW


class TestNaiveTimes:
    """A time without a zone is never guessed at: everywhere it may come in, it is refused."""

    def test_in_values(self) -> None:
        for build in (
            lambda: SentAt(NAIVE, NAIVE),
            lambda: SentAt.at(NAIVE),
            lambda: SentAt.minute(NAIVE),
            lambda: invitation(as_of=NAIVE),
            lambda: snapshot(taken_at=NAIVE),
            lambda: Context(withdrawn=[NAIVE]),
        ):
            with pytest.raises(DataError, match="no time zone"):
                build()

    def test_in_planning_and_judging(self) -> None:
        with pytest.raises(DataError, match="no time zone"):
            POLICY.plan(snapshot([invitation()]), now=NAIVE)
        with pytest.raises(DataError, match="no time zone"):
            r.older_than(days=3).truths([invitation()], now=NAIVE)

    def test_in_rules(self) -> None:
        for rule in (r.sent_before, r.sent_after):
            with pytest.raises(PolicyError, match="no time zone"):
                rule(NAIVE)
