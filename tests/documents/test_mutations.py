"""PO-2, generated: whatever is done to a document, it is read rightly or refused with one of our errors."""

from __future__ import annotations

import contextlib
import json
import os
from random import Random
from typing import Any

import pytest
from tests.documents.trees import (
    GOLDEN,
    POLICIES,
    Place,
    golden,
    places,
    put,
    related,
    small_plan,
    small_snapshot,
    spelled,
)

import invitekit as ik
from invitekit import documents
from invitekit.documents._write import toml_text

TIMES = 4 if os.environ.get("INVITEKIT_HYPOTHESIS_PROFILE") == "long" else 1
"""20,000 mutations in the long run, 5,000 in every other."""

VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -5,
    7,
    7.9,
    1e300,
    10**30,
    "",
    "7",
    "true",
    "oldest",
    "3w",
    "P21D",
    "\ud800",
    "\0",
    "x" * 300,
    "2026-11-22T09:00:00Z",
    "2026-11-22T09:00:00",
    "pending",
    [],
    [[]],
    ["a"],
    [None],
    {},
    {"": {}},
    {"has_note": {}},
    {"older_than": {"days": 21}},
    {"__class__": "os.system"},
    {"py/object": "builtins.eval"},
    {"not": {"not": {"has_note": {}}}},
    float("nan"),
    float("inf"),
)
NAMES = (
    "invitekit",
    "kind",
    "all",
    "any",
    "not",
    "if_unknown",
    "has_note",
    "days",
    "__init__",
    "",
    "*",
    "\ud800",
    "é",
)


def mutated(data: dict[str, Any], random: Random) -> tuple[dict[str, Any], Place]:
    """Change one thing, and say where."""
    spots = [place for place, _ in places(data) if place]
    place = random.choice(spots)
    found = value_at(data, place)
    match random.randrange(7):
        case 0:
            return put(data, place, random.choice(VALUES)), place
        case 1:
            return put(data, place, value_at(data, random.choice(spots))), place
        case 2:
            return put(data, place, [found]), place
        case 3 if isinstance(found, list) and found:
            return put(data, place, [*found, random.choice(found)]), place
        case 4 if isinstance(found, dict):
            return put(data, place, {**found, random.choice(NAMES): random.choice(VALUES)}), place
        case _:
            return renamed_or_removed(data, place, random), place


def value_at(data: Any, place: Place) -> Any:
    for key in place:
        data = data[key]
    return data


def renamed_or_removed(data: dict[str, Any], place: Place, random: Random) -> dict[str, Any]:
    around = value_at(data, place[:-1])
    key = place[-1]
    if isinstance(around, list):
        assert isinstance(key, int)
        changed: Any = [item for index, item in enumerate(around) if index != key]
    else:
        name = random.choice([None, misspelled(str(key), random), random.choice(NAMES)])
        changed = {(name if other == key else other): item for other, item in around.items()}
        changed.pop(None, None)
    return put(data, place[:-1], changed) if len(place) > 1 else changed


def misspelled(word: str, random: Random) -> str:
    at = random.randrange(max(len(word), 1))
    letter = random.choice("aeinrst_ E")
    return random.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word.upper(),
        ]
    )


def read(text: str) -> Any:
    """Read a text; give the value, or the error if it is one of ours."""
    try:
        return documents.from_text(text)
    except (ik.DocumentError, ik.PolicyError) as error:
        return error


@pytest.mark.parametrize("seed", range(4 * TIMES))
def test_a_policy_with_one_thing_changed(seed: int) -> None:
    """750 each: what is read can be written and read again; what is refused is refused where the change is."""
    random = Random(seed)
    data = [golden(name) for name in POLICIES]
    read_rightly = refused = 0
    for _ in range(750):
        changed, place = mutated(random.choice(data), random)
        text = json.dumps(changed)
        if random.random() < 0.4:
            with contextlib.suppress(TypeError, ValueError, AttributeError):
                # Not where there is null, or half a character, or no table where TOML has one.
                text = toml_text(changed).encode().decode()
        found = read(text)
        if isinstance(found, ik.Policy):
            assert documents.from_text(documents.to_text(found)) == found
            read_rightly += 1
        elif isinstance(found, ik.DocumentError):
            assert is_told(found, place), (text, found)
            refused += 1
    assert refused > 400
    assert read_rightly > 10


def is_told(error: ik.DocumentError, place: Place) -> bool:
    """Whether an error says the place of the change, or one beside it: a key renamed, or now missing."""
    if place[0] in ("invitekit", "kind"):
        return True  # What a document is read as decides what is wrong with all the rest.
    around = spelled(place[:-1])
    beside = related(error.key, around) and len(error.key) >= len(around) if around else "." not in error.key
    return bool(error.key) and (beside or related(error.key, spelled(place)))


@pytest.mark.parametrize("seed", range(2 * TIMES))
@pytest.mark.parametrize("make", [small_snapshot, small_plan])
def test_a_snapshot_or_plan_with_one_thing_changed(make: Any, seed: int) -> None:
    """250 each; a plan that was changed is always refused, by its digest if by nothing else."""
    random = Random(seed)
    data = make()
    refused = 0
    for _ in range(250):
        changed, place = mutated(data, random)
        found = read(json.dumps(changed))
        if isinstance(found, ik.DocumentError):
            assert "cannot be read (" not in found.message
            assert is_told(found, place) or found.key == "digest", (place, found)
            refused += 1
        elif isinstance(found, ik.Snapshot):
            assert documents.from_text(documents.to_text(found)) == found
        else:
            assert isinstance(found, ik.PolicyError), found
            refused += 1
    assert refused > (150 if make is small_snapshot else 249)


TEXTS = tuple(
    path.read_text(encoding="utf-8") for path in sorted(GOLDEN.glob("*")) if path.name != "verdicts.json"
)
PIECES = (
    "\0", "\n", '"', "'", '"""', "\\", "\\u", "\\ud800", "{", "}", "[", "]", "[[", "=", ":", ",", ".", "#", "-",
    "e9", "NaN", "inf", "1e999", "0x", "9" * 5000, "true", "null", "\ufeff", "\u202e", "é", "😀",
    "2026-06-01", "07:32:00", "{" * 50, "[" * 2000,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(2 * TIMES))
def test_a_text_with_characters_changed(seed: int) -> None:
    """500 each: cut off, cut out, put in, doubled and swapped, anywhere in the text."""
    random = Random(seed)
    for _ in range(500):
        text = random.choice(TEXTS)[:20_000]
        at, to = sorted([random.randrange(len(text) + 1), random.randrange(len(text) + 1)])
        to = min(to, at + random.choice([1, 3, 30, 3000]))
        changed = random.choice(
            [
                text[:at],
                text[:at] + text[to:],
                text[:at] + random.choice(PIECES) + text[at:],
                text[:at] + random.choice(PIECES) + text[to:],
                text[:to] + text[at:],
            ]
        )
        found = read(changed)
        if isinstance(found, (ik.Policy, ik.Snapshot)):
            assert documents.from_text(documents.to_text(found)) == found
