"""Who somebody is: identifiers in the one form that compares equal, and a name that never identifies."""

from __future__ import annotations

import pickle
import unicodedata
from urllib.parse import quote

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Member, People, Truth
from invitekit.model._member import slug_key, trusted_member

SLUG_TEXT = st.text(
    st.characters(categories=["L", "Nd", "Mn"], include_characters="-_%", exclude_characters="/?#@"), max_size=12
)


def usable(text: str) -> str | None:
    try:
        return slug_key(text)
    except DataError:
        return None


class TestSlugs:
    @pytest.mark.parametrize(
        ("spelling", "slug"),
        [
            ("ada-example-77", "ada-example-77"),
            ("  Ada-Example-77 ", "ada-example-77"),
            ("https://www.linkedin.com/in/ada-example-77", "ada-example-77"),
            ("https://www.linkedin.com/in/ada-example-77/", "ada-example-77"),
            ("http://de.linkedin.com/in/ada-example-77/de?trk=people#about", "ada-example-77"),
            ("www.linkedin.com/in/ADA-EXAMPLE-77", "ada-example-77"),
            ("/in/ada-example-77/overlay/contact-info/", "ada-example-77"),
            ("ada-example-77?originalSubdomain=de", "ada-example-77"),
            ("https://www.linkedin.com/in/zo%C3%AB-example-77", "zoë-example-77"),
            ("zo%c3%ab-example-77", "zoë-example-77"),
            ("zoe\u0308-example-77", "zoë-example-77"),
            ("ZOË-EXAMPLE-77", "zoë-example-77"),
            ("zo%25C3%25AB-example-77", "zoë-example-77"),
            ("%E5%B1%B1%E7%94%B0-example", "山田-example"),
            ("straße-example", "strasse-example"),
            ("100%-example", "100%-example"),
            ("bad%FF-example", "bad%ff-example"),
        ],
    )
    def test_every_spelling_of_a_slug_compares_equal(self, spelling: str, slug: str) -> None:
        """Exports spell the same slug raw in one file and percent-encoded in the other."""
        assert Member(slug=spelling).slug == slug

    @pytest.mark.parametrize(
        "wrong",
        [
            *("", "   ", "/in/", "https://www.linkedin.com/in/", "https://www.linkedin.com/company/acme"),
            *(
                "https://example.org/",
                "two words",
                "a\tb",
                "a\x00b",
                "a%20b",
                "a%2Fb",
                "a%3Fb",
                "a%23b",
                "a%0Ab",
                "?x",
            ),
        ],
    )
    def test_what_is_no_slug_is_refused(self, wrong: str) -> None:
        with pytest.raises(DataError, match="ada-example-77"):
            slug_key(wrong)

    def test_an_e_mail_address_is_no_slug_and_stays_out_of_the_error(self) -> None:
        """As a slug it would be compared with nobody's: a keep-mark that keeps nobody, in silence."""
        for spelling in ("ada@mail.example", "https://www.linkedin.com/in/ada@mail.example", "ada%40mail.example"):
            with pytest.raises(DataError, match="no profile slug") as caught:
                Member.of(spelling)
            assert "mail.example" not in str(caught.value)

    def test_a_slug_has_a_length(self) -> None:
        """Percent-encoding upon percent-encoding could otherwise take for ever to undo."""
        with pytest.raises(DataError, match="a profile slug of 30,001 characters"):
            slug_key("%25" * 10_000 + "a")
        assert slug_key("a" * 1_000) == "a" * 1_000

    @pytest.mark.parametrize(
        "wrong", ["https://example.org/in/ada-example-77", "https://notlinkedin.com/in/ada", "mailto:ada"]
    )
    def test_an_address_of_another_site_is_no_profile(self, wrong: str) -> None:
        with pytest.raises(DataError):
            slug_key(wrong)

    @given(SLUG_TEXT)
    def test_reading_a_slug_again_changes_nothing(self, text: str) -> None:
        """So a saved slug, read back, is the same member."""
        slug = usable(text)

        assert slug is None or slug_key(slug) == slug

    @given(SLUG_TEXT)
    def test_encoding_decomposing_and_shouting_change_nothing(self, text: str) -> None:
        slug = usable(text)

        if slug is not None:
            for spelling in (quote(slug, safe=""), unicodedata.normalize("NFD", slug), f"/in/{quote(slug)}/"):
                assert slug_key(spelling) == slug

    @given(SLUG_TEXT)
    def test_the_profile_address_leads_back_to_the_slug(self, text: str) -> None:
        slug = usable(text)

        if slug is not None:
            address = Member(slug=slug).profile_url
            assert isinstance(address, str)
            assert address.isascii()
            assert Member.of(address).slug == slug

    @given(st.text())
    def test_any_text_is_a_slug_or_an_error_of_ours(self, text: str) -> None:
        slug = usable(text)

        assert slug is None or (slug and slug.isprintable() and not set(slug) & set("/?#@ "))


