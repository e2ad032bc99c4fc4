"""The worklist: what is to be withdrawn by the member's own hand.

Ordinary members have no interface that withdraws for them, so here the plan becomes something to work through:
who, why, since when, where to click, and what follows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

import attrs

from invitekit._text import plain, several
from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Invitation, Member, SentAt, Status, Unknown
from invitekit.model._collection import columns_of
from invitekit.policy._decision import Decision, Verdict
from invitekit.rules._reason import Reason, days_text

if TYPE_CHECKING:
    from invitekit.policy._plan import Plan

__all__ = ["WorkItem", "Worklist"]

_DAY: Final = timedelta(days=1)


@attrs.frozen(kw_only=True, repr=False)
class WorkItem:
    """One invitation to withdraw: the decision, seen from the moment of its plan.

    Args:
        decision: What was decided, and why.
        now: The moment that was judged at; aware UTC.
    """

    decision: Decision
    now: datetime

    @property
    def rank(self) -> int:
        """Its place, from 1: the order in which to work."""
        return self.decision.rank or 0

    @property
    def invitation(self) -> Invitation:
        """The invitation."""
        return self.decision.invitation

    @property
    def member(self) -> Member:
        """Whom it was sent to."""
        return self.decision.invitation.member

    @property
    def who(self) -> str:
        """The display name as it came (it may hold anything), or else the strongest identifier there is."""
        member = self.member
        for text in (member.name, member.slug, member.key):
            if text is not UNKNOWN:
                return text
        return "unknown"

    @property
    def sent_at(self) -> SentAt:
        """When it was sent, as an interval in UTC."""
        return self.decision.invitation.sent_at

    @property
    def sent(self) -> str:
        """The UTC day it was sent, or the days it may have been; empty when nothing is known."""
        sent = self.sent_at
        if not sent.is_known:
            return ""
        if sent.earliest.date() == sent.latest.date():
            return sent.earliest.date().isoformat()
        return str(sent)

    @property
    def age_days(self) -> tuple[float, float] | Unknown:
        """How many days of 24 hours ago it was sent: at least, at most; unknown where a bound is missing."""
        sent = self.sent_at
        if sent.earliest == _FIRST or sent.latest == _LAST:
            return UNKNOWN
        least, most = sent.age(self.now)
        return least / _DAY, most / _DAY

    @property
    def age(self) -> str:
        """`age_days` in words; empty when unknown."""
        days = self.age_days
        return "" if days is UNKNOWN else days_text({"age_days_from": days[0], "age_days_to": days[1]})

    @property
    def why(self) -> tuple[str, ...]:
        """What speaks for withdrawing it, each text once."""
        return self.decision.grounds

    @property
    def follows(self) -> tuple[Reason, ...]:
        """What a withdrawal brings with it."""
        return self.decision.follows

    @property
    def is_presumed(self) -> bool:
        """Whether it is only presumed to be pending, as everything from an export is."""
        return self.invitation.status is Status.PRESUMED_PENDING

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record; what is unknown becomes None. Ages are in days."""
        member, days = self.member, self.age_days
        sent, known = self.sent_at, self.sent_at.is_known
        values: dict[str, Any] = {
            "rank": self.rank,
            "name": member.name,
            "profile": member.profile_url,
            "sent_earliest": sent.earliest if known else UNKNOWN,
            "sent_latest": sent.latest if known else UNKNOWN,
            "age_days_from": UNKNOWN if days is UNKNOWN else days[0],
            "age_days_to": UNKNOWN if days is UNKNOWN else days[1],
            "why": "; ".join(self.why),
            "follows": "; ".join(reason.text for reason in self.follows),
            "slug": member.slug,
            "urn": member.urn,
            "provider_id": member.provider_id,
            "invitation_id": self.invitation.id,
        }
        return {key: None if value is UNKNOWN else value for key, value in values.items()}

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "rank", self.rank
        yield "who", plain(self.who)
        yield "sent", self.sent or "unknown"
        yield "why", list(self.why)

    def __repr__(self) -> str:
        return f"WorkItem({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


