"""Every error invitekit raises, in one tree.

    InvitekitError
    ├─ DataError (also ValueError)
    │  ├─ ArchiveError
    │  ├─ PayloadError
    │  └─ DocumentError
    ├─ PolicyError (also ValueError)
    ├─ BackendError
    │  ├─ TransportError
    │  ├─ RateLimitedError
    │  ├─ ChallengeError
    │  ├─ RefusedError
    │  └─ CapabilityError
    ├─ LedgerError
    └─ MissingExtraError (also ImportError)

An error says what is wrong, where, and what to do about it. It carries those facts as attributes, survives
pickling, and never holds a message text or a secret. This module sits at the very bottom so that nothing has
to import around it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

__all__ = [
    "ArchiveError",
    "BackendError",
    "CapabilityError",
    "ChallengeError",
    "DataError",
    "DocumentError",
    "InvitekitError",
    "LedgerError",
    "MissingExtraError",
    "PayloadError",
    "PolicyError",
    "RateLimitedError",
    "RefusedError",
    "TransportError",
]

Sent: TypeAlias = Literal["no", "maybe", "yes"]
"""Whether what was asked for may have been done: ``no``, since it is proven that nothing left; ``maybe``, since
something did, and nobody knows what came of it; for ``yes``, the other side answered, and the answer is no."""


class InvitekitError(Exception):
    """The base of every error raised by invitekit.

    Args:
        message: What is wrong, in one sentence without a full stop.
        hint: What to do about it; empty when there is nothing to add.

    Attributes:
        message: As given.
        hint: As given.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception comes out of a pickle by calling its class with its arguments; ours need keywords besides.
        return _revived, (type(self), self.args, self.__dict__.copy())

    def _where(self) -> str:
        """The place, for the front of the text; the base class has none."""
        return ""

    def __str__(self) -> str:
        where = self._where()
        text = f"{where}: {self.message}" if where else self.message
        return f"{text}. {self.hint}" if self.hint else text

    def __repr__(self) -> str:
        facts = {"hint": self.hint, **self._facts()}
        shown = "".join(f", {name}={value!r}" for name, value in facts.items() if value not in ("", None))
        return f"{type(self).__name__}({self.message!r}{shown})"

    def _facts(self) -> dict[str, Any]:
        return {}


def _revived(kind: type[InvitekitError], args: tuple[Any, ...], facts: dict[str, Any]) -> InvitekitError:
    """Build an error that was pickled, or copied, as it was."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(facts)
    return error


class DataError(InvitekitError, ValueError):
    """What came in cannot be read as the domain.

    Args:
        message: What is wrong.
        hint: What to do about it.
        file: The file or archive member it was read from, as the user knows it.
        line: The line in that file, counted from 1.
        key: The field or the path of keys it is about.

    Attributes:
        file: As given, empty when unknown.
        line: As given, None when unknown.
        key: As given, empty when unknown.
    """

    def __init__(
        self, message: str, *, hint: str = "", file: str = "", line: int | None = None, key: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.file = file
        self.line = line
        self.key = key

    def _where(self) -> str:
        line = "" if self.line is None else f"line {self.line}"
        return ", ".join(part for part in (self.file, line, self.key) if part)

    def _facts(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, "key": self.key}


class ArchiveError(DataError):
    """An export (zip, folder or CSV) cannot be read as one: damaged, hostile, or something else altogether."""


class PayloadError(DataError):
    """What a service answered cannot be read: not what its documentation, or anybody's experience, says.

    The answer itself stays out of the error, since it is full of people; `key` says where in it.
    """


class DocumentError(DataError):
    """A document of ours (policy, plan, snapshot) has an unknown key or rule, a wrong type or another version."""


class PolicyError(InvitekitError, ValueError):
    """The policy is wrong; raised when it is built, or when one of its own functions fails.

    Args:
        message: What is wrong.
        hint: What to do about it.
        code: The name of the refusal: ``empty``, ``everything``, ``keeps-everything``, ``contradiction``,
            ``no-limit``, ``bad-argument`` or ``rule-failed``.

    Attributes:
        code: As given.
    """

    def __init__(self, message: str, *, hint: str = "", code: str = "bad-argument") -> None:
        super().__init__(message, hint=hint)
        self.code = code

    def _facts(self) -> dict[str, Any]:
        return {"code": self.code}


class BackendError(InvitekitError):
    """The other side: a service did not do, or did not answer, what it was asked.

    Raised as it is for trouble on the service's own side (HTTP 5xx); the kinds below for everything else.

    Args:
        message: What is wrong.
        hint: What to do about it.
        sent: ``no`` if it is proven that nothing left, ``maybe`` if it may have been carried out all the same,
            ``yes`` if the service answered, and did not carry it out.
        code: A short name, for instance ``http-503``, ``deadline`` or ``sign-in``.
        status: The HTTP status, where there was one.
        type: What the service calls the error, for instance ``errors/too_many_requests``.

    Attributes:
        sent: As given.
        code: As given.
        status: As given.
        type: As given.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        sent: Sent = "yes",
        code: str = "failed",
        status: int | None = None,
        type: str = "",  # noqa: A002  the word of the services
    ) -> None:
        super().__init__(message, hint=hint)
        self.sent = sent
        self.code = code
        self.status = status
        self.type = type

    def _facts(self) -> dict[str, Any]:
        return {"sent": self.sent, "code": self.code, "status": self.status, "type": self.type}


