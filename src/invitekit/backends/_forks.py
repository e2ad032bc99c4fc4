"""What a forked child must not share with its parent: locks that somebody holds, and connections.

A child has the memory of its parent but none of its threads, and the same sockets: whoever of the two asked over
an inherited connection would get the other's answers. So a child starts with none, and writes nothing to those
that it lets go of: no goodbye either, since the parent goes on.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Any, Final, Protocol
from weakref import WeakSet

__all__ = ["disown", "keep_for_good", "renew_in_children"]


class _Renewed(Protocol):
    def forked(self) -> None:
        """Start anew in a child: locks that nobody has, connections of its own."""


_renewed: Final[WeakSet[_Renewed]] = WeakSet()
_inherited: Final[list[object]] = []


def renew_in_children(thing: _Renewed) -> None:
    """Have `forked` of this object called in every forked child, for as long as somebody else holds it."""
    _renewed.add(thing)


def keep_for_good(thing: object) -> None:
    """Never let go of what belongs to an event loop of the parent: its end would be announced to that loop."""
    _inherited.append(thing)


def _forked() -> None:
    for thing in tuple(_renewed):
        thing.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def disown(held: Any) -> None:
    """Close this process's descriptor of a connection, and write nothing to it."""
    real = getattr(held, "_sock", held)  # asyncio hands out a view of it
    if isinstance(real, socket.socket):
        with suppress(OSError):
            # Not close: SSLSocket and asyncio would say goodbye, or tell a loop that it shares with the parent.
            descriptor = real.detach()
            if descriptor >= 0:
                os.close(descriptor)
