"""The pages that list something list all of it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import attrs
import pytest

import invitekit
from invitekit.errors import InvitekitError
from invitekit.model import Completeness, Evidence, Status
from invitekit.policy import Limits, Verdict
from invitekit.rules import __all__ as names_of_rules

ROOT = Path(__file__).parent.parent
NO_RULES = {"Context", "Leaf", "Reason", "Rule", "Sight"}


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def kinds_of(error: type[InvitekitError]) -> set[str]:
    return {error.__name__}.union(*map(kinds_of, error.__subclasses__()))


@pytest.mark.parametrize("name", sorted(set(names_of_rules) - NO_RULES))
def test_every_rule_is_in_the_table_of_rules(name: str) -> None:
    rows = [line for line in page("rules.md").splitlines() if line.startswith("| `r.")]

    assert any(f"r.{name}(" in row.split(" | ")[0] for row in rows)


@pytest.mark.parametrize("kind", [Status, Evidence, Verdict, Completeness])
def test_every_word_for_a_status_is_explained(kind: type[Status | Evidence | Verdict | Completeness]) -> None:
    text = page("statuses.md")

    assert [word.value for word in kind if f"| `{word.value}` |" not in text] == []


def test_every_error_is_explained() -> None:
    text = page("errors.md")

    assert [name for name in kinds_of(InvitekitError) - {"InvitekitError"} if f"errors.{name}`" not in text] == []


def test_every_limit_is_explained() -> None:
    text = page("limits-and-blockers.md")

    assert [field.name for field in attrs.fields(Limits) if f"| `{field.name}` |" not in text] == []


def test_every_name_of_the_front_door_is_in_the_reference() -> None:
    text = page("api.md")
    missing = [
        name
        for name in invitekit.__all__
        if not name.endswith("Error") and name != "__version__" and not re.search(rf"[.`]{name}\b", text)
    ]

    assert missing == []


def test_the_architecture_page_has_a_line_for_each_layer_in_the_order_of_the_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (one for one in settings["tool"]["importlinter"]["contracts"] if one["id"] == "layers")
    # An optional layer stands in parentheses, and gets its line with its first module.
    bottom_up = [layer for layer in reversed(contract["layers"]) if not layer.startswith("(")]
    table = page("architecture.md").partition("| Layer |")[2]
    listed = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert listed == [*bottom_up, "invitekit"]
