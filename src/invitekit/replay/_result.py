"""What a backtest found, policy by policy and side by side. All of it prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

import attrs

from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Unknown
from invitekit.policy import Policy
from invitekit.replay._figures import Amount, Withdrawal, shown

__all__ = ["Backtest", "PolicyReplay"]


@attrs.frozen(kw_only=True, repr=False)
class PolicyReplay:
    """What one policy would have done on your own past, and what it would have cost and brought.

    Ages and horizons are UTC calendar days. A slot-day is one invitation pending for one day.

    Args:
        name: What the policy is called here.
        policy: The policy.
        withdrawals: What it would have withdrawn, in order.
        days: The days of the replay.
        stock: How many are pending after the decisions of each day. What the account withdrew in the log and the
            policy did not counts with the chance that it would still be there, so this is no whole number.
        cap: How many pending are too many.
        lost_known: How many of the withdrawn the log shows to have been accepted later, by the horizon.
        lost_expected: How many more would have been, by how the others went; `UNKNOWN` like `lost`.
        lost: Both together, with an interval from samples of whole sending weeks. `UNKNOWN` where more than one
            withdrawal in 20 is at an age beyond which the log tells nothing.
        unresolved: Of how many withdrawals the log does not show what became of the invitation.
        unidentified: How many of those are at an age beyond which the log tells nothing.
        imputed_earlier: How many of those the account had withdrawn already, in the log, before the policy did.
        slot_days_saved: How many slot-days its withdrawals save against never withdrawing: each until the
            invitation is answered, or `EXPIRY` after it was sent, also after the end of the replay. What the log
            does not show of that counts with the chance that the invitation would still be there.
        exchange_rate: Slot-days saved for each acceptance lost; `UNKNOWN` where none is lost, or it is unknown.
        reinvites_possible: How many of the withdrawn could be invited again within the replay (LinkedIn holds that
            back for up to three weeks).
        limited_days: On how many days a limit deferred something.
        blocked_days: On how many days its plan could only have been applied after a word of yours (`Blocker`).
        held_out: How many invitations it left alone because of its holdout.
        refits: How often statistics were learned anew.
        horizon: The last day since sending that counts: the horizon that was asked for, or the last day the log
            tells about where that is earlier; `UNKNOWN` where it tells about none.
        never_known: The rules that were unknown of every invitation on every day: what rests on them was never
            decided.
        undecided_days: How often an invitation was undecided on a day, because of something unknown.
        judged_days: How often an invitation was looked at on a day; of these those are a part.
        earlier_pending: How many of `imputed_earlier` would still have been pending when the policy withdrew them,
            had the account not done so; the others would have been answered by then.
        lost_within: Of `lost`, what would have been accepted within the days of the replay.
    """

    name: str
    policy: Policy
    withdrawals: tuple[Withdrawal, ...]
    days: tuple[date, ...]
    stock: tuple[float, ...]
    cap: int
    lost_known: int
    lost_expected: float | Unknown
    lost: Amount
    unresolved: int
    unidentified: int
    imputed_earlier: int
    slot_days_saved: float
    exchange_rate: Amount
    reinvites_possible: int
    limited_days: int
    blocked_days: int
    held_out: int
    refits: int
    horizon: int | Unknown
    never_known: tuple[str, ...] = ()
    undecided_days: int = 0
    judged_days: int = 0
    earlier_pending: float = 0.0
    lost_within: float | Unknown = UNKNOWN

    @property
    def withdrawn(self) -> int:
        """How many it would have withdrawn."""
        return len(self.withdrawals)

    @property
    def per_day(self) -> dict[date, int]:
        """How many on each day, the days without included."""
        counted = Counter(one.day for one in self.withdrawals)
        return {day: counted[day] for day in self.days}

    @property
    def per_week(self) -> dict[date, int]:
        """How many in each week, by its Monday, the weeks without included."""
        found: dict[date, int] = {}
        for day, count in self.per_day.items():
            monday = day - timedelta(days=day.weekday())
            found[monday] = found.get(monday, 0) + count
        return found

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the most acceptances that were lost: what the log shows, and all it leaves open."""
        return self.lost_known, self.lost_known + self.unresolved

    @property
    def imputed_share(self) -> float | Unknown:
        """The share of the withdrawals whose fate is worked out and not seen; `UNKNOWN` where there are none."""
        return self.unresolved / self.withdrawn if self.withdrawn else UNKNOWN

    @property
    def slot_days(self) -> float:
        """How many slot-days the pending invitations took."""
        return sum(self.stock)

    @property
    def mean_stock(self) -> float:
        """How many were pending on average."""
        return self.slot_days / len(self.stock)

    @property
    def max_stock(self) -> float:
        """How many were pending at the most."""
        return max(self.stock)

    @property
    def days_above_cap(self) -> int:
        """On how many days more were pending than the cap."""
        return sum(count > self.cap for count in self.stock)

    def facts(self) -> Iterator[tuple[str, str]]:
        """The figures in words, with what they are."""
        until = "" if self.horizon is UNKNOWN else f" by day {self.horizon}"
        yield "withdrawn", f"{self.withdrawn:,}"
        yield f"acceptances lost{until}", str(self.lost)
        yield "  seen in the log", f"{self.lost_known:,}"
        yield "  between", "{:,} and {:,}".format(*self.bounds)
        yield "  fate worked out, not seen", _part(self.unresolved, self.withdrawn)
        yield "  at ages nobody was left alone", _part(self.unidentified, self.withdrawn)
        yield "  withdrawn earlier in the log", _part(self.imputed_earlier, self.withdrawn)
        yield "pending on average, at most", f"{self.mean_stock:,.0f}, {self.max_stock:,.0f}"
        yield f"days above {self.cap:,}", f"{self.days_above_cap:,} of {len(self.days):,}"
        yield "slot-days saved", shown(round(self.slot_days_saved))
        yield "  for each acceptance lost", str(self.exchange_rate)
        yield "re-invites made possible", f"{self.reinvites_possible:,}"
        yield "days on which a limit held back", f"{self.limited_days:,}"
        yield "days that needed your word", f"{self.blocked_days:,}"
        yield "held out", f"{self.held_out:,}"
        if self.undecided_days:
            yield _UNDECIDED, _part(self.undecided_days, self.judged_days)

    def to_record(self) -> dict[str, Any]:
        """Give the figures as a flat record; what is unknown becomes None."""
        values: dict[str, Any] = {
            "policy": self.name,
            "withdrawn": self.withdrawn,
            "lost": self.lost.value,
            "lost_lower": self.lost.lower,
            "lost_upper": self.lost.upper,
            "lost_known": self.lost_known,
            "lost_expected": self.lost_expected,
            "lost_within": self.lost_within,
            "lost_at_most": self.bounds[1],
            "unresolved": self.unresolved,
            "unidentified": self.unidentified,
            "imputed_earlier": self.imputed_earlier,
            "earlier_pending": self.earlier_pending,
            "mean_stock": self.mean_stock,
            "max_stock": self.max_stock,
            "days_above_cap": self.days_above_cap,
            "slot_days_saved": self.slot_days_saved,
            "exchange_rate": self.exchange_rate.value,
            "reinvites_possible": self.reinvites_possible,
            "limited_days": self.limited_days,
            "blocked_days": self.blocked_days,
            "held_out": self.held_out,
            "undecided_days": self.undecided_days,
            "horizon": self.horizon,
        }
        return {key: None if value is UNKNOWN else value for key, value in values.items()}

    def to_records(self) -> list[dict[str, Any]]:
        """Give what was withdrawn as flat records, in order."""
        return [one.to_record() for one in self.withdrawals]

    def __repr__(self) -> str:
        from invitekit._text import plain_table

        return plain_table(("", ""), self.facts(), title=f"Replay of {self.name!r}", width=60)

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        return html_table(("", ""), self.facts(), title=f"Replay of {self.name!r}")

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "name", self.name
        yield "withdrawn", self.withdrawn
        yield "lost", str(self.lost)
        yield "mean_stock", round(self.mean_stock)


