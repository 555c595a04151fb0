"""The ledger as a story per key, for people: what was written and how it ended, what was seen of it, what is remembered now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from msgflash_gitops.model.ledger import (
    Entry,
    Intent,
    LedgerRef,
    Linked,
    Observed,
    Operation,
    OutcomeSeen,
    RunBegan,
    Unlinked,
)
from msgflash_gitops.model.memory import Doubt, Remembered
from msgflash_gitops.planning.lease import Holder, holder
from msgflash_gitops.planning.memory import remember


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a key's timeline. `number`: of its entry.

    `what`: an operation, or `link`, `link --none`, `unlink`, `seen`. `action`: the change that it was part of. `outcome`: how a write
    ended (None: nobody wrote it down), who linked (`person`, `messages`), or the status that was seen.
    """

    number: int
    at: datetime
    run: str
    what: str
    outcome: str | None = None
    action: str | None = None
    campaign_id: str | None = None
    digest: str | None = None
    code: str | None = None
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Story:
    """`campaigns`: what is remembered of the key, in the order in which it came to know them."""

    key: str
    events: tuple[Event, ...]
    campaigns: tuple[Remembered, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerStory:
    """`keys`: every key of the ledger, sorted. `runs`: who wrote, by run. `lists`: whether the account had a list when last seen."""

    project: str
    workspace: str
    ref: LedgerRef
    place: str
    entries: int
    keys: Mapping[str, Story]
    runs: Mapping[str, RunBegan] = field(default_factory=dict)
    holder: Holder | None = None
    doubts: tuple[Doubt, ...] = ()
    lists: bool | None = None


def tell(entries: Sequence[Entry], *, project: str, workspace: str, ref: LedgerRef, place: str) -> LedgerStory:
    memory = remember(entries)
    campaigns: dict[str, list[Remembered]] = {}
    for campaign in memory.campaigns.values():
        campaigns.setdefault(campaign.key, []).append(campaign)
    keys = {
        key: Story(
            key, tuple(events), tuple(campaigns.get(key, ())), tuple(each for each in memory.doubts if each.key == key)
        )
        for key, events in sorted(_events(entries).items())
    }
    return LedgerStory(
        project,
        workspace,
        ref,
        place,
        len(entries),
        keys,
        {entry.run: entry.fact for entry in entries if isinstance(entry.fact, RunBegan)},
        holder(entries),
        memory.doubts,
        memory.lists,
    )


def _events(entries: Iterable[Entry]) -> dict[str, list[Event]]:
    told = _Told()
    for entry in entries:
        told.take(entry)
    return told.events


@dataclass(slots=True)
class _Told:
    """`open`: which event of its key a write without an outcome is. `owners`: keys of campaigns."""

    events: dict[str, list[Event]] = field(default_factory=dict)
    open: dict[tuple[str, str, Operation], int] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        match entry.fact:
            case Intent() as intent:
                self._intent(entry, intent)
            case OutcomeSeen() as outcome:
                self._outcome(entry, outcome)
            case Linked(key, campaign_id, digest, by):
                self._own(campaign_id, key)
                what = "link" if campaign_id else "link --none"
                self._add(entry, key, what, outcome=by, campaign_id=campaign_id, digest=digest)
            case Unlinked(key, campaign_id):
                self._add(entry, key, "unlink", campaign_id=campaign_id)
            case Observed() as observed:
                for campaign_id, status in observed.statuses.items():
                    if campaign_id in self.owners:
                        self._add(entry, self.owners[campaign_id], "seen", outcome=status, campaign_id=campaign_id)
            case _:
                pass

    def _add(self, entry: Entry, key: str, what: str, **more: str | None) -> None:
        self.events.setdefault(key, []).append(Event(entry.number, entry.at, entry.run, what, **more))  # type: ignore[arg-type]

    def _own(self, campaign_id: str | None, key: str) -> None:
        if campaign_id:
            self.owners[campaign_id] = key

    def _intent(self, entry: Entry, intent: Intent) -> None:
        events = self.events.setdefault(intent.key, [])
        self.open[entry.run, intent.key, intent.operation] = len(events)
        event = Event(entry.number, entry.at, entry.run, intent.operation.value, action=intent.action)
        events.append(replace(event, campaign_id=intent.campaign_id, digest=intent.digest, attempt=intent.attempt))

    def _outcome(self, entry: Entry, outcome: OutcomeSeen) -> None:
        """Beside its intent; one more about the same write (it was found after a lost answer) is a line of its own."""
        if outcome.operation is Operation.CREATE:
            self._own(outcome.campaign_id, outcome.key)
        events = self.events.setdefault(outcome.key, [])
        place = self.open.pop((entry.run, outcome.key, outcome.operation), None)
        if place is None:
            event = Event(entry.number, entry.at, entry.run, outcome.operation.value, action=outcome.action)
            events.append(event)
            place = len(events) - 1
        events[place] = replace(
            events[place],
            outcome=outcome.phase.value,
            campaign_id=outcome.campaign_id or events[place].campaign_id,
            digest=outcome.digest or events[place].digest,
            code=outcome.code,
        )
