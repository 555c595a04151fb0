"""Whose campaign it is: keys renamed, several projects, several branches, and plans that outlive a template."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from msgflash_gitops.sandbox import Behaviour, Sandbox
from msgflash_gitops.sandbox.seed import sample_id
from tests.support.project import PROJECT_FILE, Repository


def active(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [each for each in sandbox.campaigns() if each["status"] in ("scheduled", "running")]


def beside(repository: Repository, folder: Path, project: str = "crm") -> Repository:
    """Another checkout, on the same account."""
    other = Repository(folder, repository.env)
    other.write("msgflash.yaml", PROJECT_FILE.replace("crm", project))
    return other


def test_a_renamed_key_keeps_its_campaign(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign("spring")
    assert repository.apply().code == 0
    repository.remove("spring")
    repository.campaign("printemps", more="renamed_from: spring\n")
    assert repository.actions() == {"printemps": "unchanged"}
    assert repository.apply().code == 0
    assert len(sandbox.campaigns()) == 1
    repository.campaign("printemps", body="Edited after the rename", more="renamed_from: spring\n")
    assert repository.apply().code == 0
    assert [each["body"] for each in active(sandbox)] == ["Edited after the rename"]
    assert "[crm/printemps@" in active(sandbox)[0]["name"]


def test_a_rename_that_is_over_is_worth_a_warning(repository: Repository) -> None:
    repository.campaign("printemps", more="renamed_from: spring\n")
    ended = repository.run("plan")
    assert ended.code == 0
    assert "renamed-from-leftover" in ended.out + ended.err


def test_projects_leave_each_others_campaigns_alone(
    repository: Repository, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = beside(repository, tmp_path_factory.mktemp("shop"), project="shop")
    repository.campaign(body="Of crm")
    other.campaign(body="Of shop", name="Theirs")
    assert repository.apply().code == 0
    assert other.apply().code == 0
    assert repository.actions() == {"spring": "unchanged"}
    other.remove("spring")
    assert other.apply("--allow-empty").code == 0
    assert [each["body"] for each in active(sandbox)] == ["Of crm"]


def test_two_branches_on_one_account_are_told_apart(
    repository: Repository, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    branch = beside(repository, tmp_path_factory.mktemp("branch"))
    repository.campaign(body="Main")
    branch.campaign(body="Branch")
    assert repository.apply().code == 0
    assert branch.apply().code == 0
    repository.campaign(body="Main again")
    plan = repository.plan()["changes"][0]
    assert plan["action"] == "replace"
    assert "not applied from here" in plan["warnings"][0]
    assert repository.apply().code == 0
    assert [each["body"] for each in active(sandbox)] == ["Main again"]
    repository.campaign(body="An edit of my own")
    assert repository.plan()["changes"][0]["warnings"] == []


def test_a_saved_plan_is_stale_when_its_template_was_edited(repository: Repository, sandbox: Sandbox) -> None:
    repository.write(
        "campaigns/birthday.yaml",
        "name: Birthday\ninstance: boutique-principale\nschedule: 2031-04-15T09:00:00\n"
        "recipients: {type: tags, value: [client]}\ntemplate: Birthday\n",
    )
    assert repository.run("plan", "--out", "p.json").code == 0
    template = sandbox.store.get("template", sample_id("template", "Birthday"))
    assert template is not None
    with sandbox.store.writing():
        sandbox.store.put("template", {**template, "body": "Something else"})
    ended = repository.apply("p.json")
    assert ended.code == 4
    assert "template 'Birthday' was edited" in ended.err
    assert sandbox.campaigns() == []


def test_a_second_interrupt_leaves_at_once_and_the_next_apply_heals(repository: Repository, sandbox: Sandbox) -> None:
    sandbox.behaviour = Behaviour(lists=True, latency=3.0)
    repository.campaign()
    process = subprocess.Popen(
        repository.command("apply", "--auto-approve"),
        cwd=repository.root,
        env=repository.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 20
    while not any(each.method == "POST" for each in sandbox.requests):
        assert time.monotonic() < end
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.3)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=2)
    assert process.returncode == 6
    assert "may have landed. Apply again" in err
    sandbox.behaviour = Behaviour(lists=True)
    time.sleep(3)
    assert repository.apply().code == 0
    assert len(active(sandbox)) == 1
