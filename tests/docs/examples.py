"""Reads the YAML blocks of the documentation as a user's files.

An HTML comment right before a block says what is to be expected of it, where it is not a whole and valid file:

    <!-- part -->                         fields of a definition; what is missing is filled in
    <!-- fails: rule [rule …] -->         exactly these errors
    <!-- warns: rule [rule …] -->         exactly these warnings
    <!-- part, fails: rule -->            both
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.definitions import Loaded, load_documents
from msgflash_gitops.files.project import load_project
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.project import Project, Workspace
from tests.docs.markdown import Block

_PATH = re.compile(r"# ((?:campaigns/)?[\w./-]+\.ya?ml)\n")
_BASE = {
    "name": "name: Example",
    "instance": "instance: boutique-principale",
    "schedule": "schedule: 2031-04-15T09:00:00",
    "recipients": "recipients: {type: all}",
}
_CONTENT = "type: text\nbody: Hello"
PROJECT = Project(
    "/",
    "crm",
    timezone="Europe/Paris",
    workspaces={name: Workspace(name) for name in ("default", "production", "staging")},
)


@dataclass(frozen=True)
class Expected:
    part: bool = False
    errors: frozenset[str] = field(default_factory=frozenset)
    warnings: frozenset[str] = field(default_factory=frozenset)


def expected(said: str) -> Expected:
    """Raises ValueError for a comment of another form."""
    part, errors, warnings = False, frozenset[str](), frozenset[str]()
    for piece in (each.strip() for each in said.split(",") if each.strip()):
        word, _, rules = piece.partition(":")
        if word == "part":
            part = True
        elif word == "fails":
            errors = frozenset(rules.split())
        elif word == "warns":
            warnings = frozenset(rules.split())
        else:
            raise ValueError(f"what does the comment {said!r} mean?")
    return Expected(part, errors, warnings)


def path_of(block: Block) -> str:
    """What the block's first line names, such as `# campaigns/spring.yaml`."""
    found = _PATH.match(block.text)
    return found[1] if found else "campaigns/example.yaml"


def is_project(block: Block) -> bool:
    return path_of(block) == "msgflash.yaml"


def whole(text: str) -> str:
    """Fields of a definition, with what every definition needs besides."""
    present = set(re.findall(r"^(\w+):", text, re.MULTILINE))
    lines = [line for name, line in _BASE.items() if name not in present]
    lines += [] if present & {"type", "template", "templateId"} else [_CONTENT]
    return text + "".join(f"{line}\n" for line in lines)


def load(block: Block) -> Loaded:
    text = whole(block.text) if expected(block.said).part else block.text
    return load_documents({path_of(block): text.encode()}, PROJECT)


def project_findings(block: Block, folder: Path) -> list[Finding]:
    (folder / "msgflash.yaml").write_text(block.text, encoding="utf-8")
    try:
        load_project(folder)
    except InputError as error:
        return list(error.findings)
    return []


def findings(block: Block, folder: Path) -> list[Finding]:
    return project_findings(block, folder) if is_project(block) else list(load(block).findings)
