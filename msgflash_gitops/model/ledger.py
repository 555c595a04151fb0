"""What the ledger holds: one typed entry per thing that happened. Ids, keys and digests; no content, no secrets.

An entry's `number` counts from 1 within its project and workspace, `previous` is the SHA-256 of the stored line before it.
What happened is one of the facts below; which of them may send is told by `Intent.operation` alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Operation(StrEnum):
    """The writes that the API knows."""

    CREATE = "create"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


class Phase(StrEnum):
    """How a write ended.

    `recovered`: done, although its answer was lost. `refused`: the vendor said no, nothing happened. `not-sent`: it never left.
    `failed`: it did not do what was wanted. `unknown`: it may have been carried out. `left-paused`: a campaign to be retired
    stays paused, because there is no cancel.
    """

    DONE = "done"
    RECOVERED = "recovered"
    REFUSED = "refused"
    NOT_SENT = "not-sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    LEFT_PAUSED = "left-paused"


@dataclass(frozen=True, slots=True)
class Genesis:
    """The first entry. `id` is what msgflash.yaml names: no other ledger is accepted."""

    id: str


@dataclass(frozen=True, slots=True)
class RunBegan:
    """An apply (or link, unlink, red button). `actor`, `host`, `job` (a CI job's address), `commit`, `plan`: who, where and what.

    `process` names the process so exactly that the same machine can tell whether it still runs; None where that cannot be done.
    """

    command: str
    actor: str | None = None
    host: str | None = None
    job: str | None = None
    commit: str | None = None
    plan: str | None = None
    process: str | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """About to write. `campaign_id` is None for a create, whose `digest`, `instance_id`, `start` and `repeat` tell it later.

    `action` is the change's action. `attempt` counts from 1.
    """

    key: str
    action: str
    operation: Operation
    campaign_id: str | None = None
    digest: str | None = None
    instance_id: str | None = None
    start: datetime | None = None
    repeat: str | None = None
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class OutcomeSeen:
    """How the write of the last intent of this key and operation (in this run) ended. `status`: what the answer showed."""

    key: str
    action: str
    operation: Operation
    phase: Phase
    campaign_id: str | None = None
    digest: str | None = None
    code: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A campaign belongs to a key: a person said so (`by` is "person"), or its messages did ("messages"). `campaign_id` None: a person
    said that the create in doubt left nothing behind. `digest`: the form it was made from, None where its name bears no marker."""

    key: str
    campaign_id: str | None
    digest: str | None = None
    by: str = "person"


@dataclass(frozen=True, slots=True)
class Unlinked:
    """The campaign is given up: whatever it does is no longer this project's."""

    key: str
    campaign_id: str


@dataclass(frozen=True, slots=True)
class Observed:
    """What a run saw. `lists`, `cancels`: whether the vendor has these calls, None where it did not find out.

    `statuses`: campaigns whose status is another one than remembered, by id; `deleted` for one that the account answers 404 for.
    `verified`: the account showed everything that the run created.
    """

    lists: bool | None = None
    cancels: bool | None = None
    statuses: Mapping[str, str] = field(default_factory=dict)
    verified: bool = False


@dataclass(frozen=True, slots=True)
class LeaseTaken:
    """This run may write from here on; every other run is fenced, because the head it knows is no longer the head.

    `seconds`: time to live; a lease whose ledger did not change for so long may be taken over. `over`: the run that it was taken from.
    """

    seconds: int
    over: str | None = None


@dataclass(frozen=True, slots=True)
class LeaseRenewed:
    """A sign of life where nothing else was written."""


@dataclass(frozen=True, slots=True)
class LeaseFreed:
    """`by_hand`: freed by `ledger unlock`, not by its own run, which is then named as `of`."""

    of: str
    by_hand: bool = False


Fact = Genesis | RunBegan | Intent | OutcomeSeen | Linked | Unlinked | Observed | LeaseTaken | LeaseRenewed | LeaseFreed


@dataclass(frozen=True, slots=True)
class Entry:
    """`at` is UTC, by the writer's clock. `run` is the id of the run that wrote it."""

    number: int
    previous: str
    at: datetime
    run: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Head:
    """Where a ledger ends: the number of its last entry (0: it is empty) and the SHA-256 of that entry's line."""

    number: int = 0
    digest: str = "0" * 64


@dataclass(frozen=True, slots=True)
class LedgerRef:
    """Which ledger a plan was made with: `store` is its kind, `head` how far it went then."""

    id: str | None
    store: str
    head: Head


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """`ledger:` of msgflash.yaml. `id` None: none was made yet. `name`: what the project was called then, where that was another name.

    `path` (file) is relative to the project's folder. `url_env` names the variable that holds the address of `postgresql`, `s3`, `gs` and `az`.
    """

    store: str = "file"
    id: str | None = None
    path: str = ".msgflash/ledger.jsonl"
    remote: str = "origin"
    branch: str = "msgflash-ledger"
    url_env: str = "MSGFLASH_LEDGER_URL"
    name: str | None = None
