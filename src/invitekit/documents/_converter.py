"""Between attrs values and plain data: how cattrs is used here, and how strict it has to be.

A key that nobody knows is refused, a value is taken for what it is (see `_scalars`), what is unknown is left out
or null, and an empty text stays an empty text. What cattrs finds wrong becomes one `DocumentError` with the path.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache, partial
from itertools import repeat
from types import UnionType
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import (
    AttributeValidationNote,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from invitekit.documents import _scalars as scalars
from invitekit.documents._problems import Place, is_list, nearest, quoted
from invitekit.errors import DocumentError, InvitekitError
from invitekit.model import (
    UNKNOWN,
    Cause,
    Completeness,
    Connection,
    Connections,
    Direction,
    Evidence,
    FileAccount,
    Finding,
    Findings,
    Interval,
    Invitation,
    Invitations,
    Member,
    SentAt,
    Status,
    Truth,
    Unknown,
)
from invitekit.policy import Blocker, Decision, Decisions, Policy, Verdict
from invitekit.rules import Reason

__all__ = ["is_tuple", "items_reader", "new_converter", "structure", "unstructure"]

V = TypeVar("V")

_SPARSE: Final = frozenset({Member, Invitation, Connection, Finding, FileAccount})
"""Values of which there are many, with much left unsaid: what equals its default is left out."""

_WORDS: Final[tuple[type[enum.Enum], ...]] = (
    Cause,
    Completeness,
    Direction,
    Evidence,
    Status,
    Truth,
    Verdict,
)

_COLLECTIONS: Final[tuple[tuple[type[Any], Any, Callable[[Iterable[Any]], Any]], ...]] = (
    (Invitations, tuple[Invitation, ...], Invitations),
    (Connections, tuple[Connection, ...], Connections),
    (Findings, tuple[Finding, ...], Findings),
    (Decisions, tuple[Decision, ...], Decisions.of),
)


def structure(kind: type[V], data: Mapping[str, Any], place: Place, converter: Converter | None = None) -> V:
    """Build a value from plain data.

    A `Policy` in it must have been built already.

    Args:
        kind: What to build.
        data: From what.
        place: Where that stands.
        converter: By which rules; those of snapshots and plans when not given.

    Raises:
        DocumentError: Something in it is not as it should be.
    """
    try:
        return (converter or _converter()).structure(data, kind)
    except (ExceptionGroup, InvitekitError) as error:
        raise _explained(error, place) from None


def unstructure(value: object, place: Place, converter: Converter | None = None) -> dict[str, Any]:
    """Give a value as plain data; a `Policy` in it stays as it is.

    Args:
        value: The value.
        place: Where it goes.
        converter: By which rules; those of snapshots and plans when not given.

    Raises:
        DocumentError: Something in it cannot be written down.
    """
    try:
        data: dict[str, Any] = (converter or _converter()).unstructure(value)
    except DocumentError as error:
        raise place.wrong(error.message, error.hint) from None
    return data


@cache
def _converter() -> Converter:
    """The converter of snapshots and plans, made once; it is not handed out, so nobody can teach it leniency."""
    return new_converter()


def new_converter() -> Converter:
    """Make a converter that knows the values of snapshots and plans."""
    made = Converter(detailed_validation=True, forbid_extra_keys=True)
    made.register_structure_hook(str, scalars.read_text)
    made.register_structure_hook(int, scalars.read_whole)
    made.register_structure_hook(bool, scalars.read_bool)
    made.register_structure_hook(datetime, scalars.read_instant)
    made.register_unstructure_hook(datetime, scalars.write_instant)
    made.register_unstructure_hook(Unknown, _write_unknown)
    for words in _WORDS:
        # One by one: those that are texts as well would otherwise be taken for plain texts.
        made.register_structure_hook(words, scalars.read_word)
        made.register_unstructure_hook(words, _write_word)
    made.register_structure_hook_factory(_may_be_unknown, partial(_said_reader, made))
    made.register_structure_hook_factory(is_tuple, partial(items_reader, made))
    made.register_structure_hook_func(_is_mapping, scalars.read_counts)
    _register_objects(made)
    for interval in (Interval, SentAt):
        made.register_structure_hook(interval, scalars.read_interval)
        made.register_unstructure_hook(interval, scalars.write_interval)
    for collection, items, make in _COLLECTIONS:
        made.register_structure_hook(collection, items_reader(made, items, make))
        made.register_unstructure_hook(collection, lambda items: [made.unstructure(one) for one in items])
    # A policy is read and written by hand (`_policy`): people write those, and deserve better than a type error.
    made.register_structure_hook(Policy, _as_it_is)
    made.register_unstructure_hook(Policy, _as_it_is)
    return made


def _register_objects(made: Converter) -> None:
    facts = override(struct_hook=scalars.read_facts, unstruct_hook=scalars.write_facts)
    overrides: dict[type[Any], dict[str, Any]] = {Reason: {"facts": facts}, Blocker: {"facts": facts}}

    def reader(kind: type[Any]) -> Callable[[Any, Any], Any]:
        read = make_dict_structure_fn(kind, made, **overrides.get(kind, {}))
        return lambda value, kind: read(scalars.table_of(value), kind)

    def writer(kind: type[Any]) -> Callable[[Any], dict[str, Any]]:
        sparse = kind in _SPARSE
        return make_dict_unstructure_fn(kind, made, _cattrs_omit_if_default=sparse, **overrides.get(kind, {}))

    made.register_structure_hook_factory(attrs.has, reader)
    made.register_unstructure_hook_factory(attrs.has, writer)


def _may_be_unknown(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType) and Unknown in get_args(kind)


def is_tuple(kind: Any) -> bool:
    """Whether a type is that of a tuple, with what is in it."""
    return get_origin(kind) is tuple


def _is_mapping(kind: Any) -> bool:
    return get_origin(kind) is Mapping


def _said_reader(converter: Converter, kind: Any) -> Callable[[Any, Any], Any]:
    """Read what a source may leave unsaid."""
    (said,) = (one for one in get_args(kind) if one is not Unknown)
    read = converter.get_structure_hook(said)
    return lambda value, _: UNKNOWN if value is None else read(value, said)


def items_reader(
    converter: Converter, kind: Any, make: Callable[[Iterable[Any]], Any] = tuple
) -> Callable[[Any, Any], Any]:
    """Read a list, up to the first item that is wrong: a document of a million may be wrong a million times.

    Args:
        converter: Reads the items.
        kind: The type of the tuple that is as the list is to be: of one kind of item, or of so many.
        make: Makes of the items what is to come out.
    """
    kinds = get_args(kind)
    endless = kinds[1:] == (...,)
    count = None if endless else len(kinds)
    readers = [(converter.get_structure_hook(one), one) for one in (kinds[:1] if endless else kinds)]

    def read_items(value: object, _: object) -> Any:
        if not is_list(value):
            raise scalars.wrong("a list", value)
        if count is not None and len(value) != count:
            raise DocumentError(f"must be a list of {count}, got {len(value)}")
        items: list[Any] = []
        try:
            for item, (read, item_kind) in zip(value, repeat(readers[0]) if endless else readers, strict=False):
                # One by one: their number tells which one was wrong.
                items.append(read(item, item_kind))
        except (ExceptionGroup, InvitekitError) as error:
            error.add_note(IterableValidationNote("", len(items), object))
            raise ExceptionGroup("", [error]) from None
        return make(items)

    return read_items


def _as_it_is(value: Any, _: object = None) -> Any:
    return value


def _write_unknown(_: Unknown) -> None:
    return None


def _write_word(word: enum.Enum) -> Any:
    return word.value


def _explained(error: Exception, place: Place) -> DocumentError:
    """Turn the first thing that was found wrong into an error with its place."""
    while isinstance(error, ExceptionGroup):
        inner = cast("tuple[Exception, ...]", error.exceptions)
        # A key that nobody knows comes before one that is missing: it is often the same, misspelled.
        error = min(inner, key=lambda one: not isinstance(one, ForbiddenExtraKeysError))
        for note in getattr(error, "__notes__", ()):
            if isinstance(note, AttributeValidationNote):
                place = place.key(note.name)
            elif isinstance(note, IterableValidationNote):
                place = place.at(int(note.index))
    match error:
        case ForbiddenExtraKeysError():
            key = min(error.extra_fields)
            known = [field.name for field in attrs.fields(error.cl) if field.eq]
            return place.key(key).wrong(f"{quoted(key)} is not known here", nearest(key, known))
        case InvitekitError():
            key = str(getattr(error, "key", "")).rpartition(".")[2]
            return (place.key(key) if key else place).wrong(error.message, error.hint)
        case KeyError():
            return place.wrong("it is missing", "Save the document again, or write what belongs there")
        case _:
            return place.wrong(f"it cannot be read ({type(error).__name__})")
