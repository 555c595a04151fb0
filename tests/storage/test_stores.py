"""What every store keeps, on the real thing: lines in order, one of two appends, nothing lost, nothing twice."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from msgflash_gitops.errors import HeadMoved
from msgflash_gitops.model.ledger import Genesis, Head, Unlinked
from msgflash_gitops.storage.ledger.chain import Chain, read_lines, write_lines
from msgflash_gitops.storage.ledger.probe import probe
from msgflash_gitops.storage.ledger.registry import TriedStore
from tests.storage.conftest import OpenChain

MOMENT = datetime(2027, 4, 15, 7, tzinfo=UTC)
CHAIN = Chain("crm", "default")
WRITERS = 8


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def awaited() -> None:
        await scenario()

    asyncio.run(awaited())


def test_an_empty_ledger_has_no_lines(open_chain: OpenChain) -> None:
    assert asyncio.run(open_chain("default").read()) == []


def test_what_one_appends_another_reads(open_chain: OpenChain) -> None:
    async def scenario() -> None:
        one, other = open_chain("default"), open_chain("default")
        await one.append(0, [b'{"a":"\xc3\xa9"}', b"two"])
        await one.append(2, [b"three"])
        assert await other.read() == [b'{"a":"\xc3\xa9"}', b"two", b"three"]
        assert await other.read(2) == [b"three"]
        assert await other.read(3) == []
        await other.append(3, [b"four"])
        assert await one.read(1) == [b"two", b"three", b"four"]
        assert await open_chain("default").read(1) == [b"two", b"three", b"four"]

    run(scenario)


@pytest.mark.parametrize("head", [0, 1, 2, 4])
def test_an_append_onto_another_head_is_refused(open_chain: OpenChain, head: int) -> None:
    async def scenario() -> None:
        one, other = open_chain("default"), open_chain("default")
        await one.append(0, [b"one", b"two"])
        await other.read()
        await one.append(2, [b"three"])
        with pytest.raises(HeadMoved):
            await other.append(head, [b"conflict"])
        assert await other.read() == [b"one", b"two", b"three"]
        await other.append(3, [b"four"])
        assert await one.read(3) == [b"four"]

    run(scenario)


def test_workspaces_do_not_mix(open_chain: OpenChain) -> None:
    async def scenario() -> None:
        one, other = open_chain("production"), open_chain("staging")
        await one.append(0, [b"p1"])
        await other.append(0, [b"s1"])
        await one.append(1, [b"p2"])
        await other.append(1, [b"s2"])
        assert await one.read() == [b"p1", b"p2"]
        assert await other.read() == [b"s1", b"s2"]

    run(scenario)


def test_many_lines_in_one_append(open_chain: OpenChain) -> None:
    lines = [b"line %d" % number for number in range(1234)]

    async def scenario() -> None:
        one, other = open_chain("default"), open_chain("default")
        await one.append(0, lines[:130])
        await one.append(130, lines[130:])
        assert await other.read() == lines
        assert await other.read(1200) == lines[1200:]

    run(scenario)


def test_eight_writers_race_and_each_append_lands_once(open_chain: OpenChain) -> None:
    each = 3
    stores = [open_chain("default") for _ in range(WRITERS)]
    failures: list[BaseException] = []

    async def write(number: int, store: TriedStore) -> None:
        head, left = Head(), each
        while left:
            _, head = read_lines(CHAIN, await store.read(head.number), head)
            fact = Genesis("id") if head.number == 0 else Unlinked(f"writer-{number}", str(left))
            lines, _, after = write_lines(CHAIN, head, [fact], at=MOMENT, run=str(number))
            try:
                await store.append(head.number, lines)
            except HeadMoved:
                continue
            head, left = after, left - 1

    def thread(number: int, store: TriedStore) -> None:
        try:
            asyncio.run(write(number, store))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=thread, args=each) for each in enumerate(stores)]
    for started in threads:
        started.start()
    for started in threads:
        started.join()
    assert not failures
    entries, _ = read_lines(CHAIN, asyncio.run(open_chain("default").read()))
    assert len(entries) == WRITERS * each
    assert sorted(entry.run for entry in entries) == sorted(
        str(number) for number in range(WRITERS) for _ in range(each)
    )


def test_the_probe_accepts_it_and_leaves_nothing(open_chain: OpenChain) -> None:
    names: list[str] = []

    def remembering(name: str) -> TriedStore:
        names.append(name)
        return open_chain(name)

    asyncio.run(probe(remembering))
    assert asyncio.run(open_chain(names[0]).read()) == []
