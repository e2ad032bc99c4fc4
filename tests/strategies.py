"""Generated values of the domain, for property tests: members, invitations, snapshots, rules, policies, contexts.

Most are drawn as a few bytes that pick from the tables below, so that a test of hundreds of cases takes a second
or two, equal identifiers and notes come up often, and a failing case shrinks towards the first of each table.
Everything that `UNKNOWN` can stand for is `UNKNOWN` in some entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import attrs
from hypothesis import strategies as st

from invitekit import rules as r
from invitekit.errors import PolicyError
from invitekit.model import (
    UNKNOWN,
    Completeness,
    Connection,
    Direction,
    Evidence,
    Interval,
    Invitation,
    Invitations,
    Member,
    Outcome,
    Result,
    SentAt,
    Snapshot,
    Status,
)
from invitekit.policy import NO_LIMIT, Context, Limits, Plan, Policy
from invitekit.rules import Rule

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
"""When the generated snapshots were taken."""

ACCOUNT = Member(name="Olu Example", slug="olu-example-1")


def _day(days: float) -> datetime:
    return NOW - timedelta(days=days)


# ── What invitations are made of ────────────────────────────────────────────────────────────────────────

MEMBERS = (
    Member(name="Ada Example", slug="ada-example-77"),
    Member(name="Bo Example, MBA", slug="bo-example-12"),
    Member(name="Zoë Example", slug="zoë-example-3"),
    Member(name="Cy Example", urn="urn:li:member:501"),
    Member(name="Di Example", slug="di-example-9", urn="urn:li:member:502"),
    Member(slug="nameless-example-4"),
    Member(name="Ed Example", provider_id="prov-601"),
    Member(name="Fay Example"),
    Member(name="Di Other", slug="di-example-9", urn="urn:li:member:999"),
    Member(name="Di Renamed", slug="di-renamed-10", urn="urn:li:member:502"),
)

AGES = (
    SentAt.minute(_day(40)),
    SentAt.at(_day(10)),
    SentAt.minute(_day(200)),
    SentAt.minute(_day(28)),
    SentAt.at(_day(30)),
    SentAt(_day(31), _day(27)),
    SentAt(_day(75), _day(45)),
    SentAt.minute(_day(0.5)),
    SentAt.unknown(),
    SentAt(SentAt.unknown().earliest, _day(60)),
    SentAt(_day(20), SentAt.unknown().latest),
    SentAt.at(_day(-1)),
)

NOTES = ("", UNKNOWN, "Hello, let us connect", "Loved your talk on bees", "hello again")

STATES = (
    (Status.PRESUMED_PENDING, Evidence.NOT_CONNECTED),
    (Status.PENDING, Evidence.LISTED),
    (Status.PRESUMED_PENDING, Evidence.NOT_CONNECTED_BY_NAME),
    (Status.PRESUMED_PENDING, Evidence.AMBIGUOUS_NAME),
    (Status.PRESUMED_PENDING, Evidence.NO_CONNECTIONS),
    (Status.ACCEPTED, Evidence.CONNECTED),
    (Status.ACCEPTED, Evidence.CONNECTED_BY_NAME),
    (Status.WITHDRAWN, Evidence.LISTED),
    (Status.GONE, Evidence.LISTED),
)
OPEN_STATES = tuple(state for state in STATES if state[0].is_open)

MUTUALS = (UNKNOWN, 0, 4, 12)
COMPANIES = (UNKNOWN, "Acme Example", "Bolt Example")
TITLES = (UNKNOWN, "Senior recruiter", "Beekeeper")


def members() -> st.SearchStrategy[Member]:
    """Members known by a slug, a URN, a provider's id, several of them, or by no more than a name."""
    return st.sampled_from(MEMBERS)


