"""The way between one process and the server: latency, and a process that dies while a request is on its way."""

import asyncio
import random
from collections.abc import Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]


class Wire:
    """An ASGI app in front of the sandbox's. What was sent arrives, whether or not the sender lives on.

    `kill_at`: the request (counted from 0) at which the sender dies; `arrives`: whether that request still does.
    `served` is called after each request that the server has seen.
    """

    def __init__(
        self,
        app: Any,
        dice: random.Random,
        served: Callable[[], None],
        kill_at: int | None = None,
        *,
        arrives: bool = False,
    ) -> None:
        self._app = app
        self._dice = dice
        self._served = served
        self._kill_at = kill_at
        self._arrives = arrives
        self.dead = False
        self.sent = 0
        self.process: asyncio.Task[Any] | None = None
        self._arriving: set[asyncio.Task[list[Message]]] = set()

    def kill(self) -> None:
        self.dead = True
        if self.process is not None:
            self.process.cancel()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._alive()
        body = (await receive()).get("body", b"")
        dies = self.sent == self._kill_at
        self.sent += 1
        if dies and not self._arrives:
            self.kill()
            await self._alive()
        arriving = asyncio.ensure_future(self._serve(scope, body))
        self._arriving.add(arriving)
        arriving.add_done_callback(self._arrived)
        if dies:
            self.kill()
            await self._alive()
        messages = await asyncio.shield(arriving)
        await asyncio.sleep(self._latency())
        await self._alive()
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

    async def _alive(self) -> None:
        if self.dead:
            await asyncio.Event().wait()

    def _latency(self) -> float:
        return self._dice.choice((0.01, 0.05, 0.05, 0.2, 1.0))
