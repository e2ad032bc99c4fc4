"""Whether a ledger keeps the promises of `invitekit.ports.Ledger`: for whoever writes one of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from invitekit.ports import Ledger

from ._ledger_promises import PROMISES
from ._trial import Trial, telling

__all__ = ["check_ledger"]

L = TypeVar("L", bound=Ledger)


def check_ledger(make: Callable[[], L], *, reopen: Callable[[L], Ledger] | None = None) -> tuple[str, ...]:
    """Try every promise that a ledger makes; a plain function, for any test framework or none.

    Each promise is tried with a ledger of its own, so that the first broken one is named and not what follows from
    it. Where the ledger adds `invitekit.ledgers.Records` to its methods, snapshots are recorded in it, too. What
    cannot be tried from outside is whether damage to what is stored is found out: that needs tests of your own.

    >>> from invitekit import SqliteLedger
    >>> check_ledger(lambda: SqliteLedger(":memory:"))
    ('it has the five methods', 'a new ledger is empty', ..., 'what is recorded can be asked for')

    Args:
        make: Gives another, empty ledger each time it is called.
        reopen: Gives another object for the storage of a ledger that `make` gave, which may still be open. With
            it, what the storage remembers is tried, and two that write at once.

    Returns:
        The names of the promises that were tried, all of them kept.

    Raises:
        AssertionError: A promise is broken: its name, what was tried, what was expected, what came.
    """
    from invitekit.ledgers import Records  # It brings sqlite3, which nothing else in `testing` needs.

    kept: list[str] = []
    whose = "make()"

    def name() -> str:
        return whose

    for promise in PROMISES:
        trial = Trial(make, cast("Callable[[Ledger], Ledger] | None", reopen))
        try:
            with telling(promise.name, name):
                ledger = trial.new()
                whose = type(ledger).__name__
                if promise.needs_reopen and reopen is None:
                    continue
                if promise.needs_records and not isinstance(ledger, Records):
                    continue
                promise.attempt(trial, ledger)
        finally:
            trial.tidy()
        kept.append(promise.name)
    return tuple(kept)
