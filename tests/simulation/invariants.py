"""What must hold at every instant of every history."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgflash_gitops.model.campaign import ACTIVE
from msgflash_gitops.planning.marker import read_marker
from msgflash_gitops.sandbox import Sandbox
from msgflash_gitops.sandbox.checks import parse_instant

LONGEST_WAY = timedelta(seconds=2)


def identity(name: str, renamed: Mapping[str, str]) -> str | None:
    """The key that a campaign belongs to, old names of it included; None for one that is not ours."""
    marker = read_marker(name)[1]
    return None if marker is None or marker.project != "crm" else renamed.get(marker.key, marker.key)


def wrong_deliveries(sandbox: Sandbox, renamed: Mapping[str, str], by_hand: Collection[str]) -> list[str]:
    """What went out twice, early or late, except where a person pressed the button (`by_hand`: ids of campaigns)."""
    ours = [
        each
        for each in sandbox.deliveries
        if each.campaign_id not in by_hand and identity(each.name, renamed) is not None
    ]
    wrong = [f"{each.name}: {each.reason}, at {each.at}" for each in ours if each.reason != "schedule"]
    sends = Counter((identity(each.name, renamed), each.at) for each in ours)
    return wrong + [f"{key}: {count} times at {at}" for (key, at), count in sends.items() if count > 1]


def most_active(sandbox: Sandbox, renamed: Mapping[str, str]) -> int:
    """How many campaigns of one key can send at this moment."""
    active = Counter(
        identity(each["name"], renamed) for each in sandbox.store.all("campaign") if each["status"] in ACTIVE
    )
    active.pop(None, None)
    return max(active.values(), default=0)


def too_close(body: Any, arrived: datetime, min_lead: timedelta, clock_error: timedelta) -> list[str]:
    """A create whose start is closer than min_lead, the way to the server and the clock's error aside."""
    start = parse_instant(body["schedule"])
    assert start is not None
    if start - arrived >= min_lead - LONGEST_WAY - clock_error:
        return []
    return [f"{body['name']} created {start - arrived} ahead"]