class TestBuilding:
    @pytest.mark.parametrize("field", ["name", "slug", "urn", "provider_id"])
    @pytest.mark.parametrize("wrong", [None, 5, b"ada", ["ada"], Truth.UNKNOWN])
    def test_only_texts_and_unknown_are_taken(self, field: str, wrong: object) -> None:
        with pytest.raises(DataError, match="text") as caught:
            Member(**{field: wrong})  # type: ignore[arg-type]
        assert caught.value.key == f"member.{field}"

    @pytest.mark.parametrize("field", ["name", "urn", "provider_id"])
    def test_blank_is_not_a_value(self, field: str) -> None:
        with pytest.raises(DataError, match="not empty"):
            Member(**{field: "  "})

    def test_nothing_is_known_of_a_member_by_default(self) -> None:
        assert Member().identifiers == {}
        assert Member().key is UNKNOWN
        assert Member().profile_url is UNKNOWN
        assert str(Member()) == "unknown"

    def test_positions_are_refused(self) -> None:
        with pytest.raises(TypeError):
            Member("Ada Example")  # type: ignore[misc]

    def test_it_cannot_be_changed(self) -> None:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            Member(name="Ada Example").name = "Bo"  # type: ignore[misc]


def test_the_unchecked_way_builds_the_same_member() -> None:
    """Readers that have checked every value use it for its speed; nothing else about it may differ."""
    quick = trusted_member("Ada Example", "ada-example-77", "urn:li:member:77")

    assert type(quick) is Member
    assert quick == Member(name="Ada Example", slug="ada-example-77", urn="urn:li:member:77")
    assert hash(quick) == hash(Member(name="Ada Example", slug="ada-example-77", urn="urn:li:member:77"))
    assert trusted_member() == Member()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        quick.name = "Bo"  # type: ignore[misc]


class TestReading:
    def test_a_member_passes_as_it_is(self) -> None:
        ada = Member(slug="ada-example-77")

        assert Member.of(ada) is ada

    def test_a_urn_a_slug_and_a_dict(self) -> None:
        assert Member.of(" urn:li:member:77 ") == Member(urn="urn:li:member:77")
        assert Member.of("Ada-Example-77") == Member(slug="ada-example-77")
        assert Member.of({"name": "Ada", "provider_id": "p-1"}) == Member(name="Ada", provider_id="p-1")

    @pytest.mark.parametrize("wrong", [None, 7, ["ada"], b"ada"])
    def test_anything_else_is_refused(self, wrong: object) -> None:
        with pytest.raises(DataError, match=f"got {type(wrong).__name__}.*ada-example-77"):
            Member.of(wrong)  # type: ignore[arg-type]

    @pytest.mark.parametrize("wrong", [{"handle": "ada"}, {1: "ada", "x": "y"}, {"slug": "ada", "email": "x"}])
    def test_a_dict_with_other_fields_is_refused(self, wrong: dict[str, str]) -> None:
        with pytest.raises(DataError, match=r"a member has no field .*It has: name, slug, urn, provider_id"):
            Member.of(wrong)

    def test_a_dict_with_a_wrong_value_is_refused(self) -> None:
        with pytest.raises(DataError):
            Member.of({"slug": 5})  # type: ignore[dict-item]


class TestSameAs:
    """Across sources an identifier in common decides; a conflict and a name never do."""

    ADA = Member(name="Ada Example", slug="ada-example-77", urn="urn:li:member:77")

    @pytest.mark.parametrize(
        ("other", "truth"),
        [
            (Member(slug="ADA-example-77"), Truth.TRUE),
            (Member(urn="urn:li:member:77"), Truth.TRUE),
            (Member(slug="bo-example-1"), Truth.FALSE),
            (Member(slug="bo-example-1", urn="urn:li:member:78"), Truth.FALSE),
            (Member(slug="ada-example-77", urn="urn:li:member:78"), Truth.UNKNOWN),
            (Member(slug="bo-example-1", urn="urn:li:member:77"), Truth.TRUE),
            (Member(provider_id="p-1"), Truth.UNKNOWN),
            (Member(name="Ada Example"), Truth.UNKNOWN),
        ],
    )
    def test_by_example(self, other: Member, truth: Truth) -> None:
        assert self.ADA.same_as(other) is truth
        assert other.same_as(self.ADA) is truth


class TestPrinting:
    @pytest.mark.parametrize(
        ("member", "key", "text"),
        [
            (Member(name="Ada", slug="ada-example-77", urn="urn:x:1", provider_id="p"), "urn:urn:x:1", "Ada"),
            (Member(slug="ada-example-77", provider_id="p"), "provider_id:p", "provider_id:p"),
            (Member(slug="ada-example-77"), "slug:ada-example-77", "slug:ada-example-77"),
        ],
    )
    def test_the_strongest_identifier_is_the_key_and_stands_in_for_a_name(
        self, member: Member, key: str, text: str
    ) -> None:
        assert (member.key, str(member)) == (key, text)

    def test_the_repr_builds_it(self) -> None:
        ada = Member(name="Ada Example", slug="ada-example-77")

        assert repr(ada) == "Member(name='Ada Example', slug='ada-example-77')"
        assert eval(repr(ada)) == ada

    def test_html_links_to_the_profile_and_escapes(self) -> None:
        html = Member(name="<b>Ada</b>", slug="zoë-example-77")._repr_html_()

        assert html == (
            '<a href="https://www.linkedin.com/in/zo%C3%AB-example-77" rel="noreferrer">&lt;b&gt;Ada&lt;/b&gt;</a>'
        )

    def test_html_without_a_slug_is_plain_text(self) -> None:
        assert Member(name="Ada & Bo")._repr_html_() == "Ada &amp; Bo"

    def test_a_name_with_control_characters_does_nothing_to_a_terminal(self) -> None:
        assert str(Member(name="A\x1b[31mda")) == "A\\u001b[31mda"


