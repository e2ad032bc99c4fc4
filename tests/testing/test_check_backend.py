"""`check_backend` passes what keeps its promises, and names the promise that something else breaks."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any, ClassVar

import attrs
import pytest

from invitekit.backends import memory
from invitekit.errors import BackendError, CapabilityError, RefusedError
from invitekit.model import (
    UNKNOWN,
    Capability,
    Direction,
    Evidence,
    Interval,
    Invitation,
    ListKind,
    Member,
    Outcome,
    Page,
    Result,
    SentAt,
    Standing,
    Started,
    Status,
    Truth,
)
from invitekit.ports import AsyncBackend, Backend
from invitekit.testing import check_async_backend, check_backend
from invitekit.testing._backend_case import ServiceCase, empty_case, large_case, small_case, stranger
from invitekit.testing._backend_promises import PROMISES

MEMBERS = "it has the six members"
CAN = "it says what it can do"
CANNOT = "what it cannot do is refused before any request"
EMPTY = "an empty list is an empty page, and the last"
PAGES = "the pages of a list end, and give each row once, whatever their size"
LONG = "a long list is given whole"
COUNTS = "what a page says about its list is true"
INVITATIONS = "invitations are what the service holds"
CONNECTIONS = "connections are what the service holds"
REPEAT = "reading changes nothing, and can be repeated"
CONNECTED = "who is connected reads as connected"
PENDING = "who was invited reads as pending"
STRANGERS = "nobody is taken for somebody else"
ONE = "a withdrawal takes away that invitation, and nothing else"
ONCE = "an invitation is withdrawn once"
NEVER = "what was never sent is not withdrawn"
SETTLES = "what was started settles, and nothing else does"
CLOSE = "closing twice is closing once, and what is closed refuses"
DISCREET = "neither notes nor secrets show"
ALL = (
    *(MEMBERS, CAN, CANNOT, EMPTY, PAGES, LONG, COUNTS, INVITATIONS, CONNECTIONS, REPEAT, CONNECTED, PENDING),
    *(STRANGERS, ONE, ONCE, NEVER, SETTLES, CLOSE, DISCREET),
)


class Plain:
    """A backend as somebody else may write it, whose service is in memory."""

    lacking: ClassVar[frozenset[Capability]] = frozenset()
    asks: ClassVar[int | None] = None

    def __init__(self, case: ServiceCase) -> None:
        self.case = case
        self.service = memory(
            sent=case.sent,
            received=case.received,
            connections=case.connections,
            account=case.account,
            capabilities=set(Capability) - self.lacking,
        )
        if self.asks is not None:
            self.service.start_asynchronously(self.asks)
        self.inner = self.service.open()

    @property
    def capabilities(self) -> Any:
        return self.inner.capabilities

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        return self.inner.page(of, cursor, size)

    def read(self, member: Member) -> Any:
        return self.inner.read(member)

    def withdraw(self, invitation: Invitation) -> Any:
        return self.inner.withdraw(invitation)

    def settle(self, started: Started) -> Any:
        return self.inner.settle(started)

    def close(self) -> None:
        self.inner.close()


# ── Those that keep their promises ───────────────────────────────────────────────────────────────────────────────


def test_the_six_members_are_enough() -> None:
    assert check_backend(Plain) == ALL == tuple(one.name for one in PROMISES)


def test_what_it_cannot_do_by_its_own_account_is_not_asked_of_it() -> None:
    class Reader(Plain):
        lacking = frozenset({Capability.WITHDRAW, Capability.READ_ONE, Capability.LIST_RECEIVED})

    kept = check_backend(Reader)

    assert kept == tuple(
        name for name in ALL if name not in (CONNECTED, PENDING, STRANGERS, ONE, ONCE, NEVER, SETTLES)
    )


def test_one_that_can_do_nothing_keeps_what_is_left() -> None:
    class Nothing(Plain):
        lacking = frozenset(Capability)

    assert check_backend(Nothing) == (MEMBERS, CAN, CANNOT, CLOSE, DISCREET)


def test_one_that_can_only_withdraw_is_tried_by_what_it_answers() -> None:
    class Blind(Plain):
        lacking = frozenset(Capability) - {Capability.WITHDRAW}

    class BlindAndWrong(Blind):
        def withdraw(self, invitation: Invitation) -> Any:
            return attrs.evolve(self.inner.withdraw(invitation), result=Result.WITHDRAWN)

    assert check_backend(Blind) == (MEMBERS, CAN, CANNOT, ONE, ONCE, NEVER, SETTLES, CLOSE, DISCREET)
    with pytest.raises(AssertionError, match=ONCE):
        check_backend(BlindAndWrong)


def test_a_refusal_need_not_name_the_capability() -> None:
    class Brief(Plain):
        lacking = frozenset({Capability.READ_ONE})

        def read(self, member: Member) -> Any:
            raise CapabilityError("cannot")

    assert CANNOT in check_backend(Brief)


def test_one_that_starts_withdrawals_and_finishes_them_later_keeps_every_promise() -> None:
    class Later(Plain):
        asks = 5

    assert check_backend(Later) == ALL


def test_a_service_may_know_less_than_the_case_and_give_pages_of_its_own_size() -> None:
    class Vague(Plain):
        """Knows slugs only, times by the day, and no notes; it ignores the size that is asked for."""

        def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
            page = self.inner.page(of, cursor, 40)
            rows: list[Any] = []
            for row in page.items:
                member = Member(slug=row.member.slug)
                if isinstance(row, Invitation):
                    day = Interval.day(row.sent_at.earliest.date())
                    sent_at = SentAt(day.earliest, day.latest)
                    rows.append(attrs.evolve(row, member=member, note=UNKNOWN, sent_at=sent_at))
                else:
                    day = Interval.day(row.connected_at.earliest.date())
                    rows.append(attrs.evolve(row, member=member, connected_at=day))
            return Page(items=rows, next=page.next)

        def read(self, member: Member) -> Any:
            if member.slug is UNKNOWN:
                raise RefusedError("only slugs are known here")
            return self.inner.read(Member(slug=member.slug))

        def withdraw(self, invitation: Invitation) -> Any:
            outcome = self.inner.withdraw(invitation)
            if isinstance(outcome, Outcome) and outcome.result is Result.ALREADY_GONE:
                return attrs.evolve(outcome, result=Result.REFUSED, at=UNKNOWN)
            return outcome

    assert check_backend(Vague) == ALL


def test_every_promise_has_a_backend_of_its_own_and_each_is_closed() -> None:
    made: list[Plain] = []

    def make(case: ServiceCase) -> Backend:
        made.append(Plain(case))
        return made[-1]

    check_backend(make)

    assert len(made) == len(PROMISES)
    for backend in made:
        with pytest.raises(BackendError, match="closed"):
            backend.page(ListKind.SENT)


def test_it_needs_no_pytest() -> None:
    program = (
        "import sys; sys.modules['pytest'] = None\n"
        "from invitekit.backends import memory\n"
        "from invitekit.testing import check_backend\n"
        "def make(case):\n"
        "    return memory(sent=case.sent, received=case.received, connections=case.connections).open()\n"
        "print(len(check_backend(make)))"
    )
    answer = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stderr
    assert int(answer.stdout) == len(PROMISES)


# ── What it is tried with ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", [small_case(), large_case(), empty_case()])
def test_everybody_in_a_case_is_one_person_and_the_id_tells_the_time(case: ServiceCase) -> None:
    members = [row.member for row in (*case.sent, *case.received, *case.connections, stranger())]
    pairs = itertools.combinations(members[:60], 2)

    assert all(one.same_as(other) is Truth.FALSE for one, other in pairs)
    assert len({member.key for member in members}) == len(members)
    assert len({one.id for one in (*case.sent, *case.received)}) == len(case.sent) + len(case.received)
    for one in (*case.sent, *case.received):
        assert int(one.id) >> 22 == round(one.sent_at.earliest.timestamp() * 1000)


def test_a_case_has_namesakes_notes_and_an_account_that_nobody_else_is() -> None:
    case = small_case()
    names = [one.member.name for one in case.sent]

    assert len(set(names)) < len(names)
    assert stranger().member.name in names
    assert len(list(case.hidden())) > 10
    assert repr(case) == "ServiceCase(25 sent, 7 received, 13 connections)"


# ── Those that break one ─────────────────────────────────────────────────────────────────────────────────────────


class WithoutSettle(Plain):
    """Has no settle."""

    settle: Any = None


class ListOfCapabilities(Plain):
    """Says what it can do in a list."""

    @property
    def capabilities(self) -> Any:
        return sorted(self.inner.capabilities)


class Words(Plain):
    """Says what it can do in plain texts, which are equal to capabilities and are none."""

    @property
    def capabilities(self) -> Any:
        return frozenset(str(each.value) for each in self.inner.capabilities)


class Moody(Plain):
    """Can do something else each time it is asked."""

    @property
    def capabilities(self) -> Any:
        first = self.__dict__.setdefault("asked", 0) == 0
        self.__dict__["asked"] += 1
        return frozenset(Capability) if first else frozenset({Capability.LIST_SENT})


class Silent(Plain):
    """Gives an empty page of a list that it does not have."""

    lacking = frozenset({Capability.LIST_RECEIVED})

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        return Page() if of is ListKind.RECEIVED else super().page(of, cursor, size)


class Unimplemented(Plain):
    """Raises what Python has for it."""

    lacking = frozenset({Capability.READ_ONE})

    def read(self, member: Member) -> Any:
        raise NotImplementedError


class SentAnyway(Plain):
    """Refuses what it cannot do only after it has asked."""

    lacking = frozenset({Capability.WITHDRAW})

    def withdraw(self, invitation: Invitation) -> Any:
        raise CapabilityError("the service did not know what to do", sent="yes", capability="withdraw")


class OtherCapability(Plain):
    """Names another capability than the one that it lacks."""

    lacking = frozenset({Capability.WITHDRAW})

    def withdraw(self, invitation: Invitation) -> Any:
        raise CapabilityError("cannot", capability="read-one")


class NothingIsWrong(Plain):
    """Takes an empty list for an error."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        page = super().page(of, cursor, size)
        if not page.items:
            raise BackendError("nothing there")
        return page


