"""The result of `diff` as JSON, version 1 (schemas/diff.schema.json)."""

from zoneinfo import ZoneInfo

from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.planning.meaning import shown_content, shown_recipients
from msgflash_gitops.planning.revision import Comparison, Kind, Revised
from msgflash_gitops.reports.diff import advice
from msgflash_gitops.reports.findings import finding_object


def diff_object(seen: Comparison) -> dict[str, Json]:
    """`problems` of both sides, with the side that each belongs to."""
    revision = seen.revision
    return {
        "version": 1,
        "ok": seen.ok,
        "project": seen.project,
        "base": {"revision": seen.base, "how": seen.how, "has_project": seen.base_has_project},
        "commit": seen.commit,
        "made_at": format_instant(seen.made_at),
        "summary": {
            **{kind.value: revision.count(kind) for kind in Kind},
            "unchanged": revision.unchanged,
            "moved": revision.moved,
        },
        "project_changes": [
            {"field": each.field, "before": each.before, "after": each.after, "meaning": each.meaning}
            for each in revision.project
        ],
        "campaigns": [_campaign(one, seen) for one in revision.campaigns],
        "problems": [
            *(_problem(each, "base") for each in seen.base_problems),
            *(_problem(each, "now") for each in seen.problems),
        ],
    }


def _campaign(one: Revised, seen: Comparison) -> JsonObject:
    return {
        "key": one.key,
        "kind": one.kind.value,
        "previous_key": one.previous_key,
        "lookalike": one.lookalike,
        "notes": advice(one),
        "replaces": one.resends,
        "moved_seconds": one.moved_by.total_seconds() if one.moved_by else None,
        "differences": [{"field": each.field, "before": each.before, "after": each.after} for each in one.differences],
        "before": _side(one.before, seen) if one.before else None,
        "after": _side(one.after, seen) if one.after else None,
    }


def _side(one: Definition, seen: Comparison) -> JsonObject:
    zone = one.schedule.timezone or seen.timezone
    return {
        "name": one.name,
        "instance": one.instance,
        "schedule": {
            "local": one.schedule.instant.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds"),
            "utc": format_instant(one.schedule.instant),
            "timezone": zone,
            "repeat": one.repeat.value,
            "until": format_instant(one.until) if one.until else None,
        },
        "recipients": shown_recipients(one.recipients),
        "content": shown_content(one),
        "paused": one.paused,
        "source": {"path": one.source.path, "line": one.source.line},
    }


def _problem(finding: Finding, side: str) -> JsonObject:
    return {**finding_object(finding), "side": side}
