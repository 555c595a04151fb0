"""SARIF against its official schema, and what code scanning makes of it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.rules import LINTS, RULES
from msgflash_gitops.reports.sarif import sarif_object
from tests.architecture.sources import ROOT
from tests.docs.markdown import anchors
from tests.reports.samples import HOSTILE
from tests.support.project import PROJECT_FILE, Repository, campaign

SCHEMA = json.loads((Path(__file__).parent / "official" / "sarif-2.1.0-rtm.5.schema.json").read_text())
DOCS = "https://docs.example/msgflash-gitops/docs"


def valid(made: Any) -> Any:
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(json.loads(json.dumps(made)))
    return made["runs"][0]


def found(text: str, rule: str = "yaml-syntax", line: int = 3) -> Finding:
    return Finding(rule, text, f"campaigns/{text[:20]}.yaml", line, 5, Severity.WARNING, text, text)


def test_the_schema_finds_faults() -> None:
    made: Any = sarif_object([], "")
    made["runs"][0]["results"].append({"level": "dangerous"})
    with pytest.raises(jsonschema.ValidationError):
        valid(made)


def test_a_finding() -> None:
    finding = Finding("same-send", "the same [a](b)", "campaigns/a b.yaml", 4, 2, Severity.ERROR, "waive it", "spring")
    run = valid(sarif_object([finding], "shop", DOCS))
    (result,) = run["results"]
    assert result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "same-send"
    assert result["level"] == "error"
    assert result["message"]["text"] == "the same [a] (b)\nhint: waive it"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "shop/campaigns/a%20b.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 4, "startColumn": 2}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_valid(text: str) -> None:
    (result,) = valid(sarif_object([found(text)], text))["results"]
    assert "\x1b" not in json.dumps(result, ensure_ascii=False)


@settings(deadline=None, max_examples=50)
@given(st.text(min_size=1, max_size=30))
def test_any_text_is_valid(text: str) -> None:
    assert "](" not in valid(sarif_object([found(text)], ""))["results"][0]["message"]["text"]


def test_every_rule_leads_to_its_documentation() -> None:
    rules = valid(sarif_object([], "", DOCS))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    for rule in rules:
        name, _, section = rule["helpUri"].removeprefix(f"{DOCS}/").partition("#")
        assert section in anchors((ROOT / "docs" / name).read_text()), rule["id"]
        text = (ROOT / "docs" / name).read_text()
        assert f"| `{rule['id']}` |" in text
        if rule["id"] in LINTS:
            here = text.lower().partition(f"\n## {section.replace('-', ' ')}\n")[2].partition("\n## ")[0]
            assert f"`{rule['id']}`" in here
    assert all("helpUri" not in rule for rule in valid(sarif_object([], ""))["tool"]["driver"]["rules"])


def prints(*findings: Finding, prefix: str = "") -> list[str]:
    return [
        each["partialFingerprints"]["msgflashGitops/v1"] for each in valid(sarif_object(findings, prefix))["results"]
    ]


def test_fingerprints() -> None:
    """They stay when lines move, and tell everything else apart."""

    def one(message: str, rule: str = "same-send", line: int = 3, path: str = "campaigns/a.yaml") -> Finding:
        return Finding(rule, message, path, line, key="a")

    assert prints(one("as b.yaml:3:1")) == prints(one("as b.yaml:14:1", line=99))
    assert len(set(prints(one("a"), one("a"), one("b"), one("a", "yaml-key"), one("a", path="b.yaml")))) == 5
    assert prints(one("a"), prefix="one") != prints(one("a"), prefix="two")
    assert prints(one("a")) == ["919488ece0aa7973d6a88cda2ff1d83e"], (
        "code scanning would take every known finding for a new one"
    )


def test_the_command(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "shop", {})
    (tmp_path / ".git").mkdir()
    repository.write("msgflash.yaml", PROJECT_FILE)
    repository.write("campaigns/spring.yaml", campaign(body='"**Hello** {{name}}"'))
    ended = repository.run("validate", "--format", "sarif")
    assert ended.code == 1
    uris = {
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in valid(ended.json)["results"]
    }
    assert uris == {"shop/campaigns/spring.yaml"}
    assert str(tmp_path) not in ended.out
    repository.env["MSGFLASH_GITOPS_DOCS"] = DOCS
    rules = valid(repository.run("validate", "--format", "sarif").json)["tool"]["driver"]["rules"]
    assert all(rule["helpUri"].startswith(f"{DOCS}/") for rule in rules)
