"""The reference values: computed in exact or 40-digit arithmetic, and agreed on by independent software.

Set ``INVITEKIT_STATS_REFERENCE`` to run another file of the same schema.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.insight.reference import Strange, check_problems, lines

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ROOT / "tests" / "data" / "stats-reference.json"


def load(path: str | Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return document


DOCUMENT = load(os.environ.get("INVITEKIT_STATS_REFERENCE") or BUNDLED)
OURS = load(BUNDLED)


@pytest.mark.parametrize("check", DOCUMENT["checks"], ids=lambda check: str(check.get("id")))
def test_every_check_of_the_file_comes_out_within_its_tolerance(check: dict[str, Any]) -> None:
    assert check_problems(DOCUMENT, check) == []


@pytest.mark.parametrize("name", sorted(DOCUMENT["datasets"]))
def test_every_data_set_of_the_file_can_be_read(name: str) -> None:
    assert list(lines(DOCUMENT["datasets"][name]))


def test_the_bundled_file_is_all_there() -> None:
    assert len({check["id"] for check in OURS["checks"]}) == len(OURS["checks"]) == 27
    assert len(OURS["datasets"]) == 13


# ── The checks themselves can fail ───────────────────────────────────────────────────────────────────────────────


def leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """The places of all numbers in a value, as (container, key)."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        if isinstance(item, (dict, list)):
            yield from leaves(item)
        elif isinstance(item, (int, float)) and not isinstance(item, bool):
            yield value, key


GIVEN = {"successes", "trials", "confidence", "pending_for", "horizon", "at"}
"""What stands under `expected` and yet is part of the question."""


def parts(expected: Any) -> list[Any]:
    if isinstance(expected, list):
        return [(expected, number) for number in range(len(expected))]
    return [(expected, key) for key in expected if key not in GIVEN]


@pytest.mark.parametrize("check", OURS["checks"], ids=lambda check: str(check["id"]))
def test_a_wrong_number_anywhere_in_what_is_expected_is_found(check: dict[str, Any]) -> None:
    for place, _ in enumerate(parts(check["expected"])):
        mutated = copy.deepcopy(check)
        holder, key = parts(mutated["expected"])[place]
        numbers = [
            (box, name)
            for box, name in (leaves(holder[key]) if isinstance(holder[key], (dict, list)) else [(holder, key)])
            if name not in GIVEN and (check["estimator"] != "beta_interval" or name in ("lower", "upper"))
        ]
        box, name = numbers[-1]
        box[name] = 7 if box[name] is None else box[name] * 1.02 + 0.001
        assert check_problems(OURS, mutated), (check["id"], key, name)


@pytest.mark.parametrize("check", OURS["checks"], ids=lambda check: str(check["id"]))
def test_a_number_where_nothing_is_known_is_found_and_the_other_way_round(check: dict[str, Any]) -> None:
    for found, wanted in ((None, 0.5), (0.5, None)):
        mutated = copy.deepcopy(check)
        boxes = [
            (box, key)
            for box, key in _all_places(mutated["expected"])
            if (box[key] is None) == (found is None) and key not in GIVEN | {"alpha", "beta"}
        ]
        if not boxes:
            continue
        box, key = boxes[0]
        box[key] = wanted
        assert check_problems(OURS, mutated)


def _all_places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, (dict, list)):
            if key != "at":
                yield from _all_places(item)
        elif item is None or (isinstance(item, (int, float)) and not isinstance(item, bool)):
            yield value, key


