"""TLS is checked, always, and what is wrong with it is proof that nothing was sent."""

from __future__ import annotations

import inspect
import os
import socket
import ssl
import subprocess
import sys
import threading
import warnings
from datetime import timedelta

import pytest
import trustme
from tests.backends.test_transport import answer
from tests.backends.wires import READ, WRITE, both, every, own, theirs

from invitekit._drive import now
from invitekit.backends._http import AsyncWire, Wire
from invitekit.backends._library import tls
from invitekit.errors import TransportError
from invitekit.testing import FaultServer
from invitekit.testing.steps import Read, Send

pytestmark = pytest.mark.sampled


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def trusting(authority):
    """What a user passes to trust an authority of their own."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def serving(certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture(scope="module")
def good(authority):
    return serving(authority.issue_cert("127.0.0.1"))


@pytest.fixture(scope="module")
def bad(authority):
    long_ago = now() - timedelta(days=30)
    too_old = serving(authority.issue_cert("127.0.0.1"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old TLS is what this is about
        too_old.minimum_version = ssl.TLSVersion.TLSv1_1
        too_old.maximum_version = ssl.TLSVersion.TLSv1_1
    too_old.set_ciphers("ALL:@SECLEVEL=0")
    return {
        "unknown authority": serving(trustme.CA().issue_cert("127.0.0.1")),
        "wrong host": serving(authority.issue_cert("other.service.example")),
        "expired": serving(authority.issue_cert("127.0.0.1", not_after=long_ago)),
        "TLS 1.1": too_old,
    }


@both
@theirs
def test_a_service_that_proves_who_it_is_is_asked(caller, request_, good, trusting):
    client = caller.client(verify=trusting)
    with FaultServer([Read(), Send(answer())], tls=good) as server, caller.wire(server.url, client=client) as ask:
        assert ask(request_).status == 200


@both
@pytest.mark.parametrize("fault", ["unknown authority", "wrong host", "expired", "TLS 1.1"])
@theirs
def test_a_service_that_does_not_is_never_sent_anything(caller, fault, request_, bad, trusting):
    client = caller.client(verify=trusting)
    with FaultServer([Read(), Send(answer())], tls=bad[fault]) as server:
        with caller.wire(server.url, client=client) as ask, pytest.raises(TransportError) as caught:
            ask(request_)
        assert b"".join(server.received) == b""
    assert (caught.value.code, caught.value.sent) == ("tls", "no")
    assert "SSL context" in caught.value.hint


@both
@pytest.mark.parametrize("fault", ["self-signed", "expired", "wrong host", "TLS 1.1"])
@own
def test_the_own_client_trusts_known_authorities_alone(caller, fault, request_, bad, good):
    with FaultServer([Read(), Send(answer())], tls=bad.get(fault, good)) as server:
        with caller.wire(server.url) as ask, pytest.raises(TransportError) as caught:
            ask(request_)
        assert b"".join(server.received) == b""
    assert (caught.value.code, caught.value.sent) == ("tls", "no")


def test_the_own_context_checks_names_and_certificates():
    context = tls()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("kind", [Wire, AsyncWire])
def test_there_is_no_switch_to_turn_it_off(kind):
    assert inspect.signature(kind).parameters.keys() == {
        "origin",
        "headers",
        "client",
        "clock",
        "deadline",
        "ceiling",
        "gate",
    }


@every
def test_a_service_that_hangs_up_in_the_handshake_is_a_matter_of_the_connection(caller):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up():
            connection, _ = listener.accept()
            connection.recv(1)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with caller.wire(f"https://127.0.0.1:{listener.getsockname()[1]}") as ask:
            error = ask.outcome(READ)
        thread.join()
    assert isinstance(error, TransportError)
    assert (error.code, error.sent) == ("connect", "no")


@every
def test_http_where_tls_is_expected_is_refused(caller):
    with FaultServer([Send(answer())]) as server, caller.wire(server.url.replace("http:", "https:")) as ask:
        error = ask.outcome(WRITE)
    assert isinstance(error, TransportError)
    assert (error.code, error.sent) == ("tls", "no")


FORKED = """
import asyncio, os, ssl, sys
from invitekit._drive import advance
from invitekit._ops import Exchange
from invitekit._wire import Request
from invitekit.backends import _library
from invitekit.backends._http import AsyncWire, Wire
from invitekit.backends._origin import Origin

url, authority, colour = sys.argv[1:]
trusting = ssl.create_default_context(cafile=authority)
_library._made_tls = lambda: trusting
wire = (Wire if colour == "sync" else AsyncWire)(Origin.of(url), {})
loop = None if colour == "sync" else asyncio.new_event_loop()

def run(step):
    return step if colour == "sync" else loop.run_until_complete(step)

def ask(name):
    assert run(wire.perform(Exchange(Request("GET", (name,))))).status == 200

ask("before")
locks = [_library._tls_turn.lock, wire._lines._lock, wire._gate._lock]
locks += [wire._watchdog._lock] if colour == "sync" else []
for lock in locks:
    lock.acquire()  # as another thread may have them at that moment, which the child has not
child = os.fork()
if not child:
    loop = loop and asyncio.new_event_loop()
    ask("child")
    run(wire.close() if colour == "sync" else wire.aclose())
    os._exit(0)
for lock in locks:
    lock.release()
assert os.waitpid(child, 0)[1] == 0
ask("after")
run(wire.close() if colour == "sync" else wire.aclose())
if loop:
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("secured", [False, True], ids=["http", "https"])
def test_a_forked_child_has_connections_and_locks_of_its_own(colour, secured, authority, good, tmp_path):
    """Over a shared connection each would get the answers of the other."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    script = [step for _ in range(3) for step in (Read(), Send(answer()))]
    with FaultServer(script, tls=good if secured else None) as server:
        command = [sys.executable, "-W", "ignore", "-c", FORKED, server.url, tmp_path / "authority.pem", colour]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        received = [
            [line.split()[1] for line in data.splitlines() if b" HTTP/" in line] for data in server.received
        ]
    assert done.stderr == ""
    assert received == [[b"/before", b"/after"], [b"/child"]]
