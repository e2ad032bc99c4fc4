"""What others implement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

from invitekit.history import Entry

__all__ = ["Ledger"]


@runtime_checkable
class Ledger(Protocol):
    """A place that keeps entries: in their order, for ever, whole appends or nothing.

    These five methods are all that a ledger of your own needs. `invitekit.ledgers.Records` adds everything else
    (``record``, ``history``, ``context``, …) to a class that has them, and `invitekit.testing.check_ledger` tries
    whether they keep their promises.
    """

    def entries(self, after: int = 0) -> Iterable[Entry]:
        """Give the entries whose place is larger than `after`, in their order, without gaps.

        Raises:
            LedgerError: They cannot be read, or are not what was appended. A ledger never passes off a part, or an
                empty history, as the whole.
        """
        ...

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        """Add entries at the end, and erase what is personal about some members, all of it or nothing.

        Once it returns, the entries survive whatever happens to the process. The personal part of an erased entry
        reads as an empty text from then on, its open part as before.

        Args:
            entries: The first has the place after the last one that is stored.
            erase: Keys of members: the personal part of every entry about them is to go. For each, an entry
                of the kind ``forgotten`` is appended, so that what is missing later is missing for a reason.

        Raises:
            LedgerError: ``conflict`` if the first entry has another place, since somebody else wrote meanwhile;
                another code if they cannot be stored. In any case nothing was changed.
        """
        ...

    def claim(self) -> AbstractContextManager[None]:
        """Be the only one who carries out plans with this ledger, until the context is left or the process ends.

        Raises:
            LedgerError: ``busy``, at once, if somebody has it: another process, another thread, or this one.
        """
        ...

    def close(self) -> None:
        """Let go of the file, or whatever it is. Closing twice is closing once.

        Whoever reads, appends or claims afterwards gets a `LedgerError`.
        """
        ...

    def where(self) -> str:
        """What errors and reprs call it, for instance the path of its file."""
        ...
