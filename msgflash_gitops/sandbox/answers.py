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


def instant(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def campaign(
    item: dict[str, Any], *, stats: bool = True, variables: bool = False, safety: bool = False
) -> dict[str, Any]:
    """`title description footer buttons` are in no documented answer; `recipients` reads back with an empty `value`."""
    answer = {name: item.get(name) for name in _SHOWN}
    answer["recipients"] = {"value": [], **item["recipients"]}
    if stats:
        answer["stats"] = item["stats"]
    if variables:
        answer["templateVariables"] = item.get("variables")
    if safety:
        answer["safety"] = _safety(item)
    return {**answer, "createdAt": item["createdAt"], "updatedAt": item["updatedAt"]}


def _safety(item: dict[str, Any]) -> dict[str, Any]:
    """Many recipients at once are worth a warning; a warning never prevents creation."""
    total = item["stats"]["planned"]
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
