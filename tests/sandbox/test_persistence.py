"""State in a file outlives its process, and two processes may share it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgflash_gitops.sandbox import Sandbox
from tests.sandbox.api import BUTTONS, START, TEXT, Api


@contextmanager
def served(database: Path, *options: str) -> Iterator[Api]:
    """A sandbox in a process of its own, as the command starts it; killed at the end."""
    command = [sys.executable, "-m", "msgflash_gitops", "sandbox", "--port", "0", "--database", str(database), "-q"]
    command += options
    environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = dict(process.stdout.readline().strip().removeprefix("export ").split("=", 1) for _ in range(2))
            api = Api(lines["MSGFLASH_BASE_URL"], lines["MSGFLASH_API_KEY"])
            yield api
            api.http.close()
        finally:
            process.kill()


def test_what_one_process_stored_the_next_one_shows(tmp_path: Path) -> None:
    database = tmp_path / "world.sqlite"
    with served(database) as first:
        made = first.made(BUTTONS, schedule="2031-01-01T00:00:00.000Z")
        assert first.post(f"/campaigns/{made}/pause").status == 200
        used = first.get("/usage").data["usage"]
    with served(database) as second:
        found = second.get(f"/campaigns/{made}").data
        assert (found["id"], found["status"], found["name"]) == (made, "paused", "Spring")
        assert second.steer("/state", method="GET").json()["campaigns"][0]["footer"] == "Thanks"
        after = second.get("/usage").data["usage"]
    assert after["apiRequestsCount"] == used["apiRequestsCount"] + 2
    assert after["effectiveOutboundUsage"] == used["effectiveOutboundUsage"] == 50


def test_options_of_the_command_are_settings(tmp_path: Path) -> None:
    database = tmp_path / "world.sqlite"
    with served(database, "--no-list", "--cancel", "--answers", "minimal") as api:
        assert api.get("/campaigns").code == "NOT_FOUND"
        made = api.create(schedule="2031-01-01T00:00:00.000Z").data
        assert made.keys() == {"id", "status"}
        assert api.post(f"/campaigns/{made['id']}/pause").data == {**made, "status": "paused"}
        assert api.post(f"/campaigns/{made['id']}/cancel").data == {**made, "status": "cancelled"}
    with served(database, "--list", "--no-cancel", "--answers", "full") as api:
        assert [each["id"] for each in api.get("/campaigns").data["campaigns"]] == [made["id"]]
        assert api.post(f"/campaigns/{made['id']}/cancel").code == "NOT_FOUND"


def test_messages_outlive_their_process(tmp_path: Path) -> None:
    database = tmp_path / "world.sqlite"
    with served(database) as first:
        first.made(schedule="2020-01-01T00:00:00.000Z")
        made = first.get("/messages").data["messages"]
        assert len(made) == 50
    with served(database) as second:
        assert [each["id"] for each in second.get("/messages").data["messages"]] == [each["id"] for each in made]


def test_two_processes_at_once_see_each_others_campaigns(tmp_path: Path) -> None:
    database = tmp_path / "world.sqlite"
    with served(database, "--list") as one, served(database, "--list") as other:
        made = [api.made(schedule="2031-01-01T00:00:00.000Z") for api in (one, other, one)]
        for api in (one, other):
            assert [each["id"] for each in api.get("/campaigns").data["campaigns"]] == made
        assert other.post(f"/campaigns/{made[0]}/pause").status == 200
        assert one.post(f"/campaigns/{made[0]}/pause").code == "BAD_REQUEST"


def test_the_sample_world_is_the_same_everywhere(tmp_path: Path) -> None:
    worlds = [Sandbox(now=lambda: START), Sandbox(tmp_path / "world.sqlite", now=lambda: START)]
    kinds = ("instance", "template", "group", "contact")
    first, second = ([world.store.all(kind) for kind in kinds] for world in worlds)
    assert first == second
    assert [len(each) for each in first] == [4, 4, 3, 250]
    for world in worlds:
        world.close()


def test_opening_again_adds_nothing(tmp_path: Path) -> None:
    for expected in (1, 2, 3):
        world = Sandbox(tmp_path / "world.sqlite", now=lambda: START)
        world.add_campaign(TEXT)
        assert len(world.campaigns()) == expected
        assert len(world.store.all("contact")) == 250
        world.close()


def test_without_a_file_nothing_is_kept() -> None:
    for _ in range(2):
        world = Sandbox(now=lambda: START)
        assert world.campaigns() == []
        world.add_campaign(TEXT)
        world.close()
