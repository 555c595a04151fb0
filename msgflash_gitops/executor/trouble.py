"""Why a change could not be carried out; caught by the run and turned into the change's outcome."""

from msgflash_gitops.errors import ApiError, Unusable
from msgflash_gitops.model.outcome import Failure, Outcome


class Trouble(Exception):
    """`campaign_id`: the campaign that the reader should look at. `unusable`: nothing more of this run can be carried out."""

    def __init__(
        self,
        outcome: Outcome,
        code: str,
        message: str,
        *,
        hint: str | None = None,
        campaign_id: str | None = None,
        unusable: bool = False,
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.failure = Failure(code, message, hint, unusable)
        self.campaign_id = campaign_id


def interrupted(done: str) -> Trouble:
    return Trouble(
        Outcome.FAILED if done else Outcome.SKIPPED,
        "interrupted",
        f"interrupted{done and ' ' + done}",
        hint="apply again: it looks up what exists first",
    )


def failure_of(error: ApiError) -> Failure:
    return Failure(
        error.code or "api", error.message, error.hint, unusable=not error.code or isinstance(error, Unusable)
    )
