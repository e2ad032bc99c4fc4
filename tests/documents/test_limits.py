"""PO-3: what a document may be is settled before a parser sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import invitekit as ik
from invitekit import documents
from invitekit.documents._parse import DEEPEST, LARGEST, LARGEST_POLICY, MOST_KEYS

HEAD = 'invitekit = 1\nkind = "policy"\nname = "p"\nlimits.per_run = 3\n'
JSON_HEAD = '"invitekit": 1, "kind": "policy", "name": "p", "limits": {"per_run": 3}'


def refusal(text: str) -> ik.DocumentError:
    with pytest.raises(ik.DocumentError) as caught:
        documents.from_text(text)
    return caught.value


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The modules of the parsers that saw a text: some texts take them quadratic time, or all of the stack."""
    seen: list[str] = []

    def watched(name: str, loads: Callable[..., Any]) -> Callable[..., Any]:
        def watching(*args: Any, **named: Any) -> Any:
            seen.append(name)
            return loads(*args, **named)

        return watching

    for module in (json, tomllib):
        monkeypatch.setattr(module, "loads", watched(module.__name__, module.loads))
    return seen


def test_the_limits_are_those_that_are_promised() -> None:
    assert (LARGEST_POLICY, LARGEST, DEEPEST, MOST_KEYS) == (1_000_000, 1_000_000_000, 32, 1_000)


def test_a_parser_that_sees_a_text_is_noticed(parsed: list[str]) -> None:
    """Or the tests below, which say that none does, could not fail."""
    documents.from_text(documents.to_text(ik.Policy.default(), form="toml"))
    documents.from_text(documents.to_text(ik.Policy.default(), form="json"))

    assert parsed == ["tomllib", "json"]


# ── Bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("comment", "form"), [("#", "toml"), (" ", "json")])
def test_a_policy_has_at_most_a_million_bytes(comment: str, form: str, tmp_path: Path) -> None:
    policy = ik.Policy.default()
    text = documents.to_text(policy, form=form)  # type: ignore[arg-type]
    path = tmp_path / f"policy.{form}"

    path.write_text(text + comment * (1_000_000 - len(text)), encoding="utf-8")
    assert ik.load(path) == policy

    path.write_text(text + comment * (1_000_001 - len(text)), encoding="utf-8")
    with pytest.raises(ik.DocumentError, match="larger than 1,000,000 bytes"):
        ik.load(path)
    with pytest.raises(ik.DocumentError, match="larger than 1,000,000 bytes"):
        documents.from_text(path.read_text(encoding="utf-8"))


def test_bytes_are_counted_not_characters() -> None:
    assert "larger" in refusal(HEAD + "# " + "é" * 500_000).message


def test_a_large_file_that_only_later_says_that_it_is_a_plan_is_a_large_policy(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"x": "' + "x" * 1_000_000 + '", "invitekit": 1, "kind": "plan"}', encoding="utf-8")

    with pytest.raises(ik.DocumentError, match="begins with the keys invitekit and kind"):
        ik.load(path)


def test_a_plan_or_snapshot_has_at_most_a_thousand_million_bytes(tmp_path: Path) -> None:
    """The size is asked of the file; a file as large as that is never read."""
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.write(b'{"invitekit": 1, "kind": "snapshot", "source": "')
        file.truncate(1_000_000_001)

    with pytest.raises(ik.DocumentError, match="larger than 1,000,000,000 bytes"):
        ik.load(path)


def test_a_large_file_of_another_kind_than_wanted_is_refused_by_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.write(b'{"invitekit": 1, "kind": "snapshot", "source": "')
        file.truncate(2_000_000)

    for kind in (ik.Policy, ik.Plan):
        with pytest.raises(ik.DocumentError, match="it is a snapshot, not a"):
            ik.load(path, kind=kind)


