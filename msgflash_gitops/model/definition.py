"""A definition: one YAML document that describes one campaign, checked, still with labels instead of ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.source import Source


class Repeat(StrEnum):
    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"


class Audience(StrEnum):
    ALL = "all"
    TAGS = "tags"
    EXPLICIT = "explicit"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the campaign starts. `timezone` is the IANA zone whose wall clock a series follows; None where an offset was written."""

    instant: datetime
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Recipients:
    """`values`: tags or contact ids, in the order written, each once. `group` is a label, `group_id` an id: one of both."""

    type: Audience
    values: tuple[str, ...] = ()
    group: str | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateContent:
    """Template mode. `template` is a label, `template_id` an id: one of both. `variables` are the `custom.*` values."""

    template: str | None = None
    template_id: str | None = None
    variables: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DirectContent:
    """Direct mode: the vendor's `type` and the fields it allows, under the vendor's names, only those that were written."""

    type: str
    fields: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiver:
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Definition:
    key: str
    name: str
    instance: str
    schedule: Schedule
    recipients: Recipients
    content: TemplateContent | DirectContent
    source: Source
    repeat: Repeat = Repeat.NONE
    until: datetime | None = None
    paused: bool = False
    revision: int = 1
    renamed_from: str | None = None
    pinned_id: str | None = None
    workspaces: tuple[str, ...] | None = None
    waivers: tuple[Waiver, ...] = ()
