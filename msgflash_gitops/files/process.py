"""Processes of this machine, named so exactly that one that has ended is never taken for another."""

import os
from pathlib import Path

_PROC = Path("/proc")


def this_process() -> str | None:
    """The machine's boot, the namespace of process ids, the process id and when it began; None where the system does not say."""
    return _name(os.getpid())


def has_ended(process: str) -> bool:
    """Whether a process that `this_process` named has certainly ended. False for one of another machine, which nobody here can see."""
    here = this_process()
    if here is None:
        return False
    machine, _, _ = here.rpartition("/")
    boot, _, rest = process.rpartition("/")
    number = rest.partition(".")[0]
    if boot != machine or not number.isdigit():
        return False
    now = _name(int(number))
    return now != process and not (now is None and _is_hidden(int(number)))


def _is_hidden(number: int) -> bool:
    """Another user's process, where the system shows each user their own alone."""
    try:
        os.kill(number, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        pass
    return False


def _name(number: int) -> str | None:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (_PROC / "self/ns/pid").stat().st_ino
        status = (_PROC / str(number) / "stat").read_text()
    except (OSError, ValueError):
        return None
    fields = status.rpartition(")")[2].split()  # the program's name before it may hold anything
    state, began = fields[0], fields[19]
    return None if state in "ZX" else f"{boot}/{namespace}/{number}.{began}"
