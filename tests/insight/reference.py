"""Runs the checks of a file of reference values through the public functions of `invitekit.insight`.

The file says which estimator, which data, which options, what comes out and how exactly. Nothing in it is
passed over: an estimator, an option, a column or an expected key that is not known here is a failure, not a skip.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from invitekit.insight.estimators._cure import Prior, fit_cure
from invitekit.insight.estimators._estimate import Estimate
from invitekit.insight.estimators._estimator import cumulative_incidence, incidence, kaplan_meier, turnbull
from invitekit.insight.estimators._incidence import Incidence
from invitekit.insight.estimators._latency import Family, Latency
from invitekit.insight.estimators._proportions import (
    beta_interval,
    maturity_adjusted_rate,
    shrink,
    wilson_interval,
)
from invitekit.insight.estimators._stopping import daily_chances, stopping
from invitekit.model import UNKNOWN

SCHEMA = "invitekit-stats-reference/1"

ABSENT = object()
"""Stands for a key that is not in the file, because null is a value there."""

_ABOUT = {"id", "estimator", "note", "max_abs_difference_from", "verified_by"}
_RECURSION = (
    "K(d) = -slot_price + exp(-discount) * (p(d) * value + (1 - p(d)) * V(d + 1)); V(d) = max(G, K(d)) "
    "with G = withdraw_value; V(expiry_day) = max(G, value_at_expiry); "
    "p(d) = P(accepted in (d, d + 1] | pending at d); "
    "threshold_age_days = first d with K(d) <= G; expiry_day 180, discount 0, value_at_expiry 0 unless given"
)


class Strange(Exception):  # noqa: N818 - it is not an error of the library, but a word in the file
    """The file asks for something this module does not know."""


class Words:
    """A part of the file of which every key must be asked for."""

    def __init__(self, what: str, values: Mapping[str, Any] | None) -> None:
        self.what, self.values = what, dict(values or {})

    def take(self, key: str, default: Any = ...) -> Any:
        if key not in self.values and default is ...:
            raise Strange(f"{self.what} has no {key}")
        return self.values.pop(key, default)

    def maybe(self, key: str) -> Any:
        return self.values.pop(key, ABSENT)

    def one_of(self, key: str, *known: Any, default: Any = ...) -> Any:
        value = self.take(key, known[0] if default is ... else default)
        if value not in known or type(value) is not type(known[known.index(value)]):
            raise Strange(f"{self.what}: {key} is {value!r}, which is none of {known}")
        return value

    def done(self) -> None:
        if self.values:
            raise Strange(f"{self.what} has unknown keys: {', '.join(map(str, self.values))}")


class Tolerance:
    """How far off each kind of number may be: one limit for all, or one per kind."""

    def __init__(self, given: Any, kinds: tuple[str, ...] = ()) -> None:
        self.limits = given if isinstance(given, dict) else None
        self.limit = given
        if self.limits is None and (isinstance(given, bool) or not isinstance(given, (int, float))):
            raise Strange(f"tolerance is {given!r}")
        if self.limits is not None and not set(self.limits) <= set(kinds):
            raise Strange(f"unknown tolerances: {sorted(set(self.limits) - set(kinds))}")

    def of(self, kind: str) -> tuple[float, bool]:
        """The limit, and whether it is relative."""
        if self.limits is None:
            return float(self.limit), False
        if kind in self.limits:
            return float(self.limits[kind]), False
        if f"{kind}_relative" in self.limits:
            return float(self.limits[f"{kind}_relative"]), True
        raise Strange(f"there is no tolerance for {kind}")


class Findings(list[str]):
    """What does not agree."""

    def __init__(self, tolerance: Tolerance) -> None:
        super().__init__()
        self.tolerance = tolerance

    def compare(self, name: str, found: Any, wanted: Any, kind: str = "") -> None:
        """Compare a number; null in the file is `UNKNOWN` here, and nothing else is."""
        if wanted is None or found is UNKNOWN:
            if (wanted is None) != (found is UNKNOWN):
                self.append(f"{name}: {found!r} instead of {wanted!r}")
            return
        if isinstance(wanted, bool) or not isinstance(wanted, (int, float)):
            raise Strange(f"{name} is {wanted!r}, which is no number")
        limit, relative = self.tolerance.of(kind or name)
        room = limit * abs(wanted) if relative else limit
        if not abs(found - wanted) <= room:
            self.append(f"{name}: {found!r} instead of {wanted!r}, off by {found - wanted:.3g}")

    def compare_each(self, name: str, found: list[Any], wanted: Any, kind: str = "") -> None:
        if not isinstance(wanted, list) or len(wanted) != len(found):
            raise Strange(f"{name} is not a list of {len(found)}")
        for number, (mine, its) in enumerate(zip(found, wanted, strict=True)):
            self.compare(f"{name}[{number}]", mine, its, kind or name)


class Observation(NamedTuple):
    entry: float | None
    left: float
    right: float | None
    cause: str | None
    weight: float


_COLUMNS = {
    "right_censored": ({"time", "event"}, {"count", "entry"}),
    "delayed_entry": ({"entry", "exit", "event"}, {"count"}),
    "competing_risks": ({"time", "cause"}, {"count", "entry"}),
    "interval_censored": ({"left", "right"}, {"count", "entry", "cause"}),
    "invitations": ({"sent", "accepted", "withdrawn", "last_seen", "first_missing"}, {"segment", "count"}),
}


def lines(dataset: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of a data set as dicts, once kind and columns are known to be understood."""
    words = Words("dataset", dataset)
    kind, columns, rows = words.take("kind"), words.take("columns"), words.take("rows")
    words.take("source", "")
    words.take("note", "")
    words.done()
    if kind not in _COLUMNS:
        raise Strange(f"unknown kind of data: {kind!r}")
    needed, more = _COLUMNS[kind]
    if kind == "competing_risks" and "exit" in columns:
        needed = {"exit", "cause"}
    if kind == "delayed_entry" and "cause" in columns:
        needed = {"entry", "exit", "cause"}
    if not needed <= set(columns) or not set(columns) <= needed | more or len(set(columns)) < len(columns):
        raise Strange(f"{kind} with the columns {columns}")
    for row in rows:
        yield dict(zip(columns, row, strict=True))