# ── Depth and keys ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("depth", [DEEPEST + 1, 100, 10_000])
@pytest.mark.parametrize(
    ("opening", "closing", "head"),
    [
        ("[", "]", HEAD + "x = {}"),
        ("{a = ", "}", HEAD + "x = {}"),
        ("[", "]", "{" + JSON_HEAD + ', "x": {}}}'),
        ('{"a": ', "}", "{" + JSON_HEAD + ', "x": {}}}'),
    ],
)
def test_what_is_nested_too_deep_is_refused_before_it_is_parsed(
    depth: int, opening: str, closing: str, head: str, parsed: list[str]
) -> None:
    error = refusal(head.replace("{}", opening * depth + "1" + closing * depth, 1))

    assert "more than 32 deep" in error.message
    assert parsed == []


def test_depth_counts_exactly() -> None:
    """The document is 1. What stands at 32 is read (and found to be no rule), what stands at 33 is not."""
    nested = "withdraw = " + "{not = " * 31 + "1" + "}" * 31
    deeper = "withdraw = " + "{not = " * 32 + "1" + "}" * 32

    assert "a rule is a table" in refusal(HEAD + nested).message
    assert "more than 32 deep" in refusal(HEAD + deeper).message


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 33 + " = 1",
        "[a" + ".a" * 33 + "]",
        "[[a" + ".a" * 33 + "]]",
        'a."b c".' * 20 + "d = 1",
        "[a" + ".a" * 20 + "]\n" + "b" + ".b" * 20 + " = 1",
    ],
)
def test_dotted_keys_nest_as_well(text: str) -> None:
    assert "deep" in refusal(HEAD + text).message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a" + ".a" * 480_000 + " = 1", "32 deep"),
        ("[a" + ".a" * 480_000 + "]", "32 deep"),
        ("[a]\n" * 200_000, "1,000 keys"),
        ("a = [" + "[" * 900_000, "32 deep"),
        ("a = '" * 180_000, "1,000 keys"),
        ("=" * 990_000, "1,000 keys"),
        ('{"a":' * 190_000, "32 deep"),
        ("{" + ",".join(f'"k{n}": 1' for n in range(80_000)) + "}", "1,000 keys"),
    ],
    ids=lambda value: f"{value[:8]!r}x{len(value)}",
)
def test_a_million_bytes_that_nest_or_name_without_end_are_refused_before_they_are_parsed(
    text: str, says: str, parsed: list[str]
) -> None:
    """A parser would take minutes for some of them, and overflow its stack on others."""
    assert len(text) <= LARGEST_POLICY
    assert says in refusal(text).message
    assert parsed == []


@pytest.mark.parametrize(
    "text",
    [
        "a = [" + "{}," * 100_000 + "]",
        "a = [" + "'''" * 300_000,
        'a = """' + '\\"""' * 60_000,
        'a = "' + "\\" * 900_001,
        "\n" * 990_000,
        "#" * 990_000,
        "a=" + "0" * 990_000,
        "a=0x" + "f" * 900_000,
        "a=" + "1_" * 400_000 + "1",
        "a=1." + "1" * 900_000,
        "{" + '"' * 990_000,
        '{"a": "' + "\\" * 900_001,
        '{"a": [' + "1," * 480_000 + "1]}",
        '{"a": 1' + "0" * 900_000 + "}",
        '{"a": [' + "{}," * 100_000 + "{}]}",
    ],
    ids=lambda text: f"{text[:8]!r}x{len(text)}",
)
def test_a_million_other_hostile_bytes_are_refused(text: str) -> None:
    assert len(text) <= LARGEST_POLICY
    assert str(refusal(text))


def test_a_thousand_keys_are_read_and_one_more_is_not() -> None:
    def text(extra: int, form: str) -> str:
        # Four keys of the head, one "per_run", the rule with its three; and two for each person.
        people = [{"slug": f"p-example-{n}", "urn": f"urn:li:member:{n}"} for n in range(496)]
        data = {
            "invitekit": 1,
            "kind": "policy",
            "name": "p",
            "limits": {"per_run": 3},
            "withdraw": {"member_in": {"people": [*people, *[{"slug": "last-example-1"}] * extra]}},
        }
        if form == "json":
            return json.dumps(data)
        rows = ", ".join(
            "{" + ", ".join(f'{key} = "{value}"' for key, value in one.items()) + "}"
            for one in data["withdraw"]["member_in"]["people"]  # type: ignore[index]
        )
        return HEAD.replace("limits.per_run", "[limits]\nper_run") + f"[withdraw.member_in]\npeople = [{rows}]\n"

    for form in ("toml", "json"):
        assert len(documents.from_text(text(0, form), kind=ik.Policy).withdraw.leaves) == 1
        assert "more than 1,000 keys" in refusal(text(9, form)).message


