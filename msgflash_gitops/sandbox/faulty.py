"""Answers that go wrong on request."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from msgflash_gitops.sandbox.behaviour import Fault
from msgflash_gitops.sandbox.problems import Problem

BEFORE = ("drop-before", "status", "rate-limit", "refuse")
_HUGE = 60 * 1024 * 1024
_CHUNK = b"[]," * 100_000


class Drop(Response):
    """No answer: the connection is closed. In process, a ConnectionResetError stands for that."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        abort: Callable[[], None] | None = scope.get("extensions", {}).get("sandbox.abort")
        if abort is None:
            raise ConnectionResetError("dropped on request")
        abort()
        await asyncio.sleep(0.01)


def before(fault: Fault) -> Response:
    """Instead of carrying the request out."""
    if fault.kind == "drop-before":
        return Drop()
    if fault.kind == "rate-limit":
        return refusal(Problem("API_RATE_LIMIT_EXCEEDED", "Slow down"), retry_after=fault.retry_after)
    return refusal(Problem(fault.code, "Fault on request", status=fault.status))


def after(fault: Fault, status: int, answer: Any) -> Response:
    """In place of the answer to a request that was carried out."""
    text = json.dumps(answer)
    match fault.kind:
        case "drop-after":
            return Drop()
        case "status-after":
            return refusal(Problem(fault.code, "Fault on request", status=fault.status))
        case "garbage":
            return Response("<html>upstream says hello</html>", status, media_type="text/html")
        case "truncated":
            return Response(text[: len(text) // 2], status, media_type="application/json")
        case "wrong-shape":
            return as_json(status, {"data": {"unexpected": True}})
        case "lie-id":
            return as_json(status, _under_another_id(answer))
        case "pad":
            return StreamingResponse(_padding(fault.interval), status, media_type="application/json")
        case "drip":
            return StreamingResponse(_dripping(text, fault.interval), status, media_type="application/json")
        case "huge":
            return StreamingResponse(_filling(), status, media_type="application/json")
        case _:
            return as_json(status, answer)


def refusal(problem: Problem, retry_after: str | None = None) -> Response:
    response = as_json(problem.status, problem.body)
    if problem.status == 429 and retry_after is not None:
        response.headers["retry-after"] = retry_after
    return response


def as_json(status: int, answer: Any) -> Response:
    return Response(json.dumps(answer), status, media_type="application/json")


def _under_another_id(answer: Any) -> Any:
    data = answer.get("data") if isinstance(answer, dict) else None
    return {**answer, "data": {**data, "id": str(uuid.uuid4())}} if isinstance(data, dict) else answer


async def _padding(interval: float) -> AsyncIterator[bytes]:
    """Until the client goes away."""
    while True:
        yield b" "
        await asyncio.sleep(interval)


async def _dripping(text: str, interval: float) -> AsyncIterator[bytes]:
    for byte in text.encode():
        yield bytes((byte,))
        await asyncio.sleep(interval)


async def _filling() -> AsyncIterator[bytes]:
    """Valid JSON, made as it goes out."""
    yield b'{"data": ['
    for _ in range(_HUGE // len(_CHUNK)):
        yield _CHUNK
        await asyncio.sleep(0)
    yield b"[]]}"
