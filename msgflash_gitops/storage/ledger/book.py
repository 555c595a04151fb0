"""The ledger as one run sees it: read and checked once, then continued under the lease.

Who appended last is known by the head alone. A run that holds the lease and finds another head than its own was taken over: from then on
it may write nothing, whatever it knows of its lease. So no clock of another machine decides anything.
"""

import asyncio
from collections.abc import Callable, Sequence

from msgflash_gitops.errors import HeadMoved, LeaseLost, LedgerError, LedgerLost
from msgflash_gitops.model.ledger import Entry, Fact, Head, LeaseFreed, LeaseRenewed, LeaseTaken, LedgerRef, RunBegan
from msgflash_gitops.planning.lease import Holder, holder
from msgflash_gitops.ports import Clock, LedgerStore
from msgflash_gitops.storage.ledger.chain import Chain, consume_lines, read_lines, write_lines
from msgflash_gitops.storage.ledger.genesis import checked_id, id_of
from msgflash_gitops.storage.ledger.holders import still_held, waiting

# Seconds before an append that failed is tried again: a run in the middle of its writes does not give up at once.
_AGAIN = (0.5, 2.0, 5.0)
_POLL = 3.0
_MISSES = 3


class Book:
    """Implements `ports.Ledger`. Made by `open_book`."""

    def __init__(
        self, store: LedgerStore, chain: Chain, clock: Clock, run: str, entries: list[Entry], head: Head, ledger_id: str
    ) -> None:
        self._store = store
        self._chain = chain
        self._clock = clock
        self._run = run
        self._entries = entries
        self._head = head
        self._id = ledger_id
        self._pending: list[tuple[Sequence[Fact], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._holds = False
        self._fence: LedgerError | None = None
        self._ttl = 0
        self._last_write = clock.monotonic()

    @property
    def ref(self) -> LedgerRef:
        return LedgerRef(self._id, self._store.kind, self._head)

    @property
    def entries(self) -> Sequence[Entry]:
        return self._entries

    @property
    def run(self) -> str:
        return self._run

    @property
    def place(self) -> str:
        """Where the store is, for people."""
        return self._store.place

    def holder(self) -> Holder | None:
        """Who holds the lease, as far as this run has read."""
        return holder(self._entries)

    def knows(self, head: Head) -> bool:
        """Whether this ledger went through that head: False for one that is older than it, or another."""
        if head.number == self._head.number:
            return head == self._head
        return head.number < self._head.number and self._entries[head.number].previous == head.digest

    async def append(self, *facts: Fact) -> None:
        """Durable when this returns; facts of callers at the same time share one write. Needs the lease.

        Raises LeaseLost where another run has taken over (nothing was written), LedgerLost where it cannot be told whether
        it was written, LedgerError where it was not.
        """
        if not self._holds:
            raise self._fence or LeaseLost(
                "this run does not hold the lease of the ledger", hint="an apply takes it before it writes"
            )
        done = asyncio.get_running_loop().create_future()
        self._pending.append((facts, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_pending())
        await done

    def check_lease(self) -> None:
        """Raises LeaseLost where nothing was written for so long that another run may have taken over without our knowing."""
        if self._fence is not None:
            raise self._fence
        if self._holds and self._clock.monotonic() - self._last_write >= self._ttl:
            raise LeaseLost(
                f"this run wrote nothing to the ledger for {self._ttl} s, so that its lease may have been taken over",
                hint="was it stopped meanwhile? Apply again: it goes on from what was written down",
            )

    async def take_lease(
        self,
        began: RunBegan,
        *,
        ttl: int,
        wait: float,
        tell: Callable[[str], None],
        is_dead: Callable[[Holder], bool] = lambda _: False,
        poll: float = _POLL,
    ) -> None:
        """Write that this run began and holds the lease for `ttl` seconds of silence.

        Where another run holds it, wait up to `wait` seconds; `tell` says for whom. It is taken over once the ledger was seen
        unchanged for the lease's whole time, or at once where `is_dead` knows that its process has ended. Raises LedgerError
        when the wait is over.
        """
        began_at = seen_at = self._clock.monotonic()
        told: Holder | None = None
        while True:
            held, now, seen = self.holder(), self._clock.monotonic(), self._head
            quiet = now - seen_at
            if held is None or held.run == self._run or quiet >= held.seconds or is_dead(held):
                if await self._take(LeaseTaken(ttl, over=held.run if held else None), began):
                    return
            else:
                left = began_at + wait - now
                if left <= 0:
                    raise still_held(held, now - began_at, self._clock.now())
                if held != told:
                    tell(waiting(held, held.seconds - quiet, left))
                    told = held
                await self._clock.sleep(max(0.01, min(poll, left, held.seconds - quiet)))
            await self._look_again(poll)
            if self._head != seen:
                seen_at = self._clock.monotonic()

    async def keep_alive(self) -> None:
        """Run beside the work: a sign of life where nothing was written for a third of the lease's time. Ends when the lease does."""
        held = self.holder()
        third = (held.seconds if held else 60) / 3
        while self._holds:
            rest = third - (self._clock.monotonic() - self._last_write)
            if rest > 0:
                await self._clock.sleep(rest)
                continue
            try:
                await self.append(LeaseRenewed())
            except LeaseLost:
                return
            except LedgerError:
                await self._clock.sleep(third / 3)  # the work finds out by itself, if it lasts

    async def free(self) -> None:
        """Give the lease back, after what is still being written. Nothing to do for a run that lost it."""
        if not self._holds:
            return
        try:
            await self.append(LeaseFreed(self._run))
        except LeaseLost:
            return
        finally:
            self._holds = False

    async def refresh(self) -> None:
        """Read and check what others have written since."""
        lines = await self._store.read(self._head.number)
        entries, self._head = read_lines(self._chain, lines, self._head)
        self._entries.extend(entries)

    async def close(self) -> None:
        """Ends what is being written, then lets go of the store."""
        if self._writer is not None:
            await asyncio.wait([self._writer])
        await self._store.close()

    async def _look_again(self, pause: float) -> None:
        """A long wait does not end because the store could not be read for a moment."""
        for _ in range(_MISSES):
            try:
                return await self.refresh()
            except LedgerError:
                await self._clock.sleep(pause)
        return await self.refresh()

    async def _take(self, lease: LeaseTaken, began: RunBegan) -> bool:
        try:
            await self._commit([began, lease])
        except HeadMoved:
            return False
        self._holds, self._fence, self._ttl = True, None, lease.seconds
        return True

    async def _write_pending(self) -> None:
        """One write at a time; what comes meanwhile goes out together in the next one."""
        while self._pending:
            await asyncio.sleep(0)  # whoever is ready to write does so now
            batch, self._pending = self._pending, []
            try:
                await self._commit_or_lose([fact for facts, _ in batch for fact in facts])
            except Exception as error:
                _settle(batch, error)
            except BaseException:
                _settle(batch + self._pending, LedgerLost("the run was ended while the ledger was being written"))
                self._pending = []
                raise
            else:
                _settle(batch, None)

    async def _commit_or_lose(self, facts: Sequence[Fact]) -> None:
        if self._fence is not None:
            raise self._fence
        try:
            await self._commit(facts, again=_AGAIN)
        except HeadMoved:
            raise await self._fenced() from None
        except LedgerLost as lost:
            self._holds, self._fence = False, lost
            raise

    async def _commit(self, facts: Sequence[Fact], again: Sequence[float] = ()) -> None:
        """Append, until it is known to have landed. The same lines may be sent twice: onto one head they land once."""
        lines, entries, head = write_lines(self._chain, self._head, facts, at=self._clock.now(), run=self._run)
        pauses = iter(again)
        lost: LedgerLost | None = None
        began = self._clock.monotonic()
        while True:
            try:
                await self._store.append(self._head.number, lines)
            except HeadMoved:
                if not await self._landed(lines):
                    raise
            except LedgerError as error:
                lost = error if isinstance(error, LedgerLost) else lost
                if not (lost and await self._landed_if_told(lines)):
                    pause = next(pauses, None)
                    if pause is None:
                        raise (lost or error) from None
                    await self._clock.sleep(pause)
                    continue
            break
        self._entries.extend(entries)
        self._head = head
        self._last_write = began  # others may have seen it ever since

    async def _landed(self, lines: Sequence[bytes]) -> bool:
        """Whether what stands behind our head begins with our lines: an earlier try of ours may have landed late."""
        found = await self._store.read(self._head.number)
        return found[: len(lines)] == list(lines)

    async def _landed_if_told(self, lines: Sequence[bytes]) -> bool:
        try:
            return await self._landed(lines)
        except LedgerError:
            return False

    async def _fenced(self) -> LeaseLost:
        """From here on nothing is written by this run; says who took over, as far as it can be read."""
        self._holds = False
        try:
            await self.refresh()
            other = self.holder()
        except LedgerError:
            other = None
        who = f"run {other.run}" if other is not None and other.run != self._run else "another run, or a person,"
        self._fence = LeaseLost(
            f"{who} took the lease of the ledger over; this run writes nothing more",
            hint="look at `ledger show`; once that run has ended, apply again: it goes on from what was written down",
        )
        return self._fence


async def open_book(
    store: LedgerStore,
    *,
    project: str,
    workspace: str,
    clock: Clock,
    run_id: str,
    expected_id: str | None,
    any_id: bool = False,
) -> Book:
    """Read the whole ledger and check it. Raises LedgerError where it is not whole, or not the one with the expected id.

    `any_id`: one that msgflash.yaml does not name is taken as it is, as long as there is one.
    """
    chain = Chain(project, workspace)
    entries, head = consume_lines(chain, await store.read())
    ledger_id = id_of(entries) if any_id and entries else checked_id(entries, expected_id, store.place)
    return Book(store, chain, clock, run_id, entries, head, ledger_id)


def _settle(batch: Sequence[tuple[Sequence[Fact], "asyncio.Future[None]"]], error: Exception | None) -> None:
    for _, done in batch:
        if done.done():
            continue  # its caller was cancelled
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
