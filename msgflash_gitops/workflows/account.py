"""Reading the labels that definitions name, all at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from msgflash_gitops.model.definition import Definition
from msgflash_gitops.planning.resolve import Account, needs_groups, needs_templates
from msgflash_gitops.ports import CampaignApi

Item = TypeVar("Item")


async def read_account(api: CampaignApi, definitions: Sequence[Definition]) -> Account:
    """Instances always, templates and groups where a definition names one: the request quota is the user's."""
    instances, templates, groups = await asyncio.gather(
        api.list_instances(),
        _if(needs_templates(definitions), api.list_templates),
        _if(needs_groups(definitions), api.list_groups),
    )
    return Account(tuple(instances), tuple(templates), tuple(groups))


async def _if(wanted: bool, call: Callable[[], Awaitable[list[Item]]]) -> list[Item]:
    return await call() if wanted else []
