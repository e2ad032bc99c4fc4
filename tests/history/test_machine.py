"""The ledger against a plain model of it, and against what really happened, over random sequences of everything.

Sends, answers, withdrawals here and elsewhere; listings that are complete, partial or late, and exports, of
sources that know people in several ways; worklists that come back; snapshots recorded twice, or late.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.history.builders import DAY, Clock, new_ledger
from tests.history.model import OPEN, Known, Model, number_of
from tests.history.world import LAG, STYLES, Sending, World, told

import invitekit as ik
from invitekit.history import Changes, Timeline

PEOPLE = 6
somebody = st.integers(1, PEOPLE - 1)
hours = st.sampled_from([1, 5, 30, 24 * 9])


class LedgerAndWorld(RuleBasedStateMachine):
    """A world, the ledger that is told of it, and the model of what it should conclude."""

    @initialize(
        style=st.integers(0, len(STYLES) - 1),
        late=st.sampled_from([False, False, True]),
        first=st.sampled_from(["export", "service", "vendor"]),
    )
    def begin(self, style: int, late: bool, first: str) -> None:
        self.world = World(style, PEOPLE)
        for person in range(1, PEOPLE):
            self.world.send(person)
        self.world.wait(1)
        self.model = Model(self.world)
        self.clock = Clock(self.world.now)
        self.ledger = new_ledger(clock=self.clock)
        self.keeps_some_for_later = late
        self.kept: list[ik.Snapshot] = []
        self.recorded: list[ik.Snapshot] = []
        self.shown: set[int] = set()
        self.in_order = True
        self.look(self.world.export() if first == "export" else self.world.listing(first))

    # ── What happens ─────────────────────────────────────────────────────────────────────────────────────────────

    @rule(
        people=st.lists(somebody, min_size=1, max_size=3),
        how=st.sampled_from(["accepted", "declined", "withdrawn", "expired"]),
        wait=hours,
    )
    def end(self, people: list[int], how: str, wait: int) -> None:
        """Answered, or gone by itself, or withdrawn by other means than ours: nobody tells the ledger."""
        for person in people:
            if self.world.end(person, how) is None:
                self.invite(person)
            self.world.wait(wait)

    @rule(person=somebody, exact=st.booleans(), wait=hours)
    def withdraw(self, person: int, exact: bool, wait: int) -> None:
        """Withdrawn from a worklist, which is recorded."""
        last = self.world.last(person)
        if last is not None and last.number in self.model.known and self.world.end(person, "withdrawn"):
            self.tell(last, ik.Result.WITHDRAWN, exact=exact)
        self.world.wait(wait)

    def invite(self, person: int) -> None:
        """Invite somebody again, as soon as that is possible."""
        last = self.world.last(person)
        if last is not None and last.end is not None and last.how != "accepted":
            self.world.now = max(self.world.now, last.end + 16 * DAY)
            self.world.send(person)
            self.world.wait(2)

    @rule(person=somebody, exact=st.booleans())
    def somebody_looks(self, person: int, exact: bool) -> None:
        """At the profile, and writes down that it was accepted, or is no longer there."""
        last = self.world.last(person)
        if last is not None and last.number in self.model.known and last.end is not None:
            result = ik.Result.SKIPPED if last.how == "accepted" else ik.Result.ALREADY_GONE
            self.tell(last, result, exact=exact)
        self.world.wait(2)

    def tell(self, true: Sending, result: ik.Result, *, exact: bool) -> None:
        outcome = told(self.world, true, exact=exact, result=result)
        if result is ik.Result.SKIPPED:
            outcome = ik.Outcome(
                invitation_id=outcome.invitation_id, member=outcome.member, result=result, why="accepted"
            )
        self.clock.now = self.world.now
        self.ledger.record([outcome])
        self.model.told(true.number, result, self.world.now, exact=exact)
        assert not self.ledger.record([outcome])

    # ── What is looked at ────────────────────────────────────────────────────────────────────────────────────────

    @rule(
        source=st.sampled_from(["service", "vendor"]),
        complete=st.sampled_from([True, True, False]),
        skip=st.integers(0, 2**8 - 1),
        late=st.sampled_from([False, False, True]),
        connections=st.sampled_from([True, True, False]),
        times=st.integers(1, 3),
    )
    def listing(self, source: str, complete: bool, skip: int, late: bool, connections: bool, times: int) -> None:
        for _ in range(times):
            self.look(
                self.world.listing(
                    source,
                    completeness=ik.Completeness.COMPLETE if complete else ik.Completeness.PARTIAL,
                    skip=skip,
                    late=late,
                    connections=connections,
                )
            )

    @rule()
    def export(self) -> None:
        self.look(self.world.export())

    def look(self, snapshot: ik.Snapshot) -> None:
        if self.keeps_some_for_later and len(self.kept) < 3 and len(self.recorded) % 3 == 2:
            self.kept.append(snapshot)
            self.recorded.append(snapshot)
            self.world.wait(1)
            return
        before = {number: one.status for number, one in self.model.known.items()}
        changes = self.record(snapshot)
        self.model.look(snapshot)
        self.recorded.append(snapshot)
        self.world.wait(1)
        if not self.certain:
            return
        after = {number: one.status for number, one in self.model.known.items()}
        new = after.keys() - before.keys()
        assert len(changes.new) == len(new)
        for status, group in (("accepted", changes.accepted), ("gone", changes.gone)):
            turned = [number for number, now in after.items() if now == status and before.get(number) != status]
            assert len(group) == len(turned), status
        if snapshot.completeness is not ik.Completeness.COMPLETE:
            assert not changes.unresolved
            assert all(one.evidence != "not-listed" for one in changes.gone)
        lacking = [
            one for one in self.model.known.values() if one.lacking and one.lacking[-1] == snapshot.taken_at
        ]
        assert len(changes.unresolved) == len(lacking)
        assert not changes.set_aside

    def record(self, snapshot: ik.Snapshot) -> Changes:
        self.shown.update(number_of(row) for row in snapshot.invitations)
        return self.ledger.record(snapshot)

    @property
    def certain(self) -> bool:
        return self.in_order and all(one.sure for one in self.model.known.values())

    @precondition(lambda self: getattr(self, "kept", []))
    @rule()
    def record_an_old_one(self) -> None:
        """The model knows no such thing: from now on the ledger is compared with the truth alone."""
        self.in_order = False
        snapshot = self.kept.pop(0)
        self.record(snapshot)
        self.model.named(snapshot)

    @precondition(lambda self: getattr(self, "recorded", []))
    @rule(which=st.integers(0, 50))
    def record_something_again(self, which: int) -> None:
        snapshot = self.recorded[which % len(self.recorded)]
        if snapshot not in self.kept:
            assert not self.ledger.record(snapshot)

    # ── What must hold ───────────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def agrees(self) -> None:
        """Each story is that of a true invitation; nothing false is concluded, and nothing is missed."""
        if not hasattr(self, "ledger"):
            return
        stories: dict[int, list[Timeline]] = {}
        for timeline in self.ledger.history():
            number = number_of(timeline.invitation)
            stories.setdefault(number, []).append(timeline)
            self.is_true(timeline, self.world.sendings[number])
        assert stories.keys() == self.shown
        for number, one in self.model.known.items():
            groups = len(self.model.identities[one.true.person])
            assert len(stories[number]) <= groups
            if self.in_order and one.sure:
                self.is_concluded(stories[number][0], one)

    def is_true(self, timeline: Timeline, true: Sending) -> None:
        """Compare a story with what really happened."""
        slack = LAG if self.world.lagged else LAG * 0
        known, causes = timeline.known_at, timeline.observation().causes
        assert timeline.sent_at.earliest <= true.sent <= timeline.sent_at.latest
        hidden = [
            one
            for one in self.world.sendings
            if one.person == true.person
            and one is not true
            and one.how == "accepted"
            and (one.number not in self.shown or true.person in self.model.split)
        ]
        if timeline.status is ik.Status.ACCEPTED and hidden:
            return  # They accepted another that no source has shown of the same person: nobody can know.
        if timeline.status is ik.Status.PENDING:
            assert true.sent <= timeline.invitation.as_of
            assert true.end is None or timeline.invitation.as_of - slack < true.end
        elif timeline.status is ik.Status.ACCEPTED:
            assert true.how == "accepted"
        elif timeline.status is ik.Status.WITHDRAWN:
            assert true.how == "withdrawn"
        elif timeline.status is ik.Status.GONE:
            assert true.end is not None
            assert not causes or ("accept" if true.how == "accepted" else "closed") in causes
        if not timeline.status.is_open:
            assert true.end is not None
            assert known.earliest - slack <= true.end <= known.latest

    def is_concluded(self, timeline: Timeline, one: Known) -> None:
        """Compare a story with the model."""
        assert timeline.status.value == one.status
        assert timeline.first_seen == one.seen_at
        assert timeline.unresolved == (one.status in OPEN and len(one.lacking) == 1)
        if one.status == "gone":
            lacks = {event.evidence for event in timeline.events} & {"not-listed", "reported", "superseded"}
            assert lacks
            assert one.until is not None
            assert timeline.known_at.earliest <= one.until
        answer = self.ledger.may_invite(timeline.member, self.world.now)
        if one.status == "pending":
            assert answer.answer is ik.Truth.FALSE
        if one.status == "accepted":
            assert answer.why == "connected"

    def teardown(self) -> None:
        """Whoever reads the entries comes to the same."""
        if not hasattr(self, "ledger"):
            return
        assert self.ledger.verify()
        copy = new_ledger()
        if entries := list(self.ledger.entries()):
            copy.append(entries)
        assert copy.history() == self.ledger.history()


LedgerAndWorld.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestLedgerAndWorld = LedgerAndWorld.TestCase
