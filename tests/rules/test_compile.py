"""Rules as generated Python: nothing a user wrote becomes part of the source, and each form does what it says."""

from __future__ import annotations

import builtins
import re
from typing import Any

import pytest
from tests.population import NOW, ago, invitation

from invitekit import rules as r
from invitekit.model import UNKNOWN, Direction, Invitation, Status, Truth
from invitekit.rules import Sight
from invitekit.rules._compile import compile_rows
from invitekit.rules._rowtest import (
    Ask,
    Compare,
    Constant,
    Contains,
    Every,
    Known,
    No,
    OneOf,
    Same,
    Search,
    Some,
    Test,
    no,
)

ROWS = [
    invitation(0, note="Hello", mutual_connections=3, company="Acme", title="Head of Bees"),
    invitation(1, note="", days=5, status=Status.ACCEPTED),
    invitation(2, note=UNKNOWN, mutual_connections=9, direction=Direction.RECEIVED),
]
SOME_PATTERN = r.note_matches("h.l+o").surely(True, Sight(now=NOW)).pattern  # type: ignore[union-attr]

YES, NOT = Constant(True), Constant(False)


def holds(test: Test) -> str:
    """For which rows a test holds."""
    found = compile_rows([([(test, 1)], 0)])(ROWS)
    assert compile_rows([([(no(test), 1)], 0)])(ROWS) == [1 - one for one in found]
    return "".join(map(str, found))


@pytest.mark.parametrize(
    ("test", "rows"),
    [
        (YES, "111"),
        (NOT, "000"),
        (Known("note"), "110"),
        (Known("direction"), "111"),
        (Compare("mutual_connections", ">=", 4), "001"),
        (Compare("mutual_connections", "<", 4), "100"),
        (Compare("mutual_connections", "==", 3), "100"),
        (Compare("mutual_connections", "!=", 3), "001"),
        (Compare("sent_at.latest", "<", ago(20)), "101"),
        (Compare("sent_at.earliest", ">", ago(20)), "010"),
        (OneOf("note", frozenset({"Hello", "Bye"})), "100"),
        (OneOf("note", frozenset()), "000"),
        (OneOf("status", frozenset()), "000"),
        (OneOf("status", frozenset({Status.ACCEPTED})), "010"),
        (OneOf("status", frozenset(Status)), "111"),
        (OneOf("direction", frozenset(Direction)), "111"),
        (Same("company", "acme"), "100"),
        (Contains("note", "ell"), "100"),
        (Contains("title", "bees"), "100"),
        (Contains("title", "a bee"), "000"),
        (Search("note", SOME_PATTERN), "100"),
        (Search("title", SOME_PATTERN), "000"),
        (Ask(lambda row: Truth.of(row.id == "x-1"), Truth.TRUE), "010"),
        (Ask(lambda row: Truth.UNKNOWN, Truth.TRUE), "000"),
        (No(Known("note")), "001"),
        (No(No(Known("note"))), "110"),
        (Every((Known("note"), Compare("mutual_connections", ">=", 1))), "100"),
        (Every((YES, Known("note"), NOT)), "000"),
        (Some((NOT, No(YES), Known("note"))), "110"),
        (Some((No(Known("note")), Compare("mutual_connections", "<", 5))), "101"),
    ],
    ids=lambda value: re.sub(r" at 0x[0-9a-f]+", "", repr(value)),  # the workers must agree on the names
)
def test_each_form_holds_where_it_says_and_its_opposite_elsewhere(test: Test, rows: str) -> None:
    """About what the source does not say a test is false, never an error: so its opposite is true."""
    assert holds(test) == rows


def test_the_first_test_that_holds_gives_the_number() -> None:
    cases = ([(Known("company"), 5), (Known("note"), 6)], 7)

    assert compile_rows([cases])(ROWS) == [5, 6, 7]


