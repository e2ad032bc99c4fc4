"""Whose invitations a snapshot is about."""

from __future__ import annotations

from typing import Final

from invitekit.errors import DataError
from invitekit.history._entry import Kind
from invitekit.history._notes import Notes
from invitekit.history._state import Account, State
from invitekit.model import UNKNOWN, Member, Truth

__all__ = ["open_account", "whose"]


_TWO: Final = 2


def whose(state: State, owner: Member) -> Account | None:
    """Find the account of a member; None where it is not known yet.

    Raises:
        DataError: The member has no identifier, and there is not exactly one account that it could be; or the
            identifiers contradict what is known of the account they point to.
    """
    accounts = list(state.accounts.values())
    if not owner.identifiers:
        if len(accounts) > 1:
            raise DataError(
                "nothing says whose account this is about, and several are known",
                hint="Pass account= with the member whose account it is",
                key="account",
            )
        names = {one.owner.name for one in accounts} | {owner.name}
        if len(names - {UNKNOWN}) > 1:
            raise DataError(
                "the account has another name than the one that is known, and no identifier",
                hint="Pass account= with the member whose account it is",
                key="account",
            )
        return accounts[0] if accounts else None
    alike = [(one, one.owner.same_as(owner)) for one in accounts]
    if any(truth is Truth.TRUE for _, truth in alike):
        return next(one for one, truth in alike if truth is Truth.TRUE)
    shared = [one for one in accounts if one.owner.identifiers.items() & owner.identifiers.items()]
    if shared:
        raise DataError(
            "the account's identifiers contradict each other: one is a known account's, a stronger one is not",
            hint="Pass account= with the member whose account it is",
            key="account",
        )
    # An account of which nothing but a name was known may be this one, unless the names differ.
    alone = accounts[0] if len(accounts) == 1 and not accounts[0].owner.identifiers else None
    return alone if alone is not None and len({alone.owner.name, owner.name} - {UNKNOWN}) < _TWO else None


def open_account(notes: Notes, owner: Member) -> Account:
    """Take up an account, or learn another identifier of it."""
    said = {field: getattr(owner, field) for field in ("name", *owner.identifiers)}
    if notes.account is not None and not owner.identifiers:
        notes.notice("account-assumed", "nothing says whose account it is; the only one that is known was taken")
    if notes.account is None:
        entry = notes.write(Kind.ACCOUNT, personal=said)
        notes.account = notes.state.accounts[entry.account]
    elif new := {
        field: value
        for field, value in said.items()
        if value is not UNKNOWN and getattr(notes.account.owner, field) is UNKNOWN
    }:
        notes.write(Kind.ACCOUNT, personal=new)
    return notes.account
