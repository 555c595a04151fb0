"""The course of an audit: the window, the account, git and the journal, and the report asked for."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import click

from msgflash_gitops.cli.options import Common
from msgflash_gitops.cli.output import notice, show_findings, write_json
from msgflash_gitops.cli.run_plan import Asked, journal_path, journal_workspace, opened
from msgflash_gitops.errors import UsageError
from msgflash_gitops.files.definitions import load_definitions
from msgflash_gitops.files.journal import read_journal
from msgflash_gitops.files.project import load_project
from msgflash_gitops.model.audit import Audit, AuditFinding, Kind, Limits, Window
from msgflash_gitops.model.plan import Consent
from msgflash_gitops.model.project import Project
from msgflash_gitops.planning.audit.findings import matching
from msgflash_gitops.planning.audit.window import make_window
from msgflash_gitops.workflows.audit import Question, make_audit, with_provenance
from msgflash_gitops.workflows.audit_journal import check_journal
from msgflash_gitops.workflows.session import STATE_FOLDER

_FOUND = 2
_NOTABLE_SKEW = 60.0
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NO_TERMINAL = (100, 24)


@dataclass(frozen=True, slots=True)
class Audited:
    """What was asked for on the command line."""

    common: Common
    output: str
    start: str | None
    end: str | None
    fail_on: tuple[Kind, ...]
    spans: Mapping[str, str | None]
    quiet: str | None
    journal: Path | None


async def run_audit(asked: Audited) -> int:
    """The exit code: 2 where `--fail-on` found something."""
    limits = _limits(asked)
    access = Asked(asked.common, Consent(), journal=asked.journal)
    async with opened(access) as edges:
        question = Question(_window(asked, edges.project, edges.clock.now()), limits)
        loaded = load_definitions(edges.project)
        audit = await make_audit(edges.session.api, edges.clock, edges.scope, loaded, question)
        requests, skew = edges.session.api.requests, edges.session.api.clock_skew
    if skew is not None and abs(skew) > _NOTABLE_SKEW:
        notice(f"warning: this machine's clock and the server's differ by {abs(skew):.0f} seconds", asked.common)
    workspace = journal_workspace(access, edges.scope.workspace)
    entries = read_journal(journal_path(access, edges.project), project=edges.project.name, workspace=workspace)
    audit = with_provenance(audit, Path(edges.project.root), edges.project.campaigns, entries)
    failing = matching(audit.findings, asked.fail_on)
    _show(asked, audit, failing, requests)
    return _FOUND if failing else 0


def run_journal(common: Common, output: str, journal: Path | None) -> int:
    """`--verify-journal`. 0: the chain is whole; 2: it is not."""
    from msgflash_gitops.reports.audit_json import journal_object
    from msgflash_gitops.reports.audit_text import journal_text

    if output not in ("text", "json"):
        raise UsageError(f"--verify-journal has no format {output}", hint="say --format text or --format json")
    shown = journal or Path(STATE_FOLDER) / "journal.jsonl"
    folder = common.start if journal is not None else Path(load_project(common.start).root)
    check = check_journal(folder / shown, str(shown))
    if output == "json":
        write_json(journal_object(check))
    else:
        click.echo(journal_text(check, common.style()), nl=False)
    return 0 if check.ok else _FOUND


def _window(asked: Audited, project: Project, now: datetime) -> Window:
    try:
        return make_window(asked.start, asked.end, now, project.timezone or "UTC")
    except ValueError as error:
        raise UsageError(f"--from, --to: {error}") from None


def _limits(asked: Audited) -> Limits:
    given: dict[str, Any] = {name: _span(name, text) for name, text in asked.spans.items() if text is not None}
    limits = Limits(**given)
    return limits if asked.quiet is None else replace(limits, quiet=_hours(asked.quiet))


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


def _span(name: str, text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if found is None:
        option = name.replace("_", "-")
        raise UsageError(f"--{option}: {text!r} is no span of time", hint="write it as 30s, 5m, 24h or 7d")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _show(asked: Audited, audit: Audit, failing: Sequence[AuditFinding], requests: int) -> None:
    from msgflash_gitops.reports import audit_csv, audit_ics, audit_json, audit_markdown, audit_text

    match asked.output:
        case "json":
            write_json(audit_json.audit_object(audit, failing, requests=requests))
        case "csv":
            _write(audit_csv.audit_csv(audit))
        case "markdown":
            _write(audit_markdown.audit_markdown(audit, failing))
        case "html":
            from msgflash_gitops.reports.html.audit import audit_html

            _write(audit_html(audit, failing))
        case "ics":
            _write(audit_ics.audit_ics(audit))
        case _:
            show_findings(audit.problems, asked.common)
            width = shutil.get_terminal_size(_NO_TERMINAL).columns
            style, verbose = asked.common.style(), bool(asked.common.verbose)
            click.echo(audit_text.audit_text(audit, failing, style, width=width, verbose=verbose), nl=False)
    if asked.output != "text" and failing:
        notice(f"{len(failing)} findings of --fail-on: exit {_FOUND}", asked.common)


def _write(text: str) -> None:
    """Bytes, so that no platform changes the line ends."""
    click.echo(text.encode("utf-8", "backslashreplace"), nl=False)
