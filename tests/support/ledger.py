"""A ledger with a story in it: what two applies, a person and a run that was killed wrote."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from msgflash_gitops.model.ledger import (
    Entry,
    Fact,
    Genesis,
    Head,
    Intent,
    LeaseFreed,
    LeaseTaken,
    LedgerRef,
    Linked,
    Observed,
    Operation,
    OutcomeSeen,
    Phase,
    RunBegan,
    Unlinked,
)
from msgflash_gitops.ports import LedgerStore
from msgflash_gitops.storage.ledger.chain import Chain, consume_lines, write_lines

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
FIRST, SECOND, THIRD = "11111111aaaa", "22222222bbbb", "33333333cccc"
OLD, NEW, POLL, BY_HAND, GIVEN_UP = (f"{number}fa85f64-5717-4562-b3fc-2c963f66afa6" for number in range(3, 8))
INSTANCE = "9a1b0c2d-1111-4222-8333-444455556666"
BEGAN = datetime(2027, 4, 10, 7, tzinfo=UTC)
START = datetime(2027, 4, 15, 7, tzinfo=UTC)

Run = tuple[str, list[Fact]]


def create(key: str, digest: str, repeat: str | None = None, action: str = "create") -> Intent:
    return Intent(key, action, Operation.CREATE, digest=digest, instance_id=INSTANCE, start=START, repeat=repeat)


def outcome(key: str, operation: Operation, phase: Phase, action: str = "create", **more: str | None) -> OutcomeSeen:
    return OutcomeSeen(key, action, operation, phase, **more)


STORY: list[Run] = [
    (
        FIRST,
        [
            RunBegan("apply", "ana", "build-7", "https://ci.example/jobs/7", "0f3c9a1b7d5e2468ace0"),
            LeaseTaken(90),
            create("newsletter", "3f9a1c2b04"),
            outcome("newsletter", Operation.CREATE, Phase.DONE, campaign_id=OLD, digest="3f9a1c2b04"),
            create("promo", "77aa77aa77"),
            outcome("promo", Operation.CREATE, Phase.UNKNOWN, digest="77aa77aa77"),
            create("poll", "1111111111", "weekly"),
            outcome("poll", Operation.CREATE, Phase.DONE, campaign_id=POLL, digest="1111111111"),
            Observed(lists=False),
            LeaseFreed(FIRST),
        ],
    ),
    (
        SECOND,
        [
            RunBegan("apply", "ben", "laptop"),
            LeaseTaken(90),
            Intent("newsletter", "replace", Operation.PAUSE, campaign_id=OLD),
            outcome("newsletter", Operation.PAUSE, Phase.DONE, "replace", campaign_id=OLD, status="paused"),
            create("newsletter", "aaaaaaaaaa", action="replace"),
            outcome("newsletter", Operation.CREATE, Phase.DONE, "replace", campaign_id=NEW, digest="aaaaaaaaaa"),
            Observed(statuses={POLL: "deleted", "somebody-elses": "running"}),
            create("refused", "2222222222"),
            outcome("refused", Operation.CREATE, Phase.REFUSED, digest="2222222222", code="INSTANCE_NOT_CONNECTED"),
            LeaseFreed(SECOND),
        ],
    ),
    (
        "link-1",
        [
            RunBegan("link", "ana"),
            Linked("by-hand", BY_HAND),
            Linked("given-up", GIVEN_UP),
            Unlinked("given-up", GIVEN_UP),
        ],
    ),
]
KILLED: Run = (THIRD, [RunBegan("apply", "cat", "runner-1"), LeaseTaken(90), create("killed", "3333333333")])


def entries(runs: Iterable[Run]) -> list[Entry]:
    """As they would be read, a second apart; the first is the genesis."""
    facts = [("init", Genesis(ID)), *((run, fact) for run, written in runs for fact in written)]
    return [
        Entry(number, "", BEGAN + timedelta(seconds=number - 1), run, fact)
        for number, (run, fact) in enumerate(facts, 1)
    ]


def ref(number: int) -> LedgerRef:
    return LedgerRef(ID, "file", Head(number, "ab" * 32))


def write(store: LedgerStore, project: str, workspace: str, runs: Iterable[Run]) -> None:
    """Behind what is there."""

    async def append() -> None:
        chain, at = Chain(project, workspace), BEGAN
        _, head = consume_lines(chain, await store.read())
        for run, facts in runs:
            lines, _, after = write_lines(chain, head, facts, at=at, run=run)
            await store.append(head.number, lines)
            head, at = after, at + timedelta(hours=1)
        await store.close()

    asyncio.run(append())
