"""``Invitations.csv`` into invitations: who, when, and what became of it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.dialects.csvs import (
    ADDRESS,
    NO_URL_COLUMNS,
    PLAIN_ERA,
    TAKEN_AT,
    URL_ERA,
    URN_ERA,
    connections,
    contact,
    invitations,
    lines,
    row,
)

from invitekit.dialects.export import (
    ConnectionIndex,
    InvitationLog,
    Premises,
    read_connections,
    read_invitations,
)
from invitekit.errors import ArchiveError, DataError
from invitekit.model import (
    UNKNOWN,
    Direction,
    Evidence,
    Interval,
    Invitation,
    Member,
    SentAt,
    Status,
)
from invitekit.model._member import slug_key

SENT, RECEIVED = Direction.SENT, Direction.RECEIVED
BOTH_ERAS = (*URL_ERA, "inviterProfileUrn", "inviteeProfileUrn")


def index(*contacts, **options):
    return ConnectionIndex(read_connections(lines(connections(*contacts, **options))))


def read(content, *, taken_at=TAKEN_AT, **options):
    """The invitations and the log, whose counts always add up."""
    log = InvitationLog()
    found = list(read_invitations(lines(content), taken_at=taken_at, log=log, **options))
    account = log.account()
    assert (account.kind, account.rows, account.used) == ("invitations", log.rows, len(found))
    assert account.rows == account.used + account.set_aside
    return found, log


def whole(content, **options):
    """Read as often as it takes, as `read_export` does."""
    premises = Premises()
    for _ in range(5):
        found, log = read(content, premises=premises, seen=set(), **options)
        if log.premises == premises:
            return found, log
        premises = log.premises
    raise AssertionError("the premises do not settle")


def codes(log):
    return [finding.code for finding in log.findings]


class TestOneRow:
    def test_every_field(self):
        (found,), log = read(invitations(row(note="Hello  again")), connections=index())
        minute = datetime(2024, 6, 6, 0, 42, tzinfo=UTC)
        assert found == Invitation(
            id=found.id,
            member=Member(name="Ada Example", slug="ada-example-77"),
            direction=SENT,
            sent_at=SentAt(minute, minute + timedelta(seconds=59, microseconds=999_999)),
            note="Hello  again",
            status=Status.PRESUMED_PENDING,
            evidence=Evidence.NO_CONNECTIONS if index().by_address else Evidence.NOT_CONNECTED_BY_NAME,
            as_of=TAKEN_AT,
            known_at=Interval.at(TAKEN_AT),
        )
        assert found.sent_at.text == "6/5/24, 5:42 PM"
        assert log.owner == Member(name="Owner Person", slug="owner-person-1")
        assert log.findings == []

    def test_it_is_as_good_as_one_built_by_the_constructor(self):
        """Rows take a shortcut past the checks, so nothing may come out that the checks would refuse or change."""
        content = invitations(
            row("Zoë Example", "zoë-example-77", note="hi"),
            row("Bo Example", "Bo-EXAMPLE-77", direction="INCOMING"),
            row("Cy Example", "cy_example.77/"),
        )
        for found in read(content, connections=index(contact("Zoë", "Example", "zo%C3%AB-example-77")))[0]:
            values = {field.name: getattr(found, field.name) for field in attrs.fields(Invitation)}
            member = {field.name: getattr(found.member, field.name) for field in attrs.fields(Member)}
            assert Invitation(**values) == found
            assert Member(**member) == found.member
            assert (type(found), type(found.member)) == (Invitation, Member)

    def test_the_other_side_is_the_invitee_of_what_was_sent_and_the_inviter_of_what_was_received(self):
        found, log = read(invitations(row(), row(direction="INCOMING")))
        assert [(one.direction, one.member.name) for one in found] == [
            (SENT, "Ada Example"),
            (RECEIVED, "Ada Example"),
        ]
        assert log.owner.name == "Owner Person"

    @pytest.mark.parametrize("word", ["OUTGOING", "outgoing", " Outgoing "])
    def test_the_direction_may_be_spelt_in_any_case(self, word):
        assert read(invitations(row(Direction=word)))[0][0].direction is SENT

    @pytest.mark.parametrize("word", ["SENT", "", "AUSGEHEND"])
    def test_any_other_direction_is_set_aside(self, word):
        assert codes(read(invitations(row(Direction=word)))[1]) == ["unknown-direction"]

    def test_no_note_is_empty_and_no_column_for_notes_is_unknown(self):
        assert read(invitations(row()))[0][0].note == ""
        without = tuple(column for column in URL_ERA if column != "Message")
        assert read(invitations(row(), columns=without))[0][0].note is UNKNOWN

    def test_columns_in_any_order_give_the_same(self):
        expected = read(invitations(row(note="x"), row(direction="INCOMING")))[0]
        for columns in itertools.islice(itertools.permutations((*URL_ERA, "More", "")), 0, None, 9_973):
            assert read(invitations(row(note="x"), row(direction="INCOMING"), columns=columns))[0] == expected

    @pytest.mark.parametrize(
        "slug",
        [
            "zoë-77",
            "ZOË-77",
            "zoe\u0308-77",
            "zo%C3%AB-77",
            "İstanbul",
            "ǰ-77",
            "ﬀ-77",
            "123",
            "a_b",
            "名前-77",
            "a%-b",
        ],
    )
    def test_a_slug_is_what_the_model_makes_of_it(self, slug):
        """There are shortcuts for the usual spellings; they must not make a difference."""
        (found,), _ = read(invitations(row(slug=slug)))
        assert found.member.slug == slug_key(ADDRESS + slug) == slug_key(slug)

    @given(slug=st.text("aZ09-_.%é\u0301İß名 /?#\u200d", min_size=1, max_size=6))
    def test_any_slug_is_what_the_model_makes_of_it_or_set_aside(self, slug):
        found, log = read(invitations(row(inviteeProfileUrl=ADDRESS + slug)))
        words = (ADDRESS + slug).split()
        try:
            expected = slug_key(words[0])
        except DataError:
            expected = None
        if expected is None or len(words) > 1:
            assert codes(log) == ["unreadable-profile"]
        else:
            assert [one.member.slug for one in found] == [expected]

    def test_rows_that_cannot_be_used_are_set_aside_with_line_and_reason(self):
        content = invitations(
            row(),
            row(sent="yesterday"),
            row(sent="25/6/24, 5:42 PM"),
            row(inviteeProfileUrl="https://www.linkedin.com/company/acme"),
            row(inviterProfileUrl="https://www.linkedin.com/school/x"),
            row("", inviteeProfileUrl=""),
            row(owner_name="", inviterProfileUrl=""),
            dict.fromkeys(URL_ERA, ""),
        )
        found, log = read(content)
        assert len(found) == 1
        assert [(one.line, one.code) for one in log.findings] == [
            (3, "unreadable-date"),
            (4, "unreadable-date"),
            (5, "unreadable-profile"),
            (6, "unreadable-profile"),
            (7, "no-member"),
            (8, "no-account"),
            (9, "empty-row"),
        ]
        assert all(one.set_aside and one.file == "Invitations.csv" for one in log.findings)
        assert "saved the file again" in log.findings[1].text
        assert "saved the file again" not in log.findings[0].text

    def test_no_finding_holds_a_note_or_a_name(self):
        note = "a very secret note"
        content = invitations(
            row("Secret Person", note=note, sent="never"),
            row("Secret Person", note=note, sent="1/1/20, 1:00 AM"),
            row("Secret Person", note=note, direction="x"),
            row("Secret Person", note=note, sent="1/1/30, 1:00 AM"),
        )
        _, log = read(content + f'Secret,"{note}\n')
        assert len(log.findings) == 5
        assert not any("ecret" in repr(finding) for finding in log.findings)


class TestStatus:
    def test_a_member_among_the_connections_has_accepted(self):
        known = index(contact(Company="Acme", Position="Lead"), contact("Bo", "Example", "bo-example-77"))
        found = read(
            invitations(row(), row("Bo Example", "bo-example-77"), row("Cy", "cy-77")), connections=known
        )[0]
        assert [(one.status, one.evidence, one.company, one.title) for one in found] == [
            (Status.ACCEPTED, Evidence.CONNECTED, "Acme", "Lead"),
            (Status.ACCEPTED, Evidence.CONNECTED, UNKNOWN, UNKNOWN),
            (Status.PRESUMED_PENDING, Evidence.NOT_CONNECTED, UNKNOWN, UNKNOWN),
        ]
        assert found[0].known_at == Interval.day(datetime(2024, 6, 6, tzinfo=UTC))
        assert found[2].known_at == Interval.at(TAKEN_AT)

    def test_the_two_files_spell_the_same_slug_differently(self):
        """Raw UTF-8 here, percent-encoded there: without decoding, not one of these joins."""
        known = index(contact("Zoë", "Example", "zo%C3%AB-example-77"), contact("Ñ", "Ø", "n%CC%83-%C3%98-1"))
        found = read(invitations(row("Zoë", "zoë-example-77"), row("Ñ", "Ñ-ø-1")), connections=known)[0]
        assert [one.evidence for one in found] == [Evidence.CONNECTED, Evidence.CONNECTED]

    def test_the_name_in_the_invitation_stays_where_the_two_differ(self):
        found = read(invitations(row("Dr. Ada Example, PhD")), connections=index(contact()))[0]
        assert found[0].member == Member(name="Dr. Ada Example, PhD", slug="ada-example-77")

    def test_both_directions_are_looked_up(self):
        found = read(invitations(row(), row(direction="INCOMING")), connections=index(contact()))[0]
        assert [one.status for one in found] == [Status.ACCEPTED, Status.ACCEPTED]

    def test_without_connections_nothing_is_known(self):
        found = read(invitations(row()), connections=None)[0]
        assert (found[0].status, found[0].evidence) == (Status.PRESUMED_PENDING, Evidence.NO_CONNECTIONS)

    def test_connected_on_the_day_of_sending_or_later_is_nothing_special(self):
        """The day is one of UTC: 5 pm in California is the next day already."""
        content = invitations(row(sent="6/5/24, 4:59 PM"))
        assert codes(read(content, connections=index(contact(on="05 Jun 2024")))[1]) == []

    def test_connected_before_it_was_sent_is_accepted_and_said(self):
        content = invitations(row(sent="6/5/24, 5:01 PM"))
        (found,), log = read(content, connections=index(contact(on="05 Jun 2024")))
        assert found.status is Status.ACCEPTED
        assert [(one.code, one.about, one.set_aside) for one in log.findings] == [
            ("connected-before-sent", found.id, False)
        ]

    def test_a_day_of_connecting_that_is_unknown_contradicts_nothing(self):
        (found,), log = read(invitations(row()), connections=index(contact(on="?")))
        assert (found.status, found.known_at, codes(log)) == (Status.ACCEPTED, Interval.unknown(), [])

    def test_presumed_and_surely_older_than_180_days_is_said(self):
        edge = datetime(2024, 12, 2, 12, 0, tzinfo=UTC)
        # Sent at noon UTC, 180 days before the edge: that minute is over one minute later.
        content = invitations(row(sent="6/5/24, 5:00 AM"), row("Bo", "bo-77", sent="6/5/24, 5:00 AM"))
        for seconds, expected in ((0, []), (59, []), (60, ["past-expiry"])):
            moment = edge + timedelta(seconds=seconds)
            found, log = read(content, taken_at=moment, connections=index(contact()))
            assert codes(log) == expected
        assert log.findings[0].about == found[1].id
        assert not log.findings[0].set_aside

    def test_sent_more_than_a_day_after_the_export_is_said(self):
        for sent, expected in (("7/2/24, 5:00 AM", []), ("7/2/24, 5:01 AM", ["future-date"] * 2)):
            content = invitations(row(sent=sent), row("Bo", "bo-77", sent=sent))
            assert codes(read(content, connections=index(contact(on="01 Jan 2025")))[1]) == expected


class TestByName:
    """Five columns, or URNs that no connection has: a name is all there is."""

    CONTACTS = (
        contact(),
        contact("Zoë", "Example", "z-77"),
        contact("Twin", "One", "t-1"),
        contact("Twin", "One", "t-2"),
    )
    ROWS = (
        row(number=1),
        row("Twin One", number=2),
        row("Nobody Known", number=3),
        row("ZOË  example ", number=4),
        row("Somebody Else", number=5, direction="INCOMING"),
        row("Nobody Known", number=6),
    )
    EXPECTED = (
        Evidence.CONNECTED_BY_NAME,
        Evidence.AMBIGUOUS_NAME,
        Evidence.NOT_CONNECTED_BY_NAME,
        Evidence.CONNECTED_BY_NAME,
        Evidence.NOT_CONNECTED_BY_NAME,
        Evidence.NOT_CONNECTED_BY_NAME,
    )

    @pytest.mark.parametrize("columns", [PLAIN_ERA, URN_ERA])
    @pytest.mark.parametrize("known", [{}, {"columns": NO_URL_COLUMNS}])
    def test_a_name_that_is_unique_in_both_files_joins_and_is_weaker_evidence(self, columns, known):
        contacts = [one | {"Company": f"Works {at}"} for at, one in enumerate(self.CONTACTS)]
        rows = [one | {"Sent At": f"6/5/24, 5:4{at} PM"} for at, one in enumerate(self.ROWS)]
        found, log = whole(invitations(*rows, columns=columns), connections=index(*contacts, **known))
        assert tuple(one.evidence for one in found) == self.EXPECTED
        assert [one.status is Status.ACCEPTED for one in found] == [True, False, False, True, False, False]
        assert found[0].company == "Works 0"
        assert [(one.code, one.line, one.about) for one in log.findings] == [("ambiguous-name", 3, found[1].id)]

    def test_members_have_the_urn_or_nothing_but_the_name(self):
        assert read(invitations(row(number=7), columns=URN_ERA))[0][0].member == Member(
            name="Ada Example", urn="urn:li:member:7"
        )
        assert read(invitations(row(), columns=PLAIN_ERA))[0][0].member == Member(name="Ada Example")

    def test_a_name_that_stands_twice_in_whatever_direction_does_not_join(self):
        """With one connection of that name, nobody can tell which of the two is connected."""
        rows = (
            row(number=1),
            row(sent="6/6/24, 5:42 PM", number=2),
            row("Bo", number=3),
            row("Bo", number=3, direction="INCOMING"),
        )
        known = index(contact(), contact("Bo", "", "bo-77"))
        found, _ = whole(invitations(*rows, columns=PLAIN_ERA), connections=known)
        assert [one.evidence for one in found] == [Evidence.AMBIGUOUS_NAME] * 4

    def test_a_row_that_is_repeated_does_not_make_its_name_ambiguous(self):
        found, log = whole(invitations(row(), row(), columns=PLAIN_ERA), connections=index(contact()))
        assert [one.evidence for one in found] == [Evidence.CONNECTED_BY_NAME]
        assert codes(log) == ["duplicate-row"]

    def test_two_people_of_one_name_and_minute_are_told_apart_by_their_notes(self):
        """The ids would be the same, so one row is used; which of the two is connected cannot be told."""
        rows = row(note="a"), row(note="b"), row(note="a"), row(note="b")
        found, log = whole(invitations(*rows, columns=PLAIN_ERA), connections=index(contact()))
        assert [one.evidence for one in found] == [Evidence.AMBIGUOUS_NAME]
        assert log.reasons == {"same-name-same-minute": 1, "duplicate-row": 2}

    def test_a_row_with_an_unreadable_date_still_shows_that_the_name_is_not_unique(self):
        rows = row(), row(sent="soon")
        found, _ = whole(invitations(*rows, columns=PLAIN_ERA), connections=index(contact()))
        assert [one.evidence for one in found] == [Evidence.AMBIGUOUS_NAME]

    def test_in_one_go_no_name_counts_as_unique(self):
        """A second row with the same name may still come."""
        found, log = read(invitations(row(), columns=PLAIN_ERA), connections=index(contact()))
        assert (found[0].evidence, codes(log)) == (Evidence.AMBIGUOUS_NAME, ["ambiguous-name"])

    def test_urns_and_addresses_may_stand_side_by_side(self):
        rows = row(inviteeProfileUrn=""), row("Zoë Example", number=2, inviteeProfileUrl=""), row("Bo", "bo-77")
        found, _ = whole(invitations(*rows, columns=BOTH_ERAS), connections=index(*self.CONTACTS))
        assert [(one.member.slug, one.member.urn, one.evidence) for one in found] == [
            ("ada-example-77", UNKNOWN, Evidence.CONNECTED),
            (UNKNOWN, "urn:li:member:2", Evidence.CONNECTED_BY_NAME),
            ("bo-77", "urn:li:member:77", Evidence.NOT_CONNECTED),
        ]

    def test_a_urn_in_the_column_for_addresses_is_a_urn(self):
        (found,), _ = read(invitations(row(inviteeProfileUrl="urn:li:member:5")))
        assert (found.member.urn, found.member.slug) == ("urn:li:member:5", UNKNOWN)

    def test_addresses_join_by_name_where_the_connections_have_none(self):
        found, _ = whole(invitations(row()), connections=index(contact(), columns=NO_URL_COLUMNS))
        assert found[0].evidence is Evidence.CONNECTED_BY_NAME
        assert found[0].member.slug == "ada-example-77"


class TestADamagedListOfConnections:
    def test_a_connection_without_an_address_leaves_open_who_accepted(self):
        """In a file with addresses, too: the name is all there is, and it settles nothing."""
        known = index(
            contact(slug=""), contact("Bo", "Example", "bo-77"), contact("Cy", "Ex", URL="nothing/at/all")
        )
        rows = row(), row("Bo Other", "bo-other-77"), row("CY  Ex", "cy-77"), row("Bo Example", "bo-77")
        found, log = read(invitations(*rows), connections=known)
        assert [one.evidence for one in found] == [
            Evidence.AMBIGUOUS_NAME,
            Evidence.NOT_CONNECTED,
            Evidence.AMBIGUOUS_NAME,
            Evidence.CONNECTED,
        ]
        assert codes(log) == ["ambiguous-name"] * 2
        assert all(one.evidence.leaves_acceptance_open for one in found if one.evidence is Evidence.AMBIGUOUS_NAME)

    @pytest.mark.parametrize("columns", [PLAIN_ERA, URL_ERA])
    def test_rows_that_were_lost_leave_everybody_open_who_is_not_found(self, columns):
        listed = list(read_connections(lines(connections(contact()))))
        known = ConnectionIndex(listed, damaged=True)
        found, _ = whole(invitations(row(), row("Bo", "bo-77"), columns=columns), connections=known)
        assert found[0].status is Status.ACCEPTED
        assert found[1].evidence is Evidence.DAMAGED_CONNECTIONS
        assert found[1].evidence.leaves_acceptance_open


class TestTexts:
    def test_names_notes_and_companies_are_composed(self):
        """What looks alike is alike, whatever system wrote it."""
        known = index(contact("Zoe\u0308", "Example", "z-77", Company="Cafe\u0301", Position="Re\u0301gie"))
        (found,), log = read(
            invitations(row("Zoe\u0308 Example", "z-77", note="e\u0301", owner_name="Owne\u0301r")),
            connections=known,
        )
        assert (found.member.name, found.note, found.company, found.title) == ("Zoë Example", "é", "Café", "Régie")
        assert log.owner.name == "Ownér"

    def test_texts_beyond_all_measure_are_set_aside(self):
        rows = row("n" * 1_001), row(note="n" * 10_001), row("n" * 1_000, "bo-77", note="n" * 10_000)
        found, log = read(invitations(*rows))
        assert (len(found), log.reasons) == (1, {"row-too-long": 2})


class TestAccount:
    def test_rows_of_somebody_else_are_set_aside(self):
        rows = [row(), row("Bo", "bo-77"), row("Cy", "cy-77", owner="other-person-2"), row(direction="INCOMING")]
        found, log = whole(invitations(*rows))
        assert len(found) == 3
        assert [(one.code, one.line) for one in log.findings] == [("other-account", 4), ("several-accounts", None)]

    @pytest.mark.parametrize("columns", [PLAIN_ERA, URN_ERA, URL_ERA])
    def test_the_account_is_the_one_that_most_rows_belong_to_whatever_their_order(self, columns):
        mine = [row(f"Person {at}", f"p-{at}", number=at) for at in range(3)]
        theirs = [
            row(
                f"Else {at}",
                f"e-{at}",
                number=at,
                owner="other-2",
                owner_name="Other Person",
                inviterProfileUrn="urn:li:member:2",
            )
            for at in range(2)
        ]
        for rows in ([*theirs, *mine], [*mine, *theirs], [theirs[0], *mine, theirs[1]]):
            found, log = whole(invitations(*rows, columns=columns))
            assert (log.owner.name, len(found)) == ("Owner Person", 3)

    def test_with_as_many_rows_each_the_order_still_does_not_matter(self):
        one, two = row(), row(owner="another-0", owner_name="Another")
        owners = {whole(invitations(*rows))[1].owner.slug for rows in ([one, two], [two, one])}
        assert owners == {"another-0"}

    def test_in_one_go_it_is_that_of_the_first_row(self):
        found, log = read(invitations(row(owner="first-1"), row("Bo"), row("Cy")))
        assert (log.owner.slug, len(found)) == ("first-1", 1)
        assert log.premises.owner.slug == "owner-person-1"

    def test_a_row_without_the_own_address_is_told_by_the_name(self):
        found, log = whole(
            invitations(
                row(),
                row("Bo", "bo-77", inviterProfileUrl=""),
                row("Cy", "cy-77", inviterProfileUrl="", owner_name="X"),
            )
        )
        assert (len(found), log.reasons) == (2, {"other-account": 1})

    def test_spellings_of_the_own_address_are_one_account(self):
        found, _ = whole(
            invitations(
                row(), row("Bo", "bo-77", owner="OWNER-person-1/"), row("Cy", "cy-77", owner="owner%2Dperson-1")
            )
        )
        assert len(found) == 3

    def test_the_own_name_may_change_where_there_is_an_address(self):
        assert len(whole(invitations(row(), row("Bo", "bo-77", owner_name="Owner Person, PhD")))[0]) == 2


class TestIds:
    @pytest.mark.parametrize(
        ("columns", "id_"),
        [
            (PLAIN_ERA, "x-d38448a6c0b3a6fcf7c7"),
            (URN_ERA, "x-8e1d247090490ea03029"),
            (URL_ERA, "x-4121026d12d7e6e9f848"),
        ],
    )
    def test_an_id_is_the_same_in_every_release_and_whatever_else_changes(self, columns, id_):
        """Plans, worklists and ledgers hold them. It depends on neither the note nor the moment of the export."""
        for note, at in itertools.product("ab", (TAKEN_AT, TAKEN_AT + timedelta(days=9))):
            (found,), _ = read(invitations(row(note=note), columns=columns), taken_at=at)
            assert found.id == id_

    def test_everything_that_makes_an_invitation_another_one_makes_another_id(self):
        variants = [
            row(),
            row(slug="bo-77"),
            row(sent="6/5/24, 5:43 PM"),
            row(sent="6/6/24, 5:42 PM"),
            row(direction="INCOMING"),
            row(owner="another-owner-2"),
        ]
        ids = [read(invitations(one))[0][0].id for one in variants]
        assert len(set(ids)) == len(variants)

    def test_a_minute_that_reads_the_same_in_another_zone_is_another_one(self):
        ids = {
            read(invitations(row()), zone=zone)[0][0].id
            for zone in ("America/Los_Angeles", "UTC", ZoneInfo("UTC"))
        }
        assert len(ids) == 2

    def test_spelling_and_saving_again_do_not_change_it(self):
        variants = [
            row(),
            row(sent="2024-06-05 17:42:00"),
            row(slug="ADA-example-77/"),
            row("Renamed Example", owner_name="Renamed Owner"),
            row(note="x"),
        ]
        assert len({read(invitations(one))[0][0].id for one in variants}) == 1

    def test_a_repeated_row_is_set_aside_when_asked_for(self):
        content = invitations(row(), row(note="other"), row("Bo", "bo-77"))
        found, log = read(content, seen=set())
        assert [(one.code, one.line) for one in log.findings] == [("duplicate-row", 3)]
        assert len(found) == 2
        assert len(read(content)[0]) == 3

    def test_ids_seen_in_another_file_count_too(self):
        seen = set()
        assert len(read(invitations(row()), seen=seen)[0]) == 1
        assert len(read(invitations(row(), row("Bo", "bo-77")), seen=seen)[0]) == 1

    def test_names_that_no_encoding_knows_still_have_one(self):
        """A file opened with surrogateescape is full of them."""
        content = invitations(
            row("Zo\udceb", owner_name="Own\udcebr"), row("Zo\udcec", owner_name="Own\udcebr"), columns=PLAIN_ERA
        )
        found = read(content, seen=set())[0]
        assert len({one.id for one in found}) == 2


class TestDayFirst:
    """A spreadsheet set to a country that writes the day first may have turned the dates around."""

    def test_where_most_days_have_the_day_first_the_others_may_mean_either(self):
        content = invitations(
            row(sent="25/6/24, 5:42 PM"),
            row("Bo", "bo-77", "6/5/24, 5:42 PM"),
            row("Cy", "cy-77", "6/6/24, 5:42 PM"),
        )
        found, log = whole(content)
        assert [one.sent_at.latest.date() - one.sent_at.earliest.date() for one in found] == [
            timedelta(days=30),
            timedelta(0),
        ]
        assert codes(log) == ["unreadable-date", "day-first"]

    def test_where_most_days_have_the_month_first_they_mean_what_they_always_mean(self):
        content = invitations(
            row(sent="25/6/24, 5:42 PM"),
            row("Bo", "bo-77", "6/5/24, 5:42 PM"),
            row("Cy", "cy-77", "6/25/24, 5:42 PM"),
        )
        found, log = whole(content)
        assert [one.sent_at.latest - one.sent_at.earliest < timedelta(minutes=1) for one in found] == [True, True]
        assert codes(log) == ["unreadable-date"]


class TestStreaming:
    def test_it_gives_rows_before_it_has_read_to_the_end(self):
        def endless():
            yield from lines(invitations())
            for number in itertools.count():
                yield from lines(invitations(row(slug=f"p-{number}"))).readlines()[1:]

        taken = list(itertools.islice(read_invitations(endless(), taken_at=TAKEN_AT), 2_000))
        assert len({one.member.slug for one in taken}) == 2_000

    def test_notes_that_repeat_are_held_once_and_others_do_not_fill_the_memory(self, monkeypatch):
        monkeypatch.setattr("invitekit.dialects.export._invitations._NOTES", 2)
        notes = ["a template", "a template", "two", "three", "three", ""]
        found, _ = read(invitations(*(row(slug=f"p-{at}", note=note) for at, note in enumerate(notes))))
        assert [one.note for one in found] == notes
        assert found[0].note is found[1].note

    def test_the_other_file_is_refused(self):
        with pytest.raises(ArchiveError, match="holds connections, not invitations"):
            read(connections(contact()))

    def test_the_moment_of_the_export_needs_a_zone(self):
        with pytest.raises(DataError, match="no time zone"):
            read_invitations([], taken_at=TAKEN_AT.replace(tzinfo=None))


# Who is the same by one column is the same by all, or it would be two people who share an id.
PEOPLE = (
    {"who": "Ada Example", "slug": "ada-example-77", "number": 1},
    {"who": "Bo Example", "slug": "bo-77", "number": 2},
    {"who": "Twin One", "slug": "t-1", "number": 3},
    {"who": "Twin One", "slug": "t-2", "number": 4},
    {"who": "Zoë Stranger", "slug": "ZOË-77", "number": 5},
    {"who": "Broken", "slug": "x y", "number": ""},
)


def people():
    """Rows of few people at few minutes, some of them broken."""
    return st.builds(
        lambda who, **cells: row(**who, **cells),
        who=st.sampled_from(PEOPLE),
        sent=st.sampled_from(["6/5/24, 5:42 PM", "6/6/24, 5:42 PM", "11/3/24, 1:30 AM", "25/6/24, 1:00 AM", "no"]),
        note=st.sampled_from(["", "hello", 'a "quoted", note\nof two lines']),
        direction=st.sampled_from(["OUTGOING", "OUTGOING", "INCOMING", "SIDEWAYS"]),
        owner=st.sampled_from(["owner-person-1", "owner-person-1", "other-2"]),
    )


@pytest.mark.parametrize("columns", [PLAIN_ERA, URN_ERA, URL_ERA], ids=["plain", "urn", "url"])
class TestLaws:
    KNOWN = index(
        contact(), contact("Twin", "One", "t-1"), contact("Twin", "One", "t-2"), contact("Bo", "Example", "bo-77")
    )

    @staticmethod
    def meaning(found):
        return {(one.id, one.status, one.evidence, one.sent_at, one.direction) for one in found}

    @given(data=st.data())
    def test_the_order_of_rows_changes_nothing(self, columns, data):
        rows = data.draw(st.lists(people(), max_size=8))
        order = data.draw(st.permutations(rows))
        one, two = (whole(invitations(*some, columns=columns), connections=self.KNOWN) for some in (rows, order))
        assert self.meaning(one[0]) == self.meaning(two[0])
        assert one[1].reasons == two[1].reasons

    @given(data=st.data())
    def test_a_repeated_row_changes_nothing(self, columns, data):
        rows = data.draw(st.lists(people(), min_size=1, max_size=6))
        again = data.draw(st.sampled_from(rows))
        one, two = (
            whole(invitations(*some, columns=columns), connections=self.KNOWN) for some in (rows, [*rows, again])
        )
        # Rows of two accounts may tip the scale between them.
        if one[1].owner.same_as(two[1].owner).value != "false":
            assert self.meaning(one[0]) == self.meaning(two[0])
