"""Synthetic exports: a data export of any size and age, together with the truth about it."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, get_args

from invitekit.errors import DataError

from ._bystanders import bystanders
from ._history import RECEIVED_RATE, connect, draw_eventual_rate, simulate
from ._members import connections_text, invitations_text
from ._people import People
from ._truth import OUTCOMES, OWNER, Era, SyntheticOutcome, SyntheticTruth

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

__all__ = ["DEFAULT_TAKEN_AT", "synthetic_export"]

DEFAULT_TAKEN_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""When a synthetic export was taken, unless told otherwise: three weeks after clocks went back."""

_LARGE = 5_000_000  # rows from which on a member may pass 2 GiB and needs the 64-bit form


def synthetic_export(
    path: str | os.PathLike[str],
    *,
    seed: int,
    invitations: int = 1000,
    connections: int | None = None,
    era: Era = "url",
    taken_at: datetime = DEFAULT_TAKEN_AT,
) -> SyntheticTruth:
    """Write a data export of an invented member, and return what is true about it.

    The same arguments give the same files byte for byte on every machine, and the same zip byte for byte under
    the same Python and zlib. Rows are written as they are made: a million invitations take about half a minute
    of processor time, 110 MB of memory and 60 MB on disk (measured on CPython 3.11).

    The files look as those of 20 member exports did (2018 to 2026; measured, not documented by LinkedIn):

    - ``Invitations.csv`` is a log of 180 days, both directions, unsorted, without a status. Accepted rows stay
      180 days from their acceptance; a few older open ones stay without a reason. ``Sent At`` is US Pacific wall
      time; slugs are raw UTF-8; about 6 % of the rows carry a note, and one note occurs more than twenty times.
    - ``Connections.csv`` holds everybody who accepted and older connections, newest first. ``Connected On`` is a
      UTC date; slugs are percent-encoded; some rows carry nothing but the date; there is no final line end.
    - Further files, some with a header that looks familiar, hold no invitations.

    What is chosen rather than measured: withdrawn invitations stay in the log (whether real ones do is not
    known). Nothing vanishes, so the connected share of sent rows comes close to the acceptance rate, 30 to 37 %
    (published rates are 26 to 37 %), where real exports show 49 to 93 %, inflated by rows that drop out. Chance of
    acceptance and latency depend on nothing: no segment is better than another.

    Eras:

    - ``"plain"``: five columns of invitations; connections without profile URLs. Only display names join, and
      some people share one: see `SyntheticTruth.ambiguous_names`.
    - ``"urn"``: invitations with member URNs, connections with URLs. Again only names join.
    - ``"url"``: as since 2024. Profile URLs join, once percent-decoded, composed and case-folded.
    - ``"resaved"``: the same, re-saved from a spreadsheet: byte order mark, CRLF, dates as ``05-Jun-24``, no
      preamble, other order of columns, additional and nameless ones.

    >>> from invitekit.testing import synthetic_export
    >>> truth = synthetic_export("export.zip", seed=1, invitations=400)
    >>> len(truth), truth.sent, truth.received
    (400, 319, 81)
    >>> truth[0].outcome
    <SyntheticOutcome.ACCEPTED: 'accepted'>

    Args:
        path: The zip file to write; an existing file is replaced.
        seed: Any integer. Another seed is another member with other people.
        invitations: Rows of ``Invitations.csv``.
        connections: Rows of ``Connections.csv``. None adds 1.6 older connections for each accepted invitation.
        era: How the files are spelled. What happened does not depend on it.
        taken_at: When the export was taken; aware, 2010 to 2099. It becomes the time of the members of the zip,
            as UTC wall time, which zip files cut to even seconds.

    Raises:
        DataError: An argument is out of its range, or `connections` is smaller than the number of accepted
            invitations. It is a ValueError, too.
        OSError: The file cannot be written.
    """
    _check(invitations=invitations, era=era, taken_at=taken_at)
    truth = _invent(seed=seed, invitations=invitations, connections=connections, era=era, taken_at=taken_at)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in bystanders(truth):
            _write(archive, name, [content], truth)
        _write(archive, "Connections.csv", connections_text(truth), truth)
        _write(archive, "Invitations.csv", invitations_text(truth), truth)
    return truth


def _check(*, invitations: int, era: str, taken_at: datetime) -> None:
    if invitations < 0:
        raise DataError(f"{invitations} invitations cannot be written", hint="Give 0 or more.", key="invitations")
    if era not in get_args(Era):
        known = ", ".join(repr(name) for name in get_args(Era))
        raise DataError(f"there is no era {era!r}", hint=f"Choose one of {known}.", key="era")
    if taken_at.utcoffset() is None:
        raise DataError(
            "the time of the export has no time zone", hint="Add one, for example tzinfo=UTC.", key="taken_at"
        )
    if not 2010 <= taken_at.astimezone(UTC).year <= 2099:
        raise DataError(
            f"an export taken in {taken_at.year} cannot be written",
            hint="Its dates have two-digit years and US summer time as since 2007: choose 2010 to 2099.",
            key="taken_at",
        )


def _invent(
    *, seed: int, invitations: int, connections: int | None, era: Era, taken_at: datetime
) -> SyntheticTruth:
    taken_at = taken_at.astimezone(UTC).replace(microsecond=0)
    taken = int(taken_at.timestamp())
    random = Random(seed).random  # noqa: S311 - repeatable on purpose, and no secret
    rate = draw_eventual_rate(random)
    columns = simulate(random, invitations=invitations, taken=taken, eventual_rate=rate)
    accepted = columns.outcome.count(OUTCOMES.index(SyntheticOutcome.ACCEPTED))
    if connections is not None and connections < accepted:
        raise DataError(
            f"{connections} connections are too few: {accepted} invitations of this seed were accepted",
            hint=f"Give {accepted} or more, or fewer invitations.",
            key="connections",
        )
    connected = connect(random, columns, taken=taken, connections=connections)
    people = People(seed)
    return SyntheticTruth(
        seed=seed,
        era=era,
        taken_at=taken_at,
        owner_name=people.name(OWNER),
        owner_slug=people.lookup(OWNER)[2],
        owner_urn=people.urn(OWNER),
        eventual_rate=rate,
        received_rate=RECEIVED_RATE,
        connections=len(connected.person),
        hidden_connections=connected.hidden.count(1),
        older_connections=len(connected.person) - accepted,
        columns=columns,
        connection_columns=connected,
    )


def _write(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes], truth: SyntheticTruth) -> None:
    taken_at = truth.taken_at
    member = zipfile.ZipInfo(
        name, (taken_at.year, taken_at.month, taken_at.day, taken_at.hour, taken_at.minute, taken_at.second)
    )
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 3  # the same on every system
    member.external_attr = 0o644 << 16
    large = max(len(truth), truth.connections) >= _LARGE
    with archive.open(member, "w", force_zip64=large) as file:
        for piece in pieces:
            file.write(piece)
