"""Unipile v1, and services with the same API: how to reach it, and the live backends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import attrs

from invitekit._drive import adrive, drive
from invitekit._ops import Flow
from invitekit.backends._checks import clock_of
from invitekit.backends._edge import Gate
from invitekit.backends._http import AsyncWire, Wire
from invitekit.backends._origin import Origin
from invitekit.backends._retry import retries
from invitekit.backends._service import AsyncHttpBackend, HttpBackend
from invitekit.dialects.unipile import ServiceAccount, UnipileDialect
from invitekit.errors import DataError
from invitekit.flows import Retry, ask
from invitekit.ports import Clock
from invitekit.secret import Secret

__all__ = ["AsyncUnipileBackend", "Unipile", "UnipileBackend", "unipile"]

_PATIENCE: Final = timedelta(minutes=5)
"""How long a read waits for the end of a rate limit. Our choice: whoever waits longer wants to know about it."""

_DEADLINE: Final = timedelta(seconds=30)
"""How long one request may take in all. Our choice; the vendor names none, and asks the network behind it live."""


def unipile(
    *,
    api_key: Secret | str,
    dsn: str | None = None,
    base_url: str | None = None,
    account_id: str | None = None,
    patience: timedelta = _PATIENCE,
    deadline: timedelta = _DEADLINE,
) -> Unipile:
    """Say how to reach Unipile v1, or a service with the same API.

    Nothing is opened or asked yet::

        vendor = ik.backends.unipile(
            dsn="api1.unipile.com:13443", api_key=ik.Secret.from_env("UNIPILE_API_KEY"), account_id="…"
        )
        with vendor.open() as backend:
            for invitation in backend.sent():
                print(invitation.member, invitation.sent_at)

    Args:
        api_key: Your key, sent in the header ``X-API-KEY``.
        dsn: Host and port that the vendor's dashboard shows, for instance ``api1.unipile.com:13443``.
        base_url: Instead of `dsn`, the whole address up to and including the version, for services with the same
            API: ``https://api.postpress.ai/v1`` (PostPress, by one secondary source), or a fake for tests.
        account_id: Which of your accounts. Leave it out to ask ``accounts()`` for their ids, and nothing else.
        patience: How long a read waits for the end of a rate limit at most; beyond it, `RateLimitedError`.
        deadline: How long one request may take in all, whatever arrives meanwhile. A read that fails quickly is
            asked again, twice at most; one that was late is not.

    Raises:
        DataError: A setting cannot be right: both or neither of `dsn` and `base_url`, an address that is not
            https (except on this very machine), a time that is not above zero.
    """
    try:
        return Unipile(
            origin=_origin(dsn, base_url),
            api_key=api_key if isinstance(api_key, Secret) else Secret(api_key),
            dialect=UnipileDialect(account_id=account_id),
            patience=_time("patience", patience),
            deadline=_time("deadline", deadline),
        )
    except DataError as error:
        problem = error.with_traceback(None)
    # The frames below hold what was given, as this one does, and some of it is secret.
    del api_key, dsn, base_url
    raise problem


def _origin(dsn: object, base_url: str | None) -> Origin:
    if (dsn is None) == (base_url is None):
        raise DataError(
            "give either dsn or base_url",
            hint="The dashboard of Unipile shows the DSN, for instance api1.unipile.com:13443",
            key="unipile.dsn",
        )
    return Origin.of(_address(dsn) if base_url is None else base_url)


def _address(dsn: object) -> str:
    """Give the address that a DSN means, as the dashboard shows it or as somebody pasted it."""
    host = dsn.strip().removeprefix("https://").rstrip("/") if isinstance(dsn, str) else ""
    if not host or any(char in host for char in "/@?#\\ "):
        raise DataError(
            "the DSN is a host and a port", hint="For instance api1.unipile.com:13443", key="unipile.dsn"
        )
    return f"https://{host}/api/v1"


def _time(name: str, value: timedelta) -> timedelta:
    if not _is_time(value):
        raise DataError(f"{name} must be a timedelta above zero", key=f"unipile.{name}")
    return value


def _is_time(value: object) -> bool:
    return isinstance(value, timedelta) and value > timedelta(0)


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Unipile:
    """How to reach Unipile, or a service with the same API; made by `unipile`, opened by `open` and `aopen`."""

    origin: Origin
    api_key: Secret
    dialect: UnipileDialect
    patience: timedelta
    deadline: timedelta
    _gate: Gate = attrs.field(factory=Gate, init=False, eq=False)
    """Until when the service wants no requests: all backends of this value heed it, in both colours."""

    def open(self, *, client: Any = None, clock: Clock | None = None) -> UnipileBackend:
        """Open it; nothing is asked yet. Close it in the end, or use it in a ``with`` statement.

        Args:
            client: An ``httpx.Client`` or ``httpx2.Client`` of your own, for proxies or certificates of a company;
                it stays open. Or anything with ``exchange(request) -> response``, as the fakes of
                `invitekit.testing` have.
            clock: Tells the time, and waits; the system's where there is none.

        Raises:
            DataError: `client` is something else.
        """
        time = clock_of(clock)
        wire = Wire(self.origin, self._headers, client=client, clock=time, deadline=self.deadline, gate=self._gate)
        return UnipileBackend(self.dialect, wire, retry=retries(), patience=self.patience)

    def aopen(self, *, client: Any = None, clock: Clock | None = None) -> AsyncUnipileBackend:
        """Open it for async callers, under asyncio; as `open`, with an ``AsyncClient`` and ``async with``."""
        time = clock_of(clock)
        wire = AsyncWire(
            self.origin, self._headers, client=client, clock=time, deadline=self.deadline, gate=self._gate
        )
        return AsyncUnipileBackend(self.dialect, wire, retry=retries(), patience=self.patience)

    @property
    def _headers(self) -> dict[str, str | Secret]:
        # Documented by the vendor (Node SDK 1.9, 2026-10).
        return {"X-API-KEY": self.api_key}

    def __repr__(self) -> str:
        return f"unipile(at {self.origin.root!r}, api_key={self.api_key!r})"


def _accounts(dialect: UnipileDialect, *, retry: Retry, patience: timedelta) -> Flow[tuple[ServiceAccount, ...]]:
    return ask(dialect.accounts_request(), dialect.accounts, retry=retry, patience=patience)


class UnipileBackend(HttpBackend):
    """A live backend for Unipile v1; see `HttpBackend`."""

    _dialect: UnipileDialect

    def accounts(self) -> tuple[ServiceAccount, ...]:
        """List the accounts of this key, with the id that `unipile` wants and how each is doing.

        Raises:
            BackendError: They could not be read.
            PayloadError: They came, and cannot be understood.
        """
        return drive(_accounts(self._dialect, retry=self._retry, patience=self._patience), self._wire.perform)


class AsyncUnipileBackend(AsyncHttpBackend):
    """A live backend for Unipile v1 and async callers; see `AsyncHttpBackend`."""

    _dialect: UnipileDialect

    async def accounts(self) -> tuple[ServiceAccount, ...]:
        """List the accounts of this key, as `UnipileBackend.accounts`."""
        flow = _accounts(self._dialect, retry=self._retry, patience=self._patience)
        return await adrive(flow, self._wire.perform)
