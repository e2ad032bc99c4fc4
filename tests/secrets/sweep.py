"""Looks for secrets everywhere that somebody might print, log, store or send."""

from __future__ import annotations

import contextlib
import copy
import gc
import io
import json
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from secrets import token_hex
from types import FunctionType, ModuleType
from typing import Any

import attrs
import cattrs

KINDS = ("token", "cookie", "api-key", "csrf", "proxy-password", "query-token")


def canaries() -> dict[str, str]:
    """One random text for each kind of secret; finding one anywhere is a leak."""
    return {kind: f"canary{token_hex(12)}" for kind in KINDS}


class Sweep:
    """Gathers what an observer could see while something happens, by channel.

    Args:
        canaries: The secrets.
        deep: How many errors are also shown as rich and IPython show them, which takes a second each.
    """

    def __init__(self, canaries: Mapping[str, str], *, deep: int = 2) -> None:
        self.canaries = canaries
        self.deep = deep
        self.seen: dict[str, list[str]] = {}

    def see(self, channel: str, text: str | bytes) -> None:
        """Note what a channel shows."""
        self.seen.setdefault(channel, []).append(text if isinstance(text, str) else text.decode("latin-1"))

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Follow every logger at level 1, warnings, and what is printed."""
        log, out = io.StringIO(), io.StringIO()
        handler = logging.StreamHandler(log)
        handler.setLevel(1)
        names = [name for name in logging.root.manager.loggerDict if isinstance(name, str)]
        loggers = [logging.getLogger(), *map(logging.getLogger, names)]
        levels = [one.level for one in loggers]
        logging.getLogger().addHandler(handler)
        for one in loggers:
            one.setLevel(1)
        try:
            with (
                warnings.catch_warnings(record=True) as caught,
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(out),
            ):
                warnings.simplefilter("always")
                yield
        finally:
            logging.getLogger().removeHandler(handler)
            for one, level in zip(loggers, levels, strict=True):
                one.setLevel(level)
            self.see("logs", log.getvalue())
            self.see("printed", out.getvalue())
            for warning in caught:
                self.see("warnings", str(warning.message))

    def look_at(self, thing: Any) -> None:
        """See a value in every way in which somebody may show, store or send it."""
        for name, way in _WAYS.items():
            with contextlib.suppress(Exception):
                self.see(name, way(thing))

    def look_at_error(self, error: BaseException) -> None:
        """See an error: its text, notes, chain, and tracebacks with the variables of every frame."""
        self.look_at(error)
        chain: list[BaseException] = []
        one: BaseException | None = error
        while one is not None and one not in chain:
            chain.append(one)
            one = one.__cause__ or one.__context__
        for link in chain:
            self.see("error texts", f"{link!s} {link!r} {link.args!r} {getattr(link, '__notes__', ())!r}")
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        self.see("tracebacks", "".join(told.format()))
        if not self.deep:
            return
        self.deep -= 1
        with contextlib.suppress(ImportError):
            from rich.console import Console
            from rich.traceback import Traceback

            shown = io.StringIO()
            Console(file=shown, width=400).print(
                Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True)
            )
            self.see("rich tracebacks", shown.getvalue())
        with contextlib.suppress(ImportError):
            from IPython.core.ultratb import VerboseTB

            lines = VerboseTB(theme_name="nocolor").structured_traceback(type(error), error, error.__traceback__)
            self.see("IPython tracebacks", "\n".join(lines))

    def look_into(self, folder: Path) -> None:
        """See every file of a folder."""
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                self.see("files", file.read_bytes())

    def found(self) -> list[str]:
        """Where which secret was found."""
        return sorted(
            {
                f"{kind} in {channel}"
                for channel, texts in self.seen.items()
                for kind, canary in self.canaries.items()
                if any(canary in text for text in texts)
            }
        )


def _asdict(thing: Any) -> str:
    return repr(attrs.asdict(thing))


def _unstructured(thing: Any) -> str:
    return repr(cattrs.unstructure(thing))


def _state(thing: Any) -> str:
    return repr(thing.__getstate__())


_WAYS: dict[str, Callable[[Any], str | bytes]] = {
    "repr": repr,
    "str": str,
    "format": lambda thing: f"{thing}",
    "html": lambda thing: thing._repr_html_(),
    "rich": lambda thing: repr(list(thing.__rich_repr__())),
    "pickle": pickle.dumps,
    "copy": lambda thing: repr(copy.copy(thing)),
    "deep copy": lambda thing: repr(copy.deepcopy(thing)),
    "asdict": _asdict,
    "unstructure": _unstructured,
    "state": _state,
    "json": lambda thing: json.dumps(thing, default=str),
}

_PASSIVE = (ModuleType, type, FunctionType)


def reachable(thing: Any, most: int = 20_000) -> Iterator[Any]:
    """Everything that a value keeps alive, modules, classes and functions aside."""
    seen: set[int] = set()
    waiting = [thing]
    while waiting and len(seen) < most:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, _PASSIVE):
            continue
        seen.add(id(one))
        yield one
        waiting += gc.get_referents(one)


def failure(what: Callable[[], object]) -> BaseException:
    """Give what something raises; the first frame of its traceback is this one, which holds no secret.

    A test that catches an error itself is the first frame, with everything it knows among its variables.
    """
    try:
        what()
    except BaseException as error:  # noqa: BLE001  also an interrupt
        return error
    raise AssertionError("nothing was raised")
