"""All definitions of a project, and everything that is wrong with them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgflash_gitops.files.build import build_definition
from msgflash_gitops.files.discovery import discover
from msgflash_gitops.files.reader import MOST_BYTES, read_documents
from msgflash_gitops.files.regular import read_regular, unreadable
from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.project import Project
from msgflash_gitops.planning.consistency import check_consistency
from msgflash_gitops.planning.lints import lint


@dataclass(frozen=True, slots=True)
class Loaded:
    """`definitions` are those without errors; `findings` are sorted by place; `documents` counts faulty ones too."""

    definitions: tuple[Definition, ...]
    findings: tuple[Finding, ...]
    files: int
    documents: int


def load_definitions(project: Project, paths: Sequence[Path] = ()) -> Loaded:
    """Read the campaigns folder, or `paths`. No fault of one file keeps another from being read."""
    root = Path(project.root)
    files, findings = discover(root, project.campaigns, [Path(path).absolute() for path in paths])
    texts: dict[str, bytes] = {}
    for file in files:
        name = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()
        try:
            texts[name] = read_regular(file, MOST_BYTES)
        except OSError as error:
            findings.append(unreadable(error, name))
    if not texts and not findings:
        where = f"{project.campaigns}/ holds no definition"
        findings.append(Finding("no-definitions", where, project.campaigns, severity=Severity.WARNING))
    return load_documents(texts, project, findings)


def load_documents(texts: Mapping[str, bytes], project: Project, findings: Iterable[Finding] = ()) -> Loaded:
    """The same for files that were read already, by path relative to the project's folder."""
    collected = list(findings)
    definitions: list[Definition] = []
    count = 0
    for path, data in texts.items():
        documents, faults = read_documents(data, path)
        collected += faults
        count += len(documents) + sum(fault.rule != "empty-document" for fault in faults[:1])
        alone = len(documents) + len(faults) == 1
        for document in documents:
            definition, found = build_definition(document, path, alone=alone, timezone=project.timezone)
            collected += found
            definitions += [definition] if definition is not None else []
    collected += check_consistency(definitions, project)
    collected += lint(definitions)
    return Loaded(tuple(definitions), tuple(sorted(set(collected), key=lambda each: each.sort_key)), len(texts), count)
