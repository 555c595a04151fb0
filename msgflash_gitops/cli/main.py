"""The command line: the group, the lazy commands, and the one error boundary."""

import difflib
import importlib
import os
import sys
import traceback
from itertools import pairwise
from typing import NoReturn

import click

from msgflash_gitops import __version__
from msgflash_gitops.cli.masking import guard_streams
from msgflash_gitops.cli.options import Common, group_options
from msgflash_gitops.cli.output import error_object, show_error, write_json
from msgflash_gitops.errors import GitopsError

COMMANDS = {
    "validate": "Check definitions without an account.",
    "diff": "Show what changed since a git revision, without an account.",
    "plan": "Show what apply would do.",
    "apply": "Bring the account to what git says.",
    "audit": "List every send of the account, and what git does not know of.",
    "link": "Say which campaign belongs to a key, or that none does.",
    "unlink": "Give a campaign up without stopping it.",
    "ledger": "Make, show, check and write out the project's memory.",
    "preview": "Show what recipients see.",
    "instances": "List the account's instances (labels, numbers, status).",
    "templates": "List the account's templates.",
    "groups": "List the account's contact groups.",
    "schema": "Print a JSON Schema.",
    "sandbox": "Serve the documented API on loopback, with sample data.",
}
_MODULES = {"instances": "labels", "templates": "labels", "groups": "labels", "unlink": "link"}


class LazyGroup(click.Group):
    """Imports a command's module only when that command is called or asked for help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"msgflash_gitops.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Click knows no near name of commands that are not loaded."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name.lower(), COMMANDS, n=2, cutoff=0.5)
            ask = f" Did you mean {' or '.join(near)}?" if near else ""
            raise click.UsageError(f"No such command {name!r}.{ask}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", prog_name="msgflash-gitops")
@group_options
def cli() -> None:
    """Campaign-as-code for MsgFlash: WhatsApp campaigns in versioned YAML, reviewed with plan, sent once with apply.

    \b
    Exit codes: 0 done, 1 definitions at fault, 2 changes pending (--detailed-exitcode), 3 API not usable,
    4 saved plan stale, 5 applied in part, 6 outcome unknown, 64 wrong usage, 70 a bug of ours.
    """


def main() -> NoReturn:
    """Run, and turn whatever happens into a message and an exit code."""
    guard_streams()
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    try:
        code = cli.main(arguments, prog_name="msgflash-gitops", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.Abort:
        click.echo("aborted, nothing was sent", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return 64
    except GitopsError as error:
        return _known(error, arguments)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return 130
    except Exception as error:
        return _bug(error, arguments)
    return code if isinstance(code, int) else 0


def _known(error: GitopsError, arguments: list[str]) -> int:
    if _wants_json(arguments):
        write_json(error_object(error))
    show_error(error, Common(color="never" if "--no-color" in arguments else None))
    return error.exit_code


def _wants_json(arguments: list[str]) -> bool:
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


def _bug(error: Exception, arguments: list[str]) -> int:
    """No message of the error itself: it may hold what must not be shown."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{_place(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames]
    click.echo(f"error: a bug in msgflash-gitops {__version__}: {type(error).__name__}", err=True)
    for place in places[-6:]:
        click.echo(f"    at {place}", err=True)
    click.echo("    hint: please report it with these lines and the command that was run", err=True)
    if "-vv" in arguments:
        traceback.print_exception(error)
    return 70


def _place(path: str) -> str:
    """Below the package, or the bare file name: a report says nothing about the machine."""
    _, inside, rest = path.rpartition("msgflash_gitops")
    return rest if inside else os.path.basename(path)  # noqa: PTH119 - a frame's file need not be a path
