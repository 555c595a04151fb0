"""The ASGI app: the documented routes, and around each of them key, limits, faults and the log."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from msgflash_gitops.sandbox import campaigns, control, lists
from msgflash_gitops.sandbox.behaviour import Fault, Seen
from msgflash_gitops.sandbox.limits import check_key
from msgflash_gitops.sandbox.problems import Problem

if TYPE_CHECKING:
    from msgflash_gitops.sandbox.world import Sandbox

API = "/api/v1"
Handler = Callable[["Sandbox", Request, Any], tuple[int, Any]]
_BEFORE = ("drop-before", "status", "rate-limit", "refuse")


def make_app(sandbox: "Sandbox") -> Starlette:
    routes = [
        _route(sandbox, "POST", "/campaigns", campaigns.create),
        _route(sandbox, "GET", "/campaigns", campaigns.index),
        _route(sandbox, "GET", "/campaigns/{id}", campaigns.show),
        _route(sandbox, "POST", "/campaigns/{id}/pause", campaigns.pause),
        _route(sandbox, "POST", "/campaigns/{id}/resume", campaigns.resume),
        _route(sandbox, "POST", "/campaigns/{id}/cancel", campaigns.cancel),
        _route(sandbox, "GET", "/instances", lists.instances),
        _route(sandbox, "GET", "/instances/{id}", lists.instance),
        _route(sandbox, "GET", "/instances/{id}/state", lists.instance_state),
        _route(sandbox, "GET", "/templates", lists.templates),
        _route(sandbox, "GET", "/templates/{id}", lists.template),
        _route(sandbox, "GET", "/contacts", lists.contacts),
        _route(sandbox, "GET", "/contacts/groups", lists.groups),
        _route(sandbox, "GET", "/usage", lists.usage),
        *control.routes(sandbox),
    ]
    return Starlette(routes=routes, exception_handlers={404: _no_route, 405: _no_route})


def _route(sandbox: "Sandbox", method: str, path: str, handler: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        return await _Exchange(sandbox, request, handler).run()

    return Route(API + path, endpoint, methods=[method])


async def _no_route(request: Request, error: Exception) -> Response:
    return _json(404, Problem("NOT_FOUND", "No such route").body)


class _Exchange:
    """One request. Between reading and writing state there is no await: the app is as deterministic as its clock."""

    def __init__(self, sandbox: "Sandbox", request: Request, handler: Handler) -> None:
        self.sandbox = sandbox
        self.request = request
        self.handler = handler
        self.path = request.url.path.removeprefix(API)

    async def run(self) -> Response:
        raw = await self.request.body()
        seen = Seen(
            self.sandbox.monotonic(),
            self.request.method,
            self.path,
            _parsed(raw),
            dict(self.request.query_params),
            headers=dict(self.request.headers),
        )
        self.sandbox.remember(seen)
        fault = self.sandbox.faults.take(seen.method, self.path)
        if self.sandbox.behaviour.latency:
            await asyncio.sleep(self.sandbox.behaviour.latency)
        if fault is not None and fault.kind == "hang-before":
            await asyncio.sleep(fault.delay)
        response = self._answer(seen, fault)
        if fault is not None and fault.kind == "hang-after":
            await asyncio.sleep(fault.delay)
        seen.status = None if isinstance(response, Drop) else response.status_code
        return response

    def _answer(self, seen: Seen, fault: Fault | None) -> Response:
        try:
            key = check_key(dict(self.request.headers), self.path)
            self.sandbox.limits.check(key, seen.at, self.sandbox.behaviour)
            if fault is not None and fault.kind in _BEFORE:
                return self._dated(_fault_before(fault))
            self.sandbox.tick()
            body = seen.body
            if fault is not None and fault.kind == "alter-name" and isinstance(body, dict):
                body = {**body, "name": str(body.get("name"))[:-4]}
            with self.sandbox.store.writing():
                status, answer = self.handler(self.sandbox, self.request, body)
            self.sandbox.tick()
        except Problem as problem:
            return self._dated(_problem(problem, retry_after="1" if self.sandbox.behaviour.retry_after else None))
        if fault is not None:
            return self._dated(_fault_after(fault, status, answer))
        return self._dated(_json(status, answer))

    def _dated(self, response: Response) -> Response:
        now = self.sandbox.now() + timedelta(seconds=self.sandbox.behaviour.date_offset)
        response.headers["date"] = format_datetime(now, usegmt=True)
        return response


class Drop(Response):
    """No answer: the connection is closed. In process, a ConnectionResetError stands for that."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        abort: Callable[[], None] | None = scope.get("extensions", {}).get("sandbox.abort")
        if abort is None:
            raise ConnectionResetError("dropped on request")
        abort()
        await asyncio.sleep(0.01)


def _fault_before(fault: Fault) -> Response:
    if fault.kind == "drop-before":
        return Drop()
    if fault.kind == "rate-limit":
        return _problem(Problem("API_RATE_LIMIT_EXCEEDED", "Slow down"), retry_after=fault.retry_after)
    return _problem(Problem(fault.code, "Fault on request", status=fault.status))


def _fault_after(fault: Fault, status: int, answer: Any) -> Response:
    text = json.dumps(answer)
    match fault.kind:
        case "drop-after":
            return Drop()
        case "status-after":
            return _problem(Problem(fault.code, "Fault on request", status=fault.status))
        case "garbage":
            return Response("<html>upstream says hello</html>", status, media_type="text/html")
        case "truncated":
            return Response(text[: len(text) // 2], status, media_type="application/json")
        case "wrong-shape":
            return _json(status, {"data": {"unexpected": True}})
        case _:
            return _json(status, answer)


def _problem(problem: Problem, retry_after: str | None = None) -> Response:
    response = _json(problem.status, problem.body)
    if problem.status == 429 and retry_after is not None:
        response.headers["retry-after"] = retry_after
    return response


def _json(status: int, answer: Any) -> Response:
    return Response(json.dumps(answer), status, media_type="application/json")


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except (ValueError, RecursionError):
        return raw.decode(errors="replace")
