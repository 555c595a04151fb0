"""`validate`."""

from pathlib import Path

import click

from msgflash_gitops.cli.options import Common, common_options, report_files

FORMATS = ("text", "json", "github", "sarif", "gitlab")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@report_files(FORMATS)
@common_options(formats=FORMATS)
def validate(common: Common, output: str, files: tuple[tuple[str, Path], ...], paths: tuple[Path, ...]) -> int:
    """Check the definitions (all, or those in PATHS) without an account: YAML, schema, times, rules across files, content."""
    from msgflash_gitops.cli.run_validate import run_validate

    return run_validate(common, paths, output, files)
