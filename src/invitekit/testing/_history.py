"""What happened to an invented account in the months before its export, and which of it the log still shows.

A log row stays while its last change is less than 180 days old (measured on member exports, not documented by
LinkedIn). So, seen from the export, there are three kinds of rows:

- sent within 180 days: evenly spread, whatever became of them;
- sent earlier and accepted within 180 days. An acceptance that takes ``L`` days leaves its row in this state for
  ``L`` days, so these rows are drawn with a probability proportional to ``L``, and there are ``rate * E[L] / 180``
  of them for each row of the first kind;
- sent up to 329 days ago and not accepted, 0.74 % of the rows (57 of 7,708 measured, cause unknown). Here half of
  them were withdrawn lately, which is a last change too; the others have no reason, as in life.

The latency from sending to acceptance is log-logistic, median 0.69 days, shape 0.84, cut at 180 days (fitted to
5,961 acceptances in member exports; biased towards short times).

Only ``Random.random`` is used, because its sequence for a seed is the one thing that every Python promises to
keep.
"""

from __future__ import annotations

import math
from array import array
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ._notes import NO_NOTE, PERSONAL, RECEIVED, TEMPLATES
from ._pacific import autumn_change, spring_change
from ._truth import OUTCOMES, Columns, ConnectionColumns, SyntheticOutcome

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RECEIVED_RATE", "connect", "draw_eventual_rate", "draw_latency_days", "simulate"]

LATENCY_MEDIAN_DAYS = 0.69
LATENCY_SHAPE = 0.84
MEAN_LATENCY_DAYS = 4.3209
"""Of the latency cut at 180 days, by numerical integration."""

RECEIVED_RATE = 0.7
"""How often the owner accepts; chosen, not measured."""

_KEPT_DAYS = 180
_KEPT_SHARE = 1 / (1 + (_KEPT_DAYS / LATENCY_MEDIAN_DAYS) ** -LATENCY_SHAPE)  # of the uncut distribution
_RECEIVED_SHARE = 2_172 / 11_104  # of the rows; measured
_OLD_OPEN_WEIGHT = 57 / 7_708
_OLDEST_OPEN_DAYS = 329
_WITHDRAWN_SHARE = 0.04  # of sent ones never accepted and older than 14 days; chosen, not measured
_WITHDRAWN_AFTER_DAYS = 14
_BOTH_WAYS_SHARE = 0.05  # of received ones never accepted: the owner had invited that person, too
_SENT_NOTE_SHARE = 0.07
_RECEIVED_NOTE_SHARE = 0.03
_FIRST_TEMPLATE_USES = 22  # so that "the same note more than twenty times" occurs in small exports
_TEMPLATE_SHARE = 0.55  # of the notes after those
_HIDDEN_SHARE = 0.008  # of connections; 0 to 72 an export measured
_OLDER_PER_ACCEPTED = 1.6  # 10,179 connections older than 185 days to 6,303 younger than 170, measured
_OLDER_FROM_DAYS = 186
_OLDER_SPAN_DAYS = 3_000
_FIRST_EDGE_ROW = 20

_DAY = 86_400
_KEPT = _KEPT_DAYS * _DAY
_WITHDRAWN_AFTER = _WITHDRAWN_AFTER_DAYS * _DAY

_ACCEPTED = OUTCOMES.index(SyntheticOutcome.ACCEPTED)
_ACCEPTED_LATER = OUTCOMES.index(SyntheticOutcome.ACCEPTED_LATER)
_NEVER = OUTCOMES.index(SyntheticOutcome.NEVER)
_WITHDRAWN = OUTCOMES.index(SyntheticOutcome.WITHDRAWN)


def draw_eventual_rate(random: Callable[[], float]) -> float:
    """The probability that a sent invitation is ever accepted: evenly from 30 to 37 %."""
    return 0.30 + 0.07 * random()


def draw_latency_days(random: Callable[[], float]) -> float:
    """Days from sending to acceptance, up to 180, by inverting the distribution function."""
    share = random() * _KEPT_SHARE
    odds = share / (1 - share)
    return LATENCY_MEDIAN_DAYS * math.pow(odds, 1 / LATENCY_SHAPE)


