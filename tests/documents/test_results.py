"""What was worked out is saved and loaded as all else is: whole, exact, strict, and statistics without people."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.documents.trees import Place, places, put, related, spelled, wrong_values

import invitekit as ik
from invitekit import documents
from invitekit import rules as r
from invitekit.documents import _courses as forms
from invitekit.documents._file import RESULT_KINDS
from invitekit.documents._results import RESULTS
from invitekit.insight._chance import Chance
from invitekit.insight._courses import Course
from invitekit.insight._health import Health, Signal, SignalKind
from invitekit.insight._segments import Segments
from invitekit.insight._stats import AcceptanceStats
from invitekit.insight.estimators._cure import fit_cure
from invitekit.insight.estimators._estimate import Estimate
from invitekit.insight.estimators._latency import Family
from invitekit.insight.quota._quota import WeeklyQuota
from invitekit.insight.quota._tiers import AccountTier
from invitekit.insight.quota._windows import CalendarWeek, RollingWeek, StrictestWeek
from invitekit.model import UNKNOWN
from invitekit.testing import sample_export

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"


@cache
def snapshot() -> ik.Snapshot:
    return ik.read_export(sample_export())


@cache
def stats() -> AcceptanceStats:
    return AcceptanceStats.from_snapshot(snapshot())


def quota(**settings: Any) -> WeeklyQuota:
    return WeeklyQuota.of([NOW - timedelta(days=days, hours=3) for days in range(9)], now=NOW, **settings)


NEVER_CLOSED = [(None, 1, None, frozenset[str]())] * 3
CLOSED_TOO = [(None, 4, 4, frozenset({"accept"})), (None, 9, 9, frozenset({"closed"}))] * 8 + NEVER_CLOSED
LISTINGS = (
    Course(739_000, 12, 12, 15, frozenset({"accept", "closed"}), None, None),
    Course(739_001, 11, 40, None, frozenset(), None, True),
    Course(739_001, 11, 40, None, frozenset(), None, True),
    Course(739_002, 10, 33, None, frozenset(), 33, False),
    Course(739_003, 9, -1, 0, frozenset({"accept"}), None, None),
)

EXAMPLES: dict[str, dict[str, Callable[[], Any]]] = {
    "acceptance-stats": {
        "of an export": stats,
        "of nothing": AcceptanceStats.of_nothing,
        "of listings": lambda: AcceptanceStats(
            courses=LISTINGS,
            as_of=NOW,
            source="ledger",
            left_out=(("acceptance-unsettled", 2), ("sent-unknown", 1)),
            caveats=("what was seen late",),
            confidence=0.9,
        ),
    },
    "age-rule": {
        "of an export": lambda: stats().explain_age_rule(21),
        "of nothing": lambda: AcceptanceStats.of_nothing().explain_age_rule(30),
    },
    "backtest": {
        "of an export": lambda: ik.backtest(
            [
                ik.Policy.default(),
                ik.Policy(name="at 60", withdraw=r.older_than(days=60), limits=ik.Limits(per_day=1)),
            ],
            snapshot(),
            since=date(2026, 11, 10),
        ),
    },
    "chance": {
        "fitted": lambda: stats().chance(30),
        "counted": lambda: stats().chance(3, horizon=60),
        "believed": lambda: AcceptanceStats.of_nothing().chance(10),
        "of a segment": lambda: stats().chance(10, segment=("note", "with a note")),
    },
    "cure-fit": {
        "with closings": lambda: fit_cure(CLOSED_TOO),
        "without a prior or a maximum": lambda: fit_cure(NEVER_CLOSED, prior=None),
        "of another family": lambda: fit_cure(CLOSED_TOO, family=Family.WEIBULL, daily=True),
    },
    "estimate": {
        "known": lambda: stats().raw_rate,
        "unknown": lambda: stats().acceptance_by(5_000),
    },
    "health": {
        "of an export": lambda: Health.of(snapshot()),
        "with signals": lambda: Health.of(
            snapshot(), quota=quota(limit=100, tier="premium"), signals=[Signal(NOW, SignalKind.REFUSED)]
        ),
    },
    "segments": {
        "few": lambda: stats().by("note"),
        "many": lambda: stats().by("month"),
        "all alike": lambda: Segments(
            key="week", items=stats().by("note").items[:1], mean=UNKNOWN, strength=float("inf"), learned=True
        ),
    },
    "weekly-quota": {
        "of which nothing is known": lambda: quota(known_until=UNKNOWN),
        "with all there is": lambda: quota(limit=100, tier=AccountTier.BASIC, refusals=[NOW - timedelta(days=2)]),
        "without a limit of notes": lambda: quota(
            tier="sales-navigator", window=RollingWeek(timedelta(minutes=90))
        ),
        "of another week": lambda: quota(
            notes_per_month=7,
            window=StrictestWeek(
                CalendarWeek(weekday=6, hour=9, zone="Europe/Brussels"), RollingWeek(timedelta(0, 61, 7))
            ),
        ),
        "of a calendar week": lambda: quota(window=CalendarWeek()),
    },
    "worth": {
        "at a price": lambda: stats().worth(slot_price=0.001),
        "under a cap": lambda: stats().worth(pending_cap=50, caution=0.5),
    },
}
ALL = [pytest.param(kind, name, id=f"{kind}, {name}") for kind, named in EXAMPLES.items() for name in named]


@cache
def example(kind: str, name: str) -> Any:
    return EXAMPLES[kind][name]()


@cache
def _data(kind: str, name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(documents.to_text(example(kind, name)))
    # Long lists are alike all along; what holds for their first items holds for the others.
    for table in (data, *data.get("replays", ())):
        for key in ("courses", "counted", "items", "lines", "withdrawals", "days", "stock"):
            if isinstance(table.get(key), list):
                table[key] = table[key][:3]
    return data


def data_of(kind: str, name: str) -> dict[str, Any]:
    return copy.deepcopy(_data(kind, name))


def read(data: dict[str, Any]) -> Any:
    return documents.from_text(json.dumps(data))


def tried(data: dict[str, Any]) -> tuple[Any, ik.DocumentError | None]:
    """What a document says, or why it is refused."""
    try:
        return read(data), None
    except ik.DocumentError as error:
        return None, error


def refusal(data: dict[str, Any]) -> ik.DocumentError:
    with pytest.raises(ik.DocumentError) as caught:
        read(data)
    return caught.value


# ── Round trips ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_kind_of_result_has_its_class_and_an_example() -> None:
    assert tuple(RESULTS) == RESULT_KINDS == tuple(EXAMPLES)


@pytest.mark.parametrize(("kind", "name"), ALL)
class TestEveryResult:
    def test_comes_back_equal_from_a_file(self, kind: str, name: str, tmp_path: Path) -> None:
        value = example(kind, name)

        ik.save(value, tmp_path / "it.json")
        found = ik.load(tmp_path / "it.json")

        assert found == value
        assert type(found) is type(value) is RESULTS[kind]

    def test_says_the_same_when_it_comes_back(self, kind: str, name: str) -> None:
        """Equality may overlook that a word became a plain text, or a number another kind of number."""
        value = example(kind, name)
        found = documents.from_text(documents.to_text(value), kind=RESULTS[kind])

        assert repr(found) == repr(value)
        for show in ("to_record", "to_records"):
            if hasattr(value, show):
                assert getattr(found, show)() == getattr(value, show)()
        assert types_in(found) == types_in(value)

    def test_begins_as_every_document_does_and_is_always_the_same_text(self, kind: str, name: str) -> None:
        text = documents.to_text(example(kind, name))

        assert list(json.loads(text))[:2] == ["invitekit", "kind"]
        assert json.loads(text)["kind"] == kind
        assert documents.to_text(documents.from_text(text)) == text

    def test_can_be_wanted_and_refuses_to_be_another(self, kind: str, name: str, tmp_path: Path) -> None:
        path = ik.save(example(kind, name), tmp_path / "it.json")
        other = RESULTS["chance" if kind != "chance" else "estimate"]

        assert ik.load(path, kind=RESULTS[kind]) == example(kind, name)
        for wanted in (ik.Policy, other):
            with pytest.raises(ik.DocumentError, match=rf"it is an? {kind}, not an? ") as caught:
                ik.load(path, kind=wanted)
            assert f"kind={RESULTS[kind].__name__}" in caught.value.hint

    def test_is_json_and_no_toml(self, kind: str, name: str, tmp_path: Path) -> None:
        with pytest.raises(ik.DocumentError, match=f"an? {kind} is a JSON document"):
            ik.save(example(kind, name), tmp_path / "it.toml")
        with pytest.raises(ik.DocumentError, match=f"an? {kind} is a JSON document"):
            documents.from_text(f'invitekit = 1\nkind = "{kind}"\n')


def types_in(value: Any) -> list[Any]:
    """The types in a value, all the way down, in order."""
    found: list[Any] = [type(value)]
    if attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            if field.eq:
                found += types_in(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            found += types_in(item)
    return found


@given(
    st.builds(
        Estimate,
        value=st.floats(allow_nan=False, allow_infinity=False) | st.just(UNKNOWN),
        lower=st.floats(0, 1) | st.integers(-(2**63), 2**63 - 1) | st.just(UNKNOWN),
        n=st.floats(0, 1e300) | st.integers(0, 10**6),
        interval=st.text(st.characters(exclude_categories=["Cs"])),
    )
)
def test_numbers_come_back_exactly(estimate: Estimate) -> None:
    found = documents.from_text(documents.to_text(estimate))

    assert found == estimate
    assert types_in(found) == types_in(estimate)


def test_long_results_are_not_held_to_the_limits_of_a_policy(tmp_path: Path) -> None:
    """A year of weeks has more keys than any policy, and a busy account more than a megabyte of courses."""
    course = LISTINGS[0]
    long = AcceptanceStats(courses=tuple(course._replace(sent=700_000 + day) for day in range(12_000)), as_of=NOW)

    path = ik.save(long, tmp_path / "long.json")

    assert path.stat().st_size > 1_000_000
    assert ik.load(path) == long


# ── Strictness ───────────────────────────────────────────────────────────────────────────────────────────────────


def tables(data: dict[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The tables of a result; not those of a policy in it, which has tests of its own."""
    for place, value in places(data):
        if isinstance(value, dict) and "policy" not in place:
            yield place, value


