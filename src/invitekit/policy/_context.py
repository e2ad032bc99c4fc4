"""What the user knows besides the snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import attrs

from invitekit._numbers import is_number
from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Connections, Interval, Member, Outcome, People, Result
from invitekit.model._interval import as_utc
from invitekit.rules._sight import Expectations

__all__ = ["Context"]

Who = Iterable[Member | str | Mapping[str, str]]

_SOME_TIME: Final = Interval.unknown().latest
"""Stands for the time of a withdrawal that nobody wrote down. Later than any moment of planning, so it counts in
every window: it may have been today."""


@attrs.frozen(kw_only=True, init=False, repr=False)
class Context:
    """What rules and limits may look up besides the snapshot. What is not in it is false, not unknown.

    Args:
        tags: Who carries which tag: ``{"client": ["ada-example-77"]}``.
        kept: Who is marked to be kept, whatever the policy says.
        contacts: Whom the user knows: members, slugs, profile addresses, URNs or e-mail addresses. An e-mail
            address finds a member only through a connection that shows it; it is never compared with anything
            else, so one that finds nobody counts for nothing. Of an address only its SHA-256 is kept.
        withdrawn: What was withdrawn before: when, aware, or outcomes, of which only those that say
            `Result.WITHDRAWN` count, so that ``withdrawn=read_worklist("done.csv")`` will do. The limits per day
            and week count those of the last 24 hours and 7 days, and those whose time is unknown always. The
            attribute of that name holds the times in UTC, the end of the calendar for those that are unknown.
        stats: What your history says about waiting, for rules such as `r.chance_below` and the ranking by
            ``"keep-value"``: an `invitekit.AcceptanceStats`.
        slot_price: What keeping one invitation pending costs a day, where an acceptance is worth 1; for
            `r.not_worth_waiting` and the ranking by ``"keep-value"``. Nobody publishes one.

    Attributes:
        withdrawn_before: Whose invitation was withdrawn: the members of those outcomes, where they have an
            identifier.

    Raises:
        DataError: An entry cannot be read as a member, or an entry of `withdrawn` is neither an aware datetime
            nor an outcome.
    """

    tags: Mapping[str, People] = attrs.field(hash=False)  # A dict has no hash; equal contexts keep equal ones.
    kept: People
    contacts: People
    emails: frozenset[str]
    withdrawn: tuple[datetime, ...]
    withdrawn_before: People
    stats: Expectations | None = attrs.field(default=None, eq=True, hash=False)
    slot_price: float | None = None

    if TYPE_CHECKING:

        def __attrs_init__(self, **fields: Any) -> None:
            """Set the fields; made by attrs."""

    def __init__(
        self,
        *,
        tags: Mapping[str, Who] = MappingProxyType({}),
        kept: Who = (),
        contacts: Who = (),
        withdrawn: Iterable[datetime | Outcome] = (),
        stats: Expectations | None = None,
        slot_price: float | None = None,
    ) -> None:
        if not isinstance(tags, Mapping):
            raise DataError(
                "tags must be a dict", hint="For instance {'client': ['ada-example-77']}", key="context.tags"
            )
        known = _listed(contacts, "context.contacts", "members or e-mail addresses")
        done = [
            one
            for one in _listed(withdrawn, "context.withdrawn", "datetimes or outcomes")
            if not isinstance(one, Outcome) or one.result is Result.WITHDRAWN
        ]
        self.__attrs_init__(
            tags={str(tag): _people(tags[tag], f"context.tags.{tag}") for tag in sorted(tags, key=str)},
            kept=_people(kept, "context.kept"),
            contacts=_people([one for one in known if not _is_email(one)], "context.contacts"),
            emails=frozenset(map(_fingerprint, filter(_is_email, known))),
            withdrawn=tuple(sorted(map(_instant, done))),
            withdrawn_before=People(
                [one.member for one in done if isinstance(one, Outcome) and one.member.identifiers]
            ),
            stats=_expecting(stats),
            slot_price=_price(slot_price),
        )

    def resolve(self, connections: Connections) -> Context:
        """The same context, with the members among `connections` in the place of the addresses they show."""
        if not self.emails:
            return self
        # Two people may share an address, and then the user knows both.
        shown = [
            (email, item.member)
            for item in connections
            if isinstance(item.email, str)
            and item.member.identifiers
            and (email := _fingerprint(item.email)) in self.emails
        ]
        if not shown:
            return self
        return self._with(
            contacts=People([*self.contacts, *(member for _, member in shown)]),
            emails=self.emails - {email for email, _ in shown},
        )

    def also(self, *, stats: Expectations | None = None, slot_price: float | None = None) -> Context:
        """The same context, with statistics, a slot price, or both: ``ledger.context().also(stats=stats)``."""
        return self._with(
            stats=self.stats if stats is None else _expecting(stats),
            slot_price=self.slot_price if slot_price is None else _price(slot_price),
        )

    def _with(self, **changed: Any) -> Context:
        """The same context, with some fields as given."""
        context = Context.__new__(Context)
        fields = {field.name: getattr(self, field.name) for field in attrs.fields(Context)}
        context.__attrs_init__(**{**fields, **changed})
        return context

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        for tag, people in self.tags.items():
            yield f"tag {tag}", len(people)
        yield "kept", len(self.kept)
        yield "contacts", len(self.contacts) + len(self.emails)
        yield "withdrawn", len(self.withdrawn)
        yield "withdrawn_before", len(self.withdrawn_before)
        if self.stats is not None:
            yield "stats", getattr(self.stats, "sent", "given")
        if self.slot_price is not None:
            yield "slot_price", self.slot_price

    def __repr__(self) -> str:
        return f"Context({', '.join(f'{name}: {count}' for name, count in self.__rich_repr__())})"


def _expecting(stats: Expectations | None) -> Expectations | None:
    if stats is not None and not (hasattr(stats, "chances") and hasattr(stats, "worth")):
        raise DataError(
            f"stats must be AcceptanceStats, got {type(stats).__name__}",
            hint="For instance AcceptanceStats.from_snapshot(snapshot)",
            key="context.stats",
        )
    return stats


def _price(price: object) -> float | None:
    if price is None:
        return None
    if not is_number(price, 0):
        raise DataError(
            f"slot_price must be a number from 0 up, got {price!r:.40}",
            hint="For instance 0.001: a thousandth of an acceptance a day",
            key="context.slot_price",
        )
    return float(price)


def _is_email(one: object) -> bool:
    return isinstance(one, str) and "@" in one and "/" not in one


def _fingerprint(email: str) -> str:
    """Stand for an e-mail address where the address itself must not travel: in pickles, reprs and logs."""
    from hashlib import sha256

    return sha256(email.strip().casefold().encode("utf-8", "surrogatepass")).hexdigest()


def _instant(one: Any) -> datetime:
    if isinstance(one, Outcome):
        return _SOME_TIME if one.at is UNKNOWN else one.at
    try:
        return as_utc(one)
    except DataError as error:
        hint = error.hint if isinstance(one, datetime) else f"{error.hint}, or the outcomes of read_worklist"
        raise DataError(error.message, hint=hint, key="context.withdrawn") from None


def _listed(given: Iterable[Any], key: str, what: str) -> list[Any]:
    if isinstance(given, (str, Member, Mapping)):
        return [given]
    if not isinstance(given, Iterable):
        raise DataError(f"expected {what}, got {type(given).__name__}", hint="Pass a list", key=key)
    return list(given)


def _people(who: Who, key: str) -> People:
    try:
        return who if isinstance(who, People) else People(who)
    except DataError as error:
        raise DataError(error.message, hint=error.hint, key=key) from None
