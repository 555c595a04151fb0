"""`schema`."""

import click

from msgflash_gitops.cli.options import Common, common_options


@click.command()
@click.argument(
    "name",
    type=click.Choice(["campaign", "project", "plan", "validate", "apply", "audit", "diff", "ledger"]),
    default="campaign",
)
@common_options()
def schema(common: Common, name: str) -> None:
    """Print the JSON Schema of definitions (campaign), of msgflash.yaml (project), or of what a command prints as JSON."""
    from msgflash_gitops.files.schemas import schema_text

    click.echo(schema_text(name), nl=False)
