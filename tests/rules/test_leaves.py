"""Each built-in rule: when it is true, false and unknown, what it says, and which arguments it refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from tests.population import NAIVE, NOW, ago, invitation, snapshot

from invitekit import rules as r
from invitekit.errors import PolicyError
from invitekit.model import (
    UNKNOWN,
    Direction,
    Evidence,
    Invitation,
    Member,
    Outcome,
    Result,
    SentAt,
    Status,
    Truth,
)
from invitekit.policy import Context, Limits, Policy
from invitekit.rules import Rule

YES, NO, PERHAPS = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


def truth(rule: Rule, row: Invitation, **context: Any) -> Truth:
    """The truth of a rule of one invitation."""
    (found,) = rule.truths([row], now=NOW, context=Context(**context))
    return found


def text(rule: Rule, row: Invitation, **context: Any) -> str:
    """What a plan says that the rule saw."""
    policy = Policy(
        name="t", withdraw=rule | r.name_matches("zzzz"), limits=Limits(per_run=1), min_age=timedelta(0)
    )
    (decision,) = policy.plan(snapshot([row]), context=Context(**context)).decisions
    (reason,) = (reason for reason in decision.reasons if reason.rule == repr(rule))
    assert reason.truth is truth(rule, row, **context)
    return reason.text


DAY = SentAt(ago(31), ago(29))


class TestAges:
    """Older than a threshold, before and after a date; near the threshold of an inexact time: unknown."""

    @pytest.mark.parametrize(
        ("rule", "sent_at", "expected", "says"),
        [
            (r.older_than(days=30), SentAt.at(ago(31)), YES, "sent 31 days ago, more than 30 days"),
            (r.older_than(days=30), SentAt.at(ago(29)), NO, "sent 29 days ago, not more than 30 days"),
            (r.older_than(days=30), SentAt.at(ago(30.5)), YES, "sent 30 days 12 hours ago, more than 30 days"),
            (r.older_than(days=30), SentAt.at(ago(29.9)), NO, "sent 29 days 21 hours ago, not more than 30 days"),
            (r.older_than(days=30), SentAt.at(ago(30)), NO, "sent 30 days ago, not more than 30 days"),
            (
                r.older_than(days=30),
                DAY,
                PERHAPS,
                "sent 29 to 31 days ago, so it may or may not be more than 30 days",
            ),
            (r.older_than(days=28), DAY, YES, "sent 29 to 31 days ago, more than 28 days"),
            (r.older_than(days=32), DAY, NO, "sent 29 to 31 days ago, not more than 32 days"),
            (
                *(r.older_than(days=1), SentAt.unknown(), PERHAPS),
                "sent at an unknown time, so it may or may not be more than 1 day",
            ),
            (r.older_than(hours=36), SentAt.at(ago(1.25)), NO, "sent 30 hours ago, not more than 1.5 days"),
            (r.older_than(hours=1), SentAt.at(ago(1 / 24)), NO, "sent 1 hour ago, not more than 0.042 days"),
            (
                *(r.older_than(days=3), SentAt.at(ago(-2)), NO),
                "sent later than the moment it is judged at, not more than 3 days",
            ),
            (
                r.older_than(weeks=5_000),
                SentAt.unknown(),
                PERHAPS,
                "sent at an unknown time, so it may or may not be ",
            ),
            (r.sent_before("2026-10-02"), SentAt.at(ago(31)), YES, "sent on 2026-10-01T12:00Z, before 2026-10-02"),
            (
                r.sent_before("2026-10-01"),
                SentAt.at(ago(31)),
                NO,
                "sent on 2026-10-01T12:00Z, not before 2026-10-01",
            ),
            (
                *(r.sent_before("2026-10-02"), DAY, PERHAPS),
                "sent between 2026-10-01 and 2026-10-03, perhaps before 2026-10-02",
            ),
            (r.sent_after("2026-09-30"), SentAt.at(ago(31)), YES, "sent on 2026-10-01T12:00Z, after 2026-09-30"),
            (
                r.sent_after("2026-10-01"),
                SentAt.at(ago(31)),
                NO,
                "sent on 2026-10-01T12:00Z, not after 2026-10-01",
            ),
            (
                *(r.sent_after("2026-10-02"), DAY, PERHAPS),
                "sent between 2026-10-01 and 2026-10-03, perhaps after 2026-10-02",
            ),
            (
                r.sent_after("2026-10-02"),
                SentAt.unknown(),
                PERHAPS,
                "sent at an unknown time, perhaps after 2026-10-02",
            ),
            (r.sent_after(ago(31)), SentAt.at(ago(31)), NO, "sent on 2026-10-01T12:00Z, not after "),
            (r.sent_before(ago(31)), SentAt.at(ago(31)), NO, "sent on 2026-10-01T12:00Z, not before "),
            (r.sent_after(ago(31.5)), SentAt.at(ago(31)), YES, "sent on 2026-10-01T12:00Z, after "),
        ],
    )
    def test_truth_and_text(self, rule: Rule, sent_at: SentAt, expected: Truth, says: str) -> None:
        row = invitation(sent_at=sent_at)

        assert truth(rule, row) is expected
        assert text(rule, row).startswith(says)

    @pytest.mark.parametrize(
        ("given", "unit"),
        [
            ({"weeks": 4}, "days=28"),
            ({"days": 1, "hours": 30}, "days=2, hours=6"),
            ({"minutes": 90}, "hours=1, minutes=30"),
            ({"age": timedelta(days=21)}, "days=21"),
            ({"weeks": 1, "days": -1}, "days=6"),
            ({"days": 36_500}, "days=36500"),
        ],
    )
    def test_an_age_is_given_in_whole_units_or_as_a_timedelta(self, given: dict[str, Any], unit: str) -> None:
        assert repr(r.older_than(**given)) == f"r.older_than({unit})"

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({}, "more than nothing"),
            ({"days": 0}, "more than nothing"),
            ({"days": -3}, "more than nothing"),
            ({"days": 36_501}, "at most 100 years"),
            ({"days": 10**30}, "at most 100 years"),
            ({"weeks": 10**10}, "at most 100 years"),
            ({"age": timedelta(0)}, "more than nothing"),
            ({"age": timedelta.max}, "at most 100 years"),
            ({"age": 21}, "needs a unit, got 21.*weeks=4"),
            ({"age": "21d"}, "needs a unit"),
            ({"age": timedelta(days=3), "days": 3}, "given twice"),
            ({"days": 2.5}, "days must be a whole number, got 2.5"),
            ({"days": True}, "days must be a whole number, got True"),
            ({"weeks": "4"}, "weeks must be a whole number, got '4'"),
            ({"days": None}, "days must be a whole number"),
            ({"age": timedelta(seconds=90)}, "whole minutes"),
            ({"age": timedelta(microseconds=1)}, "whole minutes"),
        ],
    )
    def test_any_other_age_is_refused(self, given: dict[str, Any], says: str) -> None:
        with pytest.raises(PolicyError, match=says):
            r.older_than(**given)

    def test_an_age_beyond_the_calendar_is_nobodys(self) -> None:
        """A hundred years before year 50 there is no instant to compare with."""
        early = datetime(50, 1, 1, tzinfo=UTC)
        row = invitation(sent_at=SentAt.at(early), as_of=early)

        assert r.older_than(days=36_500).truths([row], now=early) == [NO]

    @pytest.mark.parametrize("rule", [r.sent_before, r.sent_after])
    @pytest.mark.parametrize(
        ("given", "bound"),
        [
            (date(2026, 6, 1), "2026-06-01"),
            ("2026-06-01", "2026-06-01"),
            ("2026-06-01T12:00:00+02:00", "2026-06-01T10:00:00+00:00"),
            ("2026-06-01T10:00Z", "2026-06-01T10:00:00+00:00"),
            (datetime(2026, 6, 1, 12, tzinfo=timezone(timedelta(hours=2))), "2026-06-01T10:00:00+00:00"),
        ],
    )
    def test_a_bound_is_a_day_or_an_aware_instant(self, rule: Callable[..., Rule], given: Any, bound: str) -> None:
        assert rule(given).arguments == {"at": bound}  # type: ignore[attr-defined]

    @pytest.mark.parametrize("rule", [r.sent_before, r.sent_after])
    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ("2026-06-01T10:00", "the datetime has no time zone"),
            (NAIVE, "the datetime has no time zone"),
            ("soon", "does not read 'soon'.*2026-06-01"),
            ("2026-13-01", "does not read '2026-13-01'"),
            ("", "does not read ''"),
            (None, "takes a date or a datetime, got NoneType"),
            (20260601, "takes a date or a datetime, got int"),
            (datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), "outside what UTC can express"),
        ],
    )
    def test_any_other_bound_is_refused(self, rule: Callable[..., Rule], given: Any, says: str) -> None:
        with pytest.raises(PolicyError, match=says):
            rule(given)

    def test_the_last_day_of_the_calendar_is_a_bound(self) -> None:
        row = invitation(sent_at=SentAt.at(ago(3)))

        assert truth(r.sent_after(date.max), row) is NO
        assert truth(r.sent_before(date.min), row) is NO


class TestWhatTheSourceSays:
    """Notes, companies, titles, names and numbers: unknown where the source does not say."""

    @pytest.mark.parametrize(
        ("asked", "there"),
        [("STRASSE", "Straße"), ("straße", "STRASSE"), ("ΟΔΟΣ", "οδος"), ("ﬁn", "FIN"), ("[a.c]", "[A.C]")],
    )
    def test_a_text_has_no_case_in_any_script_and_no_pattern(self, asked: str, there: str) -> None:
        """A company and a note are compared in the same way."""
        row = invitation(company=there, note=f"({there})")

        assert truth(r.company(asked), row) is YES
        assert truth(r.note_contains(asked), row) is YES
        assert truth(r.note_contains(f"{asked}x"), row) is NO

    @pytest.mark.parametrize(
        ("rule", "changes", "expected", "says"),
        [
            (r.has_note(), {"note": "Hello"}, YES, "has a note of 5 characters"),
            (r.has_note(), {"note": ""}, NO, "has no note"),
            (r.has_note(), {"note": UNKNOWN}, PERHAPS, "the source does not say whether there is a note"),
            (r.note_contains("HELLO"), {"note": "oh hello there"}, YES, "the note contains 'HELLO'"),
            (r.note_contains("a.c"), {"note": "abc"}, NO, "the note does not contain 'a.c'"),
            (r.note_contains("x"), {"note": ""}, NO, "the note does not contain 'x'"),
            (
                r.note_contains("x"),
                {"note": UNKNOWN},
                PERHAPS,
                "the source does not say the note, so 'x' cannot be",
            ),
            (r.note_matches("^h.*o$"), {"note": "Hello"}, YES, "the note matches '^h.*o$'"),
            (r.note_matches("^h.*o$"), {"note": "Hello!"}, NO, "the note does not match '^h.*o$'"),
            (r.note_matches("x"), {"note": UNKNOWN}, PERHAPS, "the source does not say the note"),
            (r.company("acme"), {"company": "ACME"}, YES, "works at acme"),
            (r.company("acme"), {"company": "Acme Ltd"}, NO, "works at Acme Ltd, not at acme"),
            (r.company("straße"), {"company": "STRASSE"}, YES, "works at straße"),
            (r.company("acme"), {}, PERHAPS, "the source does not say the company, so not whether it is acme"),
            (r.title_matches("recruit"), {"title": "Senior Recruiter"}, YES, "the title matches 'recruit'"),
            (r.title_matches("recruit"), {"title": "Beekeeper"}, NO, "the title does not match 'recruit'"),
            (r.title_matches("recruit"), {}, PERHAPS, "the source does not say the title"),
            (r.name_matches("^person"), {}, YES, "the name matches '^person'"),
            (r.name_matches("mba"), {}, NO, "the name does not match 'mba'"),
            (
                r.name_matches("x"),
                {"member": Member(slug="a-example")},
                PERHAPS,
                "the source does not say the name",
            ),
            (
                *(r.mutual_connections(at_least=5), {"mutual_connections": 5}, YES),
                "you share 5 connections, at least 5",
            ),
            (
                *(r.mutual_connections(at_least=5), {"mutual_connections": 0}, NO),
                "you share 0 connections, fewer than 5",
            ),
            (
                *(r.mutual_connections(at_least=5), {}, PERHAPS),
                "the source does not say how many connections you share",
            ),
            (r.status_is("pending"), {}, NO, "is presumed-pending (not-connected), not pending"),
            (
                *(r.status_is(Status.PENDING, "presumed-pending"), {}, YES),
                "is presumed-pending (not-connected)",
            ),
            (r.never(), {}, NO, "never"),
        ],
    )
    def test_truth_and_text(self, rule: Rule, changes: dict[str, Any], expected: Truth, says: str) -> None:
        row = invitation(**changes)

        assert truth(rule, row) is expected
        assert text(rule, row).startswith(says)

    def test_always_is_true_of_all(self) -> None:
        policy = Policy(name="t", withdraw=r.always(), keep=r.has_note(), limits=Limits(per_run=1))
        (decision,) = policy.plan(snapshot([invitation(note="")])).decisions

        assert [reason.text for reason in decision.because if reason.role == "withdraw"] == ["always"]

    @pytest.mark.parametrize(
        "rule",
        [r.note_contains, r.note_matches, r.company, r.title_matches, r.name_matches, r.tagged],
    )
    @pytest.mark.parametrize("wrong", ["", "  ", None, 5, b"x", ["x"]])
    def test_an_empty_or_foreign_text_is_refused(self, rule: Callable[..., Rule], wrong: Any) -> None:
        with pytest.raises(PolicyError, match="takes a text that is not empty"):
            rule(wrong)

    @pytest.mark.parametrize("rule", [r.note_matches, r.title_matches, r.name_matches])
    def test_a_pattern_is_checked_when_the_rule_is_built(self, rule: Callable[..., Rule]) -> None:
        with pytest.raises(PolicyError, match="cannot be used"):
            rule("(a+)+")

    @pytest.mark.parametrize(("rule", "lowest"), [(r.mutual_connections, 1), (r.same_note_as, 2)])
    @pytest.mark.parametrize("wrong", [0, -1, 2.0, "5", True, None])
    def test_a_count_is_a_whole_number_from_its_lowest_up(
        self, rule: Callable[..., Rule], lowest: int, wrong: Any
    ) -> None:
        with pytest.raises(PolicyError, match=f"a whole number from {lowest} up"):
            rule(at_least=wrong)
        assert rule(at_least=lowest).arguments == {"at_least": lowest}  # type: ignore[attr-defined]

    def test_the_same_note_must_go_out_twice_to_be_the_same(self) -> None:
        with pytest.raises(PolicyError, match="from 2 up"):
            r.same_note_as(at_least=1)

    @pytest.mark.parametrize("wrong", [(), ("lost",), (5,), (None,), ("pending", "lost"), (Direction.SENT,)])
    def test_status_is_takes_statuses(self, wrong: tuple[Any, ...]) -> None:
        with pytest.raises(PolicyError, match=r"status_is .*There are: pending, presumed-pending, accepted"):
            r.status_is(*wrong)

    def test_the_same_note_is_counted_over_all_that_was_sent(self) -> None:
        """This one included; received ones, those without a note and those of unknown note do not count."""
        rows = [
            *(invitation(number, note="Hello") for number in range(3)),
            *(invitation(number, note="") for number in range(3, 7)),
            *(invitation(number, note=UNKNOWN) for number in range(7, 11)),
            invitation(11, note="Hello", direction=Direction.RECEIVED),
            invitation(12, note="Hello", status=Status.ACCEPTED, evidence=Evidence.CONNECTED),
            invitation(13, note="hello"),
        ]

        def often(count: int) -> str:
            return "".join(one.value[0] for one in r.same_note_as(at_least=count).truths(rows))

        assert often(4) == "tttffffuuuuttf"
        assert often(5) == "fffffffuuuufff"

    @pytest.mark.parametrize(
        ("note", "says"),
        [
            ("Hello", "its note was sent 2 times, fewer than 3"),
            ("", "has no note"),
            (UNKNOWN, "the source does not say the note, so not how often it was sent"),
        ],
    )
    def test_the_same_note_says_how_often(self, note: Any, says: str) -> None:
        rows = [invitation(1, note=note), invitation(2, note="Hello" if note == "Hello" else "Other")]
        policy = Policy(name="t", withdraw=r.same_note_as(at_least=3), limits=Limits(per_run=1))

        (decision,) = policy.plan(snapshot(rows)).decisions.about(frozenset({"x-1"}))

        assert says in [reason.text for reason in decision.reasons]


ADA = Member(name="Ada Example", slug="ada-example-77")


class TestWhoItIs:
    """What the user holds is closed: not in it is false. What cannot be compared is unknown."""

    @pytest.mark.parametrize(
        ("rule", "context", "true", "false", "unknown"),
        [
            (
                r.tagged("client"),
                {"tags": {"client": ["ada-example-77"]}},
                *("tagged 'client'", "not tagged 'client'"),
                "the source gives no identifier to compare, so perhaps tagged 'client'",
            ),
            (
                r.known_contact(),
                {"contacts": ["ada-example-77"]},
                *("one of your contacts", "none of your contacts"),
                "the source gives no identifier to compare, so perhaps one of your contacts",
            ),
            (
                r.withdrawn_before(),
                {"withdrawn": [Outcome(invitation_id="x-0", member=ADA, result=Result.WITHDRAWN)]},
                "an earlier invitation to them was withdrawn",
                "no earlier invitation to them is known to have been withdrawn",
                (
                    "the source gives no identifier to compare, "
                    "so perhaps an earlier invitation to them was withdrawn"
                ),
            ),
            (
                r.member_in(["ada-example-77", "bo-example-1"]),
                {},
                *("one of the 2 people listed", "none of the 2 people listed"),
                "the source gives no identifier to compare, so perhaps one of the 2 people listed",
            ),
        ],
    )
    def test_truth_and_text(
        self, rule: Rule, context: dict[str, Any], true: str, false: str, unknown: str
    ) -> None:
        for member, expected, says in [
            (ADA, YES, true),
            (Member(slug="cy-example-2"), NO, false),
            (Member(urn="urn:li:member:77"), PERHAPS, unknown),
            (Member(name="Ada Example"), PERHAPS, unknown),
        ]:
            row = invitation(member=member)
            assert truth(rule, row, **context) is expected
            assert text(rule, row, **context) == says

    @pytest.mark.parametrize("rule", [r.tagged("client"), r.known_contact(), r.withdrawn_before()])
    def test_a_context_that_holds_nobody_makes_it_false(self, rule: Rule) -> None:
        """Also of a member of whom nothing is known: nobody is not somebody."""
        assert truth(rule, invitation(member=Member(name="Ada Example"))) is NO
        assert truth(rule, invitation()) is NO
        assert rule.truths([invitation()], now=NOW) == [NO]

    def test_another_tag_is_another_group(self) -> None:
        assert truth(r.tagged("client"), invitation(member=ADA), tags={"event": [ADA]}) is NO

    def test_somebody_known_by_two_identifiers_is_found_by_either_and_compared_by_either(self) -> None:
        both = {"contacts": [{"slug": "ada-example-77", "urn": "urn:li:member:77"}]}

        for member, expected in [
            (ADA, YES),
            (Member(urn="urn:li:member:77"), YES),
            (Member(urn="urn:li:member:78"), NO),
            (Member(slug="bo-example-1"), NO),
            (Member(provider_id="p-1"), PERHAPS),
        ]:
            assert truth(r.known_contact(), invitation(member=member), **both) is expected

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ([], "at least one member"),
            (None, "expected members"),
            (5, "expected members"),
            ([5], "expected a Member"),
            (["two words"], "no profile slug"),
            ([Member(name="Ada")], "no identifier"),
            (["ada@mail.example"], "e-mail address"),
        ],
    )
    def test_member_in_refuses_what_names_nobody(self, wrong: Any, says: str) -> None:
        with pytest.raises(PolicyError, match=says) as caught:
            r.member_in(wrong)
        assert "mail.example" not in str(caught.value)

    def test_a_kind_of_group_rule_must_name_its_group(self) -> None:
        """For those who write one: the base class has none."""
        from invitekit.rules import Sight
        from invitekit.rules._people import Among

        class Lost(Among):
            name = "lost"

            @property
            def arguments(self) -> dict[str, Any]:
                return {}

        with pytest.raises(TypeError, match="Lost names no group"):
            Lost().group(Sight(now=NOW))
