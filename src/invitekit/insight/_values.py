"""What invitations are told apart by: their week, their note, their tags, a field, a rule, a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import attrs

from invitekit.errors import DataError
from invitekit.insight._hindsight import BY_CHANCE, refuse_known, refuse_leak
from invitekit.model import UNKNOWN, Invitation, People, Selector, Truth
from invitekit.rules._own import safely

if TYPE_CHECKING:
    from invitekit.insight._courses import Course
    from invitekit.insight._stats import AcceptanceStats

__all__ = ["chosen_by", "values_of"]


def chosen_by(stats: AcceptanceStats, test: Any, context: Any) -> list[int]:
    """The places of the invitations that a test chooses.

    Raises:
        DataError: It chooses by what is known only of those who accepted.
    """
    items = stats.invitations
    if isinstance(test, Selector):
        answers: list[Any] = list(test.truths(items, now=stats.as_of, context=context))
        if items and all(answer is Truth.UNKNOWN for answer in answers):
            raise DataError(
                "what the test asks is unknown of every invitation",
                hint="Does the rule need a context? stats.where(rule, context=...)",
                key="stats.where",
            )
        refuse_known(stats, [answer is not Truth.UNKNOWN for answer in answers], "what the test asks")
        answers = [answer is Truth.TRUE for answer in answers]
    else:
        answers = _read(stats, test)
        refuse_known(stats, [answer is not UNKNOWN for answer in answers], "what the test asks")
        answers = [answer is True for answer in answers]
    refuse_leak(stats, answers, "the test")
    return [index for index, answer in enumerate(answers) if answer]


def values_of(
    stats: AcceptanceStats, key: str | Callable[[Any], Any], tags: Mapping[str, Any] | None
) -> list[tuple[Any, ...]]:
    """The values of each invitation: none where it is unknown, several only of tags."""
    if key == "week":
        return [(_week(course),) for course in stats.courses]
    if key == "month":
        return [(date.fromordinal(course.sent).strftime("%Y-%m"),) for course in stats.courses]
    if key == "note":
        words = {True: ("with a note",), False: ("without",), None: ()}
        refuse_known(stats, [course.note is not None for course in stats.courses], "the note")
        return [words[course.note] for course in stats.courses]
    stats.needs_invitations(f"by({key!r})" if isinstance(key, str) else "by")
    if key == "tag":
        return _tagged(stats, tags)
    name = key if isinstance(key, str) else "the function"
    values = _read(stats, key)
    refuse_known(stats, [value is not UNKNOWN for value in values], name)
    refuse_leak(stats, values, name)
    return [() if value is UNKNOWN else (value,) for value in values]


def _week(course: Course) -> str:
    year, week, _ = date.fromordinal(course.sent).isocalendar()
    return f"{year}-W{week:02}"


def _read(stats: AcceptanceStats, key: str | Callable[[Any], Any]) -> list[Any]:
    if isinstance(key, Selector):
        words = {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: UNKNOWN}
        return [words[truth] for truth in key.truths(stats.invitations, now=stats.as_of, context=None)]
    if isinstance(key, str):
        _refuse_unknown(key)
    elif callable(key):
        key = safely(key, what="the function", hint="Give a text, a number or UNKNOWN for every invitation")
    values: dict[str, Any] = {
        item.id: value for value, group in stats.invitations.by(key).items() for item in group
    }
    return [values[item.id] for item in stats.invitations]


_NAMES: Final = ("week", "month", "note", "tag")


def _refuse_unknown(key: str) -> None:
    """Refuse a word that is neither a way of comparing nor a field."""
    fields = [field.name for field in attrs.fields(Invitation)]
    if key not in fields and key not in ("name", "slug", "urn", "provider_id"):
        from difflib import get_close_matches

        near = get_close_matches(key, [*_NAMES, *fields], n=1)
        raise DataError(
            f"there is nothing called {key!r:.60} to compare by",
            hint=f"Did you mean {near[0]!r}?"
            if near
            else f"One of {', '.join(_NAMES)}, or a field of invitations",
            key="stats.by",
        )


def _tagged(stats: AcceptanceStats, tags: Mapping[str, Any] | None) -> list[tuple[str, ...]]:
    if not isinstance(tags, Mapping):
        raise DataError(
            "by('tag') needs the tags", hint="For instance by('tag', tags=ledger.context().tags)", key="tags"
        )
    people = {str(tag): given if isinstance(given, People) else People(given) for tag, given in tags.items()}
    carried = {tag: [item.member in carriers for item in stats.invitations] for tag, carriers in people.items()}
    for tag, carries in carried.items():
        # By chance one of many tags is on accepted ones alone, so each is to be the less likely.
        refuse_leak(stats, carries, f"the tag {tag!r:.60}", by_chance=BY_CHANCE / len(carried))
    return [
        tuple(tag for tag, carries in carried.items() if carries[index]) or ("no tag",)
        for index in range(len(stats.invitations))
    ]
