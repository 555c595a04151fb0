"""Real git repositories in temporary folders, with nothing of the machine's own settings."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ana",
    "GIT_AUTHOR_EMAIL": "ana@boutique.example",
    "GIT_COMMITTER_NAME": "Ana",
    "GIT_COMMITTER_EMAIL": "ana@boutique.example",
    "GIT_AUTHOR_DATE": "2026-01-05T08:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-05T08:00:00Z",
}


@dataclass(frozen=True)
class Git:
    """A working tree."""

    root: Path

    def __call__(self, *arguments: str, data: bytes | None = None) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments], env=ENVIRONMENT, capture_output=True, input=data
        )
        assert done.returncode == 0, (arguments, done.stderr)
        return os.fsdecode(done.stdout).strip()

    def write(self, path: str, text: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)

    def commit(self, message: str = "change") -> str:
        """All files as they are; the id of the commit."""
        self("add", "--all")
        self("commit", "--quiet", "--allow-empty", "--message", message)
        return self("rev-parse", "HEAD")


def new_git(root: Path) -> Git:
    root.mkdir(parents=True, exist_ok=True)
    made = Git(root)
    made("init", "--quiet", "--initial-branch", "main")
    return made


def clone(source: Git, root: Path, *options: str) -> Git:
    """Over a URL, so that options about depth and filters count."""
    subprocess.run(
        ["git", "clone", "--quiet", *options, source.root.as_uri(), str(root)],
        env=ENVIRONMENT,
        check=True,
        capture_output=True,
    )
    return Git(root)
