"""A plan: what it can be asked, how it prints, and when two plans are the same."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from tests.population import CONTEXT, NAIVE, NOW, OWNER, POLICIES, SNAPSHOT, ago, invitation, snapshot

from invitekit import rules as r
from invitekit.errors import DataError
from invitekit.model import Completeness, Direction, Evidence, Member, SentAt, Status, Truth
from invitekit.policy import Context, Decision, Decisions, Limits, Plan, Policy, Verdict
from invitekit.rules import Reason

ADA = Member(name="Ada Example", slug="ada-example-77", urn="urn:li:member:77")
ROWS = (
    invitation(1, member=ADA, days=50),
    invitation(2, days=40, member=Member(name="Bo Example", slug="bo-example-12")),
    invitation(3, days=5),
    invitation(4, sent_at=SentAt.unknown()),
    invitation(5, direction=Direction.RECEIVED, member=ADA),
    invitation(6, status=Status.ACCEPTED, evidence=Evidence.CONNECTED),
    invitation(7, days=30),
)
POLICY = Policy(name="spring", withdraw=r.older_than(days=20), keep=r.tagged("client"), limits=Limits(per_run=2))
PLAN = POLICY.plan(snapshot(ROWS))


class TestDecisions:
    def test_they_come_withdrawn_first_then_deferred_undecided_kept_closed(self) -> None:
        assert [
            (decision.invitation.id, decision.verdict.value, decision.rank) for decision in PLAN.decisions
        ] == [
            ("x-1", "withdraw", 1),
            ("x-2", "withdraw", 2),
            ("x-7", "defer", 3),
            ("x-4", "undecided", None),
            ("x-3", "keep", None),
            ("x-5", "closed", None),
            ("x-6", "closed", None),
        ]

    def test_they_are_a_sequence(self) -> None:
        decisions = PLAN.decisions

        assert len(decisions) == 7
        assert decisions[0].invitation.id == "x-1"
        assert decisions[-3].verdict is Verdict.KEEP
        assert [decision.invitation.id for decision in decisions[:2]] == ["x-1", "x-2"]
        assert decisions[1] in decisions
        assert decisions.index(decisions[2]) == 2
        with pytest.raises(IndexError):
            decisions[7]

    def test_they_count_verdicts_and_decisions(self) -> None:
        assert [PLAN.decisions.count(verdict) for verdict in Verdict] == [2, 1, 1, 1, 2]
        assert PLAN.decisions.count(PLAN.decisions[0]) == 1
        assert PLAN.decisions.count("nothing like it") == 0

    def test_they_print_their_counts(self) -> None:
        assert repr(PLAN.decisions) == "<7 decisions: withdraw 2, defer 1, undecided 1, keep 1, closed 2>"

    def test_equal_decisions_have_equal_hashes(self) -> None:
        again = POLICY.plan(snapshot(reversed(ROWS))).decisions

        assert again == PLAN.decisions
        assert hash(again) == hash(PLAN.decisions)
        assert again != POLICY.plan(snapshot(ROWS[1:])).decisions
        assert PLAN.decisions != list(PLAN.decisions)

    def test_they_can_be_made_of_decisions_that_were_saved(self) -> None:
        made = Decisions.of(PLAN.decisions)

        assert made == PLAN.decisions
        assert made.verdicts() == PLAN.decisions.verdicts()
        assert [decision.rank for decision in made] == [decision.rank for decision in PLAN.decisions]
        assert len(Decisions.of([])) == 0

    def test_the_words_of_verdicts_are_part_of_the_promise(self) -> None:
        assert [verdict.value for verdict in Verdict] == ["withdraw", "defer", "undecided", "keep", "closed"]


class TestChosen:
    """What a plan selects is a collection: it filters, sorts, groups and prints like any other."""

    def test_each_verdict_has_its_own(self) -> None:
        assert [len(some) for some in (PLAN.withdrawals, PLAN.deferred, PLAN.undecided)] == [2, 1, 1]
        assert [decision.invitation.id for decision in PLAN.undecided] == ["x-4"]
        assert PLAN.withdrawals == PLAN.decisions.of_verdict(Verdict.WITHDRAW)

    def test_it_reaches_into_the_invitation_by_name(self) -> None:
        assert [decision.rank for decision in PLAN.withdrawals.sort("name", reverse=True)] == [2, 1]
        assert [decision.rank for decision in PLAN.withdrawals.sort("sent_at", reverse=True)] == [2, 1]
        assert PLAN.withdrawals.by("status").counts() == {Status.PRESUMED_PENDING: 2}
        assert PLAN.withdrawals.where(lambda decision: decision.rank == 2).to_columns()["id"] == ["x-2"]

    def test_it_prints_who_and_why(self) -> None:
        assert repr(PLAN.withdrawals).splitlines()[0] == "2 decisions"
        assert "sent 50 days ago, more than 20 days" in repr(PLAN.withdrawals)
        assert "Ada Example" in PLAN.withdrawals._repr_html_()

    def test_a_field_that_is_not_there_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(DataError, match=r"decisions have no field 'statuss'.*Did you mean 'status'"):
            PLAN.withdrawals.sort("statuss")


class TestOneDecision:
    def test_a_closed_one_says_what_it_is_and_since_when(self) -> None:
        received, accepted = (PLAN.why(key).decisions[0] for key in ("x-5", "x-6"))

        assert [reason.text for reason in received.reasons] == ["you received it, so there is nothing to withdraw"]
        assert [reason.text for reason in accepted.reasons] == ["accepted 2026-11-01 12:00Z (connected)"]
        assert [decision.follows for decision in (received, accepted)] == [(), ()]

    def test_a_withdrawal_says_what_follows(self) -> None:
        assert [reason.text for reason in PLAN.decisions[0].follows] == [
            "a withdrawal cannot be undone",
            "they can be invited again from about 2026-11-22 (LinkedIn: up to three weeks)",
        ]

    def test_a_known_contact_is_written_to_first(self) -> None:
        plan = POLICY.plan(snapshot(ROWS), context=Context(contacts=["ada-example-77"]))

        assert [reason.code for reason in plan.withdrawals[0].follows] == [
            *("write-first", "irreversible", "re-invite-from"),
        ]
        assert [reason.code for reason in plan.withdrawals[1].follows] == ["irreversible", "re-invite-from"]

    def test_the_cool_down_counts_from_when_it_is_withdrawn(self) -> None:
        plan = POLICY.plan(snapshot(ROWS), now=NOW + timedelta(days=10))

        assert plan.withdrawals[0].follows[-1].parameters == {"date": "2026-12-02"}

    def test_because_puts_limits_and_rules_before_guards(self) -> None:
        deferred = PLAN.deferred[0]

        assert [reason.role for reason in deferred.because] == [
            *("limit", "withdraw", "keep"),
            *("guard", "guard", "guard"),
        ]

    def test_its_record_is_flat(self) -> None:
        assert PLAN.decisions[0].to_record() == {
            "id": "x-1",
            "name": "Ada Example",
            "slug": "ada-example-77",
            "sent_earliest": ago(50),
            "sent_latest": ago(50) + timedelta(seconds=59, microseconds=999_999),
            "status": "presumed-pending",
            "verdict": "withdraw",
            "rank": 1,
            "codes": "older-than tagged acceptance-settled older-than keep-mark",
            "why": "sent 50 days ago, more than 20 days",
        }
        nameless = POLICY.plan(snapshot([invitation(1, member=Member(), sent_at=SentAt.unknown())])).decisions[0]
        assert {
            key: nameless.to_record()[key] for key in ("name", "slug", "sent_earliest", "sent_latest", "rank")
        } == {
            **dict.fromkeys(("name", "slug", "sent_earliest", "sent_latest", "rank")),
        }

    def test_it_prints_who_what_and_why(self) -> None:
        shown = repr(PLAN.decisions[0])

        assert shown.startswith("Decision(member='Ada Example', verdict='withdraw', rank=1, because=[")
        assert "rank" not in repr(PLAN.decisions[-1])
        assert "<td>verdict</td><td>withdraw</td>" in PLAN.decisions[0]._repr_html_()

    def test_each_ground_is_said_once(self) -> None:
        """Two rules may see the same thing, and a person need not read it twice."""
        policy = Policy(
            name="t", withdraw=r.older_than(days=9), limits=Limits(per_run=5), min_age=timedelta(days=9)
        )
        kept = policy.plan(snapshot([invitation(1, days=3)])).decisions[0]

        assert kept.grounds == ("sent 3 days ago, not more than 9 days",)

    def test_a_decision_without_reasons_has_no_grounds(self) -> None:
        bare = Decision(invitation=ROWS[0], verdict=Verdict.WITHDRAW, reasons=())

        assert (bare.because, bare.grounds) == ((), ())


class TestWhy:
    @pytest.mark.parametrize(
        "who",
        [
            "x-1",
            "ada-example-77",
            "https://www.linkedin.com/in/ADA-example-77/",
            "urn:li:member:77",
            ADA,
            ROWS[0],
            PLAN.decisions[0],
        ],
        ids=["id", "slug", "address", "urn", "member", "invitation", "decision"],
    )
    def test_somebody_is_found_by_whatever_identifies_them(self, who: Any) -> None:
        found = PLAN.why(who).decisions

        by_id = who in ("x-1", ROWS[0], PLAN.decisions[0])
        assert [decision.invitation.id for decision in found] == (["x-1"] if by_id else ["x-1", "x-5"])

    def test_it_prints_every_rule_with_its_truth_and_what_it_saw(self) -> None:
        lines = str(PLAN.why("x-1")).splitlines()

        assert lines[0] == "Ada Example (sent, x-1): withdraw, place 1"
        assert lines[1].split() == ["role", "truth", "asked", "what", "was", "seen"]
        assert [line.split("  ")[0] for line in lines[2:]] == ["→", "→", "→", "→", "→", "", ""]
        for rule in ("r.acceptance_settled()", "r.older_than(days=20)", "r.tagged(tag='client')"):
            assert rule in str(PLAN.why("x-1"))
        assert repr(PLAN.why("x-1")) == str(PLAN.why("x-1"))

    def test_what_would_change_nothing_carries_no_arrow(self) -> None:
        """Three days old decides by itself; what the other rules found is shown, without an arrow."""
        (decision,) = PLAN.why("x-3").decisions

        assert {reason.rule for reason in decision.reasons if reason.decides} == {
            *("r.older_than(days=14)", "r.older_than(days=20)"),
        }
        assert len(decision.reasons) == 5

    def test_two_decisions_stand_apart(self) -> None:
        assert str(PLAN.why(ADA)).count("\n\n") == 1
        assert PLAN.why(ADA)._repr_html_().count("<table>") == 2

    def test_html_escapes_what_strangers_wrote(self) -> None:
        rows = [invitation(1, member=Member(name="<script>", slug="a-example"))]

        assert "<script>" not in POLICY.plan(snapshot(rows)).why("x-1")._repr_html_()

    @pytest.mark.parametrize(
        ("who", "hint"),
        [
            ("ada-exmple-77", "Did you mean 'ada-example-77'?"),
            ("bo-example-13", "Did you mean 'bo-example-12'?"),
            ("zzzz", "Give a slug, a profile address, a URN or an invitation's id"),
            ("Ada Example", "A name is no identity; somebody of this name has the slug or key 'ada-example-77'"),
            ("Person 3", "the slug or key 'person-example-3'"),
            (Member(name="Bo Example"), "the slug or key 'bo-example-12'"),
            ("urn:li:member:78", "Give a slug, a profile address, a URN or an invitation's id"),
            (invitation(99), "Give a slug"),
            (5, "Give a slug"),
            (None, "Give a slug"),
        ],
    )
    def test_nobody_like_that_is_refused_with_the_nearest(self, who: Any, hint: str) -> None:
        with pytest.raises(DataError, match="nobody in this plan is") as caught:
            PLAN.why(who)
        assert hint in caught.value.hint
        assert caught.value.key == "plan.why"

    def test_an_address_is_not_repeated_in_the_error(self) -> None:
        with pytest.raises(DataError, match="nobody in this plan is known by an e-mail address") as caught:
            PLAN.why("ada@mail.example")
        assert "mail.example" not in repr(caught.value)

    def test_a_name_without_a_slug_is_told_its_key(self) -> None:
        rows = [invitation(1, member=Member(name="Cy Example", urn="urn:li:member:5"))]

        with pytest.raises(DataError, match="the slug or key 'urn:urn:li:member:5'"):
            POLICY.plan(snapshot(rows)).why("cy example")


class TestDiff:
    def test_equal_plans_do_not_differ(self) -> None:
        assert len(PLAN.diff(POLICY.plan(snapshot(ROWS)))) == 0
        assert str(PLAN.diff(PLAN)) == "0 decisions differ"

    def test_every_change_of_verdict_and_what_only_one_plan_has(self) -> None:
        other = attrs.evolve(POLICY, withdraw=r.older_than(days=45)).plan(snapshot([*ROWS[1:], invitation(9)]))

        changes = {change.invitation_id: (change.before, change.after) for change in PLAN.diff(other)}

        assert changes == {
            "x-1": (Verdict.WITHDRAW, None),
            "x-2": (Verdict.WITHDRAW, Verdict.KEEP),
            "x-7": (Verdict.DEFER, Verdict.KEEP),
            "x-9": (None, Verdict.KEEP),
        }

    def test_backwards_it_is_the_reverse(self) -> None:
        other = attrs.evolve(POLICY, withdraw=r.older_than(days=45)).plan(snapshot(ROWS))

        forth = {(change.invitation_id, change.before, change.after) for change in PLAN.diff(other)}
        back = {(change.invitation_id, change.after, change.before) for change in other.diff(PLAN)}
        assert forth == back != set()

    def test_it_prints_its_first_rows_and_counts_the_rest(self) -> None:
        rows = snapshot(invitation(number) for number in range(30))
        one, two = (attrs.evolve(POLICY, limits=Limits(per_run=count)).plan(rows) for count in (0, 30))

        diff = one.diff(two)
        assert len(diff) == 30
        assert str(diff).splitlines()[0] == "30 decisions differ"
        assert str(diff).splitlines()[1].split() == ["who", "before", "after"]
        assert str(diff).splitlines()[-1] == "… and 20 more"
        assert repr(diff) == str(diff)
        assert "… and 20 more" in diff._repr_html_()

    def test_what_is_missing_on_one_side_is_said_to_be_missing(self) -> None:
        diff = PLAN.diff(POLICY.plan(snapshot(ROWS[:-1])))

        assert str(diff).splitlines()[-1].split() == ["Person", "7", "defer", "not", "there"]
        assert next(iter(diff)).to_record() == {"id": "x-7", "who": "Person 7", "before": "defer", "after": None}
        assert "not there" in POLICY.plan(snapshot(ROWS[:-1])).diff(PLAN)._repr_html_()

    @pytest.mark.parametrize(
        "wrong", [None, POLICY, PLAN.decisions, "plan"], ids=["None", "policy", "list", "text"]
    )
    def test_a_plan_is_compared_with_a_plan(self, wrong: Any) -> None:
        with pytest.raises(DataError, match="a plan is compared with a plan"):
            PLAN.diff(wrong)

    def test_plans_for_different_accounts_are_not_compared(self) -> None:
        other = POLICY.plan(snapshot(ROWS, account=Member(slug="somebody-else-2")))

        with pytest.raises(DataError, match="for different accounts: Olu Example and slug:somebody-else-2"):
            PLAN.diff(other)

    def test_an_account_of_which_nothing_is_known_may_be_the_same(self) -> None:
        assert len(PLAN.diff(POLICY.plan(snapshot(ROWS, account=Member())))) == 0


class TestPlanning:
    def test_it_keeps_what_it_was_made_from(self) -> None:
        assert (PLAN.policy, PLAN.account, PLAN.source) == (POLICY, OWNER, "export")
        assert (PLAN.completeness, PLAN.taken_at, PLAN.now) == (Completeness.LOG, NOW, NOW)

    def test_without_now_it_judges_when_the_snapshot_was_taken(self) -> None:
        assert POLICY.plan(snapshot(ROWS)) == POLICY.plan(snapshot(ROWS), now=NOW)
        later = POLICY.plan(snapshot(ROWS), now=NOW + timedelta(days=30))
        assert later.decisions.verdicts()["x-3"] is Verdict.DEFER
        assert later.now == NOW + timedelta(days=30)

    @pytest.mark.parametrize("wrong", [None, ROWS, "export.zip", PLAN], ids=["None", "rows", "text", "plan"])
    def test_a_plan_is_made_from_a_snapshot(self, wrong: Any) -> None:
        with pytest.raises(DataError, match=r"a plan is made from a Snapshot, got .*read_export"):
            POLICY.plan(wrong)

    @pytest.mark.parametrize("wrong", [{}, [], "ada-example-77"])
    def test_a_context_is_a_context(self, wrong: Any) -> None:
        with pytest.raises(DataError, match="context must be a Context, got"):
            POLICY.plan(snapshot(ROWS), context=wrong)

    @pytest.mark.parametrize("wrong", [NAIVE, "now", 0])
    def test_now_is_an_aware_datetime(self, wrong: Any) -> None:
        with pytest.raises(DataError, match="time zone"):
            POLICY.plan(snapshot(ROWS), now=wrong)

    @pytest.mark.parametrize("year", [1, 9999])
    def test_no_plan_is_made_at_the_ends_of_the_calendar(self, year: int) -> None:
        """There is no week before the first, and no three weeks after the last."""
        edge = datetime(1, 1, 1, tzinfo=UTC) if year == 1 else datetime(9999, 12, 31, tzinfo=UTC)
        with pytest.raises(DataError, match="at the end of the calendar") as caught:
            POLICY.plan(snapshot(ROWS), now=edge)
        assert caught.value.key == "now"

    def test_an_empty_snapshot_gives_an_empty_plan(self) -> None:
        plan = POLICY.plan(snapshot())

        assert len(plan.decisions) == len(plan.withdrawals) == 0
        assert plan.summary().open == 0
        assert plan.to_columns() == {}
        assert str(plan) == "Plan 'spring': 0 open: withdraw 0, keep 0"


class TestPrinting:
    def test_the_first_rows_and_a_count(self) -> None:
        lines = str(POLICIES["month"].plan(SNAPSHOT, context=CONTEXT)).splitlines()

        assert lines[0] == "Plan 'month': 104 open: withdraw 27, keep 65, undecided 12"
        assert lines[1].split() == ["rank", "verdict", "who", "sent", "because"]
        assert len(lines) == 13
        assert lines[-1] == "… and 110 more"

    def test_html_and_rich_likewise(self) -> None:
        plan = POLICIES["month"].plan(SNAPSHOT, context=CONTEXT)

        assert plan._repr_html_().count("<tr>") == 12
        assert "… and 110 more" in plan._repr_html_()
        assert dict(plan.__rich_repr__()) == {
            "policy": "month",
            "summary": "104 open: withdraw 27, keep 65, undecided 12",
            "decisions": plan.decisions,
        }

    def test_columns_are_the_records_turned(self) -> None:
        columns = PLAN.to_columns()

        assert columns["verdict"] == ["withdraw", "withdraw", "defer", "undecided", "keep", "closed", "closed"]
        assert [
            dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
        ] == PLAN.to_records()


class TestDigest:
    """Equal for equal plans on every machine; different where anything that matters differs."""

    def test_it_is_a_sha_256(self) -> None:
        assert len(PLAN.digest) == 64
        assert set(PLAN.digest) <= set("0123456789abcdef")

    @pytest.mark.parametrize(
        "other",
        [
            POLICY.plan(snapshot(ROWS[1:])),
            POLICY.plan(snapshot(ROWS), now=NOW + timedelta(minutes=1)),
            POLICY.plan(snapshot(ROWS, account=ADA)),
            POLICY.plan(snapshot(ROWS, source="listing")),
            POLICY.plan(snapshot(ROWS, completeness=Completeness.COMPLETE)),
            POLICY.plan(snapshot(ROWS, taken_at=NOW + timedelta(minutes=1)), now=NOW),
            POLICY.plan(snapshot(ROWS), context=Context(tags={"client": [ADA]})),
            POLICY.plan(snapshot(ROWS), context=Context(contacts=[ADA])),
            POLICY.plan(snapshot([attrs.evolve(ROWS[0], note="Hello"), *ROWS[1:]])),
            POLICY.plan(snapshot([attrs.evolve(ROWS[0], company="Acme Example"), *ROWS[1:]])),
            POLICY.plan(snapshot([attrs.evolve(ROWS[0], mutual_connections=0), *ROWS[1:]])),
            attrs.evolve(POLICY, name="other").plan(snapshot(ROWS)),
            attrs.evolve(POLICY, keep=r.tagged("clients")).plan(snapshot(ROWS)),
            attrs.evolve(POLICY, limits=Limits(per_run=3)).plan(snapshot(ROWS)),
            attrs.evolve(POLICY, limits=Limits(per_run=2, per_week=1_000)).plan(snapshot(ROWS)),
            attrs.evolve(POLICY, min_age=timedelta(days=15)).plan(snapshot(ROWS)),
            attrs.evolve(POLICY, rank=lambda given, context: 0).plan(snapshot(ROWS)),
        ],
        ids=range(17),
    )
    def test_what_differs_has_another(self, other: Plan) -> None:
        assert other.digest != PLAN.digest
        assert other != PLAN

    def test_every_kind_of_value_has_a_spelling_of_its_own(self) -> None:
        """No two of these could be mistaken for one another."""
        from invitekit.policy._digest import digest

        values: list[Any] = [
            *(
                None,
                True,
                False,
                0,
                1,
                1.0,
                -0.0,
                "",
                "None",
                "1",
                "True",
                "a",
                "ab",
                ("a", "b"),
                ("ab",),
                ("a", ("b",)),
            ),
            *([], {}, {"a": 1}, {"a": "1"}, {"a": {"b": 1}}, {"a": 1, "b": 1}, ["a", "b", []], 10**5_000, 1e300),
            *(NOW, NOW.date(), timedelta(days=1), timedelta(hours=1), Verdict.KEEP, "keep", Truth.TRUE),
            *(ADA, Member(slug="ada-example-77"), Member(urn="ada-example-77"), r.has_note(), repr(r.has_note())),
            *(len, max, invitation, Reason("a", "b"), Reason("a", "b", decides=False), "\x00", "\x01", "\ud800"),
        ]

        assert len({digest(value) for value in values}) == len(values)

    def test_dicts_have_no_order(self) -> None:
        from invitekit.policy._digest import digest

        assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})

    def test_a_long_plan_is_fingerprinted_piece_by_piece(self) -> None:
        """In pieces so as not to hold all of it in memory; where a piece ends changes nothing."""
        from invitekit.policy._digest import digest

        assert digest(list(range(30_000))) == digest(tuple(range(30_000)))
        assert digest(list(range(30_000))) != digest(list(range(30_001)))

    def test_what_takes_no_part_in_comparisons_takes_none_here(self) -> None:
        written = attrs.evolve(
            ROWS[0], sent_at=SentAt(ROWS[0].sent_at.earliest, ROWS[0].sent_at.latest, "2 months")
        )

        assert POLICY.plan(snapshot([written, *ROWS[1:]])).digest == PLAN.digest

    def test_a_callable_is_known_by_its_name(self) -> None:
        """All that can be compared from one process to the next."""
        ranked = attrs.evolve(POLICY, rank=by_age)

        assert ranked.plan(snapshot(ROWS)).digest == attrs.evolve(POLICY, rank=by_age).plan(snapshot(ROWS)).digest
        assert ranked.plan(snapshot(ROWS)).digest != attrs.evolve(POLICY, rank=by_id).plan(snapshot(ROWS)).digest

    def test_equal_plans_that_travelled_apart_agree_where_there_were_no_notes(self) -> None:
        assert pickle.loads(pickle.dumps(PLAN)).digest == PLAN.digest


def by_age(given: Any, context: Any) -> Any:
    return given.sent_at.latest


def by_id(given: Any, context: Any) -> Any:
    return given.id


def test_a_plan_is_a_value() -> None:
    assert hash(POLICY.plan(snapshot(ROWS))) == hash(PLAN)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        PLAN.now = NOW  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        PLAN.decisions[0].verdict = Verdict.KEEP  # type: ignore[misc]
