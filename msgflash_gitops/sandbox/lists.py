"""Instances, templates, contacts, groups, usage."""

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from msgflash_gitops.sandbox.answers import instant
from msgflash_gitops.sandbox.audience import groups_of
from msgflash_gitops.sandbox.audience import members as members_of
from msgflash_gitops.sandbox.envelopes import Answer, by_cursor, by_page, found
from msgflash_gitops.sandbox.problems import Problem
from msgflash_gitops.sandbox.world import World


def instances(sandbox: World, request: Request, body: Any) -> Answer:
    """Page "List instances": a plain list."""
    return 200, {"data": sandbox.store.all("instance")}


def instance(sandbox: World, request: Request, body: Any) -> Answer:
    return 200, {"data": found(sandbox, "instance", request.path_params["id"])}


def instance_state(sandbox: World, request: Request, body: Any) -> Answer:
    item = found(sandbox, "instance", request.path_params["id"])
    state = {"connected": "open"}.get(item["status"], "close")
    return 200, {"data": {"instanceId": item["id"], "status": item["status"], "providerState": state}}


def instance_health(sandbox: World, request: Request, body: Any) -> Answer:
    """A hint, no contract: the documentation has the route, and the fields are those that the console reads.

    Which way `safetyScore` points is contradictory there.
    """
    item = found(sandbox, "instance", request.path_params["id"])
    connected = item["status"] == "connected"
    policy = {"hourlyOutboundCap": 60, "dailyOutboundCap": 500, "maxCampaignRecipients": 200, "maxColdRatio": 0.3}
    health = {
        "instanceId": item["id"],
        "safetyState": "stable" if connected else "new",
        "safetyScore": 10,
        "warmupPolicy": policy,
        "recommendations": [] if connected else ["Connect the number"],
    }
    return 200, {"data": health}


def templates(sandbox: World, request: Request, body: Any) -> Answer:
    """Page "List templates": page and limit."""
    return 200, {"data": by_page(request, sandbox.store.all("template"), "templates", default=20)}


def template(sandbox: World, request: Request, body: Any) -> Answer:
    return 200, {"data": found(sandbox, "template", request.path_params["id"])}


def contacts(sandbox: World, request: Request, body: Any) -> Answer:
    """Page "List contacts": search and sort, cursor."""
    items = _searched(request, sandbox.store.all("contact"))
    sort = request.query_params.get("sort", "createdAt_desc")
    if sort not in ("createdAt_desc", "name_asc"):
        raise Problem("VALIDATION_ERROR", "Unknown sort", [{"field": "sort", "message": "Unknown"}])
    if sort == "name_asc":
        items.sort(key=lambda item: item["name"])
    return 200, {"data": {**by_cursor(request, items, "contacts"), "sort": sort}}


def groups(sandbox: World, request: Request, body: Any) -> Answer:
    """Page "List contact groups": search, cursor."""
    search = request.query_params.get("search", "").lower()
    items = [item for item in sandbox.store.all("group") if search in item["name"].lower()]
    return 200, {"data": by_cursor(request, items, "groups")}


def members(sandbox: World, request: Request, body: Any) -> Answer:
    """Page "List group members": search, cursor."""
    group = found(sandbox, "group", request.path_params["id"])
    page = by_cursor(request, _searched(request, members_of(sandbox.store, group)), "contacts")
    return 200, {"data": {name: value for name, value in page.items() if name != "limit"}}


def groups_of_contact(sandbox: World, request: Request, body: Any) -> Answer:
    """Page "List a contact's groups". Its envelope is not documented: that of groups."""
    contact = found(sandbox, "contact", request.path_params["id"])
    return 200, {"data": by_cursor(request, groups_of(sandbox.store, contact["id"]), "groups")}


def _searched(request: Request, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    search = request.query_params.get("search", "").lower()
    return [item for item in items if search in item["name"].lower() or search in item["phone"]]


def usage(sandbox: World, request: Request, body: Any) -> Answer:
    """Pages "Usage" and "Billing usage". Counters are never set back: a period passes in the sandbox without one."""
    limits = {
        "monthlyApiRequestQuota": sandbox.behaviour.monthly_requests,
        "monthlyOutboundQuota": sandbox.behaviour.monthly_outbound,
    }
    used = {
        "apiRequestsCount": sandbox.store.count("requests"),
        "effectiveOutboundUsage": sandbox.store.count("outbound"),
    }
    start = sandbox.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (start + timedelta(days=32)).replace(day=1)
    data = {
        "limits": limits,
        "features": {"campaigns": sandbox.behaviour.campaigns_on_plan},
        "usage": used,
        "period": {"start": instant(start), "end": instant(end)},
    }
    return 200, {"data": data}
