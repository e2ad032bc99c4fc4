"""What is asked of the service, and what its answers prove: about one member, one withdrawal, the accounts."""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.dialects.unipile_bodies import AT, INVITATION, SENT_ID, account, answer, error, profile

from invitekit._wire import Request, Response
from invitekit.dialects.unipile import ServiceAccount, UnipileDialect
from invitekit.errors import (
    BackendError,
    ChallengeError,
    DataError,
    PayloadError,
    RateLimitedError,
    RefusedError,
)
from invitekit.model import UNKNOWN, Capability, ListKind, Member, Outcome, Result, Truth

DIALECT = UnipileDialect("acc-example-1")
ADA = Member(name="Ada", slug="ada-example-77", provider_id="ACoAAEXAMPLE")


class TestRequests:
    @pytest.mark.parametrize(
        ("of", "path", "most"),
        [
            (ListKind.SENT, ("users", "invite", "sent"), "250"),
            (ListKind.RECEIVED, ("users", "invite", "received"), "100"),
            (ListKind.CONNECTIONS, ("users", "relations"), "1000"),
        ],
    )
    def test_a_page(self, of: ListKind, path: tuple[str, ...], most: str) -> None:
        assert DIALECT.page_request(of) == Request("GET", path, (("account_id", "acc-example-1"), ("limit", most)))
        assert dict(DIALECT.page_request(of, "abc", 7).query)["cursor"] == "abc"
        for size, limit in ((7, "7"), (10_000, most), (0, "1"), (None, most)):
            assert dict(DIALECT.page_request(of, None, size).query)["limit"] == limit
        assert DIALECT.sizes[of] == int(most)

    def test_one_member_by_the_strongest_that_the_service_knows(self) -> None:
        assert DIALECT.read_request(ADA).path == ("users", "ACoAAEXAMPLE")
        assert DIALECT.read_request(Member(slug="ada-example-77")).path == ("users", "ada-example-77")
        assert DIALECT.read_request(ADA).query == (("account_id", "acc-example-1"),)
        for nobody in (Member(name="Ada"), Member(urn="urn:li:member:77")):
            with pytest.raises(RefusedError) as caught:
                DIALECT.read_request(nobody)
            assert (caught.value.code, caught.value.sent) == ("no-identifier", "no")

    def test_a_withdrawal_is_one_delete_without_a_body(self) -> None:
        request = DIALECT.withdrawal_request(INVITATION)
        assert request == Request(
            "DELETE", ("users", "invite", "sent", SENT_ID), (("account_id", "acc-example-1"),)
        )
        assert request.body is None
        assert not request.reads

    @pytest.mark.parametrize("id_", [".", "..", "..."])
    def test_an_id_that_would_be_another_path_never_leaves(self, id_: str) -> None:
        with pytest.raises(DataError):
            DIALECT.withdrawal_request(attrs.evolve(INVITATION, id=id_))

    def test_without_an_account_only_the_accounts_can_be_asked_for(self) -> None:
        nobody = UnipileDialect()
        assert nobody.accounts_request() == Request("GET", ("accounts",))
        for ask in (
            lambda: nobody.page_request(ListKind.SENT),
            lambda: nobody.read_request(ADA),
            lambda: nobody.withdrawal_request(INVITATION),
        ):
            with pytest.raises(BackendError, match=r"accounts\(\)") as caught:
                ask()
            assert (caught.value.code, caught.value.sent) == ("no-account", "no")

    @pytest.mark.parametrize("account_id", ["", " ", "a\nb", 7])
    def test_an_account_that_is_none_is_refused(self, account_id: Any) -> None:
        with pytest.raises(DataError, match="account_id"):
            UnipileDialect(account_id)

    def test_it_is_a_frozen_value_that_says_what_it_can(self) -> None:
        assert UnipileDialect("a") == UnipileDialect("a") != UnipileDialect("b")
        assert pickle.loads(pickle.dumps(DIALECT)) == DIALECT
        assert DIALECT.name == "unipile"
        assert DIALECT.capabilities == frozenset(Capability)


Verdict = tuple[Truth, Truth, str]
YES, NO, MAYBE = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
SENT_PENDING = {"type": "SENT", "status": "PENDING"}
AT_ODDS: Verdict = (MAYBE, MAYBE, "contradicts")

