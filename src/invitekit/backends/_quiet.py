"""Keeps the loggers of the HTTP libraries silent about our traffic, and about nothing else.

These libraries log whole addresses (at INFO) and headers (at DEBUG). What others do with them in the same process
is none of our business, so their loggers are left as they are: a filter drops the records that are made while one
of our exchanges is under way in the same thread or task.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["hush", "log", "quiet"]

log = logging.getLogger("invitekit")
"""The logger of invitekit: method, the first part of the path, status and size, all at DEBUG."""

log.addHandler(logging.NullHandler())

_inside: ContextVar[bool] = ContextVar("inside", default=False)

_FOREIGN = ("httpx", "httpcore", "httpx2", "httpcore2", "h11", "h2", "hpack", "anyio")

# A filter of a logger does not see the records of the loggers below it, so each is named. (From the sources of
# httpcore 1.0.9, httpcore2 2.16.2, hpack 4.1 and anyio 4.16; what else exists by then is found by its first name.)
_NAMED = (
    *_FOREIGN,
    *(
        f"{library}.{part}"
        for library in ("httpcore", "httpcore2")
        for part in ("connection", "http11", "http2", "proxy", "socks")
    ),
    "hpack.hpack",
    "hpack.table",
    "anyio.streams.tls",
)


class _Silence(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not _inside.get()


_SILENCE = _Silence()


def hush() -> None:
    """Put the filter on every logger of the HTTP libraries that exists by now; twice is once."""
    found = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _FOREIGN]
    for name in {*_NAMED, *found}:
        logging.getLogger(name).addFilter(_SILENCE)


@contextmanager
def quiet() -> Generator[None]:
    """While this lasts, the HTTP libraries log nothing from here."""
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)
