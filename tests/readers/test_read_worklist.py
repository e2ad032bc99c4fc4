"""A worklist comes back from whatever program it was filled in with, whole or not at all."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import invitekit as ik
from invitekit import rules as r
from invitekit.errors import DataError
from invitekit.model import (
    UNKNOWN,
    Direction,
    Evidence,
    Invitation,
    Member,
    Outcome,
    Result,
    SentAt,
    Snapshot,
    Status,
)
from invitekit.policy import Limits, Policy, Worklist

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
WORDS = {
    "withdrawn": (Result.WITHDRAWN, ""),
    "already accepted": (Result.SKIPPED, "accepted"),
    "not found": (Result.SKIPPED, "not-listed"),
    "left": (Result.NOT_REACHED, ""),
    "": (Result.NOT_REACHED, ""),
}


def invitation(key: str, member: Member, *, days: int = 60) -> Invitation:
    return Invitation(
        id=key,
        member=member,
        direction=Direction.SENT,
        sent_at=SentAt.minute(NOW - timedelta(days=days)),
        status=Status.PRESUMED_PENDING,
        evidence=Evidence.NOT_CONNECTED,
        as_of=NOW,
    )


def worklist_of(*people: tuple[str, Member]) -> Worklist:
    """A worklist of these invitations; another, too young to withdraw, keeps the plan from being everything."""
    rows = [invitation(key, member) for key, member in people]
    young = invitation("young", Member(slug="young-example-77"), days=1)
    policy = Policy(name="p", withdraw=r.older_than(weeks=4), limits=Limits(per_run=1_000))
    return policy.plan(Snapshot(taken_at=NOW, invitations=[*rows, young], source="export")).worklist()


PEOPLE = [
    ("x-1a", Member(name="Zoë Example", slug="zoë-example-77")),
    ("x-2b", Member(name='=HYPERLINK("http://e.example")', slug="formula-example-77")),
    ("7000000000000000001", Member(name='Ada; "@Example", PhD', slug="may-2026", urn="urn:li:member:77")),
    ("x-3c", Member(name="No Profile")),
    ("x-4d", Member(provider_id="1e5")),
]


def filled(text: str, results: Sequence[str]) -> list[list[str]]:
    """The rows of a worklist with these results filled in, from the top."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    at = rows[0].index("result")
    for row, result in zip(rows[1:], results, strict=False):
        row[at] = result
    return rows


def written(rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    """As CSV; all cells in quotes where Python would forget that a lone line end needs them."""
    file = io.StringIO(newline="")
    every: Literal[0, 1] = csv.QUOTE_MINIMAL if end == "\r\n" else csv.QUOTE_ALL
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=every).writerows(rows)
    return file.getvalue()


def table(*rows: str, header: str = "name,profile,result,invitation_id") -> bytes:
    return "\r\n".join((header, *rows, "")).encode()


def test_each_word_becomes_its_outcome(tmp_path: Path) -> None:
    """Through a file, as a person would: save, fill in, read."""
    worklist = worklist_of(*PEOPLE)
    path = worklist.save(tmp_path / "withdraw.csv")
    path.write_bytes(written(filled(path.read_bytes().decode(), list(WORDS))).encode())

    outcomes = ik.read_worklist(path)

    assert list(outcomes) == [
        Outcome(invitation_id=item.invitation.id, member=item.member, result=result, why=why)
        for item, (result, why) in zip(worklist, WORDS.values(), strict=True)
    ]
    assert {outcome.at for outcome in outcomes} == {UNKNOWN}
    assert ik.read_worklist(str(path)) == outcomes
    assert ik.read_worklist(path.read_bytes()) == outcomes
    assert ik.read_worklist(path.read_text(encoding="utf-8")) == outcomes


@pytest.mark.parametrize(
    "spelled", ["Withdrawn", "  WITHDRAWN ", "Already  Accepted", "already-accepted", "Not_Found", "notfound"]
)
def test_case_spaces_and_hyphens_do_not_matter(spelled: str) -> None:
    (outcome,) = ik.read_worklist(table(f"Ada,,{spelled},x-1"))

    assert outcome.result is not Result.NOT_REACHED


def as_excel(rows: list[list[str]]) -> bytes:
    """Excel with a European locale: semicolons, a byte order mark, empty cells at the end of a row left out."""
    trimmed = []
    for row in rows:
        cells = list(row)
        while cells and not cells[-1]:
            cells.pop()
        trimmed.append(cells)
    return b"\xef\xbb\xbf" + written(trimmed, delimiter=";").encode()


