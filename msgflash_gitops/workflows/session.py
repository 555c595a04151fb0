"""Which account a command works on: workspace, credentials, client, or the embedded sandbox."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from msgflash_gitops.errors import UsageError
from msgflash_gitops.model.plan import AccountRef
from msgflash_gitops.model.project import Project, Workspace
from msgflash_gitops.msgflash import Credentials, Secret, open_client, read_credentials
from msgflash_gitops.ports import CampaignApi, Clock

STATE_FOLDER = ".msgflash"
SANDBOX_URL = "http://127.0.0.1"


@dataclass(frozen=True, slots=True)
class Session:
    api: CampaignApi
    workspace: str
    account: AccountRef


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
async def open_session(
    project: Project,
    workspace: Workspace,
    clock: Clock,
    *,
    sandbox: bool = False,
    before_write: Callable[[], None] | None = None,
) -> AsyncIterator[Session]:
    """A client of the workspace's account. `sandbox`: of the embedded one, whose state lives below the project's folder."""
    if sandbox:
        async with _open_sandbox(sandbox_database(project, workspace), clock, before_write) as api:
            yield Session(api, workspace.name, AccountRef("sandbox"))
        return
    credentials = read_credentials(workspace, os.environ)
    async with open_client(credentials, clock, before_write=before_write) as api:
        yield Session(api, workspace.name, AccountRef(credentials.base_url, credentials.team_id))


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


def sandbox_database(project: Project, workspace: Workspace) -> Path:
    """One for each workspace: staging never sees production's campaigns."""
    folder = Path(project.root) / STATE_FOLDER
    folder.mkdir(exist_ok=True)
    return folder / ("sandbox.sqlite" if workspace.name == "default" else f"sandbox-{workspace.name}.sqlite")
