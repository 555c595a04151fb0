"""The client: the calls of `ports.CampaignApi` over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from msgflash_gitops.errors import Ambiguous, ApiError, BadAnswer, NoSuchList, NotFound, Refused
from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.message import CampaignStats, MessageRef
from msgflash_gitops.msgflash.assumptions import CAMPAIGNS_LIST_PARAMETERS, CANCEL_ROUTE, MESSAGES_LIST_PARAMETERS
from msgflash_gitops.msgflash.calls import Calls, RetryPolicy
from msgflash_gitops.msgflash.credentials import Credentials
from msgflash_gitops.msgflash.envelope import check_success, read_page
from msgflash_gitops.msgflash.failures import quoted
from msgflash_gitops.msgflash.leave import Leave
from msgflash_gitops.msgflash.pacing import Pacer
from msgflash_gitops.msgflash.paging import Fetch, fetch_all, fetch_some
from msgflash_gitops.msgflash.transport import Timeouts, open_transport
from msgflash_gitops.msgflash.wire import (
    payload,
    read_campaign,
    read_group,
    read_instance,
    read_message,
    read_stats,
    read_tags,
    read_template,
    read_written,
    same_id,
)
from msgflash_gitops.ports import Clock

AskList = Callable[[Mapping[str, str]], Awaitable[list[Json]]]


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
        self._lists: bool | None = None

    @property
    def requests(self) -> int:
        return self._calls.sent

    @property
    def clock_skew(self) -> float | None:
        return self._calls.clock_skew

    async def lists_campaigns(self) -> bool:
        if self._lists is None:
            try:
                await self._of_the_list(self._probe, {"limit": "1"})
            except NoSuchList:
                return False
        return self._lists is True

    async def list_campaigns(self) -> list[LiveCampaign]:
        items = await self._of_the_list(self._all_campaigns, CAMPAIGNS_LIST_PARAMETERS)
        return [read_campaign(item, f"campaigns[{index}]") for index, item in enumerate(items)]

    async def _probe(self, parameters: Mapping[str, str]) -> list[Json]:
        return read_page(await self._calls.read("list campaigns", "/campaigns", parameters), "campaigns").items

    async def _all_campaigns(self, parameters: Mapping[str, str]) -> list[Json]:
        return await self._list("campaigns", "/campaigns", parameters)

    async def _of_the_list(self, ask: AskList, parameters: Mapping[str, str]) -> list[Json]:
        """No page documents the list: whether there is one is remembered. `limit` may be refused: then without."""
        if self._lists is False:
            raise _no_list(None)
        try:
            try:
                found = await ask(parameters)
            except Refused as error:
                if error.status not in (400, 422):
                    raise
                found = await ask({})
        except NotFound as error:
            if self._lists or error.status not in (404, 405):
                raise
            self._lists = False
            raise _no_list(error.status) from None
        self._lists = True
        return found

    async def get_campaign(self, campaign_id: str) -> LiveCampaign:
        body = await self._calls.read("get campaign", _path(campaign_id))
        live = read_campaign(payload(body, "get campaign"), "data")
        _check_id("get campaign", campaign_id, live.id)
        return live

    async def get_stats(self, campaign_id: str) -> CampaignStats:
        body = await self._calls.read("get statistics", _path(campaign_id, "stats"))
        stats = read_stats(payload(body, "get statistics"), "data")
        _check_id("get statistics", campaign_id, stats.campaign_id)
        return stats

    async def list_messages(self, instance_id: str, most_pages: int) -> list[MessageRef]:
        parameters = {**MESSAGES_LIST_PARAMETERS, "instanceId": instance_id}
        items = await fetch_some(self._fetch("messages", "/messages"), "messages", parameters, most_pages)
        read = (read_message(item, f"messages[{index}]", instance_id) for index, item in enumerate(items))
        undated = datetime.min.replace(tzinfo=UTC)
        messages = [message for message in read if message is not None]
        return sorted(messages, key=lambda each: each.created_at or undated, reverse=True)

    async def create_campaign(
        self, body: JsonObject, *, before: Callable[[], None] | None = None, until: datetime | None = None
    ) -> LiveCampaign:
        return await self._write("create campaign", "/campaigns", body=body, leave=Leave(before, until))

    async def pause_campaign(self, campaign_id: str) -> LiveCampaign:
        return await self._write("pause campaign", _path(campaign_id, "pause"), campaign_id)

    async def resume_campaign(self, campaign_id: str) -> LiveCampaign:
        return await self._write("resume campaign", _path(campaign_id, "resume"), campaign_id)

    async def cancel_campaign(self, campaign_id: str) -> bool:
        if self._cancels is False:
            return False
        try:
            answer = await self._calls.write("cancel campaign", _path(campaign_id, CANCEL_ROUTE))
        except NotFound:
            if self._cancels:
                raise  # the call exists, so it is the campaign that does not
            self._cancels = False
            return False
        try:
            _check_cancelled(answer, campaign_id)
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
        return await fetch_all(self._fetch(name, path), name, parameters)

    def _fetch(self, name: str, path: str) -> Fetch:
        whole = self._calls.listing()
        return lambda query: self._calls.read(f"list {name}", path, query, whole)

    async def _write(
        self,
        operation: str,
        path: str,
        campaign_id: str | None = None,
        *,
        body: JsonObject | None = None,
        leave: Leave | None = None,
    ) -> LiveCampaign:
        """An answer that was understood; one of another shape, or with another campaign, leaves the outcome open."""
        answer = await self._calls.write(operation, path, body, leave)
        try:
            live = read_written(payload(answer, operation), "data")
            _check_id(operation, campaign_id or live.id, live.id)
        except BadAnswer as error:
            raise Ambiguous(_named(operation, error.message), operation=operation) from None
        return await self._completed(live) if live.partial else live

    async def _completed(self, written: LiveCampaign) -> LiveCampaign:
        """What the answer to a write left out, by a read; that this fails does not make the write undone."""
        try:
            live = await self.get_campaign(written.id)
        except ApiError:
            return written
        return replace(live, safety=written.safety or live.safety)


def _path(campaign_id: str, *action: str) -> str:
    return "/".join(("/campaigns", quote(campaign_id, safe=""), *action))


def _check_id(operation: str, asked: str, shown: str) -> None:
    if not same_id(asked, shown):
        raise BadAnswer(
            f"{operation}: the answer is about campaign {quoted(shown)}, asked for was {quoted(asked)}",
            operation=operation,
            hint="try again; if it stays, report it to the vendor",
        )


def _check_cancelled(answer: Json, campaign_id: str) -> None:
    """No page shows this answer: whatever it holds, it must not say that it failed, or speak of another campaign."""
    if not isinstance(answer, Mapping):
        return
    check_success(answer, "cancel campaign")
    data = answer.get("data")
    shown = data.get("id") if isinstance(data, Mapping) else None
    if isinstance(shown, str):
        _check_id("cancel campaign", campaign_id, shown)


def _no_list(status: int | None) -> NoSuchList:
    return NoSuchList(
        "list campaigns: this server has no list of campaigns, so nothing can be compared, and nothing was sent",
        operation="list campaigns",
        status=status,
        hint="check the base URL; see docs/what-we-do-not-know.md",
    )


def _named(operation: str, message: str) -> str:
    return message if message.startswith(operation) else f"{operation}: {message}"
