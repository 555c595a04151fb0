"""`plan`."""

import asyncio
from pathlib import Path

import click

from msgflash_gitops.cli.options import Common, common_options
from msgflash_gitops.model.plan import Consent

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
) -> int:
    """Compare the definitions with the account and show what apply would do. Changes nothing."""
    from msgflash_gitops.cli.run_plan import Asked, run_plan

    failing = _fail_on(fail_on)
    asked = Asked(common, Consent(allow_running, allow_resume, max_stops), allow_empty, count_tags=count_tags)
    made = asyncio.run(run_plan(asked, output, out, html))
    if failing & {*(change.action.value for change in made.changes), *(["held"] if made.held else [])}:
        return 1
    return 2 if detailed_exitcode and made.pending else 0


def _fail_on(text: str) -> set[str]:
    words = {word.strip() for word in text.split(",") if word.strip()}
    odd = words - set(FAIL_ON)
    if odd:
        raise click.BadParameter(f"{', '.join(sorted(odd))}: it takes {', '.join(FAIL_ON)}", param_hint="--fail-on")
    return words