def observations(dataset: Mapping[str, Any]) -> list[Observation]:
    """Any data set but invitations as observations; causes are texts."""
    kind = dataset.get("kind")
    found = []
    for line in lines(dataset):
        entry, count = line.get("entry"), line.get("count", 1)
        if kind == "interval_censored":
            ended = line["right"] is not None
            found.append(
                Observation(
                    entry, line["left"], line["right"], str(line.get("cause", 1)) if ended else None, count
                )
            )
            continue
        if kind == "invitations":
            raise Strange("invitations are not a table of times")
        time = line["exit"] if "exit" in line else line["time"]
        mark = line.get("event", line.get("cause"))
        if "event" in line and mark not in (0, 1):
            raise Strange(f"an event is 0 or 1, not {mark!r}")
        found.append(Observation(entry, time, time if mark else None, str(mark) if mark else None, count))
    return found


def check_problems(document: Mapping[str, Any], check: Mapping[str, Any]) -> list[str]:
    """What does not agree in one check; an empty list if all does.

    Raises:
        Strange: The check contains something unknown.
    """
    if document.get("schema") != SCHEMA:
        raise Strange(f"the schema is {document.get('schema')!r}")
    words = Words(str(check.get("id")), {key: value for key, value in check.items() if key not in _ABOUT})
    run = _RUNNERS.get(check.get("estimator", ""))
    if run is None:
        raise Strange(f"unknown estimator: {check.get('estimator')!r}")
    problems = run(document, words)
    words.done()
    return problems


def _data(document: Mapping[str, Any], words: Words) -> list[Observation]:
    return observations(document["datasets"][words.take("dataset")])


def _curve_options(words: Words, **known: tuple[Any, ...]) -> tuple[float, str]:
    options = Words("options", words.take("options", {}))
    confidence = options.take("confidence", 0.95)
    interval = options.one_of("interval", "log-log", "log", "plain")
    for key, values in known.items():
        options.one_of(key, *values)
    options.done()
    return confidence, interval


def _exact(data: list[Observation]) -> list[Observation]:
    if any(one.right not in (None, one.left) for one in data):
        raise Strange("this estimator is for exact times")
    return data


