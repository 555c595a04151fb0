"""A live campaign: one that exists in the account, as far as an answer of the API shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from msgflash_gitops.model.instant import instant_or_none
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.memory import DELETED

ACTIVE = frozenset({"scheduled", "running"})
VENDOR_PAUSED = frozenset({"paused_quota", "paused_plan"})
ENDED = frozenset({"cancelled", "failed", DELETED})
KNOWN_STATUSES = ACTIVE | VENDOR_PAUSED | ENDED | {"paused", "completed"}


@dataclass(frozen=True, slots=True)
class LiveCampaign:
    """`name` holds the marker, where there is one.

    `fields` holds, under the vendor's names, what the answer showed of `instanceId schedule repeat recipients templateId
    variables type body mediaUrl title description footer buttons` in canonical form (planning.canonical): a field that the
    answer left out is absent, one that it showed as null is None. They are different: the first cannot be compared.
    `stats` holds the counters shown (`planned queued sent delivered read failed cancelled`), empty when none were.
    `started_at`, `enqueued_at`, `completed_at`, `cancelled_at` are the statistics' `processingStartedAt`, `lastEnqueuedAt`,
    `completedAt`, `cancelledAt`, where shown.
    `partial`: a write was answered with `id` and `status` alone and the rest could not be read. Then `name` is empty because it
    is not known, and only `id` and `status` tell something.
    `seen_at`: when it was so (UTC), where it was not read just now but is remembered; None where it was read.
    """

    id: str
    name: str
    status: str
    fields: JsonObject = field(default_factory=dict)
    stats: Mapping[str, int] = field(default_factory=dict)
    started_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    user_id: str | None = None
    safety: JsonObject | None = None
    enqueued_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    partial: bool = False
    seen_at: datetime | None = None

    @property
    def start(self) -> datetime | None:
        """Its schedule as an instant; None where the answer left it out or shows what cannot be read."""
        return instant_or_none(self.fields.get("schedule"))
