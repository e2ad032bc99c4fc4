"""Runs the examples: every Python block of README.md and docs/*.md, and every docstring example in src.

The blocks of one page run from top to bottom in one namespace and in a folder of their own, which holds the
bundled sample export under the file name that all examples use. A block that begins with `>>>` is compared with
what it prints. A TOML block whose first line names a file is written to that file, so that the Python below it can
load it. A block that must not run is marked `% skip: next` above it.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path
from typing import Any

from sybil import Example, Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

EXPORT = "Basic_LinkedInDataExport_11-22-2026.zip"


def enter_folder(namespace: dict[str, Any]) -> None:
    """Give a page its folder, and in it the export."""
    from invitekit.testing import sample_export

    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.chdir(stack.enter_context(tempfile.TemporaryDirectory())))
        shutil.copy2(sample_export(), EXPORT)
        namespace["_folder"] = stack.pop_all()


def leave_folder(namespace: dict[str, Any]) -> None:
    """Go back and remove the folder with whatever the examples saved in it."""
    namespace["_folder"].close()


def write_file(example: Example) -> None:
    """Write a block whose first line is a comment with nothing but a file name."""
    text = str(example.parsed)
    name = text.partition("\n")[0].removeprefix("# ")
    if name.endswith(".toml") and " " not in name:
        Path(name).write_text(text, encoding="utf-8")


pages = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=ELLIPSIS),
        CodeBlockParser(language="toml", evaluator=write_file),
        SkipParser(),
    ],
    patterns=["README.md", "docs/*.md"],
    setup=enter_folder,
    teardown=leave_folder,
)
docstrings = Sybil(
    parsers=[DocTestParser(optionflags=ELLIPSIS | NORMALIZE_WHITESPACE)],
    patterns=["src/**/*.py"],
    document_types={".py": PythonDocStringDocument},
    setup=enter_folder,
    teardown=leave_folder,
)
pytest_collect_file = (pages + docstrings).pytest()