class Endless(Plain):
    """Says after the last page that there is one more."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        page = super().page(of, None if cursor and cursor.startswith("more") else cursor, size)
        number = int(cursor[4:]) + 1 if cursor and cursor.startswith("more") else 0
        return page if page.next else attrs.evolve(page, next=f"more{number}")


class Circular(Plain):
    """Gives the same cursor again."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        page = super().page(of, None if cursor == "again" else cursor, size)
        return page if page.next is None else attrs.evolve(page, next="again")


class Overlapping(Plain):
    """Begins a page with the last row of the one before."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        if cursor is not None:
            kind, number = cursor.split("-")
            cursor = f"{kind}-{int(number) - 1}" if size != 1 else cursor
        return super().page(of, cursor, size)


class Skipping(Plain):
    """Skips a row at the beginning of a page."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        if cursor is not None:
            kind, number = cursor.split("-")
            cursor = f"{kind}-{int(number) + 1}"
        return super().page(of, cursor, size)


class FirstPage(Plain):
    """Gives the first page for the whole, where there are many."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        page = super().page(of, cursor, size)
        return attrs.evolve(page, next=None) if size is None else page


class Miscounting(Plain):
    """Says that the list is as long as the page."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        page = super().page(of, cursor, size)
        return attrs.evolve(page, total=len(page.items))


