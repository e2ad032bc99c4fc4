"""Patterns: the part of regular expressions that means the same in every engine, and ends in good time."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invitekit.errors import PolicyError
from invitekit.rules._pattern import compiled

P = settings(max_examples=max(250, settings().max_examples))


def found(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text."""
    return compiled(pattern).search(text) is not None


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("recruiter|talent", ["Senior Recruiter", "TALENT"], ["recruit", ""]),
        ("^head of", ["Head of Sales"], ["a head of", "\nhead of"]),
        ("sales$", ["Sales"], ["sales ", "sales\n", "sales\nx"]),
        ("^$", [""], [" ", "\n"]),
        ("a.c", ["abc", "a c", "a.c"], ["ac", "a\nc"]),
        (r"a\.c", ["a.c"], ["abc"]),
        (r"a\tb\nc\r", ["a\tb\nc\r"], ["atbncr"]),
        (r"\d+ years", ["7 years", "12 Years"], ["x years", "٧ years"]),
        (r"^\D$", ["x", "٧", "-"], ["7"]),
        (r"^\w$", ["a", "Z", "_", "0"], ["é", "-", " "]),
        (r"^\W$", ["é", "-"], ["a", "_"]),
        (r"a\sb", ["a b", "a\tb", "a\nb"], ["a\u00a0b", "ab"]),
        (r"a\Sb", ["axb", "a\u00a0b"], ["a b"]),
        ("[abc]x", ["ax", "CX"], ["dx", "x"]),
        ("[a-c]x", ["bx"], ["dx", "-x"]),
        ("[^a-c]x", ["dx"], ["ax", "x"]),
        ("[a-]x", ["-x", "ax"], ["bx"]),
        ("[-a]x", ["-x", "ax"], ["bx"]),
        (r"[\d-]x", ["7x", "-x"], ["ax"]),
        (r"[\w.]@", ["a@", ".@"], ["-@"]),
        (r"[\]\[]x", ["]x", "[x"], ["ax"]),
        (r"[a\-c]x", ["-x", "ax"], ["bx"]),
        (r"[\t\n]x", ["\tx", "\nx"], [" x", "tx"]),
        ("[.]x", [".x"], ["ax"]),
        ("[&&~|]x", ["&x", "~x", "|x"], ["ax"]),
        ("[#-&]x", ["%x"], ["'x"]),
        ("[^^]x", ["ax"], ["^x"]),
        ("colou?r", ["color", "Colour"], ["colouur"]),
        ("go{2,3}al", ["gooal", "goooal"], ["goal", "gooooal"]),
        ("go{2}al", ["gooal"], ["goooal"]),
        ("go{2,}al", ["gooooal"], ["goal"]),
        ("go{0}al", ["gal"], ["goal"]),
        ("(ab)+c", ["ababc"], ["c", "aac"]),
        ("(?:ab){2}c", ["ababc"], ["abc"]),
        ("(a|b)?c", ["c", "ac", "xc"], ["x"]),
        ("(vice )?president", ["President", "Vice President"], ["vice"]),
        ("a|", ["", "x"], []),
        ("()x", ["x"], ["y"]),
        ("a+?b", ["aab"], ["b"]),
        ("}x", ["}x"], ["x"]),
        ("]x", ["]x"], ["x"]),
        ("a, b", ["A, B"], ["a,b"]),
        ("c#", ["C#"], ["c"]),
        (r"c\+\+", ["C++"], ["c"]),
        (r"\(x\)", ["(x)"], ["x"]),
        (r"a\\b", ["a\\b"], ["ab"]),
        (r"\$\^\|\*\?\{\}\[\]\/\-", ["$^|*?{}[]/-"], ["$"]),
        ("zoë", ["ZOË"], ["zoe"]),
        (".*sales.*manager.*", ["Regional Sales Key Account Manager, EMEA"], ["manager of sales"]),
        (r"^(senior|head) .*engineer", ["Senior software engineer"], ["junior senior engineer"]),
    ],
)
def test_what_is_taken_and_what_it_means(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [text for text in yes if not found(pattern, text)] == []
    assert [text for text in no if found(pattern, text)] == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(?=a)", "look-around, flags and named groups"),
        ("(?!a)", "look-around"),
        ("(?<=a)b", "look-around"),
        ("(?P<x>a)", "named groups"),
        ("(?i)a", "flags"),
        ("(?#a)", "look-around, flags"),
        ("(?>a)", "look-around, flags"),
        (r"(a)\1", r"\\1 is not portable"),
        (r"\bword\b", r"\\b is not portable"),
        (r"\Aa\Z", r"\\A is not portable"),
        (r"\pL", r"\\p is not portable"),
        (r"\x41", r"\\x is not portable"),
        (r"\u0041", r"\\u is not portable"),
        (r"\_", r"\\_ is not portable"),
        ("a\\", r"\\ is not portable"),
        (r"[\D]", r"\\D is not portable inside brackets"),
        (r"[\b]", "not portable inside brackets"),
        ("[a\\", "not portable inside brackets"),
        (r"[a-\d]", "not portable inside brackets"),
        ("[[:alpha:]]", r"write \\\[ for a bracket"),
        ("[a", "a '\\[' is not closed"),
        ("[", "a '\\[' is not closed"),
        ("[]", "the brackets are empty"),
        ("[^]", "the brackets are empty"),
        ("[z-a]", "a range in brackets runs backwards"),
        ("(a", "a '\\(' is not closed"),
        ("a)", "a '\\)' has no '\\('"),
        ("*a", "there is nothing to repeat"),
        ("a|*", "there is nothing to repeat"),
        ("(+)", "there is nothing to repeat"),
        ("^*", "there is nothing to repeat"),
        ("$+", "there is nothing to repeat"),
        ("{2}", "there is nothing to repeat"),
        ("a**", "a repeat cannot be repeated"),
        ("a++", "a repeat cannot be repeated"),
        ("a*+", "a repeat cannot be repeated"),
        ("a{2}{3}", "a repeat cannot be repeated"),
        ("a??*", "a repeat cannot be repeated"),
        ("a{", "a repeat count looks like"),
        ("a{,3}", "a repeat count looks like"),
        ("a{x}", "a repeat count looks like"),
        ("a{1,2,3}", "a repeat count looks like"),
        ("a{٣}", "a repeat count looks like"),
        ("a{1000}", "a repeat count looks like"),
        ("a{101}", "from low to high, up to 100"),
        ("a{5,2}", "from low to high, up to 100"),
        ("(a+)+", "repeats something that itself repeats or chooses"),
        ("(a|b)*", "repeats something that itself repeats or chooses"),
        ("(a?){3}", "repeats something that itself repeats or chooses"),
        ("((ab)*c)+", "repeats something that itself repeats or chooses"),
        ("a*a*a*b", "compete for the same characters"),
        ("a?" * 40 + "a" * 40, "compete for the same characters"),
        ("(a|aa)" * 30, "compete for the same characters"),
        ("a{0,100}" * 4 + "b", "compete for the same characters"),
        (".+a.+b.+c.+d", "compete for the same characters"),
        ("(a*)(a*)(a*)b", "compete for the same characters"),
        ("x*y?x*y?x*y?x*z", "compete for the same characters"),
        (r"\w*[a-f]*[0-9a]*a*!", "compete for the same characters"),
        ("x" * 501, "longer than 500 characters"),
    ],
)
def test_what_is_refused_and_why(pattern: str, why: str) -> None:
    with pytest.raises(PolicyError, match=why) as caught:
        compiled(pattern)
    assert "cannot be used at position" in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("wrong", [None, "", 5, b"a", re.compile("a")], ids=repr)
