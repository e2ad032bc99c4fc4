"""Backends by name: ours, and those that packages publish, which are imported only when they are asked for."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from invitekit.backends import load, memory, names
from invitekit.backends._registry import GROUP
from invitekit.errors import DataError, MissingExtraError
from invitekit.model import Capability, ListKind

PLUGIN = Path(__file__).parents[2] / "examples" / "plugin"
SECRET = "example-secret-4f1c9a77"

Publish = Callable[..., None]


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publish]:
    """Install packages in a folder of their own: the metadata that pip would leave, and a module."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def published(distribution: str, entry: str, **modules: str) -> None:
        folder = tmp_path / f"{distribution.replace('-', '_')}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", "utf-8")
        (folder / "entry_points.txt").write_text(f"[{GROUP}]\n{entry}\n", "utf-8")
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text, "utf-8")
        importlib.invalidate_caches()

    yield published
    for name in set(sys.modules) - before:
        if name.startswith("example_"):
            del sys.modules[name]


WORKS = """
from invitekit.backends import memory
def make(*, api_key, account="mara", size: int = 10):
    return memory(page_size=size)
"""


# ── Ours ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_our_own_are_found_by_name() -> None:
    service = load("memory", page_size=7, capabilities=[Capability.LIST_SENT])

    assert type(service) is type(memory())
    assert service.page_size == 7
    assert {"memory": "invitekit", "unipile": "invitekit"}.items() <= names().items()


@pytest.mark.parametrize("name", ["memory", "unipile"])
def test_every_one_of_ours_can_be_imported(name: str) -> None:
    with pytest.raises(DataError, match=f"the backend '{name}' of invitekit has no setting nonsense"):
        load(name, nonsense=1)


def test_no_package_can_take_the_place_of_ours(publish: Publish) -> None:
    publish("example-thief", "memory = example_thief:make", example_thief="raise AssertionError('imported')")

    assert repr(load("memory")).startswith("memory(")
    assert names()["memory"] == "invitekit"
    assert "example_thief" not in sys.modules


# ── The plug-in of the examples ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def paper(publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the plug-in installed: it is, or it is put on the path with the metadata that pip would leave."""
    if not any(entry.name == "paper" for entry in entry_points(group=GROUP)):
        monkeypatch.syspath_prepend(str(PLUGIN))
        publish("invitekit-paper", "paper = invitekit_paper:paper")


@pytest.mark.usefixtures("paper")
def test_a_plug_in_is_found_and_reads_what_was_written(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "list,id,who,name,at,note\n"
        "sent,1,ada-example-77,Ada Example,2026-09-01,We met\n"
        "sent,2,ben-example-12,,2026-10-12T08:30:00+02:00,\n"
        "connections,,cleo-example-3,,2026-02-14,\n",
        "utf-8",
    )

    backend = load("paper", path=file).open()

    assert names()["paper"] == "invitekit-paper"
    assert [one.member.slug for one in backend.sent()] == ["ada-example-77", "ben-example-12"]
    snapshot = backend.snapshot()
    assert (len(snapshot.open_sent), len(snapshot.connections)) == (2, 1)


@pytest.mark.usefixtures("paper")
def test_the_plug_in_keeps_its_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PLUGIN))
    kept = importlib.import_module("check_invitekit_paper").check()

    assert "invitations are what the service holds" in kept
    assert "an invitation is withdrawn once" not in kept


