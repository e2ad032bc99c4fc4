"""The policy: which pending invitations to withdraw, which to keep, and how many at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from invitekit._numbers import is_number
from invitekit.errors import PolicyError
from invitekit.model import Invitation, Snapshot, Status
from invitekit.policy._context import Context
from invitekit.policy._guards import AcceptanceSettled, HeldOut, KeepMark
from invitekit.policy._limits import Limits
from invitekit.rules import Rule, known_contact, never, older_than, status_is
from invitekit.rules._age import OlderThan, duration, units_of
from invitekit.rules._arguments import words
from invitekit.rules._rule import All, IfUnknown, Leaf, Not, rule_from
from invitekit.rules._sight import Sight
from invitekit.rules._state import Fixed

if TYPE_CHECKING:
    from invitekit.policy._plan import Plan

__all__ = ["MIN_AGE", "MOST_HELD_OUT", "Policy", "Rank"]

MIN_AGE: Final = timedelta(days=14)
"""How old an invitation must be before a policy may withdraw it, unless it says otherwise. Most acceptances of an
invitation come early: 92 % within 14 days (measured on member exports); the figure is also common in open-source
tools. Not LinkedIn's."""

MOST_HELD_OUT: Final = 0.5
"""The largest share that a policy may hold out. Five to ten in a hundred is what a study of one's own history
needs; more than half is no policy for withdrawing."""

_MOST_SETTLED: Final = 6
"""The same, for rules that settle what is unknown: three answers a leaf instead of two."""

_MOST_LEAVES: Final = 16
"""Policies of more different rules than this are not searched for contradictions: the table doubles with each."""

RANKS: Final = ("oldest", "keep-value")

Rank = Literal["oldest", "keep-value"] | Callable[[Invitation, Sight], Any]
"""What goes first: ``"oldest"``; ``"keep-value"``, what is least worth keeping; or a function of invitation and
context whose smallest value goes first."""


def _rule(given: Rule | Callable[..., Any]) -> Rule:
    return rule_from(given)


def _age(given: timedelta) -> timedelta:
    if given == timedelta(0):
        return given
    span = duration(given, "min_age")
    units_of(span)
    return span


def _holdout(_: Any, field: attrs.Attribute[Any], value: object) -> None:
    if is_number(value, 0, MOST_HELD_OUT):
        return
    raise PolicyError(
        f"{field.name} must be a share from 0 to {MOST_HELD_OUT}, got {value!r:.40}",
        hint="For instance holdout=0.05; leave it out to hold nothing out",
    )


