"""Rules in documents: a table with one key, which names the rule or says how several are joined.

    {older_than = {weeks = 4}}           a built-in rule and its arguments; {} where it has none
    {all = [...]}   {any = [...]}        and, or
    {not = {...}}                        not
    {has_note = {}, if_unknown = false}  beside any of them: what it counts as where it is unknown

The built-in rules come from the registry in which their functions enter themselves; the words for arguments, and
what each takes, are fixed here. A document holds data only: there is no form for a function, and none that names
something to import.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any, Final

import attrs

from invitekit.documents._parse import DEEPEST
from invitekit.documents._problems import Place, is_list, is_table, nearest, quoted
from invitekit.documents._write import inline, shown
from invitekit.errors import DocumentError, InvitekitError
from invitekit.rules import Rule
from invitekit.rules._own import Own
from invitekit.rules._rule import LEAVES, All, AnyOf, IfUnknown, Leaf, Not

__all__ = ["ARGUMENTS", "UNITS", "parameters_of", "read_arguments", "read_rule", "suggested_units", "write_rule"]

UNITS: Final = ("weeks", "days", "hours", "minutes")
_JOINERS: Final = ("all", "any", "not")


@attrs.frozen
class _Argument:
    """What an argument takes: in words, as a test, and by example."""

    what: str
    fits: Callable[[object], bool]
    example: Any


def _whole(value: object) -> bool:
    return type(value) is int


def _text(value: object) -> bool:
    return isinstance(value, str)


def _moment(value: object) -> bool:
    return _MOMENT.fullmatch(value) is not None if isinstance(value, str) else isinstance(value, date)


_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d))?", re.ASCII
)


def _number(value: object) -> bool:
    return type(value) in (int, float)


def _texts(value: object) -> bool:
    return is_list(value) and all(map(_text, value))


def _people(value: object) -> bool:
    def person(one: object) -> bool:
        return _text(one) or (is_table(one) and all(map(_text, one.values())))

    return is_list(value) and all(map(person, value))


_UNIT: Final = _Argument("a whole number from 0 up", lambda value: type(value) is int and value >= 0, 1)

ARGUMENTS: Final[Mapping[str, _Argument]] = {
    **dict.fromkeys(UNITS, _UNIT),
    "at": _Argument("a date, or a time with its zone", _moment, "2026-06-01"),
    "at_least": _Argument("a whole number", _whole, 10),
    "caution": _Argument("a number", _number, 0.8),
    "name": _Argument("a text", _text, "Example Works"),
    "pattern": _Argument("a text", _text, "recruiter|talent"),
    "pending_cap": _Argument("a whole number", _whole, 500),
    "people": _Argument("a list of texts, or of tables of texts", _people, ["ada-example-77"]),
    "share": _Argument("a number", _number, 0.02),
    "slot_price": _Argument("a number", _number, 0.001),
    "statuses": _Argument("a list of texts", _texts, ["presumed-pending"]),
    "tag": _Argument("a text", _text, "client"),
    "text": _Argument("a text", _text, "hello"),
    "value": _Argument("a number", _number, 1.0),
    "withdraw_value": _Argument("a number", _number, 0.0),
    "within": _Argument("a whole number", _whole, 14),
}
"""Every word for an argument, and what it takes. A word keeps its meaning for as long as version 1 is read."""

_CODE_ONLY: Final = frozenset({"age"})
"""Parameters for Python alone (a timedelta): a document gives the units instead."""


@cache
def parameters_of(name: str) -> Mapping[str, inspect.Parameter]:
    """The arguments that a built-in rule takes in a document, by their words."""
    found = inspect.signature(LEAVES[name]).parameters
    return {word: parameter for word, parameter in found.items() if word not in _CODE_ONLY}


def _build(name: str, arguments: Mapping[str, Any]) -> Rule:
    named = dict(arguments)
    spread: tuple[Any, ...] = ()
    for word, parameter in parameters_of(name).items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            spread = tuple(named.pop(word, ()))
    return LEAVES[name](*spread, **named)


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────


def read_rule(data: object, place: Place) -> Rule:
    """Read a rule from plain data, whose depth has been checked.

    Raises:
        DocumentError: It is no rule, an unknown one, or has wrong arguments.
    """
    if not is_table(data):
        raise place.wrong(f"a rule is a table, got {shown(data, place.form)}", _table_hint(data, place))
    names = [key for key in data if key != "if_unknown"]
    for name in names:
        if name not in _JOINERS and name not in LEAVES:
            raise _unknown_rule(name, place.key(name))
    if len(names) != 1:
        several = f", this one has {' and '.join(names)}" if names else ""
        joined = {"all": [{name: data[name]} for name in names]} if names else _example("older_than")
        raise place.wrong(f"a rule is a table with one rule in it{several}", f"Write {_brief(joined, place)}")
    (name,) = names
    rule = _read_node(name, data[name], place.key(name))
    if "if_unknown" not in data:
        return rule
    answer = data["if_unknown"]
    if not isinstance(answer, bool):
        raise place.key("if_unknown").wrong(f"must be true or false, got {shown(answer, place.form)}")
    return rule.if_unknown(answer)


def _read_node(name: str, data: object, place: Place) -> Rule:
    if name == "not":
        return ~read_rule(data, place)
    if name in _JOINERS:
        if not is_list(data) or not data:
            joined = _brief({name: [_example("older_than"), _example("has_note")]}, place)
            got = "an empty one" if data == [] else shown(data, place.form)
            raise place.wrong(f"takes a list of rules, got {got}", f"For instance {joined}")
        rules = tuple(read_rule(item, place.at(index)) for index, item in enumerate(data))
        # One rule joined with nothing is itself.
        return rules[0] if len(rules) == 1 else (All if name == "all" else AnyOf)(rules)
    if not is_table(data):
        raise place.wrong(
            f"the arguments of a rule are a table, got {shown(data, place.form)}",
            f"Write {_brief(_meant(name, data), place)}",
        )
    arguments = read_arguments(data, tuple(parameters_of(name)), place, name)
    for word, parameter in parameters_of(name).items():
        if parameter.default is parameter.empty and word not in arguments:
            raise place.wrong(f"{word} is missing", f"For instance {_brief(_example(name), place)}")
    try:
        return _build(name, arguments)
    except InvitekitError as error:
        hint = error.hint
        if not hint or hint.startswith("For instance"):  # which speaks Python
            hint = f"For instance {_brief(_example(name), place)}"
        raise (place.key(*arguments) if len(arguments) == 1 else place).wrong(error.message, hint) from None


def read_arguments(data: dict[str, Any], words: tuple[str, ...], place: Place, name: str = "") -> dict[str, Any]:
    """Check a table of arguments: known words, each with what it takes.

    Args:
        data: The table.
        words: The words that may stand in it.
        place: Its place.
        name: The rule whose arguments they are; empty for a bare duration.

    Raises:
        DocumentError: A word is unknown, or a value is something else.
    """
    for word, value in data.items():
        here = place.key(word)
        if word not in words:
            what = f"{name} takes no arguments" if not words else f"{quoted(word)} is not known here"
            raise here.wrong(what, nearest(word, words) if words else f"Write {_brief({name: {}}, place)}")
        argument = ARGUMENTS[word]
        if not argument.fits(value):
            meant = suggested_units(value) if word in UNITS else None
            example = inline(meant or {word: argument.example}, place.form)
            raise here.wrong(f"must be {argument.what}, got {shown(value, place.form)}", f"For instance {example}")
    return data


def suggested_units(value: object) -> dict[str, int] | None:
    """What a bare number or a spelled duration was probably meant to be: 21, "3w", "21d", "P21D"."""
    if type(value) is int and value > 0:
        return {"days": value}
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    unit = next(unit for unit in UNITS if unit[0] == (found["unit"] or "d")[0].lower())
    return {unit: int(found["number"])}


_DURATION: Final = re.compile(
    r"P?T?(?P<number>\d{1,6})\s*(?P<unit>w(?:eeks?)?|d(?:ays?)?|h(?:ours?)?|min(?:utes?)?)?",
    re.IGNORECASE | re.ASCII,
)


def _unknown_rule(name: str, place: Place) -> DocumentError:
    if name == "rule":
        return place.wrong("rules of your own are code, and a document holds data only", "Use built-in rules")
    hint = nearest(_ELSEWHERE.get(name.lower(), name), (*LEAVES, *_JOINERS, "if_unknown"))
    return place.wrong(f"there is no rule {quoted(name)}", hint)


_ELSEWHERE: Final = {"and": "all", "or": "any"}
"""What the same is called in other languages for rules."""


def _table_hint(data: object, place: Place) -> str:
    if is_list(data):
        several = [_example("older_than"), _example("has_note")]
        return f"Join several: {_brief({'any': several}, place)}, or with all"
    name = data if isinstance(data, str) and data in LEAVES else "older_than"
    return f"For instance {_brief(_example(name), place)}"


def _meant(name: str, data: object) -> dict[str, Any]:
    """The rule as it was probably meant by somebody who wrote a bare value for its arguments."""
    words = tuple(parameters_of(name))
    if set(UNITS) <= set(words):
        return {name: suggested_units(data) or {"days": 21}}
    for value in (data, [data]):
        if len(words) == 1 and ARGUMENTS[words[0]].fits(value):
            return {name: {words[0]: value}}
    return _example(name)


def _example(name: str) -> dict[str, Any]:
    if name == "older_than":
        return {name: {"weeks": 4}}
    return {name: {word: ARGUMENTS[word].example for word in parameters_of(name)}}


def _brief(data: dict[str, Any], place: Place) -> str:
    written = inline(data, place.form)
    return written if len(written) <= 200 else inline(_example("older_than"), place.form)


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def write_rule(rule: Rule, place: Place, depth: int = 1) -> dict[str, Any]:
    """Write a rule as plain data.

    Raises:
        DocumentError: It is, or holds, a function; or it is nested deeper than a document may be.
    """
    if depth > DEEPEST:
        raise place.wrong("the rules are nested too deep for a document", "Join them with fewer levels")
    match rule:
        case IfUnknown(inner, answer):
            data = write_rule(inner, place, depth + 1)
            # What is settled twice needs a table in between.
            return {**({"all": [data]} if "if_unknown" in data else data), "if_unknown": answer}
        case All(rules) | AnyOf(rules):
            name = "all" if isinstance(rule, All) else "any"
            inner_place = place.key(name)
            items = [write_rule(one, inner_place.at(index), depth + 1) for index, one in enumerate(rules)]
            return {name: items}
        case Not(inner):
            return {"not": write_rule(inner, place.key("not"), depth + 1)}
        case Own():
            raise place.wrong(
                f"the rule {rule.title} is a function of your own, and a document holds data only",
                "Keep this policy in Python, or say it with built-in rules",
            )
        case Leaf() if _is_built_in(rule):
            return {rule.name: rule.arguments}
        case _:
            raise place.wrong(
                f"the rule {rule!r:.80} is not one of the built-in rules, and only those can be written down",
                "Keep this policy in Python, or say it with built-in rules",
            )


def _is_built_in(rule: Leaf) -> bool:
    """Whether what would be written down builds the same rule again."""
    try:
        return rule.name in LEAVES and _build(rule.name, rule.arguments) == rule
    except (InvitekitError, TypeError):
        return False
