"""From a snapshot to entries: what it adds to what is known.

Evidence decides. Somebody accepted only if they are a connection. An invitation is gone only if two complete
listings in a row lack it, or somebody read that one person; an export never makes anything gone, and a listing that
is partial, or suddenly much shorter than the one before, makes nothing disappear. Members are told apart and joined
by identifiers alone; where identifiers contradict each other, the row is set aside.

A snapshot older than what is known already is welcome: it adds what it shows, and nothing is concluded from what it
lacks.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from operator import attrgetter
from typing import Any, Final

import attrs

from invitekit.errors import DataError
from invitekit.history._entry import Entry, Kind, Span, instant, micros, quoted, ranges, span_of, spelled
from invitekit.history._register import LATER, Person
from invitekit.history._state import Account, Case, Look, State
from invitekit.model import (
    UNKNOWN,
    Cause,
    Completeness,
    Connection,
    Direction,
    Evidence,
    Finding,
    Interval,
    Invitation,
    Member,
    Snapshot,
    Status,
    Truth,
    Unknown,
)
from invitekit.model._member import IDENTIFIERS

__all__ = ["Notes", "observe", "whose"]

_SHRUNKEN: Final = 10
"""From how many invitations on it is suspicious that more than half of a listing is missing from the next. Our
choice: services cut lists short in silence, and nobody publishes how often."""

_EMPTIED: Final = 2
"""The same where nothing at all is left."""


class Notes:
    """What is written while something is recorded: the entries, and who they are about.

    Attributes:
        entries: To be appended to the ledger, in order.
        findings: What was set aside, and what was doubted.
        new: Invitations that were not known, as the snapshot has them, with the kind of their entry.
        touched: Invitations about which something was concluded, by kind of entry.
    """

    def __init__(self, state: State, account: Account | None, at: int) -> None:
        self.state = state
        self.account = account
        self.at = at
        self.entries: list[Entry] = []
        self.findings: list[Finding] = []
        self.new: list[tuple[Kind, Invitation]] = []
        self.touched: list[tuple[Kind, Account, Case]] = []
        self.unresolved: list[Case] = []

    @property
    def book(self) -> Account:
        """The account it is about."""
        if self.account is None:
            raise DataError("no account is known yet", hint="Record a snapshot first")
        return self.account

    def write(
        self,
        kind: Kind,
        *,
        member: int = 0,
        invitation: int = 0,
        facts: dict[str, Any] | None = None,
        personal: dict[str, Any] | None = None,
        at: int | None = None,
    ) -> Entry:
        """Write one entry, and take it up."""
        seq = self.state.seq + 1
        said = spelled(personal) if personal else None
        entry = Entry(
            seq,
            kind.value,
            self.at if at is None else at,
            self.account.key if self.account is not None else seq,
            member,
            invitation,
            spelled(facts or {}),
            None if said in (None, "{}") else said,
        )
        self.entries.append(entry)
        self.state.apply(entry)
        return entry

    def conclude(
        self,
        kind: Kind,
        case: Case,
        known: Span,
        evidence: Evidence,
        *,
        cause: Cause | Unknown = UNKNOWN,
        at: int | None = None,
    ) -> None:
        """Write what became of an invitation."""
        facts = {
            "known": known,
            "evidence": evidence.value,
            **({} if cause is UNKNOWN else {"cause": cause.value}),
        }
        self.write(kind, member=case.person.key, invitation=case.key, facts=facts, at=at)
        self.touched.append((kind, self.book, case))

    def set_aside(self, code: str, text: str, about: str = "") -> None:
        """Leave something out, and say so."""
        self.findings.append(Finding(code=code, text=text, set_aside=True, about=about))

    def notice(self, code: str, text: str, about: str = "") -> None:
        """Say something about what is used."""
        self.findings.append(Finding(code=code, text=text, about=about))


def whose(state: State, owner: Member) -> Account | None:
    """Find the account of a member; None where it is not known yet.

    Raises:
        DataError: The member has no identifier, and there is not exactly one account that it could be; or the
            identifiers contradict what is known of the account they point to.
    """
    accounts = list(state.accounts.values())
    if not owner.identifiers:
        if len(accounts) > 1:
            raise DataError(
                "nothing says whose account this is about, and several are known",
                hint="Pass account= with the member whose account it is",
                key="account",
            )
        names = {one.owner.name for one in accounts} | {owner.name}
        if len(names - {UNKNOWN}) > 1:
            raise DataError(
                "the account has another name than the one that is known, and no identifier",
                hint="Pass account= with the member whose account it is",
                key="account",
            )
        return accounts[0] if accounts else None
    alike = [(one, one.owner.same_as(owner)) for one in accounts]
    if any(truth is Truth.TRUE for _, truth in alike):
        return next(one for one, truth in alike if truth is Truth.TRUE)
    shared = [one for one in accounts if one.owner.identifiers.items() & owner.identifiers.items()]
    if shared:
        raise DataError(
            "the account's identifiers contradict each other: one is that of a known account, a stronger one is not",
            hint="Pass account= with the member whose account it is",
            key="account",
        )
    # An account of which nothing but a name was known is the only one there can be.
    nameless = [one for one in accounts if not one.owner.identifiers]
    return nameless[0] if len(accounts) == len(nameless) == 1 else None


def open_account(notes: Notes, owner: Member) -> Account:
    """Take up an account, or learn another identifier of it."""
    said = {field: getattr(owner, field) for field in ("name", *owner.identifiers)}
    if notes.account is None:
        entry = notes.write(Kind.ACCOUNT, personal=said)
        notes.account = notes.state.accounts[entry.account]
    elif new := {
        field: value
        for field, value in said.items()
        if value is not UNKNOWN and getattr(notes.account.owner, field) is UNKNOWN
    }:
        notes.write(Kind.ACCOUNT, personal=new)
    return notes.account


def observe(state: State, snapshot: Snapshot, owner: Member | None = None) -> Notes:
    """Work out what a snapshot adds, and take it up.

    Args:
        state: What is known; it is carried on.
        snapshot: What a source says.
        owner: Whose account it is, where the snapshot does not say it.

    Raises:
        DataError: Nothing says whose account it is.
    """
    owner = snapshot.account if owner is None else owner
    notes = Notes(state, whose(state, owner), micros(snapshot.taken_at))
    _Reading(notes, open_account(notes, owner), snapshot).read()
    return notes


class _Reading:
    """One snapshot, while it is compared with what is known."""

    def __init__(self, notes: Notes, account: Account, snapshot: Snapshot) -> None:
        self.notes = notes
        self.account = account
        self.people = account.people
        self.snapshot = snapshot
        self.at = notes.at
        self.is_log = snapshot.completeness is Completeness.LOG
        self._facts_end = ',"log":true}' if self.is_log else f',"source":{quoted(snapshot.source)}}}'
        self.seen: set[int] = set()
        self.told: set[int] = set()
        """The invitations that it has described, and"""
        self.met: dict[int, Span] = {}
        """the people that it has called connections, with the time that it gives, and"""
        self.placed: set[int] = set()
        """those whose work it has named: should it do so again and say something else, its first word stands."""
        looks = account.looks
        self.newest = not looks or self.at >= looks[-1].at
        self.since = max((look.at for look in looks if look.at < self.at), default=None)
        """When the account was last looked at before."""
        self.again = any(
            (look.at, look.source, look.completeness) == (self.at, snapshot.source, snapshot.completeness)
            for look in looks
        )

    def read(self) -> None:
        """Compare, and write down the difference."""
        # Connections first: who is one of them has accepted, whatever a list of invitations still shows.
        for connection in self.snapshot.connections:
            self._connection(connection)
        known, seen = self.account.by_id, self.seen
        others: list[Invitation] = []
        for invitation in self.snapshot.invitations:
            case = known.get(invitation.id)
            if case is not None and self._unchanged(case, invitation):
                seen.add(case.key)
                if invitation.company is not UNKNOWN or invitation.title is not UNKNOWN:
                    self.placed.add(case.person.key)
            else:
                others.append(invitation)
        for invitation in _newest_first(others):
            self._invitation(invitation, known.get(invitation.id))
        # What it does not show may be answered all the same. Last, since a connection is the answer to the newest.
        for key, when in self.met.items():
            self._answered(self.people.at(key), when)
        if not self.again or len(self.notes.entries):
            self._look()

    # ── Members ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _who(self, member: Member, about: str) -> Person | None:
        """Find somebody by their identifiers: a person, or None where the identifiers contradict each other.

        Somebody new, or without any identifier, is a person of key 0.
        """
        found = self.people.matches(member)
        if not found:
            return _NOBODY
        if LATER in found:
            self.account.catch_up()
            found = self.people.matches(member)
        person, *others = found
        if person.member is member or (not others and person.may_be(member)):
            return person
        if all(one.may_be(member) for one in found) and all(person.may_be(one.member) for one in others):
            for other in others:
                self.notes.write(Kind.LINKED, member=person.key, facts={"other": other.key})
            if others:
                self._joined(person)
            return person
        self.notes.set_aside(
            "conflicting-identifiers",
            "one of the member's identifiers is somebody's, and a stronger one is not: perhaps a slug that changed "
            "hands; nothing was merged",
            about,
        )
        # Whoever it is, it is no sign that anybody left the list.
        self.seen.update(case.key for one in found for case in one.cases)
        return None

    def _joined(self, person: Person) -> None:
        """What was known of two people turns out to be about one: each sheds light on the other's invitations."""
        for case in person.cases:
            self._superseded(case)
        if person.connected is not None:
            self._answered(person, person.connected, person.connected_known)

    def _news(self, person: Person, member: Member) -> dict[str, Any]:
        """What a source says of somebody that is not known, or was not known at the time of the snapshot."""
        known = person.member
        if known is member and self.at >= person.first_at:
            return {}
        news: dict[str, Any] = {}
        for field in ("name", "slug", "urn", "provider_id"):
            value = getattr(member, field)
            if value is UNKNOWN:
                continue
            before = getattr(known, field)
            # Sources spell a name in their own ways; the first stands, or each look would change it.
            newer = self.newest and field != "name" and before != value and not person.was(field, value)
            if before is UNKNOWN or newer or self.at < person.first_at:
                news[field] = value
        return news

    def _news_of_work(self, person: Person, company: str | Unknown, title: str | Unknown) -> dict[str, Any]:
        """What a source says of somebody's company and title that is not known."""
        if (company is UNKNOWN and title is UNKNOWN) or person.key in self.placed:
            return {}
        if person.key:
            self.placed.add(person.key)
        return {
            field: value
            for field, value, before in (("company", company, person.company), ("title", title, person.title))
            if value is not UNKNOWN and value != before and (before is UNKNOWN or self.newest)
        }

    # ── Connections ──────────────────────────────────────────────────────────────────────────────────────────────

    def _connection(self, connection: Connection) -> None:
        member = connection.member
        if member.key is UNKNOWN:
            return  # Hidden, or only a name: nobody can say who it is.
        person = self._who(member, "")
        if person is None:
            return
        when = span_of(connection.connected_at)
        news = self._news(person, member)
        if connection.company is not UNKNOWN or connection.position is not UNKNOWN:
            news.update(self._news_of_work(person, connection.company, connection.position))
        known, key = person.connected, person.key or self.notes.state.seq + 1
        when = self.met.setdefault(key, when)
        if connection.company is not UNKNOWN or connection.position is not UNKNOWN:
            self.placed.add(key)
        differs = known is None or (self.newest and known != when and not _within(known, when))
        if differs or self.at < person.connected_known:
            self.notes.write(Kind.CONNECTED, member=key, facts={"known": when}, personal=news)
        elif news:
            self.notes.write(Kind.CONNECTED, member=key, facts={"known": known}, personal=news)

    def _answered(self, person: Person, when: Span, at: int | None = None) -> None:
        """Somebody is a connection: that answers what was open between the two, or had left the list just then.

        Args:
            person: Who.
            when: When the two connected.
            at: When that became known, where not by this snapshot.
        """
        at = self.at if at is None else max(at, self.at)
        for case in person.cases:
            late = case.status is Status.GONE and when[0] <= case.known[1] and not case.is_repeated
            known_later = case.status is Status.ACCEPTED and case.first_at <= at < case.closed_at
            if case.is_open or late or known_later:
                self._connected(case, when, at)

    def _connected(self, case: Case, when: Span, at: int | None = None) -> None:
        """Somebody whose invitation was open, or had left the list, is a connection.

        Args:
            case: The invitation.
            when: When the two connected.
            at: When that became known, where not by this snapshot.
        """
        if when[1] < case.sent[0]:
            return  # Connected before it was sent: an earlier story, parted since.
        at = self.at if at is None else max(at, self.at)
        # Between the last listing that shows it and the first that does not, and at the time the source gives.
        if case.status is Status.GONE:
            floor, ceiling = case.known
        else:
            floor, ceiling = self._floor(case, at) if case.is_open else case.sent[0], at
        known = max(when[0], case.sent[0], floor), min(when[1], ceiling)
        if known[0] > known[1]:  # They contradict each other (a list lags); what the connection says stands.
            known = max(when[0], case.sent[0]), when[1]
        self.notes.conclude(Kind.ACCEPTED, case, known, Evidence.CONNECTED, at=at)
        self.seen.add(case.key)

    # ── Invitations ──────────────────────────────────────────────────────────────────────────────────────────────

    def _invitation(self, invitation: Invitation, case: Case | None) -> None:
        member = invitation.member
        person = self._who(member, invitation.id)
        if person is None:
            return
        if case is not None and case.person is not person:
            if person.key or not case.person.may_be(member):
                self.notes.set_aside(
                    "conflicting-id", "its id is that of an invitation to somebody else", invitation.id
                )
                self.seen.add(case.key)
                return
            person = case.person  # Only the id says who it is.
        sent = span_of(invitation.sent_at)
        if case is None and person.key:
            case = self._match(person, invitation, sent)
        if case is None:
            self._new(invitation, person, sent)
        elif case.key not in self.told:
            self.seen.add(case.key)
            self.told.add(case.key)
            if self.at < case.first_at:
                self._earlier(case, invitation, person, sent)
            else:
                self._known(case, invitation, person, sent)

    def _unchanged(self, case: Case, invitation: Invitation) -> bool:
        """Whether the snapshot says of an open invitation just what is known; a short cut for nearly all rows."""
        if invitation.status is not case.status or invitation.evidence is not case.evidence or not case.is_open:
            return False
        person = case.person
        if person.connected is not None:
            return False
        member, known = invitation.member, person.member
        if case.sent_at is None and span_of(invitation.sent_at) == case.sent:
            case.sent_at = invitation.sent_at
        return (
            case.sent_at is not None
            and (case.sent_at is invitation.sent_at or case.sent_at == invitation.sent_at)
            and self.at >= case.first_at
            and self.at >= person.first_at
            and member.slug == known.slug
            and member.urn == known.urn
            and member.provider_id == known.provider_id
            and member.name == known.name
            and (invitation.note is UNKNOWN or invitation.note == case.note)
            and (invitation.mutual_connections is UNKNOWN or invitation.mutual_connections == case.mutual)
            and (invitation.company is UNKNOWN or invitation.company == person.company)
            and (invitation.title is UNKNOWN or invitation.title == person.title)
        )

    def _match(self, person: Person, invitation: Invitation, sent: Span) -> Case | None:
        """Find the invitation among those from and to this person: the same direction, and a time that fits."""
        own, source = invitation.id, self.snapshot.source
        for case in reversed(person.cases):
            if case.direction is not invitation.direction or case.sent[0] > sent[1] or sent[0] > case.sent[1]:
                continue
            if not self.is_log and any(place == source and one != own for one, place in case.ids):
                continue  # The same service gave both their ids, and they differ.
            return case
        return None

    def _new(self, invitation: Invitation, person: Person, sent: Span) -> None:
        """An invitation that was not known."""
        notes, account, at = self.notes, self.account, self.at
        if person.key:
            invitation = _unless_repeated(invitation, person, sent)
        seq = notes.state.seq + 1
        kind = Kind.SENT if self.since is not None and sent[0] > self.since else Kind.FIRST_SEEN
        missed = () if self.newest else tuple(look.key for look in account.looks if look.at > at)
        is_open = invitation.status in _OPEN
        known: Span = (at, at) if is_open else span_of(invitation.known_at)
        facts = self._facts_of(invitation, sent, None if is_open else known, missed)
        said = self._said_of(invitation, person)
        entry = Entry(seq, kind._value_, at, account.key, person.key or seq, seq, facts, said)
        notes.entries.append(entry)
        notes.new.append((kind, invitation))
        self.seen.add(seq)
        self.told.add(seq)
        if not person.key and (invitation.company is not UNKNOWN or invitation.title is not UNKNOWN):
            self.placed.add(seq)
        if person.key or missed:
            account.apply(entry)
        else:
            account.put_off(entry, invitation, sent, None if self.is_log else self.snapshot.source)
        notes.state.seq = seq
        if person.key:
            for case in person.cases:
                self._superseded(case)
            if (case := account.cases[seq]).is_open and person.connected is not None:
                self._connected(case, person.connected, person.connected_known)

    def _facts_of(self, invitation: Invitation, sent: Span, known: Span | None, missed: tuple[int, ...]) -> str:
        """Spell the open part of an entry about an invitation; by hand, since this is done a million times."""
        facts = (
            f'{{"direction":"{invitation.direction!s}","sent":[{sent[0]},{sent[1]}]'
            f',"status":"{invitation.status!s}","evidence":"{invitation.evidence!s}"'
        )
        if known is not None:
            facts = f'{facts},"known":[{known[0]},{known[1]}]'
        if invitation.cause is not UNKNOWN:
            facts = f'{facts},"cause":"{invitation.cause!s}"'
        if invitation.mutual_connections is not UNKNOWN:
            facts = f'{facts},"mutual":{invitation.mutual_connections}'
        if missed:
            facts = f'{facts},"missed":[{",".join(map(str, missed))}]'
        return facts + self._facts_end

    def _said_of(self, invitation: Invitation, person: Person) -> str:
        """Spell the personal part of it."""
        said = f'{{"id":{quoted(invitation.id)}'
        if invitation.note is not UNKNOWN:
            said = f'{said},"note":{quoted(invitation.note)}'
        member = invitation.member
        if person.key:
            for field, value in self._news(person, member).items():
                said = f'{said},"{field}":{quoted(value)}'
        else:
            if member.name is not UNKNOWN:
                said = f'{said},"name":{quoted(member.name)}'
            if member.slug is not UNKNOWN:
                said = f'{said},"slug":{quoted(member.slug)}'
            if member.urn is not UNKNOWN:
                said = f'{said},"urn":{quoted(member.urn)}'
            if member.provider_id is not UNKNOWN:
                said = f'{said},"provider_id":{quoted(member.provider_id)}'
        if invitation.company is not UNKNOWN or invitation.title is not UNKNOWN:
            for field, value in self._news_of_work(person, invitation.company, invitation.title).items():
                said = f'{said},"{field}":{quoted(value)}'
        return said + "}"

    def _superseded(self, case: Case) -> None:
        """End an invitation if a later one is known: nobody can have two pending, nor invite a connection."""
        for later in case.person.cases:
            if later.direction is not case.direction or case.sent[1] >= later.sent[0]:
                continue
            at = max(self.at, later.first_at)
            # The connection was the answer to the later one.
            refuted = case.evidence in _BY_CONNECTION and later.sent[0] <= case.known[1]
            known_later = case.evidence is Evidence.SUPERSEDED and case.first_at <= at < case.closed_at
            if case.is_open or refuted or known_later:
                known = self._floor(case, later.sent[0]), later.sent[1]
                self.notes.conclude(Kind.GONE, case, known, Evidence.SUPERSEDED, at=at)

    def _floor(self, case: Case, before: int) -> int:
        """The last moment before `before` at which an open invitation was surely pending."""
        look = self.account.last_seen(case, listed=True)
        return min(look.at if look is not None and look.at >= case.sent[0] else case.sent[0], before)

    def _earlier(self, case: Case, invitation: Invitation, person: Person, sent: Span) -> None:
        """A snapshot older than all that showed it so far shows it, too."""
        facts: dict[str, Any] = {
            "direction": case.direction.value,
            "sent": sent,
            "status": invitation.status.value,
            "evidence": invitation.evidence.value,
        }
        if not invitation.is_open:
            facts["known"] = span_of(invitation.known_at)
        facts |= {"log": True} if self.is_log else {"source": self.snapshot.source}
        if invitation.mutual_connections is not UNKNOWN:
            facts["mutual"] = invitation.mutual_connections
        if missed := [look.key for look in self.account.looks if self.at < look.at < case.first_at]:
            facts["missed"] = missed
        said: dict[str, Any] = {
            "id": invitation.id,
            "note": invitation.note,
            **self._news(person, invitation.member),
        }
        was = case.status
        kind = Kind.SENT if self.since is not None and sent[0] > self.since else Kind.FIRST_SEEN
        self.notes.write(kind, member=person.key, invitation=case.key, facts=facts, personal=said)
        if case.status is not was:
            self.notes.touched.append((_KIND_OF.get(case.status, Kind.CHANGED), self.account, case))
        self._known(case, invitation, person, sent)

    def _known(self, case: Case, invitation: Invitation, person: Person, sent: Span) -> None:
        """What a snapshot adds to an invitation that is known."""
        if case.is_open and person.key in self.met:
            self._connected(case, self.met[person.key])
        facts: dict[str, Any] = {}
        if sent == case.sent:
            case.sent_at = invitation.sent_at
        else:
            narrower = max(sent[0], case.sent[0]), min(sent[1], case.sent[1])
            if narrower[0] > narrower[1]:
                self.notes.notice(
                    "moving-date", "the source now gives another time of sending; the first stands", invitation.id
                )
            elif narrower != case.sent:
                facts["sent"] = sent  # As said: what it adds up to with the rest depends on who asks as of when.
        mutual = invitation.mutual_connections
        if mutual is not UNKNOWN and mutual != case.mutual and (self.newest or case.mutual is UNKNOWN):
            facts["mutual"] = mutual
        said = self._news(person, invitation.member)
        if all(one != invitation.id for one, _ in case.ids):
            said["id"] = invitation.id
            if not self.is_log:
                facts["source"] = self.snapshot.source
        if invitation.note is not UNKNOWN and case.note is UNKNOWN:
            said["note"] = invitation.note
        if invitation.company is not UNKNOWN or invitation.title is not UNKNOWN:
            said.update(self._news_of_work(person, invitation.company, invitation.title))
        facts.update(self._became(case, invitation))
        kind = facts.pop("kind", Kind.CHANGED)
        if facts or said:
            was = case.status
            self.notes.write(kind, member=person.key, invitation=case.key, facts=facts, personal=said)
            if case.status is not was:
                self.notes.touched.append((kind, self.account, case))
        if not self.newest:
            for one in person.cases:
                self._superseded(one)

    def _became(self, case: Case, invitation: Invitation) -> dict[str, Any]:
        """What a snapshot says about what became of an invitation, if that is news."""
        said, is_ = invitation.status, case.status
        if said is Status.PENDING:
            return self._listed(case, invitation.id)
        if said is Status.PRESUMED_PENDING:
            # The newest export's word on whether it can exclude an acceptance stands, even where it is weaker.
            if is_ is said and invitation.evidence is not case.evidence and self.newest:
                return {"status": said.value, "evidence": invitation.evidence.value}
            return {}
        known = span_of(invitation.known_at)
        found: dict[str, Any] = {"known": known, "evidence": invitation.evidence.value}
        if said is Status.ACCEPTED:
            if is_ is Status.WITHDRAWN:
                if known[0] <= case.known[1]:
                    self.notes.notice(
                        "accepted-and-withdrawn",
                        "it was recorded as withdrawn, and they are a connection since before that",
                        invitation.id,
                    )
                return {}
            narrower = known != case.known and _within(known, case.known)
            if is_ is Status.ACCEPTED and self.at >= case.closed_at and not narrower:
                return {}
            if is_ is Status.GONE and case.is_repeated and invitation.evidence is not Evidence.LISTED:
                return {}  # The connection is the answer to a later one.
            return {"kind": Kind.ACCEPTED, **found}
        if is_ is said and (invitation.cause is UNKNOWN or invitation.cause is case.cause):
            return {}
        if is_ in (Status.ACCEPTED, Status.WITHDRAWN):
            return {}
        if invitation.cause is not UNKNOWN:
            found["cause"] = invitation.cause.value
        return {"kind": Kind.WITHDRAWN if said is Status.WITHDRAWN else Kind.GONE, **found}

    def _listed(self, case: Case, about: str) -> dict[str, Any]:
        """A service lists it as pending."""
        listed = {"status": Status.PENDING.value, "evidence": Evidence.LISTED.value}
        if case.status is Status.PENDING:
            return {}
        if case.status is Status.PRESUMED_PENDING:
            return listed
        if self.at < case.known[0] or not self.newest:
            return {}
        if case.status is Status.GONE and case.evidence is Evidence.SUPERSEDED:
            self.notes.notice("still-listed", "there is a later one, and a listing still shows it", about)
            return {}
        if case.status is Status.GONE:
            self.notes.notice("listed-again", "it was taken for gone, and a listing shows it again", about)
            return listed
        if case.status is Status.ACCEPTED:
            self.notes.notice("still-listed", "they are a connection, and a listing still shows it", about)
            return {}
        if self.at <= case.known[1]:
            return {}  # It was withdrawn after that, perhaps.
        # Withdrawn, and still listed: a list that lags, unless a second complete one says the same.
        self.notes.notice("still-listed", "it was withdrawn, and a listing still shows it", about)
        if self.snapshot.completeness is not Completeness.COMPLETE or case.relisted >= self.at:
            return {}
        return listed if case.relisted else {"relisted": self.at}

    # ── What a listing lacks ─────────────────────────────────────────────────────────────────────────────────────

    def _look(self) -> None:
        """Write down that the account was looked at, and what that look lacks."""
        snapshot, account = self.snapshot, self.account
        candidates = account.open.values() if self.newest else account.open_at(self.at)
        unseen = [
            case
            for case in candidates
            if case.key not in self.seen and case.first_at < self.at and case.sent[0] <= self.at
        ]
        shown = sum(one.direction is Direction.SENT and one.status in _OPEN for one in snapshot.invitations)
        complete = snapshot.completeness is Completeness.COMPLETE
        unsure = self._unsure(unseen) if complete else frozenset[int]()
        doubt = "" if self.again else self._doubt(shown, [case for case in unseen if case.key not in unsure])
        settles = complete and not doubt and self.newest and not self.again
        if settles:
            unseen = [case for case in unseen if case.key in unsure or not self._gone(case)]
        facts: dict[str, Any] = {
            "source": snapshot.source,
            "completeness": snapshot.completeness.value,
            "invitations": len(snapshot.invitations),
            "sent": shown,
        }
        if doubt:
            facts["doubt"] = doubt
            self.notes.notice(doubt, _DOUBTS[doubt])
        elif snapshot.completeness in (Completeness.PARTIAL, Completeness.UNKNOWN):
            self.notes.notice(
                "no-complete-listing", "the listing is not known to be complete: what it lacks says nothing"
            )
        if unseen:
            facts["unseen"] = ranges(sorted(case.key for case in unseen))
        if unsure:
            facts["unsure"] = ranges(sorted(unsure))
            self.notes.notice(
                "cannot-compare",
                f"{len(unsure):,} open invitations are to people whom this listing may name in another way: that "
                "it does not show them says nothing",
            )
        if kinds := [
            kind
            for kind in IDENTIFIERS
            if any(getattr(one.member, kind) is not UNKNOWN for one in snapshot.connections)
        ]:
            facts["connections"] = kinds
        self.notes.write(Kind.LOOK, facts=facts)
        if settles:
            self.notes.unresolved = [
                case for case in unseen if case.direction is Direction.SENT and case.key not in unsure
            ]

    def _unsure(self, unseen: list[Case]) -> frozenset[int]:
        """Find those that it may show all the same, under identifiers that cannot be compared with theirs.

        An export knows people by their slugs, a vendor perhaps by no more than an id of his own. So an invitation
        is absent only if this service gave it an id and does not list that, or nobody in the listing can be that
        person: each of them shares a kind of identifier with them, or was invited at another time.
        """
        source = self.snapshot.source
        strange = [
            case
            for case in unseen
            if case.direction is Direction.SENT and all(service != source for _, service in case.ids)
        ]
        rows: dict[frozenset[str], list[Span]] = {}
        for row in self.snapshot.invitations if strange else ():
            if row.direction is Direction.SENT:
                case = self.account.by_id.get(row.id)
                member = row.member if case is None else case.person.member
                rows.setdefault(frozenset(member.identifiers), []).append(span_of(row.sent_at))
        found: set[int] = set()
        for kinds, spans in rows.items():
            spans.sort()
            starts, ends = [start for start, _ in spans], list(accumulate((end for _, end in spans), max))
            for case in strange:
                before = bisect_right(starts, case.sent[1])
                if (
                    before
                    and ends[before - 1] >= case.sent[0]
                    and kinds.isdisjoint(case.person.member.identifiers)
                ):
                    found.add(case.key)
        return frozenset(found)

    def _doubt(self, shown: int, unseen: list[Case]) -> str:
        """Why a listing that claims to be complete is not believed; empty where it is."""
        if self.snapshot.completeness is not Completeness.COMPLETE or not self.newest:
            return ""
        before = next(
            (look for look in reversed(self.account.looks) if look.completeness is Completeness.COMPLETE), None
        )
        ours = [case for case in unseen if case.direction is Direction.SENT]
        if before is None:
            # No listing to compare with. An export presumes too much to call a listing short, but not to call
            # nothing at all surprising.
            return "suddenly-empty" if shown == 0 and len(ours) >= _SHRUNKEN else ""
        vanished = sum(1 for case in ours if case.first_at <= before.at and case.key not in before.unseen)
        if shown == 0:
            return "suddenly-empty" if vanished >= _EMPTIED else ""
        return "shrunken" if vanished >= _SHRUNKEN and vanished > shown else ""

    def _gone(self, case: Case) -> bool:
        """Conclude that an invitation is gone, if the complete listing before this one lacks it, too."""
        if case.direction is not Direction.SENT or case.sent[1] > self.at:
            return False
        run: list[Look] = []
        for look in reversed(self.account.looks):
            if look.is_log:
                continue  # An export goes on showing what is no longer pending.
            if look.at < case.first_at or look.key not in case.missing:
                break
            if look.lacks(case):
                run.append(look)
        if not run:
            return False
        first = run[-1]
        self.notes.conclude(Kind.GONE, case, (self._floor(case, first.at), first.at), Evidence.NOT_LISTED)
        return True


