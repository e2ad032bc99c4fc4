"""Immutable collections that filter, sort, group and slice, and print well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, overload, runtime_checkable

from invitekit.errors import DataError
from invitekit.model._connection import Connection
from invitekit.model._finding import Finding
from invitekit.model._interval import Interval
from invitekit.model._invitation import Invitation
from invitekit.model._outcome import WORDS, Outcome
from invitekit.model._unknown import UNKNOWN, Truth, Unknown

__all__ = ["Collection", "Connections", "Findings", "Groups", "Invitations", "Outcomes", "Selector", "columns_of"]


_PRIVATE = frozenset({"note", "email"})
"""The fields whose values no repr and no pickle may hold."""


def _sortable(value: Any) -> Any:
    """Give an interval as what it is ordered by, and anything else as it is."""
    if not isinstance(value, Interval):
        return value
    return (value.earliest, value.latest) if value.is_known else UNKNOWN


def _cell(cell: Any) -> str:
    """Give a value as a cell of a table."""
    if cell is UNKNOWN or cell is None:
        return ""
    return str(Interval.at(cell) if isinstance(cell, datetime) else cell)


class _Recordable(Protocol):
    def to_record(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=_Recordable)
C = TypeVar("C", bound="Collection[Any]")


@runtime_checkable
class Selector(Protocol):
    """What `Invitations.where` takes besides a plain function: a rule."""

    def truths(
        self, invitations: Sequence[Invitation], *, now: datetime | None = None, context: Any = None
    ) -> Sequence[Truth]:
        """Judge every invitation."""
        ...


class Collection(Sequence[T], Generic[T]):
    """An immutable sequence of values of one kind.

    Equal to another collection of the same kind with the same items in the same order. Slicing, filtering and
    sorting give a new collection and copy references only.
    """

    __slots__ = ("_items",)

    _noun: ClassVar[str] = "items"
    _shown: ClassVar[tuple[str, ...]] = ()
    _width: ClassVar[int] = 40

    def __init__(self, items: Iterable[T] = ()) -> None:
        if not isinstance(items, Iterable):
            raise DataError(f"expected {self._noun}, got {type(items).__name__}", hint="Pass a list of them")
        self._items: tuple[T, ...] = tuple(items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> T | Self:
        return type(self)(self._items[index]) if isinstance(index, slice) else self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __contains__(self, item: object) -> bool:
        return item in self._items

    def __eq__(self, other: object) -> bool:
        return self._items == other._items if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._items)

    def where(self, test: Callable[[T], bool | Unknown]) -> Self:
        """Keep the items for which `test` is true; where it cannot tell, it may say UNKNOWN."""
        if not callable(test):
            raise DataError(
                f"where takes a function, got {type(test).__name__}", hint="For instance lambda item: …"
            )
        # Where a function cannot tell, the item is not one for which it is true.
        return type(self)(item for item in self._items if (answer := test(item)) is not UNKNOWN and bool(answer))

    def sort(self, by: str | Callable[[T], Any], *, reverse: bool = False) -> Self:
        """Order the items by a field or by a function of the item; what is unknown comes last.

        Times that are known within bounds are ordered by their earliest instant, then by their latest.

        Args:
            by: The name of a field or property (dots reach deeper: ``member.name``), or a function.
            reverse: Largest first; what is unknown stays last.

        Raises:
            DataError: No item has such a field, or its values have no order.
        """
        read = self._reader(by)
        keyed = [(_sortable(read(item)), item) for item in self._items]
        known = [pair for pair in keyed if pair[0] is not UNKNOWN]
        try:
            known.sort(key=lambda pair: pair[0], reverse=reverse)
        except TypeError:
            kinds = ", ".join(sorted({type(value).__name__ for value, _ in known}))
            raise DataError(
                f"{self._noun} cannot be ordered by {by!r:.40}: values of type {kinds} have no order",
                hint="Name a field that holds texts, numbers or times, for instance 'name'",
                key=str(by) if isinstance(by, str) else "",
            ) from None
        return type(self)(item for _, item in [*known, *(pair for pair in keyed if pair[0] is UNKNOWN)])

    def by(self, key: str | Callable[[T], Any]) -> Groups[Self]:
        """Group the items by a field or by a function of the item; what is unknown is a group of its own.

        Args:
            key: The name of a field or property (dots reach deeper: ``member.name``), or a function.

        Raises:
            DataError: No item has such a field, or its values cannot be told apart.
        """
        read = self._reader(key)
        groups: dict[Any, list[T]] = {}
        for item in self._items:
            value = read(item)
            try:
                groups.setdefault(value, []).append(item)
            except TypeError:
                raise DataError(
                    f"{self._noun} cannot be grouped by values of type {type(value).__name__}",
                    hint="Group by texts, numbers, dates or tuples of them",
                ) from None
        return Groups({value: type(self)(items) for value, items in groups.items()}, private=key in _PRIVATE)

    def _reader(self, key: str | Callable[[T], Any]) -> Callable[[T], Any]:
        if not isinstance(key, str):
            if not callable(key):
                raise DataError(
                    f"expected the name of a field or a function, got {type(key).__name__}",
                    hint="For instance 'name'",
                )
            return key
        if not self._items:
            return lambda item: UNKNOWN
        from operator import attrgetter

        read = attrgetter(self._aliases.get(key, key))
        try:
            read(self._items[0])
        except AttributeError:
            from difflib import get_close_matches

            fields = [*self._items[0].to_record(), *self._aliases, *self._shown]
            near = get_close_matches(key, fields, n=1)
            raise DataError(
                f"{self._noun} have no field {key!r}",
                hint=f"Did you mean {near[0]!r}?" if near else f"They have: {', '.join(fields)}",
                key=key,
            ) from None
        return read

    _aliases: ClassVar[Mapping[str, str]] = {
        field: f"member.{field}" for field in ("name", "slug", "urn", "provider_id")
    }

    def to_records(self) -> list[dict[str, Any]]:
        """Give the items as flat dicts, one per item, all with the same keys; what is unknown becomes None."""
        return [item.to_record() for item in self._items]

    def to_columns(self) -> dict[str, list[Any]]:
        """Give the items as one list per field, as dataframe constructors take them."""
        return columns_of(self.to_records())

    def _rows(self) -> list[tuple[object, ...]]:
        from invitekit._text import ROWS_SHOWN

        rows: list[tuple[object, ...]] = []
        for item in self._items[:ROWS_SHOWN]:
            cells = (self._reader(field)(item) for field in self._shown)
            rows.append(tuple(map(_cell, cells)))
        return rows

    @property
    def _title(self) -> str:
        from invitekit._text import several

        return several(len(self), self._noun)

    def __repr__(self) -> str:
        from invitekit._text import plain_table

        rows = self._rows()
        return plain_table(self._shown, rows, title=self._title, more=len(self) - len(rows), width=self._width)

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        rows = self._rows()
        return html_table(self._shown, rows, title=self._title, more=len(self) - len(rows))

    def __rich_repr__(self) -> Iterator[Any]:
        from invitekit._text import ROWS_SHOWN

        yield from self._items[:ROWS_SHOWN]
        if len(self) > ROWS_SHOWN:
            yield "more", len(self) - ROWS_SHOWN


def columns_of(records: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Turn flat records, all with the same keys, into one list per key."""
    return {key: [record[key] for record in records] for key in (records[0] if records else ())}


