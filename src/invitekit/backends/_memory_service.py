"""What a service in memory holds, what happens to it, and what it answers."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from threading import RLock
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast, get_args

import attrs

from invitekit.errors import BackendError, CapabilityError, DataError, InvitekitError, RefusedError
from invitekit.model import (
    UNKNOWN,
    Connection,
    Direction,
    Evidence,
    Interval,
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

__all__ = ["Call", "Service", "all_of_kind"]

T = TypeVar("T", Invitation, Connection)
K = TypeVar("K")

Call: TypeAlias = Literal["page", "read", "withdraw", "settle"]
"""What can be asked of a backend."""

_CALLS: Final[tuple[str, ...]] = get_args(Call)


@attrs.define
class _Script:
    """Something that is to go wrong."""

    answer: InvitekitError | Outcome | Result
    times: int
    after_effect: bool


@attrs.define
class _Work:
    """A withdrawal that was started."""

    invitation: Invitation
    asks: int
    outcome: Outcome | None = None


class Service:
    """The lists of one account, from any thread. What needs the time is told it."""

    def __init__(
        self,
        *,
        sent: Iterable[Invitation],
        received: Iterable[Invitation],
        connections: Iterable[Connection],
        account: Member,
        page_size: int,
    ) -> None:
        self.account: Member = of_kind(account, Member, "account")
        self.page_size = count(page_size, "page_size")
        # A row keeps the number it got, which is what cursors are made of: a page follows the one before whatever
        # was withdrawn in between.
        self._lists: dict[ListKind, dict[int, Any]] = {
            ListKind.SENT: _numbered(_pending(sent, Direction.SENT)),
            ListKind.RECEIVED: _numbered(_pending(received, Direction.RECEIVED)),
            ListKind.CONNECTIONS: _numbered(all_of_kind(connections, Connection, "connections")),
        }
        self._lock = RLock()
        self._scripts: dict[str, deque[_Script]] = {call: deque() for call in _CALLS}
        self._started: dict[str, _Work] = {}
        self._asks: int | None = None
        self._attempts: Counter[str] = Counter()
        self._withdrawals: list[Outcome] = []

    # ── What it holds, and what was done ─────────────────────────────────────────────────────────────────────────

    def rows(self, of: ListKind) -> tuple[Any, ...]:
        """Give a whole list."""
        with self._lock:
            return tuple(self._lists[of].values())

    def withdrawals(self) -> tuple[Outcome, ...]:
        """Give what became of each withdrawal that was carried out."""
        with self._lock:
            return tuple(self._withdrawals)

    def attempts(self) -> dict[str, int]:
        """Count the requests to withdraw that arrived, by the id of the invitation."""
        with self._lock:
            return dict(self._attempts)

    # ── What happens ─────────────────────────────────────────────────────────────────────────────────────────────

    def accept(self, who: Member | str | Mapping[str, str], at: datetime) -> None:
        """Turn an invitation into a connection."""
        with self._lock:
            connection = Connection(member=self._answered(who), connected_at=Interval.at(at))
            rows = self._lists[ListKind.CONNECTIONS]
            rows[len(rows)] = connection

    def ignore(self, who: Member | str | Mapping[str, str]) -> None:
        """Let an invitation leave the list."""
        with self._lock:
            self._answered(who)

    def fail(self, what: str, answer: InvitekitError | Outcome | Result, times: int, after_effect: bool) -> None:
        """Let calls fail."""
        if what not in _CALLS:
            raise DataError(f"nothing is called {what!r} here", hint=f"There are: {', '.join(_CALLS)}", key="what")
        kinds = (InvitekitError,) if what in ("page", "read") else (InvitekitError, Outcome, Result)
        if not isinstance(answer, kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise DataError(f"{what} cannot end in a {type(answer).__name__}, only in {wanted}", key="error")
        if after_effect and what != "withdraw":
            raise DataError(f"{what} has no effect, so it cannot fail after it", key="after_effect")
        script = _Script(answer, count(times, "times"), after_effect)
        with self._lock:
            self._scripts[what].append(script)

    def start_asynchronously(self, asks: int) -> None:
        """Let withdrawals be started from now on."""
        with self._lock:
            self._asks = count(asks, "asks", least=0)

    def carry_out(self, at: datetime) -> None:
        """Carry out what was started."""
        with self._lock:
            for work in self._started.values():
                self._finish(work, at)

    # ── What it answers ──────────────────────────────────────────────────────────────────────────────────────────

    def page(self, of: ListKind, cursor: str | None, size: int | None, at: datetime) -> Page:
        """Give a page, no longer than its own."""
        wanted = self.page_size if size is None else min(count(size, "size"), self.page_size)
        with self._lock:
            self._play("page")
            rows = self._lists[of]
            after = -1 if cursor is None else _place(of, cursor)
            left = [number for number in rows if number > after]
            shown = left[:wanted]
            return Page(
                items=[_as_of(rows[number], at) for number in shown],
                next=f"{of.value}-{shown[-1]}" if len(left) > len(shown) else None,
                total=len(rows),
                said=len(shown),
                account=self.account,
            )

    def read(self, member: Member, at: datetime) -> Standing:
        """Say how somebody stands to the account; a display name is nobody."""
        with self._lock:
            self._play("read")
            if not member.identifiers:
                raise RefusedError("nobody can be looked up by a display name", code="unknown-member")
            said = {
                of: [(row.member.same_as(member), row.member) for row in self._lists[of].values()]
                for of in (ListKind.SENT, ListKind.CONNECTIONS)
            }
            found = (who for rows in said.values() for same, who in rows if same is Truth.TRUE)
            return Standing(
                member=next(found, member),
                connected=_any(same for same, _ in said[ListKind.CONNECTIONS]),
                pending=_any(same for same, _ in said[ListKind.SENT]),
                as_of=at,
            )

    def withdraw(self, invitation: Invitation, at: datetime) -> Outcome | Started:
        """Withdraw the invitation that has this id, or start to; or fail, as it was told to."""
        with self._lock:
            script = self._next("withdraw")
            told = None if script is None else script.answer
            if not (isinstance(told, BackendError) and told.sent == "no"):
                self._attempts[invitation.id] += 1
            answer: Outcome | Started | None = None
            if script is None or script.after_effect:
                answer = self._begin(invitation) if self._asks is not None else self._carry_out(invitation, at)
            if told is None:
                return cast("Outcome | Started", answer)
            return _told(told, invitation.id, invitation.member, at)

    def settle(self, started: Started, at: datetime) -> Outcome | Started:
        """Say what came of what was started, once it has been asked often enough."""
        with self._lock:
            if self._asks is None and not self._started:
                raise CapabilityError("this service starts no withdrawals that it finishes later")
            script = self._next("settle")
            work = self._started.get(started.token)
            if work is None or work.invitation.id != started.invitation_id:
                raise RefusedError("nothing was started that goes by this token", code="unknown-token")
            if script is not None:
                return _told(script.answer, work.invitation.id, work.invitation.member, at)
            if work.outcome is None and work.asks > 0:
                work.asks -= 1
                return started
            return self._finish(work, at)

    def _begin(self, invitation: Invitation) -> Started:
        token = f"work-{len(self._started) + 1}"
        self._started[token] = _Work(invitation, self._asks or 0)
        return Started(invitation_id=invitation.id, token=token)

    def _finish(self, work: _Work, at: datetime) -> Outcome:
        if work.outcome is None:
            work.outcome = self._carry_out(work.invitation, at)
        return work.outcome

    def _carry_out(self, invitation: Invitation, at: datetime) -> Outcome:
        rows = self._lists[ListKind.SENT]
        (*found,) = (number for number, row in rows.items() if row.id == invitation.id)
        for number in found:
            del rows[number]
        outcome = Outcome(
            invitation_id=invitation.id,
            member=invitation.member,
            result=Result.WITHDRAWN if found else Result.ALREADY_GONE,
            at=at,
        )
        self._withdrawals.append(outcome)
        return outcome

    def _answered(self, who: Member | str | Mapping[str, str]) -> Member:
        """Take what waits for a member's answer from the list."""
        member, rows = Member.of(who), self._lists[ListKind.SENT]
        found = {number: row for number, row in rows.items() if row.member.same_as(member) is Truth.TRUE}
        if not found:
            raise DataError("no invitation to this member is waiting", key="who")
        for number in found:
            del rows[number]
        return cast("Member", next(iter(found.values())).member)

    def _next(self, what: Call) -> _Script | None:
        scripts = self._scripts[what]
        if not scripts:
            return None
        scripts[0].times -= 1
        return scripts[0] if scripts[0].times else scripts.popleft()

    def _play(self, what: Call) -> None:
        if (script := self._next(what)) is not None:
            raise _fresh(cast("InvitekitError", script.answer))


