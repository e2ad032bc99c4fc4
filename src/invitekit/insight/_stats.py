"""What became of the invitations that were sent, with those still pending treated as unfinished, not refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self, cast

import attrs

from invitekit._collector import collector_paused
from invitekit._numbers import is_number
from invitekit.errors import DataError
from invitekit.history import History
from invitekit.insight._chance import Chance, ChanceSource
from invitekit.insight._courses import (
    ACCEPT,
    ALL_CAUSES,
    CLOSED,
    ENOUGH,
    EXPIRY_DAYS,
    Counted,
    Course,
    courses_of,
    log_courses,
)
from invitekit.insight.estimators._estimate import Estimate
from invitekit.insight.estimators._proportions import wilson_interval
from invitekit.model import UNKNOWN, Completeness, Evidence, Invitation, Invitations, Snapshot, Unknown
from invitekit.model._interval import as_utc

if TYPE_CHECKING:
    from invitekit.insight._age_rule import AgeRule
    from invitekit.insight._replicates import Replicates
    from invitekit.insight._segments import Segments
    from invitekit.insight._worth import Worth
    from invitekit.insight.estimators._cure import CureFit
    from invitekit.insight.estimators._incidence import Incidence
    from invitekit.insight.estimators._proportions import MaturityRate

__all__ = ["AcceptanceStats"]

_THIN: Final = 0.2
"""Which share of those who were watched at first must be watched to the end, for a count to be taken. Where fewer
are, as under a rule that withdraws nearly everybody, the count rests on its last few and its interval is too
narrow: in a simulation with a twentieth held out, 95 % intervals held the truth in 72 to 75 of 100."""

_HORIZONS: Final = (0, 1, 7, 14, 30, 60, 90, 180)
"""The ages at which a repr shows the curve."""

_LEFT_OUT: Final = {
    "sent-unknown": "when it was sent is not known",
    "acceptance-unsettled": "whether it was accepted the source cannot tell",
    "older-than-the-log": "older than an export reaches: of these it holds mostly those accepted late",
}

_FROM_A_LOG: Final = (
    "an export is a log of about 180 days: invitations that were declined or withdrawn may have dropped out of "
    "it, so the acceptance may be overstated, and those withdrawn count as pending (measured on member exports, "
    "not documented by LinkedIn)"
)
_FROM_A_DAMAGED_LIST: Final = (
    "some rows of the list of connections could not be read: whoever stood there counts as not accepted"
)
_ROUGHLY: Final = timedelta(days=2)
_SENT_ROUGHLY: Final = (
    "when {rough:,} of them were sent is known only roughly; their ages count from the latest day it may have been"
)
_FROM_LISTINGS: Final = (
    "what was sent and answered between two looks no listing shows: the curve holds for invitations that were "
    "pending at day {first}"
)


def _confidence(_: Any, _field: attrs.Attribute[Any], value: object) -> None:
    if not is_number(value, 0.5, 1) or value == 1:
        raise DataError(
            f"confidence must be a number from 0.5 to below 1, got {value!r:.40}", key="stats.confidence"
        )


@attrs.frozen(kw_only=True, repr=False)
class AcceptanceStats:
    """How your invitations are answered: rates, the curve over time, and the chance of those still pending.

    Build it with `from_snapshot` (an export) or `from_history` (a ledger). Ages are differences of UTC calendar
    days; "by day 30" includes day 30. Three rates are told apart: `raw_rate` is what anybody could count and is
    too low while invitations are young; `acceptance_by` is what recipients do when left alone, a withdrawal being
    the end of watching; `realised_by` is what happened under your way of withdrawing, and is not comparable
    between two of them.

    Args:
        courses: How each invitation went.
        as_of: Up to when; UTC.
        source: What they come from.
        left_out: How many invitations are not among them, by the code of the reason.
        caveats: What to bear in mind, in words.
        confidence: How often the intervals are to cover the truth.
        invitations: The invitations of `courses`, in the same order; empty in statistics that were loaded from a
            document, which holds no people.
    """

    courses: tuple[Course, ...]
    as_of: datetime = attrs.field(converter=as_utc)
    source: str = ""
    left_out: tuple[tuple[str, int], ...] = ()
    caveats: tuple[str, ...] = ()
    confidence: float = attrs.field(default=0.95, validator=_confidence)
    invitations: Invitations = attrs.field(factory=Invitations, eq=False)

    # ── Making ───────────────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def from_snapshot(cls, snapshot: Snapshot, *, confidence: float = 0.95) -> Self:
        """Learn from a data export.

        Rows that were sent more than 180 days before the export are left out: of these it holds those that were
        accepted late and hardly any other (measured on member exports). Where somebody was invited more than once,
        the earlier invitation ended before the later one.

        Args:
            snapshot: What `invitekit.read_export` gave.
            confidence: How often the intervals are to cover the truth.

        Raises:
            DataError: It is a listing: that shows what is still pending, and nothing of what was accepted.
        """
        if not isinstance(snapshot, Snapshot):
            raise DataError(
                f"expected a Snapshot, got {type(snapshot).__name__}",
                hint="For instance invitekit.read_export('export.zip'); a ledger's history goes to from_history",
            )
        if snapshot.completeness is not Completeness.LOG:
            raise DataError(
                "a listing shows what is pending, not what was accepted",
                hint="Record listings in a ledger, and use AcceptanceStats.from_history(ledger.history())",
            )
        stats = cls._of(
            log_courses(snapshot.invitations, snapshot.taken_at), snapshot.taken_at, "export", confidence
        )
        return attrs.evolve(stats, caveats=(_FROM_A_LOG, *stats._damage()))  # noqa: SLF001 - of this class

    @classmethod
    def from_history(cls, history: History, *, as_of: datetime | None = None, confidence: float = 0.95) -> Self:
        """Learn from what a ledger remembers: ``AcceptanceStats.from_history(ledger.history())``.

        Args:
            history: The timelines of one account, as they were known at one moment.
            as_of: Up to when they tell; aware. The newest moment in them when not given.
            confidence: How often the intervals are to cover the truth.

        Raises:
            DataError: It is no history.
        """
        if not isinstance(history, History):
            raise DataError(
                f"expected a History, got {type(history).__name__}", hint="For instance ledger.history()"
            )
        newest = max((max(one.last_seen, one.invitation.as_of) for one in history), default=_LONG_AGO)
        stats = cls._of(courses_of(history), newest if as_of is None else as_of, "ledger", confidence)
        curve = stats.curve
        first = stats.identified[0]
        late = (_FROM_LISTINGS.format(first=first),) if first is not UNKNOWN and first > 0 else ()
        rough = sum(item.sent_at.latest - item.sent_at.earliest > _ROUGHLY for item in stats.invitations)
        roughly = (_SENT_ROUGHLY.format(rough=rough),) if rough else ()
        stats = attrs.evolve(stats, caveats=(*late, *roughly, *stats._damage()))  # noqa: SLF001 - of this class
        object.__setattr__(stats, "curve", curve)  # Of the same courses: not to be worked out once more.
        return stats

    @classmethod
    def of_nothing(cls, *, confidence: float = 0.95) -> Self:
        """Give statistics without any data: every chance is that of the published curve."""
        return cls._of(iter(()), _LONG_AGO, "nothing", confidence)

    @classmethod
    def _of(cls, counted: Counted, as_of: datetime, source: str, confidence: float) -> Self:
        invitations: list[Invitation] = []
        courses: list[Course] = []
        left_out: Counter[str] = Counter()
        with collector_paused():
            for item, course in counted:
                if isinstance(course, Course):
                    invitations.append(item)
                    courses.append(course)
                else:
                    left_out[course] += 1
        return cls(
            courses=tuple(courses),
            as_of=as_of,
            source=source,
            left_out=tuple(sorted(left_out.items())),
            confidence=confidence,
            invitations=Invitations(invitations),
        )

    def _damage(self) -> tuple[str, ...]:
        damaged = any(item.evidence is Evidence.DAMAGED_CONNECTIONS for item in self.invitations)
        return (_FROM_A_DAMAGED_LIST,) if damaged else ()

    def where(self, test: Any, *, context: Any = None) -> Self:
        """Learn from some of the invitations only.

        Args:
            test: A rule (see `invitekit.rules`) or a function of one invitation, as with collections. A rule about
                age judges at `as_of`.
            context: What the rule may look up: an `invitekit.Context` with tags, contacts and so on.

        Raises:
            DataError: The test tells accepted invitations from the others (see `by`), is unknown of all of them,
                or the statistics were loaded from a document, which holds no invitations.
        """
        self.needs_invitations("where")
        from invitekit.insight._values import chosen_by

        return self.part(chosen_by(self, test, context))

    def part(self, kept: list[int]) -> Self:
        """Keep the courses at these places, with their invitations where there are any."""
        invitations = Invitations(self.invitations[index] for index in kept) if self.invitations else Invitations()
        courses = tuple(self.courses[index] for index in kept)
        return attrs.evolve(self, courses=courses, invitations=invitations, left_out=())

    def needs_invitations(self, what: str) -> None:
        """Refuse what cannot be told without the invitations, such as a question about who was invited.

        Raises:
            DataError: There are none: the statistics were loaded from a document.
        """
        if len(self.invitations) != len(self.courses):
            raise DataError(
                f"{what} needs the invitations, and statistics loaded from a document hold none",
                hint="Make the statistics from the export or the ledger",
            )

    # ── Counting ─────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def sent(self) -> int:
        """How many sent invitations they rest on."""
        return len(self.courses)

    @cached_property
    def accepted(self) -> int:
        """How many of them were accepted."""
        return sum(course.accepted for course in self.courses)

    @cached_property
    def withdrawn(self) -> int:
        """How many of them were withdrawn by the account, as far as anybody wrote it down."""
        return sum(course.withdrawn is not None for course in self.courses)

    @cached_property
    def closed(self) -> int:
        """How many of them left the list without becoming a connection: declined, or withdrawn unseen."""
        return sum(CLOSED in course.causes for course in self.courses)

    @property
    def pending(self) -> int:
        """How many of them are open."""
        return self.sent - self.accepted - self.withdrawn - self.closed

    @property
    def raw_rate(self) -> Estimate:
        """Accepted by sent, with Wilson's interval. Too low while many are young."""
        return wilson_interval(self.accepted, self.sent, confidence=self.confidence)

    @cached_property
    def matured_rate(self) -> MaturityRate:
        """The rate once all have had their time: each counts by how much of its time it has had.

        By the fitted curve's pace, with the prior's share (30 %, worth 20 invitations).
        """
        from invitekit.insight._segments import reached
        from invitekit.insight.estimators._prior import Prior
        from invitekit.insight.estimators._proportions import maturity_adjusted_rate

        shares = [share for share, one in zip(reached(self), self.courses, strict=True) if not one.accepted]
        belief = Prior()
        return maturity_adjusted_rate(
            self.accepted, shares, prior=(belief.alpha, belief.beta), confidence=self.confidence
        )

    # ── The curve ────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def curve(self) -> Incidence:
        """The estimator behind the curve, with withdrawals as the end of watching."""
        from invitekit.insight.estimators._estimator import incidence

        return incidence(Counter(course.row for course in self.courses))

    @cached_property
    def realised_curve(self) -> Incidence:
        """The same with withdrawal as a way to end."""
        from invitekit.insight.estimators._estimator import incidence

        return incidence(Counter(course.realised_row for course in self.courses), causes=ALL_CAUSES)

    @cached_property
    def identified(self) -> tuple[int | Unknown, int | Unknown]:
        """From which day to which day the data say anything: at least 10 were under observation all along.

        Where the first is later than day 0, the curve from the sending on is not known: then `acceptance_by` is
        unknown, and `chance` tells about invitations that were pending at that day. Beyond the last nobody was
        left alone long enough.
        """
        first, last = self.curve.identified(ENOUGH)
        return (
            UNKNOWN if first is UNKNOWN else int(first),
            UNKNOWN if last is UNKNOWN else int(last),
        )

    def acceptance_by(self, day: int) -> Estimate:
        """Which share is accepted by the end of a day since sending, if left alone; `UNKNOWN` where data end."""
        return self._by(self.curve, _day(day), ACCEPT)

    def closed_by(self, day: int) -> Estimate:
        """Which share has left the list unaccepted by then: declined, or withdrawn unseen."""
        return self._by(self.curve, _day(day), CLOSED)

    def open_at(self, day: int) -> Estimate:
        """Which share is still pending at the end of a day, if left alone."""
        day = _day(day)
        if not self._covers(self.curve, day):
            return Estimate(value=UNKNOWN, confidence=self.confidence)
        return self.curve.open_at(day, confidence=self.confidence)

    def realised_by(self, day: int, cause: str = ACCEPT) -> Estimate:
        """Which share was accepted by then, as you withdrew; it depends on how you did, and tells about that.

        Args:
            day: Days since sending.
            cause: ``"accept"``, ``"closed"`` or ``"withdrawn"``.
        """
        if cause not in ALL_CAUSES:
            raise DataError(f"there is no cause {cause!r:.40}", hint=f"One of {', '.join(ALL_CAUSES)}")
        return self._by(self.realised_curve, _day(day), cause)

    def latency(self, share: float = 0.5) -> int | Unknown:
        """By which day since sending a share of the acceptances has come.

        Of the acceptances within the days that are identified, that is: later ones nobody has seen.

        Args:
            share: Which share of them, 0.5 for the median.
        """
        if not is_number(share, 0, 1) or share == 0:
            raise DataError(f"a share must be above 0 and at most 1, got {share!r:.40}", key="share")
        first, last = self.identified
        if first is UNKNOWN or last is UNKNOWN or first > 0:
            return UNKNOWN
        everything = self.curve.by(last, ACCEPT).value
        if everything is UNKNOWN or everything <= 0:
            return UNKNOWN
        for day in range(last + 1):
            come = self.curve.by(day, ACCEPT).value
            if come is not UNKNOWN and come >= share * everything - 1e-12:
                return day
        return UNKNOWN

    def _covers(self, curve: Incidence, day: int) -> bool:
        first, last = self.identified if curve is self.curve else curve.identified(ENOUGH)
        return first is not UNKNOWN and last is not UNKNOWN and first <= 0 and day <= last

    def _point(self, day: int) -> Estimate:
        found = self.curve.by(day, ACCEPT) if self._covers(self.curve, day) else None
        return Estimate(value=UNKNOWN if found is None else found.value, confidence=self.confidence)

    def _by(self, curve: Incidence, day: int, cause: str) -> Estimate:
        if not self._covers(curve, day):
            return Estimate(value=UNKNOWN, confidence=self.confidence)
        found = curve.by(day, cause, confidence=self.confidence)
        if found.value is UNKNOWN:
            return found
        if found.value in (0, 1):
            # A curve that has not moved yet has no interval of its own; so many were watched all the way.
            watched = curve.at_risk(day)
            return wilson_interval(found.value * watched, watched, confidence=self.confidence)
        if found.lower is not UNKNOWN or curve.exact:
            return found
        replicates = self._replicates if curve is self.curve else self._realised_replicates
        return replicates.estimate(found, day, cause)

    @cached_property
    def _replicates(self) -> Replicates:
        from invitekit.insight._replicates import Replicates

        return Replicates.of(self.curve, [(course.sent // 7, course.row) for course in self.courses])

    @cached_property
    def _realised_replicates(self) -> Replicates:
        from invitekit.insight._replicates import Replicates

        rows = [(course.sent // 7, course.realised_row) for course in self.courses]
        return Replicates.of(self.realised_curve, rows)

    # ── The model ────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def fit(self) -> CureFit:
        """The fitted curve: a share that ever accepts, and how long these take (log-logistic, with the prior)."""
        from invitekit.insight.estimators._cure import fit_cure

        fit = fit_cure(Counter(course.close_row for course in self.courses))
        return attrs.evolve(fit, daily=True)  # It is asked about days, whatever it was fitted to.

    @property
    def learned_from(self) -> ChanceSource:
        """What `fit` was learned from."""
        return ChanceSource.MIXTURE if self.courses else ChanceSource.PRIOR

    def chance(
        self, days_pending: int, *, horizon: int | None = None, segment: tuple[str, str] | None = None
    ) -> Chance:
        """Say how likely an invitation that has been pending for some days is still to be accepted.

        Counted in your own data where at least 10 invitations were watched over the whole stretch, read off the
        fitted curve otherwise; the answer says which.

        Args:
            days_pending: Days since sending: the difference of UTC calendar days.
            horizon: By which day since sending; by its expiry after 180 days when not given, and at the latest.
            segment: A part of the invitations, as ``(key, value)`` out of `by`: counted in the segment alone
                where it has enough; else the eventual share is that of the segment, drawn towards that of the
                others where it is small, at the pace of all.

        Raises:
            DataError: The days are no whole numbers from 0 up, or the segment is not there.
        """
        if segment is None:
            return self.chances([(days_pending, horizon)])[0]
        asked: object = segment
        if not isinstance(asked, tuple) or [type(word) for word in cast("tuple[object, ...]", asked)] != [
            str,
            str,
        ]:
            raise DataError(
                "a segment is a key and a value", hint="For instance ('note', 'with a note')", key="segment"
            )
        from invitekit.insight._segments import chance_in

        return chance_in(self, segment, *_stretch(days_pending, horizon))

    def chance_of(
        self, invitation: Invitation, *, at: datetime | None = None, horizon: int | None = None
    ) -> Chance:
        """Say how likely one invitation that is still pending is to be accepted.

        Args:
            invitation: Whichever; where the day of sending is not known exactly, the latest counts.
            at: The moment to judge at; aware. `as_of`, when not given.
            horizon: As for `chance`.

        Raises:
            DataError: It is not pending, or nothing is known of when it was sent.
        """
        given: object = invitation
        if not isinstance(given, Invitation):
            raise DataError(
                f"expected an Invitation, got {type(given).__name__}", hint="One of snapshot.open_sent"
            )
        if not invitation.is_open or not invitation.sent_at.is_known:
            raise DataError(
                f"there is no chance to tell of an invitation that is {invitation.status}"
                if not invitation.is_open
                else "when it was sent is not known, so neither is for how long it has been pending",
                hint="Ask of pending ones: snapshot.open_sent",
            )
        now = self.as_of if at is None else as_utc(at)
        return self.chance(max(now.toordinal() - invitation.sent_at.latest.toordinal(), 0), horizon=horizon)

    def chances(self, ages: Iterable[tuple[int, int | None]]) -> list[Chance]:
        """`chance` for many pairs of age and horizon at once, which is much quicker than one by one."""
        pairs = [_stretch(*_pair(one)) for one in ages]
        lacking = [pair for pair in dict.fromkeys(pairs) if pair not in self._chances]
        fitted: list[tuple[int, int]] = []
        for pending, until in lacking:
            estimate = self._counted(pending, until)
            if estimate is None:
                fitted.append((pending, until))
            else:
                self._chances[pending, until] = self._told(pending, until, estimate, ChanceSource.OWN_DATA, 1.0)
        if fitted:  # Else the curve need not be fitted at all.
            weight, estimates = self.fit.data_weight, self.fit.chance_estimates(fitted, confidence=self.confidence)
            for (pending, until), estimate in zip(fitted, estimates, strict=True):
                self._chances[pending, until] = self._told(pending, until, estimate, self.learned_from, weight)
        return [self._chances[pair] for pair in pairs]

    def _told(
        self, pending: int, until: int, estimate: Estimate, source: ChanceSource, data_weight: float
    ) -> Chance:
        return Chance(
            days_pending=pending,
            horizon=until,
            estimate=estimate,
            source=source,
            data_weight=data_weight,
            at_risk=self.curve.at_risk(pending + 1),
        )

    def counted_until(self, pending: int) -> int | Unknown:
        """Up to which day the chance of those pending at the end of a day can be counted; `UNKNOWN` if it cannot.

        As long as 10 of them are watched, and a fifth of those who were at first.
        """
        last = self.identified[1]
        enough = max(_THIN * self.curve.at_risk(pending + 1), ENOUGH)
        if last is UNKNOWN:
            return UNKNOWN
        return next((day for day in range(last, pending, -1) if self.curve.at_risk(day) >= enough), UNKNOWN)

    def _counted(self, pending: int, until: int) -> Estimate | None:
        """Count among those pending at an age; the interval is Wilson's on as many as the variance is worth.

        None where not enough were watched over the whole stretch.
        """
        last = self.identified[1]
        if last is UNKNOWN or not pending < until <= last:
            return None
        last = self.counted_until(pending)
        if last is UNKNOWN or until > last:
            return None
        watched = self.curve.at_risk(pending + 1)
        since = self.curve.landmark(pending)
        share = since.by(until, ACCEPT).value
        if share is UNKNOWN:
            return None
        error = since.std_err(until, ACCEPT, approximate=True)
        worth = share * (1 - share) / error**2 if error is not UNKNOWN and error > 0 else watched
        effective = min(worth, watched)
        return wilson_interval(share * effective, effective, confidence=self.confidence)

    @cached_property
    def _chances(self) -> dict[tuple[int, int], Chance]:
        return {}

    def worth(self, **settings: Any) -> Worth:
        """Work out what keeping an invitation pending is worth, at each age; see `invitekit.insight.Worth`.

        Args:
            settings: ``slot_price`` or ``pending_cap``, and the rest of what `Worth.of` takes.
        """
        from invitekit.insight._worth import Worth

        key = tuple(sorted(settings.items()))
        known = self._worths.get(key)
        if known is None:
            known = self._worths[key] = Worth.of(self, **settings)
        return known

    @cached_property
    def _worths(self) -> dict[tuple[tuple[str, Any], ...], Worth]:
        return {}

    def sends_a_week(self) -> float:
        """How many invitations you sent a week: over the last 28 days, or since the first, but at least over 7."""
        from invitekit.insight.quota._pace import pace_of

        return 7 * pace_of([course.sent for course in self.courses], self.as_of.toordinal())

    def explain_age_rule(self, days: int) -> AgeRule:
        """Say what withdrawing everything at an age costs, and what price of a slot it stands for.

        Args:
            days: The age in days, for instance 21.
        """
        from invitekit.insight._age_rule import AgeRule

        return AgeRule.of(self, _day(days, "days"))

    def by(
        self,
        key: str | Callable[[Any], Any],
        *,
        tags: Mapping[str, Any] | None = None,
    ) -> Segments:
        """Compare parts of the invitations: rate, size and maturity of each, small ones drawn towards the others.

        Args:
            key: ``"week"`` or ``"month"`` of sending (UTC), ``"note"`` (with or without), ``"tag"``, a field of an
                invitation, a rule, or a function of one.
            tags: For ``"tag"``: who carries which, ``{"client": [...]}``, as `Context` takes it. Whoever carries
                several stands in several segments.

        Raises:
            DataError: The value is known only of people who accepted (company and title in an export), so that
                every rate would be 100 % by construction; or it tells the accepted from the others better than
                chance or any real difference could, as what looks at the answer does; or there is no such field.
        """
        from invitekit.insight._segments import segments

        return segments(self, key, tags)

    # ── Showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def to_records(self) -> list[dict[str, Any]]:
        """Give the curve as one dict per day, up to the last identified; what is unknown becomes None."""
        last = self.identified[1]
        records: list[dict[str, Any]] = []
        for day in range(0 if last is UNKNOWN else last + 1):
            accepted = self.acceptance_by(day).to_record()
            closed, still = self.closed_by(day), self.open_at(day)
            records.append(
                {
                    "day": day,
                    "at_risk": self.curve.at_risk(day),
                    "accepted": accepted["value"],
                    "accepted_lower": accepted["lower"],
                    "accepted_upper": accepted["upper"],
                    "closed": closed.to_record()["value"],
                    "open": still.to_record()["value"],
                }
            )
        return records

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield "raw rate", f"{self.raw_rate}: {self.accepted:,} accepted of {self.sent:,} sent"
        yield "once all have had their time", str(self.matured_rate.estimate if self.courses else "unknown")
        yield "withdrawn, closed, pending", f"{self.withdrawn:,}, {self.closed:,}, {self.pending:,}"
        last = self.identified[1]
        for day in _HORIZONS:
            if last is not UNKNOWN and day <= last:
                # Where ends are known within limits, an interval takes seconds: not for a look.
                shown = self.acceptance_by(day) if self.curve.exact else self._point(day)
                yield f"accepted by day {day}", str(shown)
        yield "identified", self.identified_in_words
        half, most = self.latency(0.5), self.latency(0.9)
        if half is not UNKNOWN:
            yield "half, 90 % of the acceptances", f"by day {half}, by day {most}"
        for day in (14, 30, 60):
            yield f"chance if pending {day} days", str(self.chance(day))
        for code, count in self.left_out:
            yield f"left out: {count:,}", _LEFT_OUT[code]
        for caveat in self.caveats:
            yield "bear in mind", caveat

    @property
    def identified_in_words(self) -> str:
        """Which days the data tell about."""
        first, last = self.identified
        if first is UNKNOWN or last is UNKNOWN:
            return f"to no day: fewer than {ENOUGH} invitations under observation"
        return f"up to day {last}" if first <= 0 else f"from day {first} up to day {last}"

    def __repr__(self) -> str:
        from invitekit._text import plain_facts

        return plain_facts(self._title, self._facts())

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        return html_table((self._title, ""), self._facts(), width=1000)

    @property
    def _title(self) -> str:
        if not self.courses and not self.left_out:
            return "Acceptance, of which nothing of yours is known"
        return f"Acceptance of {self.sent:,} sent invitations ({self.source}, as of {self.as_of:%Y-%m-%d})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "sent", self.sent
        yield "raw_rate", str(self.raw_rate)
        yield "identified", self.identified_in_words


_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _pair(given: object) -> tuple[Any, Any]:
    if not isinstance(given, tuple) or len(cast("tuple[object, ...]", given)) != 2:
        raise DataError("ages are pairs of days pending and horizon", hint="For instance [(30, None)]", key="ages")
    pending, horizon = cast("tuple[object, object]", given)
    return pending, horizon


def _stretch(pending: int, horizon: int | None) -> tuple[int, int]:
    """From which day to which a chance is asked for: to the expiry at the latest, after which nothing comes."""
    since = _day(pending, "days_pending")
    if horizon is None:
        return since, max(EXPIRY_DAYS, since)
    until = _day(horizon, "horizon")
    if until < since:
        raise DataError(
            f"the horizon, day {until}, lies before the age, day {since}",
            hint="Both count from the sending: 30 days old and 14 more is horizon=44",
            key="horizon",
        )
    return since, max(min(until, EXPIRY_DAYS), since)


def _day(value: int, name: str = "day") -> int:
    if type(value) is not int or value < 0:
        raise DataError(
            f"{name} must be a whole number of days from 0 up, got {value!r:.40}", hint="For instance 30", key=name
        )
    return value
