"""The campaign routes. Pages "Create a campaign", "Get a campaign", "Campaign statistics", "Pause a campaign", "Resume a campaign"."""

import uuid
from typing import Any

from starlette.requests import Request

from msgflash_gitops.sandbox import life, sendings
from msgflash_gitops.sandbox.answers import campaign, instant, minimal, progress
from msgflash_gitops.sandbox.checks import check_campaign, check_no_body, parse_instant
from msgflash_gitops.sandbox.envelopes import Answer, enveloped, found
from msgflash_gitops.sandbox.problems import Problem
from msgflash_gitops.sandbox.world import World


def create(sandbox: World, request: Request, body: Any) -> Answer:
    if not sandbox.behaviour.campaigns_on_plan:
        raise Problem("CAMPAIGNS_NOT_AVAILABLE_ON_PLAN", "Campaigns are not available on this plan")
    check_campaign(body)
    instance = found(sandbox, "instance", body["instanceId"])
    if instance["deletedAt"] is not None:
        raise Problem("NOT_FOUND", "Instance not found")
    if "templateId" in body:
        _check_variables(sandbox, body)
    item = sandbox.new_campaign({**body, "name": _name(sandbox, body["name"])})
    reached = sandbox.audience(body["recipients"])
    quota = sandbox.behaviour.monthly_outbound
    if quota is not None and sandbox.store.count("outbound") + reached > quota:
        raise Problem("MONTHLY_OUTBOUND_QUOTA_EXCEEDED", "Monthly outbound quota exceeded")
    sandbox.store.count("outbound", reached)
    sandbox.store.put("campaign", item)
    return 201, {"data": _said(campaign(item, reached=reached), sandbox.behaviour.create_answers)}


def index(sandbox: World, request: Request, body: Any) -> Answer:
    """No page of the documentation has it."""
    behaviour = sandbox.behaviour
    if not behaviour.lists:
        raise Problem("NOT_FOUND", "No such route")
    shown = [campaign(item) for item in sandbox.store.all("campaign") if _is_out(sandbox, item, "_shows")]
    return 200, enveloped(request, shown, "campaigns", behaviour.list_envelope, behaviour.plain_cap)


def show(sandbox: World, request: Request, body: Any) -> Answer:
    return 200, {"data": campaign(_readable(sandbox, request), variables=True)}


def stats(sandbox: World, request: Request, body: Any) -> Answer:
    return 200, {"data": progress(_readable(sandbox, request))}


def pause(sandbox: World, request: Request, body: Any) -> Answer:
    check_no_body(body)
    item = _campaign(sandbox, request)
    if not life.pausable(item, sandbox.behaviour):
        raise Problem("BAD_REQUEST", f"A campaign that is {item['status']} cannot be paused")
    life.stop(item, "paused", sandbox.now())
    sandbox.store.put("campaign", item)
    return 200, {"data": _said(campaign(item, variables=True), sandbox.behaviour.answers)}


def resume(sandbox: World, request: Request, body: Any) -> Answer:
    check_no_body(body)
    item = _campaign(sandbox, request)
    if item["status"] != "paused":
        raise Problem("BAD_REQUEST", f"A campaign that is {item['status']} cannot be resumed")
    life.resume(item, sandbox.now(), sandbox.behaviour)
    sandbox.store.put("campaign", item)
    at_once = item["_next"] <= instant(sandbox.now()) or item["status"] == "running"
    shown = {**item, "status": "running"} if at_once else item
    answer = campaign(shown, stats=False, variables=True, reached=sandbox.audience(item["recipients"]))
    return 200, {"data": _said(answer, sandbox.behaviour.answers)}


def cancel(sandbox: World, request: Request, body: Any) -> Answer:
    """The console's rule, but for what the vendor paused; where the vendor has no such call, no route."""
    if not sandbox.behaviour.supports_cancel:
        raise Problem("NOT_FOUND", "No such route")
    check_no_body(body)
    item = _campaign(sandbox, request)
    if item["status"] not in ("scheduled", "running", "paused"):
        raise Problem("BAD_REQUEST", f"A campaign that is {item['status']} cannot be cancelled")
    life.stop(item, "cancelled", sandbox.now())
    sendings.settle(sandbox.store, item["id"], "cancelled", sandbox.now())
    sandbox.store.put("campaign", item)
    return 200, {"data": _said(campaign(item, variables=True), sandbox.behaviour.answers)}


def another(sandbox: World, answer: Any) -> Any:
    """For a fault: another campaign's answer in place of this one; a made-up one where there is no other."""
    shown = answer["data"] if isinstance(answer, dict) and isinstance(answer.get("data"), dict) else {}
    for item in reversed(sandbox.store.all("campaign")):
        if item["id"] != shown.get("id"):
            return {"data": campaign(item, variables=True)}
    return {"data": {**shown, "id": str(uuid.uuid4()), "name": "Somebody else's"}}


def _said(answer: dict[str, Any], how: str) -> dict[str, Any]:
    return minimal(answer) if how == "minimal" else answer


def _name(sandbox: World, name: str) -> str:
    longest = sandbox.behaviour.longest_name
    if longest is None or len(name) <= longest:
        return name
    if sandbox.behaviour.name_over_limit == "cut":
        return name[:longest]
    message = f"Must not be longer than {longest} characters"
    raise Problem("VALIDATION_ERROR", "Validation failed", [{"field": "name", "message": message}])


def _is_out(sandbox: World, item: dict[str, Any], since: str) -> bool:
    """Whether what is behind the API has caught up with the create."""
    return (parse_instant(item.get(since)) or sandbox.now()) <= sandbox.now()


def _readable(sandbox: World, request: Request) -> dict[str, Any]:
    item = _campaign(sandbox, request)
    if not _is_out(sandbox, item, "_found"):
        raise Problem("NOT_FOUND", "Campaign not found")
    return item


def _campaign(sandbox: World, request: Request) -> dict[str, Any]:
    return found(sandbox, "campaign", request.path_params["id"])


def _check_variables(sandbox: World, body: dict[str, Any]) -> None:
    template = found(sandbox, "template", body["templateId"])
    wanted = {name.removeprefix("custom.") for name in template["variables"] if name.startswith("custom.")}
    missing = sorted(wanted - set(body.get("variables", {})))
    if missing:
        details = [{"field": f"variables.{name}", "message": "Missing"} for name in missing]
        raise Problem("TEMPLATE_VARIABLES_MISSING", "Template variables are missing", details)
