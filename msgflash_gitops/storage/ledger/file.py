"""The ledger as a file of one machine: a line per entry.

Appends are made under a lock and are on disk when they return. What follows the last line end was cut off by a crash before it was
acknowledged: reading passes over it, and the next append puts its lines in its place.
"""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgflash_gitops.errors import HeadMoved, LedgerError, LedgerLost
from msgflash_gitops.storage.ledger.locks import locked, open_regular

if sys.platform != "win32":
    import fcntl

LARGEST = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far the file was read: so many lines end at that offset of that file."""

    file: tuple[int, int]
    lines: int
    offset: int


class FileStore:
    """Implements `ports.LedgerStore` with the file `path`. `place` is how people are told of it."""

    kind = "file"

    def __init__(self, path: Path, place: str | None = None) -> None:
        self._path = path
        self._lock = path.with_name(path.name + ".lock")
        self._mark: _Mark | None = None
        self.place = place or str(path)

    async def read(self, after: int = 0) -> list[bytes]:
        return await asyncio.to_thread(self._read, after)

    async def append(self, head: int, lines: Sequence[bytes]) -> None:
        await asyncio.to_thread(self._append, head, lines)

    async def discard(self) -> None:
        """Remove the file: for a chain that was only tried."""
        with _explained(self.place, "removed"):
            self._path.unlink(missing_ok=True)
            self._lock.unlink(missing_ok=True)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _read(self, after: int) -> list[bytes]:
        with _explained(self.place, "read"):
            if not os.path.lexists(self._path):
                return []
            with self._reading():
                handle = open_regular(self._path, os.O_RDONLY)
                try:
                    skipped, lines = self._new_lines(handle, after)
                finally:
                    os.close(handle)
        return lines[after - skipped :] if after > skipped else lines

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Under the lock, so that no half of an append is seen; without it where the folder cannot be written."""
        if os.access(self._path.parent, os.W_OK):
            with locked(self._lock):
                yield
        else:
            yield

    def _new_lines(self, handle: int, after: int) -> tuple[int, list[bytes]]:
        """How many lines were passed over, and the whole lines behind them. Remembers where the last one ends."""
        status = os.fstat(handle)
        if status.st_size > LARGEST:
            raise LedgerError(
                f"{self.place} holds {status.st_size:,} bytes: more than {LARGEST:,} is no ledger of ours"
            )
        file = (status.st_dev, status.st_ino)
        mark = self._mark if self._mark is not None and self._mark.file == file else _Mark(file, 0, 0)
        if status.st_size < mark.offset:
            raise LedgerError(
                f"{self.place} became shorter while it was in use: lines were removed",
                hint="restore it from a copy; `ledger verify` checks it",
            )
        if after < mark.lines:
            mark = _Mark(file, 0, 0)
        data = _read_from(handle, mark.offset)
        end = data.rfind(b"\n") + 1
        lines = data[:end].split(b"\n")
        lines.pop()
        self._mark = _Mark(file, mark.lines + len(lines), mark.offset + end)
        return mark.lines, lines

    def _append(self, head: int, lines: Sequence[bytes]) -> None:
        with _explained(self.place, "written"):
            _make_folder(self._path.parent)
            with locked(self._lock):
                self._put(head, lines)

    def _put(self, head: int, lines: Sequence[bytes]) -> None:
        new = not self._path.exists()
        if new and head:
            raise HeadMoved(f"{self.place} is gone")
        handle = open_regular(self._path, os.O_RDWR | os.O_CREAT)
        try:
            self._new_lines(handle, self._mark.lines if self._mark else 0)
            mark = self._mark
            if mark is None or mark.lines != head:
                raise HeadMoved(f"{self.place} was written by somebody else")
            data = b"".join(line + b"\n" for line in lines)
            _put(handle, mark.offset, data, self.place)
            self._mark = _Mark(mark.file, head + len(lines), mark.offset + len(data))
        finally:
            os.close(handle)
        if new:
            _sync_folder(self._path.parent)


def _put(handle: int, offset: int, data: bytes, place: str) -> None:
    """All of it behind `offset` and on disk, or none of it."""
    try:
        os.ftruncate(handle, offset)
        os.lseek(handle, offset, os.SEEK_SET)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        _sync(handle)
    except OSError as error:
        try:
            os.ftruncate(handle, offset)
            os.fsync(handle)
        except OSError:
            raise LedgerLost(f"{place} could be written in part only: {error.strerror}") from None
        raise


def _sync(handle: int) -> None:
    """On macOS, fsync alone leaves it in the disk's cache."""
    if sys.platform == "darwin":
        fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
    else:
        os.fsync(handle)


def _read_from(handle: int, offset: int) -> bytes:
    with open(handle, "rb", closefd=False) as file:
        file.seek(offset)
        return file.read()


def _make_folder(folder: Path) -> None:
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        _sync_folder(each.parent)


def _sync_folder(folder: Path) -> None:
    """So that the file's name survives a crash too. Windows has no such call, and needs none."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _explained(place: str, what: str) -> Iterator[None]:
    """What the system refuses, as a LedgerError."""
    try:
        yield
    except OSError as error:
        raise LedgerError(
            f"the ledger {place} cannot be {what}: {error.strerror or type(error).__name__}",
            hint="check the file, its folder and their rights; nothing is written to the account without it",
        ) from None
