"""The account, the repository and the machines of one simulated history."""

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from msgflash_gitops.errors import GitopsError
from msgflash_gitops.executor.settings import Stopper
from msgflash_gitops.files.journal import FileJournal, read_journal
from msgflash_gitops.files.planfile import read_plan, write_plan
from msgflash_gitops.model.definition import Audience, Definition, DirectContent, Recipients, Repeat, Schedule
from msgflash_gitops.model.outcome import Applied
from msgflash_gitops.model.plan import PENDING, AccountRef, Consent, Plan
from msgflash_gitops.model.project import Project
from msgflash_gitops.model.source import Source
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.planning.history import interrupted_ids, last_open_create, made_ids
from msgflash_gitops.sandbox import Behaviour, Sandbox
from msgflash_gitops.workflows.apply import Run, apply_plan, exit_code
from msgflash_gitops.workflows.definitions import Valid
from msgflash_gitops.workflows.plan import Planned, Scope, make_plan
from msgflash_gitops.workflows.saved import recheck_plan
from tests.simulation.invariants import most_active, too_close
from tests.simulation.virtual import START, VirtualClock, VirtualLoop
from tests.simulation.wire import Wire

PROJECT = "crm"
NO_CONSENT = Consent()
_URL = "http://127.0.0.1"


@dataclass(frozen=True)
class Draft:
    """A definition as the repository has it: one line of history."""

    key: str
    at: datetime
    body: str
    repeat: Repeat = Repeat.NONE
    revision: int = 1
    paused: bool = False
    renamed_from: str | None = None

    def definition(self) -> Definition:
        return Definition(
            key=self.key,
            name=f"Campaign {self.key}",
            instance="boutique-principale",
            schedule=Schedule(self.at),
            recipients=Recipients(Audience.TAGS, ("client",)),
            content=DirectContent("text", {"body": self.body}),
            source=Source(f"campaigns/{self.key}.yaml"),
            repeat=self.repeat,
            paused=self.paused,
            revision=self.revision,
            renamed_from=self.renamed_from,
        )


@dataclass(frozen=True)
class Machine:
    """Where an apply runs: `journal` names the folder that it keeps, and with it the machine.

    It dies at the request `kill_at` (which `arrives` or not), or `kill_after` seconds after it began; it begins after `delay` seconds.
    `drafts`: what its checkout has, where that is not what the others have.
    """

    journal: str = "runner"
    delay: float = 0.0
    kill_at: int | None = None
    arrives: bool = False
    kill_after: float | None = None
    consent: Consent = NO_CONSENT
    drafts: tuple[Draft, ...] | None = None

    @property
    def ahead(self) -> float:
        """The error of its clock, in seconds."""
        return {"laptop": -30.0, "third": 30.0}.get(self.journal, 0.0)


@dataclass
class Ended:
    """How one apply ended; all None where it died."""

    plan: Plan | None = None
    applied: Applied | None = None
    error: GitopsError | None = None

    @property
    def code(self) -> int | None:
        if self.error is not None:
            return self.error.exit_code
        return exit_code(self.plan, self.applied) if self.plan and self.applied else None


