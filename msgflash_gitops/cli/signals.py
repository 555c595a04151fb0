"""Ctrl-C and SIGTERM, while something is applied."""

import asyncio
import os
import signal
import sys

import click

from msgflash_gitops.executor.settings import Stopper

_LEFT_AT_ONCE = 6


def listen(stopper: Stopper) -> None:
    """From inside the task that applies. The first signal lets the requests in flight finish, or ends what has sent nothing yet;
    the second leaves at once.
    """
    task = asyncio.current_task()

    def stop() -> None:
        if stopper.stopping:
            click.echo(
                "left at once: what was in flight may have landed. Apply again: it finds that out, or names what is in doubt",
                err=True,
            )
            os._exit(_LEFT_AT_ONCE)
        stopper.stop()
        if stopper.carrying_out or task is None:
            click.echo(
                "stopping: finishing what is in flight, starting nothing more (again to leave at once)", err=True
            )
        else:
            click.echo("stopping: nothing was sent", err=True)
            task.cancel()

    if sys.platform == "win32":
        return  # no signal handlers in its event loop: Ctrl-C leaves at once, as the second signal does elsewhere
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
