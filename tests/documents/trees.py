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
