"""Faults, crashes, races and mistakes: one campaign, or a loud word that there is none."""

import os
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from msgflash_gitops.sandbox import Behaviour, Fault, Sandbox
from tests.support.project import Repository, soon


def active(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [each for each in sandbox.campaigns() if each["status"] in ("scheduled", "running")]


AMBIGUOUS = ["drop-before", "drop-after", "status", "status-after", "garbage", "truncated"]


@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_an_ambiguous_create_ends_in_one_campaign(repository: Repository, sandbox: Sandbox, kind: str) -> None:
    sandbox.faults.add(Fault(kind, method="POST", path="/campaigns$"))
    repository.campaign()
    ended = repository.apply("--format", "json")
    assert ended.code == 0, ended
    assert len(active(sandbox)) == len(sandbox.campaigns()) == 1
    assert ended.json["results"][0]["outcome"] in ("done", "recovered")
    assert repository.run("plan", "--detailed-exitcode").code == 0


def test_a_create_that_is_never_answered_is_unknown(repository: Repository, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("drop-before", method="POST", path="/campaigns$", times=9))
    repository.campaign()
    ended = repository.apply()
    assert ended.code == 6
    assert "apply again" in ended.out + ended.err
    sandbox.faults.clear()
    assert repository.apply().code == 0
    assert len(active(sandbox)) == 1


def test_a_create_that_is_rate_limited_is_tried_again(repository: Repository, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("rate-limit", method="POST", path="/campaigns$", times=2))
    repository.campaign()
    assert repository.apply().code == 0
    assert len(active(sandbox)) == 1


def test_a_refused_create_leaves_the_old_one_paused_and_says_so(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign(body="Old")
    repository.apply()
    sandbox.faults.add(Fault("refuse", method="POST", path="/campaigns$", code="VALIDATION_ERROR", status=400))
    repository.campaign(body="New")
    ended = repository.apply()
    assert ended.code == 5
    assert "STAYS PAUSED" in ended.out + ended.err
    assert active(sandbox) == []
    assert repository.apply().code == 0
    assert [each["body"] for each in active(sandbox)] == ["New"]


@pytest.mark.parametrize("path", ["/pause$", "/campaigns$"])
@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_faults_in_a_replace(repository: Repository, sandbox: Sandbox, path: str, kind: str) -> None:
    repository.campaign(body="Old")
    repository.apply()
    sandbox.faults.add(Fault(kind, method="POST", path=path))
    repository.campaign(body="New")
    assert repository.apply().code == 0
    assert [each["body"] for each in active(sandbox)] == ["New"]
    assert repository.run("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("step", ["/pause$", "/campaigns$", "/cancel$"])
@pytest.mark.parametrize("when", ["hang-before", "hang-after"])
def test_kill_in_the_middle_of_a_replace(repository: Repository, sandbox: Sandbox, step: str, when: str) -> None:
    repository.campaign(body="Old")
    repository.apply()
    seen = len(sandbox.requests)
    sandbox.faults.add(Fault(when, method="POST", path=step, delay=30))
    repository.campaign(body="New")
    process = subprocess.Popen(
        repository.command("apply", "--auto-approve"),
        cwd=repository.root,
        env=repository.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: any(each.path.endswith(step[:-1]) and each.method == "POST" for each in sandbox.requests[seen:]))
    process.kill()
    process.wait()
    sandbox.faults.clear()
    assert len(active(sandbox)) <= 1
    assert repository.apply().code == 0
    assert [each["body"] for each in active(sandbox)] == ["New"]


def wait_for(condition: Any) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_finishes_what_is_in_flight_and_starts_nothing_more(
    repository: Repository, sandbox: Sandbox, number: signal.Signals
) -> None:
    sandbox.behaviour = Behaviour(lists=True, latency=0.5)
    for count in range(30):
        repository.campaign(f"k{count}", name=f"N{count}", body=f"B{count}")
    process = subprocess.Popen(
        repository.command("apply", "--auto-approve"),
        cwd=repository.root,
        env=repository.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: any(each.method == "POST" for each in sandbox.requests))
    os.kill(process.pid, number)
    at_interrupt = sum(each.method == "POST" for each in sandbox.requests)
    out, err = process.communicate(timeout=30)
    created = len(sandbox.campaigns())
    assert process.returncode == 5, (out, err)
    assert created <= at_interrupt + 2
    assert out.count("created") == created
    assert "Traceback" not in err
    sandbox.behaviour = Behaviour(lists=True)
    assert repository.apply().code == 0
    assert len(active(sandbox)) == len(sandbox.campaigns()) == 30


def test_three_applies_at_once_leave_one(repository: Repository, sandbox: Sandbox) -> None:
    sandbox.behaviour = Behaviour(lists=True, rate_limit=1000, latency=0.2)
    for count in range(4):
        repository.campaign(f"k{count}", name=f"N{count}", body=f"B{count}")
    clones = [Repository(repository.root / f"clone{each}", repository.env) for each in range(3)]
    for clone in clones:
        shutil.copytree(repository.root / "campaigns", clone.root / "campaigns")
        shutil.copy(repository.root / "msgflash.yaml", clone.root)
    with ThreadPoolExecutor(3) as pool:
        ended = list(pool.map(Repository.apply, clones))
    assert all(each.code in (0, 5) for each in ended), ended
    assert sorted(each["body"] for each in active(sandbox)) == ["B0", "B1", "B2", "B3"]
    assert repository.run("plan", "--detailed-exitcode").code == 0


class TestSavedPlan:
    def test_is_applied_as_reviewed_without_reading_yaml(self, repository: Repository, sandbox: Sandbox) -> None:
        repository.campaign(body="Reviewed")
        assert repository.run("plan", "--out", "p.json").code == 0
        repository.campaign(body="Edited since")
        assert repository.apply("p.json").code == 0
        assert [each["body"] for each in active(sandbox)] == ["Reviewed"]

    def test_is_refused_when_edited(self, repository: Repository, sandbox: Sandbox) -> None:
        repository.campaign(body="Reviewed")
        repository.run("plan", "--out", "p.json")
        path: Path = repository.root / "p.json"
        path.write_text(path.read_text().replace("Reviewed", "Forged"))
        assert repository.apply("p.json").code == 1
        assert sandbox.campaigns() == []

    def test_is_stale_when_the_account_moved_and_says_what(self, repository: Repository, sandbox: Sandbox) -> None:
        repository.campaign()
        repository.run("plan", "--out", "p.json")
        assert repository.apply("p.json").code == 0
        ended = repository.apply("p.json")
        assert ended.code == 4
        assert "spring: was create" in ended.err
        repository.campaign(body="New")
        repository.run("plan", "--out", "p.json")
        sandbox.set_status(sandbox.campaigns()[0]["id"], "paused")
        ended = repository.apply("p.json", "--format", "json")
        assert ended.code == 4
        assert "paused" in ended.json["error"]["changes"][0]
        assert len(sandbox.campaigns()) == 1

    def test_is_refused_in_another_workspace(self, repository: Repository) -> None:
        repository.campaign()
        repository.run("plan", "--out", "p.json")
        key = "api_key_env: MSGFLASH_API_KEY"
        url = repository.env["MSGFLASH_BASE_URL"]
        repository.write(
            "msgflash.yaml", f"project: crm\ntimezone: Europe/Paris\nworkspaces: {{b: {{{key}, base_url: '{url}'}}}}\n"
        )
        ended = repository.apply("p.json")
        assert ended.code == 1
        assert "workspace" in ended.err

    def test_is_refused_in_another_account(self, repository: Repository, sandbox: Sandbox) -> None:
        repository.campaign()
        assert repository.run("--sandbox", "plan", "--out", "p.json").code == 0
        assert repository.apply("p.json").code == 1
        assert sandbox.campaigns() == []

    @pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"kind": "msgflash-gitops plan", "version": 1}', "\x00"])
    def test_is_refused_when_it_is_none(self, repository: Repository, text: str) -> None:
        repository.campaign()
        repository.write("p.json", text)
        ended = repository.apply("p.json")
        assert ended.code == 1
        assert "Traceback" not in ended.err


def test_the_clock_is_compared_with_the_servers(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign()
    sandbox.behaviour = Behaviour(lists=True, date_offset=120)
    ended = repository.run("plan")
    assert (ended.code, "clock" in ended.err) == (0, True)
    sandbox.behaviour = Behaviour(lists=True, date_offset=-900)
    assert repository.apply().code == 3
    assert sandbox.campaigns() == []


def test_a_name_that_the_vendor_alters_pauses_the_campaign(repository: Repository, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("alter-name", method="POST", path="/campaigns$"))
    repository.campaign()
    ended = repository.apply()
    assert ended.code == 5
    assert "name-altered" in ended.out + ended.err
    assert active(sandbox) == []
    assert repository.apply().code == 5
    assert active(sandbox) == []
    assert len(sandbox.campaigns()) == 1


def test_something_that_starts_soon_is_not_created_twice_by_a_late_run(
    repository: Repository, sandbox: Sandbox
) -> None:
    repository.campaign(schedule=soon(minutes=6))
    assert repository.apply().code == 0
    assert repository.apply().code == 0
    assert len(sandbox.campaigns()) == 1


def test_where_nothing_can_be_written_down_the_list_is_the_memory(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign()
    (repository.root / ".msgflash").write_text("in the way")
    ended = repository.apply()
    assert (ended.code, "goes by the account's list alone" in ended.err) == (0, True)
    assert len(active(sandbox)) == 1
    assert repository.apply().code == 0
    assert len(sandbox.campaigns()) == 1
