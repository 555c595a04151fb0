"""Desired and live campaigns in a line each, for tests of the pure core."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgflash_gitops.model.account import Instance
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.definition import Audience, Definition, DirectContent, Recipients, Repeat, Schedule
from msgflash_gitops.model.plan import Desired
from msgflash_gitops.model.source import Source
from msgflash_gitops.planning.canonical import COMPARABLE, canonical_field
from msgflash_gitops.planning.marker import Marker, mark
from msgflash_gitops.planning.resolve import Account, resolve

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
AHEAD = NOW + timedelta(days=10)
INSTANCE = Instance("11111111-1111-4111-8111-111111111111", "boutique", "+33639980001", "connected")
PROJECT = "crm"


def definition(key: str = "spring", *, at: datetime = AHEAD, body: str = "Hello", **changes: Any) -> Definition:
    """A direct text campaign to everybody with the tag client."""
    values: dict[str, Any] = {
        "key": key,
        "name": "Spring",
        "instance": INSTANCE.name,
        "schedule": Schedule(at, None),
        "recipients": Recipients(Audience.TAGS, ("client",)),
        "content": DirectContent("text", {"body": body}),
        "source": Source(f"campaigns/{key}.yaml"),
    }
    return Definition(**{**values, **changes})


def desired(key: str = "spring", *, at: datetime = AHEAD, body: str = "Hello", **changes: Any) -> Desired:
    """The same, resolved."""
    found = resolve(
        [definition(key, at=at, body=body, **changes)], Account((INSTANCE,)), project=PROJECT, timezone=None
    )
    assert not found.findings
    return found.desired[0]


def live(
    one: Desired,
    status: str = "scheduled",
    *,
    campaign_id: str = "c1",
    marked: bool = True,
    digest: str | None = None,
    name: str | None = None,
    created: datetime = NOW - timedelta(days=1),
    stats: dict[str, int] | None = None,
    **shown: Any,
) -> LiveCampaign:
    """What the account shows for a campaign made from `one`; `shown` overrides fields under the vendor's names."""
    hidden = ("title", "description", "footer", "buttons", "variables")
    fields = {field: one.fields.get(field) for field in COMPARABLE if field not in hidden}
    fields.update({field: canonical_field(field, value) for field, value in shown.items()})
    marker = Marker(PROJECT, one.key, digest or one.digest)
    return LiveCampaign(
        id=campaign_id,
        name=name or (mark(one.name, marker) if marked else one.name),
        status=status,
        fields=fields,
        stats={"planned": 0, "queued": 0, "sent": 0} if stats is None else stats,
        created_at=created,
    )


DAILY = Repeat.DAILY
WEEKLY = Repeat.WEEKLY
