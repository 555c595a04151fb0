"""A branch of a remote, as the git store needs it: where it is, what it holds, and a commit pushed onto exactly one other.

Neither the work tree nor the index is touched, no local branch is made, and nothing is ever pushed over anything.
"""

import re
import threading
import uuid
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from random import random

from msgflash_gitops.errors import InputError, LedgerError
from msgflash_gitops.git.process import Answer, reach

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]*")
_USERINFO = re.compile(r"(\w+://)[^/@\s]+@")
_SECONDS = 120.0
_TRIES = 6
# Answers to a push after which nothing of it can have arrived.
_REFUSED = re.compile(
    r"returned error: 40[134]|authentication failed|could not read (username|password)|permission denied|permission to .* denied"
    r"|could not resolve host|connection refused|failed to connect|not appear to be a git repository|no such remote",
    re.IGNORECASE,
)
_RACE = re.compile(
    r"stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|incorrect old value|already exists|failed to lock"
)


class Pushed(Enum):
    """How a push ended. `RACED`: the branch is not where the commit was made from. `UNKNOWN`: the answer was lost."""

    LANDED = auto()
    RACED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Blob:
    path: str
    oid: str


class RemoteBranch:
    """`root` is any folder of the repository; nothing else of it is read than its configuration and objects."""

    def __init__(self, root: Path, remote: str, branch: str) -> None:
        for what, name in (("remote", remote), ("branch", branch)):
            if not _NAME.fullmatch(name) or ".." in name or name.endswith(("/", ".", ".lock")):
                raise LedgerError(
                    f"{name!r} is no name of a {what}", hint=f"correct `ledger: {{{what}: …}}` in msgflash.yaml"
                )
        self._root = root
        self._remote = remote
        self._there = f"refs/heads/{branch}"
        self._here = f"refs/msgflash/{branch}"
        self.place = f"branch {branch} of {remote}"

    def tip(self) -> str | None:
        """The commit that the branch shows now; None where the remote has no such branch."""
        answer = self._git("ls-remote", "--", self._remote, self._there)
        if answer.code:
            # ls-remote goes on without a repository, and so hides why there is none for it.
            here = self._git("rev-parse")
            raise self._trouble("cannot be read", here if here.code else answer)
        for line in answer.text.splitlines():
            oid, _, name = line.partition("\t")
            if name == self._there:
                return oid
        return None

    def fetch(self) -> str | None:
        """Like `tip`, and what it holds is here then. Raises LedgerError where it no longer holds what was seen here before."""
        for attempt in range(_TRIES):
            tip = self.tip()
            if tip is None:
                return None
            answer = self._git(
                "fetch", "--no-tags", "--no-prune", "--no-filter", "--no-write-fetch-head", "--no-auto-gc",
                "--no-recurse-submodules", "--", self._remote, f"{self._there}:{self._here}",
            )  # fmt: skip
            if not answer.code:
                return tip
            if not _RACE.search(answer.complaint):
                raise self._trouble("cannot be fetched", answer)
            _pause(attempt)  # another process of this clone fetches as well
        if "non-fast-forward" not in answer.complaint:
            raise self._trouble("cannot be fetched", answer)
        raise LedgerError(
            f"the {self.place} was rewritten: it no longer holds what this clone has seen of it",
            hint=f"put back what was there: `git push --force {self._remote} {self._here}:{self._there}`. Only if it was begun anew on purpose: "
            f"`git update-ref -d {self._here}`",
        )

    def files(self, commit: str, folder: str) -> list[Blob]:
        """The files below a folder, sorted by path."""
        answer = self._git("ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{folder}/")
        if answer.code:
            raise self._trouble("cannot be read", answer)
        blobs = []
        for record in answer.out.split(b"\0"):
            if record:
                mode_type_oid, _, path = record.partition(b"\t")
                blobs.append(Blob(path.decode("utf-8", "replace"), mode_type_oid.split(b" ")[2].decode()))
        return sorted(blobs, key=lambda blob: blob.path)

    def contents(self, blobs: list[Blob]) -> list[bytes]:
        answer = self._git("cat-file", "--batch", given="".join(f"{blob.oid}\n" for blob in blobs).encode())
        rest, found = memoryview(answer.out), []
        for blob in blobs:
            end = bytes(rest[:200]).find(b"\n")
            header = bytes(rest[:end]).split(b" ")
            if end < 0 or header[1:2] != [b"blob"]:
                raise self._trouble(f"lacks {blob.path}", answer)
            size = int(header[2])
            found.append(bytes(rest[end + 1 : end + 1 + size]))
            rest = rest[end + size + 2 :]
        return found

    def commit(self, parent: str | None, files: dict[str, bytes | None], message: str) -> str:
        """A commit with these files changed (None: removed), known to nobody yet."""
        ref = f"refs/msgflash/new-{uuid.uuid4().hex}"
        text = message.encode()
        stream = [b"commit %s\nmark :1\ncommitter %s now\ndata %d\n%s\n" % (ref.encode(), _WHO, len(text), text)]
        if parent is not None:
            stream.append(b"from %s\n" % parent.encode())
        for path, content in files.items():
            if content is None:
                stream.append(b"D %s\n" % path.encode())
            else:
                stream.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))
        # The reference is taken back before it is written: the commit needs none, it is named by its hash.
        stream.append(b"\nget-mark :1\nreset %s\n\ndone\n" % ref.encode())
        answer = self._git("fast-import", "--quiet", "--done", "--date-format=now", given=b"".join(stream))
        if answer.code or not answer.text:
            raise self._trouble("cannot be written to", answer)
        return answer.text.strip()

    def push(self, commit: str, onto: str | None) -> Pushed:
        """Put a commit made from `onto` there, if the branch still shows `onto` (None: if there is no branch).

        Raises LedgerError where the remote refuses it.
        """
        answer = self._git(
            "push", "--porcelain", "--no-verify", f"--force-with-lease={self._there}:{onto or ''}", "--",
            self._remote, f"{commit}:{self._there}",
        )  # fmt: skip
        if not answer.code:
            return Pushed.LANDED
        verdicts = [line for line in answer.text.splitlines() if line.startswith("!")]
        said = " ".join([*verdicts, answer.complaint])
        if _RACE.search(said):
            return Pushed.RACED
        definite = any("rejected" in verdict for verdict in verdicts) or _REFUSED.search(answer.complaint)
        if not definite:
            return Pushed.UNKNOWN
        raise self._trouble("cannot be pushed to", answer)

    def holds(self, tip: str, commit: str) -> bool:
        return tip == commit or self._git("merge-base", "--is-ancestor", commit, tip).code == 0

    def remember(self, tip: str) -> None:
        """So that a later run of this clone notices a branch that was set back."""
        self._git("update-ref", self._here, tip)

    def _git(self, *arguments: str, given: bytes = b"") -> Answer:
        try:
            return reach(self._root, *arguments, given=given, seconds=_SECONDS)
        except InputError as error:
            raise LedgerError(error.message, hint=error.hint) from None

    def _trouble(self, what: str, answer: Answer) -> LedgerError:
        verdicts = [line.rpartition("\t")[2] for line in answer.text.splitlines() if line.startswith("!")]
        lines = [*verdicts, *(line.strip() for line in answer.complaint.splitlines())]
        lines = [line for line in lines if line not in ("", "remote:") and not line.startswith(_NO_NEWS)]
        telling = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", *verdicts))] or lines
        said = _USERINFO.sub(r"\1***@", "; ".join(telling[:_LINES]))[:_LONGEST]
        return LedgerError(
            f"the {self.place} {what}: {said or f'git ended with {answer.code}'}", hint=_hint(said, self._remote)
        )


