"""The options that mean the same everywhere, accepted before and after the command's name."""

import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.reports.style import Style

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Common:
    """None: not said."""

    directory: str | None = None
    workspace: str | None = None
    sandbox: bool | None = None
    color: str | None = None
    quiet: bool | None = None
    verbose: int | None = None

    def over(self, outer: "Common") -> "Common":
        """What is said after the command's name wins over what is said before it."""
        said = {
            field.name: getattr(self, field.name) for field in fields(self) if getattr(self, field.name) is not None
        }
        return replace(outer, **said)

    @property
    def start(self) -> Path:
        return Path(self.directory or ".")

    def style(self, *, error_stream: bool = False) -> Style:
        return Style(wants_color(self.color, sys.stderr if error_stream else sys.stdout))


def wants_color(choice: str | None, stream: Any) -> bool:
    """Flag over NO_COLOR over FORCE_COLOR over terminal."""
    if choice in ("always", "never"):
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


_OPTIONS = (
    click.option(
        "-C",
        "directory",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False),
        help="Work in DIR, as if started there.",
    ),
    click.option("--workspace", metavar="NAME", help="The workspace of msgflash.yaml [env: MSGFLASH_WORKSPACE]."),
    click.option("--sandbox", is_flag=True, default=None, help="Use the embedded sandbox instead of MsgFlash."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), help="Colours in text output."),
    click.option("--no-color", "color", flag_value="never", help="The same as --color never."),
    click.option("-q", "--quiet", is_flag=True, default=None, help="Only results and errors."),
    click.option("-v", "--verbose", count=True, default=None, help="Say more."),
)
_NAMES = tuple(field.name for field in fields(Common))


def group_options(function: Callable[..., None]) -> Callable[..., None]:
    """The common options on the group: kept for the command that follows."""

    def keep(**values: Any) -> None:
        click.get_current_context().obj = Common(**values)
        function()

    return _decorated(keep, function)


def common_options(formats: Sequence[str] = ()) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """The common options on a command, which gets them as `common`; with `formats`, also `--format` as `output`."""

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        def call(**values: Any) -> R:
            inner = Common(**{name: values.pop(name) for name in _NAMES})
            context = click.get_current_context()
            outer = context.obj or Common()
            context.color = True  # the style decides, click shall not take its codes out again
            return function(common=inner.over(outer), **values)

        call = _decorated(call, function)
        if formats:
            choice = click.Choice(list(formats))
            call = click.option(
                "--format", "output", type=choice, default=formats[0], show_default=True, help="Output."
            )(call)
        return call

    return decorate


def span_option(name: str, text: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
    """A span of time, `30s 5m 24h 7d`; the command gets it in seconds."""
    return click.option(name, metavar="SPAN", callback=_read_span, help=text)


def _read_span(context: click.Context, option: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,6})([smhd])", value)
    if found is None:
        raise click.BadParameter(f"{value!r} is no span of time: write it as 30s, 5m, 24h or 7d")
    return float(found[1]) * _SECONDS[found[2]]


def refresh_option(command: click.decorators.FC) -> click.decorators.FC:
    """The same for plan and apply."""
    text = "How much of what is remembered is asked for again, where the account has no list [msgflash.yaml: all]."
    return click.option("--refresh", type=click.Choice([each.value for each in Refresh]), help=text)(command)


def report_files(formats: Sequence[str]) -> Callable[[click.decorators.FC], click.decorators.FC]:
    """`--output FORMAT=PATH`, as often as wanted; the command gets them as `files`, pairs of format and path."""

    def read(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
        files = tuple(_report_file(value, formats) for value in values)
        for _, path in files:
            if sum(each == path for _, each in files) > 1:
                raise click.BadParameter(f"{path} is named twice: the second report would replace the first")
        return files

    return click.option(
        "--output",
        "files",
        multiple=True,
        metavar="FORMAT=PATH",
        callback=read,
        help="Also write that format to a file.",
    )


def _report_file(value: str, formats: Sequence[str]) -> tuple[str, Path]:
    name, equals, path = value.partition("=")
    if not equals or name not in formats or not path:
        raise click.BadParameter(f"{value!r}: write it as FORMAT=PATH; formats are {', '.join(formats)}")
    if path == "-":
        raise click.BadParameter(f"`-` is no file: for {name} on stdout, say --format {name}")
    return name, Path(path)


def _decorated(call: Callable[..., R], function: Callable[..., Any]) -> Callable[..., R]:
    call.__name__, call.__doc__ = function.__name__, function.__doc__
    call.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    for option in reversed(_OPTIONS):
        call = option(call)
    return call
