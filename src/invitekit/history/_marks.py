"""Tags and keep-marks: who carries which, since when, by whom and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs

from invitekit.history._case import Mark
from invitekit.history._entry import Kind, instant
from invitekit.history._notes import Notes
from invitekit.history._state import Account
from invitekit.model import Collection, Member

__all__ = ["MarkRecord", "Marks", "mark", "marks_of"]


@attrs.frozen(weakref_slot=False, kw_only=True)
class MarkRecord:
    """A tag or a keep-mark that somebody carries.

    Args:
        member: Who carries it.
        tag: The tag; empty for a keep-mark.
        at: Since when, UTC.
        by: Who gave it, as they called themselves.
        why: Why, in their words; no repr shows it, and a pickle leaves it behind.
    """

    member: Member
    tag: str = ""
    at: datetime
    by: str = ""
    why: str = attrs.field(default="", repr=False)

    def __getstate__(self) -> tuple[Any, ...]:
        # As the note of an invitation: a pickle travels where nobody looks.
        return self.member, self.tag, self.at, self.by, ""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        for field, value in zip(("member", "tag", "at", "by", "why"), state, strict=True):
            object.__setattr__(self, field, value)

    @property
    def name(self) -> str:
        """Who carries it, for people."""
        return str(self.member)

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record."""
        return {
            "name": self.name,
            **self.member.identifiers,
            "tag": self.tag,
            "at": self.at,
            "by": self.by,
            "why": self.why,
        }


class Marks(Collection[MarkRecord]):
    """Tags and keep-marks, by tag and then in the order they were given; keep-marks first."""

    __slots__ = ()

    _noun = "marks"
    _shown = ("name", "tag", "at", "by")


def marks_of(account: Account) -> Iterator[MarkRecord]:
    """Give every tag and keep-mark of an account."""
    groups = [("", account.kept), *sorted(account.tags.items())]
    for tag, marks in groups:
        for key, one in marks.items():
            member = account.people.at(key).member
            yield MarkRecord(member=member, tag=tag, at=instant(one.at), by=one.by, why=one.why)


def mark(notes: Notes, member: Member, kind: Kind, mark: Mark, tag: str = "") -> None:
    """Give somebody a mark, or take it away; nothing is written where that changes nothing.

    Args:
        notes: Where it is written.
        member: Who, by an identifier; they need not be known.
        kind: Tagged, untagged, kept or unkept.
        mark: By whom and why.
        tag: The tag.
    """
    account, facts = notes.book, {"tag": tag} if tag else {}
    words = {key: text for key, text in (("by", mark.by), ("why", mark.why)) if text}
    person = next(iter(account.people.who_may_be(member)), None)
    carriers = account.tags.get(tag, {}) if tag else account.kept
    carried = carriers.get(person.key) if person is not None else None
    if kind in (Kind.TAGGED, Kind.KEPT):
        if carried is not None and (not words or (carried.by, carried.why) == (mark.by, mark.why)):
            return
        said = {"name": member.name, **member.identifiers} if person is None else {}
        key = notes.state.seq + 1 if person is None else person.key
        notes.write(kind, member=key, facts=facts, personal={**said, **words})
    elif person is not None and carried is not None:
        notes.write(kind, member=person.key, facts=facts, personal=words)
