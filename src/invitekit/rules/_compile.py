"""Row tests as Python: one loop for a whole policy, as fast as if it had been written by hand.

The loop is generated source, since calling an object per row and rule costs six to thirteen times as much. The
source is put together from fixed pieces and made-up names only; every value a user gave (a date, a pattern, a
company) reaches it through the namespace, never as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import reduce
from typing import Any, Final, assert_never

from invitekit.model import UNKNOWN, Invitation
from invitekit.rules._rowtest import (
    ALWAYS_SAID,
    Ask,
    Compare,
    Constant,
    Contains,
    Every,
    Field,
    Known,
    No,
    OneOf,
    Relation,
    Same,
    Search,
    Some,
    Test,
    no,
)

__all__ = ["Cases", "compile_rows"]

_FEW: Final = 3
_OPPOSITE: Final[dict[Relation, Relation]] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}

Cases = tuple[Sequence[tuple[Test, int]], int]
"""Tests in order, each with the number of a row where it is the first to hold; and the number where none holds."""


def compile_rows(columns: Sequence[Cases]) -> Callable[[Iterable[Invitation]], list[int]]:
    """Make a function that gives one number per invitation: the numbers of all columns, joined by bitwise or."""
    values: list[Any] = []
    parts = [_choice(tests, otherwise, values) for tests, otherwise in columns]
    # What is the same of every row is worked out here, once.
    fixed = reduce(
        lambda one, other: one | other, (int(part[1:-1]) for part in parts if part[1:-1].isdecimal()), 0
    )
    asked = [part for part in parts if not part[1:-1].isdecimal()]
    source = f"lambda rows: [{' | '.join([*asked, *([str(fixed)] if fixed or not asked else [])])} for i in rows]"
    names = {"UNKNOWN": UNKNOWN, **{f"v{index}": value for index, value in enumerate(values)}}
    function: Callable[[Iterable[Invitation]], list[int]] = eval(source, names)  # noqa: S307
    return function


def _choice(tests: Sequence[tuple[Test, int]], otherwise: int, values: list[Any]) -> str:
    left: list[tuple[Test, int]] = []
    for given, number in tests:
        test = _after([before for before, _ in left], given)
        if test == Constant(True):
            otherwise = number
            break
        if test != Constant(False):
            left.append((test, number))
    match left:
        case [
            (Compare(field) | OneOf(field) | Same(field) | Contains(field) | Search(field) as test, first),
            (Known(same), second),
        ] if field == same:
            # What is unknown fails both: ask that once, first.
            asked = _source(test, values, known=field)
            return f"({otherwise} if i.{field} is UNKNOWN else {first} if {asked} else {second})"
        case _:
            chain = "".join(f"{number} if {_source(test, values)} else " for test, number in left)
            return f"({chain}{otherwise})"


def _after(failed: Sequence[Test], test: Test) -> Test:
    """What is left to ask where other tests have failed: a rule that is never unknown costs one."""
    if no(test) in failed:
        return Constant(True)
    match test:
        case Every(several):
            return Every.of(_after(failed, one) for one in several)
        case Compare(field, relation, value) if Compare(field, _OPPOSITE[relation], value) in failed:
            return Constant(True) if field in ALWAYS_SAID else Known(field)
        case _:
            return test


def _source(test: Test, values: list[Any], *, known: Field | None = None) -> str:
    def name(value: Any) -> str:
        values.append(value)
        return f"v{len(values) - 1}"

    def guard(field: Field) -> str:
        return "" if field in ALWAYS_SAID or field == known else f"i.{field} is not UNKNOWN and "

    match test:
        case Constant(value):
            return str(value)
        case Known(field):
            return f"i.{field} is not UNKNOWN"
        case Compare(field, relation, value):
            return f"({guard(field)}i.{field} {relation} {name(value)})"
        case OneOf(field, among):
            if len(among) <= _FEW and all(isinstance(value, Enum) for value in among):
                # There is one object of each member of an enumeration, so identity will do, at half the price.
                members = sorted(among, key=str)
                return f"({' or '.join(f'i.{field} is {name(member)}' for member in members) or 'False'})"
            return f"i.{field} in {name(among)}"
        case Same(field, folded):
            return f"({guard(field)}i.{field}.casefold() == {name(folded)})"
        case Contains(field, folded):
            return f"({guard(field)}{name(folded)} in i.{field}.casefold())"
        case Search(field, pattern):
            return f"({guard(field)}{name(pattern.search)}(i.{field}) is not None)"
        case Ask(function, answer):
            return f"{name(function)}(i) is {name(answer)}"
        case No(inner):
            return f"not ({_source(inner, values)})"
        case Every(several) | Some(several):
            word = " and " if isinstance(test, Every) else " or "
            ordered = sorted(several, key=_cost)
            return f"({word.join(_source(one, values) for one in ordered)})"
        case _:
            assert_never(test)


def _cost(test: Test) -> int:
    """What asking costs, roughly: the cheap tests go first, since the first that decides ends the asking."""
    match test:
        case Constant():
            return 0
        case Known() | Compare():
            return 1
        case OneOf() | Same() | Contains():
            return 2
        case Search():
            return 20
        case Ask():
            return 100
        case No(inner):
            return _cost(inner)
        case Every(several) | Some(several):
            return sum(map(_cost, several))
        case _:
            assert_never(test)
