"""The types that users of a backtest see."""

from __future__ import annotations

from datetime import date
from typing import assert_type

import invitekit as ik
from invitekit.history import History
from invitekit.model import Snapshot, Unknown
from invitekit.replay import Amount, Backtest, PolicyReplay, Withdrawal, backtest


def one_by_one(policy: ik.Policy, history: History, export: Snapshot) -> None:
    found = ik.backtest(policy, history)
    assert_type(found, Backtest)
    assert_type(backtest([policy], export, since=date(2026, 3, 1), cap=400), Backtest)
    assert_type(backtest({"a": policy}, history, horizon=60, refit_days=None), Backtest)
    assert_type(found["a"], PolicyReplay)
    assert_type(found[0].withdrawals, tuple[Withdrawal, ...])
    assert_type(found[0].lost, Amount)
    assert_type(found[0].lost.value, float | Unknown)
    assert_type(found[0].horizon, int | Unknown)
    assert_type(found.break_even("a"), float | Unknown)
    assert_type(found[0].per_week, dict[date, int])
    assert_type(policy.holdout, float)
    assert_type([one.name for one in found], list[str])
