"""Who a run says that it is."""

import pytest

from msgflash_gitops.files.process import this_process
from msgflash_gitops.workflows.actor import began

GITHUB = {"GITHUB_SERVER_URL": "https://git.example", "GITHUB_REPOSITORY": "o/r", "GITHUB_RUN_ID": "7"}
ADDRESS = "https://git.example/o/r/actions/runs/7"


@pytest.mark.parametrize(
    "environ, actor, job",
    [
        ({"GITHUB_ACTOR": "ana", **GITHUB}, "ana", ADDRESS),
        ({"GITLAB_USER_LOGIN": "bo", "CI_JOB_URL": "https://lab.example/1"}, "bo", "https://lab.example/1"),
        ({"BUILD_USER_ID": "cy", "BUILD_URL": "https://ci.example/1"}, "cy", "https://ci.example/1"),
        ({"GITHUB_ACTOR": "ana", **GITHUB, "GITHUB_RUN_ID": ""}, "ana", None),
    ],
)
def test_in_a_pipeline_who_triggered_the_job_and_where_it_is(
    environ: dict[str, str], actor: str, job: str | None
) -> None:
    found = began("apply", environ, commit="abc", plan="d")
    assert (found.actor, found.job, found.command, found.commit, found.plan) == (actor, job, "apply", "abc", "d")
    assert found.process == this_process()
    assert found.host


def test_elsewhere_the_user_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "dora")
    found = began("link", {})
    assert (found.actor, found.job, found.commit, found.plan) == ("dora", None, None, None)


def test_a_machine_without_users_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid 1234")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert began("link", {}).actor is None
