"""The other side of an invitation, and groups of members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

import attrs

from invitekit.errors import DataError
from invitekit.model._unknown import UNKNOWN, Truth, Unknown

__all__ = ["IDENTIFIERS", "Member", "People", "folded", "slug_key", "trusted_member"]

IDENTIFIERS: Final = ("slug", "urn", "provider_id")
"""The fields of `Member` that identify; a display name never does."""


_STRONGEST_FIRST: Final = ("urn", "provider_id", "slug")

_LONGEST_SLUG: Final = 1_000
"""More than any address seen, percent-encoded; what is longer is no slug, and decoding it could take for ever."""

_HOSTS: Final = ("", "linkedin.com")


def slug_key(text: str) -> str:
    """Give the profile slug that a URL, a path or a bare slug names, in the one form that compares equal.

    Exports spell the same slug in two ways: raw UTF-8 in ``Invitations.csv``, percent-encoded in
    ``Connections.csv`` (measured on member exports; without decoding, no non-ASCII slug joins). So: the part
    after ``/in/``, percent-decoded, NFC, case-folded.

    Args:
        text: For instance ``https://www.linkedin.com/in/zo%C3%AB-example-77/`` or ``zoë-example-77``.

    Raises:
        DataError: Nothing is left, or the text is a URL of something else than a profile.
    """
    slug = text.strip()
    if "/" in slug:
        place, found, slug = slug.partition("/in/")
        host = place.partition("://")[2].casefold()
        if not found or not (host in _HOSTS or host.endswith(".linkedin.com")):
            raise DataError(
                f"no profile address: {text[:80]!r}",
                hint="A profile address looks like https://www.linkedin.com/in/ada-example-77",
            )
        slug = slug.partition("/")[0]
    slug = slug.partition("?")[0].partition("#")[0]
    if len(slug) > _LONGEST_SLUG:
        raise DataError(
            f"a profile slug of {len(slug):,} characters", hint=f"A slug has at most {_LONGEST_SLUG} characters"
        )
    # Until nothing changes: what was encoded twice is the same slug, and a slug read again is itself.
    while (settled := folded(_decoded(slug))) != slug:
        slug = settled
    if "@" in slug:
        # Taken for a slug it would compare with nobody's, in silence. The address itself stays out of the error.
        raise DataError(
            "an e-mail address is no profile slug",
            hint="Give a slug, a profile address or a URN; only Context(contacts=…) reads e-mail addresses",
        )
    if not slug or any(char.isspace() or char in "/?#:" or not char.isprintable() for char in slug):
        raise DataError(
            f"no profile slug: {text[:80]!r}",
            hint="A slug is the last part of a profile address, for instance ada-example-77",
        )
    return slug


def _decoded(text: str) -> str:
    """Resolve the percent-escapes of `text`, where they spell valid UTF-8."""
    if "%" not in text:
        return text
    from urllib.parse import unquote

    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def folded(text: str) -> str:
    """Make upper and lower case, and the ways to write an accent, one."""
    if text.isascii():
        return text.casefold()
    from unicodedata import normalize

    # Folding can take a text out of NFC again, so it is normalised after as well.
    return normalize("NFC", normalize("NFC", text).casefold())


def _slug(value: str | Unknown) -> str | Unknown:
    # Anything but a text goes on to the validator, which says what is wrong with it.
    return slug_key(value) if isinstance(value, str) else value


def _text(_: Any, field: attrs.Attribute[Any], value: object) -> None:
    if value is UNKNOWN or (isinstance(value, str) and value.strip()):
        return
    raise DataError(
        f"{field.name} must be a text that is not empty, or UNKNOWN; got {value!r:.80}", key=f"member.{field.name}"
    )


@attrs.frozen(weakref_slot=False, kw_only=True)
class Member:
    """A member of the network, by whatever a source knows of them.

    Identity is a slug, a URN or a provider's id; several may be known. A slug identifies within one source and
    time only, since members can change theirs; a display name is never an identity.

    Args:
        name: The display name, as the source gives it (it may carry credentials).
        slug: The last part of the profile address; percent-decoded, NFC and case-folded when built.
        urn: For instance ``urn:li:member:77``.
        provider_id: The id that a vendor's service uses.

    Raises:
        DataError: A field is neither a text nor `UNKNOWN`, or the slug is none.
    """

    name: str | Unknown = attrs.field(default=UNKNOWN, validator=_text)
    slug: str | Unknown = attrs.field(default=UNKNOWN, validator=_text, converter=_slug)
    urn: str | Unknown = attrs.field(default=UNKNOWN, validator=_text)
    provider_id: str | Unknown = attrs.field(default=UNKNOWN, validator=_text)

    @classmethod
    def of(cls, who: Member | str | Mapping[str, str]) -> Member:
        """Read a member from a slug, a profile address, a URN or a dict of fields; a `Member` passes as it is.

        Raises:
            DataError: `who` is none of these.
        """
        if isinstance(who, Member):
            return who
        if isinstance(who, Mapping):
            if unknown := sorted(who.keys() - {"name", *IDENTIFIERS}, key=str):
                raise DataError(
                    f"a member has no field {unknown[0]!r}", hint=f"It has: name, {', '.join(IDENTIFIERS)}"
                )
            return cls(**who)
        if not isinstance(who, str):
            raise DataError(
                f"expected a Member, a slug, a profile address or a URN; got {type(who).__name__}",
                hint="For instance 'ada-example-77'",
            )
        return cls(urn=who.strip()) if who.strip().startswith("urn:") else cls(slug=who)

    @property
    def identifiers(self) -> dict[str, str]:
        """The identifiers that are known, by field name."""
        pairs = ((field, getattr(self, field)) for field in IDENTIFIERS)
        return {field: value for field, value in pairs if value is not UNKNOWN}

    @property
    def key(self) -> str | Unknown:
        """The strongest identifier, marked with its kind: URN, then provider's id, then slug."""
        for field in _STRONGEST_FIRST:
            if (value := getattr(self, field)) is not UNKNOWN:
                return f"{field}:{value}"
        return UNKNOWN

    @property
    def profile_url(self) -> str | Unknown:
        """The address of the profile page, percent-encoded; unknown without a slug."""
        if self.slug is UNKNOWN:
            return UNKNOWN
        from urllib.parse import quote

        return f"https://www.linkedin.com/in/{quote(self.slug, safe='')}"

    def same_as(self, other: Member) -> Truth:
        """Whether both are the same person, by the strongest identifier that both have.

        A URN decides before a provider's id, and that before a slug, which members can change and others can take
        over. Unknown without a common identifier, and where the strongest differs while a weaker one agrees.
        """
        mine, theirs = self.identifiers, other.identifiers
        agree = [mine[kind] == theirs[kind] for kind in _STRONGEST_FIRST if kind in mine and kind in theirs]
        if not agree or (not agree[0] and any(agree)):
            return Truth.UNKNOWN
        return Truth.of(agree[0])

    def __str__(self) -> str:
        from invitekit._text import plain

        return plain(self.name if self.name is not UNKNOWN else self.key)

    def __repr__(self) -> str:
        shown = ", ".join(f"{field}={value!r}" for field, value in self.__rich_repr__())
        return f"Member({shown})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        for field in ("name", *IDENTIFIERS):
            value = getattr(self, field)
            if value is not UNKNOWN:
                yield field, value

    def _repr_html_(self) -> str:
        from invitekit._text import escape

        label = escape(self)
        if self.profile_url is UNKNOWN:
            return label
        return f'<a href="{escape(self.profile_url)}" rel="noreferrer">{label}</a>'


