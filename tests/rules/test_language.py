"""The rule language: what may be combined, what it prints, and what is refused when it is built."""

from __future__ import annotations

import inspect
from functools import reduce
from operator import and_, or_
from typing import Any

import attrs
import pytest
from tests.population import invitation
from tests.strategies import BUILT_IN

from invitekit import rules as r
from invitekit.errors import PolicyError
from invitekit.model import Truth
from invitekit.policy._guards import AcceptanceSettled, KeepMark
from invitekit.rules import Rule
from invitekit.rules._reason import _SAYINGS, Reason, saying
from invitekit.rules._rule import LEAVES, Leaf, rule_from

A, B, C = r.has_note(), r.tagged("client"), r.older_than(days=3)
ROWS = [invitation(1, note="Hello")]


class TestCombining:
    def test_the_operators_build_what_they_say(self) -> None:
        assert (A & B).parts == (A, B)
        assert (A | B).parts == (A, B)
        assert (~A).parts == (A,)
        assert A.if_unknown(True).parts == (A,)
        assert A.parts == ()

    def test_the_same_operator_stays_on_one_level(self) -> None:
        assert ((A & B) & C).parts == (A & (B & C)).parts == (A, B, C)
        assert ((A | B) | C) == (A | (B | C))
        assert (A & B) | C != A & (B | C)

    def test_a_double_negation_is_the_rule_itself(self) -> None:
        assert ~~A is A
        assert ~~~A == ~A

    def test_leaves_are_named_once_each_in_reading_order(self) -> None:
        assert ((A & B) | ~(C & A)).leaves == (A, B, C)

    def test_a_plain_function_joins_from_either_side(self) -> None:
        def short(invitation: Any) -> bool:
            return len(invitation.id) < 5

        for rule in (A & short, short & A, A | short, short | A):
            assert rule.truths(ROWS) == [Truth.TRUE]
        assert (short & A).parts == (r.rule(short), A)
        assert (short | A).parts == (r.rule(short), A)

    @pytest.mark.parametrize("wrong", [True, None, 5, "has_note", [A], Rule, int])
    def test_anything_else_is_refused(self, wrong: Any) -> None:
        for combine in (and_, or_):
            with pytest.raises(PolicyError, match=r"expected a rule or a function, got .*r\.older_than"):
                combine(A, wrong)

    def test_a_rule_that_was_not_called_is_refused_by_its_name(self) -> None:
        with pytest.raises(PolicyError, match=r"the rule has_note was not called.*Write r\.has_note"):
            A & r.has_note

    @pytest.mark.parametrize("misuse", ["A and B", "A or B", "not A", "A if B else C", "bool(A)", "all([A, B])"])
    def test_and_or_not_cannot_be_used_by_mistake(self, misuse: str) -> None:
        """`A and B` would be `B` alone: a policy that says less than was written."""
        with pytest.raises(PolicyError, match=r"is a rule, neither true nor false.*Combine rules with & \| ~"):
            eval(misuse, {"A": A, "B": B, "C": C})

    @pytest.mark.parametrize("wrong", [None, 1, "yes", Truth.TRUE])
    def test_if_unknown_takes_true_or_false(self, wrong: Any) -> None:
        with pytest.raises(PolicyError, match="if_unknown takes True or False"):
            A.if_unknown(wrong)

    def test_what_is_nested_too_deep_to_compile_is_refused_when_it_is_built(self) -> None:
        def nest(levels: int) -> Rule:
            rule: Rule = A
            for level in range(levels - 1):
                rule = rule & B if level % 2 else rule | C
            return rule

        assert nest(50).depth == 50
        assert nest(50).truths([*ROWS, invitation(2, days=1)]) == [Truth.TRUE, Truth.FALSE]
        with pytest.raises(PolicyError, match=r"more than 50 deep.*side by side"):
            nest(51)
        for deeper in (lambda rule: ~rule, lambda rule: rule.if_unknown(True), lambda rule: rule & A):
            with pytest.raises(PolicyError, match="more than 50 deep"):
                deeper(nest(50))

    def test_a_thousand_alternatives_side_by_side_are_fine(self) -> None:
        rule = reduce(or_, (r.company(f"Company {number}") for number in range(1_000)))

        assert rule.depth == 2
        assert rule.truths([invitation(company="company 999"), invitation(company="Other")]) == [
            Truth.TRUE,
            Truth.FALSE,
        ]


class TestPrinting:
    @pytest.mark.parametrize(
        "expression",
        [
            "r.has_note() & r.tagged(tag='client') | r.older_than(days=3)",
            "r.has_note() & (r.tagged(tag='client') | r.older_than(days=3))",
            "~(r.has_note() & r.tagged(tag='client'))",
            "~r.has_note() & r.tagged(tag='client')",
            "(~r.has_note()).if_unknown(True)",
            "(r.has_note() | r.never()).if_unknown(False) & r.always()",
            "~r.has_note().if_unknown(False)",
            "r.has_note().if_unknown(False).if_unknown(True)",
            "r.older_than(days=1, hours=2, minutes=3)",
            "r.sent_before(at='2026-10-01')",
            "r.sent_after(at='2026-10-01T00:00:00+00:00')",
            "r.status_is('gone', 'pending')",
            "r.member_in(people=['ada-example-77', {'slug': 'bo-example-1', 'urn': 'urn:li:member:9'}])",
            "r.name_matches(pattern='\"it\\'s\" \\\\d+')",
        ],
    )
    def test_a_rule_prints_the_expression_that_builds_it(self, expression: str) -> None:
        assert repr(eval(expression, {"r": r})) == expression

    def test_a_label_is_cut_where_the_repr_is_long(self) -> None:
        """A reason names its rule; a list of a thousand people would drown it."""
        rule = r.member_in([f"person-example-{number}" for number in range(1_000)])

        assert isinstance(rule, Leaf)
        assert len(rule.label) < 130
        assert rule.label.startswith("r.member_in(people=['person-example-0', ")
        assert A.label == repr(A)


