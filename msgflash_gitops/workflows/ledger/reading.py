"""The ledger, read and checked: for `show`, `verify`, `export` and `unlock`."""

import difflib
import re
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from msgflash_gitops.errors import InputError, LedgerError
from msgflash_gitops.model.ledger import Entry, LedgerRef
from msgflash_gitops.model.project import Project
from msgflash_gitops.planning.lease import Holder, holder
from msgflash_gitops.planning.timeline import LedgerStory, tell
from msgflash_gitops.ports import Clock
from msgflash_gitops.storage.ledger import genesis
from msgflash_gitops.storage.ledger.chain import Chain, consume_lines
from msgflash_gitops.storage.ledger.registry import TriedStore
from msgflash_gitops.workflows.actor import began
from msgflash_gitops.workflows.memory import store_of

_SHORTEST_ID = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Whose ledger, and in which store. `sandbox`: the embedded sandbox's own, whose id nothing names beforehand."""

    project: Project
    workspace: str
    environ: Mapping[str, str]
    sandbox: bool = False

    @property
    def names(self) -> dict[str, str]:
        return {"project": self.project.ledger_name, "workspace": self.workspace}

    @property
    def named(self) -> bool:
        """Whether msgflash.yaml says which ledger it must be. A file of this machine may do without: the account's list is the memory then."""
        return not self.sandbox and (self.project.ledger.id is not None or self.project.ledger.store != "file")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[TriedStore]:
        store = store_of(self.project, self.workspace, self.environ, sandbox=self.sandbox)
        try:
            yield store
        finally:
            await store.close()


@dataclass(frozen=True, slots=True)
class Checked:
    """A whole ledger. `place`: where it lies, for people."""

    entries: Sequence[Entry]
    ref: LedgerRef
    place: str


async def read_ledger(place: Place) -> Checked:
    """Raises LedgerError where it cannot be read, is not whole, or is not the one that msgflash.yaml names."""
    async with place.open() as store:
        return _checked(place, store, await store.read())


async def show(place: Place, keys: Sequence[str]) -> LedgerStory:
    """What the ledger tells. Raises InputError for a key that it does not know."""
    checked = await read_ledger(place)
    story = tell(checked.entries, ref=checked.ref, place=checked.place, **place.names)
    for key in keys:
        if key not in story.keys:
            near = difflib.get_close_matches(key, story.keys, n=3)
            hint = (
                f"did you mean {' or '.join(map(repr, near))}?"
                if near
                else "without KEY, every key that it knows is shown"
            )
            raise InputError(f"the ledger knows no key {key!r}: nothing was ever written about it", hint=hint)
    return story


async def export(place: Place) -> tuple[bytes, Holder | None]:
    """The lines as they are, checked; and who holds the lease, because such a copy cannot be restored."""
    async with place.open() as store:
        checked = _checked(place, store, await store.read())
        data = await genesis.export_ledger(store, expected_id=checked.ref.id, **place.names)
        return data, holder(checked.entries)


async def unlock(place: Place, clock: Clock, run: str) -> Holder:
    """Free the lease by its run's id, or the beginning of it; who held it. Raises LedgerError where that run does not hold it."""
    async with place.open() as store:
        checked = _checked(place, store, await store.read())
        of = run_of(run, checked.entries)
        await genesis.unlock(
            store,
            clock=clock,
            run_id=uuid.uuid4().hex,
            of=of,
            began=began("ledger unlock", place.environ),
            **place.names,
        )
        held = holder(checked.entries)
        assert held is not None, "it was freed a moment ago"
        return held


def _checked(place: Place, store: TriedStore, lines: list[bytes]) -> Checked:
    entries, head = consume_lines(Chain(**place.names), lines)
    if place.sandbox and not entries:
        raise LedgerError(f"the sandbox has no ledger yet ({store.place})", hint="`apply --sandbox` begins one")
    if entries and not place.named:
        ledger_id = genesis.id_of(entries)
    else:
        ledger_id = genesis.checked_id(entries, place.project.ledger.id, store.place)
    return Checked(entries, LedgerRef(ledger_id, store.kind, head), store.place)


def run_of(said: str, entries: Sequence[Entry]) -> str:
    """The run that is meant: the id itself, or the only one that begins so."""
    runs = {entry.run for entry in entries}
    if said in runs or len(said) < _SHORTEST_ID or not re.fullmatch(r"[0-9A-Fa-f-]+", said):
        return said
    found = [run for run in runs if run.startswith(said.lower())]
    if len(found) > 1:
        raise LedgerError(f"{len(found)} runs begin with {said}", hint="say more of the run's id")
    return found[0] if found else said
