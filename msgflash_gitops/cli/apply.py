"""`apply`."""

import asyncio
from pathlib import Path

import click

from msgflash_gitops.cli.options import Common, common_options
from msgflash_gitops.cli.plan import consent_options, count_option
from msgflash_gitops.model.plan import Consent


@click.command()
@click.argument("saved", required=False, metavar="[PLAN]", type=click.Path(dir_okay=False, path_type=Path))
@consent_options
@count_option
@click.option("--auto-approve", is_flag=True, help="Do not ask; needed where there is no terminal.")
@click.option(
    "--journal",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="[default: .msgflash/journal.jsonl]",
)
@click.option(
    "--no-journal", is_flag=True, help="Keep no journal: a run that was cut off may then need --allow-resume."
)
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
    journal: Path | None,
    no_journal: bool,
    count_tags: bool,
) -> int:
    """Bring the account to what git says, or carry out a saved PLAN exactly as it was reviewed.

    Nothing is ever sent twice: run it again after any failure.
    """
    from msgflash_gitops.cli.run_apply import Choices, run_apply
    from msgflash_gitops.cli.run_plan import Asked

    asked = Asked(common, Consent(allow_running, allow_resume, max_stops), allow_empty, journal, count_tags)
    return asyncio.run(run_apply(asked, Choices(output, saved, auto_approve, no_journal)))
