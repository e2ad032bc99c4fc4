"""From a row of the log to its status, by looking its member up among the connections.

The key is the profile slug, which the two files spell differently (raw UTF-8 in one, percent-encoded in the
other). Where a row or the connections have none (exports before 2024), a display name is all there is: then only a
name that is unique in both files joins, and the evidence says so.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

from invitekit.dialects.export._connections import ConnectionIndex
from invitekit.dialects.export._people import name_key
from invitekit.model import Connection, Direction, Evidence

__all__ = ["Join", "NameInFile"]

NameInFile: TypeAlias = tuple[Direction, str]
"""A display name, as `name_key` gives it, and the direction of the rows it stands in."""


class Join:
    """Looks members up.

    Args:
        connections: The connections; None where there is no such file.
        repeated: The names that stand in more than one row; None where that is not known, so that none is unique.
    """

    def __init__(self, connections: ConnectionIndex | None, repeated: frozenset[NameInFile] | None) -> None:
        self.by_slug = connections.by_slug if connections is not None and connections.by_address else None
        self._connections = connections
        self._repeated = repeated
        self._names: Counter[NameInFile] = Counter()

    def by_name(self, direction: Direction, name: str) -> tuple[Connection | None, Evidence]:
        """Look up a row that offers nothing but its name."""
        if self._connections is None:
            return None, Evidence.NO_CONNECTIONS
        place = (direction, name_key(name))
        self._names[place] += 1
        if place[1] not in self._connections.by_name:
            return None, Evidence.NOT_CONNECTED_BY_NAME
        connection = self._connections.by_name[place[1]]
        if connection is None or self._repeated is None or place in self._repeated:
            return None, Evidence.AMBIGUOUS_NAME
        return connection, Evidence.CONNECTED_BY_NAME

    def repeated(self) -> frozenset[NameInFile] | None:
        """The names that were looked up more than once; as given where no name was looked up."""
        if not self._names:
            return self._repeated
        return frozenset(place for place, rows in self._names.items() if rows > 1)
