"""A `FakeUnipile` answers as the facts about Unipile v1 say, counts what it did, and fails as it is told."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest

from invitekit._wire import Request, Response
from invitekit.errors import DataError, TransportError
from invitekit.testing import FakeClock, FakeUnipile, ServiceWorld, faults
from invitekit.testing._fake_routes import ROUTES

ACCOUNT = {"account_id": "example-account"}
SENT = ("users", "invite", "sent")
NOW = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


def get(fake: FakeUnipile, *path: str, **query: object) -> Response:
    return fake.exchange(Request("GET", path, {**ACCOUNT, **query}))


def delete(fake: FakeUnipile, key: str) -> Response:
    return fake.exchange(Request("DELETE", (*SENT, key), ACCOUNT))


def post(fake: FakeUnipile, *path: str, **body: object) -> Response:
    return fake.exchange(Request("POST", path, body={**ACCOUNT, **body}))


def said(response: Response) -> dict[str, Any]:
    return json.loads(response.body)


def pages(fake: FakeUnipile, *path: str, limit: int = 10, most: int = 50) -> list[dict[str, Any]]:
    """All pages of a list, or as many as allowed."""
    found: list[dict[str, Any]] = []
    cursor = None
    while len(found) < most:
        page = said(get(fake, *(path or SENT), limit=limit, cursor=cursor))
        found.append(page)
        cursor = page["cursor"]
        if cursor is None:
            break
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for page in found for row in page["items"]]


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld.invent(pending=25, connections=12, received=3, now=NOW)


@pytest.fixture
def fake(world: ServiceWorld) -> FakeUnipile:
    return FakeUnipile(world)


class TestLists:
    """What is pending is listed, a page at a time."""

    def test_every_pending_invitation_is_on_one_page(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        found = pages(fake, limit=10)

        assert [len(page["items"]) for page in found] == [10, 10, 5]
        assert ids(found) == [invitation.id for invitation in world.pending]

    def test_a_row_is_as_the_facts_say(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        page = said(get(fake, *SENT, limit=1))
        (row,) = page.pop("items")
        person = world.pending[0].person

        assert set(page) == {"object", "cursor"}
        assert page["object"] == "InvitationList"
        assert list(row) == [
            *("object", "id", "invited_user", "invited_user_id", "invited_user_public_id"),
            *("invited_user_description", "invited_user_profile_picture_url", "date", "parsed_datetime"),
            *("invitation_text", "inviter", "specifics"),
        ]
        assert row["object"] == "InvitationSent"
        assert row["invited_user"] == person.name
        assert row["invited_user_id"].startswith("ACoAA")
        assert row["invited_user_public_id"] == person.slug
        assert row["invitation_text"] is None
        assert set(row["inviter"]) == {
            *("inviter_name", "inviter_id", "inviter_public_identifier", "inviter_description")
        }
        assert row["specifics"] == {"provider": "LINKEDIN", "shared_secret": None}

    def test_ids_carry_the_time_of_sending(self, world: ServiceWorld) -> None:
        for invitation in world.pending:
            age = datetime.fromtimestamp((int(invitation.id) >> 22) / 1000, UTC) - invitation.sent_at
            assert abs(age) <= timedelta(milliseconds=1)

    def test_the_cursor_is_base64_and_remembers_the_size_of_the_page(self, fake: FakeUnipile) -> None:
        cursor = said(get(fake, *SENT, limit=7))["cursor"]

        assert json.loads(b64decode(cursor, validate=True)) == {"limit": 7, "cursor": 7}
        assert len(said(get(fake, *SENT, cursor=cursor))["items"]) == 7

    @pytest.mark.parametrize(
        ("path", "largest"), [(SENT, 250), (("users", "invite", "received"), 100), (("users", "relations"), 1000)]
    )
    def test_a_page_has_its_limits(self, fake: FakeUnipile, path: tuple[str, ...], largest: int) -> None:
        assert get(fake, *path, limit=largest).status == 200
        for limit in (0, largest + 1, "ten", "-1", ""):
            refused = get(fake, *path, limit=limit)
            assert (refused.status, said(refused)["type"]) == (400, "errors/invalid_parameters")

    def test_the_largest_page_can_be_that_of_the_sdk(self, world: ServiceWorld) -> None:
        assert get(FakeUnipile(world, largest_page=100), *SENT, limit=101).status == 400

    def test_a_cursor_of_somebody_else_is_refused(self, fake: FakeUnipile) -> None:
        assert said(get(fake, *SENT, cursor="bm9uc2Vuc2U="))["type"] == "errors/invalid_parameters"

    def test_connections_come_with_the_moment_in_milliseconds(
        self, fake: FakeUnipile, world: ServiceWorld
    ) -> None:
        found = pages(fake, "users", "relations", limit=5)
        rows = [row for page in found for row in page["items"]]

        assert found[0]["object"] == "UserRelationsList"
        assert [row["member_id"] for row in rows] == [each.person.provider_id for each in world.connections]
        first = world.connections[0]
        assert rows[0]["created_at"] == int(first.connected_at.timestamp() * 1000)
        assert rows[0]["profile_picture_url"] is None
        assert json.loads(b64decode(found[0]["cursor"])) == {"limit": 5, "startIndex": 5}

    def test_received_invitations_say_who_and_what_an_answer_has_to_repeat(
        self, fake: FakeUnipile, world: ServiceWorld
    ) -> None:
        world.invited_by(world.newcomer(), note="Hello from an example")
        (page,) = pages(fake, "users", "invite", "received")

        assert [row["inviter"]["inviter_id"] for row in page["items"]] == [
            invitation.person.provider_id for invitation in world.received
        ]
        assert page["items"][0]["invitation_text"] == "Hello from an example"
        assert all(row["specifics"]["shared_secret"] for row in page["items"])

    @pytest.mark.parametrize(
        ("days", "label", "parsed"),
        [
            (0, "Sent today", "2026-07-01T10:00:00.000Z"),
            (1, "Sent yesterday", "2026-06-30T10:00:00.000Z"),
            (3, "Sent 3 days ago", "2026-06-28T10:00:00.000Z"),
            (7, "Sent 1 week ago", "2026-06-24T10:00:00.000Z"),
            (29, "Sent 4 weeks ago", "2026-06-03T10:00:00.000Z"),
            (79, "Sent 2 months ago", "2026-05-01T10:00:00.000Z"),
            (400, "Sent 1 year ago", "2025-07-01T10:00:00.000Z"),
        ],
    )
    def test_dates_are_labels_and_what_is_made_of_them(self, days: int, label: str, parsed: str) -> None:
        clock = FakeClock(NOW - timedelta(days=days, hours=1))
        world = ServiceWorld(clock=clock)
        world.invite(world.newcomer())
        clock.set(NOW)

        (row,) = said(get(FakeUnipile(world), *SENT))["items"]

        assert (row["date"], row["parsed_datetime"]) == (label, parsed)

    def test_the_moment_moves_between_two_calls(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        before = said(get(fake, *SENT))["items"][0]
        world.clock.advance(timedelta(seconds=5))
        after = said(get(fake, *SENT))["items"][0]

        assert before["date"] == after["date"]
        assert before["parsed_datetime"] != after["parsed_datetime"]


class TestEffects:
    """What is asked for happens once, and shows from then on."""

    def test_what_was_withdrawn_is_gone_from_the_list(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        key = world.pending[3].id

        answer = delete(fake, key)

        assert (answer.status, said(answer)) == (200, {"object": "InvitationCanceled"})
        assert key not in ids(pages(fake))
        assert world.withdrawals == {key: (NOW,)}

    def test_a_second_withdrawal_has_no_effect(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        key = world.pending[3].id
        delete(fake, key)

        again = delete(fake, key)

        assert (again.status, said(again)["type"]) == (404, "errors/resource_not_found")
        assert len(world.withdrawals[key]) == 1

    @pytest.mark.parametrize("kind", ["resource_not_found", "action_already_performed", "invalid_parameters"])
    def test_what_a_second_withdrawal_is_answered_with_can_be_chosen(self, world: ServiceWorld, kind: str) -> None:
        fake = FakeUnipile(world, second_withdrawal=faults.error(kind))
        key = world.pending[0].id
        world.accept(key)

        again = delete(fake, key)

        assert said(again)["type"] == f"errors/{kind}"
        assert again.status == said(again)["status"] in {400, 404, 422}

    def test_a_service_that_does_not_look_counts_twice(self, world: ServiceWorld) -> None:
        fake = FakeUnipile(world, second_withdrawal=None)
        key = world.pending[0].id

        assert [delete(fake, key).status for _ in range(2)] == [200, 200]
        assert len(world.withdrawals[key]) == 2

    @pytest.mark.parametrize("key", ["7449395960733499393", "nonsense", "ada-example-77"])
    def test_an_unknown_invitation_is_not_found(self, fake: FakeUnipile, key: str) -> None:
        assert delete(fake, key).status == 404

    def test_a_person_is_no_invitation(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        assert delete(fake, world.pending[0].person.slug).status == 404
        assert not world.withdrawals

    def test_an_invitation_that_is_sent_is_listed_first(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        whom = world.newcomer()

        answer = said(post(fake, "users", "invite", provider_id=whom.provider_id, message="Hello"))

        assert answer == {"object": "UserInvitationSent", "invitation_id": world.pending[0].id}
        assert ids(pages(fake))[0] == answer["invitation_id"]
        assert world.pending[0].note == "Hello"

    def test_an_invitation_can_be_refused(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        pending, connected = world.pending[0].person, world.connections[0].person
        withdrawn, late = world.pending[1].person, world.pending[2].person
        world.withdraw(late)
        world.clock.advance(timedelta(days=22))
        delete(fake, world.invitation(withdrawn).id)

        def kind(whom: str, message: str = "") -> str:
            answer = said(post(fake, "users", "invite", provider_id=whom, message=message))
            return answer.get("type", "sent")

        assert kind(pending.provider_id) == "errors/already_invited_recently"
        assert kind(connected.provider_id) == "errors/already_connected"
        assert kind(withdrawn.provider_id) == "errors/cannot_resend_yet"
        assert kind("ACoAANOBODY") == "errors/invalid_recipient"
        assert kind(world.newcomer().provider_id, "x" * 301) == "errors/too_many_characters"
        assert kind(late.provider_id) == "sent"

    def test_usage_is_told_on_its_four_marks_and_then_sending_is_refused(self) -> None:
        world = ServiceWorld(clock=FakeClock(NOW))
        fake = FakeUnipile(world, weekly_limit=20)
        answers = [
            said(post(fake, "users", "invite", provider_id=world.newcomer().provider_id)) for _ in range(21)
        ]

        assert {at: answer["usage"] for at, answer in enumerate(answers, 1) if "usage" in answer} == {
            10: 50,
            15: 75,
            18: 90,
            19: 95,
        }
        assert answers[-1]["type"] == "errors/cannot_resend_yet"
        world.clock.advance(timedelta(days=7))
        assert post(fake, "users", "invite", provider_id=world.newcomer().provider_id).status == 200

    @pytest.mark.parametrize(("action", "status"), [("accept", "ACCEPTED"), ("decline", "DECLINED")])
    def test_a_received_invitation_can_be_answered_once(
        self, fake: FakeUnipile, world: ServiceWorld, action: str, status: str
    ) -> None:
        waiting = said(get(fake, "users", "invite", "received"))["items"][0]
        path = ("users", "invite", "received", waiting["id"])
        body = {"provider": "LINKEDIN", "action": action, **waiting["specifics"]}
        person = world.find(waiting["id"])

        assert said(post(fake, *path, **{**body, "shared_secret": "no"}))["type"] == "errors/invalid_parameters"
        assert said(post(fake, *path, **{**body, "action": "no"}))["type"] == "errors/invalid_parameters"
        assert said(post(fake, *path, **body)) == {"object": "UserInvitationHandled", "status": status}
        assert post(fake, *path, **body).status == 404
        assert world.connected(person) is (action == "accept")
        assert len(world.received) == 2


class TestPeople:
    """A profile is evidence of what became of an invitation, as far as a service tells."""

    def profile(self, fake: FakeUnipile, who: str) -> dict[str, Any]:
        return said(get(fake, "users", who))

    def test_a_pending_invitation_shows(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        person = world.pending[0].person

        for identifier in (person.slug, person.provider_id):
            profile = self.profile(fake, identifier)
            assert profile["invitation"] == {"type": "SENT", "status": "PENDING"}
            assert profile["network_distance"] == "SECOND_DEGREE"
            assert profile["is_relationship"] is False

    def test_an_acceptance_shows(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        person = world.pending[0].person
        world.accept(person)

        profile = self.profile(fake, person.slug)

        assert "invitation" not in profile
        assert (profile["network_distance"], profile["is_relationship"]) == ("FIRST_DEGREE", True)

    @pytest.mark.parametrize("how", ["withdraw", "withdraw_elsewhere"])
    def test_a_withdrawal_shows_wherever_it_was_made(
        self, fake: FakeUnipile, world: ServiceWorld, how: str
    ) -> None:
        person = world.pending[0].person
        getattr(world, how)(person)

        assert self.profile(fake, person.slug)["invitation"] == {"type": "SENT", "status": "WITHDRAWN"}

    @pytest.mark.parametrize("how", ["ignore", "expire"])
    def test_vanishing_without_an_acceptance_leaves_nothing(
        self, fake: FakeUnipile, world: ServiceWorld, how: str
    ) -> None:
        invitation = world.pending[0]
        getattr(world, how)(invitation)

        profile = self.profile(fake, invitation.person.slug)

        assert invitation.id not in ids(pages(fake))
        assert "invitation" not in profile
        assert profile["is_relationship"] is False
        assert not world.withdrawals

    def test_received_ones_show(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        waiting, declined = world.received[:2]
        world.answer(declined, accept=False)

        assert self.profile(fake, waiting.person.slug)["invitation"] == {"type": "RECEIVED", "status": "PENDING"}
        assert self.profile(fake, declined.person.slug)["invitation"] == {"type": "RECEIVED", "status": "IGNORED"}

    def test_nobody_is_not_found(self, fake: FakeUnipile) -> None:
        assert get(fake, "users", "nobody-example-0000").status == 404

    def test_the_wrong_path_for_connections_is_ones_own_profile(
        self, fake: FakeUnipile, world: ServiceWorld
    ) -> None:
        trap = get(fake, "users", "connections")

        assert trap == get(fake, "users", "me")
        assert said(trap)["provider_id"] == world.owner.provider_id

    def test_the_account_says_how_it_is(self, world: ServiceWorld) -> None:
        fake = FakeUnipile(world, account_status="CREDENTIALS")

        (account,) = said(get(fake, "accounts"))["items"]

        assert account["id"] == "example-account"
        assert [source["status"] for source in account["sources"]] == ["CREDENTIALS"]

    def test_a_webhook_is_taken_note_of(self, fake: FakeUnipile) -> None:
        answer = post(fake, "webhooks", source="users", request_url="https://hook.example", name="x")

        assert said(answer)["object"] == "WebhookCreated"


class TestRefusals:
    @pytest.mark.parametrize("query", [{}, {"account_id": ""}])
    def test_without_an_account(self, fake: FakeUnipile, query: dict[str, str]) -> None:
        refused = fake.exchange(Request("GET", SENT, query))

        assert (refused.status, said(refused)["type"]) == (400, "errors/missing_parameters")

    def test_another_account(self, fake: FakeUnipile) -> None:
        assert fake.exchange(Request("GET", SENT, {"account_id": "other"})).status == 404

    @pytest.mark.parametrize("path", [("nothing",), ("users",), ("users", "invite", "sent", "1", "2")])
    def test_no_such_path(self, fake: FakeUnipile, path: tuple[str, ...]) -> None:
        assert said(get(fake, *path))["type"] == "errors/resource_not_found"

    def test_leaving_out_a_part_of_the_path_of_a_withdrawal(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        key = world.pending[0].id

        assert fake.exchange(Request("DELETE", ("users", "invite", key), ACCOUNT)).status == 404
        assert not world.withdrawals


class TestWhatHappensMeanwhile:
    def test_an_acceptance_between_list_and_withdrawal(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        key = world.pending[0].id
        fake.between_list_and_withdrawal(lambda: world.accept(key))

        listed = ids(pages(fake))
        refused = delete(fake, key)

        assert key in listed
        assert refused.status == 404
        assert world.connected(world.invitation(key).person)
        assert not world.withdrawals

    def test_it_waits_for_a_listing(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        first, second = world.pending[0].id, world.pending[1].id
        fake.between_list_and_withdrawal(lambda: world.accept(second))

        assert delete(fake, first).status == 200
        assert second in ids(pages(fake))
        assert delete(fake, second).status == 404

    def test_something_before_the_second_request_of_a_route(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        fake.before(lambda: world.invite(world.newcomer()), route="sent", number=2)

        counts = []
        for _ in range(3):
            get(fake, "accounts")
            counts.append(len(ids(pages(fake, limit=100))))

        assert counts == [25, 26, 26]

    def test_something_at_a_moment_has_that_moment(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        key = world.pending[0].id
        world.schedule(lambda: world.accept(key), after=timedelta(hours=2))

        assert key in ids(pages(fake))
        world.clock.advance(timedelta(hours=5))
        assert key not in ids(pages(fake))
        assert world.connections[0].connected_at == NOW + timedelta(hours=2)

    @pytest.mark.parametrize("when", [{}, {"at": NOW, "after": timedelta(0)}])
    def test_a_happening_needs_one_moment(self, world: ServiceWorld, when: dict[str, Any]) -> None:
        with pytest.raises(DataError, match="needs one moment"):
            world.schedule(lambda: None, **when)

    def test_a_list_that_lags_shows_what_was_withdrawn_for_a_while(self) -> None:
        world = ServiceWorld.invent(pending=5, now=NOW, list_lag=timedelta(seconds=90))
        fake = FakeUnipile(world)
        key = world.pending[2].id
        everybody = ids(pages(fake))
        delete(fake, key)

        assert ids(pages(fake)) == everybody
        assert delete(fake, key).status == 404
        world.clock.advance(timedelta(seconds=90))
        assert key not in ids(pages(fake))
        assert len(world.withdrawals[key]) == 1


class TestFaultsOfAnswers:
    @pytest.mark.parametrize(
        ("kind", "status"),
        [
            *(("invalid_parameters", 400), ("expired_credentials", 401), ("checkpoint_error", 401)),
            *(("account_restricted", 403), ("insufficient_permissions", 403), ("resource_not_found", 404)),
            *(("cannot_resend_yet", 422), ("too_many_requests", 429), ("provider_error", 500)),
            *(("feature_not_implemented", 501), ("no_client_session", 503), ("request_timeout", 504)),
        ],
    )
    def test_typed_errors(self, fake: FakeUnipile, kind: str, status: int) -> None:
        fake.on("sent", faults.error(kind))

        refused = get(fake, *SENT)

        assert refused.status == status
        assert set(said(refused)) == {"title", "detail", "instance", "type", "status"}
        assert said(refused)["type"] == f"errors/{kind}"

    @pytest.mark.parametrize("effect", ["none", "done"])
    def test_an_error_before_or_after_the_effect(
        self, fake: FakeUnipile, world: ServiceWorld, effect: faults.Effect
    ) -> None:
        key = world.pending[0].id
        fake.on("withdraw", faults.error("request_timeout", effect=effect), numbers=[1])

        assert delete(fake, key).status == 504
        assert (key in world.withdrawals) is (effect == "done")
        assert (key in ids(pages(fake))) is (effect == "none")

    def test_an_effect_that_comes_later_than_the_error(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        key = world.pending[0].id
        fake.on("withdraw", faults.error("request_timeout", effect=timedelta(seconds=120)), numbers=[1])

        assert delete(fake, key).status == 504
        assert key in ids(pages(fake))
        world.clock.advance(timedelta(seconds=150))
        assert key not in ids(pages(fake))
        assert world.withdrawals[key] == (NOW + timedelta(seconds=120),)

    def test_an_effect_that_comes_too_late_never_comes(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        key = world.pending[0].id
        fake.on("withdraw", faults.error("request_timeout", effect=timedelta(seconds=120)), numbers=[1])
        delete(fake, key)
        world.accept(key)
        world.clock.advance(timedelta(seconds=150))
        pages(fake)

        assert not world.withdrawals

    @pytest.mark.parametrize("value", [None, "0", "60", "120, 60", "-1", "٧", "Sun, 22 Nov 2026 12:00:00 GMT"])
    def test_throttled_with_and_without_a_time(self, fake: FakeUnipile, value: str | None) -> None:
        fake.on("*", faults.throttled(value))

        refused = get(fake, *SENT)

        assert refused.status == 429
        assert refused.header("retry-after") == value

    @pytest.mark.parametrize(
        ("fault", "status", "part"),
        [
            (faults.html(502), 502, b"Bad gateway"),
            (faults.blocked(), 999, b"Request denied"),
            (faults.challenge(), 200, b"/checkpoint/challenge"),
            (faults.login(), 200, b"session_password"),
        ],
        ids=["502", "999", "challenge", "login"],
    )
    def test_pages_for_people(self, fake: FakeUnipile, fault: faults.Answer, status: int, part: bytes) -> None:
        fake.on("sent", fault)

        answer = get(fake, *SENT)

        assert answer.status == status
        assert part in answer.body
        assert str(answer.header("content-type")).startswith("text/html")

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("to", ["/api/v1/accounts", "https://elsewhere.example/api/v1/accounts"])
    def test_redirects(self, fake: FakeUnipile, status: int, to: str) -> None:
        fake.on("withdraw", faults.redirect(status, to))

        answer = delete(fake, "1")

        assert (answer.status, answer.header("location")) == (status, to)

    @pytest.mark.parametrize(
        ("fault", "body"),
        [
            (faults.empty(), b""),
            (faults.empty(204), b""),
            (faults.ok(), b'{"status": "ok"}'),
            (faults.other("Surprise"), b'{"object": "Surprise"}'),
        ],
    )
    def test_other_answers_to_a_withdrawal_that_succeeded(
        self, fake: FakeUnipile, world: ServiceWorld, fault: faults.Answer, body: bytes
    ) -> None:
        key = world.pending[0].id
        fake.on("withdraw", fault)

        answer = delete(fake, key)

        assert answer.succeeded
        assert answer.body == body
        assert key in world.withdrawals

    def test_they_do_not_hide_that_there_was_nothing_to_withdraw(self, fake: FakeUnipile) -> None:
        fake.on("withdraw", faults.empty())

        assert delete(fake, "1").status == 404

    def test_an_error_that_nobody_has_documented(self, fake: FakeUnipile) -> None:
        fake.on("sent", faults.error("flux_capacitor_empty", 418))

        assert said(get(fake, *SENT)) == {
            "title": "Flux capacitor empty",
            "detail": "Invented for a test",
            "instance": None,
            "type": "errors/flux_capacitor_empty",
            "status": 418,
        }

    def test_one_that_nobody_has_documented_needs_a_status(self) -> None:
        with pytest.raises(DataError, match="nobody has documented errors/flux_capacitor_empty"):
            faults.error("flux_capacitor_empty")

    def test_a_script_is_played_once_and_then_all_is_well(self, fake: FakeUnipile) -> None:
        fake.script("sent", [faults.error("provider_error"), None, faults.throttled("5")])

        statuses = [(get(fake, *SENT).status, get(fake, "accounts").status) for _ in range(4)]

        assert statuses == [(500, 200), (200, 200), (429, 200), (200, 200)]

    def test_numbers_count_the_requests_of_the_route_from_now(self, fake: FakeUnipile) -> None:
        get(fake, *SENT)
        fake.on("sent", faults.error("provider_error"), numbers=range(2, 4))

        assert [get(fake, *SENT).status for _ in range(4)] == [200, 500, 500, 200]

    def test_it_can_be_healed(self, fake: FakeUnipile) -> None:
        fake.on("*", faults.error("provider_error"))
        fake.heal()

        assert get(fake, *SENT).status == 200

    def test_a_route_that_is_none_is_refused(self, fake: FakeUnipile) -> None:
        with pytest.raises(DataError, match="no route 'delete'"):
            fake.on("delete", faults.empty())  # type: ignore[arg-type]


class TestFaultsOfLists:
    """Twenty-five rows, ten a page."""

    @pytest.mark.parametrize("length", [1, 2, 3, 4, 5])
    def test_cursors_that_lead_round(self, fake: FakeUnipile, length: int) -> None:
        fake.on("sent", faults.CursorCycle(length))

        cursors = [page["cursor"] for page in pages(fake, most=3 * length + 1)]

        assert len(set(cursors)) == length
        assert cursors[:length] * 3 == cursors[: 3 * length]

    @pytest.mark.parametrize("rows", [False, True])
    def test_pages_without_end(self, fake: FakeUnipile, rows: bool) -> None:
        fake.on("sent", faults.EndlessPages(rows=rows))

        found = pages(fake, most=40)

        assert len({page["cursor"] for page in found}) == 40
        assert [len(page["items"]) for page in found[3:]] == [10 if rows else 0] * 37
        assert len(set(ids(found))) == len(ids(found))

    def test_an_empty_page_with_a_cursor(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        fake.on("sent", faults.EmptyPage(2))

        found = pages(fake)

        assert [len(page["items"]) for page in found] == [10, 0, 5]
        assert found[1]["cursor"]

    def test_short_pages_lose_nothing(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        fake.on("sent", faults.ShortPages(3))

        found = pages(fake)

        assert [len(page["items"]) for page in found] == [7, 7, 7, 4]
        assert ids(found) == [invitation.id for invitation in world.pending]

    def test_a_total_that_is_wrong(self, fake: FakeUnipile) -> None:
        fake.on("sent", faults.WrongTotal(7))

        assert said(get(fake, *SENT))["total_count"] == 32

    @pytest.mark.parametrize(("page", "expected"), [(1, [0]), (2, [10, 0]), (3, [10, 10, 0])])
    def test_an_empty_list_while_throttled(self, fake: FakeUnipile, page: int, expected: list[int]) -> None:
        fake.on("sent", faults.SilentThrottle(page))

        found = pages(fake)

        assert [len(each["items"]) for each in found] == expected
        assert found[-1]["cursor"] is None
        assert found[-1]["total_count"] == 0

    def test_removals_while_paging_hide_rows(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        before = [invitation.id for invitation in world.pending]
        fake.on("sent", faults.Shift(removals=2))

        found = ids(pages(fake))

        assert found == before[:10] + before[12:22] + before[24:]
        assert len(world.pending) == 21

    def test_insertions_while_paging_repeat_rows(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        before = [invitation.id for invitation in world.pending]
        fake.on("sent", faults.Shift(insertions=2))

        found = ids(pages(fake))

        assert found == before[:10] + before[8:18] + before[16:]
        assert len(world.pending) == 29

    def test_one_id_with_two_contents(self, fake: FakeUnipile) -> None:
        fake.on("sent", faults.DuplicateId(2))

        first, second, _ = pages(fake)

        assert second["items"][0]["id"] == first["items"][-1]["id"]
        assert second["items"][0]["invited_user_id"] != first["items"][-1]["invited_user_id"]

    def test_fields_that_are_null(self, fake: FakeUnipile) -> None:
        fake.on("sent", faults.NullFields(every=2))

        rows = said(get(fake, *SENT))["items"]

        assert [row["invited_user_id"] is None for row in rows] == [True, False] * 5
        assert [row["invited_user_public_id"] is None for row in rows] == [True, False] * 5
        assert all(row["invited_user"] for row in rows)

    def test_null_ids(self, fake: FakeUnipile) -> None:
        fake.on("sent", faults.NullFields(("id",)))

        assert {row["id"] for row in said(get(fake, *SENT))["items"]} == {None}

    def test_dates_that_are_only_labels(self, fake: FakeUnipile) -> None:
        fake.on("sent", faults.LabelOnlyDates())

        rows = said(get(fake, *SENT))["items"]

        assert {row["parsed_datetime"] for row in rows} == {None}
        assert all(row["date"].startswith("Sent ") for row in rows)

    def test_dates_that_are_weeks_off(self, fake: FakeUnipile) -> None:
        right = said(get(fake, *SENT))["items"][-1]["parsed_datetime"]
        fake.on("sent", faults.WrongDates(timedelta(days=18)))
        wrong = said(get(fake, *SENT))["items"][-1]["parsed_datetime"]

        assert datetime.fromisoformat(wrong) - datetime.fromisoformat(right) == timedelta(days=18)

    def test_people_with_one_name(self, fake: FakeUnipile) -> None:
        fake.on("sent", faults.Namesakes())

        rows = said(get(fake, *SENT))["items"]

        assert {row["invited_user"] for row in rows} == {"Kim Example"}
        assert len({row["invited_user_id"] for row in rows}) == 10

    def test_rows_of_another_account(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        fake.on("sent", faults.ForeignRows(every=5))

        rows = said(get(fake, *SENT))["items"]

        assert [row["inviter"]["inviter_id"] == world.owner.provider_id for row in rows] == [
            *(False, True, True, True, True),
            *(False, True, True, True, True),
        ]

    def test_rows_that_are_missing_for_once(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        key = world.pending[4].id
        fake.on("sent", faults.MissingRows([key]), numbers=[1])

        assert key not in ids([said(get(fake, *SENT))])
        assert key in ids([said(get(fake, *SENT))])

    def test_several_faults_of_a_list_work_together(self, fake: FakeUnipile) -> None:
        fake.on("sent", faults.LabelOnlyDates(), faults.CursorCycle(1))
        fake.on("sent", faults.Namesakes())

        found = pages(fake, most=4)

        assert len({page["cursor"] for page in found}) == 1
        rows = [row for page in found for row in page["items"]]
        assert {(row["parsed_datetime"], row["invited_user"]) for row in rows} == {(None, "Kim Example")}

    def test_a_list_is_right_again_afterwards(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        fake.on("sent", faults.Namesakes(), numbers=[1])
        get(fake, *SENT)

        assert said(get(fake, *SENT))["items"][0]["invited_user"] == world.pending[0].person.name


BROKEN = [(faults.Cut, "cut"), (faults.Reset, "reset"), (faults.Silence, "timeout")]


@pytest.mark.parametrize(("kind", "code"), BROKEN)
@pytest.mark.parametrize("effect", ["none", "done"])
def test_in_process_a_broken_connection_is_an_error_of_the_transport(
    fake: FakeUnipile, world: ServiceWorld, kind: Any, code: str, effect: faults.Effect
) -> None:
    key = world.pending[0].id
    fake.on("withdraw", kind(effect=effect))

    with pytest.raises(TransportError) as caught:
        delete(fake, key)

    assert (caught.value.code, caught.value.sent) == (code, "maybe")
    assert (key in world.withdrawals) is (effect == "done")


class TestSocket:
    """The same, on a loopback socket."""

    HEADERS: ClassVar = {"X-API-KEY": "example-key"}

    def test_any_client_can_ask(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        with fake.serve() as url:
            answer = httpx.get(f"{url}/users/invite/sent", params=ACCOUNT, headers=self.HEADERS)

        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api/v1", url)
        assert answer.json()["items"][0]["id"] == world.pending[0].id
        assert answer.headers["content-type"] == "application/json; charset=utf-8"

    @pytest.mark.parametrize(
        ("headers", "kind"), [({}, "missing_credentials"), ({"X-API-KEY": "wrong"}, "invalid_credentials")]
    )
    def test_without_the_right_key_nothing_happens(
        self, fake: FakeUnipile, world: ServiceWorld, headers: dict[str, str], kind: str
    ) -> None:
        key = world.pending[0].id
        with fake.serve() as url:
            answer = httpx.delete(f"{url}/users/invite/sent/{key}", params=ACCOUNT, headers=headers)

        assert (answer.status_code, answer.json()["type"]) == (401, f"errors/{kind}")
        assert not world.withdrawals
        assert [request.status for request in fake.requests] == [401]

    def test_outside_of_the_base_address_there_is_nothing(self, fake: FakeUnipile) -> None:
        with fake.serve() as url:
            assert httpx.get(url.removesuffix("/v1") + "/v2/accounts", headers=self.HEADERS).status_code == 404

    def test_one_connection_serves_many_requests(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        with fake.serve() as url:
            address = urlsplit(url)
            connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=5)
            local = set()
            for _ in range(5):
                connection.request("GET", f"{address.path}/accounts", headers=self.HEADERS)
                assert connection.getresponse().read().startswith(b'{"object":"AccountList"')
                local.add(connection.sock.getsockname())
            connection.close()

        assert len(local) == 1

    def test_many_connections_are_served_at_once(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        keys = [invitation.id for invitation in world.pending]
        with fake.serve() as url, ThreadPoolExecutor(8) as pool:
            client = httpx.Client(headers=self.HEADERS, params=ACCOUNT)
            statuses = list(
                pool.map(lambda key: client.delete(f"{url}/users/invite/sent/{key}").status_code, keys * 2)
            )
            client.close()

        assert sorted(statuses) == [200] * 25 + [404] * 25
        assert {len(times) for times in world.withdrawals.values()} == {1}
        assert len(world.withdrawals) == 25
        assert [request.number for request in fake.requests] == list(range(1, 51))

    def test_a_body_in_chunks_is_understood(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        whom = world.newcomer()
        body = json.dumps({**ACCOUNT, "provider_id": whom.provider_id}).encode()
        with fake.serve() as url:
            answer = httpx.post(f"{url}/users/invite", content=iter([body[:9], body[9:]]), headers=self.HEADERS)

        assert answer.json()["invitation_id"] == world.pending[0].id

    @pytest.mark.parametrize("body", [b"", b"[1]", b"{", b'{"account_id":'])
    def test_a_body_that_is_none_is_refused(self, fake: FakeUnipile, body: bytes) -> None:
        with fake.serve() as url:
            answer = httpx.post(f"{url}/users/invite", content=body, headers=self.HEADERS)

        assert answer.json()["type"] == "errors/malformed_request"

    def test_segments_and_values_are_decoded(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        person = next(each.person for each in world.pending if not each.person.slug.isascii())
        path = f"users/{quote(person.slug)}?{urlencode({'account_id': 'example-account', 'x': 'a+b c'})}"
        with fake.serve() as url:
            answer = httpx.get(f"{url}/{path}", headers=self.HEADERS)

        assert answer.json()["provider_id"] == person.provider_id
        assert fake.requests[0].query == {"account_id": "example-account", "x": "a+b c"}

    def test_a_client_of_the_old_kind_is_told_the_end_by_closing(self, fake: FakeUnipile) -> None:
        with fake.serve() as url:
            address = urlsplit(url)
            with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
                connection.sendall(b"GET /api/v1/accounts HTTP/1.0\r\nX-API-KEY: example-key\r\n\r\n")
                heard = b""
                while more := connection.recv(65_536):
                    heard += more

        assert heard.endswith(b'"cursor":null}')

    def test_success_without_any_content(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        fake.on("withdraw", faults.empty(204))
        with fake.serve() as url, httpx.Client(params=ACCOUNT, headers=self.HEADERS) as client:
            answers = [client.delete(f"{url}/users/invite/sent/{each.id}") for each in world.pending[:2]]

        assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
        assert len(world.withdrawals) == 2

    @pytest.mark.parametrize("nonsense", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"])
    def test_what_is_no_request_is_not_answered(self, fake: FakeUnipile, nonsense: bytes) -> None:
        with fake.serve() as url:
            address = urlsplit(url)
            with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
                connection.sendall(nonsense)
                assert connection.recv(100) == b""

        assert fake.requests == ()

    @pytest.mark.parametrize("effect", ["none", "done"])
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (faults.Cut, httpx.RemoteProtocolError),
            (faults.Reset, httpx.ReadError),
            (faults.Silence, httpx.ReadTimeout),
        ],
    )
    def test_broken_connections(
        self, fake: FakeUnipile, world: ServiceWorld, fault: Any, error: type[Exception], effect: str
    ) -> None:
        key = world.pending[0].id
        fake.on("withdraw", fault(effect=effect))
        patience = 0.3 if fault is faults.Silence else 10
        with fake.serve() as url, pytest.raises(error):
            httpx.delete(f"{url}/users/invite/sent/{key}", params=ACCOUNT, headers=self.HEADERS, timeout=patience)

        assert (key in world.withdrawals) is (effect == "done")

    def test_an_answer_that_drips_arrives_whole(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        key = world.pending[0].id
        fake.on("withdraw", faults.Drip(every=0.001, size=10))
        with fake.serve() as url:
            answer = httpx.delete(f"{url}/users/invite/sent/{key}", params=ACCOUNT, headers=self.HEADERS)

        assert answer.json() == {"object": "InvitationCanceled"}

    def test_999_gets_through(self, fake: FakeUnipile) -> None:
        fake.on("*", faults.blocked())
        with fake.serve() as url:
            assert httpx.get(f"{url}/accounts", headers=self.HEADERS).status_code == 999

    def test_it_stops_while_somebody_waits_and_leaves_no_thread(self, fake: FakeUnipile) -> None:
        fake.on("accounts", faults.Silence())
        before = threading.active_count()

        def ask(address: str) -> type[Exception] | None:
            try:
                httpx.get(f"{address}/accounts", headers=self.HEADERS, timeout=60)
            except httpx.HTTPError as error:
                return type(error)
            return None

        with ThreadPoolExecutor(1) as pool:
            with fake.serve() as url:
                waiting = pool.submit(ask, url)
                while not fake.requests:
                    pass
            assert waiting.result(timeout=5) is httpx.RemoteProtocolError

        assert threading.active_count() == before


class TestLog:
    def test_each_request_is_remembered_without_the_key(self, fake: FakeUnipile, world: ServiceWorld) -> None:
        with fake.serve() as url:
            httpx.get(f"{url}/users/relations", params={**ACCOUNT, "limit": 2}, headers=TestSocket.HEADERS)
        world.clock.advance(timedelta(minutes=1))
        delete(fake, "1")

        first, second = fake.requests

        assert (first.number, first.at, first.route, first.method) == (1, NOW, "relations", "GET")
        assert (first.path, first.query) == ("users/relations", {**ACCOUNT, "limit": "2"})
        assert (second.at, second.route, second.status) == (NOW + timedelta(minutes=1), "withdraw", 404)
        assert "example-key" not in repr(fake.requests) + repr(fake)

    def test_where_no_answer_left_there_is_no_status(self, fake: FakeUnipile) -> None:
        fake.on("accounts", faults.Silence())
        with pytest.raises(TransportError):
            get(fake, "accounts")

        assert [request.status for request in fake.requests] == [0]


def test_every_route_can_be_reached(fake: FakeUnipile, world: ServiceWorld) -> None:
    key = world.pending[0].id
    for path in (("accounts",), ("users", "me"), SENT, ("users", "invite", "received"), ("users", "relations")):
        get(fake, *path)
    get(fake, "users", "somebody")
    get(fake, "nowhere")
    delete(fake, key)
    for path in (("users", "invite"), ("users", "invite", "received", "1"), ("webhooks",)):
        post(fake, *path)

    assert {request.route for request in fake.requests} == set(ROUTES)


def test_the_same_seed_gives_the_same_service() -> None:
    one, two, other = (ServiceWorld.invent(pending=30, seed=seed) for seed in (3, 3, 4))

    assert get(FakeUnipile(one), *SENT, limit=250) == get(FakeUnipile(two), *SENT, limit=250)
    assert get(FakeUnipile(one), *SENT, limit=250) != get(FakeUnipile(other), *SENT, limit=250)


def test_listing_ten_thousand_is_spelled_only_once_and_every_row_is_there() -> None:
    world = ServiceWorld.invent(pending=10_000, connections=0)
    fake = FakeUnipile(world)

    found = pages(fake, limit=250, most=100)

    assert len(found) == 40
    assert ids(found) == [invitation.id for invitation in world.pending]
