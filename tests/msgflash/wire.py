"""A server on loopback that answers exactly as it is told, odd answers included."""

import asyncio
import contextlib
import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias


class Act(Enum):
    """What a server may do instead of answering."""

    DROP = "closes without an answer"
    HANG = "keeps the connection and says nothing"


@dataclass(frozen=True)
class Received:
    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Said: TypeAlias = "bytes | Act"
Script: TypeAlias = "Sequence[Said] | Callable[[Received], Said | Awaitable[Said]]"


@dataclass
class Wire:
    """`received` holds every request in the order of arrival."""

    script: Script
    url: str = ""
    received: list[Received] = field(default_factory=list)

    async def say(self, request: Received) -> Said:
        self.received.append(request)
        if not callable(self.script):
            return self.script[min(len(self.received), len(self.script)) - 1]
        said = self.script(request)
        return await said if inspect.isawaitable(said) else said

    def count(self, method: str) -> int:
        return sum(each.method == method for each in self.received)


def answer(body: Any = None, status: int = 200, **headers: str) -> bytes:
    """A whole answer; `body` as JSON unless it is bytes; `retry_after="3"` is the header Retry-After."""
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Said", f"content-length: {len(payload)}", *(f"{k}: {v}" for k, v in named.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + payload


def refused(code: str, status: int, message: str = "No", **headers: str) -> bytes:
    """An error in the documented form."""
    return answer({"error": {"code": code, "message": message, "details": []}}, status, **headers)


def cut(whole: bytes) -> bytes:
    """The first half of an answer; the connection closes after it, because the promised length never comes."""
    return whole[: -max(1, len(whole.partition(b"\r\n\r\n")[2]) // 2)]


@asynccontextmanager
async def serving(script: Script, sock: Any = None) -> AsyncIterator[Wire]:
    wire = Wire(script)
    handlers: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers.add(task)
        try:
            await _converse(wire, reader, writer)
        finally:
            handlers.discard(task)
            writer.close()

    where = {"sock": sock} if sock is not None else {"host": "127.0.0.1", "port": 0}
    server = await asyncio.start_server(accept, **where)
    host, port = server.sockets[0].getsockname()[:2]
    wire.url = f"http://{host}:{port}"
    try:
        yield wire
    finally:
        server.close()
        for each in list(handlers):
            each.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)


async def _converse(wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        while True:
            said = await wire.say(await _read(reader))
            if said is Act.DROP:
                return
            if isinstance(said, Act):
                await reader.read()
                return
            writer.write(said)
            await writer.drain()
            if not _is_whole(said):
                return


def _is_whole(said: bytes) -> bool:
    head, _, body = said.partition(b"\r\n\r\n")
    length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(length) and len(body) >= int(length[0].split(b":")[1])


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, target, _ = first.split(" ")
    return Received(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))
