"""What snapshots imply, remembered: entries, what they add up to, and the story of each invitation.

    snapshots, outcomes, marks  ->  entries  ->  state  ->  timelines, snapshots of a past moment, answers

Entries are all that is kept. A state is their fold, so what a ledger reads back and what it concluded when it
recorded are one computation. Everything here is pure: no file, no clock.
"""

from invitekit.history._accounts import whose
from invitekit.history._case import Mark
from invitekit.history._changes import Changes
from invitekit.history._entry import Entry, Kind, instant, micros
from invitekit.history._marks import MarkRecord, Marks, mark, marks_of
from invitekit.history._notes import Notes
from invitekit.history._observe import observe
from invitekit.history._settle import settle
from invitekit.history._state import Account, State
from invitekit.history._timeline import Event, History, Observation, Timeline, timelines
from invitekit.history._views import (
    MayInvite,
    Sends,
    may_invite,
    sends,
    snapshot_of,
    withdrawals,
)

__all__ = [
    "Account",
    "Changes",
    "Entry",
    "Event",
    "History",
    "Kind",
    "Mark",
    "MarkRecord",
    "Marks",
    "MayInvite",
    "Notes",
    "Observation",
    "Sends",
    "State",
    "Timeline",
    "instant",
    "mark",
    "marks_of",
    "may_invite",
    "micros",
    "observe",
    "sends",
    "settle",
    "snapshot_of",
    "timelines",
    "whose",
    "withdrawals",
]
