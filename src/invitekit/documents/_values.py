"""Snapshots and plans as plain data, a plan with the digest that finds what was changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from invitekit.documents._converter import structure, unstructure
from invitekit.documents._parse import check
from invitekit.documents._policy import read_policy, write_policy
from invitekit.documents._problems import Place, is_table, kind_of
from invitekit.model import Snapshot
from invitekit.policy import Decisions, Plan, Policy

__all__ = ["read_inner_policy", "read_plan", "read_snapshot", "write_plan", "write_snapshot"]

_MAKE_AGAIN: Final = "A plan is not edited by hand: make it again from its snapshot, and save it"


def read_snapshot(data: Mapping[str, Any], place: Place) -> Snapshot:
    """Build a snapshot from plain data.

    Raises:
        DocumentError: Something in it is not as it should be.
    """
    return structure(Snapshot, data, place)


def write_snapshot(snapshot: Snapshot, place: Place) -> dict[str, Any]:
    """Give a snapshot as plain data."""
    return unstructure(snapshot, place)


def read_plan(data: Mapping[str, Any], place: Place) -> Plan:
    """Build a plan from plain data, and compare it with the digest it was saved with.

    Raises:
        DocumentError: Something in it is not as it should be, or was changed after it was written.
        PolicyError: Its policy is refused.
    """
    content = dict(data)
    said = content.pop("digest", None)
    if not isinstance(said, str):
        raise place.key("digest").wrong("the digest is missing", _MAKE_AGAIN)
    if "policy" in content:
        content["policy"] = read_inner_policy(content["policy"], place.key("policy"), _MAKE_AGAIN)
    plan = structure(Plan, content, place)
    if len({item.id for item in plan.decisions.invitations}) != len(plan.decisions):
        raise place.key("decisions").wrong("an invitation is decided about twice", _MAKE_AGAIN)
    if plan.digest != said:
        raise place.key("digest").wrong(
            "the plan was tampered with or is damaged: its content no longer has the digest it was saved with",
            _MAKE_AGAIN,
        )
    return plan


def read_inner_policy(value: object, place: Place, hint: str) -> Policy:
    """Build the policy that a plan or a backtest holds.

    Args:
        value: What stands there.
        place: Where.
        hint: What to do where it is no policy at all.

    Raises:
        DocumentError: Something in it is not as it should be.
        PolicyError: It is refused.
    """
    if not is_table(value):
        raise place.wrong(f"must be a table, got {kind_of(value)}", hint)
    check(value, place)
    return read_policy(value, place)


def write_plan(plan: Plan, place: Place) -> dict[str, Any]:
    """Give a plan as plain data, with its digest.

    Raises:
        DocumentError: Its policy holds code, or a reason in it cannot be written down.
    """
    # A decision is put together each time it is asked for: ask once, for the digest and for the document.
    made = attrs.evolve(plan, decisions=Decisions.of(plan.decisions))
    data = unstructure(made, place)
    data["policy"] = write_policy(plan.policy, place.key("policy"))
    decisions = data.pop("decisions")
    # The long part goes last, so that the rest can be seen at the top of the file.
    return {**data, "digest": made.digest, "decisions": decisions}