@pytest.mark.parametrize("check", OURS["checks"], ids=lambda check: str(check["id"]))
def test_an_unknown_word_anywhere_in_a_check_is_found(check: dict[str, Any]) -> None:
    def refused(change: Any) -> None:
        mutated = copy.deepcopy(check)
        change(mutated)
        with pytest.raises(Strange):
            check_problems(OURS, mutated)

    refused(lambda c: c.update(estimator="nelson_aalen"))
    refused(lambda c: c.update(surprise=1))
    refused(lambda c: c.setdefault("options", {}).update(surprise=1))
    refused(lambda c: c.update(tolerance={"surprise": 1e-9}))
    if isinstance(check["expected"], dict):
        refused(lambda c: c["expected"].update(surprise=[1.0]))
    else:
        refused(lambda c: c["expected"][0].update(surprise=1.0))
    for option, value in check.get("options", {}).items():
        if isinstance(value, str) and option != "latency":
            refused(lambda c, option=option: c["options"].update({option: "surprise"}))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(kind="panel"),
        lambda data: data["columns"].__setitem__(0, "surprise"),
        lambda data: data.update(columns=[*data["columns"], "surprise"], rows=[[*row, 1] for row in data["rows"]]),
        lambda data: data.update(surprise=1),
    ],
    ids=["kind", "renamed", "more", "key"],
)
def test_an_unknown_kind_of_data_or_column_is_found(change: Any) -> None:
    document = copy.deepcopy(OURS)
    change(document["datasets"]["leukemia_6mp"])
    with pytest.raises(Strange):
        check_problems(document, document["checks"][0])


def test_another_schema_is_found() -> None:
    with pytest.raises(Strange):
        check_problems({**OURS, "schema": "invitekit-stats-reference/2"}, OURS["checks"][0])


