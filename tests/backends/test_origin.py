"""Requests stay at the address of the service, whatever a link or an id says."""

from __future__ import annotations

import traceback
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitekit._wire import Request
from invitekit.backends._origin import Origin
from invitekit.errors import DataError, PayloadError

HOME = "https://api1.service.example:13443/api/v1"
ORIGIN = Origin.of(HOME)

# 60 ways away from home; "hush" stands for what must not be repeated.
AWAY = [
    # another host
    "https://evil.example/api/v1/users?token=hush",
    "https://evil.example:13443/api/v1/users?token=hush",
    "https://api1.service.example.evil.example:13443/api/v1/?hush",
    "https://evil-api1.service.example:13443/api/v1/?hush",
    "https://service.example:13443/api/v1/?hush",
    "https://api1.service.example.:13443/api/v1/?hush",
    "https://api2.service.example:13443/api/v1/?hush",
    "https://localhost:13443/api/v1/hush",
    # another port or scheme
    "https://api1.service.example/api/v1/hush",
    "https://api1.service.example:443/api/v1/hush",
    "https://api1.service.example:13444/api/v1/hush",
    "https://api1.service.example:/api/v1/hush",
    "https://api1.service.example:0/api/v1/hush",
    "https://api1.service.example:99999/api/v1/hush",
    "https://api1.service.example:x/api/v1/hush",
    "http://api1.service.example:13443/api/v1/hush",
    "HTTP://api1.service.example:13443/api/v1/hush",
    "ftp://api1.service.example:13443/api/v1/hush",
    "file:///etc/passwd?hush",
    "javascript:alert(1)//hush",
    "data:text/html,hush",
    "ws://api1.service.example:13443/hush",
    # no host where one belongs
    "https:/api/v1/hush",
    "https:api/v1/hush",
    "https:///api/v1/hush",
    "https:////evil.example/hush",
    "//evil.example/api/v1/hush",
    "///evil.example/api/v1/hush",
    "////evil.example/hush",
    "/\\evil.example/hush",
    "\\\\evil.example\\hush",
    "https:\\\\evil.example/hush",
    "https://api1.service.example:13443\\@evil.example/hush",
    # somebody in front of the host
    "https://user:hush@api1.service.example:13443/api/v1/users",
    "https://hush@api1.service.example:13443/api/v1/users",
    "https://@api1.service.example:13443/api/v1/hush",
    "https://api1.service.example:13443@evil.example/api/v1/hush",
    "https://api1.service.example:13443%40evil.example/api/v1/hush",
    "//hush@api1.service.example:13443/api/v1/users",
    # addresses
    "https://127.0.0.1:13443/api/v1/hush",
    "https://[::1]:13443/api/v1/hush",
    "https://[::1/api/v1/hush",
    "https://[::ffff:127.0.0.1]:13443/hush",
    "https://2130706433:13443/api/v1/hush",
    "https://0x7f000001:13443/api/v1/hush",
    "http://169.254.169.254/latest/meta-data/hush",
    "https://169.254.169.254:13443/api/v1/hush",
    "https://metadata.google.internal/hush",
    # look-alikes
    "https://аpi1.service.example:13443/api/v1/hush",
    "https://api1.servıce.example:13443/api/v1/hush",
    "https://xn--pi1-6cd.service.example:13443/api/v1/hush",
    "https://api1。service.example:13443/api/v1/hush",
    "https://api1.service.example℀:13443/api/v1/hush",
    "https://ａpi1.service.example:13443/api/v1/hush",
    # what some readers drop, and others do not
    "ht\ntps://evil.example/hush",
    "/\t/evil.example/hush",
    " https://evil.example/hush",
    "https://api1.service.example:13443/api/v1/a\r\nx-evil: hush",
    "/api/v1/users\x00hush",
    "/api/v1/users hush",
    "\x1f//evil.example/hush",
    # another part of the host
    "/hush",
    "/api/v2/hush",
    "/api/v10/hush",
    "/api/v1/../hush",
    "/api/v1/../../hush",
    "/api/v1/%2e%2e/hush",
    "/api/v1/.%2E/hush",
    "/api/v1/a%2f..%2f..%2fhush",
    "/api/v1/a%5c..%5chush",
    "../hush",
    "../../hush",
    "/api/v1//hush",
    "https://api1.service.example:13443/hush",
    "https://api1.service.example:13443",
    # no link at all
    "",
    "/api/v1/" + "hush" * 3000,
    "/api/v1/\ud800",
]

