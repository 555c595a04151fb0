"""`preview`: the definitions asked for, without an account."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.definitions import load_definitions
from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.project import Project


@dataclass(frozen=True, slots=True)
class Preview:
    """`definitions`: those asked for that are valid. `findings`: of all files."""

    definitions: tuple[Definition, ...]
    findings: tuple[Finding, ...]


def preview(project: Project, keys: Sequence[str], workspace: str | None = None) -> Preview:
    """All definitions (of the workspace, where one is named), or those with these keys in this order.

    Raises InputError for a key that no valid definition has.
    """
    loaded = load_definitions(project)
    wanted = [
        each
        for each in loaded.definitions
        if workspace is None or each.workspaces is None or workspace in each.workspaces
    ]
    if not keys:
        return Preview(tuple(wanted), loaded.findings)
    by_key: dict[str, list[Definition]] = {}
    for each in wanted:
        by_key.setdefault(each.key, []).append(each)
    unknown = [key for key in dict.fromkeys(keys) if key not in by_key]
    if unknown:
        raise InputError(
            f"there is no valid definition with the key {', '.join(map(repr, unknown))}",
            findings=loaded.findings,
            hint=_hint(unknown[0], list(by_key)),
        )
    return Preview(tuple(each for key in dict.fromkeys(keys) for each in by_key[key]), loaded.findings)


def _hint(key: str, known: list[str]) -> str | None:
    near = difflib.get_close_matches(key, known, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are {', '.join(sorted(known)[:8])}{' …' if len(known) > 8 else ''}" if known else None
