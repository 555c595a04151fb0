"""Code Quality against the schema written from GitLab's documentation."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.reports.gitlab import gitlab_object
from tests.reports.samples import HOSTILE
from tests.support.project import PROJECT_FILE, Repository, campaign

SCHEMA = json.loads((Path(__file__).parent / "official" / "gitlab-code-quality.schema.json").read_text())


def valid(made: Any) -> Any:
    jsonschema.Draft7Validator(SCHEMA).validate(json.loads(json.dumps(made)))
    return made


def test_a_finding() -> None:
    finding = Finding("same-send", "the same", "campaigns/a.yaml", 4, 2, Severity.ERROR, "waive it", "spring")
    (entry,) = valid(gitlab_object([finding], "shop"))
    assert entry["location"] == {"path": "shop/campaigns/a.yaml", "lines": {"begin": 4}}
    assert (entry["check_name"], entry["severity"]) == ("same-send", "major")
    assert entry["description"] == "the same (waive it)"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_valid(text: str) -> None:
    finding = Finding("same-send", text, f"campaigns/{text}", 4, 2, Severity.WARNING, text, text)
    assert "\x1b" not in json.dumps(valid(gitlab_object([finding], "")), ensure_ascii=False)


def test_fingerprints_differ_and_stay() -> None:
    findings = [Finding("same-send", f"as line {at}", "a.yaml", at) for at in (1, 2)]
    first = [each["fingerprint"] for each in valid(gitlab_object(findings, ""))]
    moved = [Finding("same-send", f"as line {at}", "a.yaml", at) for at in (11, 12)]
    assert len(set(first)) == 2
    assert [each["fingerprint"] for each in valid(gitlab_object(moved, ""))] == first


def test_the_command(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "shop", {"CI_PROJECT_DIR": str(tmp_path)})
    repository.write("msgflash.yaml", PROJECT_FILE)
    repository.write("campaigns/spring.yaml", campaign(body='"**Hello** {{name}}"'))
    ended = repository.run("validate", "--output", "gitlab=quality.json")
    assert ended.code == 1
    entries = valid(json.loads((repository.root / "quality.json").read_text()))
    assert {each["location"]["path"] for each in entries} == {"shop/campaigns/spring.yaml"}
    repository.write("campaigns/spring.yaml", campaign())
    assert repository.run("validate", "--format", "gitlab").json == []
