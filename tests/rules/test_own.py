"""Rules of the user's own: plain functions, asked with what they need, whose failures are told by name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from tests.population import NOW, invitation, snapshot

from invitekit import rules as r
from invitekit.errors import DataError, PolicyError
from invitekit.model import UNKNOWN, Invitation, Truth
from invitekit.policy import Context, Limits, Policy, Verdict

ROWS = [invitation(1, note="Hello"), invitation(2, note=""), invitation(3, note=UNKNOWN)]


def has_words(given: Invitation) -> Any:
    """A rule as a user would write it."""
    return UNKNOWN if given.note is UNKNOWN else given.note != ""


@attrs.frozen
class LongerThan:
    """A callable value."""

    length: int

    def __call__(self, given: Invitation) -> bool:
        return given.note is not UNKNOWN and len(given.note) > self.length


class TestAsking:
    def test_true_false_and_unknown_are_taken_as_they_are(self) -> None:
        assert r.rule(has_words).truths(ROWS) == [Truth.TRUE, Truth.FALSE, Truth.UNKNOWN]
        assert r.rule(lambda given: Truth.of(given.id == "x-2")).truths(ROWS) == [
            *(Truth.FALSE, Truth.TRUE, Truth.FALSE),
        ]

    def test_a_function_of_two_sees_the_context(self) -> None:
        def known_for_long(given: Invitation, context: Any) -> bool:
            others = len(context.invitations)
            return given.member in context.contacts and context.now == NOW and others == 3

        rule = r.rule(known_for_long)

        assert rule.truths(ROWS, now=NOW, context=Context(contacts=["person-example-2"])) == [
            *(Truth.FALSE, Truth.TRUE, Truth.FALSE),
        ]

    def test_a_second_parameter_with_a_default_keeps_it(self) -> None:
        """The usual way to bind a value of a loop; the context must not take its place."""
        shorter = [r.rule(lambda given, length=length: given.id == f"x-{length}") for length in (1, 2)]

        assert [rule.truths(ROWS).index(Truth.TRUE) for rule in shorter] == [0, 1]

    @pytest.mark.parametrize(
        "function",
        [
            LongerThan(3),
            functools.partial(lambda length, given: given.note == "Hello", 3),
            lambda *given: given[0].note == "Hello",
            lambda given, *, strict=False: given.note == "Hello",
        ],
        ids=["value", "partial", "any number", "with an option"],
    )
    def test_any_callable_will_do(self, function: Callable[..., Any]) -> None:
        assert r.rule(function).truths(ROWS)[0] is Truth.TRUE

    def test_a_callable_without_a_signature_is_asked_with_the_invitation(self) -> None:
        """Some built-in types have none to read; `bool` of an invitation is true."""
        assert (r.rule(bool) | r.never()).truths(ROWS[:1]) == [Truth.TRUE]

    def test_it_combines_with_every_other_rule(self) -> None:
        rule = ~r.rule(has_words).if_unknown(False) & r.older_than(days=3)

        assert rule.truths(ROWS, now=NOW) == [Truth.FALSE, Truth.TRUE, Truth.TRUE]


class TestExplaining:
    @pytest.mark.parametrize(
        ("truth", "says"),
        [(Truth.TRUE, "too short"), (Truth.FALSE, "not: too short"), (Truth.UNKNOWN, "cannot tell: too short")],
    )
    def test_its_reason_is_the_users_own(self, truth: Truth, says: str) -> None:
        policy = Policy(
            name="own",
            withdraw=r.rule(lambda given: truth, reason="too short") | r.has_note(),
            limits=Limits(per_run=1),
        )

        (decision,) = policy.plan(snapshot([ROWS[1]])).decisions

        (reason,) = (reason for reason in decision.reasons if reason.code == "rule")
        assert (reason.text, reason.truth) == (says, truth)
        assert reason.parameters["reason"] == "too short"

    def test_without_a_reason_its_name_stands_in(self) -> None:
        assert r.rule(has_words).arguments == {"function": has_words, "reason": "has_words"}  # type: ignore[attr-defined]
        assert repr(r.rule(has_words)) == "r.rule(has_words, reason='has_words')"
        assert repr(r.rule(LongerThan(3))) == "r.rule(LongerThan, reason='LongerThan')"

    def test_equal_functions_and_reasons_make_equal_rules(self) -> None:
        assert r.rule(LongerThan(3)) == r.rule(LongerThan(3))
        assert r.rule(LongerThan(3)) != r.rule(LongerThan(4))
        assert r.rule(has_words, reason="a") != r.rule(has_words, reason="b")


class TestFailing:
    """A function that fails stops the planning: to guess an answer could withdraw the wrong one."""

    def test_its_error_is_named_with_the_rule_and_the_invitation(self) -> None:
        def breaks(given: Invitation) -> bool:
            raise RuntimeError(f"the note is {given.note}")

        with pytest.raises(PolicyError, match="breaks failed on the invitation x-1 with RuntimeError") as caught:
            r.rule(breaks).truths(ROWS)

        assert caught.value.code == "rule-failed"
        assert f"in {__file__}, line {breaks.__code__.co_firstlineno + 1}" in str(caught.value)

    def test_what_it_said_is_not_passed_on(self) -> None:
        """It may hold the note that it looked at: so neither in the text nor as the cause."""

        def breaks(given: Invitation) -> bool:
            raise RuntimeError(f"the note is {given.note}")

        with pytest.raises(PolicyError) as caught:
            r.rule(breaks).truths(ROWS)

        assert "Hello" not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__

    def test_an_error_of_ours_passes_as_it_is(self) -> None:
        def refuses(given: Invitation) -> bool:
            raise DataError("mine", key="own")

        with pytest.raises(DataError, match="own: mine"):
            r.rule(refuses).truths(ROWS)

    @pytest.mark.parametrize("answer", [None, 0, 1, "", "yes", [], 1.0])
    def test_an_answer_that_is_neither_true_nor_false_nor_unknown(self, answer: Any) -> None:
        """None is what a function returns that forgot to: it must not pass for a no."""
        with pytest.raises(
            PolicyError, match=rf"answered {type(answer).__name__} on.*wrap the answer in bool\(…\)"
        ):
            r.rule(lambda given: answer).truths(ROWS)

    def test_an_interrupt_is_no_failure_of_the_rule(self) -> None:
        def interrupted(given: Invitation) -> bool:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            r.rule(interrupted).truths(ROWS)

    def test_planning_fails_before_anything_is_decided(self) -> None:
        policy = Policy(name="own", withdraw=lambda given: 1 / 0, limits=Limits(per_run=1))

        with pytest.raises(PolicyError, match="ZeroDivisionError"):
            policy.plan(snapshot(ROWS))

    def test_it_is_not_asked_about_what_is_closed(self) -> None:
        """A function may rely on being asked about open sent invitations only, where a plan is made."""
        from invitekit.model import Direction

        asked: list[str] = []

        def asks(given: Invitation) -> bool:
            asked.append(given.id)
            return True

        rows = [invitation(1), invitation(2, direction=Direction.RECEIVED)]
        plan = Policy(name="own", withdraw=asks, keep=r.has_note(), limits=Limits(per_run=1)).plan(snapshot(rows))

        assert set(asked) == {"x-1"}
        assert plan.decisions.verdicts() == {"x-1": Verdict.WITHDRAW, "x-2": Verdict.CLOSED}


class TestBuilding:
    @pytest.mark.parametrize("wrong", [None, 5, "has_note", [has_words]])
    def test_only_functions_are_taken(self, wrong: Any) -> None:
        with pytest.raises(PolicyError, match=f"rule takes a function, got {type(wrong).__name__}"):
            r.rule(wrong)

    @pytest.mark.parametrize(
        "function", [lambda: True, lambda one, two, three: True, lambda *, given: True], ids=[0, 3, -1]
    )
    def test_it_must_take_an_invitation_or_an_invitation_and_a_context(self, function: Any) -> None:
        with pytest.raises(PolicyError, match="must take an invitation, or an invitation and a context"):
            r.rule(function)

    def test_an_async_function_is_refused(self) -> None:
        async def looks_up(given: Invitation) -> bool:
            return True

        with pytest.raises(PolicyError, match=r"not an async one.*before you plan"):
            r.rule(looks_up)

    def test_a_callable_that_cannot_be_hashed_is_refused(self) -> None:
        class Loose:
            __hash__ = None  # type: ignore[assignment]

            def __call__(self, given: Invitation) -> bool:
                return True

        for build in (lambda: r.rule(Loose()), lambda: r.has_note() & Loose()):
            with pytest.raises(PolicyError, match=r"the Loose given as a rule cannot be hashed.*lambda"):
                build()
