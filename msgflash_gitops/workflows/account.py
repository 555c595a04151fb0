"""Reading what a plan needs from the account, all at once."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.definition import Definition
from msgflash_gitops.planning.marker import read_marker
from msgflash_gitops.planning.resolve import Account, needs_groups, needs_templates
from msgflash_gitops.ports import CampaignApi

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class AccountState:
    labels: Account
    campaigns: tuple[LiveCampaign, ...]


async def read_account(api: CampaignApi, definitions: Sequence[Definition], names: Collection[str]) -> AccountState:
    """`names`: those of the project. Instances and campaigns always, templates and groups where a definition names one: the request quota is the user's."""
    instances, campaigns, templates, groups = await asyncio.gather(
        api.list_instances(),
        read_campaigns(api, names),
        _if(needs_templates(definitions), api.list_templates),
        _if(needs_groups(definitions), api.list_groups),
    )
    return AccountState(Account(tuple(instances), tuple(templates), tuple(groups)), campaigns)


async def read_campaigns(api: CampaignApi, names: Collection[str]) -> tuple[LiveCampaign, ...]:
    """Every campaign; a paused one of ours that the list shows without statistics is read by itself: had it begun?"""
    return tuple(await asyncio.gather(*(_told(api, each, names) for each in await api.list_campaigns())))


async def _told(api: CampaignApi, campaign: LiveCampaign, names: Collection[str]) -> LiveCampaign:
    if campaign.status != "paused" or campaign.stats or campaign.started_at is not None:
        return campaign
    marker = read_marker(campaign.name)[1]
    if marker is None or marker.project not in names:
        return campaign
    whole = await api.get_campaign(campaign.id)
    return replace(campaign, stats=whole.stats, started_at=whole.started_at)


async def _if(wanted: bool, call: Callable[[], Awaitable[list[Item]]]) -> list[Item]:
    return await call() if wanted else []
