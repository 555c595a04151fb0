"""The project's folder as a revision has it, read from git's objects: nothing is checked out.

Two processes do it all: one `git cat-file --batch` for every content, one `git ls-tree` for the names. Git follows symbolic links
by itself, within the project's folder only.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.discovery import is_definition
from msgflash_gitops.files.reader import MOST_BYTES
from msgflash_gitops.git.process import ask, talking
from msgflash_gitops.model.finding import Finding

_LINK = b"120000"
_FILES = (b"100644", b"100755", b"100664")
_CHUNK = 65536
# What git answers where a symbolic link leads nowhere, or out of the tree.
_ASTRAY = {b"symlink": "leads out of the project's folder", b"dangling": "leads to nothing"}
_ASTRAY |= {b"loop": "leads back to itself", b"notdir": "leads to nothing"}


@dataclass(frozen=True, slots=True)
class Stored:
    """An object, or what git says instead. `kind`: blob, tree, …, missing, astray. `data` is cut one byte over MOST_BYTES."""

    kind: str
    id: str = ""
    data: bytes = b""
    words: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: bytes
    id: str
    path: bytes


@contextmanager
def open_tree(root: Path, tree: str | None) -> "Iterator[Tree | None]":
    """The folder with the id `tree`; None where the revision does not have it."""
    if tree is None:
        yield None
        return
    with talking(root, "cat-file", "--batch", "--follow-symlinks") as process:
        yield Tree(root, tree, process)


class Tree:
    """The project's folder in a revision."""

    def __init__(self, root: Path, tree: str, process: subprocess.Popen[bytes]) -> None:
        self._root = root
        self._tree = tree.encode()
        self._process = process

    def file(self, path: str) -> Stored:
        """What lies at a path, relative to the project's folder."""
        return self._at(os.fsencode(path))

    def definitions(self, campaigns: str) -> tuple[dict[str, bytes], list[Finding]]:
        """The texts of definition files below the campaigns folder by path, as `discovery.discover` would find them on disk."""
        folder = PurePosixPath(campaigns).as_posix()
        found = self._at(b"" if folder == "." else os.fsencode(folder))
        if found.kind != "tree":
            return {}, []
        texts: dict[str, bytes] = {}
        findings: list[Finding] = []
        prefix = b"" if folder == "." else os.fsencode(folder) + b"/"
        for entry in sorted(self._entries(found.id), key=lambda each: each.path.split(b"/")):
            path = prefix + entry.path
            name = os.fsdecode(path)
            stored = self._at(path) if entry.mode == _LINK else self._read(entry.id.encode())
            if stored.kind == "blob":
                texts[name] = stored.data
            elif stored.kind == "missing":
                raise InputError(
                    f"the clone lacks the earlier content of {name}",
                    hint="it is a partial clone: fetch everything (`git fetch --refetch --no-filter`), or clone without --filter",
                )
            elif stored.kind == "astray":
                rule = "path-outside-project" if "out of" in stored.words else "file-unreadable"
                findings.append(Finding(rule, f"the symbolic link {stored.words}", name))
        return texts, findings

    def _entries(self, tree: str) -> Iterator[_Entry]:
        """Definition files and links, hidden ones passed over; no submodules."""
        listed = ask(self._root, "ls-tree", "-r", "-z", "--full-tree", tree)
        if listed.code:
            raise InputError(f"the earlier definitions cannot be listed: {listed.complaint}")
        for line in listed.out.split(b"\0"):
            facts, _, path = line.partition(b"\t")
            if not is_definition(os.fsdecode(path)):
                continue
            mode, _, identity = facts.split()
            hidden = any(part.startswith(b".") for part in path.split(b"/"))
            if mode in (_LINK, *_FILES) and not hidden:
                yield _Entry(mode, identity.decode(), path)

    def _at(self, path: bytes) -> Stored:
        # A name with a line end cannot be asked for: the protocol has one name a line.
        if b"\n" in path:
            return Stored("astray", words="has a line end in its name, or leads out of a folder that has one")
        return self._read(self._tree + b":" + path)

    def _read(self, name: bytes) -> Stored:
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        try:
            asked.write(name + b"\n")
            asked.flush()
        except OSError:
            raise _ended() from None
        head = answers.readline()
        if not head.endswith(b"\n"):
            raise _ended()
        words = head.split()
        if head.rstrip().endswith((b" missing", b" ambiguous", b" submodule")):
            return Stored("missing")
        if len(words) == 2 and words[0] in _ASTRAY:
            self._take(int(words[1]))
            return Stored("astray", words=_ASTRAY[words[0]])
        identity, kind, size = words
        return Stored(kind.decode(), identity.decode(), self._take(int(size)))

    def _take(self, size: int) -> bytes:
        """The content that was announced; of one that is too large to be read, as much as shows that."""
        assert self._process.stdout is not None
        kept = self._process.stdout.read(min(size, MOST_BYTES + 1))
        left = size - len(kept) + 1
        while left > 0:
            dropped = self._process.stdout.read(min(left, _CHUNK))
            if not dropped:
                raise _ended()
            left -= len(dropped)
        return kept


def _ended() -> InputError:
    return InputError(
        "git ended while earlier definitions were read",
        hint="where it is a partial clone, fetch everything (`git fetch --refetch --no-filter`), or clone without --filter",
    )