def _kaplan_meier(document: Mapping[str, Any], words: Words) -> list[str]:
    data = _exact(_data(document, words))
    confidence, interval = _curve_options(words, variance=("greenwood",))
    curve = kaplan_meier(
        [one.left for one in data],
        [one.cause is not None for one in data],
        entries=[one.entry for one in data],
        counts=[one.weight for one in data],
    )
    at, expected = words.take("at"), Words("expected", words.take("expected"))
    problems = Findings(Tolerance(words.take("tolerance")))
    points = [curve.open_at(t, confidence=confidence, interval=interval) for t in at]
    _compare_points(problems, "", expected, "survival", points, [curve.std_err(t) for t in at])
    for name, found in (("at_risk", curve.at_risk), ("events", curve.events)):
        if (wanted := expected.maybe(name)) is not ABSENT:
            problems.compare_each(name, [found(t) for t in at], wanted)
    if (wanted := expected.maybe("median")) is not ABSENT:
        problems.compare("median", curve.median, wanted)
    expected.done()
    return problems


def _compare_points(
    problems: Findings, prefix: str, expected: Words, value: str, points: list[Estimate], errors: list[Any]
) -> None:
    columns = {
        value: [point.value for point in points],
        "std_err": errors,
        "lower": [point.lower for point in points],
        "upper": [point.upper for point in points],
    }
    for name, found in columns.items():
        if (wanted := expected.maybe(name)) is not ABSENT:
            problems.compare_each(prefix + name, found, wanted, name)


def _cumulative_incidence(document: Mapping[str, Any], words: Words) -> list[str]:
    data = _exact(_data(document, words))
    confidence, interval = _curve_options(words, variance=("aalen",))
    at, expected = words.take("at"), Words("expected", words.take("expected"))
    problems = Findings(Tolerance(words.take("tolerance")))
    named = {key.removeprefix("cause_") for key in expected.values if key.startswith("cause_")}
    curve = cumulative_incidence(
        [one.left for one in data],
        [one.cause for one in data],
        entries=[one.entry for one in data],
        counts=[one.weight for one in data],
        order=sorted(named | {one.cause for one in data if one.cause is not None}),
    )
    if (wanted := expected.maybe("event_free")) is not ABSENT:
        problems.compare_each("event_free", [curve.open_at(t).value for t in at], wanted)
    for cause in sorted(named):
        own = Words(f"cause_{cause}", expected.take(f"cause_{cause}"))
        points = [curve.by(t, cause, confidence=confidence, interval=interval) for t in at]
        _compare_points(problems, f"cause_{cause}.", own, "cif", points, [curve.std_err(t, cause) for t in at])
        for name, found in (("events", [curve.events(t, cause) for t in at]),):
            if (wanted := own.maybe(name)) is not ABSENT:
                problems.compare_each(f"cause_{cause}.{name}", found, wanted, name)
        own.done()
    if (wanted := expected.maybe("at_risk")) is not ABSENT:
        problems.compare_each("at_risk", [curve.at_risk(t) for t in at], wanted)
    expected.done()
    return problems


def _turnbull(document: Mapping[str, Any], words: Words) -> list[str]:
    data = _data(document, words)
    options = Words("options", words.take("options", {}))
    options.one_of("interval", "(left, right]")
    options.done()
    curve = turnbull(
        [one.left for one in data],
        [one.right for one in data],
        entries=[one.entry for one in data],
        counts=[one.weight for one in data],
    )
    at, expected = words.take("at", []), Words("expected", words.take("expected"))
    problems = Findings(Tolerance(words.take("tolerance")))
    if (wanted := expected.maybe("survival")) is not ABSENT:
        problems.compare_each("survival", [curve.open_at(t).value for t in at], wanted)
    if (wanted := expected.maybe("log_likelihood")) is not ABSENT:
        problems.compare("log_likelihood", curve.log_likelihood, wanted)
    if (wanted := expected.maybe("median")) is not ABSENT:
        problems.compare("median", curve.median, wanted)
    if (wanted := expected.maybe("support")) is not ABSENT:
        _compare_support(problems, curve, wanted)
    expected.done()
    return problems


def _compare_support(problems: Findings, curve: Incidence, wanted: Any) -> None:
    found = curve.support()
    if len(found) != len(wanted):
        problems.append(f"support: {len(found)} cells instead of {len(wanted)}: {found}")
        return
    for number, (mine, its) in enumerate(zip(found, wanted, strict=True)):
        cell = Words(f"support[{number}]", its)
        problems.compare(f"support[{number}].left", mine.left, cell.take("left"), "support")
        right = UNKNOWN if math.isinf(mine.right) else mine.right
        problems.compare(f"support[{number}].right", right, cell.take("right"), "support")
        problems.compare(f"support[{number}].mass", mine.mass, cell.take("mass"), "support")
        if mine.exact is not cell.take("exact"):
            problems.append(f"support[{number}].exact: {mine.exact}")
        cell.done()


