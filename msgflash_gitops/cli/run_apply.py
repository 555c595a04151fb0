"""The course of an apply at the terminal: plan, ask, carry out, report."""

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from msgflash_gitops.cli.masking import SECRETS
from msgflash_gitops.cli.options import Common
from msgflash_gitops.cli.output import notice, write_json
from msgflash_gitops.cli.run_plan import (
    Asked,
    Opened,
    check_clock,
    journal_path,
    journal_workspace,
    let_settle,
    opened,
    plan_now,
    scanning,
)
from msgflash_gitops.errors import StalePlanError, UsageError
from msgflash_gitops.executor.settings import Stopper
from msgflash_gitops.files.journal import FileJournal, NoJournal
from msgflash_gitops.files.planfile import read_plan
from msgflash_gitops.model.outcome import Applied, Result
from msgflash_gitops.model.plan import Plan
from msgflash_gitops.ports import Journal
from msgflash_gitops.reports.apply import Progress, applied_object, applied_text
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.plan_text import plan_text, summary_line
from msgflash_gitops.workflows.apply import Run, apply_plan, exit_code
from msgflash_gitops.workflows.plan import Planned, remake_plan
from msgflash_gitops.workflows.saved import recheck_plan, what_moved

_LEFT_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Choices:
    output: str
    saved: Path | None
    auto_approve: bool
    no_journal: bool


async def run_apply(asked: Asked, choices: Choices) -> int:
    """The exit code. Raises what the error boundary shows."""
    _check_asking(choices)
    reviewed = read_plan(asked.common.start / choices.saved) if choices.saved else None
    stopper = Stopper()
    async with opened(asked, before_write=stopper.check) as edges:
        planned = await _plan(asked, edges, reviewed)
        if not await _approved(asked, choices, edges, planned, reviewed):
            notice("Declined: nothing was sent.", asked.common)
            return 1
        applied = await _apply(asked, choices, edges, planned, stopper)
        requests = edges.session.api.requests
    code = exit_code(planned.plan, applied)
    _report(asked.common, choices, applied, code == 0, requests, planned.growth)
    return code


def _check_asking(choices: Choices) -> None:
    if choices.auto_approve:
        return
    if choices.output != "text" or not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask at, nothing was sent",
            hint="say --auto-approve where the plan was reviewed before",
        )


async def _plan(asked: Asked, edges: Opened, reviewed: Plan | None) -> Planned:
    if reviewed is None:
        return await plan_now(asked, edges)
    await let_settle(edges, asked.common)
    planned = await recheck_plan(edges.session.api, edges.clock, edges.scope, reviewed, asked.consent, scanning(asked))
    check_clock(edges, asked.common)
    for line in planned.growth:
        notice(f"warning: {plain(line)}", asked.common)
    return planned


async def _approved(asked: Asked, choices: Choices, edges: Opened, planned: Planned, reviewed: Plan | None) -> bool:
    """Show the plan and ask. The account may move while a person reads: it is looked at again before the answer counts."""
    common = asked.common
    if choices.output == "text" and not (common.quiet and choices.auto_approve):
        click.echo(plan_text(planned.plan, common.style(), verbose=bool(common.verbose)))
    todo = any(not change.held for change in planned.plan.pending)
    if choices.auto_approve or not todo:
        return True
    if not click.confirm(f"Apply this ({summary_line(planned.plan)}) to workspace {planned.plan.workspace}?"):
        return False
    now = await remake_plan(edges.session.api, edges.clock, edges.scope, reviewed or planned.plan, planned.plan.consent)
    moved = what_moved(planned.plan.changes, now.plan.changes)
    if moved:
        raise StalePlanError("the account changed while the plan was shown, nothing was sent", changes=moved)
    return True


async def _apply(asked: Asked, choices: Choices, edges: Opened, planned: Planned, stopper: Stopper) -> Applied:
    progress = _progress(asked.common, choices)
    run = Run(edges.session.api, edges.clock, _journal(asked, choices, edges), stopper, progress)
    _listen(stopper)
    return await apply_plan(planned, edges.scope, run)


def _journal(asked: Asked, choices: Choices, edges: Opened) -> Journal:
    if choices.no_journal:
        return NoJournal()
    context = {"project": edges.project.name, "workspace": journal_workspace(asked, edges.scope.workspace)}
    context["run"] = uuid.uuid4().hex
    if edges.scope.commit:
        context["commit"] = edges.scope.commit
    return FileJournal(journal_path(asked, edges.project), context, SECRETS.hide)


def _listen(stopper: Stopper) -> None:
    """The first Ctrl-C or SIGTERM lets the requests in flight finish, the second leaves at once."""

    def stop() -> None:
        if stopper.stopping:
            click.echo("left at once: apply again looks up what landed", err=True)
            os._exit(_LEFT_AT_ONCE)
        stopper.stop()
        click.echo("stopping: finishing what is in flight, starting nothing more (again to leave at once)", err=True)

    if sys.platform == "win32":
        return  # no signal handlers in its event loop: Ctrl-C leaves at once, and the next apply heals
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


def _progress(common: Common, choices: Choices) -> Callable[[Result], None]:
    told = Progress(common.style(error_stream=True))

    def show(result: Result) -> None:
        if choices.output == "text" or result.error is not None:
            click.echo(told.text(result), err=choices.output != "text", nl=False)

    return show


def _report(common: Common, choices: Choices, applied: Applied, ok: bool, requests: int, growth: Sequence[str]) -> None:
    if choices.output == "json":
        write_json(applied_object(applied, ok=ok, requests=requests, notices=growth))
    else:
        click.echo(applied_text(applied, common.style()), nl=False)
