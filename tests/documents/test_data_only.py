"""PO-1: a document is data. Nothing that reads one can run code out of it, and reading one runs none."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import invitekit
import invitekit as ik
from invitekit import documents

SOURCE = Path(invitekit.__file__).parent
GOLDEN = Path(__file__).parent / "golden"

CODE_RUNNERS = {"eval", "exec", "compile", "__import__", "globals", "locals", "vars", "breakpoint", "input"}
CODE_MODULES = {
    "importlib",
    "pickle",
    "marshal",
    "shelve",
    "runpy",
    "code",
    "codeop",
    "ctypes",
    "subprocess",
    "pkgutil",
    "zipimport",
    "yaml",
    "jsonpickle",
    "dill",
}

FRONT_DOORS = ("invitekit", "invitekit.insight")


def file_of(module: str) -> Path:
    base = SOURCE.joinpath(*module.split(".")[1:])
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


def imports(tree: ast.AST, *, nested: bool) -> Iterator[str]:
    """The modules that a module imports: at its top, or anywhere in it; not what only type checkers see."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, "imports are absolute"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        elif nested or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def reachable() -> dict[str, ast.Module]:
    """The loader, with whatever it imports anywhere, and what that imports when it is imported."""
    found: dict[str, ast.Module] = {}
    waiting = [f"invitekit.documents.{path.stem}" for path in sorted((SOURCE / "documents").glob("*.py"))]
    while waiting:
        module = waiting.pop().removesuffix(".__init__")
        if module in found or module in FRONT_DOORS or not module.startswith("invitekit."):
            continue  # A front door hands out names of a table of its own; nothing here goes through it.
        if not file_of(module).exists():
            continue  # A name out of a module, not a module.
        found[module] = ast.parse(file_of(module).read_text(encoding="utf-8"))
        nested = module.startswith("invitekit.documents")
        for name in imports(found[module], nested=nested):
            parts = name.split(".")
            waiting += [".".join(parts[:count]) for count in range(2, len(parts) + 1)]
    return found


def offences(tree: ast.AST) -> list[str]:
    """Everything in a module that could turn data into code."""
    found = [name for name in imports(tree, nested=True) if name.split(".")[0] in CODE_MODULES]
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in CODE_RUNNERS:
            found.append(f"{node.id} in line {node.lineno}")
        if isinstance(node, ast.Attribute) and node.attr in {
            "import_module",
            "__import__",
            "__globals__",
            "system",
        }:
            found.append(f"{node.attr} in line {node.lineno}")
    return found


def test_the_check_sees_what_it_looks_for() -> None:
    """The compiler of rules holds an eval, the front door an import_module: both are found."""
    compiler = ast.parse(file_of("invitekit.rules._compile").read_text(encoding="utf-8"))
    front_door = ast.parse(file_of("invitekit").read_text(encoding="utf-8"))

    assert any(offence.startswith("eval ") for offence in offences(compiler))
    assert any("import_module" in offence for offence in offences(front_door))
    assert offences(ast.parse("def f():\n    import pickle as p\n    return p.loads")) == ["pickle"]
    assert offences(ast.parse("import os\nos.system('x')"))


def test_nothing_that_runs_code_can_be_reached_from_the_loader() -> None:
    modules = reachable()

    assert {"invitekit.documents._rules", "invitekit.rules._rule", "invitekit.policy._plan"} <= set(modules)
    assert "invitekit.rules._compile" not in modules
    assert {name: found for name, tree in modules.items() if (found := offences(tree))} == {}


def test_the_loader_does_not_go_through_the_front_door() -> None:
    """Nor the one of the statistics. Names are looked up in a table there and imported; nothing here may ask."""
    for name, tree in reachable().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in FRONT_DOORS:
                assert all(file_of(f"{node.module}.{alias.name}").exists() for alias in node.names), name
            if isinstance(node, ast.Import):
                assert all(not alias.name.startswith("invitekit") for alias in node.names), name


