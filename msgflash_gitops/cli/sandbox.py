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
@common_options()
def sandbox(common: Common, host: str, port: int, database: Path | None) -> None:
    """Serve the documented API on loopback, with sample data, until Ctrl-C. Nothing is ever sent from it."""
    from msgflash_gitops.sandbox import Sandbox
    from msgflash_gitops.sandbox.server import serve

    served = Sandbox(database=common.start / database if database else ":memory:")

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
