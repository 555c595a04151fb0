"""How much `apply` prints where much goes wrong for one reason: once what it is, how often, and the first few keys."""

import os
import signal
import subprocess
import time

import pytest

from msgflash_gitops.sandbox import Fault, Sandbox
from tests.support.project import Ended, Repository, campaign, soon

MANY = 500


@pytest.fixture
def many(repository: Repository) -> Repository:
    documents = (
        f"key: k{number:03d}\n{campaign(f'N{number}', body=f'Body {number}', schedule=soon(days=30))}"
        for number in range(MANY)
    )
    repository.write("campaigns/many.yaml", "---\n".join(documents))
    return repository


def interrupted(repository: Repository, sandbox: Sandbox, after: int) -> Ended:
    """SIGINT as soon as `after` creates have arrived."""
    with subprocess.Popen(
        repository.command("apply", "--auto-approve", "--quiet"),
        cwd=repository.root,
        env=repository.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while sum(seen.method == "POST" for seen in list(sandbox.requests)) < after and process.poll() is None:
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    return Ended(process.returncode, out, err)


def test_an_interrupt_in_the_middle_names_what_was_not_sent_once(many: Repository, sandbox: Sandbox) -> None:
    ended = interrupted(many, sandbox, after=20)
    made = len(sandbox.campaigns())
    assert ended.code == 5, ended
    assert 15 <= made < MANY
    lines = (ended.out + ended.err).splitlines()
    assert len(lines) < made + 20
    (told,) = [line for line in lines if "interrupted" in line]
    assert f"{MANY - made} campaigns: k" in told
    assert "--format json names all" in told
    assert sum("hint:" in line for line in lines) == 1
    assert sum(" created " in line for line in lines) == made


def test_a_failure_that_strikes_every_change_is_told_once(many: Repository, sandbox: Sandbox) -> None:
    sandbox.faults.add(
        Fault("refuse", method="POST", path="/campaigns$", times=9999, code="VALIDATION_ERROR", status=400)
    )
    ended = many.apply("--quiet")
    assert ended.code == 5, ended
    lines = (ended.out + ended.err).splitlines()
    assert len(lines) < 30, len(lines)
    assert (
        f"failed with VALIDATION_ERROR, as said above: {MANY} campaigns: k000, k001, k002, k003, k004, …" in ended.out
    )


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_server_that_is_down_is_told_once(many: Repository, command: str) -> None:
    many.env["MSGFLASH_BASE_URL"] = "http://127.0.0.1:1"
    ended = many.run(command, *(["--auto-approve"] if command == "apply" else []))
    assert ended.code == 3, ended
    assert len((ended.out + ended.err).splitlines()) <= 4
    assert ended.err.count("error:") == 1