class Boasting(Plain):
    """Says that a page has more rows than it has."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        return attrs.evolve(super().page(of, cursor, size), said=100)


class OthersAccount(Plain):
    """Takes the list for somebody else's."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        return attrs.evolve(super().page(of, cursor, size), account=stranger().member)


class Rows(Plain):
    """Changes every invitation that it lists."""

    changes: ClassVar[dict[str, Any]] = {}

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        page = super().page(of, cursor, size)
        items = [self.changed(row) if isinstance(row, Invitation) else row for row in page.items]
        return attrs.evolve(page, items=items)

    def changed(self, row: Invitation) -> Any:
        return attrs.evolve(row, **self.changes)


class NamesOnly(Rows):
    """Takes a display name for an identity."""

    def changed(self, row: Invitation) -> Any:
        return attrs.evolve(row, member=Member(name=row.member.name))


class Namesake(Rows):
    """Takes the first one of that name."""

    def changed(self, row: Invitation) -> Any:
        found = (one.member for one in self.case.sent if one.member.name == row.member.name)
        return attrs.evolve(row, member=next(found, row.member))


class Misnamed(Rows):
    """Shows everybody's slug for a name."""

    def changed(self, row: Invitation) -> Any:
        return attrs.evolve(row, member=attrs.evolve(row.member, name=str(row.member.slug)))