CAN_BE_LEFT_OUT = {"entry", "right", "causes", "withdrawn", "note", "closely", "count"}
"""Of a course, of which there are many."""


def is_free(place: Place) -> bool:
    """Whether the keys of a table are not those of a class: counts by a code, units, a person."""
    return bool({"left_out", "margin", "member"} & set(place[-1:]))


@pytest.mark.parametrize(("kind", "name"), ALL)
class TestStrictness:
    def test_no_key_may_be_missing(self, kind: str, name: str) -> None:
        data = data_of(kind, name)
        for place, table in tables(data):
            for key in table:
                if is_free(place) or (not place and key in ("invitekit", "kind")):
                    continue
                if "courses" in place and key in CAN_BE_LEFT_OUT:
                    continue
                error = refusal(
                    put(data, place, {k: v for k, v in table.items() if k != key}) if place else without(data, key)
                )
                assert related(error.key, spelled((*place, key))), (place, key, error)
                assert "missing" in error.message or "one of" in error.message, (place, key, error)

    def test_no_key_may_be_there_that_nobody_knows(self, kind: str, name: str) -> None:
        data = data_of(kind, name)
        for place, table in tables(data):
            for wrong, near in [("nonsense", None), *((f"{key}s", key) for key in list(table)[:3])]:
                if wrong in table or near in ("invitekit", "kind") or (is_free(place) and near is None):
                    continue
                error = refusal(put(data, (*place, wrong), table.get(near or "", 1)))
                assert error.key == spelled((*place, wrong)), (place, wrong, error)
                assert "is not known here" in error.message
                if near is not None and not is_free(place):
                    assert error.hint == f"Did you mean {near!r}?", (place, wrong, error)

    def test_no_value_is_taken_for_another(self, kind: str, name: str) -> None:
        """What a lenient reader would convert is refused where it stands, or read as exactly what it is."""
        data = data_of(kind, name)
        refused = 0
        for place, wrong in wrong_values(data):
            if "policy" in place:
                continue
            changed = put(data, place, wrong)
            found, error = tried(changed)
            if error is None:
                assert isinstance(wrong, (int, float)), (place, wrong)
                assert json.dumps(json.loads(documents.to_text(found))) == json.dumps(changed), (place, wrong)
            else:
                assert related(error.key, spelled(place)) or "do not fit together" in error.message, (place, error)
                assert "cannot be read" not in error.message
                refused += 1
        assert refused > 20

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 40])
    def test_no_number_is_without_end(self, kind: str, name: str, number: str) -> None:
        data = data_of(kind, name)
        numbers = [place for place, value in places(data) if type(value) in (int, float) and "policy" not in place]
        # A list of numbers is read alike all along.
        for place in [place for place in numbers if place[-1] not in range(1, 10_000)]:
            text = json.dumps(put(data, place, "<number>")).replace('"<number>"', number)
            with pytest.raises(ik.DocumentError) as caught:
                documents.from_text(text)
            assert related(caught.value.key, spelled(place)), (place, caught.value)

    def test_a_version_from_the_future_is_refused(self, kind: str, name: str) -> None:
        error = refusal(data_of(kind, name) | {"invitekit": 2})

        assert "version 2" in error.message
        assert error.key == "invitekit"


