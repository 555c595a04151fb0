"""Who made commits that are known by their ids only, as the ledger names them."""

import re
from collections.abc import Iterable
from pathlib import Path

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.blame_history import COMMIT_FORMAT, commit_of
from msgflash_gitops.git.process import ask
from msgflash_gitops.model.provenance import Commit

# A ledger is a file that anybody may have written: nothing else becomes an argument of git.
_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_AT_ONCE = 500


def known_commits(root: Path, ids: Iterable[str]) -> dict[str, Commit]:
    """By id, those that this clone has. Never raises: a shallow clone lacks some, a folder that is no checkout all."""
    wanted = sorted(each for each in set(ids) if _ID.fullmatch(each))
    found: dict[str, Commit] = {}
    try:
        for start in range(0, len(wanted), _AT_ONCE):
            found |= _read(root, wanted[start : start + _AT_ONCE])
    except (InputError, ValueError):
        return found
    return found


def _read(root: Path, ids: Iterable[str]) -> dict[str, Commit]:
    shown = ask(
        *(root, "-c", "log.showSignature=false", "log", "--no-walk", "--ignore-missing", "--no-patch", "-z"),
        *(f"--format={COMMIT_FORMAT}", *ids, "--"),
    )
    commits = (commit_of(text) for text in shown.out.split(b"\0") if text.strip())
    return {commit.id: commit for commit in commits}
