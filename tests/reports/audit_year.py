"""A year of an account in which everything that an audit looks for happens once, at a clock that stands still."""

import asyncio
import uuid
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from msgflash_gitops.files.definitions import load_definitions
from msgflash_gitops.files.project import load_project
from msgflash_gitops.model.audit import Audit, Limits
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.plan import AccountRef, Desired
from msgflash_gitops.model.provenance import Blame, Commit, Form, LedgerNote
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.planning.audit.window import make_window
from msgflash_gitops.planning.marker import Marker, mark
from msgflash_gitops.planning.resolve import Account, resolve
from msgflash_gitops.sandbox import Behaviour, Sandbox
from msgflash_gitops.sandbox.seed import sample_id
from msgflash_gitops.workflows.audit import Question, make_audit
from msgflash_gitops.workflows.plan import Scope

NOW = datetime(2027, 6, 15, 10, tzinfo=UTC)
URL = "http://127.0.0.1"
Result = TypeVar("Result")
PROJECT_FILE = "project: crm\ntimezone: Europe/Paris\n"
_NEVER = "2099-01-01T00:00:00.000Z"

YAML = """\
key: in-sync
name: Summer letter
instance: boutique-principale
schedule: 2027-07-01T09:00:00
recipients: {type: tags, value: [client, vip]}
type: text
body: |
  The summer collection is here.
  Come and see!
---
key: weekly
name: Friday digest
instance: boutique-principale
schedule: 2027-01-08T16:00:00
repeat: weekly
recipients: {type: group, group: Newsletter}
type: text
body: "Our week in pictures"
---
key: drifted
name: Sale
instance: boutique-lyon
schedule: 2027-06-20T09:00:00
recipients: {type: tags, value: [lyon]}
type: text
body: 20 % off
---
key: missing
name: Autumn letter
instance: boutique-principale
schedule: 2027-09-01T09:00:00
recipients: {type: tags, value: [client]}
type: text
body: Autumn begins.
---
key: late
name: Flash sale
instance: boutique-principale
schedule: 2027-06-15T08:00:00
recipients: {type: tags, value: [vip]}
type: text
body: Today only.
---
key: doubled
name: Launch
instance: boutique-principale
schedule: 2027-06-22T09:00:00
recipients: {type: tags, value: [prospect]}
template: Product launch
variables: {product: Lamp}
---
key: sent
name: Spring letter
instance: boutique-principale
schedule: 2027-03-20T09:00:00
recipients: {type: tags, value: [client]}
type: text
body: Spring begins.
---
key: partial
name: Easter
instance: boutique-principale
schedule: 2027-03-28T09:00:00
recipients: {type: all}
type: text
body: Happy Easter
---
key: failed
name: May
instance: boutique-principale
schedule: 2027-05-01T09:00:00
recipients: {type: tags, value: [client]}
type: text
body: May
---
key: stuck
name: Survey
instance: boutique-principale
schedule: 2027-06-14T09:00:00
recipients: {type: tags, value: [client]}
type: text
body: How was it?
---
key: never-started
name: Reminder
instance: boutique-principale
schedule: 2027-06-14T18:00:00
recipients: {type: tags, value: [vip]}
type: text
body: Do not forget
---
key: disconnected
name: Service
instance: sav
schedule: 2027-06-28T09:00:00
recipients: {type: explicit, value: [11111111-1111-4111-8111-111111111111]}
type: text
body: Your repair is ready.
---
key: neighbour
name: Neighbour
instance: boutique-lyon
schedule: 2027-06-20T09:05:00
recipients: {type: tags, value: [lyon]}
type: text
body: And one more thing
---
key: replaced
name: Concert
instance: boutique-lyon
schedule: 2027-08-01T09:00:00
recipients: {type: group, group: VIP Paris}
type: text
body: New programme
"""
FAULTY = "key: faulty\nname: Faulty\ninstance: boutique-principale\nschedule: 2027-07-10\nbody: x\n"