STANDINGS: dict[str, tuple[dict[str, Any], Verdict]] = {
    "connected": ({"network_distance": "FIRST_DEGREE", "is_relationship": True}, (YES, NO, "connected")),
    "connected by distance": (
        {"network_distance": "FIRST_DEGREE", "is_relationship": None},
        (YES, NO, "connected"),
    ),
    "connected by flag": ({"network_distance": None, "is_relationship": True}, (YES, NO, "connected")),
    "connected though called pending": (
        {"network_distance": "FIRST_DEGREE", "is_relationship": True, "invitation": SENT_PENDING},
        (YES, NO, "connected"),
    ),
    "near by distance, not by flag": ({"network_distance": "FIRST_DEGREE"}, AT_ODDS),
    "the same and pending": ({"network_distance": "FIRST_DEGREE", "invitation": SENT_PENDING}, AT_ODDS),
    "the same and throttled": ({"network_distance": "FIRST_DEGREE", "throttled_sections": ["x"]}, AT_ODDS),
    "near by flag, out of network": ({"network_distance": "OUT_OF_NETWORK", "is_relationship": True}, AT_ODDS),
    "near by flag, second degree": ({"is_relationship": True}, AT_ODDS),
    "near by flag, a new distance": ({"network_distance": "FOLLOWER", "is_relationship": True}, AT_ODDS),
    "near by flag, and pending": ({"is_relationship": True, "invitation": SENT_PENDING}, AT_ODDS),
    "pending": ({"invitation": SENT_PENDING}, (NO, YES, "pending")),
    "ignored": ({"invitation": {"type": "SENT", "status": "IGNORED"}}, (NO, NO, "ignored")),
    "withdrawn": ({"invitation": {"type": "SENT", "status": "WITHDRAWN"}}, (NO, NO, "withdrawn")),
    "they invited us": ({"invitation": {"type": "RECEIVED", "status": "PENDING"}}, (NO, MAYBE, "")),
    "theirs ignored": ({"invitation": {"type": "RECEIVED", "status": "IGNORED"}}, (NO, MAYBE, "")),
    "silence": ({}, (NO, MAYBE, "")),
    "null": ({"invitation": None}, (NO, MAYBE, "")),
    "a new status": ({"invitation": {"type": "SENT", "status": "EXPIRED"}}, (NO, MAYBE, "")),
    "not an object": ({"invitation": "SENT PENDING"}, (NO, MAYBE, "")),
    "not texts": ({"invitation": {"type": "SENT", "status": ["PENDING"]}}, (NO, MAYBE, "")),
    "third degree": ({"network_distance": "THIRD_DEGREE"}, (NO, MAYBE, "")),
    "out of network": ({"network_distance": "OUT_OF_NETWORK"}, (NO, MAYBE, "")),
    "a new distance": ({"network_distance": "FOLLOWER"}, (MAYBE, MAYBE, "")),
    "no distance": ({"network_distance": None}, (MAYBE, MAYBE, "")),
    "a distance that is a list": ({"network_distance": ["FIRST_DEGREE"]}, (MAYBE, MAYBE, "")),
    "a flag that is a text": ({"is_relationship": "true", "network_distance": None}, (MAYBE, MAYBE, "")),
    "throttled": ({"throttled_sections": ["relations"]}, (MAYBE, MAYBE, "throttled")),
    "throttled, yet connected": (
        {"throttled_sections": ["relations"], "network_distance": "FIRST_DEGREE", "is_relationship": True},
        (YES, NO, "connected"),
    ),
    "throttled, yet pending": (
        {"throttled_sections": ["relations"], "invitation": SENT_PENDING},
        (MAYBE, YES, "pending"),
    ),
}