# They stay at home, and cannot become a request of ours all the same.
ODD = [
    "/api/v1/users?x=%ff",
    "/api/v1/%ff",
    "/api/v1/users?" + "&".join(f"a{number}=1" for number in range(300)),
]


def refused_quietly(error: PayloadError) -> None:
    shown = "".join(traceback.format_exception_only(error)) + repr(error)
    assert "hush" not in shown
    assert "evil" not in shown
    assert error.__context__ is None


STAYS = {
    f"{HOME}/users?cursor=a%2Fb": (("users",), (("cursor", "a/b"),)),
    f"{HOME.upper().replace('/API/V1', '/api/v1')}/users": (("users",), ()),
    "/api/v1/users/invite?cursor=2&limit=": (("users", "invite"), (("cursor", "2"), ("limit", ""))),
    "//api1.service.example:13443/api/v1/users": (("users",), ()),
    "?cursor=2": ((), (("cursor", "2"),)),
    "users?cursor=2": (("users",), (("cursor", "2"),)),
    "/api/v1": ((), ()),
    "/api/v1/users/": (("users",), ()),
    "/api/v1/users#part": (("users",), ()),
    "/api/v1/urn%3Ali%3Aa%2Fb": (("urn:li:a/b",), ()),
    "/api/v1/caf%C3%A9?q=%C3%A9": (("café",), (("q", "é"),)),
}


class TestLinks:
    @pytest.mark.parametrize("link", [*AWAY, *ODD], ids=range(len(AWAY) + len(ODD)))
    def test_a_link_that_leads_away_is_refused_without_repeating_it(self, link):
        with pytest.raises(PayloadError) as caught:
            ORIGIN.rebase(link)
        refused_quietly(caught.value)

    @pytest.mark.parametrize("link", AWAY, ids=range(len(AWAY)))
    def test_so_is_a_redirect(self, link):
        with pytest.raises(PayloadError) as caught:
            ORIGIN.follow(link, f"{HOME}/users")
        refused_quietly(caught.value)

    @pytest.mark.parametrize("link", ODD, ids=range(len(ODD)))
    def test_a_redirect_may_keep_what_cannot_be_decoded(self, link):
        assert ORIGIN.follow(link, f"{HOME}/users").startswith(f"{HOME}/")

    @pytest.mark.parametrize("link", STAYS)
    def test_a_link_that_stays_is_taken_apart(self, link):
        assert ORIGIN.rebase(link) == STAYS[link]
        assert ORIGIN.follow(link, f"{HOME}/").startswith(HOME)

    def test_a_redirect_keeps_the_spelling_of_what_is_encoded(self):
        assert ORIGIN.follow("/api/v1/a%2Fb/?q=a%2Bb+c&é", HOME) == f"{HOME}/a%2Fb/?q=a%2Bb+c&%C3%A9"
        assert ORIGIN.follow("?page=2", f"{HOME}/users") == f"{HOME}/users?page=2"

    @given(st.text(max_size=60))
    def test_no_text_leads_away(self, link):
        for prefix in ("", "/", "//", "/api/v1/", HOME, f"{HOME}/", "https://"):
            try:
                onward = ORIGIN.follow(prefix + link, f"{HOME}/users")
            except PayloadError:
                continue
            parts = urlsplit(onward)
            assert (parts.scheme, parts.netloc) == ("https", "api1.service.example:13443")
            assert parts.path == "/api/v1" or parts.path.startswith("/api/v1/")
            assert onward.isascii()
            assert onward.isprintable()


