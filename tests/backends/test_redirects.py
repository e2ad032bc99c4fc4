"""Redirects: never for what may change something, and otherwise only at home."""

from __future__ import annotations

import pytest
from tests.backends.test_transport import answer
from tests.backends.wires import OWN, POST, READ, WRITE, every, own

from invitekit._drive import now
from invitekit._ops import Hold
from invitekit._wire import Response
from invitekit.dialects._symptoms import symptoms
from invitekit.errors import ChallengeError, RateLimitedError, TransportError
from invitekit.testing import FakeClock, FaultServer
from invitekit.testing.steps import Read, Send

pytestmark = pytest.mark.sampled

STATUSES = [301, 302, 303, 307, 308]


def redirect(status: int, location: str) -> Send:
    return Send(answer(status=status, headers=f"location: {location}\r\n"))


def served(*replies: Send) -> list[object]:
    return [step for reply in replies for step in (Read(), reply)]


@pytest.fixture
def elsewhere():
    """Another server, which should never hear of us."""
    with FaultServer(served(Send(answer()))) as server:
        yield server
        assert server.connections == 0


@pytest.mark.parametrize("request_", [WRITE, POST], ids=["delete", "post"])
@pytest.mark.parametrize("status", [*STATUSES, 300, 304, 305, 399])
@every
def test_a_write_is_never_redirected(caller, status, request_, elsewhere):
    for location in ("/users/there", f"{elsewhere.url}/users"):
        with FaultServer(served(redirect(status, location))) as server, caller.wire(server.url) as ask:
            response = ask(request_)
            assert (response.status, response.header("location")) == (status, location)
            assert b"".join(server.received).count(b" HTTP/1.1\r\n") == 1


@pytest.mark.parametrize("status", STATUSES)
@every
def test_a_read_is_redirected_at_home_with_its_headers(caller, status):
    replies = served(redirect(status, "/api/there/?page=%2F2"), Send(answer(b"[7]")))
    second = served(Send(answer(b"[7]")))
    with FaultServer(replies, second) as server:
        with caller.wire(f"{server.url}/api") as ask:
            assert ask(READ).body == b"[7]"
        asked = b"".join(server.received).split(b"\r\n\r\n")
    assert asked[1].startswith(b"GET /api/there/?page=%2F2 HTTP/1.1\r\n")
    assert b"x-api-key: key-of-the-tests" in asked[1]


@pytest.mark.parametrize("status", STATUSES)
@every
def test_a_read_is_not_redirected_away(caller, status, elsewhere):
    with FaultServer(served(Send(answer()))) as server:
        home = server.url
    for location in (
        elsewhere.url,
        f"{elsewhere.url}/api/users",
        elsewhere.url.replace("http:", ""),
        elsewhere.url.replace("127.0.0.1", "localhost"),
        f"https://127.0.0.1:{elsewhere.port}/api",
        home,
        "/elsewhere",
        "/api/../elsewhere",
        "http://[::1",
        "https://evil.example/api/",
        "//evil.example/api/",
    ):
        with FaultServer(served(redirect(status, location))) as server, caller.wire(f"{server.url}/api") as ask:
            outcome = ask.outcome(READ)
            assert b"".join(server.received).count(b" HTTP/1.1\r\n") == 1
        if caller.whose == "theirs" and location == "http://[::1" and isinstance(outcome, TransportError):
            assert outcome.code == "not-http"  # httpx reads it, also where it does not follow
        else:
            assert (outcome.status, outcome.header("location")) == (status, location)


@pytest.mark.parametrize(
    "location",
    [
        "/api/login",
        "/api/checkpoint/lg?next=1",
        "/api/uas/login?session_redirect=x",
        "/api/authwall",
        "Challenge/7",
    ],
)
@every
def test_nobody_is_sent_to_a_login_page_or_a_challenge_on_his_own_origin(caller, location):
    """A login page with the status 200 would hide that the session is over: the dialect sees where it led."""
    with FaultServer(served(redirect(302, location), Send(answer(b"[]")))) as server:
        with caller.wire(f"{server.url}/api") as ask:
            response = ask(READ)
        assert b"".join(server.received).count(b" HTTP/1.1\r\n") == 1
    assert (response.status, response.header("location")) == (302, location)
    with pytest.raises(ChallengeError):
        symptoms(response, now(), reads=True)


@own
def test_a_relative_way_to_a_login_page_is_one_too(caller):
    replies = served(redirect(302, "login"), Send(answer(b"[]")))
    with FaultServer(replies) as server, caller.wire(f"{server.url}/api") as ask:
        assert ask(READ).status == 302


def test_a_client_without_a_socket_is_not_sent_there_either():
    client = Stub(Response(302, (("location", "/api/login"),)))
    for caller in OWN:
        with caller.wire("https://api.service.example/api", client=client) as ask:
            assert ask(READ).status == 302


class Stub:
    """A client without a socket that always gives the same answer."""

    def __init__(self, response):
        self.response = response

    def exchange(self, request):
        return self.response


@own
def test_a_read_follows_five_redirects_and_no_more(caller):
    hops = [redirect(302, f"/{number}") for number in range(5)]
    with FaultServer(served(*hops, Send(answer(b"[5]")))) as server, caller.wire(server.url) as ask:
        assert ask(READ).body == b"[5]"
    with FaultServer(served(*hops, *hops)) as server, caller.wire(server.url) as ask:
        response = ask(READ)
        assert b"".join(server.received).count(b" HTTP/1.1\r\n") == 6
    assert (response.status, response.header("location")) == (302, "/0")


@every
def test_without_a_location_it_is_an_answer_like_any_other(caller):
    with FaultServer(served(Send(answer(status=302)))) as server, caller.wire(server.url) as ask:
        assert ask(READ).status == 302


@own
def test_a_redirect_waits_for_the_held_moment_too(caller):
    clock = FakeClock()
    replies = served(redirect(302, "/there"), Send(answer()))
    with FaultServer(replies) as server, caller.wire(server.url, clock=clock) as ask:
        admit = ask.wire._admit

        def hold_after_first():
            admit()
            ask.wire._perform_now(Hold(clock.now().replace(year=2030)))

        ask.wire._admit = hold_after_first
        with pytest.raises(RateLimitedError):
            ask(READ)
        assert b"".join(server.received).count(b" HTTP/1.1\r\n") == 1


@own
def test_the_users_setting_to_follow_redirects_does_not_count(caller, elsewhere):
    client = caller.client(follow_redirects=True)
    with (
        FaultServer(served(redirect(302, elsewhere.url))) as server,
        caller.wire(server.url, client=client) as ask,
    ):
        assert ask(WRITE).status == 302
