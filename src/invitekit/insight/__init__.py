"""What your own history says: acceptance, the chance of what is still pending, the weekly quota, health.

Standard library only, and nothing here reads a clock. Ages are differences of UTC calendar days unless a function
says otherwise. Everything is loaded when it is first used: a quota needs no estimator.
"""

from __future__ import annotations

TYPE_CHECKING = False  # As in typing, which is not worth loading for this; type checkers know the name.
if TYPE_CHECKING:
    from invitekit.insight._age_rule import AgeRule as AgeRule
    from invitekit.insight._chance import Chance as Chance
    from invitekit.insight._chance import ChanceSource as ChanceSource
    from invitekit.insight._courses import Course as Course
    from invitekit.insight._health import Basis as Basis
    from invitekit.insight._health import Health as Health
    from invitekit.insight._health import HealthLine as HealthLine
    from invitekit.insight._health import HealthState as HealthState
    from invitekit.insight._health import Signal as Signal
    from invitekit.insight._health import SignalKind as SignalKind
    from invitekit.insight._health import Thresholds as Thresholds
    from invitekit.insight._segments import Segment as Segment
    from invitekit.insight._segments import Segments as Segments
    from invitekit.insight._stats import AcceptanceStats as AcceptanceStats
    from invitekit.insight._worth import Worth as Worth
    from invitekit.insight.estimators._cure import CureFit as CureFit
    from invitekit.insight.estimators._cure import FamilyFits as FamilyFits
    from invitekit.insight.estimators._cure import Prior as Prior
    from invitekit.insight.estimators._cure import fit_cure as fit_cure
    from invitekit.insight.estimators._cure import fit_families as fit_families
    from invitekit.insight.estimators._estimate import Estimate as Estimate
    from invitekit.insight.estimators._estimator import cumulative_incidence as cumulative_incidence
    from invitekit.insight.estimators._estimator import incidence as incidence
    from invitekit.insight.estimators._estimator import kaplan_meier as kaplan_meier
    from invitekit.insight.estimators._estimator import turnbull as turnbull
    from invitekit.insight.estimators._incidence import Incidence as Incidence
    from invitekit.insight.estimators._incidence import Support as Support
    from invitekit.insight.estimators._latency import Family as Family
    from invitekit.insight.estimators._latency import Latency as Latency
    from invitekit.insight.estimators._proportions import MaturityRate as MaturityRate
    from invitekit.insight.estimators._proportions import Shrinkage as Shrinkage
    from invitekit.insight.estimators._proportions import beta_interval as beta_interval
    from invitekit.insight.estimators._proportions import clopper_pearson as clopper_pearson
    from invitekit.insight.estimators._proportions import maturity_adjusted_rate as maturity_adjusted_rate
    from invitekit.insight.estimators._proportions import shrink as shrink
    from invitekit.insight.estimators._proportions import wilson_interval as wilson_interval
    from invitekit.insight.estimators._stopping import Stopping as Stopping
    from invitekit.insight.estimators._stopping import age_for_cap as age_for_cap
    from invitekit.insight.estimators._stopping import daily_chances as daily_chances
    from invitekit.insight.estimators._stopping import reinvite_value as reinvite_value
    from invitekit.insight.estimators._stopping import slot_price_for_cap as slot_price_for_cap
    from invitekit.insight.estimators._stopping import slot_price_of_age as slot_price_of_age
    from invitekit.insight.estimators._stopping import steady_stock as steady_stock
    from invitekit.insight.estimators._stopping import stopping as stopping
    from invitekit.insight.quota._forecast import Forecast as Forecast
    from invitekit.insight.quota._learning import LimitBounds as LimitBounds
    from invitekit.insight.quota._quota import LimitSource as LimitSource
    from invitekit.insight.quota._quota import WeeklyQuota as WeeklyQuota
    from invitekit.insight.quota._tiers import NO_MONTHLY_LIMIT as NO_MONTHLY_LIMIT
    from invitekit.insight.quota._tiers import AccountTier as AccountTier
    from invitekit.insight.quota._tiers import NoMonthlyLimit as NoMonthlyLimit
    from invitekit.insight.quota._windows import CalendarWeek as CalendarWeek
    from invitekit.insight.quota._windows import RollingWeek as RollingWeek
    from invitekit.insight.quota._windows import StrictestWeek as StrictestWeek