@attrs.frozen(kw_only=True, repr=False)
class Policy:
    """Which pending invitations to withdraw.

    An invitation is withdrawn only where `withdraw` is true, `keep` is false and it is old enough to judge. What
    is unknown is left alone, and said.

    Args:
        name: What to call it.
        withdraw: The rule for withdrawing; a rule or a plain function.
        keep: The rule for keeping, which wins.
        limits: How many at most. Without a limit no policy can be built.
        min_age: How old an invitation must be to be judged at all; 0 is allowed.
        rank: What goes first where limits leave room for some only: ``"oldest"``, ``"keep-value"`` (what waiting
            is least worth for, by the statistics and the slot price in the context), or a function of invitation
            and context. Ties go by age, then by id.
        holdout: The share, from 0 to 0.5, of what would be withdrawn that is left alone until it ends by itself,
            so that your history goes on showing what waiting brings: past the age at which everything is
            withdrawn, nobody can know what would have been accepted. Who is held out is drawn by lot from the
            member's identifier, the same in every plan, and a larger share adds to a smaller one. A share of 0.05
            costs about a quarter of an acceptance per 100 invitations sent where a place among the pending is
            worth 0.0005 acceptances a day (worked out from published acceptance curves, not measured).

    Raises:
        PolicyError: With the `code` ``empty`` (withdraws nothing), ``everything`` (withdraws everything without
            asking), ``keeps-everything``, ``contradiction`` (nothing that `withdraw` asks for is left by
            `keep`), ``no-limit``, or ``bad-argument``.
    """

    name: str
    withdraw: Rule = attrs.field(factory=never, converter=_rule)
    keep: Rule = attrs.field(factory=never, converter=_rule)
    limits: Limits = attrs.field(factory=Limits)
    min_age: timedelta = attrs.field(default=MIN_AGE, converter=_age)
    rank: Rank = attrs.field(default="oldest")
    # Plans that were made before there was a holdout keep their fingerprint.
    holdout: float = attrs.field(default=0, validator=_holdout, metadata={"digest": "where set"})

    def __attrs_post_init__(self) -> None:
        words(self.name, "the name of a policy")
        if not isinstance(self.limits, Limits):
            raise PolicyError(
                f"limits must be Limits, got {type(self.limits).__name__}", hint="For instance Limits(per_run=20)"
            )
        if self.rank not in RANKS and not callable(self.rank):
            raise PolicyError(f"rank must be 'oldest', 'keep-value' or a function, got {self.rank!r:.40}")
        if not self.limits.values:
            raise PolicyError(
                f"the policy {self.name!r} has no limit at all",
                hint="Set at least one, for instance limits=Limits(per_run=20)",
                code="no-limit",
            )
        _refuse_nonsense(self)
        _ = self.eligible  # Too deep a rule is refused now and not when it plans.

    @classmethod
    def default(cls) -> Policy:
        """A cautious policy to start from; every number a setting, none of them LinkedIn's.

        - Withdraw after 30 days. Of all acceptances 93 to 96 % have come by then (measured on member exports),
          and a rule of 30 days gives up about 1 to 3 acceptances in 100 invitations sent. Many tools use 21 days
          (vendor and open-source defaults), which gives up about half as much again.
        - Never before 14 days.
        - Keep known contacts, and what an export presumes pending beyond 180 days: such an invitation has most
          likely expired (180 days is the age at which member exports end, and vendors name six months; LinkedIn
          confirms no figure), so there is nothing to withdraw.
        - At most 20 a day and 80 a week, the oldest first. No evidence says that withdrawing is risky, and none
          that it is safe; the numbers are prudence, below what
          vendors advise (25 a run to 100 a day).
        """
        return cls(
            name="default",
            withdraw=older_than(days=30),
            keep=known_contact() | (status_is(Status.PRESUMED_PENDING) & older_than(days=180)),
            limits=Limits(per_day=20, per_week=80),
        )

    @property
    def eligible(self) -> Rule:
        """The whole of it as one rule, guards included: what it is true of is withdrawn, limits permitting."""
        young = (OlderThan(self.min_age),) if self.min_age else ()
        asked = All((AcceptanceSettled(), *young, Not(KeepMark()), self.withdraw, Not(self.keep)))
        if not self.holdout:
            return asked
        # Only what would be withdrawn can be held out: all else is kept, or left undecided, for its own reasons.
        return All((asked, Not(All((HeldOut(self.holdout), asked.if_unknown(False))))))

    @property
    def roles(self) -> tuple[tuple[str, Leaf], ...]:
        """Every leaf of `eligible` with its role: ``guard``, ``withdraw`` or ``keep``."""
        young = (OlderThan(self.min_age),) if self.min_age else ()
        held = (HeldOut(self.holdout),) if self.holdout else ()
        guards: tuple[Leaf, ...] = (AcceptanceSettled(), *young, KeepMark(), *held)
        return (
            *(("guard", leaf) for leaf in guards),
            *(("withdraw", leaf) for leaf in self.withdraw.leaves),
            *(("keep", leaf) for leaf in self.keep.leaves if leaf != never()),
        )

    def plan(
        self,
        snapshot: Snapshot,
        *,
        now: datetime | None = None,
        context: Context | None = None,
        allow_everything: bool = False,
    ) -> Plan:
        """Decide about every invitation of a snapshot. Pure: nothing is written, sent or looked up.

        Args:
            snapshot: What a source said.
            now: The moment to judge at; aware. When the snapshot was taken, if not given.
            context: What the user knows besides.
            allow_everything: Permit a plan that would withdraw every open invitation.

        Raises:
            DataError: `snapshot` is none, or `now` has no time zone.
            PolicyError: A function of the user's failed.
        """
        from invitekit.policy._judge import judge

        return judge(self, snapshot, now, Context() if context is None else context, allow_everything)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "name", self.name
        yield "withdraw", self.withdraw
        if self.keep != never():
            yield "keep", self.keep
        yield "limits", self.limits
        if self.min_age != MIN_AGE:
            yield "min_age", self.min_age
        if self.rank != "oldest":
            yield "rank", self.rank
        if self.holdout:
            yield "holdout", self.holdout

    def __repr__(self) -> str:
        return f"Policy({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        return html_table(("policy", ""), [(name, str(value)) for name, value in self.__rich_repr__()], width=2000)