class Invitations(Collection[Invitation]):
    """Invitations, in the order of their source."""

    __slots__ = ()

    _noun = "invitations"
    _shown = ("name", "direction", "sent_at", "status", "evidence", "id")

    def where(
        self,
        test: Selector | Callable[[Invitation], bool | Unknown],
        *,
        now: datetime | None = None,
        context: Any = None,
    ) -> Self:
        """Keep the invitations for which a rule is surely true, or a function returns True.

        Args:
            test: A rule (see `invitekit.rules`) or a function of one invitation.
            now: The moment that a rule about age judges at; aware. The newest ``as_of`` when not given.
            context: What the rule may look up (an `invitekit.Context`): tags, contacts and so on.
        """
        if not isinstance(test, Selector):
            return super().where(test)
        truths = test.truths(self, now=now, context=context)
        return type(self)(item for item, truth in zip(self._items, truths, strict=True) if truth is Truth.TRUE)


class Connections(Collection[Connection]):
    """Connections, in the order of their source."""

    __slots__ = ()

    _noun = "connections"
    _shown = ("name", "connected_at", "company", "position")


class Findings(Collection[Finding]):
    """Findings, in the order they were made."""

    __slots__ = ()

    _noun = "findings"
    _width = 110
    _shown = ("code", "place", "text")
    _aliases: ClassVar[Mapping[str, str]] = {}


class Outcomes(Collection[Outcome]):
    """What came of a worklist, in the order of its rows; prints as counts."""

    __slots__ = ()

    _noun = "outcomes"
    _shown = ("name", "result", "why", "invitation_id")

    def counts(self) -> dict[str, int]:
        """How many there are of each kind, in words; only kinds that occur."""
        words = [WORDS.get((item.result, item.why), item.result.value.replace("-", " ")) for item in self]
        order = dict.fromkeys((*WORDS.values(), *words))
        return {word: words.count(word) for word in order if word in words}

    @property
    def _title(self) -> str:
        return ", ".join(f"{count:,} {word}" for word, count in self.counts().items()) or "no outcomes"

    def __str__(self) -> str:
        return self._title


class Groups(Mapping[Any, C]):
    """Collections by the value they share, in the order in which the values first appear.

    Args:
        groups: The collections, by value.
        private: Whether the values are message texts or addresses: then no repr shows them, and no pickle is made.
    """

    __slots__ = ("_groups", "_private")

    def __init__(self, groups: Mapping[Any, C], *, private: bool = False) -> None:
        self._groups: dict[Any, C] = dict(groups)
        self._private = private

    def __reduce__(self) -> tuple[Any, ...]:
        if self._private:
            raise DataError(
                "groups by a message text or an address are not pickled", hint="Pickle what was grouped instead"
            )
        return type(self), (self._groups,)

    def __getitem__(self, value: Any) -> C:
        return self._groups[value]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._groups)

    def __len__(self) -> int:
        return len(self._groups)

    def counts(self) -> dict[Any, int]:
        """How many items each group has, largest first."""
        return dict(sorted(((value, len(group)) for value, group in self.items()), key=lambda pair: -pair[1]))

    def _table(self) -> tuple[tuple[str, str], list[tuple[object, object]], int]:
        from invitekit._text import ROWS_SHOWN

        rows: list[tuple[object, object]] = [
            (f"<{len(value)} characters>" if self._private and isinstance(value, str) else value, count)
            for value, count in self.counts().items()
        ]
        return ("group", "items"), rows[:ROWS_SHOWN], max(len(rows) - ROWS_SHOWN, 0)

    def __repr__(self) -> str:
        from invitekit._text import plain_table, several

        columns, rows, more = self._table()
        return plain_table(columns, rows, title=several(len(self), "groups"), more=more)

    def _repr_html_(self) -> str:
        from invitekit._text import html_table, several

        columns, rows, more = self._table()
        return html_table(columns, rows, title=several(len(self), "groups"), more=more)
