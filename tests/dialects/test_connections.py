"""``Connections.csv`` into connections."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.dialects.csvs import NO_URL_COLUMNS, connections, contact, invitations, lines, row

from invitekit.dialects.export import ConnectionIndex, FileLog, read_connections
from invitekit.errors import ArchiveError
from invitekit.model import UNKNOWN, Connection, Interval, Member


def read(content, **options):
    log = FileLog("Connections.csv")
    found = list(read_connections(lines(content), log=log, **options))
    account = log.account()
    assert (account.kind, account.rows, account.used) == ("connections", log.rows, len(found))
    assert account.rows == account.used + account.set_aside
    return found, log


def test_a_row_becomes_a_connection():
    filled = contact(**{"Company": " Acme, Inc. ", "Position": "Head of Data", "Email Address": "ada@example.org"})
    (found,), log = read(connections(filled))
    assert found == Connection(
        member=Member(name="Ada Example", slug="ada-example-77"),
        connected_at=Interval.day(datetime(2024, 6, 6, tzinfo=UTC)),
        email="ada@example.org",
        company="Acme, Inc.",
        position="Head of Data",
    )
    assert log.findings == []


def test_what_is_empty_or_has_no_column_is_unknown():
    (empty,), _ = read(connections(contact()))
    (missing,), _ = read(connections(contact(), columns=("First Name", "Last Name", "Connected On")))
    for found in (empty, missing):
        assert (found.email, found.company, found.position) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert missing.member == Member(name="Ada Example")


@pytest.mark.parametrize(
    ("address", "slug"),
    [
        ("https://www.linkedin.com/in/zo%C3%AB-example-77", "zoë-example-77"),
        ("https://www.linkedin.com/in/zoë-example-77", "zoë-example-77"),
        ("https://www.linkedin.com/in/ZOE%CC%88-Example-77/", "zoë-example-77"),
        ("http://linkedin.com/in/ada-example-77?trk=x", "ada-example-77"),
        ("https://www.linkedin.com/in/Ada-Example-77", "ada-example-77"),
        ("https://www.linkedin.com/in/123-456", "123-456"),
        ("https://www.linkedin.com/in/a_b.c", "a_b.c"),
        ("https://www.linkedin.com/in/100%25-example", "100%-example"),
        ("ada-example-77", "ada-example-77"),
    ],
)
def test_an_address_in_any_spelling_becomes_the_slug_that_a_member_has(address, slug):
    (found,), _ = read(connections(contact(URL=address)))
    assert found.member == Member(name="Ada Example", slug=address)
    assert found.member.slug == slug


def test_a_hidden_account_is_set_aside():
    _, log = read(connections(contact(), contact("", "", ""), contact("Bo", "Example", "bo-example-77")))
    assert [(one.code, one.line, one.set_aside) for one in log.findings] == [("hidden-connection", 6, True)]


def test_rows_that_cannot_be_used_are_set_aside_with_a_reason():
    content = connections(
        contact("", "", "", ""),
        contact(URL="https://www.linkedin.com/company/acme"),
        contact(URL="https://www.linkedin.com/in/"),
        contact(URL="urn:li:"),
    )
    _, log = read(content)
    assert [finding.code for finding in log.findings] == ["empty-row", *["unreadable-profile"] * 3]


def test_a_name_with_an_unreadable_address_is_used_for_the_name():
    found, log = read(connections(contact(URL="nothing/at/all")))
    assert [one.member for one in found] == [Member(name="Ada Example")]
    assert [(one.code, one.set_aside) for one in log.findings] == [("unreadable-profile", False)]


def test_what_counts_as_lost_is_neither_hidden_nor_repeated_nor_empty():
    sound = contact(), contact(), contact("", "", ""), contact("", "", "", "")
    assert read(connections(*sound))[1].lost == 0
    for bad in (contact("A" * 1_001), contact("", "", URL="nothing/at/all")):
        assert read(connections(*sound, bad))[1].lost == 1
    assert read(connections(*sound) + '\nBo,"Example,\n')[1].lost == 1


def test_a_connection_without_a_readable_day_is_still_a_connection():
    """That the two are connected is the evidence; the day only adds to it."""
    (found,), log = read(connections(contact(on="the other day")))
    assert found.connected_at == Interval.unknown()
    assert [(one.code, one.set_aside) for one in log.findings] == [("unreadable-date", False)]


def test_a_person_stands_in_the_list_once():
    found, log = read(connections(contact(), contact("Ada", "Renamed"), contact(URL="ADA-example-77")))
    assert (len(found), log.reasons) == (1, {"duplicate-row": 2})


def test_without_addresses_only_a_row_that_is_the_same_throughout_repeats():
    """Two people may well have the same name."""
    twins = contact(), contact(on="07 Jun 2024"), contact()
    found, log = read(connections(*twins, columns=NO_URL_COLUMNS))
    assert (len(found), log.reasons) == (2, {"duplicate-row": 1})


def test_one_name_will_do():
    found, _ = read(
        connections(contact("Ada", "", "a-77"), contact("", "Example", "b-77"), contact("", "", "c-77"))
    )
    assert [one.member.name for one in found] == ["Ada", "Example", UNKNOWN]


def test_equal_texts_and_days_are_held_once():
    one, two = read(connections(contact(Company="Acme Works"), contact("Bo", slug="bo-77", Company="Acme Works")))[
        0
    ]
    assert one.company is two.company
    assert one.connected_at is two.connected_at


def test_the_other_file_is_refused():
    with pytest.raises(ArchiveError, match="holds invitations, not connections"):
        read(invitations(row()))


def test_the_log_is_optional():
    assert len(list(read_connections(lines(connections(contact()))))) == 1


class TestIndex:
    def test_it_looks_up_by_slug_and_by_a_name_that_is_unique(self):
        found, _ = read(
            connections(
                contact("Zoë", "Example", "zo%C3%AB-77"),
                contact("Ada", "Twin", "a-77"),
                contact("ADA", "twin", "b-77"),
            )
        )
        index = ConnectionIndex(found)
        assert index.by_slug == {"zoë-77": found[0], "a-77": found[1], "b-77": found[2]}
        assert index.by_name == {"zoë example": found[0], "ada twin": None}
        assert index.by_address

    def test_whether_it_has_addresses_can_be_said(self):
        """A file with the column and without rows has addresses: nobody is connected."""
        assert not ConnectionIndex([]).by_address
        assert ConnectionIndex([], by_address=True).by_address
        assert not ConnectionIndex(
            [Connection(member=Member(name="A"), connected_at=Interval.unknown())]
        ).by_address
