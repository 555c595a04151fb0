"""From the command line to the account: project file and workspace are checked before anything else happens."""

import os
import uuid

from msgflash_gitops.cli.options import Common
from msgflash_gitops.files.project import load_project
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.msgflash import SystemClock
from msgflash_gitops.ports import Console
from msgflash_gitops.workflows.session import Access, choose_workspace

_IN_CI = 600.0


def access_of(common: Common, console: Console, *, refresh: str | None = None) -> Access:
    """Raises InputError for a faulty project file, UsageError where it is not clear which workspace is meant."""
    project = load_project(common.start)
    return Access(
        project,
        choose_workspace(project, common.workspace, os.environ),
        SystemClock(),
        console,
        os.environ,
        uuid.uuid4().hex,
        sandbox=bool(common.sandbox),
        refresh=Refresh(refresh) if refresh else None,
    )


def patience(said: float | None) -> float:
    """How many seconds to wait for the lease. In CI, jobs wait for each other; at a terminal, a person decides."""
    if said is not None:
        return said
    return _IN_CI if os.environ.get("CI", "").lower() not in ("", "0", "false") else 0.0
