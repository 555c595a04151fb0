"""`audit`."""

import asyncio
from pathlib import Path

import click

from msgflash_gitops.cli.options import Common, common_options
from msgflash_gitops.model.audit import Kind


@click.command()
@click.option(
    "--from", "start", metavar="T", help="Begin of the window: a date, a time, or a span from now such as -7d."
)
@click.option("--to", "end", metavar="T", help="End of the window; a date includes that day. [default: in 30 days]")
@click.option(
    "--fail-on",
    default="",
    metavar="LIST",
    help=f"Exit 2 on any of these findings (with commas): {', '.join(kind.value for kind in Kind)}.",
)
@click.option("--overlap", metavar="SPAN", help="Two sends to the same people closer than this. [default: 24h]")
@click.option("--crowded", metavar="SPAN", help="Two sends on one instance closer than this. [default: 10m]")
@click.option("--stuck-after", metavar="SPAN", help="A campaign that runs for longer is stuck. [default: 6h]")
@click.option(
    "--quiet-hours",
    metavar="HH:MM-HH:MM",
    help="Local times at which nothing should go out, or none. [default: 21:00-08:00]",
)
@click.option("--verify-journal", is_flag=True, help="Only check the journal's chain; no key, no network.")
@click.option("--journal", type=click.Path(path_type=Path), metavar="FILE", help="[default: .msgflash/journal.jsonl]")
@common_options(formats=("text", "json", "csv", "markdown", "html", "ics"))
def audit(
    common: Common,
    output: str,
    start: str | None,
    end: str | None,
    fail_on: str,
    overlap: str | None,
    crowded: str | None,
    stuck_after: str | None,
    quiet_hours: str | None,
    verify_journal: bool,
    journal: Path | None,
) -> int:
    """List every send of the account in a window (from now to 30 days ahead, where nothing is said), managed in git or not:
    when, from which number, to whom, who put it there, what became of it, and what deserves a look.
    """
    from msgflash_gitops.cli.run_audit import Audited, run_audit, run_journal

    if verify_journal:
        return run_journal(common, output, journal)
    spans = {"overlap": overlap, "crowded": crowded, "stuck_after": stuck_after}
    return asyncio.run(run_audit(Audited(common, output, start, end, _kinds(fail_on), spans, quiet_hours, journal)))


def _kinds(text: str) -> tuple[Kind, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    known = {kind.value: kind for kind in Kind}
    odd = sorted(set(words) - set(known))
    if odd:
        raise click.BadParameter(f"{', '.join(odd)}: it takes {', '.join(known)}", param_hint="--fail-on")
    return tuple(known[word] for word in words)
