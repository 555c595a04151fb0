"""The whole job as a user runs it, in an account behind the API as documented: no list, no cancel; over a ledger that machines share."""

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from msgflash_gitops.sandbox import Behaviour, Fault, Sandbox
from tests.storage import servers
from tests.support.project import PROJECT_FILE, Ended, Repository
from tests.support.server import running

POST = "^/campaigns$"
BARE = "up.git"


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.postgresql(tmp_path_factory.mktemp("postgresql")) as url:
        yield url


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour()


@pytest.fixture(params=["git"])
def store(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def machine(request: pytest.FixtureRequest, tmp_path: Path, sandbox: Sandbox, store: str) -> Iterator[Repository]:
    """A checkout with a ledger, of which `another` makes more."""
    root = servers.clone(servers.repository(tmp_path), "laptop")
    with running(sandbox) as url:
        made = Repository(root, {"MSGFLASH_API_KEY": sandbox.api_key, "MSGFLASH_BASE_URL": url})
        if store == "postgresql":
            made.env["MSGFLASH_LEDGER_URL"] = request.getfixturevalue("postgresql_url")
        made.write("msgflash.yaml", PROJECT_FILE.replace("crm", f"crm-{uuid.uuid4().hex[:8]}"))
        begun = made.run("ledger", "init", "--store", store)
        assert begun.code == 0, begun
        yield made


def another(machine: Repository, name: str = "runner") -> Repository:
    """Another clone of the same repository, with the files as they are."""
    root = servers.clone(machine.root.parent / BARE, name)
    for each in ("msgflash.yaml", "campaigns"):
        source = machine.root / each
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / each)
    return Repository(root, machine.env)


def ok(ended: Ended) -> Ended:
    assert ended.code == 0, ended
    return ended


def statuses(sandbox: Sandbox) -> list[tuple[str, str]]:
    return sorted((each["body"], each["status"]) for each in sandbox.campaigns())


def settled(machine: Repository) -> bool:
    return machine.run("plan", "--detailed-exitcode", "--fail-on", "blocked,late,held").code == 0


def id_of(sandbox: Sandbox, body: str) -> str:
    return next(str(each["id"]) for each in sandbox.campaigns() if each["body"] == body)


class TestTheMainJob:
    """Over each store, and with answers that show everything or nothing but `id` and `status`."""

    @pytest.fixture(params=["file", "git", "postgresql"])
    def store(self, request: pytest.FixtureRequest) -> str:
        kind: str = request.param
        return kind

    @pytest.fixture(params=["full", "minimal"])
    def behaviour(self, request: pytest.FixtureRequest) -> Behaviour:
        return Behaviour(answers=request.param, create_answers=request.param)

    def test_create_edit_remove_and_revert(self, machine: Repository, sandbox: Sandbox) -> None:
        machine.campaign("spring", body="v1")
        machine.campaign("summer", name="Summer", body="s1")
        done = ok(machine.apply("--format", "json")).json
        assert [each["outcome"] for each in done["results"]] == ["done", "done"]
        assert done["verified"] is True
        assert settled(machine)
        assert statuses(sandbox) == [("s1", "scheduled"), ("v1", "scheduled")]

        machine.campaign("spring", body="v2")
        assert machine.actions()["spring"] == "replace"
        ok(machine.apply())
        assert statuses(sandbox) == [("s1", "scheduled"), ("v1", "paused"), ("v2", "scheduled")]

        machine.remove("summer")
        ok(machine.apply())
        assert statuses(sandbox) == [("s1", "paused"), ("v1", "paused"), ("v2", "scheduled")]
        assert settled(machine)

        machine.campaign("spring", body="v1")
        ok(machine.apply())
        active = [each["body"] for each in sandbox.campaigns() if each["status"] == "scheduled"]
        assert active == ["v1"]
        assert settled(machine)
        assert ok(machine.run("ledger", "verify")).code == 0


def test_a_second_machine_knows_what_the_first_one_made(machine: Repository, sandbox: Sandbox) -> None:
    machine.campaign(body="v1")
    ok(machine.apply())
    runner = another(machine)
    assert settled(runner)
    runner.campaign(body="v2")
    ok(runner.apply())
    machine.campaign(body="v2")
    assert settled(machine)
    assert statuses(sandbox) == [("v1", "paused"), ("v2", "scheduled")]


