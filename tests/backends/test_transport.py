"""One exchange is one request, and every way to fail is told apart by what it proves."""

from __future__ import annotations

import asyncio
import gc
import json
import pickle
import random
import sys
from datetime import UTC, datetime, timedelta

import pytest
from tests.backends.wires import (
    DEADLINE,
    LIBRARIES,
    LONG,
    MOMENT,
    OWN,
    POST,
    READ,
    THEIRS,
    WRITE,
    Caller,
    await_until,
    both,
    every,
    own,
    theirs,
)

from invitekit._drive import SystemClock, monotonic
from invitekit._ops import Emit, Exchange, Hold, Now, Pause
from invitekit._wire import Request, Response
from invitekit.backends._edge import Gate
from invitekit.backends._http import AsyncWire, Wire
from invitekit.backends._library import _made_tls
from invitekit.backends._origin import Origin
from invitekit.backends._trouble import kind_of
from invitekit.errors import BackendError, DataError, RateLimitedError, TransportError
from invitekit.secret import Secret
from invitekit.testing import FakeClock, FaultServer
from invitekit.testing.steps import Close, Read, Reset, Send, Wait

pytestmark = pytest.mark.sampled

ORIGIN = Origin.of("http://127.0.0.1:9/api")

# What each script of a fault ends in: a status, or the code of an error.
VERDICTS = {
    "drip-body": "deadline",
    "drip-headers": "deadline",
    "close-at-once": "cut",
    "reset": "reset",
    "half-headers": "cut",
    "short-length": "cut",
    "cut-chunk": "cut",
    "cut-close-delimited": 200,
    "999": 999,
    "1000": "not-http",
    "not-http": "cut",
    "bad-gzip": "encoded",
    "silence": "deadline",
    "100-flood": "deadline",
}
SLOW = [name for name, verdict in VERDICTS.items() if verdict == "deadline"]
CASES = [
    pytest.param(caller, script, id=f"{caller}-{script}")
    for caller in [*OWN, *THEIRS]
    for script in VERDICTS
    # What takes real time is tried with the user's client once for each of them.
    if caller in OWN or script not in SLOW or script == "drip-headers"
]


def answer(body: bytes = b"{}", *, status: int = 200, headers: str = "", length: bool = True) -> bytes:
    size = f"content-length: {len(body)}\r\n" if length else ""
    return f"HTTP/1.1 {status} Whatever\r\n{size}{headers}\r\n".encode() + body


def verdict(outcome: Response | Exception) -> object:
    """What sync and async have to agree on."""
    if isinstance(outcome, Response):
        return outcome
    assert isinstance(outcome, BackendError), repr(outcome)
    return type(outcome), outcome.code, outcome.sent, outcome.status, str(outcome).partition(" ")[2]


