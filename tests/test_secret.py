"""A secret stays where it is: no way to print, copy, compare, serialise or fail shows a part of it."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import pprint
import sys
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import attrs
import cattrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitekit.errors import DataError, InvitekitError, MissingExtraError
from invitekit.secret import Secret

CANARY = "zebra-key-4471.Qm9/x=="
PIECES = ("zebra", "4471", "Qm9")
BAD = {
    "empty": "",
    "blank": "   ",
    "padded": f" {CANARY}",
    "with a line end": f"{CANARY}\n",
    "with a line end inside": f"{CANARY}\r\nX-Other: {CANARY}",
    "with a NUL": f"{CANARY}\0",
    "with a curly quote": f"“{CANARY}”",
    "with half a character": f"{CANARY}\ud800",
}


@attrs.frozen
class Settings:
    key: Secret
    address: str = "service.example"


def clean(text: str) -> bool:
    return not any(piece in text for piece in PIECES)


def spelled_out(error: BaseException) -> str:
    """Everything a report could print of an error: its chain, and the variables of every frame of ours."""
    parts: list[str] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None:
            continue
        waiting += [one.__cause__, one.__context__]
        parts += [str(one), repr(one), repr(one.args), repr(vars(one)), *getattr(one, "__notes__", ())]
        # Only frames of ours: others may hold something half built, whose repr fails.
        frames = (frame for frame, _ in traceback.walk_tb(one.__traceback__))
        parts += [repr(frame.f_locals) for frame in frames if "invitekit" in frame.f_code.co_filename]
    return "\n".join(parts)


SHOWING: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "str": str,
    "format": format,
    "ascii": ascii,
    "format with a width": "{0:>80}".format,
    "format of the repr": "{0!r}".format,
    "percent": "%s".__mod__,
    "pprint": pprint.pformat,
    "inside a list": lambda secret: repr([secret, {"key": secret}]),
    "inside an attrs object": lambda secret: repr(Settings(secret)),
    "html": lambda secret: secret._repr_html_(),
    "rich": lambda secret: repr(list(secret.__rich_repr__())),
    "dir": lambda secret: repr(dir(secret)),
    "hash": lambda secret: repr(hash(secret)),
}

WRITING: dict[str, Callable[[Any], object]] = {
    **{f"pickle {n}": lambda secret, n=n: pickle.dumps(secret, n) for n in range(pickle.HIGHEST_PROTOCOL + 1)},
    "pickle of a holder": lambda secret: pickle.dumps({"deep": [Settings(secret)]}),
    "copyreg, new": lambda secret: object.__reduce_ex__(secret, 2),
    "copyreg, old": lambda secret: object.__reduce_ex__(secret, 0),
    "reduce": lambda secret: secret.__reduce__(),
    "state": lambda secret: secret.__getstate__(),
    "json": json.dumps,
    "json of a holder": lambda secret: json.dumps({"key": secret}),
    "asdict": attrs.asdict,
    "asdict of a holder": lambda secret: attrs.asdict(Settings(secret)),
    "astuple of a holder": lambda secret: attrs.astuple(Settings(secret)),
    "cattrs": cattrs.unstructure,
    "cattrs of a holder": lambda secret: cattrs.unstructure(Settings(secret)),
    "cattrs inside a list": lambda secret: cattrs.unstructure([{"key": secret}]),
    "cattrs to a tuple": cattrs.Converter(unstruct_strat=cattrs.UnstructureStrategy.AS_TUPLE).unstructure,
}


class TestShowing:
    @pytest.mark.parametrize("show", SHOWING.values(), ids=SHOWING)
    def test_whatever_prints_it_gives_the_same_for_every_secret(self, show: Callable[[Any], str]) -> None:
        assert clean(show(Secret(CANARY)))
        assert show(Secret(CANARY)) == show(Secret("another-and-much-longer-example-key"))

    def test_rich_and_ipython_print_the_same_few_characters(self) -> None:
        printed: list[str] = []
        Secret(CANARY)._repr_pretty_(SimpleNamespace(text=printed.append), False)
        assert printed == [repr(Secret(CANARY))]
        pretty = pytest.importorskip("rich.pretty")
        assert pretty.pretty_repr(Secret(CANARY)) == repr(Secret(CANARY))
        assert pretty.pretty_repr(Settings(Secret(CANARY))) == repr(Settings(Secret(CANARY)))

    def test_a_log_record_does_not_have_it(self) -> None:
        stream = io.StringIO()
        logger = logging.getLogger("example-of-a-secret")
        logger.propagate = False
        logger.addHandler(logging.StreamHandler(stream))
        logger.warning("asking with %s and %r", Secret(CANARY), {"key": Secret(CANARY)})
        assert "asking" in stream.getvalue()
        assert clean(stream.getvalue())

    def test_whoever_asks_gets_it(self) -> None:
        assert Secret(CANARY).reveal() == CANARY

    def test_it_has_no_dict_no_length_no_parts_and_no_order(self) -> None:
        secret: Any = Secret(CANARY)
        tries: list[Callable[[], object]] = [
            lambda: vars(secret),
            lambda: len(secret),
            lambda: iter(secret),
            lambda: secret[0],
            lambda: secret[:3],
            lambda: secret < Secret("b"),
            lambda: secret + "",
            lambda: "z" in secret,
        ]
        for attempt in tries:
            with pytest.raises(TypeError):
                attempt()
        assert secret


class TestSerialising:
    @pytest.mark.parametrize("write", WRITING.values(), ids=WRITING)
    def test_nothing_turns_it_into_data(self, write: Callable[[Any], object]) -> None:
        with pytest.raises(TypeError) as caught:
            write(Secret(CANARY))
        assert clean(spelled_out(caught.value))

    def test_a_copy_is_the_secret_itself(self) -> None:
        secret = Secret(CANARY)
        assert copy.copy(secret) is secret
        assert copy.deepcopy({"key": secret})["key"] is secret
        assert Secret(secret) is secret
        assert attrs.evolve(Settings(secret), address="other.example").key is secret

    def test_it_cannot_be_changed(self) -> None:
        secret: Any = Secret(CANARY)
        for change in (
            lambda: setattr(secret, "_Secret__text", "other"),
            lambda: setattr(secret, "note", "other"),
            lambda: delattr(secret, "_Secret__text"),
        ):
            with pytest.raises(AttributeError):
                change()
        assert secret.reveal() == CANARY


class TestComparing:
    @given(st.text("abc", min_size=1, max_size=4), st.text("abc", min_size=1, max_size=4))
    def test_two_secrets_are_equal_as_their_texts_are(self, one: str, other: str) -> None:
        assert (Secret(one) == Secret(other)) is (one == other)

    def test_the_time_does_not_depend_on_where_they_differ(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[tuple[bytes, bytes]] = []
        monkeypatch.setattr("hmac.compare_digest", lambda one, other: asked.append((one, other)) or True)
        assert Secret("a-key") == Secret("b-key")
        assert asked == [(b"a-key", b"b-key")]

    def test_it_equals_no_text(self) -> None:
        assert Secret(CANARY) != CANARY
        assert Secret(CANARY) != CANARY.encode()

    def test_the_hash_is_that_of_every_secret(self) -> None:
        assert len({hash(Secret(text)) for text in ("a", "b", CANARY)}) == 1
        assert {Secret("a"): 1, Secret("b"): 2}[Secret("b")] == 2


class TestRefusing:
    @pytest.mark.parametrize("text", BAD.values(), ids=BAD)
    def test_a_text_that_is_no_secret_is_refused_and_not_shown(self, text: str) -> None:
        with pytest.raises(DataError) as caught:
            Secret(text)
        assert clean(spelled_out(caught.value))
        assert caught.value.hint

    @pytest.mark.parametrize("value", [None, 7, CANARY.encode(), [CANARY]])
    def test_anything_but_a_text_is_refused(self, value: Any) -> None:
        with pytest.raises(DataError, match="a secret is a text") as caught:
            Secret(value)
        assert clean(spelled_out(caught.value))

    def test_the_search_sees_what_a_careless_frame_keeps(self) -> None:
        # The control of the tests above: a frame of ours that holds the text when it fails would be found.
        code = compile("def fail(text):\n    raise ValueError", "/invitekit/careless.py", "exec")
        namespace: dict[str, Any] = {}
        exec(code, namespace)
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            namespace["fail"](CANARY)
        assert not clean(spelled_out(caught.value))


class TestEnvironment:
    def test_it_comes_from_a_variable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EXAMPLE_KEY", CANARY)
        assert Secret.from_env("EXAMPLE_KEY") == Secret(CANARY)

    def test_a_missing_variable_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("EXAMPLE_KEY", raising=False)
        with pytest.raises(DataError, match=r"EXAMPLE_KEY: there is no such variable\. Set EXAMPLE_KEY"):
            Secret.from_env("EXAMPLE_KEY")

    @pytest.mark.parametrize("name", ["empty", "padded", "with a line end", "with a curly quote"])
    def test_what_is_no_secret_is_refused_and_not_shown(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EXAMPLE_KEY", BAD[name])
        with pytest.raises(DataError, match="EXAMPLE_KEY") as caught:
            Secret.from_env("EXAMPLE_KEY")
        assert clean(spelled_out(caught.value))

    def test_whoever_passes_the_secret_for_the_name_does_not_find_it_in_the_error(self) -> None:
        with pytest.raises(DataError, match="no name of an environment variable") as caught:
            Secret.from_env(CANARY)
        assert clean(spelled_out(caught.value))


class TestKeyring:
    def fake(self, monkeypatch: pytest.MonkeyPatch, answer: Callable[[str, str], object]) -> None:
        monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=answer))

    def test_it_comes_from_the_keyring(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fake(monkeypatch, lambda *asked: {("service.example", "me"): CANARY}[asked])
        assert Secret.from_keyring("service.example", "me").reveal() == CANARY

    def test_without_the_package_the_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "keyring", None)
        with pytest.raises(MissingExtraError) as caught:
            Secret.from_keyring("service.example", "me")
        assert caught.value.extra == "keyring"
        assert "invitekit[keyring]" in str(caught.value)
        assert caught.value.__cause__ is caught.value.__context__ is None

    def test_a_package_that_cannot_even_be_loaded_is_a_data_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(name: str) -> object:
            raise RuntimeError(CANARY)

        monkeypatch.setattr("importlib.import_module", fail)
        with pytest.raises(DataError, match="RuntimeError") as caught:
            Secret.from_keyring("service.example", "me")
        assert clean(spelled_out(caught.value))

    def test_one_that_is_not_there_is_said_to_be_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fake(monkeypatch, lambda *asked: None)
        with pytest.raises(DataError, match=r"no secret for this user of 'service\.example'"):
            Secret.from_keyring("service.example", "me")

    def test_a_keyring_that_fails_is_named_by_its_error_and_leaves_no_trace(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(service: str, username: str) -> str:
            unlocked = CANARY
            raise RuntimeError(unlocked)

        self.fake(monkeypatch, fail)
        with pytest.raises(DataError, match="RuntimeError") as caught:
            Secret.from_keyring("service.example", "me")
        assert clean(spelled_out(caught.value))
        assert caught.value.__cause__ is caught.value.__context__ is None

    @pytest.mark.parametrize("text", BAD.values(), ids=BAD)
    def test_what_is_no_secret_is_refused_and_not_shown(self, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fake(monkeypatch, lambda *asked: text)
        with pytest.raises(DataError, match=r"service\.example") as caught:
            Secret.from_keyring("service.example", "me")
        assert clean(spelled_out(caught.value))

    def test_the_real_package_without_a_backend_is_a_data_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        keyring = pytest.importorskip("keyring")
        fail = pytest.importorskip("keyring.backends.fail")
        before = keyring.get_keyring()
        keyring.set_keyring(fail.Keyring())
        try:
            with pytest.raises(InvitekitError, match="NoKeyringError"):
                Secret.from_keyring("service.example", "me")
        finally:
            keyring.set_keyring(before)
