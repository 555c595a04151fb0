"""The pure fold from the ledger's entries to what is remembered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.ledger import (
    Entry,
    Intent,
    Linked,
    Observed,
    Operation,
    OutcomeSeen,
    Phase,
    RunBegan,
    Unlinked,
)
from msgflash_gitops.model.memory import Doubt, Memory, Remembered

_LANDED = (Phase.DONE, Phase.RECOVERED)
_NOTHING_HAPPENED = (Phase.REFUSED, Phase.NOT_SENT)
_AFTER = {Operation.PAUSE: "paused", Operation.CANCEL: "cancelled"}
_Create = tuple[str, str, str | None]  # run, key, digest


def remember(entries: Iterable[Entry]) -> Memory:
    """What the entries say, in their order. A pause that this project began counts as its own even where its outcome was never
    written: only what was written down tells it from a person's.
    """
    fold = _Fold()
    for entry in entries:
        fold.take(entry)
    return fold.memory()


@dataclass(slots=True)
class _Fold:
    campaigns: dict[str, Remembered] = field(default_factory=dict)
    open: dict[_Create, Doubt] = field(default_factory=dict)
    unseen: dict[_Create, datetime] = field(default_factory=dict)
    interrupted: dict[str, str] = field(default_factory=dict)
    applied: set[str] = field(default_factory=set)
    commits: dict[str, str | None] = field(default_factory=dict)
    lists: bool | None = None

    def take(self, entry: Entry) -> None:
        match entry.fact:
            case RunBegan() as began:
                self.commits[entry.run] = began.commit
            case Intent() as intent:
                self._intent(entry, intent)
            case OutcomeSeen() as outcome:
                self._outcome(entry, outcome)
            case Linked() as linked:
                self._link(entry, linked)
            case Unlinked() as unlinked:
                self.campaigns.pop(unlinked.campaign_id, None)
                self.interrupted.pop(unlinked.campaign_id, None)
            case Observed() as observed:
                self._observe(entry, observed)
            case _:
                pass

    def memory(self) -> Memory:
        doubted = (
            () if self.lists is False else (doubt.at for doubt in self.open.values())
        )  # no wait shows those without a list
        landed = [*self.unseen.values(), *doubted]
        return Memory(
            campaigns=self.campaigns,
            doubts=tuple(self.open.values()),
            interrupted=frozenset(self.interrupted),
            applied=frozenset(self.applied),
            open_create=max(landed, default=None),
            lists=self.lists,
        )

    def _intent(self, entry: Entry, intent: Intent) -> None:
        if intent.operation is Operation.CREATE:
            create = (entry.run, intent.key, intent.digest)
            self.open[create] = Doubt(
                intent.key, intent.digest, entry.at, entry.run, intent.instance_id, intent.start, intent.repeat
            )
        elif intent.operation is Operation.PAUSE and intent.campaign_id and intent.action in ("replace", "resume"):
            self.interrupted[intent.campaign_id] = intent.key

    def _outcome(self, entry: Entry, outcome: OutcomeSeen) -> None:
        if outcome.operation is Operation.CREATE:
            self._created(entry, outcome)
            return
        identity = outcome.campaign_id or ""
        undone = outcome.operation is Operation.PAUSE and outcome.phase is Phase.FAILED
        resumed = outcome.operation is Operation.RESUME and outcome.phase is Phase.DONE
        if undone or resumed:
            self.interrupted.pop(identity, None)
        status = outcome.status or (_AFTER.get(outcome.operation) if outcome.phase in _LANDED else None)
        if status is not None:
            self._see(identity, status, entry.at)

    def _created(self, entry: Entry, outcome: OutcomeSeen) -> None:
        create = (entry.run, outcome.key, outcome.digest)
        if outcome.phase in _NOTHING_HAPPENED:
            self.open.pop(create, None)
        if outcome.phase not in _LANDED:
            return
        sent = self.open.pop(create, None)
        self.unseen[create] = entry.at
        self.applied |= {outcome.digest} if outcome.digest else set()
        self.interrupted = {each: key for each, key in self.interrupted.items() if key != outcome.key}
        if outcome.campaign_id:
            self.campaigns[outcome.campaign_id] = Remembered(
                outcome.campaign_id,
                outcome.key,
                outcome.digest,
                outcome.status or "scheduled",
                entry.at,
                instance_id=sent.instance_id if sent else None,
                start=sent.start if sent else None,
                repeat=sent.repeat if sent else None,
                run=entry.run,
                commit=self.commits.get(entry.run),
            )

    def _link(self, entry: Entry, linked: Linked) -> None:
        """Whoever says which campaign belongs to a key, or that none does, settles what was in doubt about it."""
        doubts = [create for create in self.open if create[1] == linked.key]
        sent = [self.open.pop(create) for create in doubts]
        if linked.campaign_id is None:
            return
        told = next((each for each in reversed(sent) if each.digest == linked.digest), None)
        self.campaigns[linked.campaign_id] = Remembered(
            linked.campaign_id,
            linked.key,
            linked.digest,
            None,
            entry.at,
            instance_id=told.instance_id if told else None,
            start=told.start if told else None,
            repeat=told.repeat if told else None,
            run=entry.run,
            commit=self.commits.get(entry.run),
        )

    def _observe(self, entry: Entry, observed: Observed) -> None:
        if observed.lists is not None:
            self.lists = observed.lists
        for identity, status in observed.statuses.items():
            self._see(identity, status, entry.at)
        if observed.verified:
            self.unseen = {create: at for create, at in self.unseen.items() if create[0] != entry.run}
            if observed.lists:
                self.open.clear()  # a list that had time to settle has shown what they left behind

    def _see(self, identity: str, status: str, at: datetime) -> None:
        known = self.campaigns.get(identity)
        if known is not None:
            self.campaigns[identity] = replace(known, status=status, seen_at=at)


def settle(memory: Memory, found: Mapping[Doubt, LiveCampaign]) -> Memory:
    """The memory once these doubts are settled by the campaigns that they left behind."""
    if not found:
        return memory
    campaigns = {
        each.id: Remembered(
            each.id,
            doubt.key,
            doubt.digest,
            each.status,
            doubt.at,
            instance_id=doubt.instance_id,
            start=doubt.start,
            repeat=doubt.repeat,
            run=doubt.run,
        )
        for doubt, each in found.items()
    }
    left = tuple(each for each in memory.doubts if each not in found)
    return replace(memory, campaigns={**memory.campaigns, **campaigns}, doubts=left)
