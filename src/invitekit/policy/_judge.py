"""From policy, snapshot and context to a plan: the verdicts in one compiled loop, the reasons when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import attrs

from invitekit.errors import DataError, PolicyError
from invitekit.model import UNKNOWN, Completeness, Invitation, Snapshot, Truth
from invitekit.model._interval import as_utc
from invitekit.policy._context import Context
from invitekit.policy._decision import VERDICTS, Decisions, Verdict
from invitekit.policy._guards import CLOSED, closed_reason
from invitekit.policy._notes import about_context, about_extent, about_source
from invitekit.policy._outlook import blockers, deferral_reasons, follow_ups
from invitekit.policy._plan import Plan
from invitekit.policy._policy import Policy
from invitekit.rules._compile import Cases, compile_rows
from invitekit.rules._own import safely
from invitekit.rules._reason import Reason
from invitekit.rules._rule import Leaf
from invitekit.rules._sight import Sight
from invitekit.rules._waiting import NotWorthWaiting, last_age

__all__ = ["Judgement", "judge"]

_CODE: Final = {verdict: code for code, verdict in enumerate(VERDICTS)}
_TRUTH_OF_BITS: Final = (Truth.UNKNOWN, Truth.TRUE, Truth.FALSE)
_DAY: Final = timedelta(days=1)
_WITHIN: Final = (datetime(1, 2, 1, tzinfo=UTC), datetime(9999, 11, 1, tzinfo=UTC))


class Judgement:
    """What a policy says of the rows of one snapshot: verdicts for all, truths of every rule for any.

    Args:
        policy: The policy.
        sight: What its rules can see.
    """

    def __init__(self, policy: Policy, sight: Sight) -> None:
        self._sight = sight
        self._roles = policy.roles
        self._rule = policy.eligible
        # Among what is kept: what would be withdrawn without a holdout is what was held out.
        self._asked = attrs.evolve(policy, holdout=0).eligible if policy.holdout else None
        self._by_mask: dict[int, tuple[tuple[Truth, bool], ...]] = {}

    def verdicts(self, invitations: Sequence[Invitation]) -> list[int]:
        """The code of each verdict before limits: never deferred."""
        rule, sight = self._rule, self._sight
        cases: Cases = (
            [
                (CLOSED, _CODE[Verdict.CLOSED]),
                (rule.surely(False, sight), _CODE[Verdict.KEEP]),
                (rule.surely(True, sight), _CODE[Verdict.WITHDRAW]),
            ],
            _CODE[Verdict.UNDECIDED],
        )
        return compile_rows([cases])(invitations)

    def held_out(self, invitations: Sequence[Invitation], verdicts: Sequence[int]) -> list[int]:
        """The places of those that would be withdrawn but for the holdout."""
        if self._asked is None:
            return []
        kept = [place for place, code in enumerate(verdicts) if code == _CODE[Verdict.KEEP]]
        judge = compile_rows([([(self._asked.surely(True, self._sight), 1)], 0)])
        found = judge(invitations[place] for place in kept)
        return [place for place, held in zip(kept, found, strict=True) if held]

    @cached_property
    def _columns(self) -> list[Cases]:
        """For the leaf at place k: bit 2k where it is surely true, bit 2k + 1 where it is surely false."""
        return [
            ([(leaf.surely(True, self._sight), 1 << 2 * k), (leaf.surely(False, self._sight), 2 << 2 * k)], 0)
            for k, (_, leaf) in enumerate(self._roles)
        ]

    @cached_property
    def _names(self) -> tuple[tuple[str, str], ...]:
        """The code and the label of each leaf: they are the same of every row."""
        return tuple((leaf.code, leaf.label) for _, leaf in self._roles)

    @cached_property
    def masks(self) -> Any:
        """A function from invitations to one number each, which holds the truths of all leaves."""
        return compile_rows(self._columns)

    def truths(self, mask: int) -> list[Truth]:
        """The truths of the leaves, out of a mask."""
        return [_TRUTH_OF_BITS[mask >> 2 * k & 3] for k in range(len(self._columns))]

    def _findings(self, mask: int) -> tuple[tuple[Truth, bool], ...]:
        """For each leaf its truth, and whether the verdict rests on it; worked out once per mask."""
        known = self._by_mask.get(mask)
        if known is None:
            truths = self.truths(mask)
            answers: dict[Leaf, Truth] = {
                leaf: truth for (_, leaf), truth in zip(self._roles, truths, strict=True)
            }
            # Leaves without a role are the constants, whose truth is no news.
            grounds = set(self._rule.grounds(lambda leaf: answers.get(leaf, Truth.FALSE)))
            known = tuple((truth, leaf in grounds) for (_, leaf), truth in zip(self._roles, truths, strict=True))
            self._by_mask[mask] = known
        return known

    def reasons(self, invitation: Invitation) -> tuple[Reason, ...]:
        """Everything that was looked at, those that decided marked."""
        (mask,) = self.masks((invitation,))
        return tuple(
            Reason(role, code, truth, leaf.look(invitation, self._sight), label, decides)
            for (role, leaf), (code, label), (truth, decides) in zip(
                self._roles, self._names, self._findings(mask), strict=True
            )
        )

    def truths_seen(self, invitations: Sequence[Invitation]) -> dict[tuple[str, Leaf], frozenset[Truth]]:
        """The truths that each leaf has among these invitations."""
        rows = [self.truths(mask) for mask in set(self.masks(invitations))]
        return {role: frozenset(row[k] for row in rows) for k, role in enumerate(self._roles)}

    def never_known(self, invitations: Sequence[Invitation]) -> tuple[tuple[str, Leaf], ...]:
        """The leaves that are unknown of every one of these invitations, with their roles."""
        left = list(zip(self._roles, self._columns, strict=True))
        size = 64
        start = 0
        masks = self.masks  # Needed for the reasons as well; the few rows that it is asked about here decide most.
        while left and start < len(invitations):
            seen = 0
            for mask in masks(invitations[start : start + size]):
                seen |= mask
            left = [one for one in left if not any(number & seen for _, number in one[1][0])]
            start, size = start + size, size * 8
            masks = compile_rows([cases for _, cases in left]) if start < len(invitations) else masks
        return tuple(role for role, _ in left) if invitations else ()


def judge(
    policy: Policy, snapshot: Snapshot, now: datetime | None, context: Context, allow_everything: bool
) -> Plan:
    """See `Policy.plan`."""
    if not isinstance(snapshot, Snapshot):
        raise DataError(
            f"a plan is made from a Snapshot, got {type(snapshot).__name__}",
            hint="For instance invitekit.read_export('Basic_LinkedInDataExport_11-22-2026.zip')",
        )
    if not isinstance(context, Context):
        raise DataError(f"context must be a Context, got {type(context).__name__}", hint="For instance Context(…)")
    moment = snapshot.taken_at if now is None else as_utc(now)
    if not _WITHIN[0] <= moment <= _WITHIN[1]:
        raise DataError(
            f"no plan can be made for {moment:%Y-%m-%d}, at the end of the calendar", hint="Pass now=", key="now"
        )
    resolved = context.resolve(snapshot.connections)
    invitations = tuple(snapshot.invitations)
    sight = Sight.of(moment, resolved, invitations)
    judgement = Judgement(policy, sight)
    verdicts = judgement.verdicts(invitations)
    held_out = judgement.held_out(invitations, verdicts)

    chosen = _ranked(
        policy, sight, invitations, [i for i, code in enumerate(verdicts) if code == _CODE[Verdict.WITHDRAW]]
    )
    open_rows = [item for item, code in zip(invitations, verdicts, strict=True) if code != _CODE[Verdict.CLOSED]]
    partial = snapshot.completeness is Completeness.PARTIAL
    last_day, last_week = (sum(at > moment - span for at in resolved.withdrawn) for span in (_DAY, 7 * _DAY))
    allowed = policy.limits.allowances(
        open_sent=UNKNOWN if partial else len(open_rows),
        last_day=last_day,
        last_week=last_week,
    )
    room = min(allowed.values())
    for index in chosen[room:]:
        verdicts[index] = _CODE[Verdict.DEFER]
    ranks = {index: place for place, index in enumerate(chosen, start=1)}

    def explain(index: int) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
        invitation, verdict = invitations[index], VERDICTS[verdicts[index]]
        if verdict is Verdict.CLOSED:
            return (closed_reason(invitation),), ()
        reasons = judgement.reasons(invitation)
        if verdict is Verdict.DEFER:
            reasons += deferral_reasons(policy.limits, allowed, ranks[index], partial=partial)
        withdrawn = verdict in (Verdict.WITHDRAW, Verdict.DEFER)
        return reasons, follow_ups(invitation, moment, resolved) if withdrawn else ()

    return Plan(
        policy=policy,
        account=snapshot.account,
        source=snapshot.source,
        completeness=snapshot.completeness,
        taken_at=snapshot.taken_at,
        now=moment,
        decisions=Decisions(invitations, verdicts, ranks, explain, held_out),
        blockers=blockers(
            policy,
            snapshot,
            now=moment,
            open_sent=len(open_rows),
            planned=min(room, len(chosen)),
            last_week=last_week,
            allow_everything=allow_everything,
        ),
        never_known=tuple((role, leaf.label) for role, leaf in judgement.never_known(open_rows)),
        notes=(
            *about_source(snapshot),
            *(about_context(policy.roles, resolved) if open_rows else ()),
            *(() if chosen or held_out else about_extent(policy, judgement.truths_seen(open_rows), snapshot)),
        ),
    )


def _ranked(policy: Policy, sight: Sight, invitations: Sequence[Invitation], chosen: list[int]) -> list[int]:
    """Put what may be withdrawn into order, least value first; ties go by id, so the order of input is nothing."""
    rank = policy.rank
    # By id first, so that not even a ranking that is no order (NaN, say) can let the order of input through.
    chosen = sorted(chosen, key=lambda i: invitations[i].id)
    if rank == "oldest":
        return sorted(chosen, key=lambda i: invitations[i].sent_at.latest)
    if rank == "keep-value":
        return _least_worth_keeping(policy, sight, invitations, chosen)

    hint = "Return numbers, or tuples of numbers, for every invitation"
    place = safely(rank, what="the rank function", hint=hint)
    places = {index: place(invitations[index], sight) for index in chosen}
    try:
        return sorted(chosen, key=lambda index: places[index])
    except Exception:  # noqa: BLE001 - whatever comparing what it gave raises
        raise PolicyError(
            "what the rank function gives cannot be ordered", hint=hint, code="rule-failed"
        ) from None


def _least_worth_keeping(
    policy: Policy, sight: Sight, invitations: Sequence[Invitation], chosen: list[int]
) -> list[int]:
    """Put first what waiting is least worth for; at the price the policy names, or else the context."""
    priced = [leaf for leaf in policy.withdraw.leaves if isinstance(leaf, NotWorthWaiting)]
    waiting = None if sight.stats is None else (priced or [NotWorthWaiting()])[0].expected(sight.stats, sight)
    if waiting is None:
        raise PolicyError(
            f"the policy {policy.name!r} ranks by keep-value, which takes statistics and the price of a slot",
            hint="Context(stats=AcceptanceStats.from_snapshot(snapshot)"
            + ("" if priced and priced[0].is_priced else ", slot_price=0.001")
            + ")",
            code="no-stats",
        )

    def worth(index: int) -> tuple[float, datetime]:
        sent = invitations[index].sent_at.latest
        return waiting.margin(last_age(sent, sight.now)), sent

    return sorted(chosen, key=worth)
