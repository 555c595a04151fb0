"""Findings for GitHub Actions: workflow commands that annotate lines, and a step summary.

A runner takes every line that begins with `::`, or holds `##[`, for a command. What people wrote must therefore never begin a line here,
and is escaped where it stands inside one.
"""

from collections.abc import Sequence

from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.validation import Validation
from msgflash_gitops.reports import markdown
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.fingerprint import repository_path
from msgflash_gitops.reports.style import Style
from msgflash_gitops.reports.validate import count, verdict

MOST_OF_A_LEVEL = 10
SUMMARY_LIMIT = 1024 * 1024
_LONGEST_MESSAGE = 4000
_SPARE = 400


def annotations(result: Validation, prefix: str) -> str:
    """Most severe first, as many as GitHub shows of a step; the rest is counted. The last line is for those who read the log."""
    lines, left = [], []
    for severity in Severity:
        found = [finding for finding in result.findings if finding.severity is severity]
        lines += [_command(finding, prefix) for finding in found[:MOST_OF_A_LEVEL]]
        if len(found) > MOST_OF_A_LEVEL:
            left.append(count(len(found) - MOST_OF_A_LEVEL, f"more {severity.value}"))
    if left:
        lines.append(f"::notice title=msgflash-gitops::{' and '.join(left)}: the step summary lists them")
    return "".join(f"{line}\n" for line in [*lines, verdict(result, Style())])


def _command(finding: Finding, prefix: str) -> str:
    title = f"{finding.rule} ({finding.key})" if finding.key else finding.rule
    properties = {
        "file": repository_path(finding.path, prefix),
        "line": finding.line,
        "col": finding.column,
        "title": title,
    }
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = _shown(finding.message) + (f"\nhint: {_shown(finding.hint)}" if finding.hint else "")
    return f"::{finding.severity.value} {said}::{_data(message)}"


def _shown(text: object) -> str:
    """One line, which is no command of the older form either."""
    line = plain(text).replace("##[", "## [")
    return line if len(line) <= _LONGEST_MESSAGE else line[:_LONGEST_MESSAGE] + "…"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _data(_shown(value)).replace(":", "%3A").replace(",", "%2C")


def step_summary(result: Validation, prefix: str, room: int = SUMMARY_LIMIT) -> str:
    """All findings as a table, as many as fit into `room` bytes; empty where not even the heading does."""
    head = f"### msgflash-gitops validate\n\n{verdict(result, Style())}\n"
    if not result.findings:
        return f"{head}\n" if len(head) < room else ""
    head += "\n| | where | rule | what |\n|---|---|---|---|\n"
    rows, used = [], len(head) + _SPARE
    for finding in _severe_first(result.findings):
        row = _row(finding, prefix)
        used += len(row.encode())
        if used > room:
            break
        rows.append(row)
    rest = len(result.findings) - len(rows)
    tail = f"\n{count(rest, 'finding')} more did not fit here.\n" if rest else ""
    return f"{head}{''.join(rows)}{tail}\n" if used <= room or rows else ""


def _severe_first(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda each: (each.severity is not Severity.ERROR, each.sort_key))


def _row(finding: Finding, prefix: str) -> str:
    place = markdown.code(f"{repository_path(finding.path, prefix)}:{finding.line}:{finding.column}")
    what = markdown.text(_shown(finding.message))
    hint = f"<br>{markdown.text(_shown(finding.hint))}" if finding.hint else ""
    return f"| {finding.severity.value} | {place} | `{finding.rule}` | {what}{hint} |\n"
