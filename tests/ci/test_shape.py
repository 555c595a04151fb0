"""Everything that runs in a pipeline: pinned, with few permissions, one at a time, and no script made of somebody's text."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.sources import ROOT
from tests.ci.action import ACTION
from tests.docs.markdown import blocks

PAGE = ROOT / "docs" / "ci.md"
EXAMPLES = {
    block.text.partition("\n")[0].removeprefix("# "): block for block in blocks(PAGE) if block.language == "yml"
}
OURS = {
    path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted((ROOT / ".github/workflows").glob("*.yml"))
}
WORKFLOWS = OURS | {name: block.text for name, block in EXAMPLES.items() if name.startswith(".github/")}
EVERYTHING = (
    WORKFLOWS
    | {name: block.text for name, block in EXAMPLES.items()}
    | {"action.yml": (ROOT / "action.yml").read_text()}
)
_PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # (v\d+\.\d+\.\d+|the commit you reviewed)")
# One commit for one version, wherever it is used.
_USES = re.compile(r"uses: ([\w-]+/[\w-]+)[\w/-]*@([0-9a-f]{40}) # (v[\d.]+)")


def steps(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        if "uses" in tree or "run" in tree:
            yield tree
        for value in tree.values():
            yield from steps(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from steps(value)


def modes(job: dict[str, Any]) -> set[str]:
    """What our action does in it."""
    return {step["with"]["mode"] for step in job["steps"] if "mode" in step.get("with", {})}


def test_there_are_some_of_each() -> None:
    assert OURS and len(WORKFLOWS) >= 3
    assert {".gitlab-ci.yml", ".pre-commit-config.yaml"} <= set(EXAMPLES)


@pytest.mark.parametrize("name", EVERYTHING)
def test_actions_are_pinned_by_commit(name: str) -> None:
    uses = [
        line.strip().removeprefix("- ") for line in EVERYTHING[name].splitlines() if re.match(r"\s*(- )?uses:", line)
    ]
    assert [line for line in uses if not _PINNED.fullmatch(line) and line != "uses: ./"] == []


def test_a_version_is_one_commit() -> None:
    found = {
        (action, version): {commit} for text in EVERYTHING.values() for action, commit, version in _USES.findall(text)
    }
    for text in EVERYTHING.values():
        for action, commit, version in _USES.findall(text):
            found[action, version].add(commit)
    assert all(len(commits) == 1 for commits in found.values())
    assert len({action for action, _ in found}) == len(found), "one version of each action"


@pytest.mark.parametrize("name", EVERYTHING)
def test_scripts_hold_no_expression(name: str) -> None:
    assert all("${{" not in step.get("run", "") for step in steps(yaml.safe_load(EVERYTHING[name])))


@pytest.mark.parametrize("name", EVERYTHING)
def test_other_people_s_text_is_in_no_expression(name: str) -> None:
    """Titles, branches, bodies: only numbers and names of repositories are looked at."""
    found = set(re.findall(r"github\.event\.[\w.]+", EVERYTHING[name]))
    assert found <= {"github.event.pull_request.number", "github.event.pull_request.head.repo.full_name"}
    assert "head_ref" not in EVERYTHING[name]


@pytest.mark.parametrize("name", WORKFLOWS)
class TestWorkflows:
    def test_permissions_are_none_until_a_job_says_so(self, name: str) -> None:
        tree = yaml.safe_load(WORKFLOWS[name])
        assert tree["permissions"] == {}
        for job in tree["jobs"].values():
            written = {scope for scope, access in job["permissions"].items() if access != "read"}
            assert written <= {"contents" if "apply" in modes(job) else "pull-requests"}
            assert not written or job["environment"]

    def test_one_at_a_time(self, name: str) -> None:
        concurrency = yaml.safe_load(WORKFLOWS[name])["concurrency"]
        applies = "mode: apply" in WORKFLOWS[name]
        assert concurrency["group"]
        assert (concurrency["cancel-in-progress"] is False) == applies

    def test_jobs_end(self, name: str) -> None:
        assert all(job["timeout-minutes"] for job in yaml.safe_load(WORKFLOWS[name])["jobs"].values())

    def test_credentials_stay_where_the_ledger_is_needed(self, name: str) -> None:
        for job in yaml.safe_load(WORKFLOWS[name])["jobs"].values():
            kept = [
                step["with"]["persist-credentials"]
                for step in job["steps"]
                if step.get("uses", "").startswith("actions/checkout@")
            ]
            assert kept == [bool(modes(job) & {"plan", "apply"})]

    def test_forks_get_no_key(self, name: str) -> None:
        assert "pull_request_target" not in WORKFLOWS[name]
        tree = yaml.safe_load(WORKFLOWS[name])
        for job in tree["jobs"].values():
            if "secrets." in str(job):
                assert job["environment"]
                assert "pull_request" not in tree[True] or "head.repo.full_name == github.repository" in job["if"]
            assert all("secrets." not in str(step.get("with", "")) for step in job["steps"])

    def test_the_inputs_exist(self, name: str) -> None:
        for step in steps(yaml.safe_load(WORKFLOWS[name])):
            if step.get("uses", "").startswith(("OWNER/msgflash-gitops@", "./")):
                assert set(step["with"]) <= set(ACTION["inputs"])
                assert step["with"]["mode"] in ("validate", "diff", "plan", "apply")
        for output in re.findall(r"steps\.(?:plan|validate)\.outputs\.([\w-]+)", WORKFLOWS[name]):
            assert output in ACTION["outputs"]


def test_apply_alone_may_push() -> None:
    jobs = [job for text in WORKFLOWS.values() for job in yaml.safe_load(text)["jobs"].values()]
    assert [modes(job) for job in jobs if job["permissions"].get("contents") == "write"] == [{"apply"}]
    assert not [name for name, text in EVERYTHING.items() if "cache" in text]


def test_secrets_reach_no_script() -> None:
    """The token is in the step that comments alone, and no step names the key."""
    assert [step["name"] for step in ACTION["runs"]["steps"] if "github-token" in str(step)] == ["Comment"]
    assert "MSGFLASH_API_KEY" not in (ROOT / "action.yml").read_text()


def official(schema: str, text: str, folder: Path, *more: str) -> None:
    file = folder / "file.yml"
    file.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *more, str(file)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_fit_the_schema(name: str, tmp_path: Path) -> None:
    official("github-workflows", WORKFLOWS[name], tmp_path)


def test_the_action_fits_the_schema(tmp_path: Path) -> None:
    official("github-actions", (ROOT / "action.yml").read_text(), tmp_path)


@pytest.mark.parametrize("which", ["template", "example"])
def test_gitlab_fits_the_schema(which: str, tmp_path: Path) -> None:
    template = (ROOT / ".gitlab/msgflash-gitops.yml").read_text().partition("\n---\n")[2]
    text = (
        re.sub(r"\$\[\[ inputs\.[\w-]+ \]\]", "value", template)
        if which == "template"
        else EXAMPLES[".gitlab-ci.yml"].text
    )
    official("gitlab-ci", text, tmp_path, "--data-transform", "gitlab-ci")


def test_the_inputs_of_the_template_exist() -> None:
    (include,) = yaml.safe_load(EXAMPLES[".gitlab-ci.yml"].text)["include"]
    spec = next(yaml.safe_load_all((ROOT / ".gitlab/msgflash-gitops.yml").read_text()))["spec"]["inputs"]
    assert set(include["inputs"]) <= set(spec)
    assert {name for name, each in spec.items() if "default" not in each} <= set(include["inputs"])
    assert (ROOT / include["file"]).exists()


def test_the_hook_exists() -> None:
    (repo,) = yaml.safe_load(EXAMPLES[".pre-commit-config.yaml"].text)["repos"]
    hooks = {each["id"] for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {each["id"] for each in repo["hooks"]} <= hooks
