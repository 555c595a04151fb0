"""Each change, cut off, stopped or faulted at each request and at each append, one after the other: none may send twice, and the next
apply heals; without a list, once a person has said what became of what is in doubt."""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from msgflash_gitops.executor.settings import IN_FLIGHT_OVER_A_NETWORK
from msgflash_gitops.sandbox import Behaviour, Fault
from tests.simulation.invariants import wrong_deliveries
from tests.simulation.person import settle_all
from tests.simulation.process import APPEND, REQUEST, Blow
from tests.simulation.scale import THOROUGH
from tests.simulation.stores import STORE_FAULTS, StoreFault
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
SOME = tuple(CHANGES) if THOROUGH else ("all",)
NOTHING_DONE = ("drop-before", "hang-before", "status", "rate-limit")
DONE = ("drop-after", "hang-after", "status-after", "garbage", "truncated", "wrong-shape")
VENDORS = {
    "documented": Behaviour(),
    "documented, minimal answers": Behaviour(answers="minimal", create_answers="minimal", get_lag=5.0),
    "list": Behaviour(lists=True, list_lag=5.0),
    "list, cancel": Behaviour(lists=True, list_lag=5.0, supports_cancel=True),
}
EACH = tuple(VENDORS) if THOROUGH else ("documented", "list")
MakeWorld = Callable[[], World]


@pytest.fixture(params=EACH)
def make_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeWorld]:
    """Makes a world in which the first two are there; closes the one before."""
    yield from _maker(VENDORS[request.param], tmp_path)


