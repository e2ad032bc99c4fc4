"""What the answer to a withdrawal proves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from invitekit._wire import Response
from invitekit.dialects._json import decode, is_object
from invitekit.dialects._symptoms import result_of
from invitekit.errors import PayloadError
from invitekit.model import Result

__all__ = ["GONE", "UNSETTLED", "verdict"]

GONE: Final[Mapping[int, str]] = {
    404: "errors/resource_not_found",
    422: "errors/action_already_performed",
}
"""How the service may say that an invitation is not, or no longer, pending. Which it is for one that was accepted
or withdrawn is not documented, and no source confirms either; a peer takes the 404 so (seen in one code base,
2026-10). None says what became of the invitation, and none is ever taken for a withdrawal.

A request for the wrong account may be answered with the same 404. So this is what the answer says and no more:
whoever sent the request turns a 404 into `Result.UNKNOWN` unless a list of this account has been read."""

UNSETTLED: Final[Mapping[int, str]] = {400: "errors/invalid_parameters"}
"""What says nothing about the invitation: the id may be none, or that of one that has ended, or the request may be
malformed in another way. None of it is documented (2026-10), so reading back decides."""


def verdict(response: Response, error_type: str) -> tuple[Result, str]:
    """Say what came of a withdrawal, and why, by an answer that `symptoms` let pass.

    `Result.ALREADY_GONE` is what the service said, see `GONE`: the backend above takes a 404 for unknown unless it
    has read a list of this account. The reason is the type of the error where there is one, else ``http-`` and the
    status.

    Args:
        response: The answer.
        error_type: What the service calls the error.
    """
    status = response.status
    if response.succeeded:
        return _done(response.body)
    if error_type and GONE.get(status) == error_type:
        return Result.ALREADY_GONE, error_type
    if error_type and UNSETTLED.get(status) == error_type:
        return Result.UNKNOWN, error_type
    result = result_of(status)
    return result, error_type or f"http-{status}"


def _done(body: bytes) -> tuple[Result, str]:
    # The object is named by one secondary source, the status and the empty body by single, unverified ones
    # (https://api.postpress.io/docs/profiles-invitation-cancel and others, 2026-10). The vendor documents neither.
    if not body.strip():
        return Result.WITHDRAWN, ""
    try:
        said = decode(body)
    except PayloadError:
        return Result.UNKNOWN, "undecodable"
    if is_object(said):
        named = said.get("object")
        if named == "InvitationCanceled" or (named is None and said.get("status") == "ok"):
            return Result.WITHDRAWN, ""
    return Result.UNKNOWN, "unexpected-answer"
