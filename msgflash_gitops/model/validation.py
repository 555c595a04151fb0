"""The result of `validate`."""

from dataclasses import dataclass

from msgflash_gitops.model.finding import Finding, has_errors


@dataclass(frozen=True, slots=True)
class Validation:
    """`campaigns` counts definitions, faulty ones included."""

    findings: tuple[Finding, ...]
    campaigns: int
    files: int

    @property
    def ok(self) -> bool:
        return not has_errors(self.findings)
