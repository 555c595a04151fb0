"""Who runs a command, where, and for which commit: written into the ledger when a run begins."""

import getpass
import platform
from collections.abc import Mapping

from msgflash_gitops.files.process import this_process
from msgflash_gitops.model.ledger import RunBegan


def began(command: str, environ: Mapping[str, str], *, commit: str | None = None, plan: str | None = None) -> RunBegan:
    """In CI, the person who triggered the job and the job's address."""
    return RunBegan(
        command,
        actor=_actor(environ),
        host=platform.node() or None,
        job=_job(environ),
        commit=commit,
        plan=plan,
        process=this_process(),
    )


def _actor(environ: Mapping[str, str]) -> str | None:
    for name in ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_USER_ID"):
        if environ.get(name):
            return environ[name]
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return None


def _job(environ: Mapping[str, str]) -> str | None:
    server, repository, run = (environ.get(f"GITHUB_{each}") for each in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    if server and repository and run:
        return f"{server}/{repository}/actions/runs/{run}"
    return environ.get("CI_JOB_URL") or environ.get("BUILD_URL") or None