@pytest.mark.usefixtures("paper")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", r"line 1: the column 'at' is missing"),
        ("list,id,who,name,at,note\nsent,1,,,2026-09-01,", r"line 2: no profile slug"),
        ("list,id,who,name,at,note\nsent,1,ada-example-77,,soon,", r"line 2: this is neither a day nor a moment"),
        ("list,id,who,name,at,note\nsent,1,ada-example-77,,2026-09-01T08:30:00,", r"line 2: .*no time zone"),
        ("list,id,who,name,at,note\nsent,,ada-example-77,,2026-09-01,", r"line 2: not an id"),
        ('list,id,who,name,at,note\nsent,"1', r"this is no CSV in UTF-8"),
    ],
)
def test_the_plug_in_says_what_is_wrong_with_the_list(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(text, "utf-8")

    with pytest.raises(DataError, match=told):
        load("paper", path=file).open().page(ListKind.SENT)


def test_the_plug_in_publishes_what_is_tried_here() -> None:
    import tomllib

    settings = tomllib.loads((PLUGIN / "pyproject.toml").read_text("utf-8"))

    assert settings["project"]["name"] == "invitekit-paper"
    assert settings["project"]["entry-points"] == {GROUP: {"paper": "invitekit_paper:paper"}}


# ── Lazily ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_imported_before_it_is_asked_for(publish: Publish) -> None:
    publish("example-one", "one = example_one:make", example_one=WORKS)
    publish("example-two", "two = example_two:make", example_two="raise AssertionError('imported')")

    assert (names()["one"], names()["two"]) == ("example-one", "example-two")
    assert "example_one" not in sys.modules

    assert load("one", api_key=SECRET, size=3).page_size == 3
    assert "example_two" not in sys.modules


def test_our_own_are_found_without_looking_through_the_packages() -> None:
    program = (
        "import importlib.metadata as metadata\n"
        "metadata.entry_points = None\n"
        "from invitekit.backends import load\n"
        "print(load('memory'))"
    )
    answer = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)

    assert (answer.stdout.strip(), answer.stderr) == ("memory(0 sent, 0 received, 0 connections)", "")


# ── What is not there, or twice ──────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_name_is_told_the_nearest_and_all_that_exist(publish: Publish) -> None:
    publish("example-one", "one = example_one:make", example_one=WORKS)

    with pytest.raises(DataError) as caught:
        load("unipyle")

    assert caught.value.message == "there is no backend 'unipyle'"
    assert caught.value.hint.startswith("Did you mean 'unipile'? There are: memory, unipile, ")
    assert "one" in caught.value.hint


@pytest.mark.parametrize("name", ["", "qqqq", None, 7, [], "x" * 10_000])
def test_whatever_is_no_name_is_refused_briefly(name: Any) -> None:
    with pytest.raises(DataError, match="there is no backend") as caught:
        load(name)
    assert len(caught.value.message) < 120


def test_two_packages_that_publish_the_same_name_are_both_told(publish: Publish) -> None:
    publish("example-two", "same = example_two:make", example_two=WORKS)
    publish("example-one", "same = example_one:make", example_one=WORKS)

    with pytest.raises(
        DataError, match=r"'same' is published by example-one and example-two\. Uninstall all but one"
    ):
        load("same", api_key=SECRET)
    assert names()["same"] == "example-one and example-two"
    assert load("memory").page_size == 100


def test_packages_that_cannot_be_looked_through_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: str) -> Any:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")

    monkeypatch.setattr("invitekit.backends._registry.entry_points", broken)

    with pytest.raises(DataError, match="cannot be read: UnicodeDecodeError"):
        names()
    with pytest.raises(DataError, match="cannot be read: UnicodeDecodeError"):
        load("paper")


def test_a_package_without_a_name_is_called_that(publish: Publish, tmp_path: Path) -> None:
    publish("example-one", "one = example_one:make", example_one="raise OSError")
    (tmp_path / "example_one-1.0.dist-info" / "METADATA").write_text("Version: 1.0\n", "utf-8")
    if not any(entry.name == "one" for entry in entry_points(group=GROUP)):
        pytest.skip("this Python does not take such a package for one")

    with pytest.raises(DataError, match="the backend 'one' of a package without a name"):
        load("one")


# ── What does not work ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("entry", "text", "told"),
    [
        ("bad = example_bad:make", "import example_nowhere", "cannot be imported from 'example_bad:make': Module"),
        ("bad = example_bad:make", "1/0", "cannot be imported from 'example_bad:make': ZeroDivisionError"),
        ("bad = example_bad:make", "", "cannot be imported from 'example_bad:make': AttributeError"),
        ("bad = example_bad:made", "made = 7", "'example_bad:made' is of type int, and cannot be called"),
        ("bad = example_bad", "", "'example_bad' is of type module, and cannot be called"),
        ("bad = !", "", "cannot be imported from '!'"),
        ("bad = example_bad:make", "def make():\n    return 7", "gave a int, which is no backend"),
        ("bad = example_bad:make", "def make():\n    pass", "gave a NoneType, which is no backend"),
        ("bad = example_bad:make", "async def make():\n    pass", "gave a coroutine, which is no backend"),
        ("bad = example_bad:make", "def make():\n    raise KeyError(7)", "KeyError in example_bad.py, line 2"),
        (
            "bad = example_bad:Make",
            "class Make:\n    page = read = settle = 1",
            "no capabilities, withdraw, close or",
        ),
    ],
)
def test_what_does_not_work_is_told_with_the_package(publish: Publish, entry: str, text: str, told: str) -> None:
    publish("example-bad", entry, example_bad=text)

    with pytest.raises(DataError) as caught:
        load("bad")

    assert caught.value.message.startswith("the backend 'bad' of example-bad ")
    assert told in caught.value.message
    assert caught.value.hint


