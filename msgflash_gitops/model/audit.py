"""An audit: every send of an account in a window, what git says of each, and what deserves a look."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.plan import FieldChange, InstanceRef, World
from msgflash_gitops.model.provenance import Applied, Blame, Commit, Form, LedgerNote, Provenance
from msgflash_gitops.model.source import Position


class Origin(StrEnum):
    """Who made it: `git` where the name bears a marker or a definition points to it, else a person in the dashboard."""

    GIT = "git"
    DASHBOARD = "dashboard"


class State(StrEnum):
    """What git says of a campaign; `in-sync`: `plan` would do nothing about it.

    `in-doubt`: a create whose answer was lost, so that nobody knows whether there is one.
    `stopped` is no verdict on a campaign, but what stands in its place where a form of it will never be sent.
    """

    IN_SYNC = "in-sync"
    DRIFTED = "drifted"
    ORPHANED = "orphaned"
    MISSING = "missing"
    UNMANAGED = "unmanaged"
    LATE = "late"
    DUPLICATE = "duplicate"
    IN_DOUBT = "in-doubt"
    STOPPED = "stopped"


class Outlook(StrEnum):
    """What becomes of one send, as far as the account tells.

    `overdue`: its time has come and nothing shows that it began. `stopped`: paused, and may be resumed; or cancelled
    or failed after some got it. `never`: cancelled, failed or superseded before anybody got it: no send.
    `absent`: no campaign in the account stands for it. `unknown`: a status that this release does not know, a create in doubt, or a
    campaign that was deleted after its time had come.
    """

    AHEAD = "ahead"
    SENDING = "sending"
    SENT = "sent"
    OVERDUE = "overdue"
    STOPPED = "stopped"
    NEVER = "never"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What a finding is about. The first eight compare with git, the next six look back, the last six ahead."""

    UNMANAGED = "unmanaged"
    DRIFTED = "drifted"
    ORPHANED = "orphaned"
    MISSING = "missing"
    DUPLICATE = "duplicate"
    LATE = "late"
    IN_DOUBT = "in-doubt"
    INVALID = "invalid"
    NEVER_STARTED = "never-started"
    STUCK = "stuck"
    PARTIAL = "partial"
    FAILED = "failed"
    SENT_THOUGH_CANCELLED = "sent-though-cancelled"
    SENT_WITHOUT_DEFINITION = "sent-without-definition"
    OVERLAP = "overlap"
    CROWDED = "crowded"
    DISCONNECTED = "disconnected"
    DST_SHIFT = "dst-shift"
    PAST_UNTIL = "past-until"
    QUIET_HOURS = "quiet-hours"


