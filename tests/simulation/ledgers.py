"""Where the ledgers of a history lie, and which store each machine reaches them by."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgflash_gitops.model.ledger import Entry, LedgerSettings
from msgflash_gitops.ports import LedgerStore
from msgflash_gitops.storage.ledger.chain import Chain
from msgflash_gitops.storage.ledger.file import FileStore
from msgflash_gitops.storage.ledger.genesis import init_ledger
from msgflash_gitops.storage.ledger.git import GitStore
from tests.simulation.stores import Watched
from tests.simulation.virtual import VirtualClock, VirtualLoop
from tests.support.git import clone, new_git

PROJECT = "crm"
FILE, SHARED, GIT, OWN = KINDS = ("file", "shared", "git", "own")
EMPTY, OTHER, OLDER = WRONG = ("empty", "other", "older")
_CHAIN = Chain(PROJECT, "default")


class Ledgers:
    """`file`: all machines are processes of one machine, whose disk holds the ledger. `shared`: one that every machine reaches.
    `git`: the same, as a branch of a bare repository that each machine has a clone of. `own`: msgflash.yaml names none, and each machine
    begins its own; that is for an account with a list alone.
    """

    def __init__(self, kind: str, folder: Path, loop: VirtualLoop) -> None:
        self.kind = kind
        self.id = None if kind == OWN else str(uuid.UUID(int=1))
        self._folder = folder
        self._loop = loop
        self._watched: dict[str, Watched] = {}
        self.is_right = True
        if kind == GIT:
            seed = new_git(folder / "seed")
            seed.commit("first")
            self._upstream = clone(seed, folder / "upstream.git", "--bare")
            self._outside = clone(self._upstream, folder / "outside").root
        if self.id is not None:
            self._begin(self.id)

    @property
    def shared(self) -> bool:
        return self.kind != OWN

    @property
    def is_file(self) -> bool:
        """Whether there is one, and it is a file."""
        return self.kind in (FILE, SHARED)

    @property
    def settings(self) -> LedgerSettings:
        return LedgerSettings(store=GIT if self.kind == GIT else FILE, id=self.id)

    def _begin(self, ledger_id: str) -> None:
        """What `ledger init` does."""
        store = self._outer("runner")
        clock = VirtualClock(self._loop)
        named = {"project": PROJECT, "workspace": "default", "run_id": "init", "new_id": ledger_id}
        self._loop.run_until_complete(init_ledger(store, clock=clock, **named))

    def root(self, machine: str, *, fresh: str | None) -> Path:
        """The folder of the machine's checkout; `fresh`: that of a runner which has nothing on its disk."""
        root = self._folder / ("runner" if self.kind == FILE else fresh or machine)
        if self.kind == GIT and not root.exists():
            clone(self._upstream, root, "--depth=1")
        root.mkdir(exist_ok=True)
        return root

    def open(self, machine: str, root: Path) -> LedgerStore:
        if self.kind == GIT:
            return _branch(root)
        return FileStore(self.path(machine), place=self.kind)

    def path(self, machine: str) -> Path:
        """The ledger's file."""
        name = {FILE: "runner/.msgflash/ledger.jsonl", SHARED: "shared/ledger.jsonl"}.get(self.kind)
        return self._folder / (name or f"{machine}/.msgflash/ledger.jsonl")

    @contextmanager
    def wrong(self, what: str) -> Iterator[None]:
        """Meanwhile the ledger is another one than it should be."""
        path, self.is_right = self.path("runner"), False
        right = path.read_bytes()
        path.unlink()
        if what == OTHER:
            self._begin(str(uuid.UUID(int=2)))
        elif what == OLDER:
            path.write_bytes(b"".join(right.splitlines(keepends=True)[:-1]))
        try:
            yield
        finally:
            path.write_bytes(right)
            self.is_right = True

    def entries(self, machine: str) -> Sequence[Entry]:
        """What the ledger holds that this machine writes to, read by one who is no part of it."""
        name = machine if self.kind == OWN else ""
        if name not in self._watched:
            self._watched[name] = Watched(self._outer(machine), _CHAIN, self._loop)
        return self._watched[name].entries()

    def _outer(self, machine: str) -> LedgerStore:
        return _branch(self._outside) if self.kind == GIT else FileStore(self.path(machine), place=self.kind)


def _branch(root: Path) -> GitStore:
    return GitStore(root, project=PROJECT, workspace="default", remote="origin", branch="msgflash-ledger")
