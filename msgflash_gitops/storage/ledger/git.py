"""The ledger as a branch of the repository's remote: an append is a commit, pushed only onto the one that it was made from.

    <project>/<workspace>/0000/00000001.jsonl    lines 1 to 100
    <project>/<workspace>/0000/00000101.jsonl    lines 101 to 200, and so on; a folder per 10,000 lines

Files and folders stay small, so that an append adds a few kilobytes however long the ledger is. Several projects and workspaces share
the branch: an append of another one moves the branch, but not our lines, and ours is made again on top of it.
"""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgflash_gitops.errors import HeadMoved, LedgerError, LedgerLost
from msgflash_gitops.storage.ledger.git_branch import Blob, Pushed, RemoteBranch, pause

_PER_FILE = 100
_PER_FOLDER = 10_000
_FILES_AT_ONCE = 100
_RACES = 60
_LOSSES = 3


@dataclass(frozen=True, slots=True)
class _State:
    """The branch as it was seen: its commit, how many lines our folder has, and those of the last file that is not full."""

    tip: str | None
    lines: int = 0
    tail: tuple[bytes, ...] = ()


class GitStore:
    """Implements `ports.LedgerStore`. `root` is a folder of a clone, shallow or not, whatever is checked out there."""

    kind = "git"

    def __init__(self, root: Path, *, project: str, workspace: str, remote: str, branch: str) -> None:
        self._branch = RemoteBranch(root, remote, branch)
        self._folder = f"{project}/{workspace}"
        self._state: _State | None = None
        self._pushed = False
        self._one = threading.Lock()
        self.place = self._branch.place

    async def read(self, after: int = 0) -> list[bytes]:
        return await asyncio.to_thread(self._read, after)

    async def append(self, head: int, lines: Sequence[bytes]) -> None:
        await asyncio.to_thread(self._append, head, lines)

    async def discard(self) -> None:
        """Remove our folder: for a chain that was only tried. The commits that made it stay."""
        await asyncio.to_thread(self._discard)

    async def close(self) -> None:
        if self._pushed and self._state is not None and self._state.tip is not None:
            await asyncio.to_thread(self._branch.remember, self._state.tip)

    def _read(self, after: int) -> list[bytes]:
        with self._one:
            state = self._state
            if state is not None and after == state.lines and self._branch.tip() == state.tip:
                return []
            return self._look(after)

    def _look(self, after: int) -> list[bytes]:
        """What the branch holds now behind line `after`; keeps what the next append needs."""
        tip = self._branch.fetch()
        files = self._branch.files(tip, self._folder) if tip is not None else []
        names = [_path(self._folder, 1 + _PER_FILE * number) for number in range(len(files))]
        if [file.path for file in files] != names:
            raise self._odd("is not as it was written: files are missing or were put in")
        first = max(0, min(after // _PER_FILE, len(files) - 1))
        lines = self._lines(files, first)
        total = first * _PER_FILE + len(lines)
        if self._state is not None and total < self._state.lines:
            raise self._odd("became shorter while it was in use")
        tail = lines[(total // _PER_FILE - first) * _PER_FILE :]
        self._state = _State(tip, total, tuple(tail))
        return lines[max(0, after - first * _PER_FILE) :]

    def _lines(self, files: list[Blob], first: int) -> list[bytes]:
        lines: list[bytes] = []
        for begin in range(first, len(files), _FILES_AT_ONCE):
            some = files[begin : begin + _FILES_AT_ONCE]
            for number, content in enumerate(self._branch.contents(some), begin + 1):
                found = content.split(b"\n")
                if found.pop() or not 0 < len(found) <= _PER_FILE or (len(found) < _PER_FILE and number < len(files)):
                    raise self._odd(f"is not as it was written: {files[number - 1].path} is not whole")
                lines += found
        return lines

    def _odd(self, what: str) -> LedgerError:
        return LedgerError(
            f"the ledger on {self.place}, folder {self._folder}, {what}",
            hint="look at the branch's history with `git log`, and put back what was there",
        )

    def _append(self, head: int, lines: Sequence[bytes]) -> None:
        with self._one:
            for attempt in range(_RACES):
                if self._state is None or self._state.lines != head:
                    self._look(self._state.lines if self._state else 0)
                state = self._state
                if state is None or state.lines != head:
                    raise HeadMoved(f"the ledger on {self.place} was continued by somebody else")
                files = _continued(self._folder, state, lines)
                message = f"Ledger of {self._folder}: {head + 1} to {head + len(lines)} [skip ci]"
                commit = self._branch.commit(state.tip, files, message)
                if self._landed(commit, state, lines):
                    return
                pause(attempt)
        raise LedgerError(
            f"the {self.place} moves all the time: {_RACES} pushes came second", hint="try again when fewer runs write"
        )

    def _landed(self, commit: str, state: _State, lines: Sequence[bytes]) -> bool:
        """Push it, and where the answer leaves it open, look. False where the branch has moved on without it."""
        for attempt in range(_LOSSES):
            pushed = self._branch.push(commit, state.tip)
            if pushed is Pushed.LANDED:
                self._continue(commit, state, lines)
                return True
            try:
                tip = self._branch.fetch()
            except LedgerError as error:
                raise LedgerLost(
                    f"a push to the {self.place} got no answer, and it cannot be looked up: {error.message}",
                    hint=error.hint,
                ) from None
            if tip is not None and self._branch.holds(tip, commit):
                self._continue(commit, state, lines)
                return True
            if tip != state.tip:
                self._look(state.lines)
                return False
            pause(attempt + 3)
        if pushed is Pushed.RACED:
            raise LedgerError(
                f"the {self.place} takes no push: it is locked on the remote", hint="try again in a minute"
            )
        raise LedgerLost(f"pushes to the {self.place} get no answer: it cannot be told whether one still lands")

    def _continue(self, commit: str, state: _State, lines: Sequence[bytes]) -> None:
        total = state.lines + len(lines)
        rest = total % _PER_FILE
        tail = (*state.tail, *lines)[-rest:] if rest else ()
        self._state = _State(commit, total, tuple(tail))
        self._pushed = True

    def _discard(self) -> None:
        with self._one:
            for attempt in range(_RACES):
                tip = self._branch.fetch()
                if tip is None or not self._branch.files(tip, self._folder):
                    return
                commit = self._branch.commit(tip, {self._folder: None}, f"Remove {self._folder} [skip ci]")
                if self._branch.push(commit, tip) is Pushed.LANDED:
                    self._state = None
                    return
                pause(attempt)


def _path(folder: str, first: int) -> str:
    return f"{folder}/{(first - 1) // _PER_FOLDER:04d}/{first:08d}.jsonl"


def _continued(folder: str, state: _State, lines: Sequence[bytes]) -> dict[str, bytes | None]:
    """The files that an append writes: the last one, longer, and new ones."""
    rest = [*state.tail, *lines]
    first = state.lines - len(state.tail) + 1
    files: dict[str, bytes | None] = {}
    for start in range(0, len(rest), _PER_FILE):
        files[_path(folder, first + start)] = b"".join(line + b"\n" for line in rest[start : start + _PER_FILE])
    return files