class AllSent(Rows):
    """Takes everything for sent."""

    changes: ClassVar[dict[str, Any]] = {"direction": Direction.SENT}


class Presuming(Rows):
    """Only presumes that what is listed is pending."""

    changes: ClassVar[dict[str, Any]] = {"status": Status.PRESUMED_PENDING}


class Unproven(Rows):
    """Says that it rests on something else than the list."""

    changes: ClassVar[dict[str, Any]] = {"evidence": Evidence.NOT_CONNECTED}


class WrongHour(Rows):
    """Takes local time for UTC."""

    def changed(self, row: Invitation) -> Any:
        moved = row.sent_at.earliest + timedelta(hours=1)
        return attrs.evolve(row, sent_at=SentAt.at(moved))


class OthersNote(Rows):
    """Gives everybody the same note."""

    changes: ClassVar[dict[str, Any]] = {"note": "Hello"}


class NewIds(Rows):
    """Invents ids."""

    def changed(self, row: Invitation) -> Any:
        return attrs.evolve(row, id=f"x-{row.id}")


class Since(Plain):
    """Takes the first of the year for the day of connecting."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        page = super().page(of, cursor, size)
        if of is not ListKind.CONNECTIONS:
            return page
        day = Interval.day(page.items[0].connected_at.earliest.date()) if page.items else None
        return attrs.evolve(page, items=[attrs.evolve(row, connected_at=day) for row in page.items])


class NamedConnections(Plain):
    """Knows connections by nothing but a display name."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        page = super().page(of, cursor, size)
        if of is not ListKind.CONNECTIONS or self.case.connections == () or size is not None or cursor:
            return page
        return attrs.evolve(
            page, items=[attrs.evolve(row, member=Member(name=row.member.name)) for row in page.items]
        )


class OldUrns(Plain):
    """Gives connections a URN that is not theirs."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        page = super().page(of, cursor, size)
        if of is not ListKind.CONNECTIONS:
            return page
        items = [attrs.evolve(row, member=attrs.evolve(row.member, urn="urn:li:member:1")) for row in page.items]
        return attrs.evolve(page, items=items)


class Once(Plain):
    """Forgets a cursor when it was used."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        used: set[str] = self.__dict__.setdefault("used", set())
        if size == 7 and cursor in used:
            return Page()
        if size == 7 and cursor:
            used.add(cursor)
        return super().page(of, cursor, size)


