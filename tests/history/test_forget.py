"""Forgetting somebody: nothing of them is left, and nothing is concluded from their absence."""

from __future__ import annotations

import pickle

import pytest
from tests.history.builders import (
    OWNER,
    Clock,
    ada,
    bo,
    connected,
    day,
    export,
    listing,
    logged,
    new_ledger,
    only,
    outcome,
    sent,
)

import invitekit as ik
from invitekit.history import Kind

WHO = ada(name="Ada Example", urn="urn:li:member:501", provider_id="prov-601")
TRACES = ("Ada", "ada-example", "urn:li:member:501", "prov-601", "Hello", "in-77", "Acme", "confided", "Olu")
"""What may not be left of her anywhere."""


def full(clock: Clock | None = None) -> ik.SqliteLedger:
    """A ledger that knows all there can be about her, in two accounts, under two keys that were joined."""
    ledger = new_ledger(
        export(1, logged(ada(name="Ada Example"), 0, note="Hello Ada")),
        listing(2, sent(ik.Member(urn="urn:li:member:501", provider_id="prov-601"), 0, id="in-77"), sent(bo(), 1)),
        listing(3, sent(WHO, 0, id="in-77", company="Acme", note="Hello Ada"), sent(bo(), 1)),
        clock=clock or Clock(day(4)),
    )
    ledger.tag(WHO, "client", by="Olu", why="confided in me")
    ledger.keep(WHO, by="Olu", why="confided in me")
    ledger.record(listing(3, sent(WHO, 0, id="in-78"), account=ik.Member(slug="second-example-78")))
    return ledger


def traces(ledger: ik.SqliteLedger, **asked: object) -> list[str]:
    """What is left of her, anywhere that can be looked at."""
    texts = [repr(tuple(entry)) for entry in ledger.entries()]
    for account in ledger.accounts:
        history = ledger.history(account=account)
        context, snapshot = ledger.context(account=account), ledger.snapshot(account=account)
        texts += [repr(history), history._repr_html_(), repr(ledger.marks(account=account)), repr(context)]
        texts += [repr(one) + repr(one.to_record()) + one._repr_html_() for one in history]
        texts += [repr(snapshot), repr([one.to_record() for one in snapshot.invitations])]
        texts += [repr([one.to_record() for one in snapshot.connections]), repr(context.tags), repr(context.kept)]
        texts += [repr(pickle.dumps(history))]
    return [trace for trace in TRACES if any(trace in text for text in texts)]


def test_before_she_is_everywhere() -> None:
    """The search of these tests finds what it looks for."""
    assert set(traces(full())) == set(TRACES)


@pytest.mark.parametrize("by", ["ada-example-77", "urn:li:member:501", {"provider_id": "prov-601"}, WHO])
def test_nothing_is_left_of_her(by: ik.Member | str) -> None:
    ledger = full()

    forgotten = ledger.forget(by)

    assert traces(ledger) == []
    assert forgotten.people == 3  # Two keys that turned out to be one, and the one of the other account.
    assert forgotten.entries > 3
    assert "Ada" not in repr(forgotten) + str(forgotten)
    assert ledger.verify()


def test_whoever_is_left_stays_whole() -> None:
    ledger = full()
    before = only(ledger, bo(), account=OWNER)

    ledger.forget(WHO)

    assert only(ledger, bo(), account=OWNER) == before


def test_that_something_happened_stays() -> None:
    """The counts do not change: two invitations were sent, to whomever."""
    ledger = full()
    before = ledger.sends(day(-1), day(5), account=OWNER)

    ledger.forget(WHO)

    assert ledger.sends(day(-1), day(5), account=OWNER) == before
    stories = [one for one in ledger.history(account=OWNER) if one.forgotten]
    assert [(one.name, one.member) for one in stories] == [("(forgotten)", ik.Member())]
    assert stories[0].events[0].kind is Kind.FIRST_SEEN


def test_the_forgetting_is_an_entry() -> None:
    ledger = full()

    ledger.forget(WHO)

    assert [entry.kind for entry in ledger.entries()].count(Kind.FORGOTTEN) == 3


def test_nobody_of_that_kind() -> None:
    ledger = full()
    before = list(ledger.entries())

    forgotten = ledger.forget("nobody-example-1")

    assert (forgotten.people, forgotten.entries) == (0, 0)
    assert str(forgotten) == "nobody of that kind is in this ledger"
    assert list(ledger.entries()) == before


