"""The worklist: a value that prints, and pages and files that no name can break out of."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import pickle
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invitekit import rules as r
from invitekit.errors import DataError
from invitekit.model import (
    UNKNOWN,
    Completeness,
    Direction,
    Evidence,
    Invitation,
    Member,
    SentAt,
    Snapshot,
    Status,
)
from invitekit.policy import Context, Limits, Plan, Policy, WorkItem, Worklist
from invitekit.policy._worklist_csv import COLUMNS, guard, guard_id, unguard, unguard_id
from invitekit.policy._worklist_markdown import markdown_text
from invitekit.policy._worklist_words import LATER_SHOWN, SENT_PAGE

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
OLD = Policy(name="spring-clean", withdraw=r.older_than(weeks=4), limits=Limits(per_run=3, per_day=10))


def invitation(number: int, **fields: Any) -> Invitation:
    """One sent `number` times two days ago, presumed pending."""
    values: dict[str, Any] = {
        "id": f"x-{number:04d}",
        "member": Member(name=f"Ada Example {number}", slug=f"ada-example-{number}"),
        "direction": Direction.SENT,
        "sent_at": SentAt.minute(NOW - timedelta(days=2 * number)),
        "note": "",
        "status": Status.PRESUMED_PENDING,
        "evidence": Evidence.NOT_CONNECTED,
        "as_of": NOW,
    }
    return Invitation(**(values | fields))


def snapshot(invitations: Sequence[Invitation], **fields: Any) -> Snapshot:
    values: dict[str, Any] = {
        "account": Member(name="Owner Example", slug="owner-example-77"),
        "taken_at": NOW,
        "source": "export",
        "invitations": invitations,
        "completeness": Completeness.LOG,
    }
    return Snapshot(**(values | fields))


def plan_of(count: int = 20, policy: Policy = OLD, **context: Any) -> Plan:
    return policy.plan(
        snapshot([invitation(number) for number in range(1, count + 1)]), context=Context(**context)
    )


def named(*names: str, **more: Any) -> Worklist:
    """A worklist of people with these names, oldest first."""
    rows = [
        invitation(200 - at, id=f"x-{at}", member=Member(name=name, slug=f"some-example-{at}"), **more)
        for at, name in enumerate(names)
    ]
    young = invitation(1)  # or else the plan would withdraw everything, which is another warning
    policy = Policy(name="p", withdraw=r.older_than(weeks=4), limits=Limits(per_run=1_000))
    return policy.plan(snapshot([*rows, young])).worklist()


NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title><b>",
    "&lt;b&gt; &amp;",
    "عائشة المثال",
    "x\u202eevil\u202c",
    "two\nlines\r\nof\x00text",
    "👩🏽‍🔬 Dr. Test 🚀",
    "Long" * 200,
    "half \ud800 pair",
    "[click](javascript:alert(1)) *b* `c`",
    "www.example.org http://example.org a@example.org",
    "=1+1",
    'Ada;=1+1 "@x',
]

# Much of what breaks out of something, and a little of everything else.
TEXT = st.text(
    st.one_of(st.sampled_from("=+-@\t\r\n,;|\"'\\ <>&[]()*_`#!~:./w"), st.characters()), min_size=1, max_size=40
)
NAMES = TEXT.filter(str.strip)


class TestValue:
    def test_items_are_the_withdrawals_in_order_and_the_rest_waits(self) -> None:
        plan = plan_of()
        worklist = plan.worklist()

        assert isinstance(worklist, Worklist)
        assert [item.decision for item in worklist] == list(plan.withdrawals)
        assert [item.decision for item in worklist.later] == list(plan.deferred)
        assert [item.rank for item in (*worklist, *worklist.later)] == [1, 2, 3, 4, 5, 6]
        assert len(worklist) == 3

    def test_what_waits_costs_nothing_until_it_is_looked_at(self) -> None:
        """Counting the backlog and looking at the next in line makes no decision but that one."""
        plan = plan_of()
        made: list[int] = []
        explain = plan.decisions._explain
        plan.decisions._explain = lambda index: (made.append(index), explain(index))[1]
        worklist = plan.worklist()
        withdrawn = len(made)

        assert (withdrawn, len(worklist.later)) == (3, 3)
        assert "3 later" in repr(worklist)
        assert worklist.later[0].rank == 4
        assert len(made) == withdrawn + 1

    def test_what_waits_is_a_sequence_like_any_other(self) -> None:
        later, same = plan_of().worklist().later, plan_of().worklist().later

        assert [item.rank for item in later[1:]] == [5, 6]
        assert (later[-1].rank, later.index(later[2]), later[5:]) == (6, 2, ())
        assert later == same == tuple(later)
        assert hash(later) == hash(same) == hash(tuple(later))
        assert later != tuple(later)[1:]
        assert later != list(later)
        assert repr(later) == "<3 items, made when they are looked at>"
        with pytest.raises(IndexError):
            later[3]

    def test_a_pickle_holds_its_items_and_nothing_else_of_the_plan(self) -> None:
        plan = plan_of()
        worklist = plan.worklist()
        written = pickle.dumps(worklist)

        assert pickle.loads(written) == worklist
        listed = {item.invitation.id for item in (*worklist, *worklist.later)}
        others = [item.id for item in plan.decisions.invitations if item.id not in listed]
        assert others
        assert not any(other.encode() in written for other in others)

    def test_an_item_says_who_since_when_and_why(self) -> None:
        item = next(iter(plan_of().worklist()))

        assert (item.who, item.sent, item.age) == ("Ada Example 20", "2026-10-13", "40 days ago")
        assert item.why[0] == "sent 40 days ago, more than 28 days"
        assert [reason.code for reason in item.follows] == ["irreversible", "re-invite-from"]
        assert item.is_presumed

    def test_it_equals_another_of_an_equal_plan_and_survives_pickling(self) -> None:
        rows = [invitation(number) for number in range(1, 21)]

        first, second = OLD.plan(snapshot(rows)).worklist(), OLD.plan(snapshot(rows[::-1])).worklist()

        assert first == second
        assert pickle.loads(pickle.dumps(first)) == first

    def test_records_and_columns_hold_the_same(self) -> None:
        worklist = plan_of().worklist()
        records, columns = worklist.to_records(), worklist.to_columns()

        assert records[0]["invitation_id"] == "x-0020"
        assert records[0]["profile"] == "https://www.linkedin.com/in/ada-example-20"
        assert records[0]["urn"] is None
        assert {key: [record[key] for record in records] for key in records[0]} == columns

    def test_it_prints_counts_rows_and_warnings(self) -> None:
        partial = snapshot(
            [invitation(number) for number in range(1, 21)],
            completeness=Completeness.PARTIAL,
            why_incomplete="page 3 failed",
        )
        worklist = OLD.plan(partial).worklist()

        assert repr(worklist).startswith(
            "Worklist: 3 to withdraw, 3 later\n  may not be applied: the listing is partial"
        )
        assert "Ada Example 20" in repr(worklist)
        assert "page 3 failed" in worklist._repr_html_()
        assert dict(worklist.__rich_repr__())["items"] == 3
        assert repr(next(iter(worklist))).startswith("WorkItem(rank=1, who='Ada Example 20'")

    def test_its_reprs_are_harmless_whatever_the_names(self) -> None:
        worklist = named(*NASTY)

        assert repr(worklist).replace("\n", "").isprintable() or "\u200d" in repr(worklist)
        assert "<script" not in worklist._repr_html_()
        assert "\u202e" not in worklist._repr_html_()
        assert all("\n" not in repr(item) for item in worklist)

    @pytest.mark.parametrize(
        ("sent", "said", "age"),
        [
            (SentAt.unknown(), "", ""),
            (SentAt.at(NOW - timedelta(days=60)), "2026-09-23", "60 days ago"),
            (
                SentAt(NOW - timedelta(days=60), NOW - timedelta(days=45)),
                "2026-09-23 to 2026-10-08",
                "45 to 60 days ago",
            ),
            (SentAt(datetime.min.replace(tzinfo=UTC), NOW - timedelta(days=45)), "by 2026-10-08 18:30Z", ""),
        ],
    )
    def test_what_is_not_known_of_a_time_is_not_made_up(self, sent: SentAt, said: str, age: str) -> None:
        decision = plan_of().withdrawals[0]
        other = type(decision)(
            invitation=invitation(9, sent_at=sent), verdict=decision.verdict, reasons=decision.reasons, rank=1
        )
        item = WorkItem(decision=other, now=NOW)

        assert (item.sent, item.age) == (said, age)
        assert (item.age_days is UNKNOWN) is (not age)
        assert (item.to_record()["age_days_to"] is None) is (not age)

    def test_without_a_name_the_identifier_stands_for_it(self) -> None:
        rows = [
            invitation(30, member=Member(slug="zoë-example-77")),
            invitation(31, id="x-b", member=Member(urn="urn:li:member:7")),
        ]
        worklist = OLD.plan(snapshot([*rows, invitation(1)])).worklist()

        assert [item.who for item in worklist] == ["urn:urn:li:member:7", "zoë-example-77"]

    def test_a_member_of_whom_nothing_is_known_and_a_time_of_which_nothing_is_known_can_be_listed(self) -> None:
        policy = Policy(
            name="p",
            withdraw=~r.has_note(),
            keep=r.always() & r.has_note(),
            limits=Limits(per_run=9),
            min_age=timedelta(0),
        )
        rows = [invitation(1, member=Member(), sent_at=SentAt.unknown()), invitation(2, note="hello")]
        worklist = policy.plan(snapshot(rows, account=Member())).worklist()

        assert [item.who for item in worklist] == ["unknown"]
        assert "unknown" in Page(worklist.to_html()).text
        assert "sent at an unknown time" in worklist.to_markdown()
        assert cells(worklist.to_csv())[0]["age_days"] == ""
        assert "Account" not in worklist.to_html()


class TestSave:
    @pytest.mark.parametrize(
        ("name", "begins"),
        [
            ("w.html", "<!DOCTYPE html>"),
            ("w.HTM", "<!DOCTYPE html>"),
            ("w.md", "# Withdraw 3 invitations"),
            ("w.csv", "\ufeffrank,name,"),
        ],
    )
    def test_the_suffix_says_the_format(self, tmp_path: Path, name: str, begins: str) -> None:
        path = plan_of().worklist().save(tmp_path / name)

        assert path == tmp_path / name
        assert path.read_bytes().decode().startswith(begins)

    @pytest.mark.parametrize("name", ["w.xlsx", "w", "w.html.bak", ".html"])
    def test_another_suffix_is_refused_with_those_that_work(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(DataError, match=r"\.html, \.htm, \.md or \.csv"):
            plan_of().worklist().save(tmp_path / name)

        assert list(tmp_path.iterdir()) == []

    def test_a_missing_folder_and_what_is_no_path_are_our_errors(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="cannot be written"):
            plan_of().worklist().save(tmp_path / "no" / "w.html")
        with pytest.raises(DataError, match="saved to a path"):
            plan_of().worklist().save(7)  # type: ignore[arg-type]

    @pytest.mark.parametrize("suffix", ["html", "md", "csv"])
    def test_the_bytes_depend_on_nothing_but_the_plan(self, tmp_path: Path, suffix: str) -> None:
        rows = [invitation(number) for number in range(1, 21)]
        files = [
            OLD.plan(snapshot(given)).worklist().save(tmp_path / f"{at}.{suffix}")
            for at, given in enumerate((rows, rows[::-1]))
        ]

        assert files[0].read_bytes() == files[1].read_bytes()

    @pytest.mark.parametrize("suffix", ["html", "md", "csv"])
    def test_any_name_can_be_saved(self, tmp_path: Path, suffix: str) -> None:
        path = named(*NASTY).save(tmp_path / f"w.{suffix}")

        assert path.read_bytes().decode()


class Page(HTMLParser):
    """What a browser would find in a page: elements, attributes, and text outside of styles."""

    VOID = frozenset({"meta", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.styles: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.styles if self.open[-1:] == ["style"] else self.texts).append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def values(self, wanted: str) -> list[str]:
        return [value for _, name, value in self.attributes if name == wanted]


ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "section", "footer", "div", "a", "i"),
    *("h1", "h2", "h3", "p", "dl", "dt", "dd", "ol", "ul", "li", "label", "input", "span", "bdi", "time"),
    *("details", "summary"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "target", "rel", "type", "role"),
    *("datetime", "open", "aria-hidden", "aria-labelledby"),
}


def check_page(page: str) -> Page:
    """Nothing runs, nothing is loaded, every link leads to LinkedIn and tells it nothing."""
    found = Page(page)
    assert found.open == []
    assert set(found.tags) <= ELEMENTS
    assert {name for _, name, _ in found.attributes} <= ATTRIBUTES
    for value in found.values("href"):
        assert value == "#list" or value.startswith("https://www.linkedin.com/")
    leading = [value for value in found.values("href") if value != "#list"]
    assert found.values("rel") == ["noopener noreferrer"] * len(leading)
    (style,) = found.styles
    assert "url(" not in style
    assert "@import" not in style
    return found


class TestHtml:
    def test_it_says_who_why_since_when_where_and_what_follows(self) -> None:
        page = check_page(plan_of(contacts=["ada-example-20"]).worklist().to_html())

        assert "https://www.linkedin.com/in/ada-example-20" in page.values("href")
        assert page.values("href").count(SENT_PAGE) == 1 + 3
        for said in (
            "Ada Example 20",
            "/in/ada-example-20",
            "2026-10-13",
            "40 days ago",
            "Sent 40 days ago, more than 28 days",
            "You know them: write first",
            "Cannot be undone",
            "Invite again from about 2026-12-13",
            "gives no invitation of this week back",
            "does not say what is still pending",
            "Later: 3 more",
            "One run withdraws at most 3".casefold(),
        ):
            assert said.casefold() in page.text.casefold()

    def test_the_steps_are_those_of_desktop_and_app(self) -> None:
        page = Page(plan_of().worklist().to_html()).text

        assert "On a computerMy networkManage (in the Invitations panel)SentWithdraw" in page
        assert "In the mobile appMy NetworkManage my networkSentWithdraw" in page

    def test_a_square_to_tick_for_each_named_for_those_who_cannot_see_it(self) -> None:
        page = plan_of().worklist().to_html()

        assert re.findall(
            r'<label class="tick"><input type="checkbox"><span class="unseen">Done: <bdi>(.*?)</bdi>', page
        ) == [
            "Ada Example 20",
            "Ada Example 19",
            "Ada Example 18",
        ]

    def test_it_declares_its_language_encoding_and_width(self) -> None:
        page = Page(plan_of().worklist().to_html())

        assert page.values("lang") == ["en"]
        assert page.values("charset") == ["utf-8"]
        assert "width=device-width, initial-scale=1" in page.values("content")
        assert "no-referrer" in page.values("content")

    def test_its_policy_allows_its_own_style_and_nothing_else(self) -> None:
        page = Page(plan_of().worklist().to_html())
        digest = base64.b64encode(hashlib.sha256(page.styles[0].encode()).digest()).decode()

        assert page.values("content")[0] == (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        )

    def test_it_has_a_style_for_paper_phone_and_night(self) -> None:
        (style,) = Page(plan_of().worklist().to_html()).styles

        assert "@media print" in style
        assert "break-inside: avoid" in style
        assert "max-width: 52rem" in style
        assert "prefers-color-scheme: dark" in style
        assert style.count("{") == style.count("}")

    @pytest.mark.parametrize("name", NASTY)
    def test_a_nasty_name_is_text(self, name: str) -> None:
        plain_page, page = check_page(named("Ada").to_html()), check_page(named(name).to_html())

        assert page.tags == plain_page.tags
        assert "".join(char for char in name if char.isprintable()) in page.text or not name.isprintable()

    @settings(max_examples=200)
    @given(st.lists(NAMES, min_size=1, max_size=10))
    def test_no_name_whatsoever_adds_an_element_or_an_attribute(self, names: list[str]) -> None:
        ordinary = Page(named(*["Ada"] * len(names)).to_html())
        page = check_page(named(*names).to_html())

        assert page.tags == ordinary.tags
        assert [name for _, name, _ in page.attributes] == [name for _, name, _ in ordinary.attributes]

    def test_nothing_that_others_write_is_markup(self) -> None:
        """Names, the policy's name, the source, why a listing is partial, and the reason of a rule."""
        canary = '<canary onx="1">\'"&'
        policy = Policy(
            name=canary,
            withdraw=r.rule(lambda inv, ctx: inv.id != "x-0001", reason=canary),
            limits=Limits(per_run=2),
        )
        given_rows = [invitation(20 + at, id=f"x-{at}", member=Member(name=canary)) for at in range(4)]
        page = check_page(
            policy.plan(
                snapshot(
                    [*given_rows, invitation(1)],
                    account=Member(name=canary),
                    source=canary,
                    completeness=Completeness.PARTIAL,
                    why_incomplete=canary,
                )
            )
            .worklist()
            .to_html()
        )

        assert "canary" not in page.tags
        assert "onx" not in {name for _, name, _ in page.attributes}
        assert page.text.count('canary onx="1"') >= 10

    def test_without_a_profile_there_is_a_name_and_no_link(self) -> None:
        rows = [invitation(30, member=Member(name="Ada Unlinked")), invitation(1)]
        page = check_page(OLD.plan(snapshot(rows)).worklist().to_html())

        assert [value for value in page.values("href") if "/in/" in value] == []
        assert "no profile address known" in page.text

    def test_warnings_come_before_everything_else(self) -> None:
        rows = [invitation(number) for number in range(20, 23)]
        page = Page(OLD.plan(snapshot(rows)).worklist().to_html()).text

        assert (
            "Before you start:** this plan may not be applied" in OLD.plan(snapshot(rows)).worklist().to_markdown()
        )
        assert page.index("it would withdraw every open invitation".capitalize()) < page.index("How to withdraw")

    def test_what_a_listing_shows_is_not_called_presumed(self) -> None:
        rows = [invitation(number, status=Status.PENDING, evidence=Evidence.LISTED) for number in (1, 30)]
        worklist = OLD.plan(snapshot(rows, completeness=Completeness.COMPLETE, source="unipile")).worklist()

        assert "presumed" not in worklist.to_html()
        assert "listed as pending on 2026-11-22" in Page(worklist.to_html()).text

    def test_weaker_evidence_about_some_stands_beside_them(self) -> None:
        rows = [invitation(30), invitation(31, evidence=Evidence.NOT_CONNECTED_BY_NAME), invitation(1)]
        page = OLD.plan(snapshot(rows)).worklist().to_html().lower()

        assert page.count("nobody of this name is among your connections") == 1
        assert page.count("not among your connections") == 1
        assert page.count("not marked to be kept") == 1  # of everybody, so said once

    def test_nothing_to_do_is_said_and_needs_no_steps(self) -> None:
        page = check_page(plan_of(count=5).worklist().to_html())

        assert "Nothing to withdraw" in page.text
        assert "How to withdraw" not in page.text
        assert SENT_PAGE not in page.values("href")

    def test_the_undecided_are_counted(self) -> None:
        policy = Policy(name="p", withdraw=r.title_matches("recruiter"), limits=Limits(per_run=3))
        worklist = plan_of(policy=policy).worklist()
        page = Page(worklist.to_html()).text

        assert worklist.undecided > 0
        assert f"{worklist.undecided} cannot be decided from this source and are left alone" in page
        assert "r.title_matches" in page

    def test_a_long_backlog_is_folded_and_counted(self) -> None:
        count = LATER_SHOWN + 60
        worklist = plan_of(
            count=count, policy=Policy(name="p", withdraw=r.older_than(weeks=4), limits=Limits(per_run=3))
        ).worklist()
        page = Page(worklist.to_html())
        left = len(worklist.later) - LATER_SHOWN

        assert left > 0
        assert f"and {left} more" in page.text
        assert "open" not in {name for _, name, _ in page.attributes}
        assert f"and {left} more" in worklist.to_markdown()


