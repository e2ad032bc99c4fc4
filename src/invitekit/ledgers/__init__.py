"""Where history is kept: `SqliteLedger` in a file of the user's, or anything with the methods of `ports.Ledger`."""

from invitekit.ledgers._records import Forgotten, MarkRecord, Records
from invitekit.ledgers._sqlite import SqliteLedger, Verification

__all__ = ["Forgotten", "MarkRecord", "Records", "SqliteLedger", "Verification"]