def without(data: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != key}


@pytest.mark.parametrize(
    ("kind", "name", "place", "value", "near"),
    [
        ("chance", "fitted", ("source",), "mixtur", "Did you mean 'mixture'?"),
        ("chance", "fitted", ("source",), "Own data", "Did you mean 'own data'?"),
        ("cure-fit", "with closings", ("latency", "family"), "log-logistics", "Did you mean 'log-logistic'?"),
        ("health", "of an export", ("lines", 1, "state"), "dangerous", "Did you mean 'danger'?"),
        ("health", "of an export", ("lines", 0, "basis"), "vendor say", "Did you mean 'vendors say'?"),
        ("weekly-quota", "with all there is", ("tier",), "basics", "Did you mean 'basic'?"),
        ("weekly-quota", "with all there is", ("limit_source",), "learnt", "Did you mean 'learned'?"),
        (
            "weekly-quota",
            "with all there is",
            ("notes_per_month",),
            "no limit",
            "There are: no monthly limit known",
        ),
        ("acceptance-stats", "of listings", ("courses", 0, "causes", 0), "accepted", "Did you mean 'accept'?"),
        ("acceptance-stats", "of listings", ("left_out", "sent-unknwon"), 1, "Did you mean 'sent-unknown'?"),
    ],
)
def test_an_unknown_word_is_refused_with_the_nearest(
    kind: str, name: str, place: Place, value: Any, near: str
) -> None:
    error = refusal(put(data_of(kind, name), place, value))

    assert related(error.key, spelled(place))
    assert "is not known here" in error.message
    assert error.hint == near


