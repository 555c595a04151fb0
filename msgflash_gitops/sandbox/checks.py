"""What bodies are refused: every rule of the documentation, and fields that it does not name."""

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


_PREVIEW = {"instanceId", "contactId", "variables"}
_LONGEST_TEXT = 4096
_KEY_TYPES = ("cpf", "cnpj", "email", "phone", "random")
Fault = Callable[[str, str], None]


def check_campaign(body: Any) -> None:
    """Raises Problem with one detail for each fault."""
    if not isinstance(body, dict):
        raise Problem("VALIDATION_ERROR", "Body must be an object")
    faults: list[dict[str, str]] = []

    def fault(field: str, message: str) -> None:
        faults.append({"field": field, "message": message})

    for name in sorted(set(body) - _COMMON - _TEMPLATE - _DIRECT):
        fault(name, "Unknown field")
    if not is_uuid(body.get("instanceId")):
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


def _check_recipients(recipients: Any, fault: Fault) -> None:
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
        wanted = _is_text if kind == "tags" else is_uuid
        if not isinstance(value, list) or not value or not all(wanted(each) for each in value):
            fault("recipients.value", "Must hold at least one tag" if kind == "tags" else "Must hold contact ids")
    if kind == "group" and not is_uuid(recipients.get("groupId")):
        fault("recipients.groupId", "Must be a UUID")


def _check_content(body: dict[str, Any], fault: Fault) -> None:
    if "templateId" in body:
        for name in sorted(_DIRECT & set(body)):
            fault(name, "Not allowed with templateId")
        if not is_uuid(body["templateId"]):
            fault("templateId", "Must be a UUID")
        _check_variables(body, fault)
        return
    kind = body.get("type")
    if "variables" in body:
        fault("variables", "Only with templateId")
    if not isinstance(kind, str) or kind not in _TYPES:
        fault("type", "Empty campaign: templateId or type is required")
        return
    _check_texts(body, fault)
    if kind in _MEDIA and not _is_text(body.get("mediaUrl")):
        fault("mediaUrl", f"Required for type {kind}")
    if kind == "buttons":
        _check_buttons(body, fault)
    else:
        for name in sorted(_BUTTONS & set(body)):
            fault(name, "Only for type buttons")


def _check_texts(body: dict[str, Any], fault: Fault) -> None:
    for name in ("body", "mediaUrl", "footer"):
        if name in body and not isinstance(body[name], str):
            fault(name, "Must be a string")
    if body["type"] == "text":
        if not _is_text(body.get("body")):
            fault("body", "Required for type text")
        elif len(body["body"]) > _LONGEST_TEXT:
            fault("body", f"Must not be longer than {_LONGEST_TEXT} characters")


def _check_buttons(body: dict[str, Any], fault: Fault) -> None:
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
        for name in sorted(set(button) - _BUTTON_FIELDS[kind] - {"type", "displayText", "id"}):
            fault(f"buttons[{index}].{name}", "Unknown field")
        for name in sorted(_BUTTON_FIELDS[kind]):
            if not _is_text(button.get(name)):
                fault(f"buttons[{index}].{name}", f"Required for type {kind}")
        if kind == "pix" and button.get("keyType") not in _KEY_TYPES:
            fault(f"buttons[{index}].keyType", f"Must be one of {', '.join(_KEY_TYPES)}")


def _check_variables(body: dict[str, Any], fault: Fault) -> None:
    if "variables" not in body:
        return
    if not isinstance(body["variables"], dict):
        fault("variables", "Must be an object")
        return
    for name, value in body["variables"].items():
        if not isinstance(value, str | int | float):
            fault(f"variables.{name}", "Must be a value")


def check_preview(body: Any) -> None:
    """Raises Problem with one detail for each fault."""
    if not isinstance(body, dict):
        raise Problem("VALIDATION_ERROR", "Body must be an object")
    faults = [{"field": name, "message": "Unknown field"} for name in sorted(set(body) - _PREVIEW)]
    for name in ("instanceId", "contactId"):
        if name in body and not is_uuid(body[name]):
            faults.append({"field": name, "message": "Must be a UUID"})
    _check_variables(body, lambda field, message: faults.append({"field": field, "message": message}))
    if faults:
        raise Problem("VALIDATION_ERROR", "Validation failed", faults)


def check_no_body(body: Any) -> None:
    """For calls that have none; an empty object is as good."""
    if body not in (None, {}):
        raise Problem("VALIDATION_ERROR", "This call has no body")


def parse_instant(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def is_uuid(value: Any) -> bool:
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
