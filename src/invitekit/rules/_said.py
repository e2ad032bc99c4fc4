"""Rules about what the source says of an invitation. What it does not say is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs

from invitekit.model import UNKNOWN, Invitation, Truth
from invitekit.rules._arguments import at_least_value, words
from invitekit.rules._pattern import compiled
from invitekit.rules._reason import Scalar, saying
from invitekit.rules._rowtest import Compare, Contains, Every, Field, Known, OneOf, Same, Search, Test, no
from invitekit.rules._rule import Leaf, Rule, leaf
from invitekit.rules._sight import Sight

__all__ = [
    "company",
    "has_note",
    "mutual_connections",
    "name_matches",
    "note_contains",
    "note_matches",
    "same_note_as",
    "title_matches",
]


def _note(invitation: Invitation) -> dict[str, Scalar]:
    return {"note_length": None if invitation.note is UNKNOWN else len(invitation.note)}


@attrs.frozen(repr=False)
class HasNote(Leaf):
    """See `has_note`."""

    name: ClassVar[str] = "has_note"

    @property
    def arguments(self) -> dict[str, Any]:
        """None."""
        return {}

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Compare with the empty text."""
        return Compare("note", "!=" if truth else "==", "")

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """The length of the note."""
        return _note(invitation)


@leaf
def has_note() -> Rule:
    """It carries a personal note."""
    return HasNote()


@saying("has-note")
def _say_note(truth: Truth, facts: Mapping[str, Scalar]) -> str:
    return {
        Truth.TRUE: f"has a note of {facts['note_length']} characters",
        Truth.FALSE: "has no note",
        Truth.UNKNOWN: "the source does not say whether there is a note",
    }[truth]


_FIELDS: Final[dict[str, Field]] = {
    "note_contains": "note",
    "note_matches": "note",
    "company": "company",
    "title_matches": "title",
    "name_matches": "member.name",
}


@attrs.frozen(repr=False)
class TextSearch(Leaf):
    """See `note_contains`, `note_matches`, `company`, `title_matches`, `name_matches`."""

    name: str  # type: ignore[misc]
    argument: str
    text: str

    @property
    def arguments(self) -> dict[str, Any]:
        """The text or pattern that is looked for."""
        return {self.argument: self.text}

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Search in the field, where it is known."""
        field = _FIELDS[self.name]
        found: Test
        match self.argument:
            case "name":
                found = Same(field, self.text.casefold())
            case "text":
                found = Contains(field, self.text.casefold())
            case _:
                found = Search(field, compiled(self.text))
        return found if truth else Every.of((Known(field), no(found)))

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """What is looked for and what is there; of a note, its length only."""
        field = _FIELDS[self.name]
        if field == "note":
            return {"looked_for": self.text, **_note(invitation)}
        value = invitation.member.name if field == "member.name" else getattr(invitation, field)
        return {"looked_for": self.text, "found": None if value is UNKNOWN else value}


def _search(name: str, argument: str, value: str) -> Rule:
    text = words(value, name)
    if argument == "pattern":
        compiled(text)
    return TextSearch(name, argument, text)


@leaf
def note_contains(text: str) -> Rule:
    """Its note contains a text; upper and lower case are the same.

    Raises:
        PolicyError: `text` is empty.
    """
    return _search("note_contains", "text", text)


@leaf
def note_matches(pattern: str) -> Rule:
    """A pattern is found in its note; see the documentation of rules for the portable patterns.

    Raises:
        PolicyError: The pattern is empty or not portable.
    """
    return _search("note_matches", "pattern", pattern)


@leaf
def company(name: str) -> Rule:
    """The member's company has this name; upper and lower case are the same.

    In a data export the company is known only of those who accepted, so of open invitations it is unknown.

    Raises:
        PolicyError: `name` is empty.
    """
    return _search("company", "name", name)


@leaf
def title_matches(pattern: str) -> Rule:
    """A pattern is found in the member's title or headline; unknown of open invitations in a data export.

    Raises:
        PolicyError: The pattern is empty or not portable.
    """
    return _search("title_matches", "pattern", pattern)


@leaf
def name_matches(pattern: str) -> Rule:
    """A pattern is found in the member's display name, which may carry credentials and is no identity.

    Raises:
        PolicyError: The pattern is empty or not portable.
    """
    return _search("name_matches", "pattern", pattern)


def _saying_search(code: str, what: str, verb: str, ending: str) -> None:
    @saying(code)
    def say(truth: Truth, facts: Mapping[str, Scalar]) -> str:
        looked_for = facts["looked_for"]
        return {
            Truth.TRUE: f"the {what} {verb}{ending} {looked_for!r}",
            Truth.FALSE: f"the {what} does not {verb} {looked_for!r}",
            Truth.UNKNOWN: f"the source does not say the {what}, so {looked_for!r} cannot be looked for",
        }[truth]


_saying_search("note-contains", "note", "contain", "s")
_saying_search("note-matches", "note", "match", "es")
_saying_search("title-matches", "title", "match", "es")
_saying_search("name-matches", "name", "match", "es")


@saying("company")
def _say_company(truth: Truth, facts: Mapping[str, Scalar]) -> str:
    return {
        Truth.TRUE: f"works at {facts['looked_for']}",
        Truth.FALSE: f"works at {facts.get('found')}, not at {facts['looked_for']}",
        Truth.UNKNOWN: f"the source does not say the company, so not whether it is {facts['looked_for']}",
    }[truth]


@attrs.frozen(repr=False)
class MutualConnections(Leaf):
    """See `mutual_connections`."""

    at_least: int
    name: ClassVar[str] = "mutual_connections"

    @property
    def arguments(self) -> dict[str, Any]:
        """The threshold."""
        return {"at_least": self.at_least}

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Compare with the threshold."""
        return Compare("mutual_connections", ">=" if truth else "<", self.at_least)

    def implies(self, other: Leaf) -> bool:
        """Ten are at least five."""
        return isinstance(other, MutualConnections) and self.at_least >= other.at_least

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """How many there are."""
        count = invitation.mutual_connections
        return {"mutual_connections": None if count is UNKNOWN else count, "threshold": self.at_least}