def _refuse_nonsense(policy: Policy) -> None:
    """Refuse a policy that cannot mean what it says, by the truth table of its rules."""
    wanted = All((policy.withdraw, Not(policy.keep)))
    if _impossible(policy.withdraw):
        raise PolicyError(
            f"the policy {policy.name!r} is empty: nothing can satisfy withdraw={policy.withdraw!r}",
            hint="For instance withdraw=r.older_than(weeks=4)",
            code="empty",
        )
    if _impossible(Not(policy.keep)):
        raise PolicyError(
            f"the policy {policy.name!r} keeps everything: keep={policy.keep!r} is always true",
            hint="Leave keep out, or name what is to be kept",
            code="keeps-everything",
        )
    if _impossible(wanted):
        raise PolicyError(
            f"the policy {policy.name!r} contradicts itself: keep covers all that withdraw asks for",
            hint="Change one of the two rules",
            code="contradiction",
        )
    if policy.min_age and _impossible(All((wanted, OlderThan(policy.min_age)))):
        raise PolicyError(
            f"the policy {policy.name!r} contradicts itself: what is left of withdraw={policy.withdraw!r} is "
            "younger than min_age",
            hint="Lower min_age, or ask for older invitations",
            code="contradiction",
        )
    if _impossible(Not(wanted)):
        raise PolicyError(
            f"the policy {policy.name!r} would withdraw everything: withdraw={policy.withdraw!r} asks nothing",
            hint="Name what is to be withdrawn, for instance withdraw=r.older_than(weeks=4)",
            code="everything",
        )


def _impossible(rule: Rule) -> bool:
    """Whether no answers of its leaves make it true; no, where there are too many leaves to tell.

    A set of answers is a bit, and what a rule says under all of them is one number, so that and, or and not of
    whole truth tables are those of numbers: one for where it is true, one for where it is false. A leaf can be
    neither, but that makes a difference only where `if_unknown` asks for it.
    """
    leaves = [leaf for leaf in rule.leaves if not isinstance(leaf, Fixed)]
    settles = _settles(rule)
    if len(leaves) > (_MOST_SETTLED if settles else _MOST_LEAVES):
        return False
    count = len(leaves) * (2 if settles else 1)
    everything = (1 << (1 << count)) - 1
    # In blocks of 1, 2, 4 and so on, so that each goes with and without each other.
    bits = [everything // ((1 << (1 << place)) + 1) for place in range(count)]
    true = dict(zip(leaves, bits, strict=False))
    false = {leaf: bits[-1 - k] if settles else everything ^ true[leaf] for k, leaf in enumerate(leaves)}
    possible = everything
    for one in leaves:
        possible &= everything ^ (true[one] & false[one])
        for other in leaves:
            if one is not other and one.implies(other):
                possible &= (everything ^ true[one]) | true[other]

    def table(rule: Rule) -> tuple[int, int]:
        if isinstance(rule, Fixed):
            return (everything, 0) if rule.value else (0, everything)
        if isinstance(rule, Leaf):
            return true[rule], false[rule]
        holds, fails = table(rule.parts[0])
        if isinstance(rule, Not):
            return fails, holds
        if isinstance(rule, IfUnknown):
            return (everything ^ fails, fails) if rule.answer else (holds, everything ^ holds)
        for part in rule.parts[1:]:
            more_holds, more_fails = table(part)
            if isinstance(rule, All):
                holds, fails = holds & more_holds, fails | more_fails
            else:
                holds, fails = holds | more_holds, fails & more_fails
        return holds, fails

    return not table(rule)[0] & possible


def _settles(rule: Rule) -> bool:
    return isinstance(rule, IfUnknown) or any(map(_settles, rule.parts))
