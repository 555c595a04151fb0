"""`audit`."""

import asyncio
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from msgflash_gitops.cli.options import Common, common_options, span_option
from msgflash_gitops.cli.output import notice, show_findings, write_json
from msgflash_gitops.errors import UsageError
from msgflash_gitops.model.audit import Audit, AuditFinding, Kind, Limits, Window
from msgflash_gitops.model.project import Project

if TYPE_CHECKING:
    from msgflash_gitops.workflows.audit import Question
    from msgflash_gitops.workflows.session import Access

_FOUND = 2
_NOTABLE_SKEW = 60.0
_NO_TERMINAL = (100, 24)
_MESSAGES_HELP = (
    "Where the account has no list of campaigns: look for those made in the dashboard that have started, among the latest "
    "messages of each instance. Up to 10 requests for each instance, and 200 for the campaigns found."
)


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
@span_option("--overlap", "Two sends to the same people closer than this. [default: 24h]")
@span_option("--crowded", "Two sends on one instance closer than this. [default: 10m]")
@span_option("--stuck-after", "A campaign that runs for longer is stuck. [default: 6h]")
@click.option(
    "--quiet-hours",
    metavar="HH:MM-HH:MM",
    help="Local times at which nothing should go out, or none. [default: 21:00-08:00]",
)
@click.option("--read-messages", is_flag=True, help=_MESSAGES_HELP)
@common_options(formats=("text", "json", "csv", "markdown", "html", "ics"))
def audit(
    common: Common,
    output: str,
    start: str | None,
    end: str | None,
    fail_on: str,
    overlap: float | None,
    crowded: float | None,
    stuck_after: float | None,
    quiet_hours: str | None,
    read_messages: bool,
) -> int:
    """List every send of the account in a window (from now to 30 days ahead, where nothing is said), managed in git or not:
    when, from which number, to whom, who put it there, what became of it, and what deserves a look.
    """
    from msgflash_gitops.cli.access import access_of
    from msgflash_gitops.cli.console import Terminal
    from msgflash_gitops.planning.audit.findings import matching
    from msgflash_gitops.workflows.audit import Question

    kinds = _kinds(fail_on)
    limits = _limits({"overlap": overlap, "crowded": crowded, "stuck_after": stuck_after}, quiet_hours)
    access = access_of(common, Terminal(common, output))
    window = _window(start, end, access.project, access.clock.now())
    question = Question(window, limits, access.console.tell if read_messages else None)
    made, requests = asyncio.run(_audit(access, question))
    failing = matching(made.findings, kinds)
    _show(common, output, made, failing, requests)
    return _FOUND if failing else 0


async def _audit(access: "Access", question: "Question") -> tuple[Audit, int]:
    """The audit, and how many requests it cost."""
    from msgflash_gitops.files.definitions import load_definitions
    from msgflash_gitops.workflows.audit import make_audit, with_provenance
    from msgflash_gitops.workflows.session import open_session

    async with open_session(access) as session:
        loaded = load_definitions(session.project)
        made = await make_audit(session.api, session.clock, session.scope(), loaded, question)
        skew = session.api.clock_skew
        if skew is not None and abs(skew) > _NOTABLE_SKEW:
            session.console.tell(f"warning: this machine's clock and the server's differ by {abs(skew):.0f} seconds")
        root, campaigns = Path(session.project.root), session.project.campaigns
        return with_provenance(made, root, campaigns, session.ledger.entries), session.api.requests


def _kinds(text: str) -> tuple[Kind, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    known = {kind.value: kind for kind in Kind}
    odd = sorted(set(words) - set(known))
    if odd:
        raise click.BadParameter(f"{', '.join(odd)}: it takes {', '.join(known)}", param_hint="--fail-on")
    return tuple(known[word] for word in words)


def _window(start: str | None, end: str | None, project: Project, now: datetime) -> Window:
    from msgflash_gitops.planning.audit.window import make_window

    try:
        return make_window(start, end, now, project.timezone or "UTC")
    except ValueError as error:
        raise UsageError(f"--from, --to: {error}") from None


def _limits(spans: Mapping[str, float | None], quiet: str | None) -> Limits:
    given: dict[str, Any] = {name: timedelta(seconds=span) for name, span in spans.items() if span is not None}
    limits = Limits(**given)
    return limits if quiet is None else replace(limits, quiet=_hours(quiet))


def _hours(text: str) -> tuple[time, time] | None:
    if text == "none":
        return None
    begin, _, end = text.partition("-")
    try:
        if not re.fullmatch(r"\d\d:\d\d-\d\d:\d\d", text):
            raise ValueError(text)
        return time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError:
        hint = "write them as 21:00-08:00, or none"
        raise UsageError(f"--quiet-hours: {text!r} are no hours", hint=hint) from None


def _show(common: Common, output: str, audit: Audit, failing: Sequence[AuditFinding], requests: int) -> None:
    from msgflash_gitops.reports import audit_csv, audit_ics, audit_json, audit_markdown, audit_text
    from msgflash_gitops.reports.audit_words import coverage_lines

    match output:
        case "json":
            write_json(audit_json.audit_object(audit, failing, requests=requests))
        case "csv":
            _write(audit_csv.audit_csv(audit))
            for line in coverage_lines(audit.coverage):
                notice(line, common)
        case "markdown":
            _write(audit_markdown.audit_markdown(audit, failing))
        case "html":
            from msgflash_gitops.reports.html.audit import audit_html

            _write(audit_html(audit, failing))
        case "ics":
            _write(audit_ics.audit_ics(audit))
        case _:
            show_findings(audit.problems, common)
            width = shutil.get_terminal_size(_NO_TERMINAL).columns
            style, verbose = common.style(), bool(common.verbose)
            click.echo(audit_text.audit_text(audit, failing, style, width=width, verbose=verbose), nl=False)
    if output != "text" and failing:
        notice(f"{len(failing)} findings of --fail-on: exit {_FOUND}", common)


def _write(text: str) -> None:
    """Bytes, so that no platform changes the line ends."""
    click.echo(text.encode("utf-8", "backslashreplace"), nl=False)
