"""The canonical form of a campaign: what two descriptions of the same campaign have in common to the byte.

Fields bear the vendor's names. Desired and live campaigns pass through the same functions; the digest is taken over this
form, so a change here changes digests of definitions that people did not touch: golden tests forbid it.
"""

import json
from collections.abc import Mapping

from msgflash_gitops.model.instant import format_instant, parse_instant
from msgflash_gitops.model.json_value import Json, JsonObject

# What the vendor's answers show, and the buttons' fields in case a later version shows them too.
COMPARABLE = (
    "instanceId",
    "schedule",
    "repeat",
    "recipients",
    "templateId",
    "variables",
    "type",
    "body",
    "mediaUrl",
    "title",
    "description",
    "footer",
    "buttons",
)

_NOT_REPEATED = (None, "", "none", "noe")


def canonical_field(name: str, value: Json) -> Json:
    """The canonical value of one field. Values of an unexpected shape are kept as they are: the comparison will show them."""
    match name:
        case "instanceId" | "templateId" if isinstance(value, str):
            return value.lower()
        case "schedule" if isinstance(value, str):
            return _canonical_schedule(value)
        case "repeat":
            return "none" if value in _NOT_REPEATED else value
        case "recipients" if isinstance(value, Mapping):
            return canonical_recipients(value)
        case "variables":
            return {} if value is None else value
        case _:
            return value


def canonical_recipients(recipients: JsonObject) -> JsonObject:
    """Tags and contact ids are sets; an empty `value` beside `all` or `group` means nothing."""
    kind = recipients.get("type")
    value = recipients.get("value")
    if kind == "group":
        group_id = recipients.get("groupId")
        return {"type": "group", "groupId": group_id.lower() if isinstance(group_id, str) else group_id}
    if kind == "all":
        return {"type": "all"}
    if kind in ("tags", "explicit") and isinstance(value, list | tuple):
        texts = [item for item in value if isinstance(item, str)]
        if len(texts) == len(value):
            cased = [text.lower() for text in texts] if kind == "explicit" else texts
            return {"type": kind, "value": sorted(set(cased))}
    return recipients


def canonical_json(value: Json) -> str:
    """JSON with sorted keys and no optional space; the same text on every machine."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _canonical_schedule(text: str) -> str:
    try:
        return format_instant(parse_instant(text))
    except ValueError:
        return text
