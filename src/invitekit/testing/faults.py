"""What can go wrong with a service, as values for `FakeUnipile.on` and `FakeUnipile.script`.

- A typed error, also one nobody knows; before the effect, after it, or long before it: `error`.
- 429 with, without, or with an odd ``Retry-After``: `throttled`.
- HTTP 999, a challenge page or a login page with 200, an HTML page with 502: `blocked`, `challenge`, `login`,
  `html`.
- A redirect, to the same origin or to another: `redirect`.
- 2xx with an empty body, with ``{"status":"ok"}``, with another ``object``: `empty`, `ok`, `other`.
- A cursor that repeats, cycles of several, pages without end: `CursorCycle`, `EndlessPages`.
- An empty page with a cursor: `EmptyPage`. Pages shorter than asked although more follow: `ShortPages`. A total
  that is wrong: `WrongTotal`.
- 200 with an empty list while throttled, also from a page on: `SilentThrottle`.
- A list that shifts between pages: `Shift`. One id with two contents on two pages: `DuplicateId`.
- Ids that are null, dates that are only labels, dates that are weeks off: `NullFields`, `LabelOnlyDates`,
  `WrongDates`.
- People with one name, rows of another account, rows that a list lacks for once: `Namesakes`, `ForeignRows`,
  `MissingRows`.
- On a socket an answer cut off, a reset, an answer that drips, none at all, before or after the effect: `Cut`,
  `Reset`, `Drip`, `Silence`.

What happens in the world of the service is no fault: an acceptance between list and withdrawal is
`FakeUnipile.between_list_and_withdrawal`, vanishing without an acceptance is `ServiceWorld.ignore` or
`ServiceWorld.expire`, a list that lags is the ``list_lag`` of a world, and what a second withdrawal is answered
with is ``second_withdrawal`` of the service. Dates move between calls by themselves, as the vendor's do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, TypeAlias

import attrs

from invitekit.errors import DataError

from ._fake_edits import (
    CursorCycle,
    DuplicateId,
    Edit,
    EmptyPage,
    EndlessPages,
    ForeignRows,
    LabelOnlyDates,
    MissingRows,
    Namesakes,
    NullFields,
    Shift,
    ShortPages,
    SilentThrottle,
    WrongDates,
    WrongTotal,
)

__all__ = [
    "Answer",
    "CursorCycle",
    "Cut",
    "Drip",
    "DuplicateId",
    "Edit",
    "Effect",
    "EmptyPage",
    "EndlessPages",
    "Fault",
    "ForeignRows",
    "LabelOnlyDates",
    "MissingRows",
    "Namesakes",
    "NullFields",
    "Reset",
    "Shift",
    "ShortPages",
    "Silence",
    "SilentThrottle",
    "WrongDates",
    "WrongTotal",
    "blocked",
    "challenge",
    "empty",
    "error",
    "html",
    "login",
    "ok",
    "other",
    "redirect",
    "throttled",
]

Effect: TypeAlias = Literal["none", "done"] | timedelta
"""Whether what was asked for is carried out: not at all, before the answer, or this long after it."""

_KINDS: Mapping[int, str] = {
    400: "invalid_parameters malformed_request content_too_large invalid_url too_many_characters "
    "unescaped_characters missing_parameters limit_too_high",
    401: "missing_credentials multiple_sessions wrong_account invalid_credentials expired_credentials "
    "insufficient_privileges disconnected_account disconnected_feature checkpoint_error "
    "invalid_checkpoint_solution expired_link captcha_not_supported",
    403: "insufficient_permissions account_restricted account_mismatch session_mismatch feature_not_subscribed "
    "subscription_required unknown_authentication_context resource_access_restricted action_required",
    404: "resource_not_found invalid_resource_identifier",
    422: "invalid_account invalid_recipient no_connection_with_recipient blocked_recipient user_unreachable "
    "unprocessable_entity action_already_performed insufficient_credits cannot_resend_yet "
    "cannot_resend_within_24hrs limit_exceeded already_invited_recently cannot_invite_attendee already_connected",
    429: "too_many_requests",
    500: "unexpected_error provider_error authentication_intent_error",
    501: "feature_not_implemented",
    503: "no_client_session no_channel no_handler network_down service_unavailable",
    504: "request_timeout",  # also 408
}
_STATUS_OF = {kind: status for status, kinds in _KINDS.items() for kind in kinds.split()}
"""The documented types, each with its status; `error` takes any other with a status of its own."""


@attrs.frozen(weakref_slot=False)
class Answer:
    """An answer in the place of the right one.

    Args:
        status: The HTTP status.
        body: A text as it is, or a mapping that is sent as JSON.
        headers: Names and values, besides the length and the type of the content.
        content_type: As in the header.
        effect: Whether what was asked for is carried out all the same.
    """

    status: int
    body: str | Mapping[str, Any] = ""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json; charset=utf-8"
    effect: Effect = "none"


@attrs.frozen(weakref_slot=False)
class Cut:
    """The connection ends in the middle of the answer.

    Args:
        after: How many bytes of the body arrive; half of them unless given. Of an empty answer, none does, and its
            head is cut.
        effect: Whether what was asked for is carried out.
    """

    after: int | None = None
    effect: Effect = "none"


@attrs.frozen(weakref_slot=False)
class Reset:
    """The connection is reset, without any answer.

    Args:
        effect: Whether what was asked for is carried out.
    """

    effect: Effect = "none"


@attrs.frozen(weakref_slot=False)
class Drip:
    """The answer arrives a few bytes at a time, in real time.

    Args:
        every: Seconds between two pieces.
        size: Bytes of one piece.
        effect: Whether what was asked for is carried out.
    """

    every: float = 0.05
    size: int = 1
    effect: Effect = "done"


@attrs.frozen(weakref_slot=False)
class Silence:
    """No answer comes, and the connection stays open until the other side has had enough.

    Args:
        effect: Whether what was asked for is carried out.
    """

    effect: Effect = "none"


Fault: TypeAlias = Answer | Cut | Reset | Drip | Silence | Edit


def error(
    kind: str,
    status: int | None = None,
    *,
    detail: str = "Invented for a test",
    effect: Effect = "none",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Answer with a typed error, as the vendor documents them.

    >>> error("request_timeout", effect="done").status
    504

    Args:
        kind: The part behind ``errors/``; also one that nobody has documented, if `status` is given.
        status: The HTTP status; the documented one unless given.
        detail: What the vendor tells a person.
        effect: Whether what was asked for is carried out all the same.
        headers: Names and values to add.

    Raises:
        DataError: The type is not documented, and there is no `status`.
    """
    number = status or _STATUS_OF.get(kind)
    if number is None:
        raise DataError(f"nobody has documented errors/{kind}", hint="Give status=", key="kind")
    body = {
        "title": kind.replace("_", " ").capitalize(),
        "detail": detail,
        "instance": None,
        "type": f"errors/{kind}",
        "status": number,
    }
    return Answer(number, body, tuple((headers or {}).items()), effect=effect)