def test_whoever_took_her_address_over_is_not_forgotten() -> None:
    ledger = new_ledger(listing(1, sent(WHO, 0)))

    assert not ledger.forget(ada(urn="urn:li:member:999")).people


def test_twice_is_once() -> None:
    ledger = full()
    ledger.forget(WHO)

    assert not ledger.forget(WHO).people


def test_what_nobody_can_follow_neither_ends_nor_stays() -> None:
    """Her open invitation is missing from every listing from now on, and that says nothing."""
    ledger = new_ledger(listing(1, sent(WHO, 0, id="in-77"), sent(bo(), 0)), clock=Clock(day(2)))
    ledger.forget(WHO)

    for number in range(3, 7):
        changes = ledger.record(listing(number, sent(bo(), 0)))
        assert not changes.gone
        assert not changes.unresolved
        assert not changes.accepted

    (story,) = (one for one in ledger.history() if one.forgotten)
    assert story.last_seen == day(1)
    assert not story.unresolved
    assert story.observation().left == day(1) - day(0)
    assert len(ledger.snapshot().open_sent) == 1


def test_a_connection_does_not_bring_her_back() -> None:
    ledger = new_ledger(listing(1, sent(WHO, 0)), clock=Clock(day(2)))
    ledger.forget(WHO)

    changes = ledger.record(listing(5, connections=[connected(WHO, 4)]))

    assert not changes.accepted
    assert [one.status for one in ledger.history() if one.forgotten] == [ik.Status.PENDING]


def test_should_a_source_name_her_again_she_is_somebody_new() -> None:
    ledger = full()
    ledger.forget(WHO)

    changes = ledger.record(listing(9, sent(WHO, 0, id="in-77"), sent(bo(), 1)))

    assert [one.member for one in changes.new] == [WHO]
    timeline = only(ledger, WHO, account=OWNER)
    assert timeline.first_seen == day(9)
    assert not ledger.marks(account=OWNER)
    assert ledger.verify()


def test_an_outcome_about_her_finds_nobody() -> None:
    ledger = new_ledger(listing(1, sent(WHO, 0, id="in-77")))
    ledger.forget(WHO)

    changes = ledger.record([outcome("in-77", member=WHO)])

    assert [one.code for one in changes.set_aside] == ["not-in-ledger"]


def test_the_past_has_forgotten_her_as_well() -> None:
    """Questions about a moment before it are answered, without her."""
    clock = Clock(day(4))
    ledger = full(clock)
    clock.now = day(9)
    ledger.forget(WHO)

    then = ledger.context(at=day(5), account=OWNER)
    assert not then.kept
    assert all(not len(carriers) for carriers in then.tags.values())
    assert not ledger.marks(at=day(5), account=OWNER)
    assert [one.member for one in ledger.snapshot(at=day(5), account=OWNER).invitations] == [bo()]
    assert [one.forgotten for one in ledger.history(at=day(5), account=OWNER)].count(True) >= 1


def test_a_ledger_that_is_read_anew_knows_as_little() -> None:
    """What was concluded while recording, and what the entries say afterwards, is the same."""
    ledger = full()
    ledger.forget(WHO)
    ledger.record(listing(9, sent(bo(), 1)))
    ledger.record(listing(10, sent(bo(), 1)))

    copy = new_ledger()
    copy.append(list(ledger.entries()))

    for account in ledger.accounts:
        assert copy.history(account=account) == ledger.history(account=account)
        assert copy.snapshot(account=account) == ledger.snapshot(account=account)


def test_what_two_were_told_apart_by_may_be_erased() -> None:
    """One service listed two invitations by two ids, to what turned out to be one person: two they stay."""
    urn = ik.Member(urn="urn:li:member:501")
    ledger = new_ledger(listing(1, sent(ada(), 0, id="1"), sent(urn, 0, id="2")), clock=Clock(day(4)))
    ledger.record(listing(3, connections=[connected(ada(urn="urn:li:member:501"), 2)]))
    assert len(ledger.history()) == 2
    ledger.forget(ada())

    copy = new_ledger()
    copy.append(list(ledger.entries()))

    assert copy.history() == ledger.history()
    assert len(copy.history()) == 2


def test_of_what_was_withdrawn_the_count_for_the_limits_goes_as_well() -> None:
    """A withdrawal names a person; it leaves the context with her."""
    ledger = new_ledger(listing(1, sent(WHO, 0)))
    ledger.record([outcome(sent(WHO, 0), at=day(2))])
    ledger.forget(WHO)

    assert not ledger.context().withdrawn