def as_unicode_text(rows: list[list[str]]) -> bytes:
    return written(rows, delimiter="\t").encode("utf-16")


def as_ansi(rows: list[list[str]]) -> bytes:
    return written(rows, delimiter=";").encode("cp1252")


def as_libreoffice(rows: list[list[str]]) -> bytes:
    return written(rows, end="\n").encode()


def as_old_mac(rows: list[list[str]]) -> bytes:
    return written(rows, end="\r").encode()


def rearranged(rows: list[list[str]]) -> bytes:
    """Columns from back to front, one added, blank rows, other spellings of headings, a line for Excel on top."""
    heads = {"result": "RESULT ", "invitation_id": "Invitation ID"}
    turned = [
        [*(heads.get(cell, cell) for cell in row[::-1]), "comment" if at == 0 else ""]
        for at, row in enumerate(rows)
    ]
    blank = [""] * len(turned[0])
    return ("sep=;\r\n" + written([turned[0], blank, *turned[1:], blank], delimiter=";")).encode()


@pytest.mark.parametrize("saved", [as_excel, as_unicode_text, as_ansi, as_libreoffice, as_old_mac, rearranged])
def test_what_a_spreadsheet_saved_is_read_the_same(saved: Callable[[list[list[str]]], bytes]) -> None:
    text = worklist_of(*PEOPLE).to_csv()
    rows = filled(text, list(WORDS))

    assert ik.read_worklist(saved(rows)) == ik.read_worklist(written(rows).encode())


def test_a_quote_that_a_spreadsheet_took_off_is_not_missed() -> None:
    """Who edits a cell that shows '=1+1 may lose its quote; what was guarded is what comes back."""
    text = worklist_of(*PEOPLE).to_csv()
    bare = text.replace("'7000000000000000001", "7000000000000000001").replace("\"'=HYPER", '"=HYPER')

    assert bare != text
    assert ik.read_worklist(bare) == ik.read_worklist(text)


def test_it_prints_as_counts() -> None:
    words = ["withdrawn"] * 3 + ["already accepted", "not found", "left", ""]
    outcomes = ik.read_worklist(table(*(f"Ada,,{word},x-{at}" for at, word in enumerate(words))))

    assert str(outcomes) == "3 withdrawn, 1 already accepted, 1 not found, 2 not reached"
    assert outcomes.counts() == {"withdrawn": 3, "already accepted": 1, "not found": 1, "not reached": 2}
    assert repr(outcomes).splitlines()[0] == str(outcomes)
    assert str(outcomes) in outcomes._repr_html_()
    assert str(ik.read_worklist(table())) == "no outcomes"
    assert type(outcomes[:2]) is type(outcomes)
    assert outcomes.to_columns()["invitation_id"] == [f"x-{at}" for at in range(7)]


def test_an_empty_worklist_comes_back_empty() -> None:
    assert list(ik.read_worklist(worklist_of().to_csv())) == []


BROKEN: dict[str, tuple[bytes, str, int | None]] = {
    "unknown word": (table("Ada,,done,x-1"), "the result 'done' is not known", 2),
    "hidden character": (table("A,,left,x-1", "B,,with\u202edrawn,x-2"), "'with\\u202edrawn' is not known", 3),
    "same id twice": (table("A,,withdrawn,x-1", "B,,left,x-1"), "x-1 stands here and in line 2", 3),
    "no id": (table("A,,withdrawn,"), "no invitation_id", 2),
    "row cut short": (table("A,,withdrawn"), "no invitation_id", 2),
    "id made a number": (table("A,,withdrawn,7E+18"), "a spreadsheet may have changed it", 2),
    "id made a number, with a comma": (table('A,,left,"7,00E+18"'), "a spreadsheet may have changed it", 2),
    "open quote": (table("A,,left,x-1", '"B,,left,x-2', "C,,left,x-3"), "a quote is open", 3),
    "quote in the middle": (table('"A" x,,withdrawn,x-1'), "is no CSV", 2),
    "too many cells": (table("A,,withdrawn,x-1,7"), "5 cells where the header has 4", 2),
    "no profile": (table("A,https://e.example/x,withdrawn,x-1"), "no profile address", 2),
    "after a line break": (table('"A\r\nB",,withdrawn,x-1', "C,,no,x-2"), "the result 'no' is not known", 4),
    "column twice": (table(header="name,result,Result,invitation_id"), "'result' stands twice", 1),
    "other columns": (table("A,,left,x-1", header="a,b,what,id"), "columns result and invitation_id", None),
    "empty": (b"", "columns result and invitation_id", None),
    "no text": (b"\x00\x01\x02\xff", "columns result and invitation_id", None),
    "spreadsheet": (b"PK\x03\x04rest", "not a CSV", None),
    "page": (b"\xef\xbb\xbf<!DOCTYPE html>\n<html>", "a page to look at", None),
    "huge cell": (table(f"A,,{'w' * 200_000},x-1"), "is no CSV", 2),
}