class Unconnected(Plain):
    """Never says that anybody is connected."""

    def read(self, member: Member) -> Any:
        return attrs.evolve(super().read(member), connected=Truth.UNKNOWN)


class Optimist(Plain):
    """Takes everybody who was invited for connected."""

    def read(self, member: Member) -> Any:
        standing: Standing = super().read(member)
        return attrs.evolve(standing, connected=standing.connected | standing.pending)


class NotPending(Plain):
    """Never says that anybody was invited."""

    def read(self, member: Member) -> Any:
        return attrs.evolve(super().read(member), pending=Truth.FALSE)


class SomebodyElse(Plain):
    """Answers about another member than the one it was asked about."""

    def read(self, member: Member) -> Any:
        return attrs.evolve(super().read(member), member=self.case.sent[0].member)


class ByName(Plain):
    """Looks members up by their display names."""

    def read(self, member: Member) -> Any:
        standing = self.inner.read(member)
        pending = Truth.of(member.name in {one.member.name for one in self.case.sent})
        known = {one.member.key for one in (*self.case.sent, *self.case.connections)}
        return standing if member.key in known else attrs.evolve(standing, pending=pending)


class NameIsEnough(Plain):
    """Finds somebody for every display name."""

    def read(self, member: Member) -> Any:
        if member.identifiers:
            return self.inner.read(member)
        now = self.inner.clock.now()
        return Standing(member=member, connected=Truth.TRUE, pending=Truth.FALSE, as_of=now)


class BothWays(Plain):
    """Takes somebody who invited the account for somebody who was invited."""

    def read(self, member: Member) -> Any:
        standing = super().read(member)
        invited = any(one.member.same_as(member) is Truth.TRUE for one in self.case.received)
        return attrs.evolve(standing, pending=Truth.TRUE) if invited else standing


class Reckless(Plain):
    """Withdraws all that have the same display name."""

    def withdraw(self, invitation: Invitation) -> Any:
        for one in self.service.pending:
            if one.member.name == invitation.member.name and one.id != invitation.id:
                self.inner.withdraw(one)
        return self.inner.withdraw(invitation)


class Idle(Plain):
    """Says that it was done, and does nothing."""

    def withdraw(self, invitation: Invitation) -> Any:
        return Outcome(invitation_id=invitation.id, member=invitation.member, result=Result.WITHDRAWN)


class Timid(Plain):
    """Does it, and says that nobody knows."""

    def withdraw(self, invitation: Invitation) -> Any:
        return attrs.evolve(self.inner.withdraw(invitation), result=Result.UNKNOWN)


class OthersOutcome(Plain):
    """Tells the outcome of another invitation."""

    def withdraw(self, invitation: Invitation) -> Any:
        return attrs.evolve(self.inner.withdraw(invitation), invitation_id=self.case.sent[0].id)


class OthersMember(Plain):
    """Tells the outcome with another member."""

    def withdraw(self, invitation: Invitation) -> Any:
        return attrs.evolve(self.inner.withdraw(invitation), member=self.case.sent[0].member)


class Bare(Plain):
    """Answers with True."""

    def withdraw(self, invitation: Invitation) -> Any:
        self.inner.withdraw(invitation)
        return True


class Again(Plain):
    """Says of what is gone that it was withdrawn."""

    def withdraw(self, invitation: Invitation) -> Any:
        outcome = self.inner.withdraw(invitation)
        known = invitation.id in {one.id for one in self.case.sent}
        return attrs.evolve(outcome, result=Result.WITHDRAWN) if known else outcome


class Raising(Plain):
    """Takes what is gone for an error, which would stop the whole plan."""

    def withdraw(self, invitation: Invitation) -> Any:
        outcome = self.inner.withdraw(invitation)
        if isinstance(outcome, Outcome) and outcome.result is Result.ALREADY_GONE:
            raise RefusedError("not found", status=404)
        return outcome


