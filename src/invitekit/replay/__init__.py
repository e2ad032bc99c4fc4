"""What a policy would have done on your own past, and what that would have cost.

    ledger.history(account) or an export  ->  day by day, seeing no future  ->  Backtest

What recipients do does not depend on the policy; what becomes visible does. So acceptances are counted where the
log shows them, worked out from how others went where it does not, and called unknown where nobody was ever left
alone so long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, cast

from invitekit.errors import DataError, PolicyError
from invitekit.history import History
from invitekit.model import EXPIRY, Completeness, Snapshot
from invitekit.policy import Context, Policy
from invitekit.replay._curve import curve_of
from invitekit.replay._figures import Amount, Withdrawal
from invitekit.replay._learn import learn
from invitekit.replay._moments import day_of, moments
from invitekit.replay._places import Places
from invitekit.replay._result import Backtest, PolicyReplay
from invitekit.replay._score import Scale, score
from invitekit.replay._tracks import Log, log_of_history, log_of_snapshot
from invitekit.replay._walk import calendar_of, walk

__all__ = ["Amount", "Backtest", "PolicyReplay", "Withdrawal", "backtest"]

_CAP: Final = 500
"""How many pending are too many unless somebody says otherwise. A common advice of vendors; LinkedIn publishes no
number."""


def backtest(
    policies: Policy | Iterable[Policy] | Mapping[str, Policy],
    history: History | Snapshot,
    *,
    context: Context | None = None,
    since: date | datetime | None = None,
    until: date | datetime | None = None,
    cap: int = _CAP,
    horizon: int = EXPIRY.days,
    refit_days: int | None = 7,
    confidence: float = 0.95,
    seed: int = 0,
) -> Backtest:
    """Replay your own past under policies, day by day and without seeing the future.

    Each day at the moment of the latest look on it (on a day without one that left a trace, at the time of day of
    the look before), a policy plans with what was known by then, and its plan is carried out at once. Its limits
    count its own withdrawals. What the account withdrew in the log and the policy did not stays in view, until the
    policy withdraws it or it is `EXPIRY` old. The policy that was in force reproduces its recorded withdrawals, if
    it was carried out before anybody answered in between; its limits count those at the times of the log.

    What an export tells became known all at once; each day shows what an export of that day would have shown.
    Tags, keep-marks and contacts are those of `context` on every day. Company and title are shown only where the
    source tells them of people who did not accept, too. Where a plan has a `Blocker`, it is carried out all the
    same, and the day is counted.

    Acceptances lost are counted against never withdrawing, up to the horizon or the last day that the log tells
    about (at least 10 invitations under observation), whichever is earlier; slot-days saved until the invitation
    is answered or expires. Neither stops at the last day of the replay. That takes for granted that past
    withdrawals went by age or by what the log shows; where they went by a hunch, it is off. Samples for intervals
    are of whole sending weeks, since campaigns come in clusters; weights for policies that go by more than age
    (inverse probability of having been left alone) are not worked out.

    Args:
        policies: A policy, several, or several by name.
        history: ``ledger.history()``, or an export as `invitekit.read_export` gives it.
        context: Tags, keep-marks and contacts, as for `Policy.plan`. Of its withdrawals those before the first day
            count, and those of the log are known without.
        since: The first day; a date in UTC, or an aware datetime of that day. When not given, the day of the first
            listing; of an export, that of the first invitation.
        until: The last day; that of the last look when not given.
        cap: How many pending are too many, for `days_above_cap`.
        horizon: Up to which day since sending an acceptance counts as lost.
        refit_days: How often policies that ask statistics (`r.chance_below`, `r.not_worth_waiting`, functions of
            your own) get new ones, learned from what was known on that day; None gives them those of `context` on
            every day, which may know the future.
        confidence: How often the intervals are to cover the truth.
        seed: Where the samples begin; the same seed gives the same intervals.

    Raises:
        DataError: `history` is neither, holds no sent invitation, or there is no day between `since` and `until`.
        PolicyError: `policies` is none, or a function of the user's failed.
    """
    named = _named(policies)
    log = _log(history)
    _check(cap, horizon, refit_days, confidence)
    days = moments(
        log,
        None if since is None else day_of(since, "since"),
        None if until is None else day_of(until, "until"),
    )
    given = Context() if context is None else context
    if not isinstance(given, Context):
        raise DataError(f"context must be a Context, got {type(given).__name__}", hint="For instance Context(…)")
    calendar = calendar_of(log, days)
    curves = curve_of((track.course for track in log.tracks if track.course is not None), horizon)
    places = Places(log, calendar, moments(log, days[0].date(), None), curves.point)
    scale = Scale(log, calendar, places, curves, horizon, cap, confidence, seed)
    return Backtest(
        replays=tuple(
            score(
                name,
                policy,
                walk(policy, log, calendar, given, refit_days=refit_days, stats_of=learn),
                scale,
            )
            for name, policy in named.items()
        ),
        since=days[0].date(),
        until=days[-1].date(),
        invitations=len(log.tracks),
        left_out=log.left_out,
        identified=curves.identified,
        asked=horizon,
        confidence=confidence,
    )


def _named(policies: object) -> dict[str, Policy]:
    named: list[tuple[object, object]]
    if isinstance(policies, Policy):
        named = [(policies.name, policies)]
    elif isinstance(policies, Mapping):
        named = list(cast("Mapping[object, object]", policies).items())
    elif isinstance(policies, Iterable):
        several = cast("Iterable[object]", policies)
        named = [(one.name if isinstance(one, Policy) else "", one) for one in several]
    else:
        named = [("", policies)]
    found: dict[str, Policy] = {}
    for name, one in named:
        if not isinstance(one, Policy):
            raise PolicyError(
                f"a backtest takes policies, got {type(one).__name__}", hint="For instance [Policy.default()]"
            )
        again, number = str(name), 2
        while again in found:
            again, number = f"{name} ({number})", number + 1
        found[again] = one
    if not found:
        raise PolicyError("a backtest takes at least one policy", hint="For instance [Policy.default()]")
    return found


def _log(history: Any) -> Log:
    if isinstance(history, Snapshot):
        if history.completeness is not Completeness.LOG:
            raise DataError(
                "a listing shows what is pending at one moment, and nothing of the past",
                hint="Record listings in a ledger, and replay ledger.history(); or replay an export",
                key="history",
            )
        log = log_of_snapshot(history)
    elif isinstance(history, History):
        if not any(one.invitation.direction.value == "sent" for one in history):
            raise DataError("the history holds no sent invitation", hint="Record a listing or an export first")
        log = log_of_history(history)
    else:
        raise DataError(
            f"expected a History or an export, got {type(history).__name__}",
            hint="For instance ledger.history(), or what invitekit.read_export gave",
            key="history",
        )
    if not log.tracks:
        raise DataError(
            "no sent invitation in it was ever seen open at a known time", hint="There is nothing to replay"
        )
    return log


def _check(cap: object, horizon: object, refit_days: object, confidence: object) -> None:
    for name, value in (("cap", cap), ("horizon", horizon), ("refit_days", refit_days)):
        least = 0 if name == "cap" else 1
        if value is None and name == "refit_days":
            continue
        if type(value) is not int or value < least:
            raise DataError(f"{name} must be a whole number from {least} up, got {value!r:.40}", key=name)
    if not isinstance(confidence, float) or not 0.5 <= confidence < 1:
        raise DataError(
            f"confidence must be a number from 0.5 to below 1, got {confidence!r:.40}", key="confidence"
        )
