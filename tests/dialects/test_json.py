"""Bodies from strangers become plain data or a `PayloadError`, whatever they hold."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invitekit.dialects._json import decode, decode_object
from invitekit.errors import PayloadError

HOSTILE = {
    "empty": b"",
    "blank": b" \r\n\t",
    "cut": b'{"items": [1, 2',
    "more than one value": b"{} {}",
    "a comment": b"{} // done",
    "single quotes": b"{'a': 1}",
    "html": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "utf-16 without a mark": '{"a": 1}'.encode("utf-16-le"),
    "utf-32": '{"a": 1}'.encode("utf-32"),
    "latin-1": '{"a": "Zoë"}'.encode("latin-1"),
    "overlong utf-8": b'{"a": "\xc0\xaf"}',
    "surrogate in utf-8": b'{"a": "\xed\xa0\x80"}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": [Infinity]}',
    "minus Infinity": b'{"a": -Infinity}',
    "a float beyond all": b'{"a": 1e999}',
    "an integer of 5,000 digits": b'{"a": ' + b"7" * 5_000 + b"}",
    "a key twice": b'{"id": "1", "id": "2"}',
    "a key twice, once escaped": b'{"id": "1", "\\u0069d": "2"}',
    "a key twice, deep": b'{"items": [{"a": {"b": 1, "b": 1}}]}',
    "half a character": b'{"a": "\\ud800"}',
    "half a character as a key": b'{"\\udc00": 1}',
    "halves the wrong way round": b'{"a": ["\\udc00\\ud800"]}',
    "lists 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "objects 100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "lists 100,000 deep and open": b"[" * 100_000,
    "a NUL": b'{"a": "\x00"}',
    "a bare line end in a text": b'{"a": "b\nc"}',
}


class TestHostile:
    @pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
    def test_it_is_a_payload_error_without_a_trace_of_the_body(self, body: bytes) -> None:
        with pytest.raises(PayloadError) as caught:
            decode(body)
        error = caught.value
        assert error.key == "body"
        assert error.hint
        # The errors of the decoders hold the whole body.
        assert error.__cause__ is error.__context__ is None
        assert len(str(error)) < 250

    def test_deep_nesting_is_refused_also_where_little_stack_is_left(self) -> None:
        def down(levels: int) -> None:
            if levels:
                down(levels - 1)
                return
            with pytest.raises(PayloadError):
                decode(b"[" * 100_000 + b"]" * 100_000)

        down(sys.getrecursionlimit() // 4)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS


class TestOrdinary:
    @given(
        st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)),
        st.booleans(),
    )
    def test_it_reads_what_json_writes(self, value: Any, escaped: bool) -> None:
        assert decode(json.dumps(value, ensure_ascii=escaped).encode()) == value

    def test_characters_beyond_the_first_plane_are_whole_when_escaped(self) -> None:
        assert decode(b'{"a": "\\ud83d\\ude00 \\u00eb"}') == {"a": "\U0001f600 ë"}

    @given(st.binary(max_size=60))
    def test_any_bytes_are_data_or_a_payload_error(self, body: bytes) -> None:
        try:
            value = decode(body)
        except PayloadError:
            return
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Written:
    """JSON as it is written: keys may come twice, and white space may stand wherever it may."""

    text: str
    value: Any
    """What it is, where no object has a key twice."""
    twice: bool


SPACES = st.sampled_from(["", "", " ", "\t", "\n", "\r", " \r\n\t"])
# Few of them, so that they meet; some with what keys and colons look like.
KEYS = st.sampled_from(
    ["a", "b", 'a"', 'a":', "a\\", '\\"', ":", "", " ", "a :", "ë", "\U0001f600", "\x00", '{"a":1}']
)
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | KEYS


def spelled(draw: st.DrawFn, text: str) -> str:
    """A text, as it may be spelled: a character, or its code."""
    if not draw(st.booleans()):
        return json.dumps(text, ensure_ascii=draw(st.booleans()))
    units = text.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2)) + '"'


@st.composite
def written(draw: st.DrawFn, depth: int = 3) -> Written:
    kind = draw(st.sampled_from(["scalar", "list", "object"])) if depth else "scalar"
    gap = lambda: draw(SPACES)  # noqa: E731
    if kind == "scalar":
        value = draw(SCALARS)
        text = spelled(draw, value) if isinstance(value, str) else json.dumps(value)
        return Written(f"{gap()}{text}{gap()}", value, twice=False)
    inner = draw(st.lists(written(depth=depth - 1), max_size=4))
    twice = any(one.twice for one in inner)
    if kind == "list":
        body = ",".join(one.text for one in inner) or gap()
        return Written(f"{gap()}[{body}]{gap()}", [one.value for one in inner], twice)
    keys = draw(st.lists(KEYS, min_size=len(inner), max_size=len(inner)))
    members = zip(keys, inner, strict=True)
    body = ",".join(f"{gap()}{spelled(draw, key)}{gap()}:{one.text}" for key, one in members) or gap()
    twice = twice or len(set(keys)) < len(keys)
    return Written(
        f"{gap()}{{{body}}}{gap()}",
        dict(zip(keys, (one.value for one in inner), strict=True)),
        twice,
    )


class TestKeysThatComeTwice:
    @settings(max_examples=500)
    @given(written())
    def test_they_are_found_however_they_are_spelled_and_nothing_else_is(self, json_: Written) -> None:
        body = json_.text.encode()
        if json_.twice:
            with pytest.raises(PayloadError, match="same key twice"):
                decode(body)
        else:
            assert decode(body) == json_.value

    @pytest.mark.parametrize(
        "body",
        [
            b'{"a" : 1, "a" : 2}',
            b'{"a"\r\n:1,"a"\t:2}',
            b'{"a\\\\":1,"a\\\\":2}',
            b'{"a\\":":1,"a\\":":2}',
            b'{"x":{"a":1,"a":1},"x":2}',
            b'[{"a":"\\":"},{"\\u0061":1,"a":2}]',
            b'{"\xf0\x9f\x98\x80":1,"\\ud83d\\ude00":2}',
        ],
    )
    def test_these_are(self, body: bytes) -> None:
        with pytest.raises(PayloadError, match="same key twice"):
            decode(body)


class TestObjects:
    def test_an_object_is_given(self) -> None:
        assert decode_object(b' {"a": [1, 2.5, null, true]} ') == {"a": [1, 2.5, None, True]}

    @pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'"text"', b"true"])
    def test_anything_else_is_refused(self, body: bytes) -> None:
        with pytest.raises(PayloadError, match="not an object"):
            decode_object(body)