class Agreeable(Plain):
    """Says of what it never knew that it was withdrawn."""

    def withdraw(self, invitation: Invitation) -> Any:
        outcome = self.inner.withdraw(invitation)
        known = invitation.id in {one.id for one in self.case.sent}
        return outcome if known else attrs.evolve(outcome, result=Result.WITHDRAWN)


class Newest(Plain):
    """Withdraws the newest one where it does not find the one it was asked for."""

    def withdraw(self, invitation: Invitation) -> Any:
        outcome = self.inner.withdraw(invitation)
        if invitation.id not in {one.id for one in self.case.sent}:
            self.inner.withdraw(self.case.sent[0])
        return outcome


class NeverDone(Plain):
    """Starts, and never finishes."""

    asks = 1

    def settle(self, started: Started) -> Any:
        return started


class Unasked(Plain):
    """Settles what nobody started."""

    def settle(self, started: Started) -> Any:
        one = self.case.sent[0]
        return Outcome(invitation_id=one.id, member=one.member, result=Result.WITHDRAWN)


class OneAnswer(Plain):
    """Forgets what it started as soon as it said what came of it."""

    asks = 0

    def settle(self, started: Started) -> Any:
        told: set[str] = self.__dict__.setdefault("told", set())
        if started.token in told:
            raise RefusedError("unknown token")
        told.add(started.token)
        return self.inner.settle(started)


class ClosedOnce(Plain):
    """Cannot be closed twice."""

    def close(self) -> None:
        if self.__dict__.setdefault("closed", False):
            raise BackendError("is closed already")
        self.__dict__["closed"] = True
        super().close()


class EverOpen(Plain):
    """Goes on after it was closed."""

    def close(self) -> None:
        pass


class ForeignWhenClosed(Plain):
    """Raises whatever is at hand when it is closed."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        try:
            return super().page(of, cursor, size)
        except BackendError as error:
            raise (RuntimeError("is closed") if error.code == "closed" else error) from None


class PerhapsSent(Plain):
    """Does not say that nothing was sent when it was closed."""

    def withdraw(self, invitation: Invitation) -> Any:
        try:
            return super().withdraw(invitation)
        except BackendError as error:
            raise BackendError(error.message, code=error.code) from None


class Telling(Plain):
    """Shows its key."""

    def __repr__(self) -> str:
        return f"Telling(api_key={self.case.secret!r})"


class Gossip(Plain):
    """Shows what was sent along with an invitation, when it is closed."""

    def withdraw(self, invitation: Invitation) -> Any:
        try:
            return super().withdraw(invitation)
        except BackendError as error:
            raise BackendError(f"{invitation.note} cannot be withdrawn", sent="no", code=error.code) from None


class TellingErrors(Plain):
    """Shows its key when a cursor is wrong."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        try:
            return super().page(of, cursor, size)
        except RefusedError:
            raise RefusedError(f"GET /invitations?key={self.case.secret}&cursor={cursor}") from None


class Swallowing(Plain):
    """Raises an error of nobody's."""

    def read(self, member: Member) -> Any:
        raise KeyError(member.slug)


