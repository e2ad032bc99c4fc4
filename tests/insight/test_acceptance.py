"""What the statistics say about invented pasts of which the truth is known."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import invitekit as ik
from invitekit import rules as r
from invitekit.errors import DataError
from invitekit.insight import AcceptanceStats, ChanceSource, Course, Family, Latency
from invitekit.model import Evidence, Interval, Invitations
from invitekit.testing import synthetic_export

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LATENCY = Latency(Family.LOG_LOGISTIC, 0.69, 0.84)


def invitation(number: int, age: float, answered: float | None = None, **more: Any) -> ik.Invitation:
    """One sent so many days ago, and accepted after so many days if that is before now."""
    sent = NOW - age * DAY
    accepted = answered is not None and sent + answered * DAY <= NOW
    known = Interval.day((sent + (answered or 0) * DAY).date()) if accepted else Interval.at(NOW)
    return ik.Invitation(
        **{
            "id": f"x-{number}",
            "member": ik.Member(slug=f"person-example-{number}"),
            "direction": ik.Direction.SENT,
            "sent_at": ik.SentAt(sent, sent),
            "status": ik.Status.ACCEPTED if accepted else ik.Status.PRESUMED_PENDING,
            "evidence": Evidence.CONNECTED if accepted else Evidence.NOT_CONNECTED,
            "as_of": NOW,
            "known_at": known,
            "note": "" if number % 3 else "hello",
            **more,
        }
    )


def export(invitations: list[ik.Invitation], **more: Any) -> ik.Snapshot:
    return ik.Snapshot(
        account=ik.Member(slug="owner-example-1"),
        taken_at=NOW,
        source="export",
        invitations=Invitations(invitations),
        completeness=ik.Completeness.LOG,
        **more,
    )


def past(count: int, rate: float, *, seed: int = 1, youngest: float = 0.0, oldest: float = 170.0) -> ik.Snapshot:
    """An account that sent evenly, and whose recipients accept with a chance and the published latency."""
    random = Random(seed)
    return export(
        [
            invitation(
                number,
                youngest + (oldest - youngest) * random.random(),
                LATENCY.quantile(0.98 * random.random()) if random.random() < rate else None,
            )
            for number in range(count)
        ]
    )


@pytest.fixture(scope="module")
def stats() -> AcceptanceStats:
    return AcceptanceStats.from_snapshot(past(3000, 0.3))


class TestCounting:
    def test_the_numbers_are_those_of_the_invitations(self) -> None:
        found = AcceptanceStats.from_snapshot(
            export([invitation(1, 50, 2), invitation(2, 30), invitation(3, 9, 0)])
        )

        assert (found.sent, found.accepted, found.pending, found.withdrawn, found.closed) == (3, 2, 1, 0, 0)
        assert found.raw_rate.value == pytest.approx(2 / 3)
        assert found.raw_rate.interval == "wilson"
        today, accept = NOW.toordinal(), frozenset({"accept"})
        assert found.courses == (
            Course(today - 50, None, 2, 2, accept, None, False, (None, 23, 39)),
            Course(today - 30, None, 30, None, frozenset(), None, False, (None, 480, None)),
            Course(today - 9, None, 0, 0, accept, None, True, (None, 0, 7)),
        )

    def test_received_ones_do_not_count(self) -> None:
        received = invitation(1, 50, direction=ik.Direction.RECEIVED)

        assert AcceptanceStats.from_snapshot(export([received])).sent == 0

    def test_what_is_left_out_is_counted_with_the_reason(self) -> None:
        found = AcceptanceStats.from_snapshot(
            export(
                [
                    invitation(1, 200, 190),
                    invitation(2, 20, sent_at=ik.SentAt.unknown()),
                    invitation(3, 20, evidence=Evidence.AMBIGUOUS_NAME),
                    invitation(4, 20),
                ]
            )
        )

        assert found.sent == 1
        assert found.left_out == (("acceptance-unsettled", 1), ("older-than-the-log", 1), ("sent-unknown", 1))
        assert "left out" in repr(found)

    def test_one_connection_answers_one_of_two_invitations(self) -> None:
        """The log marks both; the earlier had ended before the later was sent."""
        one = ik.Member(slug="ada-example-77")
        twice = [
            invitation(1, 100, 80, member=one),
            invitation(2, 30, 10, member=one),
        ]

        found = AcceptanceStats.from_snapshot(export(twice))

        assert (found.sent, found.accepted, found.closed) == (2, 1, 1)
        assert {course.left for course in found.courses} == {70, 10}

    def test_whoever_accepted_the_first_and_was_invited_again_accepted_the_first(self) -> None:
        one = ik.Member(slug="ada-example-77")
        found = AcceptanceStats.from_snapshot(
            export([invitation(1, 100, 3, member=one), invitation(2, 30, member=one)])
        )

        assert (found.accepted, found.pending) == (1, 1)

    def test_lost_connections_do_not_leave_the_accepted_alone(self) -> None:
        """The rest would be unsettled, and every rate 100 %."""
        found = AcceptanceStats.from_snapshot(
            export(
                [invitation(1, 50, 2), *(invitation(k, 50, evidence=Evidence.DAMAGED_CONNECTIONS) for k in (2, 3))]
            )
        )

        assert found.raw_rate.value == pytest.approx(1 / 3)
        assert any("could not be read" in caveat for caveat in found.caveats)

    def test_a_listing_is_refused(self) -> None:
        listing = ik.Snapshot(
            account=ik.Member(slug="owner-example-1"),
            taken_at=NOW,
            source="service",
            invitations=[invitation(1, 5, status=ik.Status.PENDING, evidence=Evidence.LISTED)],
            completeness=ik.Completeness.COMPLETE,
        )

        with pytest.raises(DataError, match=r"what is pending, not what was accepted.*from_history"):
            AcceptanceStats.from_snapshot(listing)
        for wrong in (None, [], "export.zip"):
            with pytest.raises(DataError, match="expected a Snapshot"):
                AcceptanceStats.from_snapshot(wrong)  # type: ignore[arg-type]


OTHERS = [ik.Member(slug=f"another-example-{number}") for number in range(800)]


class TestTheCurve:
    def test_young_invitations_do_not_pull_it_down(self) -> None:
        """Half of them were sent in the last two days: what was counted is far below, the curve is not."""
        old, young = past(800, 0.3, seed=3, youngest=40), past(800, 0.3, seed=4, oldest=2)
        everybody = [
            *old.invitations,
            *(attrs.evolve(item, id=f"y-{item.id}", member=OTHERS[k]) for k, item in enumerate(young.invitations)),
        ]
        mixed = export(everybody)

        found = AcceptanceStats.from_snapshot(mixed)

        assert found.raw_rate.upper < 0.28
        assert found.acceptance_by(30).lower < 0.3 < found.acceptance_by(30).upper

    def test_it_finds_the_truth_of_a_synthetic_export(self, tmp_path: Path) -> None:
        truth = synthetic_export(tmp_path / "export.zip", seed=5, invitations=6000)
        found = AcceptanceStats.from_snapshot(ik.read_export(tmp_path / "export.zip"))

        by_90 = found.acceptance_by(90)
        expected = truth.eventual_rate * LATENCY.daily(90) / LATENCY.cdf(180)
        assert by_90.lower < expected < by_90.upper
        assert found.fit.fraction == pytest.approx(truth.eventual_rate, abs=0.03)
        assert found.raw_rate.value < by_90.value

    def test_the_shares_add_up(self, stats: AcceptanceStats) -> None:
        for day in (0, 1, 30, 90):
            parts = stats.acceptance_by(day), stats.closed_by(day), stats.open_at(day)
            assert sum(map(float, parts)) == pytest.approx(1)

    def test_it_ends_where_the_data_end(self, stats: AcceptanceStats) -> None:
        first, last = stats.identified

        assert (first, stats.acceptance_by(last).is_known) == (0, True)
        assert not stats.acceptance_by(last + 1).is_known
        assert not AcceptanceStats.from_snapshot(past(9, 0.3)).acceptance_by(0).is_known

    def test_latencies_are_shares_of_the_acceptances(self, stats: AcceptanceStats) -> None:
        half, most = stats.latency(), stats.latency(0.9)

        assert (half, stats.latency(1.0)) == (
            1,
            max(c.left for c in stats.courses if c.accepted and c.left <= 170),
        )
        assert 5 <= most <= 15
        assert AcceptanceStats.of_nothing().latency() is ik.UNKNOWN

    @pytest.mark.parametrize("wrong", [-1, 1.5, "30", None, True])
    def test_days_are_whole_numbers(self, stats: AcceptanceStats, wrong: Any) -> None:
        for ask in (stats.acceptance_by, stats.chance, stats.explain_age_rule):
            with pytest.raises(DataError, match="whole number of days"):
                ask(wrong)


class TestTheChance:
    def test_without_data_it_is_the_published_curve(self) -> None:
        chance = AcceptanceStats.of_nothing().chance(30)

        assert chance.source is ChanceSource.PRIOR
        assert chance.data_weight == 0
        assert chance.value == pytest.approx(
            0.3 * (LATENCY.daily(180) - LATENCY.daily(30)) / (1 - 0.3 * LATENCY.daily(30))
        )

    def test_it_falls_with_age_and_is_nothing_at_the_expiry(self, stats: AcceptanceStats) -> None:
        chances = [stats.chance(day).value for day in range(181)]

        assert chances == sorted(chances, reverse=True)
        assert chances[180] == 0
        assert stats.chance(400).value == 0

    def test_it_is_counted_where_enough_were_watched(self, stats: AcceptanceStats) -> None:
        counted, fitted = stats.chance(7, horizon=30), stats.chance(7)

        assert counted.source is ChanceSource.OWN_DATA
        assert fitted.source is ChanceSource.MIXTURE
        pending = [c for c in stats.courses if c.left > 7 and (c.accepted or c.left >= 30)]
        later = sum(c.accepted and c.left <= 30 for c in pending)
        assert counted.value == pytest.approx(later / len(pending), abs=0.01)
        assert counted.lower < stats.fit.chance(7, 30) < counted.upper

    def test_it_can_be_asked_of_an_invitation(self, stats: AcceptanceStats) -> None:
        pending = invitation(5_000, 33)

        assert stats.chance_of(pending) == stats.chance(33)
        assert stats.chance(33, horizon=400) == stats.chance(33)
        with pytest.raises(DataError, match="horizon=44"):
            stats.chance(30, horizon=14)
        assert stats.chance_of(pending, at=NOW + 5 * DAY, horizon=60) == stats.chance(38, horizon=60)
        for wrong in (invitation(5_001, 33, 2), invitation(5_002, 3, sent_at=ik.SentAt.unknown())):
            with pytest.raises(DataError, match=r"snapshot\.open_sent"):
                stats.chance_of(wrong)

    def test_wrong_questions(self, stats: AcceptanceStats) -> None:
        for ask in (
            lambda: stats.chance(0, segment=1),  # type: ignore[arg-type]
            lambda: stats.chance(0, segment=("note", 1)),  # type: ignore[arg-type]
            lambda: stats.chances(["x"]),  # type: ignore[list-item]
            lambda: stats.chance_of(0),  # type: ignore[arg-type]
            lambda: stats.latency("x"),  # type: ignore[arg-type]
            lambda: stats.latency(0),
        ):
            with pytest.raises(DataError):
                ask()

    def test_more_data_weigh_more(self) -> None:
        weights = [AcceptanceStats.from_snapshot(past(n, 0.3)).chance(30).data_weight for n in (20, 200, 2000)]

        assert weights == sorted(weights)
        assert 0 < weights[0] < weights[-1] < 1

    def test_caution_looks_at_the_upper_side(self, stats: AcceptanceStats) -> None:
        for chance in (stats.chance(30), stats.chance(7, horizon=30), stats.chance(60, horizon=150)):
            bounds = [chance.bound(caution) for caution in (0.5, 0.7, 0.9, 0.975)]
            assert bounds == sorted(bounds)
            assert bounds[0] == chance.value
            assert bounds[-1] == pytest.approx(chance.upper)

    def test_none_accepted_is_not_a_chance_of_nothing(self) -> None:
        """Ten watched and none accepted leaves a good deal possible."""
        found = AcceptanceStats.from_snapshot(export([invitation(k, 60 + k % 7) for k in range(40)]))

        chance = found.chance(10, horizon=40)
        assert (chance.source, chance.value) == (ChanceSource.OWN_DATA, 0)
        assert chance.bound(0.8) > 0.005

    def test_a_segment_has_its_own_share_and_the_pace_of_all(self, stats: AcceptanceStats) -> None:
        segment = stats.by("note")["with a note"]
        chance = stats.chance(30, segment=("note", "with a note"))

        assert chance.segment == ("note", "with a note")
        assert chance.value == pytest.approx(
            stats.chance(30).value * segment.rate.value / stats.fit.fraction, rel=0.1
        )
        with pytest.raises(DataError, match="no segment 'by pigeon' by note"):
            stats.chance(30, segment=("note", "by pigeon"))


class TestSegments:
    def test_every_row_has_its_size_maturity_and_interval(self, stats: AcceptanceStats) -> None:
        months = stats.by("month")

        assert [item.value for item in months] == sorted(item.value for item in months)
        assert sum(item.sent for item in months) == stats.sent
        for item in months:
            assert item.accepted <= item.maturity <= item.sent
            assert item.rate.lower < item.rate.value < item.rate.upper

    def test_what_is_young_counts_by_the_time_it_has_had(self) -> None:
        found = AcceptanceStats.from_snapshot(past(900, 0.3, seed=3, oldest=5))

        assert found.raw_rate.upper < 0.3
        assert found.matured_rate.naive == found.raw_rate.value
        assert found.matured_rate.maturity < found.sent
        assert found.matured_rate.estimate.lower < 0.3 < found.matured_rate.estimate.upper

    def test_a_young_week_is_not_a_bad_week(self) -> None:
        week = AcceptanceStats.from_snapshot(past(6000, 0.3, seed=11)).by("week")[-1]

        assert week.maturity < 0.9 * week.sent
        assert week.raw_rate.value < week.rate.value

    def test_small_groups_are_drawn_towards_the_whole(self) -> None:
        found = AcceptanceStats.from_snapshot(past(400, 0.3)).by(lambda item: item.id[-1])
        small = AcceptanceStats.from_snapshot(past(400, 0.3)).by(
            lambda item: "few" if item.id in LUCKY else "rest"
        )

        assert len(found) == 10
        assert found.learned
        few = small["few"]
        assert small.mean < few.rate.value < 1
        assert few.raw_rate.value > few.rate.value

    @pytest.mark.parametrize("key", ["company", "title"])
    def test_what_an_export_knows_of_the_accepted_alone_is_refused(self, tmp_path: Path, key: str) -> None:
        synthetic_export(tmp_path / "export.zip", seed=2, invitations=500)
        found = AcceptanceStats.from_snapshot(ik.read_export(tmp_path / "export.zip"))

        for ask in (
            lambda: found.by(key),
            lambda: found.by(lambda item: getattr(item, key)),
            lambda: found.by(lambda item: str(getattr(item, key))),
            lambda: found.where(r.company("Example") | r.title_matches("example")),
            lambda: found.by("status"),
        ):
            with pytest.raises(DataError, match="accepted"):
                ask()

    def test_the_leak_is_real(self, tmp_path: Path) -> None:
        """What would have come out: everybody with a company accepted."""
        synthetic_export(tmp_path / "export.zip", seed=2, invitations=500)
        sent = ik.read_export(tmp_path / "export.zip").invitations.where(
            lambda i: i.direction is ik.Direction.SENT
        )

        assert {i.status for i in sent if i.company is not ik.UNKNOWN} == {ik.Status.ACCEPTED}

    def test_a_company_known_of_everybody_is_a_segment(self) -> None:
        items = [
            invitation(k, 60, 2 if k % 4 == 0 else None, company="Acme Example" if k % 2 else "Zed Example")
            for k in range(80)
        ]

        found = AcceptanceStats.from_snapshot(export(items)).by("company")

        assert {item.value: item.accepted for item in found} == {"Acme Example": 0, "Zed Example": 20}

    def test_tags_are_told(self, stats: AcceptanceStats) -> None:
        tags = {"client": ["person-example-1", "person-example-2"], "met": ["person-example-2"]}

        found = stats.by("tag", tags=tags)

        assert {item.value: item.sent for item in found} == {"client": 2, "met": 1, "no tag": stats.sent - 2}
        with pytest.raises(DataError, match="needs the tags"):
            stats.by("tag")

    def test_unknown_values_are_counted_apart(self) -> None:
        found = AcceptanceStats.from_snapshot(
            export(
                [invitation(k, 60, 1 if k % 2 else None, note=ik.UNKNOWN if k % 4 < 2 else "") for k in range(40)]
            )
        )

        assert found.by("note").unknown == 20

    def test_a_part_can_be_looked_at_alone(self, stats: AcceptanceStats) -> None:
        noted = stats.where(r.has_note())

        assert noted.sent == stats.by("note")["with a note"].sent
        assert noted.where(lambda item: item.note == "hello").sent == noted.sent


LUCKY = {
    f"x-{item.id[2:]}"
    for item in past(400, 0.3).invitations
    if item.status is ik.Status.ACCEPTED and item.id < "x-15"
}


class TestWhatARuleCosts:
    def test_an_age_rule_is_explained(self, stats: AcceptanceStats) -> None:
        rules = [stats.explain_age_rule(days) for days in (7, 14, 21, 30, 60)]

        lost = [rule.forfeited.value for rule in rules]
        prices = [rule.slot_price for rule in rules]
        stocks = [rule.stock for rule in rules]
        assert lost == sorted(lost, reverse=True)
        assert prices == sorted(prices, reverse=True)
        assert stocks == sorted(stocks)
        assert 0.01 < lost[2] < 0.025
        assert 0.0005 < prices[2] < 0.002
        assert rules[2].forfeited.lower < rules[2].observed.value < rules[2].forfeited.upper

    def test_what_nobody_was_left_alone_for_is_unknown(self) -> None:
        rule = AcceptanceStats.from_snapshot(past(300, 0.3, oldest=20)).explain_age_rule(21)

        assert not rule.observed.is_known
        assert "hardly any invitation was left alone for longer" in repr(rule)
        assert rule.forfeited.is_known
        with pytest.raises(DataError, match="expire after 180"):
            AcceptanceStats.of_nothing().explain_age_rule(180)

    def test_at_price_zero_nothing_is_ever_withdrawn(self, stats: AcceptanceStats) -> None:
        worth = stats.worth(slot_price=0.0)

        assert worth.threshold is ik.UNKNOWN
        assert str(worth).startswith("never withdraw")

    def test_a_dearer_slot_is_given_up_earlier(self, stats: AcceptanceStats) -> None:
        days = [stats.worth(slot_price=price).threshold for price in (0.0005, 0.001, 0.002, 0.005)]

        assert days == sorted(days, reverse=True)
        assert stats.worth(slot_price=0.001).threshold > stats.worth(slot_price=0.001, caution=0.5).threshold

    def test_a_cap_gives_a_price(self, stats: AcceptanceStats) -> None:
        tight, wide = stats.worth(pending_cap=300), stats.worth(pending_cap=100_000)

        assert tight.slot_price > 0
        assert (wide.slot_price, wide.threshold) == (0, ik.UNKNOWN)
        assert "does not bind" in str(wide)

    def test_the_pace_of_a_young_account_is_that_of_its_days(self) -> None:
        found = AcceptanceStats.from_snapshot(export([invitation(k, k / 20) for k in range(200)]))

        assert found.sends_a_week() == pytest.approx(20 * 7, rel=0.1)

    def test_one_of_price_and_cap_is_given(self, stats: AcceptanceStats) -> None:
        with pytest.raises(DataError, match="neither"):
            stats.worth()
        with pytest.raises(DataError, match="both"):
            stats.worth(slot_price=0.1, pending_cap=5)

    def test_a_cap_does_not_bind_where_nothing_is_sent(self) -> None:
        assert AcceptanceStats.of_nothing().worth(pending_cap=5).slot_price == 0

    def test_a_cap_is_met_by_the_estimate_and_a_price_with_caution(self, stats: AcceptanceStats) -> None:
        assert stats.worth(pending_cap=300).caution == 0.5
        assert stats.worth(slot_price=0.001).caution == 0.8
        for wrong in (0, 1, 0.3, "x"):
            with pytest.raises(ik.PolicyError, match="caution"):
                stats.worth(slot_price=0.001, caution=wrong)
        for settings in ({"slot_price": "x"}, {"slot_price": -1}, {"pending_cap": 0}, {"pending_cap": 1.5}):
            with pytest.raises(ik.PolicyError):
                stats.worth(**settings)


class TestValues:
    def test_they_are_frozen_equal_and_pickled(self) -> None:
        one, other = (AcceptanceStats.from_snapshot(past(60, 0.3)) for _ in range(2))
        before = one.chance(30), one.explain_age_rule(21), one.worth(slot_price=0.001)

        again = pickle.loads(pickle.dumps(one))

        assert one == other == again
        assert (again.chance(30), again.explain_age_rule(21), again.worth(slot_price=0.001)) == before
        assert pickle.loads(pickle.dumps(before)) == before
        with pytest.raises(AttributeError):
            one.source = "x"  # type: ignore[misc]

    def test_they_show_themselves(self, stats: AcceptanceStats) -> None:
        for value in (
            stats,
            stats.chance(30),
            stats.by("note"),
            stats.explain_age_rule(21),
            stats.worth(slot_price=1e-3),
        ):
            assert repr(value)
            assert "<table>" in value._repr_html_()

    def test_records_follow_the_curve(self, stats: AcceptanceStats) -> None:
        records = stats.to_records()

        assert len(records) == stats.identified[1] + 1
        assert records[30]["accepted"] == stats.acceptance_by(30).value
        assert list(records[0]) == [
            "day",
            "at_risk",
            "accepted",
            "accepted_lower",
            "accepted_upper",
            "closed",
            "open",
        ]

    @pytest.mark.parametrize("wrong", [0.4, 1.0, 2, "x"])
    def test_confidence_is_a_share(self, wrong: Any) -> None:
        with pytest.raises(DataError, match="confidence"):
            AcceptanceStats.of_nothing(confidence=wrong)


@given(st.lists(st.tuples(st.integers(0, 170), st.none() | st.integers(0, 170)), max_size=40), st.randoms())
def test_order_changes_nothing(pairs: list[tuple[int, int | None]], random: Any) -> None:
    items = [invitation(number, age, answered) for number, (age, answered) in enumerate(pairs)]
    one = AcceptanceStats.from_snapshot(export(items))
    random.shuffle(items)
    other = AcceptanceStats.from_snapshot(export(items))

    assert one.to_records() == other.to_records()
    assert one.chance(30).value == pytest.approx(other.chance(30).value)
    assert sorted(map(str, one.courses)) == sorted(map(str, other.courses))


def test_a_count_that_ends_on_a_few_is_not_taken() -> None:
    """Nearly everybody withdrawn at 21 days, a twentieth left alone: the fitted curve says how sure it is."""
    nothing: frozenset[str] = frozenset()
    today = NOW.toordinal()
    found = AcceptanceStats(
        courses=(
            *(Course(today - 170, None, 21, None, nothing, 21, False) for _ in range(400)),
            *(Course(today - 170, None, 170, None, nothing, None, False) for _ in range(20)),
        ),
        as_of=NOW,
    )

    assert found.identified == (0, 170)
    assert found.counted_until(10) == 21
    assert found.chance(10, horizon=20).source is ChanceSource.OWN_DATA
    assert found.chance(10, horizon=100).source is ChanceSource.MIXTURE
    assert found.chance(30, horizon=100).source is ChanceSource.OWN_DATA
    assert found.acceptance_by(30).value == 0
    assert found.acceptance_by(30).upper > 0.1
