"""Findings: as lines that editors and people understand, and as JSON."""

from collections.abc import Sequence

from msgflash_gitops.errors import InputError
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.style import Style


def findings_text(findings: Sequence[Finding], style: Style) -> str:
    """`path:line:column: error[rule]: message` with the hint below; empty where there is nothing to say."""
    return "".join(_lines(finding, style) for finding in findings)


def beside(error: InputError) -> list[Finding]:
    """The findings of an error that its message does not say already."""
    return [each for each in error.findings if each.rule != "project-missing"]


def _lines(finding: Finding, style: Style) -> str:
    place = f"{plain(finding.path)}:{finding.line}:{finding.column}"
    paint = style.red if finding.severity is Severity.ERROR else style.yellow
    line = f"{style.bold(place)}: {paint(f'{finding.severity.value}[{finding.rule}]')}: {plain(finding.message)}\n"
    return line + (f"    hint: {plain(finding.hint)}\n" if finding.hint else "")


def finding_object(finding: Finding) -> JsonObject:
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "severity": finding.severity.value,
        "rule": finding.rule,
        "message": finding.message,
        "hint": finding.hint,
        "key": finding.key,
    }
