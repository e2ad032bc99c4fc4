"""``Invitations.csv``: a log of about 180 days, without a status; the status comes from the connections.

The log holds what was sent and received, accepted or not (measured on member exports: every connection of the last
170 days has its row). So a row whose member is among the connections is accepted, and any other is only *presumed*
pending: it may as well have been ignored, withdrawn, or have expired.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from hashlib import blake2b
from typing import Any, Final

import attrs

from invitekit._zones import PACIFIC_NAME, zone_of
from invitekit.dialects.export._account import Account, account_key
from invitekit.dialects.export._columns import INVITATIONS, Header, header_of
from invitekit.dialects.export._connections import ConnectionIndex
from invitekit.dialects.export._dates import SentReader, UnreadableDate
from invitekit.dialects.export._join import Join
from invitekit.dialects.export._log import Aside, FileLog
from invitekit.dialects.export._people import NAME_LIMIT, composed, identify, name_key, plain_slug
from invitekit.dialects.export._records import records
from invitekit.errors import DataError
from invitekit.model import EXPIRY, UNKNOWN, Direction, Evidence, Interval, Invitation, Member, Status, Unknown
from invitekit.model._interval import as_utc
from invitekit.model._invitation import DERIVED_ID, trusted_invitation
from invitekit.model._member import trusted_member

__all__ = ["InvitationLog", "Premises", "read_invitations"]


_AHEAD: Final = timedelta(days=1)
"""How far a row may lie beyond the moment of the export before that is remarkable: zones explain a day."""

_NOTES: Final = 4_096
"""How many notes are remembered; most are templates, and one text serves all their rows."""

_NOTE_LIMIT: Final = 10_000
"""How many characters a note may have; as `NAME_LIMIT`."""

_DAY_FIRST: Final = (
    "the date has its day before its month, as no export has: a spreadsheet has probably saved the file again; "
    "download a fresh export"
)
_NO_DATE: Final = "the date of sending cannot be read; an export has it like 6/5/24, 5:42 PM"


@attrs.frozen(kw_only=True)
class Premises:
    """What must be known of a whole file before its first row can be read right.

    A first reading without any tells them (`InvitationLog.premises`); where they differ from those it was made
    with, the file is read once more. Reading in one go, as a stream, does without: see `read_invitations`.

    Args:
        owner: Whose file it is; None for that of the first row.
        repeated: The names that stand in more than one row, so that nobody can be told by them. None: not known,
            so that no name counts as unique.
        either_order: Whether the file seems to have been saved again with the day before the month, so that
            ``6/5/24`` may mean either, and ``06.05.2024`` too where it stands among such dates.
    """

    owner: Member | None = None
    repeated: frozenset[str] | None = None
    either_order: bool = False


class InvitationLog(FileLog):
    """What is written down while ``Invitations.csv`` is read.

    Args:
        file: The file or archive member, as the findings should call it.
        remarks: Whether what concerns rows that are used is written down, too.
        row_limit: How many rows the file may have; by default any number.

    Attributes:
        owner: The account; known after the last row, as is what follows.
        premises: What the file should have been read with.
    """

    def __init__(
        self, file: str = "Invitations.csv", *, remarks: bool = True, row_limit: int = sys.maxsize
    ) -> None:
        super().__init__(file, remarks=remarks, row_limit=row_limit)
        self.owner = Member()
        self.premises = Premises()


def read_invitations(
    lines: Iterable[str],
    *,
    taken_at: datetime,
    connections: ConnectionIndex | None = None,
    zone: str | tzinfo = PACIFIC_NAME,
    log: InvitationLog | None = None,
    seen: set[str] | None = None,
    premises: Premises | None = None,
) -> Iterator[Invitation]:
    """Read the invitations of an export, one by one, in memory that does not grow with the file.

    In one go nothing is known of the rows further down, so the account is that of the first row, and where rows
    must be joined by name, no name is taken as unique. `invitekit.readers.read_export`, which holds the file,
    reads it again where that matters.

    Args:
        lines: The lines of the file from the first, with their ends, as ``open(..., newline="")`` gives them.
        taken_at: When the export was made; aware. It becomes ``as_of`` of every invitation.
        connections: The connections to look the members up in; None where there is no such file.
        zone: The zone of ``Sent At``; US Pacific in every export measured.
        log: Where findings go and rows are counted.
        seen: The ids read before, to set repeated rows aside; those read here are added. None (the default):
            repeats are not looked for, which is what keeps the memory constant.
        premises: What is known of the whole file.

    Raises:
        ArchiveError: The file has no such header, or most of it cannot be read.
        DataError: `taken_at` has no time zone, or there is no such zone.
        MissingExtraError: This system carries no data about the zone.
    """
    premises = premises or Premises()
    reading = _Reading(
        taken_at=as_utc(taken_at),
        dates=SentReader(zone_of(zone), either_order=premises.either_order, share=seen is not None),
        connections=connections,
        log=InvitationLog() if log is None else log,
        seen=seen,
        premises=premises,
    )
    return reading.read(iter(lines))


class _Reading:
    """One reading of one file."""

    def __init__(
        self,
        *,
        taken_at: datetime,
        dates: SentReader,
        connections: ConnectionIndex | None,
        log: InvitationLog,
        seen: set[str] | None,
        premises: Premises,
    ) -> None:
        self._taken_at = taken_at
        self._now = Interval.at(taken_at)
        self._expired, self._ahead = taken_at - EXPIRY, taken_at + _AHEAD
        self._dates = dates
        self._connections = connections
        self._join = Join(connections, premises.repeated)
        self._account = Account(premises.owner)
        self._log = log
        self._seen = seen
        self._premises = premises
        self._id_starts: dict[Direction, blake2b] = {}
        self._notes: dict[str, str] = {}
        # Rows without an identifier, of which only one that is the same throughout is a repetition.
        self._rows: set[tuple[str, str, str, str | None]] = set()

    def read(self, lines: Iterator[str]) -> Iterator[Invitation]:
        """Give the invitations; what concerns the whole file is written down after the last."""
        log, invitation = self._log, self._invitation
        header = log.header = header_of(lines, INVITATIONS, log.file)
        used = own_rows = 0
        owned_by = ""
        try:
            for line, cells in records(lines, header, log, _picker(header)):
                sender, receiver, sent, note, word, inviter, invitee = cells
                try:
                    direction = _WORDS.get(word) or _direction(word, cells)
                    if direction is not _SENT:
                        sender, receiver, inviter, invitee = receiver, sender, invitee, inviter
                    # Nearly every row spells the account as the one above did.
                    if (inviter or sender) != owned_by:
                        self._account.check(inviter or "", sender)
                        owned_by = inviter or sender
                    own_rows += 1
                    item = invitation(line, direction, invitee, receiver, sent, note)
                except Aside as why:
                    log.set_aside(why.code, why.text, line)
                except UnreadableDate as why:
                    log.set_aside("unreadable-date", _DAY_FIRST if why.day_first else _NO_DATE, line)
                else:
                    used += 1
                    yield item
        finally:
            log.used = used
        self._conclude(own_rows)

    def _invitation(  # noqa: PLR0917  # keywords would cost a tenth of the whole reading
        self, line: int, direction: Direction, address: str | None, name: str, sent: str, note: str | None
    ) -> Invitation:
        """Make one row an invitation; `address` and `name` are those of the other side."""
        if len(name) > NAME_LIMIT or (note and len(note) > _NOTE_LIMIT):
            raise Aside("row-too-long", f"a name above {NAME_LIMIT:,} characters, or a note above {_NOTE_LIMIT:,}")
        if not name.isascii():
            name = composed(name)
        key = plain_slug(address) if address else ""
        slug: str | Unknown = key
        urn: str | Unknown = UNKNOWN
        if not key:
            slug, urn, key = _identity(address or "", name)
        try:
            sent_at, minute = self._dates.read(sent)
        except UnreadableDate:
            self._join.count(name)
            raise
        # An export has no ids. This one is the same whenever the same row is read; it stands for account,
        # direction, member and minute, and nothing can be taken out of it again.
        digest = (self._id_starts.get(direction) or self._id_start(direction)).copy()
        digest.update(f"{key}\n{minute}".encode())
        id_ = f"{DERIVED_ID}{digest.hexdigest()}"
        if self._seen is not None:
            if id_ in self._seen:
                if slug is urn is UNKNOWN and (id_, name, sent, note) not in self._rows:
                    self._rows.add((id_, name, sent, note))
                    self._join.count(name)
                    raise Aside("same-name-same-minute", _SAME_NAME)
                raise Aside("duplicate-row", "the same invitation stands further up already")
            self._seen.add(id_)
            if slug is urn is UNKNOWN:
                self._rows.add((id_, name, sent, note))

        connection, evidence = None, _NO_CONNECTIONS
        company: str | Unknown = UNKNOWN
        title: str | Unknown = UNKNOWN
        if self._connections is not None:
            if self._join.by_slug is None or slug is UNKNOWN:
                connection, evidence = self._join.by_name(name)
            else:
                connection = self._join.by_slug.get(slug)
                evidence = _CONNECTED if connection is not None else self._join.unmatched(name)
        remarkable = not self._expired < sent_at.earliest <= self._ahead or evidence is _AMBIGUOUS_NAME

        said: str | Unknown = UNKNOWN if note is None else note and (self._notes.get(note) or self._share(note))
        if connection is None:
            status, known_at = _PRESUMED_PENDING, self._now
            member = trusted_member(name.strip() or UNKNOWN, slug, urn)
        else:
            status, known_at = _ACCEPTED, connection.connected_at
            member = connection.member
            if member.name != name or member.slug != slug or urn is not UNKNOWN:
                member = trusted_member(name.strip() or UNKNOWN, slug, urn)
            company, title = connection.company, connection.position
            remarkable = remarkable or known_at.latest < sent_at.earliest
        item = trusted_invitation(
            id_,
            member,
            direction,
            sent_at,
            said,
            status,
            evidence,
            self._taken_at,
            known_at,
            UNKNOWN,  # cause
            UNKNOWN,  # mutual connections
            company,
            title,
        )
        if remarkable:
            self._remark(item, line)
        return item

    def _id_start(self, direction: Direction) -> blake2b:
        start = f"{account_key(self._account.owner)}\n{direction}\n"
        digest = self._id_starts[direction] = blake2b(start.encode("utf-8", "backslashreplace"), digest_size=10)
        return digest

    def _share(self, note: str) -> str:
        said = composed(note)
        if len(self._notes) < _NOTES:
            self._notes[note] = said
        return said

    def _remark(self, item: Invitation, line: int) -> None:
        """Write down what weakens an invitation that is used all the same."""
        codes: list[str] = []
        if item.evidence is _AMBIGUOUS_NAME:
            codes.append("ambiguous-name")
        if item.sent_at.earliest > self._ahead:
            codes.append("future-date")
        if item.status is _ACCEPTED and item.known_at.latest < item.sent_at.earliest:
            codes.append("connected-before-sent")
        if item.status is _PRESUMED_PENDING and item.sent_at.latest < self._expired:
            codes.append("past-expiry")
        for code in codes:
            self._log.notice(code, _REMARKS[code], line, about=item.id)

    def _conclude(self, own_rows: int) -> None:
        account, log = self._account, self._log
        log.owner = account.owner
        if account.others:
            log.notice(
                "several-accounts",
                f"the rows belong to {len(account.others) + 1} accounts; only those of one were used",
            )
        if self._premises.either_order:
            log.notice("day-first", _REMARKS["day-first"])
        likeliest = account.likeliest(own_rows)
        log.premises = Premises(
            owner=self._premises.owner if likeliest is account.owner else likeliest,
            repeated=self._join.repeated(),
            either_order=self._dates.day_first > self._dates.month_first or self._dates.mixed,
        )


_WORDS: Final = {"OUTGOING": Direction.SENT, "INCOMING": Direction.RECEIVED}

# Looking a member up in its enumeration costs more than a tenth of a row on Python 3.11.
_SENT: Final = Direction.SENT
_ACCEPTED: Final = Status.ACCEPTED
_PRESUMED_PENDING: Final = Status.PRESUMED_PENDING
_CONNECTED: Final = Evidence.CONNECTED
_NO_CONNECTIONS: Final = Evidence.NO_CONNECTIONS
_AMBIGUOUS_NAME: Final = Evidence.AMBIGUOUS_NAME

_SAME_NAME: Final = (
    "an invitation further up has the same name and minute and differs otherwise; without an address the two "
    "people cannot be told apart, so only the first is used"
)

_REMARKS: Final = {
    "ambiguous-name": "the name is among the connections, but it stands more than once in one of the "
    "two files, or there without a profile address, so whether this invitation was accepted cannot be told",
    "past-expiry": "sent more than 180 days before the export and not accepted; it has probably expired already",
    "future-date": "sent more than a day after the export was taken, which cannot be",
    "connected-before-sent": "the two were connected already on the day before it was sent, at the latest",
    "day-first": "some dates have the day before the month, as no export has, so a spreadsheet has probably saved "
    "the file again; where a date may be read either way, both readings are kept. Better: download a fresh export",
}


def _picker(header: Header) -> Callable[[list[str]], tuple[Any, ...]]:
    """Take the cells that are read out of a row; the last two say who invites and who is invited."""
    common = ("From", "To", "Sent At", "Message", "Direction")
    addresses = ("inviterProfileUrl", "inviteeProfileUrl")
    urns = ("inviterProfileUrn", "inviteeProfileUrn")
    if not any(column in header for column in urns):
        return header.picker(*common, *addresses)
    if not any(column in header for column in addresses):
        return header.picker(*common, *urns)
    pick = header.picker(*common, *addresses, *urns)

    def joined(row: list[str]) -> tuple[Any, ...]:
        *cells, inviter, invitee, inviter_urn, invitee_urn = pick(row)
        return (*cells, f"{inviter or ''} {inviter_urn or ''}", f"{invitee or ''} {invitee_urn or ''}")

    return joined


def _direction(word: str, cells: Iterable[str | None]) -> Direction:
    """Read a direction that is not spelt as usual."""
    direction = _WORDS.get(word.strip().upper())
    if direction is None:
        if not any(cell and cell.strip() for cell in cells):
            raise Aside("empty-row", "all its cells are empty")
        raise Aside("unknown-direction", "the direction is neither OUTGOING nor INCOMING")
    return direction


def _identity(address: str, name: str) -> tuple[str | Unknown, str | Unknown, str]:
    """Give slug, URN and what stands for the member in an id, where the address is unusual or missing."""
    try:
        slug, urn = identify(address)
    except DataError:
        raise Aside("unreadable-profile", "the profile address is none, so nobody can be told by it") from None
    if urn is not UNKNOWN:
        return slug, urn, urn
    if slug is not UNKNOWN:
        return slug, urn, slug
    if not name.strip():
        raise Aside("no-member", "says neither a name nor a profile address")
    # Lines that somebody decoded with "surrogateescape" must not break the id.
    return slug, urn, f"name:{name_key(name)}".encode("utf-8", "backslashreplace").decode()
