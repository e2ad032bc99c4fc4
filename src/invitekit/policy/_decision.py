"""Decisions: one for every invitation of a snapshot, made when it is asked for."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final, Self, overload

import attrs

from invitekit.model import UNKNOWN, Collection, Invitation
from invitekit.policy._guards import HELD_OUT
from invitekit.rules import Reason

__all__ = ["VERDICTS", "Chosen", "Decision", "Decisions", "Verdict"]


class Verdict(enum.StrEnum):
    """What is to become of an invitation."""

    WITHDRAW = "withdraw"
    """Withdraw it."""
    DEFER = "defer"
    """It would be withdrawn, but a limit leaves no room in this plan."""
    UNDECIDED = "undecided"
    """Something the source does not say would decide; it is left alone."""
    KEEP = "keep"
    """Leave it."""
    CLOSED = "closed"
    """There is nothing to decide: received, accepted, withdrawn or gone."""


VERDICTS: Final = tuple(Verdict)
"""The verdicts in the order in which a plan lists them."""


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Decision:
    """What a plan decided about one invitation, and why.

    Args:
        invitation: The invitation.
        verdict: What is to become of it.
        reasons: Everything that was looked at; those with ``decides`` made the verdict.
        rank: Its place among what is withdrawn or deferred, from 1; None for all others.
        follows: What a withdrawal brings with it; empty for other verdicts.
    """

    invitation: Invitation
    verdict: Verdict
    reasons: tuple[Reason, ...]
    rank: int | None = None
    follows: tuple[Reason, ...] = ()

    @property
    def because(self) -> tuple[Reason, ...]:
        """The reasons that made the verdict; what the limits and the policy say before what the guards say."""
        decided = (reason for reason in self.reasons if reason.decides)
        return tuple(sorted(decided, key=lambda reason: _SPEAKING_ORDER.get(reason.role, 0)))

    @property
    def is_held_out(self) -> bool:
        """Whether it would be withdrawn, but for the holdout of the policy."""
        return self.verdict is Verdict.KEEP and any(
            reason.decides and reason.code == HELD_OUT for reason in self.reasons
        )

    @property
    def grounds(self) -> tuple[str, ...]:
        """The reasons in words, each once.

        Of what is withdrawn only what speaks for it, and of what is held out only that, not all the rest.
        """
        chosen = self.verdict in (Verdict.WITHDRAW, Verdict.DEFER)
        if self.is_held_out:
            speaking = [reason for reason in self.because if reason.code == HELD_OUT]
        else:
            speaking = [reason for reason in self.because if not chosen or reason.role in ("withdraw", "limit")]
        return tuple(dict.fromkeys(reason.text for reason in speaking or self.because))

    @property
    def why(self) -> str:
        """The reasons in one line."""
        return "; ".join(self.grounds)

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record; what is unknown becomes None."""
        invitation = self.invitation
        sent, known = invitation.sent_at, invitation.sent_at.is_known
        return {
            "id": invitation.id,
            "name": None if invitation.member.name is UNKNOWN else invitation.member.name,
            "slug": None if invitation.member.slug is UNKNOWN else invitation.member.slug,
            "sent_earliest": sent.earliest if known else None,
            "sent_latest": sent.latest if known else None,
            "status": invitation.status.value,
            "verdict": self.verdict.value,
            "rank": self.rank,
            "codes": " ".join(reason.code for reason in self.because),
            "why": self.why,
        }

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "member", str(self.invitation.member)
        yield "verdict", self.verdict.value
        if self.rank is not None:
            yield "rank", self.rank
        yield "because", [reason.text for reason in self.because]

    def __repr__(self) -> str:
        return f"Decision({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        rows = [(name, value) for name, value in self.__rich_repr__() if name != "because"]
        return html_table(("decision", ""), [*rows, ("because", self.why)])


_SPEAKING_ORDER: Final = {"limit": 0, "withdraw": 1, "keep": 2, "guard": 3}


class Chosen(Collection[Decision]):
    """Decisions of one verdict, in order."""

    __slots__ = ()

    _noun = "decisions"
    _shown = ("rank", "verdict", "name", "sent_at", "why")
    _width = 64
    _aliases: ClassVar[Mapping[str, str]] = {
        **{field: f"invitation.member.{field}" for field in ("name", "slug", "urn", "provider_id")},
        **{field: f"invitation.{field}" for field in ("sent_at", "status", "evidence", "company", "title")},
    }


Explain = Callable[[int], tuple[tuple[Reason, ...], tuple[Reason, ...]]]
"""Gives the reasons and what follows, for the invitation at an index."""


