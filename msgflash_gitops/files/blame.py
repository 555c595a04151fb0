"""Which commit last touched each document of the definitions: a handful of git processes, however many files there are.

`git log --raw` names, newest first, the contents (blobs) that each commit gave to each file. A document was last touched by
the newest commit whose file holds its text while no parent's file does. For a file with one document that is the newest commit
that gave the file its present content, and no content is read; only files with several documents are read back through
`git cat-file --batch`, one process for all of them. `git blame` would need a process per file. A file that was moved counts as touched.
"""

import re
import subprocess
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from msgflash_gitops.files.blame_history import Blobs, Touch, path_of, read_log, reading_log, run_git
from msgflash_gitops.files.reader import MOST_BYTES
from msgflash_gitops.files.regular import read_regular
from msgflash_gitops.model.provenance import Blame, Commit

_SHALLOW = "the checkout is shallow: older commits are not known (fetch the whole history)"
_SEPARATOR = re.compile(rb"^---(?=\s|$)", re.MULTILINE)

Place = tuple[str, int]


@dataclass(slots=True)
class _File:
    """A committed file: its blob, and where it has several documents their texts, by line, still to be traced."""

    blob: str
    lines: set[int]
    texts: dict[int, bytes] | None = None


def last_commits(root: Path, campaigns: str, places: Iterable[Place]) -> Blame:
    """Places are path (relative to `root`) and line of a document. Never raises: what is not known is left out, and `note` says why."""
    wanted: dict[str, set[int]] = {}
    for path, line in places:
        wanted.setdefault(path, set()).add(line)
    if not wanted:
        return Blame()
    try:
        return _Trace(root, campaigns, wanted).blame()
    except (OSError, subprocess.SubprocessError, ValueError):
        return Blame(note="no git history: this is no checkout, or git is not installed")


class _Trace:
    def __init__(self, root: Path, campaigns: str, wanted: Mapping[str, set[int]]) -> None:
        self._root = root
        self._campaigns = campaigns
        self._wanted = wanted
        self._commits: dict[Place, Commit] = {}
        self._dirty: set[Place] = set()

    def blame(self) -> Blame:
        boundary = self._boundary()
        committed = self._tree()
        changed = self._changed()
        with ExitStack() as stack:
            blobs = Blobs(stack, self._root)
            pending = self._files(committed, changed, blobs)
            if pending:
                self._follow(stack.enter_context(reading_log(self._root, self._campaigns)), pending, boundary, blobs)
        note = _SHALLOW if boundary and pending else None
        return Blame(self._commits, frozenset(self._dirty), note)

    def _boundary(self) -> frozenset[str]:
        """Commits whose parents a shallow clone left out: they seem to add everything."""
        shown = run_git(self._root, "rev-parse", "--git-path", "shallow").decode().strip()
        shallow = self._root / shown
        return frozenset(shallow.read_text().split()) if shallow.is_file() else frozenset()

    def _tree(self) -> dict[str, str]:
        """Path to blob, as committed."""
        tree: dict[str, str] = {}
        for entry in run_git(self._root, "ls-tree", "-r", "-z", "HEAD", "--", self._campaigns).split(b"\0"):
            facts, _, path = entry.partition(b"\t")
            if path:
                tree[path_of(path)] = facts.split()[2].decode()
        return tree

    def _changed(self) -> set[str]:
        listed = run_git(
            self._root,
            "diff",
            "--name-only",
            "-z",
            "--relative",
            "--no-ext-diff",
            "--no-renames",
            "HEAD",
            "--",
            self._campaigns,
        )
        return {path_of(each) for each in listed.split(b"\0") if each}

    def _files(self, committed: Mapping[str, str], changed: set[str], blobs: "Blobs") -> dict[str, _File]:
        """What is to be traced; documents that are not committed as they are now are noted as dirty."""
        pending: dict[str, _File] = {}
        for path, lines in self._wanted.items():
            blob = committed.get(path)
            if blob is None:
                self._dirty |= {(path, line) for line in lines}
                continue
            written = _documents(read_regular(self._root / path, MOST_BYTES))
            if len(written) == 1:
                self._dirty |= {(path, line) for line in lines} if path in changed else set()
                pending[path] = _File(blob, set(lines))
                continue
            texts = {line: _at(written, line) for line in lines}
            if path in changed:
                there = set(_texts(blobs.read(blob)))
                self._dirty |= {(path, line) for line, text in texts.items() if text not in there}
                texts = {line: text for line, text in texts.items() if text in there}
            pending[path] = _File(blob, set(texts), texts)
        return {path: file for path, file in pending.items() if file.lines}

    def _follow(self, log: IO[bytes], pending: dict[str, _File], boundary: frozenset[str], blobs: "Blobs") -> None:
        """Until every document is found, or history ends."""
        for entry in read_log(log):
            for path, touch in entry.touched.items():
                file = pending.get(path)
                if file is None or entry.commit.id in boundary:
                    continue
                found = file.lines & self._introduced(file, touch, blobs)
                self._commits.update(dict.fromkeys(((path, line) for line in found), entry.commit))
                file.lines -= found
                if not file.lines:
                    del pending[path]
            if not pending:
                return

    def _introduced(self, file: _File, touch: Touch, blobs: "Blobs") -> set[int]:
        if file.texts is None:
            return set(file.lines) if touch.after == file.blob else set()
        after = set(_texts(blobs.read(touch.after)))
        held = {line for line in file.lines if file.texts[line] in after}
        if not held:
            return held
        before = {text for blob in touch.before for text in _texts(blobs.read(blob))}
        return {line for line in held if file.texts[line] not in before}


def _documents(data: bytes) -> list[tuple[int, bytes]]:
    """The documents of a file: the line on which the part begins, and its text without the separator."""
    data = data.replace(b"\r\n", b"\n")
    starts = [0, *(found.start() for found in _SEPARATOR.finditer(data) if found.start())]
    documents, line = [], 1
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        part = data[start:end]
        text = _SEPARATOR.sub(b"", part, count=1).strip()
        if text:
            documents.append((line, text))
        line += part.count(b"\n")
    return documents


def _texts(data: bytes) -> Iterator[bytes]:
    return (text for _, text in _documents(data))


def _at(documents: list[tuple[int, bytes]], line: int) -> bytes:
    """The document that the line lies in."""
    index = bisect_right(documents, line, key=lambda document: document[0])
    return documents[index - 1][1] if index else b""
