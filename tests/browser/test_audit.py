"""The audit's page, opened: it is quiet, it fits, its filters work without a script, and hostile text stays text."""

from itertools import pairwise
from pathlib import Path

import pytest

from msgflash_gitops.model.audit import Audit, Kind
from msgflash_gitops.planning.audit.findings import matching
from msgflash_gitops.reports.html.audit import audit_html
from tests.browser.conftest import Open
from tests.browser.test_pages import CONTRAST, SIZES, quiet
from tests.reports.audit_year import Year, whole_year, with_evidence
from tests.reports.hostile import FRAGMENTS


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return with_evidence(whole_year(tmp_path_factory.mktemp("year")).audit("2027-04-01", "2027-08-31"))


@pytest.fixture(scope="module")
def html(year: Audit) -> str:
    return audit_html(year, matching(year.findings, [Kind.LATE]))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_is_quiet_fits_and_can_be_read(visit: Open, html: str, dark: bool, size: str) -> None:
    width, height = SIZES[size]
    seen = visit(html, width=width, height=height, dark=dark)
    seen.page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
    seen.screenshot(f"audit-{size}-{'dark' if dark else 'light'}")
    quiet(seen)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen.page.evaluate(CONTRAST) == []


def test_filters_hide_sends_dots_and_empty_days(visit: Open, html: str, year: Audit) -> None:
    seen = visit(html)
    sends, dots, days = (seen.page.locator(f"{each}:visible") for each in (".send:not(.never)", ".dots i", ".day"))
    assert sends.count() == len(year.sends)
    seen.page.get_by_label("in-sync (").uncheck()
    left = [send for send in year.sends if send.subject.state.value != "in-sync"]
    assert (sends.count(), dots.count()) == (len(left), len(left))
    assert days.count() == len({send.at.date() for send in left})
    seen.page.get_by_label("dashboard (").uncheck()
    left = [send for send in left if send.subject.origin.value == "git"]
    assert sends.count() == len(left)
    seen.page.get_by_label("boutique-lyon (").uncheck()
    left = [send for send in left if send.subject.instance and send.subject.instance.label != "boutique-lyon"]
    assert sends.count() == len(left)
    for label in ("in-sync (", "dashboard (", "boutique-lyon ("):
        seen.page.get_by_label(label).check()
    assert sends.count() == len(year.sends)
    quiet(seen)


def test_a_filter_and_a_message_by_keyboard(visit: Open, html: str) -> None:
    seen = visit(html)
    box = seen.page.get_by_label("in-sync (")
    box.focus()
    seen.page.keyboard.press("Space")
    assert not box.is_checked()
    fold = seen.page.locator(".send:visible summary").first
    fold.focus()
    seen.page.keyboard.press("Enter")
    assert seen.page.locator(".send:visible details[open] .bubble").count() == 1


def test_a_day_of_the_calendar_leads_to_its_sends(visit: Open, html: str) -> None:
    seen = visit(html)
    seen.page.get_by_role("link", name="Sunday 2027-06-20, 2 sends").click()
    assert seen.page.url.endswith("#d-2027-06-20")
    assert seen.page.locator("#d-2027-06-20").bounding_box()["y"] < 900  # type: ignore[index]


def test_headings_and_landmarks(visit: Open, html: str) -> None:
    seen = visit(html)
    for role in ("main", "banner", "contentinfo", "navigation"):
        assert seen.page.get_by_role(role).count() == 1, role
    levels = seen.page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(e => Number(e.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("size", ["desktop", "narrow"])
def test_hostile_texts_do_nothing(visit: Open, tmp_path: Path, size: str) -> None:
    width, height = SIZES[size]
    year = Year(tmp_path)
    for number, text in enumerate([*FRAGMENTS, "x" * 3000]):
        body = {"instanceId": text, "name": text, "schedule": f"2027-07-{number + 1:02d}T07:00:00.000Z"}
        content = {
            "recipients": {"type": "tags", "value": [text]},
            "type": text or "text",
            "body": text,
            "mediaUrl": text,
        }
        year.put(f"hostile-{number}", {**body, **content}, "scheduled", userId=text)
    audit = year.audit("2027-06-16", "2027-09-01")
    seen = visit(audit_html(audit, audit.findings[:3]), width=width, height=height)
    seen.page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
    quiet(seen)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen.page.locator("script, iframe, object, embed, form, img, base").count() == 0
    attributes = (
        "all => all.flatMap(e => [...e.attributes].map(a => a.name)).filter(n => n.startsWith('on') || n === 'style')"
    )
    assert seen.page.eval_on_selector_all("*", attributes) == []


def test_it_prints_without_filters(visit: Open, html: str, year: Audit) -> None:
    seen = visit(html)
    seen.page.emulate_media(media="print")
    assert seen.page.locator(".filters").is_hidden()
    assert seen.page.locator(".send:not(.never):visible").count() == len(year.sends)
