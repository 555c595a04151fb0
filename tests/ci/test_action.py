"""action.yml: validate, diff, plan and apply, as a runner carries them out."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from msgflash_gitops.sandbox import Fault, Sandbox
from tests.ci.action import ACTION, Runner
from tests.ci.checkout import NAMED, Remote
from tests.ci.git import AUTHOR, commit, git
from tests.ci.github_api import Api
from tests.reports.runner import commands
from tests.support.project import PROJECT_FILE, Repository

_FOR_PIP = ("PIP_", "HOME", "XDG_", "SSL_CERT", "REQUESTS_CA", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
HOSTILE = '"Hello\\n::add-mask::x\\n##[set-output name=a]b\\n::stop-commands::y"'


def names(log: str) -> list[str]:
    return [each.name for each in commands(log)]


class TestValidate:
    def test_findings_are_annotations(self, runner: Runner, repository: Repository) -> None:
        repository.campaign(body='"Hello {{name}}"')
        ran = runner.run("validate")
        assert (ran.code, names(ran.log), ran.output("exit-code")) == (1, ["error"], "1")
        assert "placeholder-malformed" in ran.summary
        report = json.loads(Path(ran.output("sarif-file")).read_text())
        assert [each["ruleId"] for each in report["runs"][0]["results"]] == ["placeholder-malformed"]

    def test_rules_lead_to_the_documentation_of_the_action(self, runner: Runner) -> None:
        runner.env |= {"GITHUB_SERVER_URL": "https://git.example", "GITHUB_ACTION_REPOSITORY": "o/r"}
        runner.env["GITHUB_ACTION_REF"] = "c0ffee"
        report = json.loads(Path(runner.run("validate").output("sarif-file")).read_text())
        rule = report["runs"][0]["tool"]["driver"]["rules"][-1]
        assert rule["helpUri"].startswith("https://git.example/o/r/blob/c0ffee/docs/lints.md#")

    def test_all_is_well(self, runner: Runner) -> None:
        ran = runner.run("validate")
        assert (ran.code, names(ran.log), ran.output("exit-code")) == (0, [], "0")
        assert ran.steps == ["Install", "Validate"]

    def test_it_needs_no_key(self, runner: Runner, sandbox: Sandbox) -> None:
        del runner.env["MSGFLASH_API_KEY"]
        assert runner.run("validate").code == 0
        assert sandbox.requests == []

    @pytest.mark.parametrize("file", ["msgflash.yaml", "campaigns/other.yaml"])
    def test_hostile_files_form_no_command(self, runner: Runner, repository: Repository, file: str) -> None:
        repository.write(file, '"##[set-output name=a]b": 1\n"\\n::add-mask::x": {{name}}\ntimezone: "##[add-mask]x"\n')
        ran = runner.run("validate")
        assert ran.code == 1
        assert set(names(ran.log)) == {"error"}


class TestPlan:
    def test_a_plan_is_saved_and_commented(self, runner: Runner, github: Api, sandbox: Sandbox) -> None:
        ran = runner.run("plan")
        assert (ran.code, ran.output("pending"), ran.output("exit-code")) == (0, "true", "2")
        assert json.loads(Path(ran.output("plan-file")).read_text())["kind"] == "msgflash-gitops plan"
        assert "<!doctype html>" in Path(ran.output("html-file")).read_text().lower()
        (body,) = github.by()
        assert body.startswith("<!-- msgflash-gitops plan crm default -->\n")
        assert body in ran.summary
        assert sandbox.campaigns() == []

    def test_the_comment_is_updated_in_place(self, runner: Runner, repository: Repository, github: Api) -> None:
        runner.run("plan")
        repository.campaign("second", name="Second", body="Good evening")
        runner.run("plan")
        (body,) = github.by()
        assert "second" in body
        assert [method for method, _ in github.requests] == ["GET", "POST", "GET", "PATCH"]

    def test_nothing_to_do(self, runner: Runner, repository: Repository) -> None:
        repository.apply()
        ran = runner.run("plan")
        assert (ran.code, ran.output("pending"), ran.output("exit-code")) == (0, "false", "0")

    def test_a_plan_that_fails_leaves_no_old_comment(self, runner: Runner, repository: Repository, github: Api) -> None:
        runner.run("plan")
        repository.campaign(body='"Hello {{name}}"')
        ran = runner.run("plan")
        assert (ran.code, ran.output("exit-code"), ran.steps) == (1, "1", ["Install", "Plan", "Comment"])
        (body,) = github.by()
        assert body.startswith("<!-- msgflash-gitops plan crm default -->\n## MsgFlash plan: failed\n")
        repository.campaign()
        runner.run("plan")
        (body,) = github.by()
        assert "failed" not in body

    def test_fail_on(self, runner: Runner, repository: Repository, github: Api) -> None:
        repository.campaign(schedule="2020-01-01T09:00:00")
        repository.write("msgflash.yaml", f"{PROJECT_FILE}{NAMED}policy: {{late_window: 9999d}}\n")
        ran = runner.run("plan", fail_on="late")
        assert (ran.code, ran.output("exit-code")) == (1, "1")
        assert len(github.by()) == 1

    def test_people_s_text_forms_no_command(self, runner: Runner, repository: Repository) -> None:
        repository.campaign(body=HOSTILE, name='"##[add-mask]x"')
        ran = runner.run("plan")
        assert ran.code == 0
        assert names(ran.log) == []

    def test_no_secret_is_shown(self, runner: Runner, sandbox: Sandbox, github: Api) -> None:
        ran = runner.run("plan")
        for secret in (sandbox.api_key, "ghs_token"):
            assert secret not in ran.log + ran.summary + "".join(github.by())

    def test_without_a_comment(self, runner: Runner, github: Api) -> None:
        assert runner.run("plan", comment="false").code == 0
        assert github.requests == []

    def test_no_key(self, runner: Runner, github: Api) -> None:
        """As on a fork."""
        del runner.env["MSGFLASH_API_KEY"]
        ran = runner.run("plan")
        assert (ran.code, ran.output("exit-code")) == (3, "3")
        assert github.by() == []


class TestApply:
    def test_the_saved_plan_is_applied(self, runner: Runner, sandbox: Sandbox) -> None:
        plan = runner.run("plan").output("plan-file")
        ran = runner.run("apply", plan_file=plan)
        assert (ran.code, ran.output("exit-code")) == (0, "0")
        assert [each["status"] for each in sandbox.campaigns()] == ["scheduled"]
        assert "exit code 0" in ran.summary

    def test_a_plan_in_the_workspace(self, runner: Runner, repository: Repository, sandbox: Sandbox) -> None:
        shutil.copy(runner.run("plan").output("plan-file"), repository.root / "saved.json")
        repository.write("shop/README.md", "")
        assert runner.run("apply", plan_file="saved.json", directory="./.").code == 0
        assert len(sandbox.campaigns()) == 1

    def test_a_stale_plan_is_refused(self, runner: Runner, sandbox: Sandbox) -> None:
        plan = runner.run("plan").output("plan-file")
        runner.run("apply")
        ran = runner.run("apply", plan_file=plan)
        assert (ran.code, ran.output("exit-code")) == (4, "4")
        assert len(sandbox.campaigns()) == 1

    def test_straight_from_git(self, runner: Runner, sandbox: Sandbox) -> None:
        assert runner.run("apply").code == 0
        assert runner.run("apply").code == 0
        assert len(sandbox.campaigns()) == 1

    def test_people_s_text_forms_no_command(self, runner: Runner, repository: Repository) -> None:
        repository.campaign(body=HOSTILE, name='"##[add-mask]x"')
        ran = runner.run("apply")
        assert ran.code == 0
        assert names(ran.log) == []

    def test_a_cancelled_job_finishes_what_is_in_flight(
        self, runner: Runner, repository: Repository, sandbox: Sandbox, remote: Remote
    ) -> None:
        """What was sent is written down, and the next job need not wait for a lease."""
        for number in range(20):
            repository.campaign(f"more-{number}", body=f"Number {number}")
        sandbox.faults.add(Fault("hang-before", method="POST", path="/campaigns$", times=100, delay=1.0))
        runner.interrupt = lambda: any(each.method == "POST" for each in sandbox.requests)
        ran = runner.run("apply")
        assert (ran.code, ran.output("exit-code")) == (5, "5"), ran.log
        sent = len(sandbox.campaigns())
        assert 0 < sent < 21
        assert remote.noted().count("done") == sent
        assert set(remote.noted()) <= {"done", "not-sent"}
        assert remote.is_free()
        sandbox.faults.clear()
        runner.interrupt = None
        again = runner.run("apply")
        assert again.code == 0, again.log
        assert "waiting for run" not in again.log
        assert len(sandbox.campaigns()) == 21

    def test_a_job_that_is_cancelled_before_it_sends(self, runner: Runner, sandbox: Sandbox, remote: Remote) -> None:
        sandbox.faults.add(Fault("hang-before", method="GET", times=100, delay=3.0))
        runner.interrupt = lambda: remote.entries() != [] and not remote.is_free()
        assert runner.run("apply").code == 5
        assert sandbox.campaigns() == []
        assert remote.is_free()


class TestInputs:
    @pytest.mark.parametrize("mode", ["", "destroy", "validate; touch pwned"])
    def test_an_unknown_mode(self, runner: Runner, mode: str) -> None:
        ran = runner.run(mode)
        assert (ran.code, ran.steps) == (64, ["Install"])

    @pytest.mark.parametrize("extras", ["dev", "objects,postgresql", "objects] x["])
    def test_unknown_extras(self, runner: Runner, extras: str) -> None:
        ran = runner.run("plan", extras=extras)
        assert (ran.code, ran.steps) == (64, ["Install", "Comment"])

    @pytest.mark.parametrize(
        "value",
        ["$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "'; touch pwned; '", "x\ntouch pwned", "--html=x"],
    )
    @pytest.mark.parametrize("mode", ["validate", "diff", "plan", "apply"])
    def test_inputs_are_never_scripts(self, runner: Runner, repository: Repository, mode: str, value: str) -> None:
        given = set(ACTION["inputs"]) - {"mode", "executable", "github-token", "extras"}
        assert runner.run(mode, **dict.fromkeys(given, value)).code != 0
        assert not list(repository.root.rglob("*pwned*"))

    @pytest.mark.parametrize("name", sorted(set(ACTION["inputs"]) - {"mode"}))
    def test_every_input_has_a_description_and_a_default(self, name: str) -> None:
        assert ACTION["inputs"][name]["description"]
        assert "default" in ACTION["inputs"][name]


def test_it_installs_itself(runner: Runner, tmp_path: Path) -> None:
    """Out of the action's own folder, with what pip is told about where packages come from; again only for what is not there yet."""
    runner.env |= {name: value for name, value in os.environ.items() if name.startswith(_FOR_PIP)}
    runner.env.pop("PYTHONPATH", None)
    ran = runner.run("validate", executable="")
    assert ran.code == 0, ran.log
    assert not list(runner.workspace.glob("**/*.egg-info"))
    python = tmp_path / "temp/msgflash-gitops/bin/python"
    assert subprocess.run([python, "-c", "import psycopg"], capture_output=True).returncode == 1
    ran = runner.run("validate", executable="", extras="postgresql")
    assert ran.code == 0, ran.log
    subprocess.run([python, "-c", "import psycopg"], check=True)
    runner.env["PIP_INDEX_URL"] = "http://127.0.0.1:9"
    assert runner.run("validate", executable="").code == 0


