"""Finding the header: a file is what its header says."""

from __future__ import annotations

import pickle

import pytest
from tests.dialects.csvs import CONNECTION_COLUMNS, PLAIN_ERA, PREAMBLE, URL_ERA, URN_ERA, lines, text

from invitekit.dialects.export import find_header
from invitekit.errors import ArchiveError

EXACT = ",".join(URL_ERA)


def header(content):
    return find_header(lines(content), "Some.csv")


class TestWhatIsFound:
    @pytest.mark.parametrize("columns", [PLAIN_ERA, URN_ERA, URL_ERA])
    def test_the_invitations_of_every_era(self, columns):
        found = header(",".join(columns) + "\n")
        assert (found.kind, found.line, found.delimiter, found.width) == ("invitations", 1, ",", len(columns))
        assert {column: found.columns[column] for column in columns} == {
            name: at for at, name in enumerate(columns)
        }

    @pytest.mark.parametrize(
        "columns",
        [CONNECTION_COLUMNS, ("First Name", "Last Name", "Email Address", "Company", "Position", "Connected On")],
    )
    @pytest.mark.parametrize("above", ["", PREAMBLE, "\n\n", 'Notes:\n"two\nlines, with a comma"\n\n'])
    def test_connections_with_and_without_the_notes_above(self, columns, above):
        found = header(above + ",".join(columns) + "\n")
        assert (found.kind, found.line) == ("connections", above.count("\n") + 1)

    @pytest.mark.parametrize(
        "content",
        [
            "\ufeff" + EXACT,
            EXACT.upper(),
            EXACT.casefold(),
            EXACT.replace("Sent At", " sent_at "),
            EXACT.replace("Sent At", "SentAt").replace("inviterProfileUrl", "Inviter-Profile URL"),
            '"' + '","'.join(URL_ERA) + '"',
            "sep=,\n" + EXACT,
            "\n\n" + EXACT,
        ],
    )
    def test_spelling_does_not_matter(self, content):
        assert list(header(content + "\n").columns.values()) == [0, 1, 2, 4, 3, 5, 6]

    @pytest.mark.parametrize("delimiter", [";", "\t"])
    def test_what_separates_cells_is_seen_in_the_header(self, delimiter):
        found = header(f"sep={delimiter}\n" + delimiter.join(URL_ERA) + "\n")
        assert (found.delimiter, found.width) == (delimiter, 7)

    def test_order_and_additional_columns_do_not_matter(self):
        found = header("Row,Direction,,Sent At,To,From,Comment\n")
        assert found.columns == {"From": 5, "To": 4, "Sent At": 3, "Direction": 1}
        assert found.width == 7
        assert "Message" not in found
        assert "From" in found

    def test_the_lines_are_left_below_it(self):
        content = lines(PREAMBLE + ",".join(CONNECTION_COLUMNS) + "\nthe first row\n")
        find_header(content, "Some.csv")
        assert next(content) == "the first row\n"


class TestWhatIsRefused:
    @pytest.mark.parametrize("missing", ["From", "To", "Sent At", "Direction"])
    def test_without_a_column_that_is_needed_it_says_what_was_found(self, missing):
        with pytest.raises(ArchiveError) as caught:
            header(",".join(column for column in URL_ERA if column != missing) + "\n")
        assert caught.value.file == "Some.csv"
        assert "found only: " in caught.value.message
        assert repr(missing) not in caught.value.message
        assert all(repr(column) in caught.value.message for column in URL_ERA if column != missing)

    @pytest.mark.parametrize(
        ("header", "said"),
        [
            ("CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,DATE,SUBJECT,CONTENT", "messages.csv"),
            ("First Name,Last Name,Maiden Name,Address,Headline,Summary,Industry", "Profile.csv"),
            ("rank,name,profile,sent,age_days,why,follows,result,urn,provider_id,invitation_id", "worklist"),
        ],
    )
    def test_a_file_that_is_passed_by_mistake_is_called_by_its_name(self, header, said):
        with pytest.raises(ArchiveError, match=said) as caught:
            find_header(lines(f"{header}\n"), "x.csv")
        assert "Pass" in caught.value.hint or "read_worklist" in caught.value.hint

    def test_a_row_needs_the_cells_that_are_never_empty(self):
        content = text((*URL_ERA, "More"), [])
        assert find_header(lines(content), "x.csv").needed == len(URL_ERA)
        content = text(("Connected On", "First Name", "Last Name", "URL", "Company"), [])
        assert find_header(lines(content), "x.csv").needed == 3

    def test_a_translated_header_is_shown(self):
        with pytest.raises(ArchiveError, match="'Von', 'An', 'Gesendet am'") as caught:
            header("Von,An,Gesendet am,Nachricht,Richtung\nA,B,C,D,E\n")
        assert "English" in caught.value.hint

    @pytest.mark.parametrize("content", ["", "\n\n", " \n"])
    def test_an_empty_file_is_called_empty(self, content):
        with pytest.raises(ArchiveError, match="is empty"):
            header(content)

    def test_rows_without_a_header_are_never_repeated(self):
        """The first line may hold a name and a note."""
        with pytest.raises(ArchiveError) as caught:
            header('Ada Example,Owner Person,"6/5/24, 5:42 PM",a secret note,OUTGOING\nSecret words\n')
        assert "no line that looks like column names" in caught.value.message
        assert not any(word in str(caught.value) for word in ("Ada", "secret", "Secret"))

    def test_a_column_that_stands_twice_is_refused(self):
        with pytest.raises(ArchiveError, match="'To' stands twice") as caught:
            header("sep=,\nFrom,To,to,Sent At,Direction\n")
        assert caught.value.line == 2

    def test_a_header_further_down_than_any_preamble_is_not_looked_for(self):
        with pytest.raises(ArchiveError, match="no line that looks like column names"):
            header("some text\n" * 20 + EXACT + "\n")

    def test_files_that_look_alike_are_told_apart(self):
        """Chats with an assistant have a FROM and a TO, too."""
        with pytest.raises(ArchiveError):
            header("CONVERSATION ID,FROM,TO,DATE,SUBJECT,CONTENT,FOLDER\n")

    def test_controls_in_a_header_are_made_harmless(self):
        with pytest.raises(ArchiveError) as caught:
            header("Name,\x1b[31mred,\u202ereversed\n")
        assert str(caught.value).isprintable()
        assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args
