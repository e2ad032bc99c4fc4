"""The files of an export that hold no invitations, and that a reader of invitations has to leave alone."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from ._members import quoted
from ._people import People
from ._truth import OWNER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ._truth import SyntheticTruth

__all__ = ["bystanders"]

_IN = "https://www.linkedin.com/in/"


def bystanders(truth: SyntheticTruth) -> Iterator[tuple[str, bytes]]:
    """Names and contents of these files."""
    yield "Profile.csv", _profile(truth)
    yield "guide_messages.csv", _guide_messages(truth)
    yield "messages.csv", _messages(truth)
    yield "Jobs/Job Applications.csv", _job_applications()


def _profile(truth: SyntheticTruth) -> bytes:
    first, last, _ = People(truth.seed).lookup(OWNER)
    return _csv(
        ("First Name", "Last Name", "Headline", "Summary", "Industry"),
        (first, last, "Invented member", "Nothing here is real,\nnot even the summary.", "Example"),
    )


def _guide_messages(truth: SyntheticTruth) -> bytes:
    """A chat with the help assistant: some columns are those of Invitations.csv, yet it holds none."""
    owner, guide = truth.owner_name, "Example Guide"
    asked_at = truth.taken_at - timedelta(hours=50)
    return _csv(
        ("From", "To", "Sent At", "Message", "Conversation"),
        (owner, guide, _utc_text(asked_at), "How do I withdraw an invitation, step by step?", "guide-1"),
        (guide, owner, _utc_text(asked_at), 'Open "Manage",\nthen "Sent", then "Withdraw".', "guide-1"),
    )


def _messages(truth: SyntheticTruth) -> bytes:
    """A message from each of the newest visible connections."""
    people = People(truth.seed)
    listed = truth.connection_columns
    visible = (person for person, hidden in zip(listed.person, listed.hidden, strict=True) if not hidden)
    content = "Thanks for connecting!\nSee you at the Example Fest,\nI hope."
    rows: list[tuple[str, ...]] = []
    for minutes, person in enumerate(islice(visible, 6), start=1):
        first, last, slug = people.lookup(person)
        sent_at = _utc_text(truth.taken_at - timedelta(minutes=minutes))
        rows.append(
            (f"example-{person}", f"{first} {last}", _IN + slug, truth.owner_name, sent_at, content, "INBOX")
        )
    return _csv(("CONVERSATION ID", "FROM", "SENDER PROFILE URL", "TO", "DATE", "CONTENT", "FOLDER"), *rows)


def _job_applications() -> bytes:
    return _csv(
        ("Application Date", "Contact Email", "Company Name", "Job Title", "Job Url"),
        ("6/1/24, 9:15 AM", "owner@mail.example", "Example Works, Inc.", "Inventor", "https://jobs.example/1"),
    )


def _utc_text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _csv(*rows: tuple[str, ...]) -> bytes:
    return "".join(",".join(map(quoted, row)) + "\n" for row in rows).encode()
