"""Reading campaigns: by the list where there is one, else each by its id, out of the ledger and the pins."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from msgflash_gitops.errors import BadAnswer, NoSuchList, NotFound
from msgflash_gitops.model.campaign import VENDOR_PAUSED, LiveCampaign
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.memory import DELETED, Doubt, Memory, Remembered
from msgflash_gitops.model.message import MessageRef
from msgflash_gitops.model.plan import Desired
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.planning.marker import Marker, mark, read_marker
from msgflash_gitops.ports import CampaignApi

# Of an instance's latest messages, 100 to a page: a campaign that was in doubt and has started shows among them.
_PAGES_OF_MESSAGES = 5
_MOST_STRANGERS = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What to look for. `names`: those of the project. `pins`: ids that definitions name."""

    project: str
    names: Collection[str]
    now: datetime
    memory: Memory = field(default_factory=Memory)
    refresh: Refresh = Refresh.ALL
    pins: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Campaigns:
    """What is there. `lists`: whether the account has a list. `settled`: the campaigns that creates in doubt left behind,
    told by their messages. `asked`: ids that were asked for one by one.
    """

    live: tuple[LiveCampaign, ...]
    lists: bool
    settled: Mapping[Doubt, LiveCampaign] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()


async def read_campaigns(api: CampaignApi, reading: Reading, desired: Sequence[Desired] = ()) -> Campaigns:
    """Raises BadAnswer where the list lacks a campaign that exists, ApiError where the account cannot be read."""
    return await complete(api, await try_list(api), reading, desired)


async def try_list(api: CampaignApi) -> list[LiveCampaign] | None:
    """None where the account has no list."""
    try:
        return await api.list_campaigns()
    except NoSuchList:
        return None


async def complete(
    api: CampaignApi, listed: Sequence[LiveCampaign] | None, reading: Reading, desired: Sequence[Desired] = ()
) -> Campaigns:
    """What a list does not show, or everything, where there is none. `desired` tells what was touched."""
    if listed is None:
        return await _one_by_one(api, reading, desired)
    told = await asyncio.gather(*(_told(api, each, reading.names) for each in listed))
    checked = await _cross_checked(api, reading, told)
    looked_at = {now.id for now, before in zip(told, listed, strict=True) if now is not before}
    return replace(checked, asked=checked.asked | looked_at)


async def look_again(api: CampaignApi, live: Sequence[LiveCampaign], ids: Collection[str]) -> tuple[LiveCampaign, ...]:
    """The same campaigns, those with these ids as they are now, also where they were not among them."""
    found = await asyncio.gather(*(find(api, each) for each in ids))
    now = dict(zip(ids, found, strict=True))
    known = {each.id for each in live}
    seen = [_as_now(each, now[each.id]) if each.id in now else each for each in live]
    return (*seen, *(each for each in found if each is not None and each.id not in known))


def _as_now(before: LiveCampaign, now: LiveCampaign | None) -> LiveCampaign:
    return now or replace(before, status=DELETED, seen_at=None)


# the list world


async def _told(api: CampaignApi, campaign: LiveCampaign, names: Collection[str]) -> LiveCampaign:
    """A paused one of ours that the list shows without statistics is read by itself: had it begun?"""
    if campaign.status != "paused" or campaign.stats or campaign.started_at is not None:
        return campaign
    marker = read_marker(campaign.name)[1]
    if marker is None or marker.project not in names:
        return campaign
    whole = await find(api, campaign.id)
    if whole is None:  # deleted a moment ago, or too new to be read by its id
        return campaign
    return replace(campaign, stats=whole.stats, started_at=whole.started_at)


async def _cross_checked(api: CampaignApi, reading: Reading, listed: Sequence[LiveCampaign]) -> Campaigns:
    """What we made and the list lacks was deleted, or the list is not whole: then everything that it lacks would be created again."""
    shown = {each.id for each in listed}
    lacking = [each for each in reading.memory.campaigns.values() if each.id not in shown]
    gone = [recalled(each, reading.project) for each in lacking if not each.may_send]
    asked = await asyncio.gather(*(_get(api, each, reading.project) for each in lacking if each.may_send))
    hidden = [each for each in asked if each.status != DELETED]
    if hidden:
        more = f", and {len(hidden) - 1} more" if len(hidden) > 1 else ""
        raise BadAnswer(
            f"the list of campaigns is not whole: it lacks {hidden[0].id} ({hidden[0].name!r}), which was made from here and exists{more}",
            hint="nothing can be compared with an incomplete list, and nothing was sent: try again, then ask the vendor",
        )
    return Campaigns((*listed, *gone, *asked), lists=True, asked=frozenset(each.id for each in asked))


# the documented world


