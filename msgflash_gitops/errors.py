"""One tree of errors; each says what is wrong and, as `hint`, what to do. Only the CLI turns them into text and an exit code.

GitopsError
├── InputError             1   definitions, project file or policy at fault; nothing was sent
│   └── PlanFileError      1   a saved plan that was edited, or made for another account
├── Interrupted            5   Ctrl-C or SIGTERM kept a write back
├── LedgerError            3   the ledger could not be used: nothing is written to the account without it
│   ├── HeadMoved              somebody else appended first
│   ├── LedgerLost             it cannot be told whether an append landed
│   └── LeaseLost              another run has taken over: this one may write nothing more
├── StalePlanError         4   the saved plan no longer fits the account, or has expired
├── UsageError            64   wrong usage that click cannot see
└── ApiError               3   the API could not be used
    ├── MissingKey             no API key in the environment
    ├── Unreachable            the connection never opened: nothing was received
    ├── TooLate                the request did not leave, because it could no longer be in time: nothing was sent
    ├── NoSuchList             the server has no list of campaigns: only what is known by its id can be read
    ├── BadAnswer              an answer to a read that has another shape than documented
    ├── Ambiguous              a write whose outcome cannot be known (time-out, dropped, 5xx, unreadable)
    └── Refused                the API said no, and nothing happened
        ├── Unusable           … to everything: key, plan or quota
        └── NotFound           … because it does not know the object (or has no such route)
"""

from collections.abc import Sequence

from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.masking import without_keys


class GitopsError(Exception):
    """`str(error)` is the message for the reader; `hint` says what to do about it."""

    exit_code = 70

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        self.message = without_keys(message)
        self.hint = hint
        super().__init__(self.message)


class InputError(GitopsError):
    """Something that the user wrote is at fault; `findings` say where."""

    exit_code = 1

    def __init__(self, message: str, *, findings: Sequence[Finding] = (), hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.findings = tuple(findings)


class PlanFileError(InputError):
    pass


class LedgerError(GitopsError):
    exit_code = 3


class HeadMoved(LedgerError):
    pass


class LedgerLost(LedgerError):
    pass


class LeaseLost(LedgerError):
    pass


class StalePlanError(GitopsError):
    """`changes` says, one line each, what moved since the plan was made."""

    exit_code = 4

    def __init__(self, message: str, *, changes: Sequence[str] = (), hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.changes = tuple(changes)


class Interrupted(GitopsError):
    exit_code = 5


class UsageError(GitopsError):
    exit_code = 64


class ApiError(GitopsError):
    """`operation` names the call (`create campaign`), `code` is the vendor's, where it gave one."""

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        code: str | None = None,
        status: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.operation = operation
        self.code = code
        self.status = status


class MissingKey(ApiError):
    pass


class Unreachable(ApiError):
    pass


class TooLate(ApiError):
    pass


class NoSuchList(ApiError):
    pass


class BadAnswer(ApiError):
    pass


class Ambiguous(ApiError):
    pass


class Refused(ApiError):
    pass


class Unusable(Refused):
    pass


class NotFound(Refused):
    pass
