"""The promises of `invitekit.ports.Backend` and `AsyncBackend`, and how each of them is tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar, cast

from invitekit.errors import BackendError, CapabilityError, DataError, InvitekitError, RefusedError
from invitekit.model import (
    UNKNOWN,
    Capability,
    Connection,
    Direction,
    Evidence,
    Invitation,
    ListKind,
    Member,
    Outcome,
    Page,
    Result,
    Standing,
    Started,
    Status,
    Truth,
)
from invitekit.ports import AsyncBackend, Backend

from ._backend_case import ServiceCase, empty_case, large_case, small_case, stranger
from ._trial import Broken, expect, expect_refusal, said

__all__ = ["PROMISES", "Promise", "Tried"]

T = TypeVar("T")

_ASKS: Final = 100
"""How often it is asked what came of a withdrawal that was started. Our choice: a fake service takes no time."""

_SIZES: Final = (None, 1, 2, 7, 10_000)
"""How many rows of a page are asked for."""

_LISTS: Final = tuple(of.capability for of in ListKind)


class Tried(NamedTuple):
    """A backend that is being tried.

    Attributes:
        backend: The backend, called as a sync one.
        given: What the author gave.
        case: What its service holds.
    """

    backend: Backend
    given: Backend | AsyncBackend
    case: ServiceCase

    def can(self, capability: Capability) -> bool:
        """Whether it says that it can do something."""
        return capability in self.backend.capabilities

    def lists(self) -> list[ListKind]:
        """Give the lists that it says it has."""
        return [of for of in ListKind if self.can(of.capability)]


class Promise(NamedTuple):
    """One promise.

    Attributes:
        name: What is promised.
        attempt: Tries it with a backend whose service holds the case.
        case: Gives the case.
        needs: What a backend has to be able to do for it, all of it.
        one_of: What it has to be able to do for it, at least one; empty for nothing.
    """

    name: str
    attempt: Callable[[Tried], None]
    case: Callable[[], ServiceCase] = small_case
    needs: tuple[Capability, ...] = ()
    one_of: tuple[Capability, ...] = ()

    def concerns(self, backend: Backend) -> bool:
        """Whether a backend makes it."""
        if not self.needs and not self.one_of:
            return True
        can = backend.capabilities
        return all(each in can for each in self.needs) and (
            not self.one_of or any(each in can for each in self.one_of)
        )


# ── What it is tried with ────────────────────────────────────────────────────────────────────────────────────────


def _truth(case: ServiceCase, of: ListKind) -> tuple[Invitation | Connection, ...]:
    if of is ListKind.CONNECTIONS:
        return case.connections
    return case.sent if of is ListKind.SENT else case.received


def _kind(tried: str, kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise Broken(tried, f"of type {kind.__name__}", said(value))
    return value


def _pages(tried: Tried, of: ListKind, size: int | None = None) -> list[Page]:
    """Read a list to its end, which has to come."""
    most = len(_truth(tried.case, of)) + 3  # Each page but the last brings something; some services add one more.
    what = f"page({of.value!r})" if size is None else f"page({of.value!r}, size={size})"
    pages: list[Page] = []
    seen: set[str] = set()
    cursor: str | None = None
    while True:
        page = _kind(what, Page, tried.backend.page(of, cursor, size))
        pages.append(page)
        cursor = page.next
        if cursor is None:
            return pages
        if cursor in seen:
            raise Broken(f"{what} and the pages after it", "another cursor on every page", "the same cursor again")
        if len(pages) >= most:
            raise Broken(
                f"{what} and the pages after it", f"an end (next=None) within {most} pages", "one more page"
            )
        seen.add(cursor)


def _rows(tried: Tried, of: ListKind, size: int | None = None) -> list[Any]:
    return [row for page in _pages(tried, of, size) for row in page.items]


def _counted(of: ListKind, rows: Iterable[Any], case: ServiceCase) -> Counter[str]:
    """Count rows by what tells them apart: the id of an invitation, whom of the case a connection is with."""
    if of is not ListKind.CONNECTIONS:
        return Counter(str(row.id) for row in rows)
    known = {
        identifier: str(connection.member.slug)
        for connection in case.connections
        for identifier in connection.member.identifiers.items()
    }
    return Counter(_whom(row.member, known) for row in rows)


def _whom(member: Member, known: Mapping[tuple[str, str], str]) -> str:
    if not member.identifiers:
        raise _unidentified("a row of connections", member)
    found = (known[identifier] for identifier in member.identifiers.items() if identifier in known)
    return next(found, f"nobody of the case: {said(member)}")


def _expect_rows(what: str, of: ListKind, expected: Iterable[Any], came: Iterable[Any], case: ServiceCase) -> None:
    """Expect these rows, each once, in whatever order; what is told is the first difference."""
    wanted, found = _counted(of, expected, case), _counted(of, came, case)
    for key in [*wanted, *found]:
        if wanted[key] != found[key]:
            times = {0: "missing", 1: "once"}
            raise Broken(
                what,
                f"{key} {times.get(wanted[key], f'{wanted[key]} times')} among {wanted.total()} rows",
                f"{times.get(found[key], f'{found[key]} times')} among {found.total()}",
            )


def _unidentified(what: str, came: Member) -> Broken:
    return Broken(f"{what}: member", "an identifier: slug, urn or provider_id", f"only a name: {said(came)}")


def _expect_same(what: str, expected: Member, came: Member) -> None:
    """Expect somebody, by an identifier."""
    _kind(f"{what}: member", Member, came)
    if not came.identifiers:
        raise _unidentified(what, came)
    if expected.same_as(came) is not Truth.TRUE:
        raise Broken(f"{what}: member", said(expected), said(came))
    if came.name is not UNKNOWN and came.name != expected.name:
        raise Broken(f"{what}: display name", said(expected.name), said(came.name))


def _expect_outcome(what: str, invitation: Invitation, came: object) -> Outcome:
    """Expect an outcome of this invitation."""
    outcome = _kind(what, Outcome, came)
    expect(f"{what}: invitation_id", invitation.id, outcome.invitation_id)
    _expect_same(what, invitation.member, outcome.member)
    return outcome


def _withdrawn(tried: Tried, invitation: Invitation, what: str) -> Outcome:
    """Withdraw an invitation, and wait for the outcome where that was only started."""
    answer: object = tried.backend.withdraw(invitation)
    return _expect_outcome(what, invitation, _settled(tried, answer, what))


def _settled(tried: Tried, answer: object, what: str) -> object:
    for _ in range(_ASKS):
        if not isinstance(answer, Started):
            return answer
        answer = tried.backend.settle(answer)
    raise Broken(f"{what}, then settle() {_ASKS} times", "an Outcome in the end", "Started, every time")


def _middle(invitations: tuple[Invitation, ...]) -> Invitation:
    """Give one from the middle, which has a note and shares its display name: the first would be too easy."""
    return invitations[len(invitations) // 2]


# ── What it is, and what it can do ───────────────────────────────────────────────────────────────────────────────


def _has_the_members(tried: Tried) -> None:
    closing = "close" if tried.given is tried.backend else "aclose"
    wanted = ("capabilities", "page", "read", "withdraw", "settle", closing)
    expect(f"looked for {', '.join(wanted)}", [], [name for name in wanted if not hasattr(tried.given, name)])
    callable_ = [name for name in wanted[1:] if not callable(getattr(tried.given, name))]
    expect("looked for what of these cannot be called", [], callable_)


def _says_what_it_can(tried: Tried) -> None:
    capabilities: object = tried.backend.capabilities
    if not isinstance(capabilities, frozenset):
        raise Broken("capabilities", "a frozenset", said(capabilities))
    capabilities = cast("frozenset[object]", capabilities)
    odd = [each for each in capabilities if not isinstance(each, Capability)]
    expect("capabilities: members that are no Capability", [], odd)
    expect("capabilities, a second time", capabilities, tried.backend.capabilities)


def _refuses_what_it_cannot(tried: Tried) -> None:
    backend, one = tried.backend, _middle(tried.case.sent)
    works: dict[Capability, Callable[[], object]] = {
        Capability.LIST_SENT: lambda: backend.page(ListKind.SENT),
        Capability.LIST_RECEIVED: lambda: backend.page(ListKind.RECEIVED),
        Capability.LIST_CONNECTIONS: lambda: backend.page(ListKind.CONNECTIONS),
        Capability.READ_ONE: lambda: backend.read(one.member),
        Capability.WITHDRAW: lambda: backend.withdraw(one),
    }
    for capability, work in works.items():
        if tried.can(capability):
            continue
        what = f"asked for {capability.value}, which it lacks"
        try:
            work()
        except CapabilityError as error:
            expect(f"{what}: sent", "no", error.sent)
            if error.capability:
                expect(f"{what}: capability", capability.value, str(error.capability))
        except Exception as error:
            raise Broken(what, "a CapabilityError", said(error)) from error
        else:
            raise Broken(what, "a CapabilityError", "no error")
    if tried.can(Capability.LIST_SENT) and not tried.can(Capability.WITHDRAW):
        came = _rows(tried, ListKind.SENT)
        _expect_rows("the sent ones, after that", ListKind.SENT, tried.case.sent, came, tried.case)


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _empty(tried: Tried) -> None:
    for of in tried.lists():
        expect(f"page({of.value!r}) of an empty list: how many rows", 0, len(_rows(tried, of)))


def _each_row_once(tried: Tried) -> None:
    for of in tried.lists():
        for size in _SIZES:
            what = f"every page of {of.value}" + ("" if size is None else f", with size={size}")
            _expect_rows(what, of, _truth(tried.case, of), _rows(tried, of, size), tried.case)


def _long_lists(tried: Tried) -> None:
    for of in tried.lists():
        what = f"every page of {of.value}, which has {len(_truth(tried.case, of))} rows"
        _expect_rows(what, of, _truth(tried.case, of), _rows(tried, of), tried.case)


def _counts(tried: Tried) -> None:
    for of in tried.lists():
        number = len(_truth(tried.case, of))
        for place, page in enumerate(_pages(tried, of, 7), start=1):
            what = f"page {place} of {of.value}, with size=7"
            if page.total is not UNKNOWN:
                expect(f"{what}: total", number, page.total)
            if page.said is not UNKNOWN and not page.findings:
                expect(f"{what}: said", len(page.items), page.said)
            if page.account is not UNKNOWN and page.account.same_as(tried.case.account) is Truth.FALSE:
                raise Broken(f"{what}: account", said(tried.case.account), said(page.account))


def _true_invitations(tried: Tried) -> None:
    for of in set(tried.lists()) & {ListKind.SENT, ListKind.RECEIVED}:
        truth = {row.id: row for row in (tried.case.sent if of is ListKind.SENT else tried.case.received)}
        direction = Direction.SENT if of is ListKind.SENT else Direction.RECEIVED
        for row in _rows(tried, of):
            what = f"a row of {of.value}"
            invitation = _kind(what, Invitation, row)
            expect(f"{what}: whether its id is one of the case", True, invitation.id in truth)
            true = truth[invitation.id]
            _expect_same(what, true.member, invitation.member)
            expect(f"{what}: direction", direction, invitation.direction)
            expect(f"{what}: status", Status.PENDING, invitation.status)
            expect(f"{what}: evidence", Evidence.LISTED, invitation.evidence)
            _expect_within(f"{what}: sent_at", true.sent_at, invitation.sent_at)
            if invitation.note is not UNKNOWN and invitation.note != true.note:
                raise Broken(f"{what}: note", "the note, or UNKNOWN where the service does not say", "another one")


def _expect_within(what: str, true: Any, came: Any) -> None:
    if not came.earliest <= true.earliest <= came.latest:
        raise Broken(what, f"an interval that holds {true.earliest}", f"{came.earliest} to {came.latest}")


def _true_connections(tried: Tried) -> None:
    for row in _rows(tried, ListKind.CONNECTIONS):
        what = "a row of connections"
        connection = _kind(what, Connection, row)
        same = (each for each in tried.case.connections if each.member.same_as(connection.member) is Truth.TRUE)
        true = next(same, tried.case.connections[0])  # Where it is nobody of the case, it is not the first either.
        _expect_same(what, true.member, connection.member)
        _expect_within(f"{what}: connected_at", true.connected_at, connection.connected_at)


def _repeatable(tried: Tried) -> None:
    for of in tried.lists():
        first = tried.backend.page(of, None, 7)
        for cursor in filter(None, (first.next,)):
            what = f"the second page of {of.value}, with the same cursor again"
            pages = [tried.backend.page(of, cursor, 7).items for _ in range(2)]
            _expect_rows(what, of, pages[0], pages[1], tried.case)
        _expect_rows(f"the first page of {of.value} again", of, first.items, _first(tried, of), tried.case)
        _expect_rows(
            f"every page of {of.value}, after that", of, _truth(tried.case, of), _rows(tried, of), tried.case
        )


def _first(tried: Tried, of: ListKind) -> tuple[Any, ...]:
    return tried.backend.page(of, None, 7).items


# ── One member ───────────────────────────────────────────────────────────────────────────────────────────────────


def _standing(tried: Tried, member: Member, what: str) -> Standing:
    standing = _kind(what, Standing, tried.backend.read(member))
    _expect_same(what, member, standing.member)
    return standing


def _never(what: str, truth: Truth) -> None:
    if truth is Truth.TRUE:
        raise Broken(what, "Truth.FALSE or Truth.UNKNOWN", "Truth.TRUE")


def _reads_connected(tried: Tried) -> None:
    for connection in tried.case.connections:
        standing = _standing(tried, connection.member, "read() of somebody who is connected")
        expect("read() of somebody who is connected: connected", Truth.TRUE, standing.connected)
        _never("read() of somebody who is connected: pending", standing.pending)


def _reads_pending(tried: Tried) -> None:
    for invitation in tried.case.sent:
        standing = _standing(tried, invitation.member, "read() of somebody who was invited")
        expect("read() of somebody who was invited: pending", Truth.TRUE, standing.pending)
        _never("read() of somebody who was invited: connected", standing.connected)


def _reads_strangers(tried: Tried) -> None:
    somebody = stranger().member
    named = Member(name=somebody.name)
    others = {
        "a stranger with the name of others": somebody,
        "nothing but a display name": named,
        "somebody who invited the account": _middle(tried.case.received).member,
    }
    for who, member in others.items():
        with suppress(RefusedError, DataError):  # It may as well not know them, or not take a name for a question.
            standing = _kind(f"read() of {who}", Standing, tried.backend.read(member))
            _never(f"read() of {who}: connected", standing.connected)
            _never(f"read() of {who}: pending", standing.pending)


# ── Withdrawing ──────────────────────────────────────────────────────────────────────────────────────────────────


def _expect_left(tried: Tried, what: str, *withdrawn: Invitation) -> None:
    """Expect that nothing else was taken away, as far as it can be asked."""
    gone = {invitation.id for invitation in withdrawn}
    for of in tried.lists():
        left = [row for row in _truth(tried.case, of) if not (isinstance(row, Invitation) and row.id in gone)]
        _expect_rows(f"{what}, then every page of {of.value}", of, left, _rows(tried, of), tried.case)
    if tried.can(Capability.READ_ONE):
        for invitation in withdrawn:
            standing = _standing(tried, invitation.member, f"{what}, then read() of the member")
            _never(f"{what}, then read() of the member: pending", standing.pending)


def _withdraws_one(tried: Tried) -> None:
    one = _middle(tried.case.sent)
    outcome = _withdrawn(tried, one, "withdraw() of one of the sent ones")
    expect("withdraw() of one of the sent ones: result", Result.WITHDRAWN, outcome.result)
    _expect_left(tried, "withdraw() of one of the sent ones", one)
    other = tried.case.sent[-1]
    outcome = _withdrawn(tried, other, "withdraw() of another one")
    expect("withdraw() of another one: result", Result.WITHDRAWN, outcome.result)
    _expect_left(tried, "withdraw() of two", one, other)


def _withdraws_once(tried: Tried) -> None:
    one = _middle(tried.case.sent)
    _withdrawn(tried, one, "withdraw()")
    for _ in range(2):
        outcome = _withdrawn(tried, one, "withdraw() of the same one again")
        if outcome.result is Result.WITHDRAWN:
            raise Broken(
                "withdraw() of the same one again: result", "anything but withdrawn, say already-gone", "withdrawn"
            )
    _expect_left(tried, "withdraw() of the same one again", one)


def _withdraws_no_stranger(tried: Tried) -> None:
    what = "withdraw() of one that was never sent"
    with suppress(RefusedError):
        outcome = _withdrawn(tried, stranger(), what)
        if outcome.result is Result.WITHDRAWN:
            raise Broken(f"{what}: result", "anything but withdrawn, say already-gone", "withdrawn")
    _expect_left(tried, what)


def _settles(tried: Tried) -> None:
    one = _middle(tried.case.sent)
    started: object = tried.backend.withdraw(one)
    if not isinstance(started, Started):
        invented = Started(invitation_id=tried.case.sent[0].id, token="example-token")  # noqa: S106  no password
        what = "settle() of something that was never started"
        expect_refusal(what, lambda: tried.backend.settle(invented), kind=BackendError)
        _expect_left(tried, what, one)
        return
    expect("withdraw(), which gave Started: invitation_id", one.id, started.invitation_id)
    first = _expect_outcome("settle()", one, _settled(tried, started, "withdraw()"))
    expect("settle(): result", Result.WITHDRAWN, first.result)
    again = _expect_outcome("settle() of the same again", one, _settled(tried, started, "withdraw()"))
    expect("settle() of the same again: result", first.result, again.result)
    _expect_left(tried, "settle()", one)


# ── The end, and what shows ──────────────────────────────────────────────────────────────────────────────────────


def _questions(tried: Tried) -> dict[str, Callable[[], object]]:
    """Give everything that it can be asked."""
    backend, one = tried.backend, _middle(tried.case.sent)
    works: dict[str, Callable[[], object]] = {}
    for of in tried.lists():
        works[f"page({of.value!r})"] = partial(backend.page, of)
    if tried.can(Capability.READ_ONE):
        works["read()"] = lambda: backend.read(one.member)
    if tried.can(Capability.WITHDRAW):
        works["withdraw()"] = lambda: backend.withdraw(one)
    return works


def _closing(tried: Tried) -> None:
    works = _questions(tried)
    with suppress(InvitekitError):
        next(iter(works.values()), lambda: None)()  # What was never used is often easy to close.
    for what in ("close()", "close() a second time"):
        try:
            tried.backend.close()
        except Exception as error:
            raise Broken(what, "no error", said(error)) from error
    for name, work in works.items():
        expect_refusal(f"{name} after close()", work, kind=BackendError)
        if name == "withdraw()":
            with suppress(CapabilityError):
                _expect_unsent(work)


def _expect_unsent(work: Callable[[], object]) -> None:
    try:
        work()
    except BackendError as error:
        expect("withdraw() after close(): sent, which tells whether it may have been withdrawn", "no", error.sent)


def _discreet(tried: Tried) -> None:
    shown: list[tuple[str, object]] = [("repr() of the backend", tried.given)]
    for name, work in _questions(tried).items():
        shown.append((f"what {name} gave", work()))
    for of in tried.lists():
        try:
            tried.backend.page(of, "example-cursor")
        except Exception as error:  # noqa: BLE001  whatever it is, it may be shown to somebody
            shown.append((f"the error of page({of.value!r}) with a cursor that is none", error))
    tried.backend.close()
    for name, work in _questions(tried).items():
        try:
            work()
        except BackendError as error:
            shown.append((f"the error of {name} after close()", error))
    for what, thing in shown:
        for text in (repr(thing), str(thing)):
            for hidden in tried.case.hidden():
                if hidden in text:
                    kind = "the secret" if hidden == tried.case.secret else "a note"
                    raise Broken(what, f"nothing of {kind}", f"{kind}, in a text of {len(text)} characters")


PROMISES: Final = (
    Promise("it has the six members", _has_the_members),
    Promise("it says what it can do", _says_what_it_can),
    Promise("what it cannot do is refused before any request", _refuses_what_it_cannot),
    Promise("an empty list is an empty page, and the last", _empty, empty_case, one_of=_LISTS),
    Promise("the pages of a list end, and give each row once, whatever their size", _each_row_once, one_of=_LISTS),
    Promise("a long list is given whole", _long_lists, large_case, one_of=_LISTS),
    Promise("what a page says about its list is true", _counts, one_of=_LISTS),
    Promise(
        "invitations are what the service holds",
        _true_invitations,
        one_of=(Capability.LIST_SENT, Capability.LIST_RECEIVED),
    ),
    Promise("connections are what the service holds", _true_connections, needs=(Capability.LIST_CONNECTIONS,)),
    Promise("reading changes nothing, and can be repeated", _repeatable, one_of=_LISTS),
    Promise("who is connected reads as connected", _reads_connected, needs=(Capability.READ_ONE,)),
    Promise("who was invited reads as pending", _reads_pending, needs=(Capability.READ_ONE,)),
    Promise("nobody is taken for somebody else", _reads_strangers, needs=(Capability.READ_ONE,)),
    Promise(
        "a withdrawal takes away that invitation, and nothing else", _withdraws_one, needs=(Capability.WITHDRAW,)
    ),
    Promise("an invitation is withdrawn once", _withdraws_once, needs=(Capability.WITHDRAW,)),
    Promise("what was never sent is not withdrawn", _withdraws_no_stranger, needs=(Capability.WITHDRAW,)),
    Promise("what was started settles, and nothing else does", _settles, needs=(Capability.WITHDRAW,)),
    Promise("closing twice is closing once, and what is closed refuses", _closing),
    Promise("neither notes nor secrets show", _discreet),
)
