"""What every test relies on: an awkward zone, no network, no waiting, a chosen amount of generated cases."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Five and three quarter hours from UTC: whoever forgets a zone is wrong by an amount that no test overlooks.
os.environ["TZ"] = "Asia/Kathmandu"
if hasattr(time, "tzset"):
    time.tzset()

# "ci" gives the same cases in every run, so a failure belongs to the change that caused it; "brief" is a tenth
# of it, for the second to seventh run of the same tests; "long" looks for new cases.
PROFILE = os.environ.get("INVITEKIT_HYPOTHESIS_PROFILE", "ci")
settings.register_profile(
    "ci", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("brief", parent=settings.get_profile("ci"))
settings.register_profile("long", parent=settings.get_profile("ci"), derandomize=False, max_examples=5_000)
settings.load_profile(PROFILE)
BRIEF_SHARE = 0.1
# Where hypothesis keeps what @settings chose for a test; it has no public name.
CHOSEN = "_hypothesis_internal_use_settings"


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker means that this file heeds."""
    config.addinivalue_line(
        "markers", "sampled: under the profile brief, one in four of its parametrised cases runs"
    )


def sampled_out(item: pytest.Item) -> bool:
    """Whether a parametrised case may be left out where the same tests run in another session as well."""
    if item.get_closest_marker("sampled") is None or not hasattr(item, "callspec"):
        return False
    return crc32(item.nodeid.encode()) % 4 != 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Under "brief", run fewer cases also where a test asks for a number of its own."""
    if PROFILE != "brief":
        return
    if left_out := [item for item in items if sampled_out(item)]:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not sampled_out(item)]
    # The same function may be behind several items: a test with parameters is scaled once.
    functions = {getattr(item, "obj", None) for item in items}
    for function in {getattr(each, "__func__", each) for each in functions}:
        chosen = getattr(function, CHOSEN, None)
        if isinstance(chosen, settings):
            fewer = max(1, round(chosen.max_examples * BRIEF_SHARE))
            setattr(function, CHOSEN, settings(chosen, max_examples=fewer))


LONGEST_SLEEP = 0.2
NEARBY = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True, scope="session")
def _no_network_no_waiting() -> Iterator[None]:
    """Refuse connections that leave this machine, and sleeps that a test can notice."""
    connect: Callable[..., Any] = socket.socket.connect
    sleep = time.sleep  # noqa: TID251  the one that is replaced below

    def connect_nearby(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in NEARBY:
            pytest.fail(f"a test tried to reach {address!r} over the network")
        return connect(self, address)

    def sleep_briefly(seconds: float) -> None:
        if seconds > LONGEST_SLEEP:
            pytest.fail(f"a test tried to sleep for {seconds} s; inject a clock instead")
        sleep(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_nearby)
        patch.setattr(time, "sleep", sleep_briefly)
        yield
