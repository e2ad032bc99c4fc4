"""Every error invitekit raises, in one tree.

    InvitekitError
    ├─ DataError (also ValueError)
    │  ├─ ArchiveError
    │  └─ DocumentError
    ├─ PolicyError (also ValueError)
    ├─ LedgerError
    └─ MissingExtraError (also ImportError)

An error says what is wrong, where, and what to do about it. It carries those facts as attributes, survives
pickling, and never holds a message text or a secret. This module sits at the very bottom so that nothing has
to import around it.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "ArchiveError",
    "DataError",
    "DocumentError",
    "InvitekitError",
    "LedgerError",
    "MissingExtraError",
    "PolicyError",
]


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
