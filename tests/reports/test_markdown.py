"""The comment on a pull request: fits, says what matters, and nothing in it acts. A real CommonMark parser is the judge."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.definition import Audience, Recipients
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.plan import Action, Change, Current, Plan
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.markdown import code, comment, line, text
from msgflash_gitops.reports.plan_markdown import LARGEST, Context, plan_markdown
from msgflash_gitops.reports.review import review
from tests.reports.hostile import FRAGMENTS, hostile_plan, texts
from tests.reports.samples import whole_plan
from tests.support.builders import AHEAD, NOW, desired, live

TAGS = {"h2", "h3", "p", "ul", "li", "blockquote", "strong", "code", "hr", "br", "details", "summary", "sub", "table"}
TAGS |= {"b", "i", "s", "ins", "del", "kbd"}
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SEEN = Context("d" * 64, 4)
# What GitHub and GitLab look for in rendered text outside of code.
ACTING = re.compile(r"@\w|[#!$%&~^]\d|\bGH-\d|https?://|www\.\w|(?<!\d):\w+:(?!\d)|~\"", re.ASCII)


class Page(HTMLParser):
    """Tags, attributes, comments and texts of rendered Markdown."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[str] = []
        self.comments: list[str] = []
        self.open: list[str] = []
        self.outside_code = ""
        self.all = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [name for name, _ in attrs]
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [name for name, _ in attrs]
        assert tag in ("br", "hr")

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.all += data
        # A tag between two texts keeps them apart for the sites too.
        self.outside_code += "\x00" if "code" in self.open else data + "\x00"


def rendered(markdown: str) -> Page:
    return Page(PARSER.render(markdown))


def assert_inert(markdown: str) -> Page:
    page = rendered(markdown)
    assert page.tags <= TAGS
    assert not page.attributes
    assert not page.open
    assert not ACTING.search(page.outside_code), ACTING.search(page.outside_code)
    for each in re.split(r"[\r\n\u2028\u2029\x85]", markdown):
        assert not each.lstrip().startswith(("::", "/")), each
        assert "##[" not in each and "##vso[" not in each
    return page


def visible(page: Page) -> str:
    return page.all.replace("\u200b", "")


@given(texts)
def test_a_text_is_shown_as_it_is_and_does_nothing(value: str) -> None:
    for markdown in (
        f"a {text(value)} b",
        f"{line(value)}\nb",
        f"- {line(value)}",
        f"> {line(value)}\n> {line(value)}",
    ):
        page = assert_inert(markdown)
        shown = re.sub(r"\s+", " ", visible(page)).strip()
        assert re.sub(r"\s+", " ", plain(value)).strip().replace("\u200b", "") in shown


@given(texts)
def test_code_is_code_or_text(value: str) -> None:
    page = assert_inert(f"x {code(value)} y")
    assert plain(value).strip() in visible(page)


@given(texts, texts)
def test_a_comment_stays_closed_and_names_one_plan(one: str, two: str) -> None:
    page = rendered(f"<!-- x {comment(one)} -->\n\nafter")
    assert page.comments == [f" x {comment(one)} "]
    assert (comment(one) == comment(two)) == (one == two)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_no_text_of_a_plan_acts(value: str) -> None:
    plan, account = hostile_plan(value)
    markdown = plan_markdown(review(plan, account), SEEN)
    page = assert_inert(markdown)
    assert page.comments == [" msgflash-gitops plan crm production "]
    assert len(markdown.encode()) <= LARGEST


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_every_change_keeps_its_own_section(fragment: str) -> None:
    plan, account = hostile_plan(fragment)
    tokens = PARSER.parse(plan_markdown(review(plan, account), SEEN))
    headings = [token.tag for token in tokens if token.type == "heading_open"]
    assert headings == ["h2"] + ["h3"] * (len(headings) - 1)
    assert len(headings) - 1 == sum(change.action not in ("unchanged", "finished", "past") for change in plan.changes)


@pytest.mark.parametrize("number", [500, 5000])
def test_many_changes_fit(number: int) -> None:
    changes = tuple(create(f"campaign-{index}", at=AHEAD + timedelta(minutes=index)) for index in range(number))
    everyone = create("everyone", at=AHEAD + timedelta(days=300), recipients=Recipients(Audience.ALL))
    markdown = plan_markdown(review(plan_of(*changes, everyone)), SEEN)
    assert len(markdown) <= LARGEST and len(markdown.encode()) <= LARGEST
    assert len(markdown) > LARGEST // 2, "room is left unused"
    assert f"{number + 1} to create" in markdown.splitlines()[1]
    assert re.search(r"… and \d+ more, cut to fit a comment. The full report", markdown) or number == 500
    assert markdown.count("### New") > 10
    assert "ALL contacts" in markdown.split("cut to fit")[0]
    assert_inert(markdown)


