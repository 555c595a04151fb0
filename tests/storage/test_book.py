"""The book of one run: the right ledger, group commit, the lease and its fence."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from msgflash_gitops.errors import HeadMoved, LeaseLost, LedgerError, LedgerLost
from msgflash_gitops.model.ledger import Head, LeaseFreed, LeaseRenewed, LeaseTaken, RunBegan, Unlinked
from msgflash_gitops.storage.ledger import genesis
from msgflash_gitops.storage.ledger.book import Book, open_book
from msgflash_gitops.storage.ledger.file import FileStore
from tests.storage.clock import FakeClock

NAMES: dict[str, Any] = {"project": "crm", "workspace": "default"}
BEGAN = RunBegan("apply", actor="ana", host="build-7", job="https://ci.example/job/7")


class Watched(FileStore):
    """A file store whose appends are counted, may be slow, and may lose their answer before or after they landed."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.appends: list[int] = []
        self.faults: list[str] = []

    async def append(self, head: int, lines: Sequence[bytes]) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "refused":
            raise LedgerError("the disk is full")
        if fault == "lost before":
            raise LedgerLost("no answer")
        for _ in range(5):
            await asyncio.sleep(0)
        await super().append(head, lines)
        self.appends.append(len(lines))
        if fault == "lost after":
            raise LedgerLost("no answer")


class World:
    def __init__(self, folder: Path) -> None:
        self.path = folder / ".msgflash" / "ledger.jsonl"
        self.clock = FakeClock()
        self.told: list[str] = []

    async def begun(self) -> "World":
        await genesis.init_ledger(FileStore(self.path), **NAMES, clock=self.clock, run_id="init", new_id="0f8f")
        return self

    async def book(self, run: str, store: FileStore | None = None, expected: str | None = "0f8f") -> Book:
        store = store or FileStore(self.path)
        return await open_book(store, **NAMES, clock=self.clock, run_id=run, expected_id=expected)

    async def holding(self, run: str, store: FileStore | None = None, ttl: int = 60) -> Book:
        book = await self.book(run, store)
        await book.take_lease(BEGAN, ttl=ttl, wait=0, tell=self.told.append)
        return book


@pytest.fixture
def world(tmp_path: Path) -> World:
    return asyncio.run(World(tmp_path).begun())


def facts(book: Book) -> list[Any]:
    return [entry.fact for entry in book.entries]


@pytest.mark.parametrize(
    ("expected", "said"),
    [("other", "is 0f8f, but msgflash.yaml names other"), (None, "names no ledger, but there is one .* 0f8f")],
)
def test_another_ledger_is_refused(world: World, expected: str | None, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        asyncio.run(world.book("r1", expected=expected))


@pytest.mark.parametrize(
    ("expected", "said"), [("0f8f", "is empty, but msgflash.yaml names 0f8f"), (None, "no ledger yet")]
)
def test_an_empty_ledger_is_refused(tmp_path: Path, expected: str | None, said: str) -> None:
    with pytest.raises(LedgerError, match=said) as caught:
        asyncio.run(World(tmp_path).book("r1", expected=expected))
    assert "ledger init" in str(caught.value.hint)


def test_facts_of_many_callers_share_one_append(world: World) -> None:
    async def scenario() -> None:
        store = Watched(world.path)
        book = await world.holding("r1", store)
        first = asyncio.create_task(book.append(Unlinked("first", "x")))
        for _ in range(3):
            await asyncio.sleep(0)
        await asyncio.gather(first, *(book.append(Unlinked(f"k{number}", "x")) for number in range(50)))
        assert store.appends == [2, 1, 50]
        assert [entry.number for entry in book.entries] == list(range(1, 55))
        again = await world.book("r2")
        assert facts(again) == facts(book)
        assert again.ref == book.ref
        assert again.knows(book.ref.head)
        assert not again.knows(Head(5, "f" * 64))
        assert not again.knows(Head(99, "f" * 64))

    asyncio.run(scenario())


def test_a_cancelled_caller_does_not_take_the_others_along(world: World) -> None:
    async def scenario() -> None:
        book = await world.holding("r1", Watched(world.path))
        one, other = (asyncio.create_task(book.append(Unlinked(key, "x"))) for key in "ab")
        await asyncio.sleep(0)
        one.cancel()
        await other
        assert facts(book)[-2:] == [Unlinked("a", "x"), Unlinked("b", "x")]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "faults", [["lost before"], ["lost after"], ["refused"], ["refused", "lost after"], ["lost before"] * 3]
)
def test_a_lost_answer_is_looked_up_and_nothing_is_written_twice(world: World, faults: list[str]) -> None:
    async def scenario() -> None:
        store = Watched(world.path)
        book = await world.holding("r1", store)
        store.faults = list(faults)
        await book.append(Unlinked("a", "x"))
        await book.append(Unlinked("b", "x"))
        assert facts(await world.book("r2"))[-2:] == [Unlinked("a", "x"), Unlinked("b", "x")]

    asyncio.run(scenario())


def test_what_stays_unknown_ends_the_run(world: World) -> None:
    async def scenario() -> None:
        store = Watched(world.path)
        book = await world.holding("r1", store)
        store.faults = ["lost before"] * 10
        with pytest.raises(LedgerLost):
            await book.append(Unlinked("a", "x"))
        store.faults = []
        with pytest.raises(LedgerLost):
            await book.append(Unlinked("b", "x"))
        await book.free()

    asyncio.run(scenario())


