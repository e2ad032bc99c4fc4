"""Files: what `load` and `save` take and leave behind, and bytes that depend on nothing but the value."""

from __future__ import annotations

import json
import os
import pickle
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import invitekit as ik
from invitekit import documents
from invitekit import rules as r

GOLDEN = Path(__file__).parent / "golden"
ALL = ("spring-clean.toml", "every-rule.json", "snapshot.json", "plan.json")


def text_of(name: str) -> str:
    return (GOLDEN / name).read_text(encoding="utf-8")


# ── Save ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ALL)
def test_what_is_saved_is_loaded_equal(name: str, tmp_path: Path) -> None:
    value = ik.load(GOLDEN / name)

    path = ik.save(value, tmp_path / f"again{Path(name).suffix}")

    assert path == tmp_path / f"again{Path(name).suffix}"
    assert ik.load(path) == value


@pytest.mark.parametrize("name", ["spring-clean.toml", "default.json", "snapshot.json", "plan.json"])
def test_what_was_saved_is_saved_again_as_the_same_bytes(name: str, tmp_path: Path) -> None:
    path = ik.save(ik.load(GOLDEN / name), tmp_path / name)

    assert path.read_bytes() == (GOLDEN / name).read_bytes()


def test_a_path_may_be_a_text_and_the_ending_in_any_case(tmp_path: Path) -> None:
    for name in ("policy.TOML", "policy.Json"):
        path = ik.save(ik.Policy.default(), str(tmp_path / name))
        assert ik.load(str(path)) == ik.Policy.default()
        assert path.name == name


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
@pytest.mark.parametrize("name", ALL)
def test_only_the_owner_may_read_what_is_saved(name: str, tmp_path: Path) -> None:
    """A plan and a snapshot hold names and notes."""
    before = os.umask(0)
    try:
        path = ik.save(ik.load(GOLDEN / name), tmp_path / name)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_notes_are_saved_word_for_word(tmp_path: Path) -> None:
    """It is the user's own file; a pickle would leave them behind."""
    snapshot = ik.load(GOLDEN / "snapshot.json", kind=ik.Snapshot)
    notes = [item.note for item in snapshot.invitations]

    saved = ik.load(ik.save(snapshot, tmp_path / "s.json"), kind=ik.Snapshot)
    pickled = pickle.loads(pickle.dumps(snapshot))

    assert [item.note for item in saved.invitations] == notes
    assert any(isinstance(note, str) and note for note in notes)
    assert not any(isinstance(item.note, str) and item.note for item in pickled.invitations)


@pytest.mark.parametrize("name", ["snapshot.json", "plan.json"])
def test_plans_and_snapshots_are_json(name: str, tmp_path: Path) -> None:
    value = ik.load(GOLDEN / name)

    with pytest.raises(
        ik.DocumentError, match=r"is a JSON document\. TOML is for policies; use the ending \.json"
    ):
        ik.save(value, tmp_path / "x.toml")
    assert list(tmp_path.iterdir()) == []

    kind = "snapshot" if isinstance(value, ik.Snapshot) else "plan"
    with pytest.raises(ik.DocumentError, match=f"a {kind} is a JSON document"):
        documents.from_text(f'invitekit = 1\nkind = "{kind}"\n')


def test_a_refused_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = ik.save(ik.Policy.default(), tmp_path / "policy.toml")
    own = ik.Policy(name="own", withdraw=r.rule(lambda inv: inv.is_open), limits=ik.Limits(per_run=1))

    with pytest.raises(ik.DocumentError, match="function of your own") as caught:
        ik.save(own, path)

    assert caught.value.file == str(path)
    assert ik.load(path) == ik.Policy.default()
    assert [one.name for one in tmp_path.iterdir()] == ["policy.toml"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ik.DataError, match="Check that the folder exists"):
        ik.save(ik.Policy.default(), tmp_path / "nowhere" / "policy.toml")


def test_there_are_two_forms_of_text() -> None:
    for form in ("yaml", "TOML", "", None, 3):
        with pytest.raises(ik.DocumentError, match="Pass form='toml' or form='json'"):
            documents.to_text(ik.Policy.default(), form=form)  # type: ignore[arg-type]


# ── Load ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_load_gives_what_the_document_is() -> None:
    assert [type(ik.load(GOLDEN / name)) for name in ALL] == [ik.Policy, ik.Policy, ik.Snapshot, ik.Plan]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kind", [ik.Policy, ik.Plan, ik.Snapshot])
