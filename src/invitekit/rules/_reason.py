"""Reasons: a code with parameters, from which the text is made and never the other way round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from invitekit._text import several
from invitekit.model import Truth

__all__ = ["Reason", "Scalar", "days_text", "pairs", "saying"]

Scalar = str | int | float | bool | None
"""What a parameter of a reason may be, so that every reason can be written down and read back."""

Saying = Callable[[Truth, Mapping[str, Scalar]], str]

_SAYINGS: Final[dict[str, Saying]] = {}


def saying(code: str) -> Callable[[Saying], Saying]:
    """Register the function that makes the text of a reason code; a code has one."""

    def register(function: Saying) -> Saying:
        if code in _SAYINGS:
            raise ValueError(f"the reason code {code} is taken")
        _SAYINGS[code] = function
        return function

    return register


def pairs(given: Mapping[str, Scalar] | tuple[tuple[str, Scalar], ...]) -> tuple[tuple[str, Scalar], ...]:
    """Hold facts in the order given, as a value that can be hashed."""
    return given if isinstance(given, tuple) else tuple(given.items())


@attrs.frozen(weakref_slot=False)
class Reason:
    """One thing that was looked at, what it was found to be, and what that means.

    Args:
        role: What it speaks for: ``withdraw`` or ``keep`` (the rules of the policy), ``guard`` (what protects an
            invitation whatever the rules say), ``limit``, ``closed`` or ``follows`` (what a withdrawal brings).
        code: A stable name: that of the rule with hyphens, for instance ``older-than``.
        truth: Whether it holds.
        facts: What was looked at, by name, in the order in which a person would read it.
        rule: The expression that builds the rule, shortened where it is long; empty where no rule is behind it.
        decides: Whether the decision rests on it; the others were looked at, too, and would change nothing.
    """

    role: str
    code: str
    truth: Truth = Truth.TRUE
    facts: tuple[tuple[str, Scalar], ...] = attrs.field(default=(), converter=pairs)
    rule: str = ""
    decides: bool = True

    @property
    def parameters(self) -> dict[str, Scalar]:
        """The facts, as a dict."""
        return dict(self.facts)

    @property
    def text(self) -> str:
        """What it means, for people."""
        if self.code in _SAYINGS:
            return _SAYINGS[self.code](self.truth, self.parameters)
        facts = ", ".join(f"{name} {value}" for name, value in self.facts)
        return f"{self.code.replace('-', ' ')}{f' ({facts})' if facts else ''}: {self.truth}"

    def __str__(self) -> str:
        return self.text

    def __rich_repr__(self) -> Iterator[Any]:
        yield "role", self.role
        yield "code", self.code
        yield "truth", self.truth.value
        yield from self.facts


def days_text(parameters: Mapping[str, Scalar], *, near: float | None = None) -> str:
    """Say an age that is known within bounds.

    Args:
        parameters: The facts ``age_days_from`` and ``age_days_to``.
        near: A threshold in days; an age within a day of it is said to the hour, so that the text is no riddle.
    """
    least, most = parameters.get("age_days_from"), parameters.get("age_days_to")
    if least is None or most is None:
        return "at an unknown time"
    low_days, high_days = max(float(least), 0.0), float(most)
    if high_days < 0:
        return "later than the moment it is judged at"
    if high_days - low_days >= 0.5:
        return f"{low_days:.0f} to {several(high_days, 'days', '.0f')} ago"
    if high_days < 2:
        return f"{several(high_days * 24, 'hours', '.0f')} ago"
    # Whole days that have passed: rounding up would contradict a threshold that has not been reached.
    days = int(high_days)
    hours = int((high_days - days) * 24)
    if near is not None and abs(high_days - near) < 1 and hours:
        return f"{days} days {several(hours, 'hours')} ago"
    return f"{days} days ago"
