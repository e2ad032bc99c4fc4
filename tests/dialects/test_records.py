"""Lines into records: no damage in one row costs another, and every row is counted."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.dialects.csvs import lines

from invitekit.dialects.export import FileLog, Header
from invitekit.dialects.export._decoding import LINE_LIMIT
from invitekit.dialects.export._log import _HOPELESS
from invitekit.dialects.export._records import _BLOCK, _SPAN, records
from invitekit.errors import ArchiveError

HEADER = Header("invitations", 1, ",", 3, {})


def read(content, header=HEADER):
    """The records with their lines, what was set aside by line, and the log."""
    log = FileLog("Some.csv")
    log.header = header
    found = list(records(lines(content), header, log, list))
    log.used = len(found)
    aside = {finding.line: finding.code for finding in log.findings}
    assert log.rows == len(found) + len(log.findings)
    assert log.account().set_aside == len(log.findings)
    return found, aside, log


def test_rows_come_with_the_line_they_begin_on():
    assert read('a,b,c\n\n"d\nd",e,f\ng,h,i')[0] == [
        (2, ["a", "b", "c"]),
        (4, ["d\nd", "e", "f"]),
        (6, ["g", "h", "i"]),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_will_do(end):
    assert read(end.join(["a,b,c", 'd,"e",f', "", "g,h,i", ""]))[0] == [
        (2, ["a", "b", "c"]),
        (3, ["d", "e", "f"]),
        (5, ["g", "h", "i"]),
    ]


class TestCellsThatASpreadsheetLeftOut:
    """Empty cells at the end of a row are not written where the rows below have none either."""

    HEADER = Header("invitations", 1, ",", 5, {}, 3)

    @pytest.mark.parametrize("short", ["a,b,c", "a,b,c,", "a,b,c,,", "a,b,c,,,", "a,b,c,,,,"])
    @pytest.mark.parametrize("beside", ["", "1,2,3,4,5\n", '1,"2\n2",3,4,5\n', "1,2\n"])
    def test_they_are_empty(self, short, beside):
        found, _, _ = read(f"{short}\n{beside}", self.HEADER)
        assert found[0] == (2, ["a", "b", "c", "", ""])

    @pytest.mark.parametrize("ragged", ["a", "a,b", "a,b,c,d,e,f", "a,b,c,d,e,,f"])
    def test_those_that_are_never_empty_must_be_there_and_no_more_than_the_header_has(self, ragged):
        assert read(f"1,2,3\n{ragged}\n4,5,6\n", self.HEADER)[1] == {3: "ragged-row"}

    def test_a_short_row_in_an_open_quote_is_still_a_row(self):
        found, aside, _ = read('1,"2,3\n4,5,6\n7,8,9,,,,\n10",11,12\n', self.HEADER)
        assert ([line for line, _ in found], aside) == ([3, 4, 5], {2: "open-quote"})


def test_more_rows_than_may_be_held_end_the_reading():
    log = FileLog("Some.csv", row_limit=1_000)
    with pytest.raises(ArchiveError, match="more than 1,000 rows"):
        list(records(lines("1,2,3\n" * 2_000), HEADER, log, list))
    assert log.rows < 1_500


def test_empty_lines_between_blocks_keep_the_count_of_lines():
    found, _, log = read("1,2,3\n" + "\n" * (3 * _BLOCK + 5) + "4,5,6\n" + " \r\n" * 2 * _BLOCK)
    assert ([line for line, _ in found], log.rows) == ([2, 3 * _BLOCK + 8], 2)


@pytest.mark.parametrize("blank", ["", " ", "\t", '""'])
def test_empty_lines_are_no_rows(blank):
    assert read(f"a,b,c\n{blank}\nd,e,f\n{blank}\n")[2].rows == 2


def test_cells_that_a_spreadsheet_added_at_the_end_are_no_matter():
    assert read("a,b,c,,\n")[0] == [(2, ["a", "b", "c"])]


@pytest.mark.parametrize("ragged", ["a", "a,b", "a,b,c,d", "a,b,c,,d"])
def test_a_row_with_too_few_or_too_many_cells_is_set_aside(ragged):
    found, aside, _ = read(f"1,2,3\n{ragged}\n4,5,6\n")
    assert (found, aside) == ([(2, ["1", "2", "3"]), (4, ["4", "5", "6"])], {3: "ragged-row"})


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ('a,"b,c', "open-quote"),
        ('"a,b,c', "open-quote"),
        ('a,b,"', "open-quote"),
        ('a,"b"x,c', "unreadable-row"),
        ("a,b\0,c", "nul"),
        ("a," + "b" * LINE_LIMIT + ",c", "row-too-long"),
        ("a," + "b" * 200_000 + ",c", "row-too-long"),
        ('a,"' + "b" * 200_000 + ",c", "row-too-long"),
    ],
)
@pytest.mark.parametrize("rows", [0, 3, _SPAN, _SPAN + 1, _BLOCK, 2 * _BLOCK + 3])
def test_one_broken_row_costs_no_other(broken, code, rows):
    """Wherever it stands in its block, and however much follows."""
    for before in (0, 1, _BLOCK - 1):
        good = ["1,2,3"] * before, ["4,5,6"] * rows
        found, aside, _ = read("\n".join([*good[0], broken, *good[1]]))
        assert len(found) == before + rows
        assert aside == {before + 2: code}


def test_an_open_quote_that_a_later_quote_closes_costs_no_other():
    """The rows in between look like one cell with line breaks, and are rows."""
    found, aside, _ = read('1,"2,3\n4,5,6\n7,8,9\n10",11,12\n13,14,15\n')
    assert [line for line, _ in found] == [3, 4, 5, 6]
    assert aside == {2: "open-quote"}


def test_line_breaks_inside_a_cell_are_kept():
    assert read('1,"Acme\r\nHoldings\n\nInc.",3\n')[0] == [(2, ["1", "Acme\r\nHoldings\n\nInc.", "3"])]


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_record_may_span_so_many_lines_and_no_more(extra):
    """Beyond that it is an open quote; its lines are read anew, here as rows with too few cells."""
    span = _SPAN + extra
    found, aside, _ = read('1,"' + "x\n" * (span - 1) + 'x",3\n4,5,6\n')
    if extra <= 0:
        assert (len(found), aside) == (2, {})
    else:
        assert len(found) == 1
        assert aside[2] == "open-quote"
        assert set(aside.values()) == {"open-quote", "ragged-row"}


def test_a_record_across_the_end_of_a_block_is_whole():
    for before in range(_BLOCK - 4, _BLOCK + 2):
        found, aside, _ = read("1,2,3\n" * before + '4,"5\n5\n5",6\n' + "7,8,9\n" * 3)
        assert found[before] == (before + 2, ["4", "5\n5\n5", "6"])
        assert (len(found), aside) == (before + 4, {})


def test_a_cell_beyond_the_limit_of_the_csv_module_is_set_aside_and_the_limit_stays():
    limit = csv.field_size_limit()
    assert read("a," + "b" * (limit + 1) + ",c\n1,2,3\n")[1] == {2: "row-too-long"}
    assert csv.field_size_limit() == limit


def test_a_limit_that_somebody_lowered_sets_rows_aside_and_loses_none():
    limit = csv.field_size_limit(10)
    try:
        found, aside, _ = read("a,b,c\n" + "x" * 11 + ",b,c\nd,e,f\n")
    finally:
        csv.field_size_limit(limit)
    assert (len(found), aside) == (2, {3: "unreadable-row"})


def test_a_file_that_is_something_else_is_given_up():
    """Ten thousand findings tell nobody more than one error does, and a hundred million do not fit."""
    with pytest.raises(ArchiveError, match="ragged-row") as caught:
        read("x\n" * (_HOPELESS + 5_000))
    assert caught.value.line is not None


def test_a_large_file_may_have_many_bad_rows_among_more_good_ones():
    found, aside, _ = read("1,2,3\nx\n1,2,3\n" * (_HOPELESS + 100))
    assert (len(found), len(aside)) == (2 * (_HOPELESS + 100), _HOPELESS + 100)


def test_quotes_made_to_waste_time_do_not():
    """Each line opens a quote and closes that of another: read naively, the time grows with the square."""
    content = 'a",b,"c\n' * 9_000
    _, aside, log = read(content)
    assert len(aside) == log.rows == 9_000


PIECES = ["a", ",", '"', "\n", "\r", "\0", "b,c,d\n", '"x\ny",', "1,2,3\n", '""', " "]


@settings(max_examples=1_500)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@example('"')
@example('1,2,3\n"')
@example('"a\n1,2,3\n",b,c\n')
def test_whatever_comes_every_line_is_accounted_for(content):
    """The law: a line is blank, or belongs to a record that was given, or is set aside; never two of these."""
    found, aside, _ = read(content)
    total = content.splitlines() if content.isascii() and "\0" not in content else lines(content).readlines()
    begins = sorted([line for line, _ in found] + list(aside))
    assert len(set(begins)) == len(begins)
    inside = {line for at, row in found for line in range(at + 1, at + 1 + breaks(row))}
    assert not inside & set(begins)
    for number, line in enumerate(total, 2):
        accounted = number in begins or number in inside
        assert accounted or not line.strip(' \t\r\n"'), (number, line)


def breaks(row):
    """How many line breaks the cells of a row hold."""
    return sum(len(io.StringIO(cell + "|", newline="").readlines()) - 1 for cell in row)


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
            min_size=3,
            max_size=3,
        ),
        max_size=20,
    )
)
def test_what_the_csv_module_writes_comes_back_or_is_set_aside(rows):
    """With quotes, commas and line breaks in cells, nothing is ever changed in silence."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    found, aside, _ = read(out.getvalue())
    if not aside:
        # Of a row of white space only that it is there matters.
        rows = [row if any(cell.strip() for cell in row) else [""] * len(row) for row in rows]
        blank = [row for row in rows if not any(row)]
        assert [row for _, row in found] == [row for row in rows if row not in blank or ",," in ",".join(row)]
