"""The vendor's own client takes the fake for the service: unchanged, from npm, with its checks of every answer on.

This is what keeps the fake from agreeing only with ourselves. `nox -s vendor` installs the SDK and runs these
tests; elsewhere they are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from invitekit.testing import FakeUnipile, ServiceWorld, faults

SDK = os.environ.get("INVITEKIT_NODE_SDK", "")
pytestmark = pytest.mark.skipif(
    not SDK, reason="INVITEKIT_NODE_SDK names no folder with the SDK: see nox -s vendor"
)

ACCOUNT = "example-account"


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld.invent(pending=25, connections=7)


@pytest.fixture
def fake(world: ServiceWorld) -> FakeUnipile:
    return FakeUnipile(world, spelling="documented")


def ask(fake: FakeUnipile, *steps: tuple[Any, ...], key: str = "example-key") -> list[dict[str, Any]]:
    """Let the SDK take these steps, and give what it made of each answer."""
    node = shutil.which("node")
    assert node, "the SDK needs Node"
    script = str(Path(__file__).with_name("unipile.mjs"))
    with fake.serve() as url:
        origin = url.removesuffix("/api/v1")
        run = subprocess.run(
            [node, script, SDK, origin, key, json.dumps(steps)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_it_lists_every_page_of_what_was_sent(fake: FakeUnipile, world: ServiceWorld) -> None:
    query = {"account_id": ACCOUNT, "limit": 10}

    (answer,) = ask(fake, ("users", "getAllInvitationsSent", query, True))

    assert [len(page["items"]) for page in answer["value"]] == [10, 10, 5]
    assert [row["id"] for page in answer["value"] for row in page["items"]] == [each.id for each in world.pending]


def test_it_cancels_and_the_second_time_it_is_told_so(fake: FakeUnipile, world: ServiceWorld) -> None:
    key = world.pending[4].id
    cancel = ("users", "cancelInvitationSent", {"account_id": ACCOUNT, "invitation_id": key})

    first, second, listed = ask(
        fake, cancel, cancel, ("users", "getAllInvitationsSent", {"account_id": ACCOUNT, "limit": 100})
    )

    assert first == {"value": {"object": "InvitationCanceled"}}
    assert second["error"] == "UnsuccessfulRequestError"
    assert second["body"]["type"] == "errors/resource_not_found"
    assert len(world.withdrawals[key]) == 1
    assert key not in [row["id"] for row in listed["value"]["items"]]


def test_it_sends(fake: FakeUnipile, world: ServiceWorld) -> None:
    whom = world.newcomer()
    invite = {"account_id": ACCOUNT, "provider_id": whom.provider_id, "message": "Hello from an example"}

    (answer,) = ask(fake, ("users", "sendInvitation", invite))

    assert answer["value"] == {"object": "UserInvitationSent", "invitation_id": world.pending[0].id}
    assert world.pending[0].person == whom


def test_it_lists_every_page_of_the_connections(fake: FakeUnipile, world: ServiceWorld) -> None:
    (answer,) = ask(fake, ("users", "getAllRelations", {"account_id": ACCOUNT, "limit": 5}, True))

    rows = [row for page in answer["value"] for row in page["items"]]
    assert [row["public_identifier"] for row in rows] == [each.person.slug for each in world.connections]


def test_it_lists_the_accounts(fake: FakeUnipile) -> None:
    (answer,) = ask(fake, ("account", "getAll", {}))

    assert [account["id"] for account in answer["value"]["items"]] == [ACCOUNT]


def test_it_reads_profiles(fake: FakeUnipile, world: ServiceWorld) -> None:
    pending, withdrawn = (invitation.person for invitation in world.pending[:2])
    world.withdraw(withdrawn)
    people = [pending, withdrawn, world.connections[-1].person, world.received[0].person]

    answers = ask(
        fake,
        *[("users", "getProfile", {"account_id": ACCOUNT, "identifier": each.provider_id}) for each in people],
        ("users", "getOwnProfile", ACCOUNT),
    )

    profiles = [answer["value"] for answer in answers]
    assert [profile.get("invitation") for profile in profiles] == [
        {"type": "SENT", "status": "PENDING"},
        {"type": "SENT", "status": "WITHDRAWN"},
        None,
        {"type": "RECEIVED", "status": "PENDING"},
        None,
    ]
    assert profiles[2]["network_distance"] == "FIRST_DEGREE"


def test_it_is_refused_with_another_key(fake: FakeUnipile, world: ServiceWorld) -> None:
    (answer,) = ask(fake, ("account", "getAll", {}), key="wrong")

    assert answer["error"] == "UnsuccessfulRequestError"
    assert answer["body"]["type"] == "errors/invalid_credentials"


def test_its_checks_can_see_that_an_answer_is_another(fake: FakeUnipile) -> None:
    fake.on("sent", faults.other("SomethingElse"))

    (answer,) = ask(fake, ("users", "getAllInvitationsSent", {"account_id": ACCOUNT}))

    assert answer["error"] == "InvalidResponseTypeError"


def test_what_live_answers_have_is_more_than_its_types_allow(world: ServiceWorld) -> None:
    """Why there are two spellings: live answers have nulls where the types of the SDK have a text or nothing."""
    (answer,) = ask(FakeUnipile(world), ("users", "getAllRelations", {"account_id": ACCOUNT}))

    assert answer["error"] == "InvalidResponseTypeError"
