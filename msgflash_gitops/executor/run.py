"""Running a plan: stops before creates, soonest send first, one outcome per change."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from msgflash_gitops.errors import ApiError, Interrupted
from msgflash_gitops.executor.changes import carry_out
from msgflash_gitops.executor.steps import Steps
from msgflash_gitops.executor.trouble import Trouble, failure_of
from msgflash_gitops.model.outcome import Failure, Outcome, Result
from msgflash_gitops.model.plan import PENDING, Action, Change

Progress = Callable[[Result], None]
Indexed = tuple[int, Change]

_STOPPING = frozenset({Action.STOP, Action.PAUSE})


async def run(steps: Steps, changes: Sequence[Change], in_flight: int, progress: Progress) -> list[Result]:
    """Carry out what is pending and not held, in the order given; the rest gets its outcome without a request."""
    results: dict[int, Result] = {}
    todo: list[tuple[int, Change]] = []
    for index, change in enumerate(changes):
        if change.action in PENDING and not change.held:
            todo.append((index, change))
        else:
            results[index] = Result(change, Outcome.HELD if change.held else Outcome.SKIPPED)
    runner = _Runner(steps, in_flight, progress)
    first = [(index, change) for index, change in todo if change.action in _STOPPING]
    results.update(await runner.all(first))
    unstopped = {result.key for result in results.values() if result.action is Action.STOP and result.error}
    second = [(index, change) for index, change in todo if change.action not in _STOPPING]
    blocked, free = _split(second, unstopped)
    results.update((index, _not_after_failed_stop(change)) for index, change in blocked)
    results.update(await runner.all(free))
    return [results[index] for index in range(len(changes))]


class _Runner:
    def __init__(self, steps: Steps, in_flight: int, progress: Progress) -> None:
        self._steps = steps
        self._slots = asyncio.Semaphore(in_flight)
        self._progress = progress
        self._unusable: Failure | None = None

    async def all(self, changes: Iterable[tuple[int, Change]]) -> list[tuple[int, Result]]:
        indexed = list(changes)
        results = await asyncio.gather(*(self._one(change) for _, change in indexed))
        return [(index, result) for (index, _), result in zip(indexed, results, strict=True)]

    async def _one(self, change: Change) -> Result:
        async with self._slots:
            result = await self._attempt(change)
        if result.error is not None and result.error.unusable:
            self._unusable = result.error
        self._progress(result)
        return result

    async def _attempt(self, change: Change) -> Result:
        """A key, plan or quota that was refused once is refused to everything: nothing more is tried."""
        if self._unusable is not None:
            return Result(change, Outcome.SKIPPED, error=self._unusable)
        try:
            self._steps.check_stopping()
            return await carry_out(self._steps, change)
        except Trouble as trouble:
            return Result(change, trouble.outcome, trouble.campaign_id, trouble.failure)
        except Interrupted as interruption:
            failure = Failure("interrupted", interruption.message, interruption.hint)
            return Result(change, Outcome.SKIPPED, error=failure)
        except ApiError as error:
            current = change.current.id if change.current else None
            return Result(change, Outcome.FAILED, current, failure_of(error))


def _split(changes: Iterable[Indexed], keys: set[str]) -> tuple[list[Indexed], list[Indexed]]:
    inside: list[Indexed] = []
    outside: list[Indexed] = []
    for index, change in changes:
        (inside if change.key in keys else outside).append((index, change))
    return inside, outside


def _not_after_failed_stop(change: Change) -> Result:
    failure = Failure(
        "not-stopped",
        "another campaign of this key could not be stopped: creating a second one could send it twice",
        "stop it in the dashboard, then apply again",
    )
    return Result(change, Outcome.FAILED, error=failure)
