"""Small invented files of an export, as text."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

PLAIN_ERA = ("From", "To", "Sent At", "Message", "Direction")
URN_ERA = (*PLAIN_ERA, "inviterProfileUrn", "inviteeProfileUrn")
URL_ERA = (*PLAIN_ERA, "inviterProfileUrl", "inviteeProfileUrl")
CONNECTION_COLUMNS = ("First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On")
NO_URL_COLUMNS = ("First Name", "Last Name", "Email Address", "Company", "Position", "Connected On")

ADDRESS = "https://www.linkedin.com/in/"
PREAMBLE = 'Notes:\n"When exporting, some e-mails may be missing, since an invented sentence says so."\n\n'
TAKEN_AT = datetime(2024, 7, 1, 12, tzinfo=UTC)


def row(
    who: str = "Ada Example",
    slug: str = "ada-example-77",
    sent: str = "6/5/24, 5:42 PM",
    note: str = "",
    direction: str = "OUTGOING",
    *,
    owner: str = "owner-person-1",
    owner_name: str = "Owner Person",
    number: int = 77,
    **cells: str,
) -> dict[str, str]:
    """One row of ``Invitations.csv``; `number` becomes the URN of the other side, `cells` overwrite columns."""
    sides = [(owner_name, owner, "urn:li:member:1"), (who, slug, f"urn:li:member:{number}")]
    inviter, invitee = sides if direction != "INCOMING" else sides[::-1]
    made = {
        "From": inviter[0],
        "To": invitee[0],
        "Sent At": sent,
        "Message": note,
        "Direction": direction,
        "inviterProfileUrl": ADDRESS + inviter[1],
        "inviteeProfileUrl": ADDRESS + invitee[1],
        "inviterProfileUrn": inviter[2],
        "inviteeProfileUrn": invitee[2],
    }
    return made | cells


def contact(
    first: str = "Ada", last: str = "Example", slug: str = "ada-example-77", on: str = "06 Jun 2024", **cells: str
) -> dict[str, str]:
    """One row of ``Connections.csv``."""
    made = {"First Name": first, "Last Name": last, "URL": ADDRESS + slug if slug else "", "Connected On": on}
    return made | cells


def text(columns: tuple[str, ...], rows: Any, **dialect: Any) -> str:
    out = io.StringIO(newline="")
    options = {"lineterminator": "\n", "extrasaction": "ignore", "restval": ""} | dialect
    writer = csv.DictWriter(out, columns, **options)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def invitations(*rows: dict[str, str], columns: tuple[str, ...] = URL_ERA, **dialect: Any) -> str:
    return text(columns, rows, **dialect)


def connections(*rows: dict[str, str], columns: tuple[str, ...] = CONNECTION_COLUMNS, **dialect: Any) -> str:
    return PREAMBLE + text(columns, rows, **dialect).removesuffix("\n")


def lines(content: str) -> io.StringIO:
    """A text as a file gives it: line by line, ends kept."""
    return io.StringIO(content, newline="")