def _wilson(document: Mapping[str, Any], words: Words) -> list[str]:
    return _intervals(words, "successes", "trials", wilson_interval, "estimate")


def _beta(document: Mapping[str, Any], words: Words) -> list[str]:
    return _intervals(words, "alpha", "beta", beta_interval, "mean")


def _intervals(
    words: Words, first: str, second: str, make: Callable[[float, float, float], Estimate], value: str
) -> list[str]:
    options = Words("options", words.take("options", {}))
    usual = options.take("confidence", 0.95)
    options.done()
    problems = Findings(Tolerance(words.take("tolerance")))
    for number, line in enumerate(words.take("expected")):
        one = Words(f"expected[{number}]", line)
        found = make(one.take(first), one.take(second), one.take("confidence", usual))
        for name, mine in (("lower", found.lower), ("upper", found.upper), (value, found.value)):
            if (wanted := one.maybe(name)) is not ABSENT:
                problems.compare(f"expected[{number}].{name}", mine, wanted, name)
        one.done()
    return problems


def _shrinkage(document: Mapping[str, Any], words: Words) -> list[str]:
    options = Words("options", words.take("options", {}))
    confidence = options.take("confidence", 0.95)
    options.one_of("method", "weighted moments, weight = trials")
    options.done()
    groups = [Words("group", group) for group in words.take("input")]
    pairs = [(group.take("successes"), group.take("trials")) for group in groups]
    for group in groups:
        group.done()
    found = shrink(pairs, confidence)
    expected = Words("expected", words.take("expected"))
    problems = Findings(Tolerance(words.take("tolerance")))
    finite = {"prior_strength": found.strength, "alpha": found.alpha, "beta": found.beta}
    single = {"mean": found.mean, "rho": found.rho}
    single |= {name: UNKNOWN if math.isinf(number) else number for name, number in finite.items()}
    for name, mine in single.items():
        if (wanted := expected.maybe(name)) is not ABSENT:
            problems.compare(name, mine, wanted)
    for name, field in (("posterior_mean", "value"), ("lower", "lower"), ("upper", "upper")):
        if (wanted := expected.maybe(name)) is not ABSENT:
            problems.compare_each(name, [getattr(one, field) for one in found.estimates], wanted)
    expected.done()
    return problems


def _prior(given: Any) -> Any:
    if given is None or given == "published":
        return given
    words = Words("prior", given)
    usual = Prior()
    prior = Prior(
        **{
            name: words.take(name, getattr(usual, name))
            for name in ("alpha", "beta", "scale", "log_scale_sd", "shape", "log_shape_sd")
        }
    )
    words.done()
    return prior


def _mixture_cure(document: Mapping[str, Any], words: Words) -> list[str]:
    data = _data(document, words)
    options = Words("options", words.take("options", {}))
    family, prior = Family.of(options.take("latency")), _prior(options.take("prior", None))
    options.done()
    rows: dict[Any, float] = {}
    for one in data:
        causes = frozenset() if one.cause is None else frozenset({"accept"})
        row = (one.entry, one.left, one.right, causes)
        rows[row] = rows.get(row, 0) + one.weight
    fit = fit_cure(rows, family=family, prior=prior)
    expected = Words("expected", words.take("expected"))
    kinds = (
        "log_likelihood",
        "parameters_relative",
        "std_err_relative",
        "conditional",
        "log_posterior",
        "data_weight",
    )
    problems = Findings(Tolerance(words.take("tolerance"), kinds))
    numbers = {
        "log_likelihood": (fit.log_likelihood, "log_likelihood"),
        "log_posterior": (fit.log_posterior, "log_likelihood"),
        "eventual_fraction": (fit.fraction, "parameters"),
        "scale": (fit.latency.scale, "parameters"),
        "shape": (fit.latency.shape, "parameters"),
        "std_err_logit_fraction": (fit.std_err_logit_fraction, "std_err"),
        "std_err_log_scale": (fit.std_err_log_scale, "std_err"),
        "std_err_log_shape": (fit.std_err_log_shape, "std_err"),
        "data_weight": (fit.data_weight, "parameters"),
    }
    for name, (mine, kind) in numbers.items():
        if (wanted := expected.maybe(name)) is not ABSENT:
            problems.compare(name, mine, wanted, kind)
    for line in expected.take("conditional", []):
        _conditional(problems, line, fit.chance, "conditional")
    expected.done()
    return problems


