"""From outcomes to entries: what was withdrawn by hand, or found accepted or missing by whoever looked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from invitekit.history._case import Case
from invitekit.history._entry import Kind, Span, micros
from invitekit.history._notes import Notes
from invitekit.history._state import Account, State
from invitekit.model import UNKNOWN, Direction, Evidence, Outcome, Result, Status, Truth

__all__ = ["settle"]


_ENOUGH: Final = 2
"""How many complete listings outweigh somebody's word; one may lag."""


def settle(state: State, outcomes: Iterable[Outcome], account: Account | None, at: int) -> Notes:
    """Take up what came of withdrawals.

    Whoever works through a worklist reads one person after the other, so their word is evidence: accepted, or no
    longer listed. What was left alone, refused or is not known says nothing about the invitation.

    Args:
        state: What is known; it is carried on.
        outcomes: What came of each.
        account: Whose invitations they are; None to look in all accounts.
        at: When this became known, µs: nothing happened later than that.
    """
    notes = Notes(state, account, at)
    for outcome in outcomes:
        if outcome.result in (Result.NOT_REACHED, Result.REFUSED, Result.UNKNOWN):
            continue
        places = [account] if account is not None else list(state.accounts.values())
        found = [(place, case) for place in places if (case := _find(place, outcome)) is not None]
        if len(found) != 1:
            code, why = ("not-in-ledger", "no") if not found else ("several-accounts", "more than one")
            notes.set_aside(
                code,
                f"{why} account in this ledger has such an invitation: record its snapshot first, or name "
                "the account",
                outcome.invitation_id,
            )
            continue
        notes.account, case = found[0]
        if (wrong := _impossible(case, outcome, at)) is not None:
            notes.set_aside(*wrong, outcome.invitation_id)
            continue
        _settle(notes, notes.account, case, outcome)
    notes.account = account
    return notes


def _find(account: Account, outcome: Outcome) -> Case | None:
    case = account.by_id.get(outcome.invitation_id)
    if case is not None:
        return case
    for person in account.people.matches(outcome.member):
        if person.member.same_as(outcome.member) is Truth.TRUE:
            for one in reversed(person.cases):
                sent_by_then = outcome.at is UNKNOWN or one.sent[0] <= micros(outcome.at)
                if one.direction is Direction.SENT and sent_by_then:
                    return one
    return None


def _impossible(case: Case, outcome: Outcome, at: int) -> tuple[str, str] | None:
    """Why an outcome cannot be about this invitation, or cannot be known: code and text; None where it can."""
    if outcome.at is UNKNOWN:
        return None
    moment = micros(outcome.at)
    if moment > at:
        return "future-outcome", "it is said to have happened later than it was written down"
    if moment < case.sent[0]:
        return "before-sent", "it is said to have happened before the invitation was sent"
    return None


def _settle(notes: Notes, account: Account, case: Case, outcome: Outcome) -> None:
    when = _when(account, case, outcome, notes.at)
    if outcome.result is Result.WITHDRAWN:
        if case.status is Status.WITHDRAWN:
            narrower = case.known[0] <= when[0] and when[1] <= case.known[1] and when != case.known
            if not narrower or outcome.at is UNKNOWN:
                return
        if case.status is Status.ACCEPTED:
            notes.notice(
                "accepted-and-withdrawn",
                "it was written down as withdrawn, and they are a connection",
                outcome.invitation_id,
            )
            return
        shown = sum(1 for look in account.sights(case) if look.settles and look.at > when[1])
        if shown >= _ENOUGH:
            notes.notice(
                "still-listed",
                "it was written down as withdrawn, and complete listings show it since",
                outcome.invitation_id,
            )
            return
        notes.conclude(Kind.WITHDRAWN, case, when, Evidence.REPORTED)
    elif case.is_open:
        accepted = outcome.result is Result.SKIPPED and outcome.why == "accepted"
        gone = outcome.result is Result.ALREADY_GONE or outcome.why == "not-listed"
        if accepted:
            notes.conclude(Kind.ACCEPTED, case, when, Evidence.REPORTED)
        elif gone:
            notes.conclude(Kind.GONE, case, when, Evidence.REPORTED)


def _when(account: Account, case: Case, outcome: Outcome, at: int) -> Span:
    """Between when and when it happened.

    A withdrawal happened at the time written down, if there is one. What somebody found had happened by then,
    since it was last seen otherwise; an export shows that it was not accepted, but not that it was still listed.
    """
    done = outcome.result is Result.WITHDRAWN
    until = at if outcome.at is UNKNOWN else micros(outcome.at)
    if done and outcome.at is not UNKNOWN:
        return until, until
    if not case.is_open:
        return min(case.known[0], until), min(case.known[1], until)  # It had left the list by then.
    vanished = not done and outcome.why != "accepted"
    look = account.last_seen(case, listed=vanished or case.evidence.leaves_acceptance_open)
    floor = look.at if look is not None else case.sent[0]
    return min(max(floor, case.sent[0]), until), until
