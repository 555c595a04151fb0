"""Ledgers that are lost, slow, far away or in use, and runs that are told to end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from msgflash_gitops.errors import LedgerError
from msgflash_gitops.sandbox import Behaviour, Fault
from tests.simulation.history import FULL_CONSENT
from tests.simulation.invariants import wrong_deliveries
from tests.simulation.ledgers import FILE, GIT, OLDER, SHARED, WRONG
from tests.simulation.person import settle_all
from tests.simulation.process import APPEND, Blow
from tests.simulation.virtual import START
from tests.simulation.world import Draft, Machine, World

SPRING = Draft("spring", START + timedelta(hours=2), "v1")
SUMMER = Draft("summer", START + timedelta(hours=3), "v1")
DRAFTS = [SPRING, SUMMER]
RUNNER = Machine()


@pytest.fixture(params=["documented", "list"])
def lists(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "list")


@pytest.fixture(params=[FILE, SHARED])
def world(request: pytest.FixtureRequest, lists: bool, tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, Behaviour(lists=lists, get_lag=5.0, list_lag=5.0), ledger=request.param)
    yield world
    world.close()


def expect_sent_once(world: World, drafts: list[Draft]) -> None:
    assert world.pending(drafts) == []
    world.pass_time(timedelta(days=1))
    assert world.violations == []
    assert wrong_deliveries(world.sandbox, world.renamed, ()) == []
    assert sorted(each.content["body"] for each in world.sandbox.deliveries) == sorted(each.body for each in drafts)


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_ledger_sends_nothing(world: World, what: str) -> None:
    assert world.apply(DRAFTS)[0].code == 0
    saved = world.save([SPRING, replace(SUMMER, body="v2")])
    sent = len(world.sandbox.requests)
    with world.ledgers.wrong(what):
        ended = [
            world.apply([SPRING, replace(SUMMER, body="v2")])[0],
            world.apply((), saved=saved)[0],
            world.apply((), [Machine("new", ephemeral=True)], saved)[0],
        ]
        if what != OLDER:  # a machine that has seen nothing yet cannot know that a copy is older
            ended.append(world.apply([SPRING, replace(SUMMER, body="v2")], [Machine("other", ephemeral=True)])[0])
    for each in ended:
        assert isinstance(each.error, LedgerError), each
        assert each.code == 3
    assert [each.path for each in world.sandbox.requests[sent:] if each.method == "POST"] == []
    assert world.apply((), saved=saved)[0].code == 0
    expect_sent_once(world, [SPRING, replace(SUMMER, body="v2")])


@pytest.mark.parametrize("stop_after", [step / 4 for step in range(16)])
def test_told_to_end_leaves_nothing_in_doubt_and_no_lease(world: World, stop_after: float) -> None:
    """The next one begins at once, and finds what the first one made, even before it shows."""
    before = world.now
    world.apply(DRAFTS, [Machine(stop_after=stop_after)])
    assert world.watch.doubts() == []
    ended = world.apply(DRAFTS)[0]
    assert ended.code == 0
    assert world.now - before < timedelta(seconds=50)
    expect_sent_once(world, DRAFTS)


def test_who_does_not_wait_is_told_who_is_at_work(world: World) -> None:
    first, second = world.apply(DRAFTS, [RUNNER, Machine("laptop", delay=1.0, wait=0.0)])
    assert first.code == 0
    assert second.code == 3
    assert "run-1" in str(second.error)
    expect_sent_once(world, DRAFTS)


def test_machines_that_wait_for_each_other_do_the_work_once(world: World) -> None:
    ended = world.apply(DRAFTS, [Machine(name, delay=n / 10) for n, name in enumerate(("runner", "laptop", "third"))])
    assert [each.code for each in ended] == [0, 0, 0]
    assert sum(each.path == "/campaigns" and each.method == "POST" for each in world.sandbox.requests) == len(DRAFTS)
    expect_sent_once(world, DRAFTS)


@pytest.mark.parametrize("through", [False, True], ids=["before", "after"])
def test_a_process_stopped_between_intent_and_request_sends_nothing_once_another_took_over(
    lists: bool, tmp_path: Path, through: bool
) -> None:
    """Stopped where the answer of its append comes in: it looks at its own clock before the create leaves."""
    world = World(tmp_path, Behaviour(lists=lists), ledger=SHARED)
    blow = Blow(APPEND, 2, through=through, seconds=200.0)
    first, second = world.apply([SPRING], [Machine(blow=blow), Machine("laptop", delay=1.0)])
    assert first.code == 3
    assert first.applied is not None
    assert {each.error.code for each in first.applied.results if each.error} == {"ledger"}
    made = [each for each in world.sandbox.requests if (each.method, each.path) == ("POST", "/campaigns")]
    in_doubt = through and not lists
    assert second.code == (5 if in_doubt else 0)
    assert len(made) == (0 if in_doubt else 1)
    settle_all(world)
    assert world.apply([SPRING])[0].code == 0
    expect_sent_once(world, [SPRING])
    world.close()


@pytest.mark.parametrize("kill_after", [None, 1.0, 2.0, 4.0])
def test_runners_without_a_disk_over_a_branch_of_the_repository(
    lists: bool, tmp_path: Path, kill_after: float | None
) -> None:
    world = World(tmp_path, Behaviour(lists=lists, list_lag=5.0), ledger=GIT)
    runner = Machine(ephemeral=True)
    world.apply(DRAFTS, [replace(runner, kill_after=kill_after), Machine("laptop", delay=2.0)])
    settle_all(world)
    edited = [replace(SPRING, body="v2"), SUMMER]
    ended = world.apply(edited, [runner, Machine("laptop", delay=0.5)])
    assert [each.code for each in ended] == [0, 0]
    expect_sent_once(world, edited)
    world.close()


@pytest.mark.parametrize("over", ["refuse", "cut"])
def test_names_that_are_too_long(lists: bool, tmp_path: Path, over: str) -> None:
    """What cannot be recognised later is paused at once."""
    world = World(tmp_path, Behaviour(lists=lists, longest_name=30, name_over_limit=over), ledger=SHARED)
    for _ in range(2):
        assert world.apply(DRAFTS)[0].code == 5
    assert [each["status"] for each in world.sandbox.campaigns()] == ([] if over == "refuse" else ["paused"] * 2)
    assert world.watch.doubts() == []
    world.close()


@pytest.mark.parametrize("quota", [4, 6, 8, 10, 12])
def test_a_quota_that_ends_in_the_middle(lists: bool, tmp_path: Path, quota: int) -> None:
    world = World(tmp_path, Behaviour(lists=lists, monthly_requests=quota), ledger=SHARED)
    assert world.apply(DRAFTS)[0].code in (0, 3, 5, 6)
    assert world.watch.doubts() == []
    world.sandbox.behaviour = Behaviour(lists=lists)
    world.sandbox.limits = type(world.sandbox.limits)(world.sandbox.store)
    ended = world.apply(DRAFTS, [replace(RUNNER, consent=FULL_CONSENT)])[0]
    assert ended.code == 0
    expect_sent_once(world, DRAFTS)
    world.close()


def test_a_doubt_whose_start_has_passed_is_settled_by_its_messages(tmp_path: Path) -> None:
    world = World(tmp_path, ledger=SHARED)
    series = replace(SPRING, at=START + timedelta(minutes=10))
    world.sandbox.faults.add(Fault("drop-after", "POST", "^/campaigns$"))
    assert world.apply([series])[0].code == 6
    assert world.apply([series])[0].code == 5
    world.pass_time(timedelta(minutes=15))
    assert world.apply([series])[0].code == 0
    assert world.watch.doubts() == []
    expect_sent_once(world, [series])
    world.close()
