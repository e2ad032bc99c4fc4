"""Who is who: members of one account's history, told apart and joined by their identifiers, never by a name."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import attrs

from invitekit.history._entry import Span
from invitekit.model import UNKNOWN, Member, Unknown
from invitekit.model._member import trusted_member

if TYPE_CHECKING:
    from invitekit.history._case import Case

__all__ = ["LATER", "Person", "Register"]

_FIELDS: Final = ("name", "urn", "provider_id", "slug")


@attrs.define(eq=False, repr=False)
class Person:
    """Somebody, as far as known.

    Attributes:
        key: The place of the entry that introduced them.
        first_at: The earliest moment at which a source named them, µs.
        member: The newest of each identifier, and the name.
        company: Their company, where a source says it.
        title: Their title or position, likewise.
        connected: When they connected with the account, µs; None where no source says that they did.
        connected_known: When it first became known that they did, µs.
        connected_as_of: When a source last said when, µs.
        former: Members they were known as before: other identifiers that are theirs as well.
        keys: Further keys that are theirs, since they turned out to be one with somebody.
        joined_at: When that last turned out, µs; 0 for never.
        cases: The invitations from and to them, in the order they became known.
    """

    key: int
    first_at: int
    member: Member = attrs.field(factory=Member)
    company: str | Unknown = UNKNOWN
    title: str | Unknown = UNKNOWN
    connected: Span | None = None
    connected_known: int = 0
    connected_as_of: int = 0
    former: tuple[Member, ...] = ()
    keys: tuple[int, ...] = ()
    joined_at: int = 0
    cases: tuple[Case, ...] = ()

    def was(self, kind: str, value: str) -> bool:
        """Whether an identifier was theirs before."""
        return any(getattr(member, kind) == value for member in self.former)

    def may_be(self, member: Member) -> bool:
        """Whether nothing says that it is somebody else: the strongest identifier that both have agrees."""
        for kind in ("urn", "provider_id", "slug"):
            value, mine = getattr(member, kind), getattr(self.member, kind)
            if value is not UNKNOWN and mine is not UNKNOWN:
                return mine == value or self.was(kind, value)
        return True

    def connect(self, when: Span, at: int) -> None:
        """Take up that they are a connection, according to a source of a moment: the newest word stands."""
        if self.connected is None:
            self.connected_known = self.connected_as_of = at
        self.connected_known = min(self.connected_known, at)
        if at >= self.connected_as_of:
            self.connected, self.connected_as_of = when, at


LATER: Final = Person(-1, 0)
"""Stands for somebody who is known and was not taken up yet."""


class Register:
    """The members of one account's history.

    An identifier, once somebody's, stays theirs: a slug can be given up and taken over, and then the newcomer is
    told apart by something stronger, or set aside.
    """

    def __init__(self) -> None:
        self._people: dict[int, Person] = {}
        self._by_urn: dict[str, Person] = {}
        self._by_provider: dict[str, Person] = {}
        self._by_slug: dict[str, Person] = {}

    def __iter__(self) -> Iterator[Person]:
        """Everybody once, in the order they became known."""
        return (person for key, person in sorted(self._people.items(), key=itemgetter(0)) if person.key == key)

    def at(self, key: int) -> Person:
        """The person of this key, or of the one they were merged into; a new one where there is none yet."""
        person = self._people.get(key)
        if person is None:
            person = self._people[key] = Person(key, 0)
        return person

    def matches(self, member: Member) -> list[Person]:
        """Whom the identifiers of a member belong to, those of the strongest identifier first."""
        found: list[Person] = []
        if (urn := member.urn) is not UNKNOWN and (person := self._by_urn.get(urn)) is not None:
            found.append(person)
        if (own := member.provider_id) is not UNKNOWN and (person := self._by_provider.get(own)) is not None:
            found.append(person)
        if (slug := member.slug) is not UNKNOWN and (person := self._by_slug.get(slug)) is not None:
            found.append(person)
        return found if len(found) < 2 else list(dict.fromkeys(found))

    def who_may_be(self, member: Member) -> list[Person]:
        """Whom a member may be: those it shares an identifier with, unless a stronger one says otherwise."""
        return [person for person in self.matches(member) if person.may_be(member)]

    def named(self, member: Member) -> list[Person]:
        """Those of whom no identifier is known, only this very name."""
        return [one for one in self if one.member.key is UNKNOWN and one.member.name == member.name]

    def reserve(self, member: Member) -> None:
        """Note that somebody new has these identifiers, who is taken up later: until then they match `LATER`."""
        if member.slug is not UNKNOWN:
            self._by_slug[member.slug] = LATER
        if member.urn is not UNKNOWN:
            self._by_urn[member.urn] = LATER
        if member.provider_id is not UNKNOWN:
            self._by_provider[member.provider_id] = LATER

    def add(self, key: int, member: Member, at: int) -> Person:
        """Take up somebody new."""
        person = self._people[key] = Person(key, at, member)
        self._index(person, member)
        return person

    def learn(self, key: int, said: dict[str, Any], at: int) -> Person:
        """Take up what the personal part of an entry says about somebody."""
        person = self._people.get(key)
        if person is None:
            get = said.get
            member = trusted_member(
                get("name", UNKNOWN), get("slug", UNKNOWN), get("urn", UNKNOWN), get("provider_id", UNKNOWN)
            )
            person = self.add(key, member, at)
        else:
            if new := {field: said[field] for field in _FIELDS if field in said}:
                self._rename(person, trusted_member(**new), older=at < person.first_at)
            person.first_at = min(person.first_at, at)
        if "company" in said:
            person.company = said["company"]
        if "title" in said:
            person.title = said["title"]
        return person

    def _rename(self, person: Person, said: Member, *, older: bool) -> None:
        """Take up what somebody is called: the newest word stands, and what was theirs before stays theirs."""
        before = person.member
        newest, other = (before, said) if older else (said, before)
        person.member = _joined(newest, other)
        if any(before.identifiers.get(kind, value) != value for kind, value in said.identifiers.items()):
            person.former = (*person.former, other)
        self._index(person, said)

    def merge(self, person: Person, other: Person, at: int) -> None:
        """Make `other` the same as `person`, as a source of a moment has it."""
        person.joined_at = max(person.joined_at, other.joined_at, at)
        person.member = _joined(person.member, other.member)
        person.company = other.company if person.company is UNKNOWN else person.company
        person.title = other.title if person.title is UNKNOWN else person.title
        if other.connected is not None:
            person.connect(other.connected, other.connected_as_of)
            person.connected_known = min(person.connected_known, other.connected_known)
        person.first_at = min(person.first_at, other.first_at)
        for index, value in self._claims(other):
            index[value] = person
        person.former = (*person.former, other.member, *other.former)
        person.keys = (*person.keys, other.key, *other.keys)
        for key in (other.key, *other.keys):
            self._people[key] = person

    def forget(self, person: Person) -> None:
        """Erase what is personal about somebody."""
        for index, value in self._claims(person):
            del index[value]
        person.member, person.former = Member(), ()
        person.company = person.title = UNKNOWN

    def _claims(self, person: Person) -> list[tuple[dict[str, Person], str]]:
        """The identifiers that are theirs, each with the index it stands in."""
        indexes = {"slug": self._by_slug, "urn": self._by_urn, "provider_id": self._by_provider}
        return [
            (indexes[kind], value)
            for kind, value in {
                pair for member in (person.member, *person.former) for pair in member.identifiers.items()
            }
            if indexes[kind].get(value) is person
        ]

    def _index(self, person: Person, member: Member) -> None:
        slug, urn, provider_id = member.slug, member.urn, member.provider_id
        if slug is not UNKNOWN and self._by_slug.setdefault(slug, person) is LATER:
            self._by_slug[slug] = person
        if urn is not UNKNOWN and self._by_urn.setdefault(urn, person) is LATER:
            self._by_urn[urn] = person
        if provider_id is not UNKNOWN and self._by_provider.setdefault(provider_id, person) is LATER:
            self._by_provider[provider_id] = person


def _joined(first: Member, second: Member) -> Member:
    """What the first says of somebody, and the second where the first says nothing."""
    return trusted_member(
        second.name if first.name is UNKNOWN else first.name,
        second.slug if first.slug is UNKNOWN else first.slug,
        second.urn if first.urn is UNKNOWN else first.urn,
        second.provider_id if first.provider_id is UNKNOWN else first.provider_id,
    )
