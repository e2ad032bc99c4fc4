"""What a rule can see when it judges: the moment, what the user holds, and the other invitations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Protocol

import attrs

from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Direction, Invitation, Invitations, People
from invitekit.model._interval import as_utc

__all__ = ["Context", "Sight"]


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


@attrs.frozen
class Sight:
    """All that a rule can see when it judges the invitations of one snapshot.

    Args:
        now: The moment that is judged at; aware, kept in UTC.
        tags: Who carries which tag.
        kept: Who is marked to be kept.
        contacts: Whom the user knows.
        withdrawn_before: Whose invitation was withdrawn before.
        invitations: All the invitations of the snapshot, for rules that compare one with the others.
    """

    now: datetime = attrs.field(converter=as_utc)
    tags: Mapping[str, People] = attrs.field(factory=lambda: MappingProxyType({}))
    kept: People = attrs.field(factory=People)
    contacts: People = attrs.field(factory=People)
    withdrawn_before: People = attrs.field(factory=People)
    invitations: Sequence[Invitation] = attrs.field(factory=Invitations, repr=False)

    @cached_property
    def note_counts(self) -> Counter[str]:
        """How often each note was sent, over all that the snapshot shows; no note is not a note."""
        return Counter(
            item.note
            for item in self.invitations
            if item.direction is Direction.SENT and item.note is not UNKNOWN and item.note
        )

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
            invitations=invitations,
        )
