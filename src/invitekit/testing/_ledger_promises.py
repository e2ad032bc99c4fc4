"""The promises of `invitekit.ports.Ledger`, and how each of them is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple, overload

from invitekit.errors import LedgerError
from invitekit.history import Entry, Kind, micros
from invitekit.model import (
    Completeness,
    Connection,
    Direction,
    Evidence,
    Interval,
    Invitation,
    Member,
    SentAt,
    Snapshot,
    Status,
)
from invitekit.ports import Ledger

from ._trial import Broken, Trial, elsewhere, expect, expect_done, expect_entries, expect_refusal, said

__all__ = ["PROMISES", "Promise"]

_ROUNDS: Final = 10
"""How often each of two writers appends at the same time."""

_TRIES: Final = 1_000
"""How often one of them may be refused in a row: each refusal means that the other one got through."""


class Promise(NamedTuple):
    """One promise.

    Attributes:
        name: What is promised.
        attempt: Tries it with a new ledger.
        needs_reopen: Whether a storage has to be opened again for it.
        needs_records: Whether it is about what `invitekit.ledgers.Records` adds.
    """

    name: str
    attempt: Callable[[Trial, Ledger], None]
    needs_reopen: bool = False
    needs_records: bool = False


# ── What it is tried with ────────────────────────────────────────────────────────────────────────────────────────

_START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_ACCEPTED: Final = date(2026, 3, 5)

ADA: Final = 2
BEN: Final = 3
CLEO: Final = 4
DAN: Final = 5


def _about(first: int, *members: int, personal: bool = True) -> list[Entry]:
    """Give entries about these members, one each, from place `first` on."""
    return [
        Entry(
            seq=seq,
            kind=Kind.CHANGED.value,
            at=micros(_START) + seq,
            account=1,
            member=member,
            invitation=member,
            facts=f'{{"mutual":{seq}}}',
            personal=f'{{"name":"Zoë {member} 例","slug":"zoe-example-{member}"}}' if personal else None,
        )
        for seq, member in enumerate(members, start=first)
    ]


def _first() -> list[Entry]:
    """The entries most promises are tried with: an account, three members, with and without a personal part."""
    account = Entry(1, Kind.ACCOUNT.value, micros(_START), 1, 0, 0, "{}", '{"slug":"mara-example-77"}')
    return [account, *_about(2, ADA, BEN, CLEO), *_about(5, ADA, BEN, personal=False), *_about(7, ADA)]


def _forgotten(first: int, *members: int) -> list[Entry]:
    """Give the entries that go along with erasing these members, from place `first` on."""
    return [
        Entry(seq, Kind.FORGOTTEN.value, micros(_START) + seq, 1, member, 0, "{}", None)
        for seq, member in enumerate(members, start=first)
    ]


def _blank(entries: Iterable[Entry], *members: int) -> list[Entry]:
    """What entries are to be once everything personal about these members was erased."""
    return [
        entry._replace(personal="") if entry.member in members and entry.personal is not None else entry
        for entry in entries
    ]


class _Unreadable(Exception):  # noqa: N818  it never leaves this module
    """Stands for whatever may go wrong in the middle of an append."""


class _Torn(Sequence[Entry]):
    """Entries of which the last cannot be read."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        found = self._entries[index]
        if self._entries[-1] in (found if isinstance(index, slice) else [found]):
            raise _Unreadable
        return found


def _torn(keys: Iterable[int]) -> Iterator[int]:
    """Keys of members, after which something goes wrong."""
    yield from keys
    _fail()


def _fail() -> None:
    raise _Unreadable


# ── The promises of one ledger ───────────────────────────────────────────────────────────────────────────────────


def _has_the_methods(_: Trial, ledger: Ledger) -> None:
    wanted = ("entries", "append", "claim", "close", "where")
    missing = [name for name in wanted if not callable(getattr(ledger, name, None))]
    expect("looked for entries, append, claim, close and where", [], missing)


def _new_is_empty(trial: Trial, ledger: Ledger) -> None:
    expect_entries("entries() of what make() gave", [], ledger)
    ledger.append(_first())
    expect_entries("make() once more, after something was appended to what it gave before", [], trial.new())