class TestVerdicts:
    def test_every_script_has_a_verdict(self):
        assert VERDICTS.keys() == FaultServer.SCRIPTS.keys()

    @both
    @pytest.mark.parametrize(("caller", "script"), CASES)
    def test_a_broken_connection_is_named_and_proves_nothing(self, caller, script, request_):
        deadline = DEADLINE if script in SLOW else LONG
        # What floods keeps this machine busy, the other side of it included: it may be late twice.
        for may_be_late in (True, True, False) if script == "100-flood" else (False,):
            with (
                FaultServer(FaultServer.SCRIPTS[script]) as server,
                caller.wire(server.url, deadline=deadline) as ask,
            ):
                begun = monotonic()
                outcome = ask.outcome(request_)
                took = monotonic() - begun
                assert server.connections == 1
            if isinstance(outcome, Response):
                assert outcome.status == VERDICTS[script]
            else:
                assert isinstance(outcome, TransportError)
                assert (outcome.code, outcome.sent) == (VERDICTS[script], "maybe")
            if not may_be_late or took <= DEADLINE.total_seconds() + 0.5:
                break
        if script in SLOW:
            assert DEADLINE.total_seconds() - 0.01 <= took <= DEADLINE.total_seconds() + 0.5

    @both
    @every
    def test_a_refused_connection_proves_that_nothing_was_sent(self, caller, request_):
        with FaultServer([Close()]) as server:
            url = server.url
        with caller.wire(url) as ask, pytest.raises(TransportError) as caught:
            ask(request_)
        assert (caught.value.code, caught.value.sent) == ("connect", "no")

    @every
    def test_what_answers_but_speaks_no_http_is_named(self, caller):
        script = [Read(), Send(b"220 mail.service.example ready\r\n\r\n")]
        with FaultServer(script) as server, caller.wire(server.url) as ask:
            error = ask.outcome(READ)
        assert isinstance(error, TransportError)
        assert (error.code, error.sent) == ("not-http", "maybe")

    @pytest.mark.parametrize("library", LIBRARIES)
    def test_every_failure_of_the_library_is_in_the_table(self, library):
        module = Caller("sync", library).module
        kinds = [each for each in vars(module).values() if isinstance(each, type)]
        failures = [
            each for each in kinds if issubclass(each, module.TransportError) and not each.__subclasses__()
        ]
        never_sent = {each.__name__ for each in failures if kind_of(each("")).sent == "no"}
        assert never_sent == {
            "ConnectError",
            "ConnectTimeout",
            "LocalProtocolError",
            "PoolTimeout",
            "ProxyError",
            "UnsupportedProtocol",
        }
        known = {"connect", "proxy", "timeout", "reset", "not-http", "encoded"}
        # httpx2 has one for streams of events, which nothing here asks for.
        assert {kind_of(each("")).code for each in failures if each.__name__ != "SSEError"} <= known
        assert kind_of(module.InvalidURL("")).sent == "no"
        assert kind_of(ValueError("of somebody else's")) == ("maybe", "failed")

    @theirs
    def test_timeouts_of_the_users_client_do_not_count(self, caller):
        script = [Read(), Wait(0.3), Send(answer())]
        with FaultServer(script) as server, caller.wire(server.url, client=caller.client(timeout=0.05)) as ask:
            assert ask(WRITE).status == 200

    @theirs
    def test_a_proxy_that_refuses_proves_that_nothing_was_sent(self, caller):
        with FaultServer([Read(), Send(answer(status=407))]) as proxy:
            client = caller.client(proxy=proxy.url)
            with caller.wire("https://api.service.example", client=client) as ask:
                outcome = ask.outcome(WRITE)
            assert b"key-of-the-tests" not in b"".join(proxy.received)
        assert isinstance(outcome, TransportError)
        assert (outcome.code, outcome.sent) == ("proxy", "no")

    @theirs
    def test_the_users_client_reaches_the_service_through_its_proxy(self, caller):
        with FaultServer([Read(), Send(answer())]) as proxy:
            client = caller.client(proxy=proxy.url)
            with caller.wire("http://127.0.0.1:9/api", client=client) as ask:
                assert ask(READ).status == 200
            assert proxy.received[0].startswith(b"GET http://127.0.0.1:9/api/users/invite/sent?limit=100 ")

    @pytest.mark.parametrize("library", LIBRARIES)
    def test_sync_and_async_agree_on_300_scripts(self, library):
        draw = random.Random(77)
        bodies = [b"", b"{}", b'{"items":[' + b'"x",' * 40 + b"1]}", b"<html>", "日本".encode()]
        scripts = []
        for _ in range(300):
            status = draw.choice([200, 201, 204, 301, 400, 404, 429, 500, 503, 599, 600, 999, 1000, 99])
            body = b"" if status == 204 else draw.choice(bodies)
            headers = draw.choice(["", "retry-after: 5\r\n", "location: /other\r\n", "x: ä\r\n", "bad header\r\n"])
            whole = answer(body, status=status, headers=headers, length=draw.random() < 0.7)
            cut = whole[: draw.randrange(len(whole) + 1)] if draw.random() < 0.5 else whole
            scripts.append((Read(), Reset()) if draw.random() < 0.05 else (Read(), Send(cut), Close()))
        for script in scripts:
            seen = []
            request = draw.choice([READ, WRITE, POST])
            for colour in ("sync", "async"):
                with FaultServer(script) as server, Caller(colour, library).wire(server.url) as ask:
                    outcome = verdict(ask.outcome(request))
                    log = [
                        received.replace(server.url.encode(), b"").split(b"\r\n") for received in server.received
                    ]
                    seen.append(
                        (outcome, [[line for line in lines if b"host" not in line.lower()] for lines in log])
                    )
            assert seen[0] == seen[1], script


