"""Report files: written whole, or not at all."""

from pathlib import Path

from msgflash_gitops.errors import UsageError
from msgflash_gitops.files.regular import check_regular, write_whole


def write_report(path: Path, text: str) -> None:
    """Replaces a file in one step; writes into what is no file (a pipe, /dev/null). Raises UsageError where that fails."""
    data = text.encode("utf-8", "backslashreplace")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as error:
        raise UsageError(f"the report cannot be written to {path}: {error.strerror}") from error


def append_summary(path: Path, text: str) -> None:
    """To a step summary, after what other tools wrote. Raises OSError."""
    check_regular(path)
    with path.open("ab") as file:
        file.write(text.encode("utf-8", "backslashreplace"))


def repository_prefix(root: Path, checkout: str | None) -> str:
    """Where the project's folder lies in its repository: below `checkout`, else below the nearest folder with `.git`; empty at its root."""
    here = root.resolve()
    tops = [Path(checkout).resolve()] if checkout else []
    tops += [folder for folder in (here, *here.parents) if (folder / ".git").exists()]
    for top in tops:
        if here.is_relative_to(top):
            inside = here.relative_to(top).as_posix()
            return "" if inside == "." else inside
    return ""
