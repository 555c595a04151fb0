"""Answers hold the documented fields: not one more, so that nobody comes to rely on it, and not one less."""

from typing import Any

import pytest

from msgflash_gitops.sandbox import Sandbox
from tests.sandbox.api import BUTTONS, INSTANCE, PROMO, TEMPLATE, TEXT, Api

SHOWN = {
    *("id", "userId", "instanceId", "name", "status", "templateId", "type", "body", "mediaUrl"),
    *("schedule", "repeat", "recipients", "createdAt", "updatedAt"),
}
STATS = {"planned", "queued", "sent", "delivered", "read", "failed", "cancelled"}
HIDDEN = {"title", "description", "footer", "buttons"}


def every_answer(api: Api, body: Any) -> dict[str, dict[str, Any]]:
    created = api.create(body).data
    campaign_id = created["id"]
    return {
        "create": created,
        "get": api.get(f"/campaigns/{campaign_id}").data,
        "list": api.get("/campaigns").data["campaigns"][0],
        "pause": api.post(f"/campaigns/{campaign_id}/pause").data,
        "resume": api.post(f"/campaigns/{campaign_id}/resume").data,
    }


@pytest.mark.parametrize("body", [TEXT, BUTTONS, TEMPLATE])
def test_each_call_shows_its_documented_fields(api: Api, body: Any) -> None:
    answers = every_answer(api, body)
    assert answers["create"].keys() == SHOWN | {"stats", "safety"}
    assert answers["get"].keys() == SHOWN | {"stats", "templateVariables"}
    assert answers["list"].keys() == SHOWN | {"stats"}
    assert answers["pause"].keys() == SHOWN | {"stats", "templateVariables"}
    assert answers["resume"].keys() == SHOWN | {"safety", "templateVariables"}


def test_what_people_see_of_buttons_is_in_no_answer_and_is_kept(api: Api, sandbox: Sandbox) -> None:
    for answer in every_answer(api, BUTTONS).values():
        assert not HIDDEN & answer.keys()
        assert "Choose" not in str(answer)
    (stored,) = sandbox.campaigns()
    assert {name: stored[name] for name in HIDDEN} == {name: BUTTONS[name] for name in HIDDEN}


@pytest.mark.parametrize("body", [TEXT, TEMPLATE])
def test_what_was_written_reads_back(api: Api, body: Any) -> None:
    for answer in every_answer(api, body).values():
        for name in ("instanceId", "name", "schedule", "type", "body", "templateId"):
            assert answer[name] == body.get(name)
        assert answer["repeat"] == "none"
        assert answer["recipients"] == body["recipients"]
    assert every_answer(api, TEMPLATE)["get"]["templateVariables"] == TEMPLATE["variables"]


def test_recipients_read_back_with_an_empty_value(api: Api) -> None:
    assert api.create(recipients={"type": "all"}).data["recipients"] == {"type": "all", "value": []}


def test_statuses(api: Api) -> None:
    answers = every_answer(api, TEXT)
    found = {name: answer["status"] for name, answer in answers.items()}
    assert found == {
        "create": "scheduled",
        "get": "scheduled",
        "list": "scheduled",
        "pause": "paused",
        "resume": "running",
    }


@pytest.mark.parametrize(("recipients", "planned"), [({"type": "all"}, 250), ({"type": "tags", "value": ["vip"]}, 50)])
def test_statistics_and_safety(api: Api, recipients: Any, planned: int) -> None:
    created = api.create(recipients=recipients).data
    assert created["stats"].keys() == STATS
    assert created["stats"]["planned"] == 0
    assert created["safety"]["audience"]["totalRecipients"] == planned
    assert created["safety"]["decision"] == ("warn" if planned > 200 else "allow")
    assert bool(created["safety"]["reasons"]) == (planned > 200)
    assert created["safety"].keys() == {
        *("decision", "riskLevel", "score", "state", "reasons", "recommendations", "appliedLimits", "audience"),
    }


@pytest.mark.parametrize(
    ("recipients", "planned"),
    [
        ({"type": "tags", "value": ["vip", "lyon", "vip"]}, 150),
        ({"type": "tags", "value": ["nobody"]}, 0),
        ({"type": "explicit", "value": [INSTANCE, PROMO]}, 2),
    ],
)
def test_audiences_are_counted(api: Api, recipients: Any, planned: int) -> None:
    assert api.create(recipients=recipients).data["safety"]["audience"]["totalRecipients"] == planned


def test_instances(api: Api) -> None:
    listed = api.get("/instances").data
    assert [each["name"] for each in listed] == ["boutique-principale", "boutique-lyon", "sav", "ancienne-boutique"]
    fields = {"id", "name", "waNumber", "status", "webhook", "meta", "deletedAt", "createdAt", "updatedAt"}
    assert all(each.keys() == fields for each in listed)
    assert [each["name"] for each in listed if each["deletedAt"]] == ["ancienne-boutique"]
    assert api.get(f"/instances/{INSTANCE}").data == listed[0]
    state = api.get(f"/instances/{INSTANCE}/state").data
    assert state == {"instanceId": INSTANCE, "status": "connected", "providerState": "open"}


def test_templates_list_their_placeholders(api: Api) -> None:
    listed = api.get("/templates").data["templates"]
    assert listed[0]["variables"] == ["contact.firstName", "custom.code", "custom.discount", "instance.name"]
    assert all(each.keys() == {"id", "name", "type", "body", "mediaUrl", "variables"} for each in listed)
    assert api.get(f"/templates/{PROMO}").data == listed[0]


def test_contacts_and_groups(api: Api) -> None:
    contact = api.get("/contacts", limit=1).data["contacts"][0]
    assert contact.keys() == {"id", "name", "phone", "tags", "temperature", "createdAt", "updatedAt"}
    group = api.get("/contacts/groups").data["groups"][0]
    assert group.keys() == {"id", "name", "description", "color", "contactCount", "createdAt"}


def test_an_id_is_found_in_either_case(api: Api) -> None:
    assert api.get(f"/campaigns/{api.made().upper()}").status == 200


def test_every_answer_is_dated_by_the_sandboxs_clock(api: Api, sandbox: Sandbox) -> None:
    sandbox.advance(3600)
    for path in ("/instances", "/campaigns/x"):
        assert api.get(path).headers["date"] == "Mon, 01 Mar 2027 13:00:00 GMT"