async def _one_by_one(api: CampaignApi, reading: Reading, desired: Sequence[Desired]) -> Campaigns:
    memory = reading.memory.campaigns
    pins = [each for each in dict.fromkeys(reading.pins) if each.lower() not in memory]
    asked, pinned, (settled, strangers) = await asyncio.gather(
        asyncio.gather(*(_get(api, each, reading.project) for each in wanted(reading, desired))),
        asyncio.gather(*(find(api, each) for each in pins)),
        _settle(api, reading),
    )
    told = {each.id: each for each in asked}
    live = [told.get(each.id) or recalled(each, reading.project) for each in memory.values()]
    found = [each for each in (*pinned, *settled.values()) if each is not None]
    every = frozenset((*told, *pins, *strangers))
    return Campaigns((*live, *{each.id: each for each in found}.values()), lists=False, settled=settled, asked=every)


def wanted(reading: Reading, desired: Sequence[Desired]) -> list[Remembered]:
    """Which of the remembered campaigns are asked for. What nobody has looked at yet always is."""
    every = reading.memory.campaigns.values()
    touched = _touched(every, desired) if reading.refresh is Refresh.TOUCHED else set()

    def is_wanted(each: Remembered) -> bool:
        if each.status is None:
            return True
        # a 404 of a moment is no deletion: as long as its start is ahead, it is worth another look
        ahead = each.status == DELETED and each.start is not None and each.start > reading.now
        if ahead and reading.refresh is Refresh.ALL:
            return True
        return each.may_send and (reading.refresh is Refresh.ALL or each.key in touched)

    return [each for each in every if is_wanted(each)]


def _touched(every: Iterable[Remembered], desired: Sequence[Desired]) -> set[str]:
    """Keys for which git does not say what was applied last, as far as is remembered; under the names that they had then."""
    of_key: dict[str, list[Remembered]] = defaultdict(list)
    for each in every:
        of_key[each.key].append(each)
    wanted_now = {one.key: one for one in desired}
    wanted_now |= {one.renamed_from: one for one in desired if one.renamed_from}
    return {key for key, group in of_key.items() if not _stands(wanted_now.get(key), group)}


def _stands(one: Desired | None, group: Sequence[Remembered]) -> bool:
    active = [each for each in group if each.may_send and each.status not in ("paused", *VENDOR_PAUSED)]
    if one is None:
        return not active
    if any(each.digest != one.digest for each in active) or (one.paused and active):
        return False
    asleep = () if one.paused else ("paused", *VENDOR_PAUSED)
    return any(each.digest == one.digest and each.status not in asleep for each in group)


async def _get(api: CampaignApi, known: Remembered, project: str) -> LiveCampaign:
    return _as_now(recalled(known, project), await find(api, known.id))


async def find(api: CampaignApi, campaign_id: str) -> LiveCampaign | None:
    """None where the account does not have it: it was deleted in the dashboard."""
    try:
        return await api.get_campaign(campaign_id)
    except NotFound:
        return None


def recalled(known: Remembered, project: str) -> LiveCampaign:
    """A campaign as the ledger remembers it; its name is not kept there, so it is called by its key."""
    shown = {
        "instanceId": known.instance_id,
        "schedule": format_instant(known.start) if known.start else None,
        "repeat": known.repeat,
    }
    return LiveCampaign(
        id=known.id,
        name=mark(known.key, Marker(project, known.key, known.digest)) if known.digest else known.key,
        status=known.status or "unknown",
        fields={name: value for name, value in shown.items() if value is not None},
        seen_at=known.seen_at,
    )


async def _settle(api: CampaignApi, reading: Reading) -> tuple[dict[Doubt, LiveCampaign], Sequence[str]]:
    """A campaign that has started is known by its messages: doubts whose start has passed may be settled by them.

    And which campaigns were asked for.
    """
    if reading.refresh is Refresh.NONE:
        return {}, ()
    passed = [each for each in reading.memory.doubts if each.instance_id and each.start and each.start <= reading.now]
    instances = sorted({each.instance_id for each in passed if each.instance_id})
    pages = await asyncio.gather(*(api.list_messages(each, _PAGES_OF_MESSAGES) for each in instances))
    strangers = strangers_of(pages, reading.memory.campaigns)[:_MOST_STRANGERS]
    found = await asyncio.gather(*(find(api, each) for each in strangers))
    return settle_by(passed, [each for each in found if each is not None], reading.names), strangers


def strangers_of(pages: Iterable[Iterable[MessageRef]], known: Collection[str]) -> list[str]:
    """The campaigns that messages name, beside those that are known, each once and in the order of the messages."""
    seen = (message.campaign_id for messages in pages for message in messages if message.campaign_id)
    return [each for each in dict.fromkeys(seen) if each not in known]


def settle_by(
    doubts: Iterable[Doubt], campaigns: Sequence[LiveCampaign], names: Collection[str]
) -> dict[Doubt, LiveCampaign]:
    """Which of the campaigns the creates in doubt left behind, by their markers."""
    found = ((doubt, _left_by(doubt, campaigns, names)) for doubt in doubts)
    return {doubt: campaign for doubt, campaign in found if campaign is not None}


def _left_by(doubt: Doubt, campaigns: Sequence[LiveCampaign], names: Collection[str]) -> LiveCampaign | None:
    for campaign in campaigns:
        marker = read_marker(campaign.name)[1]
        if marker is not None and marker.project in names and (marker.key, marker.digest) == (doubt.key, doubt.digest):
            return campaign
    return None