@pytest.mark.parametrize("kind", ["plan", "snapshot"])
def test_a_plan_or_snapshot_nested_without_end_is_refused(kind: str) -> None:
    for body in (
        '"source": ' + "[" * 200_000,
        '"source": ' + '{"a":' * 200_000,
        '"policy": ' + '{"not":' * 200_000,
    ):
        error = refusal(f'{{"invitekit": 1, "kind": "{kind}", {body}')
        assert "too deep" in error.message


def test_the_policy_in_a_plan_is_held_to_the_limits_of_a_policy() -> None:
    deep = '{"not":' * 40 + "1" + "}" * 40

    error = refusal(
        f'{{"invitekit": 1, "kind": "plan", "digest": "", "policy": {{"name": "p", "withdraw": {deep}}}}}'
    )

    assert "more than 32 deep" in error.message
    assert error.key.startswith("policy.withdraw.not.not")


# ── Numbers, keys, texts ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", ["nan", "-nan", "inf", "+inf", "-inf", "1e999", "-1e999"])
def test_toml_numbers_are_finite(number: str) -> None:
    error = refusal(HEAD.replace("per_run = 3", f"share = {number}"))

    assert (error.key, error.message) == ("limits.share", "it is not a finite number")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_json_numbers_are_finite(number: str) -> None:
    error = refusal("{" + JSON_HEAD.replace('"per_run": 3', f'"share": {number}') + "}")

    assert (error.key, error.message) == ("limits.share", "it is not a finite number")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_in_plans_and_snapshots_are_finite(number: str) -> None:
    golden = Path(__file__).parent / "golden"
    plan = (
        (golden / "plan.json")
        .read_text(encoding="utf-8")
        .replace('"threshold_days": 14.0', f'"threshold_days": {number}')
    )
    snapshot = (golden / "snapshot.json").read_text(encoding="utf-8").replace('"rows": 49', f'"rows": {number}')

    assert refusal(plan).key.endswith("facts.threshold_days")
    assert refusal(snapshot).key == "files[0].rows"


@pytest.mark.parametrize("text", [HEAD + "x = " + "9" * 5000, "{" + JSON_HEAD + ', "x": ' + "9" * 5000 + "}"])
def test_a_number_of_thousands_of_digits_is_refused(text: str) -> None:
    assert "thousands of digits" in refusal(text).message


@pytest.mark.parametrize("number", [str(2**63), str(-(2**63) - 1), "9" * 4000])
def test_numbers_have_64_bits(number: str) -> None:
    for text in (HEAD.replace("= 3", f"= {number}"), "{" + JSON_HEAD.replace(": 3", f": {number}") + "}"):
        error = refusal(text)
        assert (error.key, error.message) == ("limits.per_run", "the number has more than 64 bits")


@pytest.mark.parametrize("number", ["0x" + "f" * 5000, "0b" + "1" * 20_000, "0o" + "7" * 9000])
def test_no_notation_gets_past_that(number: str) -> None:
    """Only decimal digits are limited by Python itself."""
    assert refusal(HEAD.replace("= 3", f"= {number}")).key == "limits.per_run"


def test_a_key_that_stands_twice_is_refused_with_its_place() -> None:
    error = refusal(
        "{" + JSON_HEAD + ', "withdraw": {"any": [{"has_note": {}}, {"tagged": {"tag": "a", "tag": "b"}}]}}'
    )

    assert error.key == "withdraw.any[1].tagged.tag"
    assert "stands twice" in error.message


@pytest.mark.parametrize("text", ['name = "q"', "limits.per_run = 4", "[limits]", "limits = {}"])
def test_a_key_that_stands_twice_in_toml_is_refused(text: str) -> None:
    assert "this is not TOML" in refusal(HEAD + text).message


