"""What a GitHub runner makes of a log: which lines it takes for commands, and what it reads out of them.

After its documented behaviour: a line whose first characters, white space aside, are `::` and that names a known command is one; otherwise `##[`
anywhere in the line may begin one of the older form.
"""

import re
from dataclasses import dataclass

KNOWN = {"error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "set-output", "save-state", "echo"}
KNOWN |= {"set-env", "add-path", "add-matcher", "remove-matcher", "stop-commands", "internal-set-repo-path"}
_NEW = re.compile(r"::([A-Za-z-]+)(?: ([^\n]*?))?::(.*)", re.DOTALL)
_OLD = re.compile(r"##\[([A-Za-z-]+)(?: ([^\]]*))?\](.*)", re.DOTALL)


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    data: str


def commands(log: str) -> list[Command]:
    """In order; respects `::stop-commands::`."""
    found: list[Command] = []
    stopped: str | None = None
    for line in re.split(r"\r\n|\r|\n", log):
        if stopped is not None:
            stopped = None if line.strip() == f"::{stopped}::" else stopped
            continue
        made = _command(line)
        if made is not None and made.name == "stop-commands":
            stopped = made.data
        elif made is not None:
            found.append(made)
    return found


def _command(line: str) -> Command | None:
    new = _NEW.match(line.lstrip())
    if new and new[1].lower() in KNOWN:
        return Command(new[1], _properties(new[2] or "", ","), _decoded(new[3]))
    old = _OLD.search(line)
    if old and old[1].lower() in KNOWN:
        return Command(old[1], _properties(old[2] or "", ";"), _decoded(old[3]))
    return None


def _properties(text: str, separator: str) -> dict[str, str]:
    pairs = (each.split("=", 1) for each in text.split(separator) if "=" in each)
    return {name.strip(): _decoded(value).replace("%3A", ":").replace("%2C", ",") for name, value in pairs}


def _decoded(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
