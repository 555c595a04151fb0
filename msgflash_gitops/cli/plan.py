"""`plan`."""

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from msgflash_gitops.cli.options import Common, common_options, refresh_option
from msgflash_gitops.model.plan import Consent

if TYPE_CHECKING:
    from msgflash_gitops.workflows.plan import Planned

FAIL_ON = ("blocked", "late", "held")


def consent_options(command: click.decorators.FC) -> click.decorators.FC:
    """What a person consents to, the same for plan and apply."""
    for option in (
        click.option(
            "--allow-empty", is_flag=True, help="Go on although there is no definition: stops every campaign."
        ),
        click.option("--max-stops", type=click.IntRange(min=0), help="How many stops one plan may hold [policy: 5]."),
        click.option("--allow-resume", is_flag=True, help="Bring back campaigns that are paused in the account."),
        click.option("--allow-running", is_flag=True, help="Replace campaigns that are being sent now."),
    ):
        command = option(command)
    return command


def count_option(command: click.decorators.FC) -> click.decorators.FC:
    """The same for plan and apply."""
    text = "Count audiences by tag too: reads every contact, one request for each 100 of them."
    return click.option("--count-tags", is_flag=True, help=text)(command)


@click.command()
@consent_options
@count_option
@refresh_option
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Save the plan for `apply FILE`."
)
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Also write a page for reviewers."
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where changes are pending, 0 where there are none.")
@click.option("--fail-on", default="", metavar="LIST", help="Exit 1 on any of: blocked, late, held (with commas).")
@common_options(formats=("text", "json", "markdown"))
def plan(
    common: Common,
    output: str,
    allow_running: bool,
    allow_resume: bool,
    max_stops: int | None,
    allow_empty: bool,
    out: Path | None,
    html: Path | None,
    detailed_exitcode: bool,
    fail_on: str,
    count_tags: bool,
    refresh: str | None,
) -> int:
    """Compare the definitions with the account and show what apply would do. Changes nothing."""
    from msgflash_gitops.cli.access import access_of
    from msgflash_gitops.cli.console import Terminal
    from msgflash_gitops.workflows.course import Asked, plan_now
    from msgflash_gitops.workflows.definitions import load_valid
    from msgflash_gitops.workflows.session import open_session

    failing = _fail_on(fail_on)
    access = access_of(common, Terminal(common), refresh=refresh)
    load = partial(load_valid, access.project, access.workspace.name, allow_empty=allow_empty)
    asked = Asked(load, Consent(allow_running, allow_resume, max_stops), count_tags)

    async def run() -> "tuple[Planned, int]":
        async with open_session(access) as session:
            return await plan_now(session, asked), session.api.requests

    planned, requests = asyncio.run(run())
    _show(common, output, planned, requests, out, html)
    made = planned.plan
    if failing & {*(change.action.value for change in made.changes), *(["held"] if made.held else [])}:
        return 1
    return 2 if detailed_exitcode and made.pending else 0


def _show(common: Common, output: str, planned: "Planned", requests: int, out: Path | None, html: Path | None) -> None:
    """Save the plan where asked, then show it."""
    from msgflash_gitops.cli.masking import SECRETS
    from msgflash_gitops.cli.output import notice, write_json
    from msgflash_gitops.cli.pages import plan_comment, plan_page, write_page
    from msgflash_gitops.files.planfile import write_plan
    from msgflash_gitops.planning.seal import plan_digest
    from msgflash_gitops.reports.plan_json import plan_object
    from msgflash_gitops.reports.plan_text import plan_text

    plan = planned.plan
    if out is not None:
        write_plan(common.start / out, plan, SECRETS.hide)
    if html is not None:
        write_page(common.start / html, plan_page(planned, requests))
    if output == "json":
        write_json(plan_object(plan, digest=plan_digest(plan), requests=requests))
    elif output == "markdown":
        click.echo(plan_comment(planned, requests, html), nl=False)
    else:
        click.echo(plan_text(plan, common.style(), requests=requests, verbose=bool(common.verbose)), nl=False)
    if out is not None:
        notice(f"Saved to {out}: `msgflash-gitops apply {out}` applies it as it stands here, or not at all.", common)


def _fail_on(text: str) -> set[str]:
    words = {word.strip() for word in text.split(",") if word.strip()}
    odd = words - set(FAIL_ON)
    if odd:
        raise click.BadParameter(f"{', '.join(sorted(odd))}: it takes {', '.join(FAIL_ON)}", param_hint="--fail-on")
    return words
