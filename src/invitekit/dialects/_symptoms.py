"""What an answer means before anybody looks into it: who must stop, who must wait, and who may go on reading.

The same for every service that speaks HTTP. `symptoms` comes first; whatever it lets pass is for the dialect. What
a status says about a write that it lets pass stands in `WRITES`, which a dialect refines where it knows more, and
never turns what is unknown into something else without proof.

Texts that a service writes into its errors stay out of ours: they may name people, and repeat what was sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from invitekit._wire import Response
from invitekit.dialects._json import decode, is_object
from invitekit.dialects._retry_after import not_before
from invitekit.errors import (
    BackendError,
    ChallengeError,
    PayloadError,
    RateLimitedError,
    RefusedError,
    Sent,
)
from invitekit.model import Result

__all__ = ["WRITES", "error_type", "leads_to_a_person", "result_of", "symptoms"]

_TYPE: Final = re.compile(r"[a-z0-9_./-]{1,80}").fullmatch

_ERROR_LIMIT: Final = 65_536
"""How many bytes of an answer that is an error are looked at."""

_challenge = re.compile(rb"CHALLENGE|checkpoint/|captcha", re.ASCII).search
_challenge_place = re.compile(r"/checkpoint/|challenge|captcha", re.IGNORECASE).search
_login_place = re.compile(r"(?:^|/)(?:login|authwall|signin|sign-in)\b|session_redirect", re.IGNORECASE).search
_challenge_type = re.compile(r"checkpoint|challenge|captcha").search

WRITES: Final[Mapping[int, Result]] = {
    404: Result.UNKNOWN,
    408: Result.UNKNOWN,
    409: Result.UNKNOWN,
    410: Result.UNKNOWN,
    **dict.fromkeys((status for status in range(400, 500) if status not in {404, 408, 409, 410}), Result.REFUSED),
}
"""What a status says about a write; those that are not here say nothing, so that the write is unknown.

