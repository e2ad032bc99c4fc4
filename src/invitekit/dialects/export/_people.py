"""Who a row is about: profile addresses and URNs into identifiers, display names into something comparable."""

from __future__ import annotations

from typing import Final
from unicodedata import normalize

from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Unknown
from invitekit.model._member import slug_key

__all__ = ["NAME_LIMIT", "composed", "identify", "name_key", "plain_slug"]

NAME_LIMIT: Final = 1_000
"""How many characters a name, a company or a position may have. None above 300 was ever seen (measured on member
exports); the bound is for what a hostile file makes a search for a pattern cost."""

_ADDRESS: Final = "https://www.linkedin.com/in/"


def plain_slug(cell: str) -> str:
    """The slug of a profile address that is spelt as nearly all are, ``""`` for any other.

    It is what `slug_key` gives for that spelling, at a tenth of the price; a large export asks a million times.
    """
    slug = cell.removeprefix(_ADDRESS)
    if not slug.replace("-", "").isalnum():
        return ""
    return slug.lower() if slug.isascii() else _folded(slug)


def _folded(text: str) -> str:
    # Folding can take a text out of NFC again, so it is normalised after as well.
    return normalize("NFC", normalize("NFC", text).casefold())


def composed(text: str) -> str:
    """Give a text in NFC, so that what looks alike is alike whatever system wrote it."""
    return text if text.isascii() else normalize("NFC", text)


def identify(cell: str) -> tuple[str | Unknown, str | Unknown]:
    """Give the slug and the URN that a cell names; both are unknown for an empty one.

    From 2024 an export has profile addresses, in the months before that it had URNs, and before that neither.

    Args:
        cell: An address, a URN, or both with a space between them.

    Raises:
        DataError: It names neither, or two of a kind.
    """
    slug: str | Unknown = UNKNOWN
    urn: str | Unknown = UNKNOWN
    for word in cell.split():
        if slug is UNKNOWN and not word.startswith("urn:"):
            slug = plain_slug(word) or slug_key(word)
        elif urn is UNKNOWN and word.startswith("urn:li:") and word.isprintable() and not word.endswith(":"):
            urn = word
        else:
            raise DataError(
                "no address of one member", hint="It looks like https://www.linkedin.com/in/ada-example-77"
            )
    return slug, urn


def name_key(name: str) -> str:
    """Give a display name in the form that compares equal: NFC, case-folded, runs of spaces made one.

    A name identifies nobody; this serves files that have nothing better.
    """
    return " ".join((name.casefold() if name.isascii() else _folded(name)).split())
