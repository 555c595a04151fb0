"""What becomes of campaigns as the clock is set forward, and who receives what."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from msgflash_gitops.sandbox import Behaviour, Delivery, Sandbox
from msgflash_gitops.sandbox.answers import instant
from tests.sandbox.api import BUTTONS, START, Api

HOUR, DAY = 3600.0, 86400.0


def at(seconds: float) -> str:
    return instant(START + timedelta(seconds=seconds))


def status(api: Api, campaign_id: str) -> str:
    found: str = api.get(f"/campaigns/{campaign_id}").data["status"]
    return found


def sent(sandbox: Sandbox) -> list[tuple[str, str]]:
    return [(instant(each.at), each.reason) for each in sandbox.deliveries]


def test_from_scheduled_to_completed(api: Api, sandbox: Sandbox) -> None:
    made = api.made(schedule=at(HOUR))
    sandbox.advance(HOUR - 1)
    assert (status(api, made), sent(sandbox)) == ("scheduled", [])
    sandbox.advance(1)
    running = api.get(f"/campaigns/{made}").data
    assert running["status"] == "running"
    assert running["stats"]["processingStartedAt"] == at(HOUR)
    assert running["stats"]["sent"] + running["stats"]["queued"] == running["stats"]["planned"] == 50
    sandbox.advance(60)
    done = api.get(f"/campaigns/{made}").data
    assert (done["status"], done["stats"]["sent"], done["stats"]["queued"]) == ("completed", 50, 0)
    assert done["stats"]["completedAt"] == at(HOUR + 60)
    assert sent(sandbox) == [(at(HOUR), "schedule")]


def test_what_people_receive_is_what_was_written(api: Api, sandbox: Sandbox) -> None:
    made = api.made(BUTTONS, schedule=at(HOUR))
    sandbox.advance(DAY)
    (delivery,) = sandbox.deliveries
    content = {name: BUTTONS[name] for name in ("type", "title", "description", "footer", "buttons")}
    assert delivery == Delivery(
        START + timedelta(seconds=HOUR), made, "Spring", content, {"type": "tags", "value": ["vip"]}, "schedule"
    )


def test_a_schedule_in_the_past_is_sent_at_once(api: Api, sandbox: Sandbox) -> None:
    made = api.made(schedule=at(-DAY))
    assert status(api, made) == "running"
    assert sent(sandbox) == [(at(0), "past")]


def test_a_paused_campaign_is_never_sent(api: Api, sandbox: Sandbox) -> None:
    made = api.made(schedule=at(HOUR))
    assert api.post(f"/campaigns/{made}/pause").data["status"] == "paused"
    sandbox.advance(30 * DAY)
    assert (status(api, made), sent(sandbox)) == ("paused", [])


def test_resuming_before_the_start_sends_at_once(api: Api, sandbox: Sandbox) -> None:
    """The worst that the documentation leaves room for."""
    made = api.made(schedule=at(DAY))
    api.post(f"/campaigns/{made}/pause")
    assert api.post(f"/campaigns/{made}/resume").data["status"] == "running"
    assert sent(sandbox) == [(at(0), "resumed")]
    sandbox.advance(30 * DAY)
    assert len(sandbox.deliveries) == 1


class TestKeepsSchedule:
    @pytest.fixture
    def behaviour(self) -> Behaviour:
        return Behaviour(resume_before_start="keeps-schedule")

    def test_resuming_before_the_start_waits_for_it(self, api: Api, sandbox: Sandbox) -> None:
        made = api.made(schedule=at(DAY))
        api.post(f"/campaigns/{made}/pause")
        assert api.post(f"/campaigns/{made}/resume").data["status"] == "scheduled"
        assert sent(sandbox) == []
        sandbox.advance(DAY)
        assert sent(sandbox) == [(at(DAY), "schedule")]

    def test_resuming_after_the_start_sends_at_once(self, api: Api, sandbox: Sandbox) -> None:
        made = api.made(schedule=at(HOUR))
        api.post(f"/campaigns/{made}/pause")
        sandbox.advance(DAY)
        assert api.post(f"/campaigns/{made}/resume").data["status"] == "running"
        assert sent(sandbox) == [(at(DAY), "resumed")]


def test_one_paused_while_running_goes_on_without_a_second_delivery(api: Api, sandbox: Sandbox) -> None:
    made = api.made(schedule=at(HOUR))
    sandbox.advance(HOUR + 10)
    assert api.post(f"/campaigns/{made}/pause").data["status"] == "paused"
    sandbox.advance(DAY)
    assert status(api, made) == "paused"
    assert api.post(f"/campaigns/{made}/resume").data["status"] == "running"
    sandbox.advance(60)
    assert status(api, made) == "completed"
    assert len(sandbox.deliveries) == 1


@pytest.mark.parametrize(("repeat", "days"), [("daily", 1), ("weekly", 7)])
def test_a_series_comes_back(api: Api, sandbox: Sandbox, repeat: str, days: int) -> None:
    made = api.made(schedule=at(HOUR), repeat=repeat)
    sandbox.advance(HOUR + 60)
    assert status(api, made) == "scheduled"
    sandbox.advance(3 * days * DAY)
    assert sent(sandbox) == [(at(HOUR + number * days * DAY), "schedule") for number in range(4)]


def test_events_happen_in_the_order_of_their_instants(api: Api, sandbox: Sandbox) -> None:
    for number in (3, 1, 2):
        api.made(name=f"N{number}", schedule=at(number * HOUR))
    sandbox.advance(DAY)
    assert [each.name for each in sandbox.deliveries] == ["N1", "N2", "N3"]


ALLOWED = {"pause": {"scheduled", "running"}, "resume": {"paused"}, "cancel": {"scheduled", "running", "paused"}}
STATUSES = [
    "scheduled",
    "running",
    "paused",
    "completed",
    "cancelled",
    "failed",
    "draft",
    "paused_quota",
    "paused_plan",
]


@pytest.mark.parametrize("found", STATUSES)
@pytest.mark.parametrize("action", ALLOWED)
def test_an_action_that_the_status_does_not_allow(api: Api, sandbox: Sandbox, action: str, found: str) -> None:
    sandbox.behaviour = replace(sandbox.behaviour, supports_cancel=True)
    made = api.made(schedule=at(DAY))
    sandbox.set_status(made, found)
    answer = api.post(f"/campaigns/{made}/{action}")
    if found in ALLOWED[action]:
        assert answer.status == 200
    else:
        assert (answer.status, answer.code) == (400, "BAD_REQUEST")
        assert status(api, made) == found


def test_cancel_where_the_vendor_has_none(api: Api, sandbox: Sandbox) -> None:
    made = api.made()
    refused = api.post(f"/campaigns/{made}/cancel")
    assert (refused.status, refused.code) == (404, "NOT_FOUND")
    assert status(api, made) == "scheduled"
    sandbox.behaviour = replace(sandbox.behaviour, supports_cancel=True)
    assert api.post(f"/campaigns/{made}/cancel").data["stats"]["cancelledAt"] == at(0)
    sandbox.advance(30 * DAY)
    assert (status(api, made), sent(sandbox)) == ("cancelled", [])


class TestListLag:
    @pytest.fixture
    def behaviour(self) -> Behaviour:
        return Behaviour(lists=True, list_lag=30.0)

    def test_a_new_campaign_shows_in_the_list_later(self, api: Api, sandbox: Sandbox) -> None:
        made = api.made()
        assert api.get("/campaigns").data["campaigns"] == []
        assert status(api, made) == "scheduled"
        sandbox.advance(29)
        assert api.get("/campaigns").data["total"] == 0
        sandbox.advance(1)
        assert [each["id"] for each in api.get("/campaigns").data["campaigns"]] == [made]


class TestByHand:
    """What a person does in the dashboard."""

    def test_add_change_resume_delete(self, api: Api, sandbox: Sandbox) -> None:
        body: dict[str, Any] = {**BUTTONS, "schedule": at(DAY)}
        made = sandbox.add_campaign(body, "paused")["id"]
        assert status(api, made) == "paused"
        sandbox.resume_by_hand(made)
        assert status(api, made) == "running"
        sandbox.set_status(made, "paused_quota", name="Renamed")
        assert api.get(f"/campaigns/{made}").data["name"] == "Renamed"
        sandbox.delete_campaign(made)
        assert api.get(f"/campaigns/{made}").status == 404

    @pytest.mark.parametrize("act", ["set_status", "resume_by_hand"])
    def test_what_is_not_there_is_an_error(self, sandbox: Sandbox, act: str) -> None:
        with pytest.raises(KeyError):
            getattr(sandbox, act)("x", *(["paused"] if act == "set_status" else []))
