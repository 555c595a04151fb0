"""Looking for campaigns that neither list nor ledger nor definition tells of, through the messages that they sent."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from msgflash_gitops.model.account import Instance
from msgflash_gitops.model.message import Searched
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
    dates = {
        instance.name: min(dated)
        for instance, page in zip(instances, pages, strict=True)
        if (dated := [each.created_at for each in page if each.created_at is not None])
    }
    return Searched(
        messages=len(latest),
        asked=asked,
        campaigns=tuple(each for each in found if each is not None),
        since=dates,
        left=len(strangers) - len(asked),
    )
