"""What was worked out, as plain data: statistics, chances, quotas, backtests.

A result is a frozen attrs value, and its document has a key for each field that takes part in equality, all of
them: these files are written by the library, so a key that is missing was lost. Null is unknown (or, where a field
says so, None), a list is a tuple, and where a field takes values of several classes, the value is a table with one
key, as a rule is: the name of the class over its fields.

Whatever is written is built again first and compared, so a file that exists is one that reads back equal.
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Final, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

import attrs
from cattrs import Converter
from cattrs.errors import AttributeValidationNote

from invitekit.documents import _scalars as scalars
from invitekit.documents._converter import is_tuple, items_reader, new_converter, structure, unstructure
from invitekit.documents._courses import read_courses, read_left_out, write_courses, write_left_out
from invitekit.documents._policy import write_policy
from invitekit.documents._problems import Place, is_list, is_table, kind_of, nearest, quoted
from invitekit.documents._values import read_inner_policy
from invitekit.errors import DocumentError, InvitekitError
from invitekit.insight._age_rule import AgeRule
from invitekit.insight._chance import Chance
from invitekit.insight._health import Health
from invitekit.insight._segments import Segments
from invitekit.insight._stats import AcceptanceStats
from invitekit.insight._worth import Worth
from invitekit.insight.estimators._cure import CureFit
from invitekit.insight.estimators._estimate import Estimate
from invitekit.insight.quota._quota import WeeklyQuota
from invitekit.model import UNKNOWN, Unknown
from invitekit.replay._result import Backtest

__all__ = ["RESULTS", "Result", "name_of", "read_result", "write_result"]

Result: TypeAlias = (
    AcceptanceStats | AgeRule | Backtest | Chance | CureFit | Estimate | Health | Segments | WeeklyQuota | Worth
)

RESULTS: Final[Mapping[str, type[Result]]] = {
    "acceptance-stats": AcceptanceStats,
    "age-rule": AgeRule,
    "backtest": Backtest,
    "chance": Chance,
    "cure-fit": CureFit,
    "estimate": Estimate,
    "health": Health,
    "segments": Segments,
    "weekly-quota": WeeklyQuota,
    "worth": Worth,
}

_MAKE_AGAIN: Final = "A result is not edited by hand: work it out again, and save it"

_INFINITY: Final = "infinity"

_LIVES_IN: Final = ("invitekit.insight.", "invitekit.replay.")


def name_of(kind: type[Any]) -> str | None:
    """The kind of the documents that hold values of a class; None where there are none."""
    return next((name for name, known in RESULTS.items() if known is kind), None)


def read_result(name: str, data: Mapping[str, Any], place: Place) -> Result:
    """Build a result from plain data.

    Args:
        name: The kind of the document.
        data: What stands in it.
        place: The document.

    Raises:
        DocumentError: Something in it is not as it should be.
        PolicyError: A policy in it is refused.
    """
    value = structure(RESULTS[name], _with_policies(data, place), place, _converter())
    _check_whole(value, place)
    return value


def write_result(value: Result, place: Place) -> dict[str, Any]:
    """Give a result as plain data.

    Raises:
        DocumentError: Something in it cannot be written down.
    """
    data = unstructure(value, place, _converter())
    if structure(type(value), data, place, _converter()) != value:
        raise place.wrong(
            f"this {type(value).__name__} would not be read back equal", "Let the library make it, and save that"
        )
    if isinstance(value, Backtest):
        replays = place.key("replays")
        for index, replay in enumerate(value.replays):
            data["replays"][index]["policy"] = write_policy(replay.policy, replays.at(index).key("policy"))
    return data


def _with_policies(data: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    """Build the policies of a backtest, which are read by hand as everywhere."""
    replays = data.get("replays")
    if not is_list(replays):
        return data
    made = list(replays)
    for index, replay in enumerate(replays):
        if is_table(replay) and "policy" in replay:
            here = place.key("replays").at(index).key("policy")
            made[index] = {**replay, "policy": read_inner_policy(replay["policy"], here, _MAKE_AGAIN)}
    return {**data, "replays": made}


def _check_whole(value: Result, place: Place) -> None:
    """Refuse a result whose parts, each right by itself, contradict each other: it could not even be shown.

    Statistics are not shown, since that works out their curves; their courses were checked one by one.
    """
    if isinstance(value, AcceptanceStats):
        return
    try:
        repr(value)
        for show in ("to_record", "to_records"):
            getattr(value, show, str)()
    except InvitekitError as error:
        raise place.wrong(f"its parts do not fit together: {error.message}", _MAKE_AGAIN) from None
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, StopIteration, TypeError, ValueError):
        raise place.wrong("its parts do not fit together", _MAKE_AGAIN) from None


# ── The converter ────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _converter() -> Converter:
    made = new_converter()
    made.register_structure_hook(int, scalars.read_short_whole)
    made.register_structure_hook(float, scalars.read_number)
    made.register_structure_hook(date, scalars.read_day)
    made.register_unstructure_hook(date, scalars.write_day)
    # A time is a date as well, so this comes after it.
    made.register_structure_hook(datetime, scalars.read_instant)
    made.register_unstructure_hook(datetime, _write_instant)
    made.register_structure_hook(timedelta, scalars.read_duration)
    made.register_unstructure_hook(timedelta, scalars.write_duration)
    made.register_unstructure_hook(tzinfo, _refuse_zone)
    made.register_structure_hook_factory(is_tuple, partial(items_reader, made))
    made.register_unstructure_hook_factory(is_tuple, partial(_items_writer, made))
    made.register_structure_hook_factory(_is_union, partial(_choice_reader, made))
    made.register_unstructure_hook_factory(_is_union, partial(_choice_writer, made))
    made.register_structure_hook_factory(_is_result, partial(_result_reader, made))
    made.register_unstructure_hook_factory(_is_result, partial(_result_writer, made))
    return made


def _write_instant(at: datetime) -> str:
    if at.utcoffset() is None:
        raise DocumentError(
            "a time in it has no zone", hint="Pass for instance datetime(2026, 11, 22, tzinfo=UTC)"
        )
    return scalars.write_instant(at)


def _refuse_zone(_: tzinfo) -> str:
    raise DocumentError(
        "a time zone in it is an object of Python's, and a document holds data only",
        hint="Give its name, for instance CalendarWeek(zone='Europe/Brussels')",
    )


def _is_result(kind: Any) -> bool:
    return attrs.has(kind) and kind.__module__.startswith(_LIVES_IN)


_Reader: TypeAlias = Callable[[Any, Any], Any]
_Writer: TypeAlias = Callable[[Any], Any]


def _result_reader(made: Converter, kind: type[Any]) -> _Reader:
    """Read a table in which every key is there, and no other."""
    forms = {
        name: (_FORMS[name][0] if name in _FORMS else made.get_structure_hook(one), one)
        for name, one in _types_of(made, kind).items()
    }

    def read_fields(value: object, _: object) -> Any:
        table = scalars.table_of(value)
        for key in table:
            if key not in forms:
                raise DocumentError(f"{quoted(key)} is not known here", hint=nearest(key, forms), key=key)
        parts: dict[str, Any] = {}
        for name, (read, field_kind) in forms.items():
            if name not in table:
                raise DocumentError("it is missing", hint=_MAKE_AGAIN, key=name)
            parts[name] = _within(name, read, table[name], field_kind)
        return kind(**parts)

    return read_fields


def _result_writer(made: Converter, kind: type[Any]) -> _Writer:
    forms = {
        name: _FORMS[name][1] if name in _FORMS else made.get_unstructure_hook(one)
        for name, one in _types_of(made, kind).items()
    }
    return lambda value: {name: write(getattr(value, name)) for name, write in forms.items()}


def _within(name: str, read: _Reader, value: object, kind: object) -> Any:
    """Read what stands at a key; the error knows at which."""
    try:
        return read(value, kind)
    except (ExceptionGroup, InvitekitError) as error:
        error.add_note(AttributeValidationNote("", name, object))
        raise ExceptionGroup("", [error]) from None


def _read_strength(value: object, _: object) -> float:
    return float("inf") if value == _INFINITY else scalars.read_number(value)


def _write_strength(value: float) -> float | str:
    return _INFINITY if value == float("inf") else value


_FORMS: Final[Mapping[str, tuple[_Reader, _Writer]]] = {
    "courses": (read_courses, write_courses),
    "left_out": (read_left_out, write_left_out),
    # Parts that do not differ at all are drawn towards their mean without end.
    "strength": (_read_strength, _write_strength),
}
"""Fields with a form of their own."""


def _types_of(made: Converter, kind: Any) -> dict[str, Any]:
    """The types of the fields that take part in equality; the enumerations among them are registered."""
    types = _resolved(kind)
    waiting = list(types.values())
    while waiting:
        one = waiting.pop()
        waiting += get_args(one)
        is_words = inspect.isclass(one) and issubclass(one, enum.Enum) and one is not Unknown
        # Each once: a registration makes the converter forget what it has prepared.
        if is_words and made.get_structure_hook(one) is not scalars.read_word:
            # One by one: those that are texts as well would otherwise be taken for plain texts.
            made.register_structure_hook(one, scalars.read_word)
            made.register_unstructure_hook(one, _write_word)
    return types


@cache
def _resolved(kind: Any) -> dict[str, Any]:
    """What the annotations of the fields mean.

    What attrs itself resolves includes cached properties, whose types are there for type checkers only.
    """
    said = {field.name: field.type for field in attrs.fields(kind) if field.eq}
    return get_type_hints(type(kind.__name__, (), {"__module__": kind.__module__, "__annotations__": said}))


def _write_word(word: enum.Enum) -> Any:
    return word.value


def _items_writer(made: Converter, kind: Any) -> Callable[[Any], list[Any]]:
    kinds = get_args(kind)
    if kinds[1:] == (...,):
        write = made.get_unstructure_hook(kinds[0])
        return lambda items: list(map(write, items))
    writers = [made.get_unstructure_hook(one) for one in kinds]
    return lambda items: [write(item) for write, item in zip(writers, items, strict=True)]


# ── One of several ───────────────────────────────────────────────────────────────────────────────────────────────


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType)


_NULLS: Final[Mapping[Any, Any]] = {Unknown: UNKNOWN, NoneType: None}
_SHAPES: Final[Mapping[type[Any], tuple[str, ...]]] = {
    bool: (kind_of(True),),
    int: (kind_of(0),),
    float: (kind_of(0), kind_of(0.0)),
    str: (kind_of(""),),
    datetime: (kind_of(""),),
    date: (kind_of(""),),
}
"""What a value of a type looks like in a document."""


def _choice_reader(made: Converter, kind: Any) -> _Reader:
    """Read one of several types, which can be told apart by how they look."""
    choices: list[Any] = [one for one in get_args(kind) if one not in _NULLS]
    nulls: list[Any] = [one for one in get_args(kind) if one in _NULLS]
    readers: dict[str, _Reader] = {}
    if nulls:
        (null,) = (_NULLS[one] for one in nulls)  # Null cannot stand for both.
        readers[kind_of(None)] = partial(_always, null)
    tables: list[Any] = [one for one in choices if attrs.has(one)]
    lists: list[Any] = [one for one in choices if is_tuple(one)]
    if tables:
        readers[kind_of({})] = _named_reader(made, tables) if len(tables) > 1 else _reader(made, tables[0])
    if lists:
        readers[kind_of([])] = _length_reader(made, lists) if len(lists) > 1 else _reader(made, lists[0])
    for one in choices:
        shapes = (kind_of(""),) if inspect.isclass(one) and issubclass(one, enum.Enum) else _SHAPES.get(one, ())
        readers |= dict.fromkeys(shapes, _reader(made, one)) if shapes else {}
    only, *others = choices

    def read_choice(value: object, _: object) -> Any:
        read = readers.get(kind_of(value))
        if read is not None:
            return read(value, kind)
        if not others:
            return _reader(made, only)(value, kind)
        raise scalars.wrong(" or ".join(readers), value)

    return read_choice


def _always(value: object, *_: object) -> object:
    return value


def _reader(made: Converter, kind: Any) -> _Reader:
    read = made.get_structure_hook(kind)
    return lambda value, _: read(value, kind)


def _length_reader(made: Converter, kinds: list[Any]) -> _Reader:
    """Read one of several tuples, which differ in length."""
    readers = {len(get_args(one)): _reader(made, one) for one in kinds}

    def read_by_length(value: list[Any], kind: object) -> Any:
        read = readers.get(len(value))
        if read is None:
            raise DocumentError(f"must be a list of {' or '.join(map(str, readers))}, got {len(value)}")
        return read(value, kind)

    return read_by_length


def _named_reader(made: Converter, kinds: list[type[Any]]) -> _Reader:
    """Read one of several classes: a table with one key, which names it."""
    readers = {_tag(one): _reader(made, one) for one in kinds}

    def read_named(value: dict[str, Any], kind: object) -> Any:
        for name in value:
            if name not in readers:
                raise DocumentError(f"{quoted(name)} is not known here", hint=nearest(name, readers), key=name)
        if len(value) != 1:
            raise DocumentError(f"must be a table with one of {', '.join(readers)}, got {len(value)} of them")
        ((name, inner),) = value.items()
        return _within(name, readers[name], inner, kind)

    return read_named


def _tag(kind: type[Any]) -> str:
    """The name of a class as documents write it: ``calendar_week``."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in kind.__name__).removeprefix("_")


def _choice_writer(made: Converter, kind: Any) -> _Writer:
    tables: list[Any] = [one for one in get_args(kind) if attrs.has(one)]
    lists: list[Any] = [one for one in get_args(kind) if is_tuple(one)]

    def write_choice(value: object) -> Any:
        found = type(value)
        if found is tuple and lists:
            as_long = [one for one in lists if len(get_args(one)) == len(cast("tuple[object, ...]", value))]
            return made.unstructure(value, unstructure_as=(as_long or lists)[0])
        written = made.unstructure(value)
        return {_tag(found): written} if len(tables) > 1 and found in tables else written

    return write_choice
