"""How a ledger begins, moves and is recognised: its id stands in its first entry and in msgflash.yaml."""

from collections.abc import Sequence

from msgflash_gitops.errors import HeadMoved, LedgerError
from msgflash_gitops.model.ledger import Entry, Genesis, Head, LeaseFreed, RunBegan
from msgflash_gitops.planning.lease import holder
from msgflash_gitops.ports import Clock, LedgerStore
from msgflash_gitops.storage.ledger.chain import Chain, read_lines, write_lines

_BATCH = 10_000


def checked_id(entries: Sequence[Entry], expected: str | None, place: str) -> str:
    """The id of the ledger. Raises LedgerError where it is not the expected one; an empty ledger never is."""
    if not entries:
        if expected is None:
            raise LedgerError(f"there is no ledger yet ({place})", hint="make one with `msgflash-gitops ledger init`")
        raise LedgerError(
            f"the ledger ({place}) is empty, but msgflash.yaml names {expected}: nothing is written to the account",
            hint="is `ledger:` in msgflash.yaml, or the store's address, another one than it was? Was the project renamed (then say "
            "`name: OLD` below `ledger:`)? If the ledger is lost, restore it from a copy "
            "with `ledger init --from FILE`",
        )
    found = id_of(entries)
    if expected is None:
        raise LedgerError(
            f"msgflash.yaml names no ledger, but there is one ({place}) with the id {found}",
            hint=f"if it is this project's, write `id: {found}` below `ledger:` in msgflash.yaml",
        )
    if found != expected:
        raise LedgerError(
            f"the ledger ({place}) is {found}, but msgflash.yaml names {expected}: nothing is written to the account",
            hint="check `ledger:` in msgflash.yaml and the store's address; was `ledger init` run twice, or on two branches?",
        )
    return found


async def init_ledger(
    store: LedgerStore, *, project: str, workspace: str, clock: Clock, run_id: str, new_id: str
) -> None:
    """Begin a ledger. Raises LedgerError, with the id that is there, where the store is not empty."""
    chain = Chain(project, workspace)
    await _must_be_empty(store, chain)
    lines, _, _ = write_lines(chain, Head(), [Genesis(new_id)], at=clock.now(), run=run_id)
    try:
        await store.append(0, lines)
    except HeadMoved:
        await _must_be_empty(store, chain)
        raise


async def export_ledger(store: LedgerStore, *, project: str, workspace: str, expected_id: str | None) -> bytes:
    """The lines as they are, checked, one per line of text."""
    lines = await store.read()
    entries, _ = read_lines(Chain(project, workspace), lines)
    checked_id(entries, expected_id, store.place)
    return b"".join(line + b"\n" for line in lines)


async def init_from(
    store: LedgerStore, exported: bytes, *, project: str, workspace: str, dead: str | None = None
) -> str:
    """Put an exported ledger into an empty store, line by line; it keeps its id, which is returned.

    A copy that an earlier try left unfinished is gone on with. Raises LedgerError where the file is not whole, where its lease
    is held by another run than `dead`, or where the store holds something else.
    """
    chain = Chain(project, workspace)
    lines = exported.split(b"\n")
    if lines.pop():
        raise LedgerError("the exported ledger ends within a line: it is not whole", hint="export it again")
    entries, _ = read_lines(chain, lines)
    if not entries:
        raise LedgerError("the exported ledger is empty", hint="export it with `ledger export`")
    held = holder(entries)
    if held is not None and held.run != dead:
        raise LedgerError(
            f"the exported ledger is in use: run {held.run} holds its lease since {held.since:%Y-%m-%d %H:%M} UTC",
            hint=f"let it end, or free it with `ledger unlock {held.run}`, and export again. If that store is lost, and you know that the run is "
            f"dead: `ledger init --from FILE --unlock {held.run}`",
        )
    there = await store.read()
    if there != lines[: len(there)]:
        await _must_be_empty(store, chain)
    for first in range(len(there), len(lines), _BATCH):
        await store.append(first, lines[first : first + _BATCH])
    return id_of(entries)


async def unlock(
    store: LedgerStore,
    *,
    project: str,
    workspace: str,
    clock: Clock,
    run_id: str,
    of: str,
    began: RunBegan | None = None,
) -> None:
    """Free the lease of the run `of` by hand: that run writes nothing more. Raises LedgerError where it does not hold it.

    `began` says who freed it.
    """
    chain = Chain(project, workspace)
    entries, head = read_lines(chain, await store.read())
    held = holder(entries)
    if held is None:
        raise LedgerError(f"nobody holds the lease of the ledger, run {of} neither")
    if held.run != of:
        raise LedgerError(
            f"the lease is held by run {held.run}, not by {of}", hint=f"to free that one: `ledger unlock {held.run}`"
        )
    lines, _, _ = write_lines(
        chain, head, [*([began] if began else []), LeaseFreed(of, by_hand=True)], at=clock.now(), run=run_id
    )
    try:
        await store.append(head.number, lines)
    except HeadMoved:
        raise LedgerError(
            f"run {of} is alive: it wrote to the ledger just now",
            hint="let it end, or end it; then try again if its lease is still held",
        ) from None


def id_of(entries: Sequence[Entry]) -> str:
    """Raises LedgerError where the first entry is no genesis."""
    first = entries[0].fact
    if not isinstance(first, Genesis):
        raise LedgerError(
            "the ledger's first entry is no genesis: it was not made by `ledger init`",
            hint="restore it from a copy with `ledger init --from FILE`",
        )
    return first.id


async def _must_be_empty(store: LedgerStore, chain: Chain) -> None:
    entries, _ = read_lines(chain, await store.read())
    if entries:
        found = id_of(entries)
        raise LedgerError(
            f"there is a ledger already ({store.place}): {found}",
            hint=f"to use it, write `id: {found}` below `ledger:` in msgflash.yaml",
        )
