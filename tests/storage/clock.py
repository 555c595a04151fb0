"""A clock that moves when somebody sleeps on it, and only then."""

import asyncio
from datetime import UTC, datetime, timedelta


class FakeClock:
    """Implements `ports.Clock`."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2027, 4, 15, 7, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        for _ in range(3):
            await asyncio.sleep(0)