class TestRequests:
    @every
    def test_what_is_sent(self, caller):
        with FaultServer([Read(), Send(answer()), Close()]) as server:
            headers = {"X-API-KEY": Secret("k-1"), "accept-language": "en"}
            with caller.wire(f"{server.url}/api/v1", headers=headers) as ask:
                assert ask(POST) == Response(200, (("content-length", "2"),), b"{}")
            head, _, body = server.received[0].partition(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        assert lines[0] == "post /api/v1/users/invite http/1.1"
        assert {"x-api-key: k-1", "accept-encoding: identity", "connection: close"} <= set(lines)
        assert {"content-type: application/json", "accept-language: en"} <= set(lines)
        assert json.loads(body) == {"note": "hello"}

    @own
    def test_each_write_has_a_connection_of_its_own_and_reads_share_one(self, caller):
        script = (Read(), Send(answer())) * 6
        with FaultServer(script) as server, caller.wire(server.url) as ask:
            for request in (READ, READ, WRITE, READ, POST, WRITE, READ):
                assert ask(request).status == 200
            received = server.received
        assert [data.count(b"HTTP/1.1\r\n") for data in received] == [4, 1, 1, 1]
        assert received[0].count(b"GET ") == 4
        assert all(b"connection: close" in data.lower() for data in received[1:])

    @theirs
    def test_through_the_users_client_no_connection_is_used_twice(self, caller):
        script = (Read(), Send(answer())) * 6
        with FaultServer(script) as server, caller.wire(server.url) as ask:
            for request in (READ, READ, WRITE, READ):
                ask(request)
            assert server.connections == 4

    @own
    def test_a_kept_connection_that_the_service_closed_is_not_used(self, caller):
        with FaultServer([Read(), Send(answer()), Close()]) as server, caller.wire(server.url) as ask:
            for _ in range(3):
                assert ask(READ).status == 200
                SystemClock().pause(10 * MOMENT)  # on its way: that the service closed it
            assert server.connections == 3

    @theirs
    def test_headers_and_cookies_of_the_users_client_go_along(self, caller):
        client = caller.client(headers={"x-gateway": "g"}, cookies={"route": "7"})
        with FaultServer([Read(), Send(answer())]) as server, caller.wire(server.url, client=client) as ask:
            ask(READ)
            assert {b"x-gateway: g", b"Cookie: route=7"} <= set(server.received[0].split(b"\r\n"))

    @own
    def test_cookies_of_the_service_are_not_kept(self, caller):
        reply = Send(answer(headers="set-cookie: session=1; path=/\r\n"))
        with FaultServer([Read(), reply, Read(), reply]) as server, caller.wire(server.url) as ask:
            ask(READ)
            ask(READ)
            assert b"session" not in server.received[0]

    @theirs
    def test_a_transport_that_makes_answers_up_will_do(self, caller):
        def respond(request):
            return caller.module.Response(201, json={"path": request.url.path})

        client = caller.client(transport=caller.module.MockTransport(respond))
        with caller.wire("https://api.service.example/v1", client=client) as ask:
            response = ask(READ)
        assert (response.status, json.loads(response.body)) == (201, {"path": "/v1/users/invite/sent"})

    @every
    def test_an_id_with_a_line_break_never_leaves(self, caller):
        with FaultServer([Read(), Send(answer())]) as server, caller.wire(server.url) as ask:
            for bad in ("7\r\nx-evil: 1", "7\x00", "7\n", "\ud800"):
                with pytest.raises(DataError, match="control character"):
                    ask(Request("DELETE", ("users", bad)))
                with pytest.raises(DataError, match="control character"):
                    ask(Request("GET", ("users",), {"cursor": bad}))
            assert server.connections == 0

    @every
    def test_a_text_with_line_breaks_stays_in_the_body(self, caller):
        with FaultServer([Read(), Send(answer())]) as server, caller.wire(server.url) as ask:
            ask(Request("POST", ("users",), body={"note": "a\r\nx-evil: 1\r\n\r\n"}))
            head, _, body = server.received[0].partition(b"\r\n\r\n")
        assert b"evil" not in head
        assert json.loads(body) == {"note": "a\r\nx-evil: 1\r\n\r\n"}

    @every
    def test_a_body_that_is_no_json_is_refused(self, caller):
        with caller.wire(ORIGIN) as ask:
            for bad in (float("nan"), object(), {1, 2}):
                with pytest.raises(DataError, match="JSON"):
                    ask(Request("POST", ("users",), body={"note": bad}))


class TestSettings:
    @pytest.mark.parametrize("kind", [Wire, AsyncWire])
    @pytest.mark.parametrize(
        ("name", "value"),
        [("x-key", "a\r\nx-evil: 1"), ("x-key", "a\n"), ("x-key", " a"), ("x-key", "ä"), ("x-key", 7)],
    )
    def test_a_header_that_would_become_two_is_refused_without_showing_it(self, kind, name, value):
        with pytest.raises(DataError, match=name) as caught:
            kind(ORIGIN, {name: value})
        assert "evil" not in str(caught.value)

    @pytest.mark.parametrize("name", ["x\r\ny", "x y", "", "Host", "connection", "Accept-Encoding"])
    def test_names_of_headers_are_checked(self, name):
        with pytest.raises(DataError, match="header"):
            Wire(ORIGIN, {name: "a"})

    @pytest.mark.parametrize("settings", [{"deadline": timedelta(0)}, {"ceiling": 0}])
    def test_limits_are_above_zero(self, settings):
        with pytest.raises(DataError, match="above zero"):
            Wire(ORIGIN, {}, **settings)

    @every
    def test_the_wrong_colour_is_refused_by_name(self, caller):
        other = AsyncWire if caller.sync else Wire
        client = caller.client()
        with caller.wire(ORIGIN, client=client), pytest.raises(DataError, match=r"is for sync code, .* for async"):
            other(ORIGIN, {}, client=client)

    @pytest.mark.parametrize("client", [object(), "https://x", 7, dict])
    @pytest.mark.parametrize("kind", [Wire, AsyncWire])
    def test_what_is_no_client_is_refused_by_name(self, kind, client):
        with pytest.raises(DataError, match=r"Pass (Async)?Client of httpx or httpx2"):
            kind(ORIGIN, {}, client=client)

    @theirs
    def test_any_authentication_will_do(self, caller):
        class Signature(caller.module.Auth):
            def auth_flow(self, request):
                request.headers["x-signature"] = "s"
                yield request

        with FaultServer([Read(), Send(answer())]) as server:
            with caller.wire(server.url, client=caller.client(auth=Signature())) as ask:
                assert ask(WRITE).status == 200
            assert b"x-signature: s" in server.received[0]

    @every
    def test_a_closed_wire_says_so(self, caller):
        with caller.wire(ORIGIN) as ask:
            for _ in range(2):
                ask.wire.close() if caller.sync else ask.run(ask.wire.aclose())
            with pytest.raises(BackendError, match="closed") as caught:
                ask(READ)
        assert (caught.value.code, caught.value.sent) == ("closed", "no")

    @theirs
    def test_the_users_client_stays_open_and_a_closed_one_is_named(self, caller):
        client = caller.client()
        with caller.wire(ORIGIN, client=client) as ask:
            ask.wire.close() if caller.sync else ask.run(ask.wire.aclose())
            assert not client.is_closed
        assert client.is_closed
        with caller.wire(ORIGIN, client=client) as ask, pytest.raises(BackendError) as caught:
            ask(WRITE)
        assert (caught.value.code, caught.value.sent) == ("closed", "no")

    @own
    def test_an_address_and_nothing_else_is_shown(self, caller):
        with caller.wire("http://127.0.0.1:9/api/secret-path") as ask:
            assert repr(ask.wire).endswith("Wire to http://127.0.0.1:9>")
            assert ask.wire.where == "http://127.0.0.1:9"
            with pytest.raises(TypeError, match="pickle"):
                pickle.dumps(ask.wire)

    @pytest.mark.parametrize("library", LIBRARIES)
    def test_all_wires_of_a_process_share_one_tls_context(self, library, monkeypatch):
        made = []
        module = Caller("sync", library).module
        create = module.create_ssl_context
        monkeypatch.setattr(module, "create_ssl_context", lambda **given: made.append(given) or create(**given))
        _made_tls.cache_clear()
        for colour in ("sync", "async"):
            for _ in range(3):
                with FaultServer([Close()]) as server, Caller(colour, library).wire(server.url) as ask:
                    ask.outcome(READ)
        assert made == [{"trust_env": False}]

    def test_without_any_library_it_says_what_to_install(self, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "httpx", None)
        monkeypatch.setitem(__import__("sys").modules, "httpx2", None)
        with pytest.raises(BackendError, match="Install httpx"):
            Wire(ORIGIN, {})

    @own
    def test_nothing_is_taken_from_the_environment(self, caller, monkeypatch, tmp_path):
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login user password secret\n")
        with (
            FaultServer([Read(), Send(answer(b'"proxy"'))]) as proxy,
            FaultServer([Read(), Send(answer())]) as server,
        ):
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.url)
            monkeypatch.setenv("NETRC", str(netrc))
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
            _made_tls.cache_clear()
            with caller.wire(server.url) as ask:
                assert ask(READ).body == b"{}"
            assert proxy.connections == 0
            assert b"authorization" not in server.received[0].lower()

    @theirs
    def test_the_users_client_may_use_the_environment(self, caller, monkeypatch):
        with FaultServer([Read(), Send(answer(b'"proxy"'))]) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            monkeypatch.setenv("http_proxy", proxy.url)
            monkeypatch.setenv("no_proxy", "")
            monkeypatch.setenv("NO_PROXY", "")
            with caller.wire(ORIGIN, client=caller.client(trust_env=True)) as ask:
                assert ask(READ).body == b'"proxy"'


