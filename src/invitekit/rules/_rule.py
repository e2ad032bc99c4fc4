"""The rule language: a rule, and what becomes of rules under ``&``, ``|``, ``~`` and ``if_unknown``.

A rule answers true, false or unknown of one invitation. Combining follows Kleene: *and* is false as soon as one
side is false, *or* is true as soon as one side is true, and unknown stays unknown unless it cannot matter.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, NoReturn, TypeVar

import attrs

from invitekit.errors import PolicyError
from invitekit.model import Invitation, Truth
from invitekit.rules._reason import Scalar
from invitekit.rules._rowtest import Every, Some, Test, no
from invitekit.rules._sight import Context, Sight

__all__ = ["LEAVES", "All", "AnyOf", "IfUnknown", "Leaf", "Not", "Rule", "leaf", "rule_from"]


class Rule(ABC):
    """A question about one invitation, answered true, false or unknown, always with a reason.

    Rules are frozen values: equal when they ask the same. Combine them with ``&``, ``|`` and ``~`` (not with
    ``and``, ``or``, ``not``), and settle what is unknown with `if_unknown`. The repr is the expression that
    builds the rule.
    """

    __slots__ = ()

    binding: ClassVar[int] = 3
    """How tightly the repr holds together: ``|`` 0, ``&`` 1, ``~`` 2, anything else 3."""

    depth: int
    """How many rules stand inside one another; 1 for a leaf."""

    @abstractmethod
    def surely(self, truth: bool, sight: Sight) -> Test:
        """Say when the rule surely is, or surely is not, true of a row."""

    @abstractmethod
    def fold(self, answer: Callable[[Leaf], Truth]) -> Truth:
        """Work out the rule's truth from the truths of its leaves."""

    @abstractmethod
    def grounds(self, answer: Callable[[Leaf], Truth]) -> tuple[Leaf, ...]:
        """The leaves that made the rule's truth what it is.

        Where it is true or false, the others could have answered anything. Where it is unknown, these are the
        leaves that left it so.
        """

    @property
    @abstractmethod
    def parts(self) -> tuple[Rule, ...]:
        """The rules it is made of; none for a leaf."""

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The different leaves in it, in reading order."""
        found: dict[Leaf, None] = {}
        for part in self.parts:
            found.update(dict.fromkeys(part.leaves))
        return tuple(found)

    def truths(
        self, invitations: Sequence[Invitation], *, now: datetime | None = None, context: Context | None = None
    ) -> list[Truth]:
        """Judge every invitation.

        Args:
            invitations: The invitations.
            now: The moment to judge at; aware. The newest ``as_of`` among them when not given.
            context: What the rule may look up.

        Raises:
            PolicyError: A function of the user's failed, or answered neither true nor false nor unknown.
        """
        from invitekit.rules._compile import compile_rows

        if not invitations:
            return []
        moment = now if now is not None else max(item.as_of for item in invitations)
        sight = Sight.of(moment, context, invitations)
        judge = compile_rows([([(self.surely(True, sight), 0), (self.surely(False, sight), 1)], 2)])
        return [_TRUTHS[number] for number in judge(invitations)]

    def if_unknown(self, answer: bool) -> Rule:
        """Settle what is unknown: the same rule, with `answer` where it does not know.

        Args:
            answer: True or False.
        """
        return IfUnknown(self, answer)

    def __and__(self, other: Rule | Callable[..., Any]) -> Rule:
        return All((self, rule_from(other)))

    def __rand__(self, other: Callable[..., Any]) -> Rule:
        return All((rule_from(other), self))

    def __or__(self, other: Rule | Callable[..., Any]) -> Rule:
        return AnyOf((self, rule_from(other)))

    def __ror__(self, other: Callable[..., Any]) -> Rule:
        return AnyOf((rule_from(other), self))

    def __invert__(self) -> Rule:
        return self.rule if isinstance(self, Not) else Not(self)

    def __rich_repr__(self) -> Iterator[Any]:
        yield _Bare(repr(self))

    def __bool__(self) -> NoReturn:
        raise PolicyError(
            f"{self!r} is a rule, neither true nor false by itself",
            hint="Combine rules with & | ~ instead of and, or, not",
        )


def _shared_grounds(
    rules: Iterable[Rule], truth: Truth, everybodys: Truth, answer: Callable[[Leaf], Truth]
) -> tuple[Leaf, ...]:
    """The grounds of an *and* or an *or*: all sides where all had to agree, else the sides that decided."""
    found: dict[Leaf, None] = {}
    for rule in rules:
        if truth is everybodys or rule.fold(answer) is truth:
            found.update(dict.fromkeys(rule.grounds(answer)))
    return tuple(found)


def _one_deeper(rule: Rule) -> int:
    """How deep a rule is; too deep is refused, since compiling and printing follow it into its parts."""
    depth = 1 + max(part.depth for part in rule.parts)
    if depth > _DEEPEST:
        raise PolicyError(
            f"rules stand inside one another more than {_DEEPEST} deep",
            hint="Join many alternatives side by side: a | b | c is one level, however long",
        )
    return depth


_DEEPEST: Final = 50


class _Bare(str):
    """A text whose repr is itself, so that pretty-printers show the expression and not its parts."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _within(rule: Rule, binding: int) -> str:
    return f"({rule!r})" if rule.binding < binding else repr(rule)