def _newest_first(rows: list[Invitation]) -> list[Invitation]:
    """As given, but of several between the same two the one sent last comes first: it decides about the others."""
    first: dict[str, int] = {}
    several: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        member = row.member
        key = member.slug if member.slug is not UNKNOWN else member.key
        if key is not UNKNOWN and (one := first.setdefault(key, place)) != place:
            several.setdefault(key, [one]).append(place)
    for places in several.values():
        theirs = sorted((rows[place] for place in places), key=attrgetter("sent_at.latest"), reverse=True)
        for place, row in zip(places, theirs, strict=True):
            rows[place] = row
    return rows


def _unless_repeated(invitation: Invitation, person: Person, sent: Span) -> Invitation:
    """Give an invitation that was taken for accepted, since the two are connected, as superseded if it was.

    A connection is the answer to one invitation. Whoever was invited again had not accepted before.
    """
    if invitation.status is not Status.ACCEPTED or invitation.evidence is Evidence.LISTED:
        return invitation
    when = span_of(invitation.known_at)
    later = [
        case.sent
        for case in person.cases
        if case.direction is invitation.direction and sent[1] < case.sent[0] <= when[1]
    ]
    if not later:
        return invitation
    known = Interval(instant(sent[0]), instant(min(later)[1]))
    return attrs.evolve(invitation, status=Status.GONE, evidence=Evidence.SUPERSEDED, known_at=known)


_NOBODY: Final = Person(0, 0)

_BY_CONNECTION: Final = (Evidence.CONNECTED, Evidence.CONNECTED_BY_NAME)

_OPEN: Final = tuple(status for status in Status if status.is_open)

_KIND_OF: Final = {Status.ACCEPTED: Kind.ACCEPTED, Status.GONE: Kind.GONE, Status.WITHDRAWN: Kind.WITHDRAWN}

_DOUBTS: Final = {
    "suddenly-empty": "the listing calls itself complete and shows nothing, where there was much: it is not believed",
    "shrunken": "the listing calls itself complete and lacks more than half of the one before: it is not believed",
}


def _within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
