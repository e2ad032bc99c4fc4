"""One line of a ledger: what became known, when, about whom.

An entry has two parts. The open part says what happened with opaque numbers for whom it happened to: it is never
changed and never deleted. The personal part (names, identifiers, notes) can be erased without touching the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Final, NamedTuple

from invitekit.model import UNKNOWN, Interval

__all__ = [
    "Entry",
    "Kind",
    "Span",
    "as_interval",
    "instant",
    "micros",
    "quoted",
    "ranges",
    "span_of",
    "spelled",
    "unranged",
    "within",
]


class Kind(StrEnum):
    """What an entry says. The values are the words in the file."""

    ACCOUNT = "account"
    """From here on the ledger knows this account."""
    LOOK = "look"
    """A snapshot was recorded: when it was taken, from where, how complete, which open invitations it lacks."""
    FIRST_SEEN = "first-seen"
    """An invitation was seen that had been sent before the account was first looked at, or nobody can say."""
    SENT = "sent"
    """An invitation was seen that had not been sent yet when the account was last looked at."""
    ACCEPTED = "accepted"
    """The two are connected."""
    GONE = "gone"
    """It left the pending list, and no source shows the two connected."""
    WITHDRAWN = "withdrawn"
    """It was withdrawn."""
    CONFIRMED = "confirmed"
    """A service lists it as pending, which an export could only presume."""
    REOPENED = "reopened"
    """It is pending after all: a conclusion about it is taken back."""
    CHANGED = "changed"
    """More is known about an invitation."""
    CONNECTED = "connected"
    """Somebody is among the connections."""
    LINKED = "linked"
    """Two members known apart turned out to be one."""
    TAGGED = "tagged"
    """Somebody was given a tag."""
    UNTAGGED = "untagged"
    """A tag was taken away."""
    KEPT = "kept"
    """Somebody was marked to be kept."""
    UNKEPT = "unkept"
    """The mark was taken away."""
    REFUSED = "refused"
    """The service refused to send an invitation: evidence about the weekly limit."""
    FORGOTTEN = "forgotten"
    """All that was personal about somebody was erased."""


_parse: Final = json.JSONDecoder().raw_decode
"""As json.loads, for texts that are known to be JSON and nothing else; half the time."""


class Entry(NamedTuple):
    """One line of a ledger, in the form in which it is stored.

    Attributes:
        seq: Its place: 1 for the first, without gaps.
        kind: What it says, one of `Kind`.
        at: When this could be known (the moment of the snapshot, not of the recording), µs since 1970 UTC.
        account: Whose ledger it is about: the place of the entry that introduced the account.
        member: Whom it is about, 0 for nobody: the place of the entry that introduced them.
        invitation: Which invitation it is about, 0 for none: the place of the entry that introduced it.
        facts: A JSON object without anything personal.
        personal: A JSON object with names, identifiers and notes; None where there never was one, and an empty
            text where it was erased.
    """

    seq: int
    kind: str
    at: int
    account: int
    member: int
    invitation: int
    facts: str
    personal: str | None

    @property
    def digest(self) -> bytes:
        """A hash over the open part, and over whether there is another: 16 bytes of SHA-256."""
        seq, kind, at, account, member, invitation, facts, personal = self
        text = f"{seq}|{kind}|{at}|{account}|{member}|{invitation}|{personal is not None:d}|{facts}"
        return sha256(text.encode()).digest()[:16]

    def read(self) -> dict[str, Any]:
        """The facts, parsed."""
        facts: dict[str, Any] = _parse(self.facts)[0]
        return facts

    def read_personal(self) -> dict[str, Any]:
        """The personal part, parsed; empty where there is none (any more)."""
        personal: dict[str, Any] = _parse(self.personal)[0] if self.personal else {}
        return personal

    def __repr__(self) -> str:
        # A repr lands in logs, where nothing personal belongs.
        return f"Entry({self.seq}, {self.kind!r}, account={self.account}, member={self.member})"


# ── Times ────────────────────────────────────────────────────────────────────────────────────────────────────────

Span = tuple[int, int]
"""An interval as two numbers of µs since 1970 UTC, both included."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO: Final = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Give an aware datetime as µs since 1970 UTC."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(at: int) -> datetime:
    """Give µs since 1970 as a datetime in UTC."""
    return _EPOCH + at * _MICRO


def span_of(interval: Interval) -> Span:
    """Give an interval as two numbers."""
    return micros(interval.earliest), micros(interval.latest)


def as_interval(span: Span) -> Interval:
    """Give two numbers as an interval."""
    return Interval(instant(span[0]), instant(span[1]))


def within(inner: Span, outer: Span) -> bool:
    """Whether an interval lies in another."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


# ── Texts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def spelled(values: Mapping[str, Any]) -> str:
    """Spell a flat object as compact JSON, leaving out what is unknown."""
    known = {key: value for key, value in values.items() if value is not UNKNOWN}
    return json.dumps(known, separators=(",", ":"))


def ranges(numbers: list[int]) -> str:
    """Spell ascending numbers as ranges: ``3-5,9``."""
    parts: list[str] = []
    start = last = 0
    for number in numbers:
        if number == last + 1 and parts:
            last = number
            parts[-1] = f"{start}-{last}"
        else:
            start = last = number
            parts.append(str(number))
    return ",".join(parts)


def unranged(text: str) -> list[int]:
    """Read what `ranges` spells."""
    numbers: list[int] = []
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        numbers.extend(range(int(first), int(last or first) + 1))
    return numbers
