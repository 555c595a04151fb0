"""The campaign routes. Pages "Create a campaign", "Get a campaign", "Pause a campaign", "Resume a campaign"."""

from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from msgflash_gitops.sandbox import life
from msgflash_gitops.sandbox.answers import campaign, instant
from msgflash_gitops.sandbox.checks import check_campaign, parse_instant
from msgflash_gitops.sandbox.lists import Answer, enveloped, found
from msgflash_gitops.sandbox.problems import Problem

if TYPE_CHECKING:
    from msgflash_gitops.sandbox.world import Sandbox


def create(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    if not sandbox.behaviour.campaigns_on_plan:
        raise Problem("CAMPAIGNS_NOT_AVAILABLE_ON_PLAN", "Campaigns are not available on this plan")
    check_campaign(body)
    instance = found(sandbox, "instance", body["instanceId"])
    if instance["deletedAt"] is not None:
        raise Problem("NOT_FOUND", "Instance not found")
    if "templateId" in body:
        _check_variables(sandbox, body)
    item = sandbox.new_campaign(body)
    planned = item["stats"]["planned"]
    quota = sandbox.behaviour.monthly_outbound
    if quota is not None and sandbox.store.count("outbound") + planned > quota:
        raise Problem("MONTHLY_OUTBOUND_QUOTA_EXCEEDED", "Monthly outbound quota exceeded")
    sandbox.store.count("outbound", planned)
    sandbox.store.put("campaign", item)
    return 201, {"data": campaign(item, safety=True)}


def index(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    now = sandbox.now()
    shown = [campaign(item) for item in sandbox.store.all("campaign") if (parse_instant(item["_shows"]) or now) <= now]
    return 200, enveloped(request, shown, "campaigns", sandbox.behaviour.list_envelope)


def show(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    return 200, {"data": campaign(_campaign(sandbox, request), variables=True)}


def pause(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    item = _campaign(sandbox, request)
    if item["status"] not in ("scheduled", "running"):
        raise Problem("BAD_REQUEST", f"A campaign that is {item['status']} cannot be paused")
    _save(sandbox, item, status="paused")
    return 200, {"data": campaign(item, variables=True)}


def resume(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    item = _campaign(sandbox, request)
    if item["status"] != "paused":
        raise Problem("BAD_REQUEST", f"A campaign that is {item['status']} cannot be resumed")
    life.resume(item, sandbox.now(), sandbox.behaviour.resume_before_start, sandbox.behaviour.seconds_per_campaign)
    _save(sandbox, item)
    at_once = item["_next"] <= instant(sandbox.now()) or item["status"] == "running"
    shown = {**item, "status": "running"} if at_once else item
    return 200, {"data": campaign(shown, stats=False, variables=True, safety=True)}


def cancel(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    """The console's rule; where the vendor has no such call, no route."""
    if not sandbox.behaviour.supports_cancel:
        raise Problem("NOT_FOUND", "No such route")
    item = _campaign(sandbox, request)
    if item["status"] not in ("scheduled", "running", "paused"):
        raise Problem("BAD_REQUEST", f"A campaign that is {item['status']} cannot be cancelled")
    item["stats"]["cancelledAt"] = instant(sandbox.now())
    _save(sandbox, item, status="cancelled")
    return 200, {"data": campaign(item, variables=True)}


def _campaign(sandbox: "Sandbox", request: Request) -> dict[str, Any]:
    return found(sandbox, "campaign", request.path_params["id"])


def _save(sandbox: "Sandbox", item: dict[str, Any], **changes: Any) -> None:
    item.update(changes, updatedAt=instant(sandbox.now()))
    sandbox.store.put("campaign", item)


def _check_variables(sandbox: "Sandbox", body: dict[str, Any]) -> None:
    template = found(sandbox, "template", body["templateId"])
    wanted = {name.removeprefix("custom.") for name in template["variables"] if name.startswith("custom.")}
    missing = sorted(wanted - set(body.get("variables", {})))
    if missing:
        details = [{"field": f"variables.{name}", "message": "Missing"} for name in missing]
        raise Problem("TEMPLATE_VARIABLES_MISSING", "Template variables are missing", details)
