"""Archives made to do harm, and archives that were harmed.

Always `ArchiveError` or findings, always in bounded memory, and nothing is ever written.
"""

from __future__ import annotations

import random
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from tests.dialects.csvs import TAKEN_AT, invitations, row
from tests.readers.exports import BOTH, CONNECTIONS, INVITATIONS, built, directory, member, zipped

from invitekit.errors import ArchiveError
from invitekit.readers import read_export
from invitekit.readers._archive import _Rationed
from invitekit.readers._files import ENTRY_LIMIT, Budget

MEGABYTE = 2**20


def refusal(content, **options):
    """The error, and that it took less than 64 MB to find out."""
    tracemalloc.start()
    try:
        with pytest.raises(ArchiveError) as caught:
            read_export(content, **options)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * MEGABYTE
    assert str(caught.value).isprintable()
    return str(caught.value)


def attempt(content, **options):
    """The snapshot, or the error; that it took less than 64 MB either way."""
    tracemalloc.start()
    try:
        outcome = read_export(content, **options)
    except ArchiveError as error:
        outcome = error
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * MEGABYTE
    return outcome


class TestBombs:
    def test_a_member_that_grows_a_thousand_times(self):
        bomb = zipped([("Invitations.csv", b"x" * 20 * MEGABYTE)])
        assert "would grow more than 200 times" in refusal(bomb)

    def test_a_small_member_may_well_be_repetitive(self):
        """Under a megabyte the ratio says nothing: many rows look alike."""
        rows = [row(slug=f"p-{at}") for at in range(2_000)]
        assert len(read_export(zipped([("Invitations.csv", invitations(*rows))])).invitations) == 2_000

    def test_a_member_that_claims_to_be_huge(self):
        assert "no file of an export is so large" in refusal(
            built(member(b"Invitations.csv", b"x", size=2**28 + 1))
        )

    def test_a_member_that_claims_to_be_small(self):
        """What it really unpacks to is not asked for beyond its word, and then its checksum is wrong."""
        bomb = built(member(b"Invitations.csv", b"x" * 100 * MEGABYTE, size=1000))
        assert "is damaged" in refusal(bomb)

    def test_sixty_five_thousand_members(self):
        entries = [member(b"Invitations.csv")[1]] * 65_000
        assert "list of members is larger" in refusal(directory(member(b"Invitations.csv")[0], entries))

    def test_a_few_thousand_too_many_members(self):
        parts = [member(b"%d" % at) for at in range(ENTRY_LIMIT + 1)]
        assert "has 5,001 members" in refusal(
            directory(b"".join(part[0] for part in parts), (part[1] for part in parts))
        )

    @pytest.mark.parametrize("count", [0xFFFF, 0])
    def test_a_directory_whose_count_lies(self, count):
        """Neither the small nor the large form of the count is believed."""
        entries = [member(b"%d" % at)[1] for at in range(40_000)]
        assert refusal(directory(b"x" * 40, entries, count))

    def test_a_directory_that_claims_to_be_the_whole_large_file(self):
        content = bytes(8 * MEGABYTE)
        end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(content), 0, 0)
        assert refusal(b"PK\x03\x04" + content[4:] + end)

    def test_a_directory_in_the_large_form(self):
        """A ZIP64 record names sizes of its own."""
        local, entry = member(b"Invitations.csv", INVITATIONS.encode())
        listed = entry * 50_000
        large = b"PK\x06\x06" + struct.pack(
            "<QHHLLQQQQ", 44, 45, 45, 0, 0, 50_000, 50_000, len(listed), len(local)
        )
        locator = b"PK\x06\x07" + struct.pack("<LQL", 0, len(local) + len(listed), 1)
        end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
        assert "list of members is larger" in refusal(local + listed + large + locator + end)

    def test_members_that_share_their_bytes(self):
        """The same content, listed under two names."""
        local, entry = member(b"Invitations.csv", INVITATIONS.encode())
        other = member(b"Connections.csv", INVITATIONS.encode())[1]
        assert "overlap" in refusal(directory(local, [entry, other]))

    def test_a_member_that_quotes_the_next_one(self):
        inner_local, inner = member(b"Connections.csv", CONNECTIONS.encode(), offset=45)
        outer_local, outer = member(b"Invitations.csv", packed=inner_local, method=0, crc=zlib.crc32(inner_local))
        assert len(outer_local) == 45 + len(inner_local)
        assert "overlap" in refusal(directory(outer_local, [outer, inner]))

    @pytest.mark.parametrize("offset", [2**31, 0xFFFFFFFE])
    def test_a_member_outside_of_the_file(self, offset):
        local, entry = member(b"Invitations.csv", INVITATIONS.encode(), offset=offset)
        assert refusal(directory(local, [entry]))

    def test_a_member_that_runs_into_the_directory(self):
        assert "overlap" in refusal(built(member(b"Invitations.csv", b"x" * 50, packed_size=10_000)))

    def test_a_gigabyte_in_all_is_enough(self):
        budget = Budget()
        budget.take("one.csv", 2**30)
        with pytest.raises(ArchiveError, match="no export does"):
            budget.take("two.csv", 1)

    def test_reading_the_same_bytes_again_does_not_count(self):
        budget = Budget()
        for _ in range(6):
            for size in (2**28, 2**29):
                budget.take("one.csv", size)
                budget.take("two.csv", size)
        with pytest.raises(ArchiveError, match="no export does"):
            budget.take("one.csv", 2**29 + 1)

    def test_more_rows_than_fit_into_memory(self, monkeypatch):
        monkeypatch.setattr("invitekit.readers._export.ROW_LIMIT", 1_000)
        rows = [row(slug=f"p-{at}") for at in range(2_000)]
        assert "more than 1,000 rows" in refusal(invitations(*rows).encode())

    def test_a_file_that_goes_on_for_ever(self, monkeypatch, tmp_path):
        monkeypatch.setattr("invitekit.readers._files.FILE_LIMIT", MEGABYTE)
        path = tmp_path / "Invitations.csv"
        path.write_text(invitations(*(row(slug=f"p-{at}") for at in range(10_000))))
        assert "has more than 1,048,576 bytes" in refusal(path)

    @pytest.mark.parametrize(
        "line", ["x\n", ",\n", '"\n', '""x\n', ",,,,,,\n", "\0\n", "\xff\n", 'a",b,"c\n', "\n", "\r", " \n"]
    )
    def test_thousands_of_lines_of_nothing(self, line):
        """Rows that say nothing, or not even that: given up, or read, in little memory."""
        outcome = attempt((invitations(row()) + line * 30_000).encode("latin-1"))
        if isinstance(outcome, ArchiveError):
            assert "rows cannot be used" in outcome.message
        else:
            assert len(outcome.invitations) == 1

    def test_a_single_endless_line(self):
        assert "columns of an export" in refusal(b"x" * 30 * MEGABYTE)
        content = invitations(row()).encode() + b'"' + b"x," * 15 * MEGABYTE
        assert [one.code for one in attempt(content).findings][:2] == ["no-connections-file", "row-too-long"]