@pytest.mark.parametrize(
    ("kind", "near"),
    [("accptance-stats", "acceptance-stats"), ("age_rule", "age-rule"), ("weekly-quotas", "weekly-quota")],
)
def test_an_unknown_kind_is_refused_with_the_nearest(kind: str, near: str) -> None:
    assert refusal({"invitekit": 1, "kind": kind}).hint == f"Did you mean {near!r}?"


@pytest.mark.parametrize(
    ("kind", "name", "changes"),
    [
        ("health", "of an export", {("lines",): []}),
        ("cure-fit", "with closings", {("data_weights",): []}),
        ("cure-fit", "with closings", {("closed_latency",): None, ("covariance",): [[1.0]]}),
        ("worth", "at a price", {("stopping", "margins"): []}),
        ("worth", "at a price", {("caution",): 7.0}),
        ("segments", "few", {("items", 0, "raw_rate", "value"): None}),
        ("weekly-quota", "with all there is", {("limit",): -40}),
        ("weekly-quota", "of a calendar week", {("counted", 0): "9999-12-31T23:00:00Z"}),
        ("backtest", "of an export", {("replays",): []}),
        ("backtest", "of an export", {("replays", 0, "stock"): []}),
    ],
)
def test_parts_that_contradict_each_other_are_refused(kind: str, name: str, changes: dict[Place, Any]) -> None:
    """Each of them is what it may be, and nobody could print the whole."""
    data = data_of(kind, name)
    for place, value in changes.items():
        data = put(data, place, value)

    error = refusal(data)

    assert isinstance(error, ik.DocumentError)
    assert "do not fit together" in error.message