def _round_trip(_: Trial, ledger: Ledger) -> None:
    odd = [
        # What was erased elsewhere: the whole of one ledger may be appended to another.
        Entry(8, Kind.CHANGED.value, 2**53 + 1, 1, DAN, 2**53 + 1, '{"mutual":0}', ""),
        Entry(9, Kind.FORGOTTEN.value, -1, 1, DAN, 0, "{}", None),
        Entry(10, Kind.LOOK.value, 0, 1, 0, 0, '{"unseen":"' + "1-2," * 10_000 + '5"}', '{"note":"\\u0000\\n🌱"}'),
    ]
    expected: list[Entry] = []
    for entries in (_first(), odd[:2], odd[2:]):
        ledger.append(entries)
        expected += entries
        expect_entries(f"appended {len(entries)}, then entries()", expected, ledger)
    ledger.append(tuple(_about(11, ADA)))
    expect_entries("appended a tuple, then entries()", [*expected, *_about(11, ADA)], ledger)
    expect_entries("entries() a second time", [*expected, *_about(11, ADA)], ledger)


def _entries_after(_: Trial, ledger: Ledger) -> None:
    entries = _first()
    for entry in entries:
        ledger.append([entry])
    for after in range(len(entries) + 2):
        expect_entries(f"entries({after}) of {len(entries)}", entries[after:], ledger, after)


def _conflicts(_: Trial, ledger: Ledger) -> None:
    entries = _first()
    expect_refusal("the first append, beginning at place 2", lambda: ledger.append(entries[1:]), "conflict")
    expect_entries("entries() after that refusal", [], ledger)
    ledger.append(entries)
    for place in (1, 7, 9):
        tried = f"an append beginning at place {place}, after 7 entries, which also erases a member"
        more = _about(place, CLEO)
        expect_refusal(tried, partial(ledger.append, more, erase=[ADA]), "conflict")
        expect_entries(f"entries() after {tried}", entries, ledger)
    more = _about(8, CLEO)
    ledger.append(more)
    expect_entries("an append at the right place, after those refusals", [*entries, *more], ledger)


def _all_or_nothing(_: Trial, ledger: Ledger) -> None:
    entries = _first()
    ledger.append(entries)
    more = _about(8, ADA, BEN, CLEO)
    tried = "an append of three entries, the last of which cannot be read, then entries()"
    with suppress(_Unreadable, LedgerError):
        ledger.append(_Torn(more), erase=[BEN])
    expect_entries(tried, entries, ledger)
    tried = "an append whose keys to erase cannot be read to their end, then entries()"
    with suppress(_Unreadable, LedgerError):
        ledger.append(more, erase=_torn([ADA, BEN]))
    expect_entries(tried, entries, ledger)
    ledger.append(more)
    expect_entries("the same three, whole", [*entries, *more], ledger)


def _erasing(_: Trial, ledger: Ledger) -> None:
    entries = _first()
    ledger.append(entries)
    more = [*_about(8, ADA, BEN), *_forgotten(10, ADA)]
    ledger.append(more, erase=[ADA])
    expected = _blank([*entries, *more], ADA)
    expect_entries("an append that erases one of three members, then entries()", expected, ledger)
    more = _forgotten(11, BEN, ADA)
    ledger.append(more, erase=iter([BEN, ADA, 99]))
    expected = [*_blank(expected, BEN), *more]
    expect_entries("one that erases another, the first again, and nobody", expected, ledger)
    expect_entries("entries(5) after that", expected[5:], ledger, after=5)
    more = _about(13, ADA)
    ledger.append(more)
    expect_entries("an append about somebody who was erased before", [*expected, *more], ledger)


def _claiming(_: Trial, ledger: Ledger) -> None:
    def claim() -> None:
        _enter(ledger)

    with ledger.claim():
        # In another thread first: one that waits would wait here for ever.
        tried = "claim() in another thread, while it is claimed"
        expect_refusal(tried, lambda: elsewhere(tried, claim), "busy")
        expect_refusal("claim() in the same thread, while it is claimed", claim, "busy")
        ledger.append(_first())
        expect_entries("an append by whoever has claimed it, then entries()", _first(), ledger)
        expect_refusal("claim() after that append, while it is claimed", claim, "busy")


