"""`audit`: every send of the account in a window, what git says of each, who put it there, and what deserves a look."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from msgflash_gitops.errors import UsageError
from msgflash_gitops.files.blame import last_commits
from msgflash_gitops.files.blame_commits import known_commits
from msgflash_gitops.files.definitions import Loaded
from msgflash_gitops.model.audit import Audit, Limits, Outlook, Send, Subject, Window
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.ledger import Entry, Linked, OutcomeSeen, RunBegan
from msgflash_gitops.model.plan import Desired, World
from msgflash_gitops.model.provenance import LedgerNote
from msgflash_gitops.model.source import Position
from msgflash_gitops.planning.assemble import decide_all, doubts_by_key
from msgflash_gitops.planning.audit.coverage import Sight, coverage_of
from msgflash_gitops.planning.audit.delivery import delivery_findings
from msgflash_gitops.planning.audit.findings import by_subject, finding_order, invalid_findings, state_findings
from msgflash_gitops.planning.audit.risks import risk_findings
from msgflash_gitops.planning.audit.sends import expand, send_order
from msgflash_gitops.planning.audit.shown import Labels
from msgflash_gitops.planning.audit.subjects import Compared, make_subjects, untimed_notices
from msgflash_gitops.planning.decide import Context
from msgflash_gitops.planning.match import match
from msgflash_gitops.planning.resolve import Resolution, resolve
from msgflash_gitops.ports import CampaignApi, Clock
from msgflash_gitops.workflows.audit_account import AuditedAccount, read_audited
from msgflash_gitops.workflows.audit_messages import Tell
from msgflash_gitops.workflows.plan import Scope, context_of

MOST_SENDS = 200_000
# Two definitions claim one identity: neither can be compared with what is live.
_IDENTITY = frozenset({"key-duplicate", "id-duplicate", "renamed-from-exists"})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the window, and from when on things are too late, too close or too long.

    `tell`: campaigns are to be looked for among messages too, and who asks is told the cost.
    """

    window: Window
    limits: Limits = field(default_factory=Limits)
    tell: Tell | None = None


async def make_audit(api: CampaignApi, clock: Clock, scope: Scope, loaded: Loaded, question: Question) -> Audit:
    """Compare and look. Faulty definitions are reported, and the rest goes on. Raises ApiError, UsageError (too many sends)."""
    wanted = _comparable(loaded, scope.workspace)
    account = await read_audited(api, clock, scope, wanted, question.window, question.tell)
    now = clock.now()
    project = scope.project
    resolution = resolve(wanted, account.labels, project=project.name, timezone=project.timezone)
    problems = (*loaded.findings, *resolution.findings)
    context = context_of(scope, now, account.campaigns)
    subjects, untimed, notices = _subjects(scope, account, resolution, problems, context)
    every = _sends(subjects, question.window, now)
    sends = [send for send in every if send.outlook is not Outlook.NEVER]
    found = by_subject(every)
    findings = [
        *state_findings(found),
        *invalid_findings(problems),
        *delivery_findings(found, now, question.limits),
        *risk_findings(sends, question.window, now, question.limits),
    ]
    return Audit(
        project=project.name,
        workspace=scope.workspace,
        window=question.window,
        made_at=now,
        sends=tuple(sends),
        stopped=tuple(send for send in every if send.outlook is Outlook.NEVER),
        findings=tuple(sorted(findings, key=finding_order)),
        coverage=coverage_of(_sight(account, context), untimed),
        problems=problems,
        notices=(*account.notices, *notices),
        commit=scope.commit,
    )


def with_provenance(audit: Audit, root: Path, campaigns: str, entries: Iterable[Entry]) -> Audit:
    """Who put them there, as far as git and the ledger know."""
    subjects = [send.subject for send in (*audit.sends, *audit.stopped)]
    places = {(subject.source.path, subject.source.line) for subject in subjects if subject.source is not None}
    told = replace(audit, blame=last_commits(root, campaigns, places), ledger=ledger_notes(entries))
    applied = {known.commit for subject in subjects if (known := told.provenance(subject).applied) is not None}
    return replace(told, history=known_commits(root, applied))


def ledger_notes(entries: Iterable[Entry]) -> dict[str, LedgerNote]:
    """By campaign id: its creation, else the last entry that names it."""
    notes: dict[str, LedgerNote] = {}
    commits: dict[str, str | None] = {}
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, RunBegan):
            commits[entry.run] = fact.commit
            continue
        operation = (
            "link" if isinstance(fact, Linked) else fact.operation.value if isinstance(fact, OutcomeSeen) else None
        )
        identity = fact.campaign_id if isinstance(fact, Linked | OutcomeSeen) else None
        known = notes.get(identity or "")
        if operation and identity and (known is None or known.operation != "create"):
            notes[identity] = LedgerNote(entry.run, format_instant(entry.at), operation, commits.get(entry.run))
    return notes


def _comparable(loaded: Loaded, workspace: str) -> tuple[Definition, ...]:
    """Those of the workspace whose identity is certain."""
    unclear = {each.key for each in loaded.findings if each.severity is Severity.ERROR and each.rule in _IDENTITY}
    return tuple(
        each
        for each in loaded.definitions
        if each.key not in unclear and (each.workspaces is None or workspace in each.workspaces)
    )


def _subjects(
    scope: Scope, account: AuditedAccount, resolution: Resolution, problems: Sequence[Finding], context: Context
) -> tuple[list[Subject], list[LiveCampaign], list[str]]:
    """Two looks at the same thing: the plan's decisions, and the matches that they were made from."""
    name, desired = scope.project.name, resolution.desired
    live = account.campaigns.live
    decisions = decide_all(desired, live, name, context)
    matches = match(desired, live, name, scope.project.formerly, context.memory.campaigns)
    faulty = _faulty(problems, desired)
    compared = Compared(name, desired, live, matches, decisions, faulty, doubts_by_key(desired, context))
    subjects, untimed = make_subjects(compared, Labels(account.labels))
    return subjects, untimed, [*untimed_notices(untimed), *decisions.notices]


def _sight(account: AuditedAccount, context: Context) -> Sight:
    read = account.campaigns
    world = World.LIST if read.lists else World.DOCUMENTED
    return Sight(world, read.live, context.memory, read.asked, account.searched)


def _faulty(problems: Sequence[Finding], desired: Sequence[Desired]) -> Mapping[str, Position]:
    """Keys whose definition could not be read; of a file that could not be read at all, its stem, which may be the key."""
    known = {each.key for each in desired}
    faulty: dict[str, Position] = {}
    for each in problems:
        key = each.key or Path(each.path).stem
        if each.severity is Severity.ERROR and key not in known:
            faulty.setdefault(key, Position(each.path, each.line, each.column))
    return faulty


def _sends(subjects: Sequence[Subject], window: Window, now: datetime) -> list[Send]:
    sends = list(islice(expand(subjects, window, now), MOST_SENDS + 1))
    if len(sends) > MOST_SENDS:
        raise UsageError(f"the window holds more than {MOST_SENDS} sends", hint="narrow it with --from and --to")
    return sorted(sends, key=send_order)
