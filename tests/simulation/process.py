"""A process of a machine: how it dies, is told to end, or is stopped for a while in the middle of its work."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

from msgflash_gitops.executor.settings import Stopper
from tests.simulation.virtual import VirtualClock, VirtualLoop

REQUEST = "request"
APPEND = "append"


@dataclass(frozen=True)
class Blow:
    """What befalls a process at its request or append `number` (counted from 0): `through` says whether that still gets through.

    `seconds` None: it dies. Otherwise it does nothing for so long, and then goes on as if nothing had been.
    """

    where: str
    number: int
    through: bool = False
    seconds: float | None = None


class Process:
    """Whatever it does to the world awaits `awake` before and after: a dead one never does anything again."""

    def __init__(self, loop: VirtualLoop, run_id: str, blow: Blow | None = None) -> None:
        self.run_id = run_id
        self.stopper = Stopper()
        self.died = asyncio.Event()
        self.done: Counter[str] = Counter()
        self.task: asyncio.Task[Any] | None = None
        self._loop = loop
        self._blow = blow
        self._asleep_until = 0.0

    def kill(self) -> None:
        self.died.set()

    def terminate(self) -> None:
        """As the command does on SIGTERM."""
        self.stopper.stop()
        if not self.stopper.carrying_out and self.task is not None:
            self.task.cancel()

    async def awake(self) -> None:
        if self.died.is_set():
            await self._loop.end.wait()
            raise asyncio.CancelledError
        while self._loop.time() < self._asleep_until:  # noqa: ASYNC110 - time passes only by sleeping
            await asyncio.sleep(max(self._asleep_until - self._loop.time(), 0.001))

    def next(self, where: str) -> Blow | None:
        """What befalls it at the request or append that comes now."""
        number = self.done[where]
        self.done[where] += 1
        blow = self._blow
        return blow if blow is not None and (blow.where, blow.number) == (where, number) else None

    async def take(self, blow: Blow | None, *, through: bool) -> None:
        if blow is None or blow.through != through:
            return
        if blow.seconds is None:
            self.kill()
        else:
            self._asleep_until = self._loop.time() + blow.seconds
        await self.awake()


class MachineClock(VirtualClock):
    """The clock of one process. `ahead`: by how many seconds its machine's clock is wrong."""

    def __init__(self, loop: VirtualLoop, process: Process, ahead: float) -> None:
        super().__init__(loop, ahead)
        self._process = process

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        await self._process.awake()