def test_a_document_of_another_kind_than_wanted_is_refused(name: str, kind: type[Any]) -> None:
    if isinstance(ik.load(GOLDEN / name), kind):
        assert isinstance(ik.load(GOLDEN / name, kind=kind), kind)
    else:
        with pytest.raises(ik.DocumentError, match=r"it is a (policy|plan|snapshot), not a") as caught:
            ik.load(GOLDEN / name, kind=kind)
        assert caught.value.key == "kind"
        assert caught.value.file == str(GOLDEN / name)


@pytest.mark.parametrize("kind", ["policy", ik.Context, 3, object])
def test_only_what_has_documents_can_be_wanted(kind: Any) -> None:
    with pytest.raises(ik.DocumentError, match="Pass kind=Policy, Plan or Snapshot"):
        ik.load(GOLDEN / "plan.json", kind=kind)


@pytest.mark.parametrize("name", ["missing.toml", "missing.json", "folder.toml"])
def test_a_file_that_cannot_be_read_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()

    with pytest.raises(ik.DocumentError, match="cannot be read") as caught:
        ik.load(tmp_path / name)

    assert caught.value.file == str(tmp_path / name)


@pytest.mark.parametrize("name", ["policy", "policy.yaml", "policy.toml.bak", ".toml", "policy."])
def test_the_ending_says_how_a_document_is_written(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text_of("spring-clean.toml"), encoding="utf-8")

    for attempt in (lambda: ik.load(tmp_path / name), lambda: ik.save(ik.Policy.default(), tmp_path / name)):
        with pytest.raises(ik.DocumentError, match=r"a \.toml or \.json file"):
            attempt()


@pytest.mark.parametrize("path", [None, 3, b"policy.toml", "a\0.toml", "\ud800.toml", ["policy.toml"], 1.5])
def test_what_is_no_path_is_refused(path: Any) -> None:
    for attempt in (lambda: ik.load(path), lambda: ik.save(ik.Policy.default(), path)):
        with pytest.raises(ik.DocumentError, match="no path of a file"):
            attempt()


@pytest.mark.parametrize("text", [None, 3, b"invitekit = 1", Path("policy.toml")])
def test_what_is_no_text_is_refused(text: Any) -> None:
    with pytest.raises(ik.DocumentError, match="a document is a text"):
        documents.from_text(text)


