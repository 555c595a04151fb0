"""The journal: one JSON line per step of an apply, each chained by hash to the line before it.

    {"at": …, "key": …, "operation": "create", "phase": "intent", …, "previous": <SHA-256 of the line before>}

A line is on disk before the write it announces. A line that a crash cut off stays where it is and is chained like any other.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.regular import check_regular, read_regular
from msgflash_gitops.model.json_value import Json, JsonObject

if sys.platform != "win32":
    import fcntl

_START = "0" * 64
_TAIL = 64 * 1024
LARGEST = 512 * 1024 * 1024


class FileJournal:
    """Appends to `path`; safe for several processes at once. `context` (project, workspace, run) is put on each line.

    `hide` masks secrets that an answer repeats.
    """

    def __init__(self, path: Path, context: JsonObject, hide: Callable[[str], str] = str) -> None:
        self._hide = hide
        self._path = path
        self._context = context

    def write(self, entry: JsonObject) -> None:
        """Raises InputError where the file cannot be written: without the journal, a crash could not be healed."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            check_regular(self._path)
            with self._path.open("a+b") as file, _locked(file):
                self._append(file, entry)
        except OSError as error:
            raise InputError(
                f"the journal {self._path} cannot be written: {error.strerror}",
                hint="choose another file with --journal, or go without it with --no-journal",
            ) from error

    def _append(self, file: IO[bytes], entry: JsonObject) -> None:
        last, torn = _last_line(file)
        previous = hashlib.sha256(last).hexdigest() if last else _START
        line = json.dumps({**self._context, **entry, "previous": previous}, sort_keys=True, ensure_ascii=False)
        file.write((b"\n" if torn else b"") + self._hide(line).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


class NoJournal:
    """`--no-journal`."""

    def write(self, entry: JsonObject) -> None:
        """Nothing is kept."""


@dataclass(frozen=True, slots=True)
class ChainFault:
    line: int
    message: str


def read_journal(path: Path, *, project: str, workspace: str) -> list[JsonObject]:
    """The entries of this project and workspace; lines that a crash cut off are left out. Empty where there is no journal."""
    try:
        data = read_regular(path, LARGEST)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(
            f"the journal {path} cannot be read: {error.strerror}", hint="choose another file with --journal"
        ) from error
    entries = (_parse(line) for line in data.splitlines())
    return [each for each in entries if each and (each.get("project"), each.get("workspace")) == (project, workspace)]


def verify_journal(path: Path) -> list[ChainFault]:
    """Where the chain is broken: a line was changed, removed or put in. A torn last line before the end is no fault."""
    faults: list[ChainFault] = []
    previous = _START
    for number, line in enumerate(read_regular(path, LARGEST).splitlines(), 1):
        entry = _parse(line)
        if entry is not None and entry.get("previous") != previous:
            faults.append(ChainFault(number, "does not follow from the line before: something was changed or removed"))
        previous = hashlib.sha256(line).hexdigest()
    return faults


def _parse(line: bytes) -> dict[str, Json] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _last_line(file: IO[bytes]) -> tuple[bytes, bool]:
    """The last line without its end, and whether that end is missing."""
    size = file.seek(0, os.SEEK_END)
    length = min(size, _TAIL)
    while True:
        file.seek(size - length)
        tail = file.read(length)
        body = tail.removesuffix(b"\n")
        if b"\n" in body or length == size:
            return body.rsplit(b"\n", 1)[-1], bool(tail) and not tail.endswith(b"\n")
        length = min(size, length * 2)


@contextmanager
def _locked(file: IO[bytes]) -> Iterator[None]:
    if sys.platform == "win32":
        yield  # one apply at a time per folder
    else:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