class TestTimeAndHolding:
    @own
    def test_moments_and_pauses_go_by_the_clock_given(self, caller):
        clock = FakeClock(at=datetime(2026, 11, 22, tzinfo=UTC))
        with caller.wire(ORIGIN, clock=clock) as ask:
            assert ask.perform(Now()) == datetime(2026, 11, 22, tzinfo=UTC)
            ask.perform(Pause(timedelta(hours=1)))
            assert ask.perform(Now()) == datetime(2026, 11, 22, 1, tzinfo=UTC)

    @own
    def test_without_a_clock_it_is_now(self, caller, tmp_path):
        (tmp_path / "new").touch()
        with caller.wire(ORIGIN) as ask:
            assert abs(ask.perform(Now()).timestamp() - (tmp_path / "new").stat().st_mtime) < 60

    @every
    def test_no_request_before_the_held_moment(self, caller):
        clock = FakeClock()
        until = clock.now() + timedelta(minutes=5)
        with FaultServer([Read(), Send(answer())]) as server, caller.wire(server.url, clock=clock) as ask:
            ask.perform(Hold(until))
            ask.perform(Hold(until - timedelta(minutes=4)))  # an earlier moment shortens nothing
            for request in (READ, WRITE):
                with pytest.raises(RateLimitedError) as caught:
                    ask(request)
                assert (caught.value.sent, caught.value.not_before) == ("no", until)
            assert server.connections == 0
            ask.perform(Pause(timedelta(minutes=5)))
            assert ask(READ).status == 200

    @own
    def test_wires_that_share_a_gate_wait_together(self, caller):
        clock, gate = FakeClock(), Gate()
        until = clock.now() + timedelta(minutes=5)
        with (
            caller.wire(ORIGIN, clock=clock, gate=gate) as first,
            caller.wire(ORIGIN, clock=clock, gate=gate) as second,
            caller.wire(ORIGIN, clock=clock) as other,
        ):
            first.perform(Hold(until))
            assert gate.until == until
            with pytest.raises(RateLimitedError):
                second(READ)
            assert other.outcome(READ).code == "connect"
        assert repr(gate) == f"<Gate, held until {until}>"
        assert repr(Gate()) == "<Gate, open>"

    @own
    def test_other_operations_are_not_its_business(self, caller):
        with caller.wire(ORIGIN) as ask, pytest.raises(TypeError, match="no operation that a wire performs"):
            ask.perform(Emit(1))


