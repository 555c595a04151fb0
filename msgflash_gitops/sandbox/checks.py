"""What POST /campaigns refuses: every rule of the page "Create a campaign", and fields that it does not name."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgflash_gitops.sandbox.problems import Problem

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_COMMON = {"instanceId", "name", "schedule", "repeat", "recipients"}
_TEMPLATE = {"templateId", "variables"}
_BUTTONS = {"title", "description", "footer", "buttons"}
_DIRECT = {"type", "body", "mediaUrl", *_BUTTONS}
_MEDIA = {"image", "video", "audio", "document", "voice_note"}
_TYPES = {"text", "buttons", *_MEDIA}
_BUTTON_FIELDS = {
    "reply": {"id"},
    "url": {"url"},
    "call": {"phoneNumber"},
    "copy": {"copyCode"},
    "pix": {"currency", "name", "keyType", "key"},
}


def check_campaign(body: Any) -> None:
    """Raises Problem with one detail for each fault."""
    if not isinstance(body, dict):
        raise Problem("VALIDATION_ERROR", "Body must be an object")
    faults: list[dict[str, str]] = []

    def fault(field: str, message: str) -> None:
        faults.append({"field": field, "message": message})

    for name in sorted(set(body) - _COMMON - _TEMPLATE - _DIRECT):
        fault(name, "Unknown field")
    if not _is_uuid(body.get("instanceId")):
        fault("instanceId", "Must be a UUID")
    if not _is_text(body.get("name")):
        fault("name", "Required")
    if parse_instant(body.get("schedule")) is None:
        fault("schedule", "Must be an ISO 8601 date-time with offset")
    if "repeat" in body and body["repeat"] not in ("none", "daily", "weekly"):
        fault("repeat", "Must be one of none, daily, weekly")
    _check_recipients(body.get("recipients"), fault)
    _check_content(body, fault)
    if faults:
        raise Problem("VALIDATION_ERROR", "Validation failed", faults)


def _check_recipients(recipients: Any, fault: Callable[[str, str], None]) -> None:
    if not isinstance(recipients, dict):
        fault("recipients", "Required")
        return
    kind = recipients.get("type")
    allowed = {"all": {"type"}, "tags": {"type", "value"}, "explicit": {"type", "value"}, "group": {"type", "groupId"}}
    if not isinstance(kind, str) or kind not in allowed:
        fault("recipients.type", "Must be one of all, tags, explicit, group")
        return
    for name in sorted(set(recipients) - allowed[kind]):
        fault(f"recipients.{name}", "Unknown field")
    value = recipients.get("value")
    if kind in ("tags", "explicit"):
        wanted = _is_text if kind == "tags" else _is_uuid
        if not isinstance(value, list) or not value or not all(wanted(each) for each in value):
            fault("recipients.value", "Must hold at least one tag" if kind == "tags" else "Must hold contact ids")
    if kind == "group" and not _is_uuid(recipients.get("groupId")):
        fault("recipients.groupId", "Must be a UUID")


def _check_content(body: dict[str, Any], fault: Callable[[str, str], None]) -> None:
    if "templateId" in body:
        for name in sorted(_DIRECT & set(body)):
            fault(name, "Not allowed with templateId")
        if not _is_uuid(body["templateId"]):
            fault("templateId", "Must be a UUID")
        if "variables" in body and not isinstance(body["variables"], dict):
            fault("variables", "Must be an object")
        return
    kind = body.get("type")
    if "variables" in body:
        fault("variables", "Only with templateId")
    if not isinstance(kind, str) or kind not in _TYPES:
        fault("type", "Empty campaign: templateId or type is required")
        return
    if kind == "text" and not _is_text(body.get("body")):
        fault("body", "Required for type text")
    if kind in _MEDIA and not _is_text(body.get("mediaUrl")):
        fault("mediaUrl", f"Required for type {kind}")
    if kind == "buttons":
        _check_buttons(body, fault)
    else:
        for name in sorted(_BUTTONS & set(body)):
            fault(name, "Only for type buttons")


def _check_buttons(body: dict[str, Any], fault: Callable[[str, str], None]) -> None:
    for name in ("title", "description"):
        if not _is_text(body.get(name)):
            fault(name, "Required for type buttons")
    buttons = body.get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 2:
        fault("buttons", "Must hold 1 or 2 buttons")
        return
    for index, button in enumerate(buttons):
        kind = button.get("type") if isinstance(button, dict) else None
        if not isinstance(kind, str) or kind not in _BUTTON_FIELDS or not _is_text(button.get("displayText")):
            fault(f"buttons[{index}]", "Must have a known type and displayText")
            continue
        for name in sorted(_BUTTON_FIELDS[kind] - set(button)):
            fault(f"buttons[{index}].{name}", f"Required for type {kind}")


def parse_instant(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _is_uuid(value: Any) -> bool:
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
