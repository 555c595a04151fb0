"""What plan and apply share: opening the account, making the plan, showing it."""

import math
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from msgflash_gitops.cli.masking import SECRETS
from msgflash_gitops.cli.options import Common
from msgflash_gitops.cli.output import notice, write_json
from msgflash_gitops.cli.pages import plan_comment, plan_page, write_page
from msgflash_gitops.errors import ApiError
from msgflash_gitops.files.git import head_commit
from msgflash_gitops.files.journal import read_journal
from msgflash_gitops.files.planfile import write_plan
from msgflash_gitops.files.project import load_project
from msgflash_gitops.model.plan import Consent, Plan
from msgflash_gitops.model.project import Project, Workspace
from msgflash_gitops.msgflash import SystemClock
from msgflash_gitops.planning.history import applied_digests, interrupted_ids, last_open_create, made_ids
from msgflash_gitops.planning.seal import plan_digest
from msgflash_gitops.planning.words import duration_words
from msgflash_gitops.ports import Clock
from msgflash_gitops.reports.plan_json import plan_object
from msgflash_gitops.reports.plan_text import plan_text
from msgflash_gitops.workflows.contacts import CONTACTS_PER_REQUEST, Scanning
from msgflash_gitops.workflows.definitions import load_valid
from msgflash_gitops.workflows.plan import Planned, Scope, make_plan
from msgflash_gitops.workflows.session import STATE_FOLDER, Session, choose_workspace, open_session

_NOTABLE_SKEW = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    common: Common
    consent: Consent
    allow_empty: bool = False
    journal: Path | None = None
    count_tags: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A command's project, account and clock."""

    project: Project
    session: Session
    scope: Scope
    clock: Clock


@asynccontextmanager
async def opened(asked: Asked, *, before_write: Callable[[], None] | None = None) -> AsyncIterator[Opened]:
    """Project file and key are checked before anything else happens."""
    project = load_project(asked.common.start)
    workspace = choose_workspace(project, asked.common.workspace, os.environ)
    clock = SystemClock()
    sandbox = bool(asked.common.sandbox)
    async with open_session(project, workspace, clock, sandbox=sandbox, before_write=before_write) as session:
        yield Opened(project, session, _scope(asked, project, workspace, session), clock)


async def run_plan(asked: Asked, output: str, out: Path | None, html: Path | None = None) -> Plan:
    """Make the plan, save it where asked, show it."""
    async with opened(asked) as edges:
        planned = await plan_now(asked, edges)
        requests = edges.session.api.requests
    plan = planned.plan
    if out is not None:
        write_plan(asked.common.start / out, plan, SECRETS.hide)
    if html is not None:
        write_page(asked.common.start / html, plan_page(planned, requests))
    if output == "json":
        write_json(plan_object(plan, digest=plan_digest(plan), requests=requests))
    elif output == "markdown":
        click.echo(plan_comment(planned, requests, html), nl=False)
    else:
        click.echo(plan_text(plan, asked.common.style(), verbose=bool(asked.common.verbose)), nl=False)
    if out is not None:
        notice(
            f"Saved to {out}: `msgflash-gitops apply {out}` applies it as it stands here, or not at all.", asked.common
        )
    return plan


async def plan_now(asked: Asked, edges: Opened) -> Planned:
    valid = load_valid(edges.project, edges.scope.workspace, allow_empty=asked.allow_empty)
    await let_settle(edges, asked.common)
    planned = await make_plan(edges.session.api, edges.clock, edges.scope, valid, asked.consent, scanning(asked))
    check_clock(edges, asked.common)
    return planned


def scanning(asked: Asked) -> Scanning | None:
    """With --count-tags: what the count of tags costs, said before it begins."""

    def announce(total: int | None) -> None:
        if total is None:
            notice("counting tags: every contact is read, one request for each 100 of them", asked.common)
            return
        requests = max(math.ceil(total / CONTACTS_PER_REQUEST), 1)
        contacts = f"{total} contact{'' if total == 1 else 's'}"
        notice(f"counting tags: reading {contacts}, {requests} request{'' if requests == 1 else 's'}", asked.common)

    return announce if asked.count_tags else None


async def let_settle(edges: Opened, common: Common) -> None:
    """A run that was cut off may have left a campaign that the list does not show yet."""
    wait = edges.scope.unsettled(edges.clock.now())
    if wait > timedelta(0):
        notice(
            f"waiting up to {duration_words(wait + timedelta(seconds=1))}: an earlier run was cut off while it created a campaign",
            common,
        )
        await edges.clock.sleep(wait.total_seconds())


def check_clock(edges: Opened, common: Common) -> None:
    """Warns of a clock that is wrong by over a minute. Raises ApiError where it is wrong by more than `min_lead`."""
    skew = edges.session.api.clock_skew
    if skew is None or abs(skew) <= _NOTABLE_SKEW:
        return
    words = f"this machine's clock is {duration_words(timedelta(seconds=abs(skew)))} {'ahead of' if skew > 0 else 'behind'} the server's"
    if abs(skew) > edges.project.policy.min_lead.total_seconds():
        raise ApiError(f"{words}, more than min_lead: nothing was sent", hint="set the clock (NTP), then try again")
    notice(f"warning: {words}", common)


def journal_path(asked: Asked, project: Project) -> Path:
    return asked.common.start / asked.journal if asked.journal else Path(project.root) / STATE_FOLDER / "journal.jsonl"


def journal_workspace(asked: Asked, workspace: str) -> str:
    """The sandbox's runs say nothing about the account's."""
    return f"sandbox:{workspace}" if asked.common.sandbox else workspace


def _scope(asked: Asked, project: Project, workspace: Workspace, session: Session) -> Scope:
    entries = read_journal(
        journal_path(asked, project), project=project.name, workspace=journal_workspace(asked, workspace.name)
    )
    root = Path(project.root)
    return Scope(
        project,
        workspace.name,
        session.account,
        interrupted=interrupted_ids(entries),
        applied=applied_digests(entries),
        made=made_ids(entries),
        open_create=last_open_create(entries),
        commit=head_commit(root),
    )
