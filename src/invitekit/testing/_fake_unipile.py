"""A stand-in for the service Unipile v1: in process, and on a real socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from invitekit._wire import Request, Response
from invitekit.errors import DataError, TransportError

from ._fake_edits import Edit
from ._fake_http import Asked, HttpServer, Reply
from ._fake_routes import ROUTES, Route, Routes, route_of
from ._fake_spelling import Spelling, compact
from .faults import Answer, Cut, Drip, Fault, Reset, Silence, error

if TYPE_CHECKING:
    import ssl

    from ._service_world import ServiceWorld

__all__ = ["FakeUnipile", "LoggedRequest"]

_GONE = error("resource_not_found", detail="Invitation not found.")


@attrs.frozen(weakref_slot=False)
class LoggedRequest:
    """A request that arrived, without the key.

    Args:
        number: From 1, over all routes.
        at: When, by the clock of the world; aware UTC.
        route: What it asked for.
        method: GET, POST or DELETE.
        path: Below ``/api/v1``, for instance ``users/invite/sent``.
        query: Names and values.
        status: What it was answered with; 0 where no answer left.
    """

    number: int
    at: datetime
    route: str
    method: str
    path: str
    query: Mapping[str, str]
    status: int


@attrs.mutable
class _Rule:
    """Faults for some of the requests of one route."""

    route: Route
    faults: tuple[Fault, ...]
    numbers: frozenset[int] | None
    seen: int = 0

    def takes(self, route: Route) -> bool:
        if self.route not in {"*", route}:
            return False
        self.seen += 1
        return self.numbers is None or self.seen in self.numbers


@attrs.mutable
class _Hook:
    """Something that happens before one request."""

    what: Callable[[], object]
    wanted: Callable[[Route], bool]


class FakeUnipile:
    """Unipile v1 over a `ServiceWorld`: stateful, scriptable, and written from facts about the service.

    In process it takes the place of an HTTP client, since it has an ``exchange``; on a socket, any program can use
    it.

    >>> import json
    >>> from invitekit._wire import Request
    >>> fake = FakeUnipile(ServiceWorld.invent(pending=3))
    >>> answer = fake.exchange(Request("GET", ("users", "invite", "sent"), {"account_id": "example-account"}))
    >>> answer.status, len(json.loads(answer.body)["items"])
    (200, 3)
    >>> with fake.serve() as url:
    ...     print(url)
    http://127.0.0.1:.../api/v1

    Args:
        world: What is true.
        api_key: What ``X-API-KEY`` has to be; asked for on the socket only, since requests in process carry no
            secrets.
        account_id: The id under which the service knows the account of the world.
        account_status: What the list of accounts says: OK, STOPPED, ERROR, CREDENTIALS, PERMISSIONS or CONNECTING.
        second_withdrawal: The answer where the invitation is no longer pending. Which one the service gives is not
            documented; ``resource_not_found``, ``action_already_performed`` and ``invalid_parameters`` are the
            candidates, and the last one says as well that the request is malformed. None: it answers as to the
            first one, and the withdrawal counts again in `ServiceWorld.withdrawals`.
        spelling: ``observed`` has nulls that live answers have; ``documented`` is what the types of the vendor's
            Node SDK allow.
        largest_page: How many rows a page of sent invitations may have: 250 by the documentation, 100 by the SDK.
        weekly_limit: How many invitations may be sent in a week before sending is refused; None for any number.
    """

    def __init__(
        self,
        world: ServiceWorld,
        *,
        api_key: str = "example-key",
        account_id: str = "example-account",
        account_status: str = "OK",
        second_withdrawal: Answer | None = _GONE,
        spelling: Spelling = "observed",
        largest_page: int = 250,
        weekly_limit: int | None = None,
    ) -> None:
        self.world = world
        self.account_id = account_id
        self._api_key = api_key
        self._routes = Routes(
            world,
            account_id=account_id,
            account_status=account_status,
            second_withdrawal=second_withdrawal,
            spelling=spelling,
            largest_page=largest_page,
            weekly_limit=weekly_limit,
        )
        self._rules: list[_Rule] = []
        self._hooks: list[_Hook] = []
        self._requests: list[LoggedRequest] = []

    # Being asked.

    def exchange(self, request: Request) -> Response:
        """Answer a request in process.

        Raises:
            TransportError: A fault of the socket is scripted for it.
        """
        body = b"" if request.body is None else compact(dict(request.body))
        asked = Asked(request.method, request.path, dict(request.query), {}, body)
        reply = self._answer(asked)
        match reply.broken:
            case Cut():
                raise TransportError("the answer was cut off", sent="maybe", code="cut")
            case Reset():
                raise TransportError("the connection was reset", sent="maybe", code="reset")
            case Silence():
                raise TransportError("no answer came", sent="maybe", code="timeout")
            case Drip() | None:
                return reply.response

    @contextmanager
    def serve(self, *, tls: ssl.SSLContext | None = None) -> Generator[str]:
        """Answer on a loopback socket, until the context is left.

        Args:
            tls: How to speak TLS; plain HTTP unless given.

        Yields:
            The address: ``http://127.0.0.1:<port>/api/v1``.
        """
        server = HttpServer(self._answer_over_http, tls)
        with server.connections:
            yield f"{server.origin}/api/v1"

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """Every request so far, in the order in which they arrived."""
        with self.world.lock:
            return tuple(self._requests)

    # What goes wrong, and what happens meanwhile.

    def on(self, route: Route, *faults: Fault, numbers: int | Iterable[int] | None = None) -> None:
        """Let requests of one route go wrong from now on.

        >>> from invitekit.testing import faults
        >>> fake = FakeUnipile(ServiceWorld.invent(pending=3))
        >>> fake.on("withdraw", faults.error("request_timeout", effect="done"), numbers=[2])

        Args:
            route: ``sent``, ``withdraw``, ``received``, ``invite``, ``answer``, ``relations``, ``profile``,
                ``me``, ``accounts``, ``webhooks``, or ``*`` for all of them.
            faults: What goes wrong. Several faults of a list work together; of others, the first counts.
            numbers: Which requests of the route, the next one being 1; all of them unless given.

        Raises:
            DataError: There is no such route, or something is no fault.
        """
        if route not in ROUTES:
            raise DataError(f"there is no route {route!r}", hint=f"One of: {', '.join(ROUTES)}", key="route")
        for fault in faults:
            if not isinstance(fault, Fault):
                raise DataError(
                    f"{fault!r:.60} is no fault",
                    hint="Those that are functions or classes have to be called: faults.blocked(), faults.Cut()",
                    key="faults",
                )
        wanted = {numbers} if isinstance(numbers, int) else numbers
        with self.world.lock:
            self._rules.append(_Rule(route, faults, None if wanted is None else frozenset(wanted)))

    def script(self, route: Route, faults: Iterable[Fault | None]) -> None:
        """Let the next requests of one route go wrong in turn; all is well after the last.

        Args:
            route: As for `on`.
            faults: One for each request; None where nothing goes wrong.
        """
        for number, fault in enumerate(faults, start=1):
            if fault is not None:
                self.on(route, fault, numbers=[number])

    def heal(self) -> None:
        """Forget every fault."""
        with self.world.lock:
            self._rules.clear()

    def before(self, what: Callable[[], object], *, route: Route = "*", number: int = 1) -> None:
        """Let something happen in the world right before a request is answered.

        Args:
            what: Called without arguments, once.
            route: As for `on`.
            number: Which request of the route, the next one being 1.
        """
        left = number

        def wanted(asked: Route) -> bool:
            nonlocal left
            left -= route in {"*", asked}
            return left == 0 and route in {"*", asked}

        with self.world.lock:
            self._hooks.append(_Hook(what, wanted))

    def between_list_and_withdrawal(self, what: Callable[[], object]) -> None:
        """Let something happen before the first withdrawal that follows a listing of the sent invitations.

        >>> world = ServiceWorld.invent(pending=3)
        >>> fake = FakeUnipile(world)
        >>> fake.between_list_and_withdrawal(lambda: world.accept(world.pending[0]))

        Args:
            what: Called without arguments, once.
        """
        listed = False

        def wanted(asked: Route) -> bool:
            nonlocal listed
            listed = listed or asked == "sent"
            return listed and asked == "withdraw"

        with self.world.lock:
            self._hooks.append(_Hook(what, wanted))

    # Inside.

    def _answer_over_http(self, asked: Asked) -> Reply:
        below = asked.path[:2] == ("api", "v1")
        key = asked.headers.get("x-api-key")
        if below:
            asked = attrs.evolve(asked, path=asked.path[2:])
        if below and key == self._api_key:
            return self._answer(asked)
        if not below:
            refused = error("resource_not_found", detail="Cannot find this path.")
        else:
            refused = error(
                "missing_credentials" if key is None else "invalid_credentials", detail="See X-API-KEY."
            )
        with self.world.lock:
            self._log(asked, route_of(asked) if below else "*", refused.status)
        return Reply(_response(refused))

    def _answer(self, asked: Asked) -> Reply:
        route = route_of(asked)
        with self.world.lock:
            self.world.catch_up()
            for hook in [each for each in self._hooks if each.wanted(route)]:
                self._hooks.remove(hook)
                hook.what()
            faults = [fault for rule in self._rules if rule.takes(route) for fault in rule.faults]
            reply = self._reply(asked, route, faults)
            gone = isinstance(reply.broken, Reset | Silence)
            self._log(asked, route, 0 if gone else reply.response.status)
            return reply

    def _reply(self, asked: Asked, route: Route, faults: list[Fault]) -> Reply:
        edits = [fault for fault in faults if isinstance(fault, Edit)]
        fault = next((fault for fault in faults if not isinstance(fault, Edit)), None)

        def carry_out() -> Response:
            return self._routes.answer(asked, route, edits)

        if fault is None:
            return Reply(carry_out())
        done: Response | None = None
        if fault.effect == "done":
            done = carry_out()
        elif isinstance(fault.effect, timedelta):
            self.world.schedule(carry_out, after=fault.effect)
        if isinstance(fault, Answer):
            # Nothing is carried out that fails, and what fails is answered with its own error.
            return Reply(done if done is not None and not done.succeeded else _response(fault))
        return Reply(done or Response(200), fault)

    def _log(self, asked: Asked, route: Route, status: int) -> None:
        number = len(self._requests) + 1
        path = "/".join(asked.path)
        self._requests.append(
            LoggedRequest(number, self.world.now(), route, asked.method, path, dict(asked.query), status)
        )

    def __repr__(self) -> str:
        return f"FakeUnipile({self.world!r}, requests={len(self.requests)})"


def _response(answer: Answer) -> Response:
    body = answer.body.encode() if isinstance(answer.body, str) else json.dumps(dict(answer.body)).encode()
    headers = tuple((name.lower(), value) for name, value in answer.headers)
    return Response(answer.status, (("content-type", answer.content_type), *headers), body)