def test_only_a_text_is_a_pattern(wrong: object) -> None:
    with pytest.raises(PolicyError, match="a pattern must be a text that is not empty"):
        compiled(wrong)


# Small pieces of which Python and the portable part mean the same, for texts without the letters that Python folds
# in a way of its own.
_ATOMS = ["a", "b", "1", "-", " ", ".", "[ab]", "[^a]", "[a-c1]", "(?:ab)", "(a|b)", r"\d", r"\.", "c"]
_REPEATS = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "{2,}", "*?", "+?"]
PIECES = st.lists(st.tuples(st.sampled_from(_ATOMS), st.sampled_from(_REPEATS)), min_size=1, max_size=5)
TEXTS = st.text("abcABC12- .\n", max_size=9)


@P
@given(PIECES, st.booleans(), st.booleans(), st.lists(TEXTS, min_size=1, max_size=4))
def test_what_is_taken_means_what_python_means(
    pieces: list[tuple[str, str]], from_start: bool, to_end: bool, texts: list[str]
) -> None:
    """Where both take a pattern, both find it in the same texts; `$` alone is stricter than Python's."""
    body = "".join(atom + repeat for atom, repeat in pieces)
    pattern = f"{'^' * from_start}{body}{'$' * to_end}"
    try:
        portable = compiled(pattern)
    except PolicyError:
        return
    python = re.compile("^" * from_start + f"(?:{body})" + r"\Z" * to_end, re.IGNORECASE | re.ASCII)

    assert [portable.search(text) is not None for text in texts] == [
        python.search(text) is not None for text in texts
    ]


@P
@given(st.text(st.sampled_from(r"ab1-^$.*+?{}[]()|\d, "), max_size=14))
def test_any_text_is_a_pattern_that_compiles_or_an_error_of_ours(pattern: str) -> None:
    try:
        portable = compiled(pattern)
    except PolicyError:
        return
    portable.search("ab1 -d,")


class TestTime:
    """No pattern that is taken keeps anybody waiting, whatever a stranger writes into a name or a note."""

    WORST = 300

    @pytest.mark.parametrize(
        ("pattern", "text"),
        [
            ("a*a*b", "a" * WORST),
            ("(a|aa)" * 14 + "b", "a" * WORST),
            ("a?" * 14 + "a" * 14 + "b", "a" * WORST),
            ("[ab].*[ab].*c", "ab" * (WORST // 2)),
            ("^.*a.*a.*$", "a" * WORST + "\n"),
            (".*a.*b.*c", "ab" * (WORST // 2)),
            ("(a+)b(a+)c", "a" * WORST),
            ("x{0,9}x{0,9}x{0,9}y", "x" * WORST),
            (r"\w+ \w+ \w+ \w+ \w+!", "word " * (WORST // 5)),
        ],
    )
    def test_the_worst_text_that_we_know_comes_to_an_end(self, pattern: str, text: str) -> None:
        """Without the guard, patterns like these would outlast the test run."""
        assert compiled(pattern).search(text) is None

    @settings(max_examples=120)
    @given(
        st.lists(
            st.tuples(st.sampled_from([*"aab.", "[ab]", r"\w", "(a|ab)"]), st.sampled_from(_REPEATS)), max_size=9
        )
    )
    def test_every_generated_pattern_comes_to_an_end(self, pieces: list[tuple[str, str]]) -> None:
        try:
            portable = compiled("".join(atom + repeat for atom, repeat in pieces) + "!")
        except PolicyError:
            return
        assert portable.search("a" * self.WORST) is None

    def test_a_pattern_is_read_once(self) -> None:
        """A rule asks for it when it is built and again for each plan."""
        assert compiled("recruiter|talent") is compiled("recruiter|talent")