@dataclass
class World:
    """Everything of one history. `dice` decides latencies only."""

    folder: Path
    behaviour: Behaviour = field(default_factory=Behaviour)
    dice: random.Random = field(default_factory=lambda: random.Random(0))
    project: Project = field(default_factory=lambda: Project("/", PROJECT))

    def __post_init__(self) -> None:
        self.loop = VirtualLoop()
        self.sandbox = Sandbox(now=self.loop.now, monotonic=self.loop.time, behaviour=self.behaviour)
        self.sent_by_last_machine = 0
        self.renamed: dict[str, str] = {}
        self.violations: list[str] = []
        self._allowed = 1
        self._clock_error = timedelta(0)
        self._checked = 0
        self._runs = 0
        self._machines: set[str] = set()

    def close(self) -> None:
        self.loop.finish()
        self.sandbox.close()

    @property
    def now(self) -> datetime:
        return self.loop.now()

    def pass_time(self, span: timedelta) -> None:
        self.loop.pass_time(span.total_seconds())
        self.sandbox.tick()

    def apply(
        self, drafts: Iterable[Draft], machines: Sequence[Machine] = (Machine(),), saved: Path | None = None
    ) -> list[Ended]:
        """Each machine applies the drafts (or the saved plan), all at once."""
        definitions = tuple(draft.definition() for draft in drafts)
        journals = {machine.journal for machine in machines}
        if len(journals | self._machines) > 1:
            # What another machine sent with its last breath, nobody else can know before it shows.
            self.pass_time(timedelta(seconds=2 + self.behaviour.list_lag))
        self._machines = journals
        self._allowed = max(most_active(self.sandbox, self.renamed), len(machines))
        self._clock_error = timedelta(seconds=max(abs(machine.ahead) for machine in machines))

        async def all_of_them() -> list[Ended]:
            return list(await asyncio.gather(*(self._one(machine, definitions, saved) for machine in machines)))

        return self.loop.run_until_complete(all_of_them())

    def plan(self, drafts: Iterable[Draft], machine: Machine = Machine()) -> Plan:
        definitions = tuple(draft.definition() for draft in drafts)
        self._allowed = max(most_active(self.sandbox, self.renamed), 1)
        wire = Wire(self.sandbox.app, self.dice, self._served)
        return self.loop.run_until_complete(self._plan(machine, definitions, wire)).plan

    def save(self, drafts: Iterable[Draft]) -> Path:
        path = self.folder / "saved.plan"
        write_plan(path, self.plan(drafts))
        return path

    def pending(self, drafts: Iterable[Draft]) -> list[tuple[str, str, str]]:
        """What a plan made now would do without anybody's consent."""
        plan = self.plan(drafts)
        return [
            (change.key, change.action.value, change.reason)
            for change in plan.changes
            if change.action in PENDING and not change.held
        ]

    def owned(self) -> list[dict[str, Any]]:
        return [each for each in self.sandbox.campaigns() if f"[{PROJECT}/" in each["name"]]

    def _served(self) -> None:
        """After each request: could anything be sent twice from here, was anything created too late?"""
        if most_active(self.sandbox, self.renamed) > self._allowed:
            self.violations.append(f"more than {self._allowed} of one key can send, at {self.now}")
        for seen in self.sandbox.requests[self._checked :]:
            arrived = START + timedelta(seconds=seen.at)
            if (seen.method, seen.path) == ("POST", "/campaigns"):
                self.violations += too_close(seen.body, arrived, self.project.policy.min_lead, self._clock_error)
        self._checked = len(self.sandbox.requests)

    async def _one(self, machine: Machine, definitions: tuple[Definition, ...], saved: Path | None) -> Ended:
        await asyncio.sleep(machine.delay)
        if machine.drafts is not None:
            definitions = tuple(draft.definition() for draft in machine.drafts)
        wire = Wire(self.sandbox.app, self.dice, self._served, machine.kill_at, arrives=machine.arrives)
        wire.process = process = asyncio.ensure_future(self._apply(machine, definitions, saved, wire))
        if machine.kill_after is not None:
            self.loop.call_later(machine.kill_after, wire.kill)
        try:
            ended = await process
        except asyncio.CancelledError:
            ended = Ended()
        self.sent_by_last_machine = wire.sent
        return ended

    async def _apply(
        self, machine: Machine, definitions: tuple[Definition, ...], saved: Path | None, wire: Wire
    ) -> Ended:
        clock = VirtualClock(self.loop, machine.ahead)
        scope = self._scope(machine)
        credentials = Credentials(_URL, Secret(self.sandbox.api_key))
        try:
            async with open_client(credentials, clock, asgi_app=wire) as api:
                await clock.sleep(scope.unsettled(clock.now()).total_seconds())
                planned: Planned
                if saved is not None:
                    planned = await recheck_plan(api, clock, scope, read_plan(saved), machine.consent)
                else:
                    planned = await make_plan(api, clock, scope, Valid(definitions, ()), machine.consent)
                self._runs += 1
                context = {"project": PROJECT, "workspace": "default", "run": str(self._runs)}
                journal = FileJournal(self._journal(machine), context)
                applied = await apply_plan(planned, scope, Run(api, clock, journal, Stopper()))
        except GitopsError as error:
            return Ended(error=error)
        return Ended(planned.plan, applied)

    async def _plan(self, machine: Machine, definitions: tuple[Definition, ...], wire: Wire) -> Planned:
        clock = VirtualClock(self.loop, machine.ahead)
        scope = self._scope(machine)
        async with open_client(Credentials(_URL, Secret(self.sandbox.api_key)), clock, asgi_app=wire) as api:
            await clock.sleep(scope.unsettled(clock.now()).total_seconds())
            return await make_plan(api, clock, scope, Valid(definitions, ()), machine.consent)

    def _journal(self, machine: Machine) -> Path:
        return self.folder / f"{machine.journal}.jsonl"

    def _scope(self, machine: Machine) -> Scope:
        entries = read_journal(self._journal(machine), project=PROJECT, workspace="default")
        return Scope(
            replace(self.project),
            "default",
            AccountRef(_URL),
            interrupted=interrupted_ids(entries),
            made=made_ids(entries),
            open_create=last_open_create(entries),
        )
