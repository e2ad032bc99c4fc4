"""Asking a service over HTTP: one request, repeated where that is allowed, and what its answer means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Protocol, TypeVar

import attrs

from invitekit._ops import Exchange, Hold, Now, Pause, flow
from invitekit._wire import Request, Response
from invitekit.dialects._retry_after import not_before
from invitekit.errors import BackendError, RateLimitedError, TransportError
from invitekit.model import Capability, Invitation, ListKind, Member, Outcome, Page, Result, Standing

__all__ = ["HttpDialect", "Retry", "ask", "ask_to_withdraw"]

T = TypeVar("T")


class HttpDialect(Protocol):
    """How a service spells its questions and answers for one account: requests out, responses in, and no effects.

    The methods that read an answer raise what the answer means: `RateLimitedError`, `ChallengeError`,
    `RefusedError`, `BackendError` for trouble on the service's side, `PayloadError` for what cannot be read.
    Their `at` is when the answer came; aware UTC.
    """

    name: ClassVar[str]
    """What snapshots call their source."""
    capabilities: ClassVar[frozenset[Capability]]
    """What the service can do."""
    sizes: ClassVar[Mapping[ListKind, int]]
    """The largest page of each list."""

    def page_request(self, of: ListKind, cursor: str | None, size: int | None) -> Request:
        """Ask for a page of a list."""
        ...

    def page(self, of: ListKind, response: Response, at: datetime) -> Page:
        """Read a page of a list."""
        ...

    def read_request(self, member: Member) -> Request:
        """Ask about one member."""
        ...

    def standing(self, member: Member, response: Response, at: datetime) -> Standing:
        """Read what was said about one member."""
        ...

    def withdrawal_request(self, invitation: Invitation) -> Request:
        """Ask to withdraw an invitation."""
        ...

    def withdrawal(self, invitation: Invitation, response: Response, at: datetime) -> Outcome:
        """Read what came of a withdrawal."""
        ...


class Retry(Protocol):
    """Says how long to wait before asking again; None for not at all. It is told of successes as well."""

    def __call__(self, failures: int, error: BackendError) -> timedelta | None:
        """Decide after so many failures, the last of which was `error`."""
        ...

    def succeeded(self) -> None:
        """Take note that something was answered."""
        ...


@flow
async def ask(
    request: Request, interpret: Callable[[Response, datetime], T], *, retry: Retry, patience: timedelta
) -> T:
    """Send a request and interpret its answer; ask again where nothing speaks against it.

    A request that may change something is repeated only when it is proven that nothing was sent. It never waits
    for a rate limit to end: whether what it asks for is still wanted then is not decided here.

    Args:
        request: What is asked.
        interpret: Takes the answer and the moment it came; what it raises is the answer's meaning.
        retry: Whether and when to ask again after a failure.
        patience: How long to wait for the end of a rate limit at most; a longer one ends in `RateLimitedError`.

    Raises:
        BackendError: There is no answer, or one that is no.
        PayloadError: The answer cannot be read.
    """
    failures = limits = 0
    while True:
        try:
            response = await Exchange(request)
            at = await Now()
            if (until := _told_to_wait(response, at)) is not None:
                await Hold(until)
            answer = interpret(response, at)
        except RateLimitedError as error:
            limits += 1
            await Hold(error.not_before)
            wait = error.not_before - await Now()
            if not request.reads or wait > patience or limits > _MOST_LIMITS:
                raise
        except BackendError as error:
            failures += 1
            if not request.reads and error.sent != "no":
                raise
            delay = retry(failures, error)
            if delay is None:
                raise
            wait = delay
        else:
            retry.succeeded()
            return answer
        await Pause(wait)


def _told_to_wait(response: Response, at: datetime) -> datetime | None:
    """Until when the service wants no requests, whatever else its answer says; None where it does not say."""
    values = [value for name, value in response.headers if name == "retry-after"]
    return None if response.succeeded or not values else not_before(values, at, response.header("date"))


_MOST_LIMITS = 2
"""How often one question waits for the end of a rate limit. Our choice: whoever is told "later" a third time
should come back later."""


@flow
async def ask_to_withdraw(
    dialect: HttpDialect, invitation: Invitation, *, listed: bool, retry: Retry, patience: timedelta
) -> Outcome:
    """Ask to withdraw an invitation; a lost answer is an unknown outcome.

    Args:
        dialect: How the service spells it.
        invitation: Which one.
        listed: Whether the list of this account was read before. Otherwise "there is no such invitation" proves
            nothing: the account may be another one, or the address a wrong one.
        retry: Whether to ask again where nothing was sent.
        patience: As for `ask`.

    Raises:
        BackendError: It was refused, or not sent; `BackendError.sent` says which.
    """

    def interpret(response: Response, at: datetime) -> Outcome:
        outcome = dialect.withdrawal(invitation, response, at)
        if outcome.result is Result.ALREADY_GONE and not listed:
            return attrs.evolve(outcome, result=Result.UNKNOWN)
        return outcome

    try:
        return await ask(dialect.withdrawal_request(invitation), interpret, retry=retry, patience=patience)
    except TransportError as error:
        if error.sent == "no":
            raise
        return Outcome(
            invitation_id=invitation.id,
            member=invitation.member,
            result=Result.UNKNOWN,
            why=error.code,
            at=await Now(),
        )