def throttled(retry_after: str | int | None = None, *, effect: Effect = "none") -> Answer:
    """Answer with 429; v1 promises no ``Retry-After``, so there is none unless given, as odd as you like."""
    headers = None if retry_after is None else {"Retry-After": str(retry_after)}
    return error("too_many_requests", 429, effect=effect, headers=headers)


def html(status: int, text: str = "Bad gateway", *, effect: Effect = "none") -> Answer:
    """Answer with a web page."""
    page = f"<!DOCTYPE html><html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>"
    return Answer(status, page, content_type="text/html; charset=utf-8", effect=effect)


def blocked() -> Answer:
    """Answer with HTTP 999, by which LinkedIn turns away what it takes for a robot (reported, not documented)."""
    return html(999, "Request denied")


def challenge() -> Answer:
    """Answer with a page that wants a person to prove that they are one, and status 200."""
    page = (
        "<!DOCTYPE html><html><head><title>Security Verification</title></head><body>"
        '<form action="/checkpoint/challenge/verify" id="captcha-challenge"></form></body></html>'
    )
    return Answer(200, page, content_type="text/html; charset=utf-8")


def login() -> Answer:
    """Answer with a page to sign in, and status 200."""
    page = (
        "<!DOCTYPE html><html><head><title>Sign In</title></head><body>"
        '<form action="/uas/login-submit"><input name="session_key"><input name="session_password"></form>'
        "</body></html>"
    )
    return Answer(200, page, content_type="text/html; charset=utf-8")


def redirect(status: int, to: str, *, effect: Effect = "none") -> Answer:
    """Answer with a redirect.

    Args:
        status: 301, 302, 303, 307 or 308.
        to: The address; one that begins with a slash stays on the origin.
        effect: Whether what was asked for is carried out all the same.
    """
    return Answer(status, headers=(("Location", to),), effect=effect)


def empty(status: int = 200) -> Answer:
    """Carry out what was asked for, and answer with nothing at all."""
    return Answer(status, effect="done")


def ok() -> Answer:
    """Carry out what was asked for, and answer ``{"status":"ok"}``, as one code base has seen it."""
    return Answer(200, {"status": "ok"}, effect="done")


def other(name: str = "SomethingElse", *, effect: Effect = "done") -> Answer:
    """Answer with an object of another name."""
    return Answer(200, {"object": name}, effect=effect)
