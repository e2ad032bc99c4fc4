"""Row tests as Python: one loop for a whole policy, as fast as if it had been written by hand.

The loop is generated source, since calling an object per row and rule costs six to thirteen times as much. The
source is put together from fixed pieces and made-up names only; every value a user gave (a date, a pattern, a
company) reaches it through the namespace, never as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, assert_never

from invitekit.model import UNKNOWN, Invitation
from invitekit.rules._test import (
    ALWAYS_SAID,
    Ask,
    Compare,
    Constant,
    Every,
    Known,
    No,
    OneOf,
    Search,
    Some,
    Test,
    no,
)

__all__ = ["Cases", "compile_rows"]

Cases = tuple[Sequence[tuple[Test, int]], int]
"""Tests in order, each with the number of a row where it is the first to hold; and the number where none holds."""


def compile_rows(columns: Sequence[Cases]) -> Callable[[Iterable[Invitation]], list[int]]:
    """Make a function that gives one number per invitation: the numbers of all columns, joined by bitwise or."""
    values: list[Any] = []
    parts = [_choice(tests, otherwise, values) for tests, otherwise in columns]
    source = f"lambda rows: [{' | '.join(parts) or '0'} for i in rows]"
    names = {"UNKNOWN": UNKNOWN, **{f"v{index}": value for index, value in enumerate(values)}}
    function: Callable[[Iterable[Invitation]], list[int]] = eval(source, names)  # noqa: S307
    return function


def _choice(tests: Sequence[tuple[Test, int]], otherwise: int, values: list[Any]) -> str:
    source = ""
    failed: set[Test] = set()
    for test, number in tests:
        # After a test and its opposite nothing is left: a rule that is never unknown costs one test, not two.
        if no(test) in failed or test == Constant(True):
            return f"({source}{number})"
        if test == Constant(False):
            continue
        failed.add(test)
        source += f"{number} if {_source(test, values)} else "
    return f"({source}{otherwise})"


def _source(test: Test, values: list[Any]) -> str:
    def name(value: Any) -> str:
        values.append(value)
        return f"v{len(values) - 1}"

    match test:
        case Constant(value):
            return str(value)
        case Known(field):
            return f"i.{field} is not UNKNOWN"
        case Compare(field, relation, value):
            guard = "" if field in ALWAYS_SAID else f"i.{field} is not UNKNOWN and "
            return f"({guard}i.{field} {relation} {name(value)})"
        case OneOf(field, among):
            return f"i.{field} in {name(among)}"
        case Search(field, pattern):
            return f"(i.{field} is not UNKNOWN and {name(pattern.search)}(i.{field}) is not None)"
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
        case OneOf():
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
