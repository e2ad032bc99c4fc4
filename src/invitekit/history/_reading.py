"""One snapshot, while it is compared with what is known."""

from __future__ import annotations

from typing import Final

from invitekit.history._entry import Kind, Span, quoted
from invitekit.history._notes import Notes
from invitekit.history._state import Account
from invitekit.model import Completeness, Snapshot, Status

__all__ = ["LEDGER", "OPEN", "Reading"]

LEDGER: Final = "ledger"
"""The source of a snapshot that a ledger made."""

OPEN: Final = tuple(status for status in Status if status.is_open)
"""The statuses of which `Status.is_open` is true; a look into this is quicker, and is taken a million times."""


class Reading:
    """One snapshot, while it is compared with what is known.

    Args:
        notes: Where the difference is written.
        account: What is known of the account.
        snapshot: The snapshot.
    """

    def __init__(self, notes: Notes, account: Account, snapshot: Snapshot) -> None:
        self.notes = notes
        self.account = account
        self.people = account.people
        self.snapshot = snapshot
        self.at = notes.at
        self.is_log = snapshot.completeness is Completeness.LOG
        self.facts_end = ',"log":true}' if self.is_log else f',"source":{quoted(snapshot.source)}}}'
        self.seen: set[int] = set()
        self.told: set[int] = set()
        """The invitations that it has described, and"""
        self.met: dict[int, Span] = {}
        """the people that it has called connections, with the time that it gives, and"""
        self.placed: set[int] = set()
        """those whose work it has named: should it do so again and say something else, its first word stands."""
        looks = account.looks
        self.newest = not looks or self.at >= looks[-1].at
        self.since = max((look.at for look in looks if look.at < self.at), default=None)
        """When the account was last looked at before."""
        self.again = any(
            (look.at, look.source, look.completeness) == (self.at, snapshot.source, snapshot.completeness)
            for look in looks
        )
        self.corrects = self.newest and not self.again
        """Whether its word replaces what was said before; where it is recorded twice, it has done so already."""

    def kind_of(self, sent: Span) -> Kind:
        """What the entry of an invitation sent at this time is: sent since the last look, or only seen now."""
        return Kind.SENT if self.since is not None and sent[0] > self.since else Kind.FIRST_SEEN
