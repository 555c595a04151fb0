"""`plan`: definitions and account in, a plan out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from msgflash_gitops.errors import InputError
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.finding import Finding, Severity, finding_at, has_errors
from msgflash_gitops.model.plan import AccountRef, Consent, Desired, Plan
from msgflash_gitops.model.project import Project
from msgflash_gitops.planning.assemble import decide_all, valid_until
from msgflash_gitops.planning.audience import with_count
from msgflash_gitops.planning.decide import Context
from msgflash_gitops.planning.guards import guard
from msgflash_gitops.planning.match import leftover_renames
from msgflash_gitops.planning.resolve import resolve
from msgflash_gitops.ports import CampaignApi, Clock
from msgflash_gitops.workflows.account import read_account, read_campaigns
from msgflash_gitops.workflows.contacts import Scanning, count_contacts
from msgflash_gitops.workflows.definitions import Valid


@dataclass(frozen=True, slots=True)
class Scope:
    """What a plan is made for. `interrupted`, `applied`, `made`, `open_create`: see planning.history. `account`: base URL and team, no secret."""

    project: Project
    workspace: str
    account: AccountRef
    interrupted: frozenset[str] = frozenset()
    applied: frozenset[str] = frozenset()
    made: frozenset[str] = frozenset()
    open_create: datetime | None = None
    commit: str | None = None

    def unsettled(self, now: datetime) -> timedelta:
        """How long the list may still hide what a create of an earlier run, cut off before its outcome, left behind."""
        if self.open_create is None:
            return timedelta(0)
        settle = self.project.vendor.settle
        return min(max(self.open_create + settle - now, timedelta(0)), settle)


@dataclass(frozen=True, slots=True)
class Planned:
    """`live` is the listing the plan was made from. `growth`: what reaches more people than when the plan was reviewed."""

    plan: Plan
    live: tuple[LiveCampaign, ...]
    growth: tuple[str, ...] = ()


async def make_plan(
    api: CampaignApi, clock: Clock, scope: Scope, valid: Valid, consent: Consent, scanning: Scanning | None = None
) -> Planned:
    """Compare the definitions with the account. With `scanning`, audiences by tag are counted, which reads every contact.

    Raises InputError with findings where a label or a template does not fit, ApiError where the account cannot be read.
    """
    state = await read_account(api, valid.definitions, scope.project.names, scope.made)
    resolution = resolve(valid.definitions, state.labels, project=scope.project.name, timezone=scope.project.timezone)
    if has_errors(resolution.findings):
        raise InputError(
            "the definitions do not fit the account, nothing was sent", findings=(*valid.findings, *resolution.findings)
        )
    counted = await count_contacts(api, [one.recipients for one in resolution.desired], scanning)
    desired = [with_count(one, counted.contacts.size) for one in resolution.desired]
    now = clock.now()
    renames = _rename_findings(leftover_renames(desired, state.campaigns, scope.project.names))
    plan = _assemble(scope, desired, state.campaigns, consent, now, (*valid.findings, *resolution.findings, *renames))
    return Planned(replace(plan, notices=(*plan.notices, *counted.notices)), state.campaigns)


async def remake_plan(api: CampaignApi, clock: Clock, scope: Scope, reviewed: Plan, consent: Consent) -> Planned:
    """The same desired campaigns against the account as it is now, for a plan made earlier. Reads no YAML."""
    live = await read_campaigns(api, scope.project.names, scope.made)
    plan = _assemble(scope, reviewed.desired, live, consent, clock.now(), reviewed.findings)
    return Planned(plan, live)


def context_of(scope: Scope, now: datetime) -> Context:
    project = scope.project
    return Context(
        now,
        project.policy,
        project.vendor.resume_keeps_schedule,
        scope.interrupted,
        scope.applied,
        frozenset(project.formerly),
    )


def _assemble(
    scope: Scope,
    desired: Sequence[Desired],
    live: Sequence[LiveCampaign],
    consent: Consent,
    now: datetime,
    findings: tuple[Finding, ...],
) -> Plan:
    context = context_of(scope, now)
    decisions = decide_all(desired, live, scope.project.name, context)
    changes = guard(decisions.changes, consent, scope.project.policy)
    users = sorted({each.user_id for each in live if each.user_id})
    return Plan(
        project=scope.project.name,
        workspace=scope.workspace,
        account=AccountRef(scope.account.base_url, scope.account.team_id, tuple(users)),
        made_at=now,
        changes=changes,
        desired=tuple(desired),
        superseded=decisions.superseded,
        notices=decisions.notices,
        findings=findings,
        unmanaged=len(decisions.unmanaged),
        valid_until=valid_until(changes, context),
        commit=scope.commit,
        consent=consent,
    )


def _rename_findings(leftovers: Sequence[Desired]) -> list[Finding]:
    return [
        finding_at(
            one.source,
            "renamed-from-leftover",
            f"nothing live bears the old key {one.renamed_from!r} any more",
            severity=Severity.WARNING,
            hint="remove `renamed_from`",
            key=one.key,
        )
        for one in leftovers
    ]
