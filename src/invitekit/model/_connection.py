"""One accepted connection."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import attrs

from invitekit.errors import DataError
from invitekit.model._interval import Interval
from invitekit.model._member import Member
from invitekit.model._unknown import UNKNOWN, Unknown

__all__ = ["Connection"]


def _said(_: Any, field: attrs.Attribute[Any], value: object) -> None:
    if value is not UNKNOWN and not isinstance(value, str):
        raise DataError(
            f"{field.name} must be a text or UNKNOWN, got {type(value).__name__}", key=f"connection.{field.name}"
        )


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Connection:
    """A member the account is connected with.

    Args:
        member: The other side.
        connected_at: When, as an interval in UTC: a whole UTC day from an export, an instant from an API.
        email: The e-mail address, where its owner shares it. It never shows in a repr, and a pickle leaves it
            behind as `UNKNOWN`; documents (`invitekit.save`) keep it.
        company: The company.
        position: The position.

    Raises:
        DataError: A field has a wrong type.
    """

    member: Member = attrs.field()
    connected_at: Interval = attrs.field()
    email: str | Unknown = attrs.field(default=UNKNOWN, validator=_said)
    company: str | Unknown = attrs.field(default=UNKNOWN, validator=_said)
    position: str | Unknown = attrs.field(default=UNKNOWN, validator=_said)

    def __attrs_post_init__(self) -> None:
        for name, kind in (("member", Member), ("connected_at", Interval)):
            value = getattr(self, name)
            if not isinstance(value, kind):
                raise DataError(
                    f"{name} must be of type {kind.__name__}, got {type(value).__name__}", key=f"connection.{name}"
                )

    @property
    def connected_on(self) -> date | Unknown:
        """The UTC date, where `connected_at` lies within one."""
        first, last = self.connected_at.earliest.date(), self.connected_at.latest.date()
        return first if first == last else UNKNOWN

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record; what is unknown becomes None."""
        values = {
            "name": self.member.name,
            **{field: getattr(self.member, field) for field in ("slug", "urn", "provider_id")},
            "connected_on": self.connected_on,
            "email": self.email,
            "company": self.company,
            "position": self.position,
        }
        return {key: None if value is UNKNOWN else value for key, value in values.items()}

    def __getstate__(self) -> tuple[Any, ...]:
        # As the note of an invitation: a pickle travels where nobody looks.
        return tuple(UNKNOWN if field == "email" else getattr(self, field) for field in _FIELDS)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        for field, value in zip(_FIELDS, state, strict=True):
            object.__setattr__(self, field, value)

    def __copy__(self) -> Connection:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Connection:
        return self

    def __repr__(self) -> str:
        return f"Connection({', '.join(f'{key}={value!r}' for key, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "member", self.member
        yield "connected_at", str(self.connected_at)
        for field in _SHOWN:
            value = getattr(self, field)
            if value is not UNKNOWN:
                yield field, value

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        return html_table(("field", "value"), [(key, str(value)) for key, value in self.__rich_repr__()])


_FIELDS: Final = tuple(field.name for field in attrs.fields(Connection))
_SHOWN: Final = ("company", "position")