def test_an_error_tells_file_place_and_hint_and_survives_a_pickle(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(
        text_of("spring-clean.toml").replace("has_note", "x").replace("older_than", "older_then"), "utf-8"
    )

    with pytest.raises(ik.DocumentError) as caught:
        ik.load(path)

    told = f"{path}, withdraw.any[0].older_then: there is no rule 'older_then'. Did you mean 'older_than'?"
    assert str(caught.value) == told
    assert str(pickle.loads(pickle.dumps(caught.value))) == told


def test_a_key_that_is_odd_is_quoted_and_harmless() -> None:
    """It came from outside: neither its dots nor its control characters may pass for our own words."""
    with pytest.raises(ik.DocumentError) as caught:
        documents.from_text('{"invitekit": 1, "kind": "policy", "a.b\\u001b[31m\\u202e": 1}')

    assert caught.value.key == '"a.b\\\\u001b[31m\\\\u202e"'.replace("\\\\", "\\")
    assert str(caught.value).isprintable()


# ── Plans that were changed ──────────────────────────────────────────────────────────────────────────────────────


def changed_plan(change: Callable[[Any], Any]) -> ik.DocumentError:
    data = json.loads(text_of("plan.json"))
    change(data)
    with pytest.raises(ik.DocumentError) as caught:
        documents.from_text(json.dumps(data))
    return caught.value


CHANGES: dict[str, Callable[[Any], Any]] = {
    "a decision is gone": lambda data: data["decisions"].pop(),
    "kept": lambda data: data["decisions"][0].update(verdict="keep", rank=None),
    "withdrawn": lambda data: data["decisions"][30].update(verdict="withdraw", rank=99),
    "somebody else": lambda data: data["decisions"][0]["invitation"]["member"].update(
        slug="somebody-else-example-1"
    ),
    "another note": lambda data: data["decisions"][0]["invitation"].update(note="another note"),
    "a reason less": lambda data: data["decisions"][0]["reasons"].pop(),
    "a reason that does not decide": lambda data: data["decisions"][0]["reasons"][0].update(decides=False),
    "another fact": lambda data: data["decisions"][0]["reasons"][1]["facts"].update(threshold_days=13.0),
    "nothing follows": lambda data: data["decisions"][0]["follows"].clear(),
    "another limit": lambda data: data["policy"]["limits"].update(per_run=21),
    "another name": lambda data: data["policy"].update(name="other"),
    "another account": lambda data: data["account"].update(slug="other-example-1"),
    "another moment": lambda data: data.update(now="2026-11-22T12:00:01Z"),
    "another age": lambda data: data.update(taken_at="2026-11-22T12:00:01Z"),
    "another completeness": lambda data: data.update(completeness="complete"),
    "a blocker": lambda data: data.update(blockers=[{"code": "stale", "facts": {"hours": 30}}]),
    "a rule never known": lambda data: data.update(never_known=[["keep", "r.has_note()"]]),
    "another digest": lambda data: data.update(digest="0" * 64),
    "a digest spelled otherwise": lambda data: data.update(digest=data["digest"].upper()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_plan_that_was_changed_is_refused(change: str) -> None:
    error = changed_plan(CHANGES[change])

    assert error.key == "digest"
    assert "tampered with or is damaged" in error.message


def test_a_plan_without_its_digest_is_refused() -> None:
    assert changed_plan(lambda data: data.pop("digest")).key == "digest"


def test_a_plan_that_decides_twice_is_refused() -> None:
    error = changed_plan(lambda data: data["decisions"].append(data["decisions"][0]))

    assert (error.key, error.message) == ("decisions", "an invitation is decided about twice")


def test_the_order_of_decisions_in_the_file_is_nothing() -> None:
    """Other programs may sort what they pass on; the plan is the same."""
    data = json.loads(text_of("plan.json"))
    data["decisions"].reverse()

    assert documents.from_text(json.dumps(data)) == ik.load(GOLDEN / "plan.json")


# ── Determinism ──────────────────────────────────────────────────────────────────────────────────────────────────

ZONES = (
    "Asia/Kathmandu",
    "UTC",
    "America/Los_Angeles",
    "Pacific/Chatham",
    "America/St_Johns",
    "Africa/Casablanca",
)
LOCALES = ("C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8")
WRITES = """
import contextlib, hashlib, locale, os, sys, time
from pathlib import Path
import invitekit as ik
from invitekit import documents

golden, folder, *zones = sys.argv[1:]
with contextlib.suppress(locale.Error):
    locale.setlocale(locale.LC_ALL, "")
for zone in zones:
    os.environ["TZ"] = zone
    if hasattr(time, "tzset"):
        time.tzset()
    context = ik.Context(
        tags={"client": ["hal-example-23", "gus-example-14"], "vip": ["ada-example-8"]},
        kept=["fay-example-5"],
        contacts=["bo-example-17", "cy-example-18", "ivy@mail.example", "jo@mail.example"],
    )
    snapshot = ik.load(Path(golden, "snapshot.json"))
    policy = ik.load(Path(golden, "every-rule.json"))
    plan = policy.plan(snapshot, context=context)
    written = hashlib.sha256()
    for text in (documents.to_text(snapshot), documents.to_text(policy, form="toml"), documents.to_text(plan)):
        written.update(text.encode())
    path = ik.save(plan, Path(folder, "plan.json"))
    print(written.hexdigest(), hashlib.sha256(path.read_bytes()).hexdigest())
"""


def test_bytes_depend_on_nothing_but_the_value(tmp_path: Path) -> None:
    """RL-7, 24 runs: 8 hash seeds, 4 locales (one without UTF-8), 6 zones; three of them in each interpreter."""
    waiting: list[subprocess.Popen[str]] = []
    for run in range(8):
        folder = tmp_path / str(run)
        folder.mkdir()
        environment = os.environ | {
            "PYTHONHASHSEED": str(run),
            "LC_ALL": LOCALES[run % 4],
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
        }
        command = [sys.executable, "-c", WRITES, str(GOLDEN), str(folder), *ZONES[run // 4 :: 2]]
        waiting.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
    answers = [line for process in waiting for line in process.communicate()[0].splitlines()]

    assert len(answers) == 24
    assert len(set(answers)) == 1
    assert len(answers[0].split()) == 2
