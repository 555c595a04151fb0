"""What every command that needs the account opens, once: workspace, credentials, client, memory; or the embedded sandbox."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from msgflash_gitops.errors import LedgerError, UsageError
from msgflash_gitops.files.git import head_commit
from msgflash_gitops.files.state_folder import make_state_folder
from msgflash_gitops.model.memory import Memory
from msgflash_gitops.model.plan import AccountRef
from msgflash_gitops.model.project import Project, Workspace
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.msgflash import Credentials, Secret, open_client, read_credentials
from msgflash_gitops.planning.memory import remember
from msgflash_gitops.ports import CampaignApi, Clock, Console, Ledger, LedgerStore
from msgflash_gitops.storage.ledger.book import Book
from msgflash_gitops.storage.ledger.without import Without
from msgflash_gitops.workflows.actor import began
from msgflash_gitops.workflows.memory import (
    leased,
    open_local,
    open_memory,
    remember_head,
    store_of,
)
from msgflash_gitops.workflows.plan import Scope

SANDBOX_URL = "http://127.0.0.1"


@dataclass(frozen=True, slots=True)
class Access:
    """What a command was started with. `run_id` names the run in the ledger. `refresh`: see model.refresh, None: as msgflash.yaml says."""

    project: Project
    workspace: Workspace
    clock: Clock
    console: Console
    environ: Mapping[str, str]
    run_id: str
    sandbox: bool = False
    refresh: Refresh | None = None


class Session:
    """An open account and, where there is one, its ledger."""

    def __init__(self, access: Access, api: CampaignApi, account: AccountRef, book: Book | None) -> None:
        self.access = access
        self.api = api
        self.account = account
        self.book = book
        self.project = access.project
        self.workspace = access.workspace.name
        self.clock = access.clock
        self.console = access.console
        self.commit = head_commit(Path(access.project.root))

    @property
    def ledger(self) -> Ledger:
        return self.book or Without()

    @property
    def memory(self) -> Memory:
        return remember(self.book.entries) if self.book else Memory()

    def scope(self, *, sure: bool = False) -> Scope:
        """What a plan is made for, with what is remembered at this moment."""
        return Scope(
            self.project,
            self.workspace,
            self.account,
            self.memory,
            self.book.ref if self.book else None,
            self.access.refresh or self.project.refresh,
            sure,
            self.access.sandbox or self.project.ledger.id is not None,
            self.commit,
        )

    @asynccontextmanager
    async def writing(self, command: str, *, wait: float, plan: str | None = None) -> AsyncIterator[None]:
        """Holds the lease; `wait`: how many seconds to wait for another run to end. Raises LedgerError."""
        if self.book is None:
            yield
            return
        run = began(command, self.access.environ, commit=self.commit, plan=plan)
        async with leased(self.book, run, wait=wait, tell=self.console.tell):
            yield


def choose_workspace(project: Project, name: str | None, environ: Mapping[str, str]) -> Workspace:
    """The workspace asked for, or the only one. Raises UsageError: there is no silent default among several."""
    wanted = name or environ.get("MSGFLASH_WORKSPACE")
    names = ", ".join(sorted(project.workspaces))
    if not wanted:
        if len(project.workspaces) == 1:
            return next(iter(project.workspaces.values()))
        raise UsageError(f"which workspace? msgflash.yaml has {names}", hint="say --workspace NAME")
    if wanted not in project.workspaces:
        raise UsageError(f"there is no workspace {wanted!r} in msgflash.yaml", hint=f"it has {names}")
    return project.workspaces[wanted]


@asynccontextmanager
async def open_account(
    access: Access, before_write: Callable[[], None] | None = None
) -> AsyncIterator[tuple[CampaignApi, AccountRef]]:
    """A client of the workspace's account. With `sandbox`: of the embedded one, whose state lives below the project's folder."""
    if access.sandbox:
        async with _open_sandbox(_sandbox_database(access), access.clock, before_write) as api:
            yield api, AccountRef("sandbox")
        return
    credentials = read_credentials(access.workspace, access.environ)
    async with open_client(credentials, access.clock, before_write=before_write) as api:
        yield api, AccountRef(credentials.base_url, credentials.team_id)


@asynccontextmanager
async def open_session(
    access: Access, *, before_write: Callable[[], None] | None = None, begin: bool = False
) -> AsyncIterator[Session]:
    """The account and its memory. `begin`: where nothing is remembered yet and none is named, a ledger may be begun on this machine.

    Raises LedgerError where the ledger is not the right one, or where there must be one and is none.
    """
    store = store_of(access.project, access.workspace.name, access.environ, sandbox=access.sandbox)
    if access.sandbox and not _sandbox_database(access).exists():
        await store.discard()  # what is remembered of another sandbox
    async with (
        open_account(access, before_write) as (api, account),
        on_account(access, api, account, store, begin=begin) as session,
    ):
        yield session


@asynccontextmanager
async def on_account(
    access: Access, api: CampaignApi, account: AccountRef, store: LedgerStore, *, begin: bool = False
) -> AsyncIterator[Session]:
    """The same with a client and a store that are there already."""
    try:
        book = await _open_book(access, api, store, begin=begin)
        try:
            yield Session(access, api, account, book)
        finally:
            if book is not None:
                if not access.sandbox:
                    remember_head(access.project, access.workspace.name, book)
                await book.close()
    finally:
        with contextlib.suppress(LedgerError):
            await store.close()


async def _open_book(access: Access, api: CampaignApi, store: LedgerStore, *, begin: bool) -> Book | None:
    project, workspace = access.project, access.workspace.name
    if project.ledger.id is not None and not access.sandbox:
        return await open_memory(store, project, workspace, access.clock, access.run_id)
    if not access.sandbox and project.ledger.store != "file":
        raise LedgerError(
            f"msgflash.yaml names the store {project.ledger.store}, and no ledger in it yet: nothing was sent",
            hint="make it with `msgflash-gitops ledger init`, and commit msgflash.yaml",
        )
    try:
        there = await open_local(store, project, workspace, access.clock, access.run_id, begin=False)
        if there is not None or not begin or not (access.sandbox or await api.lists_campaigns()):
            return there
        return await open_local(store, project, workspace, access.clock, access.run_id, begin=True)
    except LedgerError as error:
        if access.sandbox:
            raise
        access.console.tell(f"warning: {error.message}: this run goes by the account's list alone")
        return None


@asynccontextmanager
async def _open_sandbox(
    database: Path, clock: Clock, before_write: Callable[[], None] | None
) -> AsyncIterator[CampaignApi]:
    from msgflash_gitops.sandbox import Sandbox  # noqa: PLC0415 - only who asks for the sandbox pays for starlette

    sandbox = Sandbox(database=database)
    credentials = Credentials(SANDBOX_URL, Secret(sandbox.api_key), None)
    try:
        async with open_client(credentials, clock, asgi_app=sandbox.app, before_write=before_write) as api:
            yield api
    finally:
        sandbox.close()


def _sandbox_database(access: Access) -> Path:
    """One for each workspace: staging never sees production's campaigns."""
    folder = make_state_folder(Path(access.project.root))
    name = access.workspace.name
    return folder / ("sandbox.sqlite" if name == "default" else f"sandbox-{name}.sqlite")
