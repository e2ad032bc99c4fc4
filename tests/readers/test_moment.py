"""When an export was taken: by the argument, the zip, the name, the newest row, in this order; never the clock."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.dialects.csvs import connections, contact, invitations, row
from tests.readers.exports import BOTH, INVITATIONS, utc, zipped

from invitekit.errors import DataError
from invitekit.readers import read_export
from invitekit.readers._moment import Hint, moment_of

# The newest row of these is of 2024-06-06 00:42 UTC, the newest connection of that day.
NEWEST = utc(2024, 6, 6, 0, 42)
NAME = "Basic_LinkedInDataExport_07-04-2024"


def taken(snapshot):
    """The moment, and what the finding says of it."""
    (finding,) = (one for one in snapshot.findings if one.code == "taken-at")
    assert f"{snapshot.taken_at:%Y-%m-%d %H:%M}Z" in finding.text
    assert not finding.set_aside
    assert all(one.as_of == snapshot.taken_at for one in snapshot.invitations)
    return snapshot.taken_at, finding.text.partition(": ")[2]


def write(path, content):
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    # What the file system says of a file is when it was copied, and plays no part.
    os.utime(path, (2_000_000_000, 2_000_000_000))
    return path


class TestWhatIsAsked:
    def test_first_the_argument(self):
        at, origin = taken(read_export(zipped(), taken_at=utc(2024, 6, 20)))
        assert (at, origin) == (utc(2024, 6, 20), "the argument taken_at")

    def test_an_argument_in_another_zone_is_the_same_moment(self):
        given = utc(2024, 6, 20).astimezone()
        assert given.utcoffset() != timedelta(0)
        assert taken(read_export(zipped(), taken_at=given))[0] == utc(2024, 6, 20)

    def test_then_the_time_of_the_files_in_the_zip(self, tmp_path):
        path = write(tmp_path / f"{NAME}.zip", zipped(when=(2024, 7, 3, 9, 30, 4)))
        at, origin = taken(read_export(path))
        assert (at, origin) == (utc(2024, 7, 3, 9, 30, 4), "the time of Connections.csv in the zip, read as UTC")

    @pytest.mark.parametrize("when", [(1980, 1, 1, 0, 0, 0), (2003, 5, 4, 0, 0, 0), (2024, 6, 4, 0, 40, 0)])
    def test_but_not_one_that_cannot_be(self, tmp_path, when):
        """Programs that know no time write 1980; and an export is not older than its rows."""
        at, origin = taken(read_export(write(tmp_path / f"{NAME}.zip", zipped(when=when))))
        assert (at, origin) == (utc(2024, 7, 4), "the date in the name 'LinkedInDataExport_07-04-2024'")

    @pytest.mark.parametrize(("days", "earlier"), [((20, 3), "Invitations.csv"), ((3, 20), "Connections.csv")])
    def test_of_two_times_in_the_zip_the_earlier(self, days, earlier):
        """A file that was saved again is newer than the export."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for (name, content), day in zip(BOTH, days, strict=True):
                archive.writestr(zipfile.ZipInfo(name, (2024, 7, day, 9, 0, 0)), content)
        at, origin = taken(read_export(out.getvalue()))
        assert (at, origin) == (utc(2024, 7, 3, 9), f"the time of {earlier} in the zip, read as UTC")

    def test_one_a_little_older_than_the_newest_row_gives_way_to_that_row(self):
        """The digits in a zip have no zone."""
        at, origin = taken(read_export(zipped(when=(2024, 6, 5, 17, 50, 0))))
        assert (at, origin) == (NEWEST, "the time of Connections.csv in the zip, read as UTC")

    @pytest.mark.parametrize(
        "place",
        [
            f"{NAME}.zip",
            f"{NAME} (1).zip",
            "Complete_LinkedInDataExport_07-04-2024.zip",
            "Initial_LinkedInDataExport_07-04-2024.zip",
            f"{NAME}.zip.zip",
            f"{NAME.lower()}.zip",
            f"{NAME}/export.zip",
        ],
    )
    def test_then_the_date_in_the_name(self, tmp_path, place):
        path = write(tmp_path / place, zipped(when=(1980, 1, 1, 0, 0, 0)))
        assert taken(read_export(path))[0] == utc(2024, 7, 4)

    def test_also_in_the_name_of_a_folder_around_a_csv(self, tmp_path, monkeypatch):
        path = write(tmp_path / NAME / "Invitations.csv", INVITATIONS)
        assert taken(read_export(path))[0] == taken(read_export(path.parent))[0] == utc(2024, 7, 4)
        monkeypatch.chdir(path.parent)
        assert taken(read_export("Invitations.csv"))[0] == taken(read_export("."))[0] == utc(2024, 7, 4)

    def test_also_of_a_folder_inside(self, tmp_path):
        members = [(f"{NAME}/{name}", content) for name, content in BOTH]
        assert taken(read_export(zipped(members, when=(1980, 1, 1, 0, 0, 0))))[0] == utc(2024, 7, 4)
        for name, content in BOTH:
            write(tmp_path / NAME / name, content)
        assert taken(read_export(tmp_path))[0] == utc(2024, 7, 4)

    @pytest.mark.parametrize(
        "name",
        ["LinkedInDataExport_13-40-2024", "LinkedInDataExport_06-01-2024", "LinkedInDataExport", "07-04-2024"],
    )
    def test_a_name_without_a_date_or_with_one_that_cannot_be_says_nothing(self, tmp_path, name):
        at, origin = taken(read_export(write(tmp_path / f"{name}.csv", INVITATIONS)))
        assert at == NEWEST
        assert origin.startswith("the newest row")

    def test_a_name_of_the_day_of_the_newest_row_is_that_row(self, tmp_path):
        """Wherever the day of the name begins."""
        for day in ("06-05-2024", "06-06-2024"):
            path = write(tmp_path / f"Basic_LinkedInDataExport_{day}.csv", INVITATIONS)
            at, origin = taken(read_export(path))
            assert (at, origin[:16]) == (NEWEST, "the date in the ")

    def test_a_zip_that_was_packed_again_later_gives_way_to_its_name(self, tmp_path):
        path = write(tmp_path / f"{NAME}.zip", zipped(when=(2024, 9, 1, 12, 0, 0)))
        snapshot = read_export(path)
        assert taken(snapshot) == (utc(2024, 7, 4), "the date in the name 'LinkedInDataExport_07-04-2024'")
        (finding,) = (one for one in snapshot.findings if one.code == "taken-at-disagrees")
        assert "2024-09-01" in finding.text

    @pytest.mark.parametrize(("day", "disagrees"), [(1, True), (2, False), (4, False), (6, False)])
    def test_a_name_that_is_later_does_not(self, tmp_path, day, disagrees):
        path = write(tmp_path / f"{NAME}.zip", zipped(when=(2024, 7, day, 0, 0, 0)))
        snapshot = read_export(path)
        assert taken(snapshot)[0] == utc(2024, 7, day)
        assert ("taken-at-disagrees" in [one.code for one in snapshot.findings]) is disagrees

    def test_last_the_newest_row(self):
        at, origin = taken(read_export(INVITATIONS.encode()))
        assert (at, origin) == (NEWEST, "the newest row, so that ages are understated rather than overstated")
        assert all(one.sent_at.age(at)[0] <= timedelta(0) for one in read_export(INVITATIONS.encode()).invitations)

    def test_also_that_of_a_connection(self):
        both = [("Connections.csv", connections(contact(on="20 Jun 2024"))), BOTH[1]]
        assert taken(read_export(zipped(both, when=(1980, 1, 1, 0, 0, 0))))[0] == utc(2024, 6, 20)
        assert taken(read_export(connections(contact(on="20 Jun 2024")).encode()))[0] == utc(2024, 6, 20)

    def test_else_it_asks(self):
        for content in (invitations(), connections(), connections(contact(on="?"))):
            with pytest.raises(DataError, match="cannot tell when") as caught:
                read_export(content.encode())
            assert "taken_at=datetime(" in caught.value.hint
            assert caught.value.key == "taken_at"

    def test_an_argument_before_the_newest_row_is_used_and_said(self):
        for at, expected in ((NEWEST, 0), (NEWEST - timedelta(seconds=1), 1)):
            snapshot = read_export(zipped(), taken_at=at)
            assert snapshot.taken_at == at
            assert [one.code for one in snapshot.findings].count("taken-before-newest-row") == expected

    def test_what_concerns_ages_is_said_once_whatever_was_guessed_first(self):
        """Without a hint, the file is read twice."""
        rows = [row(), row("Bo", "bo-77", sent="1/1/23, 9:00 AM")]
        snapshot = read_export(invitations(*rows).encode())
        assert [one.code for one in snapshot.findings] == ["no-connections-file", "past-expiry", "taken-at"]


