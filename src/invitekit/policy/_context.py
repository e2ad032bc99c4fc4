"""What the user knows besides the snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import attrs

from invitekit.errors import DataError
from invitekit.model import Connections, Member, People
from invitekit.model._interval import as_utc

__all__ = ["Context"]

Who = Iterable[Member | str | Mapping[str, str]]


@attrs.frozen(kw_only=True, init=False, repr=False)
class Context:
    """What rules and limits may look up besides the snapshot. What is not in it is false, not unknown.

    Args:
        tags: Who carries which tag: ``{"client": ["ada-example-77"]}``.
        kept: Who is marked to be kept, whatever the policy says.
        contacts: Whom the user knows: members, slugs, profile addresses, URNs or e-mail addresses. An e-mail
            address finds a member only through a connection that shows it; it is never compared with anything
            else, so one that finds nobody counts for nothing.
        withdrawn: When invitations were withdrawn lately, aware; the limits per day and week count them.

    Raises:
        DataError: An entry cannot be read as a member, or an instant has no time zone.
    """

    tags: Mapping[str, People]
    kept: People
    contacts: People
    emails: frozenset[str]
    withdrawn: tuple[datetime, ...]

    def __init__(
        self,
        *,
        tags: Mapping[str, Who] = MappingProxyType({}),
        kept: Who = (),
        contacts: Who = (),
        withdrawn: Iterable[datetime] = (),
    ) -> None:
        if not isinstance(tags, Mapping):
            raise DataError(
                "tags must be a dict", hint="For instance {'client': ['ada-example-77']}", key="context.tags"
            )
        known = [contacts] if isinstance(contacts, (str, Member, Mapping)) else list(contacts)
        emails = frozenset(one.strip().casefold() for one in known if isinstance(one, str) and "@" in one)
        people = [one for one in known if not (isinstance(one, str) and "@" in one)]
        self.__attrs_init__(
            tags={str(tag): _people(who, f"context.tags.{tag}") for tag, who in sorted(tags.items())},
            kept=_people(kept, "context.kept"),
            contacts=_people(people, "context.contacts"),
            emails=emails,
            withdrawn=tuple(sorted(map(as_utc, withdrawn))),
        )

    def resolve(self, connections: Connections) -> Context:
        """The same context, with the members among `connections` that show one of the e-mail addresses."""
        found = [
            item.member
            for item in connections
            if isinstance(item.email, str) and item.email.casefold() in self.emails and item.member.identifiers
        ]
        if not found:
            return self
        return Context(
            tags=self.tags,
            kept=self.kept,
            contacts=[*self.contacts, *found, *self.emails],
            withdrawn=self.withdrawn,
        )

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        for tag, people in self.tags.items():
            yield f"tag {tag}", len(people)
        yield "kept", len(self.kept)
        yield "contacts", len(self.contacts) + len(self.emails)
        yield "withdrawn", len(self.withdrawn)

    def __repr__(self) -> str:
        return f"Context({', '.join(f'{name}: {count}' for name, count in self.__rich_repr__())})"


def _people(who: Who, key: str) -> People:
    try:
        return who if isinstance(who, People) else People(who)
    except DataError as error:
        raise DataError(error.message, hint=error.hint, key=key) from None
