"""No secret in any place where somebody could find it: whatever a service answers, and whatever breaks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import traceback
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.backends.unipile import ACCOUNT
from tests.secrets.sweep import Sweep, canaries, failure, reachable

import invitekit as ik
from invitekit.backends._unipile import Unipile
from invitekit.testing import FakeClock, FakeUnipile, FaultServer, ServiceWorld, faults

pytestmark = pytest.mark.sampled

FAULTS: dict[str, Any] = {
    "nothing": None,
    "401": faults.error("invalid_credentials"),
    "401 expired": faults.error("expired_credentials"),
    "403": faults.error("account_restricted"),
    "404": faults.error("resource_not_found"),
    "408": faults.error("request_timeout", 408),
    "409": faults.error("conflict", 409),
    "400": faults.error("invalid_parameters"),
    "422": faults.error("unprocessable_entity"),
    "422 unknown": faults.error("never_heard_of", 422),
    "429": faults.throttled(),
    "429 for an hour": faults.throttled("3600"),
    "429 odd": faults.throttled("120, 60"),
    "500": faults.error("provider_error"),
    "502 page": faults.html(502),
    "503": faults.error("service_unavailable"),
    "504": faults.error("request_timeout"),
    "504 after": faults.error("request_timeout", effect="done"),
    "999": faults.blocked(),
    "challenge": faults.challenge(),
    "login": faults.login(),
    "redirect": faults.redirect(302, "/api/v1/accounts"),
    "redirect away": faults.redirect(302, "https://elsewhere.example/api/v1/accounts"),
    "redirect for good": faults.redirect(308, "https://elsewhere.example/"),
    "empty": faults.empty(),
    "ok": faults.ok(),
    "wrong object": faults.other("AccountOwnerProfile"),
    "cut": faults.Cut(),
    "cut after": faults.Cut(effect="done"),
    "reset": faults.Reset(),
    "drip": faults.Drip(every=0.05, size=1),
    "silence": faults.Silence(),
}

DEEP = {"401", "wrong object", "cut", "429 for an hour"}
"""The scripts of which some errors are shown in every way there is; between them, every kind of error is."""

RAW = [name for name in FaultServer.SCRIPTS if name in {"not HTTP", "1000", "half headers", "bad gzip"}] or list(
    FaultServer.SCRIPTS
)[:4]


def echoing(secrets: dict[str, str]) -> faults.Answer:
    """A service that says back what it was told, and more."""
    said = " ".join(secrets.values())
    body = {"title": said, "detail": said, "instance": said, "type": f"errors/{said}", "status": 422}
    return faults.Answer(422, body, (("Set-Cookie", f"session={secrets['cookie']}"), ("X-Echo", said)))


class Everything:
    """A backend with a secret in every place that has room for one, and all that can be asked of it."""

    def __init__(self, url: str, secrets: dict[str, str], *, own_client: bool) -> None:
        self.secrets = secrets
        self.own_client = own_client
        self.vendor: Unipile = ik.backends.unipile(
            base_url=url,
            api_key=ik.Secret(secrets["api-key"]),
            account_id=ACCOUNT,
            deadline=timedelta(seconds=0.3),
        )

    def _settings(self) -> dict[str, Any]:
        return {
            "headers": {
                "authorization": f"Bearer {self.secrets['token']}",
                "cookie": f"li={self.secrets['cookie']}",
                "csrf-token": self.secrets["csrf"],
            },
            "params": {"token": self.secrets["query-token"]},
            "mounts": {"https://elsewhere.example": None},
        }

    def run(self, sweep: Sweep) -> None:
        """Ask everything in both colours, and look at all that is left."""
        sweep.look_at(self.vendor)
        clock = FakeClock()
        with self._client(httpx.Client) as client, self.vendor.open(client=client, clock=clock) as backend:
            sweep.look_at(backend)
            for what in self._questions(backend):
                try:
                    sweep.look_at(what())
                except ik.InvitekitError as error:
                    sweep.look_at_error(error)
        asyncio.run(self._run_async(sweep, clock))

    @contextlib.contextmanager
    def _client(self, kind: Any) -> Iterator[Any]:
        if not self.own_client:
            yield None
            return
        with kind(**self._settings()) as client:
            yield client

    def _questions(self, backend: Any) -> list[Callable[[], Any]]:
        row = invitation()
        return [
            backend.accounts,
            lambda: backend.sent().read(),
            lambda: list(backend.received()),
            lambda: backend.connections().read(),
            lambda: backend.read(row.member),
            lambda: backend.withdraw(row),
            lambda: backend.settle(None),
        ]

    async def _run_async(self, sweep: Sweep, clock: FakeClock) -> None:
        client = httpx.AsyncClient(**self._settings()) if self.own_client else None
        async with self.vendor.aopen(client=client, clock=clock) as backend:
            sweep.look_at(backend)
            for what in self._questions(backend)[:2] + self._questions(backend)[4:]:
                try:
                    sweep.look_at(await what())
                except ik.InvitekitError as error:
                    sweep.look_at_error(error)
        if client is not None:
            await client.aclose()


def invitation() -> ik.Invitation:
    world = ServiceWorld.invent(pending=1, connections=0, received=0)
    with ik.backends.unipile(base_url="https://fake.example", api_key="k", account_id=ACCOUNT).open(
        client=FakeUnipile(world, account_id=ACCOUNT)
    ) as backend:
        return next(backend.sent())


@pytest.mark.parametrize("own_client", [False, True], ids=["our client", "a client of the user's"])
@pytest.mark.parametrize("name", FAULTS)
def test_whatever_a_service_answers(name: str, own_client: bool) -> None:
    secrets = canaries()
    sweep = Sweep(secrets, deep=2 if name in DEEP else 0)
    fake = FakeUnipile(
        ServiceWorld.invent(pending=2, connections=2, received=1), api_key=secrets["api-key"], account_id=ACCOUNT
    )
    if FAULTS[name] is not None:
        fake.on("*", FAULTS[name])
    with sweep.watching(), fake.serve() as url:
        Everything(url, secrets, own_client=own_client).run(sweep)

    assert sweep.found() == []
    assert fake.requests


@pytest.mark.parametrize("own_client", [False, True], ids=["our client", "a client of the user's"])
def test_a_service_that_says_back_what_it_was_told(own_client: bool) -> None:
    secrets = canaries()
    sweep = Sweep(secrets)
    fake = FakeUnipile(ServiceWorld.invent(pending=2), api_key=secrets["api-key"], account_id=ACCOUNT)
    fake.on("*", echoing(secrets))
    with sweep.watching(), fake.serve() as url:
        Everything(url, secrets, own_client=own_client).run(sweep)

    assert sweep.found() == []


@pytest.mark.parametrize("name", RAW)
def test_what_is_no_answer_at_all(name: str) -> None:
    secrets = canaries()
    sweep = Sweep(secrets)
    with sweep.watching(), FaultServer(FaultServer.SCRIPTS[name]) as server:
        Everything(server.url, secrets, own_client=False).run(sweep)
        received = b"".join(server.received).decode("latin-1")

    assert sweep.found() == []
    assert secrets["api-key"] in received, "nothing was sent, so nothing could have leaked"


def test_nobody_there_and_a_proxy_that_is_not() -> None:
    secrets = canaries()
    sweep = Sweep(secrets)
    proxy = f"http://user:{secrets['proxy-password']}@127.0.0.1:9"
    vendor = ik.backends.unipile(base_url="https://127.0.0.1:9/api/v1", api_key=secrets["api-key"], account_id="a")
    row = invitation()
    with sweep.watching():
        for client in (None, httpx.Client(proxy=proxy, verify=False)):
            with vendor.open(client=client, clock=FakeClock()) as backend:
                sweep.look_at(backend)
                for what in (backend.accounts, partial(backend.withdraw, row)):
                    error = failure(what)
                    assert isinstance(error, ik.TransportError)
                    assert error.sent == "no"
                    sweep.look_at_error(error)
            if client is not None:
                client.close()

    assert sweep.found() == []


def test_settings_with_secrets_are_refused_without_repeating_them() -> None:
    secrets = canaries()
    sweep = Sweep(secrets)
    key = secrets["api-key"]
    wrong: list[dict[str, Any]] = [
        {"api_key": "k", "base_url": f"https://user:{secrets['proxy-password']}@api.example/v1"},
        {"api_key": "k", "base_url": f"https://api.example/v1?token={secrets['query-token']}"},
        {"api_key": "k", "base_url": f"https://api.example/v1#{secrets['token']}"},
        {"api_key": "k", "dsn": f"user:{secrets['proxy-password']}@api.example"},
        {"api_key": f" {key}", "dsn": "api.example"},
        {"api_key": key, "dsn": "api.example", "deadline": timedelta(0)},
        {"api_key": key},
    ]
    for settings in wrong:
        for error in (
            failure(partial(ik.backends.unipile, **settings)),
            failure(partial(ik.backends.load, "unipile", **settings)),
            failure(partial(ik.backends.load, "unipile", api_kye=key, **settings)),
        ):
            assert isinstance(error, ik.DataError)
            sweep.deep = 1
            # The first frame is the one of whoever called, and has what they gave.
            sweep.look_at_error(error.with_traceback(error.__traceback__.tb_next))  # type: ignore[union-attr]

    assert sweep.found() == []


def test_a_ledger_of_what_came_holds_none(tmp_path: Path) -> None:
    secrets = canaries()
    sweep = Sweep(secrets)
    fake = FakeUnipile(ServiceWorld.invent(pending=5), api_key=secrets["api-key"], account_id=ACCOUNT)
    vendor = ik.backends.unipile(base_url="https://fake.example", api_key=secrets["api-key"], account_id=ACCOUNT)
    with vendor.open(client=fake, clock=fake.world.clock) as backend, ik.SqliteLedger(tmp_path / "o.db") as ledger:
        snapshot = backend.snapshot()
        ledger.record(snapshot)
        ik.save(snapshot, tmp_path / "s.json")
        plan = ik.Policy.default().plan(snapshot)
        ik.save(plan, tmp_path / "p.json")
    sweep.look_into(tmp_path)

    assert sweep.found() == []
    assert len(sweep.seen["files"]) >= 3


class TestInterrupts:
    @pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
    def test_an_interrupt_shows_no_frames_with_headers(self, interrupt: type[BaseException]) -> None:
        secrets = canaries()
        sweep = Sweep(secrets)

        def handler(request: httpx.Request) -> httpx.Response:
            raise interrupt

        vendor = ik.backends.unipile(base_url="https://api.example", api_key=secrets["api-key"])
        client = httpx.Client(transport=httpx.MockTransport(handler), headers={"csrf-token": secrets["csrf"]})
        with client, vendor.open(client=client) as backend:
            error = failure(backend.accounts)
        assert isinstance(error, interrupt)
        sweep.look_at_error(error)

        assert sweep.found() == []

    def test_nor_does_a_cancellation(self) -> None:
        secrets = canaries()
        sweep = Sweep(secrets)

        fake = FakeUnipile(ServiceWorld.invent(pending=1), api_key=secrets["api-key"])
        fake.on("*", faults.Silence())
        with fake.serve() as url:
            vendor = ik.backends.unipile(base_url=url, api_key=secrets["api-key"])
            error = failure(lambda: asyncio.run(cancelled(vendor)))
        assert isinstance(error, TimeoutError)
        sweep.look_at_error(error)

        assert sweep.found() == []


async def cancelled(vendor: Unipile) -> None:
    async with vendor.aopen() as backend, asyncio.timeout(0.1):
        await backend.accounts()


class TestErrors:
    def test_they_keep_no_client_request_or_response_alive(self) -> None:
        fake = FakeUnipile(ServiceWorld.invent(pending=1), account_id=ACCOUNT, api_key="example-key")
        fake.on("*", faults.error("provider_error"))
        vendor = ik.backends.unipile(api_key="example-key", account_id=ACCOUNT, base_url="https://fake.example")
        with fake.serve() as url:
            vendor = ik.backends.unipile(api_key="example-key", account_id=ACCOUNT, base_url=url)
            with vendor.open(clock=FakeClock()) as backend, pytest.raises(ik.BackendError) as caught:
                backend.accounts()

        error = caught.value.with_traceback(None)
        kinds = {type(one).__module__.partition(".")[0] for one in reachable(error)}
        assert kinds.isdisjoint({"httpx", "httpcore", "h11"})


class TestTheSweepCanSee:
    """A leak that is planted in a channel is found in that channel: otherwise nothing above means anything."""

    @pytest.fixture
    def secret(self) -> str:
        return "canary-planted"

    @pytest.fixture
    def sweep(self, secret: str) -> Sweep:
        return Sweep({"planted": secret})

    @pytest.mark.parametrize("level", [1, logging.DEBUG, logging.INFO, logging.ERROR])
    @pytest.mark.parametrize("logger", ["invitekit", "httpx", "httpcore.http11", "somebody.else"])
    def test_in_logs(self, sweep: Sweep, secret: str, logger: str, level: int) -> None:
        logging.getLogger(logger)
        with sweep.watching():
            logging.getLogger(logger).log(level, "sent %s", secret)

        assert sweep.found() == ["planted in logs"]

    def test_in_warnings_and_in_what_is_printed(self, sweep: Sweep, secret: str) -> None:
        with sweep.watching():
            warnings.warn(secret, stacklevel=1)
            print(secret)  # noqa: T201

        assert sweep.found() == ["planted in printed", "planted in warnings"]

    def test_in_values(self, sweep: Sweep, secret: str) -> None:
        class Leaky:
            def __init__(self) -> None:
                self.kept = secret

            def __repr__(self) -> str:
                return secret

            def _repr_html_(self) -> str:
                return secret

            def __rich_repr__(self) -> Iterator[str]:
                yield secret

        sweep.look_at(Leaky())

        assert {each.removeprefix("planted in ") for each in sweep.found()} >= {
            "copy",
            "deep copy",
            "format",
            "html",
            "repr",
            "rich",
            "state",
            "str",
        }

    def test_in_what_is_serialised(self, sweep: Sweep, secret: str) -> None:
        sweep.look_at(ik.Member(name=secret))

        assert {"planted in asdict", "planted in pickle", "planted in unstructure"} <= set(sweep.found())
        other = Sweep(sweep.canaries)
        other.look_at([secret])
        assert "planted in json" in other.found()

    def test_in_errors_their_causes_and_their_frames(self, sweep: Sweep, secret: str) -> None:
        def fails(header: str) -> None:
            raise ValueError("nothing to see")

        try:
            fails(f"X-API-KEY: {secret}")
        except ValueError as error:
            sweep.look_at_error(error)
        assert "planted in tracebacks" in sweep.found()

        for where in ("text", "cause", "note"):
            other = Sweep(sweep.canaries)
            error = ValueError(secret if where == "text" else "nothing")
            if where == "cause":
                error.__cause__ = KeyError(secret)
            if where == "note":
                error.add_note(secret)
            other.look_at_error(error)
            assert "planted in error texts" in other.found()

    def test_in_files(self, sweep: Sweep, secret: str, tmp_path: Path) -> None:
        (tmp_path / "recording.json").write_text(json.dumps({"headers": secret}))
        sweep.look_into(tmp_path)

        assert sweep.found() == ["planted in files"]

    def test_behind_an_error(self) -> None:
        request = httpx.Request("GET", "https://api.example")
        error = httpx.ReadError("no", request=request)

        assert any(one is request for one in reachable(error))

    def test_in_a_client_that_is_not_ours(self, secret: str) -> None:
        """What the library below does by itself: the frames of a failure hold the headers."""
        sweep = Sweep({"planted": secret})
        try:
            httpx.get("http://127.0.0.1:9", headers={"X-API-KEY": secret}, timeout=1)
        except httpx.HTTPError as error:
            told = traceback.TracebackException.from_exception(error, capture_locals=True)
            sweep.see("tracebacks", "".join(told.format()))

        assert sweep.found() == ["planted in tracebacks"]
