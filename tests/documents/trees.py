"""Documents as trees of plain data, for tests that change one thing in them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import invitekit as ik
from invitekit import documents

GOLDEN = Path(__file__).parent / "golden"

Place = tuple[str | int, ...]


def golden(name: str) -> dict[str, Any]:
    """A golden document as plain data, in JSON's types."""
    path = GOLDEN / name
    if path.suffix == ".toml":
        return json.loads(documents.to_text(ik.load(path)))
    return json.loads(path.read_text(encoding="utf-8"))


POLICIES = ("spring-clean.toml", "every-rule.json", "careful.json", "default.json")


def small_plan() -> dict[str, Any]:
    """The golden plan with one of its decisions; no longer with its digest."""
    data = golden("plan.json")
    data["decisions"] = data["decisions"][:1]
    data["policy"] = golden("shortest.toml")
    for key in ("invitekit", "kind"):
        del data["policy"][key]
    return data


def small_snapshot() -> dict[str, Any]:
    data = golden("snapshot.json")
    data["invitations"] = data["invitations"][::7]
    return data


def places(data: Any, here: Place = ()) -> Iterator[tuple[Place, Any]]:
    yield here, data
    items: Any = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, item in items:
        yield from places(item, (*here, key))


def put(data: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(data)
    inner: Any = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


def spelled(place: Place) -> str:
    text = ""
    for key in place:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    return text


def related(one: str, other: str) -> bool:
    """Whether one place is the other, or lies within it."""
    shorter, longer = sorted([one, other], key=len)
    return longer.startswith(shorter) and (len(longer) == len(shorter) or longer[len(shorter)] in ".[")


def coercions(value: Any) -> list[Any]:
    """What a lenient reader would take for this value: all of hazard H10, and its like."""
    match value:
        case bool():
            return [int(value), str(value).lower(), "yes", [value], {}, float(value)]
        case int():
            return [str(value), float(value), value + 0.9, f"{value}.0", [value], {"value": value}] + (
                [bool(value)] if value in (0, 1) else [True]
            )
        case float():
            return [str(value), [value], {}, True]
        case str():
            return [[value], {"value": value}, 7, True, list(value)]
        case list():
            return [{}, "x", 7, True, {"0": value}]
        case dict():
            return [[], [value], 7, True]
        case _:
            return []


def wrong_values(data: dict[str, Any]) -> Iterator[tuple[Place, Any]]:
    """Each value of the data with each thing that a lenient reader would convert into it."""
    for place, value in places(data):
        if place:
            yield from ((place, wrong) for wrong in coercions(value))
