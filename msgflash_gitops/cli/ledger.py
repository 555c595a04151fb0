"""`ledger init`, `show`, `verify`, `export`, `unlock`."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from msgflash_gitops.cli.masking import SECRETS
from msgflash_gitops.cli.options import Common, common_options
from msgflash_gitops.cli.output import notice, write_json
from msgflash_gitops.errors import InputError, LedgerError, UsageError
from msgflash_gitops.storage.ledger.registry import STORES

if TYPE_CHECKING:
    from msgflash_gitops.workflows.ledger.begin import Begun
    from msgflash_gitops.workflows.ledger.reading import Place

_LARGEST = 512 * 1024 * 1024
_PRIVATE = 0o600


@click.group()
def ledger() -> None:
    """The project's memory of the account: make it, show it, check it, write it out, free its lease. Needs no API key."""


@ledger.command()
@click.option("--store", type=click.Choice(STORES), help="Where it lies [msgflash.yaml, else file].")
@click.option(
    "--from",
    "source",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Put in what `ledger export` wrote, for one workspace.",
)
@click.option(
    "--unlock",
    "dead",
    metavar="RUN_ID",
    help="With --from: free the lease that this run held when FILE was written. Only if you know that the run is dead.",
)
@common_options()
def init(common: Common, store: str | None, source: Path | None, dead: str | None) -> None:
    """Begin the ledger of every workspace (or of the one of --workspace), and write its id into msgflash.yaml.

    First the store is tried: it must refuse the second of two conflicting appends. Run again, it goes on where it was cut off.
    """
    if common.sandbox:
        raise UsageError("the sandbox begins its ledger by itself", hint="leave out --sandbox, or `ledger init`")
    if dead and source is None:
        raise UsageError("--unlock goes with --from", hint="to free a lease: `ledger unlock RUN_ID`")
    begun = asyncio.run(_init(common, store, source, dead))
    for line in _said_of(begun):
        click.echo(line)
    if begun.store == "file" and begun.places:
        notice("It lies on this machine alone: machines that share an account need a store that they share.", common)
    if begun.last is not None and begun.places:
        notice(
            f"Its last entry is of {begun.last:%Y-%m-%d %H:%M:%S} UTC: what was applied after that is not known here. "
            "If anything was, look in the dashboard before you apply.",
            common,
        )


async def _init(common: Common, store: str | None, source: Path | None, dead: str | None) -> "Begun":
    from msgflash_gitops.files.project import load_project
    from msgflash_gitops.msgflash import SystemClock
    from msgflash_gitops.workflows.ledger.begin import begin, restore
    from msgflash_gitops.workflows.session import choose_workspace

    project = load_project(common.start)
    if source is not None:
        workspace = choose_workspace(project, common.workspace, os.environ).name
        data = _exported(common.start / source)
        return await restore(project, os.environ, SystemClock(), data, workspace=workspace, store=store, dead=dead)
    named = choose_workspace(project, common.workspace, {}).name if common.workspace else None
    return await begin(project, os.environ, SystemClock(), store=store, workspace=named)


def _exported(path: Path) -> bytes:
    from msgflash_gitops.files.regular import read_regular

    try:
        return read_regular(path, _LARGEST)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None


def _said_of(begun: "Begun") -> list[str]:
    from msgflash_gitops.reports.clean import plain
    from msgflash_gitops.reports.ledger import counted

    if not begun.places and not begun.named:
        return [f"There is nothing to do: the ledger {begun.id} is there, and msgflash.yaml names it."]
    done = f"restored, {counted(begun.entries, 'entry', 'entries')}" if begun.last else "begun"
    lines = [f"Ledger {begun.id}"]
    lines += [f"  workspace {plain(name)}: {done} ({plain(place)})" for name, place in begun.places.items()]
    if begun.named:
        lines.append("msgflash.yaml names it now: commit that change.")
    return lines


def _place(common: Common) -> "Place":
    from msgflash_gitops.files.project import load_project
    from msgflash_gitops.workflows.ledger.reading import Place
    from msgflash_gitops.workflows.session import choose_workspace

    project = load_project(common.start)
    workspace = choose_workspace(project, common.workspace, os.environ).name
    return Place(project, workspace, os.environ, sandbox=bool(common.sandbox))


@ledger.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@common_options(formats=("text", "json"))
def show(common: Common, output: str, keys: tuple[str, ...]) -> None:
    """Show what the ledger tells: a line per key, or everything about these KEYs; what is in doubt; who holds the lease."""
    from msgflash_gitops.reports.ledger import ledger_object, ledger_text
    from msgflash_gitops.workflows.ledger.reading import show as run

    place = _place(common)
    story = asyncio.run(run(place, keys))
    if not place.named and not place.sandbox:
        notice("msgflash.yaml does not name this ledger yet: `ledger init` does that.", common)
    if output == "json":
        write_json(ledger_object(story, keys))
    else:
        click.echo(ledger_text(story, keys, common.style()), nl=False)


@ledger.command()
@common_options(formats=("text", "json"))
def verify(common: Common, output: str) -> None:
    """Read the whole ledger and check its chain: each entry holds the digest of the one before it."""
    from msgflash_gitops.reports.ledger import verified_object, verified_text
    from msgflash_gitops.workflows.ledger.reading import read_ledger

    place = _place(common)
    checked = asyncio.run(read_ledger(place))
    entries = len(checked.entries)
    if output == "json":
        write_json(verified_object(place.project.name, place.workspace, checked.ref, checked.place, entries))
    else:
        click.echo(verified_text(checked.ref, entries), nl=False)


@ledger.command()
@click.option("--output", "target", metavar="FILE", type=click.Path(path_type=Path), help="[default: stdout]")
@common_options()
def export(common: Common, target: Path | None) -> None:
    """Write out the ledger of one workspace, checked, line by line: a backup, or to move it with `ledger init --from`."""
    from msgflash_gitops.files.regular import write_whole
    from msgflash_gitops.reports.ledger import counted, holder_text
    from msgflash_gitops.workflows.ledger.reading import export as run

    data, held = asyncio.run(run(_place(common)))
    if held is not None:
        notice(
            f"warning: a run is at work: {holder_text(held)}. Export again when it has ended: this copy is taken back with --unlock only.",
            common,
        )
    if target is None or str(target) == "-":
        _to_stdout(data)
        return
    try:
        write_whole(common.start / target, data, _PRIVATE)
    except OSError as error:
        raise UsageError(f"the ledger cannot be written to {target}: {error.strerror}") from None
    notice(f"{counted(len(data.splitlines()), 'entry', 'entries')} written to {target}", common)


def _to_stdout(data: bytes) -> None:
    """As it is, or not at all: with a secret masked it would be another ledger."""
    if SECRETS.hide_bytes(data) != data:
        raise LedgerError(
            "the ledger repeats a text that is masked on stdout", hint="write it to a file: --output FILE"
        )
    click.echo(data, nl=False)


@ledger.command()
@click.argument("run_id")
@common_options()
def unlock(common: Common, run_id: str) -> None:
    """Free the lease of the run RUN_ID (its id, or the first 8 characters or more of it). Only if you know that the run is dead."""
    from msgflash_gitops.msgflash import SystemClock
    from msgflash_gitops.reports.ledger import holder_text
    from msgflash_gitops.workflows.ledger.reading import unlock as run

    held = asyncio.run(run(_place(common), SystemClock(), run_id))
    click.echo(f"The lease is free. It was held by {holder_text(held)}; that run writes nothing more.")
