"""`apply`: carry a plan out, then look again: the account must show what was asked for, once each."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from msgflash_gitops.errors import ApiError
from msgflash_gitops.executor.run import run
from msgflash_gitops.executor.settings import IN_FLIGHT_OVER_A_FILE, IN_FLIGHT_OVER_A_NETWORK, Settings, Stopper
from msgflash_gitops.executor.steps import Steps
from msgflash_gitops.model.ledger import Linked, Observed
from msgflash_gitops.model.outcome import Applied, Outcome, Result
from msgflash_gitops.model.plan import PENDING, Action, Change, Plan
from msgflash_gitops.ports import CampaignApi, Clock, Ledger
from msgflash_gitops.workflows.campaigns import Campaigns
from msgflash_gitops.workflows.plan import Planned, Scope
from msgflash_gitops.workflows.verify import QUIET, SUCCEEDED, verify_by_id, verify_by_list


def _silent(_: Result) -> None:
    """No progress is shown."""


@dataclass(slots=True)
class Run:
    """The edges and choices of one apply."""

    api: CampaignApi
    clock: Clock
    ledger: Ledger
    stopper: Stopper = field(default_factory=Stopper)
    progress: Callable[[Result], None] = _silent


def settings_of(scope: Scope, *, lists: bool = True) -> Settings:
    project = scope.project
    settings = Settings(
        min_lead=project.policy.min_lead,
        settle=project.vendor.settle,
        resume_keeps_schedule=project.vendor.resume_keeps_schedule,
    )
    quick = scope.ledger is None or scope.ledger.store == "file"
    in_doubt = IN_FLIGHT_OVER_A_FILE if quick else IN_FLIGHT_OVER_A_NETWORK
    return settings if lists else replace(settings, in_flight=in_doubt)


async def apply_plan(planned: Planned, scope: Scope, edges: Run) -> Applied:
    """One result for each change that asks for something. Raises nothing for what goes wrong with single campaigns."""
    lists = planned.campaigns.lists
    settings = settings_of(scope, lists=lists)
    known = {campaign.id for campaign in planned.live}
    steps = Steps(edges.api, edges.clock, settings, edges.ledger, edges.stopper, known, lists=lists)
    await _note_what_was_seen(steps, scope, planned.campaigns)
    changes = [change for change in planned.plan.changes if change.action not in QUIET]
    results = await run(steps, changes, settings.in_flight, edges.progress)
    await _retire_superseded(steps, planned.plan, edges.stopper)
    touched = {result.key for result in results if result.action in PENDING and not result.change.held}
    if not touched or edges.stopper.stopping:
        stands = not edges.stopper.stopping and all(change.action in QUIET for change in planned.plan.changes)
        return Applied(tuple(results), stands, _ledger_problems(steps), edges.stopper.stopping)
    if lists:
        verified = await verify_by_list(steps, planned, scope, results, edges.progress)
    else:
        verified = await verify_by_id(steps, planned, scope, results)
    problems = (*verified.problems, *_ledger_problems(steps))
    stands = verified.stands and not verified.problems
    return Applied((*results, *verified.more), stands, problems, edges.stopper.stopping)


async def _note_what_was_seen(steps: Steps, scope: Scope, campaigns: Campaigns) -> None:
    """What another run may decide by: which world this is, what moved, and whom a create in doubt turned out to be."""
    for doubt, campaign in campaigns.settled.items():
        await steps.record(Linked(doubt.key, campaign.id, doubt.digest, by="messages"))
    remembered = scope.memory.campaigns
    moved = {
        each.id: each.status
        for each in campaigns.live
        if each.seen_at is None and each.id in remembered and each.status != remembered[each.id].status
    }
    moved |= {each.id: each.status for each in campaigns.settled.values()}
    if moved or scope.memory.lists is not campaigns.lists:
        await steps.record(Observed(lists=campaigns.lists, statuses=moved))


def _ledger_problems(steps: Steps) -> tuple[str, ...]:
    """What could not be written down will not be known to the next run."""
    if steps.ledger_fault is None:
        return ()
    unwritten = (f"`msgflash-gitops link {key} {campaign}`" for key, campaign in steps.unwritten)
    ways = "; what was created is remembered once you say: " + ", ".join(unwritten) if steps.unwritten else ""
    return (f"{steps.ledger_fault.message}{ways}",)


async def _retire_superseded(steps: Steps, plan: Plan, stopper: Stopper) -> None:
    """Housekeeping: cancel paused leftovers of earlier replaces; where the vendor has no cancel, the first try shows it.

    Whether one that was not read is paused still, nobody knows: it is left alone.
    """
    for leftover in plan.superseded:
        if leftover.seen_at is not None:
            continue
        if stopper.stopping:
            return
        change = Change(plan.project, leftover.name, Action.STOP, "superseded by an earlier replace", current=leftover)
        if await steps.retire(change, leftover.id) is not None:
            return


def exit_code(plan: Plan, applied: Applied) -> int:
    """Unknown before partial; 3 only where the API refused everything and nothing was done."""
    outcomes = [result.outcome for result in applied.results]
    if Outcome.UNKNOWN in outcomes:
        return 6
    failed = [each for each in applied.results if each.error is not None]
    if failed and not any(outcome in SUCCEEDED for outcome in outcomes) and all(_is_unusable(each) for each in failed):
        return ApiError.exit_code
    attention = any(change.held or change.action in (Action.BLOCKED, Action.LATE) for change in plan.changes)
    return 5 if failed or attention or applied.problems or applied.interrupted else 0


def _is_unusable(result: Result) -> bool:
    return result.error is not None and result.error.unusable
