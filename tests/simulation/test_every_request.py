"""Each change, cut off or faulted at each request it sends, one after the other: none may send twice, and the next apply heals."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from msgflash_gitops.sandbox import Behaviour, Fault
from tests.simulation.invariants import wrong_deliveries
from tests.simulation.virtual import START
from tests.simulation.world import Draft, Machine, World

FIRST = Draft("spring", START + timedelta(hours=2), "v1")
OTHER = Draft("summer", START + timedelta(hours=3), "other")
CHANGES: dict[str, Callable[[], list[Draft]]] = {
    "create": lambda: [FIRST, OTHER, Draft("autumn", START + timedelta(hours=4), "new")],
    "edit": lambda: [replace(FIRST, body="v2"), OTHER],
    "move": lambda: [replace(FIRST, at=START + timedelta(hours=5)), OTHER],
    "stop": lambda: [OTHER],
    "pause": lambda: [replace(FIRST, paused=True), OTHER],
    "rename": lambda: [replace(FIRST, key="printemps", renamed_from="spring"), OTHER],
    "all": lambda: [replace(FIRST, body="v2"), replace(OTHER, body="v2"), Draft("autumn", OTHER.at, "new")],
}
NOTHING_DONE = ("drop-before", "hang-before", "status", "rate-limit")
DONE = ("drop-after", "hang-after", "status-after", "garbage", "truncated", "wrong-shape")


@pytest.fixture(params=[False, True], ids=["no cancel", "cancel"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, Behaviour(list_lag=5.0, supports_cancel=request.param))
    world.renamed["spring"] = "printemps"
    assert world.apply([FIRST, OTHER])[0].code == 0
    yield world
    world.close()


def expect_healed(world: World, drafts: list[Draft]) -> None:
    """One apply without trouble, then nothing is left to do, and everything goes out once, when it should."""
    ended = world.apply(drafts)[0]
    assert ended.error is None
    assert ended.applied is not None
    assert not ended.applied.problems
    assert world.pending(drafts) == []
    world.pass_time(timedelta(days=1))
    assert world.violations == []
    assert wrong_deliveries(world.sandbox, world.renamed, ()) == []
    sent = sorted((each.at, each.content["body"]) for each in world.sandbox.deliveries)
    assert sent == sorted((draft.at, draft.body) for draft in drafts if not draft.paused)


@pytest.mark.parametrize("arrives", [False, True], ids=["lost", "arrives"])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("at", range(8))
def test_killed_at_each_request(world: World, change: str, at: int, arrives: bool) -> None:
    drafts = CHANGES[change]()
    world.apply(drafts, [Machine(kill_at=at, arrives=arrives)])
    expect_healed(world, drafts)


@pytest.mark.parametrize("change", CHANGES)
def test_killed_twice_in_a_row(world: World, change: str) -> None:
    drafts = CHANGES[change]()
    world.apply(drafts, [Machine(kill_at=3, arrives=True)])
    world.apply(drafts, [Machine(kill_at=3, arrives=True)])
    expect_healed(world, drafts)


@pytest.mark.parametrize("kind", NOTHING_DONE + DONE)
@pytest.mark.parametrize("change", CHANGES)
def test_one_fault_at_each_write(world: World, change: str, kind: str) -> None:
    drafts = CHANGES[change]()
    for skip, method in itertools.product((0, 1), ("POST",)):
        world.sandbox.faults.add(Fault(kind, method, skip=skip, delay=50.0))
    ended = world.apply(drafts)[0]
    assert ended.code in (0, 5, 6), ended
    world.sandbox.faults.clear()
    expect_healed(world, drafts)


@pytest.mark.parametrize("kind", NOTHING_DONE + DONE)
@pytest.mark.parametrize("change", CHANGES)
def test_reads_that_fail_after_a_lost_create(world: World, change: str, kind: str) -> None:
    """The create's answer is lost, and the list cannot be read either: unknown, and the next apply knows."""
    drafts = CHANGES[change]()
    world.sandbox.faults.add(Fault(kind, "POST", "^/campaigns$", delay=50.0))
    world.sandbox.faults.add(Fault("status", "GET", "^/campaigns$", skip=1, times=60))
    ended = world.apply(drafts)[0]
    assert ended.code is not None
    world.sandbox.faults.clear()
    expect_healed(world, drafts)


@pytest.mark.parametrize("kind", NOTHING_DONE + DONE)
def test_a_revert_is_not_mistaken_for_what_was_there_before(world: World, kind: str) -> None:
    """The first form is still in the account, paused or cancelled, under the very name that the lost create would bear."""
    assert world.apply([replace(FIRST, body="v2"), OTHER])[0].code == 0
    world.sandbox.faults.add(Fault(kind, "POST", "^/campaigns$", delay=50.0))
    assert world.apply([FIRST, OTHER])[0].code == 0
    expect_healed(world, [FIRST, OTHER])
