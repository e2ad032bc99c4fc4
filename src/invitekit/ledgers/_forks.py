"""Locks that know about forks: a child has the memory of its parent, but none of its threads.

Two things go wrong with plain ones. A lock that another thread of the parent had is never released in the child,
which waits for ever. And where another thread was using SQLite at that moment, the child believes that it has
SQLite's locks on the file, which it has not: what it opens itself reads while others write.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Final

__all__ = ["Turn", "lock_over_forks"]


class Turn:
    """A lock that no child inherits: there it is free, whoever had it in the parent."""

    def __init__(self) -> None:
        self._renew()

    def _renew(self) -> None:
        self._pid, self._lock = os.getpid(), threading.RLock()

    def __enter__(self) -> None:
        if self._pid != os.getpid():
            self._renew()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


_locks: Final[weakref.WeakSet[threading.RLock]] = weakref.WeakSet()
_held: Final[list[threading.RLock]] = []
_one_fork: Final = threading.Lock()


def lock_over_forks() -> threading.RLock:
    """Give a lock that a fork waits for. Who has it may wait for SQLite, but for no other lock."""
    lock = threading.RLock()
    _locks.add(lock)
    return lock


def _hold() -> None:
    _one_fork.acquire()
    for lock in tuple(_locks):
        lock.acquire()
        _held.append(lock)


def _let_go() -> None:
    while _held:
        _held.pop().release()
    _one_fork.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_let_go)