class TransportError(BackendError):
    """No answer, or none that could be taken in: not connected, cut off, too slow, too large, not HTTP."""


class RateLimitedError(BackendError):
    """The service wants fewer requests.

    Args:
        not_before: When the next request may be made at the earliest; aware UTC.

    Attributes:
        not_before: As given.
    """

    def __init__(
        self,
        message: str,
        *,
        not_before: datetime,
        hint: str = "",
        sent: Sent = "maybe",
        code: str = "rate-limited",
        status: int | None = None,
        type: str = "",  # noqa: A002  as above
    ) -> None:
        super().__init__(message, hint=hint, sent=sent, code=code, status=status, type=type)
        self.not_before = not_before

    def __str__(self) -> str:
        moment = f"Not before {self.not_before:%Y-%m-%d %H:%M:%S}Z"
        return f"{self.message}. {moment}. {self.hint}" if self.hint else f"{self.message}. {moment}"

    def _facts(self) -> dict[str, Any]:
        return {"not_before": self.not_before, **super()._facts()}


class ChallengeError(BackendError):
    """The service wants a person: HTTP 999, a checkpoint, a login page. Go no further before somebody looked."""


class RefusedError(BackendError):
    """The service understood and said no: sign-in trouble, a missing permission, an invalid or unknown request."""


class CapabilityError(BackendError):
    """The backend cannot do what it was asked; raised before any request.

    Args:
        capability: What it lacks, a value of `invitekit.Capability`.

    Attributes:
        capability: As given.
    """

    def __init__(
        self, message: str, *, hint: str = "", sent: Sent = "no", code: str = "capability", capability: str = ""
    ) -> None:
        super().__init__(message, hint=hint, sent=sent, code=code)
        self.capability = capability

    def _facts(self) -> dict[str, Any]:
        return {"capability": self.capability, "sent": self.sent, "code": self.code}


class LedgerError(InvitekitError):
    """The ledger cannot be opened, read or written; what it holds is as it was before.

    Args:
        message: What is wrong.
        hint: What to do about it.
        file: The file of the ledger, as the user knows it.
        code: The name of the refusal: ``busy``, ``full``, ``corrupt``, ``newer``, ``not-ours``, ``empty``,
            ``missing``, ``read-only``, ``conflict``, ``closed``, ``forked``, ``exists`` or ``failed``.
        holder: Who holds what is needed, for ``busy``; empty where nobody can say.

    Attributes:
        file: As given.
        code: As given.
        holder: As given.
    """

    def __init__(
        self, message: str, *, hint: str = "", file: str = "", code: str = "failed", holder: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.file = file
        self.code = code
        self.holder = holder

    def _where(self) -> str:
        return self.file

    def _facts(self) -> dict[str, Any]:
        return {"file": self.file, "code": self.code, "holder": self.holder}


class MissingExtraError(InvitekitError, ImportError):
    """A feature needs a package that is not installed.

    Args:
        message: What could not be done.
        hint: What to do about it.
        extra: The extra of invitekit that brings the package: ``pip install invitekit[extra]``.

    Attributes:
        extra: As given.
    """

    def __init__(self, message: str, *, hint: str = "", extra: str = "") -> None:
        super().__init__(message, hint=hint or f"Install it with: pip install 'invitekit[{extra}]'")
        self.extra = extra

    def _facts(self) -> dict[str, Any]:
        return {"extra": self.extra}
