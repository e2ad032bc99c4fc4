"""What type checkers must see of `invitekit.model`; never run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, assert_type

import invitekit as ik
from invitekit.model import (
    UNKNOWN,
    Cause,
    Completeness,
    Connection,
    Connections,
    Direction,
    Evidence,
    FileAccount,
    Finding,
    Findings,
    Groups,
    Interval,
    Invitation,
    Invitations,
    Member,
    Outcome,
    Outcomes,
    People,
    Result,
    SentAt,
    Snapshot,
    Status,
    Truth,
    Unknown,
)

now = datetime(2026, 11, 1, tzinfo=UTC)

# Members are built from texts; what a source does not say is UNKNOWN, which narrows.
ada = Member(name="Ada Example", slug="ada-example-77")
Member()
Member.of("ada-example-77")
Member.of({"slug": "ada-example-77"})
Member(slug=None)  # type: ignore[arg-type]
Member("Ada Example")  # type: ignore[call-arg]
assert_type(ada.identifiers, dict[str, str])
assert_type(ada.same_as(ada), Truth)

if ada.name is not UNKNOWN:
    assert_type(ada.name, str)
else:
    assert_type(ada.name, Literal[Unknown.UNKNOWN])

# Groups of members take whatever names one.
people = People(["ada-example-77", ada, {"urn": "urn:li:member:77"}])
People("ada-example-77")
assert_type(people.holds(ada), Truth)
assert_type(list(people), list[Member])
assert_type(ada in people, bool)

# Times.
sent_at = SentAt.minute(now)
assert_type(sent_at, SentAt)
assert_type(SentAt.unknown(), SentAt)
assert_type(Interval.day(date(2026, 11, 1)), Interval)
assert_type(sent_at.age(now), tuple[timedelta, timedelta])
assert_type(sent_at.before(now), Truth)

# Invitations.
invitation = Invitation(
    id="x-1",
    member=ada,
    direction=Direction.SENT,
    sent_at=sent_at,
    note=UNKNOWN,
    status=Status.PRESUMED_PENDING,
    evidence=Evidence.NOT_CONNECTED,
    as_of=now,
)
Invitation(id="x-1")  # type: ignore[call-arg]
assert_type(invitation.note, str | Unknown)
assert_type(invitation.mutual_connections, int | Unknown)
assert_type(invitation.status, Status)
assert_type(invitation.cause, Cause | Unknown)
assert_type(invitation.is_open, bool)
assert_type(invitation.to_record(), dict[str, Any])
invitation.status = Status.PENDING  # type: ignore[misc]

if invitation.note is not UNKNOWN:
    invitation.note.upper()
invitation.note.upper()  # type: ignore[union-attr]


def exhaustive(status: Status) -> str:
    """Every status has its case, so nothing falls through."""
    match status:
        case Status.PENDING | Status.PRESUMED_PENDING:
            return "open"
        case Status.ACCEPTED:
            return "accepted"
        case Status.WITHDRAWN:
            return "withdrawn"
        case Status.GONE:
            return "gone"


# Collections keep their kind.
items = Invitations([invitation])
assert_type(items[0], Invitation)
assert_type(items[1:], Invitations)
assert_type(items.where(lambda item: item.is_open), Invitations)
assert_type(items.where(ik.rules.has_note(), now=now, context=ik.Context()), Invitations)
assert_type(items.sort("sent_at"), Invitations)
assert_type(items.sort(lambda item: item.id, reverse=True), Invitations)
assert_type(items.by("status"), Groups[Invitations])
assert_type(items.by(lambda item: item.id)["x-1"], Invitations)
assert_type(items.by("status").counts(), dict[Any, int])
assert_type(items.to_columns(), dict[str, list[Any]])
assert_type([item.id for item in items], list[str])
invitation_test: Callable[[Connection], bool] = lambda connection: True  # noqa: E731
items.where(invitation_test)  # type: ignore[arg-type]

# Connections and snapshots.
connection = Connection(member=ada, connected_at=Interval.day(date(2026, 11, 1)), email="ada@mail.example")
assert_type(connection.connected_on, date | Unknown)
snapshot = Snapshot(
    account=ada,
    taken_at=now,
    invitations=[invitation],
    connections=iter([connection]),
    completeness=Completeness.LOG,
    findings=[Finding(code="a", text="b")],
    files=[FileAccount(file="a.csv", kind="invitations", rows=1, used=1)],
)
Snapshot()  # type: ignore[call-arg]
Snapshot(taken_at=now, invitations=[connection])  # type: ignore[list-item]
assert_type(snapshot.invitations, Invitations)
assert_type(snapshot.connections, Connections)
assert_type(snapshot.findings, Findings)
assert_type(snapshot.files, tuple[FileAccount, ...])
assert_type(snapshot.open_sent, Invitations)
assert_type(snapshot.find("ada-example-77"), Invitations)
assert_type(snapshot.find(ada), Invitations)
assert_type(snapshot.counts(), dict[str, int])

# Truths combine with truths, and are no bools.
assert_type(Truth.TRUE & Truth.UNKNOWN, Truth)
assert_type(Truth.TRUE | Truth.UNKNOWN, Truth)
assert_type(~Truth.TRUE, Truth)
assert_type(Truth.of(True), Truth)
Truth.TRUE & True  # type: ignore[operator]

outcome = Outcome(invitation_id="x-1", member=ada, result=Result.WITHDRAWN)
assert_type(outcome.at, datetime | Unknown)
outcomes = Outcomes([outcome])
assert_type(ik.read_worklist("withdraw.csv"), Outcomes)
assert_type(outcomes[0], Outcome)
assert_type(outcomes.where(lambda item: item.result is Result.WITHDRAWN), Outcomes)
assert_type(outcomes.counts(), dict[str, int])
