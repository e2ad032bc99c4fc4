"""What the routes of Unipile v1 answer when nothing goes wrong.

Paths, limits, types of errors and the objects of answers are the vendor's [H], the answers to a cancellation and
to an answered invitation are reported [C]. Not confirmed, and so only plausible here: the type of the error for an
account that is not there, and for an invitation that cannot be sent again [?].
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, cast, get_args

from invitekit._wire import Response
from invitekit.errors import DataError

from ._fake_edits import Edit, ListedPage
from ._fake_spelling import Speller, Spelling, compact, cursor_of, read_cursor
from ._world_values import ServiceConnection, ServiceInvitation, ServicePlace
from .faults import Answer, error

if TYPE_CHECKING:
    from ._fake_http import Asked
    from ._service_world import ServiceWorld

__all__ = ["ROUTES", "Route", "Routes", "route_of"]

Row = TypeVar("Row")

Route: TypeAlias = Literal[
    "*", "accounts", "answer", "invite", "me", "profile", "received", "relations", "sent", "webhooks", "withdraw"
]
"""What a request asks for; ``*`` stands for all of it, and for what no route answers."""
ROUTES: tuple[Route, ...] = get_args(Route)

_JSON = (("content-type", "application/json; charset=utf-8"),)
_LONGEST_NOTE = 300  # characters [H]
_COOL_DOWN = timedelta(days=21)  # about three weeks before another invitation (reported, not documented)
_WEEK = timedelta(days=7)
_TOLD_USAGE = (50, 75, 90, 95)  # percent; the answer to a sending says so only when it lands on one of them [H]
_PAGES_KEPT = 512
_WITHDRAWN = {ServicePlace.WITHDRAWN, ServicePlace.WITHDRAWN_ELSEWHERE}


def route_of(asked: Asked) -> Route:
    """Which route a request takes; ``*`` where there is none."""
    match asked.method, asked.path:
        case "GET", ("accounts",):
            return "accounts"
        case "GET", ("users", "invite", "sent"):
            return "sent"
        case "GET", ("users", "invite", "received"):
            return "received"
        case "DELETE", ("users", "invite", "sent", _):
            return "withdraw"
        case "POST", ("users", "invite"):
            return "invite"
        case "POST", ("users", "invite", "received", _):
            return "answer"
        case "GET", ("users", "relations"):
            return "relations"
        # The trap: this path is no list, and gives one's own profile [P].
        case "GET", ("users", "me" | "connections"):
            return "me"
        case "GET", ("users", _):
            return "profile"
        case "POST", ("webhooks",):
            return "webhooks"
        case _:
            return "*"


class _Refusal(Exception):  # noqa: N818  it is an answer
    """A request is answered with an error."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def _refuse(kind: str, detail: str) -> _Refusal:
    return _Refusal(error(kind, detail=detail))


