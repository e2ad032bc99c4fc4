"""Who somebody is whom a snapshot names, and what it says of them that is not known."""

from __future__ import annotations

from typing import Any, Final

from invitekit.history._answers import answer, supersede
from invitekit.history._entry import Kind
from invitekit.history._reading import Reading
from invitekit.history._register import LATER, Person
from invitekit.model import UNKNOWN, Member, Unknown

__all__ = ["join", "news_of", "news_of_work", "who"]


def who(reading: Reading, member: Member, about: str) -> Person | None:
    """Find somebody by their identifiers: a person, or None where the identifiers contradict each other.

    Somebody new, or without any identifier, is a person of key 0.
    """
    found = reading.people.matches(member)
    if not found:
        return _NOBODY
    if LATER in found:
        reading.account.catch_up()
        found = reading.people.matches(member)
    person, *others = found
    if person.member is member or (not others and person.may_be(member)):
        return person
    if all(one.may_be(member) for one in found) and all(person.may_be(one.member) for one in others):
        if others:
            join(reading, person, *others)
        return person
    reading.notes.set_aside(
        "conflicting-identifiers",
        "one of the member's identifiers is somebody's, and a stronger one is not: perhaps a slug that changed "
        "hands; nothing was merged",
        about,
    )
    # Whoever it is, it is no sign that anybody left the list.
    reading.seen.update(case.key for one in found for case in one.cases)
    return None


def join(reading: Reading, person: Person, *others: Person) -> None:
    """Write down that several people are one; what was known of each sheds light on the others' invitations."""
    for other in others:
        reading.notes.write(Kind.LINKED, member=person.key, facts={"other": other.key})
    for case in person.cases:
        supersede(reading, case)
    if person.connected is not None:
        answer(reading, person, person.connected, person.connected_known)


def news_of(reading: Reading, person: Person, member: Member) -> dict[str, Any]:
    """What a source says of somebody that is not known, or was not known at the time of the snapshot."""
    known = person.member
    if known is member and reading.at >= person.first_at:
        return {}
    news: dict[str, Any] = {}
    for field in ("name", "slug", "urn", "provider_id"):
        value = getattr(member, field)
        if value is UNKNOWN:
            continue
        before = getattr(known, field)
        # Sources spell a name in their own ways; the first stands, or each look would change it.
        newer = reading.corrects and field != "name" and before != value and not person.was(field, value)
        if before is UNKNOWN or newer or reading.at < person.first_at:
            news[field] = value
    return news


def news_of_work(reading: Reading, person: Person, company: str | Unknown, title: str | Unknown) -> dict[str, Any]:
    """What a source says of somebody's company and title that is not known."""
    if (company is UNKNOWN and title is UNKNOWN) or person.key in reading.placed:
        return {}
    if person.key:
        reading.placed.add(person.key)
    return {
        field: value
        for field, value, before in (("company", company, person.company), ("title", title, person.title))
        if value is not UNKNOWN and value != before and (before is UNKNOWN or reading.corrects)
    }


_NOBODY: Final = Person(0, 0)