def test_plans_say_the_world_and_what_was_read(machine: Repository, sandbox: Sandbox) -> None:
    machine.campaign(body="v1")
    ok(machine.apply())
    whole = machine.plan()
    assert (whole["world"], whole["refresh"], whole["ledger"]["store"]) == ("documented", "all", "git")
    assert whole["changes"][0]["current"]["seen_at"] is None
    remembered = machine.plan("--refresh", "none")
    assert remembered["changes"][0]["action"] == "unchanged"
    assert remembered["changes"][0]["current"]["seen_at"] is not None
    assert remembered["requests"] < whole["requests"]
    assert "nothing was read again (--refresh none); 1 is as last seen" in machine.run("plan", "--refresh", "none").out
    for options in (("--format", "markdown"), ("--html", "page.html")):
        assert "no list" in machine.run("plan", *options).out
    assert "one by one" in (machine.root / "page.html").read_text()


def test_apply_asks_again_for_what_it_touches(machine: Repository, sandbox: Sandbox) -> None:
    """A person stopped it meanwhile: planned from memory it would be replaced, and go out after all."""
    machine.campaign(body="v1")
    ok(machine.apply())
    sandbox.pause_by_hand(id_of(sandbox, "v1"))
    machine.campaign(body="v2")
    assert machine.actions("--refresh", "none")["spring"] == "replace"
    ended = machine.apply("--refresh", "none")
    assert (ended.code, "--allow-resume" in ended.out) == (5, True)
    assert statuses(sandbox) == [("v1", "paused")]


class TestALostAnswer:
    def lose(self, machine: Repository, sandbox: Sandbox, kind: str) -> Ended:
        machine.campaign("spring", body="v1")
        machine.campaign("summer", name="Summer", body="s1")
        sandbox.faults.add(Fault(kind, method="POST", path=POST))
        ended = machine.apply()
        assert (ended.code, "OUTCOME UNKNOWN" in ended.out) == (6, True)
        assert "msgflash-gitops link spring" in ended.out
        return ended

    def test_is_never_created_again_by_itself(self, machine: Repository, sandbox: Sandbox) -> None:
        self.lose(machine, sandbox, "drop-after")
        for each in (machine, another(machine)):
            assert each.actions() == {"spring": "blocked", "summer": "unchanged"}
            assert each.apply().code == 5
        machine.campaign("spring", body="v2")
        assert machine.apply().code == 5
        assert statuses(sandbox) == [("s1", "scheduled"), ("v1", "scheduled")]

    def test_that_landed_is_linked(self, machine: Repository, sandbox: Sandbox) -> None:
        self.lose(machine, sandbox, "drop-after")
        wrong = machine.run("link", "spring", id_of(sandbox, "s1"))
        assert (wrong.code, "remembered for 'summer'" in wrong.err) == (1, True)
        said = ok(machine.run("link", "spring", id_of(sandbox, "v1"), "--format", "json")).json
        assert (said["key"], said["action"], said["status"]) == ("spring", "linked", "scheduled")
        assert settled(machine)
        assert settled(another(machine))

    def test_that_did_not_land_is_created_once_a_person_says_so(self, machine: Repository, sandbox: Sandbox) -> None:
        self.lose(machine, sandbox, "drop-before")
        time.sleep(1.1)  # the time to settle: it may land that late
        ok(machine.run("link", "spring", "--none"))
        ok(machine.apply())
        assert statuses(sandbox) == [("s1", "scheduled"), ("v1", "scheduled")]
        again = machine.run("link", "spring", "--none")
        assert (again.code, "nothing is in doubt" in again.err) == (1, True)

    def test_too_early_to_say_that_nothing_landed(self, machine: Repository, sandbox: Sandbox) -> None:
        text = (machine.root / "msgflash.yaml").read_text().replace("settle: 1s", "settle: 1h")
        machine.write("msgflash.yaml", text)
        self.lose(machine, sandbox, "drop-before")
        early = machine.run("link", "spring", "--none")
        assert (early.code, "may still land" in early.err) == (1, True)

    def test_settles_itself_once_it_was_sent(self, machine: Repository, sandbox: Sandbox) -> None:
        self.lose(machine, sandbox, "drop-after")
        lost = id_of(sandbox, "v1")
        sandbox.edit_campaign(lost, schedule="2026-01-01T10:00:00.000Z")
        sandbox.tick()
        assert machine.actions()["spring"] == "blocked"  # its start, as far as is remembered, is still to come


