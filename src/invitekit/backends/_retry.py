"""Whether to ask again, and when: the only module that knows tenacity.

tenacity decides here and never waits: what stops, how long to wait and what is worth it are its objects, asked by
hand. By itself it would repeat after any error, at once, and without end.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from typing import Final

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from invitekit.errors import (
    BackendError,
    CapabilityError,
    ChallengeError,
    DataError,
    RateLimitedError,
    RefusedError,
    TransportError,
)

__all__ = ["Retries", "retries"]

_ANSWERED: Final = (ChallengeError, RefusedError, RateLimitedError, CapabilityError)
"""The service said what it wants, or what we lack: asking again says nothing new, or does harm."""

_FOR_GOOD: Final = frozenset(
    {"too-large", "encoded", "redirected", "closed", "tls", "not-http", "failed", "repeated", "deadline"}
)
"""What went wrong on the way and will go wrong again, or took as long as a call may take: what is repeated are
quick failures, so that a call is over after about one deadline."""

_PASSING: Final = frozenset({408, 425})
"""Statuses below 500 that invite to ask again: Request Timeout and Too Early (RFC 9110, RFC 8470)."""

_NOT_IMPLEMENTED: Final = 501


def _passes(error: BaseException) -> bool:
    """Whether an error may be gone the next time, so that it is worth asking again.

    Whether it is allowed, for a request that may change something, is decided where it is asked.
    """
    if not isinstance(error, BackendError) or isinstance(error, _ANSWERED) or error.code in _FOR_GOOD:
        return False
    if isinstance(error, TransportError):
        return True
    status = error.status
    return status is not None and (status in _PASSING or (status >= 500 and status != _NOT_IMPLEMENTED))


class Retries:
    """Decides about repeating, for all calls of one backend; safe to use from several threads and tasks.

    It is called with the number of failures of one call so far, and the last of them, and answers how long to wait
    before the next attempt, or None for giving up. Each yes costs one of a limited number of tokens, and each
    success (see `succeeded`) brings one back: a service in trouble is not asked three times as often for long.

    Build it with `retries`, which describes the arguments.
    """

    def __init__(
        self, *, attempts: int, base: timedelta, cap: timedelta, quota: int, random: Callable[[], float]
    ) -> None:
        self._random = random
        self._most = quota
        self._tokens = quota
        self._lock = Lock()
        stop = stop_after_attempt(attempts)
        wait = wait_exponential(multiplier=base.total_seconds(), exp_base=2, max=cap.total_seconds())
        self._rule = Retrying(stop=stop, wait=wait, retry=retry_if_exception(_passes))

    @property
    def tokens(self) -> int:
        """How many repetitions are left, between none and the quota."""
        with self._lock:
            return self._tokens

    def __call__(self, failures: int, error: BackendError) -> timedelta | None:
        """Decide after so many failures of one call, the last of which was `error`.

        Args:
            failures: From 1.
            error: What went wrong the last time.
        """
        rule = self._rule
        state = RetryCallState(rule, None, (), {})
        state.attempt_number = failures
        state.set_exception((type(error), error, None))
        if not rule.retry(state) or rule.stop(state) or not self._take():
            return None
        # Full jitter: anything from nothing to the whole, so that many who failed together do not return together.
        return timedelta(seconds=float(rule.wait(state)) * self._random())

    def succeeded(self) -> None:
        """Note that a call had an answer; brings one token back."""
        with self._lock:
            self._tokens = min(self._tokens + 1, self._most)

    def _take(self) -> bool:
        with self._lock:
            if self._tokens <= 0:
                return False
            self._tokens -= 1
            return True

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, {self.tokens} of {self._most} left>"


def retries(
    *,
    attempts: int = 3,
    base: timedelta = timedelta(seconds=0.5),
    cap: timedelta = timedelta(seconds=20),
    quota: int = 40,
    random: Callable[[], float] = random.random,
) -> Retries:
    """Build what decides about repeating. The numbers are our choice, in the order of what cloud SDKs use.

    Args:
        attempts: How often one call asks at most, the first time included.
        base: The longest wait after the first failure; it doubles with each further one.
        cap: The longest wait of all.
        quota: How many repetitions there are in all, for all calls together, while nothing succeeds.
        random: Gives a number from 0 up to 1; the wait is that part of the longest one.

    Raises:
        DataError: There is not one attempt, or a length or the quota is below zero.
    """
    if attempts < 1 or quota < 0 or base < timedelta(0) or cap < timedelta(0):
        raise DataError(
            "attempts must be 1 or more, and base, cap and quota must not be below zero", key="retries"
        )
    return Retries(attempts=attempts, base=base, cap=cap, quota=quota, random=random)
