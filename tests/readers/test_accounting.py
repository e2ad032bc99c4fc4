"""Every row is used or set aside with a reason: nothing is lost in silence."""

from __future__ import annotations

import logging

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.dialects.csvs import (
    CONNECTION_COLUMNS,
    NO_URL_COLUMNS,
    PLAIN_ERA,
    TAKEN_AT,
    URL_ERA,
    URN_ERA,
    connections,
    contact,
    invitations,
    row,
)
from tests.readers.exports import zipped

from invitekit.errors import ArchiveError
from invitekit.model import Snapshot
from invitekit.readers import read_export

NOTE = "a very private note"

ROWS = st.lists(
    st.builds(
        lambda at, **cells: row(f"Person {at}", f"p-{at}", number=at, **cells),
        at=st.integers(0, 30),
        sent=st.sampled_from(
            ["6/5/24, 5:42 PM", "11/5/23, 1:30 AM", "2024-06-05 17:42", "25/6/24, 5:42 PM", "soon"]
        ),
        note=st.sampled_from(["", NOTE, f"{NOTE},\n{NOTE}", f'"{NOTE}"', f"{NOTE}\r\n{NOTE}"]),
        direction=st.sampled_from(["OUTGOING", "INCOMING", "incoming", "x"]),
        owner=st.sampled_from(["owner-person-1"] * 5 + ["other-2"]),
    ),
    max_size=12,
)
CONTACTS = st.lists(
    st.builds(
        lambda at, on: contact("Person", str(at), f"p-{at}", on),
        at=st.integers(0, 30),
        on=st.sampled_from(["06 Jun 2024", "6-Jun-24", "2024-06-06", "never", ""]),
    )
    | st.just(contact("", "", "")),
    max_size=12,
)
DAMAGE = st.sampled_from(
    [
        '"',
        '",',
        ',"',
        "\0",
        "\r",
        "\n",
        ",",
        ",,,,,,,,\n",
        "x\n",
        '"x\n',
        "ÿ",
        "x" * 40_000,
        '"' + "x\n" * 70,
        "\ufeff",
    ]
)
COLUMNS = st.sampled_from([PLAIN_ERA, URN_ERA, URL_ERA, (*URL_ERA[::-1], "more")])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"])


@st.composite
def files(draw, build, rows, columns):
    """A file in some spelling, damaged below its header in a few places."""
    delimiter = draw(st.sampled_from([",", ",", ";", "\t"]))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    content = build(*draw(rows), columns=draw(columns), delimiter=delimiter, lineterminator=end)
    content += "" if content.endswith(end) else end
    begin = content.index(end, content.index("Direction" if build is invitations else "Connected On")) + len(end)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(begin, len(content)))
        content = content[:at] + draw(DAMAGE) + content[at:]
    return content.encode(draw(ENCODINGS), errors="replace")


@settings(max_examples=600)
@given(
    sent=files(invitations, ROWS, COLUMNS),
    known=files(connections, CONTACTS, st.sampled_from([CONNECTION_COLUMNS, NO_URL_COLUMNS])),
)
def test_read_is_used_plus_set_aside_and_each_has_a_line_and_a_reason(sent, known):
    """The law of accounting, over every encoding, separator, line end and kind of damage."""
    snapshot = read_export(zipped([("Invitations.csv", sent), ("Connections.csv", known)]), taken_at=TAKEN_AT)
    used = {"invitations": len(snapshot.invitations), "connections": len(snapshot.connections)}
    for file in snapshot.files:
        aside = [one for one in snapshot.findings if one.set_aside and one.file == file.file]
        assert file.rows == file.used + file.set_aside
        assert file.used == used[file.kind]
        assert len(aside) == file.set_aside
        assert all(one.code in file.reasons and one.text and one.line for one in aside)
        assert len({one.line for one in aside}) == len(aside)
    assert len({one.id for one in snapshot.invitations}) == len(snapshot.invitations)
    assert "private" not in repr(snapshot) + repr(list(snapshot.findings)) + repr(list(snapshot.invitations))


@settings(max_examples=200)
@given(rows=ROWS, known=CONTACTS, columns=COLUMNS, data=st.data())
def test_the_order_of_both_files_changes_nothing(rows, known, columns, data):
    def read(some, others):
        # Rows that differ but share an id or a slug would be two people: the first is used, so order matters.
        content = [
            ("Invitations.csv", invitations(*some, columns=columns)),
            ("Connections.csv", connections(*others)),
        ]
        return read_export(zipped(content), taken_at=TAKEN_AT)

    rows = list({(one["To"] + one["From"], one["Sent At"], one["Direction"]): one for one in rows}.values())
    known = list({one["URL"]: one for one in known}.values())
    one, two = read(rows, known), read(data.draw(st.permutations(rows)), data.draw(st.permutations(known)))
    assert {item.id: item for item in one.invitations} == {item.id: item for item in two.invitations}
    assert one.counts() == two.counts()
    assert [file.reasons for file in one.files] == [file.reasons for file in two.files]


@settings(max_examples=100)
@given(rows=ROWS.filter(bool), known=CONTACTS.filter(bool), columns=COLUMNS, data=st.data())
def test_a_repeated_row_in_either_file_changes_nothing(rows, known, columns, data):
    def read(some, others):
        content = [
            ("Invitations.csv", invitations(*some, columns=columns)),
            ("Connections.csv", connections(*others)),
        ]
        return read_export(zipped(content), taken_at=TAKEN_AT)

    # One account, or the repeated row could tip the scale between two.
    rows = [one for one in rows if "other-2" not in str(one)]
    first = read(rows, known)
    again = data.draw(st.sampled_from(rows)) if rows else None
    second = read([*rows, *([again] if again else [])], [*known, data.draw(st.sampled_from(known))])
    assert first.invitations == second.invitations
    assert first.connections == second.connections


def test_reading_says_nothing_in_the_log(caplog):
    """Neither names nor notes, since there is nothing said at all."""
    with caplog.at_level(logging.DEBUG):
        read_export(invitations(row(note=NOTE), row(sent="x", note=NOTE)).encode())
    assert caplog.records == []


def test_an_error_holds_no_note():
    for content in (f'From,To\n"{NOTE}",x\n', f"{NOTE}\n", f'Ada,Owner,"6/5/24, 5:42 PM",{NOTE},OUTGOING\n'):
        outcome = refused(content.encode())
        assert "private" not in str(outcome) + repr(outcome)


def refused(content: bytes) -> ArchiveError | Snapshot:
    try:
        return read_export(content)
    except ArchiveError as error:
        return error
