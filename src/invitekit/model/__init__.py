"""The values of the domain: frozen, validated when built, with unknown as a value of its own.

`Snapshot` is what a source said at one moment; the rest is what it is made of. Nothing here reads a clock, a
file or a network.
"""

from invitekit.model._collection import (
    Collection,
    Connections,
    Findings,
    Groups,
    Invitations,
    Outcomes,
    Selector,
)
from invitekit.model._connection import Connection
from invitekit.model._facts import COOL_DOWN, EXPIRY
from invitekit.model._finding import FileAccount, Finding
from invitekit.model._interval import Interval, SentAt
from invitekit.model._invitation import Invitation
from invitekit.model._kinds import Cause, Completeness, Direction, Evidence, Result, Status
from invitekit.model._member import Member, People
from invitekit.model._outcome import Outcome
from invitekit.model._service import Capability, ListKind, Page, Standing, Started
from invitekit.model._snapshot import Snapshot
from invitekit.model._unknown import UNKNOWN, Truth, Unknown

__all__ = [
    "COOL_DOWN",
    "EXPIRY",
    "UNKNOWN",
    "Capability",
    "Cause",
    "Collection",
    "Completeness",
    "Connection",
    "Connections",
    "Direction",
    "Evidence",
    "FileAccount",
    "Finding",
    "Findings",
    "Groups",
    "Interval",
    "Invitation",
    "Invitations",
    "ListKind",
    "Member",
    "Outcome",
    "Outcomes",
    "Page",
    "People",
    "Result",
    "Selector",
    "SentAt",
    "Snapshot",
    "Standing",
    "Started",
    "Status",
    "Truth",
    "Unknown",
]
