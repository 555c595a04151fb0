"""Findings as SARIF 2.1.0, for code scanning."""

from collections.abc import Sequence
from urllib.parse import quote

from msgflash_gitops import __version__
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.rules import LINT_ERRORS, LINTS, RULES
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.fingerprint import fingerprints, repository_path

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"


def sarif_object(findings: Sequence[Finding], prefix: str, documentation: str | None = None) -> dict[str, Json]:
    """One run. `documentation`: the address of the folder `docs/`, where it is known."""
    driver: dict[str, Json] = {
        "name": "msgflash-gitops",
        "semanticVersion": __version__,
        "rules": [_rule(rule, documentation) for rule in RULES],
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "results": [
            _result(finding, prefix, fingerprint)
            for finding, fingerprint in zip(findings, fingerprints(findings, prefix), strict=True)
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: str, documentation: str | None) -> dict[str, Json]:
    page = f"lints.md#{_section(rule)}" if rule in LINTS else "definitions.md#all-rules"
    described: dict[str, Json] = {
        "id": rule,
        "shortDescription": {"text": RULES[rule]},
        "help": {"text": f"{RULES[rule]} See docs/{page}", "markdown": f"{RULES[rule]}\n\nSee `docs/{page}`."},
    }
    if rule in LINTS:
        described["defaultConfiguration"] = {"level": "error" if rule in LINT_ERRORS else "warning"}
    if documentation is not None:
        described["helpUri"] = f"{documentation.rstrip('/')}/{page}"
    return described


def _section(rule: str) -> str:
    """The heading of docs/lints.md that the rule stands under."""
    sections = {
        "button-duplicate": "buttons",
        "buttons": "buttons",
        "placeholder": "placeholders-and-leftovers",
        "leftover": "placeholders-and-leftovers",
        "formatting": "formatting",
        "bidi": "characters",
        "invisible": "characters",
        "media": "media",
    }
    return sections.get(rule) or sections.get(rule.partition("-")[0], "lengths")


def _result(finding: Finding, prefix: str, fingerprint: str) -> dict[str, Json]:
    message = plain(finding.message) + (f"\nhint: {plain(finding.hint)}" if finding.hint else "")
    result: dict[str, Json] = {
        "ruleId": finding.rule,
        "ruleIndex": list(RULES).index(finding.rule),
        "level": finding.severity.value,
        # A viewer may make links of `[text](target)`.
        "message": {"text": message.replace("](", "] (")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(repository_path(finding.path, prefix)),
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                }
            }
        ],
        "partialFingerprints": {"msgflashGitops/v1": fingerprint},
    }
    if finding.key:
        result["properties"] = {"key": finding.key}
    return result


def _artifact(path: str) -> dict[str, Json]:
    uri = quote(path.encode("utf-8", "backslashreplace"))
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}