def _conditional(problems: Findings, line: Any, chance: Callable[[float, Any], Any], kind: str) -> None:
    one = Words(kind, line)
    pending, horizon = one.take("pending_for"), one.take("horizon")
    problems.compare(f"{kind} {pending} to {horizon}", chance(pending, horizon), one.take("probability"), kind)
    one.done()


def _latency(words: Words, prefix: str = "") -> Latency:
    return Latency(
        Family.of(words.take(f"{prefix}latency")), words.take(f"{prefix}scale_days"), words.take(f"{prefix}shape")
    )


def _maturity(document: Mapping[str, Any], words: Words) -> list[str]:
    options = Words("options", words.take("options", {}))
    confidence = options.take("confidence", 0.95)
    options.done()
    given = Words("input", words.take("input"))
    curve = _latency(given)
    accepted, ages = given.take("accepted"), given.take("pending_ages")
    alpha, beta = given.take("prior_alpha", 1), given.take("prior_beta", 1)
    given.done()
    found = maturity_adjusted_rate(
        accepted, [curve.cdf(age) for age in ages], prior=(alpha, beta), confidence=confidence
    )
    numbers = {
        "naive": found.naive,
        "maturity": found.maturity,
        "mle": found.mle,
        "posterior_mean": found.estimate.value,
        "lower": found.estimate.lower,
        "upper": found.estimate.upper,
    }
    expected = Words("expected", words.take("expected"))
    problems = Findings(Tolerance(words.take("tolerance")))
    for name, mine in numbers.items():
        if (wanted := expected.maybe(name)) is not ABSENT:
            problems.compare(name, mine, wanted)
    expected.done()
    return problems


def _invitations(document: Mapping[str, Any], words: Words) -> list[str]:
    table = list(lines(document["datasets"][words.take("dataset")]))
    as_of, segment = words.take("as_of"), words.take("segment", None)
    options = Words("options", words.take("options", {}))
    options.one_of("resolution", "days")
    withdrawn = options.one_of("withdrawn_by_us", "censoring", "event", "competing event", "terminal event")
    vanished = options.one_of(
        "vanished", "competing event, interval-censored (last_seen, first_missing]", "censoring", "unknown cause"
    )
    day_zero = options.one_of("day_zero_events", True, False)
    segment = options.take("segment", segment)
    options.done()
    if segment is not None:
        if segment not in {line.get("segment") for line in table}:
            raise Strange(f"there is no segment {segment!r}")
        table = [line for line in table if line["segment"] == segment]
    counts: dict[str, float] = dict.fromkeys(("accepted", "withdrawn", "vanished", "pending"), 0)
    rows: dict[Any, float] = {}
    for line in table:
        if line["sent"] > as_of:
            continue
        what, row = _course(line, as_of, withdrawn != "censoring", vanished, None if day_zero else 0)
        count = line.get("count", 1)
        counts[what] += count
        rows[row] = rows.get(row, 0) + count
    curve = incidence(rows, causes=("accept", "closed", "withdrawn"))
    expected = Words("expected", words.take("expected"))
    problems = Findings(Tolerance(words.take("tolerance")))
    sent = sum(counts.values())
    naive = wilson_interval(counts["accepted"], sent)
    numbers = {**counts, "sent": sent, "naive_rate": naive.value, "log_likelihood": curve.log_likelihood}
    for name, mine in numbers.items():
        if (wanted := expected.maybe(name)) is not ABSENT:
            problems.compare(name, mine, wanted)
    if (wanted := expected.maybe("naive_wilson")) is not ABSENT:
        problems.compare_each("naive_wilson", [naive.lower, naive.upper], wanted)
    at = expected.take("at", [])
    shares = {
        "accepted_cif": [curve.by(t, "accept").value for t in at],
        "vanished_cif": [curve.by(t, "closed").value for t in at],
        "withdrawn_cif": [curve.by(t, "withdrawn").value for t in at],
        "open": [curve.open_at(t).value for t in at],
    }
    for name, found in shares.items():
        if (wanted := expected.maybe(name)) is not ABSENT:
            problems.compare_each(name, found, wanted)
    for line in expected.take("conditional_accept", []):
        _conditional(problems, line, lambda d, h: curve.landmark(d).by(h, "accept").value, "conditional_accept")
    expected.done()
    return problems


