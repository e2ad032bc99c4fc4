"""Whose export it is: no file says so, but every row has the account on one of its two sides."""

from __future__ import annotations

from collections import Counter

from invitekit.dialects.export._log import Aside
from invitekit.dialects.export._people import composed, identify, name_key
from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Member, Truth
from invitekit.model._member import trusted_member

__all__ = ["Account", "account_key"]


def account_key(member: Member) -> str:
    """What stands for an account in the ids made from its rows: an identifier, without one the name."""
    if member.key is not UNKNOWN:
        return member.key
    return "" if member.name is UNKNOWN else f"name:{name_key(member.name)}"


class Account:
    """The account of a file: the inviter of what was sent, the invitee of what was received.

    Within a file it is always the same (measured on member exports). Rows that say otherwise come from an export
    of somebody else that was pasted in, and are not used.

    Args:
        owner: The account; None for that of the first row.

    Attributes:
        owner: The account; without a name and an identifier before the first row.
        others: How many rows belong to somebody else, by account.
    """

    def __init__(self, owner: Member | None = None) -> None:
        self.owner = owner or Member()
        self.others: Counter[str] = Counter()
        self._members: dict[str, Member] = {}
        self._settled = owner is not None

    def check(self, address: str, name: str) -> None:
        """Take the account's side of a row; not needed for one that spells it as the row above.

        Args:
            address: The account's profile address or URN, as the row has it; empty where there is none.
            name: The account's display name, as the row has it.

        Raises:
            Aside: The row belongs to somebody else, or says nothing of whose it is.
        """
        try:
            slug, urn = identify(address)
        except DataError:
            raise Aside("unreadable-profile", "the profile address of the account itself is none") from None
        member = trusted_member(composed(name.strip()) or UNKNOWN, slug, urn)
        key = account_key(member)
        if not key:
            raise Aside("no-account", "does not say whose invitation it is")
        if not self._settled:
            self.owner, self._settled = member, True
        elif not self._is_owner(member):
            self.others[key] += 1
            self._members.setdefault(key, member)
            raise Aside("other-account", "belongs to the export of somebody else")

    def _is_owner(self, member: Member) -> bool:
        same = self.owner.same_as(member)
        if same is not Truth.UNKNOWN:
            return same is Truth.TRUE
        names = [one.name for one in (self.owner, member)]
        return all(name is not UNKNOWN for name in names) and len({name_key(str(name)) for name in names}) == 1

    def likeliest(self, own_rows: int) -> Member:
        """The account most rows belong to; among equals the first by its key, whatever the order of the rows.

        Args:
            own_rows: How many rows belong to the one that was taken for the account.
        """
        rows = {account_key(self.owner): own_rows, **self.others}
        best = min(rows, key=lambda key: (-rows[key], key))
        return self._members.get(best, self.owner)
