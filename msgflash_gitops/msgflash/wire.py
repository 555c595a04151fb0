"""JSON of the API to the model. Unknown fields are passed over; a wrong shape is named by its place."""

from collections.abc import Mapping
from datetime import datetime

from msgflash_gitops.errors import BadAnswer
from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.instant import parse_instant
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.message import CampaignStats, MessageRef
from msgflash_gitops.msgflash.assumptions import VARIABLES_IN_ANSWERS
from msgflash_gitops.msgflash.envelope import check_success
from msgflash_gitops.planning.canonical import COMPARABLE, canonical_field


def read_campaign(data: Json, where: str) -> LiveCampaign:
    """Page "Create a campaign". Raises BadAnswer without id, name or status: such a campaign could not be told from others."""
    item = _object(data, where)
    stats = item.get("stats")
    counts = stats if isinstance(stats, Mapping) else {}
    return LiveCampaign(
        id=_text(item, "id", where),
        name=_text(item, "name", where, may_be_empty=True),
        status=_text(item, "status", where).lower(),
        fields=_fields(item),
        stats=_counts(counts),
        started_at=_instant(counts.get("processingStartedAt")),
        created_at=_instant(item.get("createdAt")),
        updated_at=_instant(item.get("updatedAt")),
        user_id=_text_or_none(item.get("userId")),
        safety=_object_or_none(item.get("safety")),
        enqueued_at=_instant(counts.get("lastEnqueuedAt")),
        completed_at=_instant(counts.get("completedAt")),
        cancelled_at=_instant(counts.get("cancelledAt")),
    )


def read_written(data: Json, where: str) -> LiveCampaign:
    """The campaign that a write answers with. `id` and `status` alone, as older pages show it, are a partial one."""
    item = _object(data, where)
    if "name" in item:
        return read_campaign(item, where)
    return LiveCampaign(
        id=_text(item, "id", where),
        name="",
        status=_text(item, "status", where).lower(),
        safety=_object_or_none(item.get("safety")),
        partial=True,
    )


def read_stats(data: Json, where: str) -> CampaignStats:
    """Page "Get a campaign's statistics"."""
    item = _object(data, where)
    timeline = _object_or_none(item.get("timeline")) or {}
    progress = item.get("progressPercent")
    return CampaignStats(
        campaign_id=_text(item, "campaignId", where),
        status=_text(item, "status", where).lower(),
        stats=_counts(_object_or_none(item.get("stats")) or {}),
        progress=progress if isinstance(progress, int | float) and not isinstance(progress, bool) else None,
        scheduled_for=_instant(timeline.get("scheduledFor")),
        started_at=_instant(timeline.get("processingStartedAt")),
        enqueued_at=_instant(timeline.get("lastEnqueuedAt")),
        completed_at=_instant(timeline.get("completedAt")),
        cancelled_at=_instant(timeline.get("cancelledAt")),
        active_at=_instant(timeline.get("lastActivityAt")),
    )


def read_message(data: Json, where: str, instance_id: str) -> MessageRef | None:
    """Page "List messages". None for a message of another instance."""
    item = _object(data, where)
    instance = _text_or_none(item.get("instanceId"))
    if instance is not None and not same_id(instance, instance_id):
        return None
    return MessageRef(
        id=_text(item, "id", where),
        campaign_id=_text_or_none(item.get("campaignId")) or None,
        created_at=_instant(item.get("createdAt")),
        status=(_text_or_none(item.get("status")) or "unknown").lower(),
    )


def read_instance(data: Json, where: str) -> Instance | None:
    """Page "List instances". None for a deleted one."""
    item = _object(data, where)
    if item.get("deletedAt") is not None:
        return None
    number = _text_or_none(item.get("waNumber"))
    return Instance(
        id=_text(item, "id", where),
        name=_text(item, "name", where, may_be_empty=True),
        number=f"+{number}" if number and number.isdigit() else number,
        status=_text_or_none(item.get("status")) or "unknown",
    )


def read_template(data: Json, where: str) -> Template:
    """Page "List templates"."""
    item = _object(data, where)
    variables = item.get("variables")
    names = variables if isinstance(variables, list) else []
    return Template(
        id=_text(item, "id", where),
        name=_text(item, "name", where, may_be_empty=True),
        type=_text_or_none(item.get("type")),
        body=_text_or_none(item.get("body")),
        media_url=_text_or_none(item.get("mediaUrl")),
        variables=tuple(name for name in names if isinstance(name, str)),
    )


def read_group(data: Json, where: str) -> Group:
    """Page "List contact groups"."""
    item = _object(data, where)
    count = item.get("contactCount")
    return Group(
        id=_text(item, "id", where),
        name=_text(item, "name", where, may_be_empty=True),
        contact_count=count if isinstance(count, int) and not isinstance(count, bool) else None,
    )


def read_tags(data: Json, where: str) -> frozenset[str]:
    """Page "List contacts": the tags of one contact."""
    tags = _object(data, where).get("tags")
    return frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset()


def payload(body: Json, operation: str) -> Json:
    """What stands under `data`. Raises BadAnswer where there is none, or where the answer says beside it that it failed."""
    if not isinstance(body, Mapping) or "data" not in body:
        raise BadAnswer(f"{operation}: the answer has no `data`", operation=operation)
    check_success(body, operation)
    return body["data"]


def _fields(item: JsonObject) -> dict[str, Json]:
    """What the answer shows of the comparable fields; `repeat` left out means none (page "Create a campaign")."""
    fields = {name: canonical_field(name, item[name]) for name in COMPARABLE if name in item and name != "variables"}
    fields.setdefault("repeat", "none")
    for name in VARIABLES_IN_ANSWERS:
        if name in item:
            fields["variables"] = canonical_field("variables", item[name])
            break
    return fields


def same_id(one: str, other: str) -> bool:
    """Ids are UUIDs, in either case."""
    return one.lower() == other.lower()


def _counts(item: JsonObject) -> dict[str, int]:
    return {name: value for name, value in item.items() if isinstance(value, int) and not isinstance(value, bool)}


def _object(data: Json, where: str) -> JsonObject:
    if not isinstance(data, Mapping):
        raise BadAnswer(f"{where}: expected an object, got {_kind(data)}")
    return data


def _text(item: JsonObject, name: str, where: str, *, may_be_empty: bool = False) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not (value or may_be_empty):
        raise BadAnswer(f"{where}.{name}: expected text, got {_kind(value)}")
    return value


def _kind(value: Json) -> str:
    if value is None:
        return "nothing"
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
    return "an empty text" if value == "" else kinds.get(type(value), "an object")


def _instant(value: Json) -> datetime | None:
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _text_or_none(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _object_or_none(value: Json) -> JsonObject | None:
    return value if isinstance(value, Mapping) else None
