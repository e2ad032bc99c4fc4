"""Sphinx configuration: MyST pages, furo, nitpicky. Builds offline and gives the same pages everywhere."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import pkgutil
import re
import sys
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "invitekit"
author = "The invitekit authors"
project_copyright = "2026, The invitekit authors"
release = version_of("invitekit")
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "decisions/0000-template.md"]

nitpicky = True
default_role = "py:obj"  # `name` in a docstring links to what has that name, where something has

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_title = f"invitekit {release}"


def _exists_elsewhere(target: str) -> bool:
    """Whether this dotted name exists in the standard library or in a dependency whose types we show."""
    if hasattr(builtins, target.partition(".")[0]):
        return True
    parts = target.split(".")
    if parts[0] not in sys.stdlib_module_names | {"attrs", "typing_extensions"}:
        return False
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for name in parts[length:]:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False


def _is_private(target: str) -> bool:
    """Whether this dotted name exists in a private module of ours: it shows in a signature, but has no page."""
    module, _, name = target.rpartition(".")
    if not target.startswith("invitekit.") or not any(part.startswith("_") for part in module.split(".")):
        return False
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


def _outside_reference(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: Element
) -> Element | None:
    """Show a reference to what has no page here (other people's code, our private names) as text, if it exists.

    Sphinx would fetch an inventory of such names over the network. A build that needs one fails offline, and
    a build that ignores everything foreign lets misspelt names pass.
    """
    del app, env
    target = node.get("reftarget", "")
    if node.get("reftype") == "obj":  # single backticks: also around arguments, which have no page
        return contnode
    if node.get("refdomain") == "py" and (_exists_elsewhere(target) or _is_private(target)):
        return contnode
    return None


_sentences: dict[str, list[str]] = {}


def _hide_sentences(  # noqa: PLR0917 - as Sphinx calls it
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Keep napoleon from reading "Positive evidence: the two are connected" as a type and its description.

    In the docstring of an attribute it takes what stands before the first colon for one. Ours have no sections,
    so it need not see them at all.
    """
    del app, thing, options
    if what in {"attribute", "data", "property"}:
        _sentences[name] = lines[:]
        lines.clear()


def _show_sentences(  # noqa: PLR0917 - as Sphinx calls it
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Put back what was hidden."""
    del app, what, thing, options
    lines.extend(_sentences.pop(name, []))


def _show_code(  # noqa: PLR0917 - as Sphinx calls it
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Show the indented parts of module docstrings as code, as they look in the source."""
    del app, name, thing, options
    if what == "module":
        for at, line in reversed(list(enumerate(lines))):
            if line.startswith("    ") and not lines[at - 1]:
                above = next((one for one in reversed(lines[:at]) if one), "")
                if not above.startswith("    "):
                    lines[at:at] = ["::", ""]


def _name_functions(  # noqa: PLR0917 - as Sphinx calls it
    app: Sphinx, what: str, name: str, thing: object, options: object, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Show a function that is a default by its name, and not by where it lies in memory."""
    del app, what, name, thing, options
    return signature and re.sub(r"<function (\w+)( at 0x[0-9a-f]+)?>", r"\1", signature), returns


def _import_for_signatures(app: Sphinx) -> None:
    """Give each module the names that it imports for type checkers only.

    A signature with one such name cannot be read as types, and then none of its names has a link.
    """
    del app
    package = importlib.import_module("invitekit")
    for found in pkgutil.walk_packages(package.__path__, "invitekit."):
        module = importlib.import_module(found.name)
        for statement in ast.parse(inspect.getsource(module)).body:
            if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
                block = ast.Module(body=statement.body, type_ignores=[])
                exec(compile(block, found.name, "exec"), vars(module))


def setup(app: Sphinx) -> None:
    """Hook the functions above into Sphinx. Napoleon reads docstrings at priority 500."""
    app.connect("builder-inited", _import_for_signatures)
    app.connect("missing-reference", _outside_reference)
    app.connect("autodoc-process-docstring", _hide_sentences, priority=400)
    app.connect("autodoc-process-docstring", _show_sentences, priority=600)
    app.connect("autodoc-process-docstring", _show_code)
    app.connect("autodoc-process-signature", _name_functions)
