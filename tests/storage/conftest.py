"""A store of each kind on the real thing: `open_chain(workspace)` gives a new store object, as another machine would have it."""

import asyncio
import itertools
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from msgflash_gitops.model.ledger import LedgerSettings
from msgflash_gitops.storage.ledger.registry import TriedStore, open_store
from tests.storage import servers

OpenChain: TypeAlias = Callable[[str], TriedStore]
KINDS = ("file", "git", "postgresql", "s3", "az")


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.postgresql(tmp_path_factory.mktemp("postgresql")) as url:
        yield url


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    with servers.s3() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def azure_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.azure(tmp_path_factory.mktemp("azure")) as endpoint:
        yield endpoint


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return servers.repository(tmp_path / "git")


@pytest.fixture(params=KINDS)
def open_chain(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenChain]:
    kind: str = request.param
    roots, environ = itertools.repeat(tmp_path), {}
    if kind == "git":
        bare = request.getfixturevalue("bare")
        clones = [servers.clone(bare, "full"), servers.clone(bare, "shallow", "--depth=1")]
        roots = itertools.cycle(clones)  # type: ignore[assignment]
    elif kind == "postgresql":
        environ["MSGFLASH_LEDGER_URL"] = request.getfixturevalue("postgresql_url")
    elif kind == "s3":
        environ = {**servers.AWS, "AWS_ENDPOINT_URL": request.getfixturevalue("s3_endpoint")}
        environ["MSGFLASH_LEDGER_URL"] = f"s3://ledger/{uuid.uuid4().hex}"
    elif kind == "az":
        environ = {**servers.AZURE, "AZURE_STORAGE_ENDPOINT": request.getfixturevalue("azure_endpoint")}
        environ["MSGFLASH_LEDGER_URL"] = f"az://ledger/{uuid.uuid4().hex}"
        servers.make_container(environ)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    project = f"crm-{uuid.uuid4().hex[:8]}"

    stores: list[TriedStore] = []

    def opened(workspace: str) -> TriedStore:
        store = open_store(
            kind, root=next(roots), project=project, workspace=workspace, environ=os.environ, settings=LedgerSettings()
        )
        stores.append(store)
        return store

    yield opened
    for store in stores:
        asyncio.run(store.close())
