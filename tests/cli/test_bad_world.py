"""No key, wrong key, plan too low, quota, network down, odd answers: exit 3, what to do, nothing sent."""

import socket

import pytest

from msgflash_gitops.sandbox import Behaviour, Fault, Sandbox
from tests.support.project import Repository

SECRET = "msgf_live_" + "a1" * 32


@pytest.fixture(autouse=True)
def with_a_campaign(repository: Repository) -> None:
    repository.campaign()


def test_no_key_names_the_variable(repository: Repository, sandbox: Sandbox) -> None:
    del repository.env["MSGFLASH_API_KEY"]
    ended = repository.apply()
    assert ended.code == 3
    assert "MSGFLASH_API_KEY" in ended.err
    assert sandbox.requests == []


@pytest.mark.parametrize("key", [SECRET, "msgf_live_short", "Bearer x", SECRET + "\n"])
def test_a_wrong_key_is_never_shown(repository: Repository, key: str) -> None:
    repository.env["MSGFLASH_API_KEY"] = key
    for arguments in (("plan",), ("plan", "--format", "json"), ("-vv", "plan")):
        ended = repository.run(*arguments)
        assert ended.code == 3
        assert key.strip() not in ended.out + ended.err
        assert "Traceback" not in ended.err


def test_a_team_key_needs_its_team(repository: Repository, sandbox: Sandbox) -> None:
    repository.env["MSGFLASH_API_KEY"] = sandbox.team_key
    ended = repository.run("plan")
    assert ended.code == 3
    assert "MSGFLASH_TEAM_ID" in ended.err
    repository.env["MSGFLASH_TEAM_ID"] = sandbox.team_id
    assert repository.run("plan").code == 0


def test_plain_http_is_for_loopback_only(repository: Repository) -> None:
    repository.env["MSGFLASH_BASE_URL"] = "http://srv.msgflash.com"
    ended = repository.run("plan")
    assert ended.code in (1, 3)
    assert "https" in ended.err


def test_network_down(repository: Repository) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        repository.env["MSGFLASH_BASE_URL"] = f"http://127.0.0.1:{free.getsockname()[1]}"
        ended = repository.run("plan", timeout=30)
    assert ended.code == 3
    assert "Traceback" not in ended.err


class TestPlan:
    @pytest.fixture
    def behaviour(self) -> Behaviour:
        return Behaviour(lists=True, campaigns_on_plan=False)

    def test_a_plan_without_campaigns(self, repository: Repository, sandbox: Sandbox) -> None:
        ended = repository.apply()
        assert ended.code == 3
        assert "hint" in ended.err + ended.out
        assert sandbox.campaigns() == []


class TestQuota:
    @pytest.fixture
    def behaviour(self) -> Behaviour:
        return Behaviour(lists=True, monthly_requests=1)

    def test_a_quota_used_up_is_not_tried_again(self, repository: Repository, sandbox: Sandbox) -> None:
        ended = repository.apply()
        assert ended.code == 3
        assert "MONTHLY_API_REQUEST_QUOTA_EXCEEDED" in ended.err
        assert len(sandbox.requests) < 8


@pytest.mark.parametrize("kind", ["garbage", "wrong-shape", "truncated"])
def test_odd_answers_to_reads(repository: Repository, sandbox: Sandbox, kind: str) -> None:
    sandbox.faults.add(Fault(kind, method="GET", path="/campaigns", times=100))
    ended = repository.apply()
    assert ended.code == 3
    assert "Traceback" not in ended.err
    assert sandbox.campaigns() == []


def test_an_account_without_a_list_needs_a_ledger(repository: Repository, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("refuse", method="GET", path="/campaigns$", times=100, code="NOT_FOUND", status=404))
    ended = repository.apply()
    assert ended.code == 3
    assert "ledger init" in ended.err
    assert sandbox.campaigns() == []


def test_without_a_terminal_apply_needs_approval(repository: Repository, sandbox: Sandbox) -> None:
    ended = repository.run("apply")
    assert ended.code == 64
    assert "--auto-approve" in ended.err
    assert sandbox.campaigns() == []


def test_an_unknown_label_stops_everything(repository: Repository, sandbox: Sandbox) -> None:
    text = (repository.root / "campaigns/spring.yaml").read_text()
    repository.write(
        "campaigns/other.yaml", text.replace("boutique-principale", "boutique-principal").replace("Spring", "O")
    )
    ended = repository.apply()
    assert ended.code == 1
    assert "campaigns/other.yaml:2:" in ended.err
    assert "did you mean 'boutique-principale' or" in ended.err
    assert sandbox.campaigns() == []