def test_a_foreign_or_finished_campaign_is_not_linked(machine: Repository, sandbox: Sandbox) -> None:
    machine.campaign(body="v1")
    ok(machine.apply())
    made = next(iter(sandbox.campaigns()))
    body = {name: made[name] for name in ("instanceId", "schedule", "repeat", "recipients", "type", "body")}
    foreign = sandbox.add_campaign({**body, "name": "X [other/spring@0123456789]"}, "scheduled")["id"]
    finished = sandbox.add_campaign({**body, "name": "By hand"}, "completed")["id"]
    for identity, words in ((foreign, "belongs to the project 'other'"), (finished, "is completed")):
        ended = machine.run("link", "spring", identity)
        assert (ended.code, words in ended.err) == (1, True), ended
    for arguments in (("link", "spring"), ("link", "spring", foreign, "--none")):
        assert machine.run(*arguments).code == 64
    assert machine.run("link", "sprnig", foreign).err.count("did you mean 'spring'") == 1
    assert machine.run("link", "spring", str(uuid.uuid4())).err.count("has no campaign") == 1


def test_a_linked_campaign_is_managed_from_then_on(machine: Repository, sandbox: Sandbox) -> None:
    """Made in the dashboard by hand; the definition says the same."""
    machine.campaign(body="v1")
    ok(machine.apply())
    made = next(iter(sandbox.campaigns()))
    body = {name: made[name] for name in ("instanceId", "schedule", "repeat", "recipients", "type")}
    by_hand = str(sandbox.add_campaign({**body, "name": "Summer", "body": "s1"}, "scheduled")["id"])
    machine.campaign("summer", name="Summer", body="s1")
    ok(machine.run("link", "summer", by_hand))
    assert settled(machine)
    machine.campaign("summer", name="Summer", body="s2")
    ok(machine.apply())
    assert statuses(sandbox) == [("s1", "paused"), ("s2", "scheduled"), ("v1", "scheduled")]


def test_a_campaign_given_up_goes_on(machine: Repository, sandbox: Sandbox) -> None:
    machine.campaign(body="v1")
    ok(machine.apply())
    refused = machine.run("unlink", "spring")
    assert (refused.code, "created a second time" in refused.err) == (1, True)
    machine.remove("spring")
    ok(machine.run("unlink", "spring"))
    ok(machine.apply("--allow-empty"))
    assert statuses(sandbox) == [("v1", "scheduled")]


def test_deleted_in_the_dashboard_is_not_sent_again(machine: Repository, sandbox: Sandbox) -> None:
    machine.campaign(body="v1")
    ok(machine.apply())
    sandbox.delete_campaign(id_of(sandbox, "v1"))
    assert machine.actions() == {"spring": "blocked"}
    assert machine.apply().code == 5
    assert sandbox.campaigns() == []
    machine.campaign(body="v1", more="revision: 2\n")
    ok(machine.apply())
    assert statuses(sandbox) == [("v1", "scheduled")]


class TestALostLedger:
    """It must never look like an empty account."""

    @pytest.fixture
    def store(self) -> str:
        return "file"

    @pytest.mark.parametrize(
        "lose, words",
        [
            (lambda file: file.unlink(), "is empty"),
            (lambda file: file.write_bytes(b""), "is empty"),
            (lambda file: file.write_bytes(b"".join(file.read_bytes().splitlines(True)[:4])), "older copy"),
            (lambda file: file.write_bytes(b"".join(file.read_bytes().splitlines(True)[1:])), ""),
            (lambda file: file.write_bytes(file.read_bytes().replace(b"spring", b"autumn", 1)), ""),
        ],
    )
    def test_sends_nothing(
        self, machine: Repository, sandbox: Sandbox, lose: Callable[[Path], Any], words: str
    ) -> None:
        machine.campaign(body="v1")
        ok(machine.apply())
        lose(machine.root / ".msgflash/ledger.jsonl")
        for ended in (machine.run("plan"), machine.apply()):
            assert (ended.code, words in ended.err, "hint: " in ended.err) == (3, True, True), ended
        assert statuses(sandbox) == [("v1", "scheduled")]

    def test_another_ledger_sends_nothing(self, machine: Repository, sandbox: Sandbox) -> None:
        machine.campaign(body="v1")
        ok(machine.apply())
        text = (machine.root / "msgflash.yaml").read_text()
        machine.write("msgflash.yaml", text.replace(text.split("id: ")[1][:8], "00000000"))
        assert machine.apply().code == 3
        assert statuses(sandbox) == [("v1", "scheduled")]

    def test_a_saved_plan_knows_how_far_it_went(self, machine: Repository, sandbox: Sandbox) -> None:
        machine.campaign(body="v1")
        ok(machine.apply())
        file = machine.root / ".msgflash/ledger.jsonl"
        older = file.read_bytes()
        machine.campaign(body="v2")
        ok(machine.apply())
        machine.campaign(body="v3")
        assert machine.run("plan", "--out", "p.json").code == 0
        file.write_bytes(older)
        (machine.root / ".msgflash/ledger-seen.json").unlink()
        ended = machine.apply("p.json")
        assert (ended.code, "older copy" in ended.err) == (3, True)
        assert statuses(sandbox) == [("v1", "paused"), ("v2", "scheduled")]

    def test_another_account_sends_nothing(self, machine: Repository, sandbox: Sandbox) -> None:
        machine.campaign(body="v1")
        ok(machine.apply())
        for each in sandbox.campaigns():
            sandbox.delete_campaign(each["id"])
        with sandbox.store.writing():
            for item in sandbox.store.all("instance"):
                sandbox.store.delete("instance", item["id"])
                sandbox.store.put("instance", {**item, "id": str(uuid.uuid4())})
        ended = machine.apply()
        assert (ended.code, "about another account" in ended.err) == (3, True), ended
        assert sandbox.campaigns() == []


