"""Laws of recording, over generated stories: of a consistent world, and of rows that contradict each other."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.history.builders import listing, new_ledger, sent
from tests.history.world import STYLES, Step, World, moment, record, scripts, story
from tests.strategies import NOW, snapshots

import invitekit as ik
from invitekit.history import Changes, State, Timeline, observe
from invitekit.model import Evidence

any_snapshots = st.lists(st.tuples(snapshots(largest=5), st.integers(0, 6), st.booleans()), min_size=1, max_size=5)
"""Snapshots of people who share identifiers that contradict each other, in any order of time."""


def ledger_of(steps: list[Step]) -> ik.SqliteLedger:
    ledger = new_ledger()
    for step in steps:
        record(ledger, step)
    return ledger


def contradictory(drawn: list[tuple[ik.Snapshot, int, bool]]) -> list[ik.Snapshot]:
    """Drawn snapshots, with times of their own."""
    return [
        attrs.evolve(one, taken_at=NOW + timedelta(days=days), source="one" if first else "other")
        for one, days, first in drawn
    ]


def told(ledger: ik.SqliteLedger, **asked: Any) -> list[Any]:
    """All that a ledger tells, whatever its keys are."""
    stories = [
        (repr(one.to_record()), [(e.kind, e.happened, e.known_at, e.evidence) for e in one.events])
        for one in ledger.history(**asked)
    ]
    return sorted(stories, key=repr)


# ── A listing and the one before ─────────────────────────────────────────────────────────────────────────────────


PEOPLE = [ik.Member(slug=f"someone-example-{number}") for number in range(8)]
subsets = st.integers(0, 255).map(lambda bits: [one for place, one in enumerate(PEOPLE) if bits >> place & 1])


@settings(max_examples=1_000)
@given(subsets, subsets)
def test_what_a_listing_adds_and_lacks_is_its_difference_from_the_one_before(
    before: list[ik.Member], after: list[ik.Member]
) -> None:
    """Applied to the first, the changes give the second; and nothing is concluded from one absence."""
    anchor = sent(ik.Member(slug="anchor-example-1"), 0)
    state = State()
    Changes.of(observe(state, listing(1, anchor, *(sent(one, 0) for one in before))))

    changes = Changes.of(observe(state, listing(2, anchor, *(sent(one, 0) for one in after))))

    new, lacking = ({one.member for one in group} for group in (changes.new, changes.unresolved))
    assert (set(before) - lacking) | new == set(after)
    assert new.isdisjoint(before)
    assert lacking <= set(before)
    assert not changes.gone
    assert not changes.set_aside


@settings(max_examples=300)
@given(subsets, subsets, subsets)
def test_gone_is_what_two_listings_in_a_row_lack(
    first: list[ik.Member], second: list[ik.Member], third: list[ik.Member]
) -> None:
    anchor = sent(ik.Member(slug="anchor-example-1"), 0)
    ledger = new_ledger(
        *(listing(n, anchor, *(sent(one, 0) for one in shown)) for n, shown in enumerate((first, second), 1))
    )

    changes = ledger.record(listing(3, anchor, *(sent(one, 0) for one in third)))

    assert {one.member for one in changes.gone} == set(first) - set(second) - set(third)
    assert {one.member for one in changes.unresolved} == set(second) - set(third)


# ── Recording twice ──────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=200)
@given(scripts())
def test_recording_twice_changes_nothing(script: bytes) -> None:
    """At once, and all over again at the end."""
    steps = list(story(script))
    ledger = new_ledger()
    for step in steps:
        record(ledger, step)
        assert not record(ledger, step)

    before = list(ledger.entries())
    for step in steps:
        assert not record(ledger, step)
    assert list(ledger.entries()) == before


@settings(max_examples=200)
@given(any_snapshots)
def test_recording_twice_changes_nothing_even_where_rows_contradict_each_other(
    drawn: list[tuple[ik.Snapshot, int, bool]],
) -> None:
    ledger = new_ledger()
    for snapshot in contradictory(drawn):
        ledger.record(snapshot)
        assert not ledger.record(snapshot)


# ── Order ────────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=200)
@given(scripts(), st.integers(0, 1_000))
def test_the_order_of_rows_changes_nothing(script: bytes, seed: int) -> None:
    steps = list(story(script))
    shuffler = random.Random(seed)

    def shuffled(step: Step) -> Step:
        if not isinstance(step, ik.Snapshot):
            return step
        rows, connections = list(step.invitations), list(step.connections)
        shuffler.shuffle(rows)
        shuffler.shuffle(connections)
        return attrs.evolve(step, invitations=rows, connections=connections)

    assert told(ledger_of([shuffled(step) for step in steps])) == told(ledger_of(steps))


@settings(max_examples=100)
@given(scripts(), st.integers(0, 1_000))
def test_exports_may_be_recorded_in_any_order(script: bytes, seed: int) -> None:
    """What each of them showed comes out the same, also as of then: who was invited when, and who accepted."""
    exports = [step for step in story(script) if isinstance(step, ik.Snapshot) and step.source == "export"]
    mixed = random.Random(seed).sample(exports, len(exports))

    one, other = ledger_of([*exports]), ledger_of([*mixed])

    def ends(ledger: ik.SqliteLedger, at: datetime) -> set[Any]:
        return {
            (one.member, one.sent_at, one.status, one.first_seen, one.last_seen, one.followed)
            for one in ledger.history(at=at)
        }

    for export in exports:
        assert ends(other, export.taken_at) == ends(one, export.taken_at)
        connected = (
            {each.member for each in ledger.snapshot(at=export.taken_at).connections} for ledger in (one, other)
        )
        assert next(connected) == next(connected)


# ── Nothing disappears without two complete listings ─────────────────────────────────────────────────────────────


@settings(max_examples=150)
@given(scripts(), st.sampled_from([ik.Completeness.PARTIAL, ik.Completeness.UNKNOWN, ik.Completeness.LOG]))
def test_listings_that_are_not_complete_never_make_anything_disappear(
    script: bytes, completeness: ik.Completeness
) -> None:
    steps = [
        attrs.evolve(step, completeness=completeness)
        if isinstance(step, ik.Snapshot) and step.source != "export"
        else step
        for step in story(script)
    ]

    for timeline in ledger_of(steps).history():
        assert Evidence.NOT_LISTED not in [event.evidence for event in timeline.events]
        assert not timeline.unresolved


@settings(max_examples=25)
@given(
    st.integers(100, 300),
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=2, max_size=4),
)
def test_pages_of_a_list_that_shifts_invent_no_disappearance(size: int, passes: list[tuple[int, int]]) -> None:
    """Read page by page while rows come and go, some slip through; the reader noticed, and called it partial."""
    rows = [sent(ik.Member(slug=f"page-example-{number}"), -number / 100) for number in range(size)]
    ledger = new_ledger(listing(1, *rows))
    fresh = 0
    for number, (away, more) in enumerate(passes, 2):
        read: dict[str, ik.Invitation] = {}
        start = 0
        while start < len(rows):
            for one in rows[start : start + 100]:
                read[one.id] = one
            del rows[start : start + away]
            start += 100
            fresh += more
            rows[:0] = [
                sent(ik.Member(slug=f"page-example-new-{fresh - extra}"), number - 0.5) for extra in range(more)
            ]
        quiet = away == more == 0
        completeness = ik.Completeness.COMPLETE if quiet else ik.Completeness.PARTIAL
        ledger.record(listing(number, *read.values(), completeness=completeness))

    gone = {one.invitation.id for one in ledger.history() if one.status is ik.Status.GONE}
    assert gone.isdisjoint(one.id for one in rows)


# ── Entries are all there is ─────────────────────────────────────────────────────────────────────────────────────


def same_state(ledger: ik.SqliteLedger) -> None:
    """What was concluded while recording, and what the entries say to whoever reads them, is the same."""
    copy = new_ledger()
    if entries := list(ledger.entries()):
        copy.append(entries)
    for account in ledger.accounts:
        assert copy.history(account=account) == ledger.history(account=account)
        assert copy.snapshot(account=account) == ledger.snapshot(account=account)
        assert copy.marks(account=account) == ledger.marks(account=account)
    assert copy.accounts == ledger.accounts


@settings(max_examples=200)
@given(scripts())
def test_the_entries_say_all_that_was_concluded(script: bytes) -> None:
    same_state(ledger_of(list(story(script))))


@settings(max_examples=200)
@given(any_snapshots, st.integers(0, 63))
def test_the_entries_say_all_even_where_rows_contradict_each_other(
    drawn: list[tuple[ik.Snapshot, int, bool]], acts: int
) -> None:
    """With marks and forgetting in between."""
    ledger = new_ledger()
    for place, snapshot in enumerate(contradictory(drawn)):
        ledger.record(snapshot)
        if acts >> place & 1:
            ledger.tag("di-example-9", "client", by="me")
            ledger.keep("urn:li:member:501")
        elif acts >> 5:
            ledger.forget("di-example-9")
    same_state(ledger)
    assert ledger.verify()


@settings(max_examples=100)
@given(scripts(), st.integers(1, 3))
def test_a_ledger_that_recorded_after_it_was_read_says_the_same(script: bytes, places: int) -> None:
    """Some steps are recorded by one ledger, the others by a copy that knows nothing but the entries."""
    steps = list(story(script))
    first = ledger_of(steps[: len(steps) * places // 4])
    second = new_ledger()
    if entries := list(first.entries()):
        second.append(entries)
    for step in steps[len(steps) * places // 4 :]:
        record(second, step)

    assert list(second.entries()) == list(ledger_of(steps).entries())


# ── The past ─────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=50)
@given(scripts(40))
def test_the_past_is_what_was_known_then(script: bytes) -> None:
    """At each step, a ledger that was fed until then says what the full one says about that moment."""
    steps = list(story(script))
    full, growing = ledger_of(steps), new_ledger()
    for step in steps:
        record(growing, step)
        at = moment(step)
        assert full.history(at=at) == growing.history()
        assert full.context(at=at) == growing.context()
        if any(isinstance(one, ik.Snapshot) for one in steps if moment(one) <= at):
            assert full.snapshot(at=at) == growing.snapshot()


# ── The truth ────────────────────────────────────────────────────────────────────────────────────────────────────


def true_story(world: World, timeline: Timeline) -> Any:
    """The invitation that a timeline is about."""
    return world.sendings[int(timeline.invitation.id.partition("-")[2])]


@settings(max_examples=300)
@given(scripts())
def test_what_is_concluded_is_true(script: bytes) -> None:
    """Whatever the sources, and in whatever way they know people: no false acceptance, no false disappearance."""
    world = World(script[0])
    ledger = ledger_of(list(story(script, world)))

    for timeline in ledger.history():
        true, known, row = true_story(world, timeline), timeline.known_at, timeline.observation()
        assert timeline.sent_at.earliest <= true.sent <= timeline.sent_at.latest
        others = [one for one in world.sendings if one.person == true.person and one is not true]
        hidden = [one for one in others if one.number not in world.shown or script[0] % len(STYLES) > 1]
        if timeline.status is ik.Status.ACCEPTED and any(one.how == "accepted" for one in hidden):
            continue  # They accepted another that no source has shown of the same person: nobody can know.
        if timeline.status is ik.Status.ACCEPTED:
            assert true.how == "accepted"
        if timeline.status is ik.Status.GONE:
            assert true.end is not None
        if timeline.status is ik.Status.WITHDRAWN:
            assert true.how == "withdrawn"
        if timeline.status.is_open and timeline.status is ik.Status.PENDING and not world.lagged:
            assert true.pending(timeline.invitation.as_of)
        if not timeline.status.is_open and not world.lagged:
            assert true.end is not None
            assert known.earliest <= true.end <= known.latest
            cause = {"accepted": "accept"}.get(true.how, "closed")
            assert not row.causes or cause in row.causes
