"""Files are written whole or not at all, for their owner only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invitekit._files import write_whole
from invitekit.errors import DataError


def test_the_text_arrives_as_utf_8_with_its_own_line_ends(tmp_path: Path) -> None:
    written = write_whole(tmp_path / "plan.csv", "Zoë\r\n山田\n")

    assert written == tmp_path / "plan.csv"
    assert written.read_bytes() == "Zoë\r\n山田\n".encode()


def test_a_path_may_be_a_text(tmp_path: Path) -> None:
    assert write_whole(str(tmp_path / "a.html"), "x") == tmp_path / "a.html"


def test_an_earlier_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("before, and longer")

    write_whole(tmp_path / "a.html", "after")

    assert (tmp_path / "a.html").read_text() == "after"


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """A plan names people; it is not for everybody on the machine, whatever the umask."""
    before = os.umask(0)
    try:
        written = write_whole(tmp_path / "a.html", "x")
    finally:
        os.umask(before)

    # Windows has no such modes, and shows every file as writable for all.
    assert stat.S_IMODE(written.stat().st_mode) == (0o600 if os.name == "posix" else 0o666)


class TestFailing:
    """What was there stays, nothing is left lying about, and the error says where and why."""

    @staticmethod
    def fails(path: Path, content: str = "x") -> DataError:
        with pytest.raises(DataError) as caught:
            write_whole(path, content)
        assert caught.value.file == str(path)
        assert caught.value.hint
        assert caught.value.__cause__ is None
        return caught.value

    def test_a_missing_folder(self, tmp_path: Path) -> None:
        error = self.fails(tmp_path / "nowhere" / "a.html")

        assert "No such file or directory" in str(error)
        assert not (tmp_path / "nowhere").exists()

    def test_a_folder_of_that_name(self, tmp_path: Path) -> None:
        (tmp_path / "a.html").mkdir()

        self.fails(tmp_path / "a.html")

        assert [path.name for path in tmp_path.iterdir()] == ["a.html"]

    def test_half_a_character(self, tmp_path: Path) -> None:
        """A lone surrogate has no UTF-8; the earlier file stays."""
        (tmp_path / "a.html").write_text("before")

        error = self.fails(tmp_path / "a.html", "a secret note \ud800")

        assert "secret" not in str(error)
        assert "secret" not in repr(error)
        assert (tmp_path / "a.html").read_text() == "before"
        assert len(list(tmp_path.iterdir())) == 1

    def test_a_path_that_no_system_has(self, tmp_path: Path) -> None:
        self.fails(tmp_path / "a\x00b")

    @pytest.mark.parametrize("step", ["fsync", "replace"])
    def test_a_disk_that_gives_up(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
        """A full disk shows when the text is forced out, or when the new file takes the old one's place."""
        (tmp_path / "a.html").write_text("before")

        def give_up(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, step, give_up)
        error = self.fails(tmp_path / "a.html")

        assert "No space left on device" in str(error)
        assert (tmp_path / "a.html").read_text() == "before"
        assert len(list(tmp_path.iterdir())) == 1

    def test_an_interrupt_passes_through_and_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_whole(tmp_path / "a.html", "x")

        assert list(tmp_path.iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(tmp_path: Path, content: str) -> None:
    assert write_whole(tmp_path / "a.txt", content).read_bytes().decode() == content