class _Lives:
    """Draws one invitation after the other: when it was sent, what became of it, and when.

    Args:
        random: The source of randomness.
        taken: When the export was taken, epoch seconds.
        rate: The probability of acceptance.
        by_owner: Whether the owner is the sender. Then sending follows working hours and working days, two rows
            fall into the wall-clock hour that comes twice in autumn and two around the one that is missing in
            spring, as far as the 180 days contain them, and some are withdrawn.
    """

    __slots__ = ("_by_owner", "_edges", "_hours", "_old", "_old_accepted", "_random", "_rate", "_start", "_taken")

    def __init__(self, random: Callable[[], float], taken: int, rate: float, *, by_owner: bool) -> None:
        self._random = random
        self._taken = taken
        self._start = taken - _KEPT
        self._rate = rate
        self._by_owner = by_owner
        accepted_weight = rate * MEAN_LATENCY_DAYS / _KEPT_DAYS
        total = 1 + accepted_weight + _OLD_OPEN_WEIGHT
        self._old_accepted = accepted_weight / total
        self._old = (accepted_weight + _OLD_OPEN_WEIGHT) / total
        # Mostly from 8 to 18 o'clock somewhere on earth, but every hour of the day occurs.
        zone = int(random() * 18) - 8
        self._hours = [hour * 3_600 for hour in range(24)]
        self._hours += [(hour - zone) % 24 * 3_600 for hour in range(8, 18)] * 8
        self._edges = _edges(self._start, taken) if by_owner else []

    def draw(self, row: int) -> tuple[int, int, int]:
        """Sent instant, outcome code and settled instant (0 for never) of the next invitation."""
        kind = self._random()
        if kind < self._old_accepted:
            return self._accepted_late()
        if kind < self._old:
            return self._open_for_long()
        return self._recent(row)

    def _accepted_late(self) -> tuple[int, int, int]:
        random = self._random
        while True:  # proportional to the latency, by rejection: see the theory above
            days = draw_latency_days(random)
            if random() * _KEPT_DAYS < days:
                break
        latency = max(1, int(days * _DAY))
        sent = self._start - int(random() * latency)
        return sent, _ACCEPTED, sent + latency

    def _open_for_long(self) -> tuple[int, int, int]:
        random = self._random
        sent = self._start - int(random() * (_OLDEST_OPEN_DAYS - _KEPT_DAYS) * _DAY)
        if not self._by_owner or random() < 0.5:
            return sent, _NEVER, 0
        earliest = max(sent + _WITHDRAWN_AFTER, self._start)
        return sent, _WITHDRAWN, earliest + int(random() * (self._taken - earliest))

    def _recent(self, row: int) -> tuple[int, int, int]:
        random = self._random
        sent = self._instant(row)
        if random() < self._rate:
            settled = sent + max(1, int(draw_latency_days(random) * _DAY))
            return sent, (_ACCEPTED if settled < self._taken else _ACCEPTED_LATER), settled
        spare = self._taken - sent - _WITHDRAWN_AFTER
        if self._by_owner and spare > 0 and random() < _WITHDRAWN_SHARE:
            return sent, _WITHDRAWN, sent + _WITHDRAWN_AFTER + int(random() * spare)
        return sent, _NEVER, 0

    def _instant(self, row: int) -> int:
        random = self._random
        if self._by_owner:
            if self._edges and row >= _FIRST_EDGE_ROW:
                return self._edges.pop()
            day = self._start // _DAY + int(random() * (_KEPT_DAYS + 1))
            if (day + 3) % 7 >= 5 and random() < 0.65:  # 1970-01-01 was a Thursday
                day -= 2
            instant = day * _DAY + self._hours[int(random() * len(self._hours))] + int(random() * 3_600)
            if self._start < instant < self._taken:
                return instant
        return self._start + 1 + int(random() * (_KEPT - 1))