def test_half_a_character_is_found_however_deep_it_stands() -> None:
    """As deep as the parser of this Python goes: the way there is followed without recursion."""
    for depth in (100, 900, 9_000):
        deep = "[" * depth + '"\\ud800"' + "]" * depth
        error = refusal(f'{{"invitekit": 1, "kind": "snapshot", "source": {deep}}}')
        assert "half a character" in error.message or "too deep" in error.message


@pytest.mark.parametrize("kind", ["policy", "snapshot", "plan"])
@pytest.mark.parametrize("escape", ["\\ud800", "\\uDFFF", "\\udc00\\ud800"])
def test_half_a_character_is_refused_with_its_place(kind: str, escape: str) -> None:
    head = f'{{"invitekit": 1, "kind": "{kind}", "name": '

    assert refusal(head + f'["a", "b{escape}c"]}}').key == "name[1]"
    assert "half a character" in refusal(head + f'{{"b{escape}c": 1}}}}').message


def test_a_whole_character_in_two_escapes_is_read() -> None:
    text = "{" + JSON_HEAD.replace('"p"', '"\\ud83d\\ude00"') + ', "withdraw": {"has_note": {}}}'

    assert documents.from_text(text, kind=ik.Policy).name == "😀"


def test_half_a_character_is_not_written_either() -> None:
    half = ik.Policy(name="half \ud800", withdraw=ik.rules.has_note(), limits=ik.Limits(per_run=3))
    snapshot = ik.Snapshot(
        account=ik.Member(name="Half \ud800"),
        taken_at=ik.load(Path(__file__).parent / "golden/snapshot.json").taken_at,  # type: ignore[union-attr]
    )

    for value, key in ((half, "name"), (snapshot, "account.name")):
        with pytest.raises(ik.DocumentError, match="half a character") as caught:
            documents.to_text(value)
        assert caught.value.key == key
    with pytest.raises(ik.DocumentError, match="half a character"):
        documents.from_text("name = '\ud800'")


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe" + HEAD.encode("utf-16-le"),
        HEAD.encode() + b"# caf\xe9",
        b"\x80",
        HEAD.encode() + b"\xed\xa0\x80",
    ],
)
def test_bytes_that_are_not_utf8_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)

    with pytest.raises(ik.DocumentError, match=r"not UTF-8\. Save it as UTF-8"):
        ik.load(path)


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    """As editors on Windows write them."""
    for form in ("toml", "json"):
        path = tmp_path / f"policy.{form}"
        text = documents.to_text(ik.Policy.default(), form=form)  # type: ignore[arg-type]
        path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
        assert ik.load(path) == ik.Policy.default()
        assert documents.from_text("\ufeff" + text) == ik.Policy.default()


@pytest.mark.parametrize("form", ["toml", "json"])
def test_a_refusal_tells_the_line(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"policy.{form}"
    path.write_text('{\n"a": 1,\n"b" 2}' if form == "json" else "a = 1\nb = 2\nc 3\n", encoding="utf-8")

    with pytest.raises(ik.DocumentError) as caught:
        ik.load(path)

    assert caught.value.line == 3
    assert str(caught.value).startswith(f"{path}, line 3: this is not {form.upper()}")


def test_an_error_does_not_carry_the_text_along() -> None:
    """Parsers put the whole text into their errors, and a document may hold notes."""
    golden = (Path(__file__).parent / "golden" / "snapshot.json").read_text(encoding="utf-8")
    error = refusal(golden[:5000])

    assert error.__context__ is None
    assert "bees" not in repr(vars(error))


def test_a_document_that_is_deep_is_refused_where_the_stack_is_small() -> None:
    """In a fresh interpreter with little room to recurse, as inside a debugger or a deep call."""
    program = (
        "import sys\n"
        "from invitekit import documents, DocumentError, Policy\n"
        'deep = \'{"invitekit": 1, "kind": "plan", "x": \' + "[" * 200_000\n'
        "texts = [documents.to_text(Policy.default()), deep]\n"
        "documents.from_text(texts[0])\n"
        "sys.setrecursionlimit(150)\n"
        "documents.from_text(texts[0])\n"
        "try:\n"
        "    documents.from_text(texts[1])\n"
        "except DocumentError as error:\n"
        "    print(error)\n"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False, env={**os.environ}
    )

    assert done.returncode == 0, done.stderr
    assert "too deep" in done.stdout
