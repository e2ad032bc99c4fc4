"""Three truths: Kleene's laws, and that the compiled rules keep them row by row."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import oracle
from tests.strategies import NOW, Case, cases

from invitekit import rules as r
from invitekit.model import Truth
from invitekit.rules import Rule, Sight
from invitekit.rules._compile import compile_rows

P = settings(max_examples=max(400, settings().max_examples))
SOME = settings(max_examples=max(150, settings().max_examples // 3))

TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
DEGREE = {FALSE: 0, UNKNOWN: 1, TRUE: 2}
ONE = [(a,) for a in Truth]
TWO = list(product(Truth, repeat=2))
THREE = list(product(Truth, repeat=3))


class TestTheThreeTruths:
    """All 3, 9 or 27 cases of each law."""

    @pytest.mark.parametrize(("a", "b"), TWO)
    def test_and_is_the_lesser_or_is_the_greater(self, a: Truth, b: Truth) -> None:
        assert DEGREE[a & b] == min(DEGREE[a], DEGREE[b])
        assert DEGREE[a | b] == max(DEGREE[a], DEGREE[b])

    @pytest.mark.parametrize("a", Truth)
    def test_not_turns_around_and_leaves_unknown(self, a: Truth) -> None:
        assert DEGREE[~a] == 2 - DEGREE[a]
        assert ~~a is a

    @pytest.mark.parametrize(("a", "b"), TWO)
    def test_de_morgan(self, a: Truth, b: Truth) -> None:
        assert ~(a & b) is ~a | ~b
        assert ~(a | b) is ~a & ~b

    @pytest.mark.parametrize(("a", "b", "c"), THREE)
    def test_and_or_may_be_regrouped_and_distributed(self, a: Truth, b: Truth, c: Truth) -> None:
        assert (a & b) & c is a & (b & c)
        assert (a | b) | c is a | (b | c)
        assert a & (b | c) is (a & b) | (a & c)
        assert a | (b & c) is (a | b) & (a | c)

    @pytest.mark.parametrize(("a", "b"), TWO)
    def test_absorption_and_idempotence(self, a: Truth, b: Truth) -> None:
        assert a & (a | b) is a
        assert a | (a & b) is a
        assert a & a is a | a is a

    @pytest.mark.parametrize("a", Truth)
    def test_excluded_middle_fails_only_for_unknown(self, a: Truth) -> None:
        assert (a | ~a is TRUE) is (a is not UNKNOWN)

    @pytest.mark.parametrize("a", Truth)
    @pytest.mark.parametrize("other", [True, False, None, 1])
    def test_a_bool_is_no_truth(self, a: Truth, other: object) -> None:
        """It would be neither TRUE nor FALSE, and so count as whatever is left."""
        with pytest.raises(TypeError):
            a & other  # type: ignore[operator]
        with pytest.raises(TypeError):
            a | other  # type: ignore[operator]


def truths(rule: Rule, case: Case) -> list[Truth]:
    """The truth of a rule for each invitation of the case."""
    return rule.truths(case.snapshot.invitations, now=NOW, context=case.context)


class TestCompiledRules:
    """A rule becomes one generated loop; whatever its shape, the loop keeps what the rule means."""

    @P
    @given(cases(smallest=1))
    def test_every_row_has_the_truth_that_the_slow_way_gives(self, case: Case) -> None:
        """One compiled loop gives, row by row, what folding the leaves' truths one at a time gives."""
        world = oracle.World(NOW, case.snapshot, case.parts)
        rows = case.snapshot.invitations

        found = case.more.truths(rows, now=NOW, context=case.context.resolve(case.snapshot.connections))

        assert found == [oracle.truth(case.more, row, world) for row in rows]

    @P
    @given(cases(smallest=1))
    def test_folding_the_truths_of_the_leaves_gives_the_truth_of_the_rule(self, case: Case) -> None:
        """`fold`, which explanations use, and the compiled loop, which decides, never disagree."""
        by_leaf = {leaf: truths(leaf, case) for leaf in case.more.leaves}

        folded = [
            case.more.fold(lambda leaf, place=place: by_leaf[leaf][place])
            for place in range(len(case.snapshot.invitations))
        ]

        assert folded == truths(case.more, case)

    @P
    @given(cases(smallest=1))
    def test_kleenes_laws_hold_for_rules(self, case: Case) -> None:
        """De Morgan, idempotence and commuting, over whole rules; double negation gives the very same rule."""
        a, b = case.more, case.policy.withdraw

        assert ~~a == a
        assert truths(~(a & b), case) == truths(~a | ~b, case)
        assert truths(~(a | b), case) == truths(~b & ~a, case)
        assert truths(a & a, case) == truths(a, case) == truths(a | a, case)

    @P
    @given(cases(smallest=1), st.booleans())
    def test_if_unknown_settles_what_is_unknown_and_nothing_else(self, case: Case, answer: bool) -> None:
        before = truths(case.more, case)

        after = truths(case.more.if_unknown(answer), case)

        assert after == [Truth.of(answer) if truth is UNKNOWN else truth for truth in before]

    @SOME
    @given(cases(smallest=1))
    def test_surely_true_and_surely_false_never_meet(self, case: Case) -> None:
        """The two tests that a rule compiles to are never both met: an engine may ask them in any order."""
        rows = case.snapshot.invitations
        sight = Sight.of(NOW, case.context, rows)
        yes, no = case.more.surely(True, sight), case.more.surely(False, sight)

        both = compile_rows([([(yes, 1)], 0), ([(no, 2)], 0)])(rows)

        assert 3 not in both

    @SOME
    @given(cases(smallest=1))
    def test_constants_are_neutral_or_decide(self, case: Case) -> None:
        rule, found = case.more, truths(case.more, case)

        assert truths(rule & r.always(), case) == found == truths(rule | r.never(), case)
        assert set(truths(rule & r.never(), case)) == {FALSE}
        assert set(truths(rule | r.always(), case)) == {TRUE}

    @SOME
    @given(cases())
    def test_where_keeps_what_is_surely_true(self, case: Case) -> None:
        """`Invitations.where` gives what is TRUE, in the order it had; unknown is not enough."""
        rows = case.snapshot.invitations

        found = rows.where(case.more, now=NOW, context=case.context)

        expected = [row for row, truth in zip(rows, truths(case.more, case), strict=True) if truth is TRUE]
        assert list(found) == expected