A 404 or 410 is unknown until the dialect knows that it speaks of the invitation: it may be a wrong path. A status
of 2xx is judged by its body, and one of 5xx never says whether the effect came before it.
"""


def result_of(status: int) -> Result:
    """Say what a status other than 2xx means for a write."""
    return WRITES.get(status, Result.UNKNOWN)


def error_type(response: Response) -> str:
    """Give what a service calls an error (the ``type`` of RFC 9457), empty where it has none that may be shown."""
    if response.succeeded or len(response.body) > _ERROR_LIMIT:
        return ""
    try:
        body = decode(response.body)
    except PayloadError:
        return ""
    kind = body.get("type") if is_object(body) else None
    return kind if isinstance(kind, str) and _TYPE(kind) else ""


def leads_to_a_person(location: str) -> bool:
    """Whether a redirect leads to a login page, a checkpoint or a challenge: there, only a person gets on."""
    return _challenge_place(location) is not None or _login_place(location) is not None


def _is_page(response: Response) -> bool:
    """Whether it is a page for people. Without a body it is none, whatever a server calls that."""
    if not response.body or response.body.isspace():
        return False
    if (response.header("content-type") or "").lower().lstrip().startswith(("text/html", "application/xhtml")):
        return True
    return response.body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def symptoms(
    response: Response,
    at: datetime,
    *,
    reads: bool,
    error_type: str = "",
    limiter_first: bool = False,
    trouble: str = "Try again later",
) -> None:
    """Raise what an answer means whatever it was asked; return where the dialect has to look into it.

    It returns for 2xx that is no page for people, and for a write also for what tells something about this one
    write only, or nothing at all: 400, 404, 409, 410, 422 and their like, and 408 and 5xx without ``Retry-After``.

    Args:
        response: The answer.
        at: When it arrived; aware.
        reads: Whether what was asked changes nothing.
        error_type: What the service calls the error, as `error_type` gives it.
        limiter_first: Whether the service is known to count requests before it carries them out, so that one
            above the limit was surely not carried out.
        trouble: What to do about trouble on the service's own side (5xx).

    Raises:
        ChallengeError: ``http-999``, ``challenge`` or ``login-page``: it wants a person.
        RefusedError: ``sign-in``, ``forbidden``, ``redirected``; for a read also ``not-found``, ``http-4xx``.
        RateLimitedError: ``rate-limited``; ``http-408``, ``http-503`` and the like where a wait is asked for.
        BackendError: ``http-5xx``, for a read.
    """
    status = response.status
    answered: Sent = "yes" if reads else "maybe"
    if status == 999:
        # What it means is folk knowledge: anti-bot, by everybody who met it (one secondary source, 2026-10).
        raise ChallengeError(
            "the service blocks this client (HTTP 999)",
            hint=_LOOK,
            code="http-999",
            status=status,
            type=error_type,
        )
    if response.succeeded:
        if _is_page(response):
            asks = _challenge(response.body[:_ERROR_LIMIT])
            raise ChallengeError(
                "a page for people came where data was expected, as after the end of a session",
                hint=_LOOK,
                sent=answered,
                code="challenge" if asks else "login-page",
                status=status,
            )
        return
    if 300 <= status <= 399:
        _redirected(response, answered, error_type)
    if 400 <= status <= 499 and (_challenge_type(error_type) or _challenge(response.body[:_ERROR_LIMIT])):
        raise ChallengeError(
            f"the service asks for a proof that a person is there (HTTP {status})",
            hint=_LOOK,
            code="challenge",
            status=status,
            type=error_type,
        )
    if status in _SIGN_IN:
        code, message, hint = _SIGN_IN[status]
        raise RefusedError(f"{message} (HTTP {status})", hint=hint, code=code, status=status, type=error_type)
    waits = [value for name, value in response.headers if name == "retry-after"]
    slowly = status in {425, 429} or (reads and status == 408)
    if slowly or (waits and (status == 408 or status >= 500)):
        raise RateLimitedError(
            f"the service wants fewer requests (HTTP {status})",
            hint="Wait; asking sooner makes it worse",
            not_before=not_before(waits, at, date=response.header("date")),
            sent="yes" if reads else "no" if limiter_first and status == 429 else "maybe",
            code="rate-limited" if status == 429 else f"http-{status}",
            status=status,
            type=error_type,
        )
    if not reads:
        return
    if 400 <= status <= 499:
        found = status not in {404, 410}
        raise RefusedError(
            f"the service {'refused the request' if found else 'found nothing there'} (HTTP {status})",
            hint="Check the ids, that of the account too, and the address of the service",
            code=f"http-{status}" if found else "not-found",
            status=status,
            type=error_type,
        )
    raise BackendError(
        f"the service is in trouble (HTTP {status})",
        hint=trouble,
        code=f"http-{status}",
        status=status,
        type=error_type,
    )


_LOOK: Final = "Sign in with a browser and see what the service wants; go on only after that"

_SIGN_IN: Final = {
    401: (
        "sign-in",
        "the service does not accept the sign-in",
        "Check the key, and whether the account is still connected with the service",
    ),
    403: ("forbidden", "the service forbids this", "The account or the key lacks a permission, or is restricted"),
    407: ("sign-in", "the proxy does not accept the sign-in", "Check the user and the password of the proxy"),
}


def _redirected(response: Response, answered: Sent, error_type: str) -> None:
    place = response.header("location") or ""
    challenge = _challenge_place(place)
    if challenge or _login_place(place):
        raise ChallengeError(
            f"the service leads to a {'checkpoint' if challenge else 'login page'} (HTTP {response.status})",
            hint=_LOOK,
            # 303 may follow an effect; 307 and 308 ask for the request once more, elsewhere.
            sent="yes" if response.status in {307, 308} else answered,
            code="challenge" if challenge else "login-page",
            status=response.status,
            type=error_type,
        )
    raise RefusedError(
        f"the service leads elsewhere, and is not followed there (HTTP {response.status})",
        hint="Check the address of the service",
        sent="yes" if response.status in {307, 308} else answered,
        code="redirected",
        status=response.status,
        type=error_type,
    )
