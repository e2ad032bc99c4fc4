"""What is saved is loaded equal: every rule, policies of any shape, snapshots and plans with all they hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import BUILT_IN, contexts, policies, rules, snapshots

import invitekit as ik
from invitekit import documents
from invitekit import rules as r
from invitekit.documents._rules import ARGUMENTS, parameters_of
from invitekit.model import Cause, FileAccount, Finding, Interval
from invitekit.policy import Blocker
from invitekit.rules._rule import LEAVES, Leaf

FORMS = ("toml", "json")
ROOM = ik.Limits(per_run=5)


def again(value: Any, form: str = "json") -> Any:
    return documents.from_text(documents.to_text(value, form=form))  # type: ignore[arg-type]


def policy_of(rule: r.Rule) -> ik.Policy:
    """A policy that holds a rule, whatever the rule means: beside this much else, it cannot mean nothing."""
    return ik.Policy(name="holds a rule", withdraw=r.has_note() | (r.older_than(days=3) & rule), limits=ROOM)


# ── Every built-in rule ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", LEAVES)
class TestEveryBuiltInRule:
    """Whatever enters itself into the registry of rules has all of this."""

    def examples(self, name: str) -> list[Leaf]:
        found = [rule for rule in BUILT_IN if isinstance(rule, Leaf) and rule.name == name]
        assert found, f"tests/strategies.py has no example of the rule {name}"
        return found

    def test_is_known_by_the_name_of_its_function(self, name: str) -> None:
        assert getattr(r, name) is LEAVES[name]

    def test_has_words_for_its_arguments(self, name: str) -> None:
        assert set(parameters_of(name)) <= set(ARGUMENTS)

    def test_gives_the_words_it_takes(self, name: str) -> None:
        for rule in self.examples(name):
            assert set(rule.arguments) <= set(parameters_of(name))

    @pytest.mark.parametrize("form", FORMS)
    def test_goes_through_a_document(self, name: str, form: str) -> None:
        for rule in self.examples(name):
            assert again(policy_of(rule), form) == policy_of(rule)

    def test_has_a_repr_that_builds_it(self, name: str) -> None:
        for rule in self.examples(name):
            assert eval(repr(rule), {"r": r}) == rule

    def test_has_a_reason_code_of_its_own(self, name: str) -> None:
        codes = {other: other.replace("_", "-") for other in LEAVES}

        assert all(rule.code == codes[name] for rule in self.examples(name))
        assert list(codes.values()).count(codes[name]) == 1


def test_no_rule_is_called_like_a_joiner() -> None:
    assert not {"all", "any", "not", "if_unknown", "rule"} & set(LEAVES)


# ── Policies ─────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=200)
@given(policies(own_ranks=False), st.sampled_from(FORMS))
def test_a_policy_comes_back_equal(policy: ik.Policy, form: str) -> None:
    assert again(policy, form) == policy


@settings(max_examples=200)
@given(rules(size=10), st.sampled_from(FORMS))
def test_a_rule_of_any_shape_comes_back_equal(rule: r.Rule, form: str) -> None:
    """Also a rule that is settled twice, and one that is joined within joined rules."""
    assert again(policy_of(rule), form) == policy_of(rule)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)


@settings(max_examples=200)
@given(TEXTS, TEXTS, st.sampled_from(FORMS))
def test_texts_come_back_as_they_were(name: str, note: str, form: str) -> None:
    """Quotes, backslashes, line breaks, control characters, emoji, and what only looks like TOML or JSON."""
    policy = ik.Policy(name=name, withdraw=r.note_contains(note), limits=ROOM)

    assert again(policy, form) == policy


@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "\x1f",
        "\x7f",
        "\x85",
        "\u2028",
        "\u202e",
        "\ufeff",
        '"""',
        "'''",
        "\\u0041",
        "a\r\nb",
        "\t",
        "]\n[x]",
        "#",
        "é",
        "🐝",
    ],
)
def test_a_toml_document_holds_no_invisible_character(text: str) -> None:
    written = documents.to_text(ik.Policy(name=f"a{text}b", withdraw=r.has_note(), limits=ROOM), form="toml")

    assert all(char.isprintable() or char == "\n" for char in written)
    assert documents.from_text(written).name == f"a{text}b"  # type: ignore[union-attr]


@given(
    st.builds(
        ik.Limits,
        share=st.floats(0, 1, allow_subnormal=True),
        per_run=st.integers(0, 2**63 - 1),
    ),
    st.sampled_from(FORMS),
)
def test_numbers_come_back_exactly(limits: ik.Limits, form: str) -> None:
    policy = ik.Policy(name="numbers", withdraw=r.has_note(), limits=limits)

    assert again(policy, form).limits == limits


