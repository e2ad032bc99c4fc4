"""Notes and e-mail addresses stay where they are: in no repr, text, page, pickle, error, warning or log.

Every value of the model, every rule and every view of a plan is made of members with unmistakable notes and
addresses, and whatever comes out is searched for them, piece by piece: in its bytes as in its text.
"""

from __future__ import annotations

import copyreg
import io
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import FunctionType, MappingProxyType
from typing import Any

import attrs
import pytest
from tests.population import NOW, OWNER, ago, invitation

from invitekit import rules as r
from invitekit.errors import InvitekitError
from invitekit.model import (
    Completeness,
    Connection,
    Connections,
    Direction,
    Evidence,
    Finding,
    Interval,
    Invitation,
    Invitations,
    Member,
    Outcome,
    People,
    Result,
    SentAt,
    Snapshot,
    Status,
    Truth,
)
from invitekit.policy import Context, Limits, Plan, Policy
from invitekit.rules import Sight

NOTE = "zebra-note-4471"
EMAIL = "zebra-address-9902@mail.example"
CANARIES = (NOTE, "zebra-note", EMAIL, "zebra-address", "mail.example")

MEMBERS = [Member(name=f"Person {number}", slug=f"person-example-{number}") for number in range(40)]
ROWS = [
    invitation(
        number,
        member=MEMBERS[number],
        days=5 + number * 3,
        note=f"{NOTE} {number % 4}",
        direction=Direction.RECEIVED if number == 7 else Direction.SENT,
        status=Status.ACCEPTED if number == 8 else Status.PRESUMED_PENDING,
        evidence=Evidence.CONNECTED if number == 8 else Evidence.NOT_CONNECTED,
    )
    for number in range(40)
]
CONNECTIONS = [
    Connection(
        member=MEMBERS[number],
        connected_at=Interval.day(ago(number + 1).date()),
        email=EMAIL if number else EMAIL.upper(),
        company="Acme Example",
    )
    for number in range(12)
]
SNAPSHOT = Snapshot(
    account=OWNER,
    taken_at=NOW,
    invitations=ROWS,
    connections=CONNECTIONS,
    completeness=Completeness.PARTIAL,
    why_incomplete="page 3",
    findings=[Finding(code="past-expiry", text="old", about="x-3")],
)
CONTEXT = Context(
    tags={"client": [MEMBERS[3]]}, kept=[MEMBERS[4]], contacts=[EMAIL, MEMBERS[5]], withdrawn=[ago(1)]
)


def looks_into_notes(given: Invitation) -> bool:
    return isinstance(given.note, str) and given.note.endswith("1")


RULES = [
    r.older_than(days=20),
    r.has_note(),
    r.note_contains("1"),
    r.note_matches("[0-3]$"),
    r.same_note_as(at_least=5),
    r.same_note_as(at_least=99),
    r.tagged("client"),
    r.known_contact(),
    r.withdrawn_before(),
    r.chance_below(0.02),
    r.not_worth_waiting(slot_price=0.001),
    r.member_in([MEMBERS[6]]),
    r.mutual_connections(at_least=2),
    r.company("Acme Example").if_unknown(False),
    r.title_matches("x").if_unknown(True),
    r.name_matches("person"),
    r.status_is("presumed-pending"),
    r.sent_before("2026-10-01"),
    r.sent_after("2026-01-01"),
    r.rule(looks_into_notes),
]


def plans() -> Iterator[Plan]:
    for rule in RULES:
        policy = Policy(
            name="t",
            withdraw=rule | r.older_than(days=60),
            keep=r.note_matches("2$"),
            limits=Limits(per_run=7, share=0.9),
            min_age=timedelta(days=2),
        )
        yield policy.plan(SNAPSHOT, context=CONTEXT)


