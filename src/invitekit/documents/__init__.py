"""Documents: policies, plans and snapshots as files that people and other programs can read.

    invitekit = 1                       the version of the format
    kind = "policy"                     or "plan", "snapshot"
    name = "spring-clean"
    min_age = {days = 14}               durations are tables of whole weeks, days, hours, minutes
    rank = "oldest"

    [withdraw]
    any = [{older_than = {weeks = 4}}, {has_note = {}}]

    [keep]
    any = [{tagged = {tag = "client"}}, {mutual_connections = {at_least = 10}, if_unknown = false}]

    [limits]
    per_run = 20
    share = 0.25

A policy is TOML or JSON, the same keys in both; plans and snapshots are JSON. The ending of the file says which:
``.toml`` or ``.json``. A rule is a table with one key: the name of a built-in rule over the table of its
arguments, or ``all`` or ``any`` over a list of rules, or ``not`` over a rule; beside it may stand ``if_unknown``,
true or false. In plans and snapshots null, or nothing at all, means unknown, and ``""`` means none.

Documents are data. Reading one runs no code out of it and imports nothing that it names; a function of the user's
(a rule or an order of one's own) cannot be written down. Nothing is guessed: an unknown key, a value of another
type, a version from the future end in a `DocumentError` with the file, the place and what was probably meant. A
policy document has at most 1 MB (1,000,000 bytes), a depth of 32 and 1,000 keys; a plan or a snapshot has at most
1 GB (1,000,000,000 bytes), begins with the keys ``invitekit`` and ``kind``, and is read into memory whole.

A plan carries the digest of its content, and is refused where the two do not match. That finds damage and edits by
hand; it is no signature, since whoever changes the file can work out the digest again.

Plans and snapshots hold all that the values hold: names, addresses and **notes, word for word**. They are the
user's own files; those that `save` writes can be read by their owner only.
"""

from __future__ import annotations

from invitekit.documents._file import from_text, load, save, to_text

__all__ = ["from_text", "load", "save", "to_text"]