def _edges(start: int, taken: int) -> list[int]:
    """Instants between the two with awkward wall time: a minute that comes twice, and around a missing hour."""
    first_year = datetime.fromtimestamp(start, UTC).year
    edges: list[int] = []
    for year in (first_year, first_year + 1):
        autumn = autumn_change(year)
        spring = spring_change(year)
        edges += [autumn - 1_783, autumn + 1_817, spring - 43, spring + 17]
    return [edge for edge in edges if start < edge < taken]


def simulate(random: Callable[[], float], *, invitations: int, taken: int, eventual_rate: float) -> Columns:
    """The rows of the log, in no order, at most one for each person and direction.

    Args:
        random: The source of randomness.
        invitations: How many rows.
        taken: When the export was taken, epoch seconds.
        eventual_rate: The probability that a sent invitation is ever accepted.
    """
    by_owner = _Lives(random, taken, eventual_rate, by_owner=True)
    by_others = _Lives(random, taken, RECEIVED_RATE, by_owner=False)
    persons, sents, settleds = array("q"), array("q"), array("q")
    outgoings, outcomes, hiddens, notes = bytearray(), bytearray(), bytearray(), bytearray()
    notes_sent = 0
    unanswered = 0  # somebody who never accepted, and so may have invited the owner instead
    for row in range(invitations):
        person = row + 1
        note = NO_NOTE
        outgoing = random() >= _RECEIVED_SHARE
        if outgoing:
            sent, outcome, settled = by_owner.draw(row)
            if outcome in (_NEVER, _WITHDRAWN):
                unanswered = person
            if random() < _SENT_NOTE_SHARE:
                note = _sent_note(random, notes_sent)
                notes_sent += 1
        else:
            sent, outcome, settled = by_others.draw(row)
            if outcome == _NEVER and unanswered and random() < _BOTH_WAYS_SHARE:
                person, unanswered = unanswered, 0
            if random() < _RECEIVED_NOTE_SHARE:
                note = _any_of(RECEIVED, random)
        persons.append(person)
        sents.append(sent)
        settleds.append(settled)
        outgoings.append(outgoing)
        outcomes.append(outcome)
        hiddens.append(outcome == _ACCEPTED and random() < _HIDDEN_SHARE)
        notes.append(note)
    return Columns(persons, sents, settleds, bytes(outgoings), bytes(outcomes), bytes(hiddens), bytes(notes))


def _any_of(codes: range, random: Callable[[], float]) -> int:
    return codes[int(random() * len(codes))]


def _sent_note(random: Callable[[], float], notes_so_far: int) -> int:
    if notes_so_far < _FIRST_TEMPLATE_USES:
        return TEMPLATES.start
    return _any_of(TEMPLATES if random() < _TEMPLATE_SHARE else PERSONAL, random)


def connect(
    random: Callable[[], float], columns: Columns, *, taken: int, connections: int | None
) -> ConnectionColumns:
    """The connections: whoever accepted, and others from long ago, newest first.

    Args:
        random: The source of randomness.
        columns: The invitations.
        taken: When the export was taken, epoch seconds.
        connections: How many rows; None for 1.6 old ones for each accepted invitation, as measured. Never fewer
            than were accepted: whoever asks for fewer is told so before.
    """
    accepted = columns.outcome.count(_ACCEPTED)
    older = int(accepted * _OLDER_PER_ACCEPTED) if connections is None else connections - accepted
    # One integer a row, so that sorting a million of them is quick: days back, person, hidden.
    today = taken // _DAY
    keys = [
        (today - settled // _DAY) << 41 | person << 1 | hidden
        for outcome, settled, person, hidden in zip(
            columns.outcome, columns.settled, columns.person, columns.hidden, strict=True
        )
        if outcome == _ACCEPTED
    ]
    first_stranger = len(columns.person) + 1
    keys += [
        (_OLDER_FROM_DAYS + int(random() * _OLDER_SPAN_DAYS)) << 41 | person << 1 | (random() < _HIDDEN_SHARE)
        for person in range(first_stranger, first_stranger + older)
    ]
    keys.sort()
    return ConnectionColumns(
        person=array("q", ((key >> 1) & 0xFF_FFFF_FFFF for key in keys)),
        day=array("q", (today - (key >> 41) for key in keys)),
        hidden=bytes(key & 1 for key in keys),
    )