class Routes:
    """The routes of one service; see `invitekit.testing.FakeUnipile` for the arguments."""

    def __init__(
        self,
        world: ServiceWorld,
        *,
        account_id: str,
        account_status: str,
        second_withdrawal: Answer | None,
        spelling: Spelling,
        largest_page: int,
        weekly_limit: int | None,
    ) -> None:
        self._world = world
        self._account_id = account_id
        self._account_status = account_status
        self._second_withdrawal = second_withdrawal
        self._largest_page = largest_page
        self._weekly_limit = weekly_limit
        self._speller = Speller(world, spelling)
        self._webhooks = 0
        self._pages: dict[tuple[object, ...], bytes] = {}
        self._pages_of: object = None

    def answer(self, asked: Asked, route: Route, edits: Sequence[Edit]) -> Response:
        """Carry out a request and answer it.

        Args:
            asked: The request, its path below ``/api/v1``.
            route: Its route.
            edits: What goes wrong with a list.
        """
        try:
            if route == "*":
                raise _refuse("resource_not_found", f"Cannot {asked.method} this path.")
            with self._world.lock:
                return Response(200, _JSON, self._carry_out(asked, route, edits))
        except _Refusal as refusal:
            said = refusal.answer
            body = said.body.encode() if isinstance(said.body, str) else compact(dict(said.body))
            return Response(said.status, _JSON, body)

    def _carry_out(self, asked: Asked, route: Route, edits: Sequence[Edit]) -> bytes:
        world, speller = self._world, self._speller
        if route == "accounts":
            account = speller.account(world.owner, self._account_id, self._account_status)
            return compact({"object": "AccountList", "items": [account], "cursor": None})
        if route == "webhooks":
            self._webhooks += 1
            return compact({"object": "WebhookCreated", "webhook_id": f"example-webhook-{self._webhooks}"})
        said = _body(asked) if asked.method == "POST" else {}
        self._check_account(asked.query.get("account_id") or said.get("account_id"))
        match route:
            case "sent":
                return self._list(asked, edits, lambda: world.listed, speller.sent, self._largest_page)
            case "received":
                return self._list(asked, edits, lambda: world.received, speller.received, 100)
            case "relations":
                return self._list(asked, edits, lambda: world.connections, self._relation, 1_000)
            case "withdraw":
                return self._withdraw(asked.path[-1])
            case "invite":
                return self._invite(said)
            case "answer":
                return self._answer_received(asked.path[-1], said)
            case "me":
                return compact(speller.me(world.owner))
            case _:
                return self._profile(asked.path[-1])

    def _check_account(self, account_id: object) -> None:
        if not account_id:
            raise _refuse("missing_parameters", "account_id is required.")
        if account_id != self._account_id:
            raise _refuse("resource_not_found", "Account not found.")

    # Lists.

    def _relation(self, connection: ServiceConnection, _now: object) -> bytes:
        return self._speller.relation(connection)

    def _list(
        self,
        asked: Asked,
        edits: Sequence[Edit],
        rows: Callable[[], Sequence[Row]],
        spell: Callable[[Row, Any], bytes],
        largest: int,
    ) -> bytes:
        relations = largest == 1_000
        size, start = _span(asked, largest, 100 if relations else 10)
        for edit in edits:
            edit.prepare(self._world, start)
        now = self._world.now()
        truth = (self._world.version, now)
        if truth != self._pages_of or len(self._pages) > _PAGES_KEPT:
            self._pages_of, self._pages = truth, {}
        key = (asked.path, size, start)
        page = self._pages.get(key)
        if page is None or edits:
            listed = rows()
            shown = listed[start : start + size]
            spelled = b",".join([spell(row, now) for row in shown])
            next_start = start + size if start + size < len(listed) else None
            extra = b""
            if edits:
                before = listed[start - 1] if 0 < start <= len(listed) else None
                draft = ListedPage(
                    number=start // size + 1,
                    start=start,
                    size=size,
                    total=len(listed),
                    rows=json.loads(b"[" + spelled + b"]"),
                    next_start=next_start,
                    before=before.id if isinstance(before, ServiceInvitation) else None,
                )
                for edit in edits:
                    edit.apply(draft)
                spelled, next_start = compact(draft.rows)[1:-1], draft.next_start
                extra = compact(draft.extra)[1:-1]
            cursor = None if next_start is None else cursor_of(size, next_start, relations=relations)
            name = b"UserRelationsList" if relations else b"InvitationList"
            page = b'{"object":"%s","items":[%s],"cursor":%s%s}' % (
                *(name, spelled, compact(cursor), b"," + extra if extra else b""),
            )
            if not edits:
                self._pages[key] = page
        return page

    # What changes something.

    def _withdraw(self, key: str) -> bytes:
        try:
            invitation = self._world.invitation(key)
        except DataError:
            invitation = None
        if invitation is None or invitation.id != key:
            raise _refuse("resource_not_found", "Invitation not found.")
        if invitation.place is ServicePlace.PENDING:
            self._world.withdraw(invitation)
        elif self._second_withdrawal is not None:
            raise _Refusal(self._second_withdrawal)
        else:
            self._world.withdraw_again(invitation)
        return compact({"object": "InvitationCanceled"})

    def _invite(self, said: dict[str, Any]) -> bytes:
        world = self._world
        note = said.get("message")
        if note is not None and len(str(note)) > _LONGEST_NOTE:
            raise _refuse("too_many_characters", f"A message has {_LONGEST_NOTE} characters at most.")
        try:
            person = world.find(str(said.get("provider_id", "")))
        except DataError:
            raise _refuse("invalid_recipient", "Recipient cannot be reached.") from None
        if world.connected(person):
            raise _refuse("already_connected", "Recipient is a connection already.")
        newest = world.newest_to(person)
        if newest is not None and newest.place is ServicePlace.PENDING:
            raise _refuse("already_invited_recently", "An invitation has been sent already.")
        withdrawn = newest is not None and newest.place in _WITHDRAWN
        if newest is not None and withdrawn and newest.since and world.now() - newest.since < _COOL_DOWN:
            raise _refuse("cannot_resend_yet", "You cannot invite this recipient again for now.")
        used = sum(1 for each in world.invitations if world.now() - each.sent_at < _WEEK)
        if self._weekly_limit is not None and used >= self._weekly_limit:
            raise _refuse("cannot_resend_yet", "You have reached a temporary provider limit.")
        invitation = world.invite(person, str(note) if note else None)
        answer: dict[str, Any] = {"object": "UserInvitationSent", "invitation_id": invitation.id}
        if self._weekly_limit:
            usage, rest = divmod((used + 1) * 100, self._weekly_limit)
            if usage in _TOLD_USAGE and rest == 0:
                answer["usage"] = usage
        return compact(answer)

    def _answer_received(self, key: str, said: dict[str, Any]) -> bytes:
        waiting = next((each for each in self._world.received if each.id == key), None)
        if waiting is None:
            raise _refuse("resource_not_found", "Invitation not found.")
        if said.get("action") not in {"accept", "decline"} or said.get("provider") != "LINKEDIN":
            raise _refuse("invalid_parameters", "action is accept or decline, provider is LINKEDIN.")
        if said.get("shared_secret") != self._speller.secret_of(waiting):
            raise _refuse("invalid_parameters", "shared_secret does not belong to this invitation.")
        accept = said["action"] == "accept"
        self._world.answer(waiting, accept=accept)
        return compact({"object": "UserInvitationHandled", "status": "ACCEPTED" if accept else "DECLINED"})

    # People.

    def _profile(self, identifier: str) -> bytes:
        world = self._world
        try:
            person = world.find(identifier)
        except DataError:
            raise _refuse("resource_not_found", "User not found.") from None
        profile = self._speller.profile(
            person,
            connected=world.connected(person),
            sent=world.newest_to(person),
            received=world.newest_from(person),
        )
        return compact(profile)


def _body(asked: Asked) -> dict[str, Any]:
    try:
        said = json.loads(asked.body)
    except ValueError:
        raise _refuse("malformed_request", "The body is no JSON.") from None
    if not isinstance(said, dict):
        raise _refuse("malformed_request", "The body is no object.")
    return cast("dict[str, Any]", said)


def _span(asked: Asked, largest: int, default: int) -> tuple[int, int]:
    """Size and offset of the page that is asked for; a cursor remembers its size."""
    cursor, limit = asked.query.get("cursor"), asked.query.get("limit")
    size, start = default, 0
    if cursor is not None:
        known = read_cursor(cursor)
        if known is None:
            raise _refuse("invalid_parameters", "cursor is none of ours.")
        size, start = known
    if limit is not None:
        if not limit.isdecimal() or not 1 <= int(limit) <= largest:
            raise _refuse("invalid_parameters", f"limit is 1 to {largest}.")
        size = int(limit)
    return size, start
