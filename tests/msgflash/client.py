"""The client, talking to a server that answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.msgflash.calls import RetryPolicy
from msgflash_gitops.msgflash.client import Client
from msgflash_gitops.msgflash.transport import Timeouts
from msgflash_gitops.ports import Clock
from tests.msgflash.clocks import QuickClock
from tests.msgflash.wire import Script, Wire, answer, serving

T = TypeVar("T")
KEY = "msgf_live_" + "5a" * 32
TEAM_KEY = "msgf_team_" + "7e" * 32
TEAM_ID = "7e7e7e7e-7e7e-4e7e-8e7e-7e7e7e7e7e7e"
CAMPAIGN = {"id": "c1", "name": "Spring", "status": "scheduled"}
BODY = {"name": "Spring"}
CREATED = answer({"data": CAMPAIGN}, 201)
NONE = answer({"data": []})
CALLS: dict[str, Callable[[Client], Awaitable[Any]]] = {
    "list campaigns": lambda client: client.list_campaigns(),
    "list instances": lambda client: client.list_instances(),
    "list templates": lambda client: client.list_templates(),
    "list groups": lambda client: client.list_groups(),
    "get campaign": lambda client: client.get_campaign("c1"),
    "create campaign": lambda client: client.create_campaign(BODY),
    "pause campaign": lambda client: client.pause_campaign("c1"),
    "resume campaign": lambda client: client.resume_campaign("c1"),
    "cancel campaign": lambda client: client.cancel_campaign("c1"),
}
READS = [name for name in CALLS if name.startswith(("list", "get"))]
WRITES = [name for name in CALLS if name not in READS]


@asynccontextmanager
async def talking(
    script: Script, *, clock: Clock | None = None, credentials: Credentials | None = None, **options: Any
) -> AsyncIterator[tuple[Client, Wire]]:
    async with serving(script) as wire:
        known = credentials or Credentials(wire.url, Secret(KEY))
        async with open_client(known, clock or QuickClock(), **options) as client:
            yield client, wire


def said(script: Script, call: str | Callable[[Client], Awaitable[T]], **options: Any) -> tuple[Any, Wire]:
    """What the call returns, or the error that it raises; and what the server saw."""

    async def exchange() -> tuple[Any, Wire]:
        async with talking(script, **options) as (client, wire):
            try:
                return await (CALLS[call] if isinstance(call, str) else call)(client), wire
            except Exception as error:
                return error, wire

    return asyncio.run(exchange())


__all__ = ["BODY", "CALLS", "CREATED", "KEY", "NONE", "READS", "WRITES", "RetryPolicy", "Timeouts", "said", "talking"]