def everything() -> Iterator[tuple[str, Any]]:
    """Every kind of value that holds, or stands beside, a note or an address."""
    yield "invitation", ROWS[0]
    yield "invitation of unknown age", attrs.evolve(ROWS[0], sent_at=SentAt.unknown())
    yield "invitations", SNAPSHOT.invitations
    yield "some invitations", SNAPSHOT.invitations.where(r.has_note())[:3]
    yield "connection", CONNECTIONS[0]
    yield "connections", SNAPSHOT.connections
    yield "snapshot", SNAPSHOT
    yield "context", CONTEXT
    yield "resolved context", CONTEXT.resolve(SNAPSHOT.connections)
    yield "people", People(MEMBERS)
    yield "outcome", Outcome(invitation_id="x-1", member=MEMBERS[1], result=Result.WITHDRAWN)
    yield "groups by note", SNAPSHOT.invitations.by("note")
    yield "groups by address", SNAPSHOT.connections.by("email")
    yield "groups by status", SNAPSHOT.invitations.by("status")
    sight = Sight.of(NOW, CONTEXT, ROWS)
    assert sum(sight.note_counts.values()) == 39
    yield "sight that has counted notes", sight
    for rule in RULES:
        yield f"rule {rule!r}", rule
        for truth in (True, False):
            yield f"row test of {rule!r}", rule.surely(truth, sight)
    for place, plan in enumerate(plans()):
        yield f"plan {place}", plan
        yield f"decisions {place}", plan.decisions
        yield f"summary {place}", plan.summary()
        yield f"difference {place}", plan.diff(plan)
        for decision in plan.decisions[:12:3]:
            yield f"decision {place} {decision.invitation.id}", decision
            yield f"why {place} {decision.invitation.id}", plan.why(decision)