_TRUTHS: Final = (Truth.TRUE, Truth.FALSE, Truth.UNKNOWN)


def _flat_all(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(part for rule in rules for part in (rule.rules if isinstance(rule, All) else (rule,)))


def _flat_any(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(part for rule in rules for part in (rule.rules if isinstance(rule, AnyOf) else (rule,)))


@attrs.frozen(repr=False)
class All(Rule):
    """True where all of its rules are: ``a & b``."""

    rules: tuple[Rule, ...] = attrs.field(converter=_flat_all)
    depth: int = attrs.field(init=False, eq=False, default=attrs.Factory(_one_deeper, takes_self=True))
    binding = 1

    def surely(self, truth: bool, sight: Sight) -> Test:
        """All of them are, or one is not."""
        return (Every if truth else Some).of(rule.surely(truth, sight) for rule in self.rules)

    def fold(self, answer: Callable[[Leaf], Truth]) -> Truth:
        """Kleene's and."""
        truth = Truth.TRUE
        for rule in self.rules:
            truth &= rule.fold(answer)
        return truth

    def grounds(self, answer: Callable[[Leaf], Truth]) -> tuple[Leaf, ...]:
        """All of them where it is true, else those that are not."""
        return _shared_grounds(self.rules, self.fold(answer), Truth.TRUE, answer)

    @property
    def parts(self) -> tuple[Rule, ...]:
        """Its rules."""
        return self.rules

    def __repr__(self) -> str:
        return " & ".join(_within(rule, 1) for rule in self.rules)


@attrs.frozen(repr=False)
class AnyOf(Rule):
    """True where one of its rules is: ``a | b``."""

    rules: tuple[Rule, ...] = attrs.field(converter=_flat_any)
    depth: int = attrs.field(init=False, eq=False, default=attrs.Factory(_one_deeper, takes_self=True))
    binding = 0

    def surely(self, truth: bool, sight: Sight) -> Test:
        """One of them is, or all are not."""
        return (Some if truth else Every).of(rule.surely(truth, sight) for rule in self.rules)

    def fold(self, answer: Callable[[Leaf], Truth]) -> Truth:
        """Kleene's or."""
        truth = Truth.FALSE
        for rule in self.rules:
            truth |= rule.fold(answer)
        return truth

    def grounds(self, answer: Callable[[Leaf], Truth]) -> tuple[Leaf, ...]:
        """All of them where it is false, else those that are not."""
        return _shared_grounds(self.rules, self.fold(answer), Truth.FALSE, answer)

    @property
    def parts(self) -> tuple[Rule, ...]:
        """Its rules."""
        return self.rules

    def __repr__(self) -> str:
        return " | ".join(_within(rule, 1) for rule in self.rules)


@attrs.frozen(repr=False)
class Not(Rule):
    """True where its rule is false: ``~a``."""

    rule: Rule
    depth: int = attrs.field(init=False, eq=False, default=attrs.Factory(_one_deeper, takes_self=True))
    binding = 2

    def surely(self, truth: bool, sight: Sight) -> Test:
        """The opposite of its rule, which is unknown where its rule is."""
        return self.rule.surely(not truth, sight)

    def fold(self, answer: Callable[[Leaf], Truth]) -> Truth:
        """Kleene's not."""
        return ~self.rule.fold(answer)

    def grounds(self, answer: Callable[[Leaf], Truth]) -> tuple[Leaf, ...]:
        """Those of its rule."""
        return self.rule.grounds(answer)

    @property
    def parts(self) -> tuple[Rule, ...]:
        """Its rule."""
        return (self.rule,)

    def __repr__(self) -> str:
        return f"~{_within(self.rule, 2)}"


@attrs.frozen(repr=False)
class IfUnknown(Rule):
    """Its rule, with an answer where that does not know: ``a.if_unknown(False)``."""

    rule: Rule
    answer: bool
    depth: int = attrs.field(init=False, eq=False, default=attrs.Factory(_one_deeper, takes_self=True))

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.answer, bool):
            raise PolicyError(f"if_unknown takes True or False, got {self.answer!r:.40}")

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Never unknown: surely the answer wherever its rule is not surely the opposite."""
        if truth is not self.answer:
            return self.rule.surely(truth, sight)
        return no(self.rule.surely(not truth, sight))

    def fold(self, answer: Callable[[Leaf], Truth]) -> Truth:
        """Its rule's truth, settled."""
        truth = self.rule.fold(answer)
        return Truth.of(self.answer) if truth is Truth.UNKNOWN else truth

    def grounds(self, answer: Callable[[Leaf], Truth]) -> tuple[Leaf, ...]:
        """Those of its rule; all of its leaves where it was settled, since another answer might have decided."""
        settled = self.rule.fold(answer) is Truth.UNKNOWN
        return self.rule.leaves if settled else self.rule.grounds(answer)

    @property
    def parts(self) -> tuple[Rule, ...]:
        """Its rule."""
        return (self.rule,)

    def __repr__(self) -> str:
        return f"{_within(self.rule, 3)}.if_unknown({self.answer})"


class Leaf(Rule):
    """A rule that asks one thing.

    A kind of leaf has a stable `name`, under which policies are written down; its reason code is the same with
    hyphens. Its fields are its arguments.
    """

    __slots__ = ()

    name: ClassVar[str]
    depth = 1

    @property
    def code(self) -> str:
        """The code of its reasons."""
        return self.name.replace("_", "-")

    @property
    @abstractmethod
    def arguments(self) -> dict[str, Any]:
        """The keyword arguments that build it, as plain data; what a policy document holds."""

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """What it looked at, for the reason; never a message text."""
        return {}

    @property
    def label(self) -> str:
        """The repr, shortened where it is long: what a reason says was asked."""
        text = repr(self)
        return text if len(text) <= _LONGEST_LABEL else f"{text[:_LONGEST_LABEL]}…)"

    @property
    def parts(self) -> tuple[Rule, ...]:
        """None."""
        return ()

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Itself."""
        return (self,)

    def fold(self, answer: Callable[[Leaf], Truth]) -> Truth:
        """Whatever is answered for it."""
        return answer(self)

    def grounds(self, answer: Callable[[Leaf], Truth]) -> tuple[Leaf, ...]:
        """Itself."""
        return (self,)

    def implies(self, other: Leaf) -> bool:
        """Whether `other` is true wherever this is; used to refuse policies that cannot mean anything."""
        return self == other

    def __repr__(self) -> str:
        return f"r.{self.name}({', '.join(f'{key}={value!r}' for key, value in self.arguments.items())})"


LEAVES: Final[dict[str, Callable[..., Rule]]] = {}
"""Every built-in rule by its name: the function that builds it from the arguments in a policy document."""

_LONGEST_LABEL: Final = 120

F = TypeVar("F", bound=Callable[..., Rule])


def leaf(function: F) -> F:
    """Register a built-in rule under the name of the function that builds it."""
    LEAVES[function.__name__] = function
    return function


def rule_from(given: object) -> Rule:
    """Take a rule as it is, and a plain function as a rule of the user's own.

    Raises:
        PolicyError: It is neither.
    """
    if isinstance(given, Rule):
        return given
    if callable(given) and not isinstance(given, type):
        if getattr(given, "__name__", "") in LEAVES and LEAVES[given.__name__] is given:  # type: ignore[attr-defined]
            raise PolicyError(f"the rule {given.__name__} was not called", hint=f"Write r.{given.__name__}(…)")  # type: ignore[attr-defined]
        from invitekit.rules._own import rule

        return rule(given)
    raise PolicyError(
        f"expected a rule or a function, got {type(given).__name__}", hint="For instance r.older_than(weeks=4)"
    )