# As `trusted_invitation` does, and for the same reason: a member is built for every row of an export.
_Draft: Final = attrs.make_class(
    "_Draft", ("name", *IDENTIFIERS), frozen=False, slots=True, weakref_slot=False, eq=False
)


def trusted_member(
    name: str | Unknown = UNKNOWN,
    slug: str | Unknown = UNKNOWN,
    urn: str | Unknown = UNKNOWN,
    provider_id: str | Unknown = UNKNOWN,
) -> Member:
    """Build a `Member` from values that are known to be valid; the slug is one that `slug_key` gave."""
    member: Any = _Draft(name, slug, urn, provider_id)
    member.__class__ = Member
    return member  # type: ignore[no-any-return]


def _listed(who: Any) -> list[Any]:
    if isinstance(who, (str, Member, Mapping)):
        return [cast("Any", who)]
    try:
        return list(who)
    except TypeError:
        raise DataError(
            f"expected members, got {type(who).__name__}", hint="Pass a list, for instance ['ada-example-77']"
        ) from None


class People:
    """An unordered group of members that can be asked whether somebody is among them.

    Frozen, and equal to a group of the same members. Built once, asked a million times: it keeps the
    identifiers apart by kind, so that a compiled rule can look into plain sets.

    Args:
        who: Members, slugs, profile addresses or URNs.

    Raises:
        DataError: An entry is none of these, or a member has no identifier (a name is none).
    """

    __slots__ = ("_by_kind", "_members", "kinds")

    kinds: frozenset[frozenset[str]]
    """The combinations of identifiers that its members have, for instance ``{{"slug"}, {"slug", "urn"}}``."""

    def __init__(self, who: Iterable[Member | str | Mapping[str, str]] | Member | Mapping[str, str] = ()) -> None:
        members = frozenset(Member.of(entry) for entry in _listed(who))
        nameless = [member for member in members if not member.identifiers]
        if nameless:
            raise DataError(
                f"{len(nameless)} of the members have no identifier; a display name is not one",
                hint="Give a slug, a URN or a provider's id",
            )
        object.__setattr__(self, "_members", members)
        by_kind: dict[str, set[str]] = {}
        for member in members:
            for kind, value in member.identifiers.items():
                by_kind.setdefault(kind, set()).add(value)
        object.__setattr__(self, "_by_kind", {kind: frozenset(values) for kind, values in by_kind.items()})
        object.__setattr__(self, "kinds", frozenset(frozenset(member.identifiers) for member in members))

    _members: frozenset[Member]
    _by_kind: dict[str, frozenset[str]]

    @property
    def mixes_identifiers(self) -> bool:
        """Whether somebody in it has identifiers of several kinds, which may disagree."""
        return any(len(combination) > 1 for combination in self.kinds)

    @property
    def by_kind(self) -> dict[str, frozenset[str]]:
        """The identifiers, by kind."""
        return dict(self._by_kind)

    def holds(self, member: Member) -> Truth:
        """Whether `member` is among them.

        True where somebody in the group is the same (`Member.same_as`: the strongest shared identifier decides).
        Unknown where somebody agrees in a weaker identifier only (a slug can pass to somebody else), or shares no
        kind of identifier with `member`, so that the two cannot be compared. An empty group holds nobody.
        """
        known = member.identifiers
        if any(known[kind] in values for kind, values in self._by_kind.items() if kind in known):
            if not self.mixes_identifiers:
                return Truth.TRUE
            alike = [one for one in self._members if one.identifiers.items() & known.items()]
            return Truth.TRUE if any(one.same_as(member) is Truth.TRUE for one in alike) else Truth.UNKNOWN
        comparable = all(not combination.isdisjoint(known) for combination in self.kinds)
        return Truth.FALSE if comparable else Truth.UNKNOWN

    def __iter__(self) -> Iterator[Member]:
        return iter(sorted(self._members, key=lambda member: str(member.key)))

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, member: object) -> bool:
        return isinstance(member, (Member, str)) and self.holds(Member.of(member)) is Truth.TRUE

    def __eq__(self, other: object) -> bool:
        return self._members == other._members if isinstance(other, People) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._members)

    def __setattr__(self, name: str, value: object) -> None:
        raise attrs.exceptions.FrozenInstanceError

    def __delattr__(self, name: str) -> None:
        raise attrs.exceptions.FrozenInstanceError

    def __reduce__(self) -> tuple[type[People], tuple[tuple[Member, ...]]]:
        return People, (tuple(self),)

    def to_list(self) -> list[str | dict[str, str]]:
        """Give them as plain data that builds an equal group: a text where one says it all, else a dict."""
        return [_spelled(member) for member in self]

    def __repr__(self) -> str:
        return f"People({self.to_list()!r})"


def _spelled(member: Member) -> str | dict[str, str]:
    for text in member.identifiers.values():
        if Member.of(text) == member:
            return text
    name = {} if member.name is UNKNOWN else {"name": member.name}
    return {**name, **member.identifiers}
