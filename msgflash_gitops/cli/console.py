"""The terminal as the workflows see it."""

import asyncio
import os
import sys

import click

from msgflash_gitops.cli.options import Common
from msgflash_gitops.cli.output import notice
from msgflash_gitops.model.outcome import Result
from msgflash_gitops.model.plan import Plan
from msgflash_gitops.reports.apply import Progress
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.plan_text import plan_text, summary_line

_LONGEST_LINE = 4096


class Terminal:
    """Implements `ports.Console`. `output`: the format of the result; with another than text, stdout is for the result alone.

    `brief`: the plan is not shown before it is applied.
    """

    def __init__(self, common: Common, output: str = "text", *, brief: bool = False) -> None:
        self._common = common
        self._output = output
        self._brief = brief
        self._progress = Progress(common.style(error_stream=True))

    def tell(self, text: str) -> None:
        notice(plain(text), self._common)

    def show(self, plan: Plan) -> None:
        if self._output == "text" and not self._brief:
            click.echo(plan_text(plan, self._common.style(), verbose=bool(self._common.verbose)))

    async def ask(self, plan: Plan) -> bool:
        while True:
            click.echo(f"Apply this ({summary_line(plan)}) to workspace {plain(plan.workspace)}? [y/N]: ", nl=False)
            answer = (await _read_line()).strip().lower()
            if answer in ("", "n", "no", "y", "yes"):
                return answer in ("y", "yes")
            click.echo("Error: invalid input")

    def progress(self, result: Result) -> None:
        if self._output == "text" or result.error is not None:
            click.echo(self._progress.text(result), err=self._output != "text", nl=False)


async def _read_line() -> str:
    """From the terminal, while the event loop goes on: the lease is renewed, and Ctrl-C ends it. Raises Abort at the end of input."""
    sys.stdout.flush()
    if sys.platform == "win32":
        data = await asyncio.to_thread(sys.stdin.readline)
    else:
        loop, stdin = asyncio.get_running_loop(), sys.stdin.fileno()
        ready = loop.create_future()
        loop.add_reader(stdin, lambda: None if ready.done() else ready.set_result(None))
        try:
            await ready
        finally:
            loop.remove_reader(stdin)
        data = os.read(stdin, _LONGEST_LINE).decode(errors="replace")
    if not data:
        raise click.Abort
    return data
