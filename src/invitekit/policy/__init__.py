"""From a snapshot to a plan: the policy, its limits, the decisions and their reasons, and the worklist."""

from invitekit.policy._context import Context
from invitekit.policy._decision import Chosen, Decision, Decisions, Verdict
from invitekit.policy._limits import NO_LIMIT, Limits, NoLimit
from invitekit.policy._outlook import Blocker
from invitekit.policy._plan import Plan
from invitekit.policy._policy import Policy
from invitekit.policy._views import Change, PlanDiff, Summary, Why
from invitekit.policy._worklist import WorkItem, Worklist

__all__ = [
    "NO_LIMIT",
    "Blocker",
    "Change",
    "Chosen",
    "Context",
    "Decision",
    "Decisions",
    "Limits",
    "NoLimit",
    "Plan",
    "PlanDiff",
    "Policy",
    "Summary",
    "Verdict",
    "Why",
    "WorkItem",
    "Worklist",
]
