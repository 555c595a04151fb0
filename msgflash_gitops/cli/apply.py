"""`apply`."""

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from msgflash_gitops.cli.options import Common, common_options, refresh_option, span_option
from msgflash_gitops.cli.plan import consent_options, count_option
from msgflash_gitops.model.plan import Consent

if TYPE_CHECKING:
    from msgflash_gitops.workflows.course import Asked, Deployed, Deploying
    from msgflash_gitops.workflows.session import Access

_INTERRUPTED = 5


@click.command()
@click.argument("saved", required=False, metavar="[PLAN]", type=click.Path(dir_okay=False, path_type=Path))
@consent_options
@count_option
@refresh_option
@click.option("--auto-approve", is_flag=True, help="Do not ask; needed where there is no terminal.")
@span_option("--lease-wait", "How long to wait for another run to end. [default: 10m in CI, otherwise 0s]")
@common_options(formats=("text", "json"))
def apply(
    common: Common,
    output: str,
    saved: Path | None,
    allow_running: bool,
    allow_resume: bool,
    max_stops: int | None,
    allow_empty: bool,
    auto_approve: bool,
    lease_wait: float | None,
    count_tags: bool,
    refresh: str | None,
) -> int:
    """Bring the account to what git says, or carry out a saved PLAN exactly as it was reviewed.

    Nothing is ever sent twice: run it again after any failure.
    """
    from msgflash_gitops.cli.access import access_of, patience
    from msgflash_gitops.cli.console import Terminal
    from msgflash_gitops.errors import UsageError
    from msgflash_gitops.files.planfile import read_plan
    from msgflash_gitops.workflows.course import Asked, Deploying
    from msgflash_gitops.workflows.definitions import load_valid

    if not auto_approve and (output != "text" or not sys.stdin.isatty()):
        raise UsageError(
            "there is no terminal to ask at, nothing was sent",
            hint="say --auto-approve where the plan was reviewed before",
        )
    reviewed = read_plan(common.start / saved) if saved else None
    console = Terminal(common, output, brief=bool(common.quiet and auto_approve))
    access = access_of(common, console, refresh=refresh)
    load = partial(load_valid, access.project, access.workspace.name, allow_empty=allow_empty)
    asked = Asked(load, Consent(allow_running, allow_resume, max_stops), count_tags)
    how = Deploying(reviewed, auto_approve, patience(lease_wait))
    try:
        deployed, requests = asyncio.run(_deploy(access, asked, how))
    except asyncio.CancelledError:
        return _INTERRUPTED
    return _report(common, output, deployed, requests)


async def _deploy(access: "Access", asked: "Asked", how: "Deploying") -> "tuple[Deployed, int]":
    """What was done, and how many requests it cost."""
    from msgflash_gitops.cli.signals import listen
    from msgflash_gitops.executor.settings import Stopper
    from msgflash_gitops.workflows.course import deploy
    from msgflash_gitops.workflows.session import open_session

    stopper = Stopper()
    listen(stopper)
    async with open_session(access, before_write=stopper.check, begin=True) as session:
        return await deploy(session, asked, how, stopper), session.api.requests


def _report(common: Common, output: str, deployed: "Deployed", requests: int) -> int:
    from msgflash_gitops.cli.output import notice, write_json
    from msgflash_gitops.reports.apply import applied_object, applied_text
    from msgflash_gitops.workflows.apply import exit_code

    if deployed.applied is None:
        notice("Declined: nothing was sent.", common)
        return 1
    code = exit_code(deployed.planned.plan, deployed.applied)
    if output == "json":
        write_json(applied_object(deployed.applied, ok=code == 0, requests=requests, notices=deployed.planned.growth))
    else:
        click.echo(applied_text(deployed.applied, common.style()), nl=False)
    return code
