"""docs/audit.md against the code."""

import re
import shlex
from pathlib import Path

import yaml

from msgflash_gitops.cli.audit import audit
from msgflash_gitops.model.audit import Kind, State

PAGE = (Path(__file__).parents[2] / "docs/audit.md").read_text(encoding="utf-8")


def table(head: str) -> set[str]:
    """What the first column names in code."""
    rows = re.search(rf"^\| {re.escape(head)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert rows is not None, head
    return {name for row in rows[1].splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def test_every_state_is_explained() -> None:
    assert table("state") == {state.value for state in State}


def test_every_finding_is_explained() -> None:
    assert table("finding") == {kind.value for kind in Kind}


def test_every_format_is_explained() -> None:
    (formats,) = [each for each in audit.params if each.name == "output"]
    assert table("`--format`") == set(formats.type.choices)  # type: ignore[attr-defined]


def test_every_option_is_named() -> None:
    options = {name for each in audit.params for name in each.opts if name.startswith("--")}
    common = {"--workspace", "--sandbox", "--color", "--no-color", "--quiet", "--verbose"}
    assert [name for name in sorted(options - common) if name not in PAGE] == []


def test_the_workflow_asks_for_findings_that_exist() -> None:
    found = re.search(r"```yml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    steps = yaml.safe_load(found[1])["jobs"]["audit"]["steps"]
    (script,) = [step["run"] for step in steps if step.get("name") == "Audit"]
    words = shlex.split(script)
    asked = words[words.index("--fail-on") + 1].split(",")
    assert set(asked) <= {kind.value for kind in Kind}
    assert all(re.search(r"@[0-9a-f]{40}", step["uses"]) for step in steps if "uses" in step)
