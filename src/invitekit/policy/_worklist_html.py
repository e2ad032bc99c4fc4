"""A worklist as one HTML page: self-contained, without script, for screen, phone and paper.

Whatever is not a constant of this module passes through `escape`. The page also forbids itself everything it does
not need: its content security policy allows the one style sheet it carries, known by its hash, and nothing else.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from invitekit._text import escape
from invitekit.model import UNKNOWN, Member
from invitekit.policy import _worklist_words as words
from invitekit.policy._worklist_style import STYLE

if TYPE_CHECKING:
    from invitekit.policy._worklist import WorkItem, Worklist

__all__ = ["html"]

_DATE: Final = re.compile(r"\b\d{4}-\d\d-\d\d\b", re.ASCII)

_LATER_OPEN: Final = 30
"""Up to how many of those put off the page lists openly; more are folded away."""


def html(worklist: Worklist) -> str:
    """See `Worklist.to_html`."""
    shared, common = words.about(worklist)
    parts = [
        _head(worklist),
        "<body>",
        '<a class="skip" href="#list">To the list</a>' if worklist.items else "",
        _header(worklist),
        "<main>",
        _warnings(worklist),
        _guide(worklist) if worklist.items else "",
        _list(worklist, shared, common) if worklist.items else f"<section><p>{words.NOBODY}</p></section>",
        _later(worklist, common) if worklist.later else "",
        _besides(worklist),
        "</main>",
        _footer(worklist),
        "</body>",
        "</html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _head(worklist: Worklist) -> str:
    digest = b64encode(sha256(STYLE.encode()).digest()).decode()
    rules = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{rules}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">\n'
        f"<title>{escape(worklist.headline)}</title>\n<style>{STYLE}</style>\n</head>"
    )


def _header(worklist: Worklist) -> str:
    pairs = "".join(
        f"<div><dt>{label}</dt><dd><bdi>{escape(value)}</bdi></dd></div>"
        for label, value in words.origin(worklist)
    )
    go = f'<p class="go">{_link(words.SENT_PAGE, "Open your Sent page")}</p>' if worklist.items else ""
    title = f"<h1>{escape(worklist.headline)}</h1>"
    return f'<header>\n<div>{title}\n<dl class="origin">{pairs}</dl></div>\n{go}\n</header>'


def _warnings(worklist: Worklist) -> str:
    said = (("This plan may not be applied as it is:", worklist.warnings), ("Please note:", worklist.cautions))
    lists = "\n".join(
        f"<p>{title}</p>\n<ul>{''.join(f'<li>{_sentence(text)}</li>' for text in texts)}</ul>"
        for title, texts in said
        if texts
    )
    if not lists:
        return ""
    head = '<section class="warning" aria-labelledby="warning">\n<h2 id="warning">Before you start</h2>\n'
    return f"{head}{lists}\n</section>"


def _guide(worklist: Worklist) -> str:
    know = "".join(
        f"<div><dt>{escape(title)}</dt><dd>{_text(text)}</dd></div>" for title, text in words.facts(worklist)
    )
    ways = _way("On a computer", words.DESKTOP) + _way("In the mobile app", words.MOBILE)
    return (
        '<section class="guide" aria-labelledby="guide">\n<h2 id="guide">How to withdraw</h2>\n'
        f'<div class="ways">{ways}</div>\n'
        f'<dl class="know">{know}</dl>\n</section>'
    )


def _way(title: str, steps: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(step)}</li>" for step in steps)
    return f'<div><h3>{title}</h3><ol role="list">{items}</ol></div>'


def _list(worklist: Worklist, shared: tuple[str, ...], common: frozenset[str]) -> str:
    about_all = f'<p class="shared">Everybody on it: {_text("; ".join(shared))}.</p>\n' if shared else ""
    people = "\n".join(map(_person, words.rows(worklist.items, common)))
    return (
        f'<section id="list" aria-labelledby="people">\n<h2 id="people">The list</h2>\n{about_all}'
        '<div class="headings" aria-hidden="true"><span></span><span></span><span>Who</span><span>Sent</span>'
        "<span>Why</span><span>Then</span></div>\n"
        f'<ol class="people" role="list">\n{people}\n</ol>\n</section>'
    )


def _person(row: words.Row) -> str:
    item = row.item
    name = f"<bdi>{escape(item.who)}</bdi>"
    first = "".join(f'<p class="first">{_sentence(text)}</p>' for text in row.first)
    also = f'<p class="also">{_sentence("; ".join(row.also))}</p>' if row.also else ""
    then = " ".join(f"{_sentence(text)}." for text in row.then)
    return (
        f'<li><label class="tick"><input type="checkbox"><span class="unseen">Done: {name}</span></label>'
        f'<span class="rank">{item.rank}</span>'
        f'<div class="who"><h3>{_profile(item)}</h3>{first}'
        f'<p class="find">{_slug(item.member)} {_link(words.SENT_PAGE, "Sent page")}</p>'
        '<p class="result" aria-hidden="true">Result</p></div>'
        f'<div class="sent"><span class="label">Sent</span>{_since(item)}</div>'
        f'<div class="why"><span class="label">Why</span><p>{_sentence("; ".join(row.why))}</p>{also}</div>'
        f'<div class="then"><span class="label">Then</span><p>{then}</p></div></li>'
    )


def _later(worklist: Worklist, common: frozenset[str]) -> str:
    later = worklist.later
    shown = later[: words.LATER_SHOWN]
    limits = [reason.text for reason in later[0].decision.because if reason.role == "limit"]
    people = "\n".join(_waiting(row) for row in words.rows(shown, common))
    more = f"<p>… and {len(later) - len(shown):,} more.</p>\n" if len(later) > len(shown) else ""
    fold = " open" if len(later) <= _LATER_OPEN else ""
    return (
        f'<section class="later" aria-labelledby="later">\n<h2 id="later">Later: {len(later):,} more</h2>\n'
        "<p>Not now: a limit of the policy leaves no room for them. "
        f"The first is {_text('; '.join(limits))}.</p>\n"
        f"<details{fold}><summary>Who is next</summary>\n"
        f'<ol class="waiting" role="list">\n{people}\n</ol>\n{more}</details>\n</section>'
    )


def _waiting(row: words.Row) -> str:
    item = row.item
    first = "".join(f'<span class="first">{_sentence(text)}</span>' for text in row.first)
    return (
        f'<li><span class="rank">{item.rank}</span><span class="who">{_profile(item)}{first}</span>'
        f'<span class="sent">{_since(item)}</span>'
        f'<span class="why">{_sentence("; ".join(row.why))}</span></li>'
    )


def _besides(worklist: Worklist) -> str:
    items = "".join(f"<li>{_sentence(text)}</li>" for text in words.what_else(worklist))
    if not items:
        return ""
    title = '<h2 id="besides">Also worth knowing</h2>'
    return f'<section aria-labelledby="besides">\n{title}\n<ul>{items}</ul>\n</section>'


def _footer(worklist: Worklist) -> str:
    ticks = (
        " This page needs no network and stores nothing: ticks are lost when it is closed. To bring results back "
        "to invitekit, save the worklist as CSV and fill in its column <i>result</i>."
    )
    return f"<footer><p>Days are days in UTC.{ticks if worklist.items else ''}</p></footer>"


def _link(address: str, label: str) -> str:
    # In a tab of its own: going back would lose the ticks in some browsers.
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{label}</a>'


def _profile(item: WorkItem) -> str:
    name, address = f"<bdi>{escape(item.who)}</bdi>", item.member.profile_url
    return name if address is UNKNOWN else _link(address, name)


def _slug(member: Member) -> str:
    if member.slug is UNKNOWN:
        return "<span>no profile address known</span>"
    return f"<span><bdi>/in/{escape(member.slug)}</bdi></span>"


def _since(item: WorkItem) -> str:
    if item.age_days is UNKNOWN:
        return f"<span>{escape(item.sent or 'unknown')}</span>"
    days = dict.fromkeys(at.date().isoformat() for at in (item.sent_at.earliest, item.sent_at.latest))
    stamps = " to ".join(f'<time datetime="{day}">{day}</time>' for day in days)
    return f'<span>{stamps}</span> <span class="age">{escape(item.age)}</span>'


def _text(text: str) -> str:
    """Give a text escaped, with its dates held together: a line break inside 2026-11-22 misleads."""
    return _DATE.sub(r"<time>\g<0></time>", escape(text))


def _sentence(text: str) -> str:
    """Give a text likewise, with a capital letter where it begins with a word, not with code such as ``r.``."""
    is_word = text[:1].isascii() and (text[1:2].isalpha() or text[1:2].isspace())
    return _text(text[:1].upper() + text[1:] if is_word else text)
