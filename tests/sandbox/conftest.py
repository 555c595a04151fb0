"""A sandbox that listens on a real port, with a clock that only the test sets."""

from collections.abc import Iterator

import pytest

from msgflash_gitops.sandbox import Behaviour, Sandbox
from tests.sandbox.api import START, Api
from tests.support.server import running


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour(lists=True, rate_limit=100_000)


@pytest.fixture
def sandbox(behaviour: Behaviour) -> Iterator[Sandbox]:
    sandbox = Sandbox(now=lambda: START, behaviour=behaviour)
    yield sandbox
    sandbox.close()


@pytest.fixture
def url(sandbox: Sandbox) -> Iterator[str]:
    with running(sandbox) as url:
        yield url


@pytest.fixture
def api(url: str) -> Iterator[Api]:
    api = Api(url)
    yield api
    api.http.close()
