"""Policies as plain data. People write these documents by hand, so each refusal shows the form that was meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import attrs

from invitekit.documents._parse import check
from invitekit.documents._problems import Place, is_table, nearest, quoted
from invitekit.documents._rules import UNITS, read_arguments, read_rule, suggested_units, write_rule
from invitekit.documents._write import inline, shown
from invitekit.errors import PolicyError
from invitekit.policy import Limits, Policy
from invitekit.policy._policy import MOST_HELD_OUT
from invitekit.rules import Rule, never
from invitekit.rules._age import duration, units_of

__all__ = ["read_policy", "write_policy"]

_MIN_AGE_1: Final = timedelta(days=14)
"""What version 1 means where min_age is left out. A later default of the class does not change old documents."""

_RANKS_1: Final = ("oldest", "keep-value")
"""The orders that version 1 knows; the first is meant where rank is left out."""

_LIMITS: Final = tuple(field.name for field in attrs.fields(Limits))

_MEANT: Final[Mapping[str, dict[str, Any]]] = {
    "empty": {"withdraw": {"older_than": {"weeks": 4}}},
    "everything": {"withdraw": {"older_than": {"weeks": 4}}},
    "no-limit": {"limits": {"per_run": 20}},
}
"""For refusals of a whole policy: what to write instead."""


def read_policy(data: Mapping[str, Any], place: Place) -> Policy:
    """Build a policy from plain data whose size and depth have been checked.

    Raises:
        DocumentError: A key is unknown or missing, or a value is something else than its key takes.
        PolicyError: The policy itself is refused.
    """
    known: dict[str, Callable[[Any, Place], Any]] = {
        "name": _read_name,
        "min_age": _read_min_age,
        "rank": _read_rank,
        "holdout": _read_holdout,
        "withdraw": read_rule,
        "keep": read_rule,
        "limits": _read_limits,
    }
    for key in data:
        if key not in known:
            raise place.key(key).wrong(f"a policy has no {quoted(key)}", nearest(key, known))
    for key, example in (("name", {"name": "spring-clean"}), ("withdraw", _MEANT["empty"])):
        if key not in data:
            raise place.key(key).wrong(f"{key} is missing", f"For instance {_line(example, place)}")
    parts: dict[str, Any] = {"min_age": _MIN_AGE_1, "rank": _RANKS_1[0], "holdout": 0, "limits": Limits()}
    parts |= {key: known[key](value, place.key(key)) for key, value in data.items()}
    try:
        return Policy(**parts)
    except PolicyError as error:
        where = f"{place.file}: " if place.file else ""
        hint = f"For instance {_line(_MEANT[error.code], place)}" if error.code in _MEANT else error.hint
        raise PolicyError(f"{where}{error.message}", hint=hint, code=error.code) from None


def _line(data: Mapping[str, Any], place: Place) -> str:
    """A key and its value as the document would write them."""
    ((key, value),) = data.items()
    return f"{key} = {inline(value, 'toml')}" if place.form == "toml" else f'"{key}": {inline(value, "json")}'


def _read_name(value: Any, place: Place) -> str:
    if not isinstance(value, str) or not value.strip():
        raise place.wrong(
            f"must be a text that is not empty, got {shown(value, place.form)}",
            f"For instance {_line({'name': 'spring-clean'}, place)}",
        )
    return value


def _read_min_age(value: Any, place: Place) -> timedelta:
    if not is_table(value) or not value:
        units = suggested_units(value) or {"days": 14}
        got = "an empty table" if value == {} else shown(value, place.form)
        raise place.wrong(
            f"a duration is a table of whole units, got {got}", f"Write {_line({'min_age': units}, place)}"
        )
    units = read_arguments(value, UNITS, place)
    if not any(units.values()):
        return timedelta(0)
    try:
        return duration(None, "min_age", **units)
    except PolicyError as error:
        raise place.wrong(error.message, f"For instance {_line({'min_age': {'days': 14}}, place)}") from None


def _read_rank(value: Any, place: Place) -> str:
    if value not in _RANKS_1:
        hint = nearest(value, _RANKS_1) if isinstance(value, str) else f"Write {_line({'rank': 'oldest'}, place)}"
        raise place.wrong(f"must be the name of an order, got {shown(value, place.form)}", hint)
    return str(value)


def _read_holdout(value: Any, place: Place) -> float:
    if type(value) not in (int, float) or not 0 <= value <= MOST_HELD_OUT:
        raise place.wrong(
            f"must be a number from 0 to {MOST_HELD_OUT}, got {shown(value, place.form)}",
            f"For instance {_line({'holdout': 0.05}, place)}",
        )
    return value  # type: ignore[no-any-return]


def _read_limits(value: Any, place: Place) -> Limits:
    if not is_table(value):
        raise place.wrong(
            f"must be a table, got {shown(value, place.form)}",
            f"For instance {_line({'limits': {'per_run': 20}}, place)}",
        )
    for key, limit in value.items():
        here = place.key(key)
        if key not in _LIMITS:
            raise here.wrong(f"there is no limit {quoted(key)}", nearest(key, _LIMITS))
        try:
            Limits(**{key: limit})
        except PolicyError as error:
            raise here.wrong(error.message, error.hint) from None
    return Limits(**value)


def write_policy(policy: Policy, place: Place) -> dict[str, Any]:
    """Give a policy as plain data.

    Raises:
        DocumentError: It holds code (a rule or an order of the user's own), or more than a document may.
    """
    if not isinstance(policy.rank, str):
        name = getattr(policy.rank, "__qualname__", type(policy.rank).__name__)
        raise place.key("rank").wrong(
            f"the rank {name} is a function of your own, and a document holds data only",
            "Keep this policy in Python, or use rank='oldest'",
        )
    keep: dict[str, Rule] = {} if policy.keep == never() else {"keep": policy.keep}
    rules = {"withdraw": policy.withdraw, **keep}
    data: dict[str, Any] = {
        "name": policy.name,
        "min_age": units_of(policy.min_age) or {"days": 0},
        "rank": policy.rank,
        **({"holdout": policy.holdout} if policy.holdout else {}),
        **{key: write_rule(rule, place.key(key)) for key, rule in rules.items()},
        "limits": policy.limits.values,
    }
    # As it will be measured when it is read: with its header.
    check({"invitekit": 1, "kind": "policy", **data}, place)
    return data
