"""What goes over the wire, as values: a request and its answer, without any library that sends them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias, cast

import attrs

from invitekit.errors import DataError

__all__ = ["Method", "Request", "Response"]

Method: TypeAlias = Literal["GET", "POST", "DELETE"]


def _pairs(given: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> tuple[tuple[str, str], ...]:
    items: Iterable[tuple[str, Any]] = cast("Any", given).items() if isinstance(given, Mapping) else given
    return tuple((key, str(value)) for key, value in items if value is not None)


def _segments(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


@attrs.frozen(weakref_slot=False, repr=False)
class Request:
    """One request, relative to the address of the service. Secrets are no part of it.

    Args:
        method: GET reads; everything else may change something, and is treated so.
        path: The segments of the path below the address of the service. Each is percent-encoded when it is sent,
            so that nothing in it can become another path, another host or another header.
        query: Names and values; those that are None are left out.
        body: What is sent as JSON; None for nothing.

    Raises:
        DataError: A segment is empty, or is made of dots alone, which is a way to another path.
    """

    method: Method
    path: tuple[str, ...] = attrs.field(converter=_segments)
    query: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    body: Mapping[str, Any] | None = None

    def __attrs_post_init__(self) -> None:
        for segment in self.path:
            if not segment.strip(". "):
                raise DataError(
                    f"{segment!r} cannot be a part of an address",
                    hint="An id is missing, or is none",
                    key="request.path",
                )

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, and may be repeated."""
        return self.method == "GET"

    def __repr__(self) -> str:
        # Ids stay out: this ends in logs and in errors. They are what a path ends in.
        shown = self.path[:2] if len(self.path) > 2 else self.path[:1]
        return f"Request({self.method} /{'/'.join(shown)}{'/…' if len(self.path) > len(shown) else ''})"

    def __rich_repr__(self) -> Iterator[str]:
        # Without it, rich would show every field, also among the variables of a traceback.
        yield repr(self)


@attrs.frozen(weakref_slot=False, repr=False)
class Response:
    """One answer, whole: the body has arrived, unchanged and within its ceiling.

    Args:
        status: The HTTP status, 100 to 999.
        headers: Names in lower case, and values, in their order; a name may come twice.
        body: The bytes of the body.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Give the first value of a header, None without it.

        Args:
            name: In lower case.
        """
        return next((value for key, value in self.headers if key == name), None)

    @property
    def succeeded(self) -> bool:
        """Whether the status is one of 200 to 299."""
        return 200 <= self.status <= 299

    def __repr__(self) -> str:
        # What came back is full of people.
        return f"Response({self.status}, {len(self.body):,} bytes)"

    def __rich_repr__(self) -> Iterator[str]:
        yield repr(self)
