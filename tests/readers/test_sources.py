"""What may be passed as an export, and what happens when it is something else."""

from __future__ import annotations

import gc
import io
import os
import pickle
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from tests.dialects.csvs import invitations, row
from tests.readers.exports import BOTH, CONNECTIONS, INVITATIONS, utc, zipped

from invitekit.errors import ArchiveError, DataError
from invitekit.model import Completeness, Evidence, Member, Status
from invitekit.readers import read_export

NAME = "Basic_LinkedInDataExport_07-01-2024.zip"


@pytest.fixture
def export(tmp_path):
    """A zip on disk."""
    path = tmp_path / NAME
    path.write_bytes(zipped())
    return path


@pytest.fixture
def folder(tmp_path):
    """The same, unpacked."""
    path = tmp_path / "export"
    path.mkdir()
    for name, content in BOTH:
        (path / name).write_text(content, "utf-8", newline="")
    return path


def codes(snapshot):
    return [finding.code for finding in snapshot.findings]


class TestWhatIsRead:
    def test_a_zip_becomes_a_snapshot(self, export):
        snapshot = read_export(export)
        assert snapshot.account == Member(name="Owner Person", slug="owner-person-1")
        assert (snapshot.source, snapshot.completeness) == ("export", Completeness.LOG)
        assert [(one.member.slug, one.status) for one in snapshot.invitations] == [
            ("ada-example-77", Status.ACCEPTED),
            ("bo-77", Status.PRESUMED_PENDING),
            ("cy-77", Status.PRESUMED_PENDING),
        ]
        assert [one.member.slug for one in snapshot.connections] == ["ada-example-77", "dee-77"]
        assert [(one.file, one.kind, one.rows, one.used) for one in snapshot.files] == [
            ("Connections.csv", "connections", 2, 2),
            ("Invitations.csv", "invitations", 3, 3),
        ]
        assert codes(snapshot) == ["taken-at"]
        assert all(one.as_of == snapshot.taken_at for one in snapshot.invitations)

    def test_text_paths_bytes_and_folders_give_the_same(self, export, folder):
        expected = read_export(export)
        for source in (str(export), export.read_bytes(), os.fspath(export)):
            assert read_export(source).invitations == expected.invitations
        again = read_export(folder, taken_at=expected.taken_at)
        assert (again.invitations, again.connections) == (expected.invitations, expected.connections)

    @pytest.mark.parametrize("top", ["", "Basic_LinkedInDataExport_07-01-2024/", "my export (2)/"])
    @pytest.mark.parametrize(
        "names", [("Connections.csv", "Invitations.csv"), ("connections.CSV", "INVITATIONS.csv")]
    )
    def test_the_files_may_lie_in_one_folder_of_the_zip(self, top, names):
        members = [(top + name, content) for name, (_, content) in zip(names, BOTH, strict=True)]
        snapshot = read_export(zipped(members))
        assert [one.file for one in snapshot.files] == [top + name for name in names]
        assert len(snapshot.invitations) == 3

    def test_or_in_a_folder_of_the_folder(self, folder):
        assert len(read_export(folder.parent).invitations) == 3

    def test_everything_else_in_it_is_left_alone(self):
        others = [
            ("messages.csv", "FROM,TO,CONTENT\n"),
            ("guide_messages.csv", "x"),
            ("Jobs/Invitations.csv.bak", "x"),
            ("a/b/Invitations.csv", "two folders deep"),
            ("__MACOSX/Invitations.csv", "x"),
            ("__MACOSX/._Invitations.csv", "x"),
            ("Rich_Media.csv", "x"),
            ("old.zip", zipped()),
        ]
        assert len(read_export(zipped([*others, *BOTH])).invitations) == 3

    def test_invitations_alone_say_that_nobody_is_known_to_have_accepted(self, folder):
        snapshot = read_export(folder / "Invitations.csv")
        assert {one.evidence for one in snapshot.invitations} == {Evidence.NO_CONNECTIONS}
        assert codes(snapshot) == ["no-connections-file", "taken-at"]
        assert "Request" in snapshot.findings[0].text
        assert [one.file for one in snapshot.files] == ["Invitations.csv"]

    def test_connections_alone_give_no_invitations_and_say_so(self, folder):
        for source in (folder / "Connections.csv", CONNECTIONS.encode(), zipped(BOTH[:1])):
            snapshot = read_export(source)
            assert (len(snapshot.invitations), len(snapshot.connections)) == (0, 2)
            assert codes(snapshot) == ["no-invitations-file", "taken-at"]
            assert snapshot.account == Member()

    def test_a_csv_is_what_its_header_says_whatever_its_name(self, tmp_path):
        path = tmp_path / "Connections.csv"
        path.write_text(INVITATIONS, "utf-8")
        assert len(read_export(path).invitations) == 3
        swapped = [("Invitations.csv", CONNECTIONS), ("Connections.csv", INVITATIONS)]
        assert len(read_export(zipped(swapped)).invitations) == 3

    def test_a_file_with_a_header_only_is_an_export_of_nobody(self):
        header = INVITATIONS.splitlines(keepends=True)[0]
        snapshot = read_export(header.encode(), taken_at=utc(2024, 7, 1))
        assert (len(snapshot.invitations), snapshot.files[0].rows) == (0, 0)

    def test_the_directory_of_a_folder_entry_is_no_file(self):
        assert len(read_export(zipped([("Invitations.csv/", ""), *BOTH])).invitations) == 3

    def test_a_home_is_found(self, tmp_path, monkeypatch):
        monkeypatch.setenv("HOME", str(tmp_path))
        (tmp_path / "export.zip").write_bytes(zipped())
        assert len(read_export("~/export.zip").invitations) == 3

    @pytest.mark.parametrize("number", ["(1)", " (1)", "_(12)"])
    def test_a_number_that_a_browser_added_does_not_matter(self, number):
        members = [(f"{name.removesuffix('.csv')}{number}.csv", content) for name, content in BOTH]
        assert len(read_export(zipped(members)).invitations) == 3

    def test_a_column_more_loses_no_row(self):
        """A spreadsheet leaves out the empty cells of a column that somebody added for a few rows."""
        first, *rest = INVITATIONS.splitlines(keepends=True)
        content = "".join([first.replace("\n", ",Remark\n"), rest[0].replace("\n", ",later\n"), *rest[1:]])
        expected = read_export(zipped([("Invitations.csv", INVITATIONS), BOTH[0]]))
        assert read_export(zipped([("Invitations.csv", content), BOTH[0]])).invitations == expected.invitations

    def test_connections_that_were_lost_leave_open_who_has_accepted(self):
        damaged = CONNECTIONS + "\nLost,Row\n"
        snapshot = read_export(zipped([("Invitations.csv", INVITATIONS), ("Connections.csv", damaged)]))
        open_rows = [one for one in snapshot.invitations if one.status is Status.PRESUMED_PENDING]
        assert {one.evidence for one in open_rows} == {Evidence.DAMAGED_CONNECTIONS}
        assert "damaged-connections" in codes(snapshot)

    def test_a_spreadsheet_that_writes_dots_may_have_mixed_up_day_and_month(self):
        """What it did not take for a date has slashes still; then both readings of the others are kept."""
        rows = row(sent="06.05.2024 17:42"), row("Bo", "bo-77", sent="6/25/24, 5:42 PM")
        snapshot = read_export(invitations(*rows).encode())
        assert (snapshot.invitations[0].sent_at.latest - snapshot.invitations[0].sent_at.earliest).days > 20
        assert "day-first" in codes(snapshot)
        alone = read_export(invitations(rows[0]).encode()).invitations[0]
        assert alone.sent_at.earliest == utc(2024, 5, 7, 0, 42)


