"""What a history is made of: definitions as the repository has them, machines that apply them, and how that ended."""

from dataclasses import dataclass, field
from datetime import datetime

from msgflash_gitops.errors import GitopsError
from msgflash_gitops.model.definition import Audience, Definition, DirectContent, Recipients, Repeat, Schedule
from msgflash_gitops.model.outcome import Applied, Result
from msgflash_gitops.model.plan import Consent, Plan
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.model.source import Source
from msgflash_gitops.workflows.apply import exit_code
from tests.simulation.process import Blow

NO_CONSENT = Consent()


@dataclass(frozen=True)
class Draft:
    """A definition as the repository has it: one line of history."""

    key: str
    at: datetime
    body: str
    repeat: Repeat = Repeat.NONE
    revision: int = 1
    paused: bool = False
    renamed_from: str | None = None

    def definition(self) -> Definition:
        return Definition(
            key=self.key,
            name=f"Campaign {self.key}",
            instance="boutique-principale",
            schedule=Schedule(self.at),
            recipients=Recipients(Audience.TAGS, ("client",)),
            content=DirectContent("text", {"body": self.body}),
            source=Source(f"campaigns/{self.key}.yaml"),
            repeat=self.repeat,
            paused=self.paused,
            revision=self.revision,
            renamed_from=self.renamed_from,
        )


@dataclass(frozen=True)
class Machine:
    """Where an apply runs. It begins after `delay` seconds; `blow`: what befalls its process; it is killed `kill_after` seconds after it
    began, or told to end (SIGTERM) after `stop_after`.

    `drafts`: what its checkout has, where that is not what the others have. `ephemeral`: it has an empty disk in each run.
    `wait`: how many seconds it waits for another run to end.
    """

    name: str = "runner"
    delay: float = 0.0
    blow: Blow | None = None
    kill_after: float | None = None
    stop_after: float | None = None
    consent: Consent = NO_CONSENT
    drafts: tuple[Draft, ...] | None = None
    ephemeral: bool = False
    refresh: Refresh | None = None
    auto_approve: bool = True
    wait: float = 3600.0

    @property
    def ahead(self) -> float:
        """The error of its clock, in seconds."""
        return {"laptop": -30.0, "third": 30.0}.get(self.name, 0.0)

    @property
    def stops_for(self) -> float:
        """For how many seconds its process does nothing."""
        return (self.blow.seconds or 0.0) if self.blow else 0.0


@dataclass
class Ended:
    """How one apply ended; plan, applied and error None where it died. `told`: what a person at it would have read."""

    plan: Plan | None = None
    applied: Applied | None = None
    error: GitopsError | None = None
    told: list[str] = field(default_factory=list)
    run: str = ""

    @property
    def code(self) -> int | None:
        if self.error is not None:
            return self.error.exit_code
        return exit_code(self.plan, self.applied) if self.plan and self.applied else None


class Log:
    """Implements `ports.Console`: keeps what was told, and says yes to everything."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def show(self, plan: Plan) -> None:
        """Nobody looks."""

    async def ask(self, plan: Plan) -> bool:  # noqa: ARG002 - the port's
        return True

    def progress(self, result: Result) -> None:
        """Nobody looks."""
