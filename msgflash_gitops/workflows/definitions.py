"""The definitions a plan is made from: all valid, or none at all."""

from dataclasses import dataclass

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.definitions import load_definitions
from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.finding import Finding, has_errors
from msgflash_gitops.model.project import Project


@dataclass(frozen=True, slots=True)
class Valid:
    """`findings` are warnings."""

    definitions: tuple[Definition, ...]
    findings: tuple[Finding, ...]


def load_valid(project: Project, workspace: str, *, allow_empty: bool) -> Valid:
    """Those of the workspace. Raises InputError where any definition has an error, or where there is none (unless allowed)."""
    loaded = load_definitions(project)
    if has_errors(loaded.findings):
        raise InputError("the definitions have errors, nothing was sent", findings=loaded.findings)
    wanted = tuple(each for each in loaded.definitions if each.workspaces is None or workspace in each.workspaces)
    if not wanted and not allow_empty:
        where = f"{project.campaigns}/ holds no definition for workspace {workspace!r}"
        raise InputError(
            f"{where}: applying that would stop every campaign of project {project.name!r}",
            findings=[Finding("no-definitions", where, project.campaigns)],
            hint="say --allow-empty where that is meant; otherwise look at `campaigns:` in msgflash.yaml",
        )
    return Valid(wanted, loaded.findings)
