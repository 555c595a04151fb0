"""What a run is told from outside."""

from dataclasses import dataclass, field
from datetime import timedelta

from msgflash_gitops.errors import Interrupted

ATTEMPTS = 3
# Without a list, what is in flight when a run is killed is in doubt until a person looks: as few as keep the pace of the API,
# 10 requests a second, while intents and outcomes are written to a store of that speed.
IN_FLIGHT_OVER_A_FILE = 3
IN_FLIGHT_OVER_A_NETWORK = 8


@dataclass(frozen=True, slots=True)
class Settings:
    """`settle`: how long a campaign just created may take to show in the list. `in_flight`: changes carried out at a time."""

    min_lead: timedelta = timedelta(minutes=5)
    settle: timedelta = timedelta(seconds=15)
    resume_keeps_schedule: bool = False
    in_flight: int = 32


@dataclass(slots=True)
class Stopper:
    """Set by Ctrl-C or SIGTERM: the request in flight is finished, nothing more is started.

    `carrying_out`: the first write may have begun; before that there is nothing to finish.
    """

    stopping: bool = field(default=False)
    carrying_out: bool = field(default=False)

    def stop(self) -> None:
        self.stopping = True

    def check(self) -> None:
        """Called right before each write leaves. Raises Interrupted."""
        if self.stopping:
            raise Interrupted(
                "interrupted before the request was sent", hint="apply again: it looks up what exists first"
            )
