"""`validate`."""

from pathlib import Path

import click

from msgflash_gitops.cli.options import Common, common_options
from msgflash_gitops.cli.output import write_json


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@common_options(formats=("text", "json"))
def validate(common: Common, output: str, paths: tuple[Path, ...]) -> int:
    """Check the definitions (all, or those in PATHS) without an account: YAML, schema, times, rules across files."""
    from msgflash_gitops.files.project import load_project
    from msgflash_gitops.reports.validate import validation_object, validation_text
    from msgflash_gitops.workflows.validate import validate as run

    result = run(load_project(common.start), [common.start / path for path in paths])
    if output == "json":
        write_json(validation_object(result))
    else:
        click.echo(validation_text(result, common.style()), nl=False)
    return 0 if result.ok else 1
