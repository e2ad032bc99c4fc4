"""One connection: checked when built, silent about the e-mail address."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime

import attrs
import pytest
from tests.population import NOW

from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Connection, Interval, Member

ADA = Member(name="Ada Example", slug="ada-example-77")
FULL = Connection(
    member=ADA,
    connected_at=Interval.day(date(2026, 10, 5)),
    email="ada@mail.example",
    company="Acme Example",
    position="Beekeeper",
)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("member", "ada-example-77"),
        ("connected_at", NOW),
        ("connected_at", UNKNOWN),
        ("email", None),
        ("company", 5),
        ("position", b"x"),
    ],
)
def test_a_wrong_type_is_refused_by_the_name_of_its_field(field: str, wrong: object) -> None:
    with pytest.raises(DataError, match=f"{field} must be") as caught:
        attrs.evolve(FULL, **{field: wrong})
    assert caught.value.key == f"connection.{field}"


@pytest.mark.parametrize(
    ("connected_at", "day"),
    [
        (Interval.day(date(2026, 10, 5)), date(2026, 10, 5)),
        (Interval.at(datetime(2026, 10, 5, 23, 59, tzinfo=UTC)), date(2026, 10, 5)),
        (Interval(datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC)), UNKNOWN),
        (Interval.unknown(), UNKNOWN),
    ],
)
def test_the_day_is_known_where_the_interval_lies_within_one(connected_at: Interval, day: object) -> None:
    assert attrs.evolve(FULL, connected_at=connected_at).connected_on == day


def test_its_record_is_flat_and_says_none_for_what_is_unknown() -> None:
    assert FULL.to_record() == {
        "name": "Ada Example",
        "slug": "ada-example-77",
        "urn": None,
        "provider_id": None,
        "connected_on": date(2026, 10, 5),
        "email": "ada@mail.example",
        "company": "Acme Example",
        "position": "Beekeeper",
    }
    assert Connection(member=ADA, connected_at=Interval.unknown()).to_record()["connected_on"] is None


def test_it_prints_everything_but_the_address() -> None:
    assert repr(FULL) == (
        "Connection(member=Member(name='Ada Example', slug='ada-example-77'), connected_at='2026-10-05', "
        "company='Acme Example', position='Beekeeper')"
    )
    assert "mail.example" not in FULL._repr_html_()
    assert "Acme Example" in FULL._repr_html_()
    assert "company" not in repr(Connection(member=ADA, connected_at=Interval.unknown()))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_leaves_the_address_behind(protocol: int) -> None:
    pickled = pickle.dumps(FULL, protocol)

    assert b"mail.example" not in pickled
    assert attrs.evolve(pickle.loads(pickled), email=FULL.email) == FULL


def test_it_is_a_value() -> None:
    assert copy.copy(FULL) is FULL
    assert copy.deepcopy(FULL) is FULL
    assert hash(attrs.evolve(FULL)) == hash(FULL)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        FULL.email = UNKNOWN  # type: ignore[misc]