def of_kind(value: object, kind: type[K], key: str) -> K:
    """Check that a value is of a kind."""
    if not isinstance(value, kind):
        raise DataError(f"{key} must be of type {kind.__name__}, got {type(value).__name__}", key=key)
    return value


def all_of_kind(values: Iterable[K], kind: type[K], key: str) -> list[K]:
    """Check that every one of some values is of a kind."""
    if not isinstance(values, Iterable):
        raise DataError(f"{key} must be several of type {kind.__name__}, got {type(values).__name__}", key=key)
    return [of_kind(each, kind, key) for each in values]


def count(value: object, key: str, *, least: int = 1) -> int:
    """Check that a value is a whole number, large enough."""
    if type(value) is not int or value < least:
        raise DataError(f"{key} must be a whole number from {least} up", key=key)
    return value


def _pending(given: Iterable[Invitation], direction: Direction) -> list[Invitation]:
    """Check what a list of pending invitations is to hold."""
    key = direction.value
    rows = all_of_kind(given, Invitation, key)
    for row in rows:
        if row.direction is not direction or not row.is_open:
            raise DataError(
                f"the invitation {row.id!r} was {row.direction.value} and is {row.status.value}; a service lists "
                f"here what was {key} and is pending",
                hint="Pass for instance snapshot.open_sent",
                key=key,
            )
    twice = [each for each, number in Counter(row.id for row in rows).items() if number > 1]
    if twice:
        raise DataError(f"the invitation {twice[0]!r} is there more than once", hint="Pass it once", key=key)
    return rows