@pytest.mark.parametrize(
    ("kind", "promise", "told"),
    [
        (WithoutSettle, MEMBERS, "came:     ['settle']"),
        (ListOfCapabilities, CAN, "expected: a frozenset"),
        (Words, CAN, "members that are no Capability"),
        (Moody, CAN, "capabilities, a second time"),
        (Silent, CANNOT, "tried:    asked for list-received, which it lacks\n    expected: a CapabilityError"),
        (Unimplemented, CANNOT, "came:     NotImplementedError()"),
        (SentAnyway, CANNOT, "which it lacks: sent\n    expected: 'no'\n    came:     'yes'"),
        (OtherCapability, CANNOT, "expected: 'withdraw'\n    came:     'read-one'"),
        (NothingIsWrong, EMPTY, "BackendError('nothing there'"),
        (Endless, EMPTY, "an end (next=None) within 3 pages"),
        (Circular, PAGES, "came:     the same cursor again"),
        (Overlapping, PAGES, "2 times among"),
        (Skipping, PAGES, "missing among"),
        (FirstPage, LONG, "every page of sent, which has 230 rows"),
        (Miscounting, COUNTS, "page 1 of sent, with size=7: total\n    expected: 25\n    came:     7"),
        (Boasting, COUNTS, "said\n    expected: 7\n    came:     100"),
        (OthersAccount, COUNTS, "account"),
        (NamesOnly, INVITATIONS, "expected: an identifier: slug, urn or provider_id"),
        (Namesake, INVITATIONS, "member"),
        (Misnamed, INVITATIONS, "display name"),
        (AllSent, INVITATIONS, "a row of received: direction"),
        (Presuming, INVITATIONS, "status"),
        (Unproven, INVITATIONS, "evidence"),
        (WrongHour, INVITATIONS, "sent_at\n    expected: an interval that holds 2026-"),
        (OthersNote, INVITATIONS, "note"),
        (NewIds, PAGES, "missing among"),
        (Since, CONNECTIONS, "connected_at"),
        (NamedConnections, PAGES, "a row of connections: member\n    expected: an identifier"),
        (OldUrns, CONNECTIONS, "a row of connections: member"),
        (Once, REPEAT, "with the same cursor again"),
        (Unconnected, CONNECTED, "connected\n    expected: Truth.TRUE\n    came:     Truth.UNKNOWN"),
        (Optimist, PENDING, "connected\n    expected: Truth.FALSE or Truth.UNKNOWN\n    came:     Truth.TRUE"),
        (NotPending, PENDING, "pending\n    expected: Truth.TRUE"),
        (SomebodyElse, CONNECTED, "member"),
        (ByName, STRANGERS, "read() of a stranger with the name of others: pending"),
        (NameIsEnough, STRANGERS, "read() of nothing but a display name: connected"),
        (BothWays, STRANGERS, "read() of somebody who invited the account: pending"),
        (Reckless, ONE, "missing among"),
        (Idle, ONE, "then every page of sent"),
        (Timid, ONE, "result"),
        (OthersOutcome, ONE, "invitation_id"),
        (OthersMember, ONE, "member"),
        (Bare, ONE, "expected: of type Outcome\n    came:     True"),
        (Again, ONCE, "anything but withdrawn, say already-gone"),
        (Raising, ONCE, "RefusedError('not found'"),
        (Agreeable, NEVER, "withdraw() of one that was never sent: result"),
        (Newest, NEVER, "then every page of sent"),
        (NeverDone, ONE, "then settle() 100 times\n    expected: an Outcome in the end"),
        (Unasked, SETTLES, "settle() of something that was never started"),
        (OneAnswer, SETTLES, "RefusedError('unknown token'"),
        (ClosedOnce, CLOSE, "close() a second time\n    expected: no error"),
        (EverOpen, CLOSE, "page('sent') after close()\n    expected: a BackendError\n    came:     no error"),
        (ForeignWhenClosed, CLOSE, "came:     RuntimeError('is closed')"),
        (PerhapsSent, CLOSE, "expected: 'no'\n    came:     'yes'"),
        (Telling, DISCREET, "repr() of the backend\n    expected: nothing of the secret"),
        (Gossip, DISCREET, "the error of withdraw() after close()\n    expected: nothing of a note"),
        (TellingErrors, DISCREET, "with a cursor that is none"),
        (Swallowing, CONNECTED, "see the error above, which it ended in"),
    ],
)
def test_a_broken_promise_is_named(kind: type[Plain], promise: str, told: str) -> None:
    with pytest.raises(AssertionError) as caught:
        check_backend(kind)

    message = str(caught.value)
    assert message.startswith(f'{kind.__name__} breaks the promise "{promise}"\n    tried:    ')
    assert told in message
    assert small_case().secret not in message
    assert "this note is private" not in message


