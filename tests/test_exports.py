"""The front door: what `import invitekit` offers is listed, sorted, importable and always the same object."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from importlib.metadata import version
from types import ModuleType

import pytest

import invitekit

MODULES = sorted(module.name for module in pkgutil.iter_modules(invitekit.__path__))
PUBLIC_MODULES = [name for name in MODULES if not name.startswith("_")]


def test_all_is_sorted_and_without_repeats() -> None:
    assert list(invitekit.__all__) == sorted(set(invitekit.__all__))


def test_dir_is_all() -> None:
    assert dir(invitekit) == list(invitekit.__all__)


@pytest.mark.parametrize("name", invitekit.__all__)
def test_two_accesses_give_the_same_object(name: str) -> None:
    """Also after every module of the package has been imported, which puts modules beside the names."""
    first = getattr(invitekit, name)
    for module in MODULES:
        importlib.import_module(f"invitekit.{module}")

    assert getattr(invitekit, name) is first


@pytest.mark.parametrize("name", invitekit.__all__)
def test_each_name_can_be_imported_first(name: str) -> None:
    """Whichever name a program asks for first, it gets it: none depends on another having been loaded."""
    program = f"from invitekit import {name}; import invitekit; assert invitekit.{name} is {name}"

    answer = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )

    assert answer.returncode == 0, answer.stderr


def test_star_import_gives_all() -> None:
    namespace: dict[str, object] = {}
    exec("from invitekit import *", namespace)

    assert set(invitekit.__all__) <= set(namespace)


def test_no_function_shares_a_module_name() -> None:
    """With a lazy front door the second access would give the module, whatever the first one gave."""
    shared = set(invitekit.__all__).intersection(MODULES)

    assert [name for name in shared if not isinstance(getattr(invitekit, name), ModuleType)] == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = invitekit.no_such_thing  # type: ignore[attr-defined]


def test_version_is_that_of_the_installed_package() -> None:
    assert invitekit.__version__ == version("invitekit")


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_public_modules_say_what_they_offer(module: str) -> None:
    """Each has a docstring, and what it offers is in its `__all__`; a mere folder of modules offers nothing."""
    loaded = importlib.import_module(f"invitekit.{module}")
    own = {name for name, thing in vars(loaded).items() if getattr(thing, "__module__", None) == loaded.__name__}
    offered = getattr(loaded, "__all__", [])

    assert loaded.__doc__
    assert [name for name in offered if not hasattr(loaded, name)] == []
    assert len(set(offered)) == len(offered)
    assert {name for name in own if not name.startswith("_")} <= set(offered)


def test_every_public_class_function_and_module_is_documented() -> None:
    things = {name: getattr(invitekit, name) for name in invitekit.__all__}
    documentable = {
        name: thing
        for name, thing in things.items()
        if inspect.isclass(thing) or inspect.isroutine(thing) or inspect.ismodule(thing)
    }

    assert documentable
    assert [name for name, thing in documentable.items() if not inspect.getdoc(thing)] == []
