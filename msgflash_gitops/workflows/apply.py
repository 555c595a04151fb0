"""`apply`: carry a plan out, then look again: the account must show what was asked for, once each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from msgflash_gitops.errors import ApiError
from msgflash_gitops.executor.run import run
from msgflash_gitops.executor.settings import Settings, Stopper
from msgflash_gitops.executor.steps import Steps
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.outcome import Applied, Outcome, Result
from msgflash_gitops.model.plan import PENDING, Action, Change, Plan
from msgflash_gitops.planning.assemble import Decisions, decide_all
from msgflash_gitops.ports import CampaignApi, Clock, Journal
from msgflash_gitops.workflows.plan import Planned, Scope, context_of

_SUCCEEDED = (Outcome.DONE, Outcome.RECOVERED)
# Every contender of a race keeps the same one, so each round leaves fewer that can still add another.
_ROUNDS = 4
_QUIET = (Action.UNCHANGED, Action.FINISHED, Action.PAST)


def _silent(_: Result) -> None:
    """No progress is shown."""


@dataclass(frozen=True, slots=True)
class _Verified:
    """`stands`: what git asks for is there. `more`: duplicates that were stopped."""

    more: tuple[Result, ...] = ()
    problems: tuple[str, ...] = ()
    stands: bool = False


@dataclass(slots=True)
class Run:
    """The edges and choices of one apply."""

    api: CampaignApi
    clock: Clock
    journal: Journal
    stopper: Stopper = field(default_factory=Stopper)
    progress: Callable[[Result], None] = _silent


def settings_of(scope: Scope) -> Settings:
    project = scope.project
    return Settings(
        min_lead=project.policy.min_lead,
        settle=project.vendor.settle,
        resume_keeps_schedule=project.vendor.resume_keeps_schedule,
    )


async def apply_plan(planned: Planned, scope: Scope, edges: Run) -> Applied:
    """One result for each change that asks for something. Raises nothing for what goes wrong with single campaigns."""
    settings = settings_of(scope)
    known = {campaign.id for campaign in planned.live}
    steps = Steps(edges.api, edges.clock, settings, edges.journal, edges.stopper, known)
    changes = [change for change in planned.plan.changes if change.action not in _QUIET]
    results = await run(steps, changes, settings.in_flight, edges.progress)
    await _retire_superseded(steps, planned.plan, edges.stopper)
    touched = {result.key for result in results if result.action in PENDING and not result.change.held}
    if not touched or edges.stopper.stopping:
        stands = not edges.stopper.stopping and all(change.action in _QUIET for change in planned.plan.changes)
        return Applied(tuple(results), stands, _journal_problem(steps), edges.stopper.stopping)
    verified = await _verify(steps, planned, scope, results, edges)
    problems = (*verified.problems, *_journal_problem(steps))
    stands = verified.stands and not verified.problems
    return Applied((*results, *verified.more), stands, problems, edges.stopper.stopping)


def _journal_problem(steps: Steps) -> tuple[str, ...]:
    """What could not be written down will not be known to the next run."""
    return (steps.journal_fault.message,) if steps.journal_fault else ()


async def _retire_superseded(steps: Steps, plan: Plan, stopper: Stopper) -> None:
    """Housekeeping: cancel paused leftovers of earlier replaces; where the vendor has no cancel, the first try shows it."""
    for leftover in plan.superseded:
        if stopper.stopping:
            return
        change = Change(plan.project, leftover.name, Action.STOP, "superseded by an earlier replace", current=leftover)
        if await steps.retire(change, leftover.id) is not None:
            return


async def _verify(steps: Steps, planned: Planned, scope: Scope, results: Sequence[Result], edges: Run) -> "_Verified":
    """List again, stop what a pipeline running at the same time made twice, and say what is not as it should be."""
    made = {each.campaign_id for each in results if each.outcome in _SUCCEEDED and each.change.creates}
    unknown = any(each.outcome is Outcome.UNKNOWN for each in results)
    live = await steps.lookup.until(
        lambda listed: not unknown and made <= {campaign.id for campaign in listed}, settled=True
    )
    if live is None:
        return _Verified(
            problems=("the account could not be listed again: whether everything is there once is not verified",)
        )
    missing = sorted(_missing(made, live))
    shown = [result for result in results if result.campaign_id not in missing]
    problems = [f"campaign {each} was created and does not show in the list" for each in missing]
    if not missing:
        steps.note_verified()
    more: list[Result] = []
    for _ in range(_ROUNDS):
        decisions = _decide(planned, scope, edges, live)
        duplicates = [change for change in decisions.changes if change.duplicate]
        if not duplicates:
            return _Verified(tuple(more), (*problems, *_unfinished(shown, decisions)), stands=_stands(decisions))
        more += await run(steps, duplicates, steps.settings.in_flight, edges.progress)
        again = await steps.lookup.until(lambda _: True)
        if again is None:
            break
        live = again
    problems.append("duplicates were stopped, and whether everything is there once now is not verified: apply again")
    return _Verified(tuple(more), tuple(problems))


def _decide(planned: Planned, scope: Scope, edges: Run, live: Sequence[LiveCampaign]) -> Decisions:
    context = context_of(scope, edges.clock.now())
    return decide_all(planned.plan.desired, live, scope.project.name, context)


def _missing(made: set[str | None], live: Sequence[LiveCampaign]) -> set[str]:
    return {each for each in made if each is not None} - {campaign.id for campaign in live}


def _unfinished(results: Sequence[Result], decisions: Decisions) -> list[str]:
    """Keys that were carried out and do not stand as git says: another run, or a person, acted at the same time."""
    done = {result.key: result for result in results if result.outcome in _SUCCEEDED}
    return [
        f"{change.key}: {done[change.key].campaign_id} was applied, and now the account asks for {change.action.value}: "
        f"{change.reason or 'nothing stands for it'}. Somebody else changed it at the same time: plan again"
        for change in decisions.changes
        if change.key in done and change.action not in _QUIET
    ]


def _stands(decisions: Decisions) -> bool:
    """Whether everything that git asks for is there."""
    return all(change.action in _QUIET for change in decisions.changes)


def exit_code(plan: Plan, applied: Applied) -> int:
    """Unknown before partial; 3 only where the API refused everything and nothing was done."""
    outcomes = [result.outcome for result in applied.results]
    if Outcome.UNKNOWN in outcomes:
        return 6
    failed = [each for each in applied.results if each.error is not None]
    if failed and not any(outcome in _SUCCEEDED for outcome in outcomes) and all(_is_unusable(each) for each in failed):
        return ApiError.exit_code
    attention = any(change.held or change.action in (Action.BLOCKED, Action.LATE) for change in plan.changes)
    return 5 if failed or attention or applied.problems or applied.interrupted else 0


def _is_unusable(result: Result) -> bool:
    return result.error is not None and result.error.unusable
