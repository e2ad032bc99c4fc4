"""The address of a service, and everything that keeps requests at home: at that address, and below its path.

Headers with secrets go out with every request, so a link that a service hands back ("next", ``Location``) is never
asked as it is: it is compared, taken apart, and put together again from this address.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeAlias
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

import attrs

from invitekit._wire import Request
from invitekit.errors import DataError, PayloadError

__all__ = ["Link", "Origin"]

Link: TypeAlias = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]
"""Where a link leads, as a `Request` takes it: segments of a path, and names and values of a query."""

_PORTS = {"https": 443, "http": 80}
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
_LONGEST_LINK = 8_192  # more than servers take in a request line (nginx and Apache: 8 KiB by default)
_MOST_FIELDS = 200


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _loopback(host: str) -> bool:
    address = _address(host)
    if isinstance(address, IPv4Address):
        return address.is_loopback
    return host == "localhost" or address == IPv6Address("::1")


def _unfit(text: object) -> bool:
    """Whether it is no text, or holds what no address does: white space, control characters, a backslash."""
    return not isinstance(text, str) or any(char <= " " or char in "\\\x7f" or char.isspace() for char in text)


def _controls(text: str) -> bool:
    """Whether a text holds control characters, such as the line breaks that would begin another header."""
    return any(char < " " or "\x7f" <= char <= "\x9f" or char in "\u2028\u2029" for char in text)


def _climbs(segment: str) -> bool:
    """Whether a segment is, or holds, a way to another path for a server that decodes it."""
    return any(part and not part.strip(". ") for part in re.split(r"[/\\]", segment))


def _dots(segment: str) -> bool:
    """As `_climbs`, of a segment that is encoded."""
    return _climbs(unquote(segment))


@attrs.frozen(weakref_slot=False, repr=False)
class Origin:
    """Where a service lives. Build it with `Origin.of`.

    Args:
        scheme: ``https``, or ``http`` on this very machine.
        host: A name or an IP address, in lower case and without brackets.
        port: The port, also where it is the usual one.
        base: The path that all requests go below, without a slash at its end; empty for the whole host.
    """

    scheme: str
    host: str
    port: int
    base: str = ""

    @classmethod
    def of(cls, base_url: str) -> Origin:
        """Read an address, such as ``https://api1.service.example:13443/api/v1``.

        Raises:
            DataError: It is no address, holds a user name, a password, a query or a fragment, or is not ``https``
                although it leads to another machine. The text itself stays out of the error, since it may hold
                a password.
        """
        hint = "Give it as https://host, https://host:port or https://host:port/path"
        if _unfit(base_url):
            raise DataError("the address of the service must be a text without spaces", hint=hint, key="base_url")
        wrong = ""
        try:
            parts = urlsplit(base_url)
            port = parts.port
        except ValueError:
            # Raised below, since the one of urllib quotes the whole text.
            wrong, parts, port = "the address of the service cannot be read", SplitResult("", "", "", "", ""), None
        host = parts.hostname or ""
        if wrong:
            pass
        elif parts.scheme not in _PORTS or not host or port == 0:
            wrong = "the address of the service must begin with https:// and a host"
        elif "@" in parts.netloc:
            wrong = "the address of the service must not hold a user name or a password"
            hint = "Secrets go into headers, as invitekit.Secret, and never into an address"
        elif "?" in base_url or "#" in base_url:
            wrong = "the address of the service must end with its path"
            hint = "Leave out the question mark or the number sign, and what follows it"
        elif "%" in host or not (_NAME.fullmatch(host) or isinstance(_address(host), IPv6Address)):
            wrong = "the host in the address of the service must be a name or an IP address, in ASCII"
            hint = "Write a name in another script in its xn-- form"
        elif parts.scheme == "http" and not _loopback(host):
            wrong = "the address of the service must begin with https://"
            hint = "Anybody on the way can read what goes over http; it is for localhost and 127.0.0.1 alone"
        elif any(map(_dots, parts.path.split("/"))) or "//" in parts.path.rstrip("/"):
            wrong = "the path in the address of the service must not hold empty parts, '.' or '..'"
        if wrong:
            raise DataError(wrong, hint=hint, key="base_url")
        base = quote(parts.path.rstrip("/"), safe="/%~!$&'()*+,;=:@-._")
        return cls(parts.scheme, host, port or _PORTS[parts.scheme], base)

    @property
    def root(self) -> str:
        """Scheme, host and port, where it is not the usual one; no path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    def url(self, request: Request) -> str:
        """Give the whole address of a request; every segment and every value is percent-encoded.

        Raises:
            DataError: A segment or a value holds a control character, for instance a line break, or half of
                a character; or a segment holds ``..`` between slashes, which some servers follow.
        """
        texts = [*request.path, *(text for pair in request.query for text in pair)]
        if any(_controls(text) or _halved(text) for text in texts) or any(map(_climbs, request.path)):
            raise DataError(
                "an id or a value for an address holds a control character, or a way to another address",
                hint="Line breaks and dots between slashes are no part of any id; look where it comes from",
                key="request",
            )
        path = "".join(f"/{quote(segment, safe='')}" for segment in request.path)
        query = f"?{urlencode(request.query, quote_via=quote, safe='')}" if request.query else ""
        return f"{self.root}{self.base}{path}{query}"

    def rebase(self, link: str) -> Link:
        """Take a link of the service apart, as the path and the query of a `Request` to this address.

        The link may be whole (``https://host/api/v1/users?cursor=2``) or begin at the path or at the query of the
        address. It has to stay below the path of the address: a link to another part of the same host is refused
        too, since another application may live there. What it says of scheme, host and port is compared and
        dropped, so that nothing in it decides where a request goes. A fragment is dropped, and a slash at the end.

        Raises:
            PayloadError: It leads away, or is none. The link stays out of the error: it may hold tokens.
        """
        parts = self._home(link, f"{self.root}{self.base}/")
        below = self._below(parts)
        try:
            segments = tuple(unquote(part, errors="strict") for part in below.split("/") if part)
            query = tuple(
                parse_qsl(parts.query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
            )
        except ValueError:
            segments, query = (), None
        if query is None:
            raise _away("cannot be decoded")
        return segments, query

    def follow(self, link: str, at: str) -> str:
        """Give the whole address that a redirect leads to, with the same refusals as `rebase`.

        Args:
            link: What ``Location`` holds.
            at: The whole address that was asked.

        Raises:
            PayloadError: It leads away, or is none.
        """
        parts = self._home(link, at)
        self._below(parts)
        # Characters that are encoded already stay as they are; the others are encoded once.
        path = quote(parts.path, safe="/%~!$&'()*+,;=:@-._")
        query = quote(parts.query, safe="/%~!$&'()*+,;=:@-._?")
        return f"{self.root}{path}{f'?{query}' if query else ''}"

    def _home(self, link: str, at: str) -> SplitResult:
        """Resolve a link and compare where it leads with this address."""
        if not link or len(link) > _LONGEST_LINK or _unfit(link):
            raise _away("is empty, too long, or holds spaces, control characters or a backslash")
        if _halved(link):
            raise _away("cannot be decoded")
        parts, port, given = SplitResult("", "", "", "", ""), None, SplitResult("", "", "", "", "")
        try:
            given = urlsplit(link)
            parts = urlsplit(urljoin(at, link))
            port = parts.port
        except ValueError:
            parts = SplitResult("", "", "", "", "")
        # "https:path" and "https:///host" mean different things to different readers.
        odd = (bool(given.scheme) and not given.netloc) or link.startswith("///")
        home = (
            not odd
            and (parts.scheme, parts.hostname) == (self.scheme, self.host)
            and (port or _PORTS[self.scheme]) == self.port
            and "@" not in parts.netloc
            and parts.netloc.isascii()
        )
        if not home:
            raise _away("leads to another host, port or scheme, or holds a user name")
        return parts

    def _below(self, parts: SplitResult) -> str:
        """Give what follows the path of this address."""
        path = parts.path
        below = path.removeprefix(self.base)
        if not path.startswith(self.base) or below[:1] not in ("", "/"):
            raise _away("leads to another part of the host")
        if any(map(_dots, path.split("/"))) or "//" in path:
            raise _away("holds empty parts, '.' or '..'")
        return below

    def __repr__(self) -> str:
        return f"Origin({self.root!r})"


def _halved(text: str) -> bool:
    """Whether a text holds half of a character, which cannot be encoded."""
    return any("\ud800" <= char <= "\udfff" for char in text)


def _away(why: str) -> PayloadError:
    return PayloadError(
        f"a link that the service gave {why}",
        hint="It was not followed, since headers with secrets would have gone there",
        key="link",
    )