@pytest.mark.parametrize("share", [0, 1, 0.0, 1.0])
def test_a_whole_number_stays_one(share: float) -> None:
    """Otherwise the digest of a plan would not be that of its document."""
    policy = ik.Policy(name="share", withdraw=r.has_note(), limits=ik.Limits(share=share))

    assert all(type(again(policy, form).limits.share) is type(share) for form in FORMS)


@pytest.mark.parametrize("min_age", [timedelta(0), timedelta(minutes=1), timedelta(weeks=3, hours=5, minutes=7)])
@pytest.mark.parametrize("form", FORMS)
def test_durations_come_back_exactly(min_age: timedelta, form: str) -> None:
    policy = ik.Policy(name="age", withdraw=r.has_note(), limits=ROOM, min_age=min_age)

    assert again(policy, form) == policy


def test_one_rule_joined_with_nothing_is_itself() -> None:
    rule = "{any = [{all = [{has_note = {}}]}]}"
    text = f'invitekit = 1\nkind = "policy"\nname = "n"\nwithdraw = {rule}\nlimits.per_run = 5'

    assert documents.from_text(text) == ik.Policy(name="n", withdraw=r.has_note(), limits=ROOM)


def test_a_policy_looks_like_this_in_toml() -> None:
    policy = ik.Policy(
        name="spring-clean",
        withdraw=r.older_than(weeks=4) | r.has_note(),
        keep=r.tagged("client") | r.mutual_connections(at_least=10).if_unknown(False),
        limits=ik.Limits(per_run=20, share=0.25),
    )

    assert documents.to_text(policy, form="toml") == (
        "# invitekit policy\n"
        "invitekit = 1\n"
        'kind = "policy"\n'
        'name = "spring-clean"\n'
        "min_age = {days = 14}\n"
        'rank = "oldest"\n'
        "\n"
        "[withdraw]\n"
        "any = [\n"
        "    {older_than = {days = 28}},\n"
        "    {has_note = {}},\n"
        "]\n"
        "\n"
        "[keep]\n"
        "any = [\n"
        '    {tagged = {tag = "client"}},\n'
        "    {mutual_connections = {at_least = 10}, if_unknown = false},\n"
        "]\n"
        "\n"
        "[limits]\n"
        "per_run = 20\n"
        "share = 0.25\n"
    )


# ── What cannot be written down ──────────────────────────────────────────────────────────────────────────────────


def too_old(invitation: ik.Invitation) -> bool:
    return invitation.is_open


def by_name(invitation: ik.Invitation, _context: object) -> str:
    return str(invitation.member.name)


@pytest.mark.parametrize("form", FORMS)
def test_a_rule_of_ones_own_is_refused_by_name(form: str) -> None:
    policy = ik.Policy(name="own", withdraw=r.has_note() & ~r.rule(too_old), limits=ROOM)

    with pytest.raises(ik.DocumentError, match=r"the rule too_old is a function of your own.*built-in") as caught:
        documents.to_text(policy, form=form)  # type: ignore[arg-type]

    assert caught.value.key == "withdraw.all[1].not"


def test_an_order_of_ones_own_is_refused_by_name() -> None:
    policy = ik.Policy(name="own", withdraw=r.has_note(), limits=ROOM, rank=by_name)

    with pytest.raises(ik.DocumentError, match="the rank by_name is a function of your own") as caught:
        documents.to_text(policy)

    assert caught.value.key == "rank"


def test_a_plan_with_code_in_its_policy_is_refused_by_name() -> None:
    policy = ik.Policy(name="own", withdraw=r.rule(too_old), limits=ROOM)
    empty = ik.Snapshot(taken_at=datetime(2026, 11, 1, tzinfo=UTC))

    with pytest.raises(ik.DocumentError, match="the rule too_old") as caught:
        documents.to_text(policy.plan(empty))

    assert caught.value.key == "policy.withdraw"


