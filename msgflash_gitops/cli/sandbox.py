"""`sandbox`."""

import os
from pathlib import Path

import click

from msgflash_gitops.cli.masking import SECRETS
from msgflash_gitops.cli.options import Common, common_options
from msgflash_gitops.errors import UsageError

_HINT = "choose a loopback address with --host, and a free port with --port (0: any)"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--port", default=8787, show_default=True, type=click.IntRange(0, 65535), help="0: any free one.")
@click.option(
    "--database",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the state in FILE [default: in memory].",
)
@click.option("--list/--no-list", "lists", default=None, help="Answer GET /campaigns, or not.")
@click.option("--cancel/--no-cancel", "cancel", default=None, help="Let campaigns be cancelled, or not.")
@click.option(
    "--answers",
    type=click.Choice(("full", "minimal")),
    help="What create, pause and resume answer: the campaign, or `id` and `status` alone [default: full].",
)
@common_options()
def sandbox(
    common: Common,
    host: str,
    port: int,
    database: Path | None,
    lists: bool | None,
    cancel: bool | None,
    answers: str | None,
) -> None:
    """Serve the documented API on loopback, with sample data, until Ctrl-C. Nothing is ever sent from it."""
    from msgflash_gitops.sandbox import Behaviour, Sandbox
    from msgflash_gitops.sandbox.server import serve

    asked = {"lists": lists, "supports_cancel": cancel, "answers": answers, "create_answers": answers}
    behaviour = Behaviour(**{name: value for name, value in asked.items() if value is not None})  # type: ignore[arg-type]
    served = Sandbox(database=common.start / database if database else ":memory:", behaviour=behaviour)

    SECRETS.forget(served.api_key)

    def ready(url: str) -> None:
        click.echo(f"export MSGFLASH_BASE_URL={url}")
        click.echo(f"export MSGFLASH_API_KEY={served.api_key}")
        if not common.quiet:
            click.echo(f"The sandbox listens on {url} (process {os.getpid()}), Ctrl-C ends it.", err=True)

    try:
        serve(served, host, port, ready)
    except (ValueError, OSError) as error:
        raise UsageError(f"the sandbox cannot listen on {host} port {port}: {error}", hint=_HINT) from error
    finally:
        served.close()