class TestADamagedYear:
    """One row from 2099 must not make everybody else's invitation look decades old."""

    ROWS = tuple(row(slug=f"p-{day}", sent=f"6/{day}/24, 9:00 AM") for day in range(1, 11))
    LATER = row(slug="later-77", sent="6/1/99, 9:00 AM")

    def test_it_does_not_overrule_the_zip(self):
        content = zipped([("Invitations.csv", invitations(*self.ROWS, self.LATER))], when=(2024, 6, 12, 0, 0, 0))
        snapshot = read_export(content)
        assert taken(snapshot)[0] == utc(2024, 6, 12)
        assert [(one.code, one.line) for one in snapshot.findings if one.code == "future-date"] == [
            ("future-date", 12)
        ]

    def test_nor_the_other_rows(self):
        snapshot = read_export(invitations(*self.ROWS, self.LATER).encode())
        assert taken(snapshot)[0] == utc(2024, 6, 10, 16)
        assert "future-date" in [one.code for one in snapshot.findings]

    def test_but_most_rows_overrule_the_zip(self):
        content = zipped([("Invitations.csv", invitations(*self.ROWS))], when=(2024, 6, 3, 0, 0, 0))
        assert taken(read_export(content))[0] == utc(2024, 6, 10, 16)


DAY = timedelta(days=1)
BEGIN = utc(2024, 1, 1)
INSTANTS = st.lists(st.integers(0, 400).map(lambda day: BEGIN + day * DAY), max_size=30)


@given(sent=INSTANTS, connected=INSTANTS, hints=st.lists(st.integers(-50, 500), max_size=3), data=st.data())
def test_the_laws_of_the_moment(sent, connected, hints, data):
    """The order of rows plays no part; nearly no row is newer; without a hint, no age is overstated."""
    told = [Hint(BEGIN + day * DAY, BEGIN + (day + 1) * DAY, str(day)) for day in hints]
    if not (sent or connected or told):
        with pytest.raises(DataError):
            moment_of(None, told, sent=sent, connected=connected)
        return
    moment = moment_of(None, told, sent=sent, connected=connected)
    shuffled = data.draw(st.permutations(sent))
    assert moment == moment_of(None, told, sent=shuffled, connected=connected)
    newer = sum(instant > moment.at for instant in sent)
    assert newer <= 1
    if moment.origin.startswith("the newest row"):
        assert moment.at in (*sent, *connected)
    else:
        hint = next(one for one in told if one.origin == moment.origin)
        assert hint.earliest <= moment.at <= hint.latest
    assert not moment.contradicted
