"""What an answer means before anybody looks into it: the verdicts on status, headers and pages, row by row."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitekit._wire import Response
from invitekit.dialects._symptoms import error_type, result_of, symptoms
from invitekit.errors import BackendError, ChallengeError, RateLimitedError, RefusedError
from invitekit.model import Result

AT = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
PAGE = b"<!DOCTYPE html><html><body>Sign in to go on, zebra</body></html>"
HTML = (("content-type", "text/html; charset=utf-8"),)
JSON = (("content-type", "application/json"),)


def problem(kind: Any = "errors/example", **more: Any) -> bytes:
    return json.dumps(
        {"title": "zebra title", "detail": "zebra detail of Ada Example", "type": kind, **more}
    ).encode()


def answer(status: int, body: bytes = b"", *headers: tuple[str, str]) -> Response:
    return Response(status, headers or JSON, body or problem())


def to(place: str) -> tuple[str, str]:
    return ("location", place)


PASSES = None
Row = tuple[Response, Any, Any]

# What came; what it is to a read and to a write: the error, its code, its `sent`.
TABLE: dict[str, Row] = {
    "200": (answer(200, b"{}"), PASSES, PASSES),
    "204": (Response(204), PASSES, PASSES),
    "200 called a page, without a body": (answer(200, b" ", *HTML), PASSES, PASSES),
    "200 that is no JSON": (answer(200, b"oops"), PASSES, PASSES),
    "200 with a page": (
        answer(200, PAGE, *HTML),
        (ChallengeError, "login-page", "yes"),
        (ChallengeError, "login-page", "maybe"),
    ),
    "200 with a page called JSON": (
        answer(200, b"\xef\xbb\xbf \n" + PAGE),
        (ChallengeError, "login-page", "yes"),
        (ChallengeError, "login-page", "maybe"),
    ),
    "200 with a page that wants a captcha": (
        answer(200, b"<html><form action=/checkpoint/challenge></form></html>", *HTML),
        (ChallengeError, "challenge", "yes"),
        (ChallengeError, "challenge", "maybe"),
    ),
    "200 called a page": (
        answer(200, b"Sign in", *HTML),
        (ChallengeError, "login-page", "yes"),
        (ChallengeError, "login-page", "maybe"),
    ),
    "301": (
        answer(301, b"", to("https://other.example/")),
        (RefusedError, "redirected", "yes"),
        (RefusedError, "redirected", "maybe"),
    ),
    "303": (
        answer(303, b"", to("/api/v1/done")),
        (RefusedError, "redirected", "yes"),
        (RefusedError, "redirected", "maybe"),
    ),
    "304": (Response(304), (RefusedError, "redirected", "yes"), (RefusedError, "redirected", "maybe")),
    "307": (
        answer(307, b"", to("https://other.example/")),
        (RefusedError, "redirected", "yes"),
        (RefusedError, "redirected", "yes"),
    ),
    "308": (
        answer(308, b"", to("https://other.example/")),
        (RefusedError, "redirected", "yes"),
        (RefusedError, "redirected", "yes"),
    ),
    "302 to a login page": (
        answer(302, b"", to("https://service.example/uas/login?next=x")),
        (ChallengeError, "login-page", "yes"),
        (ChallengeError, "login-page", "maybe"),
    ),
    "307 to a login page": (
        answer(307, b"", to("https://service.example/login")),
        (ChallengeError, "login-page", "yes"),
        (ChallengeError, "login-page", "yes"),
    ),
    "302 to a checkpoint": (
        answer(302, b"", to("/checkpoint/challenge/x")),
        (ChallengeError, "challenge", "yes"),
        (ChallengeError, "challenge", "maybe"),
    ),
    "400": (answer(400), (RefusedError, "http-400", "yes"), PASSES),
    "401": (answer(401), (RefusedError, "sign-in", "yes"), (RefusedError, "sign-in", "yes")),
    "401 with a page": (
        answer(401, PAGE, *HTML),
        (RefusedError, "sign-in", "yes"),
        (RefusedError, "sign-in", "yes"),
    ),
    "401 that is a checkpoint": (
        answer(401, problem("errors/checkpoint_error")),
        (ChallengeError, "challenge", "yes"),
        (ChallengeError, "challenge", "yes"),
    ),
    "401 that wants a captcha": (
        answer(401, problem("errors/captcha_not_supported")),
        (ChallengeError, "challenge", "yes"),
        (ChallengeError, "challenge", "yes"),
    ),
    "403": (answer(403), (RefusedError, "forbidden", "yes"), (RefusedError, "forbidden", "yes")),
    "403 with a challenge": (
        answer(403, b'{"status": "CHALLENGE"}'),
        (ChallengeError, "challenge", "yes"),
        (ChallengeError, "challenge", "yes"),
    ),
    "403 with a captcha": (
        answer(403, b"<html><div class=captcha></div></html>", *HTML),
        (ChallengeError, "challenge", "yes"),
        (ChallengeError, "challenge", "yes"),
    ),
    "404": (answer(404), (RefusedError, "not-found", "yes"), PASSES),
    "406": (answer(406), (RefusedError, "http-406", "yes"), PASSES),
    "407": (answer(407), (RefusedError, "sign-in", "yes"), (RefusedError, "sign-in", "yes")),
    "408": (answer(408), (RateLimitedError, "http-408", "yes"), PASSES),
    "408 with a wait": (
        answer(408, b"", ("retry-after", "90")),
        (RateLimitedError, "http-408", "yes"),
        (RateLimitedError, "http-408", "maybe"),
    ),
    "409": (answer(409), (RefusedError, "http-409", "yes"), PASSES),
    "410": (answer(410), (RefusedError, "not-found", "yes"), PASSES),
    "422": (answer(422), (RefusedError, "http-422", "yes"), PASSES),
    "425": (answer(425), (RateLimitedError, "http-425", "yes"), (RateLimitedError, "http-425", "maybe")),
    "429": (answer(429), (RateLimitedError, "rate-limited", "yes"), (RateLimitedError, "rate-limited", "maybe")),
    "500": (answer(500), (BackendError, "http-500", "yes"), PASSES),
    "502 with a page": (answer(502, PAGE, *HTML), (BackendError, "http-502", "yes"), PASSES),
    "503": (answer(503), (BackendError, "http-503", "yes"), PASSES),
    "503 with a wait": (
        answer(503, b"", ("retry-after", "90")),
        (RateLimitedError, "http-503", "yes"),
        (RateLimitedError, "http-503", "maybe"),
    ),
    "504": (answer(504), (BackendError, "http-504", "yes"), PASSES),
    "600": (answer(600), (BackendError, "http-600", "yes"), PASSES),
    "999": (answer(999), (ChallengeError, "http-999", "yes"), (ChallengeError, "http-999", "yes")),
    "999 with a page": (
        answer(999, PAGE, *HTML),
        (ChallengeError, "http-999", "yes"),
        (ChallengeError, "http-999", "yes"),
    ),
}


def raised(response: Response, *, reads: bool, **more: Any) -> BackendError | None:
    try:
        symptoms(response, AT, reads=reads, error_type=error_type(response), **more)
    except BackendError as error:
        return error
    return None


class TestTable:
    @pytest.mark.parametrize("reads", [True, False], ids=["read", "write"])
    @pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
    def test_every_answer_is_what_its_row_says(self, row: Row, reads: bool) -> None:
        response, read, write = row
        expected = read if reads else write
        error = raised(response, reads=reads)
        if expected is PASSES:
            assert error is None
            return
        assert error is not None
        assert (type(error), error.code, error.sent) == expected
        assert error.status == response.status
        assert error.hint

    @pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
    def test_nothing_that_the_service_wrote_is_in_an_error(self, row: Row) -> None:
        for reads in (True, False):
            error = raised(row[0], reads=reads)
            assert "zebra" not in f"{error} {error!r} {error.__dict__ if error else ''}"
            assert "Ada" not in f"{error} {error!r}"

    @given(st.integers(100, 999), st.binary(max_size=40), st.sampled_from([JSON, HTML, ()]))
    def test_a_read_passes_only_with_2xx(self, status: int, body: bytes, headers: Any) -> None:
        error = raised(Response(status, headers, body), reads=True)
        assert error is not None or 200 <= status <= 299


RESULTS = {
    400: Result.REFUSED,
    402: Result.REFUSED,
    404: Result.UNKNOWN,
    405: Result.REFUSED,
    406: Result.REFUSED,
    408: Result.UNKNOWN,
    409: Result.UNKNOWN,
    410: Result.UNKNOWN,
    422: Result.REFUSED,
    500: Result.UNKNOWN,
    501: Result.UNKNOWN,
    502: Result.UNKNOWN,
    503: Result.UNKNOWN,
    504: Result.UNKNOWN,
    600: Result.UNKNOWN,
    101: Result.UNKNOWN,
}


class TestWrites:
    @pytest.mark.parametrize(("status", "result"), RESULTS.items())
    def test_what_a_status_says_about_a_write(self, status: int, result: Result) -> None:
        assert result_of(status) is result

    def test_no_status_alone_says_that_it_was_done(self) -> None:
        assert {result_of(status) for status in range(100, 1_000)} == {Result.UNKNOWN, Result.REFUSED}


class TestWaiting:
    @pytest.mark.parametrize(
        ("headers", "wait"),
        [
            ((("retry-after", "5"),), 5),
            ((("retry-after", "5"), ("retry-after", "9")), 9),
            ((("retry-after", "86400"),), 86_400),
            ((("retry-after", "abc"),), 60),
            ((("x-other", "5"),), 60),
        ],
        ids=["seconds", "two headers", "a day", "junk", "none"],
    )
    def test_the_moment_is_on_the_error(self, headers: tuple[tuple[str, str], ...], wait: int) -> None:
        error = raised(Response(429, headers, problem("errors/too_many_requests")), reads=True)
        assert isinstance(error, RateLimitedError)
        assert error.not_before == AT + timedelta(seconds=wait)
        assert error.type == "errors/too_many_requests"

    @pytest.mark.parametrize("status", [429, 503])
    def test_a_date_counts_by_the_clock_of_the_service(self, status: int) -> None:
        """Our clock is 40 minutes ahead, and half an hour is wanted."""
        headers = (
            ("date", "Mon, 05 Oct 2026 11:20:00 GMT"),
            ("retry-after", "Mon, 05 Oct 2026 11:50:00 GMT"),
        )
        error = raised(Response(status, headers), reads=True)
        assert isinstance(error, RateLimitedError)
        assert error.not_before == AT + timedelta(minutes=30)

    def test_where_the_limiter_runs_first_nothing_was_done(self) -> None:
        for status, sent in ((429, "no"), (425, "maybe")):
            error = raised(Response(status), reads=False, limiter_first=True)
            assert error is not None
            assert error.sent == sent


class TestErrorType:
    @pytest.mark.parametrize("kind", ["errors/too_many_requests", "api/too_many_requests", "a", "x" * 80])
    def test_a_name_is_shown(self, kind: str) -> None:
        assert error_type(Response(429, (), problem(kind))) == kind

    @pytest.mark.parametrize(
        "kind",
        [
            "",
            "x" * 81,
            "Errors/Upper",
            "errors/ada example",
            "errors/x\n",
            "ada@mail.example",
            "é",
            7,
            None,
            ["a"],
            {},
        ],
        ids=repr,
    )
    def test_what_may_be_anything_is_not(self, kind: Any) -> None:
        assert not error_type(Response(429, (), problem(kind)))

    @pytest.mark.parametrize("body", [b"", b"oops", b"[]", b'"errors/x"', PAGE, b'{"type": "errors/x"', b"\xff"])
    def test_a_body_that_is_none_has_no_type(self, body: bytes) -> None:
        assert not error_type(Response(500, (), body))

    def test_neither_has_an_answer_that_is_no_error_nor_one_that_is_too_long(self) -> None:
        assert not error_type(Response(200, (), problem("errors/x")))
        assert not error_type(Response(500, (), problem("errors/x", detail="x" * 70_000)))
