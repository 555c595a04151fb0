"""The terminal as the workflows see it."""

import click

from msgflash_gitops.cli.options import Common
from msgflash_gitops.cli.output import notice
from msgflash_gitops.model.outcome import Result
from msgflash_gitops.model.plan import Plan
from msgflash_gitops.reports.apply import Progress
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.plan_text import plan_text, summary_line


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

    def ask(self, plan: Plan) -> bool:
        return click.confirm(f"Apply this ({summary_line(plan)}) to workspace {plan.workspace}?")

    def progress(self, result: Result) -> None:
        if self._output == "text" or result.error is not None:
            click.echo(self._progress.text(result), err=self._output != "text", nl=False)
