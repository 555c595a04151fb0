"""`validate`: everything that can be said without an account."""

from collections.abc import Sequence
from pathlib import Path

from msgflash_gitops.files.definitions import load_definitions
from msgflash_gitops.model.project import Project
from msgflash_gitops.model.validation import Validation


def validate(project: Project, paths: Sequence[Path] = ()) -> Validation:
    """Read the definitions (all, or those in `paths`) and say what is wrong with them."""
    loaded = load_definitions(project, paths)
    return Validation(loaded.findings, loaded.documents, loaded.files)
