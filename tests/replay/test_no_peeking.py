"""No policy sees the future: whatever happens after a day changes nothing that was decided until then."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.replay.worlds import Sent, age_rule, at, by_policy, export, history, lived, people

import invitekit as ik
from invitekit import rules as r
from invitekit.replay import backtest

END = 60
Log = ik.Snapshot | object


def otherwise(world: list[Sent], day: float, seed: int) -> list[Sent]:
    """The same world up to noon of a day, and another one after it."""
    chance = random.Random(seed)
    found = []
    for one in copy.deepcopy(world):
        if one.sent > day and chance.random() < 0.5:
            continue
        if one.ends > day:
            later = day + 0.6 + 20 * chance.random()
            one.accepted = later if chance.random() < 0.5 else None
            one.declined = later + 1 if chance.random() < 0.3 else None
            one.withdrawn = later + 2 if chance.random() < 0.3 else None
        found.append(one)
    found += [Sent(5_000 + number, sent=day + 0.6 + number) for number in range(5)]
    return found


POLICIES = (
    age_rule(6, limits=ik.Limits(per_day=2, per_week=9)),
    age_rule(4, limits=ik.Limits(share=0.1), holdout=0.2),
    ik.Policy(
        name="company",
        withdraw=r.older_than(days=5) & ~r.withdrawn_before(),
        keep=r.company("Example Works").if_unknown(False) | r.title_matches("recruiter").if_unknown(False),
        limits=ik.Limits(per_run=4),
        min_age=timedelta(days=2),
    ),
    ik.Policy(
        name="notes",
        withdraw=r.older_than(days=5) & ~r.same_note_as(at_least=3).if_unknown(False),
        limits=ik.Limits(per_run=4),
        min_age=timedelta(days=2),
    ),
    ik.Policy(
        name="own",
        withdraw=r.rule(lambda item, sight: len(sight.invitations) % 3 != 0, reason="not by threes"),
        limits=ik.Limits(per_run=2),
        min_age=timedelta(days=3),
    ),
)
LEARNED = ik.Policy(
    name="learned",
    withdraw=r.chance_below(0.2),
    limits=ik.Limits(per_week=20),
    min_age=timedelta(days=2),
)


def decided(policy: ik.Policy, log: object, day: int) -> list[tuple[str, object]]:
    """What was withdrawn until noon of a day, and when."""
    (one,) = backtest(policy, log, since=at(0), refit_days=14)  # type: ignore[arg-type]
    return [(each.invitation_id, each.at) for each in one.withdrawals if each.at <= at(day)]


def told(world: list[Sent]) -> object:
    """The timelines of the world."""
    return history(world, END)


def exported(world: list[Sent]) -> object:
    """The export of the end; what was withdrawn is not in it, so nothing was."""
    world = copy.deepcopy(world)
    for one in world:
        one.withdrawn = None
    return export(world, END)


@pytest.mark.parametrize("log", [told, exported])
@settings(max_examples=15)
@given(
    policy=st.sampled_from(POLICIES),
    seed=st.integers(0, 2**16),
    day=st.integers(4, 50),
    other=st.integers(0, 2**16),
)
def test_what_comes_later_changes_nothing(
    log: Callable[[list[Sent]], object], policy: ik.Policy, seed: int, day: int, other: int
) -> None:
    world = people(seed, 80, 50)

    before = decided(policy, log(world), day)
    assert decided(policy, log(otherwise(world, day, other)), day) == before


@pytest.mark.parametrize("log", [told, exported])
def test_what_is_learned_comes_from_what_was_known(log: Callable[[list[Sent]], object]) -> None:
    """A policy by chance, refitted every two weeks, decides the same whatever comes later."""
    world = people(1, 150, 50)

    before = decided(LEARNED, log(world), 40)
    assert len(before) > 5
    assert decided(LEARNED, log(otherwise(world, 40, 1)), 40) == before


def test_a_ledger_does_not_give_the_future_away() -> None:
    """With real looks: the same until a day, then two ways to go on."""
    world = people(9, 80, 30)
    other = otherwise(world, 20, 3)
    policy = age_rule(5, limits=ik.Limits(per_run=3))
    logs = [lived(copy.deepcopy(one), 40, by_policy(age_rule(9))).history() for one in (world, other)]

    first, second = (decided(policy, log, 20) for log in logs)
    assert first == second
    assert len(first) > 10


def test_statistics_given_from_outside_are_used_as_they_are() -> None:
    """With refit_days=None, which may know the future, as the documentation says."""
    world = people(3, 300, 50)
    log = told(world)
    stats = ik.AcceptanceStats.from_history(log)  # type: ignore[arg-type]
    (fixed,) = backtest(LEARNED, log, context=ik.Context(stats=stats), refit_days=None)  # type: ignore[arg-type]
    (learned,) = backtest(LEARNED, log, refit_days=20, since=at(0))  # type: ignore[arg-type]

    assert (fixed.refits, learned.refits) == (0, 4)
    assert fixed.withdrawn > 0
    assert [one.at for one in fixed.withdrawals] != [one.at for one in learned.withdrawals]


def test_a_policy_that_asks_no_statistics_gets_none() -> None:
    (one,) = backtest(age_rule(6), told(people(3, 50, 50)))  # type: ignore[arg-type]

    assert one.refits == 0
