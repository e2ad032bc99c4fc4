"""Who somebody is whom a snapshot names, and what it says of them that is not known."""

from __future__ import annotations

from typing import Any, Final

from invitekit.history._answers import answer, supersede
from invitekit.history._case import Case
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
        # Which invitations are one is written down: the ids that tell them apart may be erased one day.
        facts: dict[str, Any] = {"other": other.key}
        if twins := _twins(person, other):
            facts["twins"] = twins
        reading.notes.write(Kind.LINKED, member=person.key, facts=facts)
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
    if company is UNKNOWN and title is UNKNOWN:
        return {}
    corrects = reading.corrects and person.key not in reading.placed
    if person.key:
        reading.placed.add(person.key)
    return {
        field: value
        for field, value, before in (("company", company, person.company), ("title", title, person.title))
        if value is not UNKNOWN and value != before and (before is UNKNOWN or corrects)
    }


def _twins(person: Person, other: Person) -> list[tuple[int, int]]:
    """Find the invitations that two people have in common, now that they are one: their keys, in pairs."""
    left = list(person.cases)
    found: list[tuple[int, int]] = []
    for twin in other.cases:
        case = next((one for one in left if _is_twin(one, twin)), None)
        if case is not None:
            left.remove(case)
            found.append((case.key, twin.key))
    return found


def _is_twin(one: Case, other: Case) -> bool:
    """Whether two invitations between the same two are one: sent at one time, and not told apart by a service."""
    if one.direction is not other.direction or one.sent[0] > other.sent[1] or other.sent[0] > one.sent[1]:
        return False
    ids = {service: name for name, service in one.ids if service}
    return all(ids.get(service, name) == name for name, service in other.ids)


_NOBODY: Final = Person(0, 0)
