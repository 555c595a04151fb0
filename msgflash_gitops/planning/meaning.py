"""What a definition means, without an account: labels stand for ids.

Two definitions that differ only in what YAML allows (order, quotes, comments, an offset for a zone, the order of tags) mean the same;
two that would have another digest do not.
"""

from collections.abc import Hashable, Iterator, Mapping

from msgflash_gitops.model.definition import Audience, Definition, Recipients, Repeat, TemplateContent
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.plan import FieldChange
from msgflash_gitops.planning.canonical import canonical_json, canonical_recipients

# The digest does not cover these, so that no campaign is replaced for them. The first few change nothing for people at all.
REMARKS = frozenset({"waive", "id", "renamed_from", "timezone"})
NOT_SENT = REMARKS | {"paused", "until", "workspaces"}
_ORDER: tuple[str, ...] = (
    "name",
    "instance",
    "schedule",
    "timezone",
    "repeat",
    "until",
    "recipients",
    "template",
    "templateId",
)
_ORDER += ("variables", "type", "body", "mediaUrl", "title", "description", "footer", "buttons")


def shown_recipients(recipients: Recipients) -> JsonObject:
    """In the vendor's words, with the group's label and the number of those that are listed."""
    shown: dict[str, Json] = {"type": recipients.type.value}
    if recipients.type is Audience.GROUP:
        name = "group" if recipients.group is not None else "groupId"
        return {**shown, name: recipients.group or recipients.group_id}
    if recipients.type is not Audience.ALL:
        shown["value"] = list(recipients.values)
    if recipients.type is Audience.EXPLICIT:
        shown["count"] = len(recipients.values)
    return shown


def shown_content(definition: Definition) -> JsonObject:
    """In the vendor's words, with the template's label."""
    content = definition.content
    if not isinstance(content, TemplateContent):
        return {"type": content.type, **content.fields}
    name = "template" if content.template is not None else "templateId"
    return {name: content.template or content.template_id, "variables": dict(content.variables)}


def _fields(one: Definition) -> dict[str, Json]:
    """Everything that means something, in the form in which equal meanings are equal."""
    found: dict[str, Json] = {
        "name": one.name,
        "instance": one.instance,
        "schedule": format_instant(one.schedule.instant),
        "repeat": one.repeat.value,
        "recipients": _canonical_recipients(one.recipients),
        "paused": one.paused,
        "revision": one.revision,
    }
    if one.repeat is not Repeat.NONE and one.schedule.timezone is not None:
        found["timezone"] = one.schedule.timezone
    content = {**shown_content(one)}
    variables = content.pop("variables", None)
    if isinstance(variables, Mapping):
        content |= {f"variables.{name}": value for name, value in variables.items()}
    optional: dict[str, Json] = {
        "until": format_instant(one.until) if one.until else None,
        "id": one.pinned_id.lower() if one.pinned_id else None,
        "renamed_from": one.renamed_from,
        "workspaces": sorted(set(one.workspaces)) if one.workspaces is not None else None,
        "waive": sorted(f"{each.rule}: {each.reason}" for each in one.waivers) or None,
    }
    return {**found, **content, **{name: value for name, value in optional.items() if value is not None}}


def _canonical_recipients(recipients: Recipients) -> JsonObject:
    if recipients.type is Audience.GROUP and recipients.group is not None:
        return {"type": "group", "group": recipients.group}
    shown = {name: value for name, value in shown_recipients(recipients).items() if name != "count"}
    return canonical_recipients(shown)


def identity(one: Definition) -> Hashable:
    """Equal for definitions that mean the same, whatever their keys."""
    return canonical_json({name: value for name, value in _fields(one).items() if name != "renamed_from"})


def differences(one: Definition, other: Definition) -> Iterator[FieldChange]:
    """The fields that mean something else, in the order in which people read them."""
    before, after = _fields(one), _fields(other)
    for name in sorted({*before, *after}, key=_rank):
        old, new = before.get(name), after.get(name)
        # As text, because Python takes 1, 1.0 and True for the same, and digests do not.
        if canonical_json(old) != canonical_json(new):
            yield FieldChange(name, old, new)


def _rank(name: str) -> tuple[int, str]:
    first = name.partition(".")[0]
    return (_ORDER.index(first) if first in _ORDER else len(_ORDER), name)
