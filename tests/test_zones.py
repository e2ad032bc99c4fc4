"""Which zone a name means."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, timedelta, timezone, tzinfo

import pytest

from invitekit._zones import PACIFIC, zone_of
from invitekit.errors import DataError, MissingExtraError


@pytest.fixture
def no_zone_data(monkeypatch):
    """A system without zone data, as Windows and slim containers are."""

    def missing(name):
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", missing)
    monkeypatch.setattr(zoneinfo, "available_timezones", set)


def test_a_name_is_looked_up():
    assert zone_of("Europe/Brussels") == zoneinfo.ZoneInfo("Europe/Brussels")


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5)), PACIFIC])
def test_a_tzinfo_passes_as_it_is(zone):
    assert zone_of(zone) is zone


def test_pacific_needs_no_zone_data(no_zone_data):
    assert zone_of("America/Los_Angeles") is PACIFIC


def test_another_zone_without_zone_data_names_the_extra(no_zone_data):
    with pytest.raises(MissingExtraError) as caught:
        zone_of("Europe/Brussels")
    assert caught.value.extra == "tz"
    assert "invitekit[tz]" in str(caught.value)


def test_a_misspelt_name_is_answered_with_the_nearest():
    with pytest.raises(DataError, match="Did you mean 'Europe/Brussels'"):
        zone_of("Europe/Bruxels")


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "/etc/localtime", "America", "a\0b", "x" * 300, "🕰"])
def test_what_is_no_name_of_a_zone_is_refused(name):
    with pytest.raises(DataError, match="no time zone is called"):
        zone_of(name)


@pytest.mark.parametrize("zone", [None, 8, b"UTC"])
def test_other_types_are_refused(zone):
    with pytest.raises(DataError, match="a name or a tzinfo"):
        zone_of(zone)


class Silent(tzinfo):
    def utcoffset(self, when):
        return None


@pytest.mark.parametrize("zone", [Silent(), tzinfo()])
def test_a_zone_that_does_not_know_its_offset_is_refused(zone):
    with pytest.raises(DataError, match="does not say"):
        zone_of(zone)
