"""A checkout of a repository with campaigns, beside its remote, a sandbox and a GitHub API that listen on real ports."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from msgflash_gitops.sandbox import Sandbox
from tests.ci.action import Runner
from tests.ci.checkout import Remote
from tests.ci.github_api import Api, serving
from tests.support.project import Repository
from tests.support.server import running


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of git, no credential helper, no proxy."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "GIT_ASKPASS", "SSH_ASKPASS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote.make(tmp_path)


@pytest.fixture
def repository(tmp_path: Path, remote: Remote, sandbox: Sandbox) -> Iterator[Repository]:
    kept = {
        name: os.environ[name]
        for name in ("PYTHONPATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM")
        if name in os.environ
    }
    with running(sandbox) as url:
        env = {"MSGFLASH_API_KEY": sandbox.api_key, "MSGFLASH_BASE_URL": url, **kept}
        yield Repository(remote.checkout(tmp_path / "checkout"), env)


@pytest.fixture
def github() -> Iterator[Api]:
    with serving() as api:
        yield api


@pytest.fixture
def runner(repository: Repository, github: Api, tmp_path: Path) -> Runner:
    """On a pull request."""
    env = {**repository.env, "GITHUB_API_URL": github.url}
    return Runner(repository.root, tmp_path / "temp", env, {"pull_request": {"number": 7}})
