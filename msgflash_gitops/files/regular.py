"""A user's files, read and written without ever waiting for one: a pipe, a device or a link to itself is said, not followed.

What is wrong is an OSError whose `strerror` reads behind "cannot be read: ", so that callers treat it like any other.
"""

import errno
import os
import stat
from pathlib import Path

from msgflash_gitops.model.finding import Finding

HINT = "only regular files are read: name one, or copy the content into one"
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_WRITE = os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_WAYS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotRegular(OSError):
    """Something else than a regular file."""


class TooLarge(OSError):
    """More than the limit; nothing of it was read, or nothing of what was read is kept."""


def read_regular(path: Path, limit: int) -> bytes:
    """The content, at most `limit` bytes, of a regular file or of a link to one. Raises OSError (also NotRegular, TooLarge)."""
    _check(path.stat(), limit)  # before it is opened: opening a device may do something
    descriptor = os.open(path, _READ)
    with os.fdopen(descriptor, "rb") as file:
        _check(os.fstat(descriptor), limit)
        data = file.read(limit + 1)
    if len(data) > limit:  # it grew, or its size is not told: files of /proc say 0
        raise _too_large(limit)
    return data


def check_regular(path: Path) -> None:
    """Raises NotRegular for what is there and is no regular file; what is not there may be made."""
    try:
        _check(path.stat(), None)
    except FileNotFoundError:
        return


def unreadable(error: OSError, path: str, what: str = "file") -> Finding:
    """The finding for a file that `read_regular` could not read."""
    if isinstance(error, TooLarge):
        return Finding("file-too-large", f"the {what} is {error.strerror}", path, hint="split it into several files")
    hint = HINT if isinstance(error, NotRegular) else _hint(error)
    return Finding("file-unreadable", f"the {what} cannot be read: {error.strerror}", path, hint=hint)


def write_whole(path: Path, data: bytes, mode: int | None = None) -> None:
    """Replaces a file in one step, behind a link too; writes into what is no file (a pipe somebody reads, /dev/null). Raises OSError.

    `mode`: the file's permissions, where they are not the user's usual ones.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        _write_into(target, data)
        return
    beside = target.with_name(f".{target.name[:100]}.{os.getpid()}.tmp")
    try:
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, _NEW, 0o666 if mode is None else mode), "wb") as file:
            file.write(data)
        if mode is not None:
            beside.chmod(mode)
        os.replace(beside, target)  # noqa: PTH105 - atomic on every platform
    finally:
        beside.unlink(missing_ok=True)


def _write_into(path: Path, data: bytes) -> None:
    """Never waits for a reader to come: a pipe that nobody reads is an error."""
    try:
        descriptor = os.open(path, _WRITE)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise NotRegular(errno.ENXIO, "nobody reads from it") from None
        raise
    if hasattr(os, "set_blocking"):
        os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _check(found: os.stat_result, limit: int | None) -> None:
    if not stat.S_ISREG(found.st_mode):
        what = next((words for matches, words in _WAYS if matches(found.st_mode)), "no file")
        raise NotRegular(errno.EINVAL, f"it is {what}, not a regular file")
    if limit is not None and found.st_size > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(errno.EFBIG, f"larger than {limit // 1024**2} MiB")


def _hint(error: OSError) -> str | None:
    if error.errno == errno.ELOOP:
        return "the symbolic link leads back to itself: point it at the file, or remove it"
    return None
