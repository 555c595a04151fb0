"""The page for auditors: one file that acts on nothing and asks for nothing, whatever the account holds."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from msgflash_gitops.model.audit import Audit, Kind
from msgflash_gitops.planning.audit.findings import matching
from msgflash_gitops.reports.html.audit import MOST_LISTED, audit_html
from tests.reports.audit_year import Year, whole_year, with_evidence
from tests.reports.hostile import FRAGMENTS

VOID = {"meta", "input", "br", "link", "img"}
ALLOWED = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "a",
        "header",
        "main",
        "footer",
        "nav",
        "section",
        "article",
        "div",
    ),
    *("h1", "h2", "h3", "h4", "p", "ul", "li", "span", "b", "i", "s", "small", "strong", "code", "dl", "dt", "dd"),
    *(
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "fieldset",
        "legend",
        "label",
        "input",
    ),
}


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.unbalanced: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return with_evidence(whole_year(tmp_path_factory.mktemp("year")).audit())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    year = Year(tmp_path_factory.mktemp("hostile"))
    for number, text in enumerate(FRAGMENTS):
        recipients = {"type": "tags", "value": [text or "x"]}
        body = {"instanceId": text, "name": text, "schedule": f"2027-07-{number + 1:02d}T07:00:00.000Z"}
        content = {"recipients": recipients, "type": text or "text", "body": text, "mediaUrl": text}
        year.put(f"hostile-{number}", {**body, **content}, "scheduled", userId=text)
    return year.audit("2027-06-16", "2027-09-01")


def test_hostile_text_is_text(hostile: Audit) -> None:
    page = Page(audit_html(hostile, hostile.findings[:3]))
    assert set(page.tags) <= ALLOWED
    assert (page.unbalanced, page.open) == ([], [])
    names = {name for name, _ in page.attributes}
    assert not [name for name in names if name.startswith("on") or name in ("style", "src", "srcdoc", "action")]
    links = [value for name, value in page.attributes if name == "href"]
    assert all(re.match(r"#[a-z0-9-]+$|https://", link) for link in links)
    assert any("<script>alert(1)</script>" in text for text in page.texts)


def test_the_policy_names_the_one_style_sheet(year: Audit) -> None:
    page = audit_html(year, ())
    policy = re.search(r'content="(default-src[^"]+)"', page)
    assert policy is not None
    assert unescape(policy[1]).startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in {*Page(page).tags}
    assert page.count("<style>") == 1


def test_a_filter_for_each_choice_and_a_rule_for_each_filter(year: Audit) -> None:
    html = audit_html(year, ())
    boxes = re.findall(r'<input type="checkbox" id="f-([\w-]+)"', html)
    assert {"s-in-sync", "s-unmanaged", "o-git", "o-dashboard", "i-0", "i-1", "i-2"} <= set(boxes)
    for box in boxes:
        assert f"body:has(#f-{box}:not(:checked)) .{box}" in html
        assert re.search(rf'class="send [^"]*\b{box}\b', html), box


def test_every_link_leads_somewhere(year: Audit) -> None:
    attributes = Page(audit_html(year, ())).attributes
    ids = [value for name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for name, value in attributes if name == "href" and value.startswith("#")} <= set(ids)


def test_every_send_and_finding_is_there(year: Audit) -> None:
    html = audit_html(year, matching(year.findings, [Kind.LATE]))
    assert html.count('<article class="send') == len(year.sends)
    assert html.count('<article class="never send') == len(year.stopped) == 3
    assert html.count('<tr class="asked">') == 1
    assert html.count('<th scope="row">') == len(year.findings)


def test_a_page_that_would_be_too_long_says_so(year: Audit) -> None:
    many = replace(year, sends=tuple(sorted(year.sends * 80, key=lambda send: send.at)))
    html = audit_html(many, ())
    assert html.count('<article class="send') == MOST_LISTED
    assert f"{len(many.sends) - MOST_LISTED} more sends are not on this page" in html


def test_nothing_to_show(tmp_path: Path) -> None:
    html = audit_html(Year(tmp_path, yaml="").audit(), ())
    assert "None in this window." in html
    assert Page(html).unbalanced == []