def test_a_changed_file_fails_the_suite(tmp_path: Path) -> None:
    """The whole way: the variable names a file with one wrong number, and exactly that check fails."""
    document = copy.deepcopy(OURS)
    checks = {check["id"]: check for check in document["checks"]}
    checks["wi-01"]["expected"][0]["lower"] += 1e-6
    checks["km-08"]["estimator"] = "surprise"
    path = tmp_path / "reference.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    quiet = ["-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, "-k", "comes_out and (wi-01 or km-0)", __file__],
        cwd=ROOT,
        env={**os.environ, "INVITEKIT_STATS_REFERENCE": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    failed = sorted(line.split("[")[1].split("]")[0] for line in done.stdout.splitlines() if "FAILED" in line)
    assert failed == ["km-08", "wi-01"]


# ── What the schema can say and the bundled file does not ────────────────────────────────────────────────────────


def data(kind: str, columns: list[str], rows: list[list[Any]]) -> dict[str, Any]:
    return {"kind": kind, "columns": columns, "rows": rows}


MORE_DATA = {
    "plain": data("right_censored", ["time", "event"], [[1, 1], [2, 0], [3, 1], [4, 0]]),
    "late": data(
        "delayed_entry", ["entry", "exit", "event", "count"], [[None, 2, 1, 1], [1, 3, 1, 2], [0, 4, 0, 1]]
    ),
    "three": data(
        "competing_risks", ["entry", "time", "cause"], [[None, 1, 1], [0, 2, 2], [0, 3, 3], [None, 4, 0]]
    ),
    "spans": data("interval_censored", ["entry", "left", "right"], [[None, 1, 3], [0, 2, 2], [2, 3, None]]),
}


def ask(estimator: str, dataset: str, expected: dict[str, Any], **more: Any) -> list[str]:
    check = {
        "id": "x",
        "estimator": estimator,
        "dataset": dataset,
        "expected": expected,
        "tolerance": 1e-9,
        **more,
    }
    return check_problems({"schema": OURS["schema"], "datasets": MORE_DATA}, check)


def test_data_without_counts_and_options_left_out() -> None:
    assert ask("kaplan_meier", "plain", {"survival": [0.75, 0.375], "median": 3}, at=[1, 3]) == []


def test_a_missing_entry_is_from_before_time_0() -> None:
    expected = {"survival": [0.75, 0.25], "at_risk": [4, 3], "events": [1, 2]}
    assert ask("kaplan_meier", "late", expected, at=[2, 3], options={"interval": "plain", "confidence": 0.5}) == []


def test_any_event_of_several_causes() -> None:
    assert ask("kaplan_meier", "three", {"survival": [0.5, 1 / 3, 1 / 6]}, at=[1, 2, 3]) != []
    assert ask("kaplan_meier", "three", {"survival": [0.75, 0.5, 0.25]}, at=[1, 2, 3]) == []


def test_three_causes_with_late_entry() -> None:
    expected = {
        "event_free": [0.25],
        "cause_1": {"cif": [0.25]},
        "cause_2": {"cif": [0.25]},
        "cause_3": {"cif": [0.25]},
    }
    assert ask("cumulative_incidence", "three", expected, at=[3], options={"variance": "aalen"}) == []


@pytest.mark.parametrize("dataset", ["plain", "late", "three"])
def test_turnbull_of_exact_times_is_kaplan_meier(dataset: str) -> None:
    at = [1, 2, 3, 4]
    curve = {"plain": [0.75, 0.75, 0.375, 0.375], "late": [1, 0.75, 0.25, 0.25], "three": [0.75, 0.5, 0.25, 0.25]}
    assert ask("kaplan_meier", dataset, {"survival": curve[dataset]}, at=at) == []
    assert ask("turnbull", dataset, {"survival": curve[dataset]}, at=at) == []


def test_turnbull_with_late_entry() -> None:
    # At 2 one of the two at risk has its event; what is left of the other comes by 3, before the third is watched.
    problems = ask("turnbull", "spans", {"survival": [1.0]}, at=[1])
    assert problems == []


@pytest.mark.parametrize("latency", ["weibull", "loglogistic", "log-logistic", "lognormal", "log-normal"])
@pytest.mark.parametrize("dataset", ["plain", "late", "spans"])
def test_the_cure_model_reads_every_kind_of_data(latency: str, dataset: str) -> None:
    options = {"latency": latency, "prior": {"alpha": 6, "beta": 14}}
    problems = ask("mixture_cure", dataset, {"eventual_fraction": 0.99}, options=options)
    assert len(problems) == 1
    assert "eventual_fraction" in problems[0]


@pytest.mark.parametrize("latency", ["weibull", "loglogistic", "lognormal"])
def test_maturity_with_each_latency_and_without_a_prior(latency: str) -> None:
    check = {
        "id": "x",
        "estimator": "maturity_adjusted_rate",
        "input": {"latency": latency, "scale_days": 1, "shape": 1, "accepted": 2, "pending_ages": [0, 0]},
        "expected": {"naive": 0.5, "maturity": 2, "mle": 1.0, "posterior_mean": 0.75},
        "tolerance": 1e-9,
    }
    assert check_problems(OURS, check) == []


@pytest.mark.parametrize("withdrawn", ["censoring", "event"])
def test_invitations_of_one_segment_seen_earlier(withdrawn: str) -> None:
    check = copy.deepcopy(next(check for check in OURS["checks"] if check["id"] == "inv-01"))
    check["as_of"] = 40
    check["options"].update(segment="cold", withdrawn_by_us=withdrawn)
    chosen = [row for row in OURS["datasets"]["invitations_small"]["rows"] if row[1] == "cold" and row[0] <= 40]
    gone = sum(row[3] is not None and row[3] <= 40 for row in chosen)
    check["expected"] = {"sent": len(chosen), "withdrawn": gone, "withdrawn_cif": [0.0], "at": [0]}
    assert check_problems(OURS, check) == []


def test_a_decision_with_a_discount_a_value_of_expiry_and_closings() -> None:
    check = copy.deepcopy(next(check for check in OURS["checks"] if check["id"] == "dp-01"))
    check["input"].update(discount=0.01, value_at_expiry=0.5, expiry_day=2, daily_closed_probability=0.1)
    p0, p1 = (check["expected"]["daily_accept_probability"][day] for day in "01")
    keep = 1.0
    for chance, after in ((p1, 0.5), (p0, None)):
        keep = -0.001 + 2.718281828459045**-0.01 * (chance + (0.9 - chance) * (keep if after is None else after))
    check["expected"] = {"keep_value": {"0": keep}, "threshold_age_days": None}
    assert check_problems(OURS, check) == []
