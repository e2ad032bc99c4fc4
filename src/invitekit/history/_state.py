"""What is known after a number of entries: the members, their invitations, and every look that was taken.

A state is a fold over entries in their order. The same function serves whoever reads a ledger from its file and
whoever works out what a new snapshot adds, so the two cannot disagree. Nothing outside this package sees a state;
what users get are the frozen values made from it.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from operator import attrgetter, itemgetter
from typing import Any, Final

import attrs

from invitekit.history._case import Case, Chapter, Look, Mark, Refusal
from invitekit.history._entry import Entry, Kind, Span, span_of, unranged
from invitekit.history._register import Person, Register
from invitekit.model import (
    UNKNOWN,
    Cause,
    Completeness,
    Direction,
    Evidence,
    Invitation,
    Member,
    Status,
    Unknown,
)

__all__ = ["Account", "State"]

_KIND: Final = {one.value: one for one in Kind}
_CONTINUES: Final = (
    Kind.ACCEPTED,
    Kind.GONE,
    Kind.WITHDRAWN,
    Kind.CONFIRMED,
    Kind.REOPENED,
    Kind.CHANGED,
)
"""What may be said of an invitation that is known."""

_STATUS: Final = {one.value: one for one in Status}
_EVIDENCE: Final = {one.value: one for one in Evidence}
_DIRECTION: Final = {one.value: one for one in Direction}
_CAUSE: Final = {one.value: one for one in Cause}

_WEIGHT: Final = {
    Status.PRESUMED_PENDING: 0,
    Status.PENDING: 1,
    Status.GONE: 2,
    Status.WITHDRAWN: 3,
    Status.ACCEPTED: 4,
}
"""Which of two statuses stands where two sources describe one invitation: the one with more positive evidence."""


class Account:
    """All that is known about the invitations of one account.

    Attributes:
        key: The place of the entry that introduced it.
        owner: Whose account it is.
        people: The other sides.
        cases: The invitations, by key.
        open: Those of them that may still be answered.
        by_id: The invitations, by each of their ids.
        looks: The snapshots that were recorded, by the moment they were taken.
        tags: Who carries which tag, by tag and person.
        kept: Who is marked to be kept.
        refusals: When the service refused to send.
    """

    def __init__(self, key: int, owner: Member) -> None:
        self.key = key
        self.owner = owner
        self.people = Register()
        self.cases: dict[int, Case] = {}
        self.open: dict[int, Case] = {}
        self.by_id: dict[str, Case] = {}
        self.looks: list[Look] = []
        self.tags: dict[str, dict[int, Mark]] = {}
        self.kept: dict[int, Mark] = {}
        self.refusals: list[Refusal] = []
        self._later: list[tuple[Entry, Invitation, Span, str | None]] = []

    def last_seen(self, case: Case, *, listed: bool = False) -> Look | None:
        """The newest look that shows an invitation open.

        Args:
            case: The invitation.
            listed: Whether only a service's listing counts, not an export.
        """
        return next((look for look in self.sights(case) if not (listed and look.is_log)), None)

    def sights(self, case: Case) -> Iterator[Look]:
        """The looks that show an invitation open, newest first."""
        missing, ended, forgotten = case.missing, case.ended_at, case.forgotten_at
        for look in reversed(self.looks):
            if look.at < case.first_at:
                return
            # Looks that were taken since it ended, or nobody could tell it any more, are not about it.
            over = (ended and look.at >= ended) or (forgotten and look.at > forgotten)
            if not over and look.key not in missing:
                yield look

    def open_at(self, at: int) -> list[Case]:
        """The invitations that were not known to have ended at a moment, be it before now."""
        return [
            case for case in self.invitations if not case.forgotten_at and (case.is_open or at < case.ended_at)
        ]

    # ── What is taken up later ───────────────────────────────────────────────────────────────────────────────────
    # A first snapshot brings nothing but people who were not known. Taking them up would take longer than writing
    # them down, so it is done when somebody asks, or when one of them is named again.

    def put_off(self, entry: Entry, invitation: Invitation, sent: Span, service: str | None) -> None:
        """Note an invitation from or to somebody new, to be taken up before anything else is asked.

        Args:
            entry: The entry that introduces both.
            invitation: What it was made from.
            sent: When it was sent.
            service: What listed it; None for an export.
        """
        self._later.append((entry, invitation, sent, service))
        self.people.reserve(invitation.member)

    def catch_up(self) -> None:
        """Take up what was put off; just what `apply` does, with what is at hand instead of its text."""
        later, self._later = self._later, []
        for entry, invitation, sent, service in later:
            key, at = entry.seq, entry.at
            person = self.people.add(key, invitation.member, at)
            person.company, person.title = invitation.company, invitation.title
            is_open = invitation.status.is_open
            self.add(
                Case(
                    key,
                    person,
                    invitation.direction,
                    sent,
                    invitation.status,
                    invitation.evidence,
                    (at, at) if is_open else span_of(invitation.known_at),
                    0 if is_open else at,
                    at,
                    service is None,
                    ((invitation.id, service or ""),),
                    invitation.note,
                    invitation.cause,
                    invitation.mutual_connections,
                    (),
                    0,
                    (Chapter(key, _KIND[entry.kind], at, sent, str(invitation.evidence)),),
                    invitation.sent_at,
                )
            )

    # ── The fold ─────────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, case: Case) -> None:
        """Take up an invitation that is not known yet."""
        self.cases[case.key] = case
        if case.closed_at == 0:
            self.open[case.key] = case
        for one, _ in case.ids:
            self.by_id[one] = case
        person = case.person
        person.cases = (*person.cases, case) if person.cases else (case,)

    def change(  # noqa: PLR0917  # just what an entry says of it, in the order of the fields
        self, case: Case, status: Status, evidence: Evidence, known: Span, at: int, cause: Cause | Unknown
    ) -> None:
        """Write down what became of an invitation."""
        case.settle(status, evidence, known, at, cause)
        if case.closed_at:
            self.open.pop(case.key, None)
        else:
            self.open[case.key] = case

    def learn(self, case: Case, facts: dict[str, Any], said: dict[str, Any]) -> None:
        """Take up what the personal part of an entry says about an invitation."""
        if (one := said.get("id")) is not None and all(one != known for known, _ in case.ids):
            case.ids = (*case.ids, (one, facts.get("source", "")))
            self.by_id[one] = case
        if "note" in said:
            case.note = said["note"]

    def apply(self, entry: Entry) -> None:
        """Take up one entry."""
        facts, said = entry.read(), entry.read_personal()
        kind = _KIND[entry.kind]
        person = self.people.learn(entry.member, said, entry.at) if entry.member else None
        case = self.cases.get(entry.invitation)
        if kind is Kind.FIRST_SEEN or kind is Kind.SENT:
            self._see(entry, kind, facts, said)
        elif kind is Kind.LOOK:
            self._look(entry, facts)
        elif case is not None and kind in _CONTINUES:
            self._continue(case, entry, kind, facts, said)
        elif person is not None:
            self._about(person, entry, kind, facts, said)
        elif kind is Kind.REFUSED:
            self.refusals.append(Refusal(entry.at, facts.get("why", "")))

    def _see(self, entry: Entry, kind: Kind, facts: dict[str, Any], said: dict[str, Any]) -> None:
        status, evidence = _STATUS[facts["status"]], _EVIDENCE[facts["evidence"]]
        known: Span = tuple(facts["known"]) if "known" in facts else (entry.at, entry.at)
        sent: Span = tuple(facts["sent"])
        is_log = bool(facts.get("log"))
        case = self.cases.get(entry.invitation)
        if case is not None:  # An older look, recorded later, shows it as well.
            self.learn(case, facts, said)
            self._narrow(case, sent)
            if case.mutual is UNKNOWN:
                case.mutual = facts.get("mutual", UNKNOWN)
            case.story = (*case.story, Chapter(entry.seq, kind, entry.at, sent, evidence.value))
            if entry.at < case.first_at:
                case.first_at, case.first_in_log = entry.at, is_log
                case.missing = (*facts.get("missed", ()), *case.missing)
            if status is not case.status and _WEIGHT[status] > _WEIGHT[case.status]:
                self.change(case, status, evidence, known, entry.at, _cause(facts))
            return
        person = self.people.at(entry.member)
        case = Case(
            key=entry.invitation,
            person=person,
            direction=_DIRECTION[facts["direction"]],
            sent=sent,
            status=status,
            evidence=evidence,
            known=known,
            closed_at=0 if status.is_open else entry.at,
            first_at=entry.at,
            first_in_log=is_log,
            ids=((said["id"], facts.get("source", "")),) if "id" in said else (),
            note=said.get("note", UNKNOWN),
            cause=_cause(facts),
            mutual=facts.get("mutual", UNKNOWN),
            missing=tuple(facts.get("missed", ())),
            story=(Chapter(entry.seq, kind, entry.at, sent, evidence.value),),
        )
        self.add(case)

    def _narrow(self, case: Case, sent: Span) -> None:
        """Take up when it was sent according to one more source; what contradicts what is known is left alone."""
        both = max(sent[0], case.sent[0]), min(sent[1], case.sent[1])
        if both[0] <= both[1] and both != case.sent:
            case.sent, case.sent_at = both, None

    def _look(self, entry: Entry, facts: dict[str, Any]) -> None:
        look = Look(
            key=entry.seq,
            at=entry.at,
            source=facts["source"],
            completeness=Completeness(facts["completeness"]),
            doubt=facts.get("doubt", ""),
            sent=facts.get("sent", 0),
            invitations=facts.get("invitations", 0),
            unseen=frozenset(unranged(facts.get("unseen", ""))),
            unsure=frozenset(unranged(facts.get("unsure", ""))),
            connections=frozenset(facts.get("connections", ())),
        )
        insort(self.looks, look, key=attrgetter("at"))
        for key in look.unseen:
            if (case := self.cases.get(key)) is not None:
                case.missing = (*case.missing, look.key)

    def _continue(self, case: Case, entry: Entry, kind: Kind, facts: dict[str, Any], said: dict[str, Any]) -> None:
        span: Span | None = tuple(facts["known"]) if "known" in facts else None
        evidence = _EVIDENCE[facts["evidence"]] if "evidence" in facts else None
        case.story = (*case.story, Chapter(entry.seq, kind, entry.at, span, evidence.value if evidence else ""))
        self.learn(case, facts, said)
        if "sent" in facts:
            self._narrow(case, tuple(facts["sent"]))
        if "mutual" in facts:
            case.mutual = facts["mutual"]
        if "relisted" in facts:
            case.relisted = facts["relisted"]
        status = _STATUS[facts["status"]] if "status" in facts else _ENDS.get(kind)
        if status is not None and evidence is not None:
            self.change(case, status, evidence, span or (entry.at, entry.at), entry.at, _cause(facts))

    def _about(
        self, person: Person, entry: Entry, kind: Kind, facts: dict[str, Any], said: dict[str, Any]
    ) -> None:
        if kind is Kind.CONNECTED:
            person.connect(tuple(facts["known"]), entry.at)
        elif kind is Kind.LINKED:
            twins = {twin: case for case, twin in facts.get("twins", ())}
            self._link(person, self.people.at(facts["other"]), entry.at, twins)
        elif kind in (Kind.TAGGED, Kind.KEPT) and not person.member.identifiers:
            pass  # They were forgotten since: as of before that, too, nobody carries the mark.
        elif kind is Kind.TAGGED:
            self.tags.setdefault(facts["tag"], {})[person.key] = _mark(entry, said)
        elif kind is Kind.UNTAGGED:
            self.tags.get(facts["tag"], {}).pop(person.key, None)
        elif kind is Kind.KEPT:
            self.kept[person.key] = _mark(entry, said)
        elif kind is Kind.UNKEPT:
            self.kept.pop(person.key, None)
        elif kind is Kind.FORGOTTEN:
            self._forget(person, entry.at)

    def _link(self, person: Person, other: Person, at: int, twins: dict[int, int]) -> None:
        """Make two members one, and each invitation of the other that has a twin that twin."""
        if person is other:
            return
        self.people.merge(person, other, at)
        for case in other.cases:
            case.person = person
            if case.key in twins:
                self._absorb(self.cases[twins[case.key]], case)
            else:
                person.cases = (*person.cases, case)
        other.cases = ()
        for marks in (self.kept, *self.tags.values()):
            if other.key in marks:
                marks.setdefault(person.key, marks.pop(other.key))

    def _absorb(self, case: Case, twin: Case) -> None:
        # What is later said of the twin is said of this one.
        self.cases[twin.key] = case
        self.open.pop(twin.key, None)
        case.ids = tuple(dict.fromkeys((*case.ids, *twin.ids)))
        for one, _ in twin.ids:
            self.by_id[one] = case
        case.sent, case.sent_at = (max(case.sent[0], twin.sent[0]), min(case.sent[1], twin.sent[1])), None
        case.note = twin.note if case.note is UNKNOWN else case.note
        case.mutual = twin.mutual if twin.mutual is not UNKNOWN else case.mutual
        case.missing = tuple(sorted(set(case.missing) & set(twin.missing)))
        case.story = tuple(sorted((*case.story, *twin.story), key=attrgetter("seq")))
        if twin.first_at < case.first_at:
            case.first_at, case.first_in_log = twin.first_at, twin.first_in_log
        if not twin.is_open and _WEIGHT[twin.status] >= _WEIGHT[case.status]:
            self.change(case, twin.status, twin.evidence, twin.known, twin.closed_at, twin.cause)
            case.ended_at = min(case.ended_at, twin.ended_at)
        elif _WEIGHT[twin.status] > _WEIGHT[case.status]:
            self.change(case, twin.status, twin.evidence, twin.known, twin.closed_at, UNKNOWN)

    def _forget(self, person: Person, at: int) -> None:
        self.people.forget(person)
        for case in person.cases:
            for one, _ in case.ids:
                self.by_id.pop(one, None)
            case.ids, case.note, case.forgotten_at = (), UNKNOWN, at
            # Nobody can follow it any longer: it is neither pending nor gone, and no look is about it.
            self.open.pop(case.key, None)
        for marks in (self.kept, *self.tags.values()):
            marks.pop(person.key, None)

    @property
    def invitations(self) -> Iterator[Case]:
        """Every invitation once, in the order they became known."""
        return (case for key, case in sorted(self.cases.items(), key=itemgetter(0)) if case.key == key)


_ENDS: Final = {
    Kind.ACCEPTED: Status.ACCEPTED,
    Kind.GONE: Status.GONE,
    Kind.WITHDRAWN: Status.WITHDRAWN,
}


def _cause(facts: dict[str, Any]) -> Cause | Unknown:
    return _CAUSE[facts["cause"]] if "cause" in facts else UNKNOWN


def _mark(entry: Entry, said: dict[str, Any]) -> Mark:
    return Mark(entry.at, said.get("by", ""), said.get("why", ""))


class State:
    """What is known after a number of entries.

    Attributes:
        seq: The place of the last entry that was taken up.
        accounts: The accounts, by key.
    """

    def __init__(self) -> None:
        self.seq = 0
        self.accounts: dict[int, Account] = {}

    def catch_up(self) -> None:
        """Take up what was put off."""
        for account in self.accounts.values():
            account.catch_up()

    def apply(self, entry: Entry, *, until: int | None = None) -> None:
        """Take up one entry.

        Args:
            entry: The entry; the one after the last.
            until: Leave it out if it could not be known at this moment, µs.
        """
        self.seq = entry.seq
        if entry.kind == Kind.ACCOUNT:
            opened = self.accounts.setdefault(entry.account, Account(entry.account, Member()))
            opened.owner = attrs.evolve(opened.owner, **entry.read_personal())
        elif (until is None or entry.at <= until) and (account := self.accounts.get(entry.account)) is not None:
            account.apply(entry)
