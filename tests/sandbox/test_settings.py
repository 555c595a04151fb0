"""Each setting of how the sandbox behaves, over a real socket."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from msgflash_gitops.sandbox import Behaviour, Sandbox
from msgflash_gitops.sandbox.answers import instant
from tests.sandbox.api import BUTTONS, START, TEXT, Api

HOUR, DAY = 3600.0, 86400.0
Behave = Callable[..., None]


def at(seconds: float) -> str:
    return instant(START + timedelta(seconds=seconds))


@pytest.fixture
def behave(sandbox: Sandbox) -> Behave:
    def behave(**changes: Any) -> None:
        sandbox.behaviour = replace(sandbox.behaviour, **changes)

    return behave


def status(api: Api, campaign_id: str) -> str:
    found: str = api.get(f"/campaigns/{campaign_id}").data["status"]
    return found


def test_without_a_list(api: Api, behave: Behave) -> None:
    made = api.made()
    behave(lists=False)
    refused = api.get("/campaigns")
    assert (refused.status, refused.code) == (404, "NOT_FOUND")
    assert status(api, made) == "scheduled"


@pytest.mark.parametrize("body", [TEXT, BUTTONS])
def test_minimal_answers(api: Api, behave: Behave, body: Any) -> None:
    behave(answers="minimal", supports_cancel=True)
    made = api.create(body).data
    assert "name" in made
    path = f"/campaigns/{made['id']}"
    assert api.post(f"{path}/pause").data == {"id": made["id"], "status": "paused"}
    assert api.post(f"{path}/resume").data == {"id": made["id"], "status": "running"}
    assert api.post(f"{path}/cancel").data == {"id": made["id"], "status": "cancelled"}
    assert api.get(path).data["name"] == "Spring"


def test_a_minimal_answer_to_create(api: Api, behave: Behave) -> None:
    behave(create_answers="minimal")
    made = api.create()
    assert made.status == 201
    assert made.data.keys() == {"id", "status"}
    assert "name" in api.post(f"/campaigns/{made.data['id']}/pause").data


@pytest.mark.parametrize(("when", "reached"), [("at-start", 51), ("at-create", 50)])
def test_when_recipients_are_evaluated(api: Api, sandbox: Sandbox, behave: Behave, when: str, reached: int) -> None:
    behave(recipients_evaluated=when)
    made = api.create(schedule=at(HOUR)).data
    assert made["stats"]["planned"] == (50 if when == "at-create" else 0)
    sandbox.add_contact("Late", "+33600000001", ["vip"])
    sandbox.advance(HOUR)
    assert api.get(f"/campaigns/{made['id']}").data["stats"]["planned"] == reached
    assert len(api.get("/messages", limit=100).data["messages"]) == reached


class TestSeriesThatShowsCompleted:
    @pytest.fixture
    def behaviour(self) -> Behaviour:
        return Behaviour(rate_limit=100_000, series_between_sends="completed")

    def test_it_still_sends(self, api: Api, sandbox: Sandbox) -> None:
        made = api.made(schedule=at(HOUR), repeat="daily")
        sandbox.advance(HOUR)
        assert status(api, made) == "running"
        sandbox.advance(60)
        assert status(api, made) == "completed"
        sandbox.advance(2 * DAY)
        assert [instant(each.at) for each in sandbox.deliveries] == [at(HOUR + day * DAY) for day in range(3)]

    def test_one_that_is_no_series_stays_completed(self, api: Api, sandbox: Sandbox) -> None:
        made = api.made(schedule=at(HOUR))
        sandbox.advance(30 * DAY)
        assert (status(api, made), len(sandbox.deliveries)) == ("completed", 1)

    def test_pausing_it_is_refused(self, api: Api, sandbox: Sandbox) -> None:
        made = api.made(schedule=at(HOUR), repeat="weekly")
        sandbox.advance(DAY)
        assert api.post(f"/campaigns/{made}/pause").code == "BAD_REQUEST"
        sandbox.advance(7 * DAY)
        assert len(sandbox.deliveries) == 2

    def test_pausing_it_is_allowed(self, api: Api, sandbox: Sandbox, behave: Behave) -> None:
        behave(pause_completed_series=True, resume_before_start="keeps-schedule")
        series, once = api.made(schedule=at(HOUR), repeat="daily"), api.made(schedule=at(HOUR))
        sandbox.advance(HOUR + 60)
        assert api.post(f"/campaigns/{series}/pause").data["status"] == "paused"
        assert api.post(f"/campaigns/{once}/pause").code == "BAD_REQUEST"
        sandbox.advance(DAY / 2)
        assert api.post(f"/campaigns/{series}/resume").data["status"] == "scheduled"
        sandbox.advance(DAY)
        assert len(sandbox.deliveries) == 3

    @pytest.mark.parametrize("how", ["delete", "complete"])
    def test_a_person_ends_it(self, api: Api, sandbox: Sandbox, how: str) -> None:
        made = api.made(schedule=at(HOUR), repeat="daily")
        sandbox.advance(2 * HOUR)
        if how == "delete":
            sandbox.delete_campaign(made)
        else:
            sandbox.set_status(made, "completed")
        sandbox.advance(30 * DAY)
        assert len(sandbox.deliveries) == 1


def test_a_name_that_is_too_long(api: Api, sandbox: Sandbox, behave: Behave) -> None:
    behave(longest_name=10)
    refused = api.create(name="x" * 11)
    assert (refused.status, refused.code, refused.fields) == (400, "VALIDATION_ERROR", ["name"])
    assert sandbox.campaigns() == []
    assert api.create(name="x" * 10).data["name"] == "x" * 10
    behave(name_over_limit="cut")
    assert api.create(name="y" * 11).data["name"] == "y" * 10


def test_a_plain_list_that_ends_early(api: Api, behave: Behave) -> None:
    made = [api.made() for _ in range(5)]
    behave(list_envelope="plain", plain_cap=3)
    assert [each["id"] for each in api.get("/campaigns").data] == made[:3]
    behave(list_envelope="cursor")
    assert [each["id"] for each in api.get("/campaigns").data["campaigns"]] == made


def test_a_new_campaign_is_found_later(api: Api, sandbox: Sandbox, behave: Behave) -> None:
    behave(get_lag=30)
    made = api.made()
    for path in (f"/campaigns/{made}", f"/campaigns/{made}/stats"):
        assert api.get(path).code == "NOT_FOUND"
    sandbox.advance(30)
    assert status(api, made) == "scheduled"


FAULTY: list[dict[str, Any]] = [
    {"answers": "short"},
    {"create_answers": None},
    {"list_envelope": ["plain"]},
    {"recipients_evaluated": "never"},
    {"series_between_sends": "paused"},
    {"name_over_limit": "ignore"},
    {"resume_before_start": True},
    {"lists": "no"},
    {"lists": 1},
    {"supports_cancel": None},
    {"rate_limit": True},
    {"rate_limit": 1.5},
    {"rate_limit": None},
    {"latency": -1},
    {"latency": "1"},
    {"latency": float("nan")},
    {"longest_name": "10"},
    {"plain_cap": -1},
]


@pytest.mark.parametrize("changes", FAULTY)
def test_a_setting_of_another_kind_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        Behaviour(**changes)


def test_a_clock_may_be_slow() -> None:
    assert Behaviour(date_offset=-3600, latency=1).date_offset == -3600
