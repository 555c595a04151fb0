"""`diff`: what the definitions' change since a git revision means. No account, no network."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.definitions import load_definitions, load_documents
from msgflash_gitops.files.git import head_commit
from msgflash_gitops.files.git_base import find_base
from msgflash_gitops.files.git_tree import Tree, open_tree
from msgflash_gitops.files.project import PROJECT_FILE, parse_project
from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.project import Project
from msgflash_gitops.planning.revision import Comparison, Edition, compare


@dataclass(frozen=True, slots=True)
class _Earlier:
    """`findings`: of the project file. `project` None: there was none."""

    edition: Edition
    has_project: bool = True


def diff(project: Project, base: str | None, workspace: str | None, now: datetime) -> Comparison:
    """The definitions on disk beside those of `base`; only those of the workspace, where one is named.

    Raises InputError and UsageError where there is nothing to compare with.
    """
    root = Path(project.root)
    found = find_base(root, base)
    with open_tree(root, found.tree) as tree:
        earlier = _read(tree, project) if tree is not None else _Earlier(Edition(), has_project=False)
    loaded = load_definitions(project)
    before = replace(earlier.edition, definitions=_of(earlier.edition.definitions, workspace))
    after = Edition(_of(loaded.definitions, workspace), loaded.findings, project)
    return Comparison(
        project=project.name,
        base=found.revision,
        how=found.how,
        base_has_project=earlier.has_project,
        commit=head_commit(root),
        made_at=now,
        timezone=project.timezone or "UTC",
        revision=compare(before, after),
        problems=tuple(_news(loaded.findings, earlier.edition.findings)),
        base_problems=tuple(_as_warnings(earlier.edition.findings)),
    )


def _read(tree: Tree, project: Project) -> _Earlier:
    """With the settings of then; where these cannot be read, with those of now."""
    stored = tree.file(PROJECT_FILE)
    if stored.kind == "missing":
        return _Earlier(Edition(), has_project=False)
    then: Project | None = None
    try:
        if stored.kind != "blob":
            unreadable = Finding("file-unreadable", stored.words or "it is no file", PROJECT_FILE)
            raise InputError("the earlier project file cannot be read", findings=[unreadable])
        then = parse_project(stored.data, project.root)
        findings: list[Finding] = []
    except InputError as error:
        findings = list(error.findings)
    settings = then or project
    texts, astray = tree.definitions(settings.campaigns)
    loaded = load_documents(texts, settings, astray)
    return _Earlier(Edition(loaded.definitions, (*findings, *loaded.findings), then))


def _of(definitions: Iterable[Definition], workspace: str | None) -> tuple[Definition, ...]:
    return tuple(
        each for each in definitions if workspace is None or each.workspaces is None or workspace in each.workspaces
    )


def _news(now: Iterable[Finding], then: Iterable[Finding]) -> Iterable[Finding]:
    """Every error, and the warnings that are not as old as the base."""
    old = {(each.rule, each.key or each.path, each.message) for each in then}
    return (
        each
        for each in now
        if each.severity is Severity.ERROR or (each.rule, each.key or each.path, each.message) not in old
    )


def _as_warnings(findings: Iterable[Finding]) -> Iterable[Finding]:
    """What kept some of the base from being read. It cannot be mended any more, and its other warnings are nobody's business."""
    return (replace(each, severity=Severity.WARNING) for each in findings if each.severity is Severity.ERROR)
