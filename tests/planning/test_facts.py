"""What can be said of a live campaign: whether it began, whether it may send again, and which of two is kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.plan import Current
from msgflash_gitops.planning.facts import (
    between_sends,
    can_send,
    current_of,
    from_elsewhere,
    has_started,
    is_same,
    is_series,
    keeper_order,
    preferred_order,
    superseded,
)
from msgflash_gitops.planning.match import Candidate
from tests.support.builders import desired, live

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
AHEAD, HOUR = "2027-03-01T13:00:00.000Z", timedelta(hours=1)
ONE = desired()


def campaign(status: str = "paused", **facts: Any) -> LiveCampaign:
    return LiveCampaign("c1", "Spring", status, **facts)


def candidate(
    campaign_id: str, status: str = "paused", *, body: str = "Hello", created: datetime = NOW, **facts: Any
) -> Candidate:
    made = live(desired(body=body), status, campaign_id=campaign_id, created=created)
    return Candidate(made, **{"digest": desired(body=body).digest, "differences": (), **facts})


@pytest.mark.parametrize(
    ("facts", "started"),
    [
        ({"started_at": NOW}, True),
        ({"stats": {"sent": 1}}, True),
        ({"stats": {"delivered": 1}}, True),
        ({"stats": {"read": 1}}, True),
        ({"stats": {"failed": 1}}, True),
        ({"stats": {"planned": 9, "sent": 0, "queued": 0}}, False),
        ({}, None),
        ({"stats": {"queued": 3}}, True),
        ({"stats": {"queued": 3}, "fields": {"schedule": AHEAD}}, False),
        ({"stats": {"queued": 3}, "fields": {"schedule": "2027-03-01T12:00:00.000Z"}}, True),
        ({"stats": {"planned": 3}, "fields": {"schedule": "2027-03-01T11:00:00.000Z"}}, False),
    ],
)
def test_whether_it_began(facts: dict[str, Any], started: bool | None) -> None:
    assert has_started(campaign(**facts), NOW) is started


@pytest.mark.parametrize(
    ("status", "repeat", "series", "between", "can"),
    [
        ("scheduled", "none", False, False, True),
        ("running", None, False, False, True),
        ("completed", "none", False, False, False),
        ("completed", "daily", True, True, True),
        ("completed", "monthly", True, True, True),
        ("paused", "daily", True, False, False),
        ("cancelled", "daily", True, False, False),
    ],
)
def test_whether_it_may_send(status: str, repeat: str | None, series: bool, between: bool, can: bool) -> None:
    shown = campaign(status, fields={"repeat": repeat})
    assert (is_series(shown), between_sends(shown), can_send(shown)) == (series, between, can)


def test_as_a_plan_names_it() -> None:
    made = campaign("running", fields={"schedule": AHEAD, "instanceId": "i1"}, created_at=NOW - HOUR, started_at=NOW)
    assert current_of(Candidate(made, "0123456789", ()), NOW) == Current(
        "c1", "Spring", "running", AHEAD, "0123456789", "i1", NOW - HOUR, started=True
    )
    odd = campaign(fields={"schedule": 5, "instanceId": None})
    assert current_of(Candidate(odd, None, ()), NOW) == Current("c1", "Spring", "paused")


class TestSuperseded:
    def ids(self, *candidates: Candidate, **changes: Any) -> list[str]:
        return [each.id for each in superseded(desired(**changes), candidates, NOW)]

    def test_paused_ones_beside_the_desired_form_in_any_other_status(self) -> None:
        old, again = candidate("old", body="Old"), candidate("again")
        for status in ("scheduled", "completed", "cancelled"):
            assert self.ids(candidate("new", status), old, again) == ["old", "again"]

    def test_without_the_desired_form_nothing_is_left_over(self) -> None:
        assert self.ids(candidate("old", body="Old"), candidate("other", "scheduled", body="Other")) == []
        assert self.ids(candidate("new"), candidate("old", body="Old")) == []

    def test_what_bears_no_marker_was_left_by_nobody(self) -> None:
        assert self.ids(candidate("new", "scheduled"), candidate("hand", digest=None)) == []

    def test_where_it_is_desired_paused_the_paused_one_in_its_form_stays(self) -> None:
        found = self.ids(candidate("sent", "completed"), candidate("same"), candidate("old", body="Old"), paused=True)
        assert found == ["old"]


def test_the_oldest_is_kept_then_the_lowest_id_and_one_without_a_date_last() -> None:
    undated = Candidate(campaign(), None, ())
    in_order = [
        candidate("z", created=NOW - HOUR),
        candidate("a", created=NOW),
        candidate("b", created=NOW),
        undated,
    ]
    assert sorted([*in_order[1::2], *in_order[::2]], key=keeper_order) == in_order


def test_of_those_that_cannot_send_the_desired_form_comes_first() -> None:
    changed = desired(body="Other")
    in_order = [
        candidate("b", created=NOW),
        candidate("drifted", created=NOW - HOUR, differences=(None,)),
        candidate("old", body="Old", created=NOW - 2 * HOUR),
        candidate("older", body="Old", created=NOW - HOUR),
    ]
    assert sorted([*in_order[1::2], *in_order[::2]], key=preferred_order(ONE)) == in_order
    assert sorted(in_order, key=preferred_order(changed))[0].live.id == "old"


def test_the_form_is_told_by_the_marker_else_by_what_is_seen() -> None:
    assert is_same(ONE, candidate("a"))
    assert is_same(ONE, candidate("a", differences=(None,))), "it drifted, and was made from this form"
    assert not is_same(ONE, candidate("a", body="Old"))
    assert is_same(ONE, candidate("a", digest=None))
    assert not is_same(ONE, candidate("a", digest=None, differences=(None,)))


def test_what_another_branch_applied() -> None:
    (said,) = from_elsewhere(ONE, candidate("a", digest="0123456789"), ["aaaaaaaaaa"])
    assert said == (
        "the live campaign (@0123456789) was not applied from here: another branch or machine may have its own version of this "
        "definition, and applying replaces it"
    )
    for made, applied in (
        (candidate("a", digest="0123456789"), []),
        (candidate("a", digest="0123456789"), ["0123456789"]),
        (candidate("a", digest=None), ["aaaaaaaaaa"]),
        (candidate("a"), ["aaaaaaaaaa"]),
    ):
        assert from_elsewhere(ONE, made, applied) == ()