def _course(
    line: Mapping[str, Any], as_of: float, withdrawing_counts: bool, vanished: str, entry: float | None
) -> tuple[str, Any]:
    """What became of an invitation by the day of looking, as a word and as a row."""
    sent = line["sent"]
    if line["accepted"] is not None and line["accepted"] <= as_of:
        age = line["accepted"] - sent
        return "accepted", (entry, age, age, frozenset({"accept"}))
    if line["withdrawn"] is not None and line["withdrawn"] <= as_of:
        age = line["withdrawn"] - sent
        if withdrawing_counts:
            return "withdrawn", (entry, age, age, frozenset({"withdrawn"}))
        return "withdrawn", (entry, age, None, frozenset())
    if line["first_missing"] is not None and line["first_missing"] <= as_of:
        # Last seen on the day of sending is the sending itself: it may have gone on that very day.
        seen = line["last_seen"] - sent or -1
        if vanished == "censoring":
            return "vanished", (entry, seen, None, frozenset())
        causes = frozenset({"closed"} if vanished.startswith("competing") else {"accept", "closed"})
        return "vanished", (entry, seen, line["first_missing"] - sent, causes)
    last = as_of if line["first_missing"] is None else line["last_seen"]
    return "pending", (entry, last - sent, None, frozenset())


def _decision(document: Mapping[str, Any], words: Words) -> list[str]:
    options = Words("options", words.take("options", {}))
    options.one_of("recursion", _RECURSION)
    given = Words("input", words.take("input"))

    def setting(name: str, default: Any) -> Any:
        return given.take(name, options.take(name, default))

    expiry, discount = setting("expiry_day", 180), setting("discount", 0.0)
    at_expiry, closed_value = setting("value_at_expiry", 0.0), setting("closed_value", 0.0)
    options.done()
    curve, fraction = _latency(given), given.take("eventual_fraction")
    closed: Callable[[float], float] | None = None
    closings: tuple[float, ...] = ()
    if "closed_latency" in given.values:
        other, share = _latency(given, "closed_"), given.take("closed_fraction")

        def closed(age: float) -> float:
            return float(share) * other.cdf(age)

        closings = tuple(
            share * (other.cdf(d + 1) - other.cdf(d)) / (1 - fraction * curve.cdf(d) - closed(d))
            for d in range(expiry)
        )
    chances = daily_chances(curve.cdf, fraction, expiry, closed=closed)
    if (daily := given.take("daily_closed_probability", None)) is not None:
        closings = tuple(daily) if isinstance(daily, list) else (daily,) * expiry
    found = stopping(
        chances,
        closings,
        slot_price=given.take("slot_price_per_day"),
        value=given.take("value", 1.0),
        withdraw_value=given.take("withdraw_value", 0.0),
        discount=discount,
        expiry_value=at_expiry,
        closed_value=closed_value,
    )
    given.done()

    def ever(d: int) -> float:
        gone = closed(d) if closed else 0.0
        return float(fraction * (1 - curve.cdf(d)) / (1 - fraction * curve.cdf(d) - gone))

    expected = Words("expected", words.take("expected"))
    problems = Findings(Tolerance(words.take("tolerance")))
    if (wanted := expected.maybe("threshold_age_days")) is not ABSENT:
        problems.compare("threshold_age_days", found.threshold, wanted)
    by_age: dict[str, Callable[[int], float]] = {
        "keep_value": found.keep_values.__getitem__,
        "conditional_accept_from": ever,
        "daily_accept_probability": chances.__getitem__,
    }
    for name, value_at in by_age.items():
        for day, wanted in expected.take(name, {}).items():
            problems.compare(f"{name}[{day}]", value_at(int(day)), wanted, name)
    expected.done()
    return problems


_RUNNERS: dict[str, Callable[[Mapping[str, Any], Words], list[str]]] = {
    "kaplan_meier": _kaplan_meier,
    "cumulative_incidence": _cumulative_incidence,
    "turnbull": _turnbull,
    "wilson_interval": _wilson,
    "beta_interval": _beta,
    "beta_binomial_shrinkage": _shrinkage,
    "mixture_cure": _mixture_cure,
    "maturity_adjusted_rate": _maturity,
    "interval_censored_competing_risks": _invitations,
    "withdraw_decision": _decision,
}