@pytest.mark.parametrize("confidence", [0, 0.2, 1.0, 1])
def test_what_a_class_refuses_is_refused_where_it_stands(confidence: float) -> None:
    error = refusal(data_of("acceptance-stats", "of listings") | {"confidence": confidence})

    assert (error.key, "0.5 to below 1" in error.message) == ("confidence", True)


# ── Statistics ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_statistics_hold_no_people() -> None:
    """No name, slug, address, note or id of anybody: only days and counts."""
    text = documents.to_text(stats())

    assert "invitations" not in json.loads(text)
    for item in snapshot().invitations:
        said = (item.member.name, item.member.slug, item.id, item.note)
        assert not [one for one in said if isinstance(one, str) and len(one) > 3 and one in text]


def test_a_document_of_statistics_cannot_smuggle_invitations_in() -> None:
    error = refusal(data_of("acceptance-stats", "of listings") | {"invitations": []})

    assert error.key == "invitations"


def test_loaded_statistics_answer_as_those_that_were_saved() -> None:
    loaded = documents.from_text(documents.to_text(stats()), kind=AcceptanceStats)

    assert loaded.chance(20) == stats().chance(20)
    assert loaded.acceptance_by(30) == stats().acceptance_by(30)
    assert loaded.by("week") == stats().by("week")
    assert loaded.worth(slot_price=0.002) == stats().worth(slot_price=0.002)
    with pytest.raises(ik.DataError, match="loaded from a document hold none"):
        loaded.where(r.has_note())


def test_courses_look_like_this() -> None:
    assert json.loads(documents.to_text(example("acceptance-stats", "of listings")))["courses"] == [
        {"sent": "2024-04-24", "entry": 12, "left": 12, "right": 15, "causes": ["accept", "closed"]},
        {"sent": "2024-04-25", "entry": 11, "left": 40, "note": True, "count": 2},
        {"sent": "2024-04-26", "entry": 10, "left": 33, "withdrawn": 33, "note": False},
        {"sent": "2024-04-27", "entry": 9, "left": -1, "right": 0, "causes": ["accept"]},
    ]


LONG_AGO = datetime(1971, 1, 1, tzinfo=timezone(timedelta(hours=5)))
AGES = st.integers(0, 4_000)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    left = draw(st.integers(-5, 4_000))
    ended = draw(st.booleans())
    entry = draw(st.none() | AGES)
    parts = sorted(draw(st.sets(AGES, min_size=3, max_size=3)))
    closely = None if entry is None else parts[0], parts[1], parts[2] if ended else None
    return Course(
        sent=draw(st.integers(1, date.max.toordinal())),
        entry=entry,
        left=left,
        right=max(left, 0) + draw(st.integers(0, 30)) if ended else None,
        causes=draw(
            st.sampled_from([frozenset({"accept"}), frozenset({"closed"}), frozenset({"accept", "closed"})])
        )
        if ended
        else frozenset(),
        withdrawn=None if ended else draw(st.none() | AGES),
        note=draw(st.none() | st.booleans()),
        closely=draw(st.sampled_from([None, closely])),
    )


RUNS = st.lists(st.tuples(courses(), st.integers(1, 4)), max_size=12)
CODES = ("acceptance-unsettled", "older-than-the-log", "sent-unknown")