@pytest.mark.parametrize(
    ("cases", "numbers"),
    [
        (([(Known("note"), 1), (No(Known("note")), 2)], 3), [1, 1, 2]),
        (([(Known("note"), 1), (YES, 2), (Known("company"), 4)], 3), [1, 1, 2]),
        (([(NOT, 1), (Known("note"), 2)], 3), [2, 2, 3]),
        (([(NOT, 1)], 3), [3, 3, 3]),
        (([], 3), [3, 3, 3]),
        (([(Compare("note", "!=", ""), 1), (Compare("note", "==", ""), 2)], 0), [1, 2, 0]),
        (
            ([(Compare("sent_at.latest", "<", ago(20)), 1), (Compare("sent_at.latest", ">=", ago(20)), 2)], 0),
            [1, 2, 1],
        ),
        (
            ([(Same("company", "acme"), 1), (Every((Known("company"), No(Same("company", "acme")))), 2)], 0),
            [1, 0, 0],
        ),
        (
            (
                [
                    (Known("company"), 1),
                    (Every((Known("note"), No(Known("company")))), 2),
                ],
                0,
            ),
            [1, 2, 0],
        ),
    ],
)
def test_what_is_left_out_of_the_source_changes_nothing(cases: Any, numbers: list[int]) -> None:
    """A test whose opposite has failed is not asked again; the numbers are those of asking every one in turn."""
    assert compile_rows([cases])(ROWS) == numbers


def test_columns_are_joined_bit_by_bit() -> None:
    columns = [([(Known("note"), 1)], 0), ([(Known("company"), 2)], 4), ([(YES, 8)], 0), ([], 16)]

    assert compile_rows(columns)(ROWS) == [1 | 2 | 8 | 16, 1 | 4 | 8 | 16, 4 | 8 | 16]
    assert compile_rows([])(ROWS) == [0, 0, 0]
    assert compile_rows([([], 8)])(ROWS) == [8, 8, 8]


def test_joining_tests_leaves_out_what_changes_nothing() -> None:
    note, company = Known("note"), Known("company")

    assert Every.of([note, YES, company, note]) == Every((note, company))
    assert Every.of([note, YES]) == note
    assert Every.of([note, NOT]) == NOT
    assert Every.of([]) == Every.of([YES]) == YES
    assert Some.of([note, NOT, company, note]) == Some((note, company))
    assert Some.of([note, NOT]) == note
    assert Some.of([note, YES]) == YES
    assert Some.of([]) == Some.of([NOT]) == NOT


def test_cheap_tests_are_asked_before_a_function_of_the_users() -> None:
    """The first that decides ends the asking, so a slow function is asked about few rows."""
    asked: list[str] = []

    def slow(row: Invitation) -> bool:
        asked.append(row.id)
        return True

    (r.rule(slow) & r.name_matches("person") & r.status_is("accepted") & r.older_than(days=1)).truths(
        ROWS, now=NOW
    )

    assert set(asked) == {"x-1"}


HOSTILE = [
    "'); import os #",
    "\\",
    "\n",
    '"""',
    "{v0}",
    "v0",
    "UNKNOWN",
    "\x00",
    "{}",
    "__import__('os').system('x')",
]


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_nothing_a_user_wrote_becomes_source(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every value reaches the generated code through its namespace, so no text can be code."""
    sources: list[str] = []
    evaluate = builtins.eval

    def watch(source: str, names: dict[str, Any]) -> Any:
        sources.append(source)
        return evaluate(source, names)

    monkeypatch.setattr(builtins, "eval", watch)
    rule = (
        r.note_contains(f"x{text}")
        | r.company(f"x{text}")
        | r.tagged(f"x{text}")
        | r.rule(lambda row: False, reason=text)
    )
    assert rule.truths(
        [invitation(0, note=f"x{text}", company="y"), invitation(1, note="", company=f"x{text}")]
    ) == [
        *(Truth.TRUE, Truth.TRUE),
    ]

    (source,) = sources
    assert f"x{text}" not in source
    assert set(source) <= set("abcdefghijklmnopqrstuvwxyzUNKOWTFruelas0123456789_.[]()<>=! |:,")


def test_what_a_test_prints_holds_no_note() -> None:
    """A rule about repeated notes compares with the notes themselves."""
    rows = [invitation(number, note="private words") for number in range(3)]
    rule = r.same_note_as(at_least=2)

    for truth in (True, False):
        assert "private words" not in repr(rule.surely(truth, Sight(now=NOW, invitations=rows)))
    assert "private words" not in repr(Sight(now=NOW, invitations=rows))
