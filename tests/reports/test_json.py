"""The JSON of plan, validate and apply is what the published schemas describe, field by field."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.plan import Action
from msgflash_gitops.model.validation import Validation
from msgflash_gitops.planning.codec import encode
from msgflash_gitops.planning.seal import plan_digest
from msgflash_gitops.reports.apply import applied_object
from msgflash_gitops.reports.labels import labels_object
from msgflash_gitops.reports.plan_json import plan_object
from msgflash_gitops.reports.validate import validation_object
from msgflash_gitops.sandbox import Behaviour, Fault, Sandbox
from tests.reports.samples import HOSTILE, every_result, hostile_applied, hostile_plan, whole_plan
from tests.reports.test_inert import table
from tests.support.project import PROJECT_FILE, Repository, soon
from tests.support.server import running

SCHEMAS = Path(__file__).parents[2] / "schemas"
OPEN = {"recipients", "content", "safety", "before", "after"}  # the vendor's own objects, shown as they are
MINIMUM = {
    "validate": "ok campaigns files problems.path problems.line problems.column problems.severity problems.rule "
    "problems.message problems.hint problems.key",
    "plan": "project workspace summary.create summary.replace summary.stop summary.pause summary.resume "
    "summary.unchanged summary.finished summary.past summary.late summary.blocked summary.held changes.key "
    "changes.name changes.action changes.held changes.reason changes.instance.label changes.instance.id "
    "changes.schedule.local changes.schedule.utc changes.schedule.timezone changes.recipients "
    "changes.differences.field changes.differences.before changes.differences.after changes.current.id "
    "changes.current.status changes.source.path changes.source.line changes.warnings digest valid_until requests",
    "apply": "results.key results.action results.outcome results.campaign_id results.error.code "
    "results.error.message results.error.hint results.safety verified requests",
}


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    return found


def fits(name: str, value: Any) -> None:
    """It fits the schema, and the schema speaks of every field."""
    read = json.loads(json.dumps(encode(value), allow_nan=False))
    jsonschema.Draft7Validator(schema(name)).validate(read)
    assert sorted(set(undescribed(schema(name), read))) == []


def undescribed(described: dict[str, Any], value: Any, where: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in described.get("properties", {}):
                yield f"{where}.{name}"
            elif name not in OPEN:
                yield from undescribed(described["properties"][name], each, f"{where}.{name}")
    if isinstance(value, list):
        for each in value:
            yield from undescribed(described.get("items", {}), each, f"{where}[]")


def described(part: dict[str, Any], path: str) -> bool:
    for name in path.split("."):
        part = part.get("items", part)
        if name not in part.get("properties", {}) or name not in part.get("required", []):
            return False
        part = part["properties"][name]
    return True


@pytest.mark.parametrize("name", ["plan", "validate", "apply", "campaign", "project"])
def test_the_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", MINIMUM)
def test_the_schemas_promise_what_the_design_promises(name: str) -> None:
    assert [path for path in MINIMUM[name].split() if not described(schema(name), path)] == []


def test_apply_promises_ok_too() -> None:
    assert described(schema("apply"), "ok")


def test_a_plan_of_every_action() -> None:
    plan = whole_plan()
    assert {change.action for change in plan.changes} == set(Action)
    fits("plan", plan_object(plan, digest=plan_digest(plan), requests=4))


def test_a_result_of_every_outcome() -> None:
    fits("apply", applied_object(every_result(), ok=False, requests=9))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_not_break_the_json(text: str) -> None:
    fits("apply", applied_object(hostile_applied(text), ok=True, requests=0))
    found = Validation((Finding("yaml-syntax", text, text, 1, 1, Severity.ERROR, text, text),), 1, 1)
    fits("validate", validation_object(found))
    shown = plan_object(hostile_plan(text), digest="0" * 64, requests=0)
    assert json.loads(json.dumps(encode(shown)))["changes"][0]["name"] == text
    labels = labels_object(table(text))
    assert json.loads(json.dumps(labels))["templates"][0]["label"] == text


class TestCommands:
    """What the commands print, over a sandbox."""

    @pytest.fixture
    def sandbox(self) -> Iterator[Sandbox]:
        sandbox = Sandbox(behaviour=Behaviour(lists=True, supports_cancel=True))
        yield sandbox
        sandbox.close()

    @pytest.fixture
    def repository(self, tmp_path: Path, sandbox: Sandbox) -> Iterator[Repository]:
        with running(sandbox) as url:
            made = Repository(tmp_path, {"MSGFLASH_API_KEY": sandbox.api_key, "MSGFLASH_BASE_URL": url})
            made.write("msgflash.yaml", PROJECT_FILE)
            yield made

    def run(self, repository: Repository, command: str, *arguments: str) -> Any:
        ended = repository.run(command, *arguments, "--format", "json")
        fits(command, ended.json)
        return ended.json

    def test_from_the_first_plan_to_the_last_stop(self, repository: Repository) -> None:
        repository.campaign("spring", body="Old")
        repository.campaign("weekly", name="W", body="W", more="repeat: weekly\nuntil: 2031-06-01T00:00:00\n")
        repository.campaign("late", name="L", body="L", schedule=soon(minutes=1))
        assert self.run(repository, "validate")["ok"]
        assert self.run(repository, "plan")["summary"]["create"] == 2
        applied = self.run(repository, "apply", "--auto-approve")
        assert {each["outcome"] for each in applied["results"]} == {"done", "skipped"}
        repository.campaign("spring", body="New")
        repository.remove("weekly")
        summary = self.run(repository, "plan")["summary"]
        assert (summary["replace"], summary["stop"], summary["late"]) == (1, 1, 1)
        assert not self.run(repository, "apply", "--auto-approve")["verified"]  # what is late is not there
        repository.remove("late")
        assert self.run(repository, "apply", "--auto-approve")["verified"]

    def test_failures_and_holds(self, repository: Repository, sandbox: Sandbox) -> None:
        for key in ("a", "b"):
            repository.campaign(key, name=key, body=key)
        sandbox.faults.add(Fault("refuse", path="/campaigns$", code="VALIDATION_ERROR", status=400))
        applied = self.run(repository, "apply", "--auto-approve")
        assert sorted(each["outcome"] for each in applied["results"]) == ["done", "failed"]
        sandbox.set_status(sandbox.campaigns()[0]["id"], "paused")
        plan = self.run(repository, "plan")
        assert plan["summary"]["held"] == 1

    def test_faulty_definitions(self, repository: Repository) -> None:
        repository.write("campaigns/a.yaml", "name: [\n")
        repository.campaign("b", more="unknown: 1\n")
        found = self.run(repository, "validate")
        assert not found["ok"]
        assert {each["rule"] for each in found["problems"]} == {"yaml-syntax", "schema-unknown-field"}