@settings(max_examples=150)
@given(
    runs=RUNS,
    as_of=st.timedeltas(timedelta(0), timedelta(days=190_000)).map(LONG_AGO.__add__),
    left_out=st.dictionaries(st.sampled_from(CODES), st.integers(1, 10**9)),
    caveats=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3),
    confidence=st.floats(0.5, 1, exclude_max=True),
)
def test_any_statistics_come_back_equal(
    runs: list[tuple[Course, int]],
    as_of: datetime,
    left_out: dict[str, int],
    caveats: list[str],
    confidence: float,
) -> None:
    saved = AcceptanceStats(
        courses=tuple(course for course, count in runs for _ in range(count)),
        as_of=as_of,
        source="ledger",
        left_out=tuple(sorted(left_out.items())),
        caveats=tuple(caveats),
        confidence=confidence,
    )
    text = documents.to_text(saved)
    found = documents.from_text(text, kind=AcceptanceStats)

    assert found == saved
    assert types_in(found.courses) == types_in(saved.courses)
    assert sum(run.get("count", 1) for run in json.loads(text)["courses"]) == saved.sent
    assert len(json.loads(text)["courses"]) <= len(runs)


@pytest.mark.parametrize(
    ("changes", "key", "told"),
    [
        ({"right": None}, "causes", "no end was seen"),
        ({"causes": []}, "causes", "an end was seen"),
        ({"causes": None}, "causes", "an end was seen"),
        ({"causes": ["accept", "accept"]}, "causes", "twice"),
        ({"right": 11}, "right", "ends before it begins"),
        ({"right": -1}, "right", "from 0 up"),
        ({"entry": -1}, "entry", "from 0 up"),
        ({"withdrawn": 13}, "withdrawn", "did not end in another way"),
        ({"left": None}, "left", "a whole number"),
        ({"left": 4_000_000}, "left", "longer than the calendar"),
        ({"sent": None}, "sent", "a date"),
        ({"sent": "2026-02-30"}, "sent", "no date"),
        ({"sent": "2026-02-03T00:00:00Z"}, "sent", "no date"),
        ({"sent": "20260203"}, "sent", "no date"),
        ({"sent": "0000-01-01"}, "sent", "no date"),
        ({"count": 0}, "count", "from 1 up"),
        ({"count": forms.MOST + 1}, "count", "more than 10,000,000"),
        ({"count": 10**30}, "count", "more than 10,000,000"),
        ({"note": "yes"}, "note", "true or false"),
    ],
)
def test_a_course_that_cannot_be_is_refused(changes: dict[str, Any], key: str, told: str) -> None:
    data = data_of("acceptance-stats", "of listings")
    data["courses"].insert(1, data["courses"][0] | changes)

    error = refusal(data)

    assert related(error.key, f"courses[1].{key}")
    assert told in error.message


def test_counts_cannot_fill_the_memory_together() -> None:
    data = data_of("acceptance-stats", "of listings")
    data["courses"] = [data["courses"][0] | {"count": forms.MOST // 2 + 1}] * 2

    assert refusal(data).key == "courses[1].count"


def test_what_is_known_to_be_left_out_is_what_statistics_leave_out() -> None:
    from invitekit.insight._stats import _LEFT_OUT

    assert set(_LEFT_OUT) == set(CODES) == set(forms._LEFT_OUT_1)


# ── What cannot be written ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (Estimate(value=float("nan")), "value"),
        (Estimate(value=0.1, upper=float("inf")), "upper"),
        (Estimate(value="a lot"), "value"),  # type: ignore[arg-type]
        (Estimate(value=None), ""),  # type: ignore[arg-type]
        (Estimate(value=True), "value"),
        (AcceptanceStats(courses=(LISTINGS[0]._replace(right=2),), as_of=NOW), "courses[0].right"),
        (AcceptanceStats(courses=(), as_of=NOW, left_out=(("whim", 1),)), "left_out.whim"),
    ],
)
def test_only_what_would_be_read_back_equal_is_written(value: Any, key: str, tmp_path: Path) -> None:
    with pytest.raises(ik.DocumentError) as caught:
        ik.save(value, tmp_path / "it.json")

    assert caught.value.key == key
    assert not (tmp_path / "it.json").exists()


@pytest.mark.parametrize("zone", [ZoneInfo("Europe/Brussels"), UTC, timezone(timedelta(hours=2))])
def test_a_zone_is_written_by_its_name(zone: Any) -> None:
    with pytest.raises(ik.DocumentError, match="object of Python's") as caught:
        documents.to_text(quota(window=CalendarWeek(zone=zone)))

    assert "zone='Europe/Brussels'" in caught.value.hint