class TestRequests:
    def test_every_segment_and_value_is_encoded(self):
        request = Request("GET", ("users", "a/b?c#d é%2F"), {"q": "a&b=c d", "none": None})
        assert ORIGIN.url(request) == f"{HOME}/users/a%2Fb%3Fc%23d%20%C3%A9%252F?q=a%26b%3Dc%20d"

    @given(
        st.lists(st.text(min_size=1, max_size=20), max_size=4),
        st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=3),
    )
    def test_what_is_sent_is_what_arrives_or_nothing_is_sent(self, segments, query):
        try:
            request = Request("GET", tuple(segments), query)
            url = ORIGIN.url(request)
        except DataError:
            return
        parts = urlsplit(url)
        assert url.startswith(HOME)
        assert tuple(map(unquote, parts.path.removeprefix("/api/v1").split("/")[1:])) == request.path
        assert tuple(parse_qsl(parts.query, keep_blank_values=True)) == request.query
        if request.path:
            assert ORIGIN.rebase(url) == (request.path, request.query)

    @pytest.mark.parametrize(
        "segment", ["a\r\nb", "a\nb", "a\x00", "\x7f", "\x85", "\u2028", "\ud800", "../x", "a/../b", "a\\..\\b"]
    )
    def test_what_belongs_to_no_id_is_refused(self, segment):
        with pytest.raises(DataError, match="an id or a value"):
            ORIGIN.url(Request("GET", ("users", segment)))


class TestAddresses:
    @pytest.mark.parametrize(
        ("given", "root", "base"),
        [
            ("https://api1.service.example:13443", "https://api1.service.example:13443", ""),
            ("https://API1.Service.example/", "https://api1.service.example", ""),
            ("https://service.example:443/api/v1/", "https://service.example", "/api/v1"),
            ("http://localhost:8080/api", "http://localhost:8080", "/api"),
            ("http://127.0.0.1", "http://127.0.0.1", ""),
            ("http://127.8.9.1:80/x", "http://127.8.9.1", "/x"),
            ("http://[::1]:8080", "http://[::1]:8080", ""),
            ("https://[2001:db8::1]/x", "https://[2001:db8::1]", "/x"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example", ""),
        ],
    )
    def test_addresses_of_services(self, given, root, base):
        origin = Origin.of(given)
        assert (origin.root, origin.base) == (root, base)
        assert repr(origin) == f"Origin({root!r})"
        assert Origin.of(origin.root + origin.base) == origin

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ("http://service.example", "https"),
            ("http://10.0.0.1", "https"),
            ("http://0.0.0.0", "https"),
            ("http://localhost.evil.example", "https"),
            ("http://128.0.0.1", "https"),
            ("http://127.0.0.1.evil.example", "https"),
            ("http://[::2]", "https"),
            ("http://[::ffff:127.0.0.1]", "https"),
            ("ftp://service.example", "begin with https"),
            ("service.example", "begin with https"),
            ("service.example:443", "begin with https"),
            ("https://", "host"),
            ("https:///x", "host"),
            ("https://:443", "host"),
            ("https://service.example:0", "host"),
            ("https://service.example:77777", "cannot be read"),
            ("https://[::1", "cannot be read"),
            ("https://user:hush@service.example", "user name"),
            ("https://hush@service.example", "user name"),
            ("https://@service.example", "user name"),
            ("https://service.example?key=hush", "end with its path"),
            ("https://service.example/x?", "end with its path"),
            ("https://service.example/#hush", "end with its path"),
            ("https://bücher.example", "ASCII"),
            ("https://[fe80::1%25eth0]", "ASCII"),
            ("https://-a.example", "ASCII"),
            ("https://service.example/a/../b", "empty parts"),
            ("https://service.example/a/%2e%2e", "empty parts"),
            ("https://service.example//a", "empty parts"),
            (" https://service.example", "without spaces"),
            ("https://service.example/\r\n", "without spaces"),
            ("https:\\\\service.example", "without spaces"),
            (7, "must be a text"),
            (None, "must be a text"),
        ],
    )
    def test_what_is_no_address_of_a_service(self, given, why):
        with pytest.raises(DataError, match=why) as caught:
            Origin.of(given)
        assert caught.value.hint
        assert "hush" not in str(caught.value)
        assert caught.value.__context__ is None
