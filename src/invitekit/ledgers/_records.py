"""Everything a ledger answers, on top of the five methods that keep its entries."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import attrs

from invitekit._collector import collector_paused
from invitekit._drive import now
from invitekit.errors import DataError, LedgerError
from invitekit.history import (
    Account,
    Changes,
    Entry,
    History,
    Kind,
    Mark,
    Marks,
    MayInvite,
    Notes,
    Sends,
    State,
    instant,
    mark,
    marks_of,
    may_invite,
    micros,
    observe,
    sends,
    settle,
    snapshot_of,
    timelines,
    whose,
    withdrawals,
)
from invitekit.ledgers._forks import Turn
from invitekit.ledgers._lines import write_lines
from invitekit.model import UNKNOWN, Member, Outcome, Snapshot, Truth, Unknown
from invitekit.model._interval import as_utc
from invitekit.policy import Context, Plan
from invitekit.ports import Clock

if TYPE_CHECKING:
    from invitekit.insight.quota._quota import WeeklyQuota
    from invitekit.insight.quota._tiers import AccountTier, NoMonthlyLimit
    from invitekit.insight.quota._windows import Window

__all__ = ["Forgotten", "Records"]

_HELD_OUT: Final = "held-out"

Who = Member | str | Mapping[str, str]


@attrs.frozen(weakref_slot=False, kw_only=True)
class Forgotten:
    """What was erased of somebody, and where they may still be found.

    Args:
        people: As how many people they were known, over all accounts; 0 if they were not in the ledger.
        entries: How many entries lost their personal part.
        backups: Copies of the file that were made before, and still hold them: delete these, too.
        left_over: Why the file could not be written anew afterwards; empty where it was. What was erased is
            overwritten all the same.
    """

    people: int
    entries: int
    backups: tuple[Path, ...] = ()
    left_over: str = ""

    def __str__(self) -> str:
        if not self.people:
            return "nobody of that kind is in this ledger"
        copies = "".join(f"; {copy} still holds them: delete it, too" for copy in self.backups)
        left = f"; the file was not written anew: it {self.left_over}" if self.left_over else ""
        return f"erased from {self.entries:,} {'entry' if self.entries == 1 else 'entries'}{copies}{left}"


class Records:
    """What can be recorded in a ledger, and asked of it. Add it to a class that has the methods of `ports.Ledger`.

    What is recorded is compared with what is known, and the difference is appended. If somebody else wrote
    meanwhile, it is compared again. Questions about a moment (``at=``) see nothing that became
    known later.

    Args:
        clock: Tells the time, aware, for what has no time of its own: a function, or a `ports.Clock`.
    """

    def __init__(self, clock: Callable[[], datetime] | Clock = now) -> None:
        self._clock = clock.now if isinstance(clock, Clock) else clock
        self._state: State | None = None
        self._turn = Turn()

    # ── The methods of a ledger, which the class this is added to brings ─────────────────────────────────────────

    def entries(self, after: int = 0) -> Iterable[Entry]:
        """See `ports.Ledger`."""
        raise NotImplementedError

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        """See `ports.Ledger`."""
        raise NotImplementedError

    def claim(self) -> AbstractContextManager[None]:
        """See `ports.Ledger`."""
        raise NotImplementedError

    def close(self) -> None:
        """See `ports.Ledger`."""
        raise NotImplementedError

    def where(self) -> str:
        """See `ports.Ledger`."""
        raise NotImplementedError

    def backups(self) -> tuple[Path, ...]:
        """Copies of it that hold what was erased since."""
        return ()

    # ── Recording ────────────────────────────────────────────────────────────────────────────────────────────────

    def record(
        self,
        what: Snapshot | Outcome | Iterable[Outcome],
        *,
        account: Who | None = None,
        at: datetime | None = None,
    ) -> Changes:
        """Take up a snapshot, or what came of a worklist.

        Recording the same thing twice changes nothing. Snapshots may be recorded in any order; an older one adds
        what it shows.

        Args:
            what: A `Snapshot`, or outcomes: ``ledger.record(read_worklist("done.csv"))``.
            account: Whose account it is about, where the snapshot does not say, or outcomes of one account are to
                be looked up among several.
            at: For outcomes: when they were known at the latest; aware. Now, when not given.

        Returns:
            What is new, accepted, gone, unresolved or set aside because of it.

        Raises:
            DataError: It is neither, or nothing says whose account it is.
            LedgerError: It cannot be stored; nothing was changed.
        """
        owner = None if account is None else Member.of(account)
        if isinstance(what, Snapshot):
            if at is not None:
                raise DataError("a snapshot says itself when it was taken", hint="Leave out at=", key="at")
            return Changes.of(self._write(lambda state: observe(state, what, owner)))
        outcomes = _outcomes(what)
        moment = micros(self._moment(at))

        def work(state: State) -> Notes:
            place = None if owner is None else self._known(state, owner)
            if place is None and len(state.accounts) == 1:
                place = next(iter(state.accounts.values()))
            return settle(state, outcomes, place, moment)

        return Changes.of(self._write(work))

    def tag(self, member: Who, tag: str, *, by: str = "", why: str = "", account: Who | None = None) -> None:
        """Give somebody a tag, which `r.tagged` finds.

        Args:
            member: Who: a member, slug, profile address or URN. They need not be known yet.
            tag: The tag, for instance ``client``. Not a place for anything personal: it outlives `forget`.
            by: Who says so.
            why: Why, in words. Erased by `forget`, as `by` is.
            account: In whose account, where the ledger holds several.
        """
        self._mark(member, Kind.TAGGED, self._words(by, why), account, _word(tag))

    def untag(self, member: Who, tag: str, *, by: str = "", why: str = "", account: Who | None = None) -> None:
        """Take a tag away."""
        self._mark(member, Kind.UNTAGGED, self._words(by, why), account, _word(tag))

    def keep(self, member: Who, *, by: str = "", why: str = "", account: Who | None = None) -> None:
        """Mark somebody to be kept: no policy ever withdraws their invitation."""
        self._mark(member, Kind.KEPT, self._words(by, why), account)

    def hold_out(self, plan: Plan, *, account: Who | None = None) -> int:
        """Record whom a plan holds out, as the tag ``held-out``, and say how many these are.

        Who is held out follows from the policy alone, for as long as it has the same holdout. With the tag it is
        known afterwards, too: ``keep=r.tagged("held-out")`` respects it in another policy, and ``stats.by("tag")``
        compares them.

        Args:
            plan: A plan of a policy with a holdout.
            account: In whose account, where the ledger holds several.

        Raises:
            DataError: It is no plan.
        """
        given: object = plan
        if not isinstance(given, Plan):
            raise DataError(f"expected a Plan, got {type(given).__name__}", hint="policy.plan(snapshot) makes one")
        held = [one.invitation.member for one in plan.held_out if one.invitation.member.identifiers]
        for member in held:
            self.tag(member, _HELD_OUT, why=f"policy {plan.policy.name}", account=account)
        return len(held)

    def unkeep(self, member: Who, *, by: str = "", why: str = "", account: Who | None = None) -> None:
        """Take the keep-mark away."""
        self._mark(member, Kind.UNKEPT, self._words(by, why), account)

    def note_refusal(self, *, at: datetime | None = None, why: str = "", account: Who | None = None) -> None:
        """Note that the service refused to send an invitation: evidence about the weekly limit.

        Args:
            at: When; aware. Now, when not given.
            why: A short code of the service's, for instance ``limit-reached``; nothing personal.
            account: Whose account, where the ledger holds several.
        """
        moment = micros(self._moment(at))
        why = _word(why) if why else ""
        facts = {"why": why} if why else {}

        def work(state: State) -> Notes:
            place = self._account(state, account)
            notes = Notes(state, place, moment)
            if all(one.at != moment or one.why != why for one in place.refusals):
                notes.write(Kind.REFUSED, facts=facts)
            return notes

        self._write(work)

    def forget(self, member: Who) -> Forgotten:
        """Erase somebody: names, identifiers, notes, ids of invitations, and what was said about their marks.

        What stays are entries that say that something happened to somebody, with a number that leads nowhere. The
        forgetting is an entry, too. Should a source name them again, they are somebody new.

        Args:
            member: Who: a member, slug, profile address or URN. A `Member` with nothing but a name means everybody
                of exactly this name of whom no identifier is known, as old exports have them.

        Raises:
            DataError: The member is the owner of an account, or nobody is named.
            LedgerError: Nothing was erased.
        """
        wanted = Member.of(member)
        if not wanted.identifiers and wanted.name is UNKNOWN:
            raise DataError("nobody is named", hint="Give a slug, a URN, or the member of a timeline")
        moment = micros(self._moment(None))
        found: list[int] = []

        def work(state: State) -> Notes:
            found.clear()
            notes = Notes(state, None, moment)
            for place in list(state.accounts.values()):
                if place.owner.same_as(wanted) is Truth.TRUE:
                    raise DataError(
                        f"{place.owner} is the owner of an account in this ledger",
                        hint="Nothing would be left to remember for; delete the file instead",
                    )
                notes.account = place
                # Of whom only the name is known, only the name can be looked up; a namesake goes as well.
                people = place.people.who_may_be if wanted.identifiers else place.people.named
                for person in people(wanted):
                    keys = (person.key, *person.keys)
                    found.extend(keys)
                    for key in keys:
                        notes.write(Kind.FORGOTTEN, member=key)
            return notes

        with self._turn:
            self._write(work, erase=found)
            erased = sum(1 for entry in self.entries() if entry.personal == "" and entry.member in found)
            return Forgotten(people=len(found), entries=erased, backups=self.backups() if found else ())

    # ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def accounts(self) -> tuple[Member, ...]:
        """Whose invitations it remembers."""
        with self._turn:
            return tuple(account.owner for account in self._read().accounts.values())

    def history(
        self, who: Who | None = None, *, account: Who | None = None, at: datetime | None = None
    ) -> History:
        """Give the story of every invitation, or of those from and to one member.

        Args:
            who: A member, slug, profile address or URN; None for all.
            account: Whose invitations, where the ledger holds several accounts.
            at: As it was known at this moment; aware. All that is known, when not given.
        """
        with self._turn:
            place = self._account(self._as_of(at), account, empty=True)
            if who is None:
                return History(timelines(place))
            wanted = Member.of(who)
            return History(timelines(place, {person.key for person in place.people.who_may_be(wanted)}))

    def snapshot(self, *, account: Who | None = None, at: datetime | None = None) -> Snapshot:
        """Give all that is known of an account as one snapshot, to plan from or to save.

        It is as complete as the newest look: an export makes it a log, a listing that was read to its end makes it
        complete. E-mail addresses are not in it, nor is anybody who was forgotten.

        Args:
            account: Whose, where the ledger holds several.
            at: As it was known at this moment; aware. All that is known, when not given.

        Raises:
            DataError: No snapshot was recorded, or none until then.
        """
        with self._turn:
            place = self._account(self._as_of(at), account)
            if not place.looks:
                raise DataError(
                    "no snapshot was recorded" + ("" if at is None else f" until {at:%Y-%m-%d %H:%M}"),
                    hint="ledger.record(read_export(…)) records one",
                )
            return snapshot_of(place)

    def context(
        self,
        *,
        account: Who | None = None,
        at: datetime | None = None,
        contacts: Iterable[Who] = (),
        stats: bool = False,
        slot_price: float | None = None,
    ) -> Context:
        """Give tags, keep-marks and withdrawals as a `Context` to plan with, and what the history says on request.

        A withdrawal whose time is known roughly counts at the latest moment it can have happened.

        Args:
            at: As it was known at this moment; aware. All that is known, when not given.
            account: Whose, where the ledger holds several.
            contacts: Whom you know; the ledger does not.
            stats: Whether to learn from the history what waiting is worth, for rules such as `r.chance_below`. It
                takes about as long as `history` does.
            slot_price: What keeping one invitation pending costs a day; see `Context`.
        """
        with self._turn:
            place = self._account(self._as_of(at), account, empty=True)
            learned = None
            if stats:
                from invitekit.insight import AcceptanceStats

                learned = AcceptanceStats.from_history(History(timelines(place)))
            return Context(
                stats=learned,
                slot_price=slot_price,
                tags={
                    tag: [place.people.at(key).member for key in carriers]
                    for tag, carriers in sorted(place.tags.items())
                    if carriers
                },
                kept=[place.people.at(key).member for key in place.kept],
                contacts=contacts,
                withdrawn=withdrawals(place),
            )

    def changes(self, since: datetime, until: datetime | None = None, *, account: Who | None = None) -> Changes:
        """Give what became known after a moment: new, accepted, gone, withdrawn, and what is unresolved.

        Args:
            since: After when; aware.
            until: Leave out what became known later than this; aware. Nothing, when not given.
            account: Whose, where the ledger holds several.
        """
        with self._turn:
            return Changes.since(self._account(self._as_of(until), account), as_utc(since))

    def marks(self, *, account: Who | None = None, at: datetime | None = None) -> Marks:
        """Give every tag and keep-mark, with who, when and why."""
        with self._turn:
            place = self._account(self._as_of(at), account, empty=True)
            return Marks(marks_of(place))

    def may_invite(self, member: Who, at: datetime | None = None, *, account: Who | None = None) -> MayInvite:
        """Say whether somebody can be invited at a moment, after a withdrawal above all.

        Args:
            member: Who.
            at: When, by what was known then; aware. Now, when not given.
            account: By whose account, where the ledger holds several.

        Raises:
            DataError: The member has no identifier.
        """
        wanted = _identified(Member.of(member))
        with self._turn:
            place = self._account(self._as_of(at), account, empty=True)
            return may_invite(place, wanted, self._moment(at))

    def sends(self, since: datetime, until: datetime | None = None, *, account: Who | None = None) -> Sends:
        """Count the invitations sent in a stretch of time, and the refusals: evidence for a weekly limit.

        Args:
            since: From when on; aware.
            until: Until when, not included; aware. Now, when not given.
            account: By whose account, where the ledger holds several.
        """
        with self._turn:
            place = self._account(self._read(), account, empty=True)
            return sends(place, as_utc(since), self._moment(until))

    def quota(
        self,
        *,
        account: Who | None = None,
        at: datetime | None = None,
        limit: int | Unknown = UNKNOWN,
        tier: AccountTier | str | Unknown = UNKNOWN,
        window: Window | None = None,
        notes_per_month: int | NoMonthlyLimit | Unknown = UNKNOWN,
    ) -> WeeklyQuota:
        """Say how many invitations count against the weekly limit, and what the refusals say about that limit.

        All that was sent counts, withdrawn or not: withdrawing frees no weekly allowance. Until the newest export
        everything that was sent is known; listings since may not show all of it (see `WeeklyQuota.is_floor`).

        Args:
            account: By whose account, where the ledger holds several.
            at: At which moment, by what was known then; aware. Now, when not given.
            limit: The weekly limit, if you know it or set one for yourself.
            tier: The kind of account, or its word.
            window: Which invitations count; the stricter of calendar week and seven rolling days, when not given.
            notes_per_month: How many invitations a month may carry a note, if not what is said of the tier.

        Raises:
            DataError: An argument makes no sense.
        """
        from invitekit.insight.quota._quota import WeeklyQuota
        from invitekit.insight.quota._windows import StrictestWeek

        with self._turn:
            place = self._account(self._as_of(at), account, empty=True)
            return WeeklyQuota.from_history(
                timelines(place),
                now=self._moment(at),
                limit=limit,
                tier=tier,
                window=StrictestWeek() if window is None else window,
                refusals=[instant(one.at) for one in place.refusals],
                notes_per_month=notes_per_month,
                known_until=max((instant(one.at) for one in place.looks if one.is_log), default=UNKNOWN),
            )

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write everything into a file of JSON lines, which `SqliteLedger.from_export` reads back equal.

        The file holds all that is personal; it is readable by its user only.
        """
        with self._turn:
            return write_lines(self.entries(), path)

    # ── Inside ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _moment(self, at: datetime | None) -> datetime:
        return as_utc(self._clock() if at is None else at)

    def _read(self) -> State:
        """What is known, up to the last entry."""
        state = self._state if self._state is not None else State()
        self._state = None  # Half-read, it must not be used again.
        with collector_paused():
            state.catch_up()  # First: what others wrote since may be about what was put off.
            self._fold(state)
        self._state = state
        return state

    def _fold(self, state: State, *, until: int | None = None) -> State:
        """Take up the entries that are new, or those of them that could be known at a moment."""
        for entry in self.entries(after=state.seq):
            try:
                state.apply(entry, until=until)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                raise LedgerError(
                    f"holds an entry that means nothing: {entry!r}",
                    hint="It was not written by invitekit; restore the ledger from a backup or an export",
                    file=self.where(),
                    code="corrupt",
                ) from None
        return state

    def _as_of(self, at: datetime | None) -> State:
        if at is None:
            return self._read()
        with collector_paused():
            return self._fold(State(), until=micros(as_utc(at)))

    def _write(self, work: Callable[[State], Notes], *, erase: Sequence[int] = ()) -> Notes:
        """Work out entries from what is known, and store them; again, if somebody else wrote meanwhile."""
        with self._turn, collector_paused():
            while True:
                state = self._read()
                self._state = None  # It is carried on before it is stored, so it is worth nothing if that fails.
                notes = work(state)
                if notes.entries:
                    try:
                        self.append(notes.entries, erase=erase)
                    except LedgerError as error:
                        if error.code == "conflict":
                            continue
                        raise
                self._state = state
                return notes

    def _known(self, state: State, owner: Member) -> Account:
        account = whose(state, owner)
        if account is None:
            raise DataError(
                f"this ledger knows no account {owner}",
                hint=f"It knows: {', '.join(str(one.owner) for one in state.accounts.values()) or 'none yet'}",
                key="account",
            )
        return account

    def _account(self, state: State, account: Who | None, *, empty: bool = False) -> Account:
        """The account that is meant: the named one, or the only one."""
        if account is not None:
            return self._known(state, Member.of(account))
        if len(state.accounts) == 1:
            return next(iter(state.accounts.values()))
        if not state.accounts and empty:
            return Account(0, Member())
        if not state.accounts:
            raise DataError("this ledger is empty", hint="ledger.record(snapshot) begins it")
        raise DataError(
            f"this ledger holds {len(state.accounts)} accounts",
            hint=f"Pass account=, one of: {', '.join(str(one.owner) for one in state.accounts.values())}",
            key="account",
        )

    def _mark(self, member: Who, kind: Kind, given: Mark, account: Who | None, tag: str = "") -> None:
        wanted = _identified(Member.of(member))

        def work(state: State) -> Notes:
            notes = Notes(state, self._account(state, account), given.at)
            mark(notes, wanted, kind, given, tag)
            return notes

        self._write(work)

    def _words(self, by: str, why: str) -> Mark:
        for word in (by, why):
            given: object = word
            if not isinstance(given, str):
                raise DataError(f"by and why are texts, got {type(given).__name__}", hint="For instance by='me'")
        return Mark(micros(self._moment(None)), by, why)


def _outcomes(what: Outcome | Iterable[Outcome]) -> tuple[Outcome, ...]:
    given: object = what
    items: tuple[object, ...] = tuple(cast("Iterable[object]", given)) if isinstance(given, Iterable) else (given,)
    for item in items:
        if not isinstance(item, Outcome):
            raise DataError(
                f"a ledger records a Snapshot or outcomes, got {type(item).__name__}",
                hint="For instance read_export(…), backend.snapshot(), backend.sent().read() or read_worklist(…)",
            )
    return tuple(item for item in items if isinstance(item, Outcome))


def _identified(member: Member) -> Member:
    if not member.identifiers:
        raise DataError(
            "somebody with an identifier is needed; a display name is none", hint="Give a slug or a URN"
        )
    return member


def _word(text: str) -> str:
    given: object = text
    if not isinstance(given, str) or not given.strip() or len(given) > _LONGEST or not given.isprintable():
        raise DataError(
            "expected a tag or a code", hint=f"One line of at most {_LONGEST} characters that can be printed"
        )
    return given.strip()


_LONGEST = 100