class TestWhatIsNotRead:
    @pytest.mark.parametrize("flags", [0x1, 0x40, 0x41])
    def test_encrypted(self, flags):
        assert "is encrypted" in refusal(built(member(b"Invitations.csv", b"x", flags=flags)))

    @pytest.mark.parametrize("method", [1, 6, 9, 12, 14, 93, 95, 98, 99, 255])
    def test_an_unusual_compression(self, method):
        said = refusal(built(member(b"Invitations.csv", b"x", method=method)))
        assert f"method {method}" in said
        assert "Unpack it" in said

    def test_others_may_be_encrypted_and_compressed_as_they_like(self):
        local, entry = member(b"secret.bin", b"x", method=99, flags=1)
        parts = [member(b"Invitations.csv", INVITATIONS.encode(), offset=len(local)), (local, entry)]
        content = directory(local + parts[0][0], [entry, parts[0][1]])
        assert len(read_export(content).invitations) == 3

    def test_stored_without_compression_is_fine(self):
        assert len(read_export(zipped(method=zipfile.ZIP_STORED)).invitations) == 3

    def test_a_zip_inside_under_the_right_name(self):
        assert "columns of an export" in refusal(zipped([("Invitations.csv", zipped())]))

    def test_what_stands_in_front_of_a_zip_does_not_matter_where_it_is_one(self):
        """Where it does not look like one, it is read as a CSV, and is none."""
        assert "columns of an export" in refusal(b"#!/bin/sh\n" + zipped())


FOLDERS = [
    "../",
    "../../",
    "/",
    "//",
    "./",
    "a/../",
    "a/b/",
    "\\",
    "..\\",
    "C:\\",
    "C:",
    "C:/",
    "\\\\host\\share\\",
    "file:///",
    "-/../",
    "a//",
    "a\\b\\",
    "a:b/",
    "__MACOSX/",
    ".hidden/",
    "..",
    ".../",
    "\u202e/",
    "\x1b[2J/",
    "\u200b/",
    "a\x00/",
    " /",
    "a\tb/",
    "a\nb/",
]
TAILS = ["\0", "\0.exe", "/", "/.", ".exe", "\u202e", " ", ".", "::$DATA", "\r\n", ".zip", "%00"]
ODD = [
    "",
    ".",
    "..",
    "/",
    " ",
    "nul",
    "CON.csv",
    "I\u0307nvitations.csv",
    "x" * 5_000,
    "x" * 65_535,
    "a/" * 30_000,
]
NAMES = [
    *(f"{folder}{name}" for folder in FOLDERS for name in ("Invitations.csv", "connections.csv")),
    *(f"Invitations.csv{tail}" for tail in TAILS),
    *ODD,
]