def test_why_it_cannot_be_imported_stays_visible(publish: Publish) -> None:
    publish("example-bad", "bad = example_bad:make", example_bad="import example_nowhere")

    with pytest.raises(DataError) as caught:
        load("bad")

    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


@pytest.mark.parametrize("where", ["module", "factory"])
def test_our_own_errors_stay_as_they_are(publish: Publish, where: str) -> None:
    error = "from invitekit.errors import MissingExtraError\n{}raise MissingExtraError('no', extra='keyring')"
    text = error.format("") if where == "module" else error.format("def make():\n    ")
    publish("example-extra", "extra = example_extra:make", example_extra=text)

    with pytest.raises(MissingExtraError):
        load("extra")


@pytest.mark.parametrize(
    "text",
    [
        "make = Sync",
        "make = Async",
        "class make:\n    open = Sync",
        "class make:\n    aopen = Async",
        "class make:\n    open = Sync\n    aopen = Async",
    ],
)
def test_whatever_opens_or_is_a_backend_of_either_colour_opens_in_both(publish: Publish, text: str) -> None:
    publish("example-some", "some = example_some:make", example_some=f"{EITHER}\n{text}")

    with load("some").open() as backend:  # type: ignore[attr-defined]
        assert backend.page("sent") == "a page"

    async def main() -> object:
        async with load("some").aopen() as backend:  # type: ignore[attr-defined]
            return await backend.page("sent")

    assert asyncio.run(main()) == "a page"


EITHER = """
from invitekit.backends import AsyncListings, Listings


class Sync(Listings):
    capabilities = frozenset()

    def page(self, *_):
        return "a page"

    read = withdraw = settle = close = page


class Async(AsyncListings):
    capabilities = frozenset()

    async def page(self, *_):
        return "a page"

    read = withdraw = settle = aclose = page
"""


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_setting_is_named_with_the_nearest_and_its_value_is_not(publish: Publish) -> None:
    publish("example-one", "one = example_one:make", example_one=WORKS)

    with pytest.raises(DataError) as caught:
        load("one", api_kye=SECRET)

    assert caught.value.message == "the backend 'one' of example-one has no setting api_kye"
    assert caught.value.hint == "Did you mean api_key? It has: api_key, account, size"
    assert SECRET not in f"{caught.value} {caught.value!r}"


def test_a_missing_setting_is_named(publish: Publish) -> None:
    publish("example-one", "one = example_one:make", example_one=WORKS)

    with pytest.raises(DataError, match="'one' of example-one needs the setting api_key") as caught:
        load("one", account=SECRET)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("text", ["ValueError(f'bad key {api_key}')", "TypeError(api_key)", "KeyError(api_key)"])
def test_no_value_of_a_setting_gets_out_with_an_error(publish: Publish, text: str) -> None:
    import traceback

    publish("example-leak", "leak = example_leak:make", example_leak=f"def make(api_key):\n    raise {text}")

    with pytest.raises(DataError, match=r"failed with a \w+Error in example_leak.py, line 2") as caught:
        load("leak", api_key=SECRET)

    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_setting_may_have_any_name_and_a_factory_may_take_them_all(publish: Publish) -> None:
    text = (
        "from invitekit.backends import memory\ndef make(**settings):\n    return memory(page_size=len(settings))"
    )
    publish("example-any", "any = example_any:make", example_any=text)

    assert load("any", name=1, what=2, entry=3).page_size == 3


def test_a_factory_without_a_signature_is_called_all_the_same(publish: Publish) -> None:
    publish("example-c", "c = example_c:make", example_c="make = dict")

    with pytest.raises(DataError, match="gave a dict, which is no backend"):
        load("c", size=3)
