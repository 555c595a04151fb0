"""`ledger init`: a chain for each workspace, begun or restored, in a store that was tried first; then its id in msgflash.yaml.

In this order, so that whatever cuts it off, doing it again goes on: a chain that holds nothing but its genesis is taken over.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from msgflash_gitops.errors import InputError, LedgerError, UsageError
from msgflash_gitops.files.ledger_edit import check_store, said_of_ledger, write_ledger
from msgflash_gitops.model.ledger import Entry
from msgflash_gitops.model.project import Project
from msgflash_gitops.planning.lease import holder
from msgflash_gitops.ports import Clock
from msgflash_gitops.storage.ledger import genesis
from msgflash_gitops.storage.ledger.chain import Chain, consume_lines, read_lines
from msgflash_gitops.storage.ledger.probe import probe
from msgflash_gitops.workflows.actor import began
from msgflash_gitops.workflows.ledger.reading import Place, run_of
from msgflash_gitops.workflows.memory import keep_out_of_git, store_of


@dataclass(frozen=True, slots=True)
class Begun:
    """`places`: where each workspace's chain lies that was begun or filled now; `named`: msgflash.yaml was changed.

    `last`: of a restored chain, when its last entry was written; `entries`: how many it holds.
    """

    id: str
    store: str
    places: Mapping[str, str]
    named: bool
    entries: int = 1
    last: datetime | None = None


async def begin(
    project: Project,
    environ: Mapping[str, str],
    clock: Clock,
    *,
    store: str | None = None,
    workspace: str | None = None,
) -> Begun:
    """Begin the ledger of every workspace, or of the one named. Raises LedgerError, and changes nothing, where one may have been lost."""
    project = _in_store(project, store, environ)
    chains = await _read_all(project, environ)
    ledger_id = _agreed_id(project, chains)
    empty = [name for name in ([workspace] if workspace else chains) if not chains[name].entries]
    if project.ledger.id:
        _may_begin(project, chains, empty, workspace)
    if empty:
        keep_out_of_git(project)
        await _try(project, environ)
    for name in empty:
        async with Place(project, name, environ).open() as opened:
            run_id = uuid.uuid4().hex
            await genesis.init_ledger(
                opened, project=project.ledger_name, workspace=name, clock=clock, run_id=run_id, new_id=ledger_id
            )
    return _named(
        project, Begun(ledger_id, project.ledger.store, {name: chains[name].place for name in empty}, named=False)
    )


async def restore(
    project: Project,
    environ: Mapping[str, str],
    clock: Clock,
    exported: bytes,
    *,
    workspace: str,
    store: str | None = None,
    dead: str | None = None,
) -> Begun:
    """Put an exported ledger into the workspace's empty store; it keeps its id. What an earlier try left unfinished is gone on with.

    `dead`: the run that held the lease when the copy was made, where a person knows that it is gone; its lease is freed.
    """
    project = _in_store(project, store, environ)
    entries, _ = read_lines(Chain(project.ledger_name, workspace), exported.split(b"\n")[:-1])
    chains = await _read_all(project, environ)
    if entries:
        _fits(project, genesis.id_of(entries), {name: each for name, each in chains.items() if name != workspace})
    filled = len(chains[workspace].entries) < len(entries)
    if filled and not chains[workspace].entries:
        await _try(project, environ)
    place = Place(project, workspace, environ)
    dead = run_of(dead, entries) if dead else None
    async with place.open() as opened:
        ledger_id = await genesis.init_from(opened, exported, dead=dead, **place.names)
        if dead and holder(entries) is not None:
            freed_by, run_id = began("ledger init", environ), uuid.uuid4().hex
            await genesis.unlock(opened, clock=clock, run_id=run_id, of=dead, began=freed_by, **place.names)
    places = {workspace: chains[workspace].place} if filled else {}
    begun = Begun(ledger_id, project.ledger.store, places, named=False, entries=len(entries), last=entries[-1].at)
    return _named(project, begun)


def _fits(project: Project, found: str, others: Mapping[str, "_Found"]) -> None:
    """Raises LedgerError where msgflash.yaml, or the chain of another workspace, has another id than the copy."""
    expected = project.ledger.id
    if expected and found != expected:
        raise LedgerError(
            f"the file holds the ledger {found}, but msgflash.yaml names {expected}",
            hint="is it another project's, or one from before the ledger was begun anew? Nothing was changed",
        )
    ids = {name: chain.id for name, chain in others.items() if chain.entries}
    if set(ids.values()) - {found}:
        raise _several({**ids, "the file": found})


@dataclass(frozen=True, slots=True)
class _Found:
    entries: list[Entry]
    place: str

    @property
    def id(self) -> str:
        return genesis.id_of(self.entries)


def _in_store(project: Project, store: str | None, environ: Mapping[str, str]) -> Project:
    """The project with the store that is wanted. Raises InputError where msgflash.yaml says another one, UsageError where nobody says
    one and an address is set all the same."""
    root = Path(project.root)
    said = said_of_ledger(root)
    current = said.get("store") or (project.ledger.store if "id" in said else None)
    if store and current and store != current:
        moved = "`ledger export --output FILE`, then change `store:` in msgflash.yaml, then `ledger init --from FILE`"
        raise InputError(
            f"the ledger's store is {current} in msgflash.yaml, and --store says {store}",
            hint=f"to move it: {moved}" if "id" in said else "change `store:` there, or leave --store out",
        )
    if not store and not current and environ.get(project.ledger.url_env):
        raise UsageError(
            f"which store? {project.ledger.url_env} is set, and nothing says what it is the address of",
            hint="say --store postgresql, s3, gs or az; or --store file for one on this machine",
        )
    wanted = store or project.ledger.store
    check_store(root, wanted)
    return replace(project, ledger=replace(project.ledger, store=wanted))


async def _read_all(project: Project, environ: Mapping[str, str]) -> dict[str, _Found]:
    """Every workspace's chain, checked, by the workspace's name."""
    chains = {}
    for name in project.workspaces:
        async with Place(project, name, environ).open() as store:
            entries, _ = consume_lines(Chain(project.ledger_name, name), await store.read())
            chains[name] = _Found(entries, store.place)
    return chains


def _agreed_id(project: Project, chains: Mapping[str, _Found]) -> str:
    """The id that msgflash.yaml names, or that of chains which an earlier try began, or a new one."""
    found = {name: chain for name, chain in chains.items() if chain.entries}
    expected = project.ledger.id
    if expected:
        for chain in found.values():
            genesis.checked_id(chain.entries, expected, chain.place)
        return expected
    if len({chain.id for chain in found.values()}) > 1:
        raise _several({name: chain.id for name, chain in found.items()})
    for chain in found.values():
        # A file in this folder is this project's. Elsewhere, one in use could be another project's of the same name: a person decides.
        if len(chain.entries) > 1 and project.ledger.store != "file":
            genesis.checked_id(chain.entries, None, chain.place)
    return next((chain.id for chain in found.values()), None) or str(uuid.uuid4())


def _several(ids: Mapping[str, str]) -> LedgerError:
    told = ", ".join(f"{each} ({name})" for name, each in ids.items())
    return LedgerError(
        f"there are several ledgers: {told}; one project has one",
        hint="write the `id:` of the right one below `ledger:` in msgflash.yaml and move the others away; `ledger init --workspace NAME` begins "
        "what is missing then",
    )


def _may_begin(project: Project, chains: Mapping[str, _Found], empty: list[str], workspace: str | None) -> None:
    """A lost memory must not look like an empty account: an empty chain of a ledger with an id is begun for who asks for it by name."""
    if not empty:
        return
    where = ", ".join(f"{name} ({chains[name].place})" for name in empty)
    message = f"msgflash.yaml names the ledger {project.ledger.id}, but there is nothing of it for {where}"
    restored = "if it was lost: restore it from a copy with `ledger init --from FILE`"
    if not any(chain.entries for chain in chains.values()):
        raise LedgerError(
            message,
            hint=f"is the store, or its address, another one than it was? {restored[0].upper()}{restored[1:]}. To begin anew on purpose: look "
            "in the dashboard at what is scheduled, remove `id:` from msgflash.yaml, and run `ledger init` again",
        )
    if workspace is None:
        raise LedgerError(
            message,
            hint=f"if it is a new workspace: `ledger init --workspace {empty[0]}`; {restored}, --workspace {empty[0]}",
        )


async def _try(project: Project, environ: Mapping[str, str]) -> None:
    await probe(lambda name: store_of(project, name, environ, sandbox=False))


def _named(project: Project, begun: Begun) -> Begun:
    """With its id in msgflash.yaml. Raises Uneditable where that has to be done by hand."""
    if project.ledger.id:
        return begun
    write_ledger(Path(project.root), begun.store, begun.id)
    return replace(begun, named=True)
