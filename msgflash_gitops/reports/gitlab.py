"""Findings as GitLab's Code Quality report."""

from collections.abc import Sequence

from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.fingerprint import fingerprints, repository_path

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def gitlab_object(findings: Sequence[Finding], prefix: str) -> list[Json]:
    """One entry for each finding."""
    return [
        {
            "description": plain(finding.message) + (f" ({plain(finding.hint)})" if finding.hint else ""),
            "check_name": finding.rule,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[finding.severity],
            "location": {"path": plain(repository_path(finding.path, prefix)), "lines": {"begin": finding.line}},
        }
        for finding, fingerprint in zip(findings, fingerprints(findings, prefix), strict=True)
    ]
