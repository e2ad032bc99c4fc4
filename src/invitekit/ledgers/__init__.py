"""Where history is kept: `SqliteLedger` in a file of the user's, or whatever has the methods of `ports.Ledger`."""

from invitekit.ledgers._records import Forgotten, Records
from invitekit.ledgers._sqlite import SqliteLedger, Verification

__all__ = ["Forgotten", "Records", "SqliteLedger", "Verification"]
