"""Bytes into lines of text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from invitekit.dialects.export import FileLog, text_lines
from invitekit.dialects.export._decoding import _CUT, LINE_LIMIT
from invitekit.errors import ArchiveError

TEXT = "From,To\r\nZoë,“Ilse”\n\n名,🙂\rlast"
LINES = ["From,To\r\n", "Zoë,“Ilse”\n", "\n", "名,🙂\r", "last"]


def read(data, size=None):
    """The lines, and the findings."""
    log = FileLog("Some.csv")
    chunks = [data] if size is None else [data[at : at + size] for at in range(0, len(data), size)]
    return list(text_lines(chunks, log)), log.findings


@pytest.mark.parametrize("size", [None, 1, 2, 3, 7])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_with_and_without_a_byte_order_mark(encoding, size):
    assert read(TEXT.encode(encoding), size) == (LINES, [])


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_both_byte_orders_of_utf_16_are_read(mark, encoding):
    assert read(mark + TEXT.encode(encoding), 5) == (LINES, [])


@given(
    data=st.lists(st.sampled_from([b"\r", b"\n", b"a", b",", b'"', "ë".encode()])).map(b"".join),
    size=st.integers(1, 5),
)
@example(data=b"a\r\nb", size=2)
def test_lines_end_with_lf_crlf_or_cr_wherever_the_pieces_end(data, size):
    """The law: the lines do not depend on how the bytes arrive, and nothing is lost."""
    lines, _ = read(data, size)
    assert "".join(lines) == data.decode()
    assert lines == [line.decode() for line in data.splitlines(keepends=True)]


def test_a_line_that_is_not_utf_8_is_read_as_windows_1252_and_said():
    data = b"From,To\n" + "Zoë\n".encode("cp1252") + "Zoë\n".encode() + "€uro\n".encode("cp1252")
    lines, findings = read(data, 3)
    assert lines == ["From,To\n", "Zoë\n", "Zoë\n", "€uro\n"]
    (finding,) = findings
    assert (finding.code, finding.file, finding.line, finding.set_aside) == ("not-utf-8", "Some.csv", 2, False)
    assert finding.text.startswith("2 lines")


def test_bytes_that_mean_nothing_in_windows_1252_do_not_stop_the_reading():
    assert read(b"a\x81\n")[0] == ["a\ufffd\n"]


def test_damaged_utf_16_is_an_error_with_its_place():
    data = "From,To\nAda,Bo\n".encode("utf-16") + b"\x00\xd8\x00\x00"
    with pytest.raises(ArchiveError, match="UTF-16") as caught:
        read(data, 4)
    assert (caught.value.file, caught.value.line) == ("Some.csv", 3)


def test_half_a_character_at_the_end_of_utf_16_is_an_error():
    with pytest.raises(ArchiveError, match="UTF-16"):
        read("From".encode("utf-16") + b"x")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("length", [_CUT - 1, _CUT, _CUT + 1, 3 * _CUT])
@pytest.mark.parametrize("size", [1000, _CUT, _CUT + 1, _CUT + 2, 10 * _CUT])
def test_a_line_too_long_is_cut_and_the_next_ones_are_read(end, length, size):
    """However the pieces fall, the lines still count as in an editor, and the cut one is recognisably too long."""
    data = b"head" + end + b"x" * length + end + b"next" + end + b"last"
    lines, findings = read(data, size)
    assert [line.strip() for line in (lines[0], *lines[2:])] == ["head", "next", "last"]
    assert len(lines) == 4
    assert LINE_LIMIT < len(lines[1]) <= length + 2
    assert findings == []


def test_a_file_without_an_end_of_line_needs_no_memory_for_it():
    """A gigabyte of one letter comes out as one line, cut."""
    log = FileLog("Some.csv")
    (line,) = text_lines((b"x" * 2**18 for _ in range(400)), log)
    assert len(line) < 2**18


def test_an_error_of_the_bytes_gets_the_line_it_was_met_at():
    def broken():
        yield b"one\ntwo\nthr"
        raise ArchiveError("is damaged", file="inner.csv")

    with pytest.raises(ArchiveError) as caught:
        list(text_lines(broken(), FileLog("Some.csv")))
    assert (caught.value.file, caught.value.line) == ("inner.csv", 3)


@pytest.mark.parametrize("chunks", [[], [b""], [b"\xef\xbb\xbf"], [b"\xff\xfe"]])
def test_nothing_gives_no_lines(chunks):
    assert list(text_lines(chunks, FileLog("Some.csv"))) == []
