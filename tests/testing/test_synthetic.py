"""Synthetic exports: they look like real ones, they never vary, and what they say about themselves is true."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import pickle
import re
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from collections import Counter
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import get_args
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invitekit import testing
from invitekit.errors import DataError
from invitekit.testing import Era, SyntheticOutcome, SyntheticTruth, sample_export, synthetic_export
from invitekit.testing._history import LATENCY_MEDIAN_DAYS, LATENCY_SHAPE, MEAN_LATENCY_DAYS
from invitekit.testing._pacific import PacificText
from invitekit.testing._sample import write_sample

ERAS: tuple[Era, ...] = get_args(Era)
TAKEN_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EPOCH_2007, EPOCH_2010, EPOCH_2100 = (
    int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2007, 2010, 2100)
)
IN = "https://www.linkedin.com/in/"

INVITATION_HEADERS = {
    "plain": b"From,To,Sent At,Message,Direction\n",
    "urn": b"From,To,Sent At,Message,Direction,inviterProfileUrn,inviteeProfileUrn\n",
    "url": b"From,To,Sent At,Message,Direction,inviterProfileUrl,inviteeProfileUrl\n",
}
CONNECTION_HEADERS = {
    "plain": b"First Name,Last Name,Email Address,Company,Position,Connected On\n",
    "urn": b"First Name,Last Name,URL,Email Address,Company,Position,Connected On\n",
    "url": b"First Name,Last Name,URL,Email Address,Company,Position,Connected On\n",
}


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def table(content: bytes) -> list[dict[str, str]]:
    """The rows of a file by column name, whatever its era; strict, so that wrong quoting is an error."""
    text = content.decode("utf-8-sig")
    if text.startswith("Notes:\n"):
        text = text.split("\n", 3)[3]
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def key(url: str) -> str:
    """What identifies a profile whatever its spelling; written out here, not taken from the code under test."""
    return unicodedata.normalize("NFC", unquote(url.removeprefix(IN))).casefold()


def connected_on(text: str) -> date:
    form = "%d %b %Y" if " " in text else "%d-%b-%y"
    return datetime.strptime(text, form).replace(tzinfo=UTC).date()


class Export:
    """An export, opened."""

    def __init__(self, path: Path, truth: SyntheticTruth) -> None:
        self.path = path
        self.truth = truth
        self.members = members(path)
        self.invitations = table(self.members["Invitations.csv"])
        self.connections = table(self.members["Connections.csv"])
        self.visible = [row for row in self.connections if row["First Name"]]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Export]:
    """The same 2,000 invitations in every era."""
    folder = tmp_path_factory.mktemp("exports")
    opened: dict[str, Export] = {}
    for era in ERAS:
        path = folder / f"{era}.zip"
        opened[era] = Export(path, synthetic_export(path, seed=5, invitations=2_000, era=era))
    return opened


@pytest.fixture(scope="module")
def pacific() -> ZoneInfo:
    try:
        return ZoneInfo("America/Los_Angeles")
    except ZoneInfoNotFoundError:
        pytest.skip("no time zone data on this machine to compare with")


class TestNeverVaries:
    def test_same_arguments_give_the_same_zip_and_an_equal_truth(self, tmp_path: Path) -> None:
        first = synthetic_export(tmp_path / "a.zip", seed=1, invitations=300)
        second = synthetic_export(tmp_path / "b.zip", seed=1, invitations=300)

        assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
        assert first == second
        assert hash(first) == hash(second)

    def test_files_are_the_same_in_every_python_and_on_every_system(self, tmp_path: Path) -> None:
        """The digest below was written down once; it has no business changing with a Python, a zlib or a locale.

        When the generator is changed on purpose, it changes too, and so does the sample.
        """
        synthetic_export(tmp_path / "a.zip", seed=1, invitations=300)
        digest = hashlib.sha256()
        for name, content in members(tmp_path / "a.zip").items():
            digest.update(name.encode() + b"\0" + content + b"\0")

        assert digest.hexdigest() == "cff6c951852e1d6e939301a67c4b3f498cb798a3fbdd0df4ecd25d4ad600943b"

    @pytest.mark.parametrize(("hash_seed", "zone"), [("0", "UTC"), ("12345", "Pacific/Kiritimati")])
    def test_neither_hash_seed_nor_time_zone_matter(self, tmp_path: Path, hash_seed: str, zone: str) -> None:
        synthetic_export(tmp_path / "here.zip", seed=9, invitations=200)
        program = (
            "import sys; from invitekit.testing import synthetic_export;"
            "synthetic_export(sys.argv[1], seed=9, invitations=200)"
        )
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone}
        command = [sys.executable, "-c", program, str(tmp_path / "there.zip")]
        subprocess.run(command, check=True, env=environment)

        assert (tmp_path / "there.zip").read_bytes() == (tmp_path / "here.zip").read_bytes()

    def test_another_seed_is_another_member_with_other_people(self, tmp_path: Path) -> None:
        one = synthetic_export(tmp_path / "a.zip", seed=1, invitations=300)
        other = synthetic_export(tmp_path / "b.zip", seed=2, invitations=300)

        assert one.owner_name != other.owner_name
        assert len({invitation.name for invitation in one} & {invitation.name for invitation in other}) < 30
        assert [invitation.sent_at for invitation in one] != [invitation.sent_at for invitation in other]

    def test_the_era_does_not_change_what_happened(self, exports: dict[str, Export]) -> None:
        told = list(exports["url"].truth)

        for era in ERAS:
            assert list(exports[era].truth) == told

    def test_members_carry_the_time_of_the_export_in_utc(self, tmp_path: Path) -> None:
        zone = timezone(timedelta(hours=5, minutes=45))
        taken_at = datetime(2024, 7, 1, 2, 30, 10, tzinfo=zone)
        truth = synthetic_export(tmp_path / "a.zip", seed=1, invitations=5, taken_at=taken_at)

        with zipfile.ZipFile(tmp_path / "a.zip") as archive:
            times = {member.date_time for member in archive.infolist()}
        assert times == {(2024, 6, 30, 20, 45, 10)}
        assert truth.taken_at == taken_at


class TestLooksReal:
    @pytest.mark.parametrize("era", ["plain", "urn", "url"])
    def test_headers_are_those_of_their_time(self, exports: dict[str, Export], era: str) -> None:
        content = exports[era].members

        assert content["Invitations.csv"].startswith(INVITATION_HEADERS[era])
        assert content["Connections.csv"].split(b"\n\n", 1)[1].startswith(CONNECTION_HEADERS[era])

    @pytest.mark.parametrize("era", ["plain", "urn", "url"])
    def test_preamble_has_three_lines_and_a_sentence_of_366_bytes(
        self, exports: dict[str, Export], era: str
    ) -> None:
        lines = exports[era].members["Connections.csv"].split(b"\n")

        assert lines[0] == b"Notes:"
        assert (lines[1][:1], len(lines[1][1:-1]), lines[1][-1:]) == (b'"', 366, b'"')
        assert lines[2] == b""

    @pytest.mark.parametrize("era", ["plain", "urn", "url"])
    def test_plain_line_ends_no_byte_order_mark_and_no_last_line_end_in_connections(
        self, exports: dict[str, Export], era: str
    ) -> None:
        invitations = exports[era].members["Invitations.csv"]
        connections = exports[era].members["Connections.csv"]

        assert b"\r" not in invitations + connections
        assert not invitations.startswith(b"\xef\xbb\xbf")
        assert not connections.startswith(b"\xef\xbb\xbf")
        assert invitations.endswith(b"\n")
        assert not invitations.endswith(b"\n\n")
        assert not connections.endswith(b"\n")

    @pytest.mark.parametrize("era", ERAS)
    @pytest.mark.parametrize("name", ["Invitations.csv", "Connections.csv", "messages.csv"])
    def test_only_what_needs_quotes_has_them(self, exports: dict[str, Export], era: str, name: str) -> None:
        """Written again by the csv module with minimal quotes, each file is the same."""
        text = exports[era].members[name].decode()
        if text.startswith("Notes:"):
            text = text.split("\n", 3)[3]
        line_end = "\r\n" if era == "resaved" and name != "messages.csv" else "\n"
        again = io.StringIO(newline="")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        csv.writer(again, lineterminator=line_end).writerows(rows)

        assert again.getvalue().removesuffix(line_end) == text.removesuffix(line_end)
        assert len({len(row) for row in rows}) == 1

    @pytest.mark.parametrize("era", ERAS)
    def test_sent_at_is_quoted_and_month_first(self, exports: dict[str, Export], era: str) -> None:
        form = re.compile(r"([1-9]|1[0-2])/([1-9]|[12]\d|3[01])/\d\d, ([1-9]|1[0-2]):[0-5]\d [AP]M")
        written = [row["Sent At"] for row in exports[era].invitations]

        assert [text for text in written if not form.fullmatch(text)] == []
        assert exports[era].members["Invitations.csv"].count(f'"{written[0]}"'.encode()) >= 1

    @pytest.mark.parametrize("era", ERAS)
    def test_connected_on_is_a_date_as_of_its_era(self, exports: dict[str, Export], era: str) -> None:
        form = r"\d\d-[A-Z][a-z]{2}-\d\d" if era == "resaved" else r"\d\d [A-Z][a-z]{2} \d{4}"

        assert all(re.fullmatch(form, row["Connected On"]) for row in exports[era].connections)

    def test_resaved_files_bear_the_marks_of_a_spreadsheet(self, exports: dict[str, Export]) -> None:
        for name in ("Invitations.csv", "Connections.csv"):
            content = exports["resaved"].members[name]
            assert content.startswith(b"\xef\xbb\xbf")
            assert content.endswith(b"\r\n")
            assert b"Notes:" not in content
        header = exports["resaved"].members["Connections.csv"].split(b"\r\n")[0].decode("utf-8-sig")
        assert header == "Connected On,First Name,Last Name,URL,Company,Position,Email Address,My remarks,,"
        header = exports["resaved"].members["Invitations.csv"].split(b"\r\n")[0].decode("utf-8-sig")
        assert header == ("Direction,From,To,Sent At,inviterProfileUrl,inviteeProfileUrl,Message,My remarks")

    def test_resaving_loses_nothing(self, exports: dict[str, Export]) -> None:
        columns = ("From", "To", "Sent At", "Message", "Direction", "inviterProfileUrl", "inviteeProfileUrl")

        def facts(era: str) -> list[tuple[str, ...]]:
            return [tuple(row[column] for column in columns) for row in exports[era].invitations]

        assert facts("resaved") == facts("url")

    def test_slugs_are_raw_in_one_file_and_percent_encoded_in_the_other(self, exports: dict[str, Export]) -> None:
        raw = [row["inviteeProfileUrl"] for row in exports["url"].invitations]
        encoded = [row["URL"] for row in exports["url"].visible]
        share = sum(not url.isascii() for url in raw) / len(raw)

        assert 0.04 < share < 0.12
        assert all("%" not in url for url in raw)
        assert all(url.isascii() for url in encoded)
        assert any(re.search("%[0-9A-F]{2}", url) for url in encoded)
        assert all(unicodedata.is_normalized("NFC", url) for url in raw)

    def test_every_file_has_its_place_and_its_trap(self, exports: dict[str, Export]) -> None:
        names = list(exports["url"].members)

        assert {"Profile.csv", "messages.csv", "guide_messages.csv", "Jobs/Job Applications.csv"} < set(names)
        assert exports["url"].members["guide_messages.csv"].startswith(b"From,To,Sent At,Message,")
        assert b"Direction" not in exports["url"].members["guide_messages.csv"]
        assert b"linkedin.com/in/" not in exports["url"].members["Profile.csv"]
        assert names.index("guide_messages.csv") < names.index("Invitations.csv")

    def test_owner_is_the_same_in_every_row(self, exports: dict[str, Export]) -> None:
        truth = exports["url"].truth
        owners = {
            (row["From"], row["inviterProfileUrl"])
            if row["Direction"] == "OUTGOING"
            else (row["To"], row["inviteeProfileUrl"])
            for row in exports["url"].invitations
        }

        assert owners == {(truth.owner_name, IN + truth.owner_slug)}

    def test_at_most_one_row_for_each_person_and_direction(self, exports: dict[str, Export]) -> None:
        truth = exports["url"].truth
        by_direction = Counter((invitation.key, invitation.direction) for invitation in truth)
        by_person = Counter(invitation.key for invitation in truth)

        assert set(by_direction.values()) == {1}
        assert 2 in by_person.values()

    def test_who_appears_in_both_directions_is_not_connected(self, exports: dict[str, Export]) -> None:
        """Otherwise it would be undecidable which of the two was accepted."""
        by_person = Counter(invitation.key for invitation in exports["url"].truth)
        both = [invitation for invitation in exports["url"].truth if by_person[invitation.key] == 2]

        assert [invitation for invitation in both if invitation.accepted_at] == []

    def test_invitations_are_in_no_order(self, exports: dict[str, Export]) -> None:
        sent = [invitation.sent_at for invitation in exports["url"].truth]

        assert sent != sorted(sent)
        assert sent != sorted(sent, reverse=True)

    def test_notes_are_as_notes_are(self, exports: dict[str, Export]) -> None:
        notes = [row["Message"] for row in exports["url"].invitations if row["Message"]]
        of_sent = [row["Message"] for row in exports["url"].invitations if row["Direction"] == "OUTGOING"]

        assert 0.04 < len(notes) / 2_000 < 0.08
        assert max(map(len, notes)) <= 300
        assert max(map(len, notes)) > 200
        assert not set('"\n\r') & set("".join(notes))
        assert sum("  " in note for note in notes) / len(notes) > 0.5
        assert any("{" in note for note in notes) is False
        assert max(Counter(note for note in of_sent if note).values()) > 20
        assert len(set(notes)) > 10

    def test_names_and_companies_include_the_awkward_ones(self, exports: dict[str, Export]) -> None:
        names = [invitation.name for invitation in exports["url"].truth]
        scripts = {unicodedata.name(name[0]).split()[0] for name in names}
        companies = {row["Company"] for row in exports["url"].visible}
        positions = {row["Position"] for row in exports["url"].visible}

        assert {"LATIN", "CYRILLIC", "GREEK", "CJK", "KATAKANA", "HANGUL"} <= scripts
        assert any(", PhD" in name for name in names)
        assert any("," in company for company in companies)
        assert any('"' in company for company in companies)
        assert "" in companies
        assert any("\n" in position for position in positions)
        assert any(row["Email Address"] for row in exports["url"].visible)
        assert all(unicodedata.is_normalized("NFC", name) for name in names)

    def test_nobody_real_is_meant(self, exports: dict[str, Export]) -> None:
        """Every profile, company and address says that it is an example."""
        export = exports["url"]
        urls = [row[column] for row in export.invitations for column in ("inviterProfileUrl", "inviteeProfileUrl")]

        assert all(re.search(r"-example-\d+$", url) for url in urls)
        assert all(re.search(r"-example-\d+$", row["URL"].lower()) for row in export.visible)
        companies = {row["Company"] for row in export.visible if row["Company"]}
        assert [name for name in companies if not re.search("[Ee]x|[Ee]jemplo", name)] == []
        assert all(row["Email Address"].endswith(".example") for row in export.visible if row["Email Address"])


class TestTellsTheTruth:
    @pytest.mark.parametrize("era", ERAS)
    def test_rows_say_what_the_records_say(self, exports: dict[str, Export], era: str) -> None:
        export = exports[era]
        truth = export.truth

        assert len(export.invitations) == len(truth) == 2_000
        for row, invitation in zip(export.invitations, truth, strict=True):
            sent = invitation.direction == "OUTGOING"
            assert row["Direction"] == invitation.direction
            assert (row["To"] if sent else row["From"]) == invitation.name
            assert row["Message"] == invitation.note
            other_side = "invitee" if sent else "inviter"
            expected = (
                {}
                if era == "plain"
                else {"Urn": invitation.urn}
                if era == "urn"
                else {"Url": invitation.profile_url}
            )
            found = {
                kind: row[f"{other_side}Profile{kind}"]
                for kind in ("Urn", "Url")
                if f"{other_side}Profile{kind}" in row
            }
            assert found == expected

    def test_sent_at_is_the_pacific_minute_of_the_true_instant(
        self, exports: dict[str, Export], pacific: ZoneInfo
    ) -> None:
        for row, invitation in zip(exports["url"].invitations, exports["url"].truth, strict=True):
            wall = invitation.sent_at.astimezone(pacific)
            written = datetime.strptime(row["Sent At"], "%m/%d/%y, %I:%M %p").replace(tzinfo=wall.tzinfo)
            assert written == wall.replace(second=0, fold=0)

    @pytest.mark.parametrize("era", ["url", "resaved"])
    def test_joining_by_slug_finds_exactly_who_accepted(self, exports: dict[str, Export], era: str) -> None:
        export = exports[era]
        connected = {key(row["URL"]): connected_on(row["Connected On"]) for row in export.visible}
        assert len(connected) == len(export.visible)

        for invitation in export.truth:
            accepted_at = invitation.accepted_at if invitation.connected and not invitation.hidden else None
            assert connected.get(invitation.key) == (accepted_at and accepted_at.date())

    def test_joining_without_decoding_finds_no_slug_that_is_not_ascii(self, exports: dict[str, Export]) -> None:
        connected = {row["URL"] for row in exports["url"].visible}
        foreign = [
            invitation
            for invitation in exports["url"].truth
            if invitation.connected and not invitation.hidden and not invitation.slug.isascii()
        ]

        assert len(foreign) > 10
        assert [invitation for invitation in foreign if invitation.profile_url in connected] == []

    @pytest.mark.parametrize("step", ["composing", "case-folding"])
    def test_joining_needs_every_step_of_the_key(self, exports: dict[str, Export], step: str) -> None:
        """Percent-decoding alone is not enough: some slugs are decomposed, some in capitals."""

        def careless(text: str) -> str:
            decoded = unquote(text.removeprefix(IN))
            return decoded.casefold() if step == "composing" else unicodedata.normalize("NFC", decoded)

        connected = {careless(row["URL"]) for row in exports["url"].visible}
        missed = [
            invitation
            for invitation in exports["url"].truth
            if invitation.connected and not invitation.hidden and careless(invitation.slug) not in connected
        ]

        assert missed

    @pytest.mark.parametrize("era", ["plain", "urn"])
    def test_joining_by_name_finds_who_accepted_unless_the_name_is_ambiguous(
        self, exports: dict[str, Export], era: str
    ) -> None:
        export = exports[era]
        ambiguous = export.truth.ambiguous_names()
        connected = {
            f"{row['First Name']} {row['Last Name']}": connected_on(row["Connected On"]) for row in export.visible
        }

        assert ambiguous & set(connected)
        for invitation in export.truth:
            if invitation.name not in ambiguous:
                accepted_at = invitation.accepted_at if invitation.connected and not invitation.hidden else None
                assert connected.get(invitation.name) == (accepted_at and accepted_at.date())

    def test_hidden_connections_show_only_their_date(self, exports: dict[str, Export]) -> None:
        export = exports["url"]
        truth = export.truth
        hidden = [row for row in export.connections if not row["First Name"]]

        assert all(set(row.values()) == {"", row["Connected On"]} for row in hidden)
        assert len(hidden) == truth.hidden_connections > truth.tally(hidden=True) > 0

    def test_log_holds_what_changed_within_180_days_and_a_few_more(self, exports: dict[str, Export]) -> None:
        truth = exports["url"].truth
        edge = truth.taken_at - timedelta(days=180)
        old = [invitation for invitation in truth if invitation.sent_at < edge]
        accepted_old = [invitation for invitation in old if invitation.accepted_at]

        assert 0.005 < len(old) / len(truth) < 0.06
        assert all(invitation.sent_at < truth.taken_at for invitation in truth)
        assert all(edge <= i.accepted_at <= truth.taken_at for i in accepted_old if i.accepted_at)
        assert min(i.sent_at for i in truth) >= truth.taken_at - timedelta(days=361)
        open_old = [invitation for invitation in old if not invitation.accepted_at]
        assert open_old
        assert min(i.sent_at for i in open_old) >= truth.taken_at - timedelta(days=329)
        assert len(accepted_old) > 0

    def test_recent_connections_have_a_row_and_old_ones_have_none(self, exports: dict[str, Export]) -> None:
        export = exports["url"]
        invited = {invitation.key for invitation in export.truth}
        today = export.truth.taken_at.date()
        ages = {key(row["URL"]): (today - connected_on(row["Connected On"])).days for row in export.visible}

        assert all(who in invited for who, age in ages.items() if age <= 180)
        assert not any(who in invited for who, age in ages.items() if age > 185)
        assert not any(180 < age <= 185 for age in ages.values())
        assert sum(age > 185 for age in ages.values()) > 100

    def test_outcomes_fit_their_instants(self, exports: dict[str, Export]) -> None:
        truth = exports["url"].truth
        seen = set()
        for invitation in truth:
            seen.add(invitation.outcome)
            match invitation.outcome:
                case SyntheticOutcome.ACCEPTED:
                    assert invitation.accepted_at is not None
                    assert invitation.sent_at < invitation.accepted_at <= truth.taken_at
                case SyntheticOutcome.ACCEPTED_LATER:
                    assert invitation.accepted_at is not None
                    assert invitation.accepted_at >= truth.taken_at
                    assert invitation.accepted_at - invitation.sent_at <= timedelta(days=180)
                case SyntheticOutcome.WITHDRAWN:
                    assert invitation.accepted_at is None
                    assert invitation.withdrawn_at is not None
                    assert invitation.sent_at + timedelta(days=14) <= invitation.withdrawn_at
                    assert invitation.withdrawn_at <= truth.taken_at
                    assert invitation.direction == "OUTGOING"
                case SyntheticOutcome.NEVER:
                    assert (invitation.accepted_at, invitation.withdrawn_at) == (None, None)
            assert invitation.connected or not invitation.hidden

        assert seen == set(SyntheticOutcome)

    def test_counts_are_those_of_the_records(self, exports: dict[str, Export]) -> None:
        export = exports["url"]
        truth = export.truth
        records = list(truth)
        sent = [invitation for invitation in records if invitation.direction == "OUTGOING"]

        assert (truth.sent, truth.received) == (len(sent), len(records) - len(sent))
        for outcome in SyntheticOutcome:
            assert truth.tally(outcome) == sum(i.outcome is outcome for i in records)
            assert truth.tally(outcome, direction="OUTGOING") == sum(i.outcome is outcome for i in sent)
        assert truth.tally() == len(truth)
        assert truth.with_note == sum(bool(invitation.note) for invitation in records)
        assert truth.connected_share == pytest.approx(sum(i.connected for i in sent) / len(sent))
        assert truth.eventual_share == pytest.approx(sum(bool(i.accepted_at) for i in sent) / len(sent))
        assert truth.connections == len(export.connections)
        assert truth.older_connections == truth.connections - truth.tally(SyntheticOutcome.ACCEPTED)

    def test_records_can_be_asked_for_one_by_one(self, exports: dict[str, Export]) -> None:
        truth = exports["url"].truth
        records = list(truth)

        assert truth[7] == records[7]
        assert truth[-1] == records[-1]
        assert records[7].row == 7
        with pytest.raises(IndexError):
            truth[2_000]

    def test_notes_are_not_in_a_repr(self, exports: dict[str, Export]) -> None:
        noted = next(invitation for invitation in exports["url"].truth if invitation.note)

        assert noted.note not in repr(noted)
        assert len(repr(exports["url"].truth)) < 600

    def test_truth_is_frozen_and_light(self, exports: dict[str, Export]) -> None:
        """Under sixty bytes for an invitation with its share of the connections, so that millions are possible."""
        truth = exports["url"].truth
        pickled = pickle.dumps(truth, protocol=5)

        assert pickle.loads(pickled) == truth
        assert len(pickled) < 60 * 2_000
        with pytest.raises(FrozenInstanceError):
            truth.seed = 6  # type: ignore[misc]


@pytest.fixture(scope="module", params=range(3))
def settled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SyntheticTruth:
    """50,000 invitations, where shares and quantiles have settled."""
    path = tmp_path_factory.mktemp("settled") / "export.zip"
    return synthetic_export(path, seed=request.param, invitations=50_000)


class TestManyInvitations:
    def test_shares_are_as_documented(self, settled: SyntheticTruth) -> None:
        truth = settled

        assert truth.received / len(truth) == pytest.approx(2_172 / 11_104, abs=0.008)
        assert 0.30 <= truth.eventual_rate <= 0.37
        assert truth.eventual_share == pytest.approx(truth.eventual_rate, abs=0.012)
        assert truth.connected_share < truth.eventual_share
        assert truth.with_note / len(truth) == pytest.approx(0.0625, abs=0.004)
        assert truth.hidden_connections / truth.connections == pytest.approx(0.008, abs=0.002)

    def test_nobody_has_two_rows_in_one_direction(self, settled: SyntheticTruth) -> None:
        rows = Counter((invitation.slug, invitation.direction) for invitation in settled)
        both = Counter(slug for slug, _ in rows)

        assert set(rows.values()) == {1}
        assert sum(number == 2 for number in both.values()) > 20

    def test_latency_is_log_logistic(self, settled: SyntheticTruth) -> None:
        """Compared with the distribution function at eight ages, among sent invitations of the last 180 days."""
        whole = 1 / (1 + (180 / 0.69) ** -0.84)
        edge = settled.taken_at - timedelta(days=180)
        latencies = [
            (invitation.accepted_at - invitation.sent_at) / timedelta(days=1)
            for invitation in settled
            if invitation.direction == "OUTGOING" and invitation.accepted_at and invitation.sent_at >= edge
        ]

        assert (LATENCY_MEDIAN_DAYS, LATENCY_SHAPE) == (0.69, 0.84)
        for days in (0.1, 0.5, 1, 3, 7, 14, 30, 90):
            expected = 1 / (1 + (days / 0.69) ** -0.84) / whole
            measured = sum(latency <= days for latency in latencies) / len(latencies)
            assert measured == pytest.approx(expected, abs=0.015)


def test_mean_latency_is_the_integral_it_claims_to_be() -> None:
    """The mean is the integral of the survival function, here by trapezoids on a geometric grid."""

    def survival(days: float) -> float:
        whole = 1 + math.pow(180 / LATENCY_MEDIAN_DAYS, -LATENCY_SHAPE)
        return 1 - whole / (1 + math.pow(days / LATENCY_MEDIAN_DAYS, -LATENCY_SHAPE))

    grid = [1e-6 * (180 / 1e-6) ** (step / 20_000) for step in range(20_001)]
    integral = sum((survival(a) + survival(b)) / 2 * (b - a) for a, b in pairwise(grid))

    assert pytest.approx(integral, abs=1e-3) == MEAN_LATENCY_DAYS


def test_fifty_thousand_invitations_make_a_small_file(tmp_path: Path) -> None:
    truth = synthetic_export(tmp_path / "a.zip", seed=3, invitations=50_000, connections=70_000)

    assert truth.connections == 70_000
    assert (tmp_path / "a.zip").stat().st_size < 6_000_000


class TestWallTime:
    def test_the_hour_that_comes_twice_is_there_twice(self, tmp_path: Path) -> None:
        truth = synthetic_export(tmp_path / "a.zip", seed=1, invitations=100, taken_at=TAKEN_AT)
        texts = [row["Sent At"] for row in table(members(tmp_path / "a.zip")["Invitations.csv"])]
        instants = sorted(
            invitation.sent_at for invitation, text in zip(truth, texts, strict=True) if text == "11/1/26, 1:30 AM"
        )

        assert datetime(2026, 11, 1, 8, 30, 17, tzinfo=UTC) in instants
        assert datetime(2026, 11, 1, 9, 30, 17, tzinfo=UTC) in instants

    def test_the_hour_that_is_missing_is_missing(self, tmp_path: Path) -> None:
        taken_at = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
        truth = synthetic_export(tmp_path / "a.zip", seed=1, invitations=20_000, taken_at=taken_at)
        texts = [row["Sent At"] for row in table(members(tmp_path / "a.zip")["Invitations.csv"])]
        by_text = {text: invitation.sent_at for text, invitation in zip(texts, truth, strict=True)}

        assert not [text for text in texts if text.startswith("3/8/26, 2:") and text.endswith("AM")]
        assert by_text["3/8/26, 1:59 AM"].replace(second=0) == datetime(2026, 3, 8, 9, 59, tzinfo=UTC)
        assert by_text["3/8/26, 3:00 AM"].replace(second=0) == datetime(2026, 3, 8, 10, 0, tzinfo=UTC)

    def test_the_two_files_disagree_about_the_day_as_in_life(self, exports: dict[str, Export]) -> None:
        """Whoever was invited at five in the Pacific afternoon, or later, never accepted "on the same day".

        ``Connected On`` is a UTC date, and there it was tomorrow already. This is how the zones of the two columns
        were found out.
        """
        connected = {key(row["URL"]): connected_on(row["Connected On"]) for row in exports["url"].visible}
        late: list[timedelta] = []
        early: list[timedelta] = []
        for row, invitation in zip(exports["url"].invitations, exports["url"].truth, strict=True):
            wall = datetime.strptime(row["Sent At"], "%m/%d/%y, %I:%M %p").replace(tzinfo=UTC)
            if invitation.key in connected:
                (late if wall.hour >= 17 else early).append(connected[invitation.key] - wall.date())

        assert len(late) > 50
        assert min(late) == timedelta(days=1)
        assert min(early) == timedelta(days=0)

    @given(st.integers(EPOCH_2007, EPOCH_2100 - 1))
    def test_the_rule_agrees_with_the_zone_data(self, pacific: ZoneInfo, instant: int) -> None:
        moment = datetime.fromtimestamp(instant, UTC)
        wall = moment.astimezone(pacific)
        hour = f"{wall.hour % 12 or 12}:{wall.minute:02d} {'AM' if wall.hour < 12 else 'PM'}"

        written = PacificText(moment.year, moment.year)(instant)

        assert written == f"{wall.month}/{wall.day}/{wall.year % 100:02d}, {hour}"

    @pytest.mark.parametrize("year", range(2007, 2100))
    def test_the_rule_agrees_with_the_zone_data_at_every_change(self, pacific: ZoneInfo, year: int) -> None:
        text = PacificText(year, year)
        for month, day, hour in ((3, 8, 10), (11, 1, 9)):
            sunday = date(year, month, day) + timedelta(days=(6 - date(year, month, day).weekday()) % 7)
            change = datetime(sunday.year, sunday.month, sunday.day, hour, tzinfo=UTC)
            for moment in (change - timedelta(minutes=1), change):
                wall = moment.astimezone(pacific)
                assert text(int(moment.timestamp())) == (
                    f"{month}/{sunday.day}/{year % 100:02d}, {wall.hour}:{wall.minute:02d} AM"
                )


class TestAnySizeAndTime:
    @given(
        seed=st.integers(-(2**70), 2**70),
        invitations=st.integers(0, 80),
        spare=st.none() | st.integers(0, 40),
        era=st.sampled_from(ERAS),
        taken=st.integers(EPOCH_2010, EPOCH_2100 - 1),
    )
    @settings(max_examples=40)
    def test_files_and_truth_agree(
        self, seed: int, invitations: int, spare: int | None, era: Era, taken: int
    ) -> None:
        taken_at = datetime.fromtimestamp(taken, UTC)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "export.zip")
            truth = synthetic_export(path, seed=seed, invitations=invitations, era=era, taken_at=taken_at)
            accepted = truth.tally(SyntheticOutcome.ACCEPTED)
            if spare is not None:
                truth = synthetic_export(
                    path,
                    seed=seed,
                    invitations=invitations,
                    connections=accepted + spare,
                    era=era,
                    taken_at=taken_at,
                )
                assert truth.older_connections == spare
            export = Export(path, truth)

        assert len(export.invitations) == len(truth) == invitations
        assert len(export.connections) == truth.connections
        assert all(taken_at - i.sent_at <= timedelta(days=361) for i in truth)
        if "URL" in (export.connections[0] if export.connections else {}):
            joined = {key(row["URL"]) for row in export.visible} & {i.key for i in truth}
            assert joined == {i.key for i in truth if i.connected and not i.hidden}

    def test_no_invitations_leave_headers(self, tmp_path: Path) -> None:
        truth = synthetic_export(tmp_path / "a.zip", seed=1, invitations=0)

        assert members(tmp_path / "a.zip")["Invitations.csv"] == INVITATION_HEADERS["url"]
        assert (len(truth), truth.connections) == (0, 0)
        assert truth.connected_share != truth.connected_share  # nan


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "named"),
        [
            ({"invitations": -1}, "invitations"),
            ({"era": "url2"}, "era"),
            ({"taken_at": TAKEN_AT.replace(tzinfo=None)}, "taken_at"),
            ({"taken_at": datetime(2006, 1, 1, tzinfo=UTC)}, "taken_at"),
            ({"taken_at": datetime(2100, 1, 1, tzinfo=UTC)}, "taken_at"),
            ({"connections": 3}, "connections"),
            ({"connections": -1}, "connections"),
        ],
    )
    def test_wrong_arguments_are_named_and_nothing_is_written(
        self, tmp_path: Path, arguments: dict[str, object], named: str
    ) -> None:
        with pytest.raises(DataError) as caught:
            synthetic_export(tmp_path / "a.zip", seed=1, **arguments)  # type: ignore[arg-type]

        assert isinstance(caught.value, ValueError)
        assert caught.value.key == named
        assert caught.value.hint
        assert list(tmp_path.iterdir()) == []

    def test_too_few_connections_are_told_how_many_it_takes(self, tmp_path: Path) -> None:
        truth = synthetic_export(tmp_path / "a.zip", seed=1)
        accepted = truth.tally(SyntheticOutcome.ACCEPTED)

        with pytest.raises(DataError, match=f"Give {accepted} or more"):
            synthetic_export(tmp_path / "a.zip", seed=1, connections=accepted - 1)
        exact = synthetic_export(tmp_path / "a.zip", seed=1, connections=accepted)
        assert exact.older_connections == 0


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """The sample, made again."""
    path = tmp_path_factory.mktemp("sample") / "again.zip"
    return Export(path, write_sample(path))


class TestSample:
    def test_it_lies_in_the_package_and_is_small(self) -> None:
        path = sample_export()

        assert path.parent.parent == Path(testing.__file__).parent
        assert path.stat().st_size < 80_000

    def test_it_is_what_the_generator_writes(self, again: Export) -> None:
        """Contents and times of the members, not bytes of the zip: another zlib may compress otherwise."""
        assert members(sample_export()) == again.members
        with zipfile.ZipFile(sample_export()) as ours, zipfile.ZipFile(again.path) as theirs:
            assert [(m.filename, m.date_time) for m in ours.infolist()] == [
                (m.filename, m.date_time) for m in theirs.infolist()
            ]

    def test_it_holds_every_peculiarity(self, again: Export) -> None:
        truth = again.truth
        records = list(truth)
        sent = [invitation for invitation in records if invitation.direction == "OUTGOING"]
        edge = truth.taken_at - timedelta(days=180)
        slugs = {key(row["URL"]): unquote(row["URL"].removeprefix(IN)) for row in again.visible}
        joined = [(i.slug, slugs[i.key]) for i in records if i.connected and not i.hidden]

        assert len(records) == 420
        assert 0.30 < truth.connected_share < 0.37
        assert {invitation.outcome for invitation in sent} == set(SyntheticOutcome)
        assert any(not ours.isascii() and ours == theirs for ours, theirs in joined)
        assert any(not unicodedata.is_normalized("NFC", theirs) for _, theirs in joined)
        assert any(ours != theirs and ours.casefold() == theirs.casefold() for ours, theirs in joined)
        assert truth.hidden_connections > truth.tally(hidden=True) > 0
        assert any(i.sent_at < edge and i.connected for i in sent)
        assert any(i.sent_at < edge and not i.accepted_at for i in sent)
        assert max(Counter(i.note for i in sent if i.note).values()) > 20
        assert max(Counter(i.key for i in records).values()) == 2
        assert truth.ambiguous_names() & {i.name for i in sent if i.connected}
        assert any(", " in i.name for i in records)
        assert [row["Sent At"] for row in again.invitations].count("11/1/26, 1:30 AM") >= 2


class TestModule:
    def test_it_needs_the_standard_library_and_our_errors_only(self) -> None:
        """A fresh interpreter loads no other package, and of ours nothing that the truth may be compared with."""
        program = (
            "import sys, json; before = set(sys.modules); import invitekit.testing;"
            "print(json.dumps(sorted(set(sys.modules) - before)))"
        )
        answer = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
        added = json.loads(answer.stdout)

        foreign = {name.partition(".")[0] for name in added} - set(sys.stdlib_module_names) - {"invitekit"}
        assert foreign == set()
        ours = [name for name in added if name.partition(".")[0] == "invitekit"]
        assert "invitekit.testing._synthetic" in ours
        assert [
            name
            for name in ours
            if name not in {"invitekit", "invitekit.errors"} and not name.startswith("invitekit.testing")
        ] == []

    def test_zone_data_is_never_asked_for(self) -> None:
        """On a machine without any, exports are written all the same."""
        program = (
            "import sys, tempfile, os; sys.modules['zoneinfo'] = None;"
            "from invitekit.testing import synthetic_export;"
            "folder = tempfile.TemporaryDirectory();"
            "truth = synthetic_export(os.path.join(folder.name, 'a.zip'), seed=1, invitations=50);"
            "print(len(truth)); folder.cleanup()"
        )
        answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

        assert answer.stdout == "50\n"

    def test_what_it_offers_exists_and_is_all_it_shows(self) -> None:
        assert list(testing.__all__) == sorted(set(testing.__all__))
        assert dir(testing) == list(testing.__all__)
        assert [name for name in testing.__all__ if not hasattr(testing, name)] == []
