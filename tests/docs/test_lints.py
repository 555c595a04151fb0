"""docs/lints.md against the lints: every rule, its severity, and the endings of media."""

import re

from msgflash_gitops.model.rules import LINT_ERRORS, LINTS
from msgflash_gitops.planning.lints import ENDINGS
from tests.architecture.sources import ROOT
from tests.docs.examples import expected
from tests.docs.markdown import blocks, code, page, tables

PAGE = page("docs/lints.md")
RULES = {
    code(row[0]): dict(zip(head, row, strict=True)) for head, *body in tables(PAGE) if head[0] == "rule" for row in body
}


def test_every_lint_is_listed_with_its_sentence() -> None:
    assert sorted(RULES) == sorted(LINTS)
    assert {
        rule: row["meaning"] for rule, row in RULES.items() if not row["meaning"].startswith(LINTS[rule][:-1])
    } == {}


def test_the_severities() -> None:
    assert {rule for rule, row in RULES.items() if row["severity"] == "error"} == LINT_ERRORS
    assert {row["severity"] for row in RULES.values()} == {"error", "warning"}


def test_the_endings() -> None:
    listed = {
        code(row[0]): tuple(re.findall(r"`([^`]+)`", row[1]))
        for head, *body in tables(PAGE)
        if head == ["type", "endings"]
        for row in body
    }
    assert listed == ENDINGS


def test_the_blocks_show_errors_and_warnings() -> None:
    said = [expected(block.said) for block in blocks(ROOT / "docs" / "lints.md") if block.language == "yaml"]
    assert any(each.errors for each in said)
    assert any(each.warnings for each in said)
