"""What a timeline says to an estimator: the table of cases, row by row, in ages since the sending."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.history.builders import (
    DAY,
    ada,
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
from invitekit.history import Observation
from invitekit.model import EXPIRY, Evidence, Interval

SOMEBODY = connected(ik.Member(slug="somebody-example-9"), -20)
"""Whoever reads connections along with a listing sees others in any case."""


def days(row: Observation) -> tuple[float | None, float, float | None, set[str]]:
    """An observation in days."""
    right = None if row.right is None else row.right / DAY
    return None if row.entry is None else row.entry / DAY, row.left / DAY, right, set(row.causes)


def told(*snapshots: ik.Snapshot) -> tuple[float | None, float, float | None, set[str]]:
    return days(only(new_ledger(*snapshots)).observation())


class TestAccepted:
    def test_at_an_instant(self) -> None:
        snapshots = listing(1, sent(ada())), listing(9, connections=[connected(ada(), 3.25, exact=True)])

        assert told(*snapshots) == (1, 3.25, 3.25, {"accept"})

    def test_on_a_day(self) -> None:
        """Sent on a noon, connected some time on the fifth day after: at four and a half to five and a half."""
        row = only(new_ledger(export(9, logged(ada(), 0), connections=[connected(ada(), 5)]))).observation()

        assert row.entry is None
        assert row.left == timedelta(days=4.5) - timedelta(minutes=1) + timedelta(microseconds=1)
        assert row.right == timedelta(days=5.5) - timedelta(microseconds=1)
        assert row.causes == {"accept"}

    def test_on_the_day_it_was_sent(self) -> None:
        """Four acceptances in ten come on day 0: the interval must not begin after them."""
        row = only(new_ledger(export(9, logged(ada(), 0), connections=[connected(ada(), 0)]))).observation()

        assert row.left <= timedelta(0)
        assert timedelta(0) < row.right <= timedelta(days=0.5)

    def test_found_after_it_vanished_at_no_known_date(self) -> None:
        unknown = ik.Connection(member=ada(), connected_at=Interval.unknown())
        snapshots = listing(2, sent(ada())), listing(5), listing(6), listing(30, connections=[unknown])

        assert told(*snapshots) == (2, 2, 5, {"accept"})


class TestClosed:
    def test_vanished_not_connected_not_withdrawn(self) -> None:
        snapshots = (
            listing(2, sent(ada())),
            listing(5, connections=[SOMEBODY]),
            listing(6, connections=[SOMEBODY]),
        )

        assert told(*snapshots) == (2, 2, 5, {"closed"})

    def test_vanished_and_nobody_read_the_connections(self) -> None:
        """She may have accepted: listings of invitations alone cannot tell."""
        assert told(listing(2, sent(ada())), listing(5), listing(6)) == (2, 2, 5, {"accept", "closed"})

    def test_connections_read_before_it_vanished_say_nothing_about_it(self) -> None:
        snapshots = listing(2, sent(ada()), connections=[SOMEBODY]), listing(5), listing(6)

        assert told(*snapshots) == (2, 2, 5, {"accept", "closed"})

    def test_connections_read_later_settle_it(self) -> None:
        """The export reaches back to the sending: had she accepted before the first listing, it would show it."""
        snapshots = listing(2, sent(ada())), listing(5), listing(6), export(40, connections=[SOMEBODY])

        assert told(*snapshots) == (None, 2, 5, {"closed"})

    def test_an_export_that_does_not_reach_back_so_far_says_nothing_about_the_beginning(self) -> None:
        snapshots = listing(2, sent(ada())), listing(5), listing(6), export(200, connections=[SOMEBODY])

        assert told(*snapshots)[0] == 2

    def test_connections_of_people_known_in_another_way_do_not(self) -> None:
        """They are known by URN there, she by her slug: she may be among them."""
        others = [connected(ik.Member(urn="urn:li:member:9"), -20)]
        snapshots = listing(2, sent(ada())), listing(5, connections=others), listing(6, connections=others)

        assert told(*snapshots) == (2, 2, 5, {"accept", "closed"})

    @pytest.mark.parametrize("result", [ik.Result.ALREADY_GONE, ik.Result.SKIPPED])
    def test_whoever_looked_at_the_profile_did_not_say_whether_they_are_connected(self, result: ik.Result) -> None:
        ledger = new_ledger(listing(2, sent(ada())))
        why = "not-listed" if result is ik.Result.SKIPPED else ""
        ledger.record([outcome(sent(ada()), result, why=why, at=day(7))])

        assert days(only(ledger).observation()) == (2, 2, 7, {"accept", "closed"})

    def test_a_second_invitation_proves_that_the_first_was_not_accepted(self) -> None:
        ledger = new_ledger(listing(2, sent(ada(), 0)), listing(31, sent(ada(), 30)))

        assert days(ledger.history(ada())[0].observation()) == (2, 2, 30, {"closed"})


class TestCensored:
    def test_withdrawn_at_its_age(self) -> None:
        ledger = new_ledger(listing(2, sent(ada())))
        ledger.record([outcome(sent(ada()), at=day(20))])

        row = only(ledger).observation()
        assert days(row) == (2, 20, None, set())
        assert row.is_censored

    def test_withdrawn_at_an_unknown_time_when_it_was_last_seen(self) -> None:
        ledger = new_ledger(listing(2, sent(ada())), listing(15, sent(ada())))
        ledger.record([outcome(sent(ada()))])

        assert days(only(ledger).observation()) == (2, 15, None, set())

    def test_still_listed(self) -> None:
        assert told(listing(2, sent(ada())), listing(30, sent(ada()))) == (2, 30, None, set())

    def test_missing_once_until_it_was_last_listed(self) -> None:
        snapshots = listing(2, sent(ada())), listing(30, sent(ada())), listing(40)

        assert told(*snapshots) == (2, 30, None, set())

    def test_an_export_does_not_prolong_what_was_listed(self) -> None:
        snapshots = listing(2, sent(ada())), export(40, logged(ada(), 0))

        assert told(*snapshots) == (2, 2, None, set())

    def test_presumed_until_the_last_export_that_shows_it_not_accepted(self) -> None:
        row = only(new_ledger(export(30, logged(ada(), 0)), export(60, logged(ada(), 0)))).observation()

        assert row.entry is None
        assert row.left == timedelta(days=60) - timedelta(minutes=1) + timedelta(microseconds=1)
        assert row.right is None

    @pytest.mark.parametrize(
        "evidence", [Evidence.NO_CONNECTIONS, Evidence.AMBIGUOUS_NAME, Evidence.DAMAGED_CONNECTIONS]
    )
    def test_where_it_may_have_been_accepted_nothing_is_known(self, evidence: Evidence) -> None:
        """No connections to compare with: that it was pending for sixty days is not known."""
        row = only(new_ledger(export(60, logged(ada(), 0, evidence=evidence)))).observation()

        assert (row.left, row.right, row.causes) == (timedelta(0), None, frozenset())

    def test_vanished_while_it_reached_the_age_of_expiry(self) -> None:
        snapshots = listing(170, sent(ada())), listing(190), listing(191)

        assert told(*snapshots) == (170, EXPIRY / DAY, None, set())

    def test_vanished_just_before_it_did_not_expire(self) -> None:
        """Connections were read, so that it is closed and not accepted."""
        snapshots = (
            listing(170, sent(ada())),
            listing(179, connections=[SOMEBODY]),
            listing(181, connections=[SOMEBODY]),
        )

        assert told(*snapshots) == (170, 170, 179, {"closed"})


class TestEntry:
    def test_seen_first_in_a_listing_at_its_age(self) -> None:
        """Whatever was answered before is not in a list of what is pending."""
        assert told(listing(45, sent(ada())))[0] == 45

    def test_seen_first_in_an_export_it_was_followed_from_the_sending_on(self) -> None:
        """A log shows what was accepted as well, for half a year."""
        timeline = only(new_ledger(export(45, logged(ada(), 0))))

        assert timeline.followed
        assert timeline.observation().entry is None

    @pytest.mark.parametrize("accepted", [False, True])
    def test_older_than_the_export_reaches_back(self, accepted: bool) -> None:
        """At 200 days it is there only because something happened to it in the last 180: since day 20, then."""
        connections = [connected(ada(), 190)] if accepted else []
        timeline = only(new_ledger(export(200, logged(ada(), 0), connections=connections)))

        assert not timeline.followed
        assert timeline.observation().entry == timedelta(days=20) - timedelta(minutes=1) + timedelta(
            microseconds=1
        )
        assert timeline.observation().left > timeline.observation().entry

    def test_an_older_export_that_is_read_later_counts(self) -> None:
        ledger = new_ledger(listing(100, sent(ada(), 0)))
        assert not only(ledger).followed

        ledger.record(export(10, logged(ada(), 0)))

        assert only(ledger).observation().entry is None


class TestAsARecord:
    def test_ages_are_days_and_causes_are_a_word(self) -> None:
        record = only(new_ledger(listing(2, sent(ada())), listing(5), listing(6))).to_record()

        assert (record["entry_days"], record["left_days"], record["right_days"]) == (2, 2, 5)
        assert record["causes"] == "accept,closed"
        assert record["status"] == "gone"

    def test_what_is_censored_has_no_right_end(self) -> None:
        record = only(new_ledger(export(2, logged(ada(), 0)))).to_record()

        assert record["entry_days"] is record["right_days"] is None
        assert record["causes"] == ""

    def test_an_unknown_time_of_sending_is_no_age(self) -> None:
        row = only(new_ledger(listing(2, sent(ada(), at=ik.SentAt.unknown())))).observation()

        assert (row.entry, row.left, row.right) == (timedelta(0), timedelta(0), None)
