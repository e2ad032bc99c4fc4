"""A service of rows with offset cursors, as values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from invitekit._drive import drive
from invitekit._ops import Emit, Flow, Now, Op
from invitekit.flows import ReadPage
from invitekit.model import UNKNOWN, Direction, Evidence, Invitation, Member, Page, SentAt, Status, Unknown

T0 = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@lru_cache(maxsize=10_000)
def invitation(name: str, *, sent: datetime = T0 - timedelta(days=40), note: str = "") -> Invitation:
    """An invitation that a service lists."""
    return Invitation(
        id=name,
        member=Member(slug=f"{name}-example-77"),
        direction=Direction.SENT,
        sent_at=SentAt.at(sent),
        note=note,
        status=Status.PENDING,
        evidence=Evidence.LISTED,
        as_of=T0,
    )


class Rows:
    """A list that changes between requests, paged by offset.

    Args:
        names: The ids of its rows.
        before: By the number of the request, counted from 0: what happens to the rows just before it.
        total: Whether pages say how long the list is.
    """

    def __init__(
        self,
        names: Iterable[str],
        before: dict[int, Callable[[list[str]], Any]] | None = None,
        *,
        total: bool = False,
    ) -> None:
        self.names = list(names)
        self.before = before or {}
        self.total = total
        self.asked: list[ReadPage] = []
        self.sent: dict[str, datetime] = {}

    def page(self, op: ReadPage) -> Page:
        """Answer one request."""
        self.before.get(len(self.asked), lambda rows: None)(self.names)
        self.asked.append(op)
        start = int(op.cursor or 0)
        size = op.size or 100
        end = start + size
        total: int | Unknown = len(self.names) if self.total else UNKNOWN
        items = [
            invitation(name, sent=self.sent.get(name, T0 - timedelta(days=40))) for name in self.names[start:end]
        ]
        return Page(items=items, next=str(end) if end < len(self.names) else None, total=total)


def performed(flow: Flow[Any], page: Callable[[ReadPage], Page]) -> tuple[Any, list[Op[Any]]]:
    """Perform a flow to its end; gives its result, and what it asked for and showed."""
    seen: list[Op[Any]] = []

    def perform(op: Op[Any]) -> Any:
        seen.append(op)
        return page(op) if isinstance(op, ReadPage) else {Now(): T0}[op]

    return drive(flow, perform, lambda shown: seen.append(Emit(shown))), seen


def names_of(rows: Sequence[Any]) -> list[str]:
    """The ids of rows."""
    return [row.id for row in rows]
