"""What must hold at every instant of every history."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgflash_gitops.model.campaign import ACTIVE
from msgflash_gitops.model.ledger import Entry, Intent, Linked, Operation, OutcomeSeen, Phase
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


def most_active(sandbox: Sandbox, renamed: Mapping[str, str], by_hand: Collection[str]) -> int:
    """How many campaigns of one key can send at this moment, without those that a person resumed."""
    active = Counter(
        identity(each["name"], renamed)
        for each in sandbox.store.all("campaign")
        if each["status"] in ACTIVE and each["id"] not in by_hand
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


# what the ledger says, told apart from the product's own fold


@dataclass(frozen=True)
class Create:
    """A create that was announced. `start`: of what was to be sent."""

    run: str
    key: str
    digest: str | None
    start: datetime | None


def doubts(entries: Sequence[Entry]) -> list[Create]:
    """Creates that were announced, and neither answered nor settled by anybody; the last attempt of a run counts."""
    open_creates: dict[tuple[str, str, str | None], Create] = {}
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, Intent) and fact.operation is Operation.CREATE:
            create = Create(entry.run, fact.key, fact.digest, fact.start)
            open_creates[entry.run, fact.key, fact.digest] = create
        elif isinstance(fact, OutcomeSeen) and fact.operation is Operation.CREATE and fact.phase is not Phase.UNKNOWN:
            open_creates.pop((entry.run, fact.key, fact.digest), None)
        elif isinstance(fact, Linked):
            open_creates = {each: create for each, create in open_creates.items() if create.key != fact.key}
    return list(open_creates.values())


def is_announced(
    entries: Sequence[Entry], run: str, operation: Operation, campaign: str | None, digest: str | None
) -> bool:
    """Whether the last that the ledger holds of this write of this run is that it is about to be made."""
    for entry in reversed(entries):
        fact = entry.fact
        if entry.run != run or not isinstance(fact, Intent | OutcomeSeen) or fact.operation is not operation:
            continue
        if (fact.campaign_id == campaign) if campaign else (fact.digest == digest):
            return isinstance(fact, Intent)
    return False


def is_known(entries: Sequence[Entry], campaign: str, keys: Collection[str]) -> bool:
    """Whether a campaign is in the ledger, or somebody looked and said that nothing of its key was left in doubt."""
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, OutcomeSeen | Linked) and fact.campaign_id == campaign:
            return True
        if isinstance(fact, Linked) and fact.campaign_id is None and fact.key in keys:
            return True
    return False