class TestWhatIsRefused:
    @pytest.mark.parametrize("source", [None, 7, 7.5, ["x.zip"], bytearray(b"PK"), io.BytesIO(b"PK"), ""])
    def test_neither_path_nor_bytes(self, source):
        with pytest.raises(DataError, match="from a path or from bytes"):
            read_export(source)

    @pytest.mark.parametrize("source", ["nowhere.zip", "nowhere/at/all", "a\0b", "https://example.org/export.zip"])
    def test_nothing_there(self, source):
        with pytest.raises(ArchiveError, match="no such file"):
            read_export(source)

    def test_a_missing_file_is_called_as_it_was_given(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ArchiveError) as caught:
            read_export("some/where.zip")
        assert caught.value.file == "some/where.zip"
        assert f"looked in {tmp_path}" in caught.value.hint
        with pytest.raises(ArchiveError) as caught:
            read_export(tmp_path / "where.zip")
        assert caught.value.file == str(tmp_path / "where.zip")
        assert "looked in" not in caught.value.hint

    def test_an_error_about_bytes_says_so(self):
        for content in (b"", b"x,y\n", zipped([]), zipped([("Invitations.csv", "x,y\n")])):
            with pytest.raises(ArchiveError) as caught:
                read_export(content)
            assert caught.value.file.startswith("<bytes>")

    def test_a_moment_without_a_zone(self, export):
        with pytest.raises(DataError, match="no time zone"):
            read_export(export, taken_at=utc(2024, 7, 1).replace(tzinfo=None))

    def test_a_misspelt_zone(self, export):
        with pytest.raises(DataError, match="Did you mean"):
            read_export(export, zone="America/Los_Angles")

    @pytest.mark.parametrize("content", [b"", zipped([])])
    def test_nothing_in_it(self, content):
        with pytest.raises(ArchiveError, match=r"is empty|found nothing"):
            read_export(content)

    def test_a_page_saved_as_a_zip(self, tmp_path):
        path = tmp_path / "export.zip"
        path.write_bytes(b"<!DOCTYPE html><title>Sign in</title>")
        with pytest.raises(ArchiveError, match="is called zip and is none") as caught:
            read_export(path)
        assert caught.value.file == "export.zip"

    @pytest.mark.parametrize(
        "content", [b"\x1f\x8b\x08\x00rest", b"7z\xbc\xaf\x27\x1c", b"%PDF-1.7", bytes(500), b"\xff" * 500]
    )
    def test_another_kind_of_file(self, content):
        with pytest.raises(ArchiveError, match="the columns of an export"):
            read_export(content)

    def test_a_zip_with_neither_file_says_what_is_in_it(self):
        with pytest.raises(ArchiveError, match=r"found messages.csv, Profile.csv. Request") as caught:
            read_export(zipped([("messages.csv", "x"), ("Profile.csv", "x")]))
        assert "Invitations.csv" in caught.value.message

    def test_a_long_list_is_cut(self):
        with pytest.raises(ArchiveError, match="and 92 more"):
            read_export(zipped([(f"file {at}.csv", "x") for at in range(100)]))

    def test_a_zip_in_a_zip_is_pointed_out(self):
        with pytest.raises(ArchiveError, match="There is a zip in it"):
            read_export(zipped([(NAME, zipped())]))

    def test_a_spreadsheet_is_recognised(self):
        with pytest.raises(ArchiveError, match="spreadsheet"):
            read_export(zipped([("[Content_Types].xml", "x"), ("xl/workbook.xml", "x")]))

    def test_a_folder_with_neither_file_says_what_is_in_it(self, tmp_path):
        (tmp_path / NAME).write_bytes(zipped())
        with pytest.raises(ArchiveError, match="There is a zip in it: pass that one"):
            read_export(tmp_path)

    def test_two_files_of_one_kind(self):
        both = [("Invitations.csv", INVITATIONS), ("Connections.csv", INVITATIONS)]
        with pytest.raises(ArchiveError, match=r"'Invitations.csv' and 'Connections.csv' both hold invitations"):
            read_export(zipped(both))

    def test_one_name_in_two_spellings(self):
        with pytest.raises(ArchiveError, match="both hold invitations"):
            read_export(zipped([("Invitations.csv", INVITATIONS), ("invitations.csv", INVITATIONS)]))

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_one_name_twice(self):
        with pytest.raises(ArchiveError, match=r"holds 'Invitations.csv' twice"):
            read_export(zipped([("Invitations.csv", INVITATIONS)] * 2))

    def test_two_exports_in_one(self, folder):
        for places in (("a/Invitations.csv", "b/Connections.csv"), ("Invitations.csv", "b/Connections.csv")):
            with pytest.raises(ArchiveError, match="more than one export"):
                read_export(zipped([(place, INVITATIONS) for place in places]))
        (folder / "Invitations.csv").rename(folder.parent / "Invitations.csv")
        with pytest.raises(ArchiveError, match="more than one export"):
            read_export(folder.parent)

    def test_an_error_names_archive_member_and_line(self):
        with pytest.raises(ArchiveError) as caught:
            read_export(zipped([("Invitations.csv", "From,To,Direction\n")]))
        assert caught.value.file == "<bytes>/Invitations.csv"

    def test_an_error_on_disk_names_the_archive_too(self, tmp_path):
        path = tmp_path / "my.zip"
        path.write_bytes(zipped([("Top/Invitations.csv", "From,To,To,Sent At,Direction\n")]))
        with pytest.raises(ArchiveError) as caught:
            read_export(path)
        assert (caught.value.file, caught.value.line) == ("my.zip/Top/Invitations.csv", 1)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)

    @pytest.mark.skipif(
        sys.platform == "win32" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may"
    )
    def test_a_file_that_may_not_be_read(self, export):
        export.chmod(0)
        with pytest.raises(ArchiveError, match="may not be read"):
            read_export(export)

    @pytest.mark.parametrize(
        ("error", "said"),
        [
            (PermissionError(13, "no"), "may not be read"),
            (OSError(5, "Input/output error"), "Input/output error"),
            (OSError(), "OSError"),
        ],
    )
    def test_a_disk_that_fails(self, export, monkeypatch, error, said):
        def fail(*_, **__):
            raise error

        monkeypatch.setattr(Path, "open", fail)
        with pytest.raises(ArchiveError, match=said) as caught:
            read_export(export)
        assert caught.value.file == NAME

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
    def test_a_pipe_is_not_waited_for(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ArchiveError, match="neither a file nor a folder"):
            read_export(tmp_path / "pipe")
        os.mkfifo(tmp_path / "Invitations.csv")
        with pytest.raises(ArchiveError, match=r"found Invitations.csv, pipe"):
            read_export(tmp_path)

    @pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
    def test_nor_is_a_device(self):
        with pytest.raises(ArchiveError, match="neither a file nor a folder"):
            read_export("/dev/zero")

    def test_a_folder_with_thousands_of_files(self, tmp_path, monkeypatch):
        monkeypatch.setattr("invitekit.readers._open.ENTRY_LIMIT", 10)
        for at in range(11):
            (tmp_path / f"{at}.txt").touch()
        with pytest.raises(ArchiveError, match="more than 10 files"):
            read_export(tmp_path)


class TestTheCollector:
    """It is paused while reading, and afterwards as it was."""

    @pytest.mark.parametrize("was_on", [True, False])
    @pytest.mark.parametrize("content", [zipped(), b"no export"])
    def test_it_is_left_as_it_was(self, was_on, content):
        before = gc.isenabled()
        (gc.enable if was_on else gc.disable)()
        try:
            with suppress(ArchiveError):
                read_export(content)
            assert gc.isenabled() is was_on
        finally:
            (gc.enable if before else gc.disable)()
