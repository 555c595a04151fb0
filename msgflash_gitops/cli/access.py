"""From the command line to the account: project file and workspace are checked before anything else happens."""

import os
import uuid

from msgflash_gitops.cli.options import Common
from msgflash_gitops.files.project import load_project
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.msgflash import SystemClock
from msgflash_gitops.ports import Console
from msgflash_gitops.workflows.session import Access, choose_workspace


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
