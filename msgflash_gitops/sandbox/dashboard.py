"""The hand of a person in the dashboard: what no call of the public API does, and what its buttons do."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgflash_gitops.sandbox import life, sendings
from msgflash_gitops.sandbox.answers import instant
from msgflash_gitops.sandbox.checks import parse_instant
from msgflash_gitops.sandbox.seed import new_contact
from msgflash_gitops.sandbox.world import World

_RESUMABLE = ("paused", "paused_quota", "paused_plan")
_ENDED = ("completed", "cancelled")
_FIXED = ("id", "userId", "stats", "createdAt", "updatedAt")


class Dashboard(World):
    """A campaign that is not there is a KeyError, a button that is not shown for its status a ValueError."""

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
        """Any status at all, whatever the buttons allow; `fields` overrides what is stored besides."""
        with self._campaign(campaign_id) as item:
            item.pop("_again", None)
            item.update(status=status, updatedAt=instant(self.now()), **fields)
            if status == "cancelled":
                sendings.settle(self.store, campaign_id, status, self.now())

    def edit_campaign(self, campaign_id: str, **changes: Any) -> None:
        """Other values for fields of the campaign. Another schedule counts from now on."""
        if wrong := sorted(name for name in changes if name in _FIXED or name.startswith("_")):
            raise ValueError(f"not to be edited: {', '.join(wrong)}")
        with self._campaign(campaign_id) as item:
            item.update(copy.deepcopy(changes), updatedAt=instant(self.now()))
            if "schedule" in changes:
                if parse_instant(changes["schedule"]) is None:
                    raise ValueError("schedule is no ISO 8601 date-time with offset")
                life.first_due(item, self.now())

    def pause_by_hand(self, campaign_id: str) -> None:
        with self._campaign(campaign_id) as item:
            _require(life.pausable(item, self.behaviour), item, "paused")
            life.stop(item, "paused", self.now())

    def resume_by_hand(self, campaign_id: str) -> None:
        with self._campaign(campaign_id) as item:
            _require(item["status"] in _RESUMABLE, item, "resumed")
            life.resume(item, self.now(), self.behaviour)

    def cancel_by_hand(self, campaign_id: str) -> None:
        """The console's rule: from every status but completed and cancelled."""
        with self._campaign(campaign_id) as item:
            _require(item["status"] not in _ENDED, item, "cancelled")
            life.stop(item, "cancelled", self.now())
            sendings.settle(self.store, campaign_id, "cancelled", self.now())

    def delete_campaign(self, campaign_id: str) -> None:
        """In every status. Its messages stay; one that is not there is gone already."""
        with self.store.writing():
            sendings.settle(self.store, campaign_id, "cancelled", self.now())
            self.store.delete("campaign", campaign_id)

    def add_contact(self, name: str, phone: str, tags: list[str]) -> dict[str, Any]:
        """A contact more, to whom campaigns go whose recipients are evaluated after this."""
        contact = new_contact(name, phone, tags, instant(self.now()))
        with self.store.writing():
            self.store.put("contact", contact)
        return contact

    @contextmanager
    def _campaign(self, campaign_id: str) -> Iterator[dict[str, Any]]:
        """The campaign, stored again afterwards."""
        with self.store.writing():
            item = self.store.get("campaign", campaign_id)
            if item is None:
                raise KeyError(campaign_id)
            yield item
            self.store.put("campaign", item)


def _require(allowed: bool, item: dict[str, Any], verb: str) -> None:
    if not allowed:
        raise ValueError(f"a campaign that is {item['status']} cannot be {verb}")
