"""The sandbox as a whole: its state, its clock, its faults, and the hand of a person in the dashboard."""

import copy
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgflash_gitops.sandbox import life
from msgflash_gitops.sandbox.answers import instant
from msgflash_gitops.sandbox.behaviour import Behaviour, Delivery, Faults, Seen
from msgflash_gitops.sandbox.limits import API_KEY, TEAM_ID, TEAM_KEY, Limits
from msgflash_gitops.sandbox.seed import USER_ID, seed
from msgflash_gitops.sandbox.store import Store

_MOST_REMEMBERED = 100_000


def _real_now() -> datetime:
    return datetime.now(UTC)


class Sandbox:
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
        from msgflash_gitops.sandbox.app import make_app  # noqa: PLC0415 - the app needs this class

        self.app = make_app(self)

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
            delivery = life.advance(items[key], at, self.behaviour.seconds_per_campaign)
            if delivery is not None:
                self.deliveries.append(delivery)
            self.store.put("campaign", items[key])

    # what a person sees and does in the dashboard

    def campaigns(self) -> list[dict[str, Any]]:
        """Everything stored, hidden fields included, as it is now."""
        self.tick()
        return [copy.deepcopy(item) for item in self.store.all("campaign")]

    def add_campaign(self, body: dict[str, Any], status: str = "scheduled", **fields: Any) -> dict[str, Any]:
        """A campaign made by hand."""
        with self.store.writing():
            item = {**self.new_campaign(body), "status": status, **fields}
            self.store.put("campaign", item)
        return item

    def set_status(self, campaign_id: str, status: str, **fields: Any) -> None:
        """Pause, cancel, complete… by hand; `fields` overrides what is stored besides."""
        with self.store.writing():
            item = self.store.get("campaign", campaign_id)
            if item is None:
                raise KeyError(campaign_id)
            item.update(status=status, updatedAt=instant(self.now()), **fields)
            self.store.put("campaign", item)

    def resume_by_hand(self, campaign_id: str) -> None:
        """What the dashboard's button does."""
        with self.store.writing():
            item = self.store.get("campaign", campaign_id)
            if item is None:
                raise KeyError(campaign_id)
            life.resume(item, self.now(), self.behaviour.resume_before_start, self.behaviour.seconds_per_campaign)
            self.store.put("campaign", item)

    def delete_campaign(self, campaign_id: str) -> None:
        with self.store.writing():
            self.store.delete("campaign", campaign_id)

    def new_campaign(self, body: dict[str, Any]) -> dict[str, Any]:
        """The stored form of a request body."""
        now = self.now()
        stats = dict.fromkeys(("planned", "queued", "sent", "delivered", "read", "failed", "cancelled"), 0)
        item = {
            "repeat": "none",
            **body,
            "id": str(uuid.uuid4()),
            "userId": USER_ID,
            "status": "scheduled",
            "stats": {**stats, "planned": self.audience(body["recipients"])},
            "createdAt": instant(now),
            "updatedAt": instant(now),
            "_shows": instant(now + timedelta(seconds=self.behaviour.list_lag)),
        }
        life.first_due(item, now)
        return item

    def audience(self, recipients: dict[str, Any]) -> int:
        """How many contacts it reaches now."""
        kind = recipients["type"]
        if kind == "explicit":
            return len(recipients["value"])
        if kind == "group":
            group = self.store.get("group", recipients["groupId"])
            return int(group["contactCount"]) if group else 0
        contacts = self.store.all("contact")
        if kind == "all":
            return len(contacts)
        return sum(bool(set(contact["tags"]) & set(recipients["value"])) for contact in contacts)
