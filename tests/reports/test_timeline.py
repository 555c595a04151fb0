"""The sends around a plan: what goes out anyway, when it goes out next."""

from datetime import timedelta

from msgflash_gitops.reports.html.timeline import Timeline, timeline
from msgflash_gitops.reports.review import review
from tests.browser.samples import campaign, resolved, rich_plan, text
from tests.reports.test_markdown import create, plan_of
from tests.support.builders import AHEAD, DAILY, NOW, desired, live


def states(found: Timeline) -> list[tuple[str, str]]:
    return [(each.side.name, each.state) for day in found.days for each in day.entries]


def test_everything_that_goes_out_is_in_order() -> None:
    plan, account = rich_plan()
    found = timeline(review(plan, account), account, {})
    assert states(found) == [
        ("Flash sale", "too late"),
        ("Opening hours poll", "new"),
        ("Good morning, staff", "new"),
        ("Made in the dashboard", "not managed in git"),
        ("April Newsletter", "changed"),
        ("Friday digest", "already scheduled"),
        ("Spring promo for VIPs", "new"),
        ("Goodbye sale", "stopped"),
        ("Launch, picture", "new"),
        ("Summer teaser", "brought back, held"),
    ]
    assert found.days[0].words == "Monday 1 March 2027"
    assert found.timezone == "Europe/Paris"


def test_a_series_that_began_stands_at_its_next_occurrence() -> None:
    (old,) = resolved(campaign("old", "Old series", text("x"), repeat=DAILY, after={"days": -30, "hours": -1}))
    account = [live(old, name="Dashboard's series")]
    found = timeline(review(plan_of(create("new", at=NOW + timedelta(days=1))), account), account, {})
    (entry, _) = [each for day in found.days for each in day.entries]
    assert entry.at == NOW + timedelta(hours=23)
    assert entry.side.when.endswith("then daily")


def test_what_is_far_away_is_left_out() -> None:
    account = [live(desired("x", at=AHEAD + timedelta(days=8))), live(desired("y"), "completed", campaign_id="c2")]
    found = timeline(review(plan_of(create("new")), account), account, {})
    assert states(found) == [("Spring", "new")]


def test_no_sends_no_timeline() -> None:
    assert timeline(review(plan_of()), (), {}).days == ()
