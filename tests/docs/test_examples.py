"""Every YAML block of the documentation is read as the user's file that it shows."""

from itertools import pairwise
from pathlib import Path

import pytest

from msgflash_gitops.files.project import load_project
from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.finding import Severity
from msgflash_gitops.planning.resolve import Account, resolve
from msgflash_gitops.reports.findings import findings_text
from msgflash_gitops.reports.style import Style
from msgflash_gitops.sandbox import seed
from tests.architecture.sources import ROOT
from tests.docs.examples import PROJECT, expected, findings, is_project, load
from tests.docs.markdown import Block, blocks, pages

PAGES = [path for path in pages() if path.parent in (ROOT, ROOT / "docs")]
YAML = [block for path in PAGES for block in blocks(path) if block.language == "yaml"]
SHOWN = [
    (before, after)
    for path in PAGES
    for before, after in pairwise(blocks(path))
    if before.language == "yaml" and after.language == "text" and before.end + 2 >= after.line
]
ACCOUNT = Account(
    tuple(
        Instance(seed.sample_id("instance", name), name, number, "connected")
        for name, number, _, deleted in seed.INSTANCES
        if not deleted
    ),
    tuple(
        Template(seed.sample_id("template", name), name, kind, body, media, tuple(seed.placeholders(body)))
        for name, kind, body, media in seed.TEMPLATES
    ),
    tuple(Group(seed.sample_id("group", name), name, count) for name, count in seed.GROUPS),
)


def test_there_are_blocks_of_each_kind() -> None:
    said = [expected(block.said) for block in YAML]
    assert sum(map(is_project, YAML)) >= 3
    assert sum(bool(each.errors) for each in said) >= 10
    assert sum(not each.errors for each in said) >= 15
    assert SHOWN


@pytest.mark.parametrize("block", YAML, ids=lambda block: block.name)
def test_a_block_is_valid_or_fails_as_it_says(block: Block, tmp_path: Path) -> None:
    found = findings(block, tmp_path)
    wanted = expected(block.said)
    assert {each.rule for each in found if each.severity is Severity.ERROR} == wanted.errors, found
    assert {each.rule for each in found if each.severity is Severity.WARNING} == wanted.warnings, found


@pytest.mark.parametrize("block", [each for each in YAML if not is_project(each)], ids=lambda block: block.name)
def test_labels_are_those_of_the_sandbox(block: Block) -> None:
    """So that whoever copies an example can try it with `--sandbox`."""
    loaded = load(block)
    if expected(block.said).errors:
        return
    assert len(loaded.definitions) == loaded.documents
    assert not resolve(loaded.definitions, ACCOUNT, project=PROJECT.name, timezone=PROJECT.timezone).findings


@pytest.mark.parametrize(("block", "shown"), SHOWN, ids=lambda block: block.name)
def test_an_output_is_what_is_printed(block: Block, shown: Block, tmp_path: Path) -> None:
    assert findings_text(findings(block, tmp_path), Style(False)) == shown.text


def test_the_example_project_is_valid() -> None:
    assert load_project(ROOT / "campaigns.example").name == "crm"


def test_comments_are_understood() -> None:
    said = expected("part, fails: a b, warns: c")
    assert (said.part, sorted(said.errors), sorted(said.warnings)) == (True, ["a", "b"], ["c"])
    with pytest.raises(ValueError, match="what does"):
        expected("parts")