def test_a_rule_that_is_not_built_in_is_refused_by_name() -> None:
    """Also one that only looks like a built-in rule: what is written must build the same rule again."""

    class Tagged(type(r.tagged("client"))):  # type: ignore[misc]
        """Carries the name of a built-in rule, and is another."""

    class Broken(type(r.tagged("client"))):  # type: ignore[misc]
        """Says that it takes arguments which the built-in rule does not take."""

        @property
        def arguments(self) -> dict[str, Any]:
            return {"tags": ["client"]}

    for rule in (Tagged("client"), Broken("client")):
        policy = ik.Policy(name="other", withdraw=r.has_note(), keep=rule, limits=ROOM)
        with pytest.raises(ik.DocumentError, match=r"tagged.* is not one of the built-in rules"):
            documents.to_text(policy)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"days": float("nan")}, "not finite"),
        ((("days", 1), ("days", 2)), "two facts of the same name"),
    ],
    ids=["not finite", "twice"],
)
def test_a_plan_with_facts_that_cannot_be_written_is_refused(facts: Any, told: str, tmp_path: Path) -> None:
    """No built-in reason has such facts; plans that are put together by hand may."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    plan = ik.Policy.default().plan(ik.Snapshot(taken_at=at))
    blocked = attrs.evolve(plan, blockers=(Blocker("odd", facts),))

    with pytest.raises(ik.DocumentError, match=told) as caught:
        ik.save(blocked, tmp_path / "plan.json")

    assert caught.value.file == str(tmp_path / "plan.json")


def test_rules_nested_too_deep_are_refused_before_they_are_written() -> None:
    rule: r.Rule = r.has_note()
    for number in range(20):
        rule = (rule | r.note_contains(str(number))) & r.older_than(days=3)
    policy = ik.Policy(name="deep", withdraw=rule, limits=ROOM)

    with pytest.raises(ik.DocumentError, match="nested"):
        documents.to_text(policy)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_saved_can_be_loaded_or_is_refused(form: str) -> None:
    """Around the limits on depth: a document that would not be read is not written."""
    rule: r.Rule = r.has_note()
    outcomes = []
    for number in range(30):
        rule = r.note_contains(str(number)) & rule if number % 2 else r.note_contains(str(number)) | rule
        policy = policy_of(rule)
        try:
            outcomes.append(again(policy, form) == policy)
        except ik.DocumentError:
            outcomes.append(None)

    assert outcomes.count(True) > 10
    assert None in outcomes
    assert outcomes == [True] * outcomes.count(True) + [None] * outcomes.count(None)


@pytest.mark.parametrize("form", FORMS)
def test_a_list_of_people_too_long_for_a_policy_is_refused(form: str) -> None:
    def policy(count: int) -> ik.Policy:
        people = [{"slug": f"p-example-{number}", "urn": f"urn:li:member:{number}"} for number in range(count)]
        return ik.Policy(name="people", withdraw=r.member_in(people), limits=ROOM)

    assert again(policy(480), form) == policy(480)
    with pytest.raises(ik.DocumentError, match=r"more than 1,000 keys.*context"):
        documents.to_text(policy(520), form=form)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [None, 3, "policy", r.has_note(), ik.Context(), ik.Limits(per_run=3)])
def test_other_values_are_no_documents(value: Any) -> None:
    with pytest.raises(ik.DocumentError, match="Save a Policy, a Plan or a Snapshot"):
        documents.to_text(value)


def test_a_number_of_thousands_of_digits_is_not_written() -> None:
    """Python itself would not read it back."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    item = ik.Invitation(
        id="x-1",
        member=ik.Member(slug="ada-example-77"),
        direction=ik.Direction.SENT,
        sent_at=ik.SentAt.at(at),
        status=ik.Status.PENDING,
        evidence=ik.Evidence.LISTED,
        as_of=at,
        mutual_connections=10**5000,
    )

    with pytest.raises(ik.DocumentError, match="thousands of digits"):
        documents.to_text(ik.Snapshot(taken_at=at, invitations=[item]))


# ── Snapshots and plans ──────────────────────────────────────────────────────────────────────────────────────────

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))])
INSTANTS = st.datetimes(
    datetime(1, 1, 2),  # noqa: DTZ001 - the zone is added by the strategy
    datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=ZONES,
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)
SAID = st.just(ik.UNKNOWN) | st.just("") | WORDS
SLUGS = st.text(st.sampled_from("abzé%ß41ſ-̈中"), min_size=1, max_size=8)


@st.composite
def intervals(draw: st.DrawFn, kind: type[Any] = Interval) -> Any:
    first, last = sorted([draw(INSTANTS), draw(INSTANTS)])
    unknown = Interval.unknown()
    shape = draw(st.sampled_from(["point", "both", "from", "until", "unknown"]))
    ends = {
        "point": (first, first),
        "both": (first, last),
        "from": (first, unknown.latest),
        "until": (unknown.earliest, last),
        "unknown": (unknown.earliest, unknown.latest),
    }[shape]
    return kind(*ends, text=draw(st.just("") | WORDS)) if kind is ik.SentAt else kind(*ends)


@st.composite
def members(draw: st.DrawFn) -> ik.Member:
    known = st.just(ik.UNKNOWN) | WORDS
    fields = {"name": draw(known), "urn": draw(known), "provider_id": draw(known)}
    try:
        return ik.Member(**fields, slug=draw(st.just(ik.UNKNOWN) | SLUGS))
    except ik.DataError:
        return ik.Member(**fields)


