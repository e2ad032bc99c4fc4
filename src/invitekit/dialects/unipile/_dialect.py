"""One account of the service: what to ask, and what the answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

import attrs

from invitekit._collector import collector_paused
from invitekit._wire import Request, Response
from invitekit.dialects._symptoms import error_type, symptoms
from invitekit.dialects.unipile._accounts import ServiceAccount, read_accounts
from invitekit.dialects.unipile._lists import read_page
from invitekit.dialects.unipile._profile import read_standing
from invitekit.dialects.unipile._withdrawal import verdict
from invitekit.errors import BackendError, DataError, RefusedError
from invitekit.model import UNKNOWN, Capability, Invitation, ListKind, Member, Outcome, Page, Standing
from invitekit.model._interval import as_utc

__all__ = ["UnipileDialect"]

# Paths and page sizes, as of 2026-10. Documented by the vendor: the sent list
# (https://developer.unipile.com/reference/userscontroller_listalluserinvitationssent), the received list, the
# relations (also https://api.postpress.io/docs/profiles-connections), the profile (i-unipile-sdk) and the
# accounts (unipile-node-sdk). Withdrawing is known from one secondary source
# (https://api.postpress.io/docs/profiles-invitation-cancel). `/users/connections` is not the list of relations.
_PATHS: Final[Mapping[ListKind, tuple[str, ...]]] = {
    ListKind.SENT: ("users", "invite", "sent"),
    ListKind.RECEIVED: ("users", "invite", "received"),
    ListKind.CONNECTIONS: ("users", "relations"),
}
_SIZES: Final[Mapping[ListKind, int]] = {
    ListKind.SENT: 250,
    ListKind.RECEIVED: 100,
    ListKind.CONNECTIONS: 1_000,
}


def _account(_: Any, __: attrs.Attribute[Any], value: object) -> None:
    if value is None or (isinstance(value, str) and value.strip() and value.isprintable()):
        return
    raise DataError("account_id must be a text that is not empty, or None", key="account_id")


@attrs.frozen
class UnipileDialect:
    """How Unipile, version 1, spells invitations, for one account of it.

    Args:
        account_id: Which account, as `ServiceAccount.id` has it; None serves to list the accounts and for nothing
            else.

    Raises:
        DataError: The account is no text.
    """

    account_id: str | None = attrs.field(default=None, validator=_account)

    name: ClassVar[str] = "unipile"
    """What errors and ledgers call the service."""
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)
    """Everything that there is."""
    sizes: ClassVar[Mapping[ListKind, int]] = _SIZES
    """How many rows a page has at most."""

    def _mine(self) -> str:
        if self.account_id is None:
            raise BackendError(
                "nobody said which account of the service is meant",
                hint="Pass account_id; .open().accounts() lists those that the key can speak for",
                sent="no",
                code="no-account",
            )
        return self.account_id

    # ── The lists ──

    def page_request(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Request:
        """Ask for one page of a list.

        Args:
            of: Which list.
            cursor: The `Page.next` of the page before; None for the first page.
            size: How many rows are wanted; what is more than the service gives becomes what it gives.

        Raises:
            BackendError: ``no-account``.
        """
        most = self.sizes[of]
        limit = most if size is None else max(1, min(size, most))
        return Request("GET", _PATHS[of], {"account_id": self._mine(), "limit": limit, "cursor": cursor})

    def page(self, of: ListKind, response: Response, at: datetime) -> Page:
        """Read one page of a list; `at` is when the answer arrived, aware.

        Raises:
            BackendError: As `invitekit.dialects._symptoms.symptoms` has it.
            PayloadError: The answer is no such page.
        """
        with collector_paused():
            return read_page(of, self._body(response, at), as_utc(at))

    # ── One member ──

    def read_request(self, member: Member) -> Request:
        """Ask about one member, by the provider's id if there is one, else by the slug.

        Raises:
            BackendError: ``no-account``; `RefusedError` ``no-identifier`` for a member who has neither.
        """
        who = member.slug if member.provider_id is UNKNOWN else member.provider_id
        if who is UNKNOWN:
            raise RefusedError(
                "the service cannot be asked about somebody who has neither a provider's id nor a slug",
                hint="Read the lists instead",
                sent="no",
                code="no-identifier",
            )
        return Request("GET", ("users", who), {"account_id": self._mine()})

    def standing(self, member: Member, response: Response, at: datetime) -> Standing:
        """Read how a member stands to the account; `at` is when the answer arrived, aware.

        Raises:
            BackendError: As `page`; `RefusedError` ``not-found`` where the service does not know the member.
            PayloadError: The answer is no profile, or that of nobody, or of somebody else.
        """
        return read_standing(member, self._body(response, at), as_utc(at))

    # ── Withdrawing ──

    def withdrawal_request(self, invitation: Invitation) -> Request:
        """Ask to withdraw one invitation.

        Raises:
            BackendError: ``no-account``.
        """
        return Request("DELETE", ("users", "invite", "sent", invitation.id), {"account_id": self._mine()})

    def withdrawal(self, invitation: Invitation, response: Response, at: datetime) -> Outcome:
        """Read what came of it; `at` is when the answer arrived, aware. It is never `Started`.

        `Result.ALREADY_GONE` is what the service said, and no more: a 404 may also be that of a wrong account, so
        the backend takes one for unknown unless it has read a list of this account.

        Raises:
            BackendError: Whoever asks should stop here; `sent` says whether it may have been done all the same.
        """
        kind = error_type(response)
        symptoms(response, at, reads=False, error_type=kind)
        result, why = verdict(response, kind)
        return Outcome(invitation_id=invitation.id, member=invitation.member, result=result, why=why, at=at)

    # ── The accounts ──

    def accounts_request(self) -> Request:
        """Ask for the accounts that the key can speak for."""
        return Request("GET", ("accounts",))

    def accounts(self, response: Response, at: datetime) -> tuple[ServiceAccount, ...]:
        """Read the accounts; `at` is when the answer arrived, aware.

        Raises:
            BackendError: As `page`.
            PayloadError: The answer is no such list.
        """
        return read_accounts(self._body(response, at))

    def _body(self, response: Response, at: datetime) -> bytes:
        kind = error_type(response)
        symptoms(response, at, reads=True, error_type=kind, trouble=_TROUBLE.get(kind, "Try again later"))
        return response.body


_TROUBLE: Final[Mapping[str, str]] = {
    # Seen in one code base, 2026-10: a host that is not the customer's own answers so, and not with 404.
    "errors/no_client_session": "Check the DSN: the host of another customer answers so; else try again later",
}