class Lent:
    """A client without a socket, such as the fakes."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def exchange(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class AsyncLent(Lent):
    async def exchange(self, request):
        await asyncio.sleep(0)
        return super().exchange(request)


class TestClientsWithoutASocket:
    @own
    def test_requests_go_to_it_as_they_are(self, caller):
        client = Lent(Response(200), TransportError("gone", sent="maybe", code="cut"), "nonsense")
        with caller.wire("https://api.service.example/v1", client=client) as ask:
            assert ask(READ) == Response(200)
            with pytest.raises(TransportError, match="gone"):
                ask(WRITE)
            with pytest.raises(DataError, match="str, and not a Response"):
                ask(READ)
        assert client.asked == [READ, WRITE, READ]

    @own
    def test_redirects_are_followed_for_it_too(self, caller):
        there = (("location", "/v1/users/there?page=2"),)
        away = (("location", "https://evil.example/v1/users"),)
        odd = (("location", "/v1/users/%ff"),)
        client = Lent(
            Response(302, there), Response(200), Response(302, there), Response(302, away), Response(302, odd)
        )
        with caller.wire("https://api.service.example/v1", client=client) as ask:
            assert ask(READ) == Response(200)
            assert client.asked[-1] == Request("GET", ("users", "there"), {"page": "2"})
            assert ask(WRITE).status == 302
            for _ in range(2):
                assert ask(READ).status == 302

    @own
    def test_it_never_sees_what_cannot_be_an_address(self, caller):
        client = Lent()
        with caller.wire(ORIGIN, client=client) as ask, pytest.raises(DataError):
            ask(Request("DELETE", ("a\nb",)))
        assert client.asked == []

    def test_an_async_one_serves_async_code_alone(self):
        with pytest.raises(DataError, match="aopen"):
            Wire(ORIGIN, {}, client=AsyncLent())
        with Caller("async", "httpx").wire(ORIGIN, client=AsyncLent(Response(200))) as ask:
            assert ask(READ) == Response(200)

    @own
    def test_what_it_raises_proves_nothing_and_is_named(self, caller):
        for error in (ConnectionResetError("x"), TimeoutError(), caller.module.ConnectError("canary-value")):
            for request in (READ, WRITE):
                with caller.wire(ORIGIN, client=Lent(error)) as ask:
                    outcome = ask.outcome(request)
                assert isinstance(outcome, TransportError)
                assert (outcome.code, outcome.sent) == ("failed", "maybe")
                assert f"({type(error).__name__} in exchange, line " in str(outcome)
                assert "canary" not in str(outcome)
                assert outcome.__context__ is None

    @own
    def test_what_is_no_answer_to_a_write_leaves_it_open(self, caller):
        with caller.wire(ORIGIN, client=Lent(None)) as ask:
            outcome = ask.outcome(WRITE)
        assert isinstance(outcome, TransportError)
        assert (outcome.code, outcome.sent) == ("failed", "maybe")
        assert "gave NoneType, and not a Response" in str(outcome)


class Inner:
    """A transport of the user's around one of the library, in both colours: it does what `handle` says."""

    @staticmethod
    def of(caller, handle):
        module = caller.module

        class Sync(module.BaseTransport):
            def __init__(self):
                self.inner = module.HTTPTransport()

            def handle_request(self, request):
                step = handle(request)
                for _ in step:
                    try:
                        sent = self.inner.handle_request(request)
                    except Exception as error:  # noqa: BLE001  what such transports do
                        step.throw(error)
                    else:
                        return sent
                raise AssertionError

            def close(self):
                self.inner.close()

        class Async(module.AsyncBaseTransport):
            def __init__(self):
                self.inner = module.AsyncHTTPTransport()

            async def handle_async_request(self, request):
                step = handle(request)
                for _ in step:
                    try:
                        sent = await self.inner.handle_async_request(request)
                    except Exception as error:  # noqa: BLE001  what such transports do
                        step.throw(error)
                    else:
                        return sent
                raise AssertionError

            async def aclose(self):
                await self.inner.aclose()

        return caller.client(transport=Sync() if caller.sync else Async())


