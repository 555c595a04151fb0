"""`diff`."""

import click

from msgflash_gitops.cli.options import Common, common_options
from msgflash_gitops.cli.output import write_json
from msgflash_gitops.planning.revision import Comparison


@click.command()
@click.argument("base", required=False, metavar="[BASE]")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where anything differs, 0 where nothing does.")
@common_options(formats=("text", "json", "markdown"))
def diff(common: Common, output: str, base: str | None, detailed_exitcode: bool) -> int:
    """Show what the definitions' change since a git revision means, campaign by campaign. Asks no account.

    BASE is a commit, a branch or a tag; `BRANCH...` is where HEAD left that branch. Without it: where HEAD left the default branch of
    the remote `upstream` or `origin`, or HEAD itself where there is no remote.
    """
    from msgflash_gitops.files.project import load_project
    from msgflash_gitops.msgflash import SystemClock
    from msgflash_gitops.workflows.diff import diff as run
    from msgflash_gitops.workflows.session import choose_workspace

    project = load_project(common.start)
    workspace = choose_workspace(project, common.workspace, {}).name if common.workspace else None
    seen = run(project, base, workspace, SystemClock().now())
    if output == "json":
        from msgflash_gitops.reports.diff_json import diff_object

        write_json(diff_object(seen))
    else:
        click.echo(_written(seen, output, common), nl=False)
    if not seen.ok:
        return 1
    return 2 if detailed_exitcode and seen.revision else 0


def _written(seen: Comparison, output: str, common: Common) -> str:
    if output == "markdown":
        from msgflash_gitops.reports.diff_markdown import diff_markdown

        return diff_markdown(seen)
    from msgflash_gitops.reports.diff import diff_text

    return diff_text(seen, common.style())
