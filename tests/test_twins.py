"""What comes in two colours has the same names, arguments and defaults in both; only awaiting differs."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from invitekit.backends import (
    AsyncListing,
    AsyncListings,
    AsyncUnipileBackend,
    Listing,
    Listings,
    UnipileBackend,
)
from invitekit.backends._http import AsyncWire, Wire
from invitekit.backends._memory import AsyncMemoryBackend, MemoryBackend
from invitekit.backends._service import AsyncHttpBackend, HttpBackend
from invitekit.ports import AsyncBackend, Backend

TWINS = [
    (Backend, AsyncBackend),
    (Listing, AsyncListing),
    (Listings, AsyncListings),
    (HttpBackend, AsyncHttpBackend),
    (MemoryBackend, AsyncMemoryBackend),
    (UnipileBackend, AsyncUnipileBackend),
    (Wire, AsyncWire),
]
RENAMED = {
    "aclose": "close",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
}


def public(kind: type) -> dict[str, Any]:
    """The members that anybody may use, by the name that they have in the sync colour."""
    found = {}
    for name in dir(kind):
        if name.startswith("_") and name not in {*RENAMED, *RENAMED.values()}:
            continue
        found[RENAMED.get(name, name)] = inspect.getattr_static(kind, name)
    return found


def arguments(member: Any) -> list[tuple[str, Any, Any]]:
    """The names, kinds and defaults of a method; nothing of what is none."""
    if not inspect.isfunction(member):
        return []
    return [(one.name, one.kind, one.default) for one in inspect.signature(member).parameters.values()]


@pytest.mark.parametrize(("sync", "other"), TWINS, ids=lambda kind: kind.__name__)
class TestTwins:
    def test_they_have_the_same_names(self, sync: type, other: type) -> None:
        assert public(sync).keys() == public(other).keys()

    def test_and_take_the_same_arguments(self, sync: type, other: type) -> None:
        ours, theirs = public(sync), public(other)

        assert {name: arguments(one) for name, one in ours.items()} == {
            name: arguments(one) for name, one in theirs.items()
        }

    def test_whatever_asks_is_awaited_in_one_and_not_in_the_other(self, sync: type, other: type) -> None:
        for name in ("page", "read", "withdraw", "settle", "snapshot", "accounts", "perform"):
            if name in public(sync):
                assert not inspect.iscoroutinefunction(public(sync)[name]), name
                assert inspect.iscoroutinefunction(public(other)[name]), name

    def test_the_second_points_to_the_first_or_says_as_much(self, sync: type, other: type) -> None:
        for name, member in public(other).items():
            if inspect.isfunction(member) and not name.startswith("__"):
                assert member.__doc__, f"{other.__name__}.{name}"


def test_the_comparison_can_see() -> None:
    class One:
        def ask(self, size: int = 1) -> None: ...

    class Other:
        async def ask(self, size: int = 2) -> None: ...

    assert public(One).keys() == public(Other).keys()
    assert arguments(One.ask) != arguments(Other.ask)
