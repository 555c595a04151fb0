"""No more than ten requests in any second per key, however slow the answers are."""

import math
from bisect import bisect_left

from msgflash_gitops.msgflash.assumptions import SECONDS_BETWEEN_REQUESTS
from msgflash_gitops.ports import Clock


class TurnTooLate(Exception):
    """The turn would come after the latest moment: the caller has left the queue."""


class HeldTooLong(Exception):
    """The server asked the whole key to wait for longer than the caller has: the caller has left the queue."""


class Pacer:
    """Lets requests go one by one, evenly spaced, first come first served; a bucket of ten would let nineteen into one second."""

    def __init__(self, clock: Clock, interval: float = SECONDS_BETWEEN_REQUESTS) -> None:
        self._clock = clock
        self._interval = interval
        self._next = clock.monotonic()
        self._held_until = -math.inf
        self._held = 0.0  # seconds of all holds, what is still to come of the last one included
        self._last_ticket = 0
        self._queue: list[int] = []  # tickets, ascending

    async def turn(self, latest: float | None = None, patience: float = math.inf) -> float:
        """Returns when the next request may leave: how many seconds of the wait a 429 had asked for.

        Raises TurnTooLate as soon as that would be after `latest` (monotonic), HeldTooLong as soon as holds take `patience` seconds.
        Everybody waits for a moment of their own, so that one who waits longer, or gives up, holds nobody else.
        """
        self._last_ticket += 1
        ticket = self._last_ticket
        self._queue.append(ticket)
        held_before = self._held - max(self._held_until - self._clock.monotonic(), 0.0)
        try:
            while True:
                ahead = bisect_left(self._queue, ticket)
                now = self._clock.monotonic()
                held = self._held - held_before
                if held >= patience:
                    raise HeldTooLong
                wait = max(self._next - now, 0.0) + ahead * self._interval
                if latest is not None and now + wait > latest:
                    raise TurnTooLate
                if wait <= 0:
                    self._next = now + self._interval
                    return held
                await self._clock.sleep(wait)
        finally:
            del self._queue[bisect_left(self._queue, ticket)]

    def hold(self, seconds: float) -> None:
        """The server said 429: nothing of this key leaves for so long."""
        now = self._clock.monotonic()
        until = now + seconds
        self._held += max(until - max(self._held_until, now), 0.0)
        self._held_until = max(self._held_until, until)
        self._next = max(self._next, until)
