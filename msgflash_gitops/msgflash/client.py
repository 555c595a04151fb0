"""The client: the calls of `ports.CampaignApi` over HTTP."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import quote

from msgflash_gitops.errors import Ambiguous, ApiError, BadAnswer, NotFound, Refused
from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.msgflash.assumptions import CAMPAIGNS_LIST_PARAMETERS, CANCEL_ROUTE
from msgflash_gitops.msgflash.calls import Calls, RetryPolicy
from msgflash_gitops.msgflash.credentials import Credentials
from msgflash_gitops.msgflash.envelope import check_success, read_page
from msgflash_gitops.msgflash.leave import Leave
from msgflash_gitops.msgflash.pacing import Pacer
from msgflash_gitops.msgflash.paging import fetch_all
from msgflash_gitops.msgflash.transport import Timeouts, open_transport
from msgflash_gitops.msgflash.wire import payload, read_campaign, read_group, read_instance, read_tags, read_template
from msgflash_gitops.ports import Clock


@asynccontextmanager
async def open_client(
    credentials: Credentials,
    clock: Clock,
    *,
    asgi_app: Any | None = None,
    timeouts: Timeouts | None = None,
    policy: RetryPolicy | None = None,
    before_write: Callable[[], None] | None = None,
) -> "AsyncIterator[Client]":
    """A client for one key. `before_write` is called right before each write leaves, and may raise to keep it back."""
    async with open_transport(credentials, timeouts or Timeouts(), asgi_app) as transport:
        yield Client(Calls(transport, clock, Pacer(clock), policy or RetryPolicy(), before_write=before_write))


class Client:
    """Implements `ports.CampaignApi`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._cancels: bool | None = None

    @property
    def requests(self) -> int:
        return self._calls.sent

    @property
    def clock_skew(self) -> float | None:
        return self._calls.clock_skew

    async def list_campaigns(self) -> list[LiveCampaign]:
        """No page documents this route: where it is not there, nothing can be compared."""
        try:
            items = await self._campaigns()
        except NotFound as error:
            raise ApiError(
                "list campaigns: this server has no list of campaigns, so nothing can be compared, and nothing was sent",
                operation="list campaigns",
                status=error.status,
                hint="check the base URL; see docs/what-we-do-not-know.md",
            ) from None
        return [read_campaign(item, f"campaigns[{index}]") for index, item in enumerate(items)]

    async def _campaigns(self) -> list[Json]:
        try:
            return await self._list("campaigns", "/campaigns", CAMPAIGNS_LIST_PARAMETERS)
        except Refused as error:
            if error.status not in (400, 422):
                raise
        return await self._list("campaigns", "/campaigns", {})

    async def get_campaign(self, campaign_id: str) -> LiveCampaign:
        body = await self._calls.read("get campaign", f"/campaigns/{quote(campaign_id, safe='')}")
        return read_campaign(payload(body, "get campaign"), "data")

    async def create_campaign(
        self, body: JsonObject, *, before: Callable[[], None] | None = None, until: datetime | None = None
    ) -> LiveCampaign:
        return await self._write("create campaign", "/campaigns", body, Leave(before, until))

    async def pause_campaign(self, campaign_id: str) -> LiveCampaign:
        return await self._write("pause campaign", _path(campaign_id, "pause"))

    async def resume_campaign(self, campaign_id: str) -> LiveCampaign:
        return await self._write("resume campaign", _path(campaign_id, "resume"))

    async def cancel_campaign(self, campaign_id: str) -> bool:
        if self._cancels is False:
            return False
        try:
            answer = await self._calls.write("cancel campaign", _path(campaign_id, CANCEL_ROUTE))
            if isinstance(answer, Mapping):
                check_success(answer, "cancel campaign")
        except NotFound:
            if self._cancels:
                raise  # the call exists, so it is the campaign that does not
            self._cancels = False
            return False
        except BadAnswer as error:
            raise Ambiguous(error.message, operation="cancel campaign") from None
        self._cancels = True
        return True

    async def list_instances(self) -> list[Instance]:
        items = await self._list("instances", "/instances", {})
        read = (read_instance(item, f"instances[{index}]") for index, item in enumerate(items))
        return [instance for instance in read if instance is not None]

    async def list_templates(self) -> list[Template]:
        items = await self._list("templates", "/templates", {"page": "1", "limit": "100"})
        return [read_template(item, f"templates[{index}]") for index, item in enumerate(items)]

    async def list_groups(self) -> list[Group]:
        items = await self._list("groups", "/contacts/groups", {"limit": "100"})
        return [read_group(item, f"groups[{index}]") for index, item in enumerate(items)]

    async def count_contacts(self) -> int | None:
        body = await self._calls.read("count contacts", "/contacts", {"limit": "1"})
        total = read_page(body, "contacts").total
        return total if total is not None and total >= 0 else None

    async def list_contact_tags(self) -> list[frozenset[str]]:
        items = await self._list("contacts", "/contacts", {"limit": "100"})
        return [read_tags(item, f"contacts[{index}]") for index, item in enumerate(items)]

    async def _list(self, name: str, path: str, parameters: Mapping[str, str]) -> list[Json]:
        return await fetch_all(lambda query: self._calls.read(f"list {name}", path, query), name, parameters)

    async def _write(
        self, operation: str, path: str, body: JsonObject | None = None, leave: Leave | None = None
    ) -> LiveCampaign:
        """An answer that was understood; one of another shape leaves the outcome open."""
        answer = await self._calls.write(operation, path, body, leave)
        try:
            return read_campaign(payload(answer, operation), "data")
        except BadAnswer as error:
            raise Ambiguous(_named(operation, error.message), operation=operation) from None


def _path(campaign_id: str, action: str) -> str:
    return f"/campaigns/{quote(campaign_id, safe='')}/{action}"


def _named(operation: str, message: str) -> str:
    return message if message.startswith(operation) else f"{operation}: {message}"
