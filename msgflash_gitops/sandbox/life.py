"""What happens to campaigns as time passes: scheduled, running, completed; series come back at each occurrence."""

from datetime import datetime, timedelta
from typing import Any

from msgflash_gitops.sandbox.answers import instant
from msgflash_gitops.sandbox.behaviour import Delivery
from msgflash_gitops.sandbox.checks import parse_instant

_STEP = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
_CONTENT = ("templateId", "variables", "type", "body", "mediaUrl", "title", "description", "footer", "buttons")


def next_event(item: dict[str, Any]) -> datetime | None:
    """When something happens to the campaign by itself; None where nothing will."""
    due = {"scheduled": "_next", "running": "_until"}.get(item["status"])
    return parse_instant(item.get(due)) if due else None


def advance(item: dict[str, Any], at: datetime, seconds_per_campaign: float) -> Delivery | None:
    """Let the event at that instant happen; what people received, where it is a start."""
    item["updatedAt"] = instant(at)
    if item["status"] == "running":
        _end(item, at)
        return None
    return _begin(item, at, seconds_per_campaign)


def _begin(item: dict[str, Any], at: datetime, seconds_per_campaign: float) -> Delivery:
    planned = item["stats"]["planned"]
    item["status"] = "running"
    item["_until"] = instant(at + timedelta(seconds=seconds_per_campaign))
    item["_begun"] = True
    item["stats"].update(
        sent=max(1, planned // 2), queued=planned - max(1, planned // 2), processingStartedAt=instant(at)
    )
    reason = item.pop("_reason", "schedule")
    content = {name: item[name] for name in _CONTENT if item.get(name) is not None}
    return Delivery(at, item["id"], item["name"], content, item["recipients"], reason)


def _end(item: dict[str, Any], at: datetime) -> None:
    planned = item["stats"]["planned"]
    step = _STEP.get(item["repeat"])
    item["stats"].update(sent=max(1, planned), delivered=planned, queued=0, completedAt=instant(at))
    if step is None:
        item["status"] = "completed"
        return
    due = parse_instant(item["_next"])
    assert due is not None
    while due <= at:
        due += step
    item.update(status="scheduled", _next=instant(due), _begun=False)


def first_due(item: dict[str, Any], now: datetime) -> None:
    """For a campaign just created: a schedule in the past is sent at once."""
    due = parse_instant(item["schedule"])
    assert due is not None
    if due < now:
        item["_reason"] = "past"
    item["_next"] = instant(max(due, now))


def resume(item: dict[str, Any], now: datetime, how: str, seconds_per_campaign: float) -> None:
    """One that had begun goes on; one that had not is sent at once, or (keeps-schedule) when its time comes."""
    if item.get("_begun"):
        item.update(status="running", _until=instant(now + timedelta(seconds=seconds_per_campaign)))
        return
    due = parse_instant(item["_next"])
    assert due is not None
    item["status"] = "scheduled"
    if how != "keeps-schedule" or due < now:
        item.update(_next=instant(now), _reason="resumed")
