"""The fences around the tests hold: one that needs a network or patience cannot pass here."""

from __future__ import annotations

import socket
import time
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def test_no_connection_leaves_this_machine() -> None:
    """192.0.2.1 is set aside for documentation: nobody answers there, so nothing happens if the fence is down."""
    with socket.socket() as out:
        out.settimeout(0.01)

        with pytest.raises(pytest.fail.Exception, match="over the network"):
            out.connect(("192.0.2.1", 80))


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())

        assert client.getpeername() == server.getsockname()


def test_no_test_sleeps() -> None:
    with pytest.raises(pytest.fail.Exception, match="inject a clock"):
        time.sleep(0.3)  # noqa: TID251  the call that must not be possible


def test_a_moment_is_allowed() -> None:
    """Waiting for a lock, the standard library sleeps a few milliseconds."""
    time.sleep(0.001)  # noqa: TID251  see above


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the system cannot change its zone for one process")
def test_the_zone_is_awkward() -> None:
    assert datetime(2026, 6, 1).astimezone().utcoffset().total_seconds() == 5.75 * 3600


@settings(max_examples=50)
@given(st.integers())
def _fifty_times(number: int) -> None:
    """Not a test by itself: what the next one looks at."""


def test_the_number_of_cases_can_still_be_found() -> None:
    """The profile "brief" scales it, and hypothesis gives it no public name: a rename must be noticed."""
    assert _fifty_times._hypothesis_internal_use_settings.max_examples == 50
