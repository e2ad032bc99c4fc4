r"""The regular expressions that rules take: the part that means the same in every engine.

A policy may be evaluated by Python, by RE2 (DuckDB, Arrow), by Rust's regex (polars) or by Java (Spark). They
agree on this part, so nothing else is accepted:

- literal characters, ``.`` for any but a line break, ``\`` before a punctuation mark to take it literally;
- ``[abc]``, ``[a-z]``, ``[^…]``; ``\d``, ``\w``, ``\s`` in their ASCII meaning, inside and outside brackets,
  and ``\D``, ``\W``, ``\S`` outside them;
- ``^`` and ``$`` for the beginning and end of the whole text;
- ``(…)`` and ``|``; ``*``, ``+``, ``?``, ``{m}``, ``{m,}``, ``{m,n}`` up to 100.

Not accepted: look-around, back-references, named groups, inline flags, ``\b``, possessive quantifiers, and what
can take for ever on an unlucky text: a repeat of something that itself repeats or chooses, and too many repeats
that compete for the same characters (``a*a*a*b``; ``a+ b+ c+`` do not compete). Upper and lower case are the same
everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from math import prod
from typing import Final, NamedTuple, NoReturn

from invitekit.errors import PolicyError

__all__ = ["compiled"]

_LONGEST: Final = 500
_TEXT: Final = 300
"""The longest text to reckon with: LinkedIn's notes and headlines are no longer (vendors' and help pages)."""
_MOST_WAYS: Final = _TEXT**3
"""How many ways to fail a search may have to try on such a text: two or three seconds at
the very worst (measured), and next to nothing for patterns people write."""
_MOST_REPEATS: Final = 100
_SHORTHANDS: Final = {"d": "0-9", "w": "0-9A-Za-z_", "s": r" \t\n\r\f\v"}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r"}


def compiled(pattern: object) -> re.Pattern[str]:
    """Compile a portable pattern, ignoring case.

    Raises:
        PolicyError: It uses something outside the portable part, or does not parse.
    """
    if not isinstance(pattern, str) or not pattern:
        raise PolicyError("a pattern must be a text that is not empty", hint="For instance 'recruiter|talent'")
    return _compiled(pattern)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    # A rule asks for it when it is built and again for each plan.
    return re.compile(_Reader(pattern).read(), re.IGNORECASE)


class _Piece(NamedTuple):
    """A part of a pattern, and what it takes to know how long a search may last."""

    written: str
    first: frozenset[str] = frozenset()
    """The sample characters that it can begin with; none for an anchor."""
    nullable: bool = False
    """Whether it matches the empty text."""
    ways: int = 1
    """In how many ways it may match at one place, at most."""
    scans: bool = False
    """Whether it may have to run along the text to find its one way."""
    varies: bool = False
    """Whether it repeats or chooses inside."""
    repeatable: bool = True


class _Quantifier(NamedTuple):
    """How often something comes: from `low` to `high` times, without end for None."""

    written: str = ""
    low: int = 1
    high: int | None = 1


def _joined(parts: Iterable[tuple[_Piece, _Quantifier]], behind: frozenset[str] | None) -> _Piece:
    """One after the other.

    A repeat has one way only where what it repeats and what comes next cannot begin alike, or where nothing needs
    to come next.

    Args:
        parts: What comes, and how often.
        behind: What may come behind it all; None where nothing needs to.
    """
    written: list[str] = []
    ways: list[int] = []
    first: frozenset[str] = frozenset()
    nullable, scans, varies = True, False, False
    for piece, (repeat, low, high) in reversed([*parts]):
        several = low != high
        free = nullable and behind is None
        coming = first | behind if nullable and behind else first
        competes = not free and not piece.first.isdisjoint(coming)
        written.append(piece.written + repeat)
        ways.append(piece.ways)
        if several and competes:
            ways.append(_TEXT if high is None else high - low + 1)
        scans = scans or piece.scans or (high is None and not competes and not free)
        varies = varies or piece.varies or bool(repeat)
        skippable = piece.nullable or low == 0
        first = piece.first | first if skippable else piece.first
        nullable = nullable and skippable
    return _Piece("".join(reversed(written)), first, nullable, prod(ways), scans, varies)


class _Reader:
    """Reads a pattern from left to right and writes the same in the form that Python shares with the others."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        # Enough to tell whether two parts can match the same character: ASCII, what the pattern names, another.
        named = {*pattern, *pattern.lower(), *pattern.upper()}
        self._sample = frozenset({*map(chr, range(128)), *named, "\U0010fffd"})

    def read(self) -> str:
        if len(self._pattern) > _LONGEST:
            self._refuse(f"it is longer than {_LONGEST} characters")
        branches = self._branches(outermost=True)
        if self._next():
            self._refuse("a ')' has no '('")
        if any(branch.ways * (_TEXT if branch.scans else 1) > _MOST_WAYS for branch in branches):
            self._refuse("several of its repeats compete for the same characters, which can take for ever")
        return "|".join(branch.written for branch in branches)

    def _refuse(self, why: str) -> NoReturn:
        raise PolicyError(
            f"the pattern {self._pattern[:80]!r} cannot be used at position {self._at}: {why}",
            hint="Use literals, . [] () | ^ $ \\d \\w \\s and * + ? {m,n}; they mean the same in every engine",
        )

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        char = self._next()
        self._at += 1
        return char

    def _branches(self, *, outermost: bool) -> list[_Piece]:
        branches = [self._sequence(outermost=outermost)]
        while self._next() == "|":
            self._take()
            branches.append(self._sequence(outermost=outermost))
        return branches

    def _sequence(self, *, outermost: bool) -> _Piece:
        parts: list[tuple[_Piece, _Quantifier]] = []
        while (char := self._next()) and char not in "|)":
            piece = self._atom()
            quantifier = self._quantifier()
            if quantifier.written and not piece.repeatable:
                self._refuse("there is nothing to repeat")
            if quantifier.written and piece.varies and quantifier.written != "?":
                self._refuse("it repeats something that itself repeats or chooses, which can take for ever")
            parts.append((piece, quantifier))
        if not outermost:
            return _joined(parts, behind=self._sample)
        if parts and parts[0][0].written == "." and parts[0][1].written == "*":
            del parts[0]  # A search looks everywhere by itself; this would make it look everywhere twice.
        anchored = bool(parts) and parts[0][0].written == r"\A"
        whole = _joined(parts, behind=None)
        return whole if anchored else whole._replace(ways=whole.ways * _TEXT)

    def _atom(self) -> _Piece:
        """One thing, before it is repeated."""
        char = self._take()
        if char == "(":
            return self._group()
        if char in "^$":
            return _Piece({"^": r"\A", "$": r"\Z"}[char], repeatable=False)
        if char in "*+?{":
            self._refuse("there is nothing to repeat")
        if char == "[":
            written = self._set()
        elif char == "\\":
            written = self._escape()
        else:
            written = "." if char == "." else re.escape(char)
        one = re.compile(written, re.IGNORECASE)
        return _Piece(written, frozenset(filter(one.match, self._sample)))

    def _group(self) -> _Piece:
        if self._next() == "?" and self._pattern[self._at : self._at + 2] != "?:":
            self._refuse("look-around, flags and named groups are not portable")
        self._at += 2 if self._next() == "?" else 0
        branches = self._branches(outermost=False)
        if self._take() != ")":
            self._refuse("a '(' is not closed")
        return _Piece(
            f"(?:{'|'.join(branch.written for branch in branches)})",
            frozenset().union(*(branch.first for branch in branches)),
            nullable=any(branch.nullable for branch in branches),
            # Only the branches that can begin with the same character are ways at the same place.
            ways=max(
                sum(one.ways for one in branches if one.nullable or not one.first or char in one.first)
                for char in self._sample
            ),
            scans=any(branch.scans for branch in branches),
            varies=len(branches) > 1 or any(branch.varies for branch in branches),
        )

    def _quantifier(self) -> _Quantifier:
        char = self._next()
        if not char or char not in "*+?{":
            return _Quantifier()
        self._take()
        found = {"*": _Quantifier("*", 0, None), "+": _Quantifier("+", 1, None), "?": _Quantifier("?", 0, 1)}
        quantifier = found[char] if char in found else self._counts()
        if self._next() == "?":
            self._take()  # The shortest match is found where the longest is.
        if self._next() and self._next() in "*+?{":
            self._refuse("a repeat cannot be repeated")
        return quantifier

    def _counts(self) -> _Quantifier:
        counts, closed, _ = self._pattern[self._at :].partition("}")
        found = re.fullmatch(r"(\d{1,3})(,(\d{1,3})?)?", counts, re.ASCII) if closed else None
        if not found:
            self._refuse("a repeat count looks like {2}, {2,} or {2,5}")
        self._at += len(counts) + 1
        low, high = int(found[1]), int(found[3] or found[1])
        if not low <= high <= _MOST_REPEATS:
            self._refuse(f"a repeat count goes from low to high, up to {_MOST_REPEATS}")
        return _Quantifier(f"{{{counts}}}", low, None if found[2] == "," else high)

    def _escape(self) -> str:
        char = self._take()
        if char.lower() in _SHORTHANDS and char:
            return f"[{'^' if char.isupper() else ''}{_SHORTHANDS[char.lower()]}]"
        return self._literal(char)

    def _literal(self, char: str) -> str:
        if char in _CONTROLS:
            return re.escape(_CONTROLS[char])
        if not char or char.isalnum() or char == "_":
            self._refuse(f"\\{char} is not portable")
        return re.escape(char)

    def _set(self) -> str:
        negated = self._next() == "^"
        if negated:
            self._take()
        members: list[str] = []
        while (char := self._take()) != "]":
            if not char:
                self._refuse("a '[' is not closed")
            if char == "[":
                self._refuse("write \\[ for a bracket inside brackets")
            if char == "\\" and self._next() in _SHORTHANDS:
                members.append(_SHORTHANDS[self._take()])
                continue
            low = self._member(char)
            if self._next() == "-" and self._pattern[self._at + 1 : self._at + 2] not in {"]", ""}:
                self._take()
                high = self._member(self._take())
                if low > high:
                    self._refuse("a range in brackets runs backwards")
                members.append(f"{_quoted(low)}-{_quoted(high)}")
            else:
                members.append(_quoted(low))
        if not members:
            self._refuse("the brackets are empty")
        return f"[{'^' if negated else ''}{''.join(members)}]"

    def _member(self, char: str) -> str:
        if char != "\\":
            return char
        char = self._take()
        if char in _CONTROLS:
            return _CONTROLS[char]
        if not char or char.isalnum() or char == "_":
            self._refuse(f"\\{char} is not portable inside brackets")
        return char


def _quoted(char: str) -> str:
    """A character inside brackets, safe from being read as an operator of any engine."""
    return (
        char if char.isalnum() else re.escape(char) if char.isspace() else f"\\{char}" if char.isascii() else char
    )
