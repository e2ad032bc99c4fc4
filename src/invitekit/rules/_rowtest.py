"""Row tests: what a rule asks of one invitation, as data.

A rule does not look at invitations itself. It says, in the few forms below, when it is *surely true* and when it
is *surely false* of a row; where neither holds it is unknown. The tests are total: about something the source
does not say, a test is simply false, never an error and never unknown. So negation is safe, and one policy means
the same in every place that can perform these forms: compiled Python (`invitekit.rules._compile`) today, an
expression of a dataframe engine as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal

import attrs

from invitekit.model import Invitation, Truth

__all__ = [
    "ALWAYS_SAID",
    "Ask",
    "Compare",
    "Constant",
    "Contains",
    "Every",
    "Field",
    "Known",
    "No",
    "OneOf",
    "Relation",
    "Same",
    "Search",
    "Some",
    "Test",
    "no",
]

Field = Literal[
    "company",
    "direction",
    "evidence",
    "member.name",
    "member.provider_id",
    "member.slug",
    "member.urn",
    "mutual_connections",
    "note",
    "sent_at.earliest",
    "sent_at.latest",
    "status",
    "title",
]
"""What a test can look at: an attribute of an invitation."""

Relation = Literal["<", "<=", ">", ">=", "==", "!="]

ALWAYS_SAID: Final = frozenset({"direction", "evidence", "sent_at.earliest", "sent_at.latest", "status"})
"""The fields that are never `UNKNOWN`."""


@attrs.frozen
class Constant:
    """The same of every row."""

    value: bool


@attrs.frozen
class Known:
    """The source says something about the field."""

    field: Field


@attrs.frozen
class Compare:
    """The field is known and stands in this relation to a value."""

    field: Field
    relation: Relation
    value: Any


@attrs.frozen
class OneOf:
    """The field is known and among these values."""

    field: Field
    values: frozenset[Any] = attrs.field(repr=lambda values: f"<{len(values)}>")  # They may be notes.


@attrs.frozen
class Same:
    """The field is known and is this text, upper and lower case being the same."""

    field: Field
    folded: str


@attrs.frozen
class Contains:
    """The field is known and contains this text, upper and lower case being the same."""

    field: Field
    folded: str


@attrs.frozen
class Search:
    """The field is known and a portable pattern (`invitekit.rules._pattern`) is found in it."""

    field: Field
    pattern: re.Pattern[str]


@attrs.frozen
class Ask:
    """A function of the user's gives this answer."""

    function: Callable[[Invitation], Truth]
    answer: Truth


@attrs.frozen
class No:
    """The test does not hold."""

    test: Test


@attrs.frozen
class Every:
    """All of the tests hold."""

    tests: tuple[Test, ...]

    @classmethod
    def of(cls, tests: Iterable[Test]) -> Test:
        """Join tests, without those that change nothing."""
        needed = tuple(dict.fromkeys(test for test in tests if test != Constant(True)))
        if Constant(False) in needed:
            return Constant(False)
        return needed[0] if len(needed) == 1 else cls(needed) if needed else Constant(True)


@attrs.frozen
class Some:
    """At least one of the tests holds."""

    tests: tuple[Test, ...]

    @classmethod
    def of(cls, tests: Iterable[Test]) -> Test:
        """Join tests, without those that change nothing."""
        needed = tuple(dict.fromkeys(test for test in tests if test != Constant(False)))
        if Constant(True) in needed:
            return Constant(True)
        return needed[0] if len(needed) == 1 else cls(needed) if needed else Constant(False)


Test = Constant | Known | Compare | OneOf | Same | Contains | Search | Ask | No | Every | Some


def no(test: Test) -> Test:
    """Negate a test."""
    if isinstance(test, Constant):
        return Constant(not test.value)
    return test.test if isinstance(test, No) else No(test)
