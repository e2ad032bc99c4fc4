"""What a plan can be asked: a summary, an explanation, a comparison. All of them print."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING, Any

import attrs

from invitekit._text import several
from invitekit.errors import DataError
from invitekit.model import Member, Truth
from invitekit.policy._decision import Decision, Verdict
from invitekit.policy._limits import NO_LIMIT
from invitekit.policy._outlook import Blocker
from invitekit.rules._rule import IfUnknown, Leaf, Rule

if TYPE_CHECKING:
    from invitekit.policy._plan import Plan

__all__ = ["Change", "PlanDiff", "Summary", "Why", "compare", "summarise"]


@attrs.frozen(kw_only=True, repr=False)
class Summary:
    """How many open sent invitations a plan withdraws, defers, leaves undecided and keeps.

    Args:
        withdraw: How many are withdrawn.
        defer: How many wait because of a limit.
        undecided: How many cannot be decided from this source.
        keep: How many are kept.
        held_out: How many of those would be withdrawn but for the policy's holdout.
        notes: What stands in the way of deciding more, and what to do about it.
        blockers: Why the plan may not be applied.
    """

    withdraw: int
    defer: int
    undecided: int
    keep: int
    held_out: int = 0
    notes: tuple[str, ...] = ()
    blockers: tuple[Blocker, ...] = ()

    @property
    def open(self) -> int:
        """How many sent invitations are open."""
        return self.withdraw + self.defer + self.undecided + self.keep

    @property
    def headline(self) -> str:
        """The counts in one line."""
        parts = [f"withdraw {self.withdraw:,}"]
        if self.defer:
            parts.append(f"deferred {self.defer:,}")
        held = f" (of which held out {self.held_out:,})" if self.held_out else ""
        parts.append(f"keep {self.keep:,}{held}")
        if self.undecided:
            parts.append(f"undecided {self.undecided:,}")
        return f"{self.open:,} open: {', '.join(parts)}"

    def to_record(self) -> dict[str, int]:
        """Give the counts as a flat record; what is held out is in it where the policy holds anything out."""
        return {
            "open": self.open,
            "withdraw": self.withdraw,
            "defer": self.defer,
            "undecided": self.undecided,
            "keep": self.keep,
            **({"held_out": self.held_out} if self.held_out else {}),
        }

    def __str__(self) -> str:
        from invitekit._text import plain

        lines = [self.headline]
        lines += [f"  note: {note}" for note in self.notes]
        lines += [f"  may not be applied: {blocker}" for blocker in self.blockers]
        return "\n".join(map(plain, lines))

    __repr__ = __str__

    def details_html(self) -> str:
        """The notes and blockers as an HTML list; empty where there are none."""
        from invitekit._text import escape

        lines = [
            *(f"note: {note}" for note in self.notes),
            *(f"may not be applied: {one}" for one in self.blockers),
        ]
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        return f"<ul>{items}</ul>" if items else ""

    def _repr_html_(self) -> str:
        from invitekit._text import escape

        return f"<p>{escape(self.headline)}</p>{self.details_html()}"


def summarise(plan: Plan) -> Summary:
    """See `Plan.summary`."""
    counts = {verdict: plan.decisions.count(verdict) for verdict in Verdict}
    return Summary(
        withdraw=counts[Verdict.WITHDRAW],
        defer=counts[Verdict.DEFER],
        undecided=counts[Verdict.UNDECIDED],
        keep=counts[Verdict.KEEP],
        held_out=plan.decisions.held_out_count,
        notes=(*plan.notes, *_notes(plan), *_backlog(plan, counts[Verdict.DEFER])),
        blockers=plan.blockers,
    )


def _notes(plan: Plan) -> Iterator[str]:
    undecided = plan.decisions.count(Verdict.UNDECIDED)
    left_open = {leaf.label for rule in (plan.policy.withdraw, plan.policy.keep) for leaf in _left_open(rule)}
    for role, rule in plan.never_known:
        if role == "guard":
            yield _GUARDS.get(rule, f"{rule} is unknown of every open invitation in this source")
            continue
        if rule not in left_open:
            yield f"{rule} ({role}) is unknown of every open invitation in this source, and the policy settles it"
            continue
        yield (
            f"{rule} ({role}) is unknown of every open invitation in this source; "
            f"to settle it, write {rule}.if_unknown(False) or .if_unknown(True) in the policy"
            + ("" if undecided else " (nothing depends on it here)")
        )


def _backlog(plan: Plan, deferred: int) -> Iterator[str]:
    limits = plan.policy.limits
    per_day = [] if limits.per_day is NO_LIMIT else [float(limits.per_day)]
    per_day += [] if limits.per_week is NO_LIMIT else [limits.per_week / 7]
    if deferred and per_day and min(per_day) > 0:
        days = ceil(deferred / min(per_day))
        yield f"what is deferred needs about {several(days, 'more days')} at these limits"


def _left_open(rule: Rule) -> Iterator[Leaf]:
    """The leaves of a rule that no ``if_unknown`` settles."""
    if isinstance(rule, Leaf):
        yield rule
    elif not isinstance(rule, IfUnknown):
        for part in rule.parts:
            yield from _left_open(part)


_GUARDS = {
    "r.acceptance_settled()": (
        "nothing can be withdrawn: this source has no list of connections, so what was accepted cannot be told "
        "from what is pending; read it together with Connections.csv"
    ),
    "r.keep_mark()": (
        "nobody can be compared with your keep-marks: this source gives no identifier of the same kind"
    ),
}


@attrs.frozen(repr=False)
class Why:
    """The explanation of what was decided about one member (or two: one can invite and be invited).

    Args:
        decisions: The decisions.
    """

    decisions: tuple[Decision, ...]

    def _rows(self, decision: Decision) -> list[tuple[object, ...]]:
        return [
            ("→" if reason.decides else "", reason.role, reason.truth, reason.rule or reason.code, reason.text)
            for reason in (*decision.reasons, *decision.follows)
        ]

    def __str__(self) -> str:
        from invitekit._text import plain_table

        return "\n\n".join(
            plain_table(_WHY, self._rows(decision), title=_title(decision), width=100)
            for decision in self.decisions
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        return "".join(
            html_table(_WHY, self._rows(decision), title=_title(decision), width=300)
            for decision in self.decisions
        )


_WHY = ("", "role", "truth", "asked", "what was seen")


def _title(decision: Decision) -> str:
    from invitekit._text import plain

    rank = "" if decision.rank is None else f", place {decision.rank}"
    invitation = decision.invitation
    return plain(f"{invitation.member} ({invitation.direction}, {invitation.id}): {decision.verdict}{rank}")


@attrs.frozen(kw_only=True)
class Change:
    """One difference between two plans.

    Args:
        invitation_id: The invitation.
        member: The other side.
        before: The verdict in the first plan; None where it does not have the invitation.
        after: The verdict in the second plan; None where it does not have the invitation.
    """

    invitation_id: str
    member: Member
    before: Verdict | None
    after: Verdict | None

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record."""
        return {"id": self.invitation_id, "who": str(self.member), "before": self.before, "after": self.after}


