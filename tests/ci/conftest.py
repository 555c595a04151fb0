"""A checkout with a project, beside a sandbox and a GitHub API that listen on real ports."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from msgflash_gitops.sandbox import Sandbox
from tests.ci.action import Runner
from tests.ci.github_api import Api, serving
from tests.support.project import PROJECT_FILE, Repository
from tests.support.server import running


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def repository(tmp_path: Path, sandbox: Sandbox) -> Iterator[Repository]:
    with running(sandbox) as url:
        made = Repository(tmp_path / "checkout", {"MSGFLASH_API_KEY": sandbox.api_key, "MSGFLASH_BASE_URL": url})
        made.write("msgflash.yaml", PROJECT_FILE)
        made.campaign()
        yield made


@pytest.fixture
def github() -> Iterator[Api]:
    with serving() as api:
        yield api


@pytest.fixture
def runner(repository: Repository, github: Api, tmp_path: Path) -> Runner:
    """On a pull request."""
    env = {**repository.env, "GITHUB_API_URL": github.url}
    return Runner(repository.root, tmp_path / "temp", env, {"pull_request": {"number": 7}})
