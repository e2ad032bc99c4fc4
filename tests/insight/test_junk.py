"""Whatever is passed to a public function of the statistics: what comes out is an answer, or an error of ours.

Each function is called as it should be, with one argument, or several, replaced by junk. A call that is right in
form never ends in a foreign exception, and never takes for ever.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

import invitekit.insight as public
from invitekit.errors import DataError, InvitekitError
from invitekit.insight import (
    AcceptanceStats,
    CalendarWeek,
    CureFit,
    Estimate,
    Family,
    Forecast,
    Incidence,
    Latency,
    LimitBounds,
    MaturityRate,
    Prior,
    RollingWeek,
    Shrinkage,
    Stopping,
    StrictestWeek,
    WeeklyQuota,
    fit_cure,
    incidence,
    maturity_adjusted_rate,
    shrink,
    stopping,
)
from invitekit.insight.estimators._shown import html_of
from invitekit.insight.quota._pace import pace_of
from invitekit.model import UNKNOWN

JUNK: list[Any] = [
    None,
    True,
    -1,
    0,
    1,
    2.5,
    float("nan"),
    float("inf"),
    float("-inf"),
    1e308,
    -1e308,
    5e-324,
    10**400,
    10**5000,
    Fraction(1, 3),
    complex(1, 2),
    "x",
    "",
    b"x",
    [],
    {},
    set(),
    [1, 2],
    [None],
    [float("nan")],
    [[1, 2], [3, 4]],
    [True, False],
    [10**400],
    ["accept"],
    {"a": 1},
    (1, 2),
    [(None, 1, 2, frozenset({"accept"}))],
    [(None, 10**400, None, frozenset())],
    [(5, 3, None, frozenset())],
    [(None, 1, 2, {"accept"})],
    {(None, 1, 2, frozenset({"accept"})): 10**400},
    object(),
    date(2026, 1, 1),
    datetime(2026, 1, 1, tzinfo=UTC),
    UNKNOWN,
]

ROWS = [
    (None, 1, 1, frozenset({"accept"})),
    (None, 0, 3, frozenset({"accept", "closed"})),
    (2, 9, None, frozenset()),
]
CHANCES = [0.1, 0.05, 0.01, 0.0]
MONEY = {"value": 1.0, "withdraw_value": -0.1, "discount": 0.001, "expiry_value": 0.0, "closed_value": 0.0}
COLUMNS: dict[str, Any] = {"entries": [None, 1, None], "counts": [1, 2, 3]}
LATENCY = Latency(Family.LOG_LOGISTIC, 0.7, 0.8)

GOOD: dict[str, dict[str, Any]] = {
    "age_for_cap": {"cap": 20, "open_at": LATENCY.survival, "sends_per_day": 10, "expiry": 50},
    "beta_interval": {"alpha": 2, "beta": 3, "confidence": 0.9},
    "clopper_pearson": {"successes": 2, "trials": 9, "confidence": 0.9},
    "cumulative_incidence": {
        "times": [1, 2, 3], "causes": ["accept", None, "closed"], "order": ("closed", "accept"), **COLUMNS
    },
    "daily_chances": {"cdf": LATENCY.cdf, "fraction": 0.3, "days": 5, "closed": lambda _: 0.1},
    "fit_cure": {"rows": ROWS, "family": "log-normal", "prior": "published", "daily": True},
    "fit_families": {"rows": ROWS, "families": ["weibull"], "prior": "published", "daily": True},
    "incidence": {
        "rows": ROWS, "causes": ("accept", "closed"), "start": None, "tolerance": 1e-6, "max_sweeps": 50
    },
    "kaplan_meier": {"times": [1, 2, 3], "events": [True, False, True], "cause": "accept", **COLUMNS},
    "maturity_adjusted_rate": {"accepted": 2, "reached": [0.5, 0.9], "prior": (1.0, 2.0), "confidence": 0.9},
    "reinvite_value": {
        "rho": 0.5, "value": 1.0, "second": 0.1, "quota_value": 0.0, "discount": 0.01, "cooldown_days": 21
    },
    "shrink": {"groups": [(1, 4), (3, 5), (0, 0)], "confidence": 0.9},
    "slot_price_for_cap": {
        "cap": 5, "sends_per_week": 70, "open_at": [0.9, 0.8, 0.7, 0.7],
        "accept": CHANCES, "closed": CHANCES, **MONEY
    },
    "slot_price_of_age": {"age": 2, "accept": CHANCES, "closed": CHANCES, **MONEY},
    "steady_stock": {"open_at": [0.9, 0.8, 0.7], "age": 2.5, "sends_per_day": 10},
    "stopping": {"accept": CHANCES, "closed": CHANCES, "slot_price": 0.01, **MONEY},
    "turnbull": {"lefts": [0, 1, 2], "rights": [1, None, 2], "cause": "accept", **COLUMNS},
    "wilson_interval": {"successes": 2, "trials": 9, "confidence": 0.9},
}  # fmt: skip

SETTINGS: dict[type, dict[str, Any]] = {
    CalendarWeek: {"weekday": 0, "hour": 0, "zone": "UTC"},
    Latency: {"family": "weibull", "scale": 1.0, "shape": 0.5},
    Prior: {"alpha": 6, "beta": 14, "scale": 1.0, "log_scale_sd": 0.8, "shape": 0.8, "log_shape_sd": 0.3},
    RollingWeek: {},
    StrictestWeek: {},
}

FIT = fit_cure(ROWS, daily=True)
CURVE = incidence(ROWS)
EXACT = incidence([ROWS[0], ROWS[2]])
QUOTA = WeeklyQuota.of([datetime(2025, 12, 31, tzinfo=UTC)], now=datetime(2026, 1, 1, tzinfo=UTC), limit=5)
STOPPING = stopping(CHANCES, slot_price=0.01)

CURVE_METHODS: dict[str, dict[str, Any]] = {
    "by": {"t": 3, "cause": "accept", "confidence": 0.9, "interval": "log", "approximate": True},
    "open_at": {"t": 3, "confidence": 0.9, "interval": "log", "approximate": True},
    "std_err": {"t": 3, "cause": "accept", "approximate": True},
    "at_risk": {"t": 3},
    "events": {"t": 3, "cause": "accept"},
    "hazard": {"t": 3, "cause": "accept"},
    "quantile": {"q": 0.5},
    "support": {"cause": "accept"},
    "identified": {"minimum": 1},
    "landmark": {"d": 1},
}

METHODS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    *((getattr(FIT, name), {"t": 3}) for name in ("accepted_by", "closed_by", "open_at")),
    (FIT.chance, {"d": 3, "horizon": 9}),
    (FIT.chances, {"pairs": [(3, 9), (4, None)]}),
    (FIT.chance_estimate, {"d": 3, "horizon": 9, "confidence": 0.9}),
    (FIT.chance_estimates, {"pairs": [(3, 9)], "confidence": 0.9}),
    (FIT.estimates, {"shares": lambda fit: [fit.fraction], "confidence": 0.9}),
    (FIT.std_errs, {"numbers": lambda fit: [fit.fraction]}),
    (FIT.hazards, {"days": 5}),
    *((getattr(LATENCY, name), {"t": 3}) for name in ("cdf", "survival", "density")),
    *((getattr(LATENCY, name), {"k": 3}) for name in ("daily", "daily_survival")),
    (LATENCY.quantile, {"q": 0.5}),
    (LATENCY.days, {"n": 3}),
    (Prior.of, {"family": "weibull"}),
    (STOPPING.margin, {"d": 1}),
    (QUOTA.forecast, {"pace": 3, "limit": 9}),
    *((getattr(curve, name), good) for curve in (CURVE, EXACT) for name, good in CURVE_METHODS.items()),
]


def spoiled(good: dict[str, Any], rng: random.Random, more: int) -> Iterator[dict[str, Any]]:
    """Every argument replaced by every kind of junk in turn, and then several at once."""
    for name in good:
        for junk in JUNK:
            yield {**good, name: junk}
    for _ in range(more if len(good) > 1 else 0):
        names = rng.sample(sorted(good), rng.randint(2, len(good)))
        yield {**good, **{name: rng.choice(JUNK) for name in names}}


def names_of(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={type(value).__name__}" for name, value in arguments.items())


def check(function: Callable[..., Any], good: dict[str, Any], more: int = 150) -> None:
    """Call it with junk, print what comes; complain of any error that is not ours or does not help."""
    repr(function(**good))
    refused = 0
    for arguments in spoiled(good, random.Random(7), more):
        try:
            repr(function(**arguments))
        except InvitekitError as error:
            refused += 1
            if not error.hint:
                pytest.fail(f"{error} does not say what to do")
            if len(str(error)) > 500:
                pytest.fail(f"an error is no place for all of the data: {error!s:.200}")
        except Exception as error:  # noqa: BLE001 - which one it is makes the failure
            pytest.fail(f"{type(error).__name__} ({error!s:.80}) of {names_of(arguments)}")
    assert refused


def functions() -> list[str]:
    return [name for name in public.__all__ if inspect.isfunction(getattr(public, name))]


def test_every_public_function_is_looked_at() -> None:
    """A new one fails here until it has a good call to be spoiled."""
    assert sorted(GOOD) == sorted(functions())
    for name, good in GOOD.items():
        assert list(inspect.signature(getattr(public, name)).parameters.keys() - good.keys()) == [], name


@pytest.mark.parametrize("name", GOOD)
def test_a_function_refuses_junk_in_our_words(name: str) -> None:
    check(getattr(public, name), GOOD[name])


@pytest.mark.parametrize(
    ("method", "good"),
    [pytest.param(m, g, id=f"{m.__qualname__}-{number}") for number, (m, g) in enumerate(METHODS)],
)
def test_a_method_refuses_junk_in_our_words(method: Callable[..., Any], good: dict[str, Any]) -> None:
    check(method, good, 60)


@pytest.mark.parametrize(("kind", "good"), [pytest.param(k, g, id=k.__name__) for k, g in SETTINGS.items() if g])
def test_settings_refuse_junk_in_our_words(kind: type, good: dict[str, Any]) -> None:
    check(kind, good)


@pytest.mark.parametrize("days", [10**400, 36_501, float("inf"), "x", -1, True])
def test_a_curve_is_worked_out_for_a_hundred_years_at_most(days: Any) -> None:
    """So that a slip of the keyboard is an error, and not a machine that stands still."""
    for ask in (FIT.hazards, LATENCY.days, lambda n: public.daily_chances(LATENCY.cdf, 0.3, n)):
        with pytest.raises(DataError, match="whole number from 0 to 36,500"):
            ask(days)


def test_a_function_of_ones_own_fails_with_its_own_error() -> None:
    """Its traceback shows the line to mend, so it is let through."""

    def broken(_: Any) -> float:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        public.daily_chances(broken, 0.3, 5)


def test_numbers_of_other_libraries_are_numbers() -> None:
    assert LATENCY.cdf(Fraction(1, 2)) == LATENCY.cdf(0.5)  # type: ignore[arg-type]
    assert FIT.chance(Fraction(2)) == FIT.chance(2)  # type: ignore[arg-type]


class TestShowing:
    SHOWN = (
        FIT,
        CURVE.open_at(1),
        CURVE.by(3),
        QUOTA.forecast(),
        QUOTA.limit_bounds,
        STOPPING,
        maturity_adjusted_rate(2, [0.5]),
    )

    @pytest.mark.parametrize(
        "value", [pytest.param(one, id=f"{type(one).__name__}-{number}") for number, one in enumerate(SHOWN)]
    )
    def test_one_result_is_a_table_of_its_record_in_a_notebook(self, value: Any) -> None:
        assert isinstance(value, (CureFit, Estimate, Forecast, LimitBounds, MaturityRate, Stopping))
        html = value._repr_html_()
        record = value.to_record()
        assert value.to_records() == [record]
        assert html.startswith("<table><caption>")
        assert html.count("<tr>") == 1 + len(record) - ("sentence" in record)
        for name, cell in record.items():
            if name != "sentence":
                assert f"<td>{name.replace('_', ' ')}</td>" in html
            if cell is None:
                assert f"<td>{name.replace('_', ' ')}</td><td>unknown</td>" in html

    def test_shrunken_groups_are_rows(self) -> None:
        html = shrink([(1, 4), (3, 5), (1, 9)])._repr_html_()
        assert html.count("<tr>") == 4
        assert "<th>confidence</th>" in html

    def test_of_many_groups_the_first_are_shown_and_the_rest_counted(self) -> None:
        assert "… and 5 more" in shrink([(1, 4)] * 15)._repr_html_()

    def test_no_groups_are_an_empty_table(self) -> None:
        nothing = shrink([])
        assert isinstance(nothing, Shrinkage)
        assert "<tbody></tbody>" in html_of(nothing)

    def test_strangers_text_is_harmless(self) -> None:
        assert "<b>" not in Estimate(value=0.5, interval="<b>")._repr_html_()

    def test_everything_public_that_is_a_result_can_be_shown_in_a_notebook(self) -> None:
        results = (
            CureFit,
            Estimate,
            Forecast,
            Incidence,
            LimitBounds,
            MaturityRate,
            Shrinkage,
            Stopping,
            WeeklyQuota,
        )
        for kind in results:
            assert callable(kind._repr_html_), kind
            assert callable(kind.to_records), kind


class TestPace:
    def test_of_a_young_account_it_is_counted_since_the_first_day(self) -> None:
        """Ten days of twenty a day are twenty a day, and not fifty a week."""
        assert pace_of([day for day in range(100, 110) for _ in range(20)], 109) == 20

    def test_of_an_old_one_over_four_weeks(self) -> None:
        assert pace_of(list(range(1000)), 999) == 1
        assert pace_of([0, 972, 999], 999) == 2 / 28
        assert pace_of([0, 971, 999], 999) == 1 / 28

    def test_less_than_a_week_counts_as_a_week(self) -> None:
        assert pace_of([50, 51], 51) == 2 / 7

    def test_nothing_is_no_pace_and_what_is_to_come_is_left_out(self) -> None:
        assert pace_of([], 51) == 0
        assert pace_of([50, 52, 60], 51) == 1 / 7
        assert pace_of([60], 51) == 0

    def test_the_quota_counts_the_same_way(self) -> None:
        sent = [datetime(2026, 3, day, 9, tzinfo=UTC) for day in range(1, 11) for _ in range(20)]
        quota = WeeklyQuota.of(sent, now=datetime(2026, 3, 10, 9, tzinfo=UTC))
        assert quota.pace == pace_of([at.toordinal() for at in sent], quota.now.toordinal()) == 20


def test_an_estimate_of_nothing_is_no_number_and_says_so_in_our_words() -> None:
    with pytest.raises(DataError, match="is_known"):
        float(Estimate(value=UNKNOWN))


def test_without_history_the_published_curve_is_as_careful() -> None:
    with pytest.raises(DataError, match="whole number"):
        AcceptanceStats.of_nothing().fit.hazards(10**400)