def test_what_has_no_documents_is_told_what_has() -> None:
    class More(Estimate):
        pass

    others: list[Any] = [stats().curve, More(value=0.5), 3, Estimate]
    for value in others:
        with pytest.raises(ik.DocumentError, match="cannot be saved as a document"):
            documents.to_text(value)


# ── Windows, and policies in backtests ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("window", "key", "told"),
    [
        ({"calender_week": {}}, "window.calender_week", "Did you mean 'calendar_week'?"),
        ({}, "window", "with one of"),
        ({"rolling_week": {"margin": {"days": 0}}, "calendar_week": {}}, "window", "with one of"),
        ({"rolling_week": {}}, "window.rolling_week.margin", "missing"),
        ({"rolling_week": {"margin": {}}}, "window.rolling_week.margin", "whole units"),
        ({"rolling_week": {"margin": {"hour": 1}}}, "window.rolling_week.margin.hour", "'hours'"),
        ({"rolling_week": {"margin": {"hours": 1.5}}}, "window.rolling_week.margin.hours", "a whole number"),
        ({"rolling_week": {"margin": {"days": 2}}}, "window.rolling_week.margin", "from nothing to a day"),
        ({"rolling_week": {"margin": {"days": 10**300}}}, "window.rolling_week.margin", "too long"),
        ({"calendar_week": {"weekday": 7, "hour": 0, "zone": "UTC"}}, "window.calendar_week.weekday", "0 to 6"),
        ({"calendar_week": {"weekday": 1, "hour": 0, "zone": "Mars/Base"}}, "window.calendar_week.zone", "Mars"),
        ("calendar_week", "window", "a table"),
    ],
)
def test_a_window_is_a_table_that_names_it(window: Any, key: str, told: str) -> None:
    error = refusal(data_of("weekly-quota", "of a calendar week") | {"window": window})

    assert error.key == key
    assert told in f"{error.message} {error.hint}"


def test_a_policy_in_a_backtest_is_read_as_everywhere() -> None:
    data = data_of("backtest", "of an export")
    misspelled = put(data, ("replays", 1, "policy", "withdraw"), {"oldr_than": {"days": 60}})
    empty = put(data, ("replays", 1, "policy"), [])

    error = refusal(misspelled)

    assert error.key == "replays[1].policy.withdraw.oldr_than"
    assert "'older_than'" in error.hint
    assert refusal(empty).key == "replays[1].policy"
    with pytest.raises(ik.PolicyError, match="limit"):
        read(put(data, ("replays", 1, "policy", "limits"), {}))


def test_a_backtest_of_code_cannot_be_written() -> None:
    policy = ik.Policy(
        name="own", withdraw=r.rule(lambda invitation: True, reason="mine"), limits=ik.Limits(per_day=1)
    )
    found = ik.backtest(policy, snapshot(), since=date(2026, 11, 18))

    with pytest.raises(ik.DocumentError, match="function of your own") as caught:
        documents.to_text(found)

    assert caught.value.key == "replays[0].policy.withdraw"


# ── Imports ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["default.json", "plan.json", "snapshot.json"])
def test_other_documents_load_nothing_of_this(name: str) -> None:
    """Statistics are loaded only where one of their documents is read or written."""
    program = (
        "import sys; from invitekit import documents; it = documents.load(sys.argv[1]); documents.to_text(it); "
        "print(*(name for name in sys.modules if name.startswith(('invitekit.insight', 'invitekit.replay'))))"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(GOLDEN / name)], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []


def test_a_chance_needs_no_more_than_its_document_to_be_loaded(tmp_path: Path) -> None:
    """In an interpreter that has never heard of statistics."""
    path = ik.save(stats().chance(30), tmp_path / "chance.json")
    program = "import sys, invitekit; print(repr(invitekit.load(sys.argv[1])))"

    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(path)],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )

    assert done.stdout.strip() == repr(stats().chance(30))
    assert isinstance(stats().chance(30), Chance)
