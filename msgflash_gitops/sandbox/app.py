"""The ASGI app: the documented routes, and around each of them key, limits, faults and the log."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from msgflash_gitops.sandbox import campaigns, control, faulty, lists, messages, previews
from msgflash_gitops.sandbox.behaviour import Fault, Seen
from msgflash_gitops.sandbox.dashboard import Dashboard
from msgflash_gitops.sandbox.limits import check_key
from msgflash_gitops.sandbox.problems import Problem
from msgflash_gitops.sandbox.world import World

API = "/api/v1"
Handler = Callable[[World, Request, Any], tuple[int, Any]]
_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/campaigns", campaigns.create),
    ("GET", "/campaigns", campaigns.index),
    ("GET", "/campaigns/{id}", campaigns.show),
    ("GET", "/campaigns/{id}/stats", campaigns.stats),
    ("POST", "/campaigns/{id}/pause", campaigns.pause),
    ("POST", "/campaigns/{id}/resume", campaigns.resume),
    ("POST", "/campaigns/{id}/cancel", campaigns.cancel),
    ("GET", "/messages", messages.index),
    ("GET", "/instances", lists.instances),
    ("GET", "/instances/{id}", lists.instance),
    ("GET", "/instances/{id}/state", lists.instance_state),
    ("GET", "/instances/{id}/health", lists.instance_health),
    ("GET", "/templates", lists.templates),
    ("GET", "/templates/{id}", lists.template),
    ("POST", "/templates/{id}/preview", previews.preview),
    ("GET", "/contacts", lists.contacts),
    ("GET", "/contacts/groups", lists.groups),
    ("GET", "/contacts/groups/{id}/members", lists.members),
    ("GET", "/contacts/{id}/groups", lists.groups_of_contact),
    ("GET", "/usage", lists.usage),
    ("GET", "/billing/usage", lists.usage),
)


def make_app(sandbox: Dashboard) -> Starlette:
    served = [_route(sandbox, *each) for each in _ROUTES]
    missing = {404: _no_route, 405: _no_route}
    return Starlette(routes=[*served, *control.routes(sandbox)], exception_handlers=missing)


def _route(sandbox: World, method: str, path: str, handler: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        return await _Exchange(sandbox, request, handler).run()

    return Route(API + path, endpoint, methods=[method])


async def _no_route(request: Request, error: Exception) -> Response:
    return faulty.refusal(Problem("NOT_FOUND", "No such route"))


class _Exchange:
    """One request. Between reading and writing state there is no await: the app is as deterministic as its clock."""

    def __init__(self, sandbox: World, request: Request, handler: Handler) -> None:
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
        seen.status = None if isinstance(response, faulty.Drop) else response.status_code
        return response

    def _answer(self, seen: Seen, fault: Fault | None) -> Response:
        try:
            key = check_key(dict(self.request.headers), self.path)
            self.sandbox.limits.check(key, seen.at, self.sandbox.behaviour)
            if fault is not None and fault.kind in faulty.BEFORE:
                return self._dated(faulty.before(fault))
            self.sandbox.tick()
            body = seen.body
            if fault is not None and fault.kind == "alter-name" and isinstance(body, dict):
                body = {**body, "name": str(body.get("name"))[:-4]}
            with self.sandbox.store.writing():
                status, answer = self.handler(self.sandbox, self.request, body)
                if fault is not None and fault.kind == "foreign-answer":
                    answer = campaigns.another(self.sandbox, answer)
            self.sandbox.tick()
        except Problem as problem:
            return self._dated(faulty.refusal(problem, retry_after="1" if self.sandbox.behaviour.retry_after else None))
        return self._dated(faulty.after(fault, status, answer) if fault else faulty.as_json(status, answer))

    def _dated(self, response: Response) -> Response:
        now = self.sandbox.now() + timedelta(seconds=self.sandbox.behaviour.date_offset)
        response.headers["date"] = format_datetime(now, usegmt=True)
        return response


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except (ValueError, RecursionError):
        return raw.decode(errors="replace")
