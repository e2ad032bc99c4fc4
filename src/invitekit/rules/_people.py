"""Rules about who the other side is. What the user did not mark or list is false; it is never unknown.

Unknown is only what cannot be compared: a list of slugs says nothing about a member of whom the source gives a
URN or a bare name. Such an invitation is left alone rather than taken for somebody the user does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import attrs

from invitekit.errors import DataError, PolicyError
from invitekit.model import Invitation, Member, People, Truth
from invitekit.rules._arguments import words
from invitekit.rules._reason import Scalar, saying
from invitekit.rules._rowtest import Ask, Constant, Every, Field, Known, OneOf, Some, Test, no
from invitekit.rules._rule import Leaf, Rule, leaf
from invitekit.rules._sight import Sight

__all__ = ["Among", "known_contact", "member_in", "tagged", "withdrawn_before"]


class Among(Leaf):
    """A rule that asks whether the member is in a group."""

    __slots__ = ()

    def group(self, sight: Sight) -> People:
        """The group."""
        raise TypeError(f"{type(self).__name__} names no group")

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Look up each kind of identifier; absence counts only where everybody in the group can be compared."""
        people = self.group(sight)
        if people.mixes_identifiers:
            return Ask(lambda invitation: people.holds(invitation.member), Truth.of(truth))
        found = Some.of(OneOf(_FIELDS[kind], values) for kind, values in sorted(people.by_kind.items()))
        if truth:
            return found
        comparable = (
            Some.of(Known(_FIELDS[kind]) for kind in sorted(combination))
            for combination in sorted(people.kinds, key=sorted)
        )
        return Every.of((no(found), *comparable)) if len(people) else Constant(True)

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """Who it is, and how many are in the group."""
        key = invitation.member.key
        return {"member": key if isinstance(key, str) else None, "group_size": len(self.group(sight))}


_FIELDS: dict[str, Field] = {"slug": "member.slug", "urn": "member.urn", "provider_id": "member.provider_id"}


@attrs.frozen(repr=False)
class Tagged(Among):
    """See `tagged`."""

    tag: str
    name: ClassVar[str] = "tagged"

    @property
    def arguments(self) -> dict[str, Any]:
        """The tag."""
        return {"tag": self.tag}

    def group(self, sight: Sight) -> People:
        """Those who carry the tag."""
        return sight.tags.get(self.tag, People())

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """The tag, too."""
        return {"tag": self.tag, **Among.look(self, invitation, sight)}


@leaf
def tagged(tag: str) -> Rule:
    """The member carries a tag in the context.

    Raises:
        PolicyError: The tag is empty.
    """
    return Tagged(words(tag, "tagged"))


@attrs.frozen(repr=False)
class MemberIn(Among):
    """See `member_in`."""

    people: People
    name: ClassVar[str] = "member_in"

    @property
    def arguments(self) -> dict[str, Any]:
        """The people, as plain data."""
        return {"people": self.people.to_list()}

    def group(self, sight: Sight) -> People:
        """The people."""
        return self.people


@leaf
def member_in(people: People | Iterable[Member | str | Mapping[str, str]]) -> Rule:
    """The member is one of these.

    Args:
        people: Members, slugs, profile addresses or URNs; or a `People`.

    Raises:
        PolicyError: The list is empty, or an entry is none of these.
    """
    try:
        group = people if isinstance(people, People) else People(people)
    except DataError as error:
        raise PolicyError(f"member_in: {error.message}", hint=error.hint) from None
    if not len(group):
        raise PolicyError(
            "member_in takes at least one member", hint="For instance r.member_in(['ada-example-77'])"
        )
    return MemberIn(group)


@attrs.frozen(repr=False)
class KnownContact(Among):
    """See `known_contact`."""

    name: ClassVar[str] = "known_contact"

    @property
    def arguments(self) -> dict[str, Any]:
        """None."""
        return {}

    def group(self, sight: Sight) -> People:
        """The contacts in the context."""
        return sight.contacts


@leaf
def known_contact() -> Rule:
    """The member is among the contacts in the context."""
    return KnownContact()


@attrs.frozen(repr=False)
class WithdrawnBefore(Among):
    """See `withdrawn_before`."""

    name: ClassVar[str] = "withdrawn_before"

    @property
    def arguments(self) -> dict[str, Any]:
        """None."""
        return {}

    def group(self, sight: Sight) -> People:
        """Those whose invitation was withdrawn, as far as the context says who."""
        return sight.withdrawn_before


@leaf
def withdrawn_before() -> Rule:
    """An earlier invitation to the member was withdrawn, according to the outcomes in the context.

    Times of withdrawals without outcomes do not say whose they were. Of the source that the outcomes came from, it
    is true of the very invitations that were withdrawn.
    """
    return WithdrawnBefore()


def _saying_group(code: str, true: str, false: str) -> None:
    @saying(code)
    def say(truth: Truth, facts: Mapping[str, Scalar]) -> str:
        if truth is Truth.UNKNOWN:
            return f"the source gives no identifier to compare, so perhaps {true.format(**facts)}"
        return (true if truth is Truth.TRUE else false).format(**facts)


_saying_group("tagged", "tagged {tag!r}", "not tagged {tag!r}")
_saying_group("member-in", "one of the {group_size} people listed", "none of the {group_size} people listed")
_saying_group("known-contact", "one of your contacts", "none of your contacts")
_saying_group(
    "withdrawn-before",
    "an earlier invitation to them was withdrawn",
    "no earlier invitation to them is known to have been withdrawn",
)
