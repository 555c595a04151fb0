"""A repository beside a sandbox that listens on a real port."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from msgflash_gitops.sandbox import Behaviour, Sandbox
from tests.support.project import PROJECT_FILE, Repository
from tests.support.server import running


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour(lists=True)


@pytest.fixture
def sandbox(behaviour: Behaviour) -> Iterator[Sandbox]:
    sandbox = Sandbox(behaviour=behaviour)
    yield sandbox
    sandbox.close()


@pytest.fixture
def repository(tmp_path: Path, sandbox: Sandbox) -> Iterator[Repository]:
    with running(sandbox) as url:
        made = Repository(tmp_path, {"MSGFLASH_API_KEY": sandbox.api_key, "MSGFLASH_BASE_URL": url})
        made.write("msgflash.yaml", PROJECT_FILE)
        yield made