_NO_NEWS = ("error: failed to push some refs to", "To ")
_LINES = 6
_LONGEST = 600
# What a hosting service says, and what to do; the first that fits. Where a rule refuses, services say "not allowed" as well.
_WAYS = (
    (
        ("not a git repository", "not appear to be a git repository", "no such remote"),
        "the project must be in a clone with that remote: check `git remote -v`, or name another one: `ledger: {remote: …}` in msgflash.yaml",
    ),
    (
        ("dubious ownership",),
        "the clone belongs to another user, as in a job's container: before this, run `git config --global --add safe.directory FOLDER` with the "
        "folder that git names",
    ),
    (
        ("protected", "hook declined", "rule violations"),
        "a rule of the repository refuses the push: let the pipeline's user push to this branch, and leave it out of what asks for reviews, checks "
        "or signatures (it is only ever appended to); or name another one: `ledger: {branch: …}` in msgflash.yaml",
    ),
    (
        ("could not read username", "could not read password", "authentication failed", "error: 401", "not found"),
        "this clone has no credentials that count here: on GitHub, keep those of the checkout (no `persist-credentials: false`) in jobs that "
        "plan or apply",
    ),
    (
        ("error: 403", "not allowed", "denied", "not granted"),
        "the token may read and not push: GitHub: `permissions: contents: write` for the job that applies; GitLab: `MSGFLASH_LEDGER_TOKEN`; "
        "docs/ci.md says how",
    ),
)


def _hint(said: str, remote: str) -> str:
    lower = said.casefold()
    found = (way for parts, way in _WAYS if any(part in lower for part in parts))
    return next(found, f"look whether `git ls-remote {remote}` answers where this runs")


def _pause(attempt: int) -> None:
    """Longer each time, and never as long as the others wait."""
    threading.Event().wait(random() * 0.05 * 2 ** min(attempt, 5))  # noqa: S311 - no secret


_WHO = b"msgflash-gitops <msgflash-gitops@users.noreply.invalid>"
pause = _pause
