"""Which files hold definitions."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgflash_gitops.model.finding import Finding

ENDINGS = (".yaml", ".yml")


def discover(root: Path, campaigns: str, paths: Sequence[Path] = ()) -> tuple[list[Path], list[Finding]]:
    """Definition files below the campaigns folder (or `paths`), sorted; hidden ones are passed over.

    A finding for each symbolic link that leads out of the project's folder, and for each path that is not there.
    """
    found: set[Path] = set()
    findings: list[Finding] = []
    inside = root.resolve()
    for start in paths or [root / campaigns]:
        if not start.exists():
            message = f"there is no {'file or folder' if paths else 'folder'} {_shown(start, root)}"
            findings.append(Finding("file-unreadable", message, _shown(start, root)))
            continue
        for path in _walk(start, explicit=bool(paths)):
            if not path.resolve().is_relative_to(inside):
                what = "the symbolic link leads" if path.resolve() != path.absolute() else "the file lies"
                message = f"{what} out of the project's folder" if "link" in what else f"{what} outside of it"
                findings.append(Finding("path-outside-project", message, _shown(path, root), hint="copy the file in"))
            elif not path.is_dir():
                found.add(path)
    return sorted(found), findings


def _walk(start: Path, *, explicit: bool) -> Iterator[Path]:
    """Links to folders are looked at, not followed: one that leads out is reported by the caller, one that stays is listed anyway."""
    if start.is_file():
        if explicit or start.suffix in ENDINGS:
            yield start
        return
    if start.is_symlink():
        yield start
    for folder, folders, files in os.walk(start):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        here = Path(folder)
        yield from (here / name for name in folders if (here / name).is_symlink() and not _stays(here / name, start))
        yield from (here / name for name in sorted(files) if name.endswith(ENDINGS) and not name.startswith("."))


def _stays(link: Path, start: Path) -> bool:
    return link.resolve().is_relative_to(start.resolve())


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