class TestStanding:
    @pytest.mark.parametrize(("changes", "verdict"), STANDINGS.values(), ids=STANDINGS)
    def test_only_what_is_said_counts(self, changes: dict[str, Any], verdict: Verdict) -> None:
        found = DIALECT.standing(ADA, answer(profile(**changes)), AT)
        assert (found.connected, found.pending, found.why) == verdict
        assert found.as_of == AT

    def test_the_member_is_what_was_asked_and_what_was_answered(self) -> None:
        asked = Member(slug="ada-example-77", urn="urn:li:member:77")
        assert DIALECT.standing(asked, answer(profile()), AT).member == Member(
            name="Ada Example", slug="ada-example-77", urn="urn:li:member:77", provider_id="ACoAAEXAMPLE"
        )
        bare = {"object": "UserProfile", "network_distance": "FIRST_DEGREE"}
        for named in ({"provider_id": "ACoAAEXAMPLE"}, {"public_identifier": "ADA-example-77"}):
            assert DIALECT.standing(ADA, answer(bare | named), AT).member == ADA

    @pytest.mark.parametrize(
        "nameless",
        [
            {},
            {"provider_id": None, "public_identifier": None},
            {"provider_id": " ", "public_identifier": "ada@mail.example"},
            {"provider_id": 7, "public_identifier": ["ada-example-77"]},
        ],
        ids=["missing", "null", "useless", "wrong types"],
    )
    def test_a_profile_of_nobody_is_credited_to_nobody(self, nameless: dict[str, Any]) -> None:
        body = {"object": "UserProfile", "network_distance": "FIRST_DEGREE", "is_relationship": True} | nameless
        with pytest.raises(PayloadError, match="does not say whose") as caught:
            DIALECT.standing(ADA, answer(body), AT)
        assert caught.value.hint

    @pytest.mark.parametrize(
        ("asked", "missing"),
        [
            (Member(slug="ada-example-77"), "public_identifier"),
            (Member(provider_id="ACoAAEXAMPLE", urn="urn:li:member:77"), "provider_id"),
        ],
    )
    def test_one_that_cannot_be_compared_with_who_was_asked_about_is_credited_to_nobody(
        self, asked: Member, missing: str
    ) -> None:
        with pytest.raises(PayloadError, match="as the question did"):
            DIALECT.standing(asked, answer(profile(**{missing: None})), AT)

    def test_somebody_who_changed_their_profile_address_is_the_same_by_the_providers_id(self) -> None:
        found = DIALECT.standing(ADA, answer(profile(public_identifier="ada-new-example-77")), AT)
        assert found.member.slug == "ada-new-example-77"

    @pytest.mark.parametrize(
        "asked",
        [
            Member(slug="ilse-example-77"),
            Member(slug="ilse-example-77", provider_id="ACoAAILSE"),
            # A slug can pass to somebody else: the stronger identifier decides.
            Member(slug="ada-example-77", provider_id="ACoAAILSE"),
        ],
    )
    def test_the_profile_of_somebody_else_is_refused(self, asked: Member) -> None:
        with pytest.raises(PayloadError, match="another member") as caught:
            DIALECT.standing(asked, answer(profile()), AT)
        assert "ada" not in str(caught.value).lower()

    @pytest.mark.parametrize(
        "body", [profile(object="AccountOwnerProfile"), profile(object="CompanyProfile"), {}, [], b"", b"{}"]
    )
    def test_what_is_no_profile_is_refused(self, body: Any) -> None:
        with pytest.raises(PayloadError):
            DIALECT.standing(ADA, answer(body), AT)

    def test_somebody_the_service_does_not_know_is_refused_by_name(self) -> None:
        with pytest.raises(RefusedError) as caught:
            DIALECT.standing(ADA, answer(error("errors/resource_not_found", 404), 404), AT)
        assert (caught.value.code, caught.value.type) == ("not-found", "errors/resource_not_found")

    def test_the_host_of_another_customer_is_hinted_at(self) -> None:
        with pytest.raises(BackendError, match="DSN") as caught:
            DIALECT.standing(ADA, answer(error("errors/no_client_session", 503), 503), AT)
        assert caught.value.status == 503


def typed(kind: str, status: int) -> Response:
    return answer(error(f"errors/{kind}", status), status)


WITHDRAWN, GONE, REFUSED, OPEN = Result.WITHDRAWN, Result.ALREADY_GONE, Result.REFUSED, Result.UNKNOWN

