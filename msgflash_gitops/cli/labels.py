"""`instances`, `templates`, `groups`."""

import asyncio

import click

from msgflash_gitops.cli.options import Common, common_options
from msgflash_gitops.cli.output import write_json


async def _show(common: Common, output: str, noun: str) -> None:
    from msgflash_gitops.cli.access import access_of
    from msgflash_gitops.cli.console import Terminal
    from msgflash_gitops.reports.labels import labels_object, labels_text
    from msgflash_gitops.workflows.labels import read_labels
    from msgflash_gitops.workflows.session import open_account

    async with open_account(access_of(common, Terminal(common))) as (api, _):
        table = await read_labels(api, noun)
    if output == "json":
        write_json(labels_object(table))
    else:
        click.echo(labels_text(table, common.style()), nl=False)


@click.command()
@common_options(formats=("text", "json"))
def instances(common: Common, output: str) -> None:
    """List the account's instances: the labels for `instance:`, with id, number and status."""
    asyncio.run(_show(common, output, "instance"))


@click.command()
@common_options(formats=("text", "json"))
def templates(common: Common, output: str) -> None:
    """List the account's templates: the labels for `template:`, with id, type, variables and text."""
    asyncio.run(_show(common, output, "template"))


@click.command()
@common_options(formats=("text", "json"))
def groups(common: Common, output: str) -> None:
    """List the account's contact groups: the labels for `recipients: {type: group, group: …}`, with id and size."""
    asyncio.run(_show(common, output, "group"))
