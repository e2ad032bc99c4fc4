"""A secret, for instance an API key: kept where nothing prints, logs, pickles or serialises it by chance."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final, NoReturn, final

from invitekit.errors import DataError, MissingExtraError

__all__ = ["Secret"]

_SHOWN: Final = "Secret(…)"
_NAME_LIMIT: Final = 64

# Whatever raises here first lets go of the text, and raises outside of any `except`: a report of an error may
# print the variables of every frame that it went through, and those of the errors behind it.


def _problem(text: object) -> str:
    """Say what is wrong with a text that is to be a secret, without a word of it; empty for nothing."""
    if not isinstance(text, str):
        return f"a secret is a text, got {type(text).__name__}"
    if not text:
        return "the secret is empty"
    if text != text.strip():
        return "the secret begins or ends with white space"
    if not text.isascii() or not text.isprintable():
        return "the secret has a character that no key or token has, for instance a line end or a curly quote"
    return ""


def _may_be_named(name: object) -> bool:
    return isinstance(name, str) and name.isidentifier() and name.isascii() and len(name) <= _NAME_LIMIT


class _NoFields:
    """Stands for the fields of `Secret` before whoever would turn objects into dicts, field by field."""

    def __iter__(self) -> NoReturn:
        raise TypeError("a Secret cannot be turned into plain data; pass .reveal() where its text is needed")


_NO_FIELDS: Final = _NoFields()


class _Kept(type):
    """What `attrs.asdict` and cattrs ask of a class, for `Secret` alone.

    A class that has no fields they would pass on as it is, and leave to chance what becomes of it.
    """

    @property
    def __attrs_attrs__(cls) -> _NoFields:
        return _NO_FIELDS


class _Dots:
    def __repr__(self) -> str:
        return "…"


@final
class Secret(metaclass=_Kept):
    """A text that shows only where somebody asks for it, by `reveal`.

    Every way to print it gives the same few characters. It cannot be pickled, nor turned into JSON, a dict or
    anything else; copying gives itself. It equals another `Secret` of the same text, found out in a time that
    tells nothing about the text, and nothing else. All have the same hash.

        Secret.from_env("UNIPILE_API_KEY")

    Args:
        text: The secret: printable ASCII, as keys and tokens are, without white space at its ends. A `Secret`
            passes as it is.

    Raises:
        DataError: It is none. The error never shows it.
    """

    __slots__ = ("__text",)
    __text: str

    def __new__(cls, text: str | Secret) -> Secret:  # noqa: D102  described by its class
        if isinstance(text, Secret):
            return text
        if problem := _problem(text):
            del text
            raise DataError(problem, hint=_HINT, key="secret")
        self = super().__new__(cls)
        object.__setattr__(self, "_Secret__text", text)
        return self

    @classmethod
    def from_env(cls, name: str) -> Secret:
        """Take it from a variable of the environment.

        Args:
            name: The name of the variable.

        Raises:
            DataError: There is no such variable, or what it holds is no secret.
        """
        if not _may_be_named(name):
            # Perhaps somebody passed the secret itself.
            del name
            raise DataError(
                "that is no name of an environment variable",
                hint='Give the name and not what it holds, for instance Secret.from_env("UNIPILE_API_KEY")',
                key="secret",
            )
        if problem := _problem(os.environ[name]) if name in os.environ else "there is no such variable":
            raise DataError(
                f"environment variable {name}: {problem}",
                hint=f"Set {name} to the secret before Python starts, without quotes or line ends around it",
                key="secret",
            )
        return cls(os.environ[name])

    @classmethod
    def from_keyring(cls, service: str, username: str) -> Secret:
        """Take it from the keyring of the system; needs the extra ``keyring``.

        Args:
            service: Under which service it was stored.
            username: For which user of the service.

        Raises:
            DataError: The keyring does not have it, or cannot be opened.
            MissingExtraError: The package is not installed.
        """
        from importlib import import_module

        keyring: Any = ""
        failed = ""
        try:
            keyring = import_module("keyring")
        except ImportError:
            pass
        except Exception as error:  # noqa: BLE001  whatever a broken configuration raises
            failed = type(error).__name__
        if not (keyring or failed):
            raise MissingExtraError("the keyring of the system cannot be read", extra="keyring")
        found: Any = None
        if not failed:
            try:
                found = keyring.get_password(service, username)
            except Exception as error:  # noqa: BLE001  there are many backends, each with errors of its own
                failed = type(error).__name__
        if failed:
            raise DataError(
                f"the keyring of the system cannot be read ({failed})",
                hint="Unlock it, or use Secret.from_env; `python -m keyring diagnose` says which keyring is used",
                key="secret",
            )
        if found is None:
            raise DataError(
                f"the keyring of the system has no secret for this user of {service!r:.80}",
                hint="Store it with: python -m keyring set SERVICE USERNAME",
                key="secret",
            )
        if problem := _problem(found):
            del found
            raise DataError(f"keyring, service {service!r:.80}: {problem}", hint=_HINT, key="secret")
        return cls(found)

    def reveal(self) -> str:
        """Give the text itself. Whoever asks takes care of it from there on."""
        return self.__text

    def __repr__(self) -> str:
        return _SHOWN

    def __str__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str) -> str:
        return _SHOWN

    def __rich_repr__(self) -> Iterator[_Dots]:
        yield _Dots()

    def _repr_html_(self) -> str:
        return f"<code>{_SHOWN}</code>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(_SHOWN)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        from hmac import compare_digest

        return compare_digest(self.__text.encode(), other.__text.encode())

    def __hash__(self) -> int:
        # The hash of the text would let anybody try guesses. Nobody has so many secrets that one bucket is few.
        return hash(_SHOWN)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a Secret cannot be pickled; have the other process read it where you did")

    def __reduce__(self) -> NoReturn:
        self.__reduce_ex__(0)

    def __getstate__(self) -> NoReturn:
        self.__reduce_ex__(0)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Secret cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a Secret cannot be changed")


_HINT: Final = "Copy it once more, without quotes, spaces or line ends around it"
