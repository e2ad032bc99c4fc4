"""A worklist as CSV, to be filled in and read back.

A spreadsheet runs what looks like a formula, and turns ids into numbers (19 digits become 7E+18) and slugs into
dates. Names come from strangers, so all of that is kept from happening by a single quote in front, as OWASP
advises, in a way that can be taken back without loss.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from invitekit.model import UNKNOWN, Unknown
from invitekit.model._invitation import DERIVED_ID

if TYPE_CHECKING:
    from invitekit.policy._worklist import WorkItem, Worklist

__all__ = ["COLUMNS", "IDS", "guard", "guard_id", "to_csv", "unguard", "unguard_id"]

COLUMNS: Final = (
    "rank",
    "name",
    "profile",
    "sent",
    "age_days",
    "why",
    "follows",
    "result",
    "urn",
    "provider_id",
    # Last, for it is never empty: Excel leaves out cells at the end of a row that are empty further down.
    "invitation_id",
)
IDS: Final = frozenset({"urn", "provider_id", "invitation_id"})
"""The columns that must come back to the letter. The slug does so inside the profile address."""

# Where a cell begins: at its start, and, for a program that splits at another separator than ours, after that
# separator or a quote. Tab and line ends both begin a cell and are dangerous at the start of one.
_BEGIN: Final = r'(^|[,;|\t\r\n"])([^\S\t\r\n]*)'
_TRIGGER: Final = r"(?='*[=+\-@＝＋－＠\t\r\n])"
_UNGUARDED: Final = re.compile(_BEGIN + _TRIGGER)
_GUARDED: Final = re.compile(_BEGIN + "'" + _TRIGGER)


def guard(text: str) -> str:
    """Put a single quote before all that a spreadsheet could take for a formula.

    What has a quote there already gets one more, so `unguard` gives every text back as it was.
    """
    return _UNGUARDED.sub(r"\1\2'", text)


def unguard(text: str) -> str:
    """Undo `guard`; a text that a spreadsheet has freed of the quote stays as it is."""
    return _GUARDED.sub(r"\1\2", text)


def guard_id(text: str) -> str:
    """Guard an identifier, which may not become a number or a date either."""
    return guard(text if text.startswith((DERIVED_ID, "urn:")) or not text else f"'{text}")


def unguard_id(text: str) -> str:
    """Undo `guard_id`."""
    return unguard(text).removeprefix("'")


def to_csv(worklist: Worklist, *, excel_safe: bool) -> str:
    """See `Worklist.to_csv`."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for item in worklist.items:
        cells = _cells(item)
        if excel_safe:
            cells = {name: (guard_id if name in IDS else guard)(cell) for name, cell in cells.items()}
        writer.writerow([cells[name] for name in COLUMNS])
    # Half a surrogate pair is no character, and no file can hold it.
    text = file.getvalue().encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "\ufeff" + text if excel_safe else text


def _cells(item: WorkItem) -> dict[str, str]:
    member = item.member
    return {
        "rank": str(item.rank),
        "name": _or_empty(member.name),
        "profile": _or_empty(member.profile_url),
        "sent": item.sent,
        "age_days": _age(item),
        "why": "; ".join(item.why),
        "follows": "; ".join(reason.text for reason in item.follows),
        "result": "",
        "urn": _or_empty(member.urn),
        "provider_id": _or_empty(member.provider_id),
        "invitation_id": item.invitation.id,
    }


def _or_empty(value: str | Unknown) -> str:
    return "" if value is UNKNOWN else value


def _age(item: WorkItem) -> str:
    days = item.age_days
    if days is UNKNOWN:
        return ""
    least, most = days
    # Whole days that have passed, as the reasons have it; a range only where there is one to speak of.
    return f"{int(most)}" if most - least < 0.5 else f"{int(least)} to {int(most)}"