@pytest.mark.usefixtures("pull_request")
class TestDiff:
    @pytest.fixture
    def pull_request(self, repository: Repository, runner: Runner, tmp_path: Path) -> None:
        """A checkout of a pull request, merged into a branch that went on, as deep as docs/ci.md says; no key."""
        git(repository.root, "checkout", "-q", "-B", "main")
        git(repository.root, "checkout", "-q", "-b", "feature")
        repository.campaign(body="Good morning ::error::x")
        commit(repository.root, "change")
        git(repository.root, "checkout", "-q", "main")
        repository.campaign("other", body="From somebody else")
        commit(repository.root, "meanwhile")
        git(repository.root, *AUTHOR, "merge", "-q", "--no-ff", "-m", "merge", "feature")
        shallow = tmp_path / "shallow"
        git(tmp_path, "clone", "-q", "--depth", "2", f"file://{repository.root}", str(shallow))
        runner.workspace = shallow
        del runner.env["MSGFLASH_API_KEY"]

    def test_what_the_pull_request_changes(self, runner: Runner, sandbox: Sandbox) -> None:
        ran = runner.run("diff")
        assert (ran.code, ran.output("exit-code")) == (0, "0"), ran.log
        assert "Good morning" in ran.summary
        assert "somebody else" not in ran.summary
        assert names(ran.log) == []
        assert sandbox.requests == []

    def test_a_base_that_is_not_there(self, runner: Runner) -> None:
        ran = runner.run("diff", base="HEAD~5")
        assert ran.code != 0
        assert "fetch" in ran.log and "Traceback" not in ran.log
