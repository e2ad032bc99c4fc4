"""What recording something changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Final, Self

import attrs

from invitekit.history._entry import Kind, instant, micros
from invitekit.history._notes import Notes
from invitekit.history._state import Account
from invitekit.history._timeline import invitation_of
from invitekit.model import Direction, Findings, Invitation, Invitations, Member, Status

__all__ = ["Changes"]

_NONE: Final = Invitations()
_NO_FINDINGS: Final = Findings()


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Changes:
    """What a snapshot, or a worklist, added to a ledger.

    Every invitation stands in one list only, but a new one of which more is known also in the list that says it.

    Args:
        account: Whose invitations these are; a member without identifiers for outcomes of several accounts.
        at: When this became known, UTC.
        new: Invitations that were not known, in either direction.
        sent: Those of them that were sent since the account was last looked at.
        accepted: They turned out to be connections.
        gone: They left the list, and no source shows the two connected.
        withdrawn: They were withdrawn.
        confirmed: A service lists them as pending, which an export could only presume.
        reopened: They are pending after all: a conclusion was taken back.
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
    confirmed: Invitations = _NONE
    reopened: Invitations = _NONE
    unresolved: Invitations = _NONE
    set_aside: Findings = _NO_FINDINGS
    notices: Findings = _NO_FINDINGS
    entries: int = 0

    @classmethod
    def of(cls, notes: Notes) -> Self:
        """Give what was written as a value."""
        # Of several things that were concluded about one invitation, the last counts.
        touched = {case.key: (kind, place, case) for kind, place, case in notes.touched}

        def those(wanted: Kind) -> Iterator[Invitation]:
            return (invitation_of(place, case) for kind, place, case in touched.values() if kind is wanted)

        accepted = (one for _, one in notes.new if one.status is Status.ACCEPTED)

        return cls(
            account=Member() if notes.account is None else notes.account.owner,
            at=instant(notes.at),
            new=Invitations(invitation for _, invitation in notes.new),
            sent=Invitations(invitation for kind, invitation in notes.new if kind is Kind.SENT),
            accepted=Invitations([*accepted, *those(Kind.ACCEPTED)]),
            gone=Invitations(those(Kind.GONE)),
            withdrawn=Invitations(those(Kind.WITHDRAWN)),
            confirmed=Invitations(those(Kind.CONFIRMED)),
            reopened=Invitations(those(Kind.REOPENED)),
            unresolved=Invitations(invitation_of(notes.book, case) for case in notes.unresolved),
            set_aside=Findings(one for one in notes.findings if one.set_aside),
            notices=Findings(one for one in notes.findings if not one.set_aside),
            entries=len(notes.entries),
        )

    @classmethod
    def since(cls, account: Account, moment: datetime) -> Self:
        """Give what became known of an account after a moment.

        Of an invitation to which several things happened, the last counts.
        """
        at = micros(moment)
        new: list[Invitation] = []
        by_kind: dict[Kind, list[Invitation]] = {}
        entries = 0
        for case in account.invitations:
            story = case.story
            if all(one.at <= at for one in story):
                continue
            recent = [one.kind for one in story if one.at > at]
            entries += len(recent)
            invitation = invitation_of(account, case)
            if case.first_at > at:
                new.append(invitation)
            end = _END_OF.get(case.status)
            if Kind.SENT in recent:
                by_kind.setdefault(Kind.SENT, []).append(invitation)
            if end is not None and (end in recent or case.first_at > at):
                by_kind.setdefault(end, []).append(invitation)
        newest = account.looks[-1] if account.looks else None
        return cls(
            account=account.owner,
            at=moment if newest is None else max(moment, instant(newest.at)),
            new=Invitations(new),
            sent=Invitations(by_kind.get(Kind.SENT, ())),
            accepted=Invitations(by_kind.get(Kind.ACCEPTED, ())),
            gone=Invitations(by_kind.get(Kind.GONE, ())),
            withdrawn=Invitations(by_kind.get(Kind.WITHDRAWN, ())),
            unresolved=Invitations(
                invitation_of(account, case)
                for case in account.open.values()
                if newest is not None and newest.lacks(case) and case.direction is Direction.SENT
            ),
            entries=entries,
        )

    def __bool__(self) -> bool:
        """Whether anything was added to the ledger."""
        return self.entries > 0

    _LISTS: ClassVar = ("new", "accepted", "gone", "withdrawn", "confirmed", "reopened", "unresolved")

    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        named = {name: len(getattr(self, name)) for name in self._LISTS}
        return {**named, "set aside": len(self.set_aside)}

    def _facts(self) -> Iterator[tuple[str, str]]:
        for name, count in self.counts().items():
            if count:
                sent = f" ({len(self.sent):,} sent since the last look)" if len(self.sent) else ""
                yield name, f"{count:,}{sent if name == 'new' else ''}"
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
_END_OF: Final = {Status.ACCEPTED: Kind.ACCEPTED, Status.GONE: Kind.GONE, Status.WITHDRAWN: Kind.WITHDRAWN}