GROUPS: Mapping[str, tuple[Kind, ...]] = {
    "git": tuple(Kind)[:8],
    "delivery": tuple(Kind)[8:14],
    "risk": tuple(Kind)[14:],
}


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` up to, not including, `end`; both UTC. `timezone` is the zone in which people read it."""

    start: datetime
    end: datetime
    timezone: str

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True)
class Limits:
    """When a send counts as stuck, two as overlapping, and two as crowding one instance.

    `quiet`: from and to, local times of the window's zone, over midnight where from is later; None: no hours are quiet.
    """

    stuck_after: timedelta = timedelta(hours=6)
    start_grace: timedelta = timedelta(minutes=15)
    overlap: timedelta = timedelta(hours=24)
    crowded: timedelta = timedelta(minutes=10)
    quiet: tuple[time, time] | None = (time(21), time(8))


@dataclass(frozen=True, slots=True)
class Subject:
    """What is the same for all sends of one campaign, or of a definition that has none (`campaign` is None).

    `first`: its schedule. `reason`: why the state is not in-sync. `ends`: when occurrences of a series stop for good.
    `series_timezone`: the zone whose wall clock people expect a series to follow. `foreign`: the other project of its marker.
    `superseded`: an earlier replace of ours paused it, and nothing resumes it. `form`: how what is live and its definition
    now go together; None where one of the two is missing.
    """

    name: str
    state: State
    origin: Origin
    first: datetime
    repeat: str
    recipients: JsonObject
    content: JsonObject
    campaign: LiveCampaign | None = None
    key: str | None = None
    instance: InstanceRef | None = None
    source: Position | None = None
    reason: str = ""
    differences: tuple[FieldChange, ...] = ()
    notes: tuple[str, ...] = ()
    series_timezone: str | None = None
    until: datetime | None = None
    ends: datetime | None = None
    foreign: str | None = None
    superseded: bool = False
    form: Form | None = None

    @property
    def campaign_id(self) -> str | None:
        return self.campaign.id if self.campaign else None

    @property
    def status(self) -> str | None:
        return self.campaign.status if self.campaign else None

    @property
    def repeats(self) -> bool:
        return self.repeat in ("daily", "weekly")


@dataclass(frozen=True, slots=True)
class Send:
    """One send: a campaign, or one occurrence of a series. `stats`: the vendor's counters, on the send they are about."""

    at: datetime
    outlook: Outlook
    subject: Subject
    stats: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """Its subject's, but of what is never sent: that agrees with nothing, however well it agrees with git."""
        return State.STOPPED if self.outlook is Outlook.NEVER else self.subject.state


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """`subject` is what it is about, `at` the first send concerned, `other` the second campaign of a pair."""

    kind: Kind
    message: str
    subject: Subject | None = None
    at: datetime | None = None
    other: Subject | None = None
    source: Position | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the audit could see of the account.

    `remembered`: campaigns in the ledger. `listed`: campaigns that the account's list shows, None without one. `read`: campaigns asked
    for one by one. `messages_read`: how many messages were looked through for campaigns that nothing else tells of. `blind_spots`:
    sentences that say what may be there all the same.
    """

    world: World
    remembered: int = 0
    listed: int | None = None
    read: int = 0
    messages_read: int = 0
    blind_spots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Audit:
    """`sends` by time; `findings` by kind and time; `problems` are faults of the definitions. Times are UTC.

    `stopped` are the forms that will never be sent, by time: they are no sends, and are in no count of them.
    `history`: commits by id, as far as this clone has them, from which campaigns were applied.
    """

    project: str
    workspace: str
    window: Window
    made_at: datetime
    sends: tuple[Send, ...]
    findings: tuple[AuditFinding, ...]
    coverage: Coverage
    stopped: tuple[Send, ...] = ()
    problems: tuple[Finding, ...] = ()
    notices: tuple[str, ...] = ()
    commit: str | None = None
    blame: Blame = field(default_factory=Blame)
    ledger: Mapping[str, LedgerNote] = field(default_factory=dict)
    history: Mapping[str, Commit] = field(default_factory=dict)

    @property
    def dirty(self) -> bool:
        """Whether files of the project differ from the commit."""
        return self.commit is not None and self.commit.endswith("+dirty")

    def provenance(self, subject: Subject) -> Provenance:
        """The last editor of a definition is the author of what is live only where the two are of one form."""
        place = (subject.source.path, subject.source.line) if subject.source else None
        live, form = subject.campaign, subject.form
        touched = self.blame.commits.get(place) if place else None
        ledger = self.ledger.get(live.id) if live else None
        applied = self._applied(ledger) if form is not Form.CURRENT else None
        created = live.created_at if live else None
        editor = touched if form in (Form.OTHER, Form.UNKNOWN) and _is_later(touched, created, applied) else None
        return Provenance(
            commit=touched if form in (None, Form.CURRENT) else None,
            applied=applied,
            changed_since=True if editor else {Form.CURRENT: False, Form.OTHER: True}.get(form) if form else None,
            changed_by=editor,
            dirty=place in self.blame.dirty,
            ledger=ledger,
            created_at=created,
            updated_at=live.updated_at if live else None,
            user_id=live.user_id if live else None,
        )

    def _applied(self, ledger: LedgerNote | None) -> Applied | None:
        source = ledger.created_from if ledger else None
        if source is None:
            return None
        commit = source.removesuffix("+dirty")
        return Applied(commit, self.history.get(commit), dirty=source != commit)


def _is_later(touched: Commit | None, created: datetime | None, applied: Applied | None) -> bool:
    """Whether a commit came after a campaign's creation, as far as dates tell: git's have whole seconds."""
    if touched is None or created is None or (applied is not None and applied.commit == touched.id):
        return False
    return touched.date >= created.replace(microsecond=0)
