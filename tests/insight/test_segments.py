"""Parts of an invented past side by side: true rates are found at any age, and hindsight is told from luck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

import invitekit as ik
from invitekit.errors import DataError
from invitekit.insight import AcceptanceStats, ChanceSource, Course, Family, Latency
from invitekit.model import Evidence, Interval, Invitations

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.toordinal()
DAY = timedelta(days=1)
LATENCY = Latency(Family.LOG_LOGISTIC, 0.69, 0.84)
WHOLE = LATENCY.daily(180)
"""How many of all acceptances come before an invitation expires."""

ACCEPTED, CLOSED, PENDING = frozenset({"accept"}), frozenset({"closed"}), frozenset[str]()


def invitation(number: int, age: float, answered: float | None = None, **more: Any) -> ik.Invitation:
    """One sent so many days ago, and accepted after so many days if that is before now."""
    sent = NOW - age * DAY
    accepted = answered is not None and answered <= age
    return ik.Invitation(
        **{
            "id": f"x-{number}",
            "member": ik.Member(slug=f"person-example-{number}"),
            "direction": ik.Direction.SENT,
            "sent_at": ik.SentAt(sent, sent),
            "status": ik.Status.ACCEPTED if accepted else ik.Status.PRESUMED_PENDING,
            "evidence": Evidence.CONNECTED if accepted else Evidence.NOT_CONNECTED,
            "as_of": NOW,
            "known_at": Interval.day((sent + (answered or 0) * DAY).date()) if accepted else Interval.at(NOW),
            "note": "",
            **more,
        }
    )


def stats_of(invitations: Sequence[ik.Invitation]) -> AcceptanceStats:
    """What an export of these tells."""
    return AcceptanceStats.from_snapshot(
        ik.Snapshot(
            account=ik.Member(slug="owner-example-1"),
            taken_at=NOW,
            source="export",
            invitations=Invitations(invitations),
            completeness=ik.Completeness.LOG,
        )
    )


def cohorts(random: Random, *parts: tuple[str, int, float, float, float]) -> list[ik.Invitation]:
    """Invitations of several parts: the note they carry, how many, of what ages, and the share that accepts."""
    found: list[ik.Invitation] = []
    for note, count, youngest, oldest, rate in parts:
        for _ in range(count):
            answered = LATENCY.quantile(random.random()) if random.random() < rate else None
            found.append(invitation(len(found), random.uniform(youngest, oldest), answered, note=note))
    return found


def course(random: Random, note: bool, age: float) -> Course:
    """How one of that age went whose times are known to three hours; 35 % accept sooner or later."""
    sent = (NOW - age * DAY).toordinal()
    came = LATENCY.quantile(random.random())
    if random.random() < 0.35 and came < age:
        day = (NOW - (age - came) * DAY).toordinal() - sent
        part = int(came * 8) * 2
        return Course(sent, None, day, day, ACCEPTED, None, note, (None, part, part + 2))
    return Course(sent, None, TODAY - sent, None, PENDING, None, note, (None, round(age * 8) * 2, None))


def by_note(stats: AcceptanceStats) -> Any:
    """Compare the parts of `cohorts`."""
    return stats.by(lambda item: item.note)


class TestARateIsFoundAtAnyAge:
    @pytest.mark.parametrize(("youngest", "oldest"), [(0, 2), (0, 7), (60, 170)])
    def test_the_interval_of_a_cohort_covers_its_rate(self, youngest: float, oldest: float) -> None:
        """Simulated: a cohort beside an older rest has the same rate, and nominally 95 % of intervals hold it."""
        covered, middle, runs = 0, 0.0, 60
        for seed in range(runs):
            random = Random(seed)
            courses = [course(random, True, float(random.randint(7, 170))) for _ in range(800)]
            courses += [course(random, False, random.uniform(youngest, oldest)) for _ in range(300)]

            rate = AcceptanceStats(courses=tuple(courses), as_of=NOW).by("note")["without"].rate

            covered += rate.lower <= 0.35 * WHOLE <= rate.upper
            middle += rate.value / runs
        assert covered >= 0.88 * runs
        assert middle == pytest.approx(0.35 * WHOLE, abs=0.02)

    def test_many_groups_are_found_as_well_as_few(self) -> None:
        """With eight groups and more the strength is learned; the young one is not drawn down by its age."""
        covered, runs = 0, 20
        for seed in range(runs):
            weeks = [(f"{7 * k} days", 120, 7.0 * k, 7.0 * k + 7, 0.35) for k in range(1, 9)]
            segments = by_note(stats_of(cohorts(Random(seed), ("new", 200, 0, 2, 0.35), *weeks)))

            assert segments.learned
            covered += segments["new"].rate.lower <= 0.35 * WHOLE <= segments["new"].rate.upper
        assert covered >= 0.85 * runs

    def test_ages_known_to_the_day_give_the_rate_too(self) -> None:
        """Days of which the hour is not known are taken as the curve takes them, as if all happened at noon."""
        random, covered, runs = Random(1), 0, 30
        for _ in range(runs):
            courses: list[Course] = []
            for note, count, oldest in ((True, 1500, 170), (False, 400, 2)):
                for _ in range(count):
                    age = random.uniform(0, oldest)
                    sent, came = TODAY - int(age), LATENCY.quantile(random.random())
                    if random.random() < 0.35 and came < age:
                        courses.append(Course(sent, None, int(came), int(came), ACCEPTED, None, note))
                    else:
                        courses.append(Course(sent, None, int(age), None, PENDING, None, note))
            rate = AcceptanceStats(courses=tuple(courses), as_of=NOW).by("note")["without"].rate
            covered += rate.lower <= 0.35 * WHOLE <= rate.upper
        assert covered >= 0.85 * runs

    def test_all_alike_are_given_the_rate_of_all_though_they_are_young(self) -> None:
        old = [(f"old {k}", 100, 30, 90, 0.35) for k in range(4)]
        segments = by_note(
            stats_of(cohorts(Random(8), *old, *[(f"young {k}", 150, 0, 3, 0.35) for k in range(8)]))
        )

        assert segments.strength > 50
        for segment in segments[:8]:
            assert segment.rate.lower < 0.35 * WHOLE < segment.rate.upper

    def test_groups_that_differ_are_told_apart_at_any_age(self) -> None:
        """Half of the groups is at 15 %, the others at 55 %: their young ones come out on the right side, too."""
        past = cohorts(
            Random(9),
            *[
                (f"part {k}", 200, 0 if k < 4 else 60, 4 if k < 4 else 160, 0.55 if k % 2 else 0.15)
                for k in range(8)
            ],
        )

        segments = by_note(stats_of(past))

        assert segments.strength < 30
        rates = [segments[f"part {k}"].rate.value for k in range(8)]
        assert max(rates[::2]) < 0.25
        assert min(rates[1::2]) > 0.45

    def test_an_account_that_is_nearly_always_accepted_keeps_its_rate(self) -> None:
        """The mean of many groups is theirs, and not half the prior's."""
        past = [invitation(k, 40 + k % 30, 0.5 if k % 10 else None) for k in range(100)]

        segments = stats_of(past).by(lambda item: int(item.id[2:]) // 10)

        assert segments.mean == pytest.approx(0.9, abs=0.02)


@pytest.fixture(scope="module")
def declining() -> AcceptanceStats:
    """Two parts that accept alike; of those without a note, half declines within days."""
    random = Random(5)
    courses: list[Course] = []
    for note, closing in ((True, 0.0), (False, 0.5)):
        for _ in range(4000):
            age, draw = random.uniform(60, 170), random.random()
            causes, came = PENDING, age
            if draw < 0.3:
                causes, came = ACCEPTED, LATENCY.quantile(random.random())
            elif draw < 0.3 + closing:
                causes, came = CLOSED, random.expovariate(1 / 3)
            ended = came < age
            at = int(came if ended else age)
            courses.append(
                Course(TODAY - int(age), None, at, at if ended else None, causes if ended else PENDING, None, note)
            )
    return AcceptanceStats(courses=tuple(courses), as_of=NOW)


class TestTheChanceInASegment:
    @pytest.mark.parametrize("note", ["with a note", "without"])
    def test_it_is_counted_where_enough_were_watched(self, declining: AcceptanceStats, note: str) -> None:
        """Exactly as the segment by itself counts it."""
        alone = AcceptanceStats(
            courses=tuple(one for one in declining.courses if one.note is (note == "with a note")), as_of=NOW
        )

        found = declining.chance(14, horizon=60, segment=("note", note))

        assert found.source is ChanceSource.OWN_DATA
        assert found.estimate == alone.chance(14, horizon=60).estimate
        assert found.at_risk == alone.chance(14, horizon=60).at_risk
        assert found.data_weight == 1

    def test_where_half_declines_those_that_stay_are_likelier_to_accept(self, declining: AcceptanceStats) -> None:
        """Read off the curve, since nobody was watched for 180 days: the truth is 2.3 % with, 5.9 % without."""
        came, later = LATENCY.daily(14), LATENCY.daily(180)
        for note, stays in (("with a note", 0.7), ("without", 0.2)):
            found = declining.chance(14, segment=("note", note))
            truth = 0.3 * (later - came) / (0.3 * (1 - came) + stays)

            assert found.source is ChanceSource.MIXTURE
            assert found.value == pytest.approx(truth, rel=0.35)
            assert found.lower is not ik.UNKNOWN
            assert found.upper is not ik.UNKNOWN
            assert found.lower < found.value < found.upper

    def test_a_segment_that_is_not_there_is_named(self, declining: AcceptanceStats) -> None:
        with pytest.raises(DataError, match="there is no segment 'no such'"):
            declining.chance(14, segment=("note", "no such"))


def accepted_slugs(stats: AcceptanceStats) -> list[str]:
    """Whoever accepted."""
    return [str(item.member.slug) for item in stats.invitations if item.status is ik.Status.ACCEPTED]


@pytest.fixture(scope="module")
def third() -> AcceptanceStats:
    """An account of which a third accepts, young ones included."""
    return stats_of(cohorts(Random(3), ("", 900, 0, 90, 0.35)))


@pytest.fixture(scope="module")
def nine_of_ten() -> AcceptanceStats:
    """Three a day, nine of ten of which accept within a day."""
    return stats_of([invitation(k, 30 + k / 3, 0.5 if k % 10 else None) for k in range(100)])


class TestLegitimateGroupsAreCompared:
    @pytest.mark.parametrize(
        "key",
        [
            lambda item: item.sent_at.latest.date(),
            lambda item: int(item.id[2:]) // 3,
            lambda item: item.id,
            lambda item: item.sent_at.latest.weekday(),
            "sent_at",
        ],
        ids=["day of sending", "three each", "one each", "weekday", "moment of sending"],
    )
    def test_small_groups_of_an_account_with_a_high_rate(
        self, nine_of_ten: AcceptanceStats, third: AcceptanceStats, key: Any
    ) -> None:
        """Most of them are accepted without an exception, which is what chance makes of nine in ten."""
        assert sum(item.sent for item in nine_of_ten.by(key)) == 100
        assert sum(item.sent for item in third.by(key)) == 900

    def test_weeks_and_months_are_never_refused(self) -> None:
        """Even where all of an old week accepted, and none of a new one."""
        past = stats_of([invitation(k, 30 if k < 40 else 8, 0.5 if k < 40 else None) for k in range(80)])

        assert len(past.by("week")) == 2
        assert len(past.by("month")) >= 1

    def test_a_part_that_nobody_accepts_is_a_finding(self, third: AcceptanceStats) -> None:
        refusing = {
            item.id for item in third.invitations if item.status is not ik.Status.ACCEPTED and item.id < "x-2"
        }

        found = third.by(lambda item: "bad list" if item.id in refusing else "rest")

        assert found["bad list"].accepted == 0

    def test_what_was_sent_yesterday_may_be_looked_at(self, third: AcceptanceStats) -> None:
        newest = NOW - DAY

        assert third.where(lambda item: item.sent_at.latest > newest).sent > 0

    def test_a_few_people_who_matter_may_all_have_accepted(self, third: AcceptanceStats) -> None:
        few = accepted_slugs(third)[:8]

        found = third.by("tag", tags={"vip": few, "nobody": []})

        assert (found["vip"].sent, found["vip"].accepted) == (8, 8)

    def test_tags_of_people_who_mostly_accept_are_told(self, third: AcceptanceStats) -> None:
        slugs = [item.member.slug for item in third.invitations]
        met = accepted_slugs(third)[:60] + [slug for slug in slugs if slug not in set(accepted_slugs(third))][:10]

        assert third.by("tag", tags={"met": met})["met"].accepted == 60

    def test_many_tags_do_not_make_one_of_them_a_leak(self, third: AcceptanceStats) -> None:
        """A hundred tags at random on four people each."""
        random = Random(4)
        slugs = [item.member.slug for item in third.invitations]

        assert len(third.by("tag", tags={f"tag {k}": random.sample(slugs, 4) for k in range(100)})) > 90


def replied(share: int) -> Callable[[AcceptanceStats], Any]:
    """A tag that was put on one in so many of those who accepted."""
    return lambda stats: stats.by("tag", tags={"replied": accepted_slugs(stats)[::share]})


class TestHindsightIsRefused:
    @pytest.mark.parametrize(
        "ask",
        [
            replied(1),
            replied(3),
            lambda stats: stats.by(lambda item: (item.known_at.latest - item.sent_at.latest).days // 7),
            lambda stats: stats.by(lambda item: (item.known_at.latest - item.sent_at.latest).days),
            lambda stats: stats.by(lambda item: item.member.slug in set(accepted_slugs(stats)[::2])),
            lambda stats: stats.by(lambda item: item.status is ik.Status.ACCEPTED or int(item.id[2:]) % 40 == 0),
            lambda stats: stats.by("known_at"),
            lambda stats: stats.where(lambda item: item.is_open),
        ],
        ids=[
            "tag",
            "tag on some",
            "weeks it took",
            "days it took",
            "list of some",
            "with mistakes",
            "when",
            "open",
        ],
    )
    def test_what_looks_at_the_answer(self, third: AcceptanceStats, ask: Callable[[AcceptanceStats], Any]) -> None:
        with pytest.raises(DataError, match="known only after the answer"):
            ask(third)

    def test_a_status_is_refused_in_an_account_with_a_high_rate_too(self, nine_of_ten: AcceptanceStats) -> None:
        for ask in (replied(1), lambda stats: stats.by("status"), lambda stats: stats.by("known_at")):
            with pytest.raises(DataError, match="known only after the answer"):
                ask(nine_of_ten)

    def test_the_tag_is_named(self, third: AcceptanceStats) -> None:
        with pytest.raises(DataError, match="the tag 'replied' sets apart accepted invitations alone"):
            replied(2)(third)

    def test_notes_that_only_accepted_ones_show_are_refused(self) -> None:
        """A source that tells the note of those who accepted alone."""
        past = [
            invitation(
                k, 60, 1 if k % 3 == 0 else None, note=("hello" if k % 2 else "") if k % 3 == 0 else ik.UNKNOWN
            )
            for k in range(90)
        ]

        with pytest.raises(DataError, match="the note is known of 30 of 30 accepted invitations, and of 0 of 60"):
            stats_of(past).by("note")