@leaf
def mutual_connections(*, at_least: int) -> Rule:
    """The two share at least so many connections. A data export does not say.

    Raises:
        PolicyError: `at_least` is not a whole number from 1 up.
    """
    return MutualConnections(at_least_value(at_least, "mutual_connections", 1))


@saying("mutual-connections")
def _say_mutual(truth: Truth, facts: Mapping[str, Scalar]) -> str:
    if truth is Truth.UNKNOWN:
        return "the source does not say how many connections you share"
    relation = "at least" if truth is Truth.TRUE else "fewer than"
    return f"you share {facts['mutual_connections']} connections, {relation} {facts['threshold']}"


@attrs.frozen(repr=False)
class SameNoteAs(Leaf):
    """See `same_note_as`."""

    at_least: int
    name: ClassVar[str] = "same_note_as"

    @property
    def arguments(self) -> dict[str, Any]:
        """The threshold."""
        return {"at_least": self.at_least}

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Look the note up among those sent often."""
        often = frozenset(note for note, count in sight.note_counts.items() if count >= self.at_least)
        found = OneOf("note", often)
        return found if truth else Every.of((Known("note"), no(found)))

    def implies(self, other: Leaf) -> bool:
        """Ten times are at least five times."""
        return isinstance(other, SameNoteAs) and self.at_least >= other.at_least

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """How often the note was sent."""
        if invitation.note is UNKNOWN:
            return {"times": None, "threshold": self.at_least}
        return {"times": sight.note_counts[invitation.note], "threshold": self.at_least}


@leaf
def same_note_as(*, at_least: int) -> Rule:
    """The very same note went out at least so many times in what the snapshot shows, this one included.

    Raises:
        PolicyError: `at_least` is not a whole number from 2 up.
    """
    return SameNoteAs(at_least_value(at_least, "same_note_as", 2))


@saying("same-note-as")
def _say_same(truth: Truth, facts: Mapping[str, Scalar]) -> str:
    if truth is Truth.UNKNOWN:
        return "the source does not say the note, so not how often it was sent"
    if not facts["times"]:
        return "has no note"
    relation = "at least" if truth is Truth.TRUE else "fewer than"
    return f"its note was sent {facts['times']} times, {relation} {facts['threshold']}"
