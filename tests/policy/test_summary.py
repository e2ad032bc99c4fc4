"""The summary: counts of what is open, what could not be known and the edit that settles it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from tests.population import NOW, ago, invitation, snapshot
from tests.strategies import Case, cases

from invitekit import rules as r
from invitekit.model import (
    UNKNOWN,
    Completeness,
    Direction,
    Evidence,
    FileAccount,
    Finding,
    Member,
    Outcome,
    Result,
    SentAt,
    Status,
)
from invitekit.policy import Context, Limits, Policy, Verdict
from invitekit.rules import Rule

ROOMY = Limits(per_run=1_000)
OLD = r.older_than(days=20)


def policy(withdraw: Any = OLD, **settings: Any) -> Policy:
    return Policy(**{"name": "t", "withdraw": withdraw, "limits": ROOMY, **settings})


ROWS = snapshot(
    [
        *(invitation(number) for number in range(5)),
        invitation(10, days=3),
        invitation(11, sent_at=SentAt.unknown()),
        invitation(12, direction=Direction.RECEIVED),
        invitation(13, status=Status.ACCEPTED, evidence=Evidence.CONNECTED),
    ]
)


class TestCounts:
    def test_only_what_is_sent_and_open_counts(self) -> None:
        summary = policy(limits=Limits(per_run=2)).plan(ROWS).summary()

        assert summary.to_record() == {"open": 7, "withdraw": 2, "defer": 3, "undecided": 1, "keep": 1}
        assert summary.headline == "7 open: withdraw 2, deferred 3, keep 1, undecided 1"

    def test_the_headline_leaves_out_what_there_is_none_of(self) -> None:
        assert policy().plan(snapshot([invitation(1)]), allow_everything=True).summary().headline == (
            "1 open: withdraw 1, keep 0"
        )

    def test_thousands_are_grouped(self) -> None:
        plan = policy().plan(snapshot(invitation(number) for number in range(1_234)), allow_everything=True)

        assert plan.summary().headline == "1,234 open: withdraw 1,000, deferred 234, keep 0"

    @settings(max_examples=200)
    @given(cases())
    def test_the_counts_are_those_of_the_decisions(self, case: Case) -> None:
        plan = case.plan()

        record = plan.summary().to_record()

        verdicts = list(plan.decisions.verdicts().values())
        assert record == {
            "open": len(verdicts) - verdicts.count(Verdict.CLOSED),
            **{verdict.value: verdicts.count(verdict) for verdict in list(Verdict)[:4]},
        }


class TestNeverKnown:
    """A policy that nothing in the source can satisfy says so, names the rule and the edit that settles it."""

    @pytest.mark.parametrize(
        ("rule", "named"),
        [
            (r.company("Acme Example"), "r.company(name='Acme Example')"),
            (r.title_matches("recruit"), "r.title_matches(pattern='recruit')"),
            (r.mutual_connections(at_least=5), "r.mutual_connections(at_least=5)"),
            (r.member_in(["urn:li:member:5"]), "r.member_in(people=['urn:li:member:5'])"),
        ],
    )
    @pytest.mark.parametrize("role", ["withdraw", "keep"])
    def test_it_is_named_with_its_role_and_the_edit(self, rule: Rule, named: str, role: str) -> None:
        made = policy(OLD & rule) if role == "withdraw" else policy(keep=rule)
        plan = made.plan(ROWS)

        assert plan.never_known == ((role, named),)
        assert plan.summary().withdraw == 0
        assert plan.summary().undecided > 0
        (note,) = plan.summary().notes
        assert note == (
            f"{named} ({role}) is unknown of every open invitation in this source; to settle it, write "
            f"{named}.if_unknown(False) or .if_unknown(True) in the policy"
        )

    def test_the_edit_that_it_names_settles_it(self) -> None:
        """What the note says to write, written."""
        rule = r.company("Acme Example")
        (note,) = policy(keep=rule).plan(ROWS).summary().notes
        expression = note.split("write ")[1].split(" or ")[0]

        settled = policy(keep=eval(expression, {"r": r})).plan(ROWS)

        assert settled.summary().withdraw == 5

    def test_what_the_policy_settles_is_named_without_an_edit(self) -> None:
        plan = policy(keep=r.company("Acme Example").if_unknown(False)).plan(ROWS)

        assert plan.summary().withdraw == 5
        (note,) = plan.summary().notes
        assert note == (
            "r.company(name='Acme Example') (keep) is unknown of every open invitation in this source, and the "
            "policy settles it"
        )

    def test_settled_in_one_place_and_open_in_another_is_open(self) -> None:
        rule = r.company("Acme Example")
        plan = policy(OLD & (rule.if_unknown(True) | rule), keep=~rule).plan(ROWS)

        assert all("to settle it, write" in note for note in plan.summary().notes)
        assert [role for role, _ in plan.never_known] == ["withdraw", "keep"]

    def test_where_nothing_depends_on_it_that_is_said(self) -> None:
        rows = snapshot([invitation(1), invitation(2, days=3)])
        plan = policy(OLD | (r.older_than(days=30) & r.company("Acme Example"))).plan(rows)

        assert plan.summary().undecided == 0
        assert plan.summary().notes[0].endswith("in the policy (nothing depends on it here)")

    def test_one_invitation_that_is_known_is_enough(self) -> None:
        rows = snapshot([*ROWS.invitations, invitation(20, company="Bolt Example")])

        assert policy(keep=r.company("Acme Example")).plan(rows).never_known == ()

    def test_it_need_not_be_among_the_first(self) -> None:
        """The search looks at a few first, and at more only for what is still unknown."""
        rows = [invitation(number) for number in range(700)]
        known = invitation(900, company="Bolt Example")
        made = policy(keep=r.company("Acme Example") | r.title_matches("x"))

        for place in (0, 63, 64, 65, 575, 576, 577, 700):
            plan = made.plan(snapshot([*rows[:place], known, *rows[place:]]))
            assert plan.never_known == (("keep", "r.title_matches(pattern='x')"),)

    def test_closed_ones_do_not_count(self) -> None:
        """Of those who accepted an export says the company; of the open ones it does not."""
        closed = invitation(20, company="Acme Example", status=Status.ACCEPTED, evidence=Evidence.CONNECTED)
        plan = policy(keep=r.company("Acme Example")).plan(snapshot([*ROWS.invitations, closed]))

        assert len(plan.never_known) == 1

    def test_of_nothing_nothing_is_unknown(self) -> None:
        assert policy(keep=r.company("Acme Example")).plan(snapshot()).never_known == ()
        assert policy(keep=r.company("Acme Example")).plan(snapshot()).summary().notes == ()

    def test_without_a_list_of_connections_the_guard_says_what_is_missing(self) -> None:
        rows = snapshot([invitation(number, evidence=Evidence.NO_CONNECTIONS) for number in range(3)])
        plan = policy().plan(rows)

        assert plan.summary().undecided == 3
        (note,) = plan.summary().notes
        assert note == (
            "nothing can be withdrawn: this source has no list of connections, so what was accepted cannot be "
            "told from what is pending; read it together with Connections.csv"
        )

    def test_keep_marks_that_cannot_be_compared_are_said(self) -> None:
        plan = policy().plan(ROWS, context=Context(kept=["urn:li:member:5"]))

        assert plan.never_known == (("guard", "r.keep_mark()"),)
        assert plan.summary().notes == (
            "nobody can be compared with your keep-marks: this source gives no identifier of the same kind",
        )

    def test_ages_that_are_all_unknown_are_said(self) -> None:
        rows = snapshot([invitation(number, sent_at=SentAt.unknown()) for number in range(3)])

        notes = policy().plan(rows).summary().notes

        assert notes[0] == "r.older_than(days=14) is unknown of every open invitation in this source"
        assert notes[1].startswith("r.older_than(days=20) (withdraw) is unknown")

    @settings(max_examples=200)
    @given(cases())
    def test_it_is_exactly_what_is_unknown_of_each_open_invitation(self, case: Case) -> None:
        plan = case.plan()
        open_ids = {item.id for item in case.snapshot.open_sent}
        unknown: dict[tuple[str, str], set[str]] = {}
        for decision in plan.decisions:
            for reason in decision.reasons:
                if reason.truth.value == "unknown":
                    unknown.setdefault((reason.role, reason.rule), set()).add(decision.invitation.id)

        assert set(plan.never_known) == {role for role, ids in unknown.items() if open_ids and ids == open_ids}


OF_A_LOG = "an export shows 'presumed-pending' and never 'pending'"


class TestWhatStandsInTheWay:
    """Rows nobody could read, tags nobody carries, addresses nobody shows, rules nothing satisfies."""

    @staticmethod
    def notes(made: Policy, rows: Any = ROWS, **context: Any) -> tuple[str, ...]:
        return made.plan(rows, context=Context(**context)).summary().notes

    def test_rows_that_could_not_be_used_are_counted_with_their_reasons(self) -> None:
        files = [
            FileAccount(
                file="Invitations.csv", kind="invitations", rows=9, used=5, reasons={"no-date": 3, "nul": 1}
            ),
            FileAccount(
                file="Connections.csv",
                kind="connections",
                rows=3,
                used=1,
                reasons={"hidden-connection": 1, "empty-row": 1},
            ),
        ]

        (note,) = self.notes(policy(), attrs.evolve(ROWS, files=files))

        assert note == (
            "4 of 9 rows of Invitations.csv could not be used (3 no-date, 1 nul): see snapshot.findings"
        )

    def test_a_missing_file_is_said(self) -> None:
        missing = Finding(code="no-invitations-file", text="there is no Invitations.csv in it")
        other = Finding(code="past-expiry", text="old")

        assert self.notes(policy(), snapshot(findings=[missing, other])) == (missing.text,)

    def test_a_tag_that_nobody_carries_is_said_with_those_that_somebody_does(self) -> None:
        made = policy(keep=r.tagged("clients"))

        (note,) = self.notes(made, tags={"client": ["a-example"], "event": ["b-example"]})

        assert note == (
            "r.tagged(tag='clients') (keep) asks for a tag that nobody in the context carries (tags there: "
            "'client', 'event')"
        )
        assert "(tags there: none)" in self.notes(made)[0]
        assert self.notes(made, tags={"clients": ["person-example-1"]}) == ()
        assert self.notes(made, snapshot()) == ()

    def test_a_context_that_does_not_say_whose_invitations_were_withdrawn_is_said(self) -> None:
        """Also where it says when: times count in the limits and name nobody."""
        made = policy(keep=r.withdrawn_before())
        ada = Outcome(invitation_id="x-0", member=Member(slug="ada-example-77"), result=Result.WITHDRAWN)

        (note,) = self.notes(made, withdrawn=[NOW])

        assert note == (
            "r.withdrawn_before() (keep) asks whose invitation was withdrawn before, and the context names "
            "nobody; give the outcomes: Context(withdrawn=read_worklist('withdraw.csv'))"
        )
        assert self.notes(made) == (note,)
        assert self.notes(made, withdrawn=[ada]) == ()
        assert self.notes(made, snapshot()) == ()
        assert self.notes(policy(), withdrawn=[NOW]) == ()

    def test_an_address_that_no_connection_shows_is_counted(self) -> None:
        made = policy(keep=r.known_contact())

        (note,) = self.notes(made, contacts=["ada@mail.example", "bo@mail.example", "person-example-1"])

        assert note.startswith("2 of the contacts are e-mail addresses that no connection shows")
        assert "mail.example" not in note
        assert self.notes(policy(), contacts=["ada@mail.example"]) == ()

    @pytest.mark.parametrize(
        ("made", "says"),
        [
            (
                policy(r.note_contains("zebra")),
                "r.note_contains(text='zebra') (withdraw) is true of no open invitation",
            ),
            (
                policy(r.status_is("pending")),
                f"r.status_is('pending') (withdraw) is true of no open invitation; {OF_A_LOG}",
            ),
            (
                policy(OLD & ~r.status_is("presumed-pending")),
                f"~r.status_is('presumed-pending') (withdraw) is true of no open invitation; {OF_A_LOG}",
            ),
            (
                policy(keep=r.status_is("presumed-pending")),
                "r.status_is('presumed-pending') (keep) is true of every open invitation",
            ),
            (policy(keep=~r.has_note()), "~r.has_note() (keep) is true of every open invitation"),
            (policy(keep=r.never() | ~r.has_note()), "~r.has_note() (keep) is true of every open invitation"),
        ],
        ids=range(6),
    )
    def test_where_nothing_is_selected_the_rule_in_the_way_is_named(self, made: Policy, says: str) -> None:
        """Turned around where the policy turns it around: `~r.has_note()` is in the way, not `r.has_note()`."""
        assert self.notes(made) == (says,)

    def test_what_is_not_in_the_way_is_not_named(self) -> None:
        """Nothing has a note, which is what the policy asks for; only the age is missing."""
        rows = snapshot([invitation(1, days=15), invitation(2, days=16)])

        assert self.notes(policy(OLD & ~r.has_note()), rows) == (
            "r.older_than(days=20) (withdraw) is true of no open invitation",
        )

    def test_where_each_rule_alone_could_be_met_that_is_said(self) -> None:
        rows = snapshot([invitation(1, days=15, note="Hello"), invitation(2, days=50, note="")])

        assert self.notes(policy(OLD & r.has_note()), rows) == (
            "no open invitation meets all that the policy asks for at once; plan.why says what each lacks",
        )

    def test_where_something_is_selected_nothing_is_in_the_way(self) -> None:
        assert self.notes(policy(OLD | r.has_note())) == ()

    def test_where_nothing_is_open_there_is_nothing_to_say(self) -> None:
        assert self.notes(policy(r.has_note()), snapshot()) == ()


class TestHowLongItTakes:
    ROWS = snapshot(invitation(number) for number in range(50))

    @pytest.mark.parametrize(
        ("limits", "days"),
        [
            (Limits(per_day=10), "about 4 more days"),
            (Limits(per_day=20, per_week=70), "about 3 more days"),
            (Limits(per_week=14), "about 18 more days"),
            (Limits(per_day=25), "about 1 more day "),
            (Limits(per_day=49), "about 1 more day "),
        ],
    )
    def test_what_is_deferred_is_said_in_days(self, limits: Limits, days: str) -> None:
        notes = policy(limits=limits).plan(self.ROWS).summary().notes

        assert len(notes) == 1
        assert days in f"{notes[0]} "
        assert notes[0].startswith("what is deferred needs")

    @pytest.mark.parametrize(
        "limits", [Limits(per_run=5), Limits(share=0.1), Limits(per_day=0), Limits(per_day=50)]
    )
    def test_where_no_daily_limit_says_so_nothing_is_promised(self, limits: Limits) -> None:
        assert policy(limits=limits).plan(self.ROWS).summary().notes == ()


class TestPrinting:
    PLAN = policy(keep=r.company("Acme & Sons"), limits=Limits(per_run=0)).plan(
        snapshot(
            [*ROWS.invitations, *(invitation(number, company="Bolt") for number in range(30, 33))],
            completeness=Completeness.PARTIAL,
            why_incomplete="<page 3>\nfailed",
        )
    )

    def test_notes_and_blockers_have_a_line_each(self) -> None:
        lines = str(self.PLAN.summary()).splitlines()

        assert lines[0] == self.PLAN.summary().headline
        assert lines[1:] == [
            "  may not be applied: the listing is partial (<page 3>\\u000afailed): read it again to its end",
        ]
        assert repr(self.PLAN.summary()) == str(self.PLAN.summary())

    def test_html_escapes_them(self) -> None:
        html = self.PLAN.summary()._repr_html_()

        assert "&lt;page 3&gt;" in html
        assert html.startswith("<p>10 open: ")
        assert html.count("<li>") == 1
        quiet = policy().plan(snapshot([invitation(1), invitation(2, days=3)])).summary()
        assert quiet._repr_html_() == "<p>2 open: withdraw 1, keep 1</p>"

    def test_a_note_is_shown_on_a_line_of_its_own(self) -> None:
        assert (
            str(policy(keep=r.company("Acme")).plan(ROWS).summary())
            .splitlines()[1]
            .startswith("  note: r.company(")
        )


def test_a_policy_that_never_knows_is_never_a_silent_keep_all() -> None:
    """Whatever it says about what an export does not say: either something goes, or the summary names the rule."""
    rows = snapshot([invitation(number, days=60, note=UNKNOWN) for number in range(4)])
    asking = [
        r.has_note(),
        r.note_contains("x"),
        r.note_matches("x"),
        r.same_note_as(at_least=2),
        r.company("x"),
        r.title_matches("x"),
        r.mutual_connections(at_least=2),
    ]

    for rule in asking:
        for made in (policy(rule), policy(~rule), policy(OLD & rule), policy(keep=rule), policy(keep=~rule)):
            plan = made.plan(rows)
            assert plan.summary().withdraw == 0
            assert repr(rule) in str(plan.summary())


def test_a_member_without_any_identifier_is_undecided_and_said() -> None:
    rows = snapshot([invitation(1, member=Member(name="Ada Example"), sent_at=SentAt.at(ago(50)))])
    plan = policy(keep=r.known_contact()).plan(rows, context=Context(contacts=["bo-example-1"]))

    assert plan.decisions[0].verdict is Verdict.UNDECIDED
    assert "r.known_contact() (keep) is unknown" in str(plan.summary())
    assert plan.now - plan.taken_at == timedelta(0)
