"""What a worklist says, whatever it is written as: where to click, what to know, and what each row tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from invitekit._text import several
from invitekit.model import UNKNOWN
from invitekit.policy._worklist import WorkItem, Worklist
from invitekit.rules._reason import Reason

__all__ = [
    "DESKTOP",
    "LATER_SHOWN",
    "MOBILE",
    "NOBODY",
    "SENT_PAGE",
    "Row",
    "about",
    "facts",
    "origin",
    "rows",
    "what_else",
]

SENT_PAGE: Final = "https://www.linkedin.com/mynetwork/invitation-manager/sent/"
"""LinkedIn's page of sent invitations. Not documented; many public tools used it from 2022 to 2026."""

# As tools and guides tell members; LinkedIn moves its menus now and then.
DESKTOP: Final = ("My network", "Manage (in the Invitations panel)", "Sent", "Withdraw, beside the person")
MOBILE: Final = ("My Network", "Manage my network", "Sent", "Withdraw, beside the person")


LATER_SHOWN: Final = 200
"""How many of those put off a page lists; the rest is counted."""


@attrs.frozen
class Row:
    """What a page tells about one person, besides who it is and since when.

    Args:
        item: The item.
        why: What the policy asked for and found.
        also: What was looked at besides, where it is not the same for everybody.
        first: What to do before withdrawing.
        then: What a withdrawal brings with it.
    """

    item: WorkItem
    why: tuple[str, ...]
    also: tuple[str, ...]
    first: tuple[str, ...]
    then: tuple[str, ...]


def rows(items: Iterable[WorkItem], common: frozenset[str]) -> Iterator[Row]:
    """Say of each item what is not said once for all.

    Args:
        items: The items.
        common: What is said once for all, as `about` gives it.
    """
    for item in items:
        because = item.decision.because
        said = {reason.code for reason in because if reason.role == "withdraw"}
        yield Row(
            item,
            why=_texts(reason for reason in because if reason.role == "withdraw") or item.why,
            also=_texts(
                reason
                for reason in because
                if reason.role in ("keep", "guard")
                and reason.text not in common
                and reason.code not in said
                and not _is_minimum(reason)
            ),
            first=_texts(reason for reason in item.follows if reason.code == "write-first"),
            then=tuple(map(_briefly, (reason for reason in item.follows if reason.code != "write-first"))),
        )


def about(worklist: Worklist) -> tuple[tuple[str, ...], frozenset[str]]:
    """What holds of everybody on the list, so that it need not stand in every row.

    Returns:
        What to say, and the texts that thereby need not be said of each.
    """
    if not worklist.items:
        return (), frozenset()
    first = worklist.items[0].decision.because
    shared = {reason.text for reason in first if reason.role in ("keep", "guard")}
    for item in worklist.items:
        shared.intersection_update(reason.text for reason in item.decision.because)
    minimum = [
        f"invited more than {several(int(float(reason.parameters['threshold_days'] or 0)), 'days')} ago"
        for reason in first
        if _is_minimum(reason)
    ]
    texts = [reason.text for reason in first if reason.text in shared and not _is_minimum(reason)]
    return tuple(dict.fromkeys(minimum + texts)), frozenset(shared)


def _is_minimum(reason: Reason) -> bool:
    """Whether it is the least age, which holds of everybody though the text of it differs."""
    return reason.role == "guard" and reason.code == "older-than"


def _texts(reasons: Iterable[Reason]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason.text for reason in reasons))


def _briefly(reason: Reason) -> str:
    brief = {
        "irreversible": "cannot be undone",
        "re-invite-from": f"invite again from about {reason.parameters.get('date')}",
    }
    return brief.get(reason.code, reason.text)


def facts(worklist: Worklist) -> tuple[tuple[str, str], ...]:
    """What is to be known before starting, each with a few words to find it by."""
    day, taken = worklist.now.date().isoformat(), worklist.taken_at.date().isoformat()
    missing = (
        "they accepted or declined, or the invitation expired or was withdrawn before. There is nothing to "
        "withdraw: note “already accepted” or “not found” as the result, and leave it."
    )
    pending = (
        f"The source of this list ({worklist.source}) does not say what is still pending, only who was invited "
        f"and is not known to have accepted by {taken}. If somebody is not on your Sent page, {missing}"
        if worklist.is_presumed
        else f"These invitations were listed as pending on {taken}. If somebody is no longer on your Sent page, "
        f"{missing}"
    )
    final = (
        "A withdrawal is final, and LinkedIn does not let you invite the same person again for up to three weeks. "
        f"The dates below count from {day}; if you withdraw later, they move by as many days."
    )
    allowance = (
        "Withdrawing makes the pile of pending invitations smaller. It gives no invitation of this week back, and "
        "it lifts no restriction."
    )
    return (
        ("Only presumed pending" if worklist.is_presumed else "Pending when listed", pending),
        ("Cannot be undone", final),
        ("Frees no weekly allowance", allowance),
    )


NOBODY: Final = "Nobody is to be withdrawn under this policy now."
"""What an empty list says."""


def what_else(worklist: Worklist) -> tuple[str, ...]:
    """What is said about those who are not on the list: how many cannot be decided, and the notes of the plan."""
    count = worklist.undecided
    left = f"{count:,} cannot be decided from this source and {'is' if count == 1 else 'are'} left alone"
    return ((left,) if count else ()) + worklist.notes


def origin(worklist: Worklist) -> Iterator[tuple[str, str]]:
    """Where the list comes from."""
    if worklist.account.name is not UNKNOWN or worklist.account.identifiers:
        yield "Account", str(worklist.account)
    yield "Made for", worklist.now.date().isoformat()
    yield "Policy", worklist.policy
    yield "Source", f"{worklist.source}, {worklist.taken_at.date().isoformat()}"
