"""What the ledger's entries come to: the campaigns that belong to this project, and what is not known of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

DELETED = "deleted"
"""The status of a campaign that the account does not have any more. It is ours, not one of the vendor's."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A campaign that this project made, or that a person linked to a key.

    `status` is the last one seen, at `seen_at`; None: a person gave the id, and nobody has looked since. `digest`: the form it was
    made from, None where its name bears no marker. `run` and `commit` say who made it.
    """

    id: str
    key: str
    digest: str | None
    status: str | None
    seen_at: datetime
    instance_id: str | None = None
    start: datetime | None = None
    repeat: str | None = None
    run: str | None = None
    commit: str | None = None

    @property
    def may_send(self) -> bool:
        """Whether it could still reach anybody, as far as is remembered; a series that shows `completed` could."""
        if self.status in ("cancelled", "failed", DELETED):
            return False
        return self.status != "completed" or self.repeat not in (None, "none")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A create whose answer was lost: it may have left a campaign behind. `digest`, `instance_id`, `start`, `repeat` are of what was sent."""

    key: str
    digest: str | None
    at: datetime
    run: str
    instance_id: str | None = None
    start: datetime | None = None
    repeat: str | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """`campaigns` by id. `doubts`: creates without a known outcome. `interrupted`: campaigns that a replace of ours paused and never
    finished. `applied`: digests of everything that was ever created. `open_create`: when the latest create may have landed that was
    not seen since, in a list or by its id. `lists`: whether the account had a list of campaigns, None where no run has found out.
    """

    campaigns: Mapping[str, Remembered] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    interrupted: frozenset[str] = frozenset()
    applied: frozenset[str] = frozenset()
    open_create: datetime | None = None
    lists: bool | None = None
