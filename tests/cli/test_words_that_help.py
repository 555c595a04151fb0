"""Messages that lead on: near names of commands, and one report of one fault."""

from pathlib import Path

import pytest

from msgflash_gitops.cli.main import _run
from msgflash_gitops.sandbox import Sandbox
from tests.support.project import Repository


@pytest.mark.parametrize(
    ("written", "meant"),
    [("valdate", "validate"), ("Plan", "plan"), ("appply", "apply"), ("instance", "instances"), ("dif", "diff")],
)
def test_a_misspelt_command_is_recognised(written: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run([written]) == 64
    said = capsys.readouterr().err
    assert f"No such command '{written}'. Did you mean {meant}" in said


def test_what_is_near_nothing_has_no_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["xyzzy"]) == 64
    said = capsys.readouterr().err
    assert "No such command 'xyzzy'." in said and "Did you mean" not in said


@pytest.mark.parametrize(
    ("written", "meant"), [("--detailed-exitcod", "--detailed-exitcode"), ("--alow-resume", "--allow-resume")]
)
def test_a_misspelt_option_is_recognised(written: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["plan", written]) == 64
    said = capsys.readouterr().err
    assert meant in said  # click words it differently from release to release


@pytest.mark.parametrize("command", ["plan", "validate", "audit", "templates"])
def test_a_missing_project_file_is_said_once(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run([command, "-C", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert (said.out + said.err).count("there is no msgflash.yaml") == 1
    assert "hint:" in said.err


def test_a_persons_pause_names_the_ways_out(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign()
    assert repository.apply().code == 0
    sandbox.set_status(sandbox.campaigns()[0]["id"], "paused")
    for arguments in (("plan",), ("apply", "--auto-approve")):
        shown = repository.run(*arguments)
        for way in ("`paused: true`", "removing the definition", "--allow-resume"):
            assert way in shown.out, shown
    repository.campaign(more="paused: true\n")
    assert repository.apply().code == 0
    repository.remove("spring")
    assert repository.apply("--allow-empty").code == 0