def test_without_a_ledger_nothing_is_planned(machine: Repository, sandbox: Sandbox) -> None:
    machine.write("msgflash.yaml", PROJECT_FILE)
    machine.campaign()
    for ended in (machine.run("plan"), machine.apply(), machine.run("audit")):
        assert (ended.code, "ledger init" in ended.err) == (3, True)
    assert not (machine.root / ".msgflash/ledger.jsonl").exists()
    assert sandbox.campaigns() == []


def test_a_renamed_project_goes_on_with_its_ledger(machine: Repository) -> None:
    machine.campaign(body="v1")
    ok(machine.apply())
    text = (machine.root / "msgflash.yaml").read_text()
    old = text.split("project: ")[1].split("\n")[0]
    renamed = text.replace(f"project: {old}", f"project: shop\nformerly: [{old}]")
    machine.write("msgflash.yaml", renamed)
    refused = machine.run("plan")
    assert (refused.code, "name: OLD" in refused.err) == (3, True), refused
    machine.write("msgflash.yaml", renamed.replace("ledger:\n", f"ledger:\n  name: {old}\n"))
    assert settled(machine)
    machine.campaign(body="v2")
    ok(machine.apply())
    assert settled(machine)


def test_three_machines_at_once_send_once(machine: Repository, sandbox: Sandbox) -> None:
    for count in range(3):
        machine.campaign(f"k{count}", name=f"N{count}", body=f"B{count}")
    clones = [another(machine, f"clone{each}") for each in range(3)]
    with ThreadPoolExecutor(3) as pool:
        ended = list(pool.map(lambda each: each.apply("--lease-wait", "2m"), clones))
    assert [each.code for each in ended] == [0, 0, 0], ended
    assert statuses(sandbox) == [("B0", "scheduled"), ("B1", "scheduled"), ("B2", "scheduled")]


def test_who_does_not_wait_is_told_who_is_at_work(machine: Repository, sandbox: Sandbox) -> None:
    sandbox.behaviour = Behaviour(latency=0.5)
    for count in range(6):
        machine.campaign(f"k{count}", name=f"N{count}", body=f"B{count}")
    other = another(machine)
    process = started(machine)
    wait_for(lambda: any(each.method == "POST" for each in sandbox.requests))
    ended = other.apply()
    assert (ended.code, "another run is at work" in ended.err, "--lease-wait" in ended.err) == (3, True, True)
    process.communicate(timeout=60)
    ok(other.apply())
    assert len(sandbox.campaigns()) == 6


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_was_ended_is_gone_on_with_elsewhere(
    machine: Repository, sandbox: Sandbox, number: signal.Signals
) -> None:
    """Killed, it leaves in doubt what was in flight, and no more; terminated, it leaves nothing in doubt."""
    sandbox.behaviour = Behaviour(latency=0.3)
    for count in range(20):
        machine.campaign(f"k{count:02}", name=f"N{count}", body=f"B{count}")
    process = started(machine)
    wait_for(lambda: sum(each.method == "POST" for each in sandbox.requests) > 2)
    os.kill(process.pid, number)
    process.communicate(timeout=60)
    sandbox.behaviour = Behaviour()
    runner = another(machine)
    blocked = [key for key, action in runner.actions().items() if action == "blocked"]
    assert len(blocked) <= (8 if number == signal.SIGKILL else 0)
    ended = runner.apply("--lease-wait", "2m")
    assert ended.code == (5 if blocked else 0), ended
    bodies = [each["body"] for each in sandbox.campaigns()]
    assert len(bodies) == len(set(bodies))
    assert len(bodies) >= 20 - len(blocked)


def started(machine: Repository) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        machine.command("apply", "--auto-approve"),
        cwd=machine.root,
        env=machine.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
