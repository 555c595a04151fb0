"""The stores of a simulated history: real ones, and what goes wrong on the way to them."""

import asyncio
import contextlib
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from msgflash_gitops.errors import HeadMoved, LedgerError, LedgerLost
from msgflash_gitops.model.ledger import Entry, Head
from msgflash_gitops.ports import LedgerStore
from msgflash_gitops.storage.ledger.chain import Chain, read_lines
from tests.simulation.process import APPEND, Process
from tests.simulation.virtual import VirtualLoop

T = TypeVar("T")

REFUSED, UNREACHABLE, LOST_BEFORE, LOST_AFTER, LATE, SLOW = STORE_FAULTS = (
    "refused", "unreachable", "lost-before", "lost-after", "late", "slow",
)  # fmt: skip


@dataclass(frozen=True)
class StoreFault:
    """What goes wrong with the next `times` appends, after `skip` of them.

    Nothing lands: `refused`, `unreachable` (reads fail too), `lost-before` (it cannot be told). It lands: `lost-after` (it cannot be told),
    `late` (the same, `seconds` later), `slow` (the answer comes after `seconds`).
    """

    kind: str
    skip: int = 0
    times: int = 1
    seconds: float = 4.0


class StoreFaults:
    """Those still to be shown, in the order in which they were added."""

    def __init__(self) -> None:
        self.shown = 0
        self._waiting: list[list[int]] = []
        self._faults: list[StoreFault] = []

    def add(self, fault: StoreFault) -> None:
        self._faults.append(fault)
        self._waiting.append([fault.skip, fault.times])

    def clear(self) -> None:
        self._faults.clear()
        self._waiting.clear()

    def take(self, *, reading: bool) -> StoreFault | None:
        for fault, waiting in zip(self._faults, self._waiting, strict=True):
            if not waiting[1] or (reading and (fault.kind != UNREACHABLE or waiting[0])):
                continue
            if waiting[0]:
                waiting[0] -= 1
                continue
            waiting[1] -= 1
            self.shown += 1
            return fault
        return None


class FaultyStore:
    """Implements `ports.LedgerStore` with a real one, as far as one process reaches it."""

    def __init__(self, store: LedgerStore, process: Process, faults: StoreFaults, dice: random.Random) -> None:
        self.kind = store.kind
        self.place = store.place
        self._store = store
        self._process = process
        self._faults = faults
        self._dice = dice

    async def read(self, after: int = 0) -> list[bytes]:
        await self._process.awake()
        if self._faults.take(reading=True):
            raise LedgerError("the store cannot be reached")
        lines = await self._store.read(after)
        await self._way()
        return lines

    async def append(self, head: int, lines: Sequence[bytes]) -> None:
        await self._process.awake()
        blow = self._process.next(APPEND)
        await self._process.take(blow, through=False)
        fault = self._faults.take(reading=False)
        kind = fault.kind if fault else ""
        if kind in (REFUSED, UNREACHABLE):
            raise LedgerError("the store cannot be reached")
        if fault and kind == LATE:
            asyncio.get_running_loop().call_later(fault.seconds, self._land_late, head, list(lines))
        if kind in (LOST_BEFORE, LATE):
            await self._way()
            raise LedgerLost("the store did not answer")
        await self._store.append(head, lines)
        await self._process.take(blow, through=True)
        if fault and kind == SLOW:
            await asyncio.sleep(fault.seconds)
        await self._way()
        if kind == LOST_AFTER:
            raise LedgerLost("the store did not answer")

    async def close(self) -> None:
        await self._process.awake()
        await self._store.close()

    async def _way(self) -> None:
        await asyncio.sleep(self._dice.choice((0.0, 0.01, 0.2)))
        await self._process.awake()

    def _land_late(self, head: int, lines: list[bytes]) -> None:
        async def land() -> None:
            with contextlib.suppress(HeadMoved):
                await self._store.append(head, lines)

        self._landing = asyncio.ensure_future(land())


class Watched:
    """What a ledger holds at any moment, read by one who is no part of it, and checked."""

    def __init__(self, store: LedgerStore, chain: Chain, loop: VirtualLoop) -> None:
        self._store = store
        self._chain = chain
        self._loop = loop
        self._head = Head()
        self._entries: list[Entry] = []

    def entries(self) -> Sequence[Entry]:
        read = self._store.read(self._head.number)
        lines = _at_once(read) if self._loop.is_running() else self._loop.run_until_complete(read)
        found, self._head = read_lines(self._chain, lines, self._head)
        self._entries += found
        return self._entries


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing: the loop's executor works at once."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("it waits")
