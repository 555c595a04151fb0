"""Hostile names in the account, seen through a real terminal: the commands show them and nothing acts."""

import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from msgflash_gitops.sandbox import Behaviour, Fault, Sandbox
from msgflash_gitops.sandbox.seed import sample_id
from tests.reports.samples import SGR, acting
from tests.support.project import PROJECT_FILE, Repository
from tests.support.server import running

EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202egnp\u2066\nPlan: nothing.\r\x00\u200b\ud83d"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(behaviour=Behaviour(lists=True))
    for kind in ("instance", "template", "group"):
        item = {**sandbox.store.all(kind)[0], "id": sample_id(kind, "evil"), "name": f"evil{EVIL}"}
        sandbox.store.put(kind, {**item, "status": EVIL, "body": EVIL, "waNumber": EVIL, "variables": [EVIL]})
    yield sandbox
    sandbox.close()


@pytest.fixture
def repository(tmp_path: Path, sandbox: Sandbox) -> Iterator[Repository]:
    with running(sandbox) as url:
        made = Repository(tmp_path, {"MSGFLASH_API_KEY": sandbox.api_key, "MSGFLASH_BASE_URL": url})
        made.write("msgflash.yaml", PROJECT_FILE)
        made.campaign()
        yield made


def on_a_terminal(repository: Repository, *arguments: str) -> str:
    """All that the command writes, with a terminal as its output."""
    outer, inner = pty.openpty()
    environment = {**repository.environment, "TERM": "xterm"}
    with subprocess.Popen(
        repository.command(*arguments),
        cwd=repository.root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=inner,
        stderr=inner,
    ) as process:
        os.close(inner)
        written = bytearray()
        while chunk := _read(outer):
            written += chunk
        process.wait(60)
    os.close(outer)
    return written.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    """Empty at the end, which Linux tells by an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def is_inert(text: str) -> bool:
    assert "Traceback" not in text and "a bug in" not in text, text
    return acting(SGR.sub("", text)) == []


@pytest.mark.parametrize("noun", ["instances", "templates", "groups"])
def test_labels(repository: Repository, noun: str) -> None:
    text = on_a_terminal(repository, noun)
    assert "\x1b[1m" in text, "a terminal gets colours"
    assert "evil\\x1b" in text
    assert is_inert(text)


def test_a_plan_over_drifted_and_unmanaged_campaigns(repository: Repository, sandbox: Sandbox) -> None:
    assert repository.apply().code == 0
    (owned,) = sandbox.campaigns()
    sandbox.set_status(owned["id"], "scheduled", body=EVIL, recipients={"type": "tags", "value": [EVIL]})
    sandbox.add_campaign({**owned, "name": EVIL}, status=EVIL)
    text = on_a_terminal(repository, "plan", "-v")
    assert "replace" in text
    assert "\\x1b[2J" in text
    assert is_inert(text)
    assert [line for line in text.split("\n") if SGR.sub("", line).startswith("Plan:")] == [
        line for line in text.split("\n") if "to replace" in line
    ]


def test_a_refusal_with_a_hostile_code(repository: Repository, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("refuse", path="/campaigns$", code=EVIL, status=400))
    assert is_inert(on_a_terminal(repository, "apply", "--auto-approve"))
    sandbox.faults.add(Fault("refuse", "GET", "/campaigns$", code=EVIL, status=403))
    text = on_a_terminal(repository, "plan")
    assert "HTTP 403" in text
    assert is_inert(text)


def test_an_unknown_label_beside_hostile_ones(repository: Repository) -> None:
    text = (repository.root / "campaigns/spring.yaml").read_text()
    repository.write("campaigns/spring.yaml", text.replace("boutique-principale", "evil"))
    shown = on_a_terminal(repository, "plan")
    assert "instance-unknown" in shown
    assert is_inert(shown)
