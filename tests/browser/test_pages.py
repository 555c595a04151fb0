"""The plan's and the preview's page, opened."""

from itertools import pairwise
from pathlib import Path

import pytest

from msgflash_gitops.files.definitions import load_definitions
from msgflash_gitops.files.project import load_project
from msgflash_gitops.reports.html import preview_html
from msgflash_gitops.reports.preview import card_of
from tests.architecture.sources import ROOT
from tests.browser.conftest import Open, Visit
from tests.browser.samples import page, rich_page
from tests.reports.hostile import FRAGMENTS, hostile_plan

CONTRAST = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
SIZES = {"desktop": (1200, 900), "phone": (360, 740), "narrow": (320, 640)}


def example_preview() -> str:
    project = load_project(ROOT / "campaigns.example")
    cards = [card_of(each, project.timezone) for each in load_definitions(project).definitions]
    return preview_html(cards, project.name)


PAGES = {"plan": rich_page, "preview": example_preview}


def quiet(seen: Visit) -> None:
    """Nothing was asked for but the page, and nothing was complained of."""
    assert seen.requests == [seen.url]
    assert seen.console == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_page_is_quiet_fits_and_can_be_read(visit: Open, name: str, dark: bool, size: str) -> None:
    width, height = SIZES[size]
    seen = visit(PAGES[name](), width=width, height=height, dark=dark)
    seen.page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
    seen.screenshot(f"{name}-{size}-{'dark' if dark else 'light'}")
    quiet(seen)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen.page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("size", ["desktop", "narrow"])
def test_hostile_texts_do_nothing(visit: Open, size: str) -> None:
    width, height = SIZES[size]
    for fragment in ("\n".join(FRAGMENTS), "x" * 3000, *FRAGMENTS[:8]):
        seen = visit(page(*hostile_plan(fragment)), width=width, height=height)
        quiet(seen)
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, fragment
        assert seen.page.locator("script, iframe, object, embed, form, img, input, base").count() == 0
        attributes = "all => all.flatMap(e => [...e.attributes].map(a => a.name)).filter(n => n.startsWith('on') || n === 'style')"
        assert seen.page.eval_on_selector_all("*", attributes) == []
        links = seen.page.eval_on_selector_all("a", "all => all.map(e => [e.getAttribute('href'), e.rel])")
        assert all(href.startswith("#") or (href.startswith("http") and "noreferrer" in rel) for href, rel in links)
    seen.screenshot(f"hostile-{size}")


def test_the_policy_stops_what_a_template_would_let_through(visit: Open) -> None:
    """If escaping ever failed: no script, style, picture or form gets past the policy of the page."""
    html = rich_page().replace(
        "</h1>", "</h1><script>document.title='run'</script><img src=/x.png><b style='position:fixed'>x</b>", 1
    )
    seen = visit(html)
    assert seen.page.title() != "run"
    assert seen.page.evaluate("getComputedStyle(document.querySelector('h1 + script ~ b')).position") == "static"
    assert len(seen.console) >= 3 and all("Content Security Policy" in each for each in seen.console)


def test_every_link_and_fold_is_reached_by_keyboard(visit: Open) -> None:
    seen = visit(rich_page())
    wanted = seen.page.locator("a, summary").count()
    reached = set()
    for _ in range(wanted + 2):
        seen.page.keyboard.press("Tab")
        place = seen.page.evaluate(
            "(() => { const e = document.activeElement; return [...document.querySelectorAll('a, summary')].indexOf(e) })()"
        )
        outline = seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert place < 0 or outline == "solid" or seen.page.evaluate("document.activeElement.className") == "skip"
        reached.add(place)
    assert set(range(wanted)) <= reached


def test_a_fold_opens_by_keyboard(visit: Open) -> None:
    seen = visit(rich_page())
    seen.page.locator("summary").first.focus()
    seen.page.keyboard.press("Enter")
    assert seen.page.locator("details[open]").count() == 1


def test_a_screen_reader_finds_its_way(visit: Open) -> None:
    seen = visit(rich_page())
    for role, least in (
        ("main", 1),
        ("banner", 1),
        ("contentinfo", 1),
        ("navigation", 1),
        ("table", 1),
        ("article", 7),
    ):
        assert seen.page.get_by_role(role).count() >= least, role  # type: ignore[arg-type]
    levels = seen.page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(e => Number(e.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = seen.page.eval_on_selector_all("[id]", "all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))
    targets = seen.page.eval_on_selector_all("a[href^='#']", "all => all.map(e => e.getAttribute('href').slice(1))")
    assert set(targets) <= set(ids)
    labelled = seen.page.eval_on_selector_all(
        "[aria-labelledby]", "all => all.map(e => e.getAttribute('aria-labelledby'))"
    )
    assert set(labelled) <= set(ids)


def test_it_prints_whole(visit: Open) -> None:
    """Folds are open on paper."""
    seen = visit(rich_page())
    assert not seen.page.get_by_text("Fields that differ").locator("..").locator("table").is_visible()
    seen.page.emulate_media(media="print")
    assert seen.page.locator("details table").first.bounding_box()["height"] > 10  # type: ignore[index]
    assert seen.page.locator("nav").first.is_hidden()
