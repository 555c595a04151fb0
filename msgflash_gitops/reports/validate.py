"""The result of `validate`, as text and JSON."""

from msgflash_gitops.model.finding import Severity
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.validation import Validation
from msgflash_gitops.reports.findings import finding_object, findings_text
from msgflash_gitops.reports.style import Style


def validation_text(result: Validation, style: Style) -> str:
    """The findings, then one line that counts."""
    return f"{findings_text(result.findings, style)}{verdict(result, style)}\n"


def verdict(result: Validation, style: Style) -> str:
    """The line that counts. No text of a definition is in it."""
    errors = sum(finding.severity is Severity.ERROR for finding in result.findings)
    warnings = len(result.findings) - errors
    counted = f"{count(result.campaigns, 'campaign')} in {count(result.files, 'file')}"
    tail = f", {count(warnings, 'warning')}" if warnings else ""
    said = style.red(count(errors, "error")) if errors else style.green("valid")
    return f"{counted}: {said}{tail}"


def validation_object(result: Validation) -> dict[str, Json]:
    return {
        "version": 1,
        "ok": result.ok,
        "campaigns": result.campaigns,
        "files": result.files,
        "problems": [finding_object(finding) for finding in result.findings],
    }


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
