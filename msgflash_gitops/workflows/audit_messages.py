"""Looking for campaigns that neither list nor ledger nor definition tells of, through the messages that they sent."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgflash_gitops.model.account import Instance
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.memory import DELETED
from msgflash_gitops.model.message import MessageRef, Searched
from msgflash_gitops.ports import CampaignApi
from msgflash_gitops.workflows.campaigns import find, strangers_of

MOST_PAGES = 10
MOST_STRANGERS = 200
Tell = Callable[[str], None]
_UNDATED = datetime.min.replace(tzinfo=UTC)


async def search_messages(
    api: CampaignApi, instances: Sequence[Instance], known: Collection[str], tell: Tell
) -> Searched:
    """The latest messages of each instance, and the campaigns that they name beside the known ones. The cost is told first."""
    number = len(instances)
    tell(
        f"reading messages: at most {number * MOST_PAGES} requests for the latest of {number} instance{'' if number == 1 else 's'}, "
        f"and at most {MOST_STRANGERS} for campaigns that they name"
    )
    pages = await asyncio.gather(*(api.list_messages(each.id, MOST_PAGES) for each in instances))
    latest = sorted(
        (each for page in pages for each in page), key=lambda each: each.created_at or _UNDATED, reverse=True
    )
    strangers = strangers_of([latest], known)
    asked = tuple(strangers[:MOST_STRANGERS])
    found = await asyncio.gather(*(find(api, each) for each in asked))
    by_instance = dict(zip((each.id for each in instances), pages, strict=True))
    dates = {each.name: since for each in instances if (since := _since(by_instance[each.id])) is not None}
    return Searched(
        messages=len(latest),
        asked=asked,
        campaigns=tuple(live or _by_messages(each, by_instance) for each, live in zip(asked, found, strict=True)),
        since=dates,
        left=len(strangers) - len(asked),
    )


def _since(messages: Iterable[MessageRef]) -> datetime | None:
    return min((each.created_at for each in messages if each.created_at is not None), default=None)


def _by_messages(campaign_id: str, messages: Mapping[str, Sequence[MessageRef]]) -> LiveCampaign:
    """One that was deleted: that it sent, from which instance, and from when on as far as the messages go back."""
    instance_id, its = next(
        (instance_id, its)
        for instance_id, page in messages.items()
        if (its := [each for each in page if each.campaign_id == campaign_id])
    )
    started = _since(its)
    shown = {"instanceId": instance_id, "schedule": format_instant(started) if started else None, "repeat": "none"}
    return LiveCampaign(campaign_id, "", DELETED, shown, started_at=started)
