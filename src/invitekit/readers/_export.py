"""Read a whole export into a snapshot."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Final

from invitekit._collector import collector_paused
from invitekit._text import several
from invitekit._zones import PACIFIC_NAME, zone_of
from invitekit.dialects.export import (
    CONNECTIONS,
    INVITATIONS,
    ConnectionIndex,
    FileLog,
    InvitationLog,
    Premises,
    find_header,
    read_connections,
    read_invitations,
    text_lines,
)
from invitekit.errors import ArchiveError
from invitekit.model import Completeness, Connection, FileAccount, Finding, Invitation, Snapshot
from invitekit.model._interval import as_utc
from invitekit.readers._files import ROW_LIMIT, Budget, Source, SourceFile, place
from invitekit.readers._moment import Moment, hints_of, moment_of
from invitekit.readers._open import open_source

__all__ = ["read_export"]

_READINGS: Final = 6
"""How often a file is read at most. Each reading settles what the next one builds on: the account, then what all
its rows tell (repeated names, the order in dates, the newest date), then what follows from those."""


_ANY: Final = datetime(2003, 5, 5, tzinfo=UTC)
"""When nothing tells the moment of the export beforehand, a first reading is made with this one, to find it."""

_NO_CONNECTIONS: Final = Finding(
    code="no-connections-file",
    text=(
        "there is no Connections.csv, so who has accepted is not known: every invitation is presumed pending. "
        "Request the export again with the category Connections, and pass its zip"
    ),
)
_NO_INVITATIONS: Final = Finding(
    code="no-invitations-file",
    text=(
        "there is no Invitations.csv, so there are connections only. Request the export again with the category "
        "Invitations, and pass its zip"
    ),
)
_TOO_EARLY: Final = Finding(
    code="taken-before-newest-row",
    text="the argument taken_at lies before the newest row, so ages come out too small; check it",
)


def read_export(
    source: str | os.PathLike[str] | bytes, *, taken_at: datetime | None = None, zone: str | tzinfo = PACIFIC_NAME
) -> Snapshot:
    """Read a member data export.

    An export is a log of about 180 days, not a list of what is pending: an invitation whose member is among the
    connections is accepted, any other is *presumed* pending (see `invitekit.model.Status`). Times in the answer
    are UTC. Nothing is written, nothing is extracted, and no other file than ``Invitations.csv`` and
    ``Connections.csv`` is opened. Every row is accounted for in ``snapshot.files``, and each that was set aside is
    in ``snapshot.findings``, with its line and the reason.

    Args:
        source: The zip as it was downloaded, a folder it was unpacked to, or a single CSV; or the bytes of a zip
            or of a CSV.
        taken_at: When the export was made; aware. Without it: the time of the files in the zip, else the date in
            its name, whichever is earlier if they lie more than two days apart, else the newest row; the finding
            ``taken-at`` says which. The clock is never asked.
        zone: The zone of ``Sent At``, a name or a tzinfo. US Pacific was found in every export measured; LinkedIn
            documents none.

    Raises:
        ArchiveError: It is not there, cannot be read, is damaged or hostile, or is no export.
        DataError: `source` is of another type, `taken_at` has no time zone, nothing tells when the export was
            taken, or there is no such zone.
        MissingExtraError: This system carries no data about the zone; US Pacific never needs any.
    """
    given = None if taken_at is None else as_utc(taken_at)
    wall = zone_of(zone)
    with collector_paused(), open_source(source) as opened:
        try:
            return _Export(opened, given, wall).snapshot()
        except ArchiveError as error:
            error.file = place(opened.name, error.file)
            raise


class _Export:
    def __init__(self, source: Source, taken_at: datetime | None, zone: tzinfo) -> None:
        self._source = source
        self._taken_at = taken_at
        self._zone = zone
        self._budget = Budget()
        self._hints = tuple(hints_of(source))

    def snapshot(self) -> Snapshot:
        files = self._by_kind()
        findings: list[Finding] = []
        accounts: list[FileAccount] = []

        connections: list[Connection] = []
        index = None
        if CONNECTIONS in files:
            log = FileLog(files[CONNECTIONS].label, row_limit=ROW_LIMIT)
            with self._lines(files[CONNECTIONS], log) as lines:
                connections = list(read_connections(lines, zone=self._zone, log=log))
            index = ConnectionIndex(
                connections, by_address=log.header is not None and "URL" in log.header, damaged=log.lost > 0
            )
            if log.lost:
                log.notice(
                    "damaged-connections",
                    f"{several(log.lost, 'rows')} of the connections could not be read, so an invitation to "
                    "somebody who is not among the others may have been accepted all the same; download a fresh "
                    "export",
                )
            findings += log.findings
            accounts.append(log.account())
        else:
            findings.append(_NO_CONNECTIONS)

        invitations: Sequence[Invitation] = ()
        main = InvitationLog()
        if INVITATIONS in files:
            invitations, main, moment = self._invitations(files[INVITATIONS], index, connections)
            findings += main.findings
            accounts.append(main.account())
        else:
            findings.append(_NO_INVITATIONS)
            moment = self._moment((), connections)

        findings.append(Finding(code="taken-at", text=f"taken at {moment.at:%Y-%m-%d %H:%M}Z: {moment.origin}"))
        if moment.contradicted:
            findings.append(_TOO_EARLY)
        if moment.passed_over is not None:
            later = moment.passed_over
            findings.append(
                Finding(
                    code="taken-at-disagrees",
                    text=(
                        f"{later.origin}, suggests {later.earliest:%Y-%m-%d} instead; the earlier of the two was "
                        "taken, so that ages are understated rather than overstated. Say it with taken_at"
                    ),
                )
            )
        return Snapshot(
            account=main.owner,
            taken_at=moment.at,
            source="export",
            invitations=invitations,
            connections=connections,
            completeness=Completeness.LOG,
            findings=findings,
            files=accounts,
        )

    def _by_kind(self) -> dict[str, SourceFile]:
        """Tell the files apart by their headers."""
        found: dict[str, SourceFile] = {}
        for file in self._source.files:
            with self._lines(file, FileLog(file.label)) as lines:
                kind = find_header(lines, file.label).kind
            if kind in found:
                raise ArchiveError(
                    f"{found[kind].label!r} and {file.label!r} both hold {kind}",
                    hint="Leave one",
                    file=self._source.name,
                )
            found[kind] = file
        return found

    @contextmanager
    def _lines(self, file: SourceFile, log: FileLog) -> Generator[Iterator[str]]:
        with closing(file.chunks(self._budget)) as chunks:
            yield text_lines(chunks, log)

    def _invitations(
        self, file: SourceFile, index: ConnectionIndex | None, connections: Sequence[Connection]
    ) -> tuple[list[Invitation], InvitationLog, Moment]:
        """Read the invitations, and again with what the first reading told about the file as a whole."""
        premises = Premises()
        at = self._taken_at or (self._hints[0].earliest if self._hints else _ANY)
        readings = 0
        while True:
            readings += 1
            log = InvitationLog(file.label, remarks=at is not _ANY, row_limit=ROW_LIMIT)
            with self._lines(file, log) as lines:
                items = list(
                    read_invitations(
                        lines,
                        taken_at=at,
                        connections=index,
                        zone=self._zone,
                        log=log,
                        seen=set(),
                        premises=premises,
                    )
                )
            moment = self._moment(items, connections)
            if (log.premises, moment.at) == (premises, at) or readings == _READINGS:
                return items, log, moment
            premises, at = log.premises, moment.at

    def _moment(self, items: Sequence[Invitation], connections: Sequence[Connection]) -> Moment:
        return moment_of(
            self._taken_at,
            self._hints,
            sent=(item.sent_at.earliest for item in items),
            connected=(item.connected_at.earliest for item in connections if item.connected_at.is_known),
        )
