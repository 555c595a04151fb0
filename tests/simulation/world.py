"""The account, the repository, the ledger and the machines of one simulated history."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from msgflash_gitops.errors import GitopsError
from msgflash_gitops.files.planfile import read_plan, write_plan
from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.ledger import Entry, Linked
from msgflash_gitops.model.plan import PENDING, AccountRef, Plan
from msgflash_gitops.model.project import Project, Workspace
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.sandbox import Behaviour, Sandbox
from msgflash_gitops.workflows.course import Asked, Deploying, deploy, plan_now
from msgflash_gitops.workflows.definitions import Valid
from msgflash_gitops.workflows.session import Access, Session, on_account
from tests.simulation.ledgers import PROJECT, Ledgers
from tests.simulation.machine import Draft, Ended, Log, Machine
from tests.simulation.process import MachineClock, Process
from tests.simulation.stores import FaultyStore, StoreFaults
from tests.simulation.virtual import VirtualLoop
from tests.simulation.watch import Watch
from tests.simulation.wire import Wire

__all__ = ["Draft", "Ended", "Machine", "World"]
_URL = "http://127.0.0.1"
_RUNNER = Machine()
T = TypeVar("T")


@dataclass
class World:
    """Everything of one history. `dice` decides latencies only. `ledger`: see ledgers.Ledgers."""

    folder: Path
    behaviour: Behaviour = field(default_factory=Behaviour)
    dice: random.Random = field(default_factory=lambda: random.Random(0))
    project: Project = field(default_factory=lambda: Project("/", PROJECT))
    ledger: str = "file"

    def __post_init__(self) -> None:
        self.loop = VirtualLoop()
        self.sandbox = Sandbox(now=self.loop.now, monotonic=self.loop.time, behaviour=self.behaviour)
        self.ledgers = Ledgers(self.ledger, self.folder, self.loop)
        self.store_faults = StoreFaults()
        self.watch = Watch(self.sandbox, self.ledgers, self.store_faults)
        self._runs = 0
        self._machines: set[str] = set()

    def close(self) -> None:
        self.loop.finish()
        self.sandbox.close()

    @property
    def now(self) -> datetime:
        return self.loop.now()

    @property
    def violations(self) -> list[str]:
        return self.watch.violations

    @property
    def renamed(self) -> dict[str, str]:
        return self.watch.renamed

    def pass_time(self, span: timedelta) -> None:
        self.loop.pass_time(span.total_seconds())
        self.sandbox.tick()

    def apply(
        self, drafts: Iterable[Draft], machines: Sequence[Machine] = (_RUNNER,), saved: Path | None = None
    ) -> list[Ended]:
        """Each machine applies the drafts (or the saved plan), all at once."""
        definitions = tuple(draft.definition() for draft in drafts)
        self._let_land({machine.name for machine in machines})
        self.watch.begin(machines, shared=self.ledgers.shared, min_lead=self.project.policy.min_lead)

        async def all_of_them() -> list[Ended]:
            return list(await asyncio.gather(*(self._applied(machine, definitions, saved) for machine in machines)))

        return self.loop.run_until_complete(all_of_them())

    def plan(self, drafts: Iterable[Draft], machine: Machine = _RUNNER) -> Plan:
        """Raises what the plan raises. Each key in doubt must be named in it."""
        asked = _asked(machine, tuple(draft.definition() for draft in drafts))
        self.watch.begin([machine], shared=self.ledgers.shared, min_lead=self.project.policy.min_lead)

        async def planned(session: Session) -> Plan:
            return (await plan_now(session, asked)).plan

        plan = self._session(machine, planned)
        self.watch.check_named(plan)
        return plan

    def link(self, key: str, campaign_id: str | None, digest: str | None) -> None:
        """What a person says of a key in doubt."""

        async def written(session: Session) -> None:
            async with session.writing("link", wait=600):
                await session.ledger.append(Linked(key, campaign_id, digest))

        self._session(_RUNNER, written)

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

    def entries(self, machine: Machine = _RUNNER) -> Sequence[Entry]:
        """What the ledger holds that the machine writes to."""
        return self.ledgers.entries(machine.name)

    def _let_land(self, names: set[str]) -> None:
        """What another machine, with a memory of its own, sent with its last breath, nobody else can know before it shows."""
        if not self.ledgers.shared and len(names | self._machines) > 1:
            self.pass_time(timedelta(seconds=2 + self.behaviour.list_lag))
        self._machines = names

    def _session(self, machine: Machine, work: Callable[[Session], Awaitable[T]]) -> T:
        async def opened() -> T:
            async with self._open(machine, self._process(machine), Log(), begin=False) as session:
                return await work(session)

        return self.loop.run_until_complete(opened())

    async def _applied(self, machine: Machine, definitions: tuple[Definition, ...], saved: Path | None) -> Ended:
        await asyncio.sleep(machine.delay)
        process = self._process(machine)
        running = asyncio.ensure_future(self._apply(machine, process, definitions, saved))
        process.task = running
        if machine.kill_after is not None:
            self.loop.call_later(machine.kill_after, process.kill)
        if machine.stop_after is not None:
            self.loop.call_later(machine.stop_after, process.terminate)
        death = asyncio.ensure_future(process.died.wait())
        await asyncio.wait({running, death}, return_when=asyncio.FIRST_COMPLETED)
        death.cancel()
        return running.result() if running.done() and not running.cancelled() else Ended(run=process.run_id)

    async def _apply(
        self, machine: Machine, process: Process, definitions: tuple[Definition, ...], saved: Path | None
    ) -> Ended:
        if machine.drafts is not None:
            definitions = tuple(draft.definition() for draft in machine.drafts)
        asked, log = _asked(machine, definitions), Log()
        how = Deploying(read_plan(saved) if saved else None, machine.auto_approve, machine.wait)
        try:
            async with self._open(machine, process, log, begin=True) as session:
                deployed = await deploy(session, asked, how, process.stopper)
        except GitopsError as error:
            return Ended(error=error, told=log.told, run=process.run_id)
        return Ended(deployed.planned.plan, deployed.applied, told=log.told, run=process.run_id)

    @asynccontextmanager
    async def _open(self, machine: Machine, process: Process, log: Log, *, begin: bool) -> Any:
        root = self.ledgers.root(machine.name, fresh=process.run_id if machine.ephemeral else None)
        project = replace(self.project, root=str(root), ledger=self.ledgers.settings)
        clock = MachineClock(self.loop, process, 0.0 if self.ledger == "file" else machine.ahead)
        access = Access(project, Workspace("default"), clock, log, {}, process.run_id, refresh=machine.refresh)
        store = FaultyStore(self.ledgers.open(machine.name, root), process, self.store_faults, self.dice)
        wire = Wire(self.sandbox.app, self.dice, process, self.watch.sends, self.watch.served)
        credentials = Credentials(_URL, Secret(self.sandbox.api_key))
        async with (
            open_client(credentials, clock, asgi_app=wire, before_write=process.stopper.check) as api,
            on_account(access, api, AccountRef(_URL), store, begin=begin) as session,
        ):
            yield session

    def _process(self, machine: Machine) -> Process:
        self._runs += 1
        process = Process(self.loop, f"run-{self._runs}", machine.blow)
        self.watch.ran(process.run_id, machine.name)
        return process


def _asked(machine: Machine, definitions: tuple[Definition, ...]) -> Asked:
    return Asked(load=lambda: Valid(definitions, ()), consent=machine.consent)