@pytest.mark.parametrize("damage", BROKEN)
def test_what_cannot_be_understood_is_refused_with_its_line(damage: str, tmp_path: Path) -> None:
    content, says, line = BROKEN[damage]
    path = tmp_path / "filled.csv"
    path.write_bytes(content)

    with pytest.raises(DataError, match=re.escape(says)) as caught:
        ik.read_worklist(path)

    assert caught.value.line == line
    assert caught.value.file == str(path)
    assert caught.value.hint


def test_an_unknown_word_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(DataError, match="withdrawn, already accepted, not found or left, or leave it empty"):
        ik.read_worklist(table("Ada,,done,x-1"))


@pytest.mark.parametrize("source", [7, None, [b"x"]])
def test_what_is_neither_path_nor_content_is_refused(source: Any) -> None:
    with pytest.raises(DataError, match="from a path or from bytes"):
        ik.read_worklist(source)


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path, "nul\0.csv"):
        with pytest.raises(DataError, match="cannot be read"):
            ik.read_worklist(path)


@settings(max_examples=500)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=400).map(lambda text: f"result,invitation_id\n{text}".encode("utf-8", "replace")),
    )
)
def test_any_bytes_are_read_or_refused_as_data(content: bytes) -> None:
    try:
        outcomes = ik.read_worklist(content)
    except DataError:
        return
    assert len({outcome.invitation_id for outcome in outcomes}) == len(outcomes)


# Surrogates no file can hold; control characters, white space and separators no identifier has.
NAMES = st.text(
    st.one_of(st.sampled_from("=+-@\t\r\n,;|\"' ="), st.characters(exclude_categories=["Cs"])),
    min_size=1,
    max_size=20,
).filter(str.strip)
IDS = st.text(
    st.one_of(st.sampled_from("=+-@,;|\"'1e"), st.characters(exclude_categories=["C", "Z"])),
    min_size=1,
    max_size=20,
).filter(str.isprintable)
MEMBERS = st.builds(
    Member,
    name=st.one_of(st.just(UNKNOWN), NAMES),
    slug=st.sampled_from([UNKNOWN, "ada-example-77", "zoë-example-77", "may-2026", "50%"]),
    urn=st.one_of(st.just(UNKNOWN), st.sampled_from(["urn:li:member:77", "=urn"]), IDS),
    provider_id=st.one_of(st.just(UNKNOWN), IDS),
)


@pytest.mark.parametrize("excel_safe", [True, False])
@settings(max_examples=250)
@given(data=st.data())
def test_every_worklist_comes_back_as_it_went(excel_safe: bool, data: st.DataObject) -> None:
    """2,000 names and identifiers, most of them dangerous: the same invitations, members and results return."""
    ids = data.draw(st.lists(IDS.filter(lambda key: key not in ("young", "7e1")), unique=True, max_size=4))
    worklist = worklist_of(*((key, data.draw(MEMBERS)) for key in ids))
    results = data.draw(st.lists(st.sampled_from(list(WORDS)), min_size=len(ids), max_size=len(ids)))
    rows = filled(worklist.to_csv(excel_safe=excel_safe), results)
    delimiter, end = data.draw(st.sampled_from([(",", "\r\n"), (";", "\n"), ("\t", "\r\n")]))

    outcomes = ik.read_worklist(written(rows, delimiter, end).encode(), excel_safe=excel_safe)

    assert [(one.invitation_id, one.member) for one in outcomes] == [
        (item.invitation.id, item.member) for item in worklist
    ]
    assert [(one.result, one.why) for one in outcomes] == [WORDS[result] for result in results]