class TestEveryBuiltInRule:
    """What holds of every rule that can be named in a policy document."""

    def test_all_of_them_are_tried(self) -> None:
        """The table of examples that the property tests draw from has every kind."""
        assert {rule.name for rule in BUILT_IN} == set(LEAVES)

    @pytest.mark.parametrize("name", LEAVES)
    def test_it_is_public_documented_and_under_its_own_name(self, name: str) -> None:
        function = LEAVES[name]

        assert getattr(r, name) is function
        assert name in r.__all__
        assert function.__name__ == name
        assert inspect.getdoc(function)
        assert inspect.signature(function).return_annotation == "Rule"

    @pytest.mark.parametrize("rule", BUILT_IN, ids=repr)
    def test_its_arguments_build_it_again(self, rule: Any) -> None:
        arguments = dict(rule.arguments)
        positional = arguments.pop("statuses", ())

        assert LEAVES[rule.name](*positional, **arguments) == rule
        assert rule_from(rule) is rule

    @pytest.mark.parametrize("rule", BUILT_IN, ids=repr)
    def test_its_arguments_are_plain_data(self, rule: Any) -> None:
        def plain(value: Any) -> bool:
            if isinstance(value, list):
                return all(map(plain, value))
            if isinstance(value, dict):
                return all(isinstance(key, str) and plain(each) for key, each in value.items())
            return type(value) in (str, int, float)

        assert plain(rule.arguments)

    def test_every_code_has_a_text_of_its_own(self) -> None:
        codes = {rule.code for rule in (*BUILT_IN, AcceptanceSettled(), KeepMark())}

        assert len(codes) == len(LEAVES) + 2
        assert codes <= set(_SAYINGS)
        assert all(code == code.lower() and " " not in code and "_" not in code for code in _SAYINGS)

    def test_a_code_cannot_be_taken_twice(self) -> None:
        with pytest.raises(ValueError, match="the reason code older-than is taken"):
            saying("older-than")(lambda truth, facts: "")

    @pytest.mark.parametrize("rule", BUILT_IN, ids=repr)
    def test_it_is_frozen_and_slotted(self, rule: Any) -> None:
        assert not hasattr(rule, "__dict__")
        with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
            rule.anything = 1

    def test_the_package_lists_what_it_offers(self) -> None:
        assert dir(r) == r.__all__ == sorted(r.__all__)


class TestGrounds:
    """Which leaves made the truth what it is: here A is true, B false and C unknown."""

    @staticmethod
    def answer(leaf: Leaf) -> Truth:
        return {A: Truth.TRUE, B: Truth.FALSE, C: Truth.UNKNOWN}[leaf]

    @pytest.mark.parametrize(
        ("rule", "grounds"),
        [
            (A, {A}),
            (A & B, {B}),
            (A | B, {A}),
            (A & C, {C}),
            (B | C, {C}),
            (A & ~B, {A, B}),
            (~A | B, {A, B}),
            (~(A & B), {B}),
            (B & C, {B}),
            (A | C, {A}),
            (C.if_unknown(False), {C}),
            ((A & C).if_unknown(True), {A, C}),
            ((A & B).if_unknown(True), {B}),
            (B | C.if_unknown(True), {C}),
        ],
    )
    def test_by_example(self, rule: Rule, grounds: set[Rule]) -> None:
        assert set(rule.grounds(self.answer)) == grounds

    def test_each_leaf_is_named_once(self) -> None:
        assert (A & (A | B) & A).grounds(self.answer) == (A,)


class TestImplying:
    """What follows from what, so that a policy that cannot mean anything is refused."""

    def test_an_age_and_a_count_imply_the_smaller(self) -> None:
        assert r.older_than(days=4).implies(r.older_than(days=3))
        assert not r.older_than(days=3).implies(r.older_than(days=4))
        assert r.mutual_connections(at_least=9).implies(r.mutual_connections(at_least=5))
        assert not r.mutual_connections(at_least=5).implies(r.mutual_connections(at_least=9))
        assert r.same_note_as(at_least=3).implies(r.same_note_as(at_least=2))
        assert not r.same_note_as(at_least=2).implies(r.same_note_as(at_least=3))

    @pytest.mark.parametrize("rule", BUILT_IN, ids=repr)
    def test_a_rule_implies_itself_and_nothing_of_another_kind(self, rule: Any) -> None:
        assert rule.implies(rule)
        assert not any(rule.implies(other) for other in BUILT_IN if other.name != rule.name)


class TestReason:
    def test_a_code_without_a_text_of_its_own_still_reads(self) -> None:
        """A reason read back from a document of a later version may have a code that this one does not know."""
        reason = Reason("keep", "some-new-rule", Truth.UNKNOWN, {"times": 3, "who": None})

        assert reason.text == str(reason) == "some new rule (times 3, who None): unknown"
        assert Reason("keep", "some-new-rule").text == "some new rule: true"

    def test_it_is_a_value_made_of_plain_facts(self) -> None:
        one, two = (Reason("keep", "tagged", Truth.TRUE, facts) for facts in ({"tag": "a"}, (("tag", "a"),)))

        assert one == two
        assert hash(one) == hash(two)
        assert one.parameters == {"tag": "a"}
        assert list(one.__rich_repr__()) == [("role", "keep"), ("code", "tagged"), ("truth", "true"), ("tag", "a")]
