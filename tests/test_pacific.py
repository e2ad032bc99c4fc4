"""US Pacific time without zone data."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from invitekit._zones import PACIFIC

REAL = ZoneInfo("America/Los_Angeles")


def test_every_hour_of_2007_to_2030_is_the_same_as_by_the_zone_data():
    instant = datetime(2007, 1, 1, tzinfo=UTC)
    wrong = []
    while instant.year <= 2030:
        ours, theirs = instant.astimezone(PACIFIC), instant.astimezone(REAL)
        if (ours.utcoffset(), ours.fold) != (theirs.utcoffset(), theirs.fold):
            wrong.append(instant)
        instant += timedelta(hours=1)

    assert wrong == []


def test_the_names_of_its_two_times_are_the_usual_ones():
    for month in range(1, 13):
        ours, theirs = (datetime(2024, month, 20, 12, tzinfo=zone) for zone in (PACIFIC, REAL))
        assert (ours.dst(), ours.tzname()) == (theirs.dst(), theirs.tzname())


@pytest.mark.parametrize("fold", [0, 1])
def test_every_half_hour_on_the_wall_means_the_same_instant(fold):
    """Also the hour that does not exist and the hour that exists twice."""
    wall = datetime(2007, 1, 1, tzinfo=PACIFIC)
    wrong = []
    while wall.year <= 2030:
        # Around the changes every half hour, elsewhere twice a day.
        step = timedelta(minutes=30) if wall.month in {3, 11} and wall.day <= 15 else timedelta(hours=12)
        if wall.replace(fold=fold).astimezone(UTC) != wall.replace(fold=fold, tzinfo=REAL).astimezone(UTC):
            wrong.append(wall)
        wall += step

    assert wrong == []


def test_there_is_one_of_it():
    assert pickle.loads(pickle.dumps(PACIFIC)) is PACIFIC
    assert copy.deepcopy(PACIFIC) is PACIFIC
    assert (repr(PACIFIC), str(PACIFIC)) == ("PACIFIC", "America/Los_Angeles")


def test_without_an_instant_it_has_a_name_only():
    assert (PACIFIC.utcoffset(None), PACIFIC.dst(None), PACIFIC.tzname(None)) == (None, None, "PT")
