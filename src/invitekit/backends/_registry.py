"""Backends by name: those of invitekit, and those that other packages publish."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import PurePath
from typing import Any, Final, cast

import attrs

from invitekit.backends._in_thread import in_loop, in_thread
from invitekit.errors import DataError, InvitekitError
from invitekit.ports import Vendor

__all__ = ["GROUP", "load", "names"]

GROUP: Final = "invitekit.backends"
"""The entry-point group in which a package publishes a backend: a name, and the callable that makes it."""

_OURS: Final = "invitekit"

_BUILT_IN: Final[Mapping[str, EntryPoint]] = {
    name: EntryPoint(name, f"invitekit.backends._{name}:{name}", GROUP) for name in ("memory", "unipile")
}

_MEMBERS: Final = ("capabilities", "page", "read", "withdraw", "settle")
"""What `ports.Backend` and `ports.AsyncBackend` have in common."""


def load(name: str, /, **settings: Any) -> Vendor:
    """Make a backend by its name, for instance one that a configuration file names.

    >>> import invitekit as ik
    >>> ik.backends.load("memory", page_size=25)
    memory(0 sent, 0 received, 0 connections)

    The name is one of invitekit's own, or one that an installed package publishes under the entry-point group
    ``invitekit.backends``. No package is imported before it is asked for by its name, and none can take the place
    of a backend of invitekit's.

    Args:
        name: The name; `names` gives all of them.
        settings: What the backend's constructor takes.

    Returns:
        How to reach it, with ``open()`` and ``aopen()``, whichever colour the constructor knows. What `in_thread`
        and `in_loop` say about lending holds here, too.

    Raises:
        DataError: There is no such backend, or two packages publish it; it cannot be imported, or does not work;
            or a setting is missing or unknown. Values of settings are never shown, since some are secrets.
        InvitekitError: Whatever the constructor raises of invitekit's errors.
    """
    try:
        return _load(name, settings)
    except InvitekitError as error:
        problem = error.with_traceback(None)
    # The frames below hold the settings, as this one does, and some of them are secret.
    settings.clear()
    raise problem


def _load(name: str, settings: dict[str, Any]) -> Vendor:
    entry, whose = (_BUILT_IN[name], _OURS) if name in tuple(_BUILT_IN) else _published(name)
    what = f"the backend {name!r} of {whose}"
    factory = _imported(entry, what)
    _check_settings(factory, settings, what)
    return _checked(_made(factory, settings, what), what)


def names() -> dict[str, str]:
    """List the backends that can be loaded, each with the distribution that brings it; nothing is imported.

    Where several distributions publish the same name, all of them are given, and `load` refuses the name.

    Raises:
        DataError: The installed packages cannot be looked through.
    """
    found = {name: " and ".join(sorted(map(_distribution, entries))) for name, entries in _by_name().items()}
    return {**dict.fromkeys(_BUILT_IN, _OURS), **dict(sorted(found.items()))}


# ── Finding ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _by_name() -> dict[str, list[EntryPoint]]:
    """Give what packages publish, except under a name of ours."""
    try:
        found: Iterable[EntryPoint] = tuple(entry_points(group=GROUP))
    except Exception as error:
        raise DataError(
            f"the entry points of the installed packages cannot be read: {type(error).__name__}",
            hint="Some package is damaged; `pip check` may tell which",
            key="backends",
        ) from error
    entries: dict[str, list[EntryPoint]] = {}
    for entry in found:
        if entry.name not in _BUILT_IN and entry not in entries.get(entry.name, ()):
            entries.setdefault(entry.name, []).append(entry)
    return entries


def _distribution(entry: EntryPoint) -> str:
    # A folder without METADATA has no name, and asking for it is an error or a warning in some versions.
    metadata: Any = getattr(entry.dist, "metadata", None)
    return (metadata and metadata.get("Name")) or "a package without a name"


def _published(name: str) -> tuple[EntryPoint, str]:
    entries = _by_name()
    if name not in tuple(entries):  # Whatever it is, it may not even be hashable.
        raise _unknown(name, [*_BUILT_IN, *sorted(entries)])
    if len(entries[name]) > 1:
        raise DataError(
            f"the backend {name!r} is published by {' and '.join(sorted(map(_distribution, entries[name])))}",
            hint="Uninstall all but one",
            key="backends",
        )
    (entry,) = entries[name]
    return entry, _distribution(entry)


def _unknown(name: object, known: list[str]) -> DataError:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1) if isinstance(name, str) else []
    guess = f"Did you mean {near[0]!r}? " if near else ""
    shown = repr(name[:80]) if isinstance(name, str) else f"of type {type(name).__name__}"
    return DataError(
        f"there is no backend {shown}",
        hint=f"{guess}There are: {', '.join(known)}. Another package may bring more",
        key="backends",
    )


# ── Making ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _imported(entry: EntryPoint, what: str) -> Callable[..., object]:
    try:
        factory: object = entry.load()
    except InvitekitError:
        raise
    except Exception as error:
        # The cause comes along: no setting has been given to anybody yet.
        raise DataError(
            f"{what} cannot be imported from {entry.value!r}: {type(error).__name__}",
            hint="The error above says why; its package has to be mended",
            key="backends",
        ) from error
    if not callable(factory):
        raise DataError(
            f"{what} is no backend: {entry.value!r} is of type {type(factory).__name__}, and cannot be called",
            hint="Its entry point should name a class or a function",
            key="backends",
        )
    return factory


def _check_settings(factory: Callable[..., object], settings: Mapping[str, object], what: str) -> None:
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):
        return  # Written in C, or otherwise without a signature.
    taken = {
        each.name: each for each in parameters if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
    }
    if not any(each.kind is each.VAR_KEYWORD for each in parameters) and (
        unknown := sorted(settings - taken.keys())
    ):
        from difflib import get_close_matches

        near = get_close_matches(unknown[0], taken, n=1)
        guess = f"Did you mean {near[0]}? " if near else ""
        raise DataError(
            f"{what} has no setting {', '.join(unknown)}",
            hint=f"{guess}It has: {', '.join(taken) or 'none'}",
            key="settings",
        )
    missing = [each.name for each in taken.values() if each.default is each.empty and each.name not in settings]
    if missing:
        raise DataError(
            f"{what} needs the setting {', '.join(missing)}",
            hint=f"Pass it: load(…, {missing[0]}=…)",
            key="settings",
        )


def _made(factory: Callable[..., object], settings: Mapping[str, object], what: str) -> object:
    try:
        return factory(**settings)
    except InvitekitError:
        raise
    except Exception as error:  # noqa: BLE001  whatever a package raises
        # Without its text and its cause: both may quote a setting, and some settings are secrets.
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise DataError(
            f"{what} failed with a {type(error).__name__} in {PurePath(last.filename).name}, line {last.lineno}",
            hint="Check the settings; if they are right, its package has to be mended",
            key="backends",
        ) from None


@attrs.frozen
class _Whichever:
    """What a constructor gave that is not a vendor in both colours: it opens in one, or is open already."""

    _made: Any

    def open(self) -> Any:
        """Give a sync backend; an async one is lent."""
        backend = _opened(self._made, "open", "aopen")
        return in_loop(backend) if _has(backend, "aclose") else backend

    def aopen(self) -> Any:
        """Give an async backend; a sync one is lent."""
        backend = _opened(self._made, "aopen", "open")
        return backend if _has(backend, "aclose") else in_thread(backend)

    def __repr__(self) -> str:
        return repr(self._made)


def _opened(made: Any, *ways: str) -> Any:
    opening = next((way for way in ways if callable(getattr(made, way, None))), None)
    return made if opening is None else getattr(made, opening)()


def _checked(made: Any, what: str) -> Vendor:
    ways = [callable(getattr(made, name, None)) for name in ("open", "aopen")]
    if any(ways):
        return cast("Vendor", made) if all(ways) else _Whichever(made)
    missing = [name for name in _MEMBERS if not _has(made, name)]
    if not _has(made, "close") and not _has(made, "aclose"):
        missing.append("close or aclose")
    if not missing:
        return _Whichever(made)
    if inspect.iscoroutine(made):
        made.close()
    raise DataError(
        f"{what} gave a {type(made).__name__}, which is no backend: it has no open or aopen, and no "
        f"{', '.join(missing)}",
        hint="Its constructor should give what invitekit.ports.Backend describes, or something that opens it",
        key="backends",
    )


def _has(made: object, name: str) -> bool:
    # Statically: reading a property may ask a service.
    return inspect.getattr_static(made, name, None) is not None