class TestMarkdown:
    def test_it_is_a_task_list_with_the_same_facts(self) -> None:
        text = plan_of(contacts=["ada-example-20"]).worklist().to_markdown()

        assert text.count("- [ ] ") == 3
        assert "- [ ] 1\\. [Ada Example 20](https://www.linkedin.com/in/ada-example-20) · sent 2026-10-13" in text
        assert "**First:** you know them: write first" in text
        assert "My Network > Manage my network > Sent > Withdraw" in text
        assert "invite again from about 2026-12-13" in text
        assert "## Later: 3 more" in text
        assert "Nothing to withdraw" in plan_of(count=5).worklist().to_markdown()

    @settings(max_examples=2_000)
    @given(TEXT)
    def test_no_text_is_markup_a_link_or_a_second_line(self, text: str) -> None:
        shown = markdown_text(text)
        left = re.sub(r"\\[!-/:-@\[-`{-~]", "", shown)

        assert not re.search(r"[\\`*_{}\[\]<>#!|~&$^=@]", left)
        assert not re.search(r"://|www\.|@\\?\w|[a-z]\.[a-z]{2,}(?![\w\\]*\()", shown, re.IGNORECASE | re.ASCII)
        assert len(shown.splitlines()) == 1

    @settings(max_examples=200)
    @given(st.lists(NAMES, min_size=1, max_size=5))
    def test_names_leave_the_lines_as_they_are(self, names: list[str]) -> None:
        ordinary = named(*["Ada"] * len(names)).to_markdown().splitlines()
        text = named(*names).to_markdown().splitlines()

        assert [line[:6] for line in text] == [line[:6] for line in ordinary]

    def test_what_looks_like_an_address_is_broken_and_code_is_not(self) -> None:
        shown = markdown_text("[a](http://b.example) @c <d> r.company(x)")

        assert shown == "\\[a\\](http:\u2060//b.\u2060example) \\@\u2060c \\<d\\> r.company(x)"


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def begins_a_formula(cell: str) -> bool:
    """Whether a part of a cell begins a formula, for a program that splits at any separator, quote or line end."""
    parts = re.split(r'[,;|\t\r\n"]', cell)
    return cell.startswith(("\t", "\r", "\n")) or any(
        part.lstrip().startswith(tuple("=+-@＝＋－＠")) for part in parts
    )