WATCHED = """
import json, sys
from invitekit import documents

paths = sys.argv[1:]
for path in paths:
    documents.load(path)  # the first time prepares the converter, which is code of cattrs

seen = []
def watch(event, arguments):
    if event == "open":
        seen.append(f"open {arguments[0]}")
    elif event not in ("object.__getattr__", "sys._getframe", "os.fstat", "builtins.id", "gc.get_objects"):
        seen.append(event)
sys.addaudithook(watch)
for path in paths:
    documents.load(path)
loaded = sorted(name for name in sys.modules if name.startswith("invitekit"))
print(json.dumps({"seen": seen, "loaded": loaded}))
"""


def test_reading_a_document_does_nothing_but_open_it(tmp_path: Path) -> None:
    """Told by the interpreter itself, which announces what it compiles, imports, runs, connects to and opens."""
    paths = [str(GOLDEN / name) for name in ("every-rule.json", "by-hand.toml", "snapshot.json", "plan.json")]
    stats = ik.AcceptanceStats.from_snapshot(ik.load(GOLDEN / "snapshot.json", kind=ik.Snapshot))
    for name, result in (("stats", stats), ("chance", stats.chance(30)), ("worth", stats.worth(slot_price=0.1))):
        paths.append(str(ik.save(result, tmp_path / f"{name}.json")))

    done = subprocess.run(
        [sys.executable, "-I", "-c", WATCHED, *paths], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    told = json.loads(done.stdout)

    assert told["seen"] == [f"open {path}" for path in paths]
    assert "invitekit.rules._compile" not in told["loaded"]
    for module in told["loaded"]:
        if module not in FRONT_DOORS:
            assert offences(ast.parse(file_of(module).read_text(encoding="utf-8"))) == [], module


@pytest.mark.parametrize(
    "rule",
    [
        '{"__class__": "os.system", "args": ["true"]}',
        '{"py/object": "builtins.eval", "py/newargs": ["1"]}',
        '{"py/reduce": [{"py/type": "os.system"}]}',
        '{"$type": "invitekit.rules._own.Own", "function": "os.remove"}',
        '{"$ref": "file:///etc/passwd"}',
        '{"!!python/object/apply:os.system": ["true"]}',
        '{"rule": {"function": "os.remove", "reason": "x"}}',
        '{"import": "other.toml"}',
        '{"include": "other.toml"}',
        '{"eval": "1 + 1"}',
        '{"lambda inv: True": {}}',
        '{"older_than(days=3)": {}}',
        '{"invitekit.rules._age.OlderThan": {"days": 3}}',
        '{"__init__": {}}',
        '{"LEAVES": {}}',
    ],
)
def test_no_key_names_code(rule: str) -> None:
    text = f'{{"invitekit": 1, "kind": "policy", "name": "p", "withdraw": {rule}, "limits": {{"per_run": 1}}}}'

    with pytest.raises(ik.DocumentError, match=r"rule|table"):
        documents.from_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "${HOME}",
        "$(id)",
        "{0.__class__.__mro__}",
        "%(name)s",
        "{{ 7 * 7 }}",
        "!!python/object",
        "file:///etc/passwd",
        "`id`",
        "__import__('os')",
    ],
)
def test_texts_stay_texts(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is expanded, formatted or looked up, neither in the value nor in what is said about it."""
    monkeypatch.setenv("HOME", "/expanded")
    written = json.dumps(
        {
            "invitekit": 1,
            "kind": "policy",
            "name": text,
            "withdraw": {"tagged": {"tag": text}},
            "limits": {"per_run": 1},
        }
    )

    policy = documents.from_text(written, kind=ik.Policy)

    assert policy.name == text
    assert policy.withdraw.leaves[0].arguments == {"tag": text}
    assert documents.from_text(documents.to_text(policy, form="toml")) == policy