# What is old, sent and open comes up more often than the rest: most rules are about it.
_TABLES: tuple[Sequence[Any], ...] = (
    MEMBERS,
    AGES[:1] * 3 + AGES[4:5] * 2 + AGES[2:3] * 3 + AGES,
    NOTES,
    STATES[:2] * 5 + STATES,
    (Direction.SENT,) * 9 + (Direction.RECEIVED,),
    MUTUALS,
    COMPANIES,
    TITLES,
)
_BYTES = 4
"""How many bytes make an invitation: enough for all the combinations."""


def _picked(drawn: bytes, tables: Sequence[Sequence[Any]]) -> list[Any]:
    """One entry of each table."""
    number = int.from_bytes(drawn, "little")
    picks: list[Any] = []
    for table in tables:
        number, place = divmod(number, len(table))
        picks.append(table[place])
    return picks


def _invitation(key: str, only_open: bool, drawn: bytes) -> Invitation:
    member, sent_at, note, state, direction, mutual, company, title = _picked(drawn, _TABLES)
    if only_open:
        direction, state = Direction.SENT, OPEN_STATES[STATES.index(state) % len(OPEN_STATES)]
    return Invitation(
        id=key,
        member=member,
        direction=direction,
        sent_at=sent_at,
        note=note,
        status=state[0],
        evidence=state[1],
        as_of=NOW,
        mutual_connections=mutual,
        company=company,
        title=title,
    )


def invitations(key: str = "x-0", *, only_open: bool = False) -> st.SearchStrategy[Invitation]:
    """One invitation; sent and open if so asked."""
    return _drawn(_BYTES).map(partial(_invitation, key, only_open))


def _invitations(sizes: range, only_open: bool, drawn: bytes) -> list[Invitation]:
    size = sizes[drawn[0] % len(sizes)]
    starts = range(1, len(drawn), _BYTES)
    return [
        _invitation(f"x-{place}", only_open, drawn[start : start + _BYTES])
        for place, start in zip(range(size), starts, strict=False)
    ]


