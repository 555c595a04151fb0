"""Whether a write may still leave: asked again for every attempt, because waiting takes time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgflash_gitops.errors import TooLate
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.ports import Clock


@dataclass(frozen=True, slots=True)
class Leave:
    """`before` may raise to keep an attempt back. `until`: the last instant (UTC) at which one may leave; None: always."""

    before: Callable[[], None] | None = None
    until: datetime | None = None

    def check(self, operation: str, clock: Clock) -> None:
        """Right before an attempt leaves. Raises TooLate, and whatever `before` raises."""
        if self.before is not None:
            self.before()
        self.check_time(operation, clock)

    def check_time(self, operation: str, clock: Clock, wait: float = 0.0, why: str = "") -> None:
        """Raises TooLate where an attempt that leaves in `wait` seconds would be too late."""
        if self.until is not None and clock.now() + timedelta(seconds=wait) > self.until:
            raise self.too_late(operation, why)

    def latest(self, clock: Clock) -> float | None:
        """`until` on the clock that never goes back."""
        return None if self.until is None else clock.monotonic() + (self.until - clock.now()).total_seconds()

    def too_late(self, operation: str, why: str = "") -> TooLate:
        assert self.until is not None
        return TooLate(
            f"{operation}: the request did not leave, because it could no longer be in time"
            f" (it had to leave by {format_instant(self.until)}{f'; {why}' if why else ''}): nothing was sent",
            operation=operation,
            hint="set a new schedule and plan again",
        )