class TestNames:
    """Names that a zip could use to write somewhere: there is nothing that writes."""

    def test_there_are_at_least_sixty(self):
        assert len(set(NAMES)) >= 60

    @pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
    def test_nothing_is_written_and_such_a_member_is_not_read(self, name, tmp_path, monkeypatch):
        inner = tmp_path / "inner"
        inner.mkdir()
        monkeypatch.chdir(inner)
        before = set(tmp_path.rglob("*"))
        said = refusal(built(member(name.encode(), INVITATIONS.encode(), flags=0x800)))
        assert len(said) < 600
        assert set(tmp_path.rglob("*")) == before

    @pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
    def test_beside_an_export_it_does_not_disturb(self, name):
        parts = [member(name.encode(), b"x", flags=0x800)]
        for good, content in BOTH:
            parts.append(member(good.encode(), content.encode(), offset=sum(len(local) for local, _ in parts)))
        assert len(read_export(built(*parts)).invitations) == 3

    @pytest.mark.parametrize("folder", ["~", "con", "%2e%2e%2f", "x" * 255])
    def test_a_folder_is_only_a_word_to_somebody_who_writes_nothing(self, folder, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert len(read_export(zipped([(f"{folder}/Invitations.csv", INVITATIONS)])).invitations) == 3
        assert list(tmp_path.iterdir()) == []


class TestDamage:
    def test_ten_thousand_damaged_zips(self):
        """Some are still readable; the others end in ArchiveError and nothing else."""
        good = zipped()
        dice = random.Random(7)
        ends = {"read": 0, "refused": 0}
        for _ in range(5_000):
            ends[_end(_damaged(good, dice))] += 1
        stored = zipped(method=zipfile.ZIP_STORED)
        for _ in range(1_500):
            ends[_end(_damaged(stored, dice))] += 1
        for content in (INVITATIONS, CONNECTIONS):
            for _ in range(1_750):
                ends[_end(_damaged(content.encode(), dice))] += 1
        assert sum(ends.values()) == 10_000
        assert min(ends.values()) > 500

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
    def test_a_download_that_broke_off(self, share):
        content = zipped()
        assert "is damaged" in refusal(content[: int(len(content) * share)])

    def test_content_that_broke_off_inside_an_intact_zip(self):
        """The directory is fine; what it points to ends too early."""
        local, _ = member(b"Invitations.csv", INVITATIONS.encode())
        short = built(member(b"Invitations.csv", INVITATIONS.encode(), packed=local[45:-30]))
        assert "Invitations.csv" in refusal(short)
        assert "is damaged" in refusal(short)

    def test_a_wrong_checksum(self):
        assert "is damaged (BadZipFile)" in refusal(built(member(b"Invitations.csv", INVITATIONS.encode(), crc=1)))

    def test_the_line_is_told_where_it_is_known(self):
        rows = invitations(*(row(slug=f"p-{at}", note=f"{random.Random(at).random()}") for at in range(20_000)))
        squeeze = zlib.compressobj(1, zlib.DEFLATED, -15)
        packed = squeeze.compress(rows.encode()) + squeeze.flush()
        broken = packed[: len(packed) // 2] + b"\xff" * 100 + packed[len(packed) // 2 + 100 :]
        with pytest.raises(ArchiveError) as caught:
            read_export(built(member(b"Invitations.csv", rows.encode(), packed=broken)))
        assert caught.value.file == "<bytes>/Invitations.csv"
        assert 1_000 < caught.value.line < 20_000

    def test_a_date_that_does_not_exist_is_no_hint(self):
        local, entry = member(b"Invitations.csv", INVITATIONS.encode())
        zero = local[:12] + bytes(2) + local[14:], entry[:14] + bytes(2) + entry[16:]
        snapshot = read_export(built(zero))
        assert "newest row" in snapshot.findings[-1].text


def _damaged(content: bytes, dice: random.Random) -> bytes:
    """Some bytes changed, cut out, doubled, or cut off."""
    data = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 5))):
        at = dice.randrange(len(data) or 1)
        match dice.randrange(6):
            case 0:
                data[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del data[at : at + dice.choice((1, 1, 4, 40))]
            case 2:
                data[at:at] = data[at : at + dice.choice((1, 4, 40))]
            case 3:
                data[at : at + 4] = dice.choice((b"\xff" * 4, bytes(4), b"PK\x01\x02", b'"\n,"'))
            case 4:
                del data[max(at, 4) :]
            case _:
                data[at : at + 1] = dice.choice((b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"%"))
    return bytes(data)


def _end(content: bytes) -> str:
    try:
        snapshot = read_export(content, taken_at=TAKEN_AT)
    except ArchiveError:
        return "refused"
    assert all(file.rows == file.used + file.set_aside for file in snapshot.files)
    assert sum(file.set_aside for file in snapshot.files) == sum(one.set_aside for one in snapshot.findings)
    return "read"


def test_a_rationed_file_hands_out_everything_but_not_at_once(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * 5 * MEGABYTE)
    with path.open("rb") as stream:
        file = _Rationed(stream)
        assert len(file.read(MEGABYTE)) == MEGABYTE
        with pytest.raises(ArchiveError):
            file.read(4 * MEGABYTE)
        stream.seek(-10, 2)
        assert file.read() == b"x" * 10
        assert file.read() == b""
        file.close()
        assert not stream.closed


def test_nothing_in_the_readers_can_extract():
    """There is no call that could."""
    for module in Path(read_export.__code__.co_filename).parent.glob("*.py"):
        assert ".extract" not in module.read_text("utf-8")