def _drawn(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


def invitation_lists(
    *, smallest: int = 0, largest: int = 8, only_open: bool = False
) -> st.SearchStrategy[list[Invitation]]:
    """Invitations with ids of their own."""
    return _drawn(1 + largest * _BYTES).map(partial(_invitations, range(smallest, largest + 1), only_open))


CONNECTIONS = (
    Connection(
        member=MEMBERS[0],
        connected_at=Interval.day(_day(20).date()),
        email="ada@mail.example",
        company="Acme Example",
        position="Beekeeper",
    ),
    Connection(member=MEMBERS[3], connected_at=Interval.day(_day(90).date()), email="Cy@Mail.example"),
    Connection(member=MEMBERS[7], connected_at=Interval.day(_day(5).date()), email="fay@mail.example"),
)


def snapshot_of(items: Sequence[Invitation], completeness: Completeness = Completeness.LOG) -> Snapshot:
    """A snapshot of these invitations, with a few connections."""
    return Snapshot(
        account=ACCOUNT,
        taken_at=NOW,
        source="generated",
        invitations=Invitations(items),
        connections=CONNECTIONS,
        completeness=completeness,
    )


_COMPLETENESS = (Completeness.LOG, Completeness.COMPLETE, Completeness.PARTIAL, Completeness.UNKNOWN)


def _snapshot(sizes: range, only_open: bool, drawn: bytes) -> Snapshot:
    completeness = _COMPLETENESS[drawn[0] % len(_COMPLETENESS)]
    return snapshot_of(_invitations(sizes, only_open, drawn[1:]), completeness)


def snapshots(*, smallest: int = 0, largest: int = 8, only_open: bool = False) -> st.SearchStrategy[Snapshot]:
    """Snapshots of every completeness."""
    return _drawn(2 + largest * _BYTES).map(partial(_snapshot, range(smallest, largest + 1), only_open))


# ── Rules ───────────────────────────────────────────────────────────────────────────────────────────────

AGE_RULES = (
    r.older_than(days=28),
    r.older_than(days=3),
    r.older_than(weeks=8),
    r.older_than(hours=36, minutes=1),
)

BUILT_IN = (
    *AGE_RULES,
    r.has_note(),
    r.sent_before("2026-10-01"),
    r.sent_before(_day(30)),
    r.sent_after("2026-09-15"),
    r.sent_after(_day(45)),
    r.note_contains("hello"),
    r.note_matches("^lov.d|again$"),
    r.tagged("client"),
    r.tagged("nobody-has-this"),
    r.member_in(["ada-example-77", "urn:li:member:501"]),
    r.member_in([{"slug": "di-example-9", "urn": "urn:li:member:502"}, "bo-example-12"]),
    r.member_in([{"provider_id": "prov-601"}]),
    r.known_contact(),
    r.withdrawn_before(),
    r.mutual_connections(at_least=1),
    r.mutual_connections(at_least=5),
    r.company("acme example"),
    r.title_matches("recruit"),
    r.name_matches(r"[bz]o"),
    r.same_note_as(at_least=2),
    r.same_note_as(at_least=3),
    r.status_is("presumed-pending"),
    r.status_is(Status.PENDING, Status.GONE),
    r.chance_below(0.02),
    r.chance_below(0.05, within=14, caution=0.5),
    r.not_worth_waiting(),
    r.not_worth_waiting(slot_price=0.001, value=2.0, withdraw_value=-0.5, caution=0.9),
    r.not_worth_waiting(pending_cap=500),
    r.always(),
    r.never(),
)
"""At least one rule of every built-in kind."""


def leaves() -> st.SearchStrategy[Rule]:
    """Built-in rules of every kind."""
    return st.sampled_from(BUILT_IN)


_TWO: tuple[Callable[[Rule, Rule], Rule], ...] = (lambda a, b: a & b, lambda a, b: a | b)
_ONE: tuple[Callable[[Rule], Rule], ...] = (
    lambda a: ~a,
    lambda a: a.if_unknown(False),
    lambda a: a.if_unknown(True),
)


def _grown(table: Sequence[Rule], one: Sequence[Callable[[Rule], Rule]], drawn: bytes) -> Rule:
    """A rule from bytes: the first says how many count, each of those adds a leaf, or joins or turns the rest."""
    length = 1 + drawn[0] % (len(drawn) - 1)
    stack = [table[drawn[1] % len(table)]]
    for byte in drawn[2 : 1 + length]:
        act = byte % (2 + len(one) + 3)
        if act < 2 and len(stack) > 1:
            stack.append(_TWO[act](stack.pop(), stack.pop()))
        elif 2 <= act < 2 + len(one):
            stack.append(one[act - 2](stack.pop()))
        else:
            stack.append(table[byte % len(table)])
    while len(stack) > 1:
        stack.append(_TWO[len(stack) % 2](stack.pop(), stack.pop()))
    return stack[0]


any_rule = partial(_grown, BUILT_IN, _ONE)
"""Bytes to a rule of any kind and shape."""

_OTHERS = [rule for rule in BUILT_IN if rule not in AGE_RULES]
monotone_rule = partial(_grown, [*AGE_RULES, *AGE_RULES, *_OTHERS, *(~rule for rule in _OTHERS)], ())
"""Bytes to a rule that is true of fewer where it asks for more age: no age rule stands under a negation."""


def rules(*, size: int = 10) -> st.SearchStrategy[Rule]:
    """Rules of every kind and shape, of so many leaves and operators at most."""
    return _drawn(1 + size).map(any_rule)


# ── Policies and contexts ───────────────────────────────────────────────────────────────────────────────

_SHARES = (0.0, 0.001, 0.05, 0.25, 0.29, 0.5, 1.0)


_COUNTS = (*(NO_LIMIT,) * 6, 0, 1, 2, 3, 5, 9)


def _limits(drawn: bytes) -> Limits:
    per_run, per_day, per_week, share = _picked(drawn, (_COUNTS, _COUNTS, _COUNTS, (*(NO_LIMIT,) * 7, *_SHARES)))
    bounds = Limits(per_run=per_run, per_day=per_day, per_week=per_week, share=share)
    return bounds if bounds.values else Limits(per_run=5)


def limits() -> st.SearchStrategy[Limits]:
    """Limits of which at least one is set."""
    return _drawn(2).map(_limits)


ROOMY = Limits(per_run=1_000)
"""A limit that none of the generated snapshots reaches."""


def newest_first(invitation: Invitation, _context: object) -> float:
    """A rank of the user's own."""
    return -invitation.sent_at.latest.timestamp() if invitation.sent_at.is_known else 0.0


_MIN_AGES = (timedelta(days=14), timedelta(0), timedelta(days=2), timedelta(days=14), timedelta(days=35))


def _policy(withdraw: Rule, keep: Rule, bounds: Limits, min_age: timedelta, rank: Any) -> Policy:
    """The policy; where it would be refused (that is tested elsewhere), the nearest that is not."""
    for asked, kept in ((withdraw, keep), (withdraw, r.never()), (r.older_than(days=36) & withdraw, r.never())):
        try:
            return Policy(name="generated", withdraw=asked, keep=kept, limits=bounds, min_age=min_age, rank=rank)
        except PolicyError:
            continue
    return Policy(name="generated", withdraw=r.older_than(days=36), limits=bounds, min_age=min_age, rank=rank)


def policies(*, own_ranks: bool = True, min_ages: Sequence[timedelta] = _MIN_AGES) -> st.SearchStrategy[Policy]:
    """Policies of every kind."""
    return _drawn(_POLICY_BYTES).map(partial(_policy_from, any_rule, min_ages, own_ranks))


_POLICY_BYTES = 8 + 6 + 3


def _policy_from(
    withdraw: Callable[[bytes], Rule], min_ages: Sequence[timedelta], own_ranks: bool, drawn: bytes
) -> Policy:
    asked, kept, bounds, last = withdraw(drawn[:8]), drawn[8:14], _limits(drawn[14:16]), drawn[16]
    return _policy(
        asked,
        any_rule(kept) if kept[1] % 3 else r.never(),
        bounds,
        min_ages[last % len(min_ages)],
        newest_first if own_ranks and last > 127 else "oldest",
    )


_GROUPS = ((), (MEMBERS[0],), (MEMBERS[1], MEMBERS[3]), (MEMBERS[4], MEMBERS[6]), ("zoë-example-3",))
_EMAILS = ((), ("ADA@mail.example ",), ("cy@mail.example", "nobody@mail.example"))


_RECENT = (0.1, 0.99, 1.0, 3.0, 6.99, 7.0, 30.0)


@attrs.frozen
class Expected:
    """A chance, or what waiting is worth, at a price: as simple as it can be."""

    value: float
    slot_price: float = 0.0
    caution: float = 0.5
    why: str = "invented"
    lower: float = 0.0
    upper: float = 1.0

    def bound(self, caution: float) -> float:
        """Twice the chance for the very cautious."""
        return self.value * 2 * caution

    def margin(self, day: int) -> float:
        """What the chance is above the price."""
        return expected_chance(day, 180) * self.value - 10 * self.slot_price

    def cautious_margin(self, day: int) -> float:
        """Twice as much for the very cautious."""
        return self.margin(day) + self.caution / 50

    def is_over(self, day: int) -> bool:
        """Whether even that is nothing."""
        return self.slot_price > 0 and self.cautious_margin(day) <= 0


def expected_chance(day: int, until: int) -> float:
    """A chance that falls with age, with a gap in it that no curve has: rules must not rely on its falling."""
    return 0.0 if until <= day or 40 <= day < 43 else (until - day) / 180 / (3 + day)


@attrs.frozen
class InventedStats:
    """Statistics that say something simple."""

    def chance(self, day: int, /, *, horizon: int | None = None) -> Expected:
        """See `expected_chance`."""
        return Expected(expected_chance(day, 180 if horizon is None else horizon))

    def chances(self, ages: Iterable[tuple[int, int | None]], /) -> list[Expected]:
        """One by one."""
        return [self.chance(day, horizon=horizon) for day, horizon in ages]

    def worth(
        self,
        *,
        slot_price: float | None = None,
        pending_cap: int | None = None,
        value: float = 1.0,
        withdraw_value: float = 0.0,
        caution: float | None = None,
    ) -> Expected:
        """A price, or half a percent for any cap."""
        careful = 0.8 if caution is None else caution
        return Expected(value - withdraw_value, 0.005 if slot_price is None else slot_price, careful)


_STATS = (None, InventedStats())
_PRICES = (None, 0.0, 0.0005, 0.004)


def _parts(drawn: bytes) -> dict[str, Any]:
    tagged, kept, contacts, emails = _picked(drawn[:2], (_GROUPS, ((), (), *_GROUPS), _GROUPS, _EMAILS))
    return {
        "tags": {"client": tagged} if tagged else {},
        "kept": kept,
        "contacts": [*contacts, *emails],
        "withdrawn": [_withdrawn(byte) for byte in drawn[3 : 3 + drawn[2] % 5]],
        "stats": _STATS[drawn[2] // 8 % 2],
        "slot_price": _PRICES[drawn[2] // 16 % 4],
    }


_RESULTS = (Result.WITHDRAWN, Result.WITHDRAWN, Result.ALREADY_GONE, Result.UNKNOWN, Result.SKIPPED)


def _withdrawn(byte: int) -> datetime | Outcome:
    """A recent time; or an outcome of then, or of nobody knows when."""
    at = _day(_RECENT[byte % len(_RECENT)])
    rest = byte // len(_RECENT)
    if rest < len(MEMBERS):
        return at
    return Outcome(
        invitation_id=f"w-{byte}",
        member=MEMBERS[rest % len(MEMBERS)],
        result=_RESULTS[byte % len(_RESULTS)],
        at=UNKNOWN if byte % 3 == 0 else at,
    )


def context_parts() -> st.SearchStrategy[dict[str, Any]]:
    """What a context is built from: tags, keep-marks, contacts, e-mail addresses and recent withdrawals."""
    return _drawn(7).map(_parts)


def contexts() -> st.SearchStrategy[Context]:
    """Contexts with tags, keep-marks, contacts, e-mail addresses and recent withdrawals."""
    return context_parts().map(lambda parts: Context(**parts))


# ── Whole cases ─────────────────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Case:
    """All it takes to plan, and one more rule. Drawn at once, which is much quicker than piece by piece.

    Args:
        policy: The policy.
        snapshot: The snapshot.
        parts: What the context is built from.
        more: A rule to change the policy with.
    """

    policy: Policy
    snapshot: Snapshot
    parts: dict[str, Any]
    more: Rule

    @property
    def context(self) -> Context:
        """The context."""
        return Context(**self.parts)

    def plan(self, policy: Policy | None = None, **changes: Any) -> Plan:
        """Plan with the policy of the case, or with another."""
        return (policy or self.policy).plan(self.snapshot, **{"context": self.context, **changes})


def _case(
    sizes: range, only_open: bool, withdraw: Callable[[bytes], Rule], min_ages: Sequence[timedelta], drawn: bytes
) -> Case:
    return Case(
        policy=_policy_from(withdraw, min_ages, True, drawn[:17]),
        more=any_rule(drawn[17:31]),
        parts=_parts(drawn[31:38]),
        snapshot=_snapshot(sizes, only_open, drawn[38:]),
    )


def cases(
    *,
    smallest: int = 0,
    largest: int = 8,
    only_open: bool = False,
    withdraw: Callable[[bytes], Rule] = any_rule,
    min_ages: Sequence[timedelta] = _MIN_AGES,
) -> st.SearchStrategy[Case]:
    """Whole cases."""
    sizes = range(smallest, largest + 1)
    return _drawn(40 + largest * _BYTES).map(partial(_case, sizes, only_open, withdraw, min_ages))


CASE_BYTES = 40 + 8 * _BYTES
case_from = partial(_case, range(9), False, any_rule, _MIN_AGES)
"""`CASE_BYTES` bytes to a whole case, for programs that draw their own."""
