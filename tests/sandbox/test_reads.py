"""Reads besides campaigns and lists: statistics, health, previews, members, usage."""

from datetime import timedelta
from typing import Any

import pytest

from msgflash_gitops.sandbox import Sandbox
from msgflash_gitops.sandbox.answers import instant
from msgflash_gitops.sandbox.seed import GROUPS, sample_id
from tests.sandbox.api import ABSENT, GROUP, INSTANCE, PROMO, START, Api

CONTACT = sample_id("contact", "+33639981000")
COUNTERS = {"total", "planned", "queued", "sent", "delivered", "read", "failed", "cancelled"}
TIMES = {"scheduledFor", "processingStartedAt", "lastEnqueuedAt", "completedAt", "cancelledAt", "lastActivityAt"}


def at(seconds: float) -> str:
    return instant(START + timedelta(seconds=seconds))


def test_statistics_of_a_campaign(api: Api, sandbox: Sandbox) -> None:
    made = api.made(schedule=at(3600))
    waiting = api.get(f"/campaigns/{made}/stats").data
    assert waiting.keys() == {"campaignId", "status", "stats", "progressPercent", "timeline"}
    assert (waiting["campaignId"], waiting["status"], waiting["progressPercent"]) == (made, "scheduled", 0)
    assert waiting["stats"] == dict.fromkeys(COUNTERS, 0)
    assert waiting["timeline"] == {**dict.fromkeys(TIMES), "scheduledFor": at(3600)}
    sandbox.advance(3600)
    running = api.get(f"/campaigns/{made}/stats").data
    assert (running["status"], running["progressPercent"], running["stats"]["total"]) == ("running", 50, 50)
    assert running["timeline"]["processingStartedAt"] == running["timeline"]["lastActivityAt"] == at(3600)
    sandbox.advance(60)
    done = api.get(f"/campaigns/{made}/stats").data
    assert (done["progressPercent"], done["stats"]["delivered"]) == (100, 50)
    assert done["timeline"]["completedAt"] == at(3660)


def test_health_of_an_instance(api: Api) -> None:
    health = api.get(f"/instances/{INSTANCE}/health").data
    assert (health["instanceId"], health["safetyState"], health["recommendations"]) == (INSTANCE, "stable", [])
    assert health["warmupPolicy"].keys() >= {"hourlyOutboundCap", "dailyOutboundCap", "maxCampaignRecipients"}
    other = api.get(f"/instances/{sample_id('instance', 'sav')}/health").data
    assert other["safetyState"] == "new"


def test_a_preview(api: Api, sandbox: Sandbox) -> None:
    body = {"instanceId": INSTANCE, "contactId": CONTACT, "variables": {"code": "X", "discount": "5%"}}
    shown = api.post(f"/templates/{PROMO}/preview", body).data
    assert shown["rendered"] == "Hello Contact, with X you get 5% off until Sunday at boutique-principale."
    assert shown["variables"] == api.get(f"/templates/{PROMO}").data["variables"]
    assert (shown["missingVariables"], shown["valid"]) == ([], True)
    assert sandbox.campaigns() == [] and sandbox.deliveries == []


@pytest.mark.parametrize("body", [None, {}, {"variables": {}}])
def test_a_preview_with_nothing_given(api: Api, body: Any) -> None:
    shown = api.post(f"/templates/{PROMO}/preview", body).data
    assert shown["missingVariables"] == ["contact.firstName", "custom.code", "custom.discount", "instance.name"]
    assert not shown["valid"]
    assert "{{custom.code}}" in shown["rendered"]


def test_a_preview_of_a_template_without_text(api: Api) -> None:
    shown = api.post(f"/templates/{sample_id('template', 'Price list')}/preview").data
    assert (shown["rendered"], shown["valid"]) == (None, True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"contact": CONTACT}, "contact"),
        ({"contactId": "Anna"}, "contactId"),
        ({"instanceId": None}, "instanceId"),
        ({"variables": []}, "variables"),
        ({"variables": {"code": None}}, "variables.code"),
    ],
)
def test_a_faulty_preview_is_refused(api: Api, body: Any, field: str) -> None:
    refused = api.post(f"/templates/{PROMO}/preview", body)
    assert (refused.status, refused.code, refused.fields) == (400, "VALIDATION_ERROR", [field])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/templates/{ABSENT}/preview", {}),
        (f"/templates/{PROMO}/preview", {"contactId": ABSENT}),
        (f"/templates/{PROMO}/preview", {"instanceId": ABSENT}),
    ],
)
def test_a_preview_of_what_is_not_there(api: Api, path: str, body: Any) -> None:
    assert api.post(path, body).code == "NOT_FOUND"


@pytest.mark.parametrize(
    "path",
    ["/campaigns/{}/stats", "/instances/{}/health", "/contacts/groups/{}/members", "/contacts/{}/groups"],
)
@pytest.mark.parametrize("identity", [ABSENT, "x"])
def test_what_is_not_there(api: Api, path: str, identity: str) -> None:
    assert api.get(path.format(identity)).code == "NOT_FOUND"


@pytest.mark.parametrize(("name", "count"), GROUPS)
def test_members_of_a_group(api: Api, name: str, count: int) -> None:
    found: list[str] = []
    query: dict[str, Any] = {"limit": 50}
    while True:
        page = api.get(f"/contacts/groups/{sample_id('group', name)}/members", **query).data
        assert page.keys() == {"contacts", "nextCursor", "hasMore", "total"}
        found += [each["id"] for each in page["contacts"]]
        if not page["hasMore"]:
            break
        query["cursor"] = page["nextCursor"]
    assert len(set(found)) == len(found) == page["total"] == count


def test_members_are_searched_and_groups_too(api: Api) -> None:
    members = api.get(f"/contacts/groups/{GROUP}/members", search="contact 24").data
    assert [each["name"] for each in members["contacts"]] == ["Contact 24"]
    assert [each["name"] for each in api.get("/contacts/groups", search="vip").data["groups"]] == ["VIP Paris"]


def test_groups_of_a_contact(api: Api) -> None:
    assert len(api.get(f"/contacts/{CONTACT}/groups").data["groups"]) == 3
    last = sample_id("contact", "+33639981249")
    assert api.get(f"/contacts/{last}/groups").data["groups"] == []


@pytest.mark.parametrize("path", ["/usage", "/billing/usage"])
def test_usage(api: Api, url: str, path: str) -> None:
    api.made()
    usage = api.get(path).data
    assert usage.keys() == {"limits", "features", "usage", "period"}
    assert usage["usage"] == {"apiRequestsCount": 2, "effectiveOutboundUsage": 50}
    assert usage["period"] == {"start": "2027-03-01T00:00:00.000Z", "end": "2027-04-01T00:00:00.000Z"}
    team = Api(url, Sandbox.team_key, Sandbox.team_id)
    assert team.get(path).code == "TEAM_KEY_NOT_ALLOWED"
    team.http.close()