def test_what_was_refused_can_be_written_later(world: World) -> None:
    async def scenario() -> None:
        store = Watched(world.path)
        book = await world.holding("r1", store)
        store.faults = ["refused"] * 4
        with pytest.raises(LedgerError, match="disk is full"):
            await book.append(Unlinked("a", "x"))
        await book.append(Unlinked("b", "x"))
        assert facts(book)[-1] == Unlinked("b", "x")

    asyncio.run(scenario())


def test_without_the_lease_nothing_is_written(world: World) -> None:
    async def scenario() -> None:
        book = await world.book("r1")
        with pytest.raises(LeaseLost):
            await book.append(Unlinked("a", "x"))

    asyncio.run(scenario())


def test_a_held_lease_is_told_and_refused(world: World) -> None:
    async def scenario() -> None:
        await world.holding("r1")
        other = await world.book("r2")
        with pytest.raises(LedgerError) as caught:
            await other.take_lease(BEGAN, ttl=60, wait=0, tell=world.told.append)
        for part in ("run r1 of ana on build-7", "apply, https://ci.example/job/7", "2027-04-15 07:00:00 UTC"):
            assert part in str(caught.value)
        assert "ledger unlock r1" in str(caught.value.hint)
        assert not isinstance(caught.value, HeadMoved)
        with pytest.raises(LedgerError, match="waited 30 s"):
            await other.take_lease(BEGAN, ttl=60, wait=30, tell=world.told.append)
        assert len(world.told) == 1
        assert "waiting for run r1 of ana on build-7" in world.told[0]

    asyncio.run(scenario())


def test_a_silent_lease_is_taken_over_and_the_other_run_is_fenced(world: World) -> None:
    async def scenario() -> None:
        first = await world.holding("r1", ttl=60)
        second = await world.book("r2")
        await second.take_lease(BEGAN, ttl=60, wait=600, tell=world.told.append)
        assert 60 <= world.clock.seconds < 70
        assert facts(second)[-1] == LeaseTaken(60, over="r1")
        with pytest.raises(LeaseLost, match="run r2 took the lease"):
            await first.append(Unlinked("a", "x"))
        with pytest.raises(LeaseLost):
            await first.append(Unlinked("b", "x"))
        await first.free()
        await second.append(Unlinked("c", "x"))
        await second.free()
        assert (await world.book("r3")).holder() is None

    asyncio.run(scenario())


def test_a_renewed_lease_is_not_taken_over_and_a_freed_one_is_taken_at_once(world: World) -> None:
    async def scenario() -> None:
        first = await world.holding("r1", ttl=60)
        alive = asyncio.create_task(first.keep_alive())
        second = await world.book("r2")

        async def end_later() -> None:
            while world.clock.seconds < 300:  # noqa: ASYNC110 - a clock without events
                await asyncio.sleep(0.001)
            alive.cancel()
            await first.free()

        ending = asyncio.create_task(end_later())
        waiting = second.take_lease(BEGAN, ttl=60, wait=100_000, tell=world.told.append, poll=0.1)
        await asyncio.gather(waiting, ending)
        assert LeaseRenewed() in facts(second)
        assert LeaseTaken(60, over="r1") not in facts(second)
        assert facts(second)[-3:] == [LeaseFreed("r1"), BEGAN, LeaseTaken(60)]

    asyncio.run(scenario())


def test_a_lease_is_freed_by_hand(world: World) -> None:
    async def scenario() -> None:
        first = await world.holding("r1")
        with pytest.raises(LedgerError, match="held by run r1, not by r9"):
            await genesis.unlock(FileStore(world.path), **NAMES, clock=world.clock, run_id="u", of="r9")
        await genesis.unlock(FileStore(world.path), **NAMES, clock=world.clock, run_id="u", of="r1")
        with pytest.raises(LeaseLost):
            await first.append(Unlinked("a", "x"))
        await world.holding("r2")
        with pytest.raises(LedgerError, match="held by run r2"):
            await genesis.unlock(FileStore(world.path), **NAMES, clock=world.clock, run_id="u", of="r1")

    asyncio.run(scenario())


def test_a_ledger_is_begun_once(world: World) -> None:
    with pytest.raises(LedgerError, match=r"there is a ledger already .* 0f8f"):
        asyncio.run(world.begun())


def test_a_ledger_moves_to_another_store_and_keeps_its_id(world: World, tmp_path: Path) -> None:
    async def scenario() -> None:
        book = await world.holding("r1")
        held = await genesis.export_ledger(FileStore(world.path), **NAMES, expected_id="0f8f")
        new = FileStore(tmp_path / "new.jsonl")
        with pytest.raises(LedgerError, match="run r1 holds its lease"):
            await genesis.init_from(new, held, **NAMES)
        await book.free()
        exported = await genesis.export_ledger(FileStore(world.path), **NAMES, expected_id="0f8f")
        for broken, said in ((exported[:-9], "ends within a line"), (b"", "is empty"), (exported[9:], "line 1")):
            with pytest.raises(LedgerError, match=said):
                await genesis.init_from(new, broken, **NAMES)
        assert await genesis.init_from(new, exported, **NAMES) == "0f8f"
        assert await genesis.init_from(new, exported, **NAMES) == "0f8f"
        assert b"".join(line + b"\n" for line in await new.read()) == exported

    asyncio.run(scenario())
