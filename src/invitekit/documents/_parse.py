"""From text to plain data, within limits that are checked before a parser sees the text.

A document may come from anywhere. Parsers of the standard library recurse (a thousand brackets end in a
RecursionError), take quadratic time for a key of many dots, keep the last of two equal keys, and read ``NaN``
and ``1e999``. None of that reaches the user here: what a document may be is settled first, and every refusal is a
`DocumentError` that says where.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any, Final, NamedTuple

from invitekit.documents._problems import Form, Place, is_list, is_table, quoted
from invitekit.errors import DocumentError

__all__ = ["DEEPEST", "LARGEST", "LARGEST_POLICY", "MOST_KEYS", "check", "check_texts", "first_kind", "parse"]

LARGEST_POLICY: Final = 1_000_000
"""The most bytes of a policy document. Our choice: a policy with a thousand members listed has about 30,000."""

LARGEST: Final = 1_000_000_000
"""The most bytes of any other document. Our choice: a plan takes 1 to 3 kB an invitation, and several times its
size in memory while it is read."""

DEEPEST: Final = 32
"""How deep the tables and lists of a policy may be nested, the document itself being 1. Our choice."""

MOST_KEYS: Final = 1_000
"""How many keys the tables of a policy may have, all together. Our choice."""

_INT64: Final = 2**63

_FIRST_KIND: Final = re.compile(r'\s*\{\s*"invitekit"\s*:\s*\d+\s*,\s*"kind"\s*:\s*"([a-z-]{1,40})"')

# The marks that nest and name, skipping texts and comments. A text that never ends goes to the end (or to the end
# of its line), so reading takes linear time whatever is thrown at it.
_MARKS: Final[dict[Form, re.Pattern[str]]] = {
    "json": re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}:]', re.DOTALL),
    "toml": re.compile(
        r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:"{3,5})?'
        r"|'''[^']*(?:'(?!'')[^']*)*(?:'{3,5})?"
        r'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"?'
        r"|'[^'\n]*'?"
        r"|\#[^\n]*"
        r"|[\[\]{}=.,\n]",
        re.DOTALL,
    ),
}


def first_kind(text: str) -> str | None:
    """The kind that a JSON text gives in its first two keys, if it does."""
    found = _FIRST_KIND.match(text)
    return found[1] if found else None


def parse(text: str, place: Place, *, large: bool) -> dict[str, Any]:
    """Read a text as TOML or JSON.

    Args:
        text: The text.
        place: The document.
        large: Whether it may be large: it says at once that it is no policy. All else is held to its limits.

    Raises:
        DocumentError: It is not well-formed, or breaks a limit.
    """
    if not large:
        _measure(text, place)
    data = _parse_toml(text, place) if place.form == "toml" else _parse_json(text, place)
    if not is_table(data):
        raise place.wrong("a document is a table", 'It begins with invitekit = 1 and kind = "policy"')
    if not large:
        check(data, place)
    elif _LONE_SURROGATE.search(text):
        check_texts(data, place)
    return data


_LONE_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def _measure(text: str, place: Place) -> None:
    """Refuse what is too deep or has too many keys, roughly but before it is parsed; `check` is exact."""
    depth = dots = keys = 0
    new_line = True
    for found in _MARKS[place.form].finditer(text):
        mark = found[0][0]
        if mark in "[{":
            # In TOML, [name] on a line of its own begins a table.
            keys += place.form == "toml" and new_line and depth == 0
            depth += 1
        elif mark in "]}":
            depth = max(depth - 1, 0)
        elif mark in "=:":
            keys += 1
        dots = dots + 1 if mark == "." else dots if mark in "\"'" else 0
        new_line = mark in "\n#" or (new_line and mark in "[].\"'")
        if depth + dots > DEEPEST:
            raise _too_deep(place)
        if keys > MOST_KEYS:
            raise _too_many_keys(place)


def _too_deep(place: Place) -> DocumentError:
    return place.wrong(f"it is nested more than {DEEPEST} deep", "Write the rules flatter, or split the policy")


def _too_many_keys(place: Place) -> DocumentError:
    return place.wrong(
        f"it has more than {MOST_KEYS:,} keys",
        "Keep long lists of people in the context (tags, contacts), not in the policy; "
        "a plan or a snapshot begins with the keys invitekit and kind",
    )


def _parse_toml(text: str, place: Place) -> Any:
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError:
        problem = _too_deep(place)
    except tomllib.TOMLDecodeError as error:
        message, _, spot = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", spot)
        problem = place.wrong(
            f"this is not TOML: {message[:200]}",
            "Texts stand in quotes, and every key once",
            line=int(line[1]) if line else None,
        )
    except ValueError:
        problem = _too_long_a_number(place)
    # Raised out here, so that the parser's error, which holds the whole text, does not travel along with ours.
    raise problem


def _too_long_a_number(place: Place) -> DocumentError:
    return place.wrong("a number has thousands of digits", "Numbers in documents have at most 19")


class _Twice(dict[str, Any]):
    """A JSON object in which a key stands twice."""

    key = ""


def _parse_json(text: str, place: Place) -> Any:
    import json

    twice: list[_Twice] = []

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) == len(pairs):
            return made
        marked = _Twice(made)
        marked.key = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        twice.append(marked)
        return marked

    try:
        data = json.loads(text, object_pairs_hook=table)
    except RecursionError:
        problem = place.wrong("it is nested too deep", "No document of ours is")
    except json.JSONDecodeError as error:
        problem = place.wrong(f"this is not JSON: {error.msg}", f"See column {error.colno}", line=error.lineno)
    except ValueError:
        problem = _too_long_a_number(place)
    else:
        if twice:
            raise next(
                trail.place(place)
                .key(value.key)
                .wrong(f"the key {quoted(value.key)} stands twice", "Remove one of them")
                for trail, value in _walk(data)
                if isinstance(value, _Twice)
            )
        return data
    raise problem


def check(data: dict[str, Any], place: Place) -> None:
    """Refuse data that no policy document may hold, exactly.

    Raises:
        DocumentError: It is too deep or has too many keys, or a number or text in it cannot be written down.
    """
    keys = 0
    for trail, value in _walk(data):
        if is_table(value) or is_list(value):
            keys += len(value) if is_table(value) else 0
            if keys > MOST_KEYS:
                raise _too_many_keys(place)
            if trail.depth > DEEPEST:
                raise _too_deep(trail.place(place))
        elif isinstance(value, float) and not isfinite(value):
            raise trail.place(place).wrong("it is not a finite number", "Numbers in documents are finite")
        elif isinstance(value, int) and not -_INT64 <= value < _INT64:
            raise trail.place(place).wrong(
                "the number has more than 64 bits", "Numbers in documents have at most 19 digits"
            )
        elif _is_broken(value):
            raise _broken_text(trail.place(place))


def check_texts(data: Any, place: Place) -> None:
    """Refuse data with a text that cannot be written as UTF-8.

    Raises:
        DocumentError: There is one.
    """
    for trail, value in _walk(data):
        if _is_broken(value):
            raise _broken_text(trail.place(place))


def _is_broken(value: Any) -> bool:
    return isinstance(value, str) and not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value)


def _broken_text(place: Place) -> DocumentError:
    return place.wrong("the text holds half a character (a lone surrogate)", "Write the whole character")


class _Trail(NamedTuple):
    """The way to a value: spelled out only where something is wrong with it."""

    before: _Trail | None = None
    step: str | int = ""
    depth: int = 1

    def place(self, start: Place) -> Place:
        steps: list[str | int] = []
        here = self
        while here.before is not None:
            steps.append(here.step)
            here = here.before
        for step in reversed(steps):
            start = start.key(step) if isinstance(step, str) else start.at(step)
        return start


def _walk(data: Any) -> Iterator[tuple[_Trail, Any]]:
    """Everything in the data, keys included, with the way to it; without recursion, since the data may be deep."""
    waiting: list[tuple[_Trail, Any]] = [(_Trail(), data)]
    while waiting:
        trail, value = waiting.pop()
        yield trail, value
        if is_table(value):
            steps: Iterable[tuple[str | int, Any]] = value.items()
            yield from ((_Trail(trail, key, trail.depth + 1), key) for key in value)
        elif is_list(value):
            steps = enumerate(value)
        else:
            continue
        waiting.extend(reversed([(_Trail(trail, step, trail.depth + 1), item) for step, item in steps]))
