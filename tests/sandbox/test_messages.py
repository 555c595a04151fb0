"""GET /messages: one message per recipient of each start, newest first, each exactly once for whoever follows the pages."""

from datetime import timedelta
from typing import Any

import pytest

from msgflash_gitops.sandbox import Sandbox
from msgflash_gitops.sandbox.answers import instant
from msgflash_gitops.sandbox.seed import sample_id
from tests.sandbox.api import ABSENT, GROUP, INSTANCE, START, TEMPLATE, TEXT, Api

LYON = sample_id("instance", "boutique-lyon")
HOUR = 3600.0
FIELDS = {
    *("id", "userId", "instanceId", "contactId", "campaignId", "direction", "type", "from", "to", "body", "mediaUrl"),
    *("status", "error", "meta", "providerMessageId", "createdAt", "updatedAt"),
}
AUDIENCES: list[dict[str, Any]] = [
    {"type": "all"},
    {"type": "tags", "value": ["vip"]},
    {"type": "group", "groupId": GROUP},
    {"type": "explicit", "value": [sample_id("contact", "+33639981000"), ABSENT]},
    {"type": "tags", "value": ["nobody"]},
]


def at(seconds: float) -> str:
    return instant(START + timedelta(seconds=seconds))


def every(api: Api, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = api.get("/messages", **query, **cursor).data
        assert page.keys() == {"messages", "nextCursor", "hasMore"}
        assert page["hasMore"] == (page["nextCursor"] is not None)
        found += page["messages"]
        if not page["hasMore"]:
            return found
        cursor = {"cursor": page["nextCursor"]}


def test_messages_are_made_when_a_campaign_starts(api: Api, sandbox: Sandbox) -> None:
    made = api.made(schedule=at(HOUR))
    assert every(api) == []
    sandbox.advance(HOUR)
    found = every(api)
    assert len(found) == api.get(f"/campaigns/{made}").data["stats"]["planned"] == 50
    assert all(each.keys() == FIELDS and each["campaignId"] == made for each in found)
    assert {each["createdAt"] for each in found} == {at(HOUR)}
    first = api.get("/contacts", search=found[0]["to"]).data["contacts"][0]
    assert (found[0]["contactId"], found[0]["from"], found[0]["direction"]) == (first["id"], "33639980001", "outbound")


@pytest.mark.parametrize("recipients", AUDIENCES)
def test_one_message_for_each_recipient(api: Api, sandbox: Sandbox, recipients: dict[str, Any]) -> None:
    made = api.made(recipients=recipients, schedule=at(HOUR))
    sandbox.advance(HOUR + 60)
    stats = api.get(f"/campaigns/{made}").data["stats"]
    found = every(api)
    assert len({each["contactId"] for each in found}) == len(found) == stats["planned"]
    for status in ("delivered", "failed"):
        assert len(every(api, status=status)) == stats[status]


def test_statuses_go_with_the_campaign(api: Api, sandbox: Sandbox) -> None:
    made = api.made(schedule=at(HOUR))
    sandbox.advance(HOUR)
    assert (len(every(api, status="sent")), len(every(api, status="queued"))) == (25, 25)
    sandbox.cancel_by_hand(made)
    assert (len(every(api, status="sent")), len(every(api, status="cancelled"))) == (25, 25)
    assert api.get(f"/campaigns/{made}").data["stats"]["cancelled"] == 25


def test_a_contact_who_is_not_there_gets_a_failed_message(api: Api, sandbox: Sandbox) -> None:
    api.made(recipients=AUDIENCES[3], schedule=at(HOUR))
    sandbox.advance(HOUR)
    (failed,) = every(api, status="failed")
    assert (failed["contactId"], failed["to"], failed["error"]) == (ABSENT, None, "Contact not found")


def test_messages_of_a_deleted_campaign_stay(api: Api, sandbox: Sandbox) -> None:
    made = api.made(schedule=at(HOUR))
    sandbox.advance(HOUR)
    sandbox.delete_campaign(made)
    assert {each["campaignId"] for each in every(api)} == {made}
    assert {each["status"] for each in every(api)} == {"sent", "cancelled"}


def test_templates_are_filled_in(api: Api, sandbox: Sandbox) -> None:
    api.made(TEMPLATE, schedule=at(HOUR))
    sandbox.advance(HOUR)
    message = every(api)[0]
    assert message["type"] == "text"
    assert message["body"].startswith("Hello Contact, with SPRING you get 10% off until Sunday at boutique-principale")


def test_every_occurrence_of_a_series_has_its_messages(api: Api, sandbox: Sandbox) -> None:
    api.made(schedule=at(HOUR), repeat="daily")
    sandbox.advance(2 * 86400 + HOUR)
    assert len(every(api)) == 150
    times = [each["createdAt"] for each in every(api)]
    assert times == sorted(times, reverse=True)


def test_filters(api: Api, sandbox: Sandbox) -> None:
    here, there = api.made(schedule=at(HOUR)), api.made(schedule=at(2 * HOUR), instanceId=LYON)
    sandbox.advance(3 * HOUR)
    assert {each["campaignId"] for each in every(api)} == {here, there}
    assert {each["campaignId"] for each in every(api, instanceId=LYON.upper())} == {there}
    assert every(api, instanceId=ABSENT) == []
    assert every(api, instanceId=INSTANCE, status="read") == []


FAULTY = [
    {"limit": "0"},
    {"limit": "101"},
    {"limit": "x"},
    {"cursor": "x"},
    {"cursor": "MQ=="},
    {"cursor": "LTEgMA=="},
    {"cursor": "9" * 4000},
    {"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkgMQ=="},
    {"instanceId": "boutique-lyon"},
    {"instanceId": ""},
    {"status": "gone"},
    {"status": ""},
]


@pytest.mark.parametrize("query", FAULTY)
def test_faulty_parameters_are_refused(api: Api, query: dict[str, str]) -> None:
    refused = api.get("/messages", **query)
    assert (refused.status, refused.code) == (400, "VALIDATION_ERROR")
    assert refused.fields in ([*query], [])


def test_many_messages_are_cheap(api: Api, sandbox: Sandbox) -> None:
    """200 starts of 250 contacts are 50,000 messages, kept as 200 rows and one audience."""
    for _ in range(200):
        sandbox.add_campaign({**TEXT, "schedule": at(HOUR), "recipients": {"type": "all"}})
    sandbox.advance(HOUR)
    assert len(sandbox.store.all("sending")) == 200
    assert len(sandbox.store.all("audience")) == 1
    assert len(api.get("/messages", limit=100).data["messages"]) == 100