# The answer to a withdrawal, what came of it, and why.
EVIDENCE: dict[str, tuple[Response, Result, str]] = {
    "200 canceled": (answer({"object": "InvitationCanceled"}), WITHDRAWN, ""),
    "201 canceled": (answer({"object": "InvitationCanceled"}, 201), WITHDRAWN, ""),
    "200 ok": (answer({"status": "ok"}), WITHDRAWN, ""),
    "200 empty": (answer(b""), WITHDRAWN, ""),
    "200 blank": (answer(b" \r\n"), WITHDRAWN, ""),
    "204": (Response(204), WITHDRAWN, ""),
    "200 other object": (answer({"object": "UserProfile"}), OPEN, "unexpected-answer"),
    "200 error object": (answer({"object": "Error", "status": "ok"}), OPEN, "unexpected-answer"),
    "200 not ok": (answer({"status": "failed"}), OPEN, "unexpected-answer"),
    "200 list": (answer([]), OPEN, "unexpected-answer"),
    "200 null": (answer(b"null"), OPEN, "unexpected-answer"),
    "200 cut": (answer(b'{"object":"Invitation'), OPEN, "undecodable"),
    "200 text": (answer(b"OK"), OPEN, "undecodable"),
    "200 bytes": (answer(b"\xff\xfe\x00"), OPEN, "undecodable"),
    "404 not found": (typed("resource_not_found", 404), GONE, "errors/resource_not_found"),
    "422 performed": (typed("action_already_performed", 422), GONE, "errors/action_already_performed"),
    "400 invalid": (typed("invalid_parameters", 400), OPEN, "errors/invalid_parameters"),
    "422 invalid": (typed("invalid_parameters", 422), REFUSED, "errors/invalid_parameters"),
    "404 performed": (typed("action_already_performed", 404), OPEN, "errors/action_already_performed"),
    "404 other type": (typed("invalid_resource_identifier", 404), OPEN, "errors/invalid_resource_identifier"),
    "404 other status's type": (typed("invalid_parameters", 404), OPEN, "errors/invalid_parameters"),
    "404 page": (Response(404, (("content-type", "text/html"),), b"<html>Cannot DELETE</html>"), OPEN, "http-404"),
    "404 empty": (Response(404), OPEN, "http-404"),
    "410": (Response(410), OPEN, "http-410"),
    "400 malformed": (typed("malformed_request", 400), REFUSED, "errors/malformed_request"),
    "400 not found": (typed("resource_not_found", 400), REFUSED, "errors/resource_not_found"),
    "400 empty": (Response(400), REFUSED, "http-400"),
    "422 other": (typed("unprocessable_entity", 422), REFUSED, "errors/unprocessable_entity"),
    "422 unheard of": (typed("a_new_type", 422), REFUSED, "errors/a_new_type"),
    "422 unspeakable": (answer(error("Ada Example!", 422), 422), REFUSED, "http-422"),
    "405": (Response(405), REFUSED, "http-405"),
    "409": (typed("conflict", 409), OPEN, "errors/conflict"),
    "408": (typed("request_timeout", 408), OPEN, "errors/request_timeout"),
    "500": (typed("unexpected_error", 500), OPEN, "errors/unexpected_error"),
    "501": (typed("feature_not_implemented", 501), OPEN, "errors/feature_not_implemented"),
    "502 page": (Response(502, (("content-type", "text/html"),), b"<html>Bad gateway</html>"), OPEN, "http-502"),
    "503": (typed("service_unavailable", 503), OPEN, "errors/service_unavailable"),
    "504": (typed("request_timeout", 504), OPEN, "errors/request_timeout"),
}

HALTS: dict[str, tuple[Response, type[BackendError], str, str]] = {
    "401": (typed("expired_credentials", 401), RefusedError, "sign-in", "yes"),
    "401 checkpoint": (typed("checkpoint_error", 401), ChallengeError, "challenge", "yes"),
    "403": (typed("account_restricted", 403), RefusedError, "forbidden", "yes"),
    "429": (typed("too_many_requests", 429), RateLimitedError, "rate-limited", "maybe"),
    "999": (Response(999), ChallengeError, "http-999", "yes"),
    "200 page": (
        Response(200, (("content-type", "text/html"),), b"<html>Sign in</html>"),
        ChallengeError,
        "login-page",
        "maybe",
    ),
    "302": (Response(302, (("location", "https://other.example/"),)), RefusedError, "redirected", "maybe"),
}