class StillClock:
    """Implements `ports.Clock`; nobody waits."""

    def __init__(self, at: datetime = NOW) -> None:
        self._at = at
        self.seconds = 0.0

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


@dataclass
class Year:
    """The repository in `root`, and the account."""

    root: Path
    clock: StillClock = field(default_factory=StillClock)
    yaml: str = YAML

    def __post_init__(self) -> None:
        (self.root / "campaigns").mkdir()
        (self.root / "msgflash.yaml").write_text(PROJECT_FILE)
        (self.root / "campaigns/year.yaml").write_text(self.yaml)
        self.sandbox = Sandbox(now=self.clock.now, monotonic=self.clock.monotonic, behaviour=Behaviour(lists=True))
        self.desired = self._desired()

    def audit(
        self, start: str | None = "2027-01-01", end: str | None = "2027-12-31", limits: Limits | None = None
    ) -> Audit:
        return _run(self._audit(start, end, limits or Limits()))

    def live(
        self, key: str, status: str = "scheduled", *, label: str = "", name: str | None = None, **facts: Any
    ) -> str:
        """The campaign that apply would have made of a definition; `facts` as the vendor stores them."""
        body: dict[str, Any] = dict(self.desired[key].body)
        body |= {field: facts.pop(field) for field in ("body", "schedule") if field in facts}
        body |= {"name": name} if name else {}
        return self.put(label or key, body, status, **facts)

    def dashboard(self, label: str, at: str, status: str = "scheduled", **facts: Any) -> str:
        """`facts` override what is stored, `schedule` too."""
        body = {
            "instanceId": sample_id("instance", "boutique-lyon"),
            "name": facts.pop("name", label),
            "schedule": at,
            "recipients": {"type": "tags", "value": ["prospect"]},
            "type": "text",
            "body": facts.pop("body", "By hand"),
            **{name: facts.pop(name) for name in ("repeat",) if name in facts},
        }
        return self.put(label, body, status, **facts)

    def put(self, label: str, request: dict[str, Any], status: str, **facts: Any) -> str:
        """Nothing happens to it by itself; its id is always the same."""
        stats = {**dict.fromkeys(("queued", "sent", "delivered", "read", "failed", "cancelled"), 0), "planned": 100}
        stats |= facts.pop("stats", {})
        made = format_instant(facts.pop("made", NOW - timedelta(days=150)))
        changed = format_instant(facts.pop("changed", NOW - timedelta(days=149)))
        identity = str(uuid.uuid5(uuid.NAMESPACE_URL, label))
        stored = {
            "id": identity,
            "stats": stats,
            "createdAt": made,
            "updatedAt": changed,
            "_next": _NEVER,
            "_until": _NEVER,
        }
        self.sandbox.add_campaign(request, status, **{**stored, **facts})
        return identity

    async def _audit(self, start: str | None, end: str | None, limits: Limits) -> Audit:
        project = load_project(self.root)
        scope = Scope(project, "default", AccountRef(URL), commit="3f9a1c2b043f9a1c2b043f9a1c2b043f9a1c2b04")
        question = Question(make_window(start, end, self.clock.now(), "Europe/Paris"), limits)
        async with open_client(
            Credentials(URL, Secret(self.sandbox.api_key)), self.clock, asgi_app=self.sandbox.app
        ) as api:
            return await make_audit(api, self.clock, scope, load_definitions(project), question)

    def _desired(self) -> dict[str, Desired]:
        return _run(self._resolved())

    async def _resolved(self) -> dict[str, Desired]:
        project = load_project(self.root)
        loaded = load_definitions(project)
        async with open_client(
            Credentials(URL, Secret(self.sandbox.api_key)), self.clock, asgi_app=self.sandbox.app
        ) as api:
            parts = await asyncio.gather(api.list_instances(), api.list_templates(), api.list_groups())
        account = Account(*(tuple(part) for part in parts))  # type: ignore[arg-type]
        found = resolve(loaded.definitions, account, project="crm", timezone=project.timezone)
        return {one.key: one for one in found.desired}


