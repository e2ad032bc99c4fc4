"""The error tree: what its drawing says is what there is, and every error can be caught, sent and read."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitekit import errors
from invitekit.errors import (
    ArchiveError,
    BackendError,
    CapabilityError,
    ChallengeError,
    DataError,
    DocumentError,
    InvitekitError,
    LedgerError,
    MissingExtraError,
    PayloadError,
    PolicyError,
    RateLimitedError,
    RefusedError,
    TransportError,
)

CLASSES = [getattr(errors, name) for name in errors.__all__]

FULL: dict[type[InvitekitError], dict[str, Any]] = {
    InvitekitError: {"hint": "Do this"},
    DataError: {"hint": "Do this", "file": "Invitations.csv", "line": 7, "key": "sent_at"},
    ArchiveError: {"hint": "Do this", "file": "export.zip", "line": 2, "key": "Invitations.csv"},
    DocumentError: {"hint": "Do this", "file": "policy.toml", "key": "limits.per_run"},
    PayloadError: {"hint": "Do this", "key": "items[3].id"},
    PolicyError: {"hint": "Do this", "code": "empty"},
    BackendError: {
        "hint": "Do this",
        "sent": "yes",
        "code": "http-503",
        "status": 503,
        "type": "errors/no_channel",
    },
    TransportError: {"hint": "Do this", "sent": "maybe", "code": "deadline"},
    RateLimitedError: {
        "hint": "Do this",
        "not_before": datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        "sent": "no",
        "code": "held",
        "status": 429,
        "type": "errors/too_many_requests",
    },
    ChallengeError: {"hint": "Do this", "sent": "maybe", "code": "http-999", "status": 999},
    RefusedError: {
        "hint": "Do this",
        "sent": "yes",
        "code": "sign-in",
        "status": 401,
        "type": "errors/wrong_account",
    },
    CapabilityError: {"hint": "Do this", "sent": "no", "code": "capability", "capability": "withdraw"},
    LedgerError: {"hint": "Do this", "file": "outbox.db", "code": "busy", "holder": "process 77"},
    MissingExtraError: {"hint": "Do this", "extra": "tz"},
}


def drawn() -> dict[str, tuple[str, set[str]]]:
    """Each class in the drawing, with its parent in the drawing and the builtins it is said to be as well."""
    found: dict[str, tuple[str, set[str]]] = {}
    above: list[tuple[int, str]] = []
    for line in inspect.getdoc(errors).splitlines():
        match = re.fullmatch(r"([│├└─ ]*)(\w+Error)(?: \(also (\w+)\))?", line.rstrip())
        if not match:
            continue
        depth, name, also = len(match[1]), match[2], match[3]
        while above and above[-1][0] >= depth:
            above.pop()
        found[name] = (above[-1][1] if above else "Exception", {also} if also else set())
        above.append((depth, name))
    return found


class TestTree:
    def test_the_drawing_shows_every_class_and_nothing_else(self) -> None:
        defined = {
            name
            for name, thing in vars(errors).items()
            if inspect.isclass(thing) and issubclass(thing, Exception) and thing.__module__ == errors.__name__
        }

        assert set(drawn()) == defined == set(errors.__all__)

    @pytest.mark.parametrize("error", CLASSES)
    def test_the_drawing_shows_the_parents(self, error: type[InvitekitError]) -> None:
        """The parent in the tree, and the builtin that an older `except` would catch."""
        parent, also = drawn()[error.__name__]

        bases = {base.__name__ for base in error.__bases__}

        assert bases == {parent} | also

    def test_reading_the_drawing_finds_its_shape(self) -> None:
        """The reader above sees children of children; otherwise the two tests before this could not fail."""
        assert drawn()["ArchiveError"][0] == "DataError"
        assert drawn()["DataError"] == ("InvitekitError", {"ValueError"})

    @pytest.mark.parametrize("error", CLASSES)
    def test_every_attribute_is_documented(self, error: type[InvitekitError]) -> None:
        documentation = " ".join(inspect.getdoc(base) or "" for base in error.__mro__)

        for name in vars(error("What is wrong", **FULL[error])):
            assert f"{name}:" in documentation


@pytest.mark.parametrize("error", CLASSES)
class TestEachError:
    def test_everything_but_the_message_is_keyword_only(self, error: type[InvitekitError]) -> None:
        with pytest.raises(TypeError):
            error("What is wrong", "Do this")  # type: ignore[misc]

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_a_pickle_brings_it_back_whole(self, error: type[InvitekitError], protocol: int) -> None:
        before = error("What is wrong", **FULL[error])

        after = pickle.loads(pickle.dumps(before, protocol))

        assert type(after) is error
        assert (str(after), repr(after), vars(after), after.args) == (
            str(before),
            repr(before),
            vars(before),
            before.args,
        )

    def test_a_copy_is_whole(self, error: type[InvitekitError]) -> None:
        before = error("What is wrong", **FULL[error])

        for after in (copy.copy(before), copy.deepcopy(before)):
            assert (type(after), vars(after)) == (error, vars(before))

    def test_its_text_says_where_what_and_what_to_do(self, error: type[InvitekitError]) -> None:
        text = str(error("What is wrong", **FULL[error]))

        assert "What is wrong" in text
        assert text.endswith("Do this")
        places = [str(FULL[error][name]) for name in ("file", "line", "key") if name in FULL[error]]
        assert all(place in text for place in places)
        assert [text.index(place) for place in places] == sorted(text.index(place) for place in places)
        assert all(text.index(place) < text.index("What is wrong") for place in places)

    def test_its_repr_shows_every_fact(self, error: type[InvitekitError]) -> None:
        shown = repr(error("What is wrong", **FULL[error]))

        assert shown.startswith(f"{error.__name__}('What is wrong'")
        assert all(f"{name}={value!r}" in shown for name, value in FULL[error].items())

    def test_it_is_caught_as_any_of_its_parents(self, error: type[InvitekitError]) -> None:
        for parent in error.__mro__[:-1]:
            with pytest.raises(parent):
                raise error("What is wrong", **FULL[error])


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (InvitekitError("It broke"), "It broke"),
        (DataError("not a date", line=7), "line 7: not a date"),
        (DataError("not a date", file="a.csv", line=7), "a.csv, line 7: not a date"),
        (DataError("not a date", key="sent_at", hint="Write 2026-01-01"), "sent_at: not a date. Write 2026-01-01"),
        (PolicyError("it has no limit", code="no-limit"), "it has no limit"),
        (MissingExtraError("no zones", extra="tz"), "no zones. Install it with: pip install 'invitekit[tz]'"),
    ],
)
def test_texts(error: InvitekitError, text: str) -> None:
    assert str(error) == text


def test_what_is_not_given_is_not_in_the_repr() -> None:
    assert repr(DataError("not a date")) == "DataError('not a date')"


def test_a_note_added_by_the_user_travels_with_the_error() -> None:
    """Python 3.11 notes are part of the state of an exception, ours as well."""
    error = DataError("not a date")
    error.add_note("while reading the third file")

    assert pickle.loads(pickle.dumps(error)).__notes__ == ["while reading the third file"]


def test_the_cause_stays_behind_in_a_pickle() -> None:
    """What caused an error may hold anything, a message text included; our facts travel, the cause does not."""
    error = PolicyError("the rule failed", code="rule-failed")
    error.__cause__ = RuntimeError("the text of a note")

    pickled = pickle.dumps(error)

    assert b"the text of a note" not in pickled
    assert pickle.loads(pickled).__cause__ is None


@given(st.text(), st.text(), st.text(), st.integers(1) | st.none())
def test_any_facts_survive_a_pickle(message: str, hint: str, file: str, line: int | None) -> None:
    before = ArchiveError(message, hint=hint, file=file, line=line)

    after = pickle.loads(pickle.dumps(before))

    assert (vars(after), str(after)) == (vars(before), str(before))
