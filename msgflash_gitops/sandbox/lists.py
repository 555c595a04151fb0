"""Instances, templates, contacts, groups, usage; and the envelopes in which lists come."""

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from msgflash_gitops.sandbox.problems import Problem

if TYPE_CHECKING:
    from msgflash_gitops.sandbox.world import Sandbox

Answer = tuple[int, Any]


def instances(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    """Page "List instances": a plain list."""
    return 200, {"data": sandbox.store.all("instance")}


def instance(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    return 200, {"data": found(sandbox, "instance", request.path_params["id"])}


def instance_state(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    item = found(sandbox, "instance", request.path_params["id"])
    state = {"connected": "open"}.get(item["status"], "close")
    return 200, {"data": {"instanceId": item["id"], "status": item["status"], "providerState": state}}


def templates(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    """Page "List templates": page and limit."""
    return 200, {"data": by_page(request, sandbox.store.all("template"), "templates", default=20)}


def template(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    return 200, {"data": found(sandbox, "template", request.path_params["id"])}


def contacts(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    """Page "List contacts": search and sort, cursor."""
    items = sandbox.store.all("contact")
    search = request.query_params.get("search", "").lower()
    sort = request.query_params.get("sort", "createdAt_desc")
    if sort not in ("createdAt_desc", "name_asc"):
        raise Problem("VALIDATION_ERROR", "Unknown sort")
    if search:
        items = [item for item in items if search in item["name"].lower() or search in item["phone"]]
    if sort == "name_asc":
        items.sort(key=lambda item: item["name"])
    return 200, {"data": {**by_cursor(request, items, "contacts"), "sort": sort}}


def groups(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    """Page "List contact groups": cursor."""
    return 200, {"data": by_cursor(request, sandbox.store.all("group"), "groups")}


def usage(sandbox: "Sandbox", request: Request, body: Any) -> Answer:
    """Page "Usage"."""
    limits = {
        "monthlyApiRequestQuota": sandbox.behaviour.monthly_requests,
        "monthlyOutboundQuota": sandbox.behaviour.monthly_outbound,
    }
    used = {
        "apiRequestsCount": sandbox.store.count("requests"),
        "effectiveOutboundUsage": sandbox.store.count("outbound"),
    }
    return 200, {
        "data": {"limits": limits, "features": {"campaigns": sandbox.behaviour.campaigns_on_plan}, "usage": used}
    }


def found(sandbox: "Sandbox", kind: str, identity: str) -> dict[str, Any]:
    """Raises Problem for what does not exist, or belongs to another account: the answer is the same."""
    item = sandbox.store.get(kind, identity.lower())
    if item is None:
        raise Problem("NOT_FOUND", f"{kind.capitalize()} not found")
    return item


def enveloped(request: Request, items: list[dict[str, Any]], name: str, envelope: str) -> dict[str, Any]:
    """A list in one of the shapes that the documentation shows for some resource."""
    if envelope == "plain":
        return {"data": items}
    if envelope == "page":
        return {"data": by_page(request, items, name, default=20)}
    if envelope == "nested":
        page = by_page(request, items, "data", default=20)
        return {"data": page}
    return {"data": by_cursor(request, items, name)}


def by_cursor(request: Request, items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    limit = _number(request, "limit", 50)
    start = _from_cursor(request.query_params.get("cursor"))
    chosen = items[start : start + limit]
    more = start + limit < len(items)
    following = base64.urlsafe_b64encode(str(start + limit).encode()).decode() if more else None
    return {name: chosen, "total": len(items), "limit": limit, "nextCursor": following, "hasMore": more}


def by_page(request: Request, items: list[dict[str, Any]], name: str, *, default: int) -> dict[str, Any]:
    limit, page = _number(request, "limit", default), _number(request, "page", 1, most=1_000_000)
    start = (page - 1) * limit
    return {name: items[start : start + limit], "total": len(items), "page": page, "limit": limit}


def _number(request: Request, name: str, default: int, most: int = 100) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise Problem("VALIDATION_ERROR", f"{name} must be between 1 and {most}")
    return int(text)


def _from_cursor(text: str | None) -> int:
    if not text:
        return 0
    try:
        start = int(base64.urlsafe_b64decode(text))
    except (ValueError, binascii.Error):
        start = -1
    if start < 0:
        raise Problem("VALIDATION_ERROR", "Invalid cursor")
    return start
