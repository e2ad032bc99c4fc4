"""The plan: every decision with its reasons. It is the dry run, and a value: looking at it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Completeness, Invitation, Member
from invitekit.model._collection import columns_of
from invitekit.policy._decision import Chosen, Decision, Decisions, Verdict
from invitekit.policy._outlook import Blocker
from invitekit.policy._policy import Policy

if TYPE_CHECKING:
    from invitekit.policy._views import PlanDiff, Summary, Why
    from invitekit.policy._worklist import Worklist

__all__ = ["Plan"]


@attrs.frozen(kw_only=True, repr=False)
class Plan:
    """What a policy decides about every invitation of one snapshot.

    Args:
        policy: The policy.
        account: Whose invitations these are.
        source: What kind of source the snapshot came from.
        completeness: How much of the pending invitations the snapshot is known to hold.
        taken_at: When the source said so; aware UTC.
        now: The moment that was judged at; aware UTC.
        decisions: One decision for every invitation, what is withdrawn first.
        blockers: Why the plan may not be applied; empty when it may.
        never_known: The rules that were unknown of every open invitation, each with its role.
        notes: What else should be known before it is believed: rows that could not be read, tags nobody carries.
    """

    policy: Policy
    account: Member
    source: str
    completeness: Completeness
    taken_at: datetime
    now: datetime
    decisions: Decisions
    blockers: tuple[Blocker, ...] = ()
    never_known: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_applicable(self) -> bool:
        """Whether nothing forbids applying it."""
        return not self.blockers

    @property
    def withdrawals(self) -> Chosen:
        """What is to be withdrawn, in order."""
        return self.decisions.of_verdict(Verdict.WITHDRAW)

    @property
    def deferred(self) -> Chosen:
        """What would be withdrawn next, in order."""
        return self.decisions.of_verdict(Verdict.DEFER)

    @property
    def undecided(self) -> Chosen:
        """What cannot be decided from this source."""
        return self.decisions.of_verdict(Verdict.UNDECIDED)

    @property
    def held_out(self) -> Chosen:
        """What would be withdrawn, but is left until it ends by itself: the holdout of the policy."""
        return self.decisions.held_out

    @property
    def digest(self) -> str:
        """A fingerprint of all of it (SHA-256, hexadecimal): equal for equal plans, on every machine."""
        from invitekit.policy._digest import digest

        return digest(self)

    def summary(self) -> Summary:
        """Count the open sent invitations by verdict, and say what stands in the way of deciding more."""
        from invitekit.policy._views import summarise

        return summarise(self)

    def why(self, who: Member | Invitation | Decision | str) -> Why:
        """Explain what was decided about somebody: each rule, its truth, what it looked at.

        Args:
            who: A slug, a profile address, a URN or the id of an invitation; or a member, an invitation or a
                decision. A display name is no identity; the error for one names the slugs behind it.

        Raises:
            DataError: Nobody like that is in the plan.
        """
        from invitekit.policy._views import Why

        asked = who.invitation if isinstance(who, Decision) else who
        known = asked.id if isinstance(asked, Invitation) else asked
        ids = {item.id for item in self.decisions.invitations if item.id == known}
        if not ids and (wanted := _identifiers(known)):
            ids = {item.id for item in self.decisions.invitations if wanted & _identifiers(item.member)}
        if not ids:
            # An address that somebody typed does not belong into an error, which may be logged.
            shown = "known by an e-mail address" if "@" in str(known) else repr(str(known)[:80])
            raise DataError(
                f"nobody in this plan is {shown}", hint=_nearest(known, self.decisions), key="plan.why"
            )
        return Why(self.decisions.about(frozenset(ids)))

    def diff(self, other: Plan) -> PlanDiff:
        """Say what changes from this plan to another: verdicts, and invitations that only one of them has.

        Raises:
            DataError: `other` is no plan, or for another account.
        """
        from invitekit.policy._views import compare

        return compare(self, other)

    def worklist(self) -> Worklist:
        """What is to be withdrawn by the member's own hand, with links, reasons and steps."""
        from invitekit.policy._worklist import Worklist

        return Worklist.of(self)

    def to_records(self) -> list[dict[str, Any]]:
        """Give the decisions as flat dicts, all with the same keys."""
        return [decision.to_record() for decision in self.decisions]

    def to_columns(self) -> dict[str, list[Any]]:
        """Give the decisions as one list per field, as dataframe constructors take them."""
        return columns_of(self.to_records())

    def _rows(self) -> list[tuple[object, ...]]:
        from invitekit._text import ROWS_SHOWN

        return [
            (
                decision.rank or "",
                decision.verdict.value,
                decision.invitation.member,
                decision.invitation.sent_at,
                decision.why,
            )
            for decision in self.decisions[:ROWS_SHOWN]
        ]

    def __repr__(self) -> str:
        from invitekit._text import plain_table

        rows = self._rows()
        more = len(self.decisions) - len(rows)
        title = f"Plan {self.policy.name!r}: {self.summary()}"
        return plain_table(_COLUMNS, rows, title=title, more=more, width=64)

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        rows = self._rows()
        summary = self.summary()
        title = f"Plan {self.policy.name!r}: {summary.headline}"
        table = html_table(_COLUMNS, rows, title=title, more=len(self.decisions) - len(rows), width=200)
        return summary.details_html() + table

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "policy", self.policy.name
        yield "summary", self.summary().headline
        yield "decisions", self.decisions


_COLUMNS = ("rank", "verdict", "who", "sent", "because")


def _identifiers(who: Member | str) -> set[tuple[str, str]]:
    """The identifiers that somebody is asked for by; none where the text is not one, as with a display name."""
    try:
        return set(Member.of(who).identifiers.items())
    except DataError:
        return set()


def _nearest(who: Member | str, decisions: Decisions) -> str:
    from difflib import get_close_matches

    text = str(who).strip().casefold()
    members = [item.member for item in decisions.invitations]
    named = [one for one in members if one.name is not UNKNOWN and one.name.casefold() == text]
    if named:
        keys = ", ".join(repr(one.slug if isinstance(one.slug, str) else one.key) for one in named[:3])
        return f"A name is no identity; somebody of this name has the slug or key {keys}"
    near = get_close_matches(text, [one.slug for one in members if isinstance(one.slug, str)], n=1)
    return f"Did you mean {near[0]!r}?" if near else "Give a slug, a profile address, a URN or an invitation's id"
