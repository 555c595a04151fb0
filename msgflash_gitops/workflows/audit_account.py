"""Reading what an audit needs from the account, with as few requests as answer the question."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from msgflash_gitops.errors import NotFound
from msgflash_gitops.model.audit import Window
from msgflash_gitops.model.campaign import ACTIVE, LiveCampaign
from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.instant import parse_instant
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.planning.audit.shown import needs_groups as shows_groups
from msgflash_gitops.planning.audit.shown import needs_templates as shows_templates
from msgflash_gitops.planning.resolve import Account, needs_groups, needs_templates
from msgflash_gitops.ports import CampaignApi, Clock
from msgflash_gitops.workflows.campaigns import Campaigns, read_campaigns
from msgflash_gitops.workflows.plan import Scope, check_account, check_memory

MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class AuditedAccount:
    labels: Account
    campaigns: Campaigns
    notices: tuple[str, ...] = ()


async def read_audited(
    api: CampaignApi, clock: Clock, scope: Scope, definitions: Sequence[Definition], window: Window
) -> AuditedAccount:
    """Templates and groups only where a definition or a campaign names one; counters one by one where the list has none."""
    reading = replace(scope.reading(clock.now(), definitions), refresh=Refresh.ALL)
    instances, read = await asyncio.gather(api.list_instances(), read_campaigns(api, reading))
    check_memory(scope, listed=read.lists)
    listed = read.live
    templates = await api.list_templates() if needs_templates(definitions) or shows_templates(listed) else []
    groups = await api.list_groups() if needs_groups(definitions) or shows_groups(listed) else []
    campaigns, notices = await _with_counters(api, listed, window, clock.now())
    labels = Account(tuple(instances), tuple(templates), tuple(groups))
    check_account(scope.memory, read, labels)
    return AuditedAccount(labels, replace(read, live=campaigns), notices)


async def _with_counters(
    api: CampaignApi, listed: tuple[LiveCampaign, ...], window: Window, now: datetime
) -> tuple[tuple[LiveCampaign, ...], tuple[str, ...]]:
    bare = [
        each for each in listed if not each.stats and each.started_at is None and _has_had_its_time(each, window, now)
    ]
    told = {each.id: each for each in await asyncio.gather(*(_told(api, each) for each in bare[:MOST_LOOKED_AT]))}
    campaigns = tuple(told.get(each.id, each) for each in listed)
    if len(bare) <= MOST_LOOKED_AT:
        return campaigns, ()
    left = len(bare) - MOST_LOOKED_AT
    return campaigns, (
        f"the list shows no counters, and {left} campaigns were not looked at one by one: narrow the window",
    )


async def _told(api: CampaignApi, campaign: LiveCampaign) -> LiveCampaign:
    """With what only the answer for one campaign shows; as it was listed, where it was deleted meanwhile."""
    try:
        whole = await api.get_campaign(campaign.id)
    except NotFound:
        return campaign
    return replace(
        campaign,
        stats=whole.stats,
        started_at=whole.started_at,
        enqueued_at=whole.enqueued_at,
        completed_at=whole.completed_at,
        cancelled_at=whole.cancelled_at,
    )


def _has_had_its_time(campaign: LiveCampaign, window: Window, now: datetime) -> bool:
    shown = campaign.fields.get("schedule")
    try:
        at = parse_instant(shown) if isinstance(shown, str) else None
    except (ValueError, OverflowError):
        return False
    if at is None or at > now or window.start > now:
        return False
    return at >= window.start or campaign.status in ACTIVE or campaign.fields.get("repeat") != "none"