class TestWithdrawal:
    @pytest.mark.parametrize(("response", "result", "why"), EVIDENCE.values(), ids=EVIDENCE)
    def test_the_outcome_is_what_the_answer_proves(self, response: Response, result: Result, why: str) -> None:
        assert DIALECT.withdrawal(INVITATION, response, AT) == Outcome(
            invitation_id=SENT_ID, member=INVITATION.member, result=result, why=why, at=AT
        )

    @pytest.mark.parametrize(("response", "kind", "code", "sent"), HALTS.values(), ids=HALTS)
    def test_what_concerns_more_than_this_one_is_an_error(
        self, response: Response, kind: type[BackendError], code: str, sent: str
    ) -> None:
        with pytest.raises(BackendError) as caught:
            DIALECT.withdrawal(INVITATION, response, AT)
        assert type(caught.value) is kind
        assert (caught.value.code, caught.value.sent) == (code, sent)
        assert "zebra" not in f"{caught.value!r}"

    def test_a_wait_that_is_asked_for_is_on_the_error(self) -> None:
        with pytest.raises(RateLimitedError) as caught:
            DIALECT.withdrawal(INVITATION, Response(429, (("retry-after", "3600"),)), AT)
        assert caught.value.not_before == AT + timedelta(hours=1)


class TestAccounts:
    def accounts(self, *rows: Any) -> tuple[ServiceAccount, ...]:
        return UnipileDialect().accounts(answer({"object": "AccountList", "items": list(rows)}), AT)

    def test_they_are_listed(self) -> None:
        assert self.accounts(account()) == (
            ServiceAccount(id="acc-example-1", name="Owner Example", network="LINKEDIN", statuses=("OK",)),
        )
        assert self.accounts() == ()

    def test_one_is_ready_where_all_its_connections_are(self) -> None:
        good, bad = {"status": "OK"}, {"status": "CREDENTIALS"}
        rows = [account(sources=sources) for sources in ([good, good], [good, bad], [], None, [7])]
        assert [one.ready for one in self.accounts(*rows)] == [True, False, False, False, False]

    def test_what_is_null_is_unknown(self) -> None:
        (one,) = self.accounts({"id": "acc-example-1", "name": None})
        assert one == ServiceAccount(id="acc-example-1")
        assert one.name is one.network is UNKNOWN

    def test_one_prints_what_tells_it_from_the_others(self) -> None:
        good, bad = {"status": "OK"}, {"status": "CREDENTIALS"}
        (one,) = self.accounts(account(sources=[good, bad, good]))
        assert str(one) == "acc-example-1: Owner Example, LINKEDIN, OK CREDENTIALS"
        assert repr(one) == (
            "ServiceAccount(id='acc-example-1', name='Owner Example', network='LINKEDIN', status='OK CREDENTIALS')"
        )
        bare = ServiceAccount(id="acc-example-1")
        assert (str(bare), repr(bare)) == ("acc-example-1", "ServiceAccount(id='acc-example-1')")
        assert dict(one.__rich_repr__())["network"] == "LINKEDIN"

    def test_what_it_prints_is_one_short_harmless_line_with_the_whole_id(self) -> None:
        one = ServiceAccount(id="a" * 200, name="Ada\n\u202e\x1b[2J" + "x" * 10_000, statuses=("OK",))
        for shown in (str(one), repr(one)):
            assert shown.isprintable()
            assert one.id in shown
            assert len(shown) < 400

    @pytest.mark.parametrize("row", [{}, {"id": None}, {"id": ""}, {"id": "a\nb"}, 7, None, []])
    def test_one_without_an_id_is_refused(self, row: Any) -> None:
        with pytest.raises(PayloadError) as caught:
            self.accounts(account(), row)
        assert caught.value.key == "items[1].id"

    @pytest.mark.parametrize(
        "body", [{}, [], {"object": "AccountList"}, {"object": "InvitationList", "items": []}]
    )
    def test_what_is_no_list_of_accounts_is_refused(self, body: Any) -> None:
        with pytest.raises(PayloadError):
            UnipileDialect().accounts(answer(body), AT)

    def test_a_key_that_is_not_accepted_is_refused(self) -> None:
        with pytest.raises(RefusedError) as caught:
            UnipileDialect().accounts(typed("missing_credentials", 401), AT)
        assert caught.value.code == "sign-in"
