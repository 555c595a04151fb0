"""Does a store refuse the second of two conflicting appends? Tried, not believed, on a chain that is thrown away.

Everything that the ledger promises rests on this one property, and some servers only claim it: an object store that ignores
conditions, a table without its key.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Callable

from msgflash_gitops.errors import HeadMoved, LedgerError
from msgflash_gitops.storage.ledger.registry import TriedStore

_WRITERS = 4


async def probe(open_chain: Callable[[str], TriedStore]) -> None:
    """Raises LedgerError where the store takes both. `open_chain` opens the store for another workspace, by its name."""
    name = f"_probe-{uuid.uuid4().hex}"
    stores = [open_chain(name) for _ in range(_WRITERS)]
    try:
        await _one_after_the_other(stores)
        await _at_once(stores)
    finally:
        with contextlib.suppress(LedgerError):  # what is left over is in nobody's way
            await stores[0].discard()
        for store in stores:
            with contextlib.suppress(LedgerError):
                await store.close()


async def _one_after_the_other(stores: list[TriedStore]) -> None:
    """Both have read an empty ledger; the second must be refused."""
    first, second, *_ = stores
    for store in (first, second):
        if await store.read():
            raise LedgerError(f"the ledger store ({first.place}) shows lines where nothing was written")
    await first.append(0, [b"first"])
    try:
        await second.append(0, [b"second"])
    except HeadMoved:
        pass
    else:
        raise _takes_both(first)
    await _holds(stores, [b"first"])


async def _at_once(stores: list[TriedStore]) -> None:
    """Several at the same time: exactly one must land."""
    for store in stores:
        await store.read()
    lines = [b"at once %d" % number for number, _ in enumerate(stores)]
    answers = await asyncio.gather(
        *(store.append(1, [line]) for store, line in zip(stores, lines, strict=True)), return_exceptions=True
    )
    for answer in answers:
        if answer is not None and not isinstance(answer, HeadMoved):
            raise answer
    landed = [line for line, answer in zip(lines, answers, strict=True) if answer is None]
    if len(landed) != 1:
        raise _takes_both(stores[0])
    await _holds(stores, [b"first", *landed])


async def _holds(stores: list[TriedStore], lines: list[bytes]) -> None:
    for store in stores:
        if await store.read() != lines:
            raise _takes_both(stores[0])


def _takes_both(store: TriedStore) -> LedgerError:
    return LedgerError(
        f"the ledger store ({store.place}) takes two appends onto the same end: two runs at once could send a campaign twice",
        hint="it lacks conditional writes (If-None-Match on a put) or its key; use another server or another store",
    )
