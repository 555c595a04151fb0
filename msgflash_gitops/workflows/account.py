"""Reading what a plan needs from the account, all at once."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from msgflash_gitops.errors import BadAnswer, NotFound
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


async def read_account(
    api: CampaignApi, definitions: Sequence[Definition], names: Collection[str], made: Collection[str] = ()
) -> AccountState:
    """`names`: those of the project. Instances and campaigns always, templates and groups where a definition names one: the request quota is the user's."""
    instances, campaigns, templates, groups = await asyncio.gather(
        api.list_instances(),
        read_campaigns(api, names, made),
        _if(needs_templates(definitions), api.list_templates),
        _if(needs_groups(definitions), api.list_groups),
    )
    return AccountState(Account(tuple(instances), tuple(templates), tuple(groups)), campaigns)


async def read_campaigns(
    api: CampaignApi, names: Collection[str], made: Collection[str] = ()
) -> tuple[LiveCampaign, ...]:
    """Every campaign; a paused one of ours that the list shows without statistics is read by itself: had it begun?

    `made`: ids that this project is known to have made. Raises BadAnswer where one of them exists and the list lacks it.
    """
    listed = await api.list_campaigns()
    lacking = sorted(set(made) - {each.id for each in listed})
    hidden = [each for each in await asyncio.gather(*(_found(api, each) for each in lacking)) if each is not None]
    if hidden:
        more = f", and {len(hidden) - 1} more" if len(hidden) > 1 else ""
        raise BadAnswer(
            f"the list of campaigns is not whole: it lacks {hidden[0].id} ({hidden[0].name!r}), which was made from here and exists{more}",
            hint="nothing can be compared with an incomplete list, and nothing was sent: try again, then ask the vendor",
        )
    return tuple(await asyncio.gather(*(_told(api, each, names) for each in listed)))


async def _found(api: CampaignApi, campaign_id: str) -> LiveCampaign | None:
    """None for one that was deleted in the dashboard."""
    try:
        return await api.get_campaign(campaign_id)
    except NotFound:
        return None


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
