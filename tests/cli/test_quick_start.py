"""The README's first five minutes: in the sandbox, then in an account without a list, and back and forth."""

from pathlib import Path

import pytest

from msgflash_gitops.sandbox import Behaviour, Sandbox
from tests.architecture.sources import ROOT
from tests.support.project import Repository
from tests.support.server import running

SHOWN = ("msgflash-gitops validate", "msgflash-gitops --sandbox apply", "msgflash-gitops ledger init")


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour()


def test_from_nothing_to_a_plan_of_the_account(tmp_path: Path, sandbox: Sandbox) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"$ {command}" in readme for command in SHOWN)
    with running(sandbox) as url:
        machine = Repository(tmp_path, {"MSGFLASH_API_KEY": sandbox.api_key, "MSGFLASH_BASE_URL": url})
        machine.write("msgflash.yaml", "project: crm\ntimezone: Europe/Paris\n")
        machine.campaign()
        assert machine.run("validate").code == 0
        assert machine.apply("--sandbox").code == 0
        assert machine.actions("--sandbox") == {"spring": "unchanged"}
        assert machine.run("ledger", "init").code == 0
        assert machine.actions("--sandbox") == {"spring": "unchanged"}
        assert machine.actions() == {"spring": "create"}
        assert machine.apply().code == 0
        assert machine.actions("--sandbox") == {"spring": "unchanged"}
        assert machine.actions() == {"spring": "unchanged"}
    assert len(sandbox.campaigns()) == 1
