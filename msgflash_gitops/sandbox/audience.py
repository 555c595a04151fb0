"""Who a campaign reaches: its recipients as contacts, and lists of contacts kept once however often they are sent to."""

import hashlib
from typing import Any

from msgflash_gitops.sandbox.store import Store


def contacts_of(store: Store, recipients: dict[str, Any]) -> list[str]:
    """Ids, each once. Those listed by hand are not checked: whether they exist shows when it is sent."""
    kind = recipients["type"]
    if kind == "explicit":
        return list(dict.fromkeys(each.lower() for each in recipients["value"]))
    if kind == "group":
        group = store.get("group", recipients["groupId"].lower())
        return [each["id"] for each in members(store, group)] if group else []
    contacts = store.all("contact")
    if kind == "tags":
        wanted = set(recipients["value"])
        contacts = [each for each in contacts if wanted & set(each["tags"])]
    return [each["id"] for each in contacts]


def members(store: Store, group: dict[str, Any]) -> list[dict[str, Any]]:
    """The contacts that were there first, as many as the group counts."""
    return store.first("contact", int(group["contactCount"]))


def groups_of(store: Store, contact_id: str) -> list[dict[str, Any]]:
    groups = store.all("group")
    return [group for group in groups if any(each["id"] == contact_id for each in members(store, group))]


def keep(store: Store, contact_ids: list[str]) -> str:
    """The id under which this list of contacts is stored from now on."""
    key = hashlib.sha256("\n".join(contact_ids).encode(errors="surrogatepass")).hexdigest()
    if store.get("audience", key) is None:
        store.put("audience", {"id": key, "contacts": contact_ids})
    return key


def kept(store: Store, key: str) -> list[str]:
    stored = store.get("audience", key)
    return list(stored["contacts"]) if stored else []
