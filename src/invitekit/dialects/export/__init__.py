"""The CSV files of a member data export: lines of text in, connections and invitations out.

    lines       text_lines(chunks)          bytes to lines, whatever the encoding
    records     find_header, records        lines to rows; no damage in one row costs another
    values      read_connections,           rows to values, one by one
                read_invitations

Nothing here opens a file. `invitekit.read_export` does, and puts the parts together; these functions serve files
that are too large to hold, and sources that bring the same rows some other way.

    index = ConnectionIndex(read_connections(open("Connections.csv", newline="", encoding="utf-8")))
    for invitation in read_invitations(lines, taken_at=taken_at, connections=index):
        ...
"""

from invitekit.dialects.export._columns import CONNECTIONS, INVITATIONS, Header, find_header
from invitekit.dialects.export._connections import ConnectionIndex, read_connections
from invitekit.dialects.export._decoding import text_lines
from invitekit.dialects.export._invitations import InvitationLog, Premises, read_invitations
from invitekit.dialects.export._log import FileLog

__all__ = [
    "CONNECTIONS",
    "INVITATIONS",
    "ConnectionIndex",
    "FileLog",
    "Header",
    "InvitationLog",
    "Premises",
    "find_header",
    "read_connections",
    "read_invitations",
    "text_lines",
]
