"""What a plan should not keep to itself: rows nobody could read, marks nobody carries, rules nothing satisfies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from invitekit.model import Completeness, Snapshot, Truth
from invitekit.policy._context import Context
from invitekit.policy._policy import Policy
from invitekit.rules._people import KnownContact, Tagged, WithdrawnBefore
from invitekit.rules._rule import Leaf, Not, Rule
from invitekit.rules._state import StatusIs
from invitekit.rules._waiting import ChanceBelow, NotWorthWaiting

__all__ = ["about_context", "about_extent", "about_source"]


def about_source(snapshot: Snapshot) -> Iterator[str]:
    """Say which files are missing, and which rows could not be used."""
    for finding in snapshot.findings:
        if finding.code == "no-invitations-file":
            yield finding.text
    for file in snapshot.files:
        if lost := file.lost:
            why = ", ".join(f"{count:,} {code}" for code, count in lost.items())
            yield (
                f"{sum(lost.values()):,} of {file.rows:,} rows of {file.file} could not be used ({why}): "
                "see snapshot.findings"
            )


def about_context(roles: Sequence[tuple[str, Leaf]], context: Context) -> Iterator[str]:
    """Say which groups hold nobody, and how many contacts cannot be found (see `Context.resolve`)."""
    for role, leaf in roles:
        if isinstance(leaf, Tagged) and not len(context.tags.get(leaf.tag, ())):
            there = ", ".join(map(repr, context.tags)) or "none"
            yield f"{leaf.label} ({role}) asks for a tag that nobody in the context carries (tags there: {there})"
        if isinstance(leaf, WithdrawnBefore) and not len(context.withdrawn_before):
            yield (
                f"{leaf.label} ({role}) asks whose invitation was withdrawn before, and the context names nobody; "
                "give the outcomes: Context(withdrawn=read_worklist('withdraw.csv'))"
            )
        if isinstance(leaf, (ChanceBelow, NotWorthWaiting)) and context.stats is None:
            yield (
                f"{leaf.label} ({role}) asks what to expect of waiting, and the context has no statistics; give "
                "them: Context(stats=AcceptanceStats.from_snapshot(snapshot))"
            )
        elif isinstance(leaf, NotWorthWaiting) and not leaf.is_priced and context.slot_price is None:
            yield (
                f"{leaf.label} ({role}) has no price of a slot; give one: r.not_worth_waiting(slot_price=0.001), "
                "r.not_worth_waiting(pending_cap=500) or Context(slot_price=0.001)"
            )
    if context.emails and any(isinstance(leaf, KnownContact) for _, leaf in roles):
        yield (
            f"{len(context.emails):,} of the contacts are e-mail addresses that no connection shows, so they "
            "protect nobody here; give slugs or profile addresses"
        )


def about_extent(
    policy: Policy, seen: Mapping[tuple[str, Leaf], frozenset[Truth]], snapshot: Snapshot
) -> Iterator[str]:
    """Say which rule is in the way where a policy selects nothing.

    Args:
        policy: The policy.
        seen: The truths that each of its leaves has among the open invitations, by role and leaf.
        snapshot: What was judged.
    """
    found = list(_in_the_way(policy, seen, snapshot))
    yield from found
    undecided = any(Truth.UNKNOWN in truths for truths in seen.values())
    if seen and not found and not undecided and any(seen.values()):
        yield "no open invitation meets all that the policy asks for at once; plan.why says what each lacks"


def _in_the_way(
    policy: Policy, seen: Mapping[tuple[str, Leaf], frozenset[Truth]], snapshot: Snapshot
) -> Iterator[str]:
    for leaf, upright in dict.fromkeys(_asked(policy.withdraw)):
        truths = seen.get(("withdraw", leaf), frozenset())
        if truths and Truth.of(upright) not in truths and truths != frozenset({Truth.UNKNOWN}):
            hint = ""
            if isinstance(leaf, StatusIs) and snapshot.completeness is Completeness.LOG:
                hint = "; an export shows 'presumed-pending' and never 'pending'"
            yield f"{'' if upright else '~'}{leaf.label} (withdraw) is true of no open invitation{hint}"
    for leaf, upright in dict.fromkeys(_asked(policy.keep)):
        if seen.get(("keep", leaf), frozenset()) == frozenset({Truth.of(upright)}):
            yield f"{'' if upright else '~'}{leaf.label} (keep) is true of every open invitation"


def _asked(rule: Rule, *, upright: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """What a rule asks in the end: its leaves, each as it stands or turned around."""
    if isinstance(rule, Leaf):
        yield rule, upright
    for part in rule.parts:
        yield from _asked(part, upright=upright is not isinstance(rule, Not))
