"""A lock between processes of one machine: on a file beside the one that it guards. Works on POSIX and on Windows.

It ends with the process that holds it, however that ends. Waiting blocks the thread: what is done under a lock must not be left
half done because a task was cancelled.
"""

import os
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgflash_gitops.errors import LedgerError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PAUSE = 0.02
_TRIES = 1500


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock for the block. Raises LedgerError where another process keeps it for half a minute, OSError where it cannot be made."""
    handle = open_regular(path, os.O_RDWR | os.O_CREAT)
    try:
        for _ in range(_TRIES):
            if _try(handle):
                break
            threading.Event().wait(_PAUSE)
        else:
            raise LedgerError(
                f"{path.name} is locked by another process for {_PAUSE * _TRIES:.0f} s",
                hint="is another msgflash-gitops stopped in the middle of a write? End it and try again",
            )
        try:
            yield
        finally:
            _release(handle)
    finally:
        os.close(handle)


def open_regular(path: Path, flags: int) -> int:
    """A descriptor of a regular file, which never waits: a pipe or a device is a LedgerError. Raises OSError like `os.open`."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0), 0o666)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise LedgerError(f"{path} is no regular file", hint="remove it, or name another file for the ledger")
    return handle


if sys.platform == "win32":

    def _try(handle: int) -> bool:
        try:
            os.lseek(handle, 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:

    def _try(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