@attrs.frozen(repr=False)
class PlanDiff:
    """What changes from one plan to another; empty where they decide alike.

    Args:
        changes: The differences, by the verdict after.
    """

    changes: tuple[Change, ...]

    def __len__(self) -> int:
        return len(self.changes)

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def _rows(self) -> list[tuple[object, ...]]:
        return [
            (change.member, "not there" if change.before is None else change.before,
             "not there" if change.after is None else change.after)
            for change in self.changes
        ]  # fmt: skip

    def __str__(self) -> str:
        from invitekit._text import ROWS_SHOWN, plain_table

        rows = self._rows()
        title = f"{len(rows):,} decisions differ"
        return plain_table(_DIFF, rows[:ROWS_SHOWN], title=title, more=max(len(rows) - ROWS_SHOWN, 0))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from invitekit._text import ROWS_SHOWN, html_table

        rows = self._rows()
        title = f"{len(rows):,} decisions differ"
        return html_table(_DIFF, rows[:ROWS_SHOWN], title=title, more=max(len(rows) - ROWS_SHOWN, 0))


_DIFF = ("who", "before", "after")


def compare(before: Plan, after: Plan) -> PlanDiff:
    """See `Plan.diff`."""
    from invitekit.policy._plan import Plan

    if not isinstance(after, Plan):
        raise DataError(
            f"a plan is compared with a plan, got {type(after).__name__}", hint="For instance before.diff(after)"
        )
    if before.account.same_as(after.account) is Truth.FALSE:
        raise DataError(
            f"the plans are for different accounts: {before.account} and {after.account}",
            hint="Compare plans for one account",
        )
    old, new = before.decisions.verdicts(), after.decisions.verdicts()
    members = {item.id: item.member for plan in (before, after) for item in plan.decisions.invitations}
    changes = [
        Change(invitation_id=key, member=members[key], before=old.get(key), after=new.get(key))
        for key in {**new, **old}
        if old.get(key) is not new.get(key)
    ]
    return PlanDiff(tuple(changes))
