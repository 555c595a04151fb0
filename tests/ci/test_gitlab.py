"""The GitLab template: its scripts, as a runner concatenates them, against the sandbox; and its rules."""

import base64
import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from msgflash_gitops.sandbox import Fault, Sandbox
from tests.architecture.sources import ROOT
from tests.ci.action import EXECUTABLE
from tests.ci.checkout import NAMED, Remote
from tests.ci.git import commit, git
from tests.storage.git_http import git_over_http
from tests.support.project import Repository

TEXT = (ROOT / ".gitlab" / "msgflash-gitops.yml").read_text()
SPEC: dict[str, Any]
SPEC, JOBS = yaml.safe_load_all(TEXT)
SCHEMA = json.loads((ROOT / "tests/reports/official/gitlab-code-quality.schema.json").read_text())


@dataclass(frozen=True)
class Ended:
    code: int
    log: str


def start(
    repository: Repository, job: str, variables: dict[str, str] | None = None, **inputs: str
) -> "subprocess.Popen[str]":
    """`before_script` and `script` in one shell, as runners put them into it, with the job's variables."""
    values = {name: str(each.get("default", "")) for name, each in SPEC["spec"]["inputs"].items()}
    values |= {name.replace("_", "-"): value for name, value in inputs.items()}
    whole = {**JOBS[".msgflash"], **JOBS[job]}
    env = {
        name: re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: values[found[1]], value)
        for name, value in whole["variables"].items()
    }
    own = {"CI": "true", "CI_PROJECT_DIR": str(repository.root), "PYTHONUTF8": "1"}
    path = f"{Path(EXECUTABLE).parent}:{os.environ['PATH']}"
    script = "\n".join([*whole["before_script"], *whole["script"]])
    return subprocess.Popen(
        ["bash", "-eo", "pipefail", "-c", f": | eval {shlex.quote(script)}\nexit 0"],
        cwd=repository.root,
        env={"PATH": path, **own, **repository.env, **env, **(variables or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(repository: Repository, job: str, variables: dict[str, str] | None = None, **inputs: str) -> Ended:
    process = start(repository, job, variables, **inputs)
    log, _ = process.communicate(timeout=100)
    return Ended(process.returncode, log)


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


def test_diff_fetches_its_base(repository: Repository, tmp_path: Path) -> None:
    """A runner's clone is as shallow as the project says; the base is a commit that it may not have."""
    git(repository.root, "config", "uploadpack.allowAnySHA1InWant", "true")
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


def test_a_project_in_a_folder_and_a_workspace(repository: Repository, sandbox: Sandbox, remote: Remote) -> None:
    (repository.root / "msgflash.yaml").unlink()
    key = "workspaces: {a: {api_key_env: KEY_A, base_url: 'URL'}, b: {api_key_env: KEY_B}}\n"
    url = repository.env["MSGFLASH_BASE_URL"]
    repository.write("shop/msgflash.yaml", f"project: crm\ntimezone: Europe/Paris\n{NAMED}{key.replace('URL', url)}")
    remote.begin("a")
    (repository.root / "campaigns").rename(repository.root / "shop/campaigns")
    variables = {"KEY_A": sandbox.api_key}
    assert run(repository, "msgflash-plan", variables, directory="shop").code == 64
    assert run(repository, "msgflash-plan", variables, directory="shop", workspace="a").code == 0


@pytest.mark.parametrize("value", ["$(touch pwned)", '"; touch pwned; "', "'; touch pwned; '"])
@pytest.mark.parametrize("job", ["msgflash-validate", "msgflash-diff", "msgflash-plan", "msgflash-apply"])
def test_inputs_are_never_scripts(repository: Repository, job: str, value: str) -> None:
    assert run(repository, job, directory=value, workspace=value, fail_on=value, refresh=value, package=value).code != 0
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


def test_one_apply_at_a_time() -> None:
    apply = JOBS["msgflash-apply"]
    assert apply["resource_group"] and apply["interruptible"] is False
    assert "msgflash-plan" in apply["needs"]
    assert not [name for name, job in JOBS.items() if "cache" in job]


def children(pid: int) -> set[int]:
    """Theirs too."""
    found: set[int] = set()
    with contextlib.suppress(OSError):  # one that has ended
        for file in Path(f"/proc/{pid}/task").glob("*/children"):
            found |= {int(word) for word in file.read_text().split()}
    return found.union(*map(children, found))


def test_a_cancelled_job_frees_its_lease(repository: Repository, sandbox: Sandbox, remote: Remote) -> None:
    """A runner sends SIGTERM to every process of a container but the first, youngest first; git's are among them."""
    for number in range(20):
        repository.campaign(f"more-{number}", body=f"Number {number}")
    assert run(repository, "msgflash-plan").code == 0
    sandbox.faults.add(Fault("hang-before", method="POST", path="/campaigns$", times=100, delay=1.0))
    process = start(repository, "msgflash-apply")
    while process.poll() is None and not any(each.method == "POST" for each in sandbox.requests):
        time.sleep(0.02)
    for pid in sorted(children(process.pid), reverse=True):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    log, _ = process.communicate(timeout=60)
    assert process.returncode == 5, log
    sent = len(sandbox.campaigns())
    assert 0 < sent < 21
    assert remote.noted().count("done") == sent
    assert set(remote.noted()) <= {"done", "not-sent"}
    assert remote.is_free()


class TestTokens:
    """Over HTTP: the job's own token reads, as GitLab gives it; the one of the ledger pushes."""

    JOB = "gitlab-ci-token:glcbt-job"
    TOKEN = "glpat-ledger"

    @pytest.fixture
    def url(self, remote: Remote) -> Iterator[str]:
        with git_over_http(remote.bare, [basic(self.JOB)], [basic(f"oauth2:{self.TOKEN}")]) as url:
            yield url

    def variables(self, url: str, *more: str) -> dict[str, str]:
        return {"CI_PROJECT_URL": url.removesuffix(".git"), **dict(each.split("=", 1) for each in more)}

    @pytest.mark.parametrize("way", ["in the address", "by a rewritten address", "by a helper"])
    def test_the_token_of_the_ledger_pushes(
        self, repository: Repository, sandbox: Sandbox, remote: Remote, url: str, tmp_path: Path, way: str
    ) -> None:
        """In each way in which runners leave the job's token in the clone."""
        host = url.removeprefix("http://").partition("/")[0]
        with_job = url.replace("http://", f"http://{self.JOB}@")
        git(repository.root, "remote", "set-url", "origin", with_job if way == "in the address" else url)
        if way == "by a rewritten address":
            git(repository.root, "config", f"url.http://{self.JOB}@{host}.insteadOf", f"http://{host}")
        if way == "by a helper":
            git(repository.root, "config", f"credential.http://{host}.username", "gitlab-ci-token")
            git(repository.root, "config", f"credential.http://{host}.helper", "!f() { echo password=glcbt-job; }; f")
        before = (repository.root / ".git/config").read_bytes()
        assert run(repository, "msgflash-plan", self.variables(url)).code == 0
        trace = tmp_path / "trace"
        more = (f"MSGFLASH_LEDGER_TOKEN={self.TOKEN}", f"GIT_TRACE={trace}")
        ended = run(repository, "msgflash-apply", self.variables(url, *more))
        assert ended.code == 0, ended.log
        assert len(sandbox.campaigns()) == 1
        assert remote.noted() == ["done"] and remote.is_free()
        assert "push" in trace.read_text()
        assert self.TOKEN not in ended.log + trace.read_text()
        assert (repository.root / ".git/config").read_bytes() == before

    def test_the_job_s_own_token_may_not_push(self, repository: Repository, sandbox: Sandbox, url: str) -> None:
        git(repository.root, "remote", "set-url", "origin", url.replace("http://", f"http://{self.JOB}@"))
        assert run(repository, "msgflash-plan", self.variables(url)).code == 0
        ended = run(repository, "msgflash-apply", self.variables(url))
        assert ended.code == 3
        assert "403" in ended.log and "MSGFLASH_LEDGER_TOKEN" in ended.log and "glcbt" not in ended.log
        assert sandbox.campaigns() == []


def basic(userinfo: str) -> str:
    return f"Basic {base64.b64encode(userinfo.encode()).decode()}"
