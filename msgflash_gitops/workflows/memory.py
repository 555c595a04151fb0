"""The project's memory as a command opens it: where it lies, whether it is the right one, and who may write to it."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from msgflash_gitops.errors import LedgerError
from msgflash_gitops.files.process import has_ended
from msgflash_gitops.files.seen_head import read_seen, write_seen
from msgflash_gitops.files.state_folder import STATE_FOLDER, make_state_folder
from msgflash_gitops.model.ledger import RunBegan
from msgflash_gitops.model.project import Project
from msgflash_gitops.planning.lease import Holder
from msgflash_gitops.ports import Clock, LedgerStore
from msgflash_gitops.storage.ledger.book import Book, open_book
from msgflash_gitops.storage.ledger.file import FileStore
from msgflash_gitops.storage.ledger.genesis import init_ledger
from msgflash_gitops.storage.ledger.registry import TriedStore, open_store

# Seconds without a sign of life after which another run may take the lease over.
LEASE = 60
_SEEN = "ledger-seen.json"


def store_of(project: Project, workspace: str, environ: Mapping[str, str], *, sandbox: bool) -> TriedStore:
    """Where the ledger of a workspace lies; the sandbox's lies beside its database. Raises LedgerError where it cannot be made."""
    root = Path(project.root)
    if sandbox:
        name = "sandbox-ledger.jsonl" if workspace == "default" else f"sandbox-ledger-{workspace}.jsonl"
        return FileStore(root / STATE_FOLDER / name, place=f"{STATE_FOLDER}/{name}")
    settings = project.ledger
    return open_store(
        settings.store, root=root, project=project.ledger_name, workspace=workspace, environ=environ, settings=settings
    )


async def open_memory(store: LedgerStore, project: Project, workspace: str, clock: Clock, run_id: str) -> Book:
    """The ledger that msgflash.yaml names. Raises LedgerError where it is another one, not whole, or an older copy."""
    expected = project.ledger.id
    assert expected is not None
    book = await open_book(
        store, project=project.ledger_name, workspace=workspace, clock=clock, run_id=run_id, expected_id=expected
    )
    seen_in = Path(project.root) / STATE_FOLDER / _SEEN
    seen = read_seen(seen_in, expected, workspace)
    if seen is not None and not book.knows(seen):
        raise LedgerError(
            f"the ledger ({book.place}) is an older copy: it ends with entry {book.ref.head.number}, and this machine has seen entry "
            f"{seen.number} of it. What was created since would be created again; nothing is written to the account",
            hint="restore a newer copy with `ledger init --from FILE`. To go on with this one all the same, look in the dashboard for what it "
            f"does not know (`ledger show`), `link` it, and remove {STATE_FOLDER}/{_SEEN}",
        )
    return book


def remember_head(project: Project, workspace: str, book: Book) -> None:
    """Where msgflash.yaml names the ledger: so that an older copy is recognised later."""
    if project.ledger.id is not None:
        with contextlib.suppress(OSError):
            folder = make_state_folder(Path(project.root))
            write_seen(folder / _SEEN, project.ledger.id, workspace, book.ref.head)


async def open_local(
    store: LedgerStore, project: Project, workspace: str, clock: Clock, run_id: str, *, begin: bool
) -> Book | None:
    """A ledger that msgflash.yaml does not name: the sandbox's, or this machine's where the account has a list.

    With `begin` it is begun where there is none; otherwise that is None.
    """
    if not await store.read():
        if not begin:
            return None
        keep_out_of_git(project)
        try:
            await init_ledger(
                store,
                project=project.ledger_name,
                workspace=workspace,
                clock=clock,
                run_id=run_id,
                new_id=str(uuid.uuid4()),
            )
        except LedgerError:
            if not await store.read():
                raise
            # another run of this machine began it at the same moment
    return await open_book(
        store,
        project=project.ledger_name,
        workspace=workspace,
        clock=clock,
        run_id=run_id,
        expected_id=None,
        any_id=True,
    )


def keep_out_of_git(project: Project) -> None:
    """What lies in the project's folder for this machine alone; whether it can be written there, its store says."""
    with contextlib.suppress(OSError):
        make_state_folder(Path(project.root))


@asynccontextmanager
async def leased(book: Book, run: RunBegan, *, wait: float, tell: Callable[[str], None]) -> AsyncIterator[None]:
    """The right to write, for as long as this lasts. `wait`: how many seconds to wait for another run to end.

    Raises LedgerError where another run holds it.
    """
    await book.take_lease(run, ttl=LEASE, wait=wait, tell=tell, is_dead=_is_dead)
    alive = asyncio.create_task(book.keep_alive())
    try:
        yield
    finally:
        alive.cancel()
        with contextlib.suppress(asyncio.CancelledError, LedgerError):
            await alive
        with contextlib.suppress(LedgerError):  # it ends by itself, when nobody renews it
            await book.free()


def _is_dead(held: Holder) -> bool:
    return held.began is not None and held.began.process is not None and has_ended(held.began.process)
