"""The enumerations of the domain. Their values are the words used in documents, tables and reason codes."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Cause", "Completeness", "Direction", "Evidence", "Result", "Status"]


class Direction(StrEnum):
    """Who invited whom."""

    SENT = "sent"
    """The account invited the member (an export calls it ``OUTGOING``)."""
    RECEIVED = "received"
    """The member invited the account (an export calls it ``INCOMING``)."""


class Status(StrEnum):
    """What became of an invitation, as far as anybody outside can know."""

    PENDING = "pending"
    """A service lists it as pending."""
    PRESUMED_PENDING = "presumed-pending"
    """A log shows that it was sent and does not show that it was accepted. It may as well have been ignored,
    withdrawn or have expired, or the two may have connected and parted again: a log cannot tell these apart."""
    ACCEPTED = "accepted"
    """Positive evidence: the two are connected."""
    WITHDRAWN = "withdrawn"
    """Positive evidence: we, or the account's own change log, withdrew it."""
    GONE = "gone"
    """It left the pending list without becoming a connection. Statistics call this "closed"."""

    @property
    def is_open(self) -> bool:
        """Whether an answer may still come: pending or presumed pending."""
        return self in (Status.PENDING, Status.PRESUMED_PENDING)


class Evidence(StrEnum):
    """What a status rests on, strongest first."""

    LISTED = "listed"
    """A service lists the invitation."""
    CONNECTED = "connected"
    """The member is among the connections, by an identifier."""
    CONNECTED_BY_NAME = "connected-by-name"
    """The member is among the connections by a display name that is unique in both files; weaker, since a name
    is not an identity, but all that a five-column export offers."""
    NOT_CONNECTED = "not-connected"
    """A log shows it was sent, and its identifier is not among the connections."""
    NOT_CONNECTED_BY_NAME = "not-connected-by-name"
    """As above, but only the display name could be looked up; weaker."""
    AMBIGUOUS_NAME = "ambiguous-name"
    """The display name is among the connections but stands more than once, so who accepted cannot be told."""
    NO_CONNECTIONS = "no-connections"
    """A log shows it was sent, and there was no list of connections to look it up in."""
    DAMAGED_CONNECTIONS = "damaged-connections"
    """A log shows it was sent, and it is not among the connections, of which some could not be read."""

    NOT_LISTED = "not-listed"
    """Two complete listings in a row do not show it, and no source shows the two connected."""
    SUPERSEDED = "superseded"
    """A later invitation to the same member exists; nobody can have two pending ones."""
    REPORTED = "reported"
    """The account's owner looked at this one member and wrote down what they saw, or did."""

    @property
    def leaves_acceptance_open(self) -> bool:
        """Whether this evidence cannot exclude that the invitation has been accepted already."""
        return self in (Evidence.AMBIGUOUS_NAME, Evidence.NO_CONNECTIONS, Evidence.DAMAGED_CONNECTIONS)


class Cause(StrEnum):
    """Why an invitation is gone, on positive evidence only."""

    IGNORED = "ignored"
    """The other side said no."""
    EXPIRED = "expired"
    """It grew too old."""
    WITHDRAWN_ELSEWHERE = "withdrawn-elsewhere"
    """The account withdrew it by other means than ours."""


class Completeness(StrEnum):
    """How much of the pending invitations a snapshot is known to hold."""

    COMPLETE = "complete"
    """A listing read to its end, with nothing that contradicts it."""
    PARTIAL = "partial"
    """A listing known to miss something."""
    UNKNOWN = "unknown"
    """A listing of which nobody can say."""
    LOG = "log"
    """A data export: a log of about 180 days, not a listing. Absence from it says nothing."""


class Result(StrEnum):
    """What came of the attempt to withdraw one invitation."""

    WITHDRAWN = "withdrawn"
    """Done."""
    ALREADY_GONE = "already-gone"
    """It was no longer there; nobody can say why."""
    REFUSED = "refused"
    """The service would not."""
    UNKNOWN = "unknown"
    """Nobody knows whether it was done; only reading can settle it."""
    SKIPPED = "skipped"
    """Not attempted, for a reason that stands beside it: accepted, not listed, not matched."""
    NOT_REACHED = "not-reached"
    """Not sent, or proven not to have been done."""
