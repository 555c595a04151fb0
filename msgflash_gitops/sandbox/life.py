"""What happens to campaigns as time passes: scheduled, running, completed; series come back at each occurrence."""

from datetime import datetime, timedelta
from typing import Any

from msgflash_gitops.sandbox.answers import instant
from msgflash_gitops.sandbox.behaviour import Behaviour, Delivery
from msgflash_gitops.sandbox.checks import parse_instant
from msgflash_gitops.sandbox.sendings import sent_first

_STEP = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
_CONTENT = ("templateId", "variables", "type", "body", "mediaUrl", "title", "description", "footer", "buttons")
_DUE = {"scheduled": "_next", "running": "_until", "completed": "_again"}


def next_event(item: dict[str, Any]) -> datetime | None:
    """When something happens to the campaign by itself; None where nothing will."""
    due = _DUE.get(item["status"])
    return parse_instant(item.get(due)) if due else None


def begin(item: dict[str, Any], at: datetime, behaviour: Behaviour, planned: int, lost: int) -> Delivery:
    """A start, and what people receive; `lost` of the planned are nobody's."""
    known = planned - lost
    item.update(status="running", updatedAt=instant(at), _begun=True)
    item["_until"] = instant(at + timedelta(seconds=behaviour.seconds_per_campaign))
    item.pop("_again", None)
    item["stats"].pop("completedAt", None)
    item["stats"].update(
        planned=planned,
        sent=sent_first(known),
        queued=known - sent_first(known),
        delivered=0,
        failed=lost,
        processingStartedAt=instant(at),
        lastEnqueuedAt=instant(at),
    )
    reason = item.pop("_reason", "schedule")
    content = {name: item[name] for name in _CONTENT if item.get(name) is not None}
    return Delivery(at, item["id"], item["name"], content, item["recipients"], reason)


def end(item: dict[str, Any], at: datetime, behaviour: Behaviour) -> None:
    """Everything is sent. A series has another occurrence to come, whatever it shows until then."""
    known = item["stats"]["planned"] - item["stats"]["failed"]
    step = _STEP.get(item["repeat"])
    item["stats"].update(sent=known, delivered=known, queued=0, completedAt=instant(at))
    item.update(status="completed", updatedAt=instant(at))
    if step is None:
        return
    due = parse_instant(item["_next"])
    assert due is not None
    while due <= at:
        due += step
    item.update(_next=instant(due), _begun=False)
    if behaviour.series_between_sends == "completed":
        item["_again"] = instant(due)
    else:
        item["status"] = "scheduled"


def pausable(item: dict[str, Any], behaviour: Behaviour) -> bool:
    if item["status"] == "completed":
        return "_again" in item and behaviour.pause_completed_series
    return item["status"] in ("scheduled", "running")


def stop(item: dict[str, Any], status: str, now: datetime) -> None:
    """Paused, cancelled or otherwise set by hand: a series does not come back by itself any more."""
    item.pop("_again", None)
    item.update(status=status, updatedAt=instant(now))
    if status == "cancelled":
        item["stats"].update(cancelled=item["stats"]["queued"], queued=0, cancelledAt=instant(now))


def first_due(item: dict[str, Any], now: datetime) -> None:
    """For a campaign just created or given another schedule: one in the past is sent at once."""
    due = parse_instant(item["schedule"])
    assert due is not None
    item.pop("_reason", None)
    if due < now:
        item["_reason"] = "past"
    item["_next"] = instant(max(due, now))


def resume(item: dict[str, Any], now: datetime, behaviour: Behaviour) -> None:
    """One that had begun goes on; one that had not is sent at once, or (keeps-schedule) when its time comes."""
    item["updatedAt"] = instant(now)
    if item.get("_begun"):
        item.update(status="running", _until=instant(now + timedelta(seconds=behaviour.seconds_per_campaign)))
        return
    due = parse_instant(item["_next"])
    assert due is not None
    item["status"] = "scheduled"
    if behaviour.resume_before_start != "keeps-schedule" or due < now:
        item.update(_next=instant(now), _reason="resumed")
