"""No more than ten requests in any second per key, however slow the answers are."""

import asyncio

from msgflash_gitops.msgflash.assumptions import SECONDS_BETWEEN_REQUESTS
from msgflash_gitops.ports import Clock


class Pacer:
    """Lets requests go one by one, evenly spaced, first come first served; a bucket of ten would let nineteen into one second."""

    def __init__(self, clock: Clock, interval: float = SECONDS_BETWEEN_REQUESTS) -> None:
        self._clock = clock
        self._interval = interval
        self._next = clock.monotonic()
        self._turn = asyncio.Lock()

    async def turn(self) -> None:
        """Returns when the next request may leave."""
        async with self._turn:
            while (wait := self._next - self._clock.monotonic()) > 0:
                await self._clock.sleep(wait)
            self._next = self._clock.monotonic() + self._interval

    def hold(self, seconds: float) -> None:
        """The server said 429: nothing of this key leaves for so long."""
        self._next = max(self._next, self._clock.monotonic() + seconds)
