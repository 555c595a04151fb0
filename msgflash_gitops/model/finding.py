"""What is wrong (or worth a look) in the user's files, told to the person who can change it."""

from dataclasses import dataclass
from enum import StrEnum

from msgflash_gitops.model.masking import without_keys
from msgflash_gitops.model.rules import RULES
from msgflash_gitops.model.source import Position


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at one place. `rule` is one of RULES; `key` names the definition where it is known."""

    rule: str
    message: str
    path: str
    line: int = 1
    column: int = 1
    severity: Severity = Severity.ERROR
    hint: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", without_keys(self.message))
        object.__setattr__(self, "hint", self.hint and without_keys(self.hint))
        if self.rule not in RULES:
            raise ValueError(f"no rule {self.rule!r}: list it in model/rules.py")

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        return (self.path, self.line, self.column, self.rule, self.message)


def finding_at(
    position: Position,
    rule: str,
    message: str,
    *,
    severity: Severity = Severity.ERROR,
    hint: str | None = None,
    key: str | None = None,
) -> Finding:
    """A finding at a position."""
    return Finding(rule, message, position.path, position.line, position.column, severity, hint, key)


def has_errors(findings: "tuple[Finding, ...] | list[Finding]") -> bool:
    """Whether anything in the list forbids to go on."""
    return any(finding.severity is Severity.ERROR for finding in findings)