_HOMES = {
    "AcceptanceStats": "_stats",
    "AccountTier": "quota._tiers",
    "AgeRule": "_age_rule",
    "Basis": "_health",
    "CalendarWeek": "quota._windows",
    "Chance": "_chance",
    "ChanceSource": "_chance",
    "Course": "_courses",
    "CureFit": "estimators._cure",
    "Estimate": "estimators._estimate",
    "Family": "estimators._latency",
    "FamilyFits": "estimators._cure",
    "Forecast": "quota._forecast",
    "Health": "_health",
    "HealthLine": "_health",
    "HealthState": "_health",
    "Incidence": "estimators._incidence",
    "Latency": "estimators._latency",
    "LimitBounds": "quota._learning",
    "LimitSource": "quota._quota",
    "MaturityRate": "estimators._proportions",
    "NO_MONTHLY_LIMIT": "quota._tiers",
    "NoMonthlyLimit": "quota._tiers",
    "Prior": "estimators._cure",
    "RollingWeek": "quota._windows",
    "Segment": "_segments",
    "Segments": "_segments",
    "Shrinkage": "estimators._proportions",
    "Signal": "_health",
    "SignalKind": "_health",
    "Stopping": "estimators._stopping",
    "StrictestWeek": "quota._windows",
    "Support": "estimators._incidence",
    "Thresholds": "_health",
    "WeeklyQuota": "quota._quota",
    "Worth": "_worth",
    "age_for_cap": "estimators._stopping",
    "beta_interval": "estimators._proportions",
    "clopper_pearson": "estimators._proportions",
    "cumulative_incidence": "estimators._estimator",
    "daily_chances": "estimators._stopping",
    "fit_cure": "estimators._cure",
    "fit_families": "estimators._cure",
    "incidence": "estimators._estimator",
    "kaplan_meier": "estimators._estimator",
    "maturity_adjusted_rate": "estimators._proportions",
    "reinvite_value": "estimators._stopping",
    "shrink": "estimators._proportions",
    "slot_price_for_cap": "estimators._stopping",
    "slot_price_of_age": "estimators._stopping",
    "steady_stock": "estimators._stopping",
    "stopping": "estimators._stopping",
    "turnbull": "estimators._estimator",
    "wilson_interval": "estimators._proportions",
}

__all__ = [
    "NO_MONTHLY_LIMIT",
    "AcceptanceStats",
    "AccountTier",
    "AgeRule",
    "Basis",
    "CalendarWeek",
    "Chance",
    "ChanceSource",
    "Course",
    "CureFit",
    "Estimate",
    "Family",
    "FamilyFits",
    "Forecast",
    "Health",
    "HealthLine",
    "HealthState",
    "Incidence",
    "Latency",
    "LimitBounds",
    "LimitSource",
    "MaturityRate",
    "NoMonthlyLimit",
    "Prior",
    "RollingWeek",
    "Segment",
    "Segments",
    "Shrinkage",
    "Signal",
    "SignalKind",
    "Stopping",
    "StrictestWeek",
    "Support",
    "Thresholds",
    "WeeklyQuota",
    "Worth",
    "age_for_cap",
    "beta_interval",
    "clopper_pearson",
    "cumulative_incidence",
    "daily_chances",
    "fit_cure",
    "fit_families",
    "incidence",
    "kaplan_meier",
    "maturity_adjusted_rate",
    "reinvite_value",
    "shrink",
    "slot_price_for_cap",
    "slot_price_of_age",
    "steady_stock",
    "stopping",
    "turnbull",
    "wilson_interval",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
