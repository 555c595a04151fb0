"""A plan: what apply would do, as plain data that can be saved, shown, hashed and replayed."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from msgflash_gitops.model.definition import Waiver
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.instant import instant_or_none
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.ledger import LedgerRef
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.model.source import Position


class Action(StrEnum):
    """The words of the decision table, in the order in which a summary counts them."""

    CREATE = "create"
    REPLACE = "replace"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"
    UNCHANGED = "unchanged"
    FINISHED = "finished"
    PAST = "past"
    LATE = "late"
    BLOCKED = "blocked"


PENDING = frozenset({Action.CREATE, Action.REPLACE, Action.STOP, Action.PAUSE, Action.RESUME})
SENDING = frozenset({Action.CREATE, Action.REPLACE, Action.RESUME})


class Flag(StrEnum):
    """The flags by which a person consents to a held change."""

    ALLOW_RUNNING = "--allow-running"
    ALLOW_RESUME = "--allow-resume"
    MAX_STOPS = "--max-stops"


@dataclass(frozen=True, slots=True)
class Consent:
    """What the person at the keyboard (or the pipeline's author) has allowed. `max_stops` None: the policy's number."""

    allow_running: bool = False
    allow_resume: bool = False
    max_stops: int | None = None


@dataclass(frozen=True, slots=True)
class InstanceRef:
    id: str
    label: str
    number: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`before` is what the account shows, `after` what the definition says."""

    field: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class Desired:
    """A definition with labels resolved: what should exist in the account.

    `fields` is the canonical form that is compared and hashed (its `schedule` is the anchor of a series); `anchor` is that
    schedule as an instant. `timezone` is the zone for people's eyes, `series_timezone` the zone whose wall clock a series
    follows (None: every 24 hours or 7 days in UTC). `recipients` and `content` are for reviewers: labels beside ids.
    """

    key: str
    name: str
    digest: str
    fields: JsonObject
    body: JsonObject
    anchor: datetime
    timezone: str
    instance: InstanceRef
    recipients: JsonObject
    content: JsonObject
    source: Position
    series_timezone: str | None = None
    until: datetime | None = None
    paused: bool = False
    revision: int = 1
    renamed_from: str | None = None
    pinned_id: str | None = None
    waivers: tuple[Waiver, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def repeats(self) -> bool:
        return self.fields.get("repeat") != "none"


@dataclass(frozen=True, slots=True)
class Current:
    """The live campaign that a change is about, as it was when the plan was made.

    `seen_at`: when it was so (UTC), where it was not read for the plan but is remembered.
    """

    id: str
    name: str
    status: str
    schedule: str | None = None
    digest: str | None = None
    instance_id: str | None = None
    created_at: datetime | None = None
    started: bool = False
    seen_at: datetime | None = None

    @property
    def start(self) -> datetime | None:
        """The schedule as an instant; None where it was not shown or cannot be read."""
        return instant_or_none(self.schedule)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a plan.

    `start`: when the campaign that this change creates would start (UTC). `held_by`: the flag that lifts the hold; `held`:
    it was not given. `recreate`: a resume that is carried out by creating the campaign anew and retiring the paused one.
    `retire`: other, paused campaigns of the same key that are cancelled once the new one exists.
    `missed`: occurrences of a series that passed without a send. `duplicate`: a stop because the key is live twice.
    """

    key: str
    name: str
    action: Action
    reason: str
    desired: Desired | None = None
    current: Current | None = None
    start: datetime | None = None
    differences: tuple[FieldChange, ...] = ()
    warnings: tuple[str, ...] = ()
    held_by: Flag | None = None
    held: bool = False
    recreate: bool = False
    duplicate: bool = False
    retire: tuple[Current, ...] = ()
    missed: tuple[datetime, ...] = ()

    @property
    def creates(self) -> bool:
        """Whether carrying it out POSTs a new campaign."""
        return self.action in (Action.CREATE, Action.REPLACE) or (self.action is Action.RESUME and self.recreate)


@dataclass(frozen=True, slots=True)
class AccountRef:
    """Which account a plan was made against; no secret. `user_ids` are those its campaigns showed."""

    base_url: str
    team_id: str | None = None
    user_ids: tuple[str, ...] = ()


class World(StrEnum):
    """What the account can show. `documented`: campaigns one by one, by their ids. `list`: all of them."""

    DOCUMENTED = "documented"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Plan:
    """`superseded` are paused leftovers of earlier replaces. `notices` concern the account, not one key. Times are UTC.

    `refresh`: how much of what is remembered was asked for again, where there is no list. `ledger`: the memory it was made with,
    None where there is none.
    """

    project: str
    workspace: str
    account: AccountRef
    made_at: datetime
    changes: tuple[Change, ...]
    desired: tuple[Desired, ...] = field(default=(), repr=False)
    superseded: tuple[Current, ...] = ()
    notices: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    unmanaged: int = 0
    valid_until: datetime | None = None
    commit: str | None = None
    consent: Consent = Consent()
    world: World = World.LIST
    refresh: Refresh = Refresh.ALL
    ledger: LedgerRef | None = None

    def count(self, action: Action) -> int:
        return sum(change.action is action for change in self.changes)

    @property
    def held(self) -> int:
        return sum(change.held for change in self.changes)

    @property
    def pending(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.action in PENDING)
