"""What a plan should not keep to itself: rows nobody could read, marks nobody carries, rules nothing satisfies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from invitekit.model import Completeness, Snapshot, Truth
from invitekit.policy._context import Context
from invitekit.rules._people import KnownContact, Tagged
from invitekit.rules._rule import Leaf
from invitekit.rules._state import StatusIs

__all__ = ["about_context", "about_extent", "about_source"]

_HARMLESS: Final = frozenset({"hidden-connection", "duplicate-row"})
"""Why a row is set aside without anything being lost that a plan would have needed."""


def about_source(snapshot: Snapshot) -> Iterator[str]:
    """Say which files are missing, and which rows could not be used."""
    for finding in snapshot.findings:
        if finding.code == "no-invitations-file":
            yield finding.text
    for file in snapshot.files:
        lost = {code: count for code, count in file.reasons.items() if code not in _HARMLESS}
        if lost:
            why = ", ".join(f"{count:,} {code}" for code, count in lost.items())
            yield (
                f"{sum(lost.values()):,} of {file.rows:,} rows of {file.file} could not be used ({why}): "
                "see snapshot.findings"
            )


def about_context(roles: Sequence[tuple[str, Leaf]], context: Context) -> Iterator[str]:
    """Say which tags nobody carries, and how many contacts cannot be found (see `Context.resolve`)."""
    for role, leaf in roles:
        if isinstance(leaf, Tagged) and not len(context.tags.get(leaf.tag, ())):
            there = ", ".join(map(repr, context.tags)) or "none"
            yield f"{leaf.label} ({role}) asks for a tag that nobody in the context carries (tags there: {there})"
    if context.emails and any(isinstance(leaf, KnownContact) for _, leaf in roles):
        yield (
            f"{len(context.emails):,} of the contacts are e-mail addresses that no connection shows, so they "
            "protect nobody here; give slugs or profile addresses"
        )


def about_extent(
    roles: Sequence[tuple[str, Leaf]], seen: Mapping[tuple[str, Leaf], frozenset[Truth]], snapshot: Snapshot
) -> Iterator[str]:
    """Say which rule is in the way where a policy selects nothing.

    Args:
        roles: The leaves with their roles.
        seen: The truths that each leaf has among the open invitations.
        snapshot: What was judged.
    """
    for role, leaf in roles:
        truths = seen.get((role, leaf), frozenset())
        if role == "withdraw" and truths and Truth.TRUE not in truths and truths != {Truth.UNKNOWN}:
            hint = ""
            if isinstance(leaf, StatusIs) and snapshot.completeness is Completeness.LOG:
                hint = "; an export shows 'presumed-pending' and never 'pending'"
            yield f"{leaf.label} (withdraw) is true of no open invitation{hint}"
        elif role == "keep" and truths == {Truth.TRUE}:
            yield f"{leaf.label} (keep) is true of every open invitation"