class TestOneRequest:
    """One request per exchange, also through a client that would send more."""

    @staticmethod
    def asked(server, method):
        return b"".join(server.received).count(method + b" /")

    @pytest.mark.parametrize("caught", ["TransportError", "Exception"])
    @theirs
    def test_a_transport_that_retries_is_stopped(self, caller, caught):
        kind = getattr(caller.module, caught, Exception)

        def retrying(request):
            for _ in range(2):
                try:
                    yield
                except kind:
                    yield  # for the throw
            yield

        client = Inner.of(caller, retrying)
        with FaultServer([Read(), Reset()]) as server, caller.wire(server.url, client=client) as ask:
            outcome = ask.outcome(WRITE)
            assert self.asked(server, b"DELETE") == 1
            assert ask.outcome(READ).code == "reset"
            assert self.asked(server, b"GET") == 3
        assert isinstance(outcome, TransportError)
        assert (outcome.code, outcome.sent) == ("repeated", "maybe")
        assert "transports that retry" in outcome.hint

    @pytest.mark.parametrize("last", ["ConnectError", "ConnectTimeout", "PoolTimeout", "LocalProtocolError"])
    @theirs
    def test_what_fails_after_the_headers_proves_nothing_whatever_it_is(self, caller, last):
        def failing(request):
            try:
                yield
            except caller.module.TransportError:
                raise getattr(caller.module, last)("nobody there") from None

        with FaultServer([Read(), Reset()]) as server:
            with caller.wire(server.url, client=Inner.of(caller, failing)) as ask:
                outcome = ask.outcome(WRITE)
            assert self.asked(server, b"DELETE") == 1
        assert isinstance(outcome, TransportError)
        assert outcome.sent == "maybe"

    @theirs
    def test_an_authentication_that_asks_twice_may_only_read(self, caller):
        challenge = 'www-authenticate: Digest realm="r", nonce="n", qop="auth", algorithm=MD5\r\n'
        replies = [Read(), Send(answer(status=401, headers=challenge)), Close()], [Read(), Send(answer()), Close()]
        with FaultServer(*replies) as server:
            client = caller.client(auth=caller.module.DigestAuth("user", "password"))
            with caller.wire(server.url, client=client) as ask:
                assert ask(READ).status == 200
        with FaultServer(*replies) as server:
            client = caller.client(auth=caller.module.DigestAuth("user", "password"))
            with caller.wire(server.url, client=client) as ask:
                outcome = ask.outcome(WRITE)
            assert self.asked(server, b"DELETE") == 1
        assert isinstance(outcome, TransportError)
        assert (outcome.code, outcome.sent) == ("repeated", "maybe")
        assert "password" not in str(outcome)

    @theirs
    def test_a_tunnel_through_a_proxy_is_no_request(self, caller):
        """The proxy is asked to connect first, and then the service: that is one request."""
        script = [Read(), Send(b"HTTP/1.1 200 Connected\r\n\r\n"), Close()]
        with FaultServer(script) as proxy:
            with caller.wire("https://127.0.0.1:9", client=caller.client(proxy=proxy.url)) as ask:
                outcome = ask.outcome(WRITE)
            assert self.asked(proxy, b"DELETE") == 0
        assert isinstance(outcome, TransportError)
        assert outcome.sent == "no"

    @pytest.mark.parametrize(
        ("error", "code"),
        [(TransportError("x", sent="no", code="connect"), "connect"), (DataError("x"), "failed")],
        ids=["claims-no", "no-backend-error"],
    )
    @theirs
    def test_a_hook_that_raises_our_errors_proves_nothing(self, caller, error, code):
        def hook(response):
            raise error

        async def ahook(response):
            raise error

        client = caller.client(event_hooks={"response": [hook if caller.sync else ahook]})
        with FaultServer([Read(), Send(answer())]) as server, caller.wire(server.url, client=client) as ask:
            outcome = ask.outcome(WRITE)
        assert isinstance(outcome, TransportError)
        assert (outcome.code, outcome.sent) == (code, "maybe")


