"""`.msgflash` below the project: what this machine keeps for itself. It ignores itself, so that no commit takes it along."""

import contextlib
from pathlib import Path

STATE_FOLDER = ".msgflash"


def make_state_folder(root: Path) -> Path:
    """The folder, made where there is none. Raises OSError where it cannot be made."""
    folder = root / STATE_FOLDER
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        with contextlib.suppress(OSError):
            ignore.write_text("*\n")
    return folder
