"""What git tells of the history of files: which blobs each commit gave to them, and what blobs hold. Nothing is read twice."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from msgflash_gitops.model.provenance import Commit

COMMIT_FORMAT = "%H%x02%an%x02%ae%x02%aI"
_LOG = ("log", "--raw", "-c", "--no-abbrev", "--no-renames", "--relative", "-z", f"--format=%x01{COMMIT_FORMAT}")
_PLAIN = ("-c", "log.showSignature=false", "-c", "log.showRoot=true", "-c", "core.quotePath=false")
_SECONDS = 60.0
_LARGEST = 8 * 1024 * 1024
_HEAD = b"\x01"


@dataclass(frozen=True, slots=True)
class Touch:
    """What a commit did to a file: the blobs before (one per parent) and after."""

    before: tuple[str, ...]
    after: str


@dataclass(slots=True)
class Entry:
    """A commit, and the files it touched, by path."""

    commit: Commit
    touched: dict[str, Touch] = field(default_factory=dict)


class Blobs:
    """Contents by id, read through one `git cat-file --batch`, which is started when the first is asked for."""

    def __init__(self, stack: ExitStack, root: Path) -> None:
        self._stack = stack
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._last: dict[str, bytes] = {}

    def read(self, blob: str) -> bytes:
        """Empty where there is none (a file that was added or removed), or where it is larger than any definitions file."""
        if not blob.strip("0"):
            return b""
        if blob not in self._last:
            if len(self._last) > 64:
                self._last.clear()
            self._last[blob] = self._fetch(blob)
        return self._last[blob]

    def _fetch(self, blob: str) -> bytes:
        if self._process is None:
            self._process = self._stack.enter_context(_started(self._root, "cat-file", "--batch"))
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(blob.encode() + b"\n")
        asked.flush()
        head = answers.readline().split()
        if len(head) != 3:
            return b""
        content = answers.read(int(head[2]))
        answers.read(1)
        return content if len(content) <= _LARGEST else b""


def read_log(log: IO[bytes]) -> Iterator[Entry]:
    """The commits of `git log --raw -z`, as they arrive."""
    current: Entry | None = None
    fields = _fields(log)
    for token in fields:
        text = token.lstrip(b"\n")
        if text.startswith(_HEAD):
            if current is not None:
                yield current
            current = Entry(commit_of(text[1:]))
        elif text.startswith(b":") and current is not None:
            parents = len(text) - len(text.lstrip(b":"))
            ids = text.lstrip(b":").split()[parents + 1 : 2 * parents + 2]
            *before, after = (each.decode() for each in ids)
            current.touched[path_of(next(fields))] = Touch(tuple(before), after)
    if current is not None:
        yield current


def _fields(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(65536):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        yield rest


def commit_of(text: bytes) -> Commit:
    """What `COMMIT_FORMAT` printed. Raises ValueError."""
    identity, author, email, date = text.decode("utf-8", "replace").split("\x02")[:4]
    return Commit(identity, author, email, datetime.fromisoformat(date.strip()))


def path_of(raw: bytes) -> str:
    """As the file system's names are decoded elsewhere."""
    return raw.decode("utf-8", "surrogateescape")


def run_git(root: Path, *arguments: str) -> bytes:
    """What a git command prints. Raises OSError, SubprocessError."""
    done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        ["git", "-C", str(root), *arguments],  # noqa: S607 - the user's own git
        capture_output=True,
        timeout=_SECONDS,
        check=True,
    )
    return done.stdout


@contextmanager
def _started(root: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Ended when this is left, and after a minute at the latest."""
    with subprocess.Popen(  # noqa: S603
        ["git", "-C", str(root), *arguments],  # noqa: S607
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        timer = threading.Timer(_SECONDS, process.kill)
        timer.start()
        try:
            yield process
        finally:
            timer.cancel()
            process.kill()


@contextmanager
def reading_log(root: Path, folder: str) -> Iterator[IO[bytes]]:
    """`git log --raw` of a folder, as it is written; ended when this is left."""
    with _started(root, *_PLAIN, *_LOG, "--", folder) as process:
        assert process.stdout is not None
        yield process.stdout
