"""After whole runs, fine and broken ones, the key stands in no output and in no file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from msgflash_gitops.sandbox import Fault, Sandbox
from tests.support.project import PROJECT_FILE, Repository
from tests.support.server import running

COMMANDS = [
    ("-vv", "plan", "--out", "plan.json"),
    ("-vv", "plan", "--format", "json"),
    ("-vv", "apply", "plan.json", "--auto-approve"),
    ("-vv", "apply", "--auto-approve", "--format", "json"),
    ("-vv", "instances"),
]
FAULTS = [
    None,
    Fault("refuse", "GET", code="UNAUTHORIZED", status=401, times=99),
    Fault("drop-before", "GET", times=99),
    Fault("garbage", "GET", times=99),
    Fault("refuse", "POST", code="FORBIDDEN", status=403, times=99),
    Fault("wrong-shape", "POST", times=99),
]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def repository(tmp_path: Path, sandbox: Sandbox) -> Iterator[Repository]:
    with running(sandbox) as url:
        made = Repository(
            tmp_path,
            {"MSGFLASH_API_KEY": sandbox.api_key, "MSGFLASH_BASE_URL": url, "PYTHONASYNCIODEBUG": "1"},
        )
        made.write("msgflash.yaml", PROJECT_FILE)
        made.campaign()
        yield made


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault and f"{fault.kind} {fault.method}")
def test_the_key_is_left_nowhere(repository: Repository, sandbox: Sandbox, fault: Fault | None) -> None:
    if fault is not None:
        sandbox.faults.add(fault)
    for command in COMMANDS if fault is None or fault.method == "POST" else COMMANDS[1:2]:
        ended = repository.run(*command)
        assert sandbox.api_key not in ended.out + ended.err, command
        assert "Traceback" not in ended.err
    assert sandbox.requests
    for file in repository.root.rglob("*"):
        assert not file.is_file() or sandbox.api_key.encode() not in file.read_bytes(), file
