"""One invitation, as a source described it at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import attrs

from invitekit.errors import DataError
from invitekit.model._interval import Interval, SentAt, as_utc
from invitekit.model._kinds import Cause, Direction, Evidence, Status
from invitekit.model._member import Member
from invitekit.model._unknown import UNKNOWN, Unknown

__all__ = ["DERIVED_ID", "Invitation", "trusted_invitation"]

DERIVED_ID: Final = "x-"
"""How an id begins that is derived where a source has none; no service knows it."""


def _fail(field: str, expected: str, value: object) -> DataError:
    # The value itself stays out: it may be a note.
    return DataError(f"{field} must be {expected}, got {type(value).__name__}", key=f"invitation.{field}")


def _typed(kind: type, expected: str, *, unknown: bool = False) -> Callable[[Any, Any, Any], None]:
    def check(_: Any, field: attrs.Attribute[Any], value: object) -> None:
        if not (isinstance(value, kind) or (unknown and value is UNKNOWN)):
            raise _fail(field.name, f"{expected} or UNKNOWN" if unknown else expected, value)

    return check


def _count(_: Any, field: attrs.Attribute[Any], value: object) -> None:
    if value is not UNKNOWN and (type(value) is not int or value < 0):
        raise _fail(field.name, "a whole number from 0 up, or UNKNOWN", value)


_said = _typed(str, "a text", unknown=True)


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Invitation:
    """An invitation between the account and one member.

    Args:
        id: The service's id, or a derived key ``x-…`` where the source has none. Only the former may carry a time.
        member: The other side.
        direction: Who invited whom.
        sent_at: When, as an interval in UTC.
        note: The personal note: ``""`` for none, `UNKNOWN` where the source does not say. It never shows in a
            repr, and a pickle leaves it behind as `UNKNOWN`; documents (`invitekit.save`) keep it.
        status: What became of it.
        evidence: What `status` rests on.
        as_of: When the source said so; aware UTC.
        known_at: When `status` came about, as closely as the source tells: the day of connecting for an accepted
            invitation, `as_of` for one that is open.
        cause: Why it is gone, on positive evidence only.
        mutual_connections: How many connections the two share.
        company: The member's company, where the source says it. An export says it only of those who accepted.
        title: The member's title or headline, likewise.

    Raises:
        DataError: A field has a wrong type, or `cause` is given for a status other than gone.
    """

    id: str = attrs.field(validator=_typed(str, "a text"))
    member: Member = attrs.field(validator=_typed(Member, "a Member"))
    direction: Direction = attrs.field(validator=_typed(Direction, "a Direction"))
    sent_at: SentAt = attrs.field(validator=_typed(SentAt, "a SentAt"))
    note: str | Unknown = attrs.field(default=UNKNOWN, validator=_said)
    status: Status = attrs.field(validator=_typed(Status, "a Status"))
    evidence: Evidence = attrs.field(validator=_typed(Evidence, "an Evidence"))
    as_of: datetime = attrs.field(converter=as_utc)
    known_at: Interval = attrs.field(
        default=attrs.Factory(lambda self: Interval.at(self.as_of), takes_self=True),
        validator=_typed(Interval, "an Interval"),
    )
    cause: Cause | Unknown = attrs.field(default=UNKNOWN, validator=_typed(Cause, "a Cause", unknown=True))
    mutual_connections: int | Unknown = attrs.field(default=UNKNOWN, validator=_count)
    company: str | Unknown = attrs.field(default=UNKNOWN, validator=_said)
    title: str | Unknown = attrs.field(default=UNKNOWN, validator=_said)

    def __attrs_post_init__(self) -> None:
        if not self.id or not self.id.isprintable() or self.id != self.id.strip():
            raise DataError(f"not an id: {self.id[:40]!r}", key="invitation.id")
        if self.cause is not UNKNOWN and self.status is not Status.GONE:
            raise DataError(
                f"a cause ({self.cause}) belongs to an invitation that is gone, not to one that is {self.status}",
                key="invitation.cause",
            )

    @property
    def is_open(self) -> bool:
        """Whether an answer may still come: pending or presumed pending."""
        return self.status.is_open

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record; what is unknown becomes None. Times are aware UTC datetimes."""
        member = self.member
        values = {
            "id": self.id,
            "name": member.name,
            **{field: getattr(member, field) for field in ("slug", "urn", "provider_id")},
            "direction": self.direction.value,
            "sent_earliest": self.sent_at.earliest if self.sent_at.is_known else UNKNOWN,
            "sent_latest": self.sent_at.latest if self.sent_at.is_known else UNKNOWN,
            "note": self.note,
            "status": self.status.value,
            "evidence": self.evidence.value,
            "as_of": self.as_of,
            "known_earliest": self.known_at.earliest,
            "known_latest": self.known_at.latest,
            "cause": self.cause if self.cause is UNKNOWN else self.cause.value,
            "mutual_connections": self.mutual_connections,
            "company": self.company,
            "title": self.title,
        }
        return {key: None if value is UNKNOWN else value for key, value in values.items()}

    def __getstate__(self) -> tuple[Any, ...]:
        # A pickle travels (queues, caches, crash reports) where a document is a file somebody chose to write.
        return tuple(UNKNOWN if field == "note" and self.note != "" else getattr(self, field) for field in _FIELDS)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        for field, value in zip(_FIELDS, state, strict=True):
            object.__setattr__(self, field, value)

    def __copy__(self) -> Invitation:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Invitation:
        return self

    def __repr__(self) -> str:
        return f"Invitation({', '.join(f'{key}={value!r}' for key, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        for field in _FIELDS:
            value = getattr(self, field)
            if value is UNKNOWN:
                continue
            if field == "note" and value:
                yield field, _Hidden(f"<{len(value)} characters>")
            elif isinstance(value, (Interval, datetime)):
                yield field, _Hidden(str(value if isinstance(value, Interval) else Interval.at(value)))
            elif isinstance(value, (Direction, Status, Evidence, Cause)):
                yield field, _Hidden(value.value)
            else:
                yield field, value

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        rows = [(key, value if isinstance(value, str) else repr(value)) for key, value in self.__rich_repr__()]
        return html_table(("field", "value"), rows)


class _Hidden(str):
    """A text whose repr is itself: for values that print better bare, or must not print at all."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


_FIELDS: Final = tuple(field.name for field in attrs.fields(Invitation))


# A frozen class pays for every field it sets (object.__setattr__), which doubles the cost of reading a large
# export. So the loader fills a mutable twin of the same shape, then turns it into the frozen class: half the
# price, the same object. It checks nothing; only code that has checked already may call it.
_Draft: Final = attrs.make_class(
    "_Draft", {name: attrs.field() for name in _FIELDS}, frozen=False, slots=True, weakref_slot=False, eq=False
)


def trusted_invitation(*values: Any) -> Invitation:
    """Build an `Invitation` from values that are known to be valid, in the order of its fields."""
    invitation: Any = _Draft(*values)
    invitation.__class__ = Invitation
    return invitation  # type: ignore[no-any-return]
