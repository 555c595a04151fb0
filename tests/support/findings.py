"""Findings as people read them."""

from collections.abc import Iterable

from msgflash_gitops.model.finding import Finding, Severity


def told(findings: Iterable[Finding]) -> list[str]:
    """Place, rule, severity and key; below it what is wrong, and what to do."""
    text: list[str] = []
    for each in findings:
        severity = "" if each.severity is Severity.ERROR else f" ({each.severity})"
        key = f" of {each.key}" if each.key else ""
        text += [f"{each.line}:{each.column} {each.rule}{severity}{key}", f"    {each.message}"]
        text += [f"    -> {each.hint}"] if each.hint else []
    return text