@pytest.mark.parametrize("number", [50, 500])
def test_many_hostile_changes_fit(number: int) -> None:
    plan, account = hostile_plan("@team `|<b>漢#1 " * (15_000 // number), copies=number)
    markdown = plan_markdown(review(plan, account), SEEN)
    assert len(markdown.encode()) <= LARGEST
    assert_inert(markdown)


def test_one_message_of_the_greatest_length_fits() -> None:
    body = "@`|#" * 1024
    one = desired("long", body=body)
    change = Change("long", "Long", Action.REPLACE, "", desired=one, current=None)
    markdown = plan_markdown(review(plan_of(change)), SEEN)
    assert len(markdown.encode()) <= LARGEST
    assert "cut here; the whole message" in markdown


def test_what_cannot_be_taken_back_stands_above_the_changes() -> None:
    markdown = plan_markdown(review(whole_plan()), SEEN)
    top = markdown[: markdown.index("###")]
    assert top.index("Cannot be taken back") < top.index("Look at this")
    for title in ("Being sent now", "Brought back", "New", "Too late", "Blocked", "Stopped", "Live twice", "Waived"):
        assert f"**{title}" in top, title


def test_a_replace_shows_before_and_after() -> None:
    old = desired("spring", body="Hello *dear* friend", at=AHEAD - timedelta(days=1))
    new = desired("spring", body="Hello *dear* customer")
    account = live(old)
    change = Change("spring", "Spring", Action.REPLACE, "edited", desired=new, current=current_of(account), start=AHEAD)
    markdown = plan_markdown(review(plan_of(change), [account]), SEEN)
    assert "Hello <b>dear</b> <del>friend</del>" in markdown
    assert "<ins>customer</ins>" in markdown
    assert "- **When:** Thu 2027-03-11 12:00 UTC, in 10 days (today: <del>Wed 2027-03-10 12:00 UTC</del>)" in markdown
    assert markdown.count("today: <del>") == 1


def test_a_stop_shows_what_would_not_go_out() -> None:
    account = live(desired("gone", body="Farewell"))
    change = Change("gone", "Gone", Action.STOP, "no longer in git", current=current_of(account))
    markdown = plan_markdown(review(plan_of(change), [account]), SEEN)
    assert "Message that would not go out" in markdown and "> Farewell" in markdown


def test_looks_are_shown() -> None:
    body = "*b* _i_ ~s~ ```m``` `c`\n* bullet\n2. two\n> quote\n\nend"
    markdown = plan_markdown(review(plan_of(create("looks", body=body))), SEEN)
    assert "> <b>b</b> <i>i</i> <s>s</s> <code>m</code> <code>c</code>\\" in markdown
    shown = visible(rendered(markdown))
    for piece in ("• bullet", "2. two", "▍ quote", "end"):
        assert piece in shown


def test_buttons_media_and_footer_are_shown() -> None:
    fields: JsonObject = {"title": "T", "description": "D", "footer": "F", "mediaUrl": "https://cdn.example/x.jpg"}
    buttons = [{"type": "reply", "displayText": "Yes", "id": "y"}]
    one = replace(desired("b"), content={"type": "buttons", **fields, "buttons": buttons})
    markdown = plan_markdown(review(plan_of(Change("b", "B", Action.CREATE, "", desired=one, start=AHEAD))), SEEN)
    assert "`https://cdn.example/x.jpg`" in markdown
    assert "> <b>T</b>\\\n> D\\\n> <sub>F</sub>\\\n> <kbd>Yes</kbd>" in markdown


def test_the_foot_names_commit_digest_and_end() -> None:
    foot = plan_markdown(review(whole_plan()), SEEN).rsplit("---", 1)[1]
    for piece in ("0123abcd", "d" * 64, "can be applied until"):
        assert piece in foot


def test_no_changes() -> None:
    markdown = plan_markdown(review(plan_of()), SEEN)
    assert "## MsgFlash plan: no changes" in markdown
    assert "CAUTION" not in markdown


@given(st.integers(0, 40))
def test_contacts_are_added_up_where_they_are_known(size: int) -> None:
    ids = tuple(f"6c2da20a-b6a7-55a1-a160-{index:012d}" for index in range(size + 1))
    known = create("known", recipients=Recipients(Audience.EXPLICIT, ids))
    assert f"**1 send, to {size + 1} contact" in plan_markdown(review(plan_of(known)), SEEN)
    both = plan_markdown(review(plan_of(known, create("tags"))), SEEN)
    assert f"**2 sends: {size + 1} contact{'s' if size else ''} counted, and 1 audience" in both


def create(key: str, **values: Any) -> Change:
    one = desired(key, **values)
    return Change(key, one.name, Action.CREATE, "", desired=one, start=one.anchor)


def plan_of(*changes: Change) -> Plan:
    wanted = tuple(change.desired for change in changes if change.desired)
    return replace(whole_plan(), changes=changes, desired=wanted, notices=(), findings=(), made_at=NOW)


def current_of(account: LiveCampaign) -> Current:
    return Current(account.id, account.name, account.status)
