"""`link` and `unlink`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from msgflash_gitops.cli.options import Common, common_options, span_option
from msgflash_gitops.cli.output import write_json
from msgflash_gitops.errors import UsageError

if TYPE_CHECKING:
    from msgflash_gitops.model.definition import Definition
    from msgflash_gitops.workflows.link import Said
    from msgflash_gitops.workflows.session import Session

T = TypeVar("T")
_WAIT = "How long to wait for another run to end. [default: 10m in CI, otherwise 0s]"


@click.command()
@click.argument("key")
@click.argument("campaign_id", metavar="[ID]", required=False)
@click.option("--none", "none", is_flag=True, help="The create in doubt left nothing behind: it may be created again.")
@span_option("--lease-wait", _WAIT)
@common_options(formats=("text", "json"))
def link(common: Common, output: str, key: str, campaign_id: str | None, none: bool, lease_wait: float | None) -> None:
    """Say which campaign (by its ID) belongs to KEY, or that a create in doubt left --none behind."""
    from msgflash_gitops.workflows.link import link as link_to
    from msgflash_gitops.workflows.link import link_none

    if none == (campaign_id is not None):
        raise UsageError("say either the campaign's ID or --none", hint=f"link {key} ID, or link {key} --none")

    async def work(session: "Session", definitions: "Sequence[Definition]") -> "Said":
        if campaign_id is None:
            return await link_none(session, key, definitions)
        return await link_to(session, key, campaign_id, definitions)

    said = _run(common, "link", lease_wait, work)
    if output == "json":
        write_json({**_object(said), "action": "none" if none else "linked"})
    elif none:
        click.echo(
            f"{key}: its create left nothing behind. The next apply creates it, if it is still in git and in time."
        )
    else:
        again = " already" if said.already else ""
        click.echo(f"{key}: {said.campaign_id} ({said.status}) belongs to it{again}.")


@click.command()
@click.argument("key")
@click.argument("campaign_id", metavar="[ID]", required=False)
@span_option("--lease-wait", _WAIT)
@common_options(formats=("text", "json"))
def unlink(common: Common, output: str, key: str, campaign_id: str | None, lease_wait: float | None) -> None:
    """Give up what is remembered for KEY (or its campaign ID alone) without stopping it: it is no longer this project's."""
    from msgflash_gitops.workflows.link import unlink as give_up

    async def work(session: "Session", definitions: "Sequence[Definition]") -> "tuple[Said, ...]":
        return await give_up(session, key, campaign_id, definitions)

    given_up = _run(common, "unlink", lease_wait, work)
    if output == "json":
        write_json(
            {
                "version": 1,
                "ok": True,
                "key": key,
                "action": "unlinked",
                "campaigns": [_object(each) for each in given_up],
            }
        )
    else:
        for each in given_up:
            click.echo(f"{key}: {each.campaign_id} was given up; what it does from now on is not this project's.")


def _run(
    common: Common,
    command: str,
    lease_wait: float | None,
    work: "Callable[[Session, Sequence[Definition]], Awaitable[T]]",
) -> T:
    """Under the lease of the ledger, with the definitions that are valid."""
    from msgflash_gitops.cli.access import access_of, patience
    from msgflash_gitops.cli.console import Terminal
    from msgflash_gitops.files.definitions import load_definitions
    from msgflash_gitops.workflows.session import open_session

    access = access_of(common, Terminal(common))
    definitions = load_definitions(access.project).definitions
    mine = [each for each in definitions if each.workspaces is None or access.workspace.name in each.workspaces]

    async def run() -> T:
        async with (
            open_session(access, begin=True) as session,
            session.writing(command, wait=patience(lease_wait)),
        ):
            return await work(session, mine)

    return asyncio.run(run())


def _object(said: "Said") -> dict[str, bool | int | str | None]:
    return {
        "version": 1,
        "ok": True,
        "key": said.key,
        "campaign_id": said.campaign_id,
        "status": said.status,
        "already": said.already,
    }
