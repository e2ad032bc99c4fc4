"""Tables for people: whatever strangers wrote into a name, a terminal and a browser show it and do nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitekit._text import clip, escape, html_table, plain, plain_table, several

ANY_TEXT = st.text(st.characters(), max_size=30)
HOSTILE = [
    "\x1b[2J",
    "\u202egnp.exe",
    "a\nb",
    "a\rb",
    "\x00",
    "\x07",
    "\u2066x\u2069",
    "\ufeff",
    "\u200b",
    "\x85",
    "\u2028",
]


class TestPlain:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_control_and_direction_characters_are_spelled_out(self, text: str) -> None:
        shown = plain(text)

        assert shown.isprintable()
        assert "\\u" in shown

    @pytest.mark.parametrize(
        "text", ["Ada Example", "Zoë Example, MBA", "山田 例", "می‌خواهم", "👩‍🔬 Example", "a\u00a0b"]
    )
    def test_names_of_every_script_stay_as_they_are(self, text: str) -> None:
        """The joiners of Persian, of Indic scripts and of emoji are not printable in Python's eyes, yet needed."""
        assert plain(text) == text

    @given(ANY_TEXT)
    def test_the_result_is_one_line_without_controls(self, text: str) -> None:
        shown = plain(text)

        assert len(shown.splitlines()) <= 1
        assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in shown)
        assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", shown)

    @given(ANY_TEXT)
    def test_what_is_harmless_already_does_not_change(self, text: str) -> None:
        assert plain(plain(text)) == plain(text)

    def test_any_value_will_do(self) -> None:
        assert plain(7) == "7"


class TestEscape:
    @given(ANY_TEXT)
    def test_a_browser_reads_back_the_plain_text_and_no_tag(self, text: str) -> None:
        """Parsed as HTML, in an element as in an attribute, it is one piece of text."""
        seen: list[str] = []
        attributes: list[str | None] = []

        class Reader(HTMLParser):
            def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
                assert tag == "td"
                attributes.extend(value for _, value in attrs)

            def handle_data(self, data: str) -> None:
                seen.append(data)

        reader = Reader()
        reader.feed(f"<td title=\"{escape(text)}\" lang='{escape(text)}'>{escape(text)}</td>")
        reader.close()

        assert "".join(seen) == plain(text)
        assert attributes == [plain(text)] * 2


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("", 0, ""), ("abc", 1, "…"), ("abc", 0, "…"), ("abc", 40, "abc")],
)
def test_clip_cuts_and_says_so(text: str, width: int, expected: str) -> None:
    assert clip(text, width) == expected


@pytest.mark.parametrize(
    ("count", "form", "expected"),
    [
        (0, ",", "0 days"),
        (1, ",", "1 day"),
        (2, ",", "2 days"),
        (1_000, ",", "1,000 days"),
        (0.6, ".0f", "1 day"),
        (1.4, ".0f", "1 day"),
        (1.6, ".0f", "2 days"),
        (1.0, "g", "1 day"),
        (1.5, "g", "1.5 days"),
        (11, "g", "11 days"),
    ],
)
def test_one_of_several_is_what_is_written_as_one(count: float, form: str, expected: str) -> None:
    assert several(count, "days", form) == expected


def test_whole_numbers_are_grouped_where_nothing_else_is_asked_for() -> None:
    assert several(12_345, "rows") == "12,345 rows"


class TestPlainTable:
    def test_columns_line_up_and_the_rest_is_counted(self) -> None:
        table = plain_table(("who", "n"), [("Ada", 1), ("Bo Example", 22)], title="2 of 5", more=3)

        assert table.splitlines() == ["2 of 5", "who         n", "Ada         1", "Bo Example  22", "… and 3 more"]

    def test_no_rows_no_head(self) -> None:
        assert plain_table(("who",), [], title="nobody") == "nobody"

    def test_a_thousand_more_is_grouped(self) -> None:
        assert plain_table(("who",), [("Ada",)], more=12_345).endswith("… and 12,345 more")

    def test_long_cells_are_cut_after_they_were_made_plain(self) -> None:
        table = plain_table(("who",), [("\x1b" * 50,)], width=12)

        assert table.splitlines()[1] == "\\u001b\\u001…"

    @given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=4), st.integers(0, 3))
    def test_each_row_is_one_line(self, rows: list[tuple[str, str]], more: int) -> None:
        table = plain_table(("a", "b"), rows, more=more)

        assert len(table.split("\n")) == max((1 + len(rows) if rows else 0) + bool(more), 1)


class TestHtmlTable:
    def test_everything_is_escaped(self) -> None:
        table = html_table(("<b>",), [("<script>",)], title="<i>&", more=1)

        assert set(re.findall(r"</?(\w+)", table)) == {
            *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
        }
        assert "&lt;script&gt;" in table
        assert "&lt;b&gt;" in table
        assert "&lt;i&gt;&amp;" in table
        assert "… and 1 more" in table

    def test_a_cell_is_cut_before_it_is_escaped(self) -> None:
        """Cutting after escaping could leave half an entity."""
        assert "<td>&amp;&amp;…</td>" in html_table(("a",), [("&&&&&",)], width=3)

    def test_without_title_and_more_there_is_neither(self) -> None:
        table = html_table(("a",), [("x",)])

        assert "<caption>" not in table
        assert "<tfoot>" not in table
