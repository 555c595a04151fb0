"""The comment: one for each project and workspace, ours alone, and never an old one that looks like new."""

from pathlib import Path

import pytest

from tests.ci.action import Ran, Runner
from tests.ci.github_api import BOT, Api, serving
from tests.reports.runner import commands
from tests.support.project import PROJECT_FILE, Repository

MARKER = "<!-- msgflash-gitops plan crm default -->"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A stand-in for the tool writes the plan: what is tested here is what becomes of it."""
    made = Repository(tmp_path / "checkout", {})
    made.write("msgflash.yaml", PROJECT_FILE)
    return made


def planned(runner: Runner, text: str, *, code: int = 2, **inputs: str) -> Ran:
    (runner.workspace / "text").write_text(text)
    tool = runner.workspace / "tool"
    tool.write_text(f'#!/bin/sh\ncat "{runner.workspace}/text"\nexit {code}\n')
    tool.chmod(0o755)
    return runner.run("plan", executable=str(tool), **inputs)


def test_created_once_and_then_updated(runner: Runner, github: Api) -> None:
    for text in ("one", "two", "three"):
        assert planned(runner, f"{MARKER}\n{text}\n").code == 0
    assert github.by() == [f"{MARKER}\nthree\n"]


def test_workspaces_have_their_own(runner: Runner, github: Api) -> None:
    for name in ("staging", "production", "staging"):
        planned(runner, f"<!-- msgflash-gitops plan crm {name} -->\n{name}\n")
    assert len(github.by()) == 2


def test_among_many_comments(runner: Runner, github: Api) -> None:
    for number in range(230):
        github.add(f"comment {number}", "ana")
    planned(runner, f"{MARKER}\none\n")
    planned(runner, f"{MARKER}\ntwo\n")
    assert github.by() == [f"{MARKER}\ntwo\n"]


def test_somebody_else_s_comment_with_the_marker_is_left_alone(runner: Runner, github: Api) -> None:
    """It would be shown under a name whose owner can edit it after the review."""
    github.add(f"{MARKER}\nfake\n", "mallory")
    planned(runner, f"{MARKER}\nreal\n")
    assert github.by("mallory") == [f"{MARKER}\nfake\n"]
    assert github.by() == [f"{MARKER}\nreal\n"]


def test_a_marker_further_down_is_none(runner: Runner, github: Api) -> None:
    github.add(f"quoting:\n{MARKER}\n")
    planned(runner, f"{MARKER}\nreal\n")
    assert len(github.by()) == 2


def test_duplicates_of_a_race_are_removed(runner: Runner, github: Api) -> None:
    github.add(f"{MARKER}\nfirst\n")
    github.add(f"{MARKER}\nsecond\n")
    planned(runner, f"{MARKER}\nthird\n")
    assert github.by() == [f"{MARKER}\nthird\n"]


def test_another_author(runner: Runner, github: Api) -> None:
    github.add(f"{MARKER}\nold\n", "release-bot")
    planned(runner, f"{MARKER}\nnew\n", comment_author="release-bot")
    assert github.by("release-bot") == [f"{MARKER}\nnew\n"]


class TestFailed:
    def test_the_old_comment_says_so(self, runner: Runner, github: Api) -> None:
        github.add(f"{MARKER}\nold\n")
        github.add("<!-- msgflash-gitops plan other default -->\nanother project\n")
        assert planned(runner, "", code=3).code == 3
        assert github.by()[0].startswith(f"{MARKER}\n## MsgFlash plan: failed\n")
        assert "exit code 3" in github.by()[0] and "old" not in github.by()[0]
        assert "another project" in github.by()[1]

    def test_of_one_workspace(self, runner: Runner, github: Api) -> None:
        for name in ("staging", "production"):
            github.add(f"<!-- msgflash-gitops plan crm {name} -->\nold\n")
        planned(runner, "", code=1, workspace="staging")
        assert ["failed" in body for body in github.by()] == [True, False]

    def test_nothing_is_created(self, runner: Runner, github: Api) -> None:
        planned(runner, "", code=1)
        assert github.by() == []

    def test_a_project_file_that_cannot_be_read(self, runner: Runner, repository: Repository, github: Api) -> None:
        (repository.root / "msgflash.yaml").unlink()
        github.add(f"{MARKER}\nold\n")
        planned(runner, "", code=1)
        assert "failed" in github.by()[0]


class TestRefused:
    def test_a_token_that_may_not_comment(self, runner: Runner, github: Api) -> None:
        """As on a fork: the plan itself is well."""
        github.forbidden = {"POST"}
        ran = planned(runner, f"{MARKER}\none\n")
        assert ran.code == 0
        assert [each.name for each in commands(ran.log)] == ["notice"]

    @pytest.mark.parametrize("method", ["GET", "PATCH"])
    def test_an_old_comment_that_stays_is_an_error(self, runner: Runner, github: Api, method: str) -> None:
        github.add(f"{MARKER}\nold\n")
        github.forbidden = {method}
        ran = planned(runner, f"{MARKER}\nnew\n")
        assert ran.code == 1
        (command,) = commands(ran.log)
        assert (command.name, "403" in command.data) == ("error", True)

    def test_nobody_answers(self, runner: Runner) -> None:
        runner.env["GITHUB_API_URL"] = "http://127.0.0.1:9"
        ran = planned(runner, f"{MARKER}\nnew\n")
        assert ran.code == 1
        assert "Traceback" not in ran.log

    def test_the_token_is_not_sent_elsewhere(self, runner: Runner, github: Api) -> None:
        with serving() as elsewhere:
            github.redirect = elsewhere.url
            assert planned(runner, f"{MARKER}\nnew\n").code == 1
            assert elsewhere.requests == []


@pytest.mark.parametrize("event", [{}, {"push": {}}, {"pull_request": None}, {"pull_request": {"number": "7; x"}}])
def test_no_pull_request(runner: Runner, github: Api, event: dict[str, object]) -> None:
    runner.event = event
    assert planned(runner, f"{MARKER}\none\n").code == 0
    assert github.requests == []


def test_a_comment_on_a_pull_request_starts_runs_too(runner: Runner, github: Api) -> None:
    runner.event = {"issue": {"number": 7}}
    planned(runner, f"{MARKER}\none\n")
    assert len(github.by(BOT)) == 1


def test_too_long_for_a_comment(runner: Runner, github: Api) -> None:
    planned(runner, f"{MARKER}\n{'x' * 100_000}\n")
    (body,) = github.by()
    assert len(body) < 65_536
    assert "cut" in body[-80:]
