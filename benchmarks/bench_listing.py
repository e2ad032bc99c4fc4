"""Listing from a service on a loopback socket: against the same client, decoding JSON into plain attrs objects."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import datetime
from statistics import median
from time import perf_counter
from typing import Any

import attrs
import httpx
import pytest

import invitekit as ik

SIZE = 100
ROWS = 10_000
LISTED = f"{ROWS:,} invitations, {SIZE} per page, from a loopback socket"
SERVER = """
import sys
from invitekit.testing import FakeUnipile, ServiceWorld
fake = FakeUnipile(ServiceWorld.invent(pending=int(sys.argv[1]), connections=0, received=0))
with fake.serve() as url:
    print(url, flush=True)
    sys.stdin.readline()
"""


@attrs.frozen
class Plain:
    """What one would write by hand: the fields as they come, the date read."""

    id: str
    name: str | None
    slug: str | None
    provider_id: str | None
    headline: str | None
    note: str | None
    label: str | None
    sent_at: datetime | None
    inviter: str | None


def plain(item: dict[str, Any]) -> Plain:
    said = item["parsed_datetime"]
    return Plain(
        item["id"],
        item["invited_user"],
        item["invited_user_public_id"],
        item["invited_user_id"],
        item["invited_user_description"],
        item["invitation_text"],
        item["date"],
        None if said is None else datetime.fromisoformat(said),
        item["inviter"]["inviter_id"],
    )


def served(rows: int) -> Iterator[str]:
    """The service in a process of its own, so that its work is not counted."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(rows)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.communicate("\n")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    yield from served(ROWS)


def query(cursor: str | None) -> dict[str, str]:
    asked = {"account_id": "example-account", "limit": str(SIZE)}
    return asked if cursor is None else {**asked, "cursor": cursor}


HEADERS = {"X-API-KEY": "example-key", "accept": "application/json", "accept-encoding": "identity"}


def by_hand(url: str) -> int:
    found: list[Plain] = []
    cursor = None
    with httpx.Client(headers=HEADERS, base_url=url, verify=False) as client:
        while True:
            page = json.loads(client.get("/users/invite/sent", params=query(cursor)).content)
            found += map(plain, page["items"])
            if (cursor := page["cursor"]) is None:
                return len(found)


def ours(url: str) -> int:
    vendor = ik.backends.unipile(base_url=url, api_key="example-key", account_id="example-account")
    with vendor.open() as backend:
        return len(list(backend.sent(size=SIZE)))


async def by_hand_async(url: str) -> int:
    found: list[Plain] = []
    cursor = None
    async with httpx.AsyncClient(headers=HEADERS, base_url=url, verify=False) as client:
        while True:
            answer = await client.get("/users/invite/sent", params=query(cursor))
            page = json.loads(answer.content)
            found += map(plain, page["items"])
            if (cursor := page["cursor"]) is None:
                return len(found)


async def ours_async(url: str) -> int:
    vendor = ik.backends.unipile(base_url=url, api_key="example-key", account_id="example-account")
    async with vendor.aopen() as backend:
        return len([row async for row in backend.sent(size=SIZE)])


def timed(function: Any, url: str) -> float:
    start = perf_counter()
    assert function(url) == ROWS
    return perf_counter() - start


def compared(name: str, one: Any, other: Any, url: str, rounds: int = 9) -> None:
    """Both in turn, in one run; elapsed time, since half of it is waiting for the socket."""
    timed(one, url), timed(other, url)
    pairs = [(timed(one, url), timed(other, url)) for _ in range(rounds)]
    ratio = median(a / b for a, b in pairs)
    print(f"\n{LISTED}, {name}: {median(a for a, _ in pairs) * 1000:.0f} ms, {ratio:.2f} x by hand")


def test_listing_sync(url: str) -> None:
    compared("sync", ours, by_hand, url)


def test_listing_async(url: str) -> None:
    compared("async", lambda at: asyncio.run(ours_async(at)), lambda at: asyncio.run(by_hand_async(at)), url)


@pytest.mark.parametrize("rows", [1_000, 10_000, 50_000])
def test_memory_is_flat(rows: int) -> None:
    for at in served(rows):
        vendor = ik.backends.unipile(base_url=at, api_key="example-key", account_id="example-account")
        with vendor.open() as backend:
            next(backend.sent(size=SIZE))
            tracemalloc.start()
            count = sum(1 for _ in backend.sent(size=SIZE))
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert count == rows
        print(f"\n{rows:,} rows one by one: {peak / 1024:.0f} KiB at most")


def test_one_tls_context_for_all_clients() -> None:
    vendor = ik.backends.unipile(dsn="localhost:1", api_key="example-key", account_id="example-account")
    vendor.open().close()
    start = perf_counter()
    for _ in range(100):
        vendor.open().close()
    each = (perf_counter() - start) / 100
    start = perf_counter()
    httpx.Client().close()
    own = perf_counter() - start
    print(f"\nopening one more backend: {each * 1000:.2f} ms; one with its own TLS settings: {own * 1000:.1f}")
