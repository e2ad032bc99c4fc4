"""Unknown is a value of its own, and never passes for a yes, a no, a nought or an empty text."""

from __future__ import annotations

import copy
import pickle

import pytest

from invitekit.model import UNKNOWN, Truth, Unknown


class TestUnknown:
    def test_it_has_no_truth_value(self) -> None:
        """`if invitation.note:` is a mistake that must not pass in silence."""
        with pytest.raises(TypeError, match="is UNKNOWN"):
            bool(UNKNOWN)

    @pytest.mark.parametrize("other", [None, 0, "", False, "unknown", Truth.UNKNOWN], ids=repr)
    def test_it_equals_nothing_else(self, other: object) -> None:
        assert other != UNKNOWN

    def test_there_is_one_of_it(self) -> None:
        assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN
        assert copy.deepcopy(UNKNOWN) is UNKNOWN
        assert list(Unknown) == [UNKNOWN]

    def test_it_prints_its_name(self) -> None:
        assert (repr(UNKNOWN), str(UNKNOWN)) == ("UNKNOWN", "unknown")

    @pytest.mark.parametrize("compare", ["<", "<=", ">", ">="])
    def test_it_cannot_be_ordered(self, compare: str) -> None:
        with pytest.raises(TypeError):
            eval(f"UNKNOWN {compare} 5", {"UNKNOWN": UNKNOWN})


class TestTruth:
    def test_it_has_no_truth_value(self) -> None:
        """Not even TRUE: `if truth:` would take UNKNOWN for a yes."""
        for truth in Truth:
            with pytest.raises(TypeError, match=r"is Truth\.TRUE"):
                bool(truth)

    def test_a_bool_becomes_a_truth(self) -> None:
        assert (Truth.of(True), Truth.of(False)) == (Truth.TRUE, Truth.FALSE)

    def test_it_prints_its_name(self) -> None:
        assert (repr(Truth.TRUE), str(Truth.UNKNOWN)) == ("Truth.TRUE", "unknown")

    def test_and_or_not_by_example(self) -> None:
        """The laws are under tests/property; these are the cases a reader wants to see."""
        assert Truth.FALSE & Truth.UNKNOWN is Truth.FALSE
        assert Truth.TRUE & Truth.UNKNOWN is Truth.UNKNOWN
        assert Truth.TRUE | Truth.UNKNOWN is Truth.TRUE
        assert Truth.FALSE | Truth.UNKNOWN is Truth.UNKNOWN
        assert ~Truth.UNKNOWN is Truth.UNKNOWN