class _Pickler(pickle.Pickler):
    """Pickles functions by no more than their name, so that the search can go on around them."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, FunctionType):
            return str, (value.__qualname__,)
        if isinstance(value, MappingProxyType):
            return dict, (list(value.items()),)
        return NotImplemented


def pickled(value: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> str:
    """What a pickle holds, or the error that says there is none."""
    if type(value).__module__.endswith("._rowtest"):
        return ""  # A row test never leaves the process that made it.
    buffer = io.BytesIO()
    try:
        _Pickler(buffer, protocol).dump(value)
    except InvitekitError as error:
        return str(error)
    return buffer.getvalue().decode("latin-1")


def rich_texts(value: Any) -> str:
    """What rich would print: it takes the reprs of what `__rich_repr__` gives, and of what is inside that."""
    if isinstance(value, list | tuple):
        return " ".join(map(rich_texts, value))
    if hasattr(value, "__rich_repr__"):
        return repr(value) + " ".join(rich_texts(part) for part in value.__rich_repr__())
    return repr(value)


FORMS: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "str": str,
    "format": lambda value: f"{value}",
    "html": lambda value: value._repr_html_() if hasattr(value, "_repr_html_") else "",
    "rich": rich_texts,
    "pickle": pickled,
    "oldest pickle": lambda value: pickled(value, 0),
}


def leaks(text: str) -> list[str]:
    """The canaries in a text, however they are cased or escaped."""
    lowered = text.lower().replace("\\", "")
    return [canary for canary in CANARIES if canary in lowered]


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_any_value_shows_a_note_or_an_address(form: str) -> None:
    found = {name: leaks(FORMS[form](value)) for name, value in everything()}

    assert {name: hits for name, hits in found.items() if hits} == {}
    assert len(found) > 150


def test_the_search_can_see() -> None:
    """A note or an address put into each form is found, so the test above can fail."""

    @attrs.frozen
    class Loose:
        note: str

        def _repr_html_(self) -> str:
            return self.note

    for canary in (NOTE, EMAIL.upper(), f"<b>{NOTE}"):
        for form, show in FORMS.items():
            value = [canary] if "pickle" in form else Loose(canary)
            assert leaks(show(value)), form


def test_what_is_withheld_is_still_there_for_who_asks() -> None:
    """Data is not hidden from its owner: attributes, records and columns hold it."""
    assert ROWS[0].note == f"{NOTE} 0"
    assert SNAPSHOT.invitations.to_columns()["note"][0] == f"{NOTE} 0"
    assert CONNECTIONS[1].to_record()["email"] == EMAIL


class TestErrors:
    """Every error that these values can be made to raise, with its cause and its traceback."""

    MISTAKES: tuple[Callable[[], Any], ...] = (
        lambda: attrs.evolve(ROWS[0], id=""),
        lambda: attrs.evolve(ROWS[0], note=[NOTE]),
        lambda: attrs.evolve(ROWS[0], member=NOTE),
        lambda: attrs.evolve(ROWS[0], company=[NOTE]),
        lambda: attrs.evolve(CONNECTIONS[1], company=[EMAIL]),
        lambda: attrs.evolve(CONNECTIONS[1], email=[EMAIL]),
        lambda: Snapshot(taken_at=NOW, invitations=[ROWS[0], attrs.evolve(ROWS[0], note=NOTE)]),
        lambda: Snapshot(taken_at=NOW, invitations=[CONNECTIONS[1]]),
        lambda: SNAPSHOT.invitations.sort(lambda item: [item.note, item] if item.id == "x-1" else item),
        lambda: SNAPSHOT.invitations.by(lambda item: [item.note]),
        lambda: SNAPSHOT.invitations.by("notte"),
        lambda: SNAPSHOT.find(EMAIL),
        lambda: Context(kept=[EMAIL]),
        lambda: Context(tags={"client": [EMAIL]}),
        lambda: Context(contacts=[{"slug": EMAIL}]),
        lambda: Context(withdrawn=ROWS),
        lambda: People([EMAIL]),
        lambda: r.member_in([EMAIL]),
        lambda: next(plans()).why(EMAIL),
        lambda: r.rule(lambda given: given.note).truths(ROWS),
        lambda: r.rule(lambda given: given).truths(ROWS),
        lambda: Policy(name="t", withdraw=r.has_note(), limits=ROWS[0]),
        lambda: Policy(name="t", withdraw=ROWS[0], limits=Limits(per_run=1)),
        lambda: Policy(name="t", withdraw=r.has_note(), limits=Limits(per_run=1)).plan(ROWS[0]),
        lambda: Policy(name="t", withdraw=r.has_note(), limits=Limits(per_run=1)).plan(SNAPSHOT, context=ROWS[0]),
        lambda: Policy(
            name="t", withdraw=r.has_note(), limits=Limits(per_run=1), rank=lambda given, context: object()
        ).plan(SNAPSHOT),
        lambda: pickle.dumps(SNAPSHOT.invitations.by("note")),
    )

    @pytest.mark.parametrize("mistake", MISTAKES, ids=range(len(MISTAKES)))
    def test_no_error_repeats_a_note_or_an_address(self, mistake: Callable[[], Any]) -> None:
        with pytest.raises(InvitekitError) as caught:
            mistake()

        error = caught.value
        shown = [str(error), repr(error), repr(error.args), repr(vars(error)), pickled(error)]
        # The lines of this file are part of a traceback; what they name is not what they hold.
        shown += ["".join(traceback.format_exception_only(error)), repr(error.__cause__)]
        assert {leak for text in shown for leak in leaks(text)} == set()


def test_nothing_is_logged_or_warned_of() -> None:
    """The library says nothing by itself; what there is to say is in values."""
    records: list[logging.LogRecord] = []

    class Catch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    root, catch = logging.getLogger(), Catch(level=1)
    level = root.level
    root.addHandler(catch)
    root.setLevel(1)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            for plan in plans():
                _ = plan.summary(), plan.digest, repr(plan)
    finally:
        root.removeHandler(catch)
        root.setLevel(level)

    assert records == []
    assert warned == []


def test_no_logger_of_ours_has_a_handler() -> None:
    ours = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "invitekit"]

    assert all(
        isinstance(handler, logging.NullHandler) for name in ours for handler in logging.getLogger(name).handlers
    )
    assert not any(
        isinstance(key, type) and key.__module__.startswith("invitekit") for key in copyreg.dispatch_table
    )


class TestFirstRows:
    """Names stand in a repr for the first ten rows only; the rest is counted."""

    @pytest.mark.parametrize(
        "collection",
        [
            Invitations(ROWS),
            Connections(Connection(member=member, connected_at=Interval.day(NOW.date())) for member in MEMBERS),
            Invitations(ROWS).by("name"),
            Policy(name="t", withdraw=r.older_than(days=20), limits=Limits(per_run=7)).plan(SNAPSHOT),
            Policy(name="t", withdraw=r.older_than(days=20), limits=Limits(per_run=0))
            .plan(SNAPSHOT)
            .diff(Policy(name="t", withdraw=r.older_than(days=20), limits=Limits(per_run=99)).plan(SNAPSHOT)),
        ],
        ids=["invitations", "connections", "groups", "plan", "difference"],
    )
    def test_ten_names_and_no_more(self, collection: Any) -> None:
        for form in ("repr", "str", "html"):
            shown = FORMS[form](collection)
            names = [member for member in MEMBERS if f"{member.name}<" in shown or f"{member.name} " in shown]
            assert len(names) == 10
            assert "more" in shown

    def test_a_snapshot_shows_no_name_but_the_owners(self) -> None:
        for form in ("repr", "html", "rich"):
            shown = FORMS[form](SNAPSHOT)
            assert "Olu Example" in shown
            assert "Person" not in shown

    def test_a_context_shows_none(self) -> None:
        for form, show in FORMS.items():
            if "pickle" not in form:
                assert "person" not in show(CONTEXT).lower()

    def test_decisions_and_sights_show_none(self) -> None:
        plan = next(plans())

        assert "Person" not in repr(plan.decisions)
        assert "person" not in repr(Sight(now=NOW, invitations=ROWS)).lower()
        assert Truth.TRUE.value == "true"
