"""Invented invitations, contexts and policies that never change, for golden tables and for whole runs.

Needs nothing but the package itself, so that a fresh interpreter is quick to use it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from invitekit import rules as r
from invitekit.model import (
    UNKNOWN,
    Completeness,
    Connection,
    Direction,
    Evidence,
    Interval,
    Invitation,
    Invitations,
    Member,
    Outcome,
    Result,
    SentAt,
    Snapshot,
    Status,
)
from invitekit.policy import Context, Limits, Policy

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
OWNER = Member(name="Olu Example", slug="olu-example-1")


NAIVE = datetime(2026, 11, 1, 12, 0)  # noqa: DTZ001  it has no zone, which is what must be refused


def ago(days: float) -> datetime:
    """So many days before `NOW`."""
    return NOW - timedelta(days=days)


def invitation(number: int = 0, *, days: float = 40, **changes: Any) -> Invitation:
    """An open sent invitation, so many days old, with a member of its own; anything can be changed."""
    plain: dict[str, Any] = {
        "id": f"x-{number}",
        "member": Member(name=f"Person {number}", slug=f"person-example-{number}"),
        "direction": Direction.SENT,
        "sent_at": SentAt.minute(ago(days)),
        "note": "",
        "status": Status.PRESUMED_PENDING,
        "evidence": Evidence.NOT_CONNECTED,
        "as_of": NOW,
    }
    return Invitation(**{**plain, **changes})


def snapshot(items: Iterable[Invitation] = (), **changes: Any) -> Snapshot:
    """A snapshot of these invitations, as an export gives it; anything can be changed."""
    plain: dict[str, Any] = {
        "account": OWNER,
        "taken_at": NOW,
        "source": "export",
        "invitations": items,
        "completeness": Completeness.LOG,
    }
    return Snapshot(**{**plain, **changes})


# ── A hundred and twenty invitations ────────────────────────────────────────────────────────────────────

_DAYS = (1, 3, 7, 10, 13, 14, 15, 20, 21, 22, 25, 27, 28, 29, 30, 31, 35, 45, 60, 75, 90, 120, 179, 200)
_GIVEN = ("Ada", "Bo", "Cy", "Di", "Ed", "Fay", "Gus", "Hu", "Ines", "Jo", "Kai", "Lu", "Mo", "Nan", "Zoë")
_NOTES = ("", "Hello, let us connect", UNKNOWN, "", "Loved your talk on bees", "", "hello again", "")
_COMPANIES = (UNKNOWN, "Acme Example", UNKNOWN, "Bolt Example", UNKNOWN)
_TITLES = (UNKNOWN, "Senior recruiter", UNKNOWN, "Beekeeper", "Talent partner", UNKNOWN, UNKNOWN)
_CLOSED = {
    9: (Status.ACCEPTED, Evidence.CONNECTED),
    19: (Status.ACCEPTED, Evidence.CONNECTED_BY_NAME),
    29: (Status.WITHDRAWN, Evidence.LISTED),
    39: (Status.GONE, Evidence.LISTED),
}
_WEAK = {
    11: (Status.PRESUMED_PENDING, Evidence.AMBIGUOUS_NAME),
    23: (Status.PRESUMED_PENDING, Evidence.NO_CONNECTIONS),
    31: (Status.PRESUMED_PENDING, Evidence.NOT_CONNECTED_BY_NAME),
    35: (Status.PENDING, Evidence.LISTED),
}


def _member(number: int) -> Member:
    name = f"{_GIVEN[number % len(_GIVEN)]} Example {number}"
    slug = f"{_GIVEN[number % len(_GIVEN)]}-example-{number}"
    urn = f"urn:li:member:{1_000 + number}"
    if number % 12 == 5:
        return Member(name=name, urn=urn)
    if number % 12 == 8:
        return Member(name=name, slug=slug, urn=urn)
    if number % 30 == 17:
        return Member(name=name, provider_id=f"prov-{number}")
    return Member(name=name) if number % 40 == 26 else Member(name=name, slug=slug)


def _sent_at(number: int) -> SentAt:
    at = ago(_DAYS[number % len(_DAYS)]) + timedelta(minutes=number)
    if number % 20 == 7:
        return SentAt(at - timedelta(days=2), at + timedelta(days=2))
    if number % 40 == 33:
        return SentAt.unknown()
    return SentAt.at(at) if number % 4 == 2 else SentAt.minute(at)


def _numbered(number: int) -> Invitation:
    plain = (Status.PRESUMED_PENDING, Evidence.NOT_CONNECTED)
    status, evidence = _CLOSED.get(number % 40) or _WEAK.get(number % 40) or plain
    return invitation(
        id=f"x-{number:03}",
        member=_member(number),
        direction=Direction.RECEIVED if number % 15 == 14 else Direction.SENT,
        sent_at=_sent_at(number),
        note=_NOTES[number % len(_NOTES)],
        status=status,
        evidence=evidence,
        mutual_connections=UNKNOWN if number % 3 else number % 13,
        company=_COMPANIES[number % len(_COMPANIES)],
        title=_TITLES[number % len(_TITLES)],
    )


INVITATIONS = Invitations(map(_numbered, range(120)))

CONNECTIONS = (
    Connection(
        member=INVITATIONS[12].member,
        connected_at=Interval.day(ago(3).date()),
        email="di@mail.example",
        company="Acme Example",
    ),
    Connection(member=INVITATIONS[9].member, connected_at=Interval.day(ago(20).date())),
)

SNAPSHOT = snapshot(INVITATIONS, connections=CONNECTIONS)

_OUTCOMES = (
    Outcome(invitation_id="x-1", member=INVITATIONS[18].member, result=Result.WITHDRAWN, at=ago(2)),
    Outcome(invitation_id="x-2", member=INVITATIONS[20].member, result=Result.WITHDRAWN, at=ago(6.5)),
    Outcome(invitation_id="x-3", member=INVITATIONS[42].member, result=Result.WITHDRAWN, at=ago(8)),
    Outcome(invitation_id="x-4", member=INVITATIONS[21].member, result=Result.ALREADY_GONE, at=ago(1)),
)

CONTEXT = Context(
    tags={
        "client": ["bo-example-16", "gus-example-36", "zoë-example-44", "hu-example-52"],
        "event": ["ada-example-15"],
    },
    kept=["jo-example-24", "kai-example-40", {"slug": "bo-example-46", "urn": "urn:li:member:1046"}],
    contacts=[
        "ada-example-30",
        "lu-example-71",
        {"slug": "zoë-example-44", "urn": "urn:li:member:1044"},
        "di@mail.example",
    ],
    withdrawn=[ago(0.2), ago(0.9), *_OUTCOMES],
)


def newest_first(invitation: Invitation, _context: object) -> datetime:
    """A rank of the user's own."""
    return datetime.max.replace(tzinfo=UTC) - (invitation.sent_at.latest - datetime.min.replace(tzinfo=UTC))