def _unknown(one: PolicyReplay) -> str:
    """What a policy could not decide, and the rules that never had an answer."""
    undecided = (
        f"{one.undecided_days:,} of {one.judged_days:,} invitation-days were undecided, "
        "and what is undecided is not withdrawn and costs nothing"
    )
    if not one.never_known:
        return undecided
    names, verb = ", ".join(one.never_known), "was" if len(one.never_known) == 1 else "were"
    so = f": {undecided}" if one.undecided_days else ", so nothing was withdrawn because of it"
    return f"{names} {verb} unknown of every invitation on every day{so}"


_UNDECIDED: Final = "invitation-days undecided"


def _part(count: int, of: int) -> str:
    return f"{count:,} of {of:,}" if count else "0"


def _plainly(facts: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The figures without the horizon, which stands in the title."""
    return ((label.partition(" by day ")[0], value) for label, value in facts)


@attrs.frozen(kw_only=True, repr=False)
class Backtest:
    """Policies on your own past, side by side.

    Args:
        replays: One for each policy, in the order given.
        since: The first day; UTC.
        until: The last day; UTC.
        invitations: How many sent invitations the log holds.
        left_out: How many sent invitations say nothing about acceptance, by the code of the reason.
        identified: From which to which day since sending the log tells how recipients behave: at least 10 were
            under observation all along. `UNKNOWN` where it tells about no day.
        asked: The horizon that was asked for, in days since sending.
        confidence: How often the intervals cover the truth.
    """

    replays: tuple[PolicyReplay, ...]
    since: date
    until: date
    invitations: int
    left_out: tuple[tuple[str, int], ...]
    identified: tuple[int | Unknown, int | Unknown]
    asked: int
    confidence: float

    def __getitem__(self, policy: str | int) -> PolicyReplay:
        if isinstance(policy, int):
            return self.replays[policy]
        for one in self.replays:
            if one.name == policy:
                return one
        raise DataError(
            f"no policy of this backtest is called {policy!r:.60}",
            hint=f"There are: {', '.join(repr(one.name) for one in self.replays)}",
            key="backtest",
        )

    def __iter__(self) -> Iterator[PolicyReplay]:
        return iter(self.replays)

    def __len__(self) -> int:
        return len(self.replays)

    def break_even(self, policy: str | int) -> float | Unknown:
        """The price of a slot-day, in acceptances, at which a policy is worth as much as the first one.

        Where a slot-day costs more than that, the one that saves more of them is better; where it costs less, the
        one that loses fewer acceptances. Both are counted within the days of the replay: what comes after it the
        slower policy might still withdraw. `UNKNOWN` where what was lost is unknown, both save the same, or one is
        better at any price.
        """
        first, other = self.replays[0], self[policy]
        if first.lost_within is UNKNOWN or other.lost_within is UNKNOWN:
            return UNKNOWN
        saved = first.slot_days - other.slot_days
        price = (other.lost_within - first.lost_within) / saved if saved else -1.0
        return abs(price) if price >= 0 else UNKNOWN  # Never minus nothing.

    @property
    def notes(self) -> tuple[str, ...]:
        """What to bear in mind."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        first, last = self.identified
        if first is UNKNOWN or last is UNKNOWN:
            yield "identified to no day: too few invitations were under observation to tell what waiting brings"
        else:
            start = "" if first <= 0 else f"from day {first} "
            yield f"identified {start}up to day {last}: nobody knows what invitations left alone for longer bring"
        for one in self.replays:
            if one.never_known or one.undecided_days:
                yield f"{one.name}: {_unknown(one)}; plan once with the same context to see what it lacks"
            if not one.lost.is_known:
                yield (
                    f"{one.name}: withdraws at ages that the log does not reach, so what it loses is unknown; "
                    "a holdout keeps that known: Policy(holdout=0.05)"
                )
            if one.imputed_earlier:
                yield (
                    f"{one.name}: {one.imputed_earlier:,} of its withdrawals were withdrawn earlier in the log; "
                    "what became of them is worked out from others. All of them count as withdrawn; about "
                    f"{one.earlier_pending:,.0f} would still have been pending then"
                )
        if self.left_out:
            count, codes = sum(number for _, number in self.left_out), ", ".join(code for code, _ in self.left_out)
            yield f"{count:,} invitations say nothing about acceptance ({codes})"
        yield (
            "sends are held as they were: more of them thanks to a shorter list, or a restriction avoided, are "
            "not in it; the price of a slot-day is where they belong"
        )

    def _rows(self) -> list[tuple[str, ...]]:
        columns = [dict(_plainly(one.facts())) for one in self.replays]
        labels = dict.fromkeys(label for column in columns for label in column)
        rows = [(label, *(column.get(label, "0") for column in columns)) for label in labels]
        if len(self.replays) > 1:
            prices = [self.break_even(place) for place in range(len(self.replays))]
            spelled = ["unknown" if price is UNKNOWN else f"{price:.2g}" for price in prices]
            rows.append(("break-even price of a slot-day", "", *spelled[1:]))
        return rows

    @property
    def _title(self) -> str:
        horizon = self.replays[0].horizon
        until = "" if horizon is UNKNOWN else f", acceptances by day {horizon}"
        return (
            f"Backtest from {self.since} to {self.until}: {self.invitations:,} invitations{until}, "
            f"{self.confidence:.0%} intervals"
        )

    def __repr__(self) -> str:
        from invitekit._text import plain, plain_table

        table = plain_table(self._columns, self._rows(), title=self._title)
        return "\n".join([table, *(f"  note: {plain(note)}" for note in self.notes)])

    def _repr_html_(self) -> str:
        from invitekit._text import escape, html_table

        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return f"{html_table(self._columns, self._rows(), title=self._title)}<ul>{notes}</ul>"

    @property
    def _columns(self) -> tuple[str, ...]:
        return ("", *(one.name for one in self.replays))

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "since", self.since.isoformat()
        yield "until", self.until.isoformat()
        for one in self.replays:
            yield one.name, one

    def to_records(self) -> list[dict[str, Any]]:
        """Give the figures of each policy as flat records, all with the same keys; unknown becomes None."""
        prices = (self.break_even(place) for place in range(len(self.replays)))
        return [
            {**one.to_record(), "break_even": None if price is UNKNOWN or not place else price}
            for place, (one, price) in enumerate(zip(self.replays, prices, strict=True))
        ]
