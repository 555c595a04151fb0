"""What goes where: results to stdout, everything else to stderr."""

import json
from collections.abc import Sequence

import click

from msgflash_gitops.cli.options import Common
from msgflash_gitops.errors import ApiError, GitopsError, InputError, StalePlanError
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.planning.codec import encode
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.findings import beside, finding_object, findings_text


def write_json(value: Json) -> None:
    """stdout, and nothing else there."""
    click.echo(json.dumps(encode(value), indent=2, ensure_ascii=False))


def notice(text: str, common: Common) -> None:
    """Progress and remarks, on stderr; not with -q."""
    if not common.quiet:
        click.echo(text, err=True)


def show_findings(findings: Sequence[Finding], common: Common) -> None:
    click.echo(findings_text(findings, common.style(error_stream=True)), err=True, nl=False)


def show_error(error: GitopsError, common: Common) -> None:
    """The message, what belongs to it, and the hint."""
    style = common.style(error_stream=True)
    if isinstance(error, InputError):
        show_findings(beside(error), common)
    click.echo(f"{style.red('error')}: {plain(error.message)}", err=True)
    if isinstance(error, StalePlanError):
        for line in error.changes:
            click.echo(f"    {plain(line)}", err=True)
    if error.hint:
        click.echo(f"    hint: {plain(error.hint)}", err=True)


def error_object(error: GitopsError) -> dict[str, Json]:
    """The JSON that stands in for the result of a command that could not be carried out."""
    return {
        "version": 1,
        "ok": False,
        "error": {
            "message": error.message,
            "hint": error.hint,
            "code": error.code if isinstance(error, ApiError) else None,
            "exit_code": error.exit_code,
            "changes": list(error.changes) if isinstance(error, StalePlanError) else [],
        },
        "problems": [finding_object(each) for each in error.findings] if isinstance(error, InputError) else [],
    }
