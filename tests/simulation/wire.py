"""The way between one process and the server: latency, and a process that dies or stops while a request is on its way."""

import asyncio
import random
from collections.abc import Callable, MutableMapping
from typing import Any

from tests.simulation.process import REQUEST, Process

Message = MutableMapping[str, Any]
Sends = Callable[[Process, str, str, bytes], None]


class Wire:
    """An ASGI app in front of the sandbox's. What was sent arrives, whether or not the sender lives on.

    `sends` is called with each request that leaves, `served` after each that the server has seen.
    """

    def __init__(
        self, app: Any, dice: random.Random, process: Process, sends: Sends, served: Callable[[], None]
    ) -> None:
        self._app = app
        self._dice = dice
        self._process = process
        self._sends = sends
        self._served = served
        self._arriving: set[asyncio.Task[list[Message]]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._process.awake()
        body = (await receive()).get("body", b"")
        blow = self._process.next(REQUEST)
        await self._process.take(blow, through=False)
        self._sends(self._process, scope["method"], scope["path"], body)
        arriving = asyncio.ensure_future(self._serve(scope, body))
        self._arriving.add(arriving)
        arriving.add_done_callback(self._arrived)
        await self._process.take(blow, through=True)
        messages = await asyncio.shield(arriving)
        await asyncio.sleep(self._latency())
        await self._process.awake()
        for message in messages:
            await send(message)

    async def _serve(self, scope: Any, body: bytes) -> list[Message]:
        await asyncio.sleep(self._latency())
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        try:
            await self._app(dict(scope), receive, send)
        finally:
            self._served()
        return messages

    def _arrived(self, task: asyncio.Task[list[Message]]) -> None:
        self._arriving.discard(task)
        if not task.cancelled():
            task.exception()

    def _latency(self) -> float:
        return self._dice.choice((0.01, 0.05, 0.05, 0.2, 1.0))
