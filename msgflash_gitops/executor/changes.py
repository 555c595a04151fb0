"""One coroutine per action. `replace` is a saga: at no moment can both campaigns be sent."""

from dataclasses import dataclass

from msgflash_gitops.errors import ApiError, Interrupted
from msgflash_gitops.executor.create import Created, create
from msgflash_gitops.executor.steps import Moved, Steps
from msgflash_gitops.executor.trouble import Trouble, interrupted
from msgflash_gitops.model.campaign import ACTIVE, LiveCampaign
from msgflash_gitops.model.outcome import Outcome, Result
from msgflash_gitops.model.plan import Action, Change, Current


@dataclass(frozen=True, slots=True)
class Done:
    """`campaign_id`: the campaign that now stands for the key."""

    campaign_id: str | None
    recovered: bool = False
    live: LiveCampaign | None = None
    notes: tuple[str, ...] = ()


async def carry_out(steps: Steps, change: Change) -> Result:
    """Carry one change out. Raises Trouble and ApiError; the run turns them into outcomes."""
    done = await _carry_out(steps, change)
    return Result(
        change,
        Outcome.RECOVERED if done.recovered else Outcome.DONE,
        campaign_id=done.campaign_id,
        safety=done.live.safety if done.live else None,
        notes=done.notes,
    )


async def _carry_out(steps: Steps, change: Change) -> Done:
    match change.action:
        case Action.STOP:
            return await _stop(steps, change)
        case Action.PAUSE:
            return await _pause(steps, change)
        case Action.CREATE:
            return await _create(steps, change)
        case Action.RESUME if not change.recreate:
            return await _resume(steps, change)
        case Action.RESUME | Action.REPLACE:
            return await _replace(steps, change)
        case _:
            raise AssertionError(f"{change.action} is nothing to carry out")


async def _stop(steps: Steps, change: Change) -> Done:
    """Pause, the one documented stop, then cancel where that exists. Stopped already is stopped."""
    current = _current(change)
    try:
        await steps.pause(change, current.id, ours=True)
    except Moved as moved:
        if moved.status == "completed" and current.status == "completed":
            raise Trouble(
                Outcome.FAILED,
                "not-paused",
                f"series {current.id} shows `completed` and MsgFlash refuses to pause it: it may send again",
                hint="look at it in the dashboard, and delete it there if it is still listed",
                campaign_id=current.id,
            ) from moved
        if moved.status == "completed":
            raise Trouble(
                Outcome.FAILED,
                "sent",
                f"campaign {current.id} was sent before it could be stopped",
                campaign_id=current.id,
            ) from moved
        return Done(current.id, notes=(f"{current.id} was {moved.status} already",))
    note = await steps.retire(change, current.id)
    return Done(current.id, notes=(note,) if note else ())


async def _pause(steps: Steps, change: Change) -> Done:
    current = _current(change)
    live = await steps.pause(change, current.id, ours=True)
    return Done(current.id, live=live)


async def _resume(steps: Steps, change: Change) -> Done:
    current = _current(change)
    live = await steps.resume(change, current.id)
    return Done(current.id, live=live)


async def _create(steps: Steps, change: Change) -> Done:
    created = await create(steps, change)
    await _pause_if_desired(steps, change, created)
    return Done(created.live.id, created.recovered, created.live)


async def _replace(steps: Steps, change: Change) -> Done:
    """Pause the old one, create the new one, retire the old one. Whatever can be checked is checked before the pause."""
    old = _current(change)
    steps.check_start(change.start)
    if old.status in ACTIVE or old.status == "completed":  # a series between two sends
        paused = await steps.pause(change, old.id)
        if old.status == "scheduled" and not old.started:  # a series that waits for its next occurrence has started
            await steps.check_not_begun(paused, old.start)
        steps.check_stopping(f"after {old.id} was paused: nothing can be sent until you apply again")
    else:
        await _check_still_paused(steps, old)
    try:
        created = await create(steps, change)
    except Interrupted as interruption:
        raise interrupted(f"after {old.id} was paused: nothing can be sent until you apply again") from interruption
    except ApiError as refusal:
        raise await _compensate(steps, change, old, refusal) from refusal
    except Trouble as trouble:
        if trouble.failure.code not in ("late", "ledger"):
            raise
        raise await _compensate(steps, change, old, trouble) from trouble
    await _pause_if_desired(steps, change, created)
    notes = [await steps.retire(change, each.id) for each in (old, *change.retire)]
    return Done(created.live.id, created.recovered, created.live, tuple(note for note in notes if note))


async def _check_still_paused(steps: Steps, old: Current) -> None:
    live = await steps.api.get_campaign(old.id)
    if live.status != old.status:
        raise Moved(old.id, live.status)


async def _compensate(steps: Steps, change: Change, old: Current, cause: ApiError | Trouble) -> Trouble:
    """The new campaign was refused: bring the old one back where the user knows that resuming keeps the schedule."""
    why = cause.message if isinstance(cause, ApiError) else cause.failure.message
    code = (cause.code or "api") if isinstance(cause, ApiError) else cause.failure.code
    hint = cause.hint if isinstance(cause, ApiError) else cause.failure.hint
    ahead = old.start is not None and old.start > steps.clock.now()
    if steps.settings.resume_keeps_schedule and ahead and old.status in ACTIVE:
        await steps.resume(change, old.id)
        state = f"the old campaign {old.id} was resumed and is sent as before"
    else:
        state = f"the old campaign {old.id} STAYS PAUSED, so nothing will be sent for {change.key}"
    return Trouble(Outcome.FAILED, code, f"{why}; {state}", hint=hint, campaign_id=old.id)


async def _pause_if_desired(steps: Steps, change: Change, created: Created) -> None:
    if change.desired is not None and change.desired.paused:
        await steps.pause(change, created.live.id, ours=True)


def _current(change: Change) -> Current:
    assert change.current is not None
    return change.current
