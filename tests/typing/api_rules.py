"""What type checkers must see of `invitekit.rules`; never run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import assert_type

import invitekit as ik
from invitekit import rules as r
from invitekit.model import UNKNOWN, Invitation, Member, Status, Truth, Unknown
from invitekit.rules import Context, Leaf, Reason, Rule, Sight

# Every built-in rule gives a rule.
assert_type(r.older_than(weeks=4, days=1, hours=2, minutes=3), Rule)
assert_type(r.older_than(timedelta(days=21)), Rule)
assert_type(r.sent_before(date(2026, 6, 1)), Rule)
assert_type(r.sent_after("2026-06-01"), Rule)
assert_type(r.sent_after(datetime(2026, 6, 1, tzinfo=UTC)), Rule)
assert_type(r.has_note(), Rule)
assert_type(r.note_contains("hello"), Rule)
assert_type(r.note_matches("^hello"), Rule)
assert_type(r.tagged("client"), Rule)
assert_type(r.member_in(["ada-example-77", Member(slug="bo-example-1"), {"urn": "urn:li:member:7"}]), Rule)
assert_type(r.known_contact(), Rule)
assert_type(r.withdrawn_before(), Rule)
assert_type(r.mutual_connections(at_least=5), Rule)
assert_type(r.company("Acme Example"), Rule)
assert_type(r.title_matches("recruit"), Rule)
assert_type(r.name_matches("mba$"), Rule)
assert_type(r.same_note_as(at_least=20), Rule)
assert_type(r.status_is(Status.PENDING, "gone"), Rule)
assert_type(r.always(), Rule)
assert_type(r.never(), Rule)


# They combine with each other and with plain functions, from either side.
def short(invitation: Invitation) -> bool:
    """A rule of the user's own."""
    return invitation.note is not UNKNOWN and len(invitation.note) < 20


def known_for_long(invitation: Invitation, context: Sight) -> bool | Unknown | Truth:
    """A rule of the user's own that looks something up."""
    return context.contacts.holds(invitation.member)


old = r.older_than(weeks=4)
assert_type(old & ~r.tagged("client") | r.has_note().if_unknown(False), Rule)
assert_type(old & short, Rule)
assert_type(short & old, Rule)
assert_type(old | known_for_long, Rule)
assert_type(short | old, Rule)
assert_type(r.rule(short, reason="a short note"), Rule)
assert_type(r.rule(known_for_long), Rule)
assert_type(old.leaves, tuple[Leaf, ...])

# Wrong arguments are seen before anything runs.
r.older_than(weeks=2.5)  # type: ignore[arg-type]
r.older_than(21)  # type: ignore[arg-type]
r.mutual_connections(5)  # type: ignore[call-arg]
r.tagged(5)  # type: ignore[arg-type]
r.has_note().if_unknown(None)  # type: ignore[arg-type]
old & 5  # type: ignore[operator]
r.rule("has_note")  # type: ignore[arg-type]

# A rule may be asked by itself; the context of a policy is one that rules can see.
invitations: list[Invitation] = []
context: Context = ik.Context(contacts=["ada-example-77"])
assert_type(old.truths(invitations), list[Truth])
assert_type(old.truths(invitations, now=datetime(2026, 11, 1, tzinfo=UTC), context=context), list[Truth])

reason = Reason("keep", "tagged", Truth.TRUE, {"tag": "client"})
assert_type(reason.text, str)
assert_type(reason.parameters, dict[str, str | int | float | bool | None])
