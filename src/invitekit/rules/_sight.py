"""What a rule can see when it judges: the moment, what the user holds, and the other invitations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

import attrs

from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Direction, Invitation, Invitations, People, Unknown
from invitekit.model._interval import as_utc

T = TypeVar("T")

__all__ = ["Chance", "Context", "Expectations", "Sight", "Waiting"]


class Chance(Protocol):
    """How likely an invitation is still to be accepted; see `invitekit.Chance`."""

    @property
    def value(self) -> float:
        """The probability."""
        ...

    @property
    def lower(self) -> float | Unknown:
        """The lower end of its interval."""
        ...

    @property
    def upper(self) -> float | Unknown:
        """The upper end of its interval."""
        ...

    @property
    def why(self) -> str:
        """What it rests on, in words."""
        ...

    def bound(self, caution: float, /) -> float:
        """What it stays below with a probability."""
        ...


class Waiting(Protocol):
    """What keeping an invitation pending is worth; see `invitekit.insight.Worth`."""

    @property
    def slot_price(self) -> float:
        """What a pending slot costs a day."""
        ...

    def margin(self, day: int, /) -> float:
        """By how much keeping is worth more than withdrawing, at an age in days."""
        ...

    def cautious_margin(self, day: int, /) -> float:
        """The same, on the side that delays a withdrawal."""
        ...

    def is_over(self, day: int, /) -> bool:
        """Whether waiting is not worth it at an age in days."""
        ...


class Expectations(Protocol):
    """What statistics tell rules; `invitekit.AcceptanceStats` does. Ages are UTC calendar days since sending."""

    def chance(self, days_pending: int, /, *, horizon: int | None = None) -> Chance:
        """How likely an invitation of an age is to be accepted by a later one; by its expiry without `horizon`."""
        ...

    def chances(self, ages: Iterable[tuple[int, int | None]], /) -> Sequence[Chance]:
        """The same for many pairs of age and horizon at once."""
        ...

    def worth(
        self,
        *,
        slot_price: float | None = None,
        pending_cap: int | None = None,
        value: float = 1.0,
        withdraw_value: float = 0.0,
        caution: float | None = None,
    ) -> Waiting:
        """What keeping one pending is worth, at each age."""
        ...


class Context(Protocol):
    """What rules may look up besides the invitation itself. What is not in it is false, not unknown."""

    @property
    def tags(self) -> Mapping[str, People]:
        """Who carries which tag."""
        ...

    @property
    def kept(self) -> People:
        """Who is marked to be kept."""
        ...

    @property
    def contacts(self) -> People:
        """Whom the user knows."""
        ...

    @property
    def withdrawn_before(self) -> People:
        """Whose invitation was withdrawn before."""
        ...

    @property
    def stats(self) -> Expectations | None:
        """What to expect of waiting; None where nobody said."""
        ...

    @property
    def slot_price(self) -> float | None:
        """What a pending slot costs a day; None where nobody said."""
        ...


@attrs.frozen
class Sight:
    """All that a rule can see when it judges the invitations of one snapshot.

    Args:
        now: The moment that is judged at; aware, kept in UTC.
        tags: Who carries which tag.
        kept: Who is marked to be kept.
        contacts: Whom the user knows.
        withdrawn_before: Whose invitation was withdrawn before.
        stats: What to expect of waiting.
        slot_price: What a pending slot costs a day.
        invitations: All the invitations of the snapshot, for rules that compare one with the others.
    """

    now: datetime = attrs.field(converter=as_utc)
    tags: Mapping[str, People] = attrs.field(factory=lambda: MappingProxyType({}))
    kept: People = attrs.field(factory=People)
    contacts: People = attrs.field(factory=People)
    withdrawn_before: People = attrs.field(factory=People)
    stats: Expectations | None = None
    slot_price: float | None = None
    invitations: Sequence[Invitation] = attrs.field(factory=Invitations, repr=False)

    @cached_property
    def note_counts(self) -> Counter[str]:
        """How often each note was sent, over all that the snapshot shows; no note is not a note."""
        return Counter(
            item.note
            for item in self.invitations
            if item.direction is Direction.SENT and item.note is not UNKNOWN and item.note
        )

    @cached_property
    def _found(self) -> dict[Hashable, Any]:
        return {}

    def once(self, question: Hashable, answer: Callable[[], T]) -> T:
        """Give what was found when this was asked before, or find it now."""
        if question not in self._found:
            self._found[question] = answer()
        found: T = self._found[question]
        return found

    @classmethod
    def of(cls, now: datetime, context: Context | None, invitations: Sequence[Invitation]) -> Sight:
        """See what a context holds, at a moment, over these invitations."""
        if context is None:
            return cls(now=now, invitations=invitations)
        names = ("tags", "kept", "contacts", "withdrawn_before")
        if missing := [name for name in names if not hasattr(context, name)]:
            raise DataError(
                f"context must be a Context, got {type(context).__name__}, which has no {missing[0]}",
                hint="For instance Context(contacts=['ada-example-77'])",
                key="context",
            )
        return cls(
            now=now,
            tags=context.tags,
            kept=context.kept,
            contacts=context.contacts,
            withdrawn_before=context.withdrawn_before,
            # A context of somebody's own may have been written before there were statistics.
            stats=getattr(context, "stats", None),
            slot_price=getattr(context, "slot_price", None),
            invitations=invitations,
        )
