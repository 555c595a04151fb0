"""Writes the lower part of docs/commands.md from the commands' own help.

python -m tests.docs.commands
"""

import re

import click

from msgflash_gitops.cli.main import COMMANDS, cli
from tests.architecture.sources import ROOT

PAGE = ROOT / "docs" / "commands.md"
NOTE = "<!-- What follows is generated: python -m tests.docs.commands -->"
WIDTH = 96


def written() -> str:
    """The page as it should be: what people wrote above the note, and every command's help below it."""
    above, note, _ = PAGE.read_text(encoding="utf-8").partition(NOTE)
    assert note, f"{PAGE.name} has lost the line {NOTE}"
    return f"{above}{NOTE}\n\n{generated()}"


def generated() -> str:
    settings = {**cli.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    group = click.Context(cli, info_name="msgflash-gitops", **settings)
    parts = [_part("msgflash-gitops", cli.get_help(group))]
    for name in COMMANDS:
        command = cli.get_command(group, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=group, **settings)
        parts.append(_part(name, command.get_help(context)))
        for inner, one in sorted(command.commands.items()) if isinstance(command, click.Group) else ():
            below = click.Context(one, info_name=inner, parent=context, **settings)
            parts.append(_part(f"{name} {inner}", one.get_help(below)))
    return "\n".join(parts)


def names() -> list[str]:
    """Every command that does something: of a group, those below it."""
    return [
        each
        for each in re.findall(r"^## (.+)$", generated(), re.MULTILINE)
        if each not in ("msgflash-gitops", "ledger")
    ]


def _part(name: str, text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.rstrip().splitlines())
    return f"## {name}\n\n```text\n{lines}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