def whole_year(root: Path) -> Year:
    """One campaign for each thing that an audit tells."""
    year = Year(root)
    went = {"sent": 100, "delivered": 98, "read": 60}
    year.live("in-sync")
    year.live("weekly", stats={"planned": 180, "sent": 180, "delivered": 175})
    year.live("drifted", body="30 % off")
    year.live("doubled", label="doubled-kept", made=NOW - timedelta(days=20))
    year.live("doubled", label="doubled-extra", made=NOW - timedelta(days=10))
    year.live("sent", "completed", stats=went)
    year.live("partial", "completed", stats={"planned": 250, "sent": 90, "failed": 3})
    year.live("failed", "completed", stats={"sent": 95, "failed": 5})
    year.live("stuck", "running", stats={"sent": 40, "queued": 60, "processingStartedAt": "2027-06-14T07:00:00.000Z"})
    year.live("never-started")
    year.live("disconnected", stats={"planned": 1})
    year.live("neighbour")
    year.live("replaced", stats={"planned": 24})
    year.live(
        "replaced", "paused", label="replaced-old", name=_marked("replaced", "Concert"), made=NOW - timedelta(days=160)
    )
    year.live("sent", label="orphaned", name=_marked("removed", "Removed"), schedule="2027-07-05T07:00:00.000Z")
    year.live(
        "sent", "paused", label="stopped", name=_marked("stopped", "Stopped"), schedule="2027-07-06T07:00:00.000Z"
    )
    year.live("sent", label="faulty", name=_marked("faulty", "Faulty"), schedule="2027-07-10T07:00:00.000Z")
    year.live("sent", label="foreign", name="Other [shop/x@0123456789]", schedule="2027-07-12T07:00:00.000Z")
    year.dashboard("by-hand", "2027-06-30T07:00:00.000Z")
    year.dashboard("by-hand-sent", "2027-02-01T08:00:00.000Z", "completed", stats=went)
    year.dashboard("by-hand-cancelled", "2027-08-15T07:00:00.000Z", "cancelled")
    year.dashboard("cut-off", "2027-04-01T07:00:00.000Z", "cancelled", stats={"sent": 12, "cancelled": 88})
    year.dashboard("strange", "2027-10-01T07:00:00.000Z", "archived")
    year.dashboard("by-hand-daily", "2027-12-29T08:00:00.000Z", repeat="daily")
    (root / "campaigns/faulty.yaml").write_text(FAULTY)
    return year


def with_evidence(audit: Audit) -> Audit:
    """As if git and the ledger had been asked: Ana applied everything, and Bob edited what is live in another form."""
    commit = Commit("3f9a1c2b043f9a1c2b043f9a1c2b043f9a1c2b04", "Ana", "ana@example.com", NOW - timedelta(days=160))
    edit = Commit("8e1d0c5b778e1d0c5b778e1d0c5b778e1d0c5b77", "Bob", "bob@example.com", NOW - timedelta(days=2))
    subjects = [send.subject for send in (*audit.sends, *audit.stopped)]
    places = {(each.source.path, each.source.line) for each in subjects if each.source}
    edited = {(each.source.path, each.source.line) for each in subjects if each.source and each.form is Form.OTHER}
    dirty = frozenset({min(places)}) if places else frozenset()
    run = LedgerNote("1f2e3d4c5b6a", "2027-01-16T10:00:00+00:00", "create", commit.id)
    later = LedgerNote("2a3b4c5d6e7f", format_instant(edit.date + timedelta(hours=1)), "create", edit.id)
    ledger = {
        each.campaign_id: later if place in edited and each.form is Form.CURRENT else run
        for each in subjects
        if each.campaign_id and each.source and (place := (each.source.path, each.source.line))
    }
    blame = Blame({place: edit if place in edited else commit for place in places}, dirty)
    return replace(audit, blame=blame, ledger=ledger, history={commit.id: commit})


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """In a thread of its own: while a browser is open, the event loop of the test's thread is taken."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def _marked(key: str, name: str) -> str:
    return mark(name, Marker("crm", key, "0123456789"))
