"""Health: each line beside a threshold that says where it comes from; what cannot be seen is unknown, not ok."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

import invitekit as ik
from invitekit.errors import DataError
from invitekit.insight import Basis, HealthState, Signal, SignalKind, Thresholds
from invitekit.model import Evidence, Interval

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def snapshot(
    ages: list[float], accepted: int = 0, completeness: ik.Completeness = ik.Completeness.LOG
) -> ik.Snapshot:
    """Pending invitations of these ages, and so many accepted on the day of sending, all sixty days old."""
    pending = ik.Status.PRESUMED_PENDING if completeness is ik.Completeness.LOG else ik.Status.PENDING

    def item(number: int, age: float, status: ik.Status) -> ik.Invitation:
        sent = NOW - age * DAY
        return ik.Invitation(
            id=f"x-{number}",
            member=ik.Member(slug=f"person-example-{number}"),
            direction=ik.Direction.SENT,
            sent_at=ik.SentAt(sent, sent),
            status=status,
            evidence=Evidence.CONNECTED if status is ik.Status.ACCEPTED else Evidence.NOT_CONNECTED,
            as_of=NOW,
            known_at=Interval.at(sent if status is ik.Status.ACCEPTED else NOW),
            note="",
        )

    return ik.Snapshot(
        account=ik.Member(slug="owner-example-1"),
        taken_at=NOW,
        source="export" if completeness is ik.Completeness.LOG else "service",
        invitations=[
            *(item(number, age, pending) for number, age in enumerate(ages)),
            *(item(number + len(ages), 60, ik.Status.ACCEPTED) for number in range(accepted)),
        ],
        completeness=completeness,
    )


def states(health: ik.Health) -> dict[str, str]:
    return {line.name: line.state.value for line in health.lines}


class TestLines:
    @pytest.mark.parametrize(
        ("count", "state"), [(0, "ok"), (399, "ok"), (400, "watch"), (499, "watch"), (500, "danger")]
    )
    def test_the_pile_of_pending_ones(self, count: int, state: str) -> None:
        line = ik.Health.of(snapshot([30.0] * count))["pending"]

        assert line.state == state
        assert line.basis is Basis.VENDOR
        assert "at most" in line.found

    def test_a_listing_that_lacks_some_is_not_ok(self) -> None:
        partial = snapshot([30.0] * 5, completeness=ik.Completeness.PARTIAL)

        assert ik.Health.of(partial)["pending"].state is HealthState.NOT_KNOWN
        assert (
            ik.Health.of(snapshot([30.0] * 500, completeness=ik.Completeness.PARTIAL))["pending"].state == "danger"
        )

    @pytest.mark.parametrize(
        ("pending", "accepted", "state"),
        [(60, 60, "ok"), (75, 25, "watch"), (900, 100, "danger"), (5, 1, "unknown")],
    )
    def test_the_acceptance(self, pending: int, accepted: int, state: str) -> None:
        """A danger only where even the upper bound is below the line."""
        assert ik.Health.of(snapshot([60.0] * pending, accepted))["acceptance"].state == state

    @pytest.mark.parametrize(("age", "state"), [(89.5, "ok"), (90, "watch"), (200, "ok")])
    def test_the_oldest(self, age: float, state: str) -> None:
        """What an export presumes to be pending beyond the expiry has expired."""
        assert ik.Health.of(snapshot([age, 3.0]))["oldest pending"].state == state

    def test_a_young_account_is_not_in_danger(self) -> None:
        """Four days old, and a quarter accepted already: that is no rate of thirty days."""
        young = snapshot([4.0] * 300)
        accepted = [
            attrs.evolve(item, status=ik.Status.ACCEPTED, evidence=Evidence.CONNECTED, known_at=item.sent_at)
            for item in young.invitations[:80]
        ]
        line = ik.Health.of(attrs.evolve(young, invitations=[*accepted, *young.invitations[80:]]))["acceptance"]

        assert line.state is HealthState.NOT_KNOWN
        assert "no day 30 yet" in line.found

    def test_what_may_be_more_is_not_ok(self) -> None:
        listing = snapshot([3.0] * 5, completeness=ik.Completeness.COMPLETE)
        floor = ik.WeeklyQuota.from_snapshot(listing, limit=100, tier="basic")
        partial = ik.Health.of(snapshot([], completeness=ik.Completeness.PARTIAL))

        health = ik.Health.of(listing, quota=floor)
        assert [health[name].state for name in ("weekly quota", "personal notes")] == ["unknown", "unknown"]
        assert "at most" in health["personal notes"].found
        assert partial["oldest pending"].state is HealthState.NOT_KNOWN

    def test_what_a_service_lists_is_pending_however_old(self) -> None:
        line = ik.Health.of(snapshot([200.0, 3.0], completeness=ik.Completeness.COMPLETE))["oldest pending"]

        assert line.state == "watch"
        assert "past the age at which they expire" in line.found

    @pytest.mark.parametrize(("sent", "state"), [(10, "ok"), (16, "watch"), (20, "danger")])
    def test_the_weekly_quota(self, sent: int, state: str) -> None:
        quota = ik.WeeklyQuota.of([NOW - timedelta(hours=1)] * sent, now=NOW, limit=20)

        assert ik.Health.of(snapshot([]), quota=quota)["weekly quota"].state == state

    def test_an_unknown_limit_is_unknown_unless_the_kind_of_account_gives_a_plan(self) -> None:
        sends = [NOW - timedelta(hours=1)] * 90
        unknown = ik.WeeklyQuota.of(sends, now=NOW)
        planned = ik.WeeklyQuota.of(sends, now=NOW, tier="basic")

        assert ik.Health.of(snapshot([]), quota=unknown)["weekly quota"].state is HealthState.NOT_KNOWN
        line = ik.Health.of(snapshot([]), quota=planned)["weekly quota"]
        assert (line.state, line.basis) == ("watch", Basis.VENDOR)

    def test_personal_notes(self) -> None:
        noted = [NOW - timedelta(hours=1)] * 4
        basic = ik.WeeklyQuota.of(noted, now=NOW, tier="basic", noted=noted)
        premium = ik.WeeklyQuota.of(noted, now=NOW, tier="premium", noted=noted)

        assert ik.Health.of(snapshot([]), quota=basic)["personal notes"].state == "watch"
        assert ik.Health.of(snapshot([]), quota=premium)["personal notes"].state == "ok"
        assert ik.Health.of(snapshot([]))["personal notes"].state is HealthState.NOT_KNOWN

    def test_signals(self) -> None:
        once = [Signal(NOW - DAY, SignalKind.REFUSED)]
        often = [Signal(NOW - DAY, SignalKind.REFUSED), Signal(NOW - DAY - timedelta(hours=2), "refused")]  # type: ignore[arg-type]
        asked = [Signal(NOW - DAY, SignalKind.CHALLENGE)]
        old = [Signal(NOW - 40 * DAY, SignalKind.HTTP_999)]

        def lines(signals: Any) -> tuple[str, str]:
            health = ik.Health.of(snapshot([]), signals=signals)
            return health["refusals"].state.value, health["challenges"].state.value

        assert lines(None) == ("unknown", "unknown")
        assert lines([]) == lines(old) == ("ok", "ok")
        assert lines(once) == ("watch", "ok")
        assert lines(often) == ("danger", "ok")
        assert lines(asked) == ("ok", "danger")

    def test_the_share_withdrawn_an_export_does_not_show(self) -> None:
        assert ik.Health.of(snapshot([60.0] * 50, 10))["share withdrawn"].state is HealthState.NOT_KNOWN


class TestTheWhole:
    def test_it_is_as_bad_as_its_worst_line(self) -> None:
        assert ik.Health.of(snapshot([60.0] * 500, 400)).state == "danger"
        assert ik.Health.of(snapshot([60.0] * 420, 400)).state == "watch"
        assert ik.Health.of(snapshot([60.0] * 20, 20)).state == "ok"
        assert ik.Health.of(snapshot([])).state == "unknown"  # Nothing is pending, and nobody ever answered.

    def test_the_worse_the_sooner_one_looks_again(self) -> None:
        found = [ik.Health.of(snapshot([60.0] * count, 400)).review_by - NOW for count in (500, 420, 20)]

        assert found == [DAY, 7 * DAY, 30 * DAY]

    def test_a_pile_that_grows_is_looked_at_before_it_is_too_high(self) -> None:
        """Ten a day, and room for fifty."""
        quota = ik.WeeklyQuota.of([NOW - hour * timedelta(hours=2.4) for hour in range(280)], now=NOW)

        assert ik.Health.of(snapshot([60.0] * 350, 300), quota=quota).review_by - NOW == pytest.approx(
            5 * DAY, abs=timedelta(hours=2)
        )

    def test_every_line_says_how_well_founded_it_is(self) -> None:
        health = ik.Health.of(snapshot([30.0] * 20, 20), signals=[])

        assert len({line.name for line in health.lines}) == 8
        for line in health.lines:
            assert line.threshold
            assert line.source
            assert line.basis in Basis
        official = {line.name for line in health.lines if line.basis is Basis.OFFICIAL}
        assert official == {"refusals"}  # The one threshold that a help text names.

    def test_thresholds_are_settings(self) -> None:
        few = snapshot([30.0] * 20, 20)

        assert (
            ik.Health.of(few, thresholds=Thresholds(pending_soft=10, pending_hard=15))["pending"].state == "danger"
        )
        assert ik.Health.of(few, thresholds=Thresholds(acceptance=0.9))["acceptance"].state == "danger"

    def test_it_is_a_value(self) -> None:
        one, other = (ik.Health.of(snapshot([30.0] * 20, 20)) for _ in range(2))

        assert one == other == pickle.loads(pickle.dumps(one))
        assert "<table>" in one._repr_html_()
        assert [row["name"] for row in one.to_records()] == [line.name for line in one.lines]
        with pytest.raises(KeyError):
            one["luck"]

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"signals": ["challenge"]}, "signals must be Signals"),
            ({"signals": 5}, "signals must be Signals"),
            ({"now": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001 - that is the point
        ],
    )
    def test_wrong_arguments(self, wrong: dict[str, Any], says: str) -> None:
        with pytest.raises(DataError, match=says):
            ik.Health.of(snapshot([]), **wrong)

    def test_wrong_thresholds(self) -> None:
        with pytest.raises(DataError, match="pending_soft"):
            Thresholds(pending_soft=600)
        with pytest.raises(DataError, match="acceptance"):
            Thresholds(acceptance=-1)
        with pytest.raises(DataError, match=r"thirty percent is 0\.3"):
            Thresholds(acceptance=30)
        with pytest.raises(DataError, match="there is no signal 'luck'"):
            Signal(NOW, "luck")  # type: ignore[arg-type]
        with pytest.raises(DataError, match="stats must be AcceptanceStats"):
            ik.Health.of(snapshot([]), stats=snapshot([]))  # type: ignore[arg-type]
        with pytest.raises(DataError, match="quota must be WeeklyQuota"):
            ik.Health.of(snapshot([]), quota=5)  # type: ignore[arg-type]
        with pytest.raises(DataError, match="expected a Snapshot"):
            ik.Health.of("export.zip")  # type: ignore[arg-type]