class TestPeople:
    GROUP = People(["ada-example-77", {"slug": "bo-example-1", "urn": "urn:li:member:501"}])

    @pytest.mark.parametrize(
        ("member", "truth"),
        [
            (Member(slug="ada-example-77"), Truth.TRUE),
            (Member(slug="bo-example-1"), Truth.TRUE),
            (Member(urn="urn:li:member:501"), Truth.TRUE),
            (Member(slug="cy-example-2"), Truth.FALSE),
            (Member(slug="cy-example-2", urn="urn:li:member:9"), Truth.FALSE),
            (Member(slug="ada-example-77", urn="urn:li:member:9"), Truth.TRUE),
            (Member(slug="bo-example-1", urn="urn:li:member:501"), Truth.TRUE),
            (Member(slug="bo-example-1", urn="urn:li:member:9"), Truth.UNKNOWN),
            (Member(slug="cy-example-2", urn="urn:li:member:501"), Truth.TRUE),
            (Member(urn="urn:li:member:9"), Truth.UNKNOWN),
            (Member(provider_id="p-1"), Truth.UNKNOWN),
            (Member(name="Ada Example"), Truth.UNKNOWN),
        ],
    )
    def test_absence_counts_only_where_everybody_can_be_compared(self, member: Member, truth: Truth) -> None:
        """A list of slugs says nothing about somebody of whom a source gives a URN.

        And who agrees in one identifier and differs in another may be somebody else: a slug can change hands.
        """
        assert self.GROUP.holds(member) is truth
        assert (member in self.GROUP) is (truth is Truth.TRUE)

    def test_an_empty_group_holds_nobody(self) -> None:
        assert People().holds(Member(name="Ada Example")) is Truth.FALSE
        assert len(People()) == 0

    def test_one_member_needs_no_list(self) -> None:
        for one in ("ada-example-77", Member(slug="ada-example-77"), {"slug": "ada-example-77"}):
            assert People(one) == People(["ada-example-77"])

    def test_order_and_repeats_do_not_matter(self) -> None:
        one, two = (
            People(["ada-example-77", "bo-example-1"]),
            People(["bo-example-1", "Ada-Example-77", "bo-example-1"]),
        )

        assert one == two
        assert hash(one) == hash(two)
        assert list(one) == list(two)
        assert len(two) == 2

    def test_a_member_without_an_identifier_is_refused(self) -> None:
        with pytest.raises(DataError, match=r"1 of the members have no identifier; a display name is not one"):
            People([Member(name="Ada Example"), "bo-example-1"])

    @pytest.mark.parametrize("wrong", [None, 5, object()])
    def test_what_is_no_list_is_refused(self, wrong: object) -> None:
        with pytest.raises(DataError, match="expected members"):
            People(wrong)  # type: ignore[arg-type]

    def test_it_cannot_be_changed(self) -> None:
        for name in ("_members", "kinds", "anything"):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(self.GROUP, name, ())
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                delattr(self.GROUP, name)
        self.GROUP.by_kind["slug"] = frozenset()
        assert "ada-example-77" in self.GROUP

    def test_it_says_what_it_compares_by(self) -> None:
        assert self.GROUP.by_kind == {
            "slug": frozenset({"ada-example-77", "bo-example-1"}),
            "urn": frozenset({"urn:li:member:501"}),
        }

    def test_other_things_are_not_in_it_and_not_equal_to_it(self) -> None:
        assert 5 not in self.GROUP
        assert {"ada-example-77"} != self.GROUP

    def test_plain_data_builds_an_equal_group(self) -> None:
        group = People(["ada-example-77", "urn:li:member:501", {"name": "Ed", "provider_id": "p-6"}])

        assert group.to_list() == [{"name": "Ed", "provider_id": "p-6"}, "ada-example-77", "urn:li:member:501"]
        assert People(group.to_list()) == group
        assert eval(repr(group)) == group
        assert pickle.loads(pickle.dumps(group)) == group

    @given(st.lists(SLUG_TEXT.filter(lambda text: usable(text) is not None), max_size=5))
    def test_any_group_comes_back_from_its_plain_data(self, slugs: list[str]) -> None:
        group = People(slugs)

        assert People(group.to_list()) == group
        assert all(slug in group for slug in slugs)
