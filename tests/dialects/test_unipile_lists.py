"""Pages of the service become invitations and connections, row by row, and a wrong page is never an empty one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.dialects.unipile_bodies import (
    AT,
    ME,
    SENT_ID,
    answer,
    listed,
    profile,
    received_row,
    relation_row,
    sent_row,
)

from invitekit.dialects.unipile import UnipileDialect
from invitekit.errors import BackendError, PayloadError
from invitekit.model import (
    UNKNOWN,
    Connection,
    Direction,
    Evidence,
    Invitation,
    ListKind,
    Member,
    Page,
    Status,
)

DIALECT = UnipileDialect("acc-example-1")
RELATIONS = "UserRelationsList"
STRANGER = {**ME, "inviter_id": "ACoAAOTHER", "inviter_public_identifier": "other-example-77"}


def page(body: Any, of: ListKind = ListKind.SENT) -> Page:
    return DIALECT.page(of, answer(body), AT)


def only(body: Any, of: ListKind = ListKind.SENT) -> Invitation:
    found = page(body, of)
    assert [finding for finding in found.findings if finding.set_aside] == []
    (item,) = found.items
    assert isinstance(item, Invitation)
    return item


def codes(found: Page) -> list[tuple[str, int | None, bool]]:
    return [(finding.code, finding.line, finding.set_aside) for finding in found.findings]


class TestSent:
    def test_a_row_is_a_pending_invitation(self) -> None:
        item = only(listed(sent_row()))
        assert item == Invitation(
            id=SENT_ID,
            member=Member(name="Ada Example", slug="ada-example-77", provider_id="ACoAAEXAMPLE"),
            direction=Direction.SENT,
            sent_at=item.sent_at,
            status=Status.PENDING,
            evidence=Evidence.LISTED,
            as_of=AT,
            title="Engineer at Foo Example",
        )
        assert item.sent_at.exact
        assert item.note is item.company is item.mutual_connections is UNKNOWN
        # Built as any other: what it is made of would pass every check.
        assert Invitation(**{name: getattr(item, name) for name in item.__slots__}) == item

    def test_whose_list_it_is_stands_in_the_rows(self) -> None:
        assert page(listed(sent_row())).account == Member(
            name="Owner Example", slug="owner-example-77", provider_id="ACoAAME"
        )
        assert page(listed()).account is UNKNOWN

    def test_a_note_that_is_there_is_read_and_nothing_is_unknown(self) -> None:
        assert only(listed(sent_row(invitation_text="Hello"))).note == "Hello"
        for nothing in (None, "", "  ", 7):
            assert only(listed(sent_row(invitation_text=nothing))).note is UNKNOWN

    @pytest.mark.parametrize(
        ("changes", "member"),
        [
            ({"invited_user_id": None}, Member(name="Ada Example", slug="ada-example-77")),
            ({"invited_user_public_id": None}, Member(name="Ada Example", provider_id="ACoAAEXAMPLE")),
            ({"invited_user_id": None, "invited_user_public_id": None}, Member(name="Ada Example")),
            ({"invited_user": None, "invited_user_id": None, "invited_user_public_id": None}, Member()),
            ({"invited_user": " ", "invited_user_id": 7}, Member(slug="ada-example-77")),
            (
                {"invited_user_public_id": "ADA-Example-77"},
                Member(name="Ada Example", slug="ada-example-77", provider_id="ACoAAEXAMPLE"),
            ),
            (
                {"invited_user_public_id": "zo%C3%AB-example-77"},
                Member(name="Ada Example", slug="zoë-example-77", provider_id="ACoAAEXAMPLE"),
            ),
        ],
        ids=["no provider's id", "no slug", "a name only", "nobody", "wrong types", "capitals", "escaped"],
    )
    def test_what_is_null_about_a_member_is_unknown(self, changes: dict[str, Any], member: Member) -> None:
        assert only(listed(sent_row(**changes))).member == member

    def test_a_row_with_its_id_alone_is_an_invitation(self) -> None:
        item = only(listed({"id": SENT_ID}))
        assert item.member == Member()
        assert item.sent_at.exact
        assert item.title is UNKNOWN

    def test_an_id_that_is_a_number_is_the_same_id(self) -> None:
        assert only(listed(sent_row(id=int(SENT_ID)))).id == SENT_ID

    @pytest.mark.parametrize(
        "id_",
        [None, "", " ", "..", " 77", "7\n7", "7\x007", 0, -7, True, 7.5, 1 << 70, [], {}, "7" * 201],
        ids=lambda value: repr(value)[:20],
    )
    def test_a_row_without_a_usable_id_is_set_aside(self, id_: Any) -> None:
        found = page(listed(sent_row(), sent_row(id=id_), sent_row(id="78")))
        assert [item.id for item in found.items if isinstance(item, Invitation)] == [SENT_ID, "78"]
        assert codes(found) == [("no-id", 2, True)]

    @pytest.mark.parametrize("row", [None, 7, "text", [], [[1]], True])
    def test_a_row_that_is_no_object_is_set_aside(self, row: Any) -> None:
        found = page(listed(row, sent_row()))
        assert len(found.items) == 1
        assert codes(found) == [("unreadable-row", 1, True)]

    def test_a_received_one_among_them_is_set_aside(self) -> None:
        found = page(listed(sent_row(), received_row(id="78")))
        assert codes(found) == [("other-direction", 2, True)]

    def test_one_that_another_account_sent_is_set_aside(self) -> None:
        found = page(listed(sent_row(), sent_row(id="78", inviter=STRANGER), sent_row(id="79")))
        assert len(found.items) == 2
        assert codes(found) == [("other-account", 2, True)]
        assert found.account == Member(name="Owner Example", slug="owner-example-77", provider_id="ACoAAME")

    @pytest.mark.parametrize("place", [0, 1, 15, 29])
    def test_one_row_of_another_account_costs_that_row_wherever_it_stands(self, place: int) -> None:
        rows = [sent_row(id=str(100 + number)) for number in range(30)]
        rows[place]["inviter"] = STRANGER
        found = page(listed(*rows))
        assert len(found.items) == 29
        assert codes(found) == [("other-account", place + 1, True)]
        assert found.account == Member(name="Owner Example", slug="owner-example-77", provider_id="ACoAAME")

    def test_rows_of_several_others_in_front_of_ours(self) -> None:
        third = {"inviter_id": "ACoAATHIRD"}
        inviters = [None, STRANGER, third, STRANGER, ME, {**ME, "inviter_id": None}, ME]
        rows = [sent_row(id=str(100 + number), inviter=who) for number, who in enumerate(inviters)]
        # What is noticed about a row is said once, though the rows are read twice.
        rows.append({"id": None})
        found = page(listed(*rows))
        assert [item.id for item in found.items if isinstance(item, Invitation)] == ["100", "104", "105", "106"]
        assert [line for code, line, _ in codes(found) if code == "other-account"] == [2, 3, 4]
        assert [line for code, line, _ in codes(found) if code == "no-id"] == [8]

    def test_on_a_tie_it_is_the_first(self) -> None:
        found = page(listed(sent_row(inviter=STRANGER), sent_row(id="78")))
        assert codes(found) == [("other-account", 2, True)]
        assert found.account == Member(name="Owner Example", slug="other-example-77", provider_id="ACoAAOTHER")

    def test_received_rows_do_not_vote(self) -> None:
        rows = [received_row(id=str(100 + number)) for number in range(5)]
        found = page(listed(*rows, sent_row(inviter=STRANGER), sent_row(id="78"), sent_row(id="79")))
        assert [item.id for item in found.items if isinstance(item, Invitation)] == ["78", "79"]

    def test_an_inviter_without_an_identifier_hides_no_other(self) -> None:
        nameless = {"inviter_name": "Owner Example"}
        inviters = [nameless, ME, STRANGER, ME]
        found = page(listed(*(sent_row(id=str(number), inviter=who) for number, who in enumerate(inviters, 1))))
        assert codes(found) == [("other-account", 3, True)]
        assert found.account == Member(name="Owner Example", slug="owner-example-77", provider_id="ACoAAME")
        assert page(listed(sent_row(inviter=nameless))).account == Member(name="Owner Example")

    @given(st.lists(st.sampled_from(["me", "other", "third", None]), max_size=12))
    def test_the_account_is_the_inviter_of_most_rows(self, inviters: list[str | None]) -> None:
        rows = [
            sent_row(id=str(number), inviter=None if who is None else {"inviter_id": who})
            for number, who in enumerate(inviters, 1)
        ]
        found = page(listed(*rows))
        named = [who for who in inviters if who is not None]
        most = max(dict.fromkeys(named), key=named.count, default=None)
        assert found.account == (UNKNOWN if most is None else Member(provider_id=most))
        assert [item.id for item in found.items if isinstance(item, Invitation)] == [
            str(number) for number, who in enumerate(inviters, 1) if who in (most, None)
        ]

    def test_the_account_may_look_different_from_row_to_row(self) -> None:
        again = {**ME, "inviter_description": "y", "inviter_name": None}
        found = page(listed(sent_row(), sent_row(id="78", inviter=again), sent_row(id="79", inviter=None)))
        assert len(found.items) == 3
        assert found.findings == ()

    def test_a_public_identifier_that_is_none_is_noticed(self) -> None:
        found = page(listed(sent_row(invited_user_public_id="ada@mail.example")))
        assert len(found.items) == 1
        assert codes(found) == [("unreadable-profile", 1, False)]
        assert "mail.example" not in str(found.findings)

    @given(
        st.fixed_dictionaries(
            {
                name: st.none()
                | st.integers()
                | st.text(max_size=8)
                | st.booleans()
                | st.lists(st.none(), max_size=1)
                | st.just({})
                for name in sent_row()
            }
        )
    )
    def test_whatever_the_fields_hold_a_row_is_read_or_set_aside(self, row: dict[str, Any]) -> None:
        row = {name: value for name, value in row.items() if value != 7}
        found = page(listed(row))
        assert len(found.items) + sum(finding.set_aside for finding in found.findings) == 1
        for item in found.items:
            assert isinstance(item, Invitation)
            assert Invitation(**{name: getattr(item, name) for name in item.__slots__}) == item
            assert DIALECT.withdrawal_request(item).path[-1] == item.id


class TestReceived:
    def test_the_other_side_is_who_sent_it(self) -> None:
        item = only(listed(received_row()), ListKind.RECEIVED)
        assert item.direction is Direction.RECEIVED
        assert item.member == Member(name="Rafael Invented", slug="rafael-invented-77", provider_id="ACoAARAFAEL")
        assert item.title == "Baker"
        assert item.note == "Hello we met"

    def test_whose_list_it_is_may_stand_where_the_other_side_stands_in_the_sent_list(self) -> None:
        row = received_row(invited_user="Owner Example", invited_user_id="ACoAAME", invited_user_public_id=None)
        assert page(listed(row), ListKind.RECEIVED).account == Member(name="Owner Example", provider_id="ACoAAME")
        assert page(listed(received_row()), ListKind.RECEIVED).account is UNKNOWN

    def test_each_sender_is_a_member_of_their_own(self) -> None:
        other = {"inviter_name": "Ilse Invented", "inviter_id": "ACoAAILSE"}
        found = page(listed(received_row(), received_row(id="78", inviter=other)), ListKind.RECEIVED)
        assert len(found.items) == 2
        assert found.findings == ()

    def test_a_sent_one_among_them_is_set_aside(self) -> None:
        assert codes(page(listed(sent_row()), ListKind.RECEIVED)) == [("other-direction", 1, True)]


class TestConnections:
    def connection(self, **changes: Any) -> tuple[Connection, Page]:
        found = page(listed(relation_row(**changes), named=RELATIONS), ListKind.CONNECTIONS)
        (item,) = found.items
        assert isinstance(item, Connection)
        return item, found

    def test_a_row_is_a_connection_since_an_instant(self) -> None:
        item, _ = self.connection()
        assert item.member == Member(
            name="Ada Example", slug="ada-example-77", urn="urn:li:member:77", provider_id="ACoAAEXAMPLE"
        )
        assert item.connected_at.exact
        assert item.connected_at.earliest == datetime(2024, 5, 1, 7, 53, 20, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("created", "noticed"),
        [
            (None, []),
            (0, ["unreadable-date"]),
            (1 << 80, ["unreadable-date"]),
            ("2024-05-01", ["unreadable-date"]),
        ],
        ids=["missing", "1970", "beyond the calendar", "a text"],
    )
    def test_a_moment_that_is_none_is_unknown(self, created: Any, noticed: list[str]) -> None:
        item, found = self.connection(created_at=created)
        assert not item.connected_at.is_known
        assert [finding.code for finding in found.findings] == noticed

    @pytest.mark.parametrize(
        "urn", [None, "urn:...", "ACoAAEXAMPLE", 7, "urn:li:member:", "urn:li:fsd_profile:ACoAAEXAMPLE"]
    )
    def test_a_urn_that_no_other_source_has_is_unknown(self, urn: Any) -> None:
        assert self.connection(member_urn=urn)[0].member.urn is UNKNOWN

    def test_one_name_is_a_name(self) -> None:
        assert self.connection(last_name=None)[0].member.name == "Ada"
        assert self.connection(first_name=" ", last_name=" ")[0].member.name is UNKNOWN

    def test_a_row_about_nobody_is_set_aside(self) -> None:
        found = page(listed({"object": "UserRelation"}, 7, named=RELATIONS), ListKind.CONNECTIONS)
        assert found.items == ()
        assert codes(found) == [("no-member", 1, True), ("unreadable-row", 2, True)]


class TestPages:
    def test_the_cursor_is_handed_on(self) -> None:
        assert page(listed(sent_row(), cursor="abc")).next == "abc"
        assert page(listed(sent_row(), cursor=None)).next is None
        assert page(listed(sent_row(), cursor="")).next is None
        assert page({"object": "InvitationList", "items": []}).next is None

    def test_a_total_is_taken_where_it_is_one(self) -> None:
        assert page(listed(total_count=0)).total == 0
        for none in (-1, "7", True, None):
            assert page(listed(total_count=none)).total is UNKNOWN

    @pytest.mark.parametrize(
        ("of", "body", "key"),
        [
            (ListKind.SENT, profile(), "object"),
            (ListKind.SENT, profile(object="AccountOwnerProfile"), "object"),
            (ListKind.SENT, listed(named=RELATIONS), "object"),
            (ListKind.CONNECTIONS, listed(), "object"),
            (ListKind.CONNECTIONS, profile(object="AccountOwnerProfile"), "object"),
            (ListKind.RECEIVED, listed(named=RELATIONS), "object"),
            (ListKind.SENT, {"items": []}, "object"),
            (ListKind.SENT, {"object": ["InvitationList"], "items": []}, "object"),
            (ListKind.SENT, {"object": "InvitationList"}, "items"),
            (ListKind.SENT, {"object": "InvitationList", "items": None}, "items"),
            (ListKind.SENT, {"object": "InvitationList", "items": {}}, "items"),
            (ListKind.SENT, listed(cursor=7), "cursor"),
            (ListKind.SENT, listed(cursor={}), "cursor"),
            (ListKind.SENT, [], "body"),
            (ListKind.SENT, b"", "body"),
        ],
    )
    def test_what_is_not_the_list_is_never_an_empty_list(self, of: ListKind, body: Any, key: str) -> None:
        with pytest.raises(PayloadError) as caught:
            page(body, of)
        assert caught.value.key == key

    def test_the_verdicts_of_every_service_come_first(self) -> None:
        with pytest.raises(BackendError) as caught:
            DIALECT.page(ListKind.SENT, answer(listed(sent_row()), 503), AT)
        assert caught.value.code == "http-503"
