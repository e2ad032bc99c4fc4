"""What a ledger ought to conclude, worked out in the plainest way: one invitation at a time, in the order of time.

It knows nothing of entries, keys or registers. It is told which true invitations a look shows and lacks, and
keeps one small record for each. Where sources know a person in ways that nothing connects, it does not claim to
know what can be concluded (`Known.sure` is False), and only what is true in any case is compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import attrs
from tests.history.world import Sending, World

import invitekit as ik
from invitekit.model import Interval

OPEN = ("presumed-pending", "pending")


@attrs.define
class Known:
    """What can be known of one invitation.

    Attributes:
        true: What it really is.
        status: What is to be concluded.
        seen_at: When it was first shown.
        until: The latest moment at which it can have ended.
        services: Which services have listed it.
        lacking: The complete listings in a row that lack it.
        relisted: Whether a complete listing showed it after it was withdrawn.
        superseded: Whether it is gone because there is a later one.
        by_connection: Whether it is accepted because the person is a connection.
        sure: Whether all that was shown of the person belongs together, so that the status is certain.
    """

    true: Sending
    status: str
    seen_at: datetime
    until: datetime | None = None
    services: set[str] = attrs.Factory(set)
    lacking: list[datetime] = attrs.Factory(list)
    relisted: bool = False
    superseded: bool = False
    by_connection: bool = False
    sure: bool = True

    def becomes(
        self, status: str, until: datetime, *, superseded: bool = False, by_connection: bool = False
    ) -> None:
        """Conclude something."""
        self.status, self.until, self.relisted = status, until, False
        self.superseded, self.by_connection = superseded, by_connection
        self.lacking = []


class Model:
    """What can be known of all of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.known: dict[int, Known] = {}
        self.identities: dict[int, list[set[str]]] = {}
        self.connected: dict[int, Interval] = {}
        self.split: set[int] = set()

    def of(self, person: int) -> list[Known]:
        """What is known of the invitations to somebody, the first one first."""
        return [one for number, one in sorted(self.known.items()) if one.true.person == person]

    def later(self, one: Known) -> list[Known]:
        """The later ones to the same person."""
        return [other for other in self.of(one.true.person) if other.true.number > one.true.number]

    def named(self, snapshot: ik.Snapshot) -> None:
        """A source names people: what was known of them by the same identifiers is about them."""
        kinds = set(self.world.kinds[snapshot.source])
        rows = [self.world.sendings[number_of(row)].person for row in snapshot.invitations]
        for person in {*rows, *(_person(one.member) for one in snapshot.connections)}:
            apart = [group for group in self.identities.get(person, []) if not group & kinds]
            alike = [group for group in self.identities.get(person, []) if group & kinds]
            self.identities[person] = [*apart, kinds.union(*alike)]
            if apart:
                self.split.add(person)
            if person in self.split:
                for one in self.of(person):
                    one.sure = False

    def look(self, snapshot: ik.Snapshot) -> None:
        """Take up a look."""
        source, now = snapshot.source, snapshot.taken_at
        self.named(snapshot)
        shown = sorted((number_of(row) for row in snapshot.invitations), reverse=True)
        accepted = {number_of(row) for row in snapshot.invitations if not row.is_open}
        met = {_person(one.member): one.connected_at for one in snapshot.connections}
        self.connected.update({person: when for person, when in met.items() if person not in self.connected})
        for number in shown:
            if source == "export":
                self._logged(number, now, number in accepted)
            else:
                self._listed(number, source, now, snapshot.completeness is ik.Completeness.COMPLETE)
        for person, when in met.items():
            self._answered(self.of(person), when, now)
        if snapshot.completeness is ik.Completeness.COMPLETE:
            for number in self.known.keys() - set(shown):
                self._lacked(self.known[number], source, now)

    def _new(self, number: int, now: datetime, status: str) -> Known:
        true = self.world.sendings[number]
        one = self.known[number] = Known(true, status, now, sure=true.person not in self.split)
        for other in self.of(true.person):  # Nobody has two pending ones, and nobody invites a connection.
            later = self.later(other)
            mistaken = (
                other.by_connection and other.until is not None and later and later[0].true.sent <= other.until
            )
            if later and (other.status in OPEN or mistaken):
                other.becomes("gone", later[0].true.sent, superseded=True)
        if one.status in OPEN and true.person in self.connected:
            self._answered([one], self.connected[true.person], now)
        return one

    def _logged(self, number: int, now: datetime, accepted: bool) -> None:
        one = self.known.get(number) or self._new(number, now, "presumed-pending")
        if accepted and (one.status in OPEN or (one.status == "gone" and not self.later(one))):
            one.becomes("accepted", now, by_connection=True)

    def _listed(self, number: int, source: str, now: datetime, complete: bool) -> None:
        one = self.known.get(number) or self._new(number, now, "pending")
        one.services.add(source)
        one.lacking = []
        if one.status == "presumed-pending" or (one.status == "gone" and not one.superseded):
            one.becomes("pending", now)
        elif one.status == "withdrawn" and one.until is not None and now > one.until and complete:
            if one.relisted:
                one.becomes("pending", now)
            else:
                one.relisted = True

    def _answered(self, theirs: Iterable[Known], when: Interval, now: datetime) -> None:
        for one in theirs:
            left = one.status == "gone" and one.until is not None and when.earliest <= one.until
            if when.latest >= one.true.sent and (one.status in OPEN or (left and not self.later(one))):
                one.becomes("accepted", min(when.latest, now), by_connection=True)

    def _lacked(self, one: Known, source: str, now: datetime) -> None:
        if one.status not in OPEN or one.seen_at >= now:
            return
        alike = [group for group in self.identities[one.true.person] if group & set(self.world.kinds[source])]
        if not alike and source not in one.services:
            one.sure = False  # It may be in the list under another identifier.
        one.lacking.append(now)
        if len(one.lacking) == 2:
            one.becomes("gone", one.lacking[0])

    def told(self, number: int, result: ik.Result, now: datetime, *, exact: bool) -> None:
        """Take up what somebody did or saw."""
        one = self.known[number]
        if result is ik.Result.WITHDRAWN:
            if one.status in (*OPEN, "gone"):
                left = one.status == "gone" and not exact and one.until is not None
                one.becomes("withdrawn", min(now, one.until) if left and one.until else now)
        elif one.status in OPEN:
            one.becomes("accepted" if result is ik.Result.SKIPPED else "gone", now)


def number_of(row: ik.Invitation) -> int:
    """Which true invitation a row is about."""
    return int(row.id.partition("-")[2])


def _person(member: ik.Member) -> int:
    return int(re.findall(r"\d+", str(member.key))[-1]) % 500
