"""What people are told by each lint: one small file for a few of them, with the words expected of it beside it.

Adding a file adds a test.
"""

from pathlib import Path

import pytest

from msgflash_gitops.files.definitions import load_documents
from msgflash_gitops.model.project import Project
from msgflash_gitops.model.rules import LINTS
from tests.support.findings import told

FILES = sorted((Path(__file__).parent / "lints").glob("*.yaml"))


def words(path: Path) -> list[str]:
    """In English text, so that nothing in them is invisible in an editor."""
    found = load_documents({f"campaigns/{path.name}": path.read_bytes()}, Project("/", "crm")).findings
    return [line.encode("unicode_escape").decode() if not line.isprintable() else line for line in told(found)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_words(path: Path) -> None:
    assert words(path) == path.with_suffix(".expect").read_text(encoding="utf-8").splitlines()


def test_every_lint_is_among_them() -> None:
    shown = {line.split()[1] for path in FILES for line in words(path) if not line.startswith(" ")}
    assert set(LINTS) == shown
    assert {path.stem for path in FILES} == {path.stem for path in FILES[0].parent.glob("*.expect")}
