"""What a policy learns within a replay is what it would have learned from the ledger of that day."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest
from tests.replay.worlds import STAYERS, Sent, at, export, listing, people

import invitekit as ik
from invitekit.insight import AcceptanceStats
from invitekit.replay._learn import learn
from invitekit.replay._tracks import Log, log_of_history


def looked(world: list[Sent], days: list[float], exports: tuple[float, ...] = ()) -> ik.SqliteLedger:
    """A ledger of listings, and of exports besides."""
    now = 0.0
    ledger = ik.SqliteLedger(":memory:", clock=lambda: at(now))
    everybody = [*world, *STAYERS]
    for now in sorted([*days, *exports]):
        ledger.record(export(everybody, now) if now in exports else listing(everybody, now))
    return ledger


def learned(log: Log, moment: datetime) -> AcceptanceStats:
    """What the replay learns at a moment, before any policy did anything."""
    known = [track for track in log.tracks if track.versions[0][0] <= moment]
    return learn(log, [(track, None) for track in known], moment)


def rows(stats: AcceptanceStats) -> Counter[tuple[int | None, int, int | None, frozenset[str]]]:
    """How the invitations went that it learned from."""
    return Counter(one.row for one in stats.courses)


@pytest.mark.parametrize("moment", [28, 35, 39, 40.5, 42, 63])
def test_a_later_look_does_not_vouch_for_the_days_between(moment: float) -> None:
    """Looked at once a week. On day 39 nobody knows more than on day 35, though day 42 shows who was there."""
    ledger = looked(people(5, 400, 60, rate=0.35, declines=0.2), [7.0 * week for week in range(13)])
    then = AcceptanceStats.from_history(ledger.history(at=at(moment)))
    found = learned(log_of_history(ledger.history()), at(moment))

    assert rows(found) == rows(then)
    assert found.fit.chance(14) == then.fit.chance(14)


@pytest.mark.parametrize("moment", [39, 42, 60])
def test_an_export_that_came_later_tells_nothing_before_it(moment: float) -> None:
    """Listed once a week, and exported on day 70: before that nobody knew that nothing had been missed.

    Whom the export showed first counts as if exports had been taken every day, so there are more.
    """
    ledger = looked(people(5, 300, 60, rate=0.35), [7.0 * week for week in range(10)], (70.0,))
    then = AcceptanceStats.from_history(ledger.history(at=at(moment)))
    found = learned(log_of_history(ledger.history()), at(moment))

    assert not rows(then) - rows(found)
    extra = rows(found) - rows(then)
    assert 0 < extra.total() < 100
    assert {entry for entry, _, _, _ in extra} == {None}


def test_of_exports_what_the_next_one_told_late_is_learned_late() -> None:
    """Exported on days 20 and 40. On day 30 those of the first count to day 20, whoever was accepted since."""
    world = [Sent(number, sent=1.25, accepted=25.0 if number < 10 else None) for number in range(30)]
    world += [Sent(100 + number, sent=22.25, accepted=27.0 if number < 10 else None) for number in range(30)]
    ledger = ik.SqliteLedger(":memory:", clock=lambda: at(50))
    for day in (20, 40):
        ledger.record(export(world, day))
    found = learned(log_of_history(ledger.history()), at(30))

    assert rows(found) == {
        (None, 19, None, frozenset()): 30,
        (None, 5, 5, frozenset({"accept"})): 10,
        (None, 8, None, frozenset()): 20,
    }
