"""`/_sandbox/…`: look at the sandbox and steer it over HTTP, for rehearsals and for tests in another process. No key."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from msgflash_gitops.sandbox.answers import instant
from msgflash_gitops.sandbox.behaviour import Fault
from msgflash_gitops.sandbox.checks import parse_instant
from msgflash_gitops.sandbox.dashboard import Dashboard

Action = Callable[[Dashboard, dict[str, str], dict[str, Any]], Any]


def routes(sandbox: Dashboard) -> list[Route]:
    return [
        _route(sandbox, "GET", "/state", _state),
        _route(sandbox, "POST", "/clock", _clock),
        _route(sandbox, "POST", "/faults", _faults),
        _route(sandbox, "POST", "/behaviour", _behaviour),
        _route(sandbox, "POST", "/campaigns", _add),
        _route(sandbox, "POST", "/campaigns/{id}/status", _status),
        _route(sandbox, "PATCH", "/campaigns/{id}", _edit),
        _route(sandbox, "POST", "/campaigns/{id}/pause", _pause),
        _route(sandbox, "POST", "/campaigns/{id}/resume", _resume),
        _route(sandbox, "POST", "/campaigns/{id}/cancel", _cancel),
        _route(sandbox, "DELETE", "/campaigns/{id}", _delete),
        _route(sandbox, "POST", "/contacts", _contact),
        _route(sandbox, "GET", "/deliveries", _deliveries),
    ]


def _route(sandbox: Dashboard, method: str, path: str, action: Action) -> Route:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        try:
            body = json.loads(raw) if raw else {}
            return JSONResponse(action(sandbox, dict(request.path_params), body))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)

    return Route("/_sandbox" + path, endpoint, methods=[method])


def _state(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    return {
        "now": instant(sandbox.now()),
        "campaigns": [{k: v for k, v in item.items() if not k.startswith("_")} for item in sandbox.campaigns()],
        "deliveries": _deliveries(sandbox, path, body),
        "requests": [{"at": s.at, "method": s.method, "path": s.path, "status": s.status} for s in sandbox.requests],
    }


def _deliveries(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    sandbox.tick()
    return [{**dataclasses.asdict(each), "at": instant(each.at)} for each in sandbox.deliveries]


def _clock(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    """`{"advance": seconds}` or `{"now": instant}`; it only goes forward."""
    wanted = parse_instant(body["now"]) if "now" in body else None
    seconds = (wanted - sandbox.now()).total_seconds() if wanted else float(body["advance"])
    if seconds < 0:
        raise ValueError("the clock only goes forward")
    sandbox.advance(seconds)
    return {"now": instant(sandbox.now())}


def _faults(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    """A fault's fields; an empty object clears what is waiting."""
    if body:
        sandbox.faults.add(Fault(**body))
    else:
        sandbox.faults.clear()
    return {}


def _behaviour(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    sandbox.behaviour = dataclasses.replace(sandbox.behaviour, **body)
    return dataclasses.asdict(sandbox.behaviour)


def _add(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    """A campaign made in the dashboard: the body of a create, `status` besides."""
    status = body.pop("status", "scheduled")
    return {"id": sandbox.add_campaign(body, status)["id"]}


def _status(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    sandbox.set_status(path["id"], body["status"])
    return {}


def _edit(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    """Some fields of the campaign, with their new values."""
    sandbox.edit_campaign(path["id"], **body)
    return {}


def _pause(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    sandbox.pause_by_hand(path["id"])
    return {}


def _resume(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    sandbox.resume_by_hand(path["id"])
    return {}


def _cancel(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    sandbox.cancel_by_hand(path["id"])
    return {}


def _contact(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    """`{"name", "phone", "tags"}`."""
    return {"id": sandbox.add_contact(**body)["id"]}


def _delete(sandbox: Dashboard, path: dict[str, str], body: dict[str, Any]) -> Any:
    sandbox.delete_campaign(path["id"])
    return {}
