"""What the core needs from the world: the campaigns API and a clock. Implemented at the edges, passed in.

Errors are those of `msgflash_gitops.errors`: a definite refusal is `Refused` (or its kin), an outcome that cannot be known
is `Ambiguous`. Implementations never repeat a create, pause, resume or cancel on ambiguity; reads may be repeated freely.
"""

from datetime import datetime
from typing import Protocol

from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.json_value import JsonObject


class Clock(Protocol):
    def now(self) -> datetime:
        """The instant, in UTC."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Let others work for that long."""


class CampaignApi(Protocol):
    @property
    def requests(self) -> int:
        """How many requests were sent so far, retries included: the monthly quota counts them all."""

    @property
    def clock_skew(self) -> float | None:
        """Seconds by which the local clock is ahead of the server's Date header; None while unknown."""

    async def list_campaigns(self) -> list[LiveCampaign]:
        """Every campaign of the account, all pages, each id once."""

    async def get_campaign(self, campaign_id: str) -> LiveCampaign: ...

    async def create_campaign(self, body: JsonObject) -> LiveCampaign: ...

    async def pause_campaign(self, campaign_id: str) -> LiveCampaign: ...

    async def resume_campaign(self, campaign_id: str) -> LiveCampaign: ...

    async def cancel_campaign(self, campaign_id: str) -> bool:
        """True when cancelled; False where the vendor has no such call, found out once and remembered."""

    async def list_instances(self) -> list[Instance]:
        """Without deleted ones."""

    async def list_templates(self) -> list[Template]: ...

    async def list_groups(self) -> list[Group]: ...

    async def count_contacts(self) -> int | None:
        """How many contacts the account has, by one request; None where the answer does not say."""

    async def list_contact_tags(self) -> list[frozenset[str]]:
        """The tags of every contact, all pages, each contact once. Nothing else of a contact is kept."""


class Journal(Protocol):
    """What apply writes down before and after each write. Entries hold digests and ids, never content or keys."""

    def write(self, entry: JsonObject) -> None:
        """Returns once the entry would survive a crash."""
