"""Machines that apply one project to one account, each with its files: sessions, ledgers and leases as the commands open them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from msgflash_gitops.errors import GitopsError
from msgflash_gitops.executor.settings import Stopper
from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.ledger import Entry, Fact, LedgerSettings, RunBegan
from msgflash_gitops.model.memory import Memory
from msgflash_gitops.model.outcome import Applied, Outcome, Result
from msgflash_gitops.model.plan import AccountRef, Consent, Plan
from msgflash_gitops.model.project import Project, Workspace
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.planning.memory import remember
from msgflash_gitops.ports import LedgerStore
from msgflash_gitops.sandbox import Behaviour
from msgflash_gitops.storage.ledger.book import open_book
from msgflash_gitops.storage.ledger.chain import Chain, read_lines
from msgflash_gitops.storage.ledger.file import FileStore
from msgflash_gitops.storage.ledger.genesis import init_ledger
from msgflash_gitops.workflows.apply import exit_code
from msgflash_gitops.workflows.course import Asked, Deployed, Deploying, deploy, plan_now
from msgflash_gitops.workflows.definitions import Valid
from msgflash_gitops.workflows.plan import Planned
from msgflash_gitops.workflows.session import Access, Session, on_account
from tests.support.builders import PROJECT
from tests.workflows.desk import LISTS, URL, Desk

LEDGER = "0f8fad5b-d9cb-469f-a165-70867728950e"
NAMED = LedgerSettings(id=LEDGER)
T = TypeVar("T")


@dataclass
class Heard:
    """Implements `ports.Console`: what was said, and what a person answers after `thinking`."""

    answer: bool = True
    thinking: Callable[[], None] = lambda: None
    told: list[str] = field(default_factory=list)
    shown: list[Plan] = field(default_factory=list)
    became: list[Result] = field(default_factory=list)

    def tell(self, text: str) -> None:
        self.told.append(text)

    def show(self, plan: Plan) -> None:
        self.shown.append(plan)

    async def ask(self, plan: Plan) -> bool:
        assert self.shown[-1:] == [plan]
        self.thinking()
        return self.answer

    def progress(self, result: Result) -> None:
        self.became.append(result)


@dataclass
class Ended:
    """How one apply ended."""

    deployed: Deployed | None = None
    error: GitopsError | None = None

    @property
    def applied(self) -> Applied:
        assert self.error is None, self.error
        assert self.deployed is not None and self.deployed.applied is not None
        return self.deployed.applied

    @property
    def outcomes(self) -> list[tuple[str, Outcome]]:
        return [(each.key, each.outcome) for each in self.applied.results]

    @property
    def code(self) -> int:
        if self.error is not None:
            return self.error.exit_code
        assert self.deployed is not None
        return exit_code(self.deployed.planned.plan, self.applied)


class Office(Desk):
    """`machine`s have a folder each below `folder`. The ledger is each machine's own, or (`shared`) one for all of them.

    `stores`: what a machine's file store is wrapped into.
    """

    def __init__(self, folder: Path, behaviour: Behaviour = LISTS, *, shared: bool = False, **project: Any) -> None:
        super().__init__(behaviour)
        self.folder = folder
        self.shared = shared
        self.project = Project("/", PROJECT, **project)
        self.stopper = Stopper()
        self.console = Heard()
        self.environ: Mapping[str, str] = {}
        self.wrap: Callable[[FileStore], LedgerStore] = lambda store: store
        self._runs = 0

    def named(self) -> "Office":
        """As after `ledger init`: msgflash.yaml names the ledger, which has begun."""
        self.project = replace(self.project, ledger=NAMED)
        store = FileStore(self.ledger_path())
        work = init_ledger(store, project=PROJECT, workspace="default", clock=self.clock, run_id="init", new_id=LEDGER)
        self.loop.run_until_complete(work)
        return self

    def ledger_path(self, machine: str = "runner") -> Path:
        return self.folder / ("shared" if self.shared else machine) / ".msgflash" / "ledger.jsonl"

    def entries(self, machine: str = "runner") -> list[Entry]:
        if not self.ledger_path(machine).is_file():
            return []
        return read_lines(Chain(PROJECT, "default"), self.ledger_path(machine).read_bytes().splitlines())[0]

    def facts(self, machine: str = "runner") -> list[Fact]:
        return [each.fact for each in self.entries(machine)]

    def memory(self, machine: str = "runner") -> Memory:
        return remember(self.entries(machine))

    def write(self, *facts: Fact, machine: str = "runner", run: str = "earlier", free: bool = True) -> None:
        """What another run wrote; without `free` it still holds the lease."""

        async def written() -> None:
            store = FileStore(self.ledger_path(machine))
            book = await open_book(
                store, project=PROJECT, workspace="default", clock=self.clock, run_id=run, expected_id=None, any_id=True
            )
            began = next((each for each in facts if isinstance(each, RunBegan)), RunBegan("apply"))
            await book.take_lease(began, ttl=60, wait=0, tell=lambda _: None)
            rest = [each for each in facts if each is not began]
            if rest:
                await book.append(*rest)
            if free:
                await book.free()

        self.loop.run_until_complete(written())

    @contextlib.asynccontextmanager
    async def session(
        self, machine: str = "runner", *, begin: bool = True, refresh: Refresh | None = None
    ) -> AsyncIterator[Session]:
        self._runs += 1
        root = self.folder / machine
        root.mkdir(exist_ok=True)
        access = Access(
            replace(self.project, root=str(root)),
            Workspace("default"),
            self.clock,
            self.console,
            self.environ,
            f"run{self._runs}",
            refresh=refresh,
        )
        credentials = Credentials(URL, Secret(self.sandbox.api_key))
        store = self.wrap(FileStore(self.ledger_path(machine), place="ledger.jsonl"))
        async with (
            open_client(credentials, self.clock, asgi_app=self.app, before_write=self.stopper.check) as api,
            on_account(access, api, AccountRef(URL), store, begin=begin) as session,
        ):
            yield session

    def within(self, work: Callable[[Session], Awaitable[T]], machine: str = "runner", **how: Any) -> T:
        """`work` in a session of that machine."""

        async def all_of_it() -> T:
            async with self.session(machine, **how) as session:
                return await work(session)

        return self.loop.run_until_complete(all_of_it())

    def planned(self, *definitions: Definition, consent: Consent | None = None, **how: Any) -> Planned:
        """What the command `plan` makes."""
        asked = Asked(lambda: Valid(definitions, ()), consent or Consent())
        return self.within(lambda session: plan_now(session, asked), **{"begin": False, **how})

    async def deploy(
        self,
        definitions: Sequence[Definition],
        machine: str = "runner",
        *,
        delay: float = 0.0,
        reviewed: Plan | None = None,
        consent: Consent | None = None,
        auto_approve: bool = True,
        wait: float = 0.0,
        refresh: Refresh | None = None,
    ) -> Ended:
        await self.clock.sleep(delay)
        asked = Asked(lambda: Valid(tuple(definitions), ()), consent or Consent())
        try:
            async with self.session(machine, refresh=refresh) as session:
                how = Deploying(reviewed, auto_approve, wait)
                return Ended(await deploy(session, asked, how, self.stopper))
        except GitopsError as error:
            return Ended(error=error)

    def apply(self, *definitions: Definition, **how: Any) -> Ended:
        """What the command `apply` does."""
        return self.loop.run_until_complete(self.deploy(definitions, **how))

    def together(self, *applies: Awaitable[Ended]) -> list[Ended]:
        async def all_of_them() -> list[Ended]:
            return list(await asyncio.gather(*applies))

        return self.loop.run_until_complete(all_of_them())

    def posts(self) -> list[str]:
        return [f"{seen.method} {seen.path}" for seen in self.sandbox.requests if seen.method == "POST"]

    def statuses(self) -> list[str]:
        return sorted(str(each["status"]) for each in self.sandbox.campaigns())
