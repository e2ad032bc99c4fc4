"""Whatever stands in a body, the dialect ends in a value, a `BackendError` or a `PayloadError`."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.dialects.test_json import HOSTILE
from tests.dialects.unipile_bodies import (
    AT,
    INVITATION,
    ME,
    account,
    answer,
    error,
    listed,
    profile,
    received_row,
    relation_row,
    sent_row,
)

from invitekit._wire import Response
from invitekit.dialects.unipile import UnipileDialect
from invitekit.errors import BackendError, PayloadError
from invitekit.model import ListKind, Outcome, Result

DIALECT = UnipileDialect("acc-example-1")
Reader = Callable[[Response], Any]

SENT: Reader = lambda response: DIALECT.page(ListKind.SENT, response, AT)  # noqa: E731
RECEIVED: Reader = lambda response: DIALECT.page(ListKind.RECEIVED, response, AT)  # noqa: E731
RELATIONS: Reader = lambda response: DIALECT.page(ListKind.CONNECTIONS, response, AT)  # noqa: E731
PROFILE: Reader = lambda response: DIALECT.standing(INVITATION.member, response, AT)  # noqa: E731
ACCOUNTS: Reader = lambda response: DIALECT.accounts(response, AT)  # noqa: E731
WITHDRAWAL: Reader = lambda response: DIALECT.withdrawal(INVITATION, response, AT)  # noqa: E731
READERS = [SENT, RECEIVED, RELATIONS, PROFILE, ACCOUNTS, WITHDRAWAL]

SHAPES: dict[str, tuple[Reader, Any, int]] = {
    "sent": (SENT, listed(sent_row()), 200),
    "sent, two rows and a cursor": (SENT, listed(sent_row(), sent_row(id="78"), cursor="YWJj"), 200),
    "sent, empty": (SENT, listed(), 200),
    "sent, throttled": (SENT, listed(total_count=0), 200),
    "sent, all null": (SENT, listed(dict.fromkeys(sent_row()) | {"id": "77"}), 200),
    "sent, label only": (SENT, listed(sent_row(parsed_datetime=None, id="77")), 200),
    "sent, accents": (SENT, listed(sent_row(invited_user="Zoë 张 \U0001f600", inviter=ME)), 200),
    "received": (RECEIVED, listed(received_row()), 200),
    "relations": (RELATIONS, listed(relation_row(), named="UserRelationsList", cursor="abc"), 200),
    "profile": (PROFILE, profile(), 200),
    "profile, pending": (PROFILE, profile(invitation={"type": "SENT", "status": "PENDING"}), 200),
    "profile, connected": (PROFILE, profile(network_distance="FIRST_DEGREE", is_relationship=True), 200),
    "profile, throttled": (PROFILE, profile(throttled_sections=["experience"]), 200),
    "accounts": (ACCOUNTS, {"object": "AccountList", "items": [account()], "cursor": None}, 200),
    "withdrawn": (WITHDRAWAL, {"object": "InvitationCanceled"}, 200),
    "withdrawn, ok": (WITHDRAWAL, {"status": "ok"}, 200),
    "gone": (WITHDRAWAL, error("errors/resource_not_found", 404), 404),
    "performed": (WITHDRAWAL, error("errors/action_already_performed", 422), 422),
    "limited": (SENT, error("errors/too_many_requests", 429), 429),
    "timeout": (WITHDRAWAL, error("errors/request_timeout", 504), 504),
}


def ends_well(reader: Reader, body: bytes, status: int = 200) -> Any:
    """The value, None for an error; any other exception fails the test."""
    try:
        return reader(answer(body, status))
    except (BackendError, PayloadError) as caught:
        behind = caught.__cause__ or caught.__context__
    # The errors of the decoders hold the whole body.
    assert behind is None
    return None


class TestCut:
    @pytest.mark.parametrize(("reader", "shape", "status"), SHAPES.values(), ids=SHAPES)
    def test_a_body_that_ends_anywhere(self, reader: Reader, shape: Any, status: int) -> None:
        body = json.dumps(shape, ensure_ascii=False).encode()
        assert ends_well(reader, body, status) is not None or status == 429
        for end in range(len(body)):
            found = ends_well(reader, body[:end], status)
            if reader is not WITHDRAWAL:
                assert found is None
            elif status == 200 and end:
                assert isinstance(found, Outcome)
                assert found.result is Result.UNKNOWN

    def test_there_are_twenty(self) -> None:
        assert len(SHAPES) == 20


class TestHostile:
    @pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
    def test_every_reader_refuses_it_and_a_withdrawal_stays_unknown(self, body: bytes) -> None:
        for reader in READERS[:-1]:
            assert ends_well(reader, body) is None
        found = ends_well(WITHDRAWAL, body)
        if body.startswith(b"<"):
            assert found is None
        else:
            assert isinstance(found, Outcome)
            assert found.result is (Result.UNKNOWN if body.strip() else Result.WITHDRAWN)

    @pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
    def test_an_error_with_it_is_that_error(self, body: bytes) -> None:
        for reader in READERS[:-1]:
            assert ends_well(reader, body, 500) is None


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from(
        ["\ud800", "x" * 20_000, "..", "\0", "7" * 30, "Sent 2 months ago", "InvitationList", [], {}]
    )
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a decoded body."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


def with_value(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    key, *rest = path
    changed = with_value(value[key], tuple(rest), new)
    if isinstance(value, dict):
        return {**value, key: changed}
    return [*value[:key], changed, *value[key + 1 :]]


class TestMutated:
    @settings(max_examples=500)
    @given(st.sampled_from(sorted(SHAPES)), st.data())
    def test_any_value_at_any_place(self, name: str, data: st.DataObject) -> None:
        reader, shape, status = SHAPES[name]
        for _ in range(data.draw(st.integers(1, 3))):
            shape = with_value(shape, data.draw(st.sampled_from(places(shape))), data.draw(VALUES))
        ends_well(reader, json.dumps(shape).encode(), status)

    @settings(max_examples=500)
    @given(st.sampled_from(sorted(SHAPES)), st.sampled_from(READERS), st.integers(0, 1 << 32))
    def test_any_bytes_at_any_place(self, name: str, reader: Reader, seed: int) -> None:
        # Forty of each: hypothesis would take minutes to draw twenty thousand of them.
        chance = random.Random(seed)
        _, shape, status = SHAPES[name]
        body = json.dumps(shape).encode()
        for _ in range(40):
            changed = bytearray(body)
            for _ in range(chance.randint(1, 4)):
                place = chance.randrange(len(changed) + 1)
                chunk = chance.choice(
                    [b'"', b"\\", b"{", b"]", b"\xff", b"\\ud800", b"null", b",", b":", b"9" * 30, b""]
                )
                changed[place : place + chance.randint(0, 3)] = chunk
            ends_well(reader, bytes(changed), status)

    @settings(max_examples=300)
    @given(st.sampled_from(READERS), st.integers(100, 999), st.binary(max_size=80))
    def test_any_status_with_any_bytes(self, reader: Reader, status: int, body: bytes) -> None:
        ends_well(reader, body, status)
