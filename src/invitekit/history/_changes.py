"""What recording something changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Final, Self

import attrs

from invitekit.history._entry import Kind, instant
from invitekit.history._observe import Notes
from invitekit.history._timeline import invitation_of
from invitekit.model import Findings, Invitations, Member

__all__ = ["Changes"]

_NONE: Final = Invitations()
_NO_FINDINGS: Final = Findings()


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Changes:
    """What a snapshot, or a worklist, added to a ledger.

    Every invitation stands in one list only, but a new one that is accepted already also in `accepted`.

    Args:
        account: Whose invitations these are; a member without identifiers for outcomes of several accounts.
        at: When this became known, UTC.
        new: Invitations that were not known, in either direction.
        sent: Those of them that were sent since the account was last looked at.
        accepted: They turned out to be connections.
        gone: They left the list, and the two are not connected.
        withdrawn: They were withdrawn.
        reopened: They are pending, although something else was known or presumed.
        unresolved: The complete listing lacks them. The next complete one settles it.
        set_aside: What contradicts itself, or could not be matched; nothing was concluded from it.
        notices: What is worth knowing about what was used.
        entries: How many lines were added to the ledger.
    """

    account: Member
    at: datetime
    new: Invitations = _NONE
    sent: Invitations = _NONE
    accepted: Invitations = _NONE
    gone: Invitations = _NONE
    withdrawn: Invitations = _NONE
    reopened: Invitations = _NONE
    unresolved: Invitations = _NONE
    set_aside: Findings = _NO_FINDINGS
    notices: Findings = _NO_FINDINGS
    entries: int = 0

    @classmethod
    def of(cls, notes: Notes) -> Self:
        """Give what was written as a value."""
        account = notes.account
        touched: dict[Kind, dict[int, Any]] = {}
        if account is None:
            owners = {entry.account: notes.state.accounts[entry.account] for entry in notes.entries}
        else:
            owners = {account.key: account}
        where = {case.key: one for one in owners.values() for case in one.invitations} if len(owners) > 1 else {}
        for kind, case in notes.touched:
            place = where.get(case.key) or next(iter(owners.values()))
            touched.setdefault(kind, {})[case.key] = (place, case)

        def those(kind: Kind) -> Invitations:
            return Invitations(invitation_of(place, case) for place, case in touched.get(kind, {}).values())

        return cls(
            account=Member() if account is None else account.owner,
            at=instant(notes.at),
            new=Invitations(invitation for _, invitation in notes.new),
            sent=Invitations(invitation for kind, invitation in notes.new if kind is Kind.SENT),
            accepted=those(Kind.ACCEPTED),
            gone=those(Kind.GONE),
            withdrawn=those(Kind.WITHDRAWN),
            reopened=those(Kind.CHANGED),
            unresolved=Invitations(invitation_of(notes.book, case) for case in notes.unresolved),
            set_aside=Findings(one for one in notes.findings if one.set_aside),
            notices=Findings(one for one in notes.findings if not one.set_aside),
            entries=len(notes.entries),
        )

    def __bool__(self) -> bool:
        """Whether anything was added to the ledger."""
        return self.entries > 0

    _LISTS: ClassVar = ("new", "accepted", "gone", "withdrawn", "reopened", "unresolved")

    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        named = {name: len(getattr(self, name)) for name in self._LISTS}
        return {**named, "set aside": len(self.set_aside)}

    def _facts(self) -> Iterator[tuple[str, str]]:
        for name, count in self.counts().items():
            if count:
                more = (
                    f" ({len(self.sent):,} sent since the last look)" if name == "new" and len(self.sent) else ""
                )
                yield name, f"{count:,}{more}"
        for finding in (*self.set_aside, *self.notices)[:_SHOWN]:
            yield finding.code, finding.text
        if (rest := len(self.set_aside) + len(self.notices) - _SHOWN) > 0:
            yield "and", f"{rest:,} more findings"

    def __repr__(self) -> str:
        from invitekit._text import plain

        facts = [(plain(key), plain(value)) for key, value in self._facts()]
        if not facts:
            facts = [("nothing new", "" if self.entries == 0 else "the look itself was noted")]
        width = max(len(key) for key, _ in facts)
        lines = (f"  {key.ljust(width)}  {value}".rstrip() for key, value in facts)
        return f"Changes as of {self.at:%Y-%m-%d %H:%M}Z\n" + "\n".join(lines)

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        return html_table((f"Changes as of {self.at:%Y-%m-%d %H:%M}Z", ""), list(self._facts()))

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield from self._facts()


_SHOWN: Final = 5
