"""Documents: policies, plans, snapshots and results as files that people and other programs can read.

    invitekit = 1                       the version of the format
    kind = "policy"                     or "plan", "snapshot", or that of a result
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

A policy is TOML or JSON, the same keys in both; all else is JSON. The ending of the file says which: ``.toml`` or
``.json``. A rule is a table with one key: the name of a built-in rule over the table of its
arguments, or ``all`` or ``any`` over a list of rules, or ``not`` over a rule; beside it may stand ``if_unknown``,
true or false. In plans and snapshots null, or nothing at all, means unknown, and ``""`` means none.

Results are what was worked out. Their kinds are ``acceptance-stats``, ``age-rule``, ``backtest``, ``chance``,
``cure-fit``, ``estimate``, ``health``, ``segments``, ``weekly-quota`` and ``worth``. Each has the keys that the
arguments of its class have, all of them, null where something is unknown; a week is a table that names it,
``{"rolling_week": {"margin": {"hours": 1}}}``. `AcceptanceStats` are saved without the invitations: as anonymous
courses, those alike and next to each other with a count. What is loaded answers as before, except where
invitations are asked for.

Documents are data. Reading one runs no code out of it and imports nothing that it names; a function of the user's
(a rule or an order of one's own) cannot be written down. Nothing is guessed: an unknown key, a value of another
type, a version from the future end in a `DocumentError` with the file, the place and what was probably meant. A
policy document has at most 1 MB (1,000,000 bytes), a depth of 32 and 1,000 keys; any other has at most 1 GB
(1,000,000,000 bytes), begins with the keys ``invitekit`` and ``kind``, and is read into memory whole.

A plan carries the digest of its content, and is refused where the two do not match. That finds damage and edits by
hand; it is no signature, since whoever changes the file can work out the digest again.

Plans and snapshots hold all that the values hold: names, addresses and **notes, word for word**; a backtest holds
the names of those it would have withdrawn, and segments the tags or companies that tell them apart. They are the
user's own files; those that `save` writes can be read by their owner only.
"""

from __future__ import annotations

from invitekit.documents._file import from_text, load, save, to_text

__all__ = ["from_text", "load", "save", "to_text"]
