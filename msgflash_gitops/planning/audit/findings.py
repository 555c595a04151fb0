"""What deserves a look: campaigns that git does not agree with, and definitions with errors."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgflash_gitops.model.audit import AuditFinding, Kind, Send, State, Subject
from msgflash_gitops.model.campaign import ENDED
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.memory import DELETED
from msgflash_gitops.model.source import Position
from msgflash_gitops.planning.audit.sends import has_sent

_KINDS = {state: Kind(state.value) for state in State if state not in (State.IN_SYNC, State.STOPPED)}
_ORDER = {kind: index for index, kind in enumerate(Kind)}


def by_subject(sends: Iterable[Send]) -> list[tuple[Subject, list[Send]]]:
    """Each subject that has a send in the window, with its sends by time."""
    found: dict[int, tuple[Subject, list[Send]]] = {}
    for send in sends:
        found.setdefault(id(send.subject), (send.subject, []))[1].append(send)
    return list(found.values())


def state_findings(subjects: Iterable[tuple[Subject, list[Send]]]) -> list[AuditFinding]:
    """One for each campaign whose state is not in-sync; none for a dashboard campaign that ended before it sent anything."""
    return [
        AuditFinding(_KINDS[subject.state], subject.reason, subject, sends[0].at, source=subject.source)
        for subject, sends in subjects
        if subject.state in _KINDS and not _never_mattered(subject)
    ]


def invalid_findings(problems: Iterable[Finding]) -> list[AuditFinding]:
    """One for each definition (or file) with errors, at its first error."""
    found: dict[tuple[str, str | None], AuditFinding] = {}
    for each in problems:
        if each.severity is Severity.ERROR:
            message = f"{each.message} [{each.rule}]"
            position = Position(each.path, each.line, each.column)
            found.setdefault((each.path, each.key), AuditFinding(Kind.INVALID, message, source=position, key=each.key))
    return list(found.values())


def finding_order(finding: AuditFinding) -> tuple[int, bool, datetime | int, str, str]:
    subject = finding.subject
    name = (subject.key or subject.name) if subject else (finding.key or str(finding.source))
    identity = (subject.campaign_id or "") if subject else ""
    return (_ORDER[finding.kind], finding.at is None, finding.at or 0, name, identity)


def matching(findings: Sequence[AuditFinding], kinds: Iterable[Kind]) -> list[AuditFinding]:
    """Those that `--fail-on` asks for."""
    wanted = set(kinds)
    return [finding for finding in findings if finding.kind in wanted]


def _never_mattered(subject: Subject) -> bool:
    live = subject.campaign
    if subject.state is not State.UNMANAGED or live is None or live.status not in ENDED:
        return False
    return not has_sent(live.stats) and not (live.status == DELETED and live.started_at is not None)