def test_every_promise_is_broken_by_somebody() -> None:
    (mark,) = (one for one in vars(test_a_broken_promise_is_named)["pytestmark"] if one.name == "parametrize")

    assert {promise for _, promise, _ in mark.args[1]} == set(ALL)


def test_an_error_of_making_one_is_told_too() -> None:
    def make(case: ServiceCase) -> Backend:
        raise OSError("no such service")

    with pytest.raises(AssertionError) as caught:
        check_backend(make)

    assert str(caught.value).startswith('make() breaks the promise "it has the six members"')
    assert isinstance(caught.value.__cause__, OSError)


# ── For async callers ────────────────────────────────────────────────────────────────────────────────────────────


class PlainAsync:
    """An async backend as somebody else may write it."""

    def __init__(self, case: ServiceCase) -> None:
        self.inner = Plain(case)
        self.loop = asyncio.get_running_loop()
        self.where: set[tuple[bool, str]] = set()

    @property
    def capabilities(self) -> Any:
        return self.inner.capabilities

    async def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        self.where.add((asyncio.get_running_loop() is self.loop, threading.current_thread().name))
        await asyncio.sleep(0)
        return self.inner.page(of, cursor, size)

    async def read(self, member: Member) -> Any:
        return self.inner.read(member)

    async def withdraw(self, invitation: Invitation) -> Any:
        await asyncio.sleep(0)
        return self.inner.withdraw(invitation)

    async def settle(self, started: Started) -> Any:
        return self.inner.settle(started)

    async def aclose(self) -> None:
        self.inner.close()


def test_an_async_backend_keeps_the_same_promises_in_the_loop_of_the_caller() -> None:
    made: list[PlainAsync] = []

    def make(case: ServiceCase) -> AsyncBackend:
        made.append(PlainAsync(case))
        return made[-1]

    async def check() -> tuple[str, ...]:
        return await check_async_backend(make)

    assert asyncio.run(check()) == ALL
    places = set[tuple[bool, str]]().union(*(backend.where for backend in made))
    assert places == {(True, threading.current_thread().name)}
    assert len(made) == len(PROMISES)


def test_what_makes_an_async_backend_may_be_async_itself() -> None:
    async def make(case: ServiceCase) -> AsyncBackend:
        await asyncio.sleep(0)
        return PlainAsync(case)

    assert asyncio.run(check_async_backend(make)) == ALL


class AgainAsync(PlainAsync):
    """Says of what is gone that it was withdrawn."""

    async def withdraw(self, invitation: Invitation) -> Any:
        return attrs.evolve(await super().withdraw(invitation), result=Result.WITHDRAWN)


class NotAwaitable(PlainAsync):
    """Answers at once where it is to be awaited."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        return self.inner.page(of, cursor, size)


class ClosedOnceAsync(PlainAsync):
    """Cannot be closed twice."""

    async def aclose(self) -> None:
        if self.__dict__.setdefault("closed", False):
            raise BackendError("is closed already")
        self.__dict__["closed"] = True


class SyncOnly(Plain):
    """Cannot be awaited at all."""


@pytest.mark.parametrize(
    ("kind", "promise", "told"),
    [
        (AgainAsync, ONCE, "anything but withdrawn"),
        (NotAwaitable, EMPTY, "TypeError"),
        (ClosedOnceAsync, CLOSE, "close() a second time"),
        (SyncOnly, MEMBERS, "came:     ['aclose']"),
    ],
)
def test_a_broken_promise_of_an_async_backend_is_named(kind: Any, promise: str, told: str) -> None:
    with pytest.raises(AssertionError) as caught:
        asyncio.run(check_async_backend(kind))

    assert str(caught.value).startswith(f'{kind.__name__} breaks the promise "{promise}"\n    tried:    ')
    assert told in str(caught.value)
