"""Plans that wait too long, and runs that take too long."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from msgflash_gitops.errors import BadAnswer, StalePlanError
from msgflash_gitops.sandbox import Behaviour, Fault
from tests.simulation.person import settle_all
from tests.simulation.process import REQUEST, Blow
from tests.simulation.scale import THOROUGH
from tests.simulation.virtual import START
from tests.simulation.world import Draft, Machine, World

SPRING = Draft("spring", START + timedelta(hours=2), "v1")
SUMMER = Draft("summer", START + timedelta(hours=3), "v1")


@pytest.fixture(params=["documented", "list"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, Behaviour(lists=request.param == "list", list_lag=5.0))
    yield world
    world.close()


def test_a_saved_plan_expires_when_its_first_send_comes_too_close(world: World) -> None:
    saved = world.save([SPRING, SUMMER])
    world.pass_time(timedelta(hours=1, minutes=55, seconds=1))
    ended = world.apply((), saved=saved)[0]
    assert ended.code == 4
    assert "expired" in str(ended.error)
    assert world.owned() == []


def test_a_saved_plan_holds_until_then(world: World) -> None:
    saved = world.save([SPRING, SUMMER])
    world.pass_time(timedelta(hours=1, minutes=54))
    assert world.apply((), saved=saved)[0].code == 0
    assert len(world.owned()) == 2


def test_a_saved_plan_that_was_cut_off_is_stale_and_says_what_moved(world: World) -> None:
    saved = world.save([SPRING, SUMMER])
    world.apply((), [Machine(blow=Blow(REQUEST, 4, through=True))], saved)
    ended = world.apply((), saved=saved)[0]
    assert isinstance(ended.error, StalePlanError)
    assert any(line.startswith("s") and ": was create" in line for line in ended.error.changes)
    settle_all(world)
    assert world.apply([SPRING, SUMMER])[0].code == 0
    assert sorted(each["body"] for each in world.owned() if each["status"] == "scheduled") == ["v1", "v1"]


def test_a_start_that_came_too_close_during_the_run_is_not_sent(world: World) -> None:
    """The first attempt is lost after 45 seconds; looking it up takes 15 more, and then it is too late for a second one. Without a list
    there is no second one."""
    soon = Draft("soon", START + timedelta(minutes=6), "v1")
    world.sandbox.faults.add(Fault("hang-before", "POST", "^/campaigns$", delay=10_000))
    applied = world.apply([soon])[0].applied
    assert applied is not None
    expected = "late" if world.behaviour.lists else "in-doubt"
    assert [result.error.code for result in applied.results if result.error] == [expected]
    assert world.owned() == []


@pytest.mark.parametrize("retry_after", [None, "30"])
def test_a_create_that_is_told_to_wait_until_it_is_too_late_is_not_sent(world: World, retry_after: str | None) -> None:
    """Every attempt is checked, not the first alone: waiting ends when it could no longer be in time."""
    drafts = [Draft(f"soon-{number}", START + timedelta(minutes=5, seconds=40), "v1") for number in range(12)]
    world.sandbox.faults.add(Fault("rate-limit", "POST", "^/campaigns$", times=60, retry_after=retry_after))
    ended = world.apply(drafts)[0]
    assert ended.applied is not None
    assert {result.error.code for result in ended.applied.results if result.error} == {"late"}
    assert ended.code == 5
    assert world.owned() == []
    assert world.violations == []


def test_a_list_that_lacks_what_was_made_here_is_not_whole(tmp_path: Path) -> None:
    """Everything that it lacks would be created a second time."""
    world = World(tmp_path, Behaviour(lists=True, list_lag=1e6))
    ended = world.apply([SPRING, SUMMER])[0]
    assert ended.code == 5
    assert ended.applied is not None
    assert not ended.applied.verified
    again = world.apply([SPRING, SUMMER])[0]
    assert isinstance(again.error, BadAnswer)
    assert "is not whole" in again.error.message
    assert again.code == 3
    assert len(world.owned()) == 2
    world.close()


def test_a_plain_list_that_the_server_cuts_without_saying_so(tmp_path: Path) -> None:
    world = World(tmp_path, Behaviour(lists=True, list_envelope="plain", plain_cap=100))
    drafts = [Draft(f"spring-{number}", SPRING.at, "v1") for number in range(104)]
    assert world.apply(drafts)[0].code == 5
    again = world.apply(drafts)[0]
    assert isinstance(again.error, BadAnswer)
    assert len(world.owned()) == 104
    world.close()


def test_what_was_made_here_and_deleted_in_the_dashboard_is_no_fault_of_the_list(world: World) -> None:
    assert world.apply([SPRING, SUMMER])[0].code == 0
    world.sandbox.delete_campaign(world.owned()[0]["id"])
    ended = world.apply([SPRING, SUMMER])[0]
    assert ended.error is None


def test_a_replace_that_came_too_late_leaves_the_old_one_alone_until_it_is_certain(world: World) -> None:
    soon = Draft("soon", START + timedelta(minutes=6), "v1")
    assert world.apply([soon])[0].code == 0
    world.pass_time(timedelta(minutes=2))
    ended = world.apply([replace(soon, body="v2")])[0]
    assert ended.code == 5
    assert [(each["body"], each["status"]) for each in world.owned()] == [("v1", "scheduled")]


@pytest.mark.parametrize("cancels", [False, True])
def test_three_machines_without_a_ledger_that_begin_within_a_second_keep_one(tmp_path: Path, cancels: bool) -> None:
    for step in range(12 if THOROUGH else 6):
        (tmp_path / str(step)).mkdir()
        world = World(tmp_path / str(step), Behaviour(lists=True, list_lag=5.0, supports_cancel=cancels), ledger="own")
        world.dice.seed(step)
        machines = [Machine(name=name, delay=step / 20 * n) for n, name in enumerate(("runner", "laptop", "third"))]
        ended = world.apply([SPRING, SUMMER], machines)
        assert [each.code for each in ended] == [0, 0, 0]
        able = [each["body"] for each in world.owned() if each["status"] == "scheduled"]
        assert able == ["v1", "v1"]
        assert world.pending([SPRING, SUMMER]) == []
        world.close()


@pytest.mark.parametrize("cancels", [False, True])
@pytest.mark.parametrize("before", ["nothing", "an older form"])
def test_branches_with_different_forms_keep_one_and_the_other_says_so(
    tmp_path: Path, before: str, cancels: bool
) -> None:
    """Neither contender knows what the other desires: they must agree all the same."""
    for step in range(16 if THOROUGH else 6):
        (tmp_path / str(step)).mkdir()
        world = World(tmp_path / str(step), Behaviour(lists=True, list_lag=5.0, supports_cancel=cancels), ledger="own")
        world.dice.seed(step)
        if before != "nothing":
            assert world.apply([SPRING, SUMMER])[0].code == 0
        forms = [replace(SPRING, body="left"), replace(SPRING, body="right"), replace(SPRING, body="third")]
        names = ("runner", "laptop", "third")[: 2 + step % 2]
        machines = [
            Machine(name=name, delay=step / 10 * n, drafts=(form, SUMMER))
            for n, (name, form) in enumerate(zip(names, forms, strict=False))
        ]
        ended = world.apply((), machines)
        assert all(each.error is None for each in ended)
        able = [each["body"] for each in world.owned() if each["status"] == "scheduled" and "spring" in each["name"]]
        assert len(able) == 1, (step, able)
        said = {machine.drafts[0].body: each for machine, each in zip(machines, ended, strict=True) if machine.drafts}
        assert [body for body, each in said.items() if each.code == 0] in ([], able), (step, able)
        assert [body for body, each in said.items() if each.applied and each.applied.verified] in ([], able)
        world.pass_time(timedelta(days=1))
        assert world.violations == []
        assert [each.content["body"] for each in world.sandbox.deliveries if each.at == SPRING.at] == able
        world.close()


@pytest.mark.parametrize("hangs", [30.0, 46.0, 50.0])
def test_a_create_that_lands_after_its_sender_gave_up(tmp_path: Path, hangs: float) -> None:
    """Another machine made the campaign meanwhile; the one that gave up finds that, and its own shows up last."""
    for step in range(6 if THOROUGH else 3):
        (tmp_path / str(step)).mkdir()
        world = World(tmp_path / str(step), Behaviour(lists=True, list_lag=5.0), ledger="own")
        world.dice.seed(step)
        world.sandbox.faults.add(Fault("hang-before", "POST", "^/campaigns$", delay=hangs))
        machines = [Machine(name=name, delay=step / 10 * n) for n, name in enumerate(("runner", "laptop", "third"))]
        ended = world.apply([SPRING], machines)
        assert [each.code for each in ended] == [0, 0, 0]
        assert [each["status"] for each in world.owned()].count("scheduled") == 1
        world.close()
