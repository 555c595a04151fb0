"""Clocks that do not wait."""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

T = TypeVar("T")
START = datetime(2027, 3, 1, 12, tzinfo=UTC)


class QuickClock:
    """Time passes in sleep alone, and at once. For one caller at a time. `sleeping` is set by the first sleep."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []
        self.sleeping = asyncio.Event()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.sleeping.set()
        self.seconds += seconds
        await asyncio.sleep(0)


class SimulatedClock:
    """Many sleep at once and wake in the order of their instants, as on a real clock. `run` drives it; no sockets inside."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._number = itertools.count()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        awake = asyncio.Event()
        heapq.heappush(self._sleepers, (self.seconds + seconds, next(self._number), awake))
        await awake.wait()

    def run(self, work: Awaitable[T]) -> T:
        return asyncio.run(self._drive(work))

    async def _drive(self, work: Awaitable[T]) -> T:
        task = asyncio.ensure_future(work)
        while not task.done():
            for _ in range(20):  # enough turns of the loop for everybody to reach the next sleep
                await asyncio.sleep(0)
            if self._sleepers and not task.done():
                at, _, awake = heapq.heappop(self._sleepers)
                self.seconds = max(self.seconds, at)
                awake.set()
        return task.result()
