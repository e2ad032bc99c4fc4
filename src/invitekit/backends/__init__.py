"""Services that hold invitations, and how to reach them.

Each constructor (`unipile`, `memory`, and whatever `load` finds) gives a value that knows how to reach a service;
its ``open()`` and ``aopen()`` give the live backend, sync and async. `Listings` and `AsyncListings` add lists and
snapshots to a backend of your own, `in_thread` lends a
sync one to async callers, and `in_loop` the other way round.

Everything here is loaded when it is first used; what sends requests, when a backend for HTTP is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invitekit.backends._in_thread import in_loop as in_loop
    from invitekit.backends._in_thread import in_thread as in_thread
    from invitekit.backends._listings import AsyncListing as AsyncListing
    from invitekit.backends._listings import AsyncListings as AsyncListings
    from invitekit.backends._listings import Listing as Listing
    from invitekit.backends._listings import Listings as Listings
    from invitekit.backends._memory import memory as memory
    from invitekit.backends._registry import load as load
    from invitekit.backends._registry import names as names
    from invitekit.backends._unipile import AsyncUnipileBackend as AsyncUnipileBackend
    from invitekit.backends._unipile import Unipile as Unipile
    from invitekit.backends._unipile import UnipileBackend as UnipileBackend
    from invitekit.backends._unipile import unipile as unipile

_HOMES = {
    "AsyncListing": "_listings",
    "AsyncListings": "_listings",
    "AsyncUnipileBackend": "_unipile",
    "Listing": "_listings",
    "Listings": "_listings",
    "Unipile": "_unipile",
    "UnipileBackend": "_unipile",
    "in_loop": "_in_thread",
    "in_thread": "_in_thread",
    "load": "_registry",
    "memory": "_memory",
    "names": "_registry",
    "unipile": "_unipile",
}

__all__ = [
    "AsyncListing",
    "AsyncListings",
    "AsyncUnipileBackend",
    "Listing",
    "Listings",
    "Unipile",
    "UnipileBackend",
    "in_loop",
    "in_thread",
    "load",
    "memory",
    "names",
    "unipile",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return list(__all__)
