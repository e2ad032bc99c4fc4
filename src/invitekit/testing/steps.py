"""What happens on one connection of a `FaultServer`, step by step.

A script is a tuple of steps; at its end the connection is closed. Pauses are real ones, and end when the server
does.
"""

from __future__ import annotations

from threading import Event
from typing import TypeAlias

import attrs

__all__ = ["Close", "Drip", "Read", "Reset", "Script", "Send", "Silence", "Step", "Until", "Wait"]


@attrs.frozen(weakref_slot=False)
class Read:
    """Read until a request has arrived whole, or the other side closes."""


@attrs.frozen(weakref_slot=False)
class Send:
    """Send bytes at once."""

    data: bytes


@attrs.frozen(weakref_slot=False)
class Drip:
    """Send bytes one at a time, in real time, until the other side has had enough.

    Args:
        data: What to send.
        every: Seconds between two bytes.
        repeat: Whether it begins anew at the end, for ever.
    """

    data: bytes
    every: float = 0.05
    repeat: bool = False


@attrs.frozen(weakref_slot=False)
class Wait:
    """Do nothing for a while, in real time."""

    seconds: float


@attrs.frozen(weakref_slot=False)
class Until:
    """Do nothing until an event is set."""

    event: Event = attrs.field(eq=False)


@attrs.frozen(weakref_slot=False)
class Silence:
    """Say nothing more, and keep the connection open until the other side closes it."""


@attrs.frozen(weakref_slot=False)
class Reset:
    """Close the connection with RST."""


@attrs.frozen(weakref_slot=False)
class Close:
    """Close the connection; as does the end of a script."""


Step: TypeAlias = Read | Send | Drip | Wait | Until | Silence | Reset | Close
Script: TypeAlias = tuple[Step, ...]
