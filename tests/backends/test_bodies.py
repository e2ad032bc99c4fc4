"""Bodies are taken in as they are, up to a ceiling, and never unpacked."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib

import pytest
from tests.backends.test_transport import answer
from tests.backends.wires import OWN, READ, THEIRS, WRITE, every, own, theirs

from invitekit.errors import TransportError
from invitekit.testing import FaultServer
from invitekit.testing.steps import Close, Read, Send

pytestmark = pytest.mark.sampled

MIB = 1024 * 1024
GZIP = gzip.compress(bytes(50 * MIB))
BOMBS = {
    "gzip": GZIP,
    "deflate": zlib.compress(bytes(50 * MIB)),
    # As large unpacked as the others; nobody looks inside.
    "br": b"\xa1\xf8\xff\xff?\x00\x80\xe2\xb1@r\xef\x7f" * 400,
    "gzip, gzip": gzip.compress(GZIP),
    "identity, gzip": GZIP,
    "GZIP": GZIP,
    "x-unheard-of": b"x" * 1000,
}


def weighed(ask, request):
    """Ask twice: for how much memory it takes, and for how much work it is, of which the first adds a lot."""
    tracemalloc.start()
    try:
        first = ask.outcome(request)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    begun = time.thread_time()  # waiting for other programs is no work
    second = ask.outcome(request)
    assert isinstance(first, TransportError)
    assert repr(first) == repr(second)
    assert peak <= 32 * MIB
    assert time.thread_time() - begun <= 1
    return first


@pytest.mark.parametrize(
    ("caller", "encoding"),
    # One of them will do for the user's client.
    [(caller, name) for caller in [*OWN, *THEIRS] for name in BOMBS if caller in OWN or name == "gzip"],
    ids=str,
)
def test_a_compressed_body_is_refused_by_name_and_stays_packed(caller, encoding):
    reply = answer(BOMBS[encoding], headers=f"content-encoding: {encoding}\r\n")
    with FaultServer([Read(), Send(reply)]) as server, caller.wire(server.url) as ask:
        for request in (READ, WRITE):
            error = weighed(ask, request)
            assert (error.code, error.sent, error.status) == ("encoded", "maybe", 200)


@pytest.mark.parametrize("status", [302, 404, 429, 503, 999])
@every
def test_what_an_answer_says_before_a_compressed_body_is_not_lost(caller, status):
    reply = answer(BOMBS["gzip"], status=status, headers="content-encoding: gzip\r\nretry-after: 7\r\n")
    with FaultServer([Read(), Send(reply)]) as server, caller.wire(server.url) as ask:
        response = ask(WRITE)
    assert (response.status, response.header("retry-after"), response.body) == (status, "7", b"")


@every
def test_identity_is_no_compression(caller):
    reply = answer(b"[1]", headers="content-encoding: identity\r\n")
    with FaultServer([Read(), Send(reply)]) as server, caller.wire(server.url) as ask:
        assert ask(READ).body == b"[1]"


def chunked(body: bytes) -> bytes:
    pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    return (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
        + b"0\r\n\r\n"
    )


SHAPES = {
    "length": answer,
    "chunked": chunked,
    "until-closed": lambda body: b"HTTP/1.1 200 OK\r\n\r\n" + body,
}


@pytest.mark.parametrize("shape", SHAPES)
@every
def test_the_ceiling_counts_to_the_byte(caller, shape):
    for size, fits in ((5000, True), (5001, False)):
        script = [Read(), Send(SHAPES[shape](b"x" * size)), Close()]
        with FaultServer(script) as server, caller.wire(server.url, ceiling=5000) as ask:
            outcome = ask.outcome(READ)
        if fits:
            assert outcome.body == b"x" * size
        else:
            assert (outcome.code, outcome.sent, outcome.status) == ("too-large", "maybe", 200)


@pytest.mark.parametrize("said", ["999999999999999999", "9" * 40])
@own
def test_a_length_beyond_the_ceiling_is_refused_before_the_body(caller, said):
    reply = f"HTTP/1.1 200 OK\r\ncontent-length: {said}\r\n\r\n".encode()
    with FaultServer([Read(), Send(reply)]) as server, caller.wire(server.url) as ask:
        assert weighed(ask, READ).code in {"too-large", "not-http"}


@every
def test_an_endless_body_costs_little_more_than_the_ceiling(caller):
    body = [Send(bytes(MIB))] * 40
    with FaultServer([Read(), Send(b"HTTP/1.1 200 OK\r\n\r\n"), *body]) as server, caller.wire(server.url) as ask:
        assert weighed(ask, READ).code == "too-large"


@pytest.mark.parametrize(
    "headers",
    ["x-big: " + "x" * 200_000 + "\r\n", "a:b\r\n" * 10_000, "x-many-of-them: b\r\n" * 10_000],
    ids=["one of 200 KB", "10,000 short ones", "10,000 long ones"],
)
@own
def test_headers_without_measure_are_refused(caller, headers):
    with FaultServer([Read(), Send(answer(headers=headers))]) as server, caller.wire(server.url) as ask:
        error = weighed(ask, READ)
    assert error.code in {"too-large", "not-http"}
    assert error.sent == "maybe"


@own
def test_after_a_refusal_the_next_request_is_none_the_worse(caller):
    first = [Read(), Send(answer(b"x" * 100))]
    second = [Read(), Send(answer(b"[]"))]
    with FaultServer(first, second) as server, caller.wire(server.url, ceiling=50) as ask:
        assert ask.outcome(READ).code == "too-large"
        assert ask(READ).body == b"[]"
        assert server.connections == 2


@theirs
def test_an_answer_made_up_without_a_socket_has_the_same_ceiling(caller):
    transport = caller.module.MockTransport(lambda _: caller.module.Response(200, content=b"x" * 51))
    with caller.wire("http://127.0.0.1:9", client=caller.client(transport=transport), ceiling=50) as ask:
        assert ask.outcome(READ).code == "too-large"
