"""Templates filled in: `{{contact.firstName}}` and its like."""

import re
from typing import Any

from msgflash_gitops.sandbox.seed import placeholders

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z]+\.[A-Za-z0-9_.-]+)\s*\}\}")


def values(
    contact: dict[str, Any] | None, instance: dict[str, Any] | None, variables: dict[str, Any] | None
) -> dict[str, str]:
    """By placeholder. Which names there are besides `custom` is a guess, but for `contact.firstName`."""
    found = {f"custom.{name}": str(value) for name, value in (variables or {}).items()}
    found["user.name"] = "Sandbox"
    if contact is not None:
        first, _, last = contact["name"].partition(" ")
        shown = {"name": contact["name"], "firstName": first, "lastName": last, "phone": contact["phone"]}
        found.update({f"contact.{name}": value for name, value in shown.items()})
    if instance is not None:
        found.update({"instance.name": instance["name"], "instance.waNumber": instance["waNumber"]})
    return found


def fill(text: str | None, given: dict[str, str]) -> str | None:
    """What has no value stays as it is written."""
    return None if text is None else _PLACEHOLDER.sub(lambda found: given.get(found[1], found[0]), text)


def missing(text: str | None, given: dict[str, str]) -> list[str]:
    return [name for name in placeholders(text) if not given.get(name)]
