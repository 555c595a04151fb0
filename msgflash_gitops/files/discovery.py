"""Which files hold definitions."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgflash_gitops.model.finding import Finding

_ENDINGS = (".yaml", ".yml")


def is_definition(name: str) -> bool:
    """Whether a file's name says so, in upper case too: passed over, a campaign would be lost in silence."""
    return name.lower().endswith(_ENDINGS)


def discover(root: Path, campaigns: str, paths: Sequence[Path] = ()) -> tuple[list[Path], list[Finding]]:
    """Definition files below the campaigns folder (or `paths`), sorted; hidden ones are passed over.

    A finding for each symbolic link that leads out of the project's folder, and for each path that is not there.
    """
    found: set[Path] = set()
    findings: list[Finding] = []
    inside = _real(root)
    for start in paths or [root / campaigns]:
        if not os.path.lexists(start):
            message = f"there is no {'file or folder' if paths else 'folder'} {_shown(start, root)}"
            findings.append(Finding("file-unreadable", message, _shown(start, root)))
            continue
        for path in _walk(start, explicit=bool(paths)):
            if not _real(path).is_relative_to(inside):
                what = "the symbolic link leads out" if _real(path) != path.absolute() else "the file lies outside"
                message = f"{what} of the project's folder"
                findings.append(Finding("path-outside-project", message, _shown(path, root), hint="copy the file in"))
            elif not path.is_dir():
                found.add(path)
    return sorted(found), findings


def _walk(start: Path, *, explicit: bool) -> Iterator[Path]:
    """Links to folders are looked at, not followed: one that leads out is reported by the caller, one that stays is listed anyway.

    What is neither file nor folder is listed too, so that whoever reads it says what it is.
    """
    if not start.is_dir():
        if explicit or not start.is_file() or is_definition(start.name):
            yield start
        return
    if start.is_symlink():
        yield start
    for folder, folders, files in os.walk(start):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        here = Path(folder)
        yield from (here / name for name in folders if (here / name).is_symlink() and not _stays(here / name, start))
        yield from (here / name for name in sorted(files) if is_definition(name) and not name.startswith("."))


def _stays(link: Path, start: Path) -> bool:
    return _real(link).is_relative_to(_real(start))


def _real(path: Path) -> Path:
    """Like `resolve`, which raises for a link that leads back to itself."""
    return Path(os.path.realpath(path))


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
