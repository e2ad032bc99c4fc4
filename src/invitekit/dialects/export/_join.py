"""From a row of the log to its status, by looking its member up among the connections.

The key is the profile slug, which the two files spell differently (raw UTF-8 in one, percent-encoded in the
other). Where a row or the connections have none (exports before 2024), a display name is all there is: then only a
name that is unique in both files joins, and the evidence says so.

That somebody is *not* among the connections is worth only as much as the list: a name that belongs to a connection
without a usable address settles nothing, and neither does a list of which rows could not be read.
"""

from __future__ import annotations

from collections import Counter

from invitekit.dialects.export._connections import ConnectionIndex
from invitekit.dialects.export._people import name_key
from invitekit.model import Connection, Evidence

__all__ = ["Join"]


class Join:
    """Looks members up.

    Args:
        connections: The connections; None where there is no such file.
        repeated: The names, as `name_key` gives them, that stand in more than one row, sent or received; None
            where that is not known, so that none is unique.
    """

    def __init__(self, connections: ConnectionIndex | None, repeated: frozenset[str] | None) -> None:
        self.by_slug = connections.by_slug if connections is not None and connections.by_address else None
        self._connections = connections
        self._repeated = repeated
        self._names: Counter[str] = Counter()
        damaged = connections is not None and connections.damaged
        self._not_connected = Evidence.DAMAGED_CONNECTIONS if damaged else Evidence.NOT_CONNECTED
        self._no_such_name = Evidence.DAMAGED_CONNECTIONS if damaged else Evidence.NOT_CONNECTED_BY_NAME
        self._only_names: frozenset[str] = connections.only_names if connections is not None else frozenset()

    def unmatched(self, name: str) -> Evidence:
        """What it says that an address is not among those of the connections."""
        if self._only_names and name_key(name) in self._only_names:
            return Evidence.AMBIGUOUS_NAME
        return self._not_connected

    def count(self, name: str) -> None:
        """Count a row that is not looked up, and still shows that somebody bears this name."""
        if self._connections is not None:
            self._names[name_key(name)] += 1

    def by_name(self, name: str) -> tuple[Connection | None, Evidence]:
        """Look up a row that offers nothing but its name."""
        if self._connections is None:
            return None, Evidence.NO_CONNECTIONS
        key = name_key(name)
        self._names[key] += 1
        if key not in self._connections.by_name:
            return None, self._no_such_name
        connection = self._connections.by_name[key]
        if connection is None or self._repeated is None or key in self._repeated:
            return None, Evidence.AMBIGUOUS_NAME
        return connection, Evidence.CONNECTED_BY_NAME

    def repeated(self) -> frozenset[str] | None:
        """The names that were looked up more than once; as given where no name was looked up."""
        if not self._names:
            return self._repeated
        return frozenset(name for name, rows in self._names.items() if rows > 1)
