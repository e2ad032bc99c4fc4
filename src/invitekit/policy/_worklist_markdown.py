"""A worklist as Markdown.

Names and reasons may hold anything. They never begin a line and never contain one, so no block can start in them;
what could start an inline construct gets a backslash; and addresses, which some programs turn into links without
any markup, are broken by an invisible word joiner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from invitekit._text import plain
from invitekit.model import UNKNOWN
from invitekit.policy import _worklist_words as words

if TYPE_CHECKING:
    from invitekit.policy._worklist import WorkItem, Worklist

__all__ = ["markdown", "markdown_text"]

_INLINE: Final = re.compile(r"([\\`*_{}\[\]<>#!|~&$^=@])")
_ADDRESS: Final = re.compile(r"(www(?=\.)|:(?=//)|@|(?<=\w)\.(?=[^\W\d_]{2,}(?!\w*\()))", re.IGNORECASE)
"""What makes an address; not the dot of ``r.company(…)``, which somebody may want to copy."""


def markdown_text(value: object) -> str:
    """Give `value` as text that Markdown shows and does not interpret, in the middle of a line."""
    return _INLINE.sub(r"\\\1", _ADDRESS.sub("\\1\u2060", plain(value)))


def markdown(worklist: Worklist) -> str:
    """See `Worklist.to_markdown`."""
    return "\n".join(_lines(worklist)) + "\n"


def _lines(worklist: Worklist) -> Iterator[str]:
    yield f"# {worklist.headline}"
    yield ""
    yield " · ".join(f"{label}: {markdown_text(value)}" for label, value in words.origin(worklist))
    yield ""
    for warning in worklist.warnings:
        yield f"> **Before you start:** this plan may not be applied as it is: {markdown_text(warning)}"
        yield ""
    for caution in worklist.cautions:
        yield f"> **Please note:** {markdown_text(caution)}"
        yield ""
    if worklist.items:
        yield from _guide(worklist)
    else:
        yield words.NOBODY
        yield ""
    shared, common = words.about(worklist)
    if worklist.items:
        yield "## The list"
        yield ""
        # There is always something: at least that nobody on it is marked to be kept.
        yield f"Everybody on it: {markdown_text('; '.join(shared))}."
        yield ""
        for row in words.rows(worklist.items, common):
            yield from _task(row)
        yield ""
    if worklist.later:
        yield from _later(worklist)
    if more := words.what_else(worklist):
        yield "## Also worth knowing"
        yield ""
        yield from (f"- {markdown_text(text)}" for text in more)
        yield ""
    yield "Days are days in UTC."


def _guide(worklist: Worklist) -> Iterator[str]:
    yield "## How to withdraw"
    yield ""
    yield f"- On a computer: open the [Sent page]({words.SENT_PAGE}), or go to {' > '.join(words.DESKTOP)}."
    yield f"- In the mobile app: {' > '.join(words.MOBILE)}."
    yield ""
    yield "## Good to know"
    yield ""
    yield from (f"- **{title}.** {markdown_text(text)}" for title, text in words.facts(worklist))
    yield ""


def _who(item: WorkItem) -> str:
    name = markdown_text(item.who)
    return name if item.member.profile_url is UNKNOWN else f"[{name}]({item.member.profile_url})"


def _since(item: WorkItem) -> str:
    sent = f"sent {item.sent or 'at an unknown time'}"
    return f"{sent}, {item.age}" if item.age else sent


def _task(row: words.Row) -> Iterator[str]:
    item = row.item
    yield f"- [ ] {item.rank}\\. {_who(item)} · {_since(item)} · [Sent page]({words.SENT_PAGE})"
    if row.first:
        yield f"  - **First:** {markdown_text('; '.join(row.first))}"
    yield f"  - Why: {markdown_text('; '.join(row.why + row.also))}"
    yield f"  - Then: {markdown_text('; '.join(row.then))}"


def _later(worklist: Worklist) -> Iterator[str]:
    later = worklist.later
    yield f"## Later: {len(later):,} more"
    yield ""
    yield "Not today: a limit of the policy leaves no room for them."
    yield ""
    yield from (
        f"- {row.item.rank}\\. {_who(row.item)} · {_since(row.item)}"
        for row in words.rows(later[: words.LATER_SHOWN], frozenset())
    )
    if len(later) > words.LATER_SHOWN:
        yield f"- … and {len(later) - words.LATER_SHOWN:,} more"
    yield ""
