"""Definitions in, plan, apply, no changes: each scenario ends with a plan that expects nothing."""

from typing import Any

import pytest

from msgflash_gitops.sandbox import Behaviour, Sandbox
from tests.support.project import Repository, soon


def active(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [each for each in sandbox.campaigns() if each["status"] in ("scheduled", "running")]


def settled(repository: Repository) -> None:
    """Apply, plan again, expect nothing."""
    assert repository.run("plan", "--detailed-exitcode").code == 0


def test_a_campaign_is_created_once_and_only_once(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign()
    assert repository.run("plan", "--detailed-exitcode").code == 2
    assert repository.apply().code == 0
    settled(repository)
    assert repository.apply().code == 0
    (campaign,) = active(sandbox)
    assert campaign["name"].startswith("Spring [crm/spring@")
    assert campaign["schedule"] == "2031-04-15T07:00:00.000Z"
    assert [seen.method for seen in sandbox.requests].count("POST") == 1


def test_an_edit_replaces(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign(body="Old")
    repository.apply()
    repository.campaign(body="New")
    plan = repository.plan()
    assert plan["changes"][0]["differences"] == [{"field": "body", "before": "Old", "after": "New"}]
    assert repository.apply().code == 0
    assert [each["body"] for each in active(sandbox)] == ["New"]
    assert {each["status"] for each in sandbox.campaigns()} == {"scheduled", "paused"}
    settled(repository)


class TestCancel:
    @pytest.fixture
    def behaviour(self) -> Behaviour:
        return Behaviour(lists=True, supports_cancel=True)

    def test_the_old_one_is_cancelled_where_the_vendor_can(self, repository: Repository, sandbox: Sandbox) -> None:
        repository.campaign(body="Old")
        repository.apply()
        repository.campaign(body="New")
        assert repository.apply().code == 0
        assert sorted(each["status"] for each in sandbox.campaigns()) == ["cancelled", "scheduled"]
        settled(repository)

    def test_a_revert_creates_the_cancelled_one_anew(self, repository: Repository, sandbox: Sandbox) -> None:
        for body in ("Old", "New", "Old"):
            repository.campaign(body=body)
            assert repository.apply().code == 0
            settled(repository)
        assert [each["body"] for each in active(sandbox)] == ["Old"]


def test_a_revert_without_cancel(repository: Repository, sandbox: Sandbox) -> None:
    for body in ("Old", "New", "Old", "New"):
        repository.campaign(body=body)
        assert repository.apply().code == 0
        settled(repository)
        assert [each["body"] for each in active(sandbox)] == [body]


def test_a_removed_definition_is_stopped(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign("stays")
    repository.campaign("goes", name="Goes")
    repository.apply()
    repository.remove("goes")
    assert repository.apply().code == 0
    assert [each["name"].split()[0] for each in active(sandbox)] == ["Spring"]
    settled(repository)


def test_no_definitions_at_all_is_an_error_unless_allowed(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign()
    repository.apply()
    repository.remove("spring")
    refused = repository.apply()
    assert (refused.code, len(active(sandbox))) == (1, 1)
    assert "--allow-empty" in refused.err
    assert repository.apply("--allow-empty").code == 0
    assert active(sandbox) == []


def test_many_stops_are_held(repository: Repository, sandbox: Sandbox) -> None:
    for number in range(7):
        repository.campaign(f"k{number}", name=f"N{number}", body=f"B{number}")
    repository.apply()
    for number in range(1, 7):
        repository.remove(f"k{number}")
    held = repository.apply()
    assert (held.code, len(active(sandbox))) == (5, 7)
    assert "--max-stops 6" in held.out
    assert repository.apply("--max-stops", "6").code == 0
    assert len(active(sandbox)) == 1


def test_paused_in_git(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign(more="paused: true\n")
    assert repository.apply().code == 0
    assert [each["status"] for each in sandbox.campaigns()] == ["paused"]
    settled(repository)
    repository.campaign()
    assert repository.apply().code == 5
    assert active(sandbox) == []
    assert repository.apply("--allow-resume").code == 0
    assert len(active(sandbox)) == 1
    settled(repository)
    assert sandbox.deliveries == []


def test_a_pause_in_the_dashboard_is_respected(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign()
    repository.apply()
    sandbox.set_status(sandbox.campaigns()[0]["id"], "paused")
    plan = repository.plan()
    assert (plan["changes"][0]["action"], plan["changes"][0]["held"], plan["summary"]["held"]) == ("resume", True, 1)
    assert repository.apply().code == 5
    assert active(sandbox) == []


def test_a_cancellation_in_the_dashboard_is_respected(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign()
    repository.apply()
    sandbox.set_status(sandbox.campaigns()[0]["id"], "cancelled")
    blocked = repository.apply()
    assert blocked.code == 5
    assert "revision" in blocked.out
    repository.campaign(more="revision: 2\n")
    assert repository.apply().code == 0
    assert len(active(sandbox)) == 1


def test_what_is_late_is_not_sent_and_stops_nothing_else(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign("late", name="Late", schedule=soon(minutes=2))
    repository.campaign("past", name="Past", schedule=soon(days=-2))
    repository.campaign("fine", name="Fine")
    assert repository.actions() == {"late": "late", "past": "past", "fine": "create"}
    assert repository.run("plan", "--fail-on", "late").code == 1
    assert repository.apply().code == 5
    assert [each["name"].split()[0] for each in active(sandbox)] == ["Fine"]
    assert sandbox.deliveries == []


def test_every_content_mode_reaches_the_account(repository: Repository, sandbox: Sandbox) -> None:
    repository.write(
        "campaigns/all.yaml",
        """\
key: template
name: Template
instance: boutique-principale
schedule: 2031-04-15T09:00:00
recipients: {type: group, group: VIP Paris}
template: Spring promo
variables: {code: SPRING, discount: 20 %}
---
key: buttons
name: Buttons
instance: boutique-lyon
schedule: 2031-04-15T09:00:00
repeat: weekly
recipients: {type: all}
type: buttons
title: Spring
description: Choose
footer: Boutique
buttons: [{type: reply, displayText: "Yes", id: "y"}]
---
key: image
name: Image
instance: boutique-lyon
schedule: 2031-04-15T10:00:00
repeat: noe
recipients: {type: tags, value: [vip]}
type: image
mediaUrl: https://cdn.boutique.example/a.jpg
""",
    )
    assert repository.apply().code == 0
    stored = {each["name"].split()[0]: each for each in sandbox.campaigns()}
    assert stored["Template"]["variables"] == {"code": "SPRING", "discount": "20 %"}
    assert stored["Buttons"]["buttons"][0]["displayText"] == "Yes"
    assert stored["Buttons"]["repeat"] == "weekly"
    created = [seen.body for seen in sandbox.requests if seen.method == "POST"]
    assert all("repeat" not in body for body in created if body["name"].startswith(("Image", "Template")))
    settled(repository)


def test_a_change_that_the_api_does_not_show_is_replaced(repository: Repository, sandbox: Sandbox) -> None:
    text = (
        "name: B\ninstance: boutique-lyon\nschedule: 2031-04-15T09:00:00\nrecipients: {type: all}\ntype: buttons\n"
        "title: Spring\ndescription: Choose\nbuttons: [{type: reply, displayText: LABEL, id: y}]\n"
    )
    repository.write("campaigns/b.yaml", text.replace("LABEL", "Yes please"))
    repository.apply()
    repository.write("campaigns/b.yaml", text.replace("LABEL", "Of course"))
    assert repository.actions() == {"b": "replace"}
    assert repository.apply().code == 0
    assert [each["buttons"][0]["displayText"] for each in active(sandbox)] == ["Of course"]
    settled(repository)


def test_unmanaged_campaigns_are_never_touched(repository: Repository, sandbox: Sandbox) -> None:
    instance = next(iter(each for each in repository.run("instances", "--format", "json").json["instances"]))
    body = {
        "instanceId": instance["id"],
        "name": "By hand",
        "schedule": "2031-01-01T00:00:00.000Z",
        "recipients": {"type": "all"},
        "type": "text",
        "body": "x",
    }
    sandbox.add_campaign(body)
    sandbox.add_campaign({**body, "name": "Other [shop/spring@0123456789]"})
    before = sandbox.campaigns()
    repository.campaign()
    repository.apply()
    repository.campaign(body="New")
    repository.apply()
    after = {each["id"]: each for each in sandbox.campaigns()}
    assert all(after[each["id"]] == each for each in before)


@pytest.mark.parametrize("envelope", ["plain", "cursor", "page", "nested"])
def test_many_campaigns_in_every_envelope(repository: Repository, sandbox: Sandbox, envelope: str) -> None:
    sandbox.behaviour = Behaviour(lists=True, list_envelope=envelope, rate_limit=1000)
    repository.campaign()
    repository.apply()
    template = sandbox.campaigns()[0]
    fields = ("instanceId", "schedule", "recipients", "type", "body")
    for number in range(230):
        sandbox.add_campaign({**{name: template[name] for name in fields}, "name": f"By hand {number}"})
    settled(repository)
    assert repository.plan()["unmanaged"] == 230
