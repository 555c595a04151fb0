"""The GitLab template: its scripts, as a runner concatenates them, against the sandbox; and its rules."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from msgflash_gitops.sandbox import Sandbox
from tests.architecture.sources import ROOT
from tests.ci.action import EXECUTABLE
from tests.ci.git import commit, git
from tests.support.project import Repository

TEXT = (ROOT / ".gitlab" / "msgflash-gitops.yml").read_text()
SPEC: dict[str, Any]
SPEC, JOBS = yaml.safe_load_all(TEXT)
SCHEMA = json.loads((ROOT / "tests/reports/official/gitlab-code-quality.schema.json").read_text())


@dataclass(frozen=True)
class Ended:
    code: int
    log: str


def run(repository: Repository, job: str, variables: dict[str, str] | None = None, **inputs: str) -> Ended:
    """`before_script` and `script` in one shell, with the job's variables."""
    values = {name: str(each.get("default", "")) for name, each in SPEC["spec"]["inputs"].items()}
    values |= {name.replace("_", "-"): value for name, value in inputs.items()}
    whole = {**JOBS[".msgflash"], **JOBS[job]}
    env = {
        name: re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: values[found[1]], value)
        for name, value in whole["variables"].items()
    }
    own = {"CI": "true", "CI_PROJECT_DIR": str(repository.root), "PYTHONUTF8": "1"}
    path = f"{Path(EXECUTABLE).parent}:{os.environ['PATH']}"
    lines = [*whole["before_script"], *whole["script"]]
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(lines)],
        cwd=repository.root,
        env={"PATH": path, **own, **repository.env, **env, **(variables or {})},
        capture_output=True,
        text=True,
        timeout=100,
        stdin=subprocess.DEVNULL,
    )
    return Ended(done.returncode, done.stdout + done.stderr)


def test_validate_writes_a_quality_report(repository: Repository) -> None:
    repository.campaign(body='"**Hello** {{name}}"')
    ended = run(repository, "msgflash-validate")
    assert ended.code == 1
    report = json.loads((repository.root / "msgflash-quality.json").read_text())
    jsonschema.Draft7Validator(SCHEMA).validate(report)
    assert {each["check_name"] for each in report} == {"formatting-markdown", "placeholder-malformed"}


def test_plan_and_apply(repository: Repository, sandbox: Sandbox) -> None:
    ended = run(repository, "msgflash-plan")
    assert ended.code == 0, ended.log
    named = JOBS["msgflash-plan"]["artifacts"]["paths"]
    assert all((repository.root / name).exists() for name in named)
    assert sandbox.campaigns() == []
    ended = run(repository, "msgflash-apply")
    assert ended.code == 0, ended.log
    assert len(sandbox.campaigns()) == 1
    assert (repository.root / ".msgflash/journal.jsonl").exists()


def test_diff_fetches_its_base(repository: Repository, tmp_path: Path) -> None:
    """A runner's clone is as shallow as the project says; the base is a commit that it may not have."""
    git(repository.root, "init", "-q", "-b", "main")
    git(repository.root, "config", "uploadpack.allowAnySHA1InWant", "true")
    commit(repository.root, "first")
    base = git(repository.root, "rev-parse", "HEAD")
    for word in ("morning", "evening"):
        repository.campaign(body=f"Good {word}")
        commit(repository.root, word)
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository.root}", "shallow")
    shallow = Repository(tmp_path / "shallow", {})
    ended = run(shallow, "msgflash-diff", {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base})
    assert ended.code == 0, ended.log
    assert "Good evening" in (shallow.root / "msgflash-diff.md").read_text()


def test_a_plan_that_fails(repository: Repository) -> None:
    repository.campaign(body='"Hello {{name}}"')
    assert run(repository, "msgflash-plan").code == 1


def test_a_project_in_a_folder_and_a_workspace(repository: Repository, sandbox: Sandbox) -> None:
    (repository.root / "msgflash.yaml").unlink()
    key = "workspaces: {a: {api_key_env: KEY_A, base_url: 'URL'}, b: {api_key_env: KEY_B}}\n"
    url = repository.env["MSGFLASH_BASE_URL"]
    repository.write("shop/msgflash.yaml", f"project: crm\ntimezone: Europe/Paris\n{key.replace('URL', url)}")
    (repository.root / "campaigns").rename(repository.root / "shop/campaigns")
    variables = {"KEY_A": sandbox.api_key}
    assert run(repository, "msgflash-plan", variables, directory="shop").code == 64
    assert run(repository, "msgflash-plan", variables, directory="shop", workspace="a").code == 0


@pytest.mark.parametrize("value", ["$(touch pwned)", '"; touch pwned; "', "'; touch pwned; '"])
@pytest.mark.parametrize("job", ["msgflash-validate", "msgflash-diff", "msgflash-plan", "msgflash-apply"])
def test_inputs_are_never_scripts(repository: Repository, job: str, value: str) -> None:
    assert run(repository, job, directory=value, workspace=value, fail_on=value, package=value).code != 0
    assert not list(repository.root.rglob("*pwned*"))


def test_inputs_reach_scripts_as_variables_only() -> None:
    for name, job in JOBS.items():
        for line in [*job.get("before_script", ()), *job.get("script", ())]:
            assert "$[[" not in line, name


def test_forks_get_no_plan_and_apply_is_for_the_default_branch() -> None:
    (merge_request, branch) = JOBS["msgflash-plan"]["rules"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in merge_request["if"]
    assert branch["if"] == "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"
    assert JOBS["msgflash-apply"]["rules"] == [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", "when": "manual"}]


def test_one_apply_at_a_time_with_the_journal() -> None:
    apply = JOBS["msgflash-apply"]
    assert apply["resource_group"] and apply["interruptible"] is False
    assert apply["cache"]["policy"] == "pull-push" and apply["cache"]["when"] == "always"
    assert JOBS["msgflash-plan"]["cache"]["policy"] == "pull"
    assert apply["cache"]["key"] == JOBS["msgflash-plan"]["cache"]["key"]
    assert "msgflash-plan" in apply["needs"]