class TestHooks:
    @pytest.mark.parametrize("reads_first", [False, True], ids=["at-once", "after-the-body"])
    @pytest.mark.parametrize("status", [302, 401, 404, 429, 503, 599, 600, 999])
    @theirs
    def test_raise_for_status_is_an_answer(self, caller, status, reads_first):
        def hook(response):
            if reads_first:
                response.read()
            response.raise_for_status()

        async def ahook(response):
            if reads_first:
                await response.aread()
            response.raise_for_status()

        client = caller.client(event_hooks={"response": [hook if caller.sync else ahook]})
        reply = answer(b'{"type":"x"}', status=status, headers="retry-after: 7\r\n")
        for ceiling in (12, 11):
            script = [Read(), Send(reply), Close()]
            with FaultServer(script) as server, caller.wire(server.url, client=client, ceiling=ceiling) as ask:
                outcome = ask.outcome(WRITE)
                assert b"".join(server.received).count(b"DELETE ") == 1
                client = caller.client(event_hooks=client.event_hooks)
            if ceiling == 11:
                assert outcome.code == "too-large"
                continue
            assert (outcome.status, outcome.header("retry-after")) == (status, "7")
            # Where the hook did not read it, the client closed the answer, and the body was lost there.
            assert outcome.body == (b'{"type":"x"}' if reads_first else b"")

    @theirs
    def test_the_answer_to_another_question_is_none(self, caller):
        """An auth that cannot get its token: the 404 is that of the token, and not of the invitation."""
        module = caller.module

        def token_missing(request):
            other = module.Request("GET", "https://login.service.example/token")
            module.Response(404, request=other).raise_for_status()

        async def atoken_missing(request):
            token_missing(request)

        client = caller.client(event_hooks={"request": [token_missing if caller.sync else atoken_missing]})
        with caller.wire(ORIGIN, client=client) as ask:
            outcome = ask.outcome(WRITE)
        assert isinstance(outcome, TransportError)
        assert (outcome.code, outcome.sent, outcome.status) == ("failed", "maybe", None)

    @theirs
    def test_a_hook_that_fails_is_named_with_its_line(self, caller):
        def break_down(request):
            raise RuntimeError("canary-value")

        async def abreak_down(request):
            break_down(request)

        client = caller.client(event_hooks={"request": [break_down if caller.sync else abreak_down]})
        with caller.wire(ORIGIN, client=client) as ask:
            outcome = ask.outcome(WRITE)
        assert f"(RuntimeError in break_down, line {break_down.__code__.co_firstlineno + 1})" in str(outcome)
        assert "canary" not in str(outcome)