class _Later(Sequence[WorkItem]):
    """Items that are made when they are looked at: many may be put off, and few of them are ever shown.

    Equal to a tuple of the same items; a copy or a pickle is one, and carries nothing else of the plan along.
    """

    __slots__ = ("_decisions", "_now", "_places")

    def __init__(self, decisions: Sequence[Decision], places: range, now: datetime) -> None:
        self._decisions = decisions
        self._places = places
        self._now = now

    @overload
    def __getitem__(self, index: int) -> WorkItem: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[WorkItem, ...]: ...
    def __getitem__(self, index: int | slice) -> WorkItem | tuple[WorkItem, ...]:
        if isinstance(index, slice):
            return tuple(map(self._item, self._places[index]))
        return self._item(self._places[index])

    def _item(self, place: int) -> WorkItem:
        return WorkItem(decision=self._decisions[place], now=self._now)

    def __len__(self) -> int:
        return len(self._places)

    def __eq__(self, other: object) -> bool:
        return tuple(self) == (tuple(other) if isinstance(other, _Later) else other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (tuple(self),)

    def __repr__(self) -> str:
        return f"<{several(len(self), 'items')}, made when they are looked at>"


@attrs.frozen(kw_only=True, repr=False)
class Worklist:
    """What is to be withdrawn by hand, in order, with what a person needs to do it. Made by `Plan.worklist`.

    Its length and its items are what is to be withdrawn now; what a limit puts off stands in `later`.

    Args:
        account: Whose invitations these are.
        policy: The name of the policy.
        source: What kind of source the plan was made from.
        taken_at: When the source said so; aware UTC.
        now: The moment the plan judged at; aware UTC. Ages and dates count from it.
        items: What is to be withdrawn, in order.
        later: What would be withdrawn next, in order; `Plan.worklist` gives items that are made when looked at.
        undecided: How many cannot be decided from this source; they are left alone.
        notes: What the summary of the plan says about the backlog and about what cannot be decided.
        warnings: Why the plan may not be applied, and what to do about it; empty when it may.
        cautions: What should be known before the list is believed, for instance rows that could not be read.
    """

    account: Member
    policy: str
    source: str
    taken_at: datetime
    now: datetime
    items: tuple[WorkItem, ...]
    later: Sequence[WorkItem] = ()
    undecided: int = 0
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: Plan) -> Worklist:
        """The worklist of a plan."""
        summary = plan.summary()
        return cls(
            account=plan.account,
            policy=plan.policy.name,
            source=plan.source,
            taken_at=plan.taken_at,
            now=plan.now,
            items=tuple(WorkItem(decision=one, now=plan.now) for one in plan.withdrawals),
            later=_Later(plan.decisions, plan.decisions.places(Verdict.DEFER), plan.now),
            undecided=summary.undecided,
            notes=tuple(note for note in summary.notes if note not in plan.notes),
            warnings=tuple(blocker.text for blocker in plan.blockers),
            cautions=plan.notes,
        )

    @property
    def is_presumed(self) -> bool:
        """Whether some of it is only presumed to be pending, as everything from an export is."""
        return any(item.is_presumed for item in self.items)

    @property
    def headline(self) -> str:
        """What there is to do, in a few words."""
        count = len(self.items)
        return f"Withdraw {several(count, 'invitations')}" if count else "Nothing to withdraw"

    def to_html(self) -> str:
        """Give it as one HTML page that needs nothing else: no script, no network; for screen, phone and paper.

        The same worklist gives the same text. Of `later`, the first 200 are listed and the rest is counted.
        """
        from invitekit.policy._worklist_html import html

        return html(self)

    def to_markdown(self) -> str:
        """Give it as Markdown with a task list; names cannot become markup, links or HTML.

        Of `later`, the first 200 are listed and the rest is counted.
        """
        from invitekit.policy._worklist_markdown import markdown

        return markdown(self)

    def to_csv(self, *, excel_safe: bool = True) -> str:
        """Give `items` as CSV (RFC 4180) with an empty column ``result``, which `invitekit.read_worklist` reads.

        In ``result`` write ``withdrawn``, ``already accepted``, ``not found`` or ``left``; empty means left.

        Args:
            excel_safe: For spreadsheets: a byte order mark, without which Excel garbles names, and a single
                quote before whatever a spreadsheet would run as a formula or turn into a number or a date. If
                False, every value stands there exactly as it is: for programs, not for spreadsheets.
        """
        from invitekit.policy._worklist_csv import to_csv

        return to_csv(self, excel_safe=excel_safe)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it as ``.html``, ``.htm``, ``.md`` or ``.csv``, and give the path back.

        The file is written whole or not at all, and readable by its owner only: it says whom somebody knows.

        Raises:
            DataError: Another suffix, or the file cannot be written.
        """
        from invitekit._files import write_whole

        if not isinstance(path, (str, os.PathLike)):
            raise DataError(
                f"a worklist is saved to a path, got {type(path).__name__}", hint="For instance 'withdraw.html'"
            )
        target = Path(path)
        render = _FORMATS.get(target.suffix.lower())
        if render is None:
            found = f"as {target.suffix[:20]!r}" if target.suffix else "without a suffix"
            raise DataError(
                f"a worklist cannot be saved {found}",
                hint=f"The name says the format: it ends in {', '.join(list(_FORMATS)[:-1])} or {[*_FORMATS][-1]}",
                file=str(target),
            )
        return write_whole(target, render(self))

    def to_records(self) -> list[dict[str, Any]]:
        """Give `items` as flat dicts, all with the same keys; what is unknown becomes None."""
        return [item.to_record() for item in self.items]

    def to_columns(self) -> dict[str, list[Any]]:
        """Give `items` as one list per field, as dataframe constructors take them."""
        return columns_of(self.to_records())

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[WorkItem]:
        return iter(self.items)

    def _title(self) -> str:
        parts = [f"{len(self.items):,} to withdraw"]
        if self.later:
            parts.append(f"{len(self.later):,} later")
        if self.undecided:
            parts.append(f"{self.undecided:,} undecided")
        warned = "".join(f"\n  may not be applied: {warning}" for warning in self.warnings)
        warned += "".join(f"\n  note: {caution}" for caution in self.cautions)
        return f"Worklist: {', '.join(parts)}{warned}"

    def _rows(self) -> list[tuple[object, ...]]:
        from invitekit._text import ROWS_SHOWN

        return [
            (item.rank, item.who, item.sent or "unknown", "; ".join(item.why)) for item in self.items[:ROWS_SHOWN]
        ]

    def __repr__(self) -> str:
        from invitekit._text import plain_table

        rows = self._rows()
        return plain_table(_COLUMNS, rows, title=self._title(), more=len(self.items) - len(rows), width=64)

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        rows = self._rows()
        title = " · ".join(line.strip() for line in self._title().splitlines())
        return html_table(_COLUMNS, rows, title=title, more=len(self.items) - len(rows), width=200)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "account", str(self.account)
        yield "policy", self.policy
        yield "now", f"{self.now:%Y-%m-%d %H:%M}Z"
        yield "items", len(self.items)
        yield "later", len(self.later)
        yield "undecided", self.undecided
        if self.warnings:
            yield "warnings", list(self.warnings)


_COLUMNS: Final = ("rank", "who", "sent", "why")

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)

_FORMATS: Final = {
    ".html": Worklist.to_html,
    ".htm": Worklist.to_html,
    ".md": Worklist.to_markdown,
    ".csv": Worklist.to_csv,
}
