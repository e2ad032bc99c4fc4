"""What is written while something is recorded."""

from __future__ import annotations

from typing import Any

from invitekit.errors import DataError
from invitekit.history._case import Case
from invitekit.history._entry import Entry, Kind, Span, spelled
from invitekit.history._state import Account, State
from invitekit.model import UNKNOWN, Cause, Evidence, Finding, Invitation, Unknown

__all__ = ["Notes"]


class Notes:
    """What is written while something is recorded: the entries, and who they are about.

    Attributes:
        entries: To be appended to the ledger, in order.
        findings: What was set aside, and what was doubted.
        new: Invitations that were not known, as the snapshot has them, with the kind of their entry.
        touched: Invitations about which something was concluded, by kind of entry.
    """

    def __init__(self, state: State, account: Account | None, at: int) -> None:
        self.state = state
        self.account = account
        self.at = at
        self.entries: list[Entry] = []
        self.findings: list[Finding] = []
        self.new: list[tuple[Kind, Invitation]] = []
        self.touched: list[tuple[Kind, Account, Case]] = []
        self.unresolved: list[Case] = []

    @property
    def book(self) -> Account:
        """The account it is about."""
        if self.account is None:
            raise DataError("no account is known yet", hint="Record a snapshot first")
        return self.account

    def write(
        self,
        kind: Kind,
        *,
        member: int = 0,
        invitation: int = 0,
        facts: dict[str, Any] | None = None,
        personal: dict[str, Any] | None = None,
        at: int | None = None,
    ) -> Entry:
        """Write one entry, and take it up."""
        seq = self.state.seq + 1
        said = spelled(personal) if personal else None
        entry = Entry(
            seq,
            kind.value,
            self.at if at is None else at,
            self.account.key if self.account is not None else seq,
            member,
            invitation,
            spelled(facts or {}),
            None if said in (None, "{}") else said,
        )
        self.entries.append(entry)
        self.state.apply(entry)
        return entry

    def conclude(
        self,
        kind: Kind,
        case: Case,
        known: Span,
        evidence: Evidence,
        *,
        cause: Cause | Unknown = UNKNOWN,
        at: int | None = None,
    ) -> None:
        """Write what became of an invitation."""
        facts = {
            "known": known,
            "evidence": evidence.value,
            **({} if cause is UNKNOWN else {"cause": cause.value}),
        }
        # Nothing is known of an invitation before it is seen.
        at = max(self.at if at is None else at, case.first_at)
        self.write(kind, member=case.person.key, invitation=case.key, facts=facts, at=at)
        self.touched.append((kind, self.book, case))

    def set_aside(self, code: str, text: str, about: str = "") -> None:
        """Leave something out, and say so."""
        self.findings.append(Finding(code=code, text=text, set_aside=True, about=about))

    def notice(self, code: str, text: str, about: str = "") -> None:
        """Say something about what is used."""
        self.findings.append(Finding(code=code, text=text, about=about))
