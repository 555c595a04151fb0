"""`instances`, `templates`, `groups`."""

import asyncio
import os

import click

from msgflash_gitops.cli.options import Common, common_options
from msgflash_gitops.cli.output import write_json


async def _show(common: Common, output: str, noun: str) -> None:
    from msgflash_gitops.files.project import load_project
    from msgflash_gitops.msgflash import SystemClock
    from msgflash_gitops.reports.labels import labels_object, labels_text
    from msgflash_gitops.workflows.labels import read_labels
    from msgflash_gitops.workflows.session import choose_workspace, open_session

    project = load_project(common.start)
    workspace = choose_workspace(project, common.workspace, os.environ)
    async with open_session(project, workspace, SystemClock(), sandbox=bool(common.sandbox)) as session:
        table = await read_labels(session.api, noun)
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
