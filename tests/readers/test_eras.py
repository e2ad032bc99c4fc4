"""Exports of every era, against the truth they were made from."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from tests.dialects.csvs import NO_URL_COLUMNS, PLAIN_ERA, contact, invitations, row, text
from tests.readers.exports import zipped

from invitekit.model import UNKNOWN, Direction, Evidence, Status
from invitekit.model._member import slug_key
from invitekit.readers import read_export
from invitekit.testing import SyntheticOutcome, synthetic_export

ERAS = ("plain", "urn", "url", "resaved")
WITH_ADDRESSES = ("url", "resaved")


@pytest.fixture(scope="module", params=ERAS)
def case(request, tmp_path_factory):
    """A snapshot and the truth about it."""
    path = tmp_path_factory.mktemp("exports") / f"{request.param}.zip"
    truth = synthetic_export(path, seed=11, invitations=1_500, era=request.param)
    return read_export(path), list(truth), truth


def test_every_row_is_there_in_the_order_of_the_file(case):
    snapshot, rows, truth = case
    assert [one.member.name for one in snapshot.invitations] == [one.name for one in rows]
    (connections, made) = snapshot.files
    assert (connections.rows, connections.reasons) == (
        truth.connections,
        {"hidden-connection": truth.hidden_connections},
    )
    assert (made.rows, made.used) == (1_500, 1_500)


def test_the_account_is_the_owner(case):
    snapshot, _, truth = case
    account = snapshot.account
    assert account.name == truth.owner_name
    assert account.slug == (slug_key(truth.owner_slug) if truth.era in WITH_ADDRESSES else UNKNOWN)
    assert account.urn == (truth.owner_urn if truth.era == "urn" else UNKNOWN)


def test_every_instant_lies_in_its_interval(case):
    """A minute wide, and an hour more in the one hour of the year that clocks show twice."""
    snapshot, rows, truth = case
    wide = 0
    for read, true in zip(snapshot.invitations, rows, strict=True):
        assert read.sent_at.earliest <= true.sent_at <= read.sent_at.latest
        wide += read.sent_at.latest - read.sent_at.earliest > timedelta(minutes=1)
    assert wide < 10
    assert snapshot.taken_at == truth.taken_at


def test_members_directions_and_notes_are_the_true_ones(case):
    snapshot, rows, truth = case
    for read, true in zip(snapshot.invitations, rows, strict=True):
        assert (read.member.slug, read.member.urn) == (
            true.key if truth.era in WITH_ADDRESSES else UNKNOWN,
            true.urn if truth.era == "urn" else UNKNOWN,
        )
        assert (read.direction is Direction.SENT) == (true.direction == "OUTGOING")
        assert read.note == true.note
    assert len({one.id for one in snapshot.invitations}) == len(rows)


@pytest.mark.parametrize("case", WITH_ADDRESSES, indirect=True)
def test_with_addresses_every_status_is_right(case):
    """But for hidden connections, which nothing can join."""
    snapshot, rows, _ = case
    for read, true in zip(snapshot.invitations, rows, strict=True):
        accepted = true.outcome is SyntheticOutcome.ACCEPTED and not true.hidden
        assert (read.status is Status.ACCEPTED) == accepted
        assert read.evidence is (Evidence.CONNECTED if accepted else Evidence.NOT_CONNECTED)
        if accepted:
            assert read.known_at.earliest <= true.accepted_at <= read.known_at.latest
            assert read.known_at.earliest.date() == true.accepted_at.date()


@pytest.mark.parametrize("case", ["plain", "urn"], indirect=True)
def test_with_names_every_status_is_right_where_the_name_is_unique(case):
    snapshot, rows, truth = case
    ambiguous = {name.casefold() for name in truth.ambiguous_names()}
    evidences = set()
    for read, true in zip(snapshot.invitations, rows, strict=True):
        evidences.add(read.evidence)
        if true.name.casefold() in ambiguous:
            continue
        accepted = true.outcome is SyntheticOutcome.ACCEPTED and not true.hidden
        assert (read.status is Status.ACCEPTED) == accepted
        assert read.evidence is (Evidence.CONNECTED_BY_NAME if accepted else Evidence.NOT_CONNECTED_BY_NAME)
    assert evidences == {Evidence.CONNECTED_BY_NAME, Evidence.NOT_CONNECTED_BY_NAME, Evidence.AMBIGUOUS_NAME}
    said = {one.about for one in snapshot.findings if one.code == "ambiguous-name"}
    assert said == {one.id for one in snapshot.invitations if one.evidence is Evidence.AMBIGUOUS_NAME}


def test_company_and_title_are_known_of_those_who_accepted_and_of_nobody_else(case):
    snapshot, _, _ = case
    for read in snapshot.invitations:
        if read.status is not Status.ACCEPTED:
            assert (read.company, read.title) == (UNKNOWN, UNKNOWN)
    assert any(read.company is not UNKNOWN for read in snapshot.invitations)


def test_what_is_presumed_and_older_than_180_days_is_said(case):
    snapshot, _, _ = case
    edge = snapshot.taken_at - timedelta(days=180)
    said = {one.about for one in snapshot.findings if one.code == "past-expiry"}
    assert said == {
        one.id
        for one in snapshot.invitations
        if one.status is Status.PRESUMED_PENDING and one.sent_at.latest < edge
    }
    assert said


def test_saving_again_changes_nothing_that_is_known(tmp_path):
    snapshots = []
    for era in WITH_ADDRESSES:
        synthetic_export(tmp_path / f"{era}.zip", seed=12, invitations=300, era=era)
        snapshots.append(read_export(tmp_path / f"{era}.zip"))
    known, again = ({one.id: one for one in snapshot.invitations} for snapshot in snapshots)
    assert known == again


def test_an_export_of_2018_has_a_clock_in_connected_on():
    known = text(NO_URL_COLUMNS, [contact(on="10/6/18, 9:00 AM")])
    sent = invitations(row(sent="10/5/18, 9:00 AM"), columns=PLAIN_ERA)
    content = [("Invitations.csv", sent), ("Connections.csv", known)]
    snapshot = read_export(zipped(content), taken_at=datetime(2018, 10, 20, tzinfo=UTC))
    (found,) = snapshot.invitations
    assert found.evidence is Evidence.CONNECTED_BY_NAME
    assert (found.known_at.earliest, found.known_at.latest.replace(second=0, microsecond=0)) == (
        datetime(2018, 10, 6, 9, tzinfo=UTC),
        datetime(2018, 10, 6, 16, tzinfo=UTC),
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_however_a_spreadsheet_saved_it_the_people_are_the_same(encoding, delimiter, end):
    rows = row("Zoë Example", "zoë-example-77", note="Grüße; bis bald,\tok"), row("Bo", "bo-77")
    plain = read_export(invitations(*rows).encode())
    saved = f"sep={delimiter}{end}" + invitations(*rows, delimiter=delimiter, lineterminator=end)
    again = read_export(saved.encode(encoding))
    assert again.invitations == plain.invitations
    expected = ["not-utf-8"] if encoding == "cp1252" else []
    assert [one.code for one in again.findings if one.code == "not-utf-8"] == expected


def test_the_other_files_of_the_synthetic_export_are_there_and_not_read(tmp_path):
    synthetic_export(tmp_path / "export.zip", seed=13, invitations=20)
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        assert len(archive.namelist()) > 4
    assert len(read_export(tmp_path / "export.zip").files) == 2
