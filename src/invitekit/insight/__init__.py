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
    from invitekit.insight._cure import CureFit as CureFit
    from invitekit.insight._cure import FamilyFits as FamilyFits
    from invitekit.insight._cure import Prior as Prior
    from invitekit.insight._cure import fit_cure as fit_cure
    from invitekit.insight._cure import fit_families as fit_families
    from invitekit.insight._estimate import Estimate as Estimate
    from invitekit.insight._forecast import Forecast as Forecast
    from invitekit.insight._health import Basis as Basis
    from invitekit.insight._health import Health as Health
    from invitekit.insight._health import HealthLine as HealthLine
    from invitekit.insight._health import HealthState as HealthState
    from invitekit.insight._health import Signal as Signal
    from invitekit.insight._health import SignalKind as SignalKind
    from invitekit.insight._health import Thresholds as Thresholds
    from invitekit.insight._incidence import Incidence as Incidence
    from invitekit.insight._incidence import Support as Support
    from invitekit.insight._incidence import cumulative_incidence as cumulative_incidence
    from invitekit.insight._incidence import incidence as incidence
    from invitekit.insight._incidence import kaplan_meier as kaplan_meier
    from invitekit.insight._incidence import turnbull as turnbull
    from invitekit.insight._latency import Family as Family
    from invitekit.insight._latency import Latency as Latency
    from invitekit.insight._learning import LimitBounds as LimitBounds
    from invitekit.insight._proportions import MaturityRate as MaturityRate
    from invitekit.insight._proportions import Shrinkage as Shrinkage
    from invitekit.insight._proportions import beta_interval as beta_interval
    from invitekit.insight._proportions import clopper_pearson as clopper_pearson
    from invitekit.insight._proportions import maturity_adjusted_rate as maturity_adjusted_rate
    from invitekit.insight._proportions import shrink as shrink
    from invitekit.insight._proportions import wilson_interval as wilson_interval
    from invitekit.insight._quota import LimitSource as LimitSource
    from invitekit.insight._quota import WeeklyQuota as WeeklyQuota
    from invitekit.insight._segments import Segment as Segment
    from invitekit.insight._segments import Segments as Segments
    from invitekit.insight._stats import AcceptanceStats as AcceptanceStats
    from invitekit.insight._stopping import Stopping as Stopping
    from invitekit.insight._stopping import age_for_cap as age_for_cap
    from invitekit.insight._stopping import daily_chances as daily_chances
    from invitekit.insight._stopping import reinvite_value as reinvite_value
    from invitekit.insight._stopping import slot_price_for_cap as slot_price_for_cap
    from invitekit.insight._stopping import slot_price_of_age as slot_price_of_age
    from invitekit.insight._stopping import steady_stock as steady_stock
    from invitekit.insight._stopping import stopping as stopping
    from invitekit.insight._tiers import NO_MONTHLY_LIMIT as NO_MONTHLY_LIMIT
    from invitekit.insight._tiers import AccountTier as AccountTier
    from invitekit.insight._tiers import NoMonthlyLimit as NoMonthlyLimit
    from invitekit.insight._windows import CalendarWeek as CalendarWeek
    from invitekit.insight._windows import RollingWeek as RollingWeek
    from invitekit.insight._windows import StrictestWeek as StrictestWeek
    from invitekit.insight._worth import Worth as Worth

_HOMES = {
    "AcceptanceStats": "_stats",
    "AccountTier": "_tiers",
    "AgeRule": "_age_rule",
    "Basis": "_health",
    "CalendarWeek": "_windows",
    "Chance": "_chance",
    "ChanceSource": "_chance",
    "Course": "_courses",
    "CureFit": "_cure",
    "Estimate": "_estimate",
    "Family": "_latency",
    "FamilyFits": "_cure",
    "Forecast": "_forecast",
    "Health": "_health",
    "HealthLine": "_health",
    "HealthState": "_health",
    "Incidence": "_incidence",
    "Latency": "_latency",
    "LimitBounds": "_learning",
    "LimitSource": "_quota",
    "MaturityRate": "_proportions",
    "NO_MONTHLY_LIMIT": "_tiers",
    "NoMonthlyLimit": "_tiers",
    "Prior": "_cure",
    "RollingWeek": "_windows",
    "Segment": "_segments",
    "Segments": "_segments",
    "Shrinkage": "_proportions",
    "Signal": "_health",
    "SignalKind": "_health",
    "Stopping": "_stopping",
    "StrictestWeek": "_windows",
    "Support": "_incidence",
    "Thresholds": "_health",
    "WeeklyQuota": "_quota",
    "Worth": "_worth",
    "age_for_cap": "_stopping",
    "beta_interval": "_proportions",
    "clopper_pearson": "_proportions",
    "cumulative_incidence": "_incidence",
    "daily_chances": "_stopping",
    "fit_cure": "_cure",
    "fit_families": "_cure",
    "incidence": "_incidence",
    "kaplan_meier": "_incidence",
    "maturity_adjusted_rate": "_proportions",
    "reinvite_value": "_stopping",
    "shrink": "_proportions",
    "slot_price_for_cap": "_stopping",
    "slot_price_of_age": "_stopping",
    "steady_stock": "_stopping",
    "stopping": "_stopping",
    "turnbull": "_incidence",
    "wilson_interval": "_proportions",
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
