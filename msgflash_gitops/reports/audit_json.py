"""An audit as JSON, version 1 (schemas/audit.schema.json)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from msgflash_gitops.model.audit import GROUPS, Audit, AuditFinding, Coverage, Kind, Send, State, Subject
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.provenance import Applied, Commit
from msgflash_gitops.model.source import Position
from msgflash_gitops.reports.audit_words import local
from msgflash_gitops.reports.findings import finding_object

STATS = ("planned", "queued", "sent", "delivered", "read", "failed", "cancelled")
_GROUP = {kind: group for group, kinds in GROUPS.items() for kind in kinds}


def audit_object(audit: Audit, failing: Sequence[AuditFinding], *, requests: int) -> dict[str, Json]:
    """`failing` are the findings that `--fail-on` asks for; `requests`: how many the run sent to the API."""
    states = Counter(send.subject.state for send in audit.sends)
    kinds = Counter(finding.kind for finding in audit.findings)
    asked = {id(finding) for finding in failing}
    return {
        "version": 1,
        "ok": not failing,
        "project": audit.project,
        "workspace": audit.workspace,
        "made_at": format_instant(audit.made_at),
        "window": {
            "from_utc": format_instant(audit.window.start),
            "to_utc": format_instant(audit.window.end),
            "from_local": _local(audit.window.start, audit),
            "to_local": _local(audit.window.end, audit),
            "timezone": audit.window.timezone,
        },
        "coverage": _coverage(audit.coverage),
        "commit": audit.commit,
        "dirty": audit.dirty,
        "summary": {
            "sends": len(audit.sends),
            "stopped": len(audit.stopped),
            "states": {state.value: states[state] for state in State if state is not State.STOPPED},
            "findings": {kind.value: kinds[kind] for kind in Kind},
        },
        "sends": [send_object(send, audit) for send in audit.sends],
        "stopped": [send_object(send, audit) for send in audit.stopped],
        "findings": [_finding(finding, audit, failing=id(finding) in asked) for finding in audit.findings],
        "problems": [finding_object(problem) for problem in audit.problems],
        "notices": [*audit.notices, *([audit.blame.note] if audit.blame.note else [])],
        "requests": requests,
    }


def _coverage(coverage: Coverage) -> JsonObject:
    return {
        "world": coverage.world.value,
        "remembered": coverage.remembered,
        "listed": coverage.listed,
        "read": coverage.read,
        "messages_read": coverage.messages_read,
        "blind_spots": list(coverage.blind_spots),
    }


def send_object(send: Send, audit: Audit) -> dict[str, Json]:
    subject = send.subject
    return {
        "at_utc": format_instant(send.at),
        "at_local": _local(send.at, audit),
        "timezone": audit.window.timezone,
        "instance": _instance(subject),
        "campaign_id": subject.campaign_id,
        "key": subject.key,
        "name": subject.name,
        "origin": subject.origin.value,
        "state": send.state.value,
        "status": subject.status,
        "outlook": send.outlook.value,
        "reason": subject.reason or None,
        "differences": [
            {"field": each.field, "before": each.before, "after": each.after} for each in subject.differences
        ],
        "repeat": subject.repeat,
        "recipients": {**subject.recipients, "count": subject.recipients.get("count")},
        "content": subject.content,
        "source": _source(subject.source),
        "provenance": _provenance(subject, audit),
        "stats": {name: send.stats[name] for name in STATS if name in send.stats} or None,
        "notes": [*subject.notes, *send.notes],
    }


def _finding(finding: AuditFinding, audit: Audit, *, failing: bool) -> JsonObject:
    subject, other = finding.subject, finding.other
    return {
        "kind": finding.kind.value,
        "group": _GROUP[finding.kind],
        "failing": failing,
        "message": finding.message,
        "key": subject.key if subject else finding.key,
        "campaign_id": subject.campaign_id if subject else None,
        "name": subject.name if subject else None,
        "instance": subject.instance.label if subject and subject.instance else None,
        "at_utc": format_instant(finding.at) if finding.at else None,
        "at_local": _local(finding.at, audit) if finding.at else None,
        "other": {"key": other.key, "campaign_id": other.campaign_id, "name": other.name} if other else None,
        "source": _source(finding.source),
    }


def _instance(subject: Subject) -> JsonObject | None:
    found = subject.instance
    if found is None:
        return None
    return {"id": found.id, "label": found.label, "number": found.number, "status": found.status}


def _provenance(subject: Subject, audit: Audit) -> JsonObject:
    known = audit.provenance(subject)
    ledger = known.ledger
    return {
        "commit": _commit(known.commit),
        "applied": _applied(known.applied),
        "definition_changed_since": known.changed_since,
        "definition_changed_by": _commit(known.changed_by),
        "dirty": known.dirty,
        "ledger": {"run": ledger.run, "at": ledger.at, "operation": ledger.operation, "commit": ledger.commit}
        if ledger
        else None,
        "project": subject.foreign,
        "created_at": format_instant(known.created_at) if known.created_at else None,
        "updated_at": format_instant(known.updated_at) if known.updated_at else None,
        "user_id": known.user_id,
    }


def _commit(commit: Commit | None) -> JsonObject | None:
    if commit is None:
        return None
    return {"id": commit.id, "author": commit.author, "email": commit.email, "date": commit.date.isoformat()}


def _applied(applied: Applied | None) -> JsonObject | None:
    if applied is None:
        return None
    known = applied.known
    return {
        "commit": applied.commit,
        "author": known.author if known else None,
        "email": known.email if known else None,
        "date": known.date.isoformat() if known else None,
        "dirty": applied.dirty,
    }


def _source(source: Position | None) -> JsonObject | None:
    return {"path": source.path, "line": source.line} if source else None


def _local(instant: datetime, audit: Audit) -> str:
    return local(instant, audit.window).isoformat(timespec="seconds")