class Decisions(Sequence[Decision]):
    """The decisions of a plan: what is withdrawn first, in order of rank, then deferred, undecided, kept, closed.

    The order depends on nothing but the decisions, so plans made from the same facts in another order are equal.
    A million decisions cost twelve to thirty times what their verdicts cost, so a decision is put together when
    it is asked for.
    """

    __slots__ = ("_explain", "_held_out", "_invitations", "_order", "_ranks", "_verdicts")

    def __init__(
        self,
        invitations: Sequence[Invitation],
        verdicts: Sequence[int],
        ranks: Mapping[int, int],
        explain: Explain,
        held_out: Sequence[int] = (),
    ) -> None:
        self._invitations = invitations
        self._verdicts = verdicts
        self._ranks = ranks
        self._explain = explain
        self._held_out = held_out
        self._order: list[int] | None = None

    @classmethod
    def of(cls, decisions: Iterable[Decision]) -> Self:
        """Hold decisions that have been made, for instance those of a plan that was saved."""
        made = tuple(decisions)
        return cls(
            [decision.invitation for decision in made],
            [VERDICTS.index(decision.verdict) for decision in made],
            {index: decision.rank for index, decision in enumerate(made) if decision.rank is not None},
            lambda index: (made[index].reasons, made[index].follows),
            [index for index, decision in enumerate(made) if decision.is_held_out],
        )

    def _sorted(self) -> list[int]:
        if self._order is None:
            verdicts, ranks, invitations = self._verdicts, self._ranks, self._invitations

            def place(index: int) -> tuple[Any, ...]:
                invitation = invitations[index]
                return verdicts[index], ranks.get(index, 0), invitation.sent_at.latest, invitation.id

            self._order = sorted(range(len(invitations)), key=place)
        return self._order

    def _make(self, index: int) -> Decision:
        reasons, follows = self._explain(index)
        return Decision(
            invitation=self._invitations[index],
            verdict=VERDICTS[self._verdicts[index]],
            reasons=reasons,
            rank=self._ranks.get(index),
            follows=follows,
        )

    def places(self, verdict: Verdict) -> range:
        """Where those with this verdict stand, one behind the other."""
        code = VERDICTS.index(verdict)
        start = sum(1 for other in self._verdicts if other < code)
        return range(start, start + self.count(verdict))

    def of_verdict(self, verdict: Verdict) -> Chosen:
        """Those with this verdict, in order."""
        places = self.places(verdict)
        return Chosen(self[places.start : places.stop])

    @property
    def held_out(self) -> Chosen:
        """Those that would be withdrawn but for the holdout of the policy, in order."""
        held = frozenset(self._held_out)
        return Chosen(self._make(index) for index in self._sorted() if index in held) if held else Chosen()

    @property
    def held_out_count(self) -> int:
        """How many those are, without making them."""
        return len(self._held_out)

    def about(self, ids: frozenset[str]) -> tuple[Decision, ...]:
        """Those about the invitations with these ids, in order."""
        return tuple(self._make(index) for index in self._sorted() if self._invitations[index].id in ids)

    def count(self, value: object) -> int:
        """How many have this verdict (or, as of any sequence, equal this decision)."""
        if isinstance(value, Verdict):
            code = VERDICTS.index(value)
            return sum(1 for verdict in self._verdicts if verdict == code)
        return sum(1 for decision in self if decision == value)

    @property
    def invitations(self) -> Sequence[Invitation]:
        """The invitations, in no particular order."""
        return self._invitations

    def verdicts(self) -> dict[str, Verdict]:
        """The verdict by the id of the invitation, in order."""
        return {self._invitations[index].id: VERDICTS[self._verdicts[index]] for index in self._sorted()}

    @overload
    def __getitem__(self, index: int) -> Decision: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Decision, ...]: ...
    def __getitem__(self, index: int | slice) -> Decision | tuple[Decision, ...]:
        if isinstance(index, slice):
            return tuple(self._make(one) for one in self._sorted()[index])
        return self._make(self._sorted()[index])

    def __len__(self) -> int:
        return len(self._invitations)

    def __iter__(self) -> Iterator[Decision]:
        return map(self._make, self._sorted())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Decisions):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self.verdicts().items()))

    def __reduce__(self) -> tuple[Any, ...]:
        # The explaining function holds generated code; what it would say travels instead.
        return Decisions.of, (tuple(self),)

    def __repr__(self) -> str:
        counts = (f"{verdict.value} {count:,}" for verdict in VERDICTS if (count := self.count(verdict)))
        return f"<{len(self):,} decisions: {', '.join(counts)}>"
