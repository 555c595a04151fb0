"""The ledger on a branch, as jobs reach it: a shallow checkout, what the checkout left of its token, rules of the hosting service."""

import base64
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from msgflash_gitops.sandbox import Fault, Sandbox
from tests.architecture.sources import ROOT
from tests.ci.action import EXECUTABLE, Runner
from tests.ci.checkout import Remote, over_http
from tests.ci.git import git
from tests.ci.github_api import Api
from tests.docs.markdown import blocks
from tests.storage.git_http import READER, WRITER, git_over_http
from tests.support.project import Repository

PAGE = ROOT / "docs" / "ci.md"


@pytest.fixture
def next_runner(runner: Runner, remote: Remote, tmp_path: Path) -> Runner:
    """Another machine, with a checkout of its own."""
    return Runner(remote.checkout(tmp_path / "next"), tmp_path / "next-temp", runner.env, runner.event)


def test_the_next_runner_knows(runner: Runner, next_runner: Runner, sandbox: Sandbox, remote: Remote) -> None:
    assert runner.run("apply").code == 0
    ran = next_runner.run("plan")
    assert (ran.code, ran.output("pending")) == (0, "false")
    assert next_runner.run("apply").code == 0
    assert len(sandbox.campaigns()) == 1
    assert remote.noted() == ["done"]


def test_two_jobs_at_once_wait_for_each_other(
    runner: Runner, next_runner: Runner, sandbox: Sandbox, remote: Remote
) -> None:
    """Should `concurrency` be missing."""
    sandbox.faults.add(Fault("hang-before", method="POST", path="/campaigns$", delay=2.0))
    with ThreadPoolExecutor() as jobs:
        ran = list(jobs.map(lambda each: each.run("apply"), [runner, next_runner]))
    assert [each.code for each in ran] == [0, 0], [each.log for each in ran]
    assert len(sandbox.campaigns()) == 1
    assert remote.noted() == ["done"] and remote.is_free()


def test_the_checkout_stays_as_it_was(runner: Runner, repository: Repository, remote: Remote) -> None:
    repository.campaign(body="Edited, and not committed")

    def state() -> list[object]:
        seen = [
            git(repository.root, *words)
            for words in (["status", "--porcelain"], ["rev-parse", "HEAD"], ["branch", "--all"])
        ]
        seen[0] = seen[0].replace("?? .msgflash/", "").strip()
        return [*seen, (repository.root / ".git/index").read_bytes(), (repository.root / ".git/config").read_bytes()]

    git(repository.root, "status")
    before = state()
    assert runner.run("apply").code == 0
    assert state() == before
    assert git(repository.root, "rev-parse", "--is-shallow-repository") == "true"
    assert git(remote.bare, "log", "--format=%s", "msgflash-ledger").count("[skip ci]") > 2


def test_a_deleted_branch_is_no_empty_account(
    runner: Runner, next_runner: Runner, sandbox: Sandbox, remote: Remote
) -> None:
    """It is put back as docs/ci.md says."""
    assert runner.run("apply").code == 0
    git(remote.bare, "branch", "-D", "msgflash-ledger")
    ran = next_runner.run("apply")
    assert ran.code == 3 and "is empty, but msgflash.yaml names" in ran.log
    assert len(sandbox.campaigns()) == 1
    (put_back,) = [block.text for block in blocks(PAGE) if "refs/msgflash" in block.text]
    git(runner.workspace, *put_back.removeprefix("$ git ").split())
    ran = next_runner.run("plan")
    assert (ran.code, ran.output("pending")) == (0, "false")


class TestTokens:
    """Over HTTP, with the header that actions/checkout leaves in the configuration of the clone."""

    def test_plan_needs_to_read_and_apply_to_push(
        self, runner: Runner, repository: Repository, remote: Remote, sandbox: Sandbox
    ) -> None:
        with git_over_http(remote.bare) as url:
            over_http(repository.root, url, READER)
            ran = runner.run("plan")
            assert (ran.code, ran.output("pending")) == (0, "true"), ran.log
            over_http(repository.root, url, WRITER)
            assert runner.run("apply", plan_file=ran.output("plan-file")).code == 0
        assert len(sandbox.campaigns()) == 1
        assert remote.noted() == ["done"] and remote.is_free()

    def test_apply_with_a_token_that_reads(
        self, runner: Runner, repository: Repository, remote: Remote, sandbox: Sandbox
    ) -> None:
        with git_over_http(remote.bare) as url:
            over_http(repository.root, url, READER)
            ran = runner.run("apply")
        assert (ran.code, ran.output("exit-code")) == (3, "3")
        assert "403" in ran.log and "permissions: contents: write" in ran.log
        assert sandbox.campaigns() == []

    def test_a_checkout_without_its_token(self, runner: Runner, repository: Repository, remote: Remote) -> None:
        with git_over_http(remote.bare) as url:
            git(repository.root, "remote", "set-url", "origin", url)
            ran = runner.run("plan")
        assert (ran.code, ran.output("exit-code")) == (3, "3")
        assert "persist-credentials" in ran.log


def test_the_documented_way_to_hand_over_a_token(repository: Repository, remote: Remote, sandbox: Sandbox) -> None:
    """The script of docs/ci.md, in a shell that is told to stop only by its end."""
    (script,) = [block.text for block in blocks(PAGE) if block.language == "sh"]
    writer = f"Basic {base64.b64encode(b'oauth2:t0ken').decode()}"
    with git_over_http(remote.bare, writers=[writer]) as url:
        git(repository.root, "remote", "set-url", "origin", url)
        over_http(repository.root, url, READER)
        assert repository.run("plan", "--out", "plan.json").code == 0
        git(repository.root, "config", "--unset-all", f"http.{url.rpartition('/')[0]}/.extraheader")
        env = {**repository.environment, "LEDGER_TOKEN": "t0ken"}
        env["PATH"] = f"{Path(EXECUTABLE).parent}:{env['PATH']}"
        done = subprocess.run(["sh", "-ec", script], cwd=repository.root, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert remote.noted() == ["done"] and remote.is_free()


RULES = {
    "GitHub, protected": ["error: GH006: Protected branch update failed for refs/heads/msgflash-ledger.", "error: Changes must be made through a pull request."],
    "GitHub, rules": ["error: GH013: Repository rule violations found for refs/heads/msgflash-ledger.", "- Commits must have verified signatures."],
    "GitLab, protected": ["GitLab: You are not allowed to push code to protected branches on this project."],
    "no word": [],
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_a_branch_that_may_not_be_pushed_to(
    runner: Runner, remote: Remote, sandbox: Sandbox, github: Api, rule: str
) -> None:
    hook = remote.bare / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("\n".join(["#!/bin/sh", "cat >&2 <<'END'", *RULES[rule], "END", "exit 1", ""]))
    hook.chmod(0o755)
    assert runner.run("plan").code == 0
    ran = runner.run("apply")
    assert (ran.code, ran.output("exit-code")) == (3, "3")
    assert "error: the branch msgflash-ledger of origin cannot be pushed to" in ran.log
    assert all(line in ran.log for line in RULES[rule])
    assert "let the pipeline's user push to this branch" in ran.log
    assert sandbox.campaigns() == []
