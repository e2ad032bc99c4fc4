"""What the world does with invitations, as far as anybody knows: numbers that several layers need."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

__all__ = ["COOL_DOWN", "EXPIRY"]

COOL_DOWN: Final = timedelta(days=21)
"""How long the same member cannot be invited again after a withdrawal: up to three weeks, says LinkedIn's help
(a551012, read as republished elsewhere)."""

EXPIRY: Final = timedelta(days=180)
"""The age beyond which an open invitation is hardly pending: the log of an export has a hard edge there (measured
on member exports), and vendors name six months. LinkedIn publishes no number."""
