"""What goes out in headers and addresses shows nowhere else."""

from __future__ import annotations

import asyncio
import copy
import gc
import io
import json
import logging
import pickle
import sys
import traceback
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.backends.test_transport import VERDICTS, answer
from tests.backends.wires import OWN, THEIRS, Caller, await_until, every, own, theirs

from invitekit._ops import Exchange
from invitekit._wire import Request
from invitekit.errors import BackendError, DataError, TransportError
from invitekit.secret import Secret
from invitekit.testing import FaultServer
from invitekit.testing.steps import Close, Read, Send, Silence

pytestmark = pytest.mark.sampled

TOKEN, KEY, CURSOR, NOTE, MEMBER = (f"canary-{name}" for name in ("token", "key", "cursor", "note", "member"))
CANARIES = (TOKEN, KEY, CURSOR, NOTE, MEMBER)
HEADERS = {"authorization": Secret(f"Bearer {TOKEN}"), "x-api-key": KEY}
READ = Request("GET", ("users", MEMBER), {"cursor": CURSOR})
WRITE = Request("POST", ("users", MEMBER), body={"note": NOTE})


def leaks(text: str) -> set[str]:
    return {canary for canary in CANARIES if canary in text}


def everything(error: BaseException) -> str:
    """All that anybody is likely to print of an error."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    parts = [str(error), repr(error), *shown.format(), repr(error.args), repr(vars(error))]
    return "".join(parts) + repr(getattr(error, "__notes__", ""))


def foreign(error: BaseException) -> set[str]:
    """The files of the HTTP libraries among the frames of an error, wherever they and invitekit are installed."""
    names = ("httpx", "httpcore", "httpx2", "httpcore2", "h11", "anyio")
    folders = [folder for name in names if (spec := find_spec(name)) for folder in spec.submodule_search_locations]
    files = {frame.filename for frame in traceback.extract_tb(error.__traceback__)}
    return {file for file in files if any(Path(file).is_relative_to(folder) for folder in folders)}


@pytest.fixture
def logged():
    """Everything that any logger says, however chatty."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setLevel(1)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(1)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


QUICK = [name for name, verdict in VERDICTS.items() if verdict != "deadline"]


@pytest.mark.parametrize("script", [*QUICK, "silence", "refused", "ok"])
@pytest.mark.parametrize("caller", [*OWN, *THEIRS], ids=str)
def test_nothing_shows_in_logs_or_errors(caller, script, logged):
    scripts = {
        **FaultServer.SCRIPTS,
        "ok": (Read(), Send(answer(f'"{TOKEN}"'.encode(), headers=f"x-echo: {KEY}\r\n"))),
        "refused": (Close(),),
    }
    with FaultServer(scripts[script]) as server:
        url = server.url if script != "refused" else "http://127.0.0.1:9"
        with caller.wire(f"{url}/api", headers=HEADERS, deadline=timedelta(seconds=0.3)) as ask:
            for request in (READ, WRITE):
                outcome = ask.outcome(request)
                assert leaks(repr(outcome)) == set()
                if isinstance(outcome, Exception):
                    assert leaks(everything(outcome)) == set()
                    assert outcome.__cause__ is None
                    assert outcome.__context__ is None
                    assert foreign(outcome) == set()
                    again = pickle.loads(pickle.dumps(outcome))
                    assert repr(again) == repr(copy.copy(outcome)) == repr(outcome)
            assert leaks(repr(ask.wire) + str(ask.wire) + f"{ask.wire}") == set()
    said = logged.getvalue()
    assert leaks(said) == set()
    assert "GET /users/…: " in said
    assert "POST /users/…: " in said
    assert "HTTP/1.1" not in said


@theirs
def test_the_sweep_can_see_and_the_users_own_requests_are_still_logged(caller, logged):
    with FaultServer([Read(), Send(answer()), Read(), Send(answer())]) as server:
        client = caller.client()
        with caller.wire(server.url, client=client, headers=HEADERS) as ask:
            ask(READ)
            assert leaks(logged.getvalue()) == set()
            asked = client.get(f"{server.url}/own?cursor={CURSOR}", headers={"x-api-key": KEY})
            if not caller.sync:
                ask.run(asked)
    assert CURSOR in leaks(logged.getvalue())


