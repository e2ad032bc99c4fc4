"""The HTTP library: httpx, or httpx2 where httpx is missing, and the TLS settings that one process has.

The only module that loads either.
"""

from __future__ import annotations

import functools
import ssl
import threading
from importlib import import_module
from typing import Any, Final

from invitekit.backends._forks import renew_in_children
from invitekit.backends._trouble import LIBRARIES
from invitekit.errors import BackendError

__all__ = ["library", "limits", "tls"]

_KEEP_IDLE: Final = 5.0  # seconds; what httpx chooses


def library() -> Any:
    """Load httpx, or httpx2 where httpx is missing; their interfaces are the same as far as they are used here."""
    for name in LIBRARIES:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise BackendError(
        "neither httpx nor httpx2 is installed",
        hint="Install httpx, which comes with invitekit unless it was left out on purpose",
        sent="no",
        code="connect",
    )


class _Turn:
    """A lock that a child finds free."""

    def __init__(self) -> None:
        self.forked()

    def forked(self) -> None:
        self.lock = threading.Lock()


_tls_turn: Final = _Turn()
renew_in_children(_tls_turn)


def tls() -> ssl.SSLContext:
    """Give the TLS settings that all own connections of this process share."""
    with _tls_turn.lock:
        return _made_tls()


@functools.cache
def _made_tls() -> ssl.SSLContext:
    # Not from the environment: SSL_CERT_FILE and the like could point to anybody's certificates.
    context: ssl.SSLContext = library().create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def limits() -> Any:
    """Give the settings of a transport that holds one connection."""
    return library().Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEEP_IDLE)
