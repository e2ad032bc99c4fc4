"""The accounts that a key of the service can speak for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from invitekit._text import clip, plain
from invitekit.dialects._json import decode_object, is_list, is_object
from invitekit.dialects.unipile._lists import text_of
from invitekit.errors import PayloadError
from invitekit.model import UNKNOWN, Unknown

__all__ = ["ServiceAccount", "read_accounts"]


@attrs.frozen(kw_only=True, repr=False)
class ServiceAccount:
    """An account that a service is signed in to.

    Args:
        id: What the service calls it: the ``account_id`` that a backend wants.
        name: Its display name.
        network: Which network it is on, as the service spells it, for instance ``LINKEDIN``.
        statuses: How each of its connections is, as the service spells it: ``OK``, ``STOPPED``, ``ERROR``,
            ``CREDENTIALS``, ``PERMISSIONS`` or ``CONNECTING`` (documented by the vendor, unipile-node-sdk,
            2026-10).
    """

    id: str
    name: str | Unknown = UNKNOWN
    network: str | Unknown = UNKNOWN
    statuses: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether the service says that it works."""
        return bool(self.statuses) and all(status == "OK" for status in self.statuses)

    def _shown(self) -> Iterator[tuple[str, str]]:
        said = " ".join(dict.fromkeys(self.statuses))
        for field, value in (("id", self.id), ("name", self.name), ("network", self.network), ("status", said)):
            if value is not UNKNOWN and value:
                # The id is there to be copied, so it is never cut.
                yield field, value if field == "id" else clip(value, _SHOWN)

    def __str__(self) -> str:
        id_, *more = (plain(value) for _, value in self._shown())
        return f"{id_}: {', '.join(more)}" if more else id_

    def __repr__(self) -> str:
        return f"ServiceAccount({', '.join(f'{field}={value!r}' for field, value in self._shown())})"

    def __rich_repr__(self) -> Iterator[tuple[str, str]]:
        yield from self._shown()


_SHOWN: Final = 60
"""How many characters of a field other than the id are shown."""


def read_accounts(body: bytes) -> tuple[ServiceAccount, ...]:
    """Read the list of accounts.

    Raises:
        PayloadError: It is none, or an account in it has no id.
    """
    page = decode_object(body)
    # The shape is documented by the vendor (unipile-node-sdk), 2026-10.
    if page.get("object") != "AccountList":
        raise PayloadError("the answer is not the list of accounts", key="object")
    rows = page.get("items")
    if not is_list(rows):
        raise PayloadError("the list has no rows, not even none", key="items")
    return tuple(_account(row, number) for number, row in enumerate(rows))


def _account(row: Any, number: int) -> ServiceAccount:
    known = row if is_object(row) else {}
    id_ = text_of(known.get("id"))
    if id_ is UNKNOWN or not id_.isprintable():
        raise PayloadError("an account without an id", key=f"items[{number}].id")
    sources = known.get("sources")
    statuses = [_status(source) for source in sources] if is_list(sources) else []
    return ServiceAccount(
        id=id_,
        name=text_of(known.get("name")),
        network=text_of(known.get("type")),
        statuses=tuple(status for status in statuses if isinstance(status, str)),
    )


def _status(source: Any) -> Any:
    return source.get("status") if is_object(source) else None
