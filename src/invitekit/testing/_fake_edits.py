"""How a list can be wrong: each fault changes a page before it is sent, or the world before the page is made.

They are offered by `invitekit.testing.faults`. What they make of a page depends on nothing but that page, so the
same request has the same answer; only `Shift` changes the world, each time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from ._service_world import ServiceWorld

__all__ = [
    "CursorCycle",
    "DuplicateId",
    "Edit",
    "EmptyPage",
    "EndlessPages",
    "ForeignRows",
    "LabelOnlyDates",
    "ListedPage",
    "MissingRows",
    "Namesakes",
    "NullFields",
    "Shift",
    "ShortPages",
    "SilentThrottle",
    "WrongDates",
    "WrongTotal",
]


@attrs.mutable
class ListedPage:
    """A page that is about to be sent.

    Args:
        number: Which page it is, from 1.
        start: The offset of its first row.
        size: How many rows were asked for.
        total: How many rows the whole list has.
        rows: Its rows.
        next_start: The offset of the next page; None where this is the last.
        before: The id of the row before its first one; None on the first page.
        extra: Further keys beside ``items`` and ``cursor``.
    """

    number: int
    start: int
    size: int
    total: int
    rows: list[dict[str, Any]]
    next_start: int | None
    before: str | None = None
    extra: dict[str, Any] = attrs.Factory(dict[str, Any])


class Edit:
    """A fault of a list; the kinds below are all there are."""

    __slots__ = ()

    def prepare(self, world: ServiceWorld, start: int) -> None:
        """Change the world before a page is made."""

    def apply(self, page: ListedPage) -> None:
        """Change a page before it is sent."""


@attrs.frozen(weakref_slot=False)
class CursorCycle(Edit):
    """After the first page, the cursors lead round in a circle.

    Args:
        length: How many pages the circle has; 1 is a cursor that leads to its own page.
    """

    length: int = 1

    def apply(self, page: ListedPage) -> None:
        page.next_start = page.size if page.number > self.length else page.start + page.size


@attrs.frozen(weakref_slot=False)
class EndlessPages(Edit):
    """There is always a next page with a new cursor; past the end, the rows begin anew, or there are none.

    Args:
        rows: Whether the pages past the end have rows.
    """

    rows: bool = False

    def apply(self, page: ListedPage) -> None:
        page.next_start = page.start + page.size
        if self.rows and not page.rows:
            page.rows = [{**_BLANK, "id": str(page.start + place)} for place in range(page.size)]


@attrs.frozen(weakref_slot=False)
class EmptyPage(Edit):
    """A page has no rows, and says that more follow; its rows are on no other page.

    Args:
        number: Which page, from 1.
    """

    number: int = 2

    def apply(self, page: ListedPage) -> None:
        if page.number == self.number:
            page.rows.clear()
            page.next_start = page.start + page.size


@attrs.frozen(weakref_slot=False)
class ShortPages(Edit):
    """Pages have fewer rows than were asked for although more follow; what they lack opens the next one.

    Args:
        by: How many fewer; a page keeps at least one.
    """

    by: int = 3

    def apply(self, page: ListedPage) -> None:
        if page.next_start is not None:
            kept = max(len(page.rows) - self.by, 1)
            del page.rows[kept:]
            page.next_start = page.start + kept


@attrs.frozen(weakref_slot=False)
class WrongTotal(Edit):
    """The list says how many rows it has, and that is wrong; Unipile v1 does not document such a number.

    Args:
        by: How many more than there are.
    """

    by: int = 7

    def apply(self, page: ListedPage) -> None:
        page.extra["total_count"] = page.total + self.by


@attrs.frozen(weakref_slot=False)
class SilentThrottle(Edit):
    """From a page on, 200 with an empty list and no cursor, which is how some lists are throttled [P].

    Args:
        from_page: Which page, from 1.
    """

    from_page: int = 1

    def apply(self, page: ListedPage) -> None:
        if page.number >= self.from_page:
            page.rows.clear()
            page.next_start = None
            page.extra["total_count"] = 0


@attrs.frozen(weakref_slot=False)
class Shift(Edit):
    """Before each page but the first, some invitations are answered, and some are sent.

    Those answered are the last that were read, so that as many move past the reader unseen; each that is sent
    makes the reader see a row twice.

    Args:
        removals: How many are accepted before each page.
        insertions: How many are sent before each page.
    """

    removals: int = 0
    insertions: int = 0

    def prepare(self, world: ServiceWorld, start: int) -> None:
        if not start:
            return
        for invitation in world.pending[max(start - self.removals, 0) : start]:
            world.accept(invitation)
        for _ in range(self.insertions):
            world.invite(world.newcomer())


@attrs.frozen(weakref_slot=False)
class DuplicateId(Edit):
    """The first row of a page has the id of a row of the page before, and other content.

    Args:
        number: Which page, from 2.
    """

    number: int = 2

    def apply(self, page: ListedPage) -> None:
        if page.number == self.number and page.rows and page.before:
            page.rows[0] = {**page.rows[0], "id": page.before}


@attrs.frozen(weakref_slot=False)
class NullFields(Edit):
    """Fields are null: by default what says who was invited.

    Args:
        fields: Which; null in the rows that have them.
        every: In every row, every second, and so on.
    """

    fields: tuple[str, ...] = ("invited_user_id", "invited_user_public_id")
    every: int = 1

    def apply(self, page: ListedPage) -> None:
        for row in page.rows[:: self.every]:
            row.update(dict.fromkeys(row.keys() & set(self.fields)))


@attrs.frozen(weakref_slot=False)
class LabelOnlyDates(Edit):
    """Of the date there is only the label, and no moment."""

    def apply(self, page: ListedPage) -> None:
        for row in page.rows:
            row["parsed_datetime"] = None


@attrs.frozen(weakref_slot=False)
class WrongDates(Edit):
    """The moment that was worked out from the label is off.

    Args:
        by: How much later than it should be; 18 days were seen in one fixture [P].
    """

    by: timedelta = timedelta(days=18)

    def apply(self, page: ListedPage) -> None:
        for row in page.rows:
            said = datetime.fromisoformat(row["parsed_datetime"])
            row["parsed_datetime"] = f"{said + self.by:%Y-%m-%dT%H:%M:%S.000Z}"


@attrs.frozen(weakref_slot=False)
class Namesakes(Edit):
    """Everybody has the same name and the same headline.

    Args:
        name: Which.
    """

    name: str = "Kim Example"

    def apply(self, page: ListedPage) -> None:
        for row in page.rows:
            row["invited_user"], row["invited_user_description"] = self.name, "Invented member"


@attrs.frozen(weakref_slot=False)
class ForeignRows(Edit):
    """Some rows are of another account: somebody else sent them.

    Args:
        every: The first row of a page, and from there every so many.
        inviter_id: The provider id of that account.
    """

    every: int = 2
    inviter_id: str = "ACoAAEXAMPLEOTHERACCOUNT"

    def apply(self, page: ListedPage) -> None:
        for row in page.rows[:: self.every]:
            row["inviter"] = {
                "inviter_name": "Other Example",
                "inviter_id": self.inviter_id,
                "inviter_public_identifier": "other-example-account",
                "inviter_description": None,
            }


@attrs.frozen(weakref_slot=False)
class MissingRows(Edit):
    """The list lacks rows for once, though what they stand for is as it was.

    Args:
        ids: The ids of the rows.
    """

    ids: frozenset[str] = attrs.field(converter=frozenset)

    def apply(self, page: ListedPage) -> None:
        page.rows = [row for row in page.rows if row.get("id") not in self.ids]


_BLANK: dict[str, Any] = {
    "object": "InvitationSent",
    "invited_user": "Nobody Example",
    "invited_user_id": None,
    "invited_user_public_id": None,
    "invited_user_description": None,
    "invited_user_profile_picture_url": None,
    "date": "Sent today",
    "parsed_datetime": None,
    "invitation_text": None,
}