def _numbered(rows: Iterable[T]) -> dict[int, T]:
    return dict(enumerate(rows))


def _any(truths: Iterable[Truth]) -> Truth:
    together = Truth.FALSE
    for truth in truths:
        together |= truth
    return together


def _as_of(row: Any, at: datetime) -> Any:
    """Give a row as the service lists it at this moment."""
    if not isinstance(row, Invitation):
        return row
    return attrs.evolve(
        row,
        status=Status.PENDING,
        evidence=Evidence.LISTED,
        as_of=at,
        known_at=Interval.at(at),
        cause=UNKNOWN,
    )


def _place(of: ListKind, cursor: str) -> int:
    kind, _, number = cursor.rpartition("-")
    if kind != of.value or not (number.isascii() and number.isdecimal()):
        raise RefusedError("this is no cursor of this list", hint="Begin at the first page", code="invalid-cursor")
    return int(number)


def _told(answer: InvitekitError | Outcome | Result, invitation: str, member: Member, at: datetime) -> Outcome:
    if isinstance(answer, InvitekitError):
        raise _fresh(answer)
    if isinstance(answer, Outcome):
        return answer
    return Outcome(invitation_id=invitation, member=member, result=answer, at=at)


def _fresh(error: InvitekitError) -> InvitekitError:
    """Give an error that does not remember where it was raised before."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