def _claim_ends(_: Trial, ledger: Ledger) -> None:
    def and_fail() -> None:
        with ledger.claim():
            _fail()

    def and_claim_again() -> None:
        with ledger.claim(), suppress(LedgerError):
            _enter(ledger)

    ways = {
        "was left": lambda: _enter(ledger),
        "was left by an exception": and_fail,
        "was refused to somebody else": and_claim_again,
    }
    for way, leave in ways.items():
        with suppress(_Unreadable):
            leave()
        tried = f"claim() in another thread, after one that {way}"
        expect_done(tried, partial(elsewhere, tried, partial(_enter, ledger)))


def _enter(ledger: Ledger) -> None:
    with ledger.claim():
        pass


def _closing(_: Trial, ledger: Ledger) -> None:
    ledger.append(_first())
    where = ledger.where()
    ledger.close()
    ledger.close()
    expect_refusal("entries() after close()", lambda: list(ledger.entries()))
    expect_refusal("append() after close()", lambda: ledger.append(_about(8, ADA)))
    expect_refusal("claim() after close()", lambda: _enter(ledger))
    expect("where() after close()", where, ledger.where())


def _naming(_: Trial, ledger: Ledger) -> None:
    where: object = ledger.where()
    if not isinstance(where, str) or not where.strip() or not where.isprintable():
        raise Broken("where()", "a text of one line", said(where))


# ── The promises of several objects with one storage ─────────────────────────────────────────────────────────────


def _lasting(trial: Trial, ledger: Ledger) -> None:
    entries = _first()
    ledger.append(entries[:3])
    expect_entries("opened again, without having been closed", entries[:3], trial.again(ledger))
    rest = [*entries[3:], *_forgotten(8, BEN)]
    ledger.append(rest, erase=[BEN])
    expected = _blank([*entries[:3], *rest], BEN)
    ledger.close()
    again = trial.again(ledger)
    expect_entries("closed and opened again, after a member was erased", expected, again)
    more = _about(9, CLEO)
    again.append(more)
    expect_entries("an append after it was opened again", [*expected, *more], again)


def _seeing_each_other(trial: Trial, ledger: Ledger) -> None:
    entries = _first()
    other = trial.again(ledger)
    for one in (ledger, other):
        expect_entries("entries() of both, before anything was appended", [], one)
    ledger.append(entries)
    tried = "an append by one, at a place where the other has appended already"
    expect_refusal(tried, lambda: other.append(_about(1, CLEO)), "conflict")
    expect_entries("entries() of the other, after that", entries, other)
    more = _forgotten(8, ADA)
    other.append(more, erase=[ADA])
    expect_entries(
        "entries() of one, after the other has appended and erased", _blank([*entries, *more], ADA), ledger
    )


def _writing_at_once(trial: Trial, ledger: Ledger) -> None:
    writers = [trial.again(ledger), trial.again(ledger)]
    tried = f"two that append {_ROUNDS} times two entries each, at the same time"
    elsewhere(tried, *(partial(_write, one, who) for who, one in enumerate(writers, start=ADA)))
    found = list(ledger.entries())
    expect(f"{tried}: their places", list(range(1, 4 * _ROUNDS + 1)), [entry.seq for entry in found])
    pairs = [(one.member, two.member) for one, two in zip(found[::2], found[1::2], strict=True)]
    expect(
        f"{tried}: whether what belongs together stands together", [], [one for one in pairs if len({*one}) > 1]
    )
    through = [pairs.count((who, who)) for who in (ADA, BEN)]
    expect(f"{tried}: how often each got through", [_ROUNDS, _ROUNDS], through)


def _write(ledger: Ledger, who: int) -> None:
    """Append, and again where somebody else was faster."""
    for _ in range(_ROUNDS):
        for left in reversed(range(_TRIES)):
            last = max((entry.seq for entry in ledger.entries()), default=0)
            try:
                ledger.append(_about(last + 1, who, who))
            except LedgerError as error:
                if error.code not in ("conflict", "busy") or not left:
                    raise
            else:
                break


def _claiming_again(trial: Trial, ledger: Ledger) -> None:
    other = trial.again(ledger)
    with ledger.claim():
        tried = "claim() of one, while the other is claimed"
        expect_refusal(tried, lambda: elsewhere(tried, lambda: _enter(other)), "busy")
        trial.again(ledger).close()
        expect_refusal(f"{tried}, after a third was opened and closed", lambda: _enter(other), "busy")
    with other.claim():
        tried = "the same the other way round, after the first claim was left"
        expect_refusal(tried, lambda: _enter(ledger), "busy")


