"""`validate`: one result, in as many formats as were asked for."""

import importlib.metadata
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from msgflash_gitops.cli.masking import SECRETS
from msgflash_gitops.cli.options import Common, common_options, report_files
from msgflash_gitops.cli.output import error_object, notice
from msgflash_gitops.errors import InputError, UsageError
from msgflash_gitops.files.project import load_project
from msgflash_gitops.files.reports import append_summary, repository_prefix, write_report
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.validation import Validation
from msgflash_gitops.planning.codec import encode
from msgflash_gitops.reports.findings import beside, findings_text
from msgflash_gitops.reports.style import Style
from msgflash_gitops.reports.validate import validation_object, validation_text
from msgflash_gitops.workflows import validate as workflow

FORMATS = ("text", "json", "github", "sarif", "gitlab")
_BY_ITSELF = ("text", "json")


@dataclass(frozen=True, slots=True)
class Report:
    """A result, or what stands in for one: `failure` is a project file that cannot be used."""

    result: Validation
    prefix: str
    failure: InputError | None = None


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@report_files(FORMATS)
@common_options(formats=FORMATS)
def validate(common: Common, output: str, files: tuple[tuple[str, Path], ...], paths: tuple[Path, ...]) -> int:
    """Check the definitions (all, or those in PATHS) without an account: YAML, schema, times, rules across files, content."""
    # Files first, so that a reader of stdout who goes away does not cost them. Every report is tried, whatever became of the others.
    report = _check(common, paths)
    refused = [
        error for format_, path in files if (error := _written(common.start / path, format_, report)) is not None
    ]
    if output not in _BY_ITSELF or report.failure is None:
        click.echo(_text(output, report, common.style()), nl=False)
    if "github" in (output, *(format_ for format_, _ in files)):
        _summarise(report, common)
    for problem in (report.failure, *refused):
        if problem is not None:
            raise problem
    return 0 if report.result.ok else 1


def _check(common: Common, paths: Sequence[Path]) -> Report:
    checkout = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR")
    try:
        project = load_project(common.start)
    except InputError as error:
        return Report(Validation(error.findings, 0, 0), repository_prefix(common.start, checkout), error)
    result = workflow.validate(project, [common.start / path for path in paths])
    return Report(result, repository_prefix(Path(project.root), checkout))


def _written(path: Path, format_: str, report: Report) -> UsageError | None:
    try:
        write_report(path, SECRETS.hide(_text(format_, report, Style())))
    except UsageError as error:
        return error
    return None


def _text(format_: str, report: Report, style: Style) -> str:
    match format_:
        case "text" if report.failure is not None:
            return f"{findings_text(beside(report.failure), style)}error: {report.failure.message}\n"
        case "text":
            return validation_text(report.result, style)
        case "json":
            return _json(error_object(report.failure) if report.failure else validation_object(report.result))
        case "github":
            from msgflash_gitops.reports.github import annotations

            return annotations(report.result, report.prefix)
        case "sarif":
            from msgflash_gitops.reports.sarif import sarif_object

            return _json(sarif_object(report.result.findings, report.prefix, _documentation()))
        case _:
            from msgflash_gitops.reports.gitlab import gitlab_object

            return _json(gitlab_object(report.result.findings, report.prefix))


def _json(value: Json) -> str:
    return json.dumps(encode(value), indent=2, ensure_ascii=False) + "\n"


def _documentation() -> str | None:
    """Where the environment or the package says that the documentation is; nothing, where neither does."""
    said = os.environ.get("MSGFLASH_GITOPS_DOCS", "")
    if said.startswith(("https://", "http://")):
        return said
    try:
        urls = importlib.metadata.metadata("msgflash-gitops").get_all("Project-URL") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    named = dict(each.split(", ", 1) for each in urls if ", " in each)
    return named.get("Documentation")


def _summarise(report: Report, common: Common) -> None:
    """Whatever keeps the summary from being written does not change the outcome."""
    from msgflash_gitops.reports.github import SUMMARY_LIMIT, step_summary

    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    file = Path(path)
    try:
        room = SUMMARY_LIMIT - (file.stat().st_size if file.exists() else 0)
        append_summary(file, SECRETS.hide(step_summary(report.result, report.prefix, room)))
    except OSError as error:
        notice(f"the step summary cannot be written: {error.strerror}", common)
