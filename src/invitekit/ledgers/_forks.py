"""Locks that a fork waits for, so that no process is ever forked in the middle of a write.

A child has a copy of every connection. Where another thread of the parent was in the middle of a write, the child
would undo that write in the file when it ends, behind the back of the parent, which then finds a damaged file.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Final

__all__ = ["lock_over_forks"]

_locks: Final[weakref.WeakSet[threading.RLock]] = weakref.WeakSet()
_held: Final[list[threading.RLock]] = []
_one_fork: Final = threading.Lock()


def lock_over_forks() -> threading.RLock:
    """Give a new lock; whoever forks this process waits until it is free."""
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
