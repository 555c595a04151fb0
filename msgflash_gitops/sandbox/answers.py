"""Stored objects as the documented answers: not a field more, not one less."""

from datetime import UTC, datetime
from typing import Any

_SHOWN = (
    "id",
    "userId",
    "instanceId",
    "name",
    "status",
    "templateId",
    "type",
    "body",
    "mediaUrl",
    "schedule",
    "repeat",
    "recipients",
)
COUNTERS = ("planned", "queued", "sent", "delivered", "read", "failed", "cancelled")
_TIMES = ("processingStartedAt", "lastEnqueuedAt", "completedAt", "cancelledAt")


def instant(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def campaign(
    item: dict[str, Any], *, stats: bool = True, variables: bool = False, reached: int | None = None
) -> dict[str, Any]:
    """`title description footer buttons` are in no documented answer; `recipients` reads back with an empty `value`.

    `reached`: how many contacts, where the answer holds `safety`.
    """
    answer = {name: item.get(name) for name in _SHOWN}
    answer["recipients"] = {"value": [], **item["recipients"]}
    if stats:
        answer["stats"] = item["stats"]
    if variables:
        answer["templateVariables"] = item.get("variables")
    if reached is not None:
        answer["safety"] = _safety(reached)
    return {**answer, "createdAt": item["createdAt"], "updatedAt": item["updatedAt"]}


def minimal(item: dict[str, Any]) -> dict[str, Any]:
    return {"id": item["id"], "status": item["status"]}


def progress(item: dict[str, Any]) -> dict[str, Any]:
    """The page "Campaign statistics". What `progressPercent` counts is not documented: what is no longer queued."""
    stats = item["stats"]
    counters = {name: stats.get(name, 0) for name in COUNTERS}
    total = counters["planned"]
    done = counters["sent"] + counters["failed"] + counters["cancelled"]
    return {
        "campaignId": item["id"],
        "status": item["status"],
        "stats": {"total": total, **counters},
        "progressPercent": min(100, 100 * done // total) if total else 0,
        "timeline": {
            "scheduledFor": item["schedule"],
            **{name: stats.get(name) for name in _TIMES},
            "lastActivityAt": max((stats[name] for name in _TIMES if stats.get(name)), default=None),
        },
    }


def _safety(total: int) -> dict[str, Any]:
    """Many recipients at once are worth a warning; a warning never prevents creation."""
    risky = total > 200
    return {
        "decision": "warn" if risky else "allow",
        "riskLevel": "medium" if risky else "low",
        "score": 55 if risky else 10,
        "state": "warming" if risky else "stable",
        "reasons": [f"{total} recipients from a number that is still warming up"] if risky else [],
        "recommendations": ["Split the audience"] if risky else [],
        "appliedLimits": {"maxCampaignRecipients": 200, "maxColdRatio": 0.3},
        "audience": {"totalRecipients": total, "coldRatio": 0.0},
    }
