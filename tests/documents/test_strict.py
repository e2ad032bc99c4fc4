"""PO-2 and PO-4: nothing is guessed or converted, and every refusal says where, what and what was meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.documents.trees import (
    POLICIES,
    Place,
    golden,
    places,
    put,
    related,
    small_plan,
    small_snapshot,
    spelled,
    wrong_values,
)

import invitekit as ik
from invitekit import documents


def policy_text(withdraw: str = "{has_note = {}}", **other: str) -> str:
    """A TOML policy with this rule; keywords replace or add keys."""
    keys = {"invitekit": "1", "kind": '"policy"', "name": '"p"', "withdraw": withdraw, "limits": "{per_run = 3}"}
    return "".join(f"{key} = {value}\n" for key, value in (keys | other).items())


def refusal(text: str) -> ik.DocumentError:
    with pytest.raises(ik.DocumentError) as caught:
        documents.from_text(text)
    return caught.value


# ── Names ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rule", "key", "hint"),
    [
        ("{older_then = {weeks = 4}}", "withdraw.older_then", "'older_than'"),
        ("{any = [{has_note = {}}, {older_then = {days = 3}}]}", "withdraw.any[1].older_then", "'older_than'"),
        ("{not = {all = [{has_notes = {}}]}}", "withdraw.not.all[0].has_notes", "'has_note'"),
        ("{older_than = {week = 4}}", "withdraw.older_than.week", "'weeks'"),
        ("{older_than = {months = 4}}", "withdraw.older_than.months", "weeks, days, hours, minutes"),
        ("{older_than = {age = 4}}", "withdraw.older_than.age", "weeks, days, hours, minutes"),
        ("{mutual_connections = {atleast = 4}}", "withdraw.mutual_connections.atleast", "'at_least'"),
        ("{has_note = {}, if_unkown = true}", "withdraw.if_unkown", "'if_unknown'"),
        ("{and = [{has_note = {}}]}", "withdraw.and", "'all'"),
        ("{OR = [{has_note = {}}]}", "withdraw.OR", "'any'"),
        ("{has_note = {x = 1}}", "withdraw.has_note.x", "{has_note = {}}"),
        ("{rule = {function = 'os.remove'}}", "withdraw.rule", "built-in"),
        ("{keep_mark = {}}", "withdraw.keep_mark", "older_than"),
        ("{status_is = {status = ['pending']}}", "withdraw.status_is.status", "'statuses'"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(rule: str, key: str, hint: str) -> None:
    error = refusal(policy_text(rule))

    assert error.key == key
    assert hint in error.hint


@pytest.mark.parametrize(
    ("key", "near"),
    [("widthdraw", "withdraw"), ("limit", "limits"), ("minage", "min_age"), ("Name", "name"), ("keeps", "keep")],
)
def test_an_unknown_key_is_refused_with_the_nearest(key: str, near: str) -> None:
    error = refusal(policy_text(**{key: "1"}))

    assert error.key == key
    assert error.hint == f"Did you mean {near!r}?"


def test_an_unknown_limit_is_refused_with_the_nearest() -> None:
    error = refusal(policy_text(limits="{per_rum = 3}"))

    assert (error.key, error.hint) == ("limits.per_rum", "Did you mean 'per_run'?")


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    error = refusal('invitekit = 1\nkind = "polocy"\n')

    assert (error.key, error.hint) == ("kind", "Did you mean 'policy'?")


@pytest.mark.parametrize("key", ["name", "withdraw"])
def test_a_missing_key_is_named(key: str) -> None:
    data = {"invitekit": 1, "kind": "policy", "name": "p", "withdraw": {"has_note": {}}, "limits": {"per_run": 3}}
    del data[key]

    error = refusal(json.dumps(data))

    assert error.key == key
    assert f'For instance "{key}": ' in error.hint


def test_a_missing_argument_is_named() -> None:
    error = refusal(policy_text("{tagged = {}}"))

    assert (error.key, error.hint) == ("withdraw.tagged", 'For instance {tagged = {tag = "client"}}')
    assert error.message == "tag is missing"


@pytest.mark.parametrize(
    "text", ["", "{}", "name = 'p'", '{"kind": "policy"}', "<html></html>", "a,b\n1,2\n", "\0"]
)
def test_what_is_no_document_of_ours_is_told_so(text: str) -> None:
    assert isinstance(refusal(text), ik.DocumentError)


# ── Shapes ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rule", "key", "hint"),
    [
        ('"has_note"', "withdraw", "{has_note = {}}"),
        ('"tagged"', "withdraw", '{tagged = {tag = "client"}}'),
        ("[{has_note = {}}]", "withdraw", "{any = [{older_than = {weeks = 4}}, {has_note = {}}]}"),
        ("true", "withdraw", "{older_than = {weeks = 4}}"),
        ("{}", "withdraw", "{older_than = {weeks = 4}}"),
        ("{if_unknown = true}", "withdraw", "{older_than = {weeks = 4}}"),
        ("{has_note = {}, known_contact = {}}", "withdraw", "{all = [{has_note = {}}, {known_contact = {}}]}"),
        ("{all = {has_note = {}}}", "withdraw.all", "{all = ["),
        ("{any = []}", "withdraw.any", "{any = ["),
        ("{not = [{has_note = {}}]}", "withdraw.not", "{any = ["),
        ("{has_note = true}", "withdraw.has_note", "{has_note = {}}"),
        ('{tagged = "vip"}', "withdraw.tagged", '{tagged = {tag = "vip"}}'),
        ("{mutual_connections = 5}", "withdraw.mutual_connections", "{mutual_connections = {at_least = 5}}"),
        ('{status_is = "gone"}', "withdraw.status_is", '{status_is = {statuses = ["gone"]}}'),
        ('{member_in = ["ada-example-77"]}', "withdraw.member_in", '{member_in = {people = ["ada-example-77"]}}'),
        (
            '{member_in = {people = "ada-example-77"}}',
            "withdraw.member_in.people",
            '{people = ["ada-example-77"]}',
        ),
        ("{has_note = {}, if_unknown = 1}", "withdraw.if_unknown", ""),
        ('{has_note = {}, if_unknown = "false"}', "withdraw.if_unknown", ""),
    ],
)
def test_another_shape_is_refused_with_the_right_one(rule: str, key: str, hint: str) -> None:
    error = refusal(policy_text(rule))

    assert error.key == key
    assert hint in error.hint


def test_hints_speak_the_language_of_the_document() -> None:
    toml = refusal(policy_text("{older_than = 21}"))
    in_json = refusal('{"invitekit": 1, "kind": "policy", "name": "p", "withdraw": {"older_than": 21}}')

    assert toml.hint == "Write {older_than = {days = 21}}"
    assert in_json.hint == 'Write {"older_than": {"days": 21}}'


# ── Units ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("21", "{days = 21}"),
        ('"3w"', "{weeks = 3}"),
        ('"3 weeks"', "{weeks = 3}"),
        ('"21d"', "{days = 21}"),
        ('"P21D"', "{days = 21}"),
        ('"P3W"', "{weeks = 3}"),
        ('"PT36H"', "{hours = 36}"),
        ('"21"', "{days = 21}"),
        ('"a while"', "{days = "),
        ("21.0", "{days = "),
        ("0.5", "{days = "),
        ("true", "{days = "),
        ("-21", "{days = "),
        ("[21]", "{days = "),
        ("21:00:00", "{days = "),
    ],
)
class TestUnits:
    """A duration is a table of whole units; everything else is refused with the table that was meant."""

    def test_in_a_rule(self, written: str, meant: str) -> None:
        error = refusal(policy_text(f"{{older_than = {written}}}"))

        assert error.key == "withdraw.older_than"
        assert error.hint.startswith(f"Write {{older_than = {meant}")

    def test_in_min_age(self, written: str, meant: str) -> None:
        error = refusal(policy_text(min_age=written))

        assert error.key == "min_age"
        assert error.hint.startswith(f"Write min_age = {meant}")


@pytest.mark.parametrize("number", ["2.0", "true", '"2"', '"2d"', "-1", "[2]", "{days = 2}", "2026-01-01", "1e1"])
@pytest.mark.parametrize("unit", ["weeks", "days", "hours", "minutes"])
def test_a_unit_takes_a_whole_number_from_0(unit: str, number: str) -> None:
    for text in (
        policy_text(f"{{older_than = {{{unit} = {number}}}}}"),
        policy_text(min_age=f"{{{unit} = {number}}}"),
    ):
        error = refusal(text)
        assert error.key.endswith(f".{unit}")
        assert "a whole number from 0 up" in error.message


def test_the_accepted_forms_are_exact() -> None:
    text = policy_text("{older_than = {weeks = 1, days = 2, hours = 3, minutes = 4}}", min_age="{hours = 36}")

    policy = documents.from_text(text, kind=ik.Policy)

    assert repr(policy.withdraw) == "r.older_than(days=9, hours=3, minutes=4)"
    assert policy.min_age.total_seconds() == 36 * 3600


@pytest.mark.parametrize(
    "form", ["{older_than = {}}", "{older_than = {days = 0}}", "{older_than = {weeks = 99999}}"]
)
def test_an_age_out_of_range_is_told_its_bounds(form: str) -> None:
    error = refusal(policy_text(form))

    assert "more than nothing and at most 100 years" in error.message
    assert error.key.startswith("withdraw.older_than")


# ── Bounds ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "key", "bounds"),
    [
        (
            policy_text("{mutual_connections = {at_least = 0}}"),
            "withdraw.mutual_connections.at_least",
            "from 1 up",
        ),
        (policy_text("{same_note_as = {at_least = 1}}"), "withdraw.same_note_as.at_least", "from 2 up"),
        (policy_text(limits="{per_run = -1}"), "limits.per_run", "from 0 up"),
        (policy_text(limits="{share = 1.01}"), "limits.share", "from 0 to 1"),
        (policy_text(limits="{share = -0.1}"), "limits.share", "from 0 to 1"),
        (policy_text(limits="{per_day = 0x10000000000000000}"), "limits.per_day", "64 bits"),
        (policy_text(min_age="{weeks = 9999}"), "min_age", "at most 100 years"),
        (policy_text('{status_is = {statuses = ["open"]}}'), "withdraw.status_is.statuses", "status"),
        (policy_text('{tagged = {tag = " "}}'), "withdraw.tagged.tag", "not empty"),
        (policy_text('{name_matches = {pattern = "(?=x)"}}'), "withdraw.name_matches.pattern", "look-around"),
        (policy_text('{sent_before = {at = "2026-13-01"}}'), "withdraw.sent_before.at", "2026-13-01"),
        (policy_text("{sent_before = {at = 2026-06-01T10:00:00}}"), "withdraw.sent_before.at", "no time zone"),
        (policy_text('{sent_before = {at = "2026-W23-1"}}'), "withdraw.sent_before.at", "a date"),
        (policy_text("{member_in = {people = ['a@mail.example']}}"), "withdraw.member_in.people", "e-mail"),
        (policy_text("{member_in = {people = [{slog = 'ada-example-77'}]}}"), "withdraw.member_in.people", "slog"),
        (policy_text(rank='"newest"'), "rank", "newest"),
        (policy_text(name='" "'), "name", "not empty"),
    ],
)
def test_out_of_range_is_told_the_bounds(text: str, key: str, bounds: str) -> None:
    error = refusal(text)

    assert error.key == key
    assert bounds in error.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (policy_text("{never = {}}"), "empty"),
        (policy_text("{always = {}}"), "everything"),
        (policy_text(keep="{has_note = {}}"), "contradiction"),
        (policy_text(keep="{always = {}}"), "keeps-everything"),
        (policy_text(limits="{}"), "no-limit"),
        ('invitekit = 1\nkind = "policy"\nname = "p"\nwithdraw.has_note = {}\n', "no-limit"),
    ],
)
def test_a_policy_that_is_refused_says_so_with_its_file(text: str, code: str, tmp_path: Path) -> None:
    """The document is well-formed, the policy in it is not: a `PolicyError`, as if it were built in Python."""
    path = tmp_path / "refused.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ik.PolicyError) as caught:
        ik.load(path)

    assert caught.value.code == code
    assert str(path) in str(caught.value)
    assert "Limits(" not in caught.value.hint


# ── No conversions ───────────────────────────────────────────────────────────────────────────────────────────────


def test_no_value_of_a_policy_is_taken_for_another() -> None:
    """Each value in each golden policy, as each thing that a lenient reader would convert: refused there."""
    checked = 0
    for name in POLICIES:
        data = golden(name)
        for place, wrong in wrong_values(data):
            if place[-1] == "share" and isinstance(wrong, float):
                continue  # A share is a number, with a point or without.
            with pytest.raises((ik.DocumentError, ik.PolicyError)) as caught:
                documents.from_text(json.dumps(put(data, place, wrong)))
            if isinstance(caught.value, ik.DocumentError):
                assert related(caught.value.key, spelled(place)), (name, place, wrong, caught.value)
            else:
                assert (place, wrong, caught.value.code) == (("limits",), {}, "no-limit")
            checked += 1
    assert checked > 800


@pytest.mark.parametrize("make", [small_snapshot, small_plan])
def test_no_value_of_a_snapshot_or_plan_is_taken_for_another(make: Any) -> None:
    """Likewise; a value of the right type that only the digest can tell apart is refused by the digest."""
    data = make()
    checked = 0
    for place, wrong in wrong_values(data):
        with pytest.raises(ik.DocumentError) as caught:
            documents.from_text(json.dumps(put(data, place, wrong)))
        key = caught.value.key
        assert related(key, spelled(place)) or ("facts" in place and key == "digest"), (place, wrong, caught.value)
        assert "cannot be read" not in caught.value.message
        checked += 1
    assert checked > 500


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (("taken_at",), "2026-11-22", "no time with a zone"),
        (("taken_at",), "2026-11-22T12:00:00", "no time with a zone"),
        (("taken_at",), "2026-11-22 12:00:00Z", "no time with a zone"),
        (("taken_at",), "2026-11-31T12:00:00Z", "no time with a zone"),
        (("taken_at",), "2026-11-22T12:00:00.1234567Z", "no time with a zone"),
        (("taken_at",), "0001-01-01T00:00:00+05:45", "outside what UTC can express"),
        (("taken_at",), 1795348800, "a time with its zone"),
        (("source",), None, "a text"),
        (("completeness",), "log ", "is not known here"),
        (("invitations", 0, "status"), "Pending", "is not known here"),
        (("invitations", 0, "direction"), "outgoing", "is not known here"),
        (("invitations", 0, "id"), " x ", "not an id"),
        (("invitations", 0, "mutual_connections"), -1, "from 0 up"),
        (("invitations", 0, "cause"), "expired", "belongs to an invitation that is gone"),
        (("invitations", 0, "member", "slug"), "a b", "no profile slug"),
        (("invitations", 0, "member", "name"), "", "not empty"),
        (("invitations", 0, "sent_at", "earliest"), "2027-01-01T00:00:00Z", "cannot begin"),
        (("invitations", 0, "sent_at", "latest"), "soon", "no time with a zone"),
        (("invitations", 0, "sent_at", "middle"), "2026-01-01T00:00:00Z", "is not known here"),
        (("invitations", 1, "id"), "x-000", "two different invitations have the id"),
        (("files", 0, "reasons", "unreadable-date"), True, "a whole number"),
        (("findings", 1, "line"), "17", "a whole number"),
        (("connections", 0, "e_mail"), "ada@mail.example", "is not known here"),
    ],
)
def test_a_value_of_a_snapshot_is_refused_where_it_stands(place: Place, value: Any, told: str) -> None:
    with pytest.raises(ik.DocumentError, match=told) as caught:
        documents.from_text(json.dumps(put(golden("snapshot.json"), place, value)))

    assert related(caught.value.key, spelled(place))


@pytest.mark.parametrize("key", ["taken_at", "invitations[3].member", "invitations[3].sent_at", "files[1].kind"])
def test_what_is_missing_in_a_snapshot_is_named(key: str) -> None:
    data = golden("snapshot.json")
    (place,) = [place for place, _ in places(data) if spelled(place) == key]
    around: Any = data
    for step in place[:-1]:
        around = around[step]
    del around[place[-1]]

    error = refusal(json.dumps(data))

    assert (error.key, error.message) == (key, "it is missing")


def test_a_key_of_a_snapshot_that_is_misspelled_is_told_as_that_and_not_as_missing() -> None:
    text = json.dumps(golden("snapshot.json")).replace('"evidence"', '"evidense"', 1)

    error = refusal(text)

    assert (error.key, error.hint) == ("invitations[0].evidense", "Did you mean 'evidence'?")


def test_an_error_about_a_snapshot_shows_no_note() -> None:
    """Whatever stands where it does not belong may be one."""
    data = put(golden("snapshot.json"), ("invitations", 3, "note"), ["Hello, a secret"])
    moved = put(golden("snapshot.json"), ("invitations", 3, "mutual_connections"), "Hello, a secret")

    for changed in (data, moved):
        error = refusal(json.dumps(changed))
        assert "secret" not in repr(error)
        assert error.key.startswith("invitations[3].")


@pytest.mark.parametrize("value", [[["keep"]], [["keep", "a", "b"]], [[1, 2]], ["ab"], {"keep": "a"}])
def test_a_pair_in_a_plan_is_a_pair(value: Any) -> None:
    with pytest.raises(ik.DocumentError) as caught:
        documents.from_text(json.dumps(put(small_plan(), ("never_known",), value)))

    assert caught.value.key.startswith("never_known")


def test_a_json_file_that_holds_no_object_is_refused(tmp_path: Path) -> None:
    for text in ("[1]", "3", '"policy"', "null"):
        (tmp_path / "x.json").write_text(text, encoding="utf-8")
        with pytest.raises(ik.DocumentError, match="a document is a table"):
            ik.load(tmp_path / "x.json")
