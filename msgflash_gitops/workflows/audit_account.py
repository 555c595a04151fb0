"""Reading what an audit needs from the account, with as few requests as answer the question."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from msgflash_gitops.errors import NotFound
from msgflash_gitops.model.account import Instance
from msgflash_gitops.model.audit import Window
from msgflash_gitops.model.campaign import ACTIVE, LiveCampaign
from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.instant import parse_instant
from msgflash_gitops.model.memory import DELETED
from msgflash_gitops.model.message import Searched
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.planning.audit.shown import needs_groups as shows_groups
from msgflash_gitops.planning.audit.shown import needs_templates as shows_templates
from msgflash_gitops.planning.resolve import Account, needs_groups, needs_templates
from msgflash_gitops.ports import CampaignApi, Clock
from msgflash_gitops.workflows.audit_messages import Tell, search_messages
from msgflash_gitops.workflows.campaigns import Campaigns, read_campaigns, settle_by
from msgflash_gitops.workflows.plan import Scope, check_account, check_memory

MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class AuditedAccount:
    """`searched`: what was found among messages, None where none were read."""

    labels: Account
    campaigns: Campaigns
    searched: Searched | None = None
    notices: tuple[str, ...] = ()


async def read_audited(
    api: CampaignApi,
    clock: Clock,
    scope: Scope,
    definitions: Sequence[Definition],
    window: Window,
    tell: Tell | None = None,
) -> AuditedAccount:
    """Templates and groups only where a definition or a campaign names one; counters one by one where the list has none.

    `tell`: messages are to be looked through too, and who asked is told the cost.
    """
    reading = replace(scope.reading(clock.now(), definitions), refresh=Refresh.ALL)
    instances, read = await asyncio.gather(api.list_instances(), read_campaigns(api, reading))
    check_memory(scope, listed=read.lists)
    searched = await _search(api, instances, read, tell)
    every = read if searched is None else _with_strangers(read, searched, scope)
    listed = every.live
    templates = await api.list_templates() if needs_templates(definitions) or shows_templates(listed) else []
    groups = await api.list_groups() if needs_groups(definitions) or shows_groups(listed) else []
    told, notices = await _with_counters(api, listed, window, clock.now())
    labels = Account(tuple(instances), tuple(templates), tuple(groups))
    await check_account(api, scope.memory, read, labels)
    live = tuple(told.get(each.id, each) for each in listed)
    return AuditedAccount(labels, replace(every, live=live, asked=every.asked | told.keys()), searched, notices)


async def _search(
    api: CampaignApi, instances: Sequence[Instance], read: Campaigns, tell: Tell | None
) -> Searched | None:
    if tell is None:
        return None
    if read.lists:
        tell("--read-messages is of no use here: the account's list shows every campaign; no messages are read")
        return None
    return await search_messages(api, instances, {each.id for each in read.live}, tell)


def _with_strangers(read: Campaigns, searched: Searched, scope: Scope) -> Campaigns:
    open_doubts = [each for each in scope.memory.doubts if each not in read.settled]
    settled = settle_by(open_doubts, searched.campaigns, scope.project.names)
    return replace(
        read,
        live=(*read.live, *searched.campaigns),
        settled={**read.settled, **settled},
        asked=read.asked | frozenset(searched.asked),
    )


async def _with_counters(
    api: CampaignApi, listed: tuple[LiveCampaign, ...], window: Window, now: datetime
) -> tuple[dict[str, LiveCampaign], tuple[str, ...]]:
    """Those that were looked at, by id."""
    bare = [each for each in listed if _lacks_counters(each) and _has_had_its_time(each, window, now)]
    looked_at = await asyncio.gather(*(_told(api, each) for each in bare[:MOST_LOOKED_AT]))
    told = {each.id: each for each in looked_at}
    if len(bare) <= MOST_LOOKED_AT:
        return told, ()
    left = len(bare) - MOST_LOOKED_AT
    return told, (f"{left} campaigns were not looked at one by one, and show no counters: narrow the window",)


def _lacks_counters(campaign: LiveCampaign) -> bool:
    """Of one that was deleted, nothing can be asked."""
    return not campaign.stats and campaign.started_at is None and campaign.status != DELETED


async def _told(api: CampaignApi, campaign: LiveCampaign) -> LiveCampaign:
    """With what only the answer for one campaign shows; as it was listed or remembered, where it was deleted meanwhile."""
    try:
        whole = await api.get_campaign(campaign.id)
    except NotFound:
        return campaign
    if campaign.seen_at is not None:
        return whole
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