def has_long_name(invitation: Invitation) -> bool:
    """A rule of the user's own."""
    return len(str(invitation.member.name)) > 14


# ── Forty policies ──────────────────────────────────────────────────────────────────────────────────────

ROOMY = Limits(per_run=1_000)
_MONTH = r.older_than(days=30)
_WEEKS = r.older_than(weeks=3)

_SETTINGS: dict[str, dict[str, Any]] = {
    # By age, and how far the limits go.
    "month": {"withdraw": _MONTH, "limits": ROOMY},
    "three weeks": {"withdraw": _WEEKS, "limits": ROOMY},
    "one run of ten": {"withdraw": _WEEKS, "limits": Limits(per_run=10)},
    "none a run": {"withdraw": _WEEKS, "limits": Limits(per_run=0)},
    "five a day": {"withdraw": _WEEKS, "limits": Limits(per_day=5)},
    "two a day": {"withdraw": _WEEKS, "limits": Limits(per_day=2)},
    "twelve a week": {"withdraw": _WEEKS, "limits": Limits(per_week=12)},
    "a tenth": {"withdraw": _WEEKS, "limits": Limits(share=0.1)},
    "a tenth, seven a run": {"withdraw": _WEEKS, "limits": Limits(share=0.1, per_run=7)},
    "newest first": {"withdraw": _WEEKS, "limits": Limits(per_run=15), "rank": newest_first},
    "no age asked": {"withdraw": ~r.has_note(), "limits": ROOMY, "min_age": timedelta(0)},
    "young as well": {"withdraw": r.older_than(days=2), "limits": ROOMY, "min_age": timedelta(days=2)},
    "to the minute": {"withdraw": r.older_than(days=29, hours=23, minutes=30), "limits": ROOMY},
    # By date.
    "before autumn": {"withdraw": r.sent_before("2026-09-22"), "limits": ROOMY},
    "after summer": {"withdraw": r.sent_after("2026-09-01"), "limits": ROOMY},
    "one month": {"withdraw": r.sent_after("2026-08-31") & r.sent_before("2026-10-01"), "limits": ROOMY},
    # By what is said.
    "no note": {"withdraw": _WEEKS & ~r.has_note(), "limits": ROOMY},
    "no note, unknown counts": {"withdraw": _WEEKS & ~r.has_note().if_unknown(False), "limits": ROOMY},
    "says hello": {"withdraw": r.note_contains("HELLO"), "limits": ROOMY},
    "bees or again": {"withdraw": r.note_matches("bees$|^hello.*again"), "limits": ROOMY},
    "copied note": {"withdraw": r.same_note_as(at_least=14), "limits": ROOMY},
    "recruiters": {"withdraw": _WEEKS & r.title_matches("recruit|talent"), "limits": ROOMY},
    "recruiters, if said": {
        "withdraw": _WEEKS & r.title_matches("recruit|talent").if_unknown(False),
        "limits": ROOMY,
    },
    "not at acme": {"withdraw": _WEEKS, "keep": r.company("Acme Example").if_unknown(False), "limits": ROOMY},
    "by name": {"withdraw": r.name_matches("^(ada|zo.) "), "limits": ROOMY},
    "few shared": {"withdraw": _WEEKS & ~r.mutual_connections(at_least=5), "limits": ROOMY},
    "many shared stay": {
        "withdraw": _WEEKS,
        "keep": r.mutual_connections(at_least=10).if_unknown(False),
        "limits": ROOMY,
    },
    # By who it is.
    "clients stay": {"withdraw": _MONTH, "keep": r.tagged("client"), "limits": ROOMY},
    "contacts stay": {"withdraw": _MONTH, "keep": r.known_contact(), "limits": ROOMY},
    "contacts stay, else go": {"withdraw": _MONTH, "keep": r.known_contact().if_unknown(False), "limits": ROOMY},
    "withdrawn once stays": {"withdraw": _WEEKS, "keep": r.withdrawn_before(), "limits": ROOMY},
    "only these": {
        "withdraw": r.member_in(["ada-example-60", "urn:li:member:1041", {"provider_id": "prov-47"}]),
        "limits": ROOMY,
    },
    "only those": {
        "withdraw": r.member_in(["ada-example-60", "bo-example-61", "gus-example-66"]),
        "limits": ROOMY,
    },
    "all but these": {
        "withdraw": _MONTH,
        "keep": r.member_in(["ada-example-45", "bo-example-46", "zoë-example-74"]),
        "limits": ROOMY,
    },
    # By status, own rules, and all together.
    "listed only": {"withdraw": r.status_is("pending"), "limits": ROOMY},
    "presumed only": {"withdraw": _WEEKS & r.status_is(Status.PRESUMED_PENDING), "limits": ROOMY},
    "always, but notes stay": {"withdraw": r.always(), "keep": r.has_note(), "limits": ROOMY},
    "own rule": {"withdraw": _WEEKS & r.rule(has_long_name, reason="long name"), "limits": ROOMY},
    "either or": {
        "withdraw": (r.older_than(days=75) | (_WEEKS & ~r.has_note())) & ~r.tagged("event"),
        "keep": r.known_contact() | r.mutual_connections(at_least=12).if_unknown(False),
        "limits": Limits(per_run=25, per_week=40),
    },
    "neither nor": {
        "withdraw": ~(r.has_note() | ~_WEEKS),
        "keep": ~r.status_is("presumed-pending"),
        "limits": ROOMY,
    },
}

POLICIES: dict[str, Policy] = {
    "default": Policy.default(),
    **{name: Policy(name=name, **settings) for name, settings in _SETTINGS.items()},
}