@st.composite
def full_invitations(draw: st.DrawFn, key: str) -> ik.Invitation:
    status = draw(st.sampled_from(ik.Status))
    return ik.Invitation(
        id=key,
        member=draw(members()),
        direction=draw(st.sampled_from(ik.Direction)),
        sent_at=draw(intervals(ik.SentAt)),
        note=draw(SAID),
        status=status,
        evidence=draw(st.sampled_from(ik.Evidence)),
        as_of=draw(INSTANTS),
        known_at=draw(intervals()),
        cause=draw(st.sampled_from(Cause)) if status is ik.Status.GONE and draw(st.booleans()) else ik.UNKNOWN,
        mutual_connections=draw(st.just(ik.UNKNOWN) | st.integers(0, 500)),
        company=draw(SAID),
        title=draw(SAID),
    )


@st.composite
def full_snapshots(draw: st.DrawFn) -> ik.Snapshot:
    return ik.Snapshot(
        account=draw(members()),
        taken_at=draw(INSTANTS),
        source=draw(WORDS),
        invitations=[draw(full_invitations(f"x-{number}")) for number in range(draw(st.integers(0, 3)))],
        connections=[
            ik.Connection(
                member=draw(members()),
                connected_at=draw(intervals()),
                email=draw(SAID),
                company=draw(SAID),
                position=draw(SAID),
            )
            for _ in range(draw(st.integers(0, 2)))
        ],
        completeness=draw(st.sampled_from(ik.Completeness)),
        why_incomplete=draw(st.just("") | WORDS),
        findings=[
            Finding(
                code="odd",
                text=draw(WORDS),
                file=draw(st.just("") | WORDS),
                line=draw(st.none() | st.integers(1, 9)),
                set_aside=draw(st.booleans()),
                about=draw(st.just("") | WORDS),
            )
            for _ in range(draw(st.integers(0, 2)))
        ],
        files=[FileAccount(file=draw(WORDS), kind="invitations", rows=3, used=1, reasons={draw(WORDS): 2})],
    )


@settings(max_examples=100)
@given(full_snapshots())
def test_a_snapshot_comes_back_equal_and_with_its_texts(snapshot: ik.Snapshot) -> None:
    """All of it: unknown as unknown, none as none, open ends open, and the words of the source."""
    found = again(snapshot)

    assert found == snapshot
    assert [item.sent_at.text for item in found.invitations] == [
        item.sent_at.text for item in snapshot.invitations
    ]
    assert [repr(item.note) for item in found.invitations] == [repr(item.note) for item in snapshot.invitations]


def test_unknown_is_not_none_and_not_empty() -> None:
    """Left out, null and an empty text, as they stand in the document."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    fields: dict[str, Any] = {
        "member": ik.Member(slug="ada-example-77"),
        "direction": ik.Direction.SENT,
        "sent_at": ik.SentAt.unknown(),
        "status": ik.Status.PENDING,
        "evidence": ik.Evidence.LISTED,
        "as_of": at,
    }
    notes = [ik.UNKNOWN, "", "Hello"]
    items = [ik.Invitation(id=f"x-{number}", note=note, **fields) for number, note in enumerate(notes)]

    data = json.loads(documents.to_text(ik.Snapshot(taken_at=at, invitations=items)))
    written = [item.get("note", "left out") for item in data["invitations"]]
    data["invitations"][0]["note"] = None
    found = documents.from_text(json.dumps(data), kind=ik.Snapshot)

    assert written == ["left out", "", "Hello"]
    assert [item.note for item in found.invitations] == notes
    assert data["invitations"][0]["sent_at"] == {}
    assert not found.invitations[0].sent_at.is_known


@settings(max_examples=60)
@given(policies(own_ranks=False), snapshots(), contexts(), st.booleans())
def test_a_plan_comes_back_equal_with_the_same_digest(
    policy: ik.Policy, snapshot: ik.Snapshot, context: ik.Context, everything: bool
) -> None:
    plan = policy.plan(snapshot, context=context, allow_everything=everything)

    found = again(plan)

    assert found == plan
    assert found.digest == plan.digest
    assert [item.note for item in found.decisions.invitations] == [
        decision.invitation.note for decision in plan.decisions
    ]
    assert documents.to_text(found) == documents.to_text(plan)


def test_a_plan_that_was_loaded_says_what_it_said() -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    item = ik.Invitation(
        id="x-1",
        member=ik.Member(name="Ada Example", slug="ada-example-77"),
        direction=ik.Direction.SENT,
        sent_at=ik.SentAt.at(at - timedelta(days=40)),
        note="Hello",
        status=ik.Status.PRESUMED_PENDING,
        evidence=ik.Evidence.NOT_CONNECTED,
        as_of=at,
    )
    snapshot = ik.Snapshot(taken_at=at, invitations=[item], completeness=ik.Completeness.LOG)
    plan = ik.Policy.default().plan(snapshot, context=ik.Context(contacts=["bo-example-12"]))

    found = again(plan)

    assert str(found.summary()) == str(plan.summary())
    assert str(found.why("ada-example-77")) == str(plan.why("ada-example-77"))
    assert repr(found) == repr(plan)
