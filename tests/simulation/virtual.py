"""Time that passes only when everybody waits."""

import asyncio
import selectors
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

_ROUNDS = 100
START = datetime(2027, 3, 1, 12, tzinfo=UTC)


class Stuck(RuntimeError):
    """Everybody waits for something that nobody will do."""


class _Selector(selectors.SelectSelector):
    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise Stuck("nothing is scheduled any more")
        self.loop.seconds += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer instead of waiting for it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.end = asyncio.Event()
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)
        # A process that was killed leaves tasks behind whose ends nobody looks at.
        self.set_exception_handler(lambda *_: None)

    def run_in_executor(  # type: ignore[override]
        self,
        executor: Any,  # noqa: ARG002 - asyncio's
        func: Callable[..., Any],
        *args: Any,
    ) -> "asyncio.Future[Any]":
        """At once, and without a thread: nothing passes time meanwhile, and every run is the same."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    def time(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def pass_time(self, seconds: float) -> None:
        self.run_until_complete(asyncio.sleep(seconds))

    def finish(self) -> None:
        """Drop whatever still waits, and close."""
        self.end.set()
        for _ in range(_ROUNDS):
            left = asyncio.all_tasks(self)
            if not left:
                break
            for task in left:
                task.cancel()
            self.run_until_complete(asyncio.sleep(0))
        self.close()


class VirtualClock:
    """Implements `ports.Clock`. `ahead`: by how many seconds this machine's clock is wrong."""

    def __init__(self, loop: VirtualLoop, ahead: float = 0.0) -> None:
        self._loop = loop
        self._ahead = timedelta(seconds=ahead)

    def now(self) -> datetime:
        return self._loop.now() + self._ahead

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """A sleep too short for the loop to tell would take no time at all."""
        await asyncio.sleep(max(seconds, 0.001))