class TestCsv:
    def test_the_columns_and_one_row_each(self) -> None:
        rows = cells(plan_of(contacts=["ada-example-20"]).worklist().to_csv())

        assert tuple(rows[0]) == COLUMNS
        assert COLUMNS[-1] == "invitation_id"
        assert rows[0] == {
            "rank": "1",
            "name": "Ada Example 20",
            "profile": "https://www.linkedin.com/in/ada-example-20",
            "sent": "2026-10-13",
            "age_days": "40",
            "why": rows[0]["why"],
            "follows": "you know them: write first; a withdrawal cannot be undone; "
            "they can be invited again from about 2026-12-13 (LinkedIn: up to three weeks)",
            "result": "",
            "urn": "",
            "provider_id": "",
            "invitation_id": "x-0020",
        }
        assert rows[0]["why"] == "sent 40 days ago, more than 28 days"

    def test_it_has_a_mark_for_excel_and_none_for_programs(self) -> None:
        worklist = plan_of().worklist()

        assert worklist.to_csv() == "\ufeff" + worklist.to_csv(excel_safe=False)
        assert worklist.to_csv().count("\r\n") == 1 + 3

    @settings(max_examples=2_000)
    @given(TEXT)
    def test_no_cell_begins_a_formula_and_every_text_comes_back(self, text: str) -> None:
        assert not begins_a_formula(guard(text))
        assert unguard(guard(text)) == text
        assert not begins_a_formula(guard_id(text))
        assert unguard_id(guard_id(text)) == text

    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("=1+1", "'=1+1"),
            ("  =1+1", "  '=1+1"),
            ("a;=1", "a;'=1"),
            ('a"@x', "a\"'@x"),
            ("\tx", "'\tx"),
            ("'=1", "''=1"),
            ("O'Brien", "O'Brien"),
            ("a-b = c", "a-b = c"),
            ("＝1", "'＝1"),
        ],
    )
    def test_only_what_is_dangerous_gets_a_quote(self, text: str, written: str) -> None:
        assert guard(text) == written
        assert begins_a_formula(text) is (text != written and text != "'=1")

    @pytest.mark.parametrize("text", ["7000000000000000001", "1e5", "may-2026", "TRUE", "007", "'7"])
    def test_an_identifier_cannot_become_a_number_or_a_date(self, text: str) -> None:
        assert guard_id(text) == f"'{text}"
        assert unguard_id(f"'{text}") == text

    @settings(max_examples=200)
    @given(
        st.lists(
            NAMES.filter(lambda name: name.isascii() or name.encode("utf-8", "ignore").decode() == name),
            max_size=10,
        )
    )
    def test_without_guarding_every_name_stands_there_to_the_letter(self, names: list[str]) -> None:
        worklist = named(*names)

        assert [row["name"] for row in cells(worklist.to_csv(excel_safe=False))] == names
        assert [unguard(row["name"]) for row in cells(worklist.to_csv())] == names
        assert not any(begins_a_formula(row["name"]) for row in cells(worklist.to_csv()))

    def test_every_cell_is_guarded_not_only_the_name(self) -> None:
        policy = Policy(
            name="p",
            withdraw=r.rule(lambda inv, ctx: inv.id != "x-0001", reason="=cmd()"),
            limits=Limits(per_run=9),
        )
        who = Member(name="Ada", urn="=urn", provider_id="+p")
        rows = [invitation(30, id="@id", member=who), invitation(1)]
        (row,) = cells(policy.plan(snapshot(rows)).worklist().to_csv())

        assert not any(map(begins_a_formula, row.values()))
        assert row["invitation_id"] == "''@id"
        assert row["why"].startswith("'=cmd()")


class TestWhatIsLeftOut:
    def test_a_worklist_counts_those_who_cannot_be_decided(self) -> None:
        rows = [invitation(30), invitation(31, evidence=Evidence.NO_CONNECTIONS), invitation(1)]
        plan = OLD.plan(snapshot(rows))
        worklist = plan.worklist()

        assert [decision.verdict.value for decision in plan.undecided] == ["undecided"]
        assert repr(worklist).startswith("Worklist: 1 to withdraw, 1 undecided")
        assert dict(worklist.__rich_repr__())["undecided"] == 1

    def test_without_a_warning_none_is_shown(self) -> None:
        worklist = OLD.plan(snapshot([invitation(30), invitation(1)])).worklist()

        assert not worklist.warnings
        assert "warnings" not in dict(worklist.__rich_repr__())
