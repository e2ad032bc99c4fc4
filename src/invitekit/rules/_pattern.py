r"""The regular expressions that rules take: the part that means the same in every engine.

A policy may be evaluated by Python, by RE2 (DuckDB, Arrow), by Rust's regex (polars) or by Java (Spark). They
agree on this part, so nothing else is accepted:

- literal characters, ``.`` for any but a line break, ``\`` before a punctuation mark to take it literally;
- ``[abc]``, ``[a-z]``, ``[^…]``; ``\d``, ``\w``, ``\s`` in their ASCII meaning, inside and outside brackets,
  and ``\D``, ``\W``, ``\S`` outside them;
- ``^`` and ``$`` for the beginning and end of the whole text;
- ``(…)`` and ``|``; ``*``, ``+``, ``?``, ``{m}``, ``{m,}``, ``{m,n}`` up to 100.

Not accepted: look-around, back-references, named groups, inline flags, ``\b``, possessive quantifiers, and a
repeat of something that itself repeats or chooses, which can take for ever on an unlucky text. Upper and lower
case are the same everywhere.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from invitekit.errors import PolicyError

__all__ = ["compiled", "exactly"]

_LONGEST: Final = 500
_MOST_UNBOUNDED: Final = 6
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
    return re.compile(_Reader(pattern).read(), re.IGNORECASE)


def exactly(text: str, *, whole: bool) -> re.Pattern[str]:
    """Compile a literal text, ignoring case, to be found anywhere or to be the whole."""
    literal = re.escape(text)
    return re.compile(rf"\A{literal}\Z" if whole else literal, re.IGNORECASE)


class _Reader:
    """Reads a pattern from left to right and writes the same in the form that Python shares with the others."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._unbounded = 0

    def read(self) -> str:
        if len(self._pattern) > _LONGEST:
            self._refuse(f"it is longer than {_LONGEST} characters")
        written, _ = self._choice()
        if self._next():
            self._refuse("a ')' has no '('")
        if self._unbounded > _MOST_UNBOUNDED:
            self._refuse(f"it repeats without bound more than {_MOST_UNBOUNDED} times, which can take for ever")
        return written

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

    def _choice(self) -> tuple[str, bool]:
        """Alternatives; also whether what was read repeats or chooses."""
        branches = [self._sequence()]
        while self._next() == "|":
            self._take()
            branches.append(self._sequence())
        loose = len(branches) > 1 or any(varies for _, varies in branches)
        return "|".join(written for written, _ in branches), loose

    def _sequence(self) -> tuple[str, bool]:
        parts: list[str] = []
        loose = False
        while (char := self._next()) and char not in "|)":
            written, varies, repeatable = self._atom()
            quantifier, unbounded = self._quantifier()
            if quantifier and not repeatable:
                self._refuse("there is nothing to repeat")
            if quantifier and varies and quantifier != "?":
                self._refuse("it repeats something that itself repeats or chooses, which can take for ever")
            self._unbounded += unbounded
            loose = loose or varies or bool(quantifier)
            parts.append(written + quantifier)
        return "".join(parts), loose

    def _atom(self) -> tuple[str, bool, bool]:
        """One thing; also whether it repeats or chooses inside, and whether it may be repeated."""
        char = self._take()
        if char == "(":
            if self._next() == "?" and self._pattern[self._at : self._at + 2] != "?:":
                self._refuse("look-around, flags and named groups are not portable")
            self._at += 2 if self._next() == "?" else 0
            written, varies = self._choice()
            if self._take() != ")":
                self._refuse("a '(' is not closed")
            return f"(?:{written})", varies, True
        if char == "[":
            return self._set(), False, True
        if char == "\\":
            return self._escape(), False, True
        if char in "^$":
            return {"^": r"\A", "$": r"\Z"}[char], False, False
        if char in "*+?{":
            self._refuse("there is nothing to repeat")
        return "." if char == "." else re.escape(char), False, True

    def _quantifier(self) -> tuple[str, bool]:
        char = self._next()
        if not char or char not in "*+?{":
            return "", False
        self._take()
        written, unbounded = char, char in "*+"
        if char == "{":
            counts, closed, _ = self._pattern[self._at :].partition("}")
            found = re.fullmatch(r"(\d{1,3})(,(\d{1,3})?)?", counts, re.ASCII) if closed else None
            if not found:
                self._refuse("a repeat count looks like {2}, {2,} or {2,5}")
            self._at += len(counts) + 1
            low, high = int(found[1]), int(found[3] or found[1])
            if not low <= high <= _MOST_REPEATS:
                self._refuse(f"a repeat count goes from low to high, up to {_MOST_REPEATS}")
            written, unbounded = f"{{{counts}}}", found[2] == ","
        if self._next() == "?":
            self._take()  # The shortest match is found where the longest is.
        if self._next() and self._next() in "*+?{":
            self._refuse("a repeat cannot be repeated")
        return written, unbounded

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
