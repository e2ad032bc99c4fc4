"""Rules: predicates over one invitation, combined with ``&``, ``|`` and ``~``.

    from invitekit import rules as r

    r.older_than(weeks=4) & ~r.tagged("client")

A rule answers true, false or unknown, and says why. What the user holds (tags, contacts, lists) is closed: what
is not in it is false. What a source does not say is unknown, until ``rule.if_unknown(True | False)`` settles it.
"""

from invitekit.rules._age import older_than, sent_after, sent_before
from invitekit.rules._own import rule
from invitekit.rules._people import known_contact, member_in, tagged, withdrawn_before
from invitekit.rules._reason import Reason
from invitekit.rules._rule import Leaf, Rule
from invitekit.rules._said import (
    company,
    has_note,
    mutual_connections,
    name_matches,
    note_contains,
    note_matches,
    same_note_as,
    title_matches,
)
from invitekit.rules._sight import Context, Sight
from invitekit.rules._state import always, never, status_is
from invitekit.rules._waiting import chance_below, not_worth_waiting

__all__ = [
    "Context",
    "Leaf",
    "Reason",
    "Rule",
    "Sight",
    "always",
    "chance_below",
    "company",
    "has_note",
    "known_contact",
    "member_in",
    "mutual_connections",
    "name_matches",
    "never",
    "not_worth_waiting",
    "note_contains",
    "note_matches",
    "older_than",
    "rule",
    "same_note_as",
    "sent_after",
    "sent_before",
    "status_is",
    "tagged",
    "title_matches",
    "withdrawn_before",
]


def __dir__() -> list[str]:
    return list(__all__)
