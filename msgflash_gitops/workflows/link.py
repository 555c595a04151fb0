"""`link` and `unlink`: a person says which campaign belongs to a key, that none does, or that one is given up."""

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from msgflash_gitops.errors import InputError, NotFound
from msgflash_gitops.model.campaign import ENDED, LiveCampaign
from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.ledger import Linked, Observed, Unlinked
from msgflash_gitops.model.memory import DELETED, Doubt, Memory, Remembered
from msgflash_gitops.planning.marker import Marker, read_marker
from msgflash_gitops.planning.words import duration_words
from msgflash_gitops.workflows.session import Session

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """What was written down. `campaign_id` None: that the create in doubt left nothing behind. `already`: it was known."""

    key: str
    campaign_id: str | None
    status: str | None = None
    already: bool = False


async def link(session: Session, key: str, campaign_id: str, definitions: Sequence[Definition]) -> Said:
    """Raises InputError where the campaign is not this key's, ApiError where it cannot be looked at."""
    if not _ID.fullmatch(campaign_id):
        raise InputError(
            f"{campaign_id!r} is no campaign's id", hint="it is a UUID, such as 3fa85f64-5717-4562-b3fc-2c963f66afa6"
        )
    memory = session.memory
    doubts = _doubts(memory, key, definitions)
    _check_known(key, memory, doubts, definitions)
    campaign = await _find(session, campaign_id)
    remembered = memory.campaigns.get(campaign.id)
    if remembered is not None and remembered.key != key:
        raise InputError(
            f"campaign {campaign.id} is remembered for {remembered.key!r}: nothing was written down",
            hint=f"`msgflash-gitops unlink {remembered.key} {campaign.id}` gives it up there first",
        )
    marker = read_marker(campaign.name)[1]
    _check_marker(session, marker, campaign, {key, *(each.key for each in doubts)})
    _check_doubts(campaign, marker, doubts)
    if campaign.status in ("completed", *ENDED) and not doubts and remembered is None:
        raise InputError(
            f"campaign {campaign.id} is {campaign.status}: it sends nothing any more, so there is nothing to link",
            hint="link a campaign that is still to be sent",
        )
    if remembered is not None and not doubts:
        return Said(key, campaign.id, campaign.status, already=True)
    digest = marker.digest if marker else None
    facts = [Linked(each.key, campaign.id, digest) for each in doubts] or [Linked(key, campaign.id, digest)]
    await session.ledger.append(*facts, Observed(statuses={campaign.id: campaign.status}))
    return Said(key, campaign.id, campaign.status)


async def link_none(session: Session, key: str, definitions: Sequence[Definition]) -> Said:
    """The creates in doubt left nothing behind. Raises InputError where nothing is in doubt, or where it is too early to know."""
    memory = session.memory
    doubts = _doubts(memory, key, definitions)
    _check_known(key, memory, doubts, definitions)
    if not doubts:
        raise InputError(f"nothing is in doubt about {key!r}: nothing was written down")
    settled_at = max(each.at for each in doubts) + session.project.vendor.settle
    left = settled_at - session.clock.now()
    if left > timedelta(0):
        raise InputError(
            f"the create of {key!r} may still land: its answer was lost a moment ago",
            hint=f"look again in {duration_words(left + timedelta(seconds=1))}, and say it then",
        )
    await session.ledger.append(*(Linked(each, None) for each in dict.fromkeys(one.key for one in doubts)))
    return Said(key, None)


async def unlink(
    session: Session, key: str, campaign_id: str | None, definitions: Sequence[Definition]
) -> tuple[Said, ...]:
    """Give up what is remembered for a key, or one campaign of it; it is not stopped.

    Raises InputError where nothing is remembered, or where it would be created again beside the one given up.
    """
    memory = session.memory
    known = [each for each in memory.campaigns.values() if each.key == key and campaign_id in (None, each.id)]
    if not known:
        _check_known(key, memory, (), definitions)
        which = f" as {campaign_id}" if campaign_id else ""
        raise InputError(
            f"no campaign is remembered for {key!r}{which}", hint="`msgflash-gitops ledger show` lists them"
        )
    if any(each.key == key for each in definitions):
        for each in known:
            await _check_stopped(session, each)
    await session.ledger.append(*(Unlinked(key, each.id) for each in known))
    return tuple(Said(key, each.id, each.status) for each in known)


async def _check_stopped(session: Session, known: Remembered) -> None:
    """As long as its definition is in git, a campaign that is given up and goes on is created a second time."""
    if not known.may_send:
        return
    try:
        status = (await session.api.get_campaign(known.id)).status
    except NotFound:
        return
    if status in (*ENDED, "paused", DELETED):
        return
    raise InputError(
        f"campaign {known.id} is {status}, and {known.key!r} is in git: given up, it would be created a second time beside it",
        hint="remove the definition first (and do not apply in between), or delete the campaign in the dashboard",
    )


def _doubts(memory: Memory, key: str, definitions: Sequence[Definition]) -> list[Doubt]:
    """Those of the key, also under the name that it had."""
    names = {key} | {each.renamed_from for each in definitions if each.key == key and each.renamed_from}
    return [each for each in memory.doubts if each.key in names]


def _check_known(key: str, memory: Memory, doubts: Collection[Doubt], definitions: Sequence[Definition]) -> None:
    known = {each.key for each in definitions} | {each.key for each in memory.campaigns.values()}
    known |= {each.key for each in memory.doubts}
    if key in known or doubts:
        return
    near = difflib.get_close_matches(key, sorted(known), n=1)
    raise InputError(
        f"there is no key {key!r}, neither in git nor in the ledger",
        hint=f"did you mean {near[0]!r}?" if near else "`msgflash-gitops ledger show` lists the keys",
    )


async def _find(session: Session, campaign_id: str) -> LiveCampaign:
    try:
        return await session.api.get_campaign(campaign_id)
    except NotFound:
        raise InputError(
            f"this account has no campaign {campaign_id}: nothing was written down",
            hint="look its id up in the dashboard of this workspace; where there is none, say --none instead of an id",
        ) from None


def _check_marker(session: Session, marker: Marker | None, campaign: LiveCampaign, keys: Collection[str]) -> None:
    if marker is None:
        return
    if marker.project not in session.project.names:
        raise InputError(f"campaign {campaign.id} belongs to the project {marker.project!r} ({campaign.name!r})")
    if marker.key not in keys:
        raise InputError(
            f"campaign {campaign.id} is the one of {marker.key!r} ({campaign.name!r})",
            hint=f"`msgflash-gitops link {marker.key} {campaign.id}`, if that is what you mean",
        )


def _check_doubts(campaign: LiveCampaign, marker: Marker | None, doubts: Sequence[Doubt]) -> None:
    """Another campaign than the one in doubt would leave that one unknown, and it would be created a second time."""
    if not doubts or (marker is not None and marker.digest in {each.digest for each in doubts}):
        return
    same = [
        each
        for each in doubts
        if each.start == campaign.start and each.instance_id == campaign.fields.get("instanceId")
    ]
    if marker is None and same:
        return
    wanted = " or ".join(sorted({f"{each.key}@{each.digest}" for each in doubts}))
    raise InputError(
        f"campaign {campaign.id} ({campaign.name!r}) is not what the create in doubt would have left behind: nothing was written down",
        hint=f"its name ends with {wanted}]; where the dashboard has no such campaign, say --none",
    )
