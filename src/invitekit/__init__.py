"""Which of your pending LinkedIn invitations to withdraw, and why.

    import invitekit as ik

    snapshot = ik.read_export("Basic_LinkedInDataExport_11-22-2026.zip")
    ik.Policy.default().plan(snapshot).worklist().save("withdraw.html")

Everything here is loaded when it is first used, so importing the package costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # As in typing, which is not worth loading for this; type checkers know the name.
if TYPE_CHECKING:
    from invitekit import backends as backends
    from invitekit import rules as rules
    from invitekit._drive import now as now
    from invitekit.documents import load as load
    from invitekit.documents import save as save
    from invitekit.errors import ArchiveError as ArchiveError
    from invitekit.errors import BackendError as BackendError
    from invitekit.errors import CapabilityError as CapabilityError
    from invitekit.errors import ChallengeError as ChallengeError
    from invitekit.errors import DataError as DataError
    from invitekit.errors import DocumentError as DocumentError
    from invitekit.errors import InvitekitError as InvitekitError
    from invitekit.errors import LedgerError as LedgerError
    from invitekit.errors import MissingExtraError as MissingExtraError
    from invitekit.errors import PayloadError as PayloadError
    from invitekit.errors import PolicyError as PolicyError
    from invitekit.errors import RateLimitedError as RateLimitedError
    from invitekit.errors import RefusedError as RefusedError
    from invitekit.errors import TransportError as TransportError
    from invitekit.insight import AcceptanceStats as AcceptanceStats
    from invitekit.insight import AccountTier as AccountTier
    from invitekit.insight import Health as Health
    from invitekit.insight import WeeklyQuota as WeeklyQuota
    from invitekit.ledgers import SqliteLedger as SqliteLedger
    from invitekit.model import UNKNOWN as UNKNOWN
    from invitekit.model import Capability as Capability
    from invitekit.model import Completeness as Completeness
    from invitekit.model import Connection as Connection
    from invitekit.model import Direction as Direction
    from invitekit.model import Evidence as Evidence
    from invitekit.model import Invitation as Invitation
    from invitekit.model import ListKind as ListKind
    from invitekit.model import Member as Member
    from invitekit.model import Outcome as Outcome
    from invitekit.model import Result as Result
    from invitekit.model import SentAt as SentAt
    from invitekit.model import Snapshot as Snapshot
    from invitekit.model import Status as Status
    from invitekit.model import Truth as Truth
    from invitekit.policy import Context as Context
    from invitekit.policy import Decision as Decision
    from invitekit.policy import Limits as Limits
    from invitekit.policy import Plan as Plan
    from invitekit.policy import Policy as Policy
    from invitekit.policy import Verdict as Verdict
    from invitekit.policy import Worklist as Worklist
    from invitekit.readers import read_export as read_export
    from invitekit.readers import read_worklist as read_worklist
    from invitekit.replay import backtest as backtest
    from invitekit.rules import Reason as Reason
    from invitekit.secret import Secret as Secret

    __version__: str

_HOMES = {
    "AcceptanceStats": "insight",
    "AccountTier": "insight",
    "ArchiveError": "errors",
    "BackendError": "errors",
    "Capability": "model",
    "CapabilityError": "errors",
    "ChallengeError": "errors",
    "Completeness": "model",
    "Connection": "model",
    "Context": "policy",
    "DataError": "errors",
    "Decision": "policy",
    "Direction": "model",
    "DocumentError": "errors",
    "Evidence": "model",
    "Health": "insight",
    "Invitation": "model",
    "InvitekitError": "errors",
    "LedgerError": "errors",
    "Limits": "policy",
    "ListKind": "model",
    "Member": "model",
    "MissingExtraError": "errors",
    "Outcome": "model",
    "PayloadError": "errors",
    "Plan": "policy",
    "Policy": "policy",
    "PolicyError": "errors",
    "RateLimitedError": "errors",
    "Reason": "rules",
    "RefusedError": "errors",
    "Result": "model",
    "Secret": "secret",
    "SentAt": "model",
    "Snapshot": "model",
    "SqliteLedger": "ledgers",
    "Status": "model",
    "TransportError": "errors",
    "Truth": "model",
    "UNKNOWN": "model",
    "Verdict": "policy",
    "WeeklyQuota": "insight",
    "Worklist": "policy",
    "backtest": "replay",
    "load": "documents",
    "now": "_drive",
    "read_export": "readers",
    "read_worklist": "readers",
    "save": "documents",
}

__all__ = [
    "AcceptanceStats",
    "AccountTier",
    "ArchiveError",
    "BackendError",
    "Capability",
    "CapabilityError",
    "ChallengeError",
    "Completeness",
    "Connection",
    "Context",
    "DataError",
    "Decision",
    "Direction",
    "DocumentError",
    "Evidence",
    "Health",
    "Invitation",
    "InvitekitError",
    "LedgerError",
    "Limits",
    "ListKind",
    "Member",
    "MissingExtraError",
    "Outcome",
    "PayloadError",
    "Plan",
    "Policy",
    "PolicyError",
    "RateLimitedError",
    "Reason",
    "RefusedError",
    "Result",
    "Secret",
    "SentAt",
    "Snapshot",
    "SqliteLedger",
    "Status",
    "TransportError",
    "Truth",
    "UNKNOWN",
    "Verdict",
    "WeeklyQuota",
    "Worklist",
    "__version__",
    "backends",
    "backtest",
    "load",
    "now",
    "read_export",
    "read_worklist",
    "rules",
    "save",
]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    elif name in ("backends", "rules"):
        from importlib import import_module

        value = import_module(f"{__name__}.{name}")
    elif name == "__version__":
        from importlib.metadata import version

        value = version(__name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