@every
def test_a_header_that_cannot_be_sent_is_not_shown(caller):
    with caller.wire("http://127.0.0.1:9", headers=HEADERS) as ask:
        ask.wire._headers["x-api-key"] = f"{KEY}\r\nx-evil: 1"  # no way leads there; what guards it is tried here
        error = ask.outcome(READ)
    assert isinstance(error, DataError)
    assert "x-api-key" in str(error)
    assert leaks(everything(error)) == set()


def failing(kind: type[BaseException]):
    """A hook that fails where the headers are among the variables."""

    def fail(request):
        shown = dict(request.headers)
        raise kind(f"broke {len(shown)}")

    async def afail(request):
        fail(request)

    return fail, afail


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, RuntimeError, MemoryError])
@theirs
def test_an_interrupt_loses_the_frames_that_hold_headers(caller, kind):
    hook = failing(kind)[0 if caller.sync else 1]
    client = caller.client(event_hooks={"request": [hook]})
    expected = kind if not issubclass(kind, Exception) else TransportError
    with caller.wire("http://127.0.0.1:9", client=client, headers=HEADERS) as ask:
        caught = None

        async def ask_async():
            nonlocal caught
            try:
                await ask.wire.perform(Exchange(WRITE))
            except BaseException as error:  # noqa: BLE001  an interrupt is what this is about
                caught = error

        if caller.sync:
            try:
                ask.wire.perform(Exchange(WRITE))
            except BaseException as error:  # noqa: BLE001  an interrupt is what this is about
                caught = error
        else:
            ask.run(ask_async())
    assert type(caught) is expected
    assert leaks(everything(caught)) == set()
    assert foreign(caught) == set()


@own
def test_an_interrupt_inside_the_own_client_loses_them_too(caller, monkeypatch):
    name = "HTTPTransport" if caller.sync else "AsyncHTTPTransport"
    fail, afail = failing(KeyboardInterrupt)

    def handle(self, request):
        fail(request)

    async def ahandle(self, request):
        await afail(request)

    transport = getattr(caller.module, name)
    if caller.sync:
        monkeypatch.setattr(transport, "handle_request", handle)
    else:
        monkeypatch.setattr(transport, "handle_async_request", ahandle)
    with caller.wire("http://127.0.0.1:9", headers=HEADERS) as ask:
        step = None if caller.sync else ask.wire.perform(Exchange(WRITE))

        async def ask_async():
            try:
                await step
            except BaseException as error:  # noqa: BLE001  an interrupt is what this is about
                return error

        try:
            caught = ask.run(ask_async()) if step is not None else ask.wire.perform(Exchange(WRITE))
        except BaseException as error:  # noqa: BLE001  an interrupt is what this is about
            caught = error
    assert isinstance(caught, KeyboardInterrupt)
    assert leaks(everything(caught)) == set()


@pytest.mark.parametrize("library", [caller.library for caller in OWN if not caller.sync])
def test_a_cancellation_loses_them_too(library):
    caller = Caller("async", library)
    with FaultServer([Read(), Silence()]) as server, caller.wire(server.url, headers=HEADERS) as ask:

        async def cancelled():
            task = asyncio.create_task(ask.wire.perform(Exchange(WRITE)))
            await await_until(lambda: NOTE.encode() in b"".join(server.received))
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as error:
                return error

        caught = ask.run(cancelled())
    assert leaks(everything(caught)) == set()
    assert foreign(caught) == set()


@own
def test_nothing_of_the_library_can_be_reached_from_an_error(caller):
    with FaultServer(FaultServer.SCRIPTS["bad-gzip"]) as server, caller.wire(server.url, headers=HEADERS) as ask:
        error = ask.outcome(READ).with_traceback(None)
    seen, todo = set(), [error]
    while todo:
        each = todo.pop()
        if id(each) in seen or isinstance(each, type) or type(each).__name__ == "module":
            continue
        seen.add(id(each))
        assert not type(each).__module__.startswith(("httpx", "httpcore", "h11"))
        assert not isinstance(each, str) or leaks(each) == set()
        todo.extend(gc.get_referents(each))
    assert isinstance(error, BackendError)


def test_importing_the_package_configures_no_logging():
    import subprocess

    code = (
        "import logging, invitekit.backends._http as h; "
        "print(logging.root.handlers, [type(x).__name__ for x in logging.getLogger('invitekit').handlers], "
        "logging.getLogger('httpx').filters, 'httpx' in __import__('sys').modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] ['NullHandler'] [] False"
    assert json.dumps(done.stderr) == '""'
