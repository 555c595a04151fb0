"""`plan`: definitions and account in, a plan out."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from msgflash_gitops.errors import BadAnswer, InputError, LedgerError
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.finding import Finding, Severity, finding_at, has_errors
from msgflash_gitops.model.ledger import LedgerRef
from msgflash_gitops.model.memory import DELETED, Memory
from msgflash_gitops.model.plan import AccountRef, Change, Consent, Desired, Plan, World
from msgflash_gitops.model.project import Project
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.planning.assemble import decide_all, valid_until
from msgflash_gitops.planning.audience import with_count
from msgflash_gitops.planning.decide import Context
from msgflash_gitops.planning.guards import guard
from msgflash_gitops.planning.match import leftover_renames
from msgflash_gitops.planning.memory import settle
from msgflash_gitops.planning.resolve import Account, resolve
from msgflash_gitops.ports import CampaignApi, Clock
from msgflash_gitops.workflows.account import read_account
from msgflash_gitops.workflows.campaigns import Campaigns, Reading, complete, find, look_again, read_campaigns, try_list
from msgflash_gitops.workflows.contacts import Scanning, count_contacts
from msgflash_gitops.workflows.definitions import Valid


@dataclass(frozen=True, slots=True)
class Scope:
    """What a plan is made for. `account`: base URL and team, no secret. `memory`: what the ledger `ledger` says.

    `sure`: whatever a pending change touches is asked for, and not taken from memory. `remembers`: that memory may stand for an
    account that has no list; it may not where msgflash.yaml names no ledger.
    """

    project: Project
    workspace: str
    account: AccountRef
    memory: Memory = field(default_factory=Memory)
    ledger: LedgerRef | None = None
    refresh: Refresh = Refresh.ALL
    sure: bool = False
    remembers: bool = True
    commit: str | None = None

    def unsettled(self, now: datetime) -> timedelta:
        """How long a list, or a read by its id, may still hide what a create of an earlier run that was cut off left behind."""
        since = self.memory.open_create
        if since is None:
            return timedelta(0)
        settle = self.project.vendor.settle
        return min(max(since + settle - now, timedelta(0)), settle)

    def reading(self, now: datetime, pinned: Iterable[Definition | Desired]) -> Reading:
        """What to look for, for these definitions."""
        pins = tuple(each.pinned_id for each in pinned if each.pinned_id)
        return Reading(self.project.name, self.project.names, now, self.memory, self.refresh, pins)


@dataclass(frozen=True, slots=True)
class Planned:
    """`campaigns` is what the plan was made from. `growth`: what reaches more people than when the plan was reviewed."""

    plan: Plan
    campaigns: Campaigns
    growth: tuple[str, ...] = ()

    @property
    def live(self) -> tuple[LiveCampaign, ...]:
        return self.campaigns.live


async def make_plan(
    api: CampaignApi, clock: Clock, scope: Scope, valid: Valid, consent: Consent, scanning: Scanning | None = None
) -> Planned:
    """Compare the definitions with the account. With `scanning`, audiences by tag are counted, which reads every contact.

    Raises InputError with findings where a label or a template does not fit, ApiError where the account cannot be read,
    LedgerError where what is remembered is about another account.
    """
    labels, listed = await asyncio.gather(read_account(api, valid.definitions), try_list(api))
    resolution = resolve(valid.definitions, labels, project=scope.project.name, timezone=scope.project.timezone)
    if has_errors(resolution.findings):
        raise InputError(
            "the definitions do not fit the account, nothing was sent", findings=(*valid.findings, *resolution.findings)
        )
    check_memory(scope, listed=listed is not None)
    campaigns = await complete(api, listed, scope.reading(clock.now(), resolution.desired), resolution.desired)
    await check_account(api, scope.memory, campaigns, labels)
    counted = await count_contacts(api, [one.recipients for one in resolution.desired], scanning)
    desired = [with_count(one, counted.contacts.size) for one in resolution.desired]
    doubtful = {doubt.key for doubt in scope.memory.doubts}
    renames = _rename_findings(leftover_renames(desired, campaigns.live, scope.project.names, doubtful))
    findings = (*valid.findings, *resolution.findings, *renames)
    planned = await _planned(api, clock, scope, desired, campaigns, consent, findings)
    return replace(planned, plan=replace(planned.plan, notices=(*planned.plan.notices, *counted.notices)))


async def remake_plan(api: CampaignApi, clock: Clock, scope: Scope, reviewed: Plan, consent: Consent) -> Planned:
    """The same desired campaigns against the account as it is now, for a plan made earlier. Reads no YAML."""
    campaigns = await read_campaigns(api, scope.reading(clock.now(), reviewed.desired), reviewed.desired)
    check_memory(scope, listed=campaigns.lists)
    return await _planned(api, clock, scope, reviewed.desired, campaigns, consent, reviewed.findings)


def check_memory(scope: Scope, *, listed: bool) -> None:
    """Raises LedgerError where only a ledger could say what was created, and there is none; BadAnswer where a list has vanished."""
    if not listed and scope.memory.lists and not scope.project.vendor.list_gone:
        raise BadAnswer(
            "this account had a list of campaigns when it was last applied, and now the server says that there is none: what only the "
            "list showed would be created again, so nothing was sent",
            hint="try again: a list does not come and go. Where MsgFlash took it away for good: `link` what only the list showed, then say "
            "`vendor: {list: gone}` in msgflash.yaml",
        )
    if listed or scope.remembers:
        return
    store = scope.project.ledger.store
    where = f"`ledger: {{store: {store}}}`" if store != "file" else "msgflash.yaml"
    raise LedgerError(
        f"this account has no list of campaigns, so what was created must be remembered, and {where} names no ledger yet: nothing was sent",
        hint="make one once with `msgflash-gitops ledger init` (docs/ledger.md helps to choose its store), and commit msgflash.yaml",
    )


async def check_account(api: CampaignApi, memory: Memory, campaigns: Campaigns, labels: Account) -> None:
    """Raises LedgerError where nothing that is remembered is there, nor the instances that it was made for.

    Where none of it was asked for, one is: a key of another account must not make everything look new.
    """
    remembered = [each for each in campaigns.live if each.id in memory.campaigns]
    known = {memory.campaigns[each.id].instance_id for each in remembered} - {None}
    if not known or known & {each.id for each in labels.instances}:
        return
    there = [each for each in remembered if each.status != DELETED]
    if any(each.seen_at is None for each in there) or (there and await find(api, there[0].id) is not None):
        return
    if not there and all(each.seen_at is not None for each in remembered):
        return  # all of it was found deleted earlier
    raise LedgerError(
        f"the ledger is about another account: of the {len(remembered)} campaigns that it remembers, none that was asked for is in this one, nor "
        "their instances; nothing was sent",
        hint="use the key of the account that the ledger was made for (--workspace); another account needs a ledger of its own. Where it is "
        "this account, and everything was deleted there, give the campaigns up with `msgflash-gitops unlink`",
    )


def context_of(scope: Scope, now: datetime, campaigns: Campaigns) -> Context:
    project = scope.project
    return Context(
        now,
        project.policy,
        project.vendor.resume_keeps_schedule,
        frozenset(project.formerly),
        settle(scope.memory, campaigns.settled),
        campaigns.lists,
    )


async def _planned(
    api: CampaignApi,
    clock: Clock,
    scope: Scope,
    desired: Sequence[Desired],
    campaigns: Campaigns,
    consent: Consent,
    findings: tuple[Finding, ...],
) -> Planned:
    while True:
        plan = _assemble(scope, desired, campaigns, consent, clock.now(), findings)
        guessed = _taken_from_memory(plan.pending) if scope.sure else set()
        if not guessed:
            return Planned(plan, campaigns)
        campaigns = replace(campaigns, live=await look_again(api, campaigns.live, sorted(guessed)))


def _taken_from_memory(changes: Iterable[Change]) -> set[str]:
    touched = (each for change in changes for each in (change.current, *change.retire) if each is not None)
    return {each.id for each in touched if each.seen_at is not None}


def _assemble(
    scope: Scope,
    desired: Sequence[Desired],
    campaigns: Campaigns,
    consent: Consent,
    now: datetime,
    findings: tuple[Finding, ...],
) -> Plan:
    context = context_of(scope, now, campaigns)
    decisions = decide_all(desired, campaigns.live, scope.project.name, context)
    changes = guard(decisions.changes, consent, scope.project.policy)
    users = sorted({each.user_id for each in campaigns.live if each.user_id})
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
        world=World.LIST if campaigns.lists else World.DOCUMENTED,
        refresh=scope.refresh,
        ledger=scope.ledger,
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
