"""What type checkers must see of `invitekit.errors` and of the front door; never run."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, assert_type

import invitekit as ik
from invitekit.errors import ArchiveError, DataError, DocumentError, InvitekitError, MissingExtraError, PolicyError
from invitekit.model import Unknown

assert_type(ik.now(), datetime)
assert_type(ik.__version__, str)
assert_type(ik.UNKNOWN, Literal[Unknown.UNKNOWN])

try:
    ik.Policy.default()
except PolicyError as error:
    assert_type(error.code, str)
    assert_type(error.hint, str)
except DataError as error:
    assert_type(error.file, str)
    assert_type(error.line, int | None)
    assert_type(error.key, str)
except MissingExtraError as error:
    assert_type(error.extra, str)
except InvitekitError as error:
    assert_type(error.message, str)

# Who caught a builtin goes on catching.
values: list[type[ValueError]] = [DataError, ArchiveError, DocumentError, PolicyError]
imports: list[type[ImportError]] = [MissingExtraError]

raised = DataError("not a date", hint="Write 2026-01-01", file="a.csv", line=7, key="sent_at")
DataError("not a date", "Write 2026-01-01")  # type: ignore[call-arg]
PolicyError("no limit", extra="tz")  # type: ignore[call-arg]
