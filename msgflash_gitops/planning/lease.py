"""Who may write: the lease, told by the ledger's entries alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from msgflash_gitops.model.ledger import Entry, LeaseFreed, LeaseTaken, RunBegan


@dataclass(frozen=True, slots=True)
class Holder:
    """The run that holds the lease. `since`: when it took it, by its own clock. `seconds`: the lease's time to live.

    `began` says who runs it and where; None where the run wrote no beginning.
    """

    run: str
    since: datetime
    seconds: int
    began: RunBegan | None = None


def holder(entries: Iterable[Entry]) -> Holder | None:
    """Who holds the lease after these entries; None where it is free.

    The last one who took it holds it, whoever held it before, until it is freed in that run's name.
    """
    held: Holder | None = None
    runs: dict[str, RunBegan] = {}
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, RunBegan):
            runs[entry.run] = fact
        elif isinstance(fact, LeaseTaken):
            held = Holder(entry.run, entry.at, fact.seconds)
        elif isinstance(fact, LeaseFreed) and held is not None and held.run == fact.of:
            held = None
    if held is None:
        return None
    return Holder(held.run, held.since, held.seconds, runs.get(held.run))