class TestConcurrency:
    def test_threads_share_a_wire(self):
        from concurrent.futures import ThreadPoolExecutor

        script = (Read(), Send(answer())) * 50
        with FaultServer(script) as server, Caller("sync", "httpx").wire(server.url) as ask:
            with ThreadPoolExecutor(8) as pool:
                statuses = list(pool.map(lambda turn: ask(WRITE if turn % 5 == 0 else READ).status, range(100)))
            assert statuses == [200] * 100
            assert b"".join(server.received).count(b"HTTP/1.1\r\n") == 100
            assert server.connections <= 8 + 20

    def test_tasks_share_a_wire(self):
        script = (Read(), Send(answer())) * 50
        with FaultServer(script) as server, Caller("async", "httpx").wire(server.url) as ask:

            async def many():
                requests = [WRITE if turn % 5 == 0 else READ for turn in range(100)]
                return await asyncio.gather(*(ask.wire.perform(Exchange(request)) for request in requests))

            assert [response.status for response in ask.run(many())] == [200] * 100
            assert b"".join(server.received).count(b"HTTP/1.1\r\n") == 100

    def test_a_wire_outlives_its_event_loop(self):
        script = (Read(), Send(answer())) * 2
        with FaultServer(script) as server:
            wire = AsyncWire(Origin.of(server.url), {})

            async def once(*, close):
                response = await wire.perform(Exchange(WRITE if not close else READ))
                if close:
                    await wire.aclose()
                return response.status

            assert asyncio.run(once(close=False)) == 200
            assert asyncio.run(once(close=True)) == 200

    @pytest.mark.parametrize("library", LIBRARIES)
    def test_connections_end_with_their_event_loop(self, library):
        """One wire, several calls of asyncio.run: nothing is left over, and nobody warns (warnings are errors)."""
        with FaultServer((Read(), Send(answer())) * 3) as server, pytest.MonkeyPatch.context() as patch:
            if library == "httpx2":
                patch.setitem(sys.modules, "httpx", None)
            wire = AsyncWire(Origin.of(server.url), {})

            async def several():
                return [(await wire.perform(Exchange(READ))).status for _ in range(2)]

            for _ in range(3):
                assert asyncio.run(several()) == [200, 200]
                gc.collect()
            assert server.connections == 3
            asyncio.run(wire.aclose())
            wire = None
            gc.collect()

    def test_a_wire_that_is_dropped_in_its_loop_closes_its_connections(self):
        with FaultServer((Read(), Send(answer())) * 3) as server:

            async def dropped():
                wire = AsyncWire(Origin.of(server.url), {})
                assert (await wire.perform(Exchange(READ))).status == 200
                line = next(iter(wire._lines._nests.values())).idle[0]
                wire = None
                gc.collect()
                await await_until(lambda: line.socket.fileno() == -1)

            asyncio.run(dropped())

    def test_a_closed_wire_keeps_no_connection_that_comes_back(self):
        with FaultServer([Read(), Wait(0.2), Send(answer())]) as server:
            wire = AsyncWire(Origin.of(server.url), {})

            async def closed_meanwhile():
                asking = asyncio.create_task(wire.perform(Exchange(READ)))
                await await_until(lambda: b"".join(server.received))
                await wire.aclose()
                assert (await asking).status == 200
                assert wire._lines._nests == {}

            asyncio.run(closed_meanwhile())

    @pytest.mark.parametrize("library", LIBRARIES)
    def test_a_sync_wire_that_is_dropped_warns_by_its_name_and_closes(self, library):
        with FaultServer([Read(), Send(answer())]) as server, pytest.MonkeyPatch.context() as patch:
            if library == "httpx2":
                patch.setitem(sys.modules, "httpx", None)
            wires = [Wire(Origin.of(server.url), {})]
            wires[0].perform(Exchange(READ))
            held = wires[0]._lines._idle[0].socket
            with pytest.warns(ResourceWarning, match=r"^unclosed <Wire to http://127.0.0.1:\d+>$"):
                wires.clear()
            assert held.fileno() == -1

    def test_a_sync_wire_that_was_closed_or_holds_nothing_is_dropped_in_silence(self):
        with FaultServer([Read(), Send(answer())]) as server:
            for request, close in ((READ, True), (WRITE, False)):
                wire = Wire(Origin.of(server.url), {})
                wire.perform(Exchange(request))
                if close:
                    wire.close()
                wire = None
                gc.collect()

    def test_without_asyncio_it_says_so(self):
        step = AsyncWire(ORIGIN, {}).perform(Exchange(READ))
        with pytest.raises(BackendError, match="need asyncio") as caught:
            step.send(None)
        assert caught.value.sent == "no"
