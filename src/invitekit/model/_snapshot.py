"""What one source said at one moment, and how complete that was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import attrs

from invitekit.errors import DataError
from invitekit.model._collection import Connections, Findings, Invitations
from invitekit.model._connection import Connection
from invitekit.model._finding import FileAccount, Finding
from invitekit.model._interval import as_utc
from invitekit.model._invitation import Invitation
from invitekit.model._kinds import Completeness, Direction
from invitekit.model._member import Member

__all__ = ["Snapshot"]

T = TypeVar("T")


def _distinct(given: Iterable[Invitation]) -> Invitations:
    """Collapse repeats of the same invitation; two different ones under one id cannot both be true."""
    items = given if isinstance(given, Invitations) else Invitations(_several(given, "invitations"))
    seen: dict[str, Invitation] = {}
    for item in items:
        if not isinstance(item, Invitation):
            raise DataError(f"expected invitations, got {type(item).__name__}", key="snapshot.invitations")
        if (known := seen.setdefault(item.id, item)) is not item and known != item:
            raise DataError(
                f"two different invitations have the id {item.id}",
                hint="Keep the newer one, or give them ids of their own",
                key="snapshot.invitations",
            )
    return items if len(seen) == len(items) else Invitations(seen.values())


# Typed functions, since a class or `tuple` as a converter hides the type of the argument from type checkers.
def _connections(given: Iterable[Connection]) -> Connections:
    return Connections(_all_of(Connection, given, "connections"))


def _findings(given: Iterable[Finding]) -> Findings:
    return Findings(_all_of(Finding, given, "findings"))


def _files(given: Iterable[FileAccount]) -> tuple[FileAccount, ...]:
    return _all_of(FileAccount, given, "files")


def _several(given: Iterable[T], what: str) -> Iterable[T]:
    if not isinstance(given, Iterable):
        raise DataError(f"expected {what}, got {type(given).__name__}", hint="Pass a list", key=f"snapshot.{what}")
    return given


def _all_of(kind: type[T], given: Iterable[T], what: str) -> tuple[T, ...]:
    items = tuple(_several(given, what))
    for item in items:
        if not isinstance(item, kind):
            raise DataError(f"expected {what}, got {type(item).__name__}", key=f"snapshot.{what}")
    return items


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Snapshot:
    """What a source said at one moment. It makes no claim beyond that moment and that source.

    Args:
        account: Whose invitations these are.
        taken_at: When the source said so; aware, kept in UTC.
        source: What kind of source, for instance ``export``.
        invitations: The invitations, each id once; repeats of an equal one are collapsed.
        connections: The connections, where the source gives them.
        completeness: How much of the pending invitations it is known to hold.
        why_incomplete: Why `completeness` is partial or unknown; empty otherwise.
        findings: What was noticed while reading.
        files: How the rows of each file were used.

    Raises:
        DataError: A field has a wrong type, or two different invitations share an id.
    """

    account: Member = attrs.field(factory=Member)
    taken_at: datetime = attrs.field(converter=as_utc)
    source: str = attrs.field(default="given")
    invitations: Invitations = attrs.field(factory=Invitations, converter=_distinct)
    connections: Connections = attrs.field(factory=Connections, converter=_connections)
    completeness: Completeness = attrs.field(default=Completeness.UNKNOWN)
    why_incomplete: str = attrs.field(default="")
    findings: Findings = attrs.field(factory=Findings, converter=_findings)
    files: tuple[FileAccount, ...] = attrs.field(default=(), converter=_files)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.account, Member):
            raise DataError(
                "account must be a Member",
                hint="For instance Member(slug='ada-example-77')",
                key="snapshot.account",
            )
        for name in ("source", "why_incomplete"):
            if not isinstance(getattr(self, name), str):
                raise DataError(f"{name} must be a text", key=f"snapshot.{name}")
        if not isinstance(self.completeness, Completeness):
            known = ", ".join(f"Completeness.{one.name}" for one in Completeness)
            raise DataError(f"completeness must be one of {known}", key="snapshot.completeness")

    @property
    def open_sent(self) -> Invitations:
        """The sent invitations that may still be answered: pending or presumed pending."""
        return Invitations(
            item for item in self.invitations if item.direction is Direction.SENT and item.status.is_open
        )

    def find(self, who: Member | str) -> Invitations:
        """The invitations with this id, or with this member (slug, profile address or URN)."""
        if isinstance(who, str) and (by_id := [item for item in self.invitations if item.id == who]):
            return Invitations(by_id)
        wanted = Member.of(who).identifiers.items()
        return Invitations(item for item in self.invitations if wanted & item.member.identifiers.items())

    def counts(self) -> dict[str, int]:
        """How many invitations there are, by direction and status."""
        counted: dict[str, int] = {}
        for item in self.invitations:
            label = f"{item.direction} {item.status}"
            counted[label] = counted.get(label, 0) + 1
        return dict(sorted(counted.items()))

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield "account", str(self.account)
        yield "taken at", f"{self.taken_at:%Y-%m-%d %H:%M}Z"
        yield "source", self.source
        why = f" ({self.why_incomplete})" if self.why_incomplete else ""
        yield "completeness", f"{self.completeness}{why}"
        yield "invitations", f"{len(self.invitations):,}"
        for label, count in self.counts().items():
            yield f"  {label}", f"{count:,}"
        yield "connections", f"{len(self.connections):,}"
        for file in self.files:
            yield "file", str(file)
        for code, count in self.findings.by("code").counts().items():
            yield f"finding {code}", f"{count:,}"

    def __repr__(self) -> str:
        from invitekit._text import plain_facts

        return plain_facts("Snapshot", self._facts())

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        return html_table(("Snapshot", ""), self._facts())

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "account", self.account
        yield "taken_at", f"{self.taken_at:%Y-%m-%d %H:%M}Z"
        yield "source", self.source
        yield "completeness", self.completeness.value
        yield "invitations", len(self.invitations)
        yield "connections", len(self.connections)
        yield "findings", len(self.findings)
