"""The hook, run as pre-commit runs it: its entry and arguments by the shell, in the root of the repository."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.sources import ROOT
from tests.ci.action import EXECUTABLE
from tests.support.project import PROJECT_FILE, Repository, campaign

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
(HOOK,) = HOOKS


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path, {"PATH": f"{Path(EXECUTABLE).parent}:/usr/bin:/bin"})
    made.write("shop/msgflash.yaml", PROJECT_FILE)
    made.write("shop/campaigns/spring.yaml", campaign())
    return made


def hook(repository: Repository, *arguments: str) -> "subprocess.CompletedProcess[str]":
    words = [*shlex.split(HOOK["entry"]), *arguments]
    return subprocess.run(
        ["bash", "-c", shlex.join(words)], cwd=repository.root, env=repository.env, capture_output=True, text=True
    )


def test_it_passes_and_fails(repository: Repository) -> None:
    assert hook(repository, "-C", "shop").returncode == 0
    repository.write("shop/campaigns/spring.yaml", campaign(body='"{{name}}"'))
    done = hook(repository, "-C", "shop")
    assert done.returncode == 1
    assert "campaigns/spring.yaml:6:1: error[placeholder-malformed]" in done.stdout


def test_rules_across_files_need_all_files() -> None:
    assert HOOK["pass_filenames"] is False
    assert HOOK["require_serial"] is True


@pytest.mark.parametrize("name", ["msgflash.yaml", "campaigns/a.yml", "shop/campaigns/b/c.yaml"])
def test_it_runs_for_definitions(name: str) -> None:
    assert re.search(HOOK["files"], name)


def test_it_does_not_run_for_others() -> None:
    assert not re.search(HOOK["files"], "README.md")