# ── What stands on top of them ───────────────────────────────────────────────────────────────────────────────────


def _listing(days: int, *pending: str, connected: Sequence[str] = ()) -> Snapshot:
    """Give a complete listing, so many days after the first."""
    at = _START + timedelta(days=days)
    return Snapshot(
        account=Member(slug="mara-example-77"),
        taken_at=at,
        source="check",
        completeness=Completeness.COMPLETE,
        invitations=[
            Invitation(
                id=f"check-{slug}",
                member=Member(name=f"{slug.partition('-')[0].title()} Example", slug=slug),
                direction=Direction.SENT,
                sent_at=SentAt.minute(_START - timedelta(days=5)),
                note=f"Hello {slug}",
                status=Status.PENDING,
                evidence=Evidence.LISTED,
                as_of=at,
            )
            for slug in pending
        ],
        connections=[
            Connection(member=Member(slug=slug), connected_at=Interval.day(_ACCEPTED)) for slug in connected
        ],
    )


_LISTINGS: Final = (
    _listing(0, "ada-example-77", "ben-example-77", "cleo-example-77"),
    _listing(7, "cleo-example-77", connected=["ada-example-77"]),
    _listing(14, "cleo-example-77", connected=["ada-example-77"]),
)
_TOLD: Final = {"ada-example-77": "accepted", "ben-example-77": "gone", "cleo-example-77": "pending"}


def _told(ledger: Any) -> dict[str, str]:
    return {str(one.member.slug): one.status.value for one in ledger.history()}


def _recording(_: Trial, ledger: Any) -> None:
    for number, listing in enumerate(_LISTINGS, start=1):
        tried = f"record() of listing {number} of 3"
        expect(f"{tried}: whether anything changed", True, bool(ledger.record(listing)))
        expect(f"{tried}, again: whether anything changed", False, bool(ledger.record(listing)))
    expect("what became of three invitations, after three listings", _TOLD, _told(ledger))
    ledger.keep("cleo-example-77", by="mara", why="a friend")
    kept = [str(one.slug) for one in ledger.context().kept]
    expect("who is kept, after a keep-mark", ["cleo-example-77"], kept)
    expect("forget() of one of them: how many people", 1, ledger.forget("cleo-example-77").people)
    left = [entry.seq for entry in ledger.entries() if "cleo" in f"{entry.facts}{entry.personal}".casefold()]
    expect("the places of entries that still name somebody who was forgotten", [], left)
    expect("the history of the two others", 2, sum(not one.forgotten for one in ledger.history()))


def _recording_in_turns(trial: Trial, ledger: Any) -> None:
    other: Any = trial.again(ledger)
    for one, another, listing in zip((ledger, other, ledger), (other, ledger, other), _LISTINGS, strict=True):
        one.record(listing)
        expect("record() by one: how many invitations the other knows of", 3, len(another.history()))
    for one in (ledger, other, trial.again(ledger)):
        expect("what became of three invitations, recorded by two in turns", _TOLD, _told(one))


PROMISES: Final = (
    Promise("it has the five methods", _has_the_methods),
    Promise("a new ledger is empty", _new_is_empty),
    Promise("entries come back as they were appended", _round_trip),
    Promise("entries(after) gives those after that place", _entries_after),
    Promise("an append in the wrong place is a conflict, and changes nothing", _conflicts),
    Promise("an append is all or nothing", _all_or_nothing),
    Promise("erasing blanks what is personal about those members, and nothing else", _erasing),
    Promise("only one can claim it", _claiming),
    Promise("a claim ends when it is left", _claim_ends),
    Promise("closing twice is closing once, and what is closed refuses", _closing),
    Promise("it says where it is", _naming),
    Promise("what was appended is there when it is opened again", _lasting, needs_reopen=True),
    Promise("two that are open see each other's entries", _seeing_each_other, needs_reopen=True),
    Promise("two that write at once lose nothing", _writing_at_once, needs_reopen=True),
    Promise("only one can claim it, however often it is open", _claiming_again, needs_reopen=True),
    Promise("what is recorded can be asked for", _recording, needs_records=True),
    Promise("two that record in turns agree", _recording_in_turns, needs_reopen=True, needs_records=True),
)
