"""The sample world: instances, templates, groups and contacts, with ids that never change."""

import re
import uuid
from typing import Any

from msgflash_gitops.sandbox.store import Store

USER_ID = str(uuid.uuid5(uuid.NAMESPACE_URL, "https://sandbox.msgflash.example/user/owner"))
_MADE = "2026-01-05T08:00:00.000Z"
_TAGS = (("client",), ("client", "vip"), ("prospect",), ("client", "lyon"), ("prospect", "lyon"))

INSTANCES = (
    ("boutique-principale", "33639980001", "connected", None),
    ("boutique-lyon", "33639980002", "connected", None),
    ("sav", "33639980003", "disconnected", None),
    ("ancienne-boutique", "33639980004", "disconnected", "2026-03-01T08:00:00.000Z"),
)
TEMPLATES: tuple[tuple[str, str, str | None, str | None], ...] = (
    (
        "Spring promo",
        "text",
        "Hello {{contact.firstName}}, with {{custom.code}} you get {{custom.discount}} off until Sunday at {{instance.name}}.",
        None,
    ),
    ("Product launch", "image", "Meet {{custom.product}}!", "https://cdn.boutique.example/launch.jpg"),
    ("Birthday", "text", "Happy birthday {{contact.firstName}}!", None),
    ("Price list", "document", None, "https://cdn.boutique.example/prices.pdf"),
)
GROUPS = (("VIP Paris", 24), ("Newsletter", 180), ("Staff", 6))
CONTACTS = 250


def sample_id(kind: str, name: str) -> str:
    """The id of a sample object: the same everywhere."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://sandbox.msgflash.example/{kind}/{name}"))


def placeholders(body: str | None) -> list[str]:
    """Those of a body, each once, in order."""
    return list(dict.fromkeys(re.findall(r"\{\{\s*([A-Za-z]+\.[A-Za-z0-9_.-]+)\s*\}\}", body or "")))


def seed(store: Store) -> None:
    """Fill an empty store."""
    facts: dict[str, Any]
    for name, number, status, deleted in INSTANCES:
        times = {"deletedAt": deleted, "createdAt": _MADE, "updatedAt": _MADE}
        facts = {"name": name, "waNumber": number, "status": status, "webhook": None, "meta": None}
        store.put("instance", {"id": sample_id("instance", name), **facts, **times})
    for name, kind, body, media in TEMPLATES:
        facts = {"name": name, "type": kind, "body": body, "mediaUrl": media, "variables": placeholders(body)}
        store.put("template", {"id": sample_id("template", name), **facts})
    for name, count in GROUPS:
        facts = {"name": name, "description": None, "color": "#25d366", "contactCount": count, "createdAt": _MADE}
        store.put("group", {"id": sample_id("group", name), **facts})
    for position in range(CONTACTS):
        store.put("contact", _contact(position))


def new_contact(name: str, phone: str, tags: list[str], made: str) -> dict[str, Any]:
    facts = {"id": sample_id("contact", phone), "name": name, "phone": phone, "tags": tags}
    return {**facts, "temperature": "warm", "createdAt": made, "updatedAt": made}


def _contact(number: int) -> dict[str, Any]:
    tags = list(_TAGS[number % len(_TAGS)])
    return new_contact(f"Contact {number + 1}", f"+3363998{1000 + number:04d}", tags, _MADE)
