"""The holdout in policy documents: written where there is one, read back, and nothing where it is left out."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from tests.population import CONTEXT, SNAPSHOT

import invitekit as ik
from invitekit import documents
from invitekit import rules as r

FORMS = ("toml", "json")
PLAIN = ik.Policy(name="p", withdraw=r.older_than(days=28), limits=ik.Limits(per_run=30))
HELD = attrs.evolve(PLAIN, holdout=0.05)


def text_of(value: Any, form: str) -> str:
    return documents.to_text(value, form=form)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.05, 0.5, 1e-9, 0.1 + 0.2])
def test_it_comes_back(share: float, form: str) -> None:
    policy = attrs.evolve(PLAIN, holdout=share)

    assert documents.from_text(text_of(policy, form)) == policy


@pytest.mark.parametrize("form", FORMS)
def test_where_nothing_is_held_out_nothing_is_written(form: str) -> None:
    """So documents of policies without one are, letter for letter, what they were."""
    assert "holdout" not in text_of(PLAIN, form)
    assert text_of(attrs.evolve(PLAIN, holdout=0.0), form) == text_of(PLAIN, form)


def test_it_stands_where_a_reader_looks_for_it() -> None:
    assert 'rank = "oldest"\nholdout = 0.05\n\n[withdraw]' in text_of(HELD, "toml")


def test_a_document_without_it_holds_nothing_out() -> None:
    policy = documents.from_text(text_of(PLAIN, "toml"))

    assert policy == PLAIN
    assert policy.holdout == 0


@pytest.mark.parametrize("written", ["0.6", "-0.05", "5", "true", "'5 %'", "[0.05]", "{share = 0.05}"])
def test_what_is_no_share_is_refused_with_its_place(written: str) -> None:
    text = text_of(HELD, "toml").replace("holdout = 0.05", f"holdout = {written}")

    with pytest.raises(ik.DocumentError) as caught:
        documents.from_text(text)
    assert caught.value.key == "holdout"
    assert "holdout = 0.05" in caught.value.hint


def test_a_misspelled_one_is_not_passed_over() -> None:
    with pytest.raises(ik.DocumentError, match="hold_out") as caught:
        documents.from_text(text_of(HELD, "toml").replace("holdout", "hold_out"))
    assert "'holdout'" in caught.value.hint


def test_a_plan_that_was_saved_still_knows_who_was_held_out() -> None:
    plan = attrs.evolve(HELD, holdout=0.2).plan(SNAPSHOT, context=CONTEXT)
    again = documents.from_text(text_of(plan, "json"))

    assert again == plan
    assert again.digest == plan.digest
    assert len(again.held_out) == len(plan.held_out) > 0
    assert again.summary() == plan.summary()
