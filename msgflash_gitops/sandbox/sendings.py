"""Messages: made when a campaign starts, one per recipient. Stored as one row per start, and written out when asked for."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgflash_gitops.sandbox.answers import instant
from msgflash_gitops.sandbox.audience import keep, kept
from msgflash_gitops.sandbox.rendering import fill, values
from msgflash_gitops.sandbox.store import Store

STATUSES = ("queued", "sent", "delivered", "read", "failed", "cancelled", "received")
_CONTENT = ("type", "body", "mediaUrl")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands among all: the start it belongs to, and its number there. Newest first, it never moves."""

    start: int
    number: int


def record(store: Store, campaign: dict[str, Any], at: datetime, contact_ids: list[str]) -> int:
    """Note the messages of a start. How many of them cannot be delivered, because nobody is there."""
    known = [each for each in contact_ids if store.get("contact", each)]
    lost = [each for each in contact_ids if each not in set(known)] if len(known) < len(contact_ids) else []
    template = store.get("template", str(campaign.get("templateId")).lower()) or campaign
    start = {
        "id": str(uuid.uuid4()),
        "campaignId": campaign["id"],
        "instanceId": campaign["instanceId"].lower(),
        "userId": campaign["userId"],
        "at": instant(at),
        "changed": instant(at),
        "content": {name: template.get(name) for name in _CONTENT},
        "variables": campaign.get("variables"),
        "audience": keep(store, [*known, *lost]),
        "known": len(known),
        "total": len(contact_ids),
        "phase": "running",
    }
    store.put("sending", start)
    store.put("current", {"id": campaign["id"], "sending": start["id"]})
    return len(lost)


def settle(store: Store, campaign_id: str, phase: str, at: datetime) -> None:
    """What becomes of the messages still queued of the campaign's last start: delivered, cancelled."""
    current = store.get("current", campaign_id)
    start = store.get("sending", current["sending"]) if current else None
    if start is not None and start["phase"] == "running":
        store.put("sending", {**start, "phase": phase, "changed": instant(at)})


def sent_first(known: int) -> int:
    """How many of a start are on their way while it runs."""
    return (known + 1) // 2


def messages(
    store: Store, after: Place | None, instance_id: str | None, status: str | None
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Newest first, those behind `after` alone."""
    for position, start in store.newest("sending", after.start if after else None):
        if instance_id is not None and start["instanceId"] != instance_id:
            continue
        first = after.number + 1 if after is not None and position == after.start else 0
        numbers = [each for each in range(first, start["total"]) if status in (None, _status(start, each))]
        if numbers:
            contact_ids = kept(store, start["audience"])
            instance = store.get("instance", start["instanceId"])
            for number in numbers:
                yield Place(position, number), _message(store, start, number, contact_ids[number], instance)


def _status(start: dict[str, Any], number: int) -> str:
    if number >= start["known"]:
        return "failed"
    if start["phase"] == "delivered":
        return "delivered"
    if number < sent_first(start["known"]):
        return "sent"
    return "queued" if start["phase"] == "running" else "cancelled"


def _message(
    store: Store, start: dict[str, Any], number: int, contact_id: str, instance: dict[str, Any] | None
) -> dict[str, Any]:
    contact = store.get("contact", contact_id)
    status = _status(start, number)
    given = values(contact, instance, start["variables"])
    identity = str(uuid.uuid5(uuid.UUID(start["id"]), str(number)))
    return {
        "id": identity,
        "userId": start["userId"],
        "instanceId": start["instanceId"],
        "contactId": contact_id,
        "campaignId": start["campaignId"],
        "direction": "outbound",
        "type": start["content"]["type"],
        "from": instance["waNumber"] if instance else None,
        "to": contact["phone"] if contact else None,
        "body": fill(start["content"]["body"], given),
        "mediaUrl": start["content"]["mediaUrl"],
        "status": status,
        "error": "Contact not found" if status == "failed" else None,
        "meta": None,
        "providerMessageId": f"3EB0{identity[:8].upper()}" if status in ("sent", "delivered") else None,
        "createdAt": start["at"],
        "updatedAt": start["changed"],
    }
