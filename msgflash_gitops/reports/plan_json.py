"""A plan as JSON, version 1 (schemas/plan.schema.json)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.ledger import LedgerRef
from msgflash_gitops.model.plan import Action, Change, Current, Desired, Plan, World
from msgflash_gitops.reports.findings import finding_object


def plan_object(plan: Plan, *, digest: str, requests: int) -> dict[str, Json]:
    """`requests`: how many the run sent to the API; the monthly quota counts them."""
    return {
        "version": 1,
        "project": plan.project,
        "workspace": plan.workspace,
        "made_at": format_instant(plan.made_at),
        "commit": plan.commit,
        "summary": {**{action.value: plan.count(action) for action in Action}, "held": plan.held},
        "changes": [change_object(change) for change in plan.changes],
        "notices": list(plan.notices),
        "problems": [finding_object(finding) for finding in plan.findings],
        "unmanaged": plan.unmanaged,
        "digest": digest,
        "valid_until": format_instant(plan.valid_until) if plan.valid_until else None,
        "requests": requests,
        "world": plan.world.value,
        "refresh": plan.refresh.value if plan.world is World.DOCUMENTED else None,
        "ledger": _ledger(plan.ledger) if plan.ledger else None,
    }


def change_object(change: Change) -> dict[str, Json]:
    desired = change.desired
    return {
        "key": change.key,
        "name": change.name,
        "action": change.action.value,
        "held": change.held,
        "held_by": change.held_by.value if change.held_by and change.held else None,
        "reason": change.reason,
        "recreate": change.recreate,
        "duplicate": change.duplicate,
        "instance": {"label": desired.instance.label, "id": desired.instance.id} if desired else None,
        "schedule": _schedule(change, desired) if desired else None,
        "recipients": desired.recipients if desired else None,
        "content": desired.content if desired else None,
        "digest": desired.digest if desired else None,
        "paused": desired.paused if desired else None,
        "differences": [
            {"field": each.field, "before": each.before, "after": each.after} for each in change.differences
        ],
        "current": _current(change.current) if change.current else None,
        "missed": [format_instant(each) for each in change.missed],
        "source": {"path": desired.source.path, "line": desired.source.line} if desired else None,
        "waivers": [{"rule": each.rule, "reason": each.reason} for each in desired.waivers] if desired else [],
        "warnings": list(change.warnings),
    }


def _schedule(change: Change, desired: Desired) -> JsonObject:
    at = change.start or desired.anchor
    return {
        "local": _local(at, desired.timezone),
        "utc": format_instant(at),
        "timezone": desired.timezone,
        "repeat": desired.fields.get("repeat"),
        "until": format_instant(desired.until) if desired.until else None,
    }


def _local(at: datetime, timezone: str) -> str:
    return at.astimezone(ZoneInfo(timezone)).isoformat(timespec="seconds")


def _current(current: Current) -> JsonObject:
    return {
        "id": current.id,
        "status": current.status,
        "name": current.name,
        "schedule": current.schedule,
        "digest": current.digest,
        "seen_at": format_instant(current.seen_at) if current.seen_at else None,
    }


def _ledger(ref: LedgerRef) -> JsonObject:
    return {"id": ref.id, "store": ref.store, "head": {"number": ref.head.number, "digest": ref.head.digest}}
