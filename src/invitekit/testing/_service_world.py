"""What is true on the side of a service: one account, the people around it, and what became of each invitation.

A `ServiceWorld` is the truth that a fake service shows, late, in part, or wrongly if it is told to. Things happen
in it by calling it, by its clock, or before a certain request (`FakeUnipile.before`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from threading import RLock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import attrs

from invitekit.errors import DataError

from ._fake_clock import DEFAULT_START, FakeClock
from ._happenings import Happenings
from ._population import Population
from ._world_values import ServiceConnection, ServiceInvitation, ServicePerson, ServicePlace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invitekit.model import Connection, Invitation, Member
    from invitekit.ports import Clock

__all__ = ["ServiceWorld", "Who"]

Who: TypeAlias = "ServiceInvitation | ServicePerson | str"
"""An invitation, a person, or a text: the id of an invitation, a slug or a provider id."""

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SEQUENCE_BITS = 22  # derived: an id shifted right by 22 bits is epoch milliseconds; not documented by LinkedIn
_OLDEST_PENDING = timedelta(days=180)  # about six months, then an invitation expires (reported, not documented)
_OLDEST_CONNECTION = timedelta(days=1_500)


class ServiceWorld:
    """One account as a service sees it: pending invitations, connections, and what happened when.

    >>> world = ServiceWorld.invent(pending=3, connections=2, seed=7)
    >>> len(world.pending), len(world.connections)
    (3, 2)
    >>> world.accept(world.pending[0])
    >>> len(world.pending), len(world.connections)
    (2, 3)

    Everything is invented, and the same for the same seed. All members may be used by several threads.

    Args:
        clock: Its time; a `FakeClock` of its own unless given.
        seed: Which people are invented.
        list_lag: How long an invitation that was withdrawn stays on the list of sent ones.
    """

    def __init__(self, *, clock: Clock | None = None, seed: int = 7, list_lag: timedelta = timedelta(0)) -> None:
        self.clock: Clock = clock or FakeClock()
        self.list_lag = list_lag
        self.lock = RLock()
        self._happenings = Happenings(self.clock)
        self._population = Population(seed)
        self._sequence = count(1)
        self._sent: dict[str, ServiceInvitation] = {}
        self._received: dict[str, ServiceInvitation] = {}
        self._connections: dict[str, ServiceConnection] = {}
        self._newest_of: dict[str, str] = {}
        self._withdrawals: dict[str, tuple[datetime, ...]] = {}
        self._lists: dict[str, tuple[int, tuple[Any, ...]]] = {}
        self.version = 0
        self.owner = self._population.newcomer()

    @classmethod
    def invent(
        cls,
        *,
        pending: int = 250,
        connections: int = 400,
        received: int = 5,
        seed: int = 7,
        now: datetime = DEFAULT_START,
        clock: Clock | None = None,
        list_lag: timedelta = timedelta(0),
    ) -> ServiceWorld:
        """Invent an account.

        Args:
            pending: How many invitations it has sent that are pending, evenly spread over the last 180 days.
            connections: How many it is connected with, evenly spread over the last 1,500 days.
            received: How many invitations to it are pending.
            seed: The same seed and `now` give the same account.
            now: The moment at which its clock starts, aware.
            clock: A clock to go by in the place of a `FakeClock` that starts at `now`.
            list_lag: As for the class.
        """
        world = cls(clock=clock or FakeClock(now), seed=seed, list_lag=list_lag)
        random = Random(seed).random  # noqa: S311  for tests
        moment = world.now()
        for span, amount, make in (
            (_OLDEST_PENDING, pending, world.invite),
            (_OLDEST_PENDING, received, world.invited_by),
            (_OLDEST_CONNECTION, connections, world.connect),
        ):
            ages = sorted((span * random() for _ in range(amount)), reverse=True)
            for age in ages:
                with world._happenings.at(moment - age):
                    make(world.newcomer())
        return world

    @classmethod
    def holding(
        cls,
        *,
        account: Member,
        sent: Iterable[Invitation] = (),
        received: Iterable[Invitation] = (),
        connections: Iterable[Connection] = (),
        clock: Clock | None = None,
    ) -> ServiceWorld:
        """Make an account that holds exactly this, for instance a case of `check_backend`.

        Every member needs a name, a slug, a URN and a provider's id, and every time has to be exact.

        Args:
            account: Whose it is.
            sent: Pending invitations that it sent.
            received: Pending invitations that it received.
            connections: Its connections.
            clock: Its time; a `FakeClock` of its own unless given.
        """
        world = cls(clock=clock)
        world.owner = world._known(account)
        for kept, given in ((world._sent, sent), (world._received, received)):
            for one in sorted(given, key=lambda each: each.sent_at.earliest):
                person = world._known(one.member)
                note = one.note if isinstance(one.note, str) and one.note else None
                kept[one.id] = ServiceInvitation(one.id, person, one.sent_at.earliest, note)
                if kept is world._sent:
                    world._newest_of[person.provider_id] = one.id
        for connection in sorted(connections, key=lambda each: each.connected_at.earliest):
            person = world._known(connection.member)
            world._connections[person.provider_id] = ServiceConnection(person, connection.connected_at.earliest)
        return world

    def now(self) -> datetime:
        """Read its clock: this moment, aware, in UTC; within a scheduled happening, the moment of that."""
        return self._happenings.now()

    # What there is.

    @property
    def invitations(self) -> tuple[ServiceInvitation, ...]:
        """Every invitation the account ever sent, wherever it is now, in the order they were sent."""
        with self.lock:
            return tuple(self._sent.values())

    @property
    def pending(self) -> tuple[ServiceInvitation, ...]:
        """The sent invitations that are pending, the newest first."""
        with self.lock:
            return self._kept("pending", self._pending)

    @property
    def received(self) -> tuple[ServiceInvitation, ...]:
        """The invitations to the account that are pending, the newest first."""
        with self.lock:
            return self._kept("received", self._pending_received)

    @property
    def connections(self) -> tuple[ServiceConnection, ...]:
        """Whom the account is connected with, the newest first."""
        with self.lock:
            return self._kept("connections", self._connected)

    @property
    def listed(self) -> tuple[ServiceInvitation, ...]:
        """What the list of sent invitations shows: those pending, and those withdrawn less than `list_lag` ago."""
        with self.lock:
            if not self.list_lag:
                return self.pending
            since = self.now() - self.list_lag
            return tuple(
                invitation
                for invitation in reversed(self._sent.values())
                if invitation.place is ServicePlace.PENDING
                or (
                    invitation.place is ServicePlace.WITHDRAWN
                    and invitation.since is not None
                    and invitation.since > since
                )
            )

    @property
    def withdrawals(self) -> Mapping[str, tuple[datetime, ...]]:
        """By the id of the invitation, every moment at which the service carried out its withdrawal.

        More than one moment means that something was withdrawn twice.
        """
        with self.lock:
            return MappingProxyType(dict(self._withdrawals))

    def tally(self) -> Counter[ServicePlace]:
        """How many of the sent invitations are at each place; each is at exactly one."""
        with self.lock:
            return Counter(invitation.place for invitation in self._sent.values())

    def find(self, who: Who) -> ServicePerson:
        """Give the person somebody means.

        Raises:
            DataError: There is none.
        """
        with self.lock:
            if isinstance(who, ServicePerson):
                return who
            if isinstance(who, ServiceInvitation):
                return who.person
            known = self._sent.get(who) or self._received.get(who)
            person = known.person if known else self._population.find(who)
        if person is None:
            raise DataError(f"nobody here is {who!r}", hint="Give an id, a slug or a provider id of this world")
        return person

    def invitation(self, who: Who) -> ServiceInvitation:
        """Give an invitation as it is now; of a person, the newest one the account sent them.

        Raises:
            DataError: There is none.
        """
        with self.lock:
            key = who.id if isinstance(who, ServiceInvitation) else who
            if isinstance(key, str) and key in self._sent:
                return self._sent[key]
            person = self.find(who)
            newest = self.newest_to(person)
            if newest is None:
                raise DataError(f"{person.slug} was never invited", hint="Use invite() first")
            return newest

    def newest_to(self, person: ServicePerson) -> ServiceInvitation | None:
        """Give the newest invitation the account sent to somebody; None if it never did."""
        with self.lock:
            newest = self._newest_of.get(person.provider_id)
            return None if newest is None else self._sent[newest]

    def newest_from(self, person: ServicePerson) -> ServiceInvitation | None:
        """Give the newest invitation somebody sent to the account; None if they never did."""
        with self.lock:
            return next((each for each in reversed(self._received.values()) if each.person == person), None)

    def connected(self, person: ServicePerson) -> bool:
        """Whether the account is connected with somebody."""
        with self.lock:
            return person.provider_id in self._connections

    # What happens.

    def newcomer(self) -> ServicePerson:
        """Invent one more person, whom nobody knows yet."""
        with self.lock:
            return self._population.newcomer()

    def invite(self, whom: Who, note: str | None = None) -> ServiceInvitation:
        """Send an invitation.

        Raises:
            DataError: They are connected, or were invited and have not answered.
        """
        with self.lock:
            person = self.find(whom)
            newest = self.newest_to(person)
            if self.connected(person) or (newest and newest.place is ServicePlace.PENDING):
                raise DataError(f"{person.slug} is connected or invited already", hint="Use newcomer()")
            invitation = self._new(person, note)
            self._sent[invitation.id] = invitation
            self._newest_of[person.provider_id] = invitation.id
            self._changed()
            return invitation

    def invited_by(self, whom: Who, note: str | None = None) -> ServiceInvitation:
        """Let somebody invite the account."""
        with self.lock:
            invitation = self._new(self.find(whom), note)
            self._received[invitation.id] = invitation
            self._changed()
            return invitation

    def connect(self, whom: Who) -> None:
        """Connect somebody with the account, without any invitation."""
        with self.lock:
            person = self.find(whom)
            self._connections.pop(person.provider_id, None)
            self._connections[person.provider_id] = ServiceConnection(person, self.now())
            self._changed()

    def accept(self, who: Who) -> None:
        """Let somebody accept the invitation they were sent: it leaves the list, and they are connected."""
        with self.lock:
            self.connect(self._leave(who, ServicePlace.ACCEPTED).person)

    def ignore(self, who: Who) -> None:
        """Let somebody decline the invitation they were sent: it leaves the list, and nobody says why."""
        self._leave(who, ServicePlace.IGNORED)

    def expire(self, who: Who) -> None:
        """Let an invitation expire: it leaves the list, and nobody says why."""
        self._leave(who, ServicePlace.EXPIRED)

    def withdraw_elsewhere(self, who: Who) -> None:
        """Withdraw an invitation on the website or in another program; not counted in `withdrawals`."""
        self._leave(who, ServicePlace.WITHDRAWN_ELSEWHERE)

    def withdraw(self, who: Who) -> None:
        """Carry out a withdrawal for a client of the service, and count it."""
        with self.lock:
            invitation = self._leave(who, ServicePlace.WITHDRAWN)
            self._count_withdrawal(invitation.id)

    def withdraw_again(self, who: Who) -> None:
        """Carry out a withdrawal a second time, as a service may that does not look: it is only counted."""
        with self.lock:
            self._count_withdrawal(self.invitation(who).id)

    def answer(self, received: Who, *, accept: bool) -> None:
        """Answer an invitation to the account.

        Raises:
            DataError: No such invitation is pending.
        """
        with self.lock:
            key = received.id if isinstance(received, ServiceInvitation) else str(received)
            invitation = self._received.get(key)
            if invitation is None or invitation.place is not ServicePlace.PENDING:
                raise DataError(f"no invitation {key!r} waits for an answer", hint="See received")
            place = ServicePlace.ACCEPTED if accept else ServicePlace.IGNORED
            self._received[key] = attrs.evolve(invitation, place=place, since=self.now())
            if accept:
                self.connect(invitation.person)
            self._changed()

    def disconnect(self, who: Who) -> None:
        """Let somebody leave the connections, on whichever side."""
        with self.lock:
            self._connections.pop(self.find(who).provider_id, None)
            self._changed()

    # When it happens.

    def schedule(
        self, what: Callable[[], object], *, at: datetime | None = None, after: timedelta | None = None
    ) -> None:
        """Let something happen once the clock has come to a moment: seen by the next request after it.

        >>> from datetime import timedelta
        >>> world = ServiceWorld.invent(pending=1, connections=0)
        >>> world.schedule(lambda: world.accept(world.pending[0]), after=timedelta(hours=2))

        Args:
            what: Called without arguments; the clock of the world shows the moment of the happening.
            at: That moment, aware; or
            after: how long from now.

        Raises:
            DataError: Neither or both are given.
        """
        if (at is None) == (after is None):
            raise DataError("a happening needs one moment", hint="Give at= or after=", key="schedule")
        with self.lock:
            self._happenings.add(what, self.now() + after if after is not None else at or self.now())

    def catch_up(self) -> None:
        """Let everything happen that is due; a fake service does so before each request."""
        with self.lock:
            self._happenings.catch_up()

    # Inside.

    def _changed(self) -> None:
        self.version += 1

    def _known(self, member: Member) -> ServicePerson:
        first, _, last = str(member.name).partition(" ")
        slug, provider_id, urn = (str(member.identifiers[kind]) for kind in ("slug", "provider_id", "urn"))
        return self._population.take_in(ServicePerson(first, last, slug, provider_id, urn, ""))

    def _new(self, person: ServicePerson, note: str | None) -> ServiceInvitation:
        sent_at = self.now()
        milliseconds = (sent_at - _EPOCH) // _MILLISECOND
        number = (milliseconds << _SEQUENCE_BITS) | next(self._sequence)
        return ServiceInvitation(id=str(number), person=person, sent_at=sent_at, note=note)

    def _leave(self, who: Who, place: ServicePlace) -> ServiceInvitation:
        with self.lock:
            invitation = self.invitation(who)
            if invitation.place is not ServicePlace.PENDING:
                raise DataError(
                    f"invitation {invitation.id} is {invitation.place} and no longer pending", hint="See pending"
                )
            left = self._sent[invitation.id] = attrs.evolve(invitation, place=place, since=self.now())
            self._changed()
            return left

    def _count_withdrawal(self, key: str) -> None:
        self._withdrawals[key] = (*self._withdrawals.get(key, ()), self.now())

    def _kept(self, name: str, make: Callable[[], Iterable[T]]) -> tuple[T, ...]:
        """A list that is made anew only after something changed."""
        version, kept = self._lists.get(name, (-1, ()))
        if version != self.version:
            kept = tuple(make())
            self._lists[name] = (self.version, kept)
        return kept

    def _pending(self) -> Iterator[ServiceInvitation]:
        return (each for each in reversed(self._sent.values()) if each.place is ServicePlace.PENDING)

    def _pending_received(self) -> Iterator[ServiceInvitation]:
        return (each for each in reversed(self._received.values()) if each.place is ServicePlace.PENDING)

    def _connected(self) -> Iterator[ServiceConnection]:
        return reversed(self._connections.values())

    def __repr__(self) -> str:
        return (
            f"ServiceWorld(pending={len(self.pending)}, connections={len(self.connections)}, "
            f"received={len(self.received)})"
        )
