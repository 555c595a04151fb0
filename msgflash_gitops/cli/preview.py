"""`preview`."""

from pathlib import Path

import click

from msgflash_gitops.cli.options import Common, common_options
from msgflash_gitops.cli.output import show_findings


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write to FILE instead.")
@common_options(formats=("text", "html"))
def preview(common: Common, output: str, keys: tuple[str, ...], out: Path | None) -> int:
    """Show what recipients see (all definitions, or those with these KEYs), with sample values, without an account."""
    from msgflash_gitops.cli.pages import preview_page, write_page
    from msgflash_gitops.files.project import load_project
    from msgflash_gitops.model.finding import has_errors
    from msgflash_gitops.workflows.preview import preview as run

    project = load_project(common.start)
    seen = run(project, keys, common.workspace)
    page = preview_page(seen, project, output, common.style() if out is None else None)
    if out is None:
        click.echo(page, nl=False)
    else:
        write_page(common.start / out, page)
    show_findings(seen.findings, common)
    return 1 if has_errors(seen.findings) else 0
