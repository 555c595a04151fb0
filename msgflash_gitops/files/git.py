"""What git knows: the commit that the definitions come from."""

from pathlib import Path

from msgflash_gitops.errors import InputError
from msgflash_gitops.git.process import ask


def head_commit(root: Path) -> str | None:
    """The commit checked out, with `+dirty` where files below `root` differ from it; None outside a git checkout."""
    try:
        commit = ask(root, "rev-parse", "--verify", "--quiet", "HEAD")
        if commit.code:
            return None
        changed = ask(root, "status", "--porcelain", "--untracked-files=normal", "--", ".")
    except InputError:
        return None
    return commit.text + "+dirty" if changed.out else commit.text
