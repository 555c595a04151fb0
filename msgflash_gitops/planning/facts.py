"""What can be said about a live campaign before anything is decided."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from msgflash_gitops.model.campaign import ACTIVE, LiveCampaign
from msgflash_gitops.model.plan import Current, Desired
from msgflash_gitops.planning.match import Candidate


def has_started(live: LiveCampaign, now: datetime) -> bool | None:
    """Whether a campaign had begun to send when it was paused; None where the answer does not tell.

    Messages queued count only once its time has come: whether a vendor queues them before is not documented.
    """
    if live.started_at is not None or any(
        live.stats.get(name, 0) > 0 for name in ("sent", "delivered", "read", "failed")
    ):
        return True
    if not live.stats:
        return None
    return live.stats.get("queued", 0) > 0 and _time_has_come(live, now)


def is_series(live: LiveCampaign) -> bool:
    return live.fields.get("repeat") not in (None, "none")


def between_sends(live: LiveCampaign) -> bool:
    """A series that shows `completed` may send again: the vendor says nothing of series between two sends."""
    return live.status == "completed" and is_series(live)


def can_send(live: LiveCampaign) -> bool:
    return live.status in ACTIVE or between_sends(live)


def _time_has_come(live: LiveCampaign, now: datetime) -> bool:
    return live.start is None or live.start <= now


def current_of(candidate: Candidate, now: datetime) -> Current:
    live = candidate.live
    schedule, instance = live.fields.get("schedule"), live.fields.get("instanceId")
    return Current(
        id=live.id,
        name=live.name,
        status=live.status,
        schedule=schedule if isinstance(schedule, str) else None,
        digest=candidate.digest,
        instance_id=instance if isinstance(instance, str) else None,
        created_at=live.created_at,
        started=has_started(live, now) is True,
        seen_at=live.seen_at,
    )


def superseded(desired: Desired, candidates: Sequence[Candidate], now: datetime) -> list[Current]:
    """Paused leftovers of earlier replaces, or of a race: the desired one exists beside them.

    Where it is desired paused, a paused one in the desired form is no leftover, but what should be there.
    """
    if not any(each.digest == desired.digest and each.status != "paused" for each in candidates):
        return []
    paused = [each for each in candidates if each.status == "paused" and each.digest is not None]
    return [current_of(each, now) for each in paused if not desired.paused or each.digest != desired.digest]


def preferred_order(desired: Desired) -> Callable[[Candidate], tuple[bool, bool, bool, str, str]]:
    """Of those that cannot send: the desired form first, not drifted if possible, then as `keeper_order`."""

    def order(candidate: Candidate) -> tuple[bool, bool, bool, str, str]:
        return (not is_same(desired, candidate), bool(candidate.differences), *keeper_order(candidate))

    return order


def keeper_order(candidate: Candidate) -> tuple[bool, str, str]:
    """Every contender of a race keeps the same one: the oldest, then the one with the lowest id.

    Nothing of what a contender wants decides it: two that desire different forms would each stop the other's.
    """
    created = candidate.live.created_at
    return (created is None, created.isoformat() if created else "", candidate.live.id)


def is_same(desired: Desired, candidate: Candidate) -> bool:
    """Whether the candidate was made from this very form of the definition."""
    return candidate.digest == desired.digest if candidate.digest is not None else not candidate.differences


def from_elsewhere(desired: Desired, candidate: Candidate, applied: Collection[str]) -> tuple[str, ...]:
    """A warning: two branches that apply in turn would replace each other's campaigns for ever.

    `applied`: digests that the ledger here knows; without any, nothing can be told.
    """
    if not applied or candidate.digest is None or candidate.digest in {*applied, desired.digest}:
        return ()
    return (
        f"the live campaign (@{candidate.digest}) was not applied from here: another branch or machine may have its own "
        "version of this definition, and applying replaces it",
    )
