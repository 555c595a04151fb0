"""The sandbox's state: objects, clock, faults, and what happens by itself as time passes. It knows of no requests' routes."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgflash_gitops.sandbox import life, sendings
from msgflash_gitops.sandbox.answers import COUNTERS, instant
from msgflash_gitops.sandbox.audience import contacts_of, keep, kept
from msgflash_gitops.sandbox.behaviour import Behaviour, Delivery, Faults, Seen
from msgflash_gitops.sandbox.limits import API_KEY, TEAM_ID, TEAM_KEY, Limits
from msgflash_gitops.sandbox.seed import USER_ID, seed
from msgflash_gitops.sandbox.store import Store

_MOST_REMEMBERED = 100_000


def _real_now() -> datetime:
    return datetime.now(UTC)


class World:
    """`now` gives the instant (aware), `monotonic` seconds for the rate limit. State lives in `database`."""

    api_key = API_KEY
    team_key = TEAM_KEY
    team_id = TEAM_ID

    def __init__(
        self,
        database: str | Path = ":memory:",
        now: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] | None = None,
        behaviour: Behaviour | None = None,
    ) -> None:
        self.behaviour = behaviour or Behaviour()
        self.faults = Faults()
        self.requests: list[Seen] = []
        self.deliveries: list[Delivery] = []
        self.monotonic = monotonic or time.monotonic
        self._now = now or _real_now
        self._offset = timedelta(0)
        self.store = Store(database)
        with self.store.writing():
            if self.store.is_empty():
                seed(self.store)
        self.limits = Limits(self.store)

    def close(self) -> None:
        self.store.close()

    def now(self) -> datetime:
        return self._now() + self._offset

    def advance(self, seconds: float) -> None:
        """Set the clock forward, and let happen what happens until then."""
        self._offset += timedelta(seconds=seconds)
        self.tick()

    def remember(self, seen: Seen) -> None:
        if len(self.requests) < _MOST_REMEMBERED:
            self.requests.append(seen)

    def tick(self) -> None:
        """Let time pass up to now, event by event, in the order of their instants."""
        with self.store.writing():
            self._tick()

    def _tick(self) -> None:
        items = {item["id"]: item for item in self.store.all("campaign")}
        while True:
            due = [(at, key) for key, item in items.items() if (at := life.next_event(item)) and at <= self.now()]
            if not due:
                return
            at, key = min(due)
            if items[key]["status"] == "running":
                life.end(items[key], at, self.behaviour)
                sendings.settle(self.store, key, "delivered", at)
            else:
                self._begin(items[key], at)
            self.store.put("campaign", items[key])

    def _begin(self, item: dict[str, Any], at: datetime) -> None:
        early = item.get("_audience")
        reached = kept(self.store, early) if early else contacts_of(self.store, item["recipients"])
        lost = sendings.record(self.store, item, at, reached)
        self.deliveries.append(life.begin(item, at, self.behaviour, len(reached), lost))

    def new_campaign(self, body: dict[str, Any]) -> dict[str, Any]:
        """The stored form of a request body. Nobody is planned for yet where recipients are evaluated at the start."""
        now = self.now()
        item = {
            "repeat": "none",
            **body,
            "id": str(uuid.uuid4()),
            "userId": USER_ID,
            "status": "scheduled",
            "stats": dict.fromkeys(COUNTERS, 0),
            "createdAt": instant(now),
            "updatedAt": instant(now),
            "_shows": instant(now + timedelta(seconds=self.behaviour.list_lag)),
            "_found": instant(now + timedelta(seconds=self.behaviour.get_lag)),
        }
        if self.behaviour.recipients_evaluated == "at-create":
            reached = contacts_of(self.store, body["recipients"])
            item.update(_audience=keep(self.store, reached), stats={**item["stats"], "planned": len(reached)})
        life.first_due(item, now)
        return item

    def audience(self, recipients: dict[str, Any]) -> int:
        """How many contacts it reaches now."""
        return len(contacts_of(self.store, recipients))
