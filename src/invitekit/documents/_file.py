"""Loading and saving: the header that every document begins with, and the files that hold them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, overload

from invitekit._files import write_whole
from invitekit.documents._parse import LARGEST, LARGEST_POLICY, check_texts, first_kind, parse
from invitekit.documents._policy import read_policy, write_policy
from invitekit.documents._problems import Form, Place, kind_of, nearest, quoted
from invitekit.documents._write import json_text, toml_text
from invitekit.errors import DocumentError
from invitekit.model import Snapshot
from invitekit.policy import Plan, Policy

if TYPE_CHECKING:
    from invitekit.documents._results import Result

__all__ = ["from_text", "load", "save", "to_text"]

VERSION: Final = 1
"""The version of the format that is written, and the only one there has been."""

Document: TypeAlias = "Policy | Plan | Snapshot | Result"
V = TypeVar("V", bound="Policy | Plan | Snapshot | Result")

_CLASSES: Final[Mapping[str, type[Any]]] = {"policy": Policy, "plan": Plan, "snapshot": Snapshot}

RESULT_KINDS: Final = (
    "acceptance-stats",
    "age-rule",
    "backtest",
    "chance",
    "cure-fit",
    "estimate",
    "health",
    "segments",
    "weekly-quota",
    "worth",
)
"""The kinds whose classes are loaded only when such a document is read or written."""

KINDS: Final = (*_CLASSES, *RESULT_KINDS)
_FORMS: Final[Mapping[str, Form]] = {".toml": "toml", ".json": "json"}
_BEGINS: Final = (
    'A document begins with invitekit = 1 and its kind: "policy", "plan", "snapshot" or that of a result'
)


@overload
def load(path: str | os.PathLike[str], *, kind: type[V]) -> V: ...
@overload
def load(path: str | os.PathLike[str], *, kind: None = None) -> Document: ...
def load(path: str | os.PathLike[str], *, kind: type[Any] | None = None) -> Document:
    """Read a policy, a plan, a snapshot or a result from a file; how it looks is said at the head of this module.

    Args:
        path: A ``.toml`` or ``.json`` file.
        kind: The class, for instance `Policy` or `AcceptanceStats`, where only that will do; type checkers then
            know what comes back.

    Raises:
        DocumentError: The file cannot be read, is of another kind or version, or something in it is unknown,
            missing, of another type or out of bounds; for a plan also that its content was changed, and for a
            result that its parts do not fit together.
        PolicyError: The document is well-formed, and the policy in it is refused.
    """
    target = _path_of(path)
    place = Place(str(target), _form_of(target))
    wanted = _kind_name(kind, place)
    return _read(_content(target, place, wanted), place, wanted)


@overload
def from_text(text: str, *, kind: type[V]) -> V: ...
@overload
def from_text(text: str, *, kind: None = None) -> Document: ...
def from_text(text: str, *, kind: type[Any] | None = None) -> Document:
    """Read a document from a text, as `load` does from a file; what begins with a brace is JSON, all else TOML.

    Raises:
        DocumentError: As `load`.
        PolicyError: As `load`.
    """
    if not isinstance(text, str):
        raise DocumentError(f"a document is a text, got {type(text).__name__}", hint="For a file, use load")
    place = Place("", "json" if text.lstrip("\ufeff \t\r\n").startswith("{") else "toml")
    wanted = _kind_name(kind, place)
    try:
        return _read(text.encode(), place, wanted)
    except UnicodeEncodeError:
        raise place.wrong(
            "the text holds half a character (a lone surrogate)", "Write the whole character"
        ) from None


def save(value: Document, path: str | os.PathLike[str]) -> Path:
    """Write a policy, a plan, a snapshot or a result to a file that `load` reads back equal.

    The same value gives the same bytes, on every machine. The file is replaced whole or not at all, and only its
    owner may read it: a plan and a snapshot hold names and notes, word for word, and a backtest names.

    Args:
        value: What to write.
        path: Where: ``.toml`` (policies only) or ``.json``.

    Returns:
        The path.

    Raises:
        DocumentError: The value holds code (a rule or an order of the user's own, a time zone that is no name) or
            is of another class; or the path ends in something else.
        DataError: The file cannot be written.
    """
    target = _path_of(path)
    return write_whole(target, _text_of(value, Place(str(target), _form_of(target))))


def to_text(value: Document, *, form: Form = "json") -> str:
    """Write a policy, a plan, a snapshot or a result as text, as `save` does to a file.

    Args:
        value: What to write.
        form: ``"toml"`` (policies only) or ``"json"``.

    Raises:
        DocumentError: As `save`.
    """
    if form not in _FORMS.values():
        raise DocumentError(f"there is no form {form!r:.40}", hint="Pass form='toml' or form='json'")
    return _text_of(value, Place("", form))


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _path_of(path: str | os.PathLike[str]) -> Path:
    if isinstance(path, str) and ("\n" in path or path.lstrip().startswith("{")):
        # The text itself stays out of the error: it may hold notes.
        raise DocumentError("a path is expected, and this is a text", hint="Read it with documents.from_text")
    try:
        target = Path(path)
        usable = b"\0" not in os.fsencode(target)
    except (TypeError, UnicodeEncodeError):
        usable = False
    if not usable:
        raise DocumentError(f"no path of a file: {path!r:.80}", hint="For instance 'policy.toml'")
    return Path(path)


def _form_of(path: Path) -> Form:
    try:
        return _FORMS[path.suffix.lower()]
    except KeyError:
        raise DocumentError(
            f"a document is a .toml or .json file, not {path.suffix or 'one without an ending'}",
            hint="The ending says how it is written: policies are .toml or .json, all else .json",
            file=str(path),
        ) from None


def _kind_name(kind: type[Any] | None, place: Place) -> str | None:
    if kind is None:
        return None
    name = next((name for name, known in _CLASSES.items() if kind is known), None) or _result_name(kind)
    if name is None:
        raise place.wrong(
            f"there are no documents of kind {kind!r:.80}",
            "Pass kind=Policy, Plan or Snapshot, or the class of a result such as AcceptanceStats",
        )
    return name


def _result_name(kind: type[Any]) -> str | None:
    from invitekit.documents._results import name_of

    return name_of(kind)


def _class_name(kind: str) -> str:
    if kind in _CLASSES:
        return _CLASSES[kind].__name__
    from invitekit.documents._results import RESULTS

    return RESULTS[kind].__name__


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _content(path: Path, place: Place, wanted: str | None) -> bytes:
    """Read a file, no further than a document may be long."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_POLICY + 1)
            if len(content) > LARGEST_POLICY and _large(content, place, wanted):
                _refuse_long(os.fstat(file.fileno()).st_size, LARGEST, place)
                content += file.read(LARGEST)
    except OSError as error:
        raise place.wrong(
            f"cannot be read ({error.strerror or type(error).__name__})",
            "Check the path, and that you may read it",
        ) from None
    return content


def _large(content: bytes, place: Place, wanted: str | None) -> bool:
    """Whether it says that it is no policy, and so may be large; refuses it where it is not the one wanted."""
    head = content[:1_000].decode("utf-8", "ignore").removeprefix("\ufeff")
    kind = first_kind(head) if place.form == "json" else None
    if kind == "policy" or kind not in KINDS:
        return False
    if wanted is not None:
        _refuse_kind(kind, wanted, place)
    return True


def _refuse_kind(kind: str, wanted: str, place: Place) -> None:
    if kind != wanted:
        hint = f"Load it with kind={_class_name(kind)}, or without"
        raise place.key("kind").wrong(f"it is {_a(kind)}, not {_a(wanted)}", hint)


def _refuse_long(size: int, most: int, place: Place) -> None:
    if size > most:
        raise place.wrong(
            f"it is larger than {most:,} bytes",
            "A policy is much smaller, and every other document begins with the keys invitekit and kind"
            if most == LARGEST_POLICY
            else "Plan the invitations in several parts",
        )


def _read(content: bytes, place: Place, wanted: str | None) -> Document:
    large = _large(content, place, wanted)
    _refuse_long(len(content), LARGEST if large else LARGEST_POLICY, place)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise place.wrong(
            "it is not UTF-8", "Save it as UTF-8", line=content.count(b"\n", 0, error.start) + 1
        ) from None
    data = parse(text, place, large=large)
    kind = _read_header(data, place)
    if wanted is not None:
        _refuse_kind(kind, wanted, place)
    body = {key: value for key, value in data.items() if key not in ("invitekit", "kind")}
    if kind == "policy":
        return read_policy(body, place)
    if place.form == "toml":
        raise place.key("kind").wrong(f"{_a(kind)} is a JSON document", "TOML is for policies; save it as .json")
    if kind in RESULT_KINDS:
        from invitekit.documents._results import read_result

        return read_result(kind, body, place)
    from invitekit.documents._values import read_plan, read_snapshot

    return read_plan(body, place) if kind == "plan" else read_snapshot(body, place)


def _read_header(data: dict[str, Any], place: Place) -> str:
    version, kind = data.get("invitekit"), data.get("kind")
    if "invitekit" not in data:
        raise place.key("invitekit").wrong("this is no invitekit document, or its version is missing", _BEGINS)
    if type(version) is not int or version < 1:
        raise place.key("invitekit").wrong("the version of the format is a whole number from 1 up", _BEGINS)
    if version > VERSION:
        raise place.key("invitekit").wrong(
            f"it is written in version {version} of the format, and this invitekit reads version {VERSION}",
            "Update invitekit: pip install --upgrade invitekit",
        )
    if not isinstance(kind, str):
        raise place.key("kind").wrong(
            "the kind is missing" if kind is None else f"the kind is a text, got {kind_of(kind)}", _BEGINS
        )
    if kind not in KINDS:
        raise place.key("kind").wrong(f"there is no kind {quoted(kind)}", nearest(kind, KINDS))
    return kind


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _text_of(value: Document, place: Place) -> str:
    held = next((name for name, known in _CLASSES.items() if isinstance(value, known)), None)
    name = held or _result_name(type(value))
    if name is None:
        raise place.wrong(
            f"a {type(value).__name__} cannot be saved as a document",
            "Save a Policy, a Plan or a Snapshot, or a result such as AcceptanceStats",
        )
    if place.form == "toml" and name != "policy":
        raise place.wrong(f"{_a(name)} is a JSON document", "TOML is for policies; use the ending .json")
    write = _WRITERS.get(name, _write_a_result)
    data = {"invitekit": VERSION, "kind": name, **write(value, place)}
    try:
        text = toml_text(data) if place.form == "toml" else json_text(data)
        size = len(text.encode())
    except UnicodeEncodeError:
        check_texts(data, place)
        raise
    except ValueError:
        raise place.wrong("a number in it is not finite, or has thousands of digits") from None
    _refuse_long(size, LARGEST_POLICY if name == "policy" else LARGEST, place)
    return text


def _write_a_plan(plan: Plan, place: Place) -> dict[str, Any]:
    from invitekit.documents._values import write_plan

    return write_plan(plan, place)


def _write_a_snapshot(snapshot: Snapshot, place: Place) -> dict[str, Any]:
    from invitekit.documents._values import write_snapshot

    return write_snapshot(snapshot, place)


def _write_a_result(value: Any, place: Place) -> dict[str, Any]:
    from invitekit.documents._results import write_result

    return write_result(value, place)


_WRITERS: Final[Mapping[str, Callable[[Any, Place], dict[str, Any]]]] = {
    "policy": write_policy,
    "plan": _write_a_plan,
    "snapshot": _write_a_snapshot,
}