@pytest.fixture(params=VENDORS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    for make in _maker(VENDORS[request.param], tmp_path):
        yield make()


def _maker(behaviour: Behaviour, tmp_path: Path) -> Iterator[MakeWorld]:
    made: list[World] = []

    def make() -> World:
        for world in made[-1:]:
            world.close()
        folder = tmp_path / str(len(made))
        folder.mkdir()
        world = World(folder, behaviour, random.Random(len(made)), ledger="shared")
        made.append(world)
        world.renamed["spring"] = "printemps"
        assert world.apply([FIRST, OTHER])[0].code == 0
        return world

    yield make
    made[-1].close()


def expect_healed(world: World, drafts: list[Draft]) -> None:
    """One apply without trouble, then nothing is left to do, and everything goes out once, when it should."""
    in_doubt = len(world.watch.doubts())
    if in_doubt:
        ended = world.apply(drafts)[0]
        assert ended.code == 5
        assert len(world.watch.doubts()) == in_doubt
        settle_all(world)
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


def blows(where: str, *, through: bool, seconds: float | None = None) -> Iterator[Blow]:
    return (Blow(where, number, through=through, seconds=seconds) for number in itertools.count())


@pytest.mark.parametrize("through", [False, True], ids=["lost", "arrives"])
@pytest.mark.parametrize("where", [REQUEST, APPEND])
@pytest.mark.parametrize("change", sorted({*SOME, "rename", "stop"}))
def test_killed_at_each(make_world: MakeWorld, change: str, where: str, through: bool) -> None:
    for blow in blows(where, through=through):
        world, drafts = make_world(), CHANGES[change]()
        before = world.watch.doubts()
        ended = world.apply(drafts, [Machine(blow=blow)])[0]
        if ended.code is not None:
            return  # it has fewer than that
        world.watch.check_doubts(before, lost=True)
        expect_healed(world, drafts)


@pytest.mark.parametrize("through", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("where", [REQUEST, APPEND])
@pytest.mark.parametrize("change", SOME)
def test_stopped_at_each_for_longer_than_its_lease(
    make_world: MakeWorld, change: str, where: str, through: bool
) -> None:
    """Meanwhile another machine takes over; then both go on."""
    for blow in blows(where, through=through, seconds=200.0):
        world, drafts = make_world(), CHANGES[change]()
        if world.behaviour.lists and where == REQUEST:
            return  # with the request in its hands nothing can hold it back any more; the next apply stops one of the two
        began = world.now
        world.apply(drafts, [Machine(blow=blow), Machine("laptop", delay=1.0)])
        if (world.now - began).total_seconds() < 100:
            return
        expect_healed(world, drafts)


@pytest.mark.parametrize("change", CHANGES)
def test_killed_twice_in_a_row(world: World, change: str) -> None:
    drafts = CHANGES[change]()
    for where in (REQUEST, APPEND):
        world.apply(drafts, [Machine(blow=Blow(where, 5, through=True))])
    expect_healed(world, drafts)


@pytest.mark.parametrize("kind", NOTHING_DONE + DONE)
@pytest.mark.parametrize("change", SOME)
def test_one_fault_at_each_write(world: World, change: str, kind: str) -> None:
    drafts = CHANGES[change]()
    for skip in (0, 1):
        world.sandbox.faults.add(Fault(kind, "POST", skip=skip, delay=50.0))
    ended = world.apply(drafts)[0]
    assert ended.code in (0, 5, 6), ended
    world.sandbox.faults.clear()
    expect_healed(world, drafts)


@pytest.mark.parametrize("kind", STORE_FAULTS if THOROUGH else ("unreachable", "lost-after", "late"))
@pytest.mark.parametrize("change", SOME)
def test_a_store_that_fails_at_each_append(make_world: MakeWorld, change: str, kind: str) -> None:
    """For a moment, and for good. What was created and could not be written down is told with the way to say so."""
    for times, skip in ((times, skip) for skip in itertools.count(step=1 if THOROUGH else 2) for times in (1, 99)):
        world, drafts = make_world(), CHANGES[change]()
        world.store_faults.add(StoreFault(kind, skip, times, seconds=20.0))
        ended = world.apply(drafts)[0]
        assert ended.code in (0, 3, 5), ended
        reached = world.store_faults.shown > 0
        world.store_faults.clear()
        world.pass_time(timedelta(seconds=30))  # what is late lands
        assert times == 99 or kind == "late" or ended.code == 0 or ended.applied is None, ended
        expect_healed(world, drafts)
        if not reached:
            return


@pytest.mark.parametrize("kind", NOTHING_DONE + DONE)
@pytest.mark.parametrize("change", SOME)
def test_reads_that_fail_after_a_lost_create(world: World, change: str, kind: str) -> None:
    """The create's answer is lost, and nothing can be read either: unknown, and the next apply knows."""
    drafts = CHANGES[change]()
    world.sandbox.faults.add(Fault(kind, "POST", "^/campaigns$", delay=50.0))
    world.sandbox.faults.add(Fault("status", "GET", "^/campaigns", skip=4, times=60))
    ended = world.apply(drafts)[0]
    assert ended.code is not None
    world.sandbox.faults.clear()
    expect_healed(world, drafts)


@pytest.mark.parametrize("kind", NOTHING_DONE + DONE)
def test_a_revert_is_not_mistaken_for_what_was_there_before(world: World, kind: str) -> None:
    """The first form is still in the account, paused or cancelled, under the very name that the lost create would bear."""
    assert world.apply([replace(FIRST, body="v2"), OTHER])[0].code == 0
    world.sandbox.faults.add(Fault(kind, "POST", "^/campaigns$", delay=50.0))
    assert world.apply([FIRST, OTHER])[0].code in (0, 6)
    expect_healed(world, [FIRST, OTHER])


@pytest.mark.parametrize("kill_after", [1.0, 2.0, 3.0, 4.0, 5.0])
def test_killed_among_many_leaves_no_more_in_doubt_than_was_in_flight(tmp_path: Path, kill_after: float) -> None:
    world = World(tmp_path, ledger="shared")
    drafts = [Draft(f"spring-{number}", START + timedelta(hours=2), "v1") for number in range(30)]
    world.apply(drafts, [Machine(kill_after=kill_after)])
    assert len(world.watch.doubts()) <= IN_FLIGHT_OVER_A_NETWORK
    expect_healed(world, drafts)
    world.close()
