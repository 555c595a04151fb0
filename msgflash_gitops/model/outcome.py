"""What became of each change."""

from dataclasses import dataclass
from enum import StrEnum

from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.plan import Action, Change


class Outcome(StrEnum):
    """`recovered`: done, although an answer was lost. `unknown`: a create may or may not have landed."""

    DONE = "done"
    RECOVERED = "recovered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    HELD = "held"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Failure:
    """`code` is the vendor's, or one of ours in lower case (`late`, `name-altered`, `interrupted`)."""

    code: str
    message: str
    hint: str | None = None
    unusable: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    change: Change
    outcome: Outcome
    campaign_id: str | None = None
    error: Failure | None = None
    safety: JsonObject | None = None
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.change.key

    @property
    def action(self) -> Action:
        return self.change.action


@dataclass(frozen=True, slots=True)
class Applied:
    """The end of an apply. `verified`: the account was read again and shows all that git asks for, once each."""

    results: tuple[Result, ...]
    verified: bool
    problems: tuple[str, ...] = ()
    interrupted: bool = False
