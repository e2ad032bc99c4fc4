"""Unipile v1 from end to end: what a user asks, against a service that remembers, in both colours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import attrs
import httpx
import pytest
from tests.backends.unipile import ACCOUNT, KEY, Service, in_process, on_a_socket, vendor_at

import invitekit as ik
from invitekit.model import Capability, Completeness, ListKind, Result, Standing, Truth
from invitekit.testing import FakeUnipile, ServiceWorld, faults

pytestmark = pytest.mark.sampled

COLOURS = ["sync", "async"]
PLACES = {"in process": in_process, "on a socket": on_a_socket}


@pytest.fixture(params=[(place, colour) for place in PLACES for colour in COLOURS], ids=", ".join)
def serve(request: pytest.FixtureRequest) -> Iterator[Callable[..., Service]]:
    """Start a service, which ends with the test."""
    place, colour = request.param
    open_ones = []

    def start(world: ServiceWorld, **settings: Any) -> Service:
        serving = PLACES[place](world, colour, **settings)
        open_ones.append(serving)
        return serving.__enter__()

    yield start
    for serving in open_ones:
        serving.__exit__(None, None, None)


@pytest.fixture
def service(serve: Callable[..., Service]) -> Service:
    """A small account."""
    return serve(ServiceWorld.invent(pending=7, connections=5, received=2))


def ids(rows: Any) -> list[str]:
    return [row.id for row in rows]


class TestLists:
    def test_what_is_pending_is_what_comes(self, service: Service) -> None:
        rows, listing = service.listed()

        assert ids(rows) == [one.id for one in service.world.pending]
        assert listing.completeness is Completeness.COMPLETE
        for row, truth in zip(rows, service.world.pending, strict=True):
            assert row.member.provider_id == truth.person.provider_id
            assert row.member.slug == truth.person.slug
            assert row.status is ik.Status.PENDING
            assert row.sent_at.exact
            assert abs(row.sent_at.earliest - truth.sent_at) < timedelta(milliseconds=1)

    def test_pages_are_asked_for_one_by_one(self, service: Service) -> None:
        seen: list[str] = []
        rows, listing = service.listed(size=3, progress=lambda progress: seen.append(str(progress)))

        assert len(rows) == 7
        assert seen == [
            "sent: 3 after 1 page",
            "sent: 6 after 2 pages",
            "sent: 7 after 3 pages",
        ]
        assert (listing.completeness, "read once" in listing.why_incomplete) == (Completeness.UNKNOWN, True)

    def test_nothing_is_asked_before_the_first_row_is_wanted(self, service: Service) -> None:
        """And nothing more than the page that holds it."""
        fake = FakeUnipile(service.world, api_key=KEY, account_id=ACCOUNT)
        with fake.serve() as url, vendor_at(url).open() as backend:
            listing = backend.sent(size=3)
            assert repr(listing) == "<Listing of sent: 0 after 0 pages, unknown>"
            assert fake.requests == ()
            next(listing)

            assert str(listing.progress) == "sent: 3 after 1 page"
            assert len(fake.requests) == 1

    def test_read_whole_it_is_a_snapshot(self, service: Service) -> None:
        snapshot = service.read(size=3)

        assert snapshot.completeness is Completeness.COMPLETE
        assert ids(snapshot.invitations) == [one.id for one in service.world.pending]
        assert snapshot.account.provider_id == service.world.owner.provider_id
        assert (snapshot.source, snapshot.taken_at) == ("unipile", service.world.now())

    def test_a_snapshot_has_every_list(self, service: Service) -> None:
        snapshot = service.ask("snapshot")

        assert snapshot.completeness is Completeness.COMPLETE
        assert snapshot.counts() == {"received pending": 2, "sent pending": 7}
        assert {one.member.provider_id for one in snapshot.connections} == {
            one.person.provider_id for one in service.world.connections
        }
        times = {one.member.provider_id: one.connected_at.earliest for one in snapshot.connections}
        for one in service.world.connections:
            assert abs(times[one.person.provider_id] - one.connected_at) < timedelta(milliseconds=1)

    def test_or_those_that_are_wanted(self, service: Service) -> None:
        snapshot = service.ask("snapshot", [ListKind.CONNECTIONS])

        assert (len(snapshot.connections), len(snapshot.invitations)) == (5, 0)
        assert snapshot.completeness is Completeness.UNKNOWN

    def test_a_plan_is_made_from_it(self, serve: Callable[..., Service]) -> None:
        service = serve(ServiceWorld.invent(pending=60, connections=20))
        policy = ik.Policy(
            name="old", withdraw=ik.rules.older_than(days=30), limits=ik.Limits(per_run=5, share=0.5)
        )

        plan = policy.plan(service.ask("snapshot"), now=service.world.now())

        assert len(plan.withdrawals) == 5
        assert not plan.blockers

    def test_size_is_a_number_of_rows(self, service: Service) -> None:
        with pytest.raises(ik.DataError, match="size must be a whole number from 1 up"):
            service.listed(size=0)

    def test_a_listing_that_was_begun_cannot_be_read_whole(self, service: Service) -> None:
        with vendor_at("https://fake.example/api/v1").open(client=service.fake) as backend:
            listing = backend.sent()
            next(listing)
            with pytest.raises(ik.DataError, match="has been begun"):
                listing.read()
            assert len(list(listing)) == 6
            assert listing.completeness is Completeness.COMPLETE

    def test_nor_can_one_that_was_read_whole_be_gone_through(self, service: Service) -> None:
        with vendor_at("https://fake.example/api/v1").open(client=service.fake) as backend:
            listing = backend.sent()
            listing.read()
            for again in (listing.read, lambda: list(listing)):
                with pytest.raises(ik.DataError, match="has been read whole"):
                    again()
            assert listing.completeness is Completeness.COMPLETE

    def test_lists_may_be_named(self, service: Service) -> None:
        assert len(service.ask("snapshot", "sent").invitations) == 7
        assert len(service.ask("snapshot", ["sent", "received"]).invitations) == 9
        with pytest.raises(ik.DataError, match="there is no list 'outbox'"):
            service.ask("snapshot", ["outbox"])


class TestTrouble:
    def test_an_error_at_a_page_comes_after_the_rows_before_it(self, service: Service) -> None:
        service.fake.script("sent", [None, faults.error("insufficient_permissions")])
        seen: list[str] = []

        with pytest.raises(ik.RefusedError) as caught:
            service.listed(size=3, progress=lambda progress: seen.append(str(progress)))

        assert (caught.value.code, caught.value.status) == ("forbidden", 403)
        assert seen == ["sent: 3 after 1 page"]

    def test_and_the_listing_says_which(self, service: Service) -> None:
        service.fake.script("sent", [None, faults.error("insufficient_permissions")])
        with vendor_at("https://fake.example/api/v1").open(client=service.fake) as backend:
            listing = backend.sent(size=3)
            with pytest.raises(ik.RefusedError):
                list(listing)

        assert listing.completeness is Completeness.PARTIAL
        assert listing.why_incomplete == "page 2 could not be read (forbidden)"

    def test_a_failure_at_any_page_gives_no_snapshot(self, service: Service) -> None:
        for number in range(1, 8):
            service.fake.heal()
            service.fake.on("sent", faults.error("account_restricted"), numbers=[number])
            with pytest.raises(ik.RefusedError):
                service.read(size=3)

    def test_what_passes_is_asked_again(self, service: Service) -> None:
        service.fake.on("sent", faults.error("service_unavailable"), numbers=[1, 2])

        assert len(service.read().invitations) == 7

    def test_a_storm_is_not(self, service: Service) -> None:
        service.fake.on("sent", faults.error("service_unavailable"))

        with pytest.raises(ik.BackendError) as caught:
            service.read()

        assert (caught.value.code, len(service.fake.requests)) == ("http-503", 3)

    def test_retry_after_is_obeyed_to_the_second(self, service: Service) -> None:
        service.fake.on("sent", faults.throttled("90"), numbers=[1])
        before = service.world.now()

        service.read()

        first, second = service.fake.requests
        assert timedelta(seconds=90) <= second.at - before <= timedelta(seconds=91)
        assert (first.status, second.status) == (429, 200)

    def test_beyond_patience_it_says_when(self, service: Service) -> None:
        service.fake.on("sent", faults.throttled("3600"))

        with pytest.raises(ik.RateLimitedError) as caught:
            service.read()

        assert caught.value.not_before == service.world.now() + timedelta(hours=1)
        assert len(service.fake.requests) == 1

    def test_and_nobody_asks_before(self, service: Service) -> None:
        """Whatever they ask; then it goes on."""
        service.fake.on("sent", faults.throttled("3600"), numbers=[1])
        clock: Any = service.world.clock
        vendor = vendor_at("https://fake.example/api/v1")

        async def accounts() -> int:
            async with vendor.aopen(client=service.fake, clock=clock) as backend:
                return len(await backend.accounts())

        with vendor.open(client=service.fake, clock=clock) as backend:
            for ask in (backend.sent().read, backend.accounts, lambda: asyncio.run(accounts())):
                with pytest.raises(ik.RateLimitedError, match="Not before 2026-11-22 13:00:00Z"):
                    ask()
            assert len(service.fake.requests) == 1

            clock.advance(timedelta(hours=1))
            assert len(backend.accounts()) == asyncio.run(accounts()) == 1

    @pytest.mark.parametrize(
        ("fault", "code"),
        [(faults.blocked(), "http-999"), (faults.challenge(), "challenge"), (faults.login(), "login-page")],
    )
    def test_a_challenge_stops_at_once(self, service: Service, fault: Any, code: str) -> None:
        service.fake.on("*", fault)

        with pytest.raises(ik.ChallengeError) as caught:
            service.read()

        assert (caught.value.code, len(service.fake.requests)) == (code, 1)

    def test_an_empty_list_proves_nothing(self, service: Service) -> None:
        service.fake.on("sent", faults.SilentThrottle())

        assert service.read().completeness is Completeness.UNKNOWN

    def test_the_wrong_object_is_no_empty_list(self, service: Service) -> None:
        service.fake.on("sent", faults.other("AccountOwnerProfile"))

        with pytest.raises(ik.PayloadError):
            service.read()

    def test_the_account_has_to_be_named(self, service: Service) -> None:
        with vendor_at("https://fake.example/api/v1", account_id=None).open(client=service.fake) as backend:
            with pytest.raises(ik.BackendError) as caught:
                backend.sent().read()
            assert caught.value.sent == "no"
            assert [one.id for one in backend.accounts()] == [ACCOUNT]

    def test_a_wrong_key_is_sign_in_trouble(self, service: Service) -> None:
        with (
            service.fake.serve() as url,
            vendor_at(url, key="wrong-key").open() as backend,
            pytest.raises(ik.RefusedError) as caught,
        ):
            backend.sent().read()

        assert (caught.value.code, caught.value.status) == ("sign-in", 401)


class TestWithdrawing:
    def test_it_is_gone_afterwards(self, service: Service) -> None:
        rows, _ = service.listed()

        outcome = service.ask("withdraw", rows[0])

        assert (outcome.result, outcome.invitation_id, outcome.member) == (
            Result.WITHDRAWN,
            rows[0].id,
            rows[0].member,
        )
        assert outcome.at == service.world.now()
        assert ids(service.listed()[0]) == ids(rows[1:])
        assert len(service.world.withdrawals[rows[0].id]) == 1

    @pytest.mark.parametrize(
        ("fault", "result", "why"),
        [
            (faults.empty(), Result.WITHDRAWN, ""),
            (faults.ok(), Result.WITHDRAWN, ""),
            (faults.error("resource_not_found"), Result.ALREADY_GONE, "errors/resource_not_found"),
            (faults.error("action_already_performed"), Result.ALREADY_GONE, "errors/action_already_performed"),
            (faults.error("invalid_parameters"), Result.UNKNOWN, "errors/invalid_parameters"),
            (faults.error("unprocessable_entity"), Result.REFUSED, "errors/unprocessable_entity"),
            (faults.error("never_heard_of", 422), Result.REFUSED, "errors/never_heard_of"),
            (faults.error("request_timeout", effect="done"), Result.UNKNOWN, "errors/request_timeout"),
            (faults.error("request_timeout"), Result.UNKNOWN, "errors/request_timeout"),
            (faults.error("provider_error", effect="done"), Result.UNKNOWN, "errors/provider_error"),
            (faults.html(502), Result.UNKNOWN, "http-502"),
            (faults.html(404), Result.UNKNOWN, "http-404"),
        ],
    )
    def test_what_the_answer_proves(self, service: Service, fault: Any, result: Result, why: str) -> None:
        row = service.listed()[0][0]
        service.fake.on("withdraw", fault)

        outcome = service.withdraw(row)

        assert (outcome.result, outcome.why) == (result, why)
        assert sum(one.route == "withdraw" for one in service.fake.requests) == 1

    @pytest.mark.parametrize("effect", ["none", "done"])
    @pytest.mark.parametrize("fault", [faults.Cut, faults.Reset], ids=["cut", "reset"])
    def test_a_lost_answer_is_unknown_and_never_asked_for_again(
        self, service: Service, fault: Any, effect: Any
    ) -> None:
        row = service.listed()[0][0]
        service.fake.on("withdraw", fault(effect=effect))

        outcome = service.ask("withdraw", row)

        assert outcome.result is Result.UNKNOWN
        assert len(service.world.withdrawals.get(row.id, ())) == (effect == "done")

    @pytest.mark.parametrize(
        ("fault", "kind", "sent"),
        [
            (faults.error("invalid_credentials"), ik.RefusedError, "yes"),
            (faults.error("account_restricted"), ik.RefusedError, "yes"),
            (faults.blocked(), ik.ChallengeError, "yes"),
            (faults.login(), ik.ChallengeError, "maybe"),
            (faults.throttled("5"), ik.RateLimitedError, "maybe"),
            (faults.throttled(), ik.RateLimitedError, "maybe"),
            (faults.redirect(303, "/api/v1/accounts"), ik.RefusedError, "maybe"),
            (faults.redirect(307, "/api/v1/accounts"), ik.RefusedError, "yes"),
        ],
    )
    def test_what_is_no_outcome_of_one_invitation_is_raised(
        self, service: Service, fault: Any, kind: type[ik.BackendError], sent: str
    ) -> None:
        row = service.listed()[0][0]
        service.fake.on("*", fault)

        with pytest.raises(kind) as caught:
            service.ask("withdraw", row)

        assert caught.value.sent == sent
        assert len(service.fake.requests) == 2

    def test_a_transport_that_tells_nothing_proves_nothing(self, service: Service) -> None:
        """It may have sent the request before, and failed to connect when it tried once more."""
        row = service.listed()[0][0]

        def refuse(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("no", request=request)

        client = httpx.Client(transport=httpx.MockTransport(refuse))
        with client, vendor_at("https://fake.example/api/v1").open(client=client) as backend:
            assert backend.withdraw(row).result is Result.UNKNOWN

    def test_one_that_is_not_pending_any_more(self, service: Service) -> None:
        row = service.listed()[0][0]
        service.world.accept(row.id)

        assert service.withdraw(row).result is Result.ALREADY_GONE

    def test_without_a_look_at_the_list_that_proves_nothing(self, service: Service) -> None:
        """It may be the account of somebody else, or no account at all."""
        row = service.listed()[0][0]
        other = attrs.evolve(service, vendor=vendor_at("https://fake.example/api/v1", account_id="wrong"))
        other = attrs.evolve(other, client=service.fake)

        outcome = other.ask("withdraw", row)

        assert (outcome.result, outcome.why) == (Result.UNKNOWN, "errors/resource_not_found")

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda row: attrs.evolve(row, direction=ik.Direction.RECEIVED), "was received"),
            (lambda row: attrs.evolve(row, id="x-5bf453f946ee8b502334"), "no service knows it"),
            (lambda row: row.id, "not str"),
            (
                lambda row: SimpleNamespace(invitation=row, id=row.id),
                r"SimpleNamespace.*Pass its \.invitation",
            ),
            (lambda row: None, "not NoneType"),
        ],
    )
    def test_what_cannot_be_withdrawn_is_never_asked_for(self, service: Service, change: Any, said: str) -> None:
        row = service.listed()[0][0]

        with pytest.raises(ik.DataError, match=said):
            service.ask("withdraw", change(row))

        assert [one.route for one in service.fake.requests] == ["sent"]

    def test_nothing_is_ever_started_here(self, service: Service) -> None:
        with pytest.raises(ik.CapabilityError):
            service.ask("settle", ik.model.Started(invitation_id="7", token="t"))


class TestOnePerson:
    def standing(self, service: Service, who: Any) -> Standing:
        member = ik.Member(provider_id=who.person.provider_id, slug=who.person.slug)
        found = service.ask("read", member)
        assert isinstance(found, Standing)
        return found

    def test_somebody_who_was_invited(self, service: Service) -> None:
        found = self.standing(service, service.world.pending[0])

        assert (found.connected, found.pending) == (Truth.FALSE, Truth.TRUE)

    def test_somebody_who_accepted(self, service: Service) -> None:
        who = service.world.pending[0]
        service.world.accept(who)
        found = self.standing(service, who)

        assert (found.connected, found.pending) == (Truth.TRUE, Truth.FALSE)

    def test_somebody_whose_invitation_was_withdrawn(self, service: Service) -> None:
        who = service.world.pending[0]
        service.world.withdraw_elsewhere(who)
        found = self.standing(service, who)

        assert (found.connected, found.pending, found.why) == (Truth.FALSE, Truth.FALSE, "withdrawn")

    def test_somebody_who_said_no_to_which_nobody_is_told(self, service: Service) -> None:
        who = service.world.pending[0]
        service.world.ignore(who)
        found = self.standing(service, who)

        assert (found.connected, found.pending) == (Truth.FALSE, Truth.UNKNOWN)

    def test_somebody_named_by_an_invitation_or_a_slug(self, service: Service) -> None:
        row = service.listed()[0][0]

        assert service.ask("read", row).pending is Truth.TRUE
        assert service.ask("read", row.member.slug).pending is Truth.TRUE

    def test_somebody_nobody_knows(self, service: Service) -> None:
        with pytest.raises(ik.RefusedError) as caught:
            service.ask("read", ik.Member(slug="nobody-example-77"))

        assert caught.value.code == "not-found"


class TestOpening:
    def test_what_it_can_do_is_known_before_anything_is_asked(self) -> None:
        with vendor_at("https://fake.example/api/v1").open() as backend:
            assert backend.capabilities == frozenset(Capability)

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"api_key": "k"}, "either dsn or base_url"),
            ({"api_key": "k", "dsn": "a.example", "base_url": "https://a.example"}, "either dsn or base_url"),
            ({"api_key": "k", "base_url": "http://a.example/api/v1"}, "https"),
            ({"api_key": "k", "base_url": "https://u:p@a.example/api/v1"}, "password"),
            ({"api_key": "k", "dsn": "a.example/../b"}, "a host and a port"),
            ({"api_key": " k", "dsn": "a.example"}, "white space"),
            ({"api_key": "k", "dsn": "a.example", "patience": timedelta(0)}, "patience"),
            ({"api_key": "k", "dsn": "a.example", "deadline": 30}, "deadline"),
        ],
    )
    def test_a_setting_that_cannot_be_right_is_refused(self, settings: dict[str, Any], said: str) -> None:
        with pytest.raises(ik.DataError, match=said):
            ik.backends.unipile(**settings)

    @pytest.mark.parametrize("dsn", ["https://api1.example:13443", "api1.example:13443/", " api1.example:13443"])
    def test_a_dsn_may_be_pasted_as_it_comes(self, dsn: str) -> None:
        assert ik.backends.unipile(dsn=dsn, api_key="k") == ik.backends.unipile(
            dsn="api1.example:13443", api_key="k"
        )

    def test_a_clock_has_to_be_one(self) -> None:
        with pytest.raises(ik.DataError, match="is no clock"):
            vendor_at("https://fake.example/api/v1").open(clock=ik.now)  # type: ignore[arg-type]

    def test_by_name(self) -> None:
        vendor = ik.backends.load("unipile", dsn="api1.example:13443", api_key="k")

        assert repr(vendor) == "unipile(at 'https://api1.example:13443', api_key=Secret(…))"

    def test_a_closed_one_says_so(self, service: Service) -> None:
        backend = vendor_at("https://fake.example/api/v1").open(client=service.fake)
        backend.close()
        backend.close()

        with pytest.raises(ik.BackendError) as caught:
            backend.accounts()

        assert (caught.value.code, caught.value.sent) == ("closed", "no")

    @pytest.mark.parametrize("library", ["httpx", "httpx2"])
    def test_a_client_of_ones_own_adds_what_it_has(self, service: Service, library: str) -> None:
        """Its headers and its parameters go along, in both colours, and it stays open."""
        clients = pytest.importorskip(library)
        settings = {"params": {"team": "7"}, "headers": {"x-team": "7"}}
        with service.fake.serve() as url, clients.Client(**settings) as client:
            with vendor_at(url).open(client=client) as backend:
                assert len(list(backend.sent(size=3))) == 7
            assert not client.is_closed

            async def main() -> int:
                async with (
                    clients.AsyncClient(**settings) as client,
                    vendor_at(url).aopen(client=client) as backend,
                ):
                    return len([row async for row in backend.sent(size=3)])

            assert asyncio.run(main()) == 7
        asked = [one.query for one in service.fake.requests]
        assert all(query["team"] == "7" and query["account_id"] == ACCOUNT for query in asked)
        assert [query.get("cursor") is None for query in asked] == [True, False, False] * 2

    def test_in_a_notebook_a_loop_is_running_already(self, service: Service) -> None:
        async def cell() -> int:
            with vendor_at("https://fake.example/api/v1").open(client=service.fake) as backend:
                return len(backend.sent().read().invitations)

        assert asyncio.run(cell()) == 7
