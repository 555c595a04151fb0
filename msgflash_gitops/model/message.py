"""What the account says of a campaign beside the campaign itself: its messages and its counters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from msgflash_gitops.model.campaign import LiveCampaign


@dataclass(frozen=True, slots=True)
class MessageRef:
    """One message to one person. `campaign_id` is None for a message that no campaign sent. Its content is not kept."""

    id: str
    campaign_id: str | None
    created_at: datetime | None
    status: str


@dataclass(frozen=True, slots=True)
class CampaignStats:
    """`stats` holds the counters shown (`total planned queued sent delivered read failed cancelled`). `progress` is in per cent.

    `scheduled_for`, `started_at`, `enqueued_at`, `completed_at`, `cancelled_at`, `active_at` are the timeline's `scheduledFor`,
    `processingStartedAt`, `lastEnqueuedAt`, `completedAt`, `cancelledAt`, `lastActivityAt`, where shown.
    """

    campaign_id: str
    status: str
    stats: Mapping[str, int] = field(default_factory=dict)
    progress: float | None = None
    scheduled_for: datetime | None = None
    started_at: datetime | None = None
    enqueued_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    active_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """What was found among the latest messages. `messages`: how many were read, back to `since` by the label of each instance.

    `asked`: the campaigns that they name and nothing else does, newest first; `campaigns`: the same as they are now, those that were
    deleted as far as the messages tell; `left`: how many more were named and not asked for.
    """

    messages: int
    asked: tuple[str, ...] = ()
    campaigns: tuple[LiveCampaign, ...] = ()
    since: Mapping[str, datetime] = field(default_factory=dict)
    left: int = 0
