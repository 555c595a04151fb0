"""After an apply: read again, and say whether what git asks for is there, once each."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from msgflash_gitops.errors import ApiError
from msgflash_gitops.executor.run import run
from msgflash_gitops.executor.steps import Steps
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.ledger import Observed
from msgflash_gitops.model.memory import DELETED
from msgflash_gitops.model.outcome import Outcome, Result
from msgflash_gitops.model.plan import PENDING, Action
from msgflash_gitops.planning.assemble import Decisions, decide_all
from msgflash_gitops.planning.memory import remember
from msgflash_gitops.workflows.campaigns import look_again
from msgflash_gitops.workflows.plan import Planned, Scope, context_of

SUCCEEDED = (Outcome.DONE, Outcome.RECOVERED)
QUIET = (Action.UNCHANGED, Action.FINISHED, Action.PAST)
# Every contender of a race keeps the same one, so each round leaves fewer that can still add another.
_ROUNDS = 4
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 4.0


@dataclass(frozen=True, slots=True)
class Verified:
    """`stands`: what git asks for is there. `more`: duplicates that were stopped."""

    more: tuple[Result, ...] = ()
    problems: tuple[str, ...] = ()
    stands: bool = False


async def verify_by_list(
    steps: Steps, planned: Planned, scope: Scope, results: Sequence[Result], progress: Callable[[Result], None]
) -> Verified:
    """List again, stop what a pipeline running at the same time made twice, and say what is not as it should be."""
    made = _made(results)
    unknown = any(each.outcome is Outcome.UNKNOWN for each in results)
    live = await steps.lookup.until(
        lambda listed: not unknown and made <= {campaign.id for campaign in listed}, settled=True
    )
    if live is None:
        return Verified(
            problems=("the account could not be listed again: whether everything is there once is not verified",)
        )
    missing = sorted(made - {campaign.id for campaign in live})
    shown = [result for result in results if result.campaign_id not in missing]
    problems = [f"campaign {each} was created and does not show in the list" for each in missing]
    if not missing:
        await steps.record(Observed(lists=True, verified=True))
    more: list[Result] = []
    for _ in range(_ROUNDS):
        decisions = _decide(steps, planned, scope, live)
        duplicates = [change for change in decisions.changes if change.duplicate]
        if not duplicates:
            return Verified(tuple(more), (*problems, *_unfinished(steps, shown, decisions)), stands=_stands(decisions))
        more += await run(steps, duplicates, steps.settings.in_flight, progress)
        again = await steps.lookup.until(lambda _: True)
        if again is None:
            break
        live = again
    problems.append("duplicates were stopped, and whether everything is there once now is not verified: apply again")
    return Verified(tuple(more), tuple(problems))


async def verify_by_id(steps: Steps, planned: Planned, scope: Scope, results: Sequence[Result]) -> Verified:
    """Without a list: read again whatever was written to."""
    made = _made(results)
    done = [each.change for each in results if each.action in PENDING and not each.change.held]
    touched = {each.id for change in done for each in (change.current, *change.retire) if each is not None}
    try:
        live = await _once_shown(steps, planned.live, made, touched)
    except ApiError as error:
        return Verified(problems=(f"what was written could not be read again, so it is not verified: {error.message}",))
    missing = sorted(made - {each.id for each in live if each.status != DELETED})
    shown = [result for result in results if result.campaign_id not in missing]
    problems = [f"campaign {each} was created and cannot be read" for each in missing]
    if not missing and made:
        await steps.record(Observed(lists=False, verified=True))
    decisions = _decide(steps, planned, scope, live)
    return Verified(problems=(*problems, *_unfinished(steps, shown, decisions)), stands=_stands(decisions))


def _made(results: Sequence[Result]) -> set[str]:
    """The ids of what was created."""
    made = {each.campaign_id for each in results if each.outcome in SUCCEEDED and each.change.creates}
    return {each for each in made if each is not None}


async def _once_shown(
    steps: Steps, live: Sequence[LiveCampaign], made: Collection[str], touched: Collection[str]
) -> tuple[LiveCampaign, ...]:
    """What is there now, once what was made shows or the time to settle is over."""
    end = steps.clock.monotonic() + steps.settings.settle.total_seconds()
    pause = _FIRST_PAUSE
    while True:
        now = await look_again(steps.api, live, sorted({*made, *touched}))
        if steps.clock.monotonic() >= end or set(made) <= {each.id for each in now if each.status != DELETED}:
            return now
        await steps.clock.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _decide(steps: Steps, planned: Planned, scope: Scope, live: Sequence[LiveCampaign]) -> Decisions:
    """What would be decided now, with what this run has written down."""
    now = replace(scope, memory=remember(steps.ledger.entries)) if steps.ledger.entries else scope
    context = context_of(now, steps.clock.now(), planned.campaigns)
    return decide_all(planned.plan.desired, live, scope.project.name, context)


def _unfinished(steps: Steps, results: Sequence[Result], decisions: Decisions) -> list[str]:
    """Keys that were carried out and do not stand as git says: another run, or a person, acted at the same time.

    What could not be put into the ledger is named by itself.
    """
    unwritten = {key for key, _ in steps.unwritten}
    done = {result.key: result for result in results if result.outcome in SUCCEEDED and result.key not in unwritten}
    return [
        f"{change.key}: {done[change.key].campaign_id} was applied, and now the account asks for {change.action.value}: "
        f"{change.reason or 'nothing stands for it'}. Somebody else changed it at the same time: plan again"
        for change in decisions.changes
        if change.key in done and change.action not in QUIET
    ]


def _stands(decisions: Decisions) -> bool:
    """Whether everything that git asks for is there."""
    return all(change.action in QUIET for change in decisions.changes)
