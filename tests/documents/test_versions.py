"""PO-5: documents of version 1 keep their meaning.

The files in ``golden`` were written once, some by hand. They are never changed to make a test pass: what they say
today they say for as long as version 1 is read. A new version brings files of its own.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import invitekit as ik
from invitekit import documents
from invitekit import rules as r
from invitekit.model import Member, Outcome, Result

GOLDEN = Path(__file__).parent / "golden"
VERDICTS = json.loads((GOLDEN / "verdicts.json").read_text(encoding="utf-8"))
LONG_AGO = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CONTEXT = ik.Context(
    tags={"client": ["hal-example-23", "gus-example-14"]},
    kept=["fay-example-5"],
    contacts=["bo-example-17", "cy-example-18", "ivy@mail.example"],
    withdrawn=[
        Outcome(invitation_id="w-1", member=Member(slug=slug), result=Result.WITHDRAWN, at=LONG_AGO)
        for slug in ("fay-example-37", "bo-example-41")
    ],
    stats=ik.AcceptanceStats.of_nothing(),
    slot_price=0.0008,
)
RULES_OF_VERSION_1 = {
    "always",
    "chance_below",
    "company",
    "has_note",
    "known_contact",
    "member_in",
    "mutual_connections",
    "name_matches",
    "never",
    "not_worth_waiting",
    "note_contains",
    "note_matches",
    "older_than",
    "same_note_as",
    "sent_after",
    "sent_before",
    "status_is",
    "tagged",
    "title_matches",
    "withdrawn_before",
}


def verdicts(plan: ik.Plan) -> dict[str, list[str]]:
    by_verdict: dict[str, list[str]] = {}
    for decision in plan.decisions:
        by_verdict.setdefault(decision.verdict.value, []).append(decision.invitation.id)
    return by_verdict


def snapshot() -> ik.Snapshot:
    return ik.load(GOLDEN / "snapshot.json", kind=ik.Snapshot)


@pytest.mark.parametrize("name", VERDICTS)
def test_a_policy_of_version_1_makes_the_same_plan(name: str) -> None:
    policy = ik.load(GOLDEN / name, kind=ik.Policy)

    assert verdicts(policy.plan(snapshot(), context=CONTEXT)) == VERDICTS[name]


def test_every_golden_policy_has_its_verdicts() -> None:
    others = {"plan.json", "snapshot.json", "verdicts.json"}

    assert {path.name for path in GOLDEN.iterdir()} - others == set(VERDICTS)


def test_a_plan_of_version_1_is_read_and_has_its_digest() -> None:
    """Its digest is worked out again from what was read: when a class gets a field, old plans must still load."""
    plan = ik.load(GOLDEN / "plan.json", kind=ik.Plan)

    assert plan.digest == "d8d6a165f86fd492f4819956060c0544478a7e1519dbf5206855b8df5826e73f"
    assert verdicts(plan) == VERDICTS["spring-clean.toml"]
    assert plan.policy == ik.load(GOLDEN / "spring-clean.toml")


def test_a_plan_of_version_1_can_be_explained() -> None:
    """Every reason in it still has its text, made from the facts that were written down then."""
    plan = ik.load(GOLDEN / "plan.json", kind=ik.Plan)

    for decision in plan.decisions:
        assert str(plan.why(decision.invitation.id))
        assert all(reason.text for reason in (*decision.reasons, *decision.follows))


def test_every_rule_of_version_1_stands_in_a_golden_policy() -> None:
    found: set[str] = set()
    for name in VERDICTS:
        policy = ik.load(GOLDEN / name, kind=ik.Policy)
        found |= {leaf.name for leaf in (*policy.withdraw.leaves, *policy.keep.leaves)}

    assert found == RULES_OF_VERSION_1


def test_what_a_hand_written_document_means() -> None:
    """Dotted keys, dates of TOML's own, all kinds of text and comments, spelled out as a policy."""
    expected = ik.Policy(
        name="by hand, over two lines",
        withdraw=r.sent_before("2026-10-01")
        & r.sent_after("2026-03-01T08:00:00+00:00")
        & (~r.has_note() | r.note_contains('hello "again"').if_unknown(True) | r.note_matches("^hi |caf.$")),
        limits=ik.Limits(per_week=7, per_day=5),
        min_age=timedelta(hours=36),
    )

    assert ik.load(GOLDEN / "by-hand.toml") == expected


def test_what_is_left_out_means_what_it_meant_in_version_1() -> None:
    """The defaults belong to the version of the format, not to the class of the day."""
    policy = ik.load(GOLDEN / "shortest.toml", kind=ik.Policy)

    assert policy.min_age == timedelta(days=14)
    assert policy.rank == "oldest"
    assert policy.keep == r.never()


def test_the_default_policy_was_written_like_this() -> None:
    assert documents.to_text(ik.Policy.default()) == (GOLDEN / "default.json").read_text(encoding="utf-8")


def test_a_version_from_the_future_is_refused_by_its_number() -> None:
    """Before anything else in it is looked at: nobody knows what its keys mean."""
    with pytest.raises(ik.DocumentError, match=r"version 2 .* reads version 1.*Update invitekit") as caught:
        documents.from_text('invitekit = 2\nkind = "horoscope"\nnovelty = true\n')

    assert caught.value.key == "invitekit"


@pytest.mark.parametrize("version", ["0", "-1", "true", "1.0", '"1"', "[1]", "{a = 1}"])
def test_a_version_is_a_whole_number_from_1(version: str) -> None:
    with pytest.raises(ik.DocumentError, match="whole number from 1 up") as caught:
        documents.from_text(f'invitekit = {version}\nkind = "policy"\n')

    assert caught.value.key == "invitekit"
